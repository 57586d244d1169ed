// SPDX-License-Identifier: GPL-2.0
/* The driver seam over the module and Xen: what each call asks for. */
#include <gprobe/xen_driver.h>

#include <errno.h>
#include <linux/genetlink.h>
#include <stdlib.h>
#include <string.h>

#include "../../user/lib/client.h"
#include "fake_module.h"
#include "fake_peer.h"
#include "fake_xen.h"
#include "unit.h"

#define DOMID	3
#define ROOT	0x1000ULL
#define GVA	0x7f0000005123ULL
#define PRESENT	1ULL

struct lab {
	struct gprobe_host *host;
	struct gprobe_guest *guest;
	struct gprobe_client *client;
	struct gprobe_xen_driver *xen_driver;
	struct gprobe_driver driver;
	int fill_ret;
	const char *label;
	unsigned int nr_deleted;
	uint64_t deleted_hits;
};

static int fill(void *arg, const struct gprobe_call *call,
		struct gprobe_claim_spec *spec)
{
	struct lab *lab = arg;

	ck_assert_uint_eq(spec->gfn, call->gfn);
	spec->action = GPROBE_ACTION_COUNT;
	spec->step = GPROBE_STEP_EMULATE;
	spec->cookie = 100 + call->key;
	spec->label = lab->label;
	return call->tag == 13 ? lab->fill_ret : 0;
}

static void deleted(void *arg, const struct gprobe_claim_info *info)
{
	struct lab *lab = arg;

	lab->nr_deleted++;
	lab->deleted_hits += info->hits;
}

static struct lab *set_up(bool own_claims)
{
	struct lab *lab = calloc(1, sizeof(*lab));
	const struct gprobe_xen_claims claims = {
		.fill = fill, .deleted = deleted, .arg = lab,
	};

	lab->label = "a label";
	fake_xen_reset();
	fake_xen_add(DOMID, "guest", XEN_DOMINF_hvm_guest);
	fake_xen_long_mode();
	ck_assert_int_eq(gprobe_host_open(&lab->host, NULL), 0);
	ck_assert_int_eq(gprobe_guest_open(lab->host, DOMID, &lab->guest), 0);
	peer_reset();
	peer_family();
	ck_assert_int_eq(gprobe_client_open(&lab->client), 0);
	ck_assert_int_eq(gprobe_xen_driver_new(lab->client, lab->guest, DOMID,
					       own_claims ? &claims : NULL,
					       &lab->xen_driver), 0);
	lab->driver = gprobe_xen_driver(lab->xen_driver);
	return lab;
}

static void tear_down(struct lab *lab)
{
	ck_assert(peer_is_empty());
	gprobe_xen_driver_free(lab->xen_driver);
	gprobe_xen_driver_free(NULL);
	gprobe_client_close(lab->client);
	gprobe_guest_close(lab->guest);
	gprobe_host_close(lab->host);
	free(lab);
}

/* The page of an entry on the way to GVA, counted from the top: 0 to 3. */
static uint64_t *entry(unsigned int level)
{
	uint64_t *table = fake_xen_frame(1 + level);

	return &table[GVA >> (39 - 9 * level) & 511];
}

static void map(uint64_t gfn)
{
	unsigned int level;

	for (level = 0; level < 3; level++)
		*entry(level) = (2 + level) * 4096ULL | PRESENT;
	*entry(3) = gfn * 4096 | PRESENT;
}

static int translate(struct lab *lab, struct gprobe_translation *translation)
{
	*translation = (struct gprobe_translation){ .root = ROOT, .gva = GVA };
	return lab->driver.ops->translate(lab->driver.arg, translation, 1);
}

static int call(struct lab *lab, struct gprobe_call *calls, size_t nr)
{
	return lab->driver.ops->call(lab->driver.arg, calls, nr);
}

