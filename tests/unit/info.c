// SPDX-License-Identifier: GPL-2.0
/* gprobe_info_parse(): messages to structs. */
#include "../../user/lib/info.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

/* All attributes of any kind: a bit each. */
#define ALL	0xffffffffu

union message {
	struct nlmsghdr head;
	char bytes[4096];
};

static struct nlmsghdr *begin(union message *message)
{
	struct nlmsghdr *head = mnl_nlmsg_put_header(message->bytes);

	mnl_nlmsg_put_extra_header(head, sizeof(struct genlmsghdr));
	return head;
}

static void put_u32(struct nlmsghdr *head, uint32_t which, uint16_t attribute,
		    uint32_t value)
{
	if (which >> attribute & 1)
		mnl_attr_put_u32(head, attribute, value);
}

static void put_u64(struct nlmsghdr *head, uint32_t which, uint16_t attribute,
		    uint64_t value)
{
	if (which >> attribute & 1)
		mnl_attr_put_u64(head, attribute, value);
}

/* The figures @which of a domain; each is a hundred times its attribute. */
static void put_stats(struct nlmsghdr *head, uint32_t which)
{
	struct nlattr *nest = mnl_attr_nest_start(head, GPROBE_A_DOMAIN_STATS);
	uint16_t attribute;

	for (attribute = GPROBE_A_STATS_EVENTS;
	     attribute <= GPROBE_A_STATS_MAX; attribute++)
		put_u64(head, which, attribute, 100 * attribute);
	mnl_attr_nest_end(head, nest);
}

/* A domain with the attributes @which, each ten times its number. */
static void put_domain(struct nlmsghdr *head, uint32_t which, uint32_t stats)
{
	uint16_t attribute;

	for (attribute = GPROBE_A_DOMAIN_ID;
	     attribute < GPROBE_A_DOMAIN_STATS; attribute++)
		put_u32(head, which, attribute, 10 * attribute);
	if (which >> GPROBE_A_DOMAIN_STATS & 1)
		put_stats(head, stats);
	put_u32(head, which, GPROBE_A_DOMAIN_WATCHES,
		10 * GPROBE_A_DOMAIN_WATCHES);
}

static void put_claim(struct nlmsghdr *head, uint32_t which)
{
	put_u32(head, which, GPROBE_A_CLAIM_ID, 1);
	put_u32(head, which, GPROBE_A_CLAIM_DOMAIN, 2);
	put_u32(head, which, GPROBE_A_CLAIM_VIEW, 3);
	put_u64(head, which, GPROBE_A_CLAIM_GFN, 0xffffffffff);
	put_u32(head, which, GPROBE_A_CLAIM_OFFSET, 4095);
	put_u64(head, which, GPROBE_A_CLAIM_ROOT, 0x10a000);
	put_u32(head, which, GPROBE_A_CLAIM_ACTION, 1);
	put_u32(head, which, GPROBE_A_CLAIM_STEP, 2);
	put_u64(head, which, GPROBE_A_CLAIM_COOKIE, UINT64_MAX);
	if (which >> GPROBE_A_CLAIM_LABEL & 1)
		mnl_attr_put_strz(head, GPROBE_A_CLAIM_LABEL, "a label");
	put_u32(head, which, GPROBE_A_CLAIM_SESSION, 5);
	put_u64(head, which, GPROBE_A_CLAIM_HITS, 6);
	put_u32(head, which, GPROBE_A_CLAIM_INSN_BYTES, 7);
	if (which >> GPROBE_A_CLAIM_VCPUS & 1)
		mnl_attr_put(head, GPROBE_A_CLAIM_VCPUS, 3, "\x81\x42\x24");
	put_u32(head, which, GPROBE_A_CLAIM_CPLS, 9);
	put_u64(head, which, GPROBE_A_CLAIM_FILTERED, 8);
	put_u64(head, which, GPROBE_A_CLAIM_OFF_AFTER, 10);
	if (which >> GPROBE_A_CLAIM_IS_OFF & 1)
		mnl_attr_put(head, GPROBE_A_CLAIM_IS_OFF, 0, NULL);
	put_u32(head, which, GPROBE_A_CLAIM_RATE, 11);
	put_u64(head, which, GPROBE_A_CLAIM_LIMITED, 12);
	if (which >> GPROBE_A_CLAIM_PIN & 1)
		mnl_attr_put_strz(head, GPROBE_A_CLAIM_PIN, "a-pin");
}

