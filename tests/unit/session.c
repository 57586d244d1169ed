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
#define CLAIMS		64
#define TABLES		8

struct claim {
	uint64_t gfn, root, cookie;
	uint32_t offset;
	bool used;
};

/* A module that does what it is asked, and a guest with one way of tables. */
struct lab {
	struct gprobe_host *host;
	struct gprobe_client *client;
	struct gprobe_session *session;
	struct claim claims[CLAIMS];
	unsigned int nr_claims;
	uint8_t watched[TABLES][GPROBE_ENTRIES_BYTES];
	uint64_t replied[300];
	unsigned int nr_replied;
	/* So many requests of this command fail with this. */
	uint8_t fail_cmd;
	int fail_err;
	unsigned int fail_times;
	/* What the fill callback answers; figures of deleted claims. */
	int fill_ret;
	uint64_t deleted_hits;
	/* Claims in at the moment of the last reply. */
	unsigned int claims_at_reply;
};

/* --- the module --- */

static const struct nlattr *attribute_of(const struct nlmsghdr *head,
					 uint16_t type)
{
	const struct nlattr *attribute;

	mnl_attr_for_each(attribute, head, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attribute) == type)
			return attribute;
	return NULL;
}

static uint32_t u32_of(const struct nlmsghdr *head, uint16_t type)
{
	return mnl_attr_get_u32(attribute_of(head, type));
}

static uint64_t u64_of(const struct nlmsghdr *head, uint16_t type)
{
	const struct nlattr *attribute = attribute_of(head, type);

	return attribute ? mnl_attr_get_u64(attribute) : 0;
}

static uint32_t claim_new(struct lab *lab, const struct nlmsghdr *request)
{
	uint32_t i;

	for (i = 0; lab->claims[i].used; i++)
		unit_assert(i + 1 < CLAIMS);
	lab->claims[i] = (struct claim){
		.gfn = u64_of(request, GPROBE_A_CLAIM_GFN),
		.offset = u32_of(request, GPROBE_A_CLAIM_OFFSET),
		.root = u64_of(request, GPROBE_A_CLAIM_ROOT),
		.cookie = u64_of(request, GPROBE_A_CLAIM_COOKIE),
		.used = true,
	};
	ck_assert_uint_eq(u32_of(request, GPROBE_A_CLAIM_VIEW), VIEW);
	lab->nr_claims++;
	return i + 1;
}

static uint32_t claim_del(struct lab *lab, const struct nlmsghdr *request)
{
	uint32_t id = u32_of(request, GPROBE_A_CLAIM_ID);

	unit_assert(id && id <= CLAIMS && lab->claims[id - 1].used);
	lab->claims[id - 1].used = false;
	lab->nr_claims--;
	return id;
}

static void watch_set(struct lab *lab, const struct nlmsghdr *request)
{
	uint64_t gfn = u64_of(request, GPROBE_A_WATCH_GFN);

	unit_assert(gfn < TABLES);
	ck_assert_uint_eq(u32_of(request, GPROBE_A_WATCH_VIEW), VIEW);
	memcpy(lab->watched[gfn], mnl_attr_get_payload(attribute_of(request,
				GPROBE_A_WATCH_ENTRIES)),
	       GPROBE_ENTRIES_BYTES);
}

static void answer(const struct nlmsghdr *request, uint32_t id, int err)
{
	struct nlmsghdr *head;

	if (id) {
		head = peer_put(PEER_FAMILY, 0);
		head->nlmsg_seq = request->nlmsg_seq;
		module_put_claim(head, id);
		peer_end();
	}
	peer_put_error(err, NULL)->nlmsg_seq = request->nlmsg_seq;
	peer_end();
}

static void serve(const struct nlmsghdr *request, void *arg)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(request);
	struct lab *lab = arg;
	uint32_t id = 0;

	if (lab->fail_times && genl->cmd == lab->fail_cmd) {
		lab->fail_times--;
		answer(request, 0, lab->fail_err);
		return;
	}
	switch (genl->cmd) {
	case GPROBE_CMD_CLAIM_NEW:
		id = claim_new(lab, request);
		break;
	case GPROBE_CMD_CLAIM_DEL:
		id = claim_del(lab, request);
		break;
	case GPROBE_CMD_WATCH_SET:
		watch_set(lab, request);
		break;
	case GPROBE_CMD_UPCALL_REPLY:
		lab->replied[lab->nr_replied++ % 300] =
			u64_of(request, GPROBE_A_UPCALL_SEQ);
		lab->claims_at_reply = lab->nr_claims;
		break;
	default:
		ck_abort_msg("command %u", genl->cmd);
	}
	answer(request, id, 0);
}