static const struct nlmsghdr *nth_request(size_t n)
{
	const struct nlmsghdr *head = peer_request();
	int left = peer_request_bytes();

	for (; n; n--) {
		ck_assert(mnl_nlmsg_ok(head, left));
		head = mnl_nlmsg_next(head, &left);
	}
	ck_assert(mnl_nlmsg_ok(head, left));
	return head;
}

static uint32_t u32_of(const struct nlmsghdr *head, uint16_t type)
{
	return mnl_attr_get_u32(peer_attribute_of(head, type));
}

static uint64_t u64_of(const struct nlmsghdr *head, uint16_t type)
{
	return mnl_attr_get_u64(peer_attribute_of(head, type));
}

static uint8_t cmd_of(const struct nlmsghdr *head)
{
	return ((const struct genlmsghdr *)mnl_nlmsg_get_payload(head))->cmd;
}

/* Answers to the @n-th request that is sent next. */
static void put_ack(struct lab *lab, uint32_t n, int err)
{
	peer_put_error(err, NULL)->nlmsg_seq =
		lab->client->netlink.seq + 1 + n;
	peer_end();
}

static void put_claim(struct lab *lab, uint32_t n, uint32_t id)
{
	struct nlmsghdr *head = peer_put(PEER_FAMILY, 0);

	head->nlmsg_seq = lab->client->netlink.seq + 1 + n;
	module_put_claim(head, id);
	peer_end();
	put_ack(lab, n, 0);
}

static struct gprobe_call claim_new(uint64_t gfn)
{
	return (struct gprobe_call){
		.kind = GPROBE_CALL_CLAIM_NEW, .view = 2, .gfn = gfn,
		.offset = 0x123,
	};
}

START_TEST(it_has_what_the_tables_need)
{
	struct lab *lab = set_up(false);

	ck_assert_uint_eq(lab->driver.ops->features, GPROBE_DRIVER_CLAIMS |
			  GPROBE_DRIVER_CLAIM_ROOTS | GPROBE_DRIVER_WATCHES |
			  GPROBE_DRIVER_VIEWS);
	tear_down(lab);
}
END_TEST

START_TEST(addresses_are_translated_as_the_guest_would)
{
	struct lab *lab = set_up(false);
	struct gprobe_translation translation;

	map(0x20);
	ck_assert_int_eq(lab->driver.ops->paging_levels(lab->driver.arg), 4);
	ck_assert_int_eq(translate(lab, &translation), 0);
	ck_assert_int_eq(translation.ret, 0);
	ck_assert_uint_eq(translation.gpa, 0x20123);
	/* The guest changes it: nothing is remembered. */
	map(0x21);
	translate(lab, &translation);
	ck_assert_uint_eq(translation.gpa, 0x21123);
	*entry(3) = 0;
	ck_assert_int_eq(translate(lab, &translation), 0);
	ck_assert_int_eq(translation.ret, -ENXIO);
	*entry(2) |= 1ULL << 7 | 1ULL << 13;
	translate(lab, &translation);
	ck_assert_int_eq(translation.ret, -ENXIO);
	ck_assert_int_eq(fake_xen.nr_mapped, 0);
	tear_down(lab);
}
END_TEST

START_TEST(paging_of_another_kind_is_eopnotsupp)
{
	struct lab *lab = set_up(false);
	struct gprobe_translation translation;

	map(0x20);
	fake_xen.cr4 |= 1ULL << 12;
	ck_assert_int_eq(lab->driver.ops->paging_levels(lab->driver.arg), 5);
	ck_assert_int_eq(translate(lab, &translation), 0);
	ck_assert_int_eq(translation.ret, -EOPNOTSUPP);
	fake_xen.vcpu_errno[0] = fake_xen.vcpu_errno[1] = EPERM;
	ck_assert_int_eq(translate(lab, &translation), -EPERM);
	ck_assert_int_eq(lab->driver.ops->paging_levels(lab->driver.arg),
			 -EPERM);
	tear_down(lab);
}
END_TEST

