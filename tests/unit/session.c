// SPDX-License-Identifier: GPL-2.0
/* gprobe_session_*(): claims follow their pages while vCPUs wait. */
#include <gprobe/session.h>

#include <errno.h>
#include <linux/genetlink.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "fake_module.h"
#include "fake_peer.h"
#include "fake_xen.h"
#include "unit.h"

#define DOMID		3
#define VIEW		2
#define ROOT		0x1000ULL
#define GVA		0x7f0000005123ULL
#define PRESENT		1ULL

/* A guest with one way of tables. */
struct lab {
	struct gprobe_host *host;
	struct gprobe_client *client;
	struct gprobe_session *session;
	struct fake_module module;
	/* What the fill callback answers; figures of deleted claims. */
	int fill_ret;
	uint64_t deleted_hits;
	/* The last hit, how many, how many replies there were, what is said. */
	struct gprobe_upcall hit;
	unsigned int nr_hits, replied_at_hit;
	struct gprobe_verdict verdict;
};

static int fill(void *arg, const struct gprobe_call *call,
		struct gprobe_claim_spec *spec)
{
	struct lab *lab = arg;

	spec->cookie = call->key;
	return lab->fill_ret;
}

static void deleted(void *arg, const struct gprobe_claim_info *info)
{
	struct lab *lab = arg;

	lab->deleted_hits += info->hits;
}

static void on_hit(void *arg, const struct gprobe_upcall *upcall,
		   struct gprobe_verdict *verdict)
{
	static const struct gprobe_verdict zeroed;
	struct lab *lab = arg;

	unit_assert(!memcmp(verdict, &zeroed, sizeof(zeroed)));
	lab->hit = *upcall;
	lab->nr_hits++;
	lab->replied_at_hit = lab->module.nr_replied;
	*verdict = lab->verdict;
}

/* The entry on the way to GVA in a table, counted from the top: 0 to 3. */
static uint64_t *entry(unsigned int level)
{
	uint64_t *table = fake_xen_frame(1 + level);

	return &table[GVA >> (39 - 9 * level) & 511];
}

static struct lab *set_up(void)
{
	struct lab *lab = calloc(1, sizeof(*lab));
	const struct gprobe_session_spec spec = {
		.domid = DOMID,
		.claims = { .fill = fill, .deleted = deleted, .arg = lab },
		.on_hit = on_hit, .hit_arg = lab,
	};
	struct gprobe_session_spec full;
	unsigned int level;

	fake_xen_reset();
	fake_xen_add(DOMID, "guest", XEN_DOMINF_hvm_guest);
	fake_xen_long_mode();
	for (level = 0; level < 3; level++)
		*entry(level) = (2 + level) * 4096ULL | PRESENT;
	ck_assert_int_eq(gprobe_host_open(&lab->host, NULL), 0);
	peer_reset();
	peer_family();
	ck_assert_int_eq(gprobe_client_open(&lab->client), 0);
	lab->module.view = VIEW;
	peer_serve(module_serve, &lab->module);
	full = spec;
	full.client = lab->client;
	full.host = lab->host;
	ck_assert_int_eq(gprobe_session_new(&full, &lab->session), 0);
	return lab;
}

static void tear_down(struct lab *lab)
{
	unsigned int gfn, i;

	gprobe_session_free(lab->session);
	gprobe_session_free(NULL);
	for (gfn = 0; gfn < MODULE_TABLES; gfn++)
		for (i = 0; i < GPROBE_ENTRIES_BYTES; i++)
			unit_assert(!lab->module.watched[gfn][i]);
	ck_assert_int_eq(fake_xen.nr_mapped, 0);
	gprobe_client_close(lab->client);
	gprobe_host_close(lab->host);
	free(lab);
}

static int insert(struct lab *lab, uint64_t key, uint64_t gva)
{
	const struct gprobe_bpm_spec spec = {
		.context = { .gva = gva, .root = ROOT },
		.key = key, .tag = key, .view = VIEW,
	};

	return gprobe_follow_insert(gprobe_session_follow(lab->session),
				    &spec);
}