static void put_watch(struct nlmsghdr *head, uint32_t which,
		      const uint8_t *entries)
{
	put_u32(head, which, GPROBE_A_WATCH_DOMAIN, 1);
	put_u32(head, which, GPROBE_A_WATCH_VIEW, 2);
	put_u64(head, which, GPROBE_A_WATCH_GFN, 0xffffffffff);
	if (which >> GPROBE_A_WATCH_ENTRIES & 1)
		mnl_attr_put(head, GPROBE_A_WATCH_ENTRIES,
			     GPROBE_ENTRIES_BYTES, entries);
	put_u32(head, which, GPROBE_A_WATCH_SESSION, 3);
}

static void put_upcall(struct nlmsghdr *head, uint32_t which)
{
	put_u32(head, which, GPROBE_A_UPCALL_DOMAIN, 1);
	put_u64(head, which, GPROBE_A_UPCALL_SEQ, UINT64_MAX);
	put_u32(head, which, GPROBE_A_UPCALL_VCPU, 2);
	put_u32(head, which, GPROBE_A_UPCALL_REASON, 3);
	put_u32(head, which, GPROBE_A_UPCALL_VIEW, 4);
	put_u64(head, which, GPROBE_A_UPCALL_GFN, 0xffffffffff);
	put_u32(head, which, GPROBE_A_UPCALL_INDEX, 511);
	put_u64(head, which, GPROBE_A_UPCALL_OLD, 5);
	put_u64(head, which, GPROBE_A_UPCALL_NEW, 6);
	put_u32(head, which, GPROBE_A_UPCALL_CLAIM, 7);
	put_u64(head, which, GPROBE_A_UPCALL_COOKIE, 8);
	put_u32(head, which, GPROBE_A_UPCALL_OFFSET, 4095);
	if (which >> GPROBE_A_UPCALL_REGS & 1)
		mnl_attr_put(head, GPROBE_A_UPCALL_REGS,
			     sizeof(struct gprobe_regs),
			     &(struct gprobe_regs){ .rax = 9, .cs = 10 });
	put_u32(head, which, GPROBE_A_UPCALL_TRAP, 11);
	put_u32(head, which, GPROBE_A_UPCALL_KIND, 12);
	put_u64(head, which, GPROBE_A_UPCALL_KEY, UINT64_MAX - 1);
	put_u64(head, which, GPROBE_A_UPCALL_SUBKEY, UINT64_MAX - 2);
}

static void put_trap(struct nlmsghdr *head, uint32_t which)
{
	put_u32(head, which, GPROBE_A_TRAP_ID, 1);
	put_u32(head, which, GPROBE_A_TRAP_DOMAIN, 2);
	put_u32(head, which, GPROBE_A_TRAP_KIND, 3);
	put_u32(head, which, GPROBE_A_TRAP_MSR, 0xc0000082);
	put_u64(head, which, GPROBE_A_TRAP_MASK, UINT64_MAX);
	if (which >> GPROBE_A_TRAP_ON_CHANGE & 1)
		mnl_attr_put(head, GPROBE_A_TRAP_ON_CHANGE, 0, NULL);
	if (which >> GPROBE_A_TRAP_USER & 1)
		mnl_attr_put(head, GPROBE_A_TRAP_USER, 0, NULL);
	put_u32(head, which, GPROBE_A_TRAP_ACTION, 4);
	put_u64(head, which, GPROBE_A_TRAP_COOKIE, UINT64_MAX - 1);
	put_u32(head, which, GPROBE_A_TRAP_SESSION, 5);
	put_u64(head, which, GPROBE_A_TRAP_EVENTS, UINT64_MAX - 2);
	if (which >> GPROBE_A_TRAP_PIN & 1)
		mnl_attr_put_strz(head, GPROBE_A_TRAP_PIN, "a-pin");
}

static int parse_claim(union message *message, struct gprobe_claim_info *info)
{
	memset(info, 0xee, sizeof(*info));
	return gprobe_info_parse(&gprobe_kind_claim, &message->head, info);
}