START_TEST(frames_are_read_and_not_kept)
{
	struct lab *lab = set_up(false);
	uint8_t bytes[4], *frame = fake_xen_frame(9);

	memcpy(frame + 100, "\x0f\x1f\x44\x90", 4);
	ck_assert_int_eq(lab->driver.ops->read(lab->driver.arg, 9, 100, bytes,
					       4), 0);
	ck_assert_mem_eq(bytes, frame + 100, 4);
	ck_assert_int_eq(fake_xen.nr_mapped, 0);
	fake_xen.missing_gfn = 10;
	fake_xen.page_errno = ENOENT;
	ck_assert_int_eq(lab->driver.ops->read(lab->driver.arg, 10, 0, bytes,
					       4), -ENXIO);
	tear_down(lab);
}
END_TEST

START_TEST(frames_stay_mapped_until_put_and_come_all_or_none)
{
	static const uint64_t gfns[] = { 5, 6, 5, 7 };
	struct lab *lab = set_up(false);
	const void *maps[4];
	uint8_t *frame = fake_xen_frame(5);
	size_t i;

	ck_assert_int_eq(lab->driver.ops->frame_get(lab->driver.arg, gfns, 4,
						    maps), 0);
	ck_assert_int_eq(fake_xen.nr_mapped, 4);
	frame[1] = 0x77;
	ck_assert_uint_eq(((const uint8_t *)maps[0])[1], 0x77);
	for (i = 0; i < 4; i++)
		lab->driver.ops->frame_put(lab->driver.arg, gfns[i], maps[i]);
	ck_assert_int_eq(fake_xen.nr_mapped, 0);
	fake_xen.missing_gfn = 7;
	fake_xen.page_errno = ENOENT;
	ck_assert_int_eq(lab->driver.ops->frame_get(lab->driver.arg, gfns, 4,
						    maps), -ENXIO);
	ck_assert_int_eq(fake_xen.nr_mapped, 0);
	tear_down(lab);
}
END_TEST

START_TEST(claims_are_asked_for_in_one_round_trip)
{
	struct gprobe_call calls[] = { claim_new(5), claim_new(6) };
	struct lab *lab = set_up(true);
	const struct nlmsghdr *head;

	calls[0].root = 0x7000;
	calls[0].key = 1;
	put_claim(lab, 0, 71);
	put_claim(lab, 1, 72);
	ck_assert_int_eq(call(lab, calls, 2), 0);
	ck_assert_int_eq(calls[0].ret, 0);
	ck_assert_uint_eq(calls[0].id, 71);
	ck_assert_uint_eq(calls[1].id, 72);
	ck_assert_uint_eq(peer_nr_requests(), 2);
	head = nth_request(0);
	ck_assert_uint_eq(cmd_of(head), GPROBE_CMD_CLAIM_NEW);
	ck_assert_uint_eq(u32_of(head, GPROBE_A_CLAIM_DOMAIN), DOMID);
	ck_assert_uint_eq(u32_of(head, GPROBE_A_CLAIM_VIEW), 2);
	ck_assert_uint_eq(u64_of(head, GPROBE_A_CLAIM_GFN), 5);
	ck_assert_uint_eq(u32_of(head, GPROBE_A_CLAIM_OFFSET), 0x123);
	ck_assert_uint_eq(u64_of(head, GPROBE_A_CLAIM_ROOT), 0x7000);
	ck_assert_uint_eq(u32_of(head, GPROBE_A_CLAIM_STEP),
			  GPROBE_STEP_EMULATE);
	ck_assert_uint_eq(u64_of(head, GPROBE_A_CLAIM_COOKIE), 101);
	ck_assert_str_eq(mnl_attr_get_str(peer_attribute_of(head,
					GPROBE_A_CLAIM_LABEL)), "a label");
	head = nth_request(1);
	ck_assert_uint_eq(u64_of(head, GPROBE_A_CLAIM_GFN), 6);
	ck_assert_ptr_null(peer_attribute_of(head, GPROBE_A_CLAIM_ROOT));
	tear_down(lab);
}
END_TEST