static bool is_in(const struct lab *lab, uint64_t key, uint64_t gfn)
{
	unsigned int i;

	for (i = 0; i < MODULE_CLAIMS; i++)
		if (lab->module.claims[i].used && lab->module.claims[i].cookie == key)
			return lab->module.claims[i].gfn == gfn &&
			       lab->module.claims[i].root == ROOT &&
			       lab->module.claims[i].offset == (GVA & 0xfff);
	return false;
}

static bool is_watched(const struct lab *lab, unsigned int level)
{
	unsigned int index = GVA >> (39 - 9 * level) & 511;

	return lab->module.watched[1 + level][index / 8] >> index % 8 & 1;
}

static void upcall(uint8_t cmd, uint64_t seq, uint32_t vcpu, unsigned int level)
{
	module_upcall(cmd, &(struct gprobe_upcall){
		.domid = DOMID, .seq = seq, .vcpu = vcpu, .view = VIEW,
		.reason = GPROBE_UPCALL_REASON_TABLE, .gfn = 1 + level,
		.index = GVA >> (39 - 9 * level) & 511,
	});
}

/* A vCPU has stored to the last entry, and waits. */
static void store(uint64_t seq, uint64_t value)
{
	*entry(3) = value;
	upcall(GPROBE_CMD_UPCALL_NTF, seq, 0, 3);
}

static struct gprobe_session_figures figures_of(const struct lab *lab)
{
	struct gprobe_session_figures figures;

	gprobe_session_figures(lab->session, &figures);
	return figures;
}

START_TEST(a_claim_is_pending_until_its_page_comes)
{
	struct lab *lab = set_up();
	struct pollfd poller = {
		.fd = gprobe_session_fd(lab->session), .events = POLLIN,
	};
	unsigned int level;

	ck_assert_int_eq(insert(lab, 7, GVA), GPROBE_BPM_NEW);
	ck_assert_uint_eq(lab->module.nr_claims, 0);
	for (level = 0; level < 4; level++)
		ck_assert(is_watched(lab, level));
	ck_assert_int_eq(gprobe_session_dispatch(lab->session), 0);
	store(1, 0x20000 | PRESENT);
	ck_assert_int_eq(poll(&poller, 1, 0), 1);
	ck_assert_int_eq(gprobe_session_dispatch(lab->session), 0);
	ck_assert(is_in(lab, 7, 0x20));
	/* It was in before the vCPU went on. */
	ck_assert_uint_eq(lab->module.nr_replied, 1);
	ck_assert_uint_eq(lab->module.replied[0], 1);
	ck_assert_uint_eq(lab->module.claims_at_reply, 1);
	ck_assert_uint_eq(figures_of(lab).upcalls, 1);
	ck_assert_uint_eq(figures_of(lab).failed, 0);
	tear_down(lab);
}
END_TEST

START_TEST(a_claim_follows_its_page)
{
	struct lab *lab = set_up();

	*entry(3) = 0x20000 | PRESENT;
	ck_assert_int_eq(insert(lab, 7, GVA), GPROBE_BPM_NEW);
	ck_assert(is_in(lab, 7, 0x20));
	/* Moved. */
	store(1, 0x21000 | PRESENT);
	ck_assert_int_eq(gprobe_session_dispatch(lab->session), 0);
	ck_assert(is_in(lab, 7, 0x21));
	ck_assert_uint_eq(lab->module.nr_claims, 1);
	/* Out, which a deleted claim's figures survive. */
	store(2, 0);
	ck_assert_int_eq(gprobe_session_dispatch(lab->session), 0);
	ck_assert_uint_eq(lab->module.nr_claims, 0);
	ck_assert_uint_eq(lab->deleted_hits, 2);
	/* In again. */
	store(3, 0x22000 | PRESENT);
	ck_assert_int_eq(gprobe_session_dispatch(lab->session), 0);
	ck_assert(is_in(lab, 7, 0x22));
	ck_assert_uint_eq(lab->module.nr_replied, 3);
	ck_assert_int_eq(gprobe_follow_clear(gprobe_session_follow(
				lab->session)), 0);
	ck_assert_uint_eq(lab->module.nr_claims, 0);
	ck_assert_uint_eq(lab->deleted_hits, 3);
	tear_down(lab);
}
END_TEST