START_TEST(a_whole_domain_is_read)
{
	struct gprobe_domain_info info;
	union message message;

	memset(&info, 0xee, sizeof(info));
	put_domain(begin(&message), ALL, ALL);
	ck_assert_int_eq(gprobe_info_parse(&gprobe_kind_domain, &message.head,
					   &info), 0);
	ck_assert_uint_eq(info.domid, 10 * GPROBE_A_DOMAIN_ID);
	ck_assert_uint_eq(info.state, 10 * GPROBE_A_DOMAIN_STATE);
	ck_assert_uint_eq(info.vcpus, 10 * GPROBE_A_DOMAIN_VCPUS);
	ck_assert_uint_eq(info.view, 10 * GPROBE_A_DOMAIN_VIEW);
	ck_assert_uint_eq(info.sessions, 10 * GPROBE_A_DOMAIN_SESSIONS);
	ck_assert_uint_eq(info.claims, 10 * GPROBE_A_DOMAIN_CLAIMS);
	ck_assert_uint_eq(info.frames, 10 * GPROBE_A_DOMAIN_FRAMES);
	ck_assert_uint_eq(info.watches, 10 * GPROBE_A_DOMAIN_WATCHES);
#define STAT(a, m) \
	ck_assert_uint_eq(info.stats.m, 100 * GPROBE_A_STATS_##a)
	STAT(EVENTS, events);
	STAT(BATCHES, batches);
	STAT(HITS, hits);
	STAT(REINJECTED, reinjected);
	STAT(STALE, stale);
	STAT(EMULATED, emulated);
	STAT(FAST, fast);
	STAT(TOGGLED, toggled);
	STAT(EMUL_FAILED, emul_failed);
	STAT(READS, reads);
	STAT(WRITES, writes);
	STAT(UNKNOWN, unknown);
	STAT(LOST, lost);
	STAT(SKIPPED, skipped);
	STAT(POLLED, polled);
	STAT(TABLE_WRITES, table_writes);
	STAT(TABLE_WALKS, table_walks);
	STAT(UPCALLS, upcalls);
	STAT(UPCALL_TIMEOUTS, upcall_timeouts);
}
END_TEST

START_TEST(a_whole_claim_is_read)
{
	struct gprobe_claim_info info;
	union message message;

	put_claim(begin(&message), ALL);
	ck_assert_int_eq(parse_claim(&message, &info), 0);
	ck_assert_uint_eq(info.id, 1);
	ck_assert_uint_eq(info.domid, 2);
	ck_assert_uint_eq(info.view, 3);
	ck_assert_uint_eq(info.gfn, 0xffffffffff);
	ck_assert_uint_eq(info.offset, 4095);
	ck_assert_uint_eq(info.insn_bytes, 7);
	ck_assert_uint_eq(info.root, 0x10a000);
	ck_assert_uint_eq(info.action, 1);
	ck_assert_uint_eq(info.step, 2);
	ck_assert_uint_eq(info.cookie, UINT64_MAX);
	ck_assert_str_eq(info.label, "a label");
	ck_assert_str_eq(info.pin, "a-pin");
	ck_assert_uint_eq(info.session, 5);
	ck_assert_uint_eq(info.hits, 6);
	ck_assert_mem_eq(info.vcpus, "\x81\x42\x24", 4);
	ck_assert_uint_eq(info.cpls, 9);
	ck_assert_uint_eq(info.filtered, 8);
	ck_assert_uint_eq(info.off_after, 10);
	ck_assert(info.off);
	ck_assert_uint_eq(info.rate, 11);
	ck_assert_uint_eq(info.limited, 12);
}
END_TEST

START_TEST(a_whole_view_is_read)
{
	struct gprobe_view_info info;
	union message message;
	struct nlmsghdr *head = begin(&message);

	memset(&info, 0xee, sizeof(info));
	mnl_attr_put_u32(head, GPROBE_A_VIEW_DOMAIN, 1);
	mnl_attr_put_u32(head, GPROBE_A_VIEW_ID, 2);
	mnl_attr_put_u32(head, GPROBE_A_VIEW_SITES, 4);
	mnl_attr_put_u32(head, GPROBE_A_VIEW_FRAMES, 5);
	ck_assert_int_eq(gprobe_info_parse(&gprobe_kind_view, head, &info), 0);
	ck_assert_uint_eq(info.session, 0);
	ck_assert(!info.active);
	mnl_attr_put_u32(head, GPROBE_A_VIEW_SESSION, 3);
	mnl_attr_put(head, GPROBE_A_VIEW_ACTIVE, 0, NULL);
	ck_assert_int_eq(gprobe_info_parse(&gprobe_kind_view, head, &info), 0);
	ck_assert_uint_eq(info.domid, 1);
	ck_assert_uint_eq(info.id, 2);
	ck_assert_uint_eq(info.session, 3);
	ck_assert_uint_eq(info.sites, 4);
	ck_assert_uint_eq(info.frames, 5);
	ck_assert(info.active);
}
END_TEST

START_TEST(a_whole_site_is_read)
{
	struct gprobe_site_info info;
	union message message;
	struct nlmsghdr *head = begin(&message);

	memset(&info, 0xee, sizeof(info));
	mnl_attr_put_u32(head, GPROBE_A_SITE_DOMAIN, 1);
	mnl_attr_put_u32(head, GPROBE_A_SITE_VIEW, 2);
	mnl_attr_put_u64(head, GPROBE_A_SITE_GFN, 3);
	mnl_attr_put_u32(head, GPROBE_A_SITE_OFFSET, 4);
	mnl_attr_put_u32(head, GPROBE_A_SITE_STEP, 5);
	mnl_attr_put_u32(head, GPROBE_A_SITE_CLAIMS, 6);
	mnl_attr_put_u64(head, GPROBE_A_SITE_HITS, 7);
	ck_assert_int_eq(gprobe_info_parse(&gprobe_kind_site, head, &info), 0);
	ck_assert_uint_eq(info.domid, 1);
	ck_assert_uint_eq(info.view, 2);
	ck_assert_uint_eq(info.gfn, 3);
	ck_assert_uint_eq(info.offset, 4);
	ck_assert_uint_eq(info.step, 5);
	ck_assert_uint_eq(info.claims, 6);
	ck_assert_uint_eq(info.hits, 7);
}
END_TEST

START_TEST(a_whole_watch_is_read)
{
	uint8_t entries[GPROBE_ENTRIES_BYTES];
	struct gprobe_watch watch;
	union message message;

	memset(&watch, 0xee, sizeof(watch));
	memset(entries, 0x5a, sizeof(entries));
	put_watch(begin(&message), ALL, entries);
	ck_assert_int_eq(gprobe_info_parse(&gprobe_kind_watch, &message.head,
					   &watch), 0);
	ck_assert_uint_eq(watch.domid, 1);
	ck_assert_uint_eq(watch.view, 2);
	ck_assert_uint_eq(watch.gfn, 0xffffffffff);
	ck_assert_mem_eq(watch.entries, entries, sizeof(entries));
	ck_assert_uint_eq(watch.session, 3);
}
END_TEST

START_TEST(a_whole_upcall_is_read)
{
	struct gprobe_upcall upcall;
	union message message;

	memset(&upcall, 0xee, sizeof(upcall));
	put_upcall(begin(&message), ALL);
	ck_assert_int_eq(gprobe_info_parse(&gprobe_kind_upcall, &message.head,
					   &upcall), 0);
	ck_assert_uint_eq(upcall.domid, 1);
	ck_assert_uint_eq(upcall.seq, UINT64_MAX);
	ck_assert_uint_eq(upcall.vcpu, 2);
	ck_assert_uint_eq(upcall.reason, 3);
	ck_assert_uint_eq(upcall.view, 4);
	ck_assert_uint_eq(upcall.gfn, 0xffffffffff);
	ck_assert_uint_eq(upcall.index, 511);
	ck_assert_uint_eq(upcall.old_value, 5);
	ck_assert_uint_eq(upcall.new_value, 6);
	ck_assert_uint_eq(upcall.claim, 7);
	ck_assert_uint_eq(upcall.cookie, 8);
	ck_assert_uint_eq(upcall.offset, 4095);
	ck_assert_uint_eq(upcall.regs.rax, 9);
	ck_assert_uint_eq(upcall.regs.rcx, 0);
	ck_assert_uint_eq(upcall.regs.cs, 10);
	ck_assert_uint_eq(upcall.trap, 11);
	ck_assert_uint_eq(upcall.kind, 12);
	ck_assert_uint_eq(upcall.key, UINT64_MAX - 1);
	ck_assert_uint_eq(upcall.subkey, UINT64_MAX - 2);
	ck_assert(!upcall.timed_out);
}
END_TEST

START_TEST(a_whole_trap_is_read)
{
	struct gprobe_trap_info info;
	union message message;

	memset(&info, 0xee, sizeof(info));
	put_trap(begin(&message), ALL);
	ck_assert_int_eq(gprobe_info_parse(&gprobe_kind_trap, &message.head,
					   &info), 0);
	ck_assert_uint_eq(info.id, 1);
	ck_assert_uint_eq(info.domid, 2);
	ck_assert_uint_eq(info.kind, 3);
	ck_assert_uint_eq(info.msr, 0xc0000082);
	ck_assert_uint_eq(info.mask, UINT64_MAX);
	ck_assert(info.on_change);
	ck_assert(info.user);
	ck_assert_uint_eq(info.action, 4);
	ck_assert_uint_eq(info.cookie, UINT64_MAX - 1);
	ck_assert_uint_eq(info.session, 5);
	ck_assert_uint_eq(info.events, UINT64_MAX - 2);
	ck_assert_str_eq(info.pin, "a-pin");
}
END_TEST

#define TRAP_BIT(name) (1u << GPROBE_A_TRAP_##name)

START_TEST(what_a_trap_need_not_have_becomes_0_and_the_rest_is_missed)
{
	const uint32_t may = TRAP_BIT(MSR) | TRAP_BIT(MASK) |
			     TRAP_BIT(ON_CHANGE) | TRAP_BIT(USER) |
			     TRAP_BIT(PIN);
	struct gprobe_trap_info info;
	union message message;
	uint32_t attribute;

	memset(&info, 0xee, sizeof(info));
	put_trap(begin(&message), ALL & ~may);
	ck_assert_int_eq(gprobe_info_parse(&gprobe_kind_trap, &message.head,
					   &info), 0);
	ck_assert_uint_eq(info.msr, 0);
	ck_assert_uint_eq(info.mask, 0);
	ck_assert(!info.on_change);
	ck_assert(!info.user);
	ck_assert_str_eq(info.pin, "");
	for (attribute = GPROBE_A_TRAP_ID; attribute <= GPROBE_A_TRAP_MAX;
	     attribute++) {
		put_trap(begin(&message), ALL & ~(1u << attribute));
		ck_assert_int_eq(gprobe_info_parse(&gprobe_kind_trap,
						   &message.head, &info),
				 may >> attribute & 1 ? 0 : -EPROTO);
	}
}
END_TEST

START_TEST(each_attribute_of_watches_is_needed)
{
	static const uint8_t entries[GPROBE_ENTRIES_BYTES];
	struct gprobe_watch watch;
	union message message;
	uint16_t attribute;

	for (attribute = GPROBE_A_WATCH_DOMAIN;
	     attribute <= GPROBE_A_WATCH_MAX; attribute++) {
		put_watch(begin(&message), ALL & ~(1u << attribute), entries);
		ck_assert_int_eq(gprobe_info_parse(&gprobe_kind_watch,
						   &message.head, &watch),
				 -EPROTO);
	}
}
END_TEST

#define UPCALL_BIT(name) (1u << GPROBE_A_UPCALL_##name)

/* What an upcall must have by its reason: no more, and no less. */
START_TEST(an_upcall_needs_what_its_reason_has)
{
	const uint32_t all = UPCALL_BIT(DOMAIN) | UPCALL_BIT(SEQ) |
			     UPCALL_BIT(VCPU) | UPCALL_BIT(REASON) |
			     UPCALL_BIT(VIEW);
	const uint32_t table = all | UPCALL_BIT(GFN) | UPCALL_BIT(INDEX) |
			       UPCALL_BIT(OLD) | UPCALL_BIT(NEW);
	const uint32_t late = all | UPCALL_BIT(GFN) | UPCALL_BIT(CLAIM) |
			      UPCALL_BIT(COOKIE) | UPCALL_BIT(OFFSET);
	const uint32_t late_trap = all | UPCALL_BIT(TRAP) |
				   UPCALL_BIT(COOKIE) | UPCALL_BIT(KIND) |
				   UPCALL_BIT(KEY) | UPCALL_BIT(SUBKEY) |
				   UPCALL_BIT(OLD) | UPCALL_BIT(NEW);
	const struct {
		const struct gprobe_kind *kind;
		uint32_t needed;
	} kinds[] = {
		{ &gprobe_kind_upcall, all },
		{ &gprobe_kind_upcall_table, table },
		{ &gprobe_kind_upcall_hit, late | UPCALL_BIT(REGS) },
		{ &gprobe_kind_upcall_late_hit, late },
		{ &gprobe_kind_upcall_trap, late_trap | UPCALL_BIT(REGS) },
		{ &gprobe_kind_upcall_late_trap, late_trap },
	};
	struct gprobe_upcall upcall;
	union message message;
	uint32_t attribute;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		put_upcall(begin(&message), kinds[i].needed);
		ck_assert_int_eq(gprobe_info_parse(kinds[i].kind, &message.head,
						   &upcall), 0);
		for (attribute = 1; attribute <= GPROBE_A_UPCALL_MAX;
		     attribute++) {
			put_upcall(begin(&message), ALL & ~(1u << attribute));
			ck_assert_int_eq(gprobe_info_parse(kinds[i].kind,
							   &message.head,
							   &upcall),
					 kinds[i].needed >> attribute & 1 ?
					 -EPROTO : 0);
		}
	}
}
END_TEST