START_TEST(claims_that_nobody_fills_count_and_have_their_tag)
{
	struct gprobe_call one = claim_new(5);
	struct lab *lab = set_up(false);

	one.tag = 42;
	put_claim(lab, 0, 71);
	ck_assert_int_eq(call(lab, &one, 1), 0);
	ck_assert_uint_eq(u32_of(peer_request(), GPROBE_A_CLAIM_ACTION),
			  GPROBE_ACTION_COUNT);
	ck_assert_uint_eq(u64_of(peer_request(), GPROBE_A_CLAIM_COOKIE), 42);
	one.kind = GPROBE_CALL_CLAIM_DEL;
	put_claim(lab, 0, 71);
	ck_assert_int_eq(call(lab, &one, 1), 0);
	tear_down(lab);
}
END_TEST

START_TEST(final_figures_of_deleted_claims_are_handed_on)
{
	struct gprobe_call calls[3];
	struct lab *lab = set_up(true);
	uint32_t i;

	for (i = 0; i < 3; i++)
		calls[i] = (struct gprobe_call){
			.kind = GPROBE_CALL_CLAIM_DEL, .view = 2, .id = 71 + i,
		};
	put_claim(lab, 0, 71);
	put_ack(lab, 1, -ENOENT);
	put_claim(lab, 2, 73);
	ck_assert_int_eq(call(lab, calls, 3), -ENOENT);
	ck_assert_int_eq(calls[0].ret, 0);
	ck_assert_int_eq(calls[1].ret, -ENOENT);
	ck_assert_int_eq(calls[2].ret, 0);
	ck_assert_uint_eq(u32_of(nth_request(2), GPROBE_A_CLAIM_ID), 73);
	/* Each of the fake's claims has one hit. */
	ck_assert_uint_eq(lab->nr_deleted, 2);
	ck_assert_uint_eq(lab->deleted_hits, 2);
	tear_down(lab);
}
END_TEST

START_TEST(watches_are_whole_sets)
{
	uint8_t entries[GPROBE_ENTRIES_BYTES] = { [3] = 0x10 };
	uint8_t none[GPROBE_ENTRIES_BYTES] = { 0 };
	struct gprobe_call calls[] = {
		{ .kind = GPROBE_CALL_WATCH, .view = 2, .gfn = 9,
		  .entries = entries },
		{ .kind = GPROBE_CALL_WATCH, .view = 2, .gfn = 10 },
	};
	struct lab *lab = set_up(false);
	const struct nlmsghdr *head;

	put_ack(lab, 0, 0);
	put_ack(lab, 1, -ENXIO);
	ck_assert_int_eq(call(lab, calls, 2), -ENXIO);
	ck_assert_int_eq(calls[0].ret, 0);
	head = nth_request(0);
	ck_assert_uint_eq(cmd_of(head), GPROBE_CMD_WATCH_SET);
	ck_assert_uint_eq(u32_of(head, GPROBE_A_WATCH_DOMAIN), DOMID);
	ck_assert_uint_eq(u32_of(head, GPROBE_A_WATCH_VIEW), 2);
	ck_assert_uint_eq(u64_of(head, GPROBE_A_WATCH_GFN), 9);
	ck_assert_mem_eq(mnl_attr_get_payload(peer_attribute_of(head,
				GPROBE_A_WATCH_ENTRIES)), entries, 64);
	head = nth_request(1);
	ck_assert_mem_eq(mnl_attr_get_payload(peer_attribute_of(head,
				GPROBE_A_WATCH_ENTRIES)), none, 64);
	tear_down(lab);
}
END_TEST