START_TEST(upcalls_that_come_during_a_call_are_dispatched)
{
	struct lab *lab = set_up();

	ck_assert_int_eq(insert(lab, 7, GVA), GPROBE_BPM_NEW);
	*entry(3) = 0x20000 | PRESENT;
	/* It comes before the answer to the next call, and is no answer. */
	upcall(GPROBE_CMD_UPCALL_NTF, 1, 0, 3);
	ck_assert_int_eq(insert(lab, 8, GVA), GPROBE_BPM_NEW);
	ck_assert_int_eq(gprobe_session_dispatch(lab->session), 0);
	ck_assert(is_in(lab, 7, 0x20));
	ck_assert(is_in(lab, 8, 0x20));
	ck_assert_uint_eq(lab->module.nr_replied, 1);
	tear_down(lab);
}
END_TEST

START_TEST(what_fails_once_is_tried_again_while_the_vcpu_waits)
{
	struct lab *lab = set_up();

	ck_assert_int_eq(insert(lab, 7, GVA), GPROBE_BPM_NEW);
	module_fail(&lab->module, GPROBE_CMD_CLAIM_NEW, -ENOMEM, 1);
	store(1, 0x20000 | PRESENT);
	ck_assert_int_eq(gprobe_session_dispatch(lab->session), 0);
	ck_assert(is_in(lab, 7, 0x20));
	ck_assert_uint_eq(lab->module.claims_at_reply, 1);
	ck_assert_uint_eq(figures_of(lab).failed, 0);
	tear_down(lab);
}
END_TEST

START_TEST(the_vcpu_goes_on_though_all_fails_and_it_is_tried_later)
{
	struct lab *lab = set_up();

	ck_assert_int_eq(insert(lab, 7, GVA), GPROBE_BPM_NEW);
	module_fail(&lab->module, GPROBE_CMD_CLAIM_NEW, -ENOMEM, 1000);
	store(1, 0x20000 | PRESENT);
	ck_assert_int_eq(gprobe_session_dispatch(lab->session), 0);
	ck_assert_uint_eq(lab->module.nr_claims, 0);
	ck_assert_uint_eq(lab->module.nr_replied, 1);
	ck_assert_uint_eq(figures_of(lab).failed, 1);
	ck_assert_uint_eq(figures_of(lab).unfinished, 1);
	ck_assert_int_eq(gprobe_session_dispatch(lab->session), 0);
	ck_assert_uint_eq(figures_of(lab).unfinished, 1);
	lab->module.fail_times = 0;
	ck_assert_int_eq(gprobe_session_dispatch(lab->session), 0);
	ck_assert(is_in(lab, 7, 0x20));
	ck_assert_uint_eq(figures_of(lab).unfinished, 0);
	ck_assert_uint_eq(figures_of(lab).failed, 1);
	tear_down(lab);
}
END_TEST

START_TEST(a_reply_that_fails_is_repeated)
{
	struct lab *lab = set_up();

	ck_assert_int_eq(insert(lab, 7, GVA), GPROBE_BPM_NEW);
	module_fail(&lab->module, GPROBE_CMD_UPCALL_REPLY, -ENOMEM, 2);
	store(1, 0x20000 | PRESENT);
	ck_assert_int_eq(gprobe_session_dispatch(lab->session), 0);
	ck_assert_uint_eq(lab->module.nr_replied, 1);
	ck_assert_uint_eq(figures_of(lab).failed, 0);
	/* One that the module does not wait for is none. */
	module_fail(&lab->module, GPROBE_CMD_UPCALL_REPLY, -ENOENT, 1);
	store(2, 0);
	ck_assert_int_eq(gprobe_session_dispatch(lab->session), 0);
	ck_assert_uint_eq(lab->module.nr_replied, 1);
	ck_assert_uint_eq(lab->module.fail_times, 0);
	ck_assert_uint_eq(figures_of(lab).failed, 0);
	module_fail(&lab->module, GPROBE_CMD_UPCALL_REPLY, -ENOMEM, 1000);
	store(3, 0);
	ck_assert_int_eq(gprobe_session_dispatch(lab->session), 0);
	ck_assert_uint_eq(figures_of(lab).failed, 1);
	lab->module.fail_times = 0;
	tear_down(lab);
}
END_TEST