START_TEST(registers_of_a_wrong_size_are_eproto)
{
	static const uint8_t zeroes[sizeof(struct gprobe_regs) + 4];
	struct gprobe_upcall upcall;
	union message message;
	struct nlmsghdr *head;
	size_t bytes;

	for (bytes = 0; bytes <= sizeof(zeroes); bytes += 4) {
		head = begin(&message);
		put_upcall(head, ALL & ~UPCALL_BIT(REGS));
		mnl_attr_put(head, GPROBE_A_UPCALL_REGS, bytes, zeroes);
		ck_assert_int_eq(gprobe_info_parse(&gprobe_kind_upcall_hit,
						   head, &upcall),
				 bytes == sizeof(struct gprobe_regs) ?
				 0 : -EPROTO);
	}
}
END_TEST

START_TEST(entries_of_a_wrong_size_are_eproto)
{
	static const uint8_t entries[GPROBE_ENTRIES_BYTES + 4];
	static const size_t sizes[] = {
		0, 4, GPROBE_ENTRIES_BYTES - 1, GPROBE_ENTRIES_BYTES + 1,
	};
	struct gprobe_watch watch;
	union message message;
	struct nlmsghdr *head;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		head = begin(&message);
		put_watch(head, ALL & ~(1u << GPROBE_A_WATCH_ENTRIES),
			  entries);
		mnl_attr_put(head, GPROBE_A_WATCH_ENTRIES, sizes[i], entries);
		ck_assert_int_eq(gprobe_info_parse(&gprobe_kind_watch, head,
						   &watch), -EPROTO);
	}
}
END_TEST