/* --- the lab --- */

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
	peer_serve(serve, lab);
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
	for (gfn = 0; gfn < TABLES; gfn++)
		for (i = 0; i < GPROBE_ENTRIES_BYTES; i++)
			unit_assert(!lab->watched[gfn][i]);
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

	for (i = 0; i < CLAIMS; i++)
		if (lab->claims[i].used && lab->claims[i].cookie == key)
			return lab->claims[i].gfn == gfn &&
			       lab->claims[i].root == ROOT &&
			       lab->claims[i].offset == (GVA & 0xfff);
	return false;
}

static bool is_watched(const struct lab *lab, unsigned int level)
{
	unsigned int index = GVA >> (39 - 9 * level) & 511;

	return lab->watched[1 + level][index / 8] >> index % 8 & 1;
}

static void upcall(uint8_t cmd, uint64_t seq, uint32_t vcpu, unsigned int level)
{
	union {
		struct nlmsghdr head;
		char bytes[512];
	} message = { 0 };
	struct nlmsghdr *head = mnl_nlmsg_put_header(message.bytes);

	head->nlmsg_type = PEER_FAMILY;
	mnl_nlmsg_put_extra_header(head, sizeof(struct genlmsghdr));
	((struct genlmsghdr *)mnl_nlmsg_get_payload(head))->cmd = cmd;
	mnl_attr_put_u32(head, GPROBE_A_UPCALL_DOMAIN, DOMID);
	mnl_attr_put_u64(head, GPROBE_A_UPCALL_SEQ, seq);
	mnl_attr_put_u32(head, GPROBE_A_UPCALL_VCPU, vcpu);
	mnl_attr_put_u32(head, GPROBE_A_UPCALL_REASON,
			 GPROBE_UPCALL_REASON_TABLE);
	mnl_attr_put_u32(head, GPROBE_A_UPCALL_VIEW, VIEW);
	mnl_attr_put_u64(head, GPROBE_A_UPCALL_GFN, 1 + level);
	mnl_attr_put_u32(head, GPROBE_A_UPCALL_INDEX,
			 GVA >> (39 - 9 * level) & 511);
	mnl_attr_put_u64(head, GPROBE_A_UPCALL_OLD, 0);
	mnl_attr_put_u64(head, GPROBE_A_UPCALL_NEW, 0);
	peer_notify(head);
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
	ck_assert_uint_eq(lab->nr_claims, 0);
	for (level = 0; level < 4; level++)
		ck_assert(is_watched(lab, level));
	ck_assert_int_eq(gprobe_session_dispatch(lab->session), 0);
	store(1, 0x20000 | PRESENT);
	ck_assert_int_eq(poll(&poller, 1, 0), 1);
	ck_assert_int_eq(gprobe_session_dispatch(lab->session), 0);
	ck_assert(is_in(lab, 7, 0x20));
	/* It was in before the vCPU went on. */
	ck_assert_uint_eq(lab->nr_replied, 1);
	ck_assert_uint_eq(lab->replied[0], 1);
	ck_assert_uint_eq(lab->claims_at_reply, 1);
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
	ck_assert_uint_eq(lab->nr_claims, 1);
	/* Out, which a deleted claim's figures survive. */
	store(2, 0);
	ck_assert_int_eq(gprobe_session_dispatch(lab->session), 0);
	ck_assert_uint_eq(lab->nr_claims, 0);
	ck_assert_uint_eq(lab->deleted_hits, 2);
	/* In again. */
	store(3, 0x22000 | PRESENT);
	ck_assert_int_eq(gprobe_session_dispatch(lab->session), 0);
	ck_assert(is_in(lab, 7, 0x22));
	ck_assert_uint_eq(lab->nr_replied, 3);
	ck_assert_int_eq(gprobe_follow_clear(gprobe_session_follow(
				lab->session)), 0);
	ck_assert_uint_eq(lab->nr_claims, 0);
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
	ck_assert_uint_eq(lab->nr_replied, 1);
	tear_down(lab);
}
END_TEST

START_TEST(what_fails_once_is_tried_again_while_the_vcpu_waits)
{
	struct lab *lab = set_up();

	ck_assert_int_eq(insert(lab, 7, GVA), GPROBE_BPM_NEW);
	lab->fail_cmd = GPROBE_CMD_CLAIM_NEW;
	lab->fail_err = -ENOMEM;
	lab->fail_times = 1;
	store(1, 0x20000 | PRESENT);
	ck_assert_int_eq(gprobe_session_dispatch(lab->session), 0);
	ck_assert(is_in(lab, 7, 0x20));
	ck_assert_uint_eq(lab->claims_at_reply, 1);
	ck_assert_uint_eq(figures_of(lab).failed, 0);
	tear_down(lab);
}
END_TEST