START_TEST(more_calls_than_a_datagram_has_are_sent_in_order)
{
	struct gprobe_call calls[2 * GPROBE_NETLINK_REQUESTS + 1];
	struct lab *lab = set_up(false);
	uint32_t i;

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		calls[i] = (struct gprobe_call){
			.kind = GPROBE_CALL_WATCH, .view = 2, .gfn = i,
		};
		put_ack(lab, i, i == 40 ? -ENOMEM : 0);
	}
	ck_assert_int_eq(call(lab, calls, ARRAY_SIZE(calls)), -ENOMEM);
	for (i = 0; i < ARRAY_SIZE(calls); i++)
		ck_assert_int_eq(calls[i].ret, i == 40 ? -ENOMEM : 0);
	ck_assert_uint_eq(peer_nr_requests(), 1 + 3);
	ck_assert_uint_eq(u64_of(peer_request(), GPROBE_A_WATCH_GFN), 64);
	tear_down(lab);
}
END_TEST

START_TEST(what_cannot_be_asked_is_not_sent)
{
	static const uint32_t kinds[] = {
		GPROBE_CALL_ACCESS_GET, GPROBE_CALL_ACCESS_SET,
		GPROBE_CALL_REMAP, GPROBE_CALL_UNMAP,
	};
	struct gprobe_call calls[] = { claim_new(5), claim_new(6) };
	char label[GPROBE_LABEL_MAX + 2] = { 0 };
	struct lab *lab = set_up(true);
	size_t i;

	calls[0].view = 0;
	calls[1].tag = 13;
	lab->fill_ret = -EILSEQ;
	ck_assert_int_eq(call(lab, calls, 2), -EINVAL);
	ck_assert_int_eq(calls[0].ret, -EINVAL);
	ck_assert_int_eq(calls[1].ret, -EILSEQ);
	memset(label, 'l', GPROBE_LABEL_MAX + 1);
	lab->label = label;
	calls[0] = claim_new(5);
	ck_assert_int_eq(call(lab, calls, 1), -ENAMETOOLONG);
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		calls[0] = (struct gprobe_call){ .kind = kinds[i], .view = 2 };
		ck_assert_int_eq(call(lab, calls, 1), -EOPNOTSUPP);
	}
	ck_assert_uint_eq(peer_nr_requests(), 1);
	tear_down(lab);
}
END_TEST

START_TEST(an_ack_without_its_claim_is_eproto)
{
	struct gprobe_call calls[] = { claim_new(5), claim_new(6) };
	struct lab *lab = set_up(false);

	put_ack(lab, 0, 0);
	put_claim(lab, 1, 72);
	ck_assert_int_eq(call(lab, calls, 2), -EPROTO);
	ck_assert_int_eq(calls[1].ret, 0);
	/* Nothing is said of what was asked for. */
	ck_assert_int_eq(call(lab, calls, 2), -ETIMEDOUT);
	ck_assert_int_eq(calls[1].ret, -ETIMEDOUT);
	tear_down(lab);
}
END_TEST

START_TEST(upcalls_among_answers_are_kept)
{
	struct gprobe_call one = claim_new(5);
	struct lab *lab = set_up(false);
	struct gprobe_upcall upcall;
	struct nlmsghdr *head = peer_put(PEER_FAMILY, 0);

	((struct genlmsghdr *)mnl_nlmsg_get_payload(head))->cmd =
		GPROBE_CMD_UPCALL_NTF;
	module_put_upcall(head, 5);
	peer_end_unasked();
	put_claim(lab, 0, 71);
	ck_assert_int_eq(call(lab, &one, 1), 0);
	ck_assert_uint_eq(one.id, 71);
	ck_assert_int_eq(gprobe_upcall_read(lab->client, &upcall), 0);
	ck_assert_uint_eq(upcall.seq, 5);
	tear_down(lab);
}
END_TEST