START_TEST(what_may_be_missing_becomes_0)
{
	uint32_t may = 1u << GPROBE_A_CLAIM_ROOT | 1u << GPROBE_A_CLAIM_STEP |
		       1u << GPROBE_A_CLAIM_LABEL |
		       1u << GPROBE_A_CLAIM_INSN_BYTES |
		       1u << GPROBE_A_CLAIM_VCPUS | 1u << GPROBE_A_CLAIM_CPLS |
		       1u << GPROBE_A_CLAIM_OFF_AFTER |
		       1u << GPROBE_A_CLAIM_IS_OFF |
		       1u << GPROBE_A_CLAIM_RATE | 1u << GPROBE_A_CLAIM_PIN;
	static const struct gprobe_claim_info none;
	struct gprobe_claim_info info;
	union message message;

	put_claim(begin(&message), ALL & ~may);
	ck_assert_int_eq(parse_claim(&message, &info), 0);
	ck_assert_uint_eq(info.root, 0);
	ck_assert_uint_eq(info.step, 0);
	ck_assert_uint_eq(info.insn_bytes, 0);
	ck_assert_uint_eq(info.cpls, 0);
	ck_assert_uint_eq(info.off_after, 0);
	ck_assert(!info.off);
	ck_assert_uint_eq(info.rate, 0);
	ck_assert_mem_eq(info.vcpus, none.vcpus, sizeof(none.vcpus));
	ck_assert_str_eq(info.label, "");
	ck_assert_str_eq(info.pin, "");
}
END_TEST