START_TEST(the_vcpu_goes_on_though_all_fails_and_it_is_tried_later)
{
	struct lab *lab = set_up();

	ck_assert_int_eq(insert(lab, 7, GVA), GPROBE_BPM_NEW);
	lab->fail_cmd = GPROBE_CMD_CLAIM_NEW;
	lab->fail_err = -ENOMEM;
	lab->fail_times = 1000;
	store(1, 0x20000 | PRESENT);
	ck_assert_int_eq(gprobe_session_dispatch(lab->session), 0);
	ck_assert_uint_eq(lab->nr_claims, 0);
	ck_assert_uint_eq(lab->nr_replied, 1);
	ck_assert_uint_eq(figures_of(lab).failed, 1);
	ck_assert_uint_eq(figures_of(lab).unfinished, 1);
	ck_assert_int_eq(gprobe_session_dispatch(lab->session), 0);
	ck_assert_uint_eq(figures_of(lab).unfinished, 1);
	lab->fail_times = 0;
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
	lab->fail_cmd = GPROBE_CMD_UPCALL_REPLY;
	lab->fail_err = -ENOMEM;
	lab->fail_times = 2;
	store(1, 0x20000 | PRESENT);
	ck_assert_int_eq(gprobe_session_dispatch(lab->session), 0);
	ck_assert_uint_eq(lab->nr_replied, 1);
	ck_assert_uint_eq(figures_of(lab).failed, 0);
	/* One that the module does not wait for is none. */
	lab->fail_err = -ENOENT;
	lab->fail_times = 1;
	store(2, 0);
	ck_assert_int_eq(gprobe_session_dispatch(lab->session), 0);
	ck_assert_uint_eq(lab->nr_replied, 1);
	ck_assert_uint_eq(lab->fail_times, 0);
	ck_assert_uint_eq(figures_of(lab).failed, 0);
	lab->fail_err = -ENOMEM;
	lab->fail_times = 1000;
	store(3, 0);
	ck_assert_int_eq(gprobe_session_dispatch(lab->session), 0);
	ck_assert_uint_eq(figures_of(lab).failed, 1);
	lab->fail_times = 0;
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
	ck_assert_uint_eq(lab->nr_replied, 0);
	ck_assert_uint_eq(figures_of(lab).late, 1);
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
	ck_assert_uint_eq(lab->nr_replied, 1);
	ck_assert_uint_eq(lab->replied[0], 5);
	ck_assert_uint_eq(figures_of(lab).upcalls, 0);
	/* A vCPU that cannot be is let go as well. */
	upcall(GPROBE_CMD_UPCALL_NTF, 6, UINT32_MAX, 3);
	ck_assert_int_eq(gprobe_session_dispatch(lab->session), 0);
	ck_assert_uint_eq(lab->nr_replied, 2);
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
	ck_assert_uint_lt(lab->nr_replied, 70);
	ck_assert_int_eq(gprobe_session_dispatch(lab->session), 0);
	ck_assert_uint_eq(lab->nr_replied, 70);
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
	ck_assert_uint_eq(lab->nr_replied, 1);
	tear_down(lab);
}
END_TEST

START_TEST(a_guest_that_dies_is_let_go)
{
	struct lab *lab = set_up();

	*entry(3) = 0x20000 | PRESENT;
	ck_assert_int_eq(insert(lab, 7, GVA), GPROBE_BPM_NEW);
	ck_assert_int_gt(fake_xen.nr_mapped, 0);
	lab->fail_cmd = GPROBE_CMD_UPCALL_REPLY;
	lab->fail_err = -ESHUTDOWN;
	lab->fail_times = 1;
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
	ck_assert_uint_eq(lab->nr_replied, 2);
	ck_assert_uint_eq(lab->replied[1], 3);
	tear_down(lab);
}
END_TEST

START_TEST(a_module_that_is_silent_is_told)
{
	struct lab *lab = set_up();

	ck_assert_int_eq(insert(lab, 7, GVA), GPROBE_BPM_NEW);
	upcall(GPROBE_CMD_UPCALL_NTF, 1, 0, 3);
	peer_serve(NULL, NULL);
	ck_assert_int_eq(gprobe_session_dispatch(lab->session), -ETIMEDOUT);
	peer_serve(serve, lab);
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
		upcalls_of_others_are_replied_to_and_no_more,
		a_guest_that_stores_all_the_time_stops_nobody_else,
		what_is_lost_or_strange_is_counted,
		a_guest_that_dies_is_let_go, vcpus_that_wait_at_the_end_go_on,
		a_module_that_is_silent_is_told);
}