START_TEST(a_change_told_too_late_is_followed_and_counted)
{
	struct lab *lab = set_up();

	ck_assert_int_eq(insert(lab, 7, GVA), GPROBE_BPM_NEW);
	*entry(3) = 0x20000 | PRESENT;
	upcall(GPROBE_CMD_UPCALL_TIMEOUT_NTF, 1, 0, 3);
	ck_assert_int_eq(gprobe_session_dispatch(lab->session), 0);
	ck_assert(is_in(lab, 7, 0x20));
	ck_assert_uint_eq(lab->module.nr_replied, 0);
	ck_assert_uint_eq(figures_of(lab).late, 1);
	tear_down(lab);
}
END_TEST

static void hit(uint8_t cmd, uint32_t reason, uint64_t seq)
{
	module_upcall(cmd, &(struct gprobe_upcall){
		.domid = DOMID, .seq = seq, .vcpu = 1, .view = VIEW,
		.reason = reason, .gfn = 0x20, .offset = 0x123, .claim = 9,
		.cookie = 7, .regs = { .rax = 1, .rip = GVA },
	});
}

START_TEST(a_hit_is_told_while_its_vcpu_waits_and_goes_on_as_is_said)
{
	struct lab *lab = set_up();

	hit(GPROBE_CMD_UPCALL_NTF, GPROBE_UPCALL_REASON_HIT, 1);
	ck_assert_int_eq(gprobe_session_dispatch(lab->session), 0);
	ck_assert_uint_eq(lab->nr_hits, 1);
	ck_assert_uint_eq(lab->replied_at_hit, 0);
	ck_assert_uint_eq(lab->hit.reason, GPROBE_UPCALL_REASON_HIT);
	ck_assert_uint_eq(lab->hit.cookie, 7);
	ck_assert_uint_eq(lab->hit.claim, 9);
	ck_assert_uint_eq(lab->hit.regs.rip, GVA);
	ck_assert_uint_eq(lab->module.nr_replied, 1);
	ck_assert_uint_eq(lab->module.verdicts[0], 0);
	lab->verdict.kind = GPROBE_VERDICT_STEP;
	hit(GPROBE_CMD_UPCALL_NTF, GPROBE_UPCALL_REASON_HIT, 2);
	hit(GPROBE_CMD_UPCALL_NTF, GPROBE_UPCALL_REASON_STEP, 3);
	ck_assert_int_eq(gprobe_session_dispatch(lab->session), 0);
	ck_assert_uint_eq(lab->nr_hits, 3);
	ck_assert_uint_eq(lab->hit.reason, GPROBE_UPCALL_REASON_STEP);
	ck_assert_uint_eq(lab->module.verdicts[2], GPROBE_VERDICT_STEP);
	ck_assert_uint_eq(figures_of(lab).hits, 3);
	ck_assert_uint_eq(figures_of(lab).upcalls, 3);
	ck_assert_uint_eq(figures_of(lab).refused, 0);
	tear_down(lab);
}
END_TEST