START_TEST(each_attribute_that_must_be_there_is_missed)
{
	uint32_t may = 1u << GPROBE_A_CLAIM_ROOT | 1u << GPROBE_A_CLAIM_STEP |
		       1u << GPROBE_A_CLAIM_LABEL |
		       1u << GPROBE_A_CLAIM_INSN_BYTES |
		       1u << GPROBE_A_CLAIM_VCPUS | 1u << GPROBE_A_CLAIM_CPLS |
		       1u << GPROBE_A_CLAIM_OFF_AFTER |
		       1u << GPROBE_A_CLAIM_IS_OFF |
		       1u << GPROBE_A_CLAIM_RATE | 1u << GPROBE_A_CLAIM_PIN;
	struct gprobe_claim_info info;
	union message message;
	uint16_t attribute;

	for (attribute = GPROBE_A_CLAIM_ID; attribute <= GPROBE_A_CLAIM_MAX;
	     attribute++) {
		put_claim(begin(&message), ALL & ~(1u << attribute));
		ck_assert_int_eq(parse_claim(&message, &info),
				 may >> attribute & 1 ? 0 : -EPROTO);
	}
	begin(&message);
	ck_assert_int_eq(parse_claim(&message, &info), -EPROTO);
}
END_TEST

START_TEST(each_figure_that_must_be_there_is_missed)
{
	struct gprobe_domain_info info;
	union message message;
	uint16_t attribute;

	for (attribute = GPROBE_A_STATS_EVENTS;
	     attribute <= GPROBE_A_STATS_MAX; attribute++) {
		put_domain(begin(&message), ALL, ALL & ~(1u << attribute));
		ck_assert_int_eq(gprobe_info_parse(&gprobe_kind_domain,
						   &message.head, &info),
				 -EPROTO);
	}
	put_domain(begin(&message), ALL & ~(1u << GPROBE_A_DOMAIN_STATS), 0);
	ck_assert_int_eq(gprobe_info_parse(&gprobe_kind_domain, &message.head,
					   &info), -EPROTO);
}
END_TEST