START_TEST(views_are_the_modules)
{
	struct lab *lab = set_up(false);
	uint32_t view = 0;

	module_put_view(peer_put(PEER_FAMILY, 0), 4);
	peer_end();
	peer_ack();
	ck_assert_int_eq(lab->driver.ops->view_new(lab->driver.arg, &view), 0);
	ck_assert_uint_eq(view, 4);
	ck_assert_uint_eq(u32_of(peer_request(), GPROBE_A_VIEW_DOMAIN), DOMID);
	peer_ack();
	ck_assert_int_eq(lab->driver.ops->view_switch(lab->driver.arg, 4), 0);
	ck_assert_uint_eq(cmd_of(peer_request()), GPROBE_CMD_VIEW_SWITCH);
	peer_put_error(-EBUSY, NULL);
	peer_end();
	ck_assert_int_eq(lab->driver.ops->view_del(lab->driver.arg, 4),
			 -EBUSY);
	ck_assert_uint_eq(u32_of(peer_request(), GPROBE_A_VIEW_ID), 4);
	ck_assert_int_eq(lab->driver.ops->view_del(lab->driver.arg, 0),
			 -EINVAL);
	ck_assert_int_eq(lab->driver.ops->view_switch(lab->driver.arg, 0),
			 -EOPNOTSUPP);
	tear_down(lab);
}
END_TEST

START_TEST(a_guest_that_dies_is_let_go_at_once)
{
	static const uint64_t gfn = 5;
	struct gprobe_call one = claim_new(5);
	struct gprobe_translation translation;
	struct lab *lab = set_up(true);
	uint8_t *frame = fake_xen_frame(5), byte;
	const uint8_t *map;

	frame[1] = 0x77;
	ck_assert_int_eq(lab->driver.ops->frame_get(lab->driver.arg, &gfn, 1,
						    (const void **)&map), 0);
	put_ack(lab, 0, -ESHUTDOWN);
	ck_assert_int_eq(call(lab, &one, 1), -ESHUTDOWN);
	ck_assert_uint_eq(map[1], 0);
	ck_assert_int_eq(lab->driver.ops->read(lab->driver.arg, 5, 0, &byte,
					       1), -ESHUTDOWN);
	map = NULL;
	ck_assert_int_eq(lab->driver.ops->frame_get(lab->driver.arg, &gfn, 1,
						    (const void **)&map),
			 -ESHUTDOWN);
	ck_assert_int_eq(translate(lab, &translation), 0);
	ck_assert_int_eq(translation.ret, -ESHUTDOWN);
	/* Its claims still have figures. */
	one.kind = GPROBE_CALL_CLAIM_DEL;
	put_claim(lab, 0, 71);
	ck_assert_int_eq(call(lab, &one, 1), 0);
	ck_assert_uint_eq(lab->nr_deleted, 1);
	tear_down(lab);
}
END_TEST

START_TEST(a_guest_that_xen_does_not_know_has_died)
{
	struct lab *lab = set_up(false);
	uint8_t byte;

	fake_xen.map_errno = ESRCH;
	ck_assert_int_eq(lab->driver.ops->read(lab->driver.arg, 5, 0, &byte,
					       1), -ESHUTDOWN);
	fake_xen.map_errno = 0;
	ck_assert_int_eq(lab->driver.ops->read(lab->driver.arg, 5, 0, &byte,
					       1), -ESHUTDOWN);
	tear_down(lab);
	lab = set_up(false);
	fake_xen.nr_domains = 1;
	ck_assert_int_eq(lab->driver.ops->paging_levels(lab->driver.arg),
			 -ESHUTDOWN);
	tear_down(lab);
}
END_TEST

Suite *xen_driver_suite(void)
{
	return UNIT_SUITE("xen_driver", it_has_what_the_tables_need,
		addresses_are_translated_as_the_guest_would,
		paging_of_another_kind_is_eopnotsupp,
		frames_are_read_and_not_kept,
		frames_stay_mapped_until_put_and_come_all_or_none,
		claims_are_asked_for_in_one_round_trip,
		claims_that_nobody_fills_count_and_have_their_tag,
		final_figures_of_deleted_claims_are_handed_on,
		watches_are_whole_sets,
		more_calls_than_a_datagram_has_are_sent_in_order,
		what_cannot_be_asked_is_not_sent,
		an_ack_without_its_claim_is_eproto,
		upcalls_among_answers_are_kept, views_are_the_modules,
		a_guest_that_dies_is_let_go_at_once,
		a_guest_that_xen_does_not_know_has_died);
}