START_TEST(a_verdict_that_is_refused_is_to_continue)
{
	static const int errors[] = { -EINVAL, -EOPNOTSUPP, -EPERM, -EBUSY };
	struct lab *lab = set_up();
	unsigned int i;

	lab->verdict.kind = GPROBE_VERDICT_DENY;
	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		module_fail(&lab->module, GPROBE_CMD_UPCALL_REPLY, errors[i], 1);
		hit(GPROBE_CMD_UPCALL_NTF, GPROBE_UPCALL_REASON_HIT, i);
		ck_assert_int_eq(gprobe_session_dispatch(lab->session), 0);
		ck_assert_uint_eq(lab->module.nr_replied, i + 1);
		ck_assert_uint_eq(lab->module.replied[i], i);
		ck_assert_uint_eq(lab->module.verdicts[i], 0);
		ck_assert_uint_eq(figures_of(lab).refused, i + 1);
	}
	ck_assert_uint_eq(lab->nr_hits, ARRAY_SIZE(errors));
	/* If even that is, it is left to the module. */
	module_fail(&lab->module, GPROBE_CMD_UPCALL_REPLY, -EPERM, 1000);
	hit(GPROBE_CMD_UPCALL_NTF, GPROBE_UPCALL_REASON_HIT, i);
	ck_assert_int_eq(gprobe_session_dispatch(lab->session), 0);
	ck_assert_uint_eq(figures_of(lab).failed, 1);
	lab->module.fail_times = 0;
	tear_down(lab);
}
END_TEST

START_TEST(a_hit_that_did_not_wait_is_counted_and_not_told)
{
	struct lab *lab = set_up();

	hit(GPROBE_CMD_UPCALL_TIMEOUT_NTF, GPROBE_UPCALL_REASON_HIT, 1);
	ck_assert_int_eq(gprobe_session_dispatch(lab->session), 0);
	ck_assert_uint_eq(lab->nr_hits, 0);
	ck_assert_uint_eq(lab->module.nr_replied, 0);
	ck_assert_uint_eq(figures_of(lab).late, 1);
	ck_assert_uint_eq(figures_of(lab).hits, 1);
	tear_down(lab);
}
END_TEST

START_TEST(without_somebody_to_tell_hits_continue)
{
	const struct gprobe_session_spec spec = { .domid = DOMID };
	struct gprobe_session_spec full = spec;
	struct lab *lab = set_up();

	gprobe_session_free(lab->session);
	full.client = lab->client;
	full.host = lab->host;
	full.claims.fill = fill;
	full.claims.arg = lab;
	ck_assert_int_eq(gprobe_session_new(&full, &lab->session), 0);
	hit(GPROBE_CMD_UPCALL_NTF, GPROBE_UPCALL_REASON_HIT, 1);
	/* As does what nobody knows the reason of. */
	hit(GPROBE_CMD_UPCALL_NTF, GPROBE_UPCALL_REASON_MAX + 1, 2);
	ck_assert_int_eq(gprobe_session_dispatch(lab->session), 0);
	ck_assert_uint_eq(lab->nr_hits, 0);
	ck_assert_uint_eq(lab->module.nr_replied, 2);
	ck_assert_uint_eq(lab->module.verdicts[0], 0);
	tear_down(lab);
}
END_TEST

START_TEST(upcalls_of_others_are_replied_to_and_no_more)
{
	struct lab *lab = set_up();
	struct nlmsghdr *head = peer_put(PEER_FAMILY, 0);

	/* Of domain 1, kept while another call is made. */
	((struct genlmsghdr *)mnl_nlmsg_get_payload(head))->cmd =
		GPROBE_CMD_UPCALL_NTF;
	module_put_upcall(head, 5);
	peer_end_unasked();
	ck_assert_int_eq(insert(lab, 7, GVA), GPROBE_BPM_NEW);
	ck_assert_int_eq(gprobe_session_dispatch(lab->session), 0);
	ck_assert_uint_eq(lab->module.nr_replied, 1);
	ck_assert_uint_eq(lab->module.replied[0], 5);
	ck_assert_uint_eq(figures_of(lab).upcalls, 0);
	/* A vCPU that cannot be is let go as well. */
	upcall(GPROBE_CMD_UPCALL_NTF, 6, UINT32_MAX, 3);
	ck_assert_int_eq(gprobe_session_dispatch(lab->session), 0);
	ck_assert_uint_eq(lab->module.nr_replied, 2);
	ck_assert_uint_eq(figures_of(lab).failed, 1);
	ck_assert_uint_eq(figures_of(lab).unfinished, 0);
	tear_down(lab);
}
END_TEST