START_TEST(attributes_of_a_wrong_size_are_eproto)
{
	static const struct {
		uint16_t attribute, bytes;
	} cases[] = {
		{ GPROBE_A_CLAIM_ID, 0 }, { GPROBE_A_CLAIM_ID, 3 },
		{ GPROBE_A_CLAIM_ID, 5 }, { GPROBE_A_CLAIM_ID, 8 },
		{ GPROBE_A_CLAIM_GFN, 0 }, { GPROBE_A_CLAIM_GFN, 4 },
		{ GPROBE_A_CLAIM_GFN, 12 },
	};
	static const char zeroes[16];
	struct gprobe_claim_info info;
	union message message;
	struct nlmsghdr *head;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		head = begin(&message);
		mnl_attr_put(head, cases[i].attribute, cases[i].bytes, zeroes);
		put_claim(head, ALL & ~(1u << cases[i].attribute));
		ck_assert_int_eq(parse_claim(&message, &info), -EPROTO);
	}
}
END_TEST

START_TEST(a_label_without_its_nul_is_eproto)
{
	struct gprobe_claim_info info;
	union message message;
	struct nlmsghdr *head = begin(&message);

	put_claim(head, ALL & ~(1u << GPROBE_A_CLAIM_LABEL));
	mnl_attr_put(head, GPROBE_A_CLAIM_LABEL, 5, "label");
	ck_assert_int_eq(parse_claim(&message, &info), -EPROTO);
}
END_TEST

START_TEST(a_label_too_long_is_cut_off)
{
	struct gprobe_claim_info info;
	union message message;
	struct nlmsghdr *head = begin(&message);
	char label[400];

	memset(label, 'l', sizeof(label));
	label[sizeof(label) - 1] = '\0';
	put_claim(head, ALL & ~(1u << GPROBE_A_CLAIM_LABEL));
	mnl_attr_put_strz(head, GPROBE_A_CLAIM_LABEL, label);
	ck_assert_int_eq(parse_claim(&message, &info), 0);
	label[GPROBE_LABEL_MAX] = '\0';
	ck_assert_str_eq(info.label, label);
	ck_assert_uint_eq(info.session, 5);
}
END_TEST

START_TEST(a_set_of_vcpus_too_long_is_eproto)
{
	static const char zeroes[GPROBE_VCPU_BYTES_MAX + 1];
	struct gprobe_claim_info info;
	union message message;
	struct nlmsghdr *head;
	size_t bytes;

	for (bytes = 0; bytes <= sizeof(zeroes); bytes++) {
		head = begin(&message);
		put_claim(head, ALL & ~(1u << GPROBE_A_CLAIM_VCPUS));
		mnl_attr_put(head, GPROBE_A_CLAIM_VCPUS, bytes, zeroes);
		ck_assert_int_eq(parse_claim(&message, &info),
				 bytes < sizeof(zeroes) ? 0 : -EPROTO);
	}
}
END_TEST

START_TEST(attributes_of_a_newer_module_are_skipped)
{
	struct gprobe_domain_info info;
	union message message;
	struct nlmsghdr *head = begin(&message);
	struct nlattr *nest;

	mnl_attr_put_u32(head, GPROBE_A_DOMAIN_PAD, 0);
	mnl_attr_put_strz(head, GPROBE_A_DOMAIN_MAX + 1, "news");
	nest = mnl_attr_nest_start(head, GPROBE_A_DOMAIN_MAX + 2);
	mnl_attr_put_u32(head, GPROBE_A_DOMAIN_ID, 99);
	mnl_attr_nest_end(head, nest);
	put_domain(head, ALL, ALL);
	ck_assert_int_eq(gprobe_info_parse(&gprobe_kind_domain, head, &info),
			 0);
	ck_assert_uint_eq(info.domid, 10 * GPROBE_A_DOMAIN_ID);
}
END_TEST

/* Random bytes that begin as attributes often do. */
static size_t fill(char *bytes, size_t size, uint64_t *state)
{
	struct nlattr attribute;
	size_t at = 0, i;

	while (at + sizeof(attribute) < size && unit_random(state) % 16) {
		attribute.nla_len = unit_random(state) % 24;
		if (!(unit_random(state) % 16))
			attribute.nla_len = unit_random(state);
		attribute.nla_type = unit_random(state) % 32;
		if (!(unit_random(state) % 16))
			attribute.nla_type |= NLA_F_NESTED;
		memcpy(bytes + at, &attribute, sizeof(attribute));
		at += sizeof(attribute);
		for (i = 0; i < 20 && at < size &&
		     i + sizeof(attribute) < attribute.nla_len; i++)
			bytes[at++] = unit_random(state) % 15;
		while (at % 4 && at < size)
			bytes[at++] = 0;
	}
	return at;
}

START_TEST(random_bytes_are_read_or_refused)
{
	static const struct gprobe_kind *const kinds[] = {
		&gprobe_kind_domain, &gprobe_kind_view, &gprobe_kind_site,
		&gprobe_kind_claim, &gprobe_kind_watch, &gprobe_kind_upcall_hit,
		&gprobe_kind_upcall_trap, &gprobe_kind_trap,
	};
	char bytes[200], info[sizeof(struct gprobe_upcall) +
			      sizeof(struct gprobe_claim_info)];
	const struct gprobe_kind *kind;
	struct nlmsghdr *head;
	uint64_t state = 13;
	size_t size;
	int round;

	for (round = 0; round < 100000; round++) {
		size = NLMSG_LENGTH(sizeof(struct genlmsghdr)) +
		       fill(bytes, sizeof(bytes), &state);
		/* Of the exact size, for the sanitizer. */
		head = calloc(1, size);
		head->nlmsg_len = size;
		memcpy((char *)head + NLMSG_LENGTH(sizeof(struct genlmsghdr)),
		       bytes,
		       size - NLMSG_LENGTH(sizeof(struct genlmsghdr)));
		kind = kinds[round % ARRAY_SIZE(kinds)];
		unit_assert(kind->bytes <= sizeof(info));
		gprobe_info_parse(kind, head, info);
		free(head);
	}
}
END_TEST

Suite *info_suite(void)
{
	return UNIT_SUITE("info", a_whole_domain_is_read,
			  a_whole_claim_is_read, a_whole_view_is_read,
			  a_whole_site_is_read, a_whole_watch_is_read,
			  a_whole_upcall_is_read, a_whole_trap_is_read,
			  what_a_trap_need_not_have_becomes_0_and_the_rest_is_missed,
			  each_attribute_of_watches_is_needed,
			  an_upcall_needs_what_its_reason_has,
			  registers_of_a_wrong_size_are_eproto,
			  entries_of_a_wrong_size_are_eproto, what_may_be_missing_becomes_0,
			  each_attribute_that_must_be_there_is_missed,
			  each_figure_that_must_be_there_is_missed,
			  attributes_of_a_wrong_size_are_eproto,
			  a_label_without_its_nul_is_eproto,
			  a_label_too_long_is_cut_off,
			  a_set_of_vcpus_too_long_is_eproto,
			  attributes_of_a_newer_module_are_skipped,
			  random_bytes_are_read_or_refused);
}