START_TEST(a_guest_that_stores_all_the_time_stops_nobody_else)
{
	struct lab *lab = set_up();
	unsigned int i;

	ck_assert_int_eq(insert(lab, 7, GVA), GPROBE_BPM_NEW);
	for (i = 0; i < 70; i++)
		store(i, 0x20000 | PRESENT);
	ck_assert_int_eq(gprobe_session_dispatch(lab->session), 1);
	ck_assert_uint_lt(lab->module.nr_replied, 70);
	ck_assert_int_eq(gprobe_session_dispatch(lab->session), 0);
	ck_assert_uint_eq(lab->module.nr_replied, 70);
	tear_down(lab);
}
END_TEST

START_TEST(what_is_lost_or_strange_is_counted)
{
	struct lab *lab = set_up();
	struct nlmsghdr head = {
		.nlmsg_len = sizeof(head), .nlmsg_type = PEER_FAMILY,
	};

	peer_fail(ENOBUFS);
	ck_assert_int_eq(insert(lab, 7, GVA), GPROBE_BPM_NEW);
	head.nlmsg_len = 4;
	peer_notify_raw(&head, sizeof(head));
	store(1, 0x20000 | PRESENT);
	ck_assert_int_eq(gprobe_session_dispatch(lab->session), 0);
	ck_assert_uint_eq(figures_of(lab).lost, 2);
	ck_assert_uint_eq(lab->module.nr_replied, 1);
	tear_down(lab);
}
END_TEST

START_TEST(a_guest_that_dies_is_let_go)
{
	struct lab *lab = set_up();

	*entry(3) = 0x20000 | PRESENT;
	ck_assert_int_eq(insert(lab, 7, GVA), GPROBE_BPM_NEW);
	ck_assert_int_gt(fake_xen.nr_mapped, 0);
	module_fail(&lab->module, GPROBE_CMD_UPCALL_REPLY, -ESHUTDOWN, 1);
	store(1, 0x21000 | PRESENT);
	ck_assert_int_eq(gprobe_session_dispatch(lab->session), -ESHUTDOWN);
	ck_assert_int_eq(gprobe_session_dispatch(lab->session), -ESHUTDOWN);
	/* The claims' figures can still be had. */
	ck_assert_int_eq(gprobe_follow_clear(gprobe_session_follow(
				lab->session)), 0);
	ck_assert_uint_eq(lab->deleted_hits, 2);
	/* Its pages were not unmapped by Xen's library. */
	fake_xen.nr_mapped = 0;
	tear_down(lab);
}
END_TEST

START_TEST(vcpus_that_wait_at_the_end_go_on)
{
	struct lab *lab = set_up();

	ck_assert_int_eq(insert(lab, 7, GVA), GPROBE_BPM_NEW);
	store(1, 0x20000 | PRESENT);
	upcall(GPROBE_CMD_UPCALL_TIMEOUT_NTF, 2, 0, 3);
	store(3, 0x20000 | PRESENT);
	gprobe_session_free(lab->session);
	lab->session = NULL;
	ck_assert_uint_eq(lab->module.nr_replied, 2);
	ck_assert_uint_eq(lab->module.replied[1], 3);
	tear_down(lab);
}
END_TEST

Suite *session_suite(void)
{
	return UNIT_SUITE("session", a_claim_is_pending_until_its_page_comes,
		a_claim_follows_its_page,
		upcalls_that_come_during_a_call_are_dispatched,
		what_fails_once_is_tried_again_while_the_vcpu_waits,
		the_vcpu_goes_on_though_all_fails_and_it_is_tried_later,
		a_reply_that_fails_is_repeated,
		a_change_told_too_late_is_followed_and_counted,
		a_hit_is_told_while_its_vcpu_waits_and_goes_on_as_is_said,
		a_verdict_that_is_refused_is_to_continue,
		a_hit_that_did_not_wait_is_counted_and_not_told,
		without_somebody_to_tell_hits_continue,
		upcalls_of_others_are_replied_to_and_no_more,
		a_guest_that_stores_all_the_time_stops_nobody_else,
		what_is_lost_or_strange_is_counted,
		a_guest_that_dies_is_let_go, vcpus_that_wait_at_the_end_go_on);
}
