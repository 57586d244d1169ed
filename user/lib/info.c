// SPDX-License-Identifier: LGPL-2.1-or-later
#include "info.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

enum field_type { U32, U64, FLAG, LABEL, PIN, ENTRIES, VCPUS, REGS, NEST };

/* Where a field is needed: nowhere, everywhere, in a variant of its kind. */
enum { MAYBE = 0, ALWAYS = 1, TABLE = 2, HIT = 4, IN_TIME = 8, TRAPPED = 16 };

/* One attribute and the member that it goes to. */
struct gprobe_field {
	uint16_t attribute;
	uint8_t type;
	uint8_t needed;
	size_t offset;
	const struct gprobe_field *nested;
};

#define FIELD(a, t, need, s, m) \
	{ .attribute = a, .type = t, .needed = need, .offset = offsetof(s, m) }

#define STATS(a, m) FIELD(GPROBE_A_STATS_##a, U64, ALWAYS, \
			  struct gprobe_domain_info, stats.m)

static const struct gprobe_field stats_fields[] = {
	STATS(EVENTS, events),
	STATS(BATCHES, batches),
	STATS(HITS, hits),
	STATS(REINJECTED, reinjected),
	STATS(STALE, stale),
	STATS(EMULATED, emulated),
	STATS(FAST, fast),
	STATS(TOGGLED, toggled),
	STATS(EMUL_FAILED, emul_failed),
	STATS(READS, reads),
	STATS(WRITES, writes),
	STATS(UNKNOWN, unknown),
	STATS(LOST, lost),
	STATS(SKIPPED, skipped),
	STATS(POLLED, polled),
	STATS(TABLE_WRITES, table_writes),
	STATS(TABLE_WALKS, table_walks),
	STATS(UPCALLS, upcalls),
	STATS(UPCALL_TIMEOUTS, upcall_timeouts),
	{ 0 }
};

#define DOMAIN(a, need, m) FIELD(GPROBE_A_DOMAIN_##a, U32, need, \
				 struct gprobe_domain_info, m)

static const struct gprobe_field domain_fields[] = {
	DOMAIN(ID, ALWAYS, domid),
	DOMAIN(STATE, ALWAYS, state),
	DOMAIN(VCPUS, ALWAYS, vcpus),
	DOMAIN(VIEW, MAYBE, view),
	DOMAIN(SESSIONS, ALWAYS, sessions),
	DOMAIN(CLAIMS, ALWAYS, claims),
	DOMAIN(FRAMES, ALWAYS, frames),
	{ .attribute = GPROBE_A_DOMAIN_STATS, .type = NEST, .needed = ALWAYS,
	  .nested = stats_fields },
	DOMAIN(WATCHES, ALWAYS, watches),
	{ 0 }
};

#define VIEW(a, t, need, m) FIELD(GPROBE_A_VIEW_##a, t, need, \
				  struct gprobe_view_info, m)

static const struct gprobe_field view_fields[] = {
	VIEW(DOMAIN, U32, ALWAYS, domid),
	VIEW(ID, U32, ALWAYS, id),
	VIEW(SESSION, U32, MAYBE, session),
	VIEW(SITES, U32, ALWAYS, sites),
	VIEW(FRAMES, U32, ALWAYS, frames),
	VIEW(ACTIVE, FLAG, MAYBE, active),
	{ 0 }
};

#define SITE(a, t, m) FIELD(GPROBE_A_SITE_##a, t, ALWAYS, \
			    struct gprobe_site_info, m)

static const struct gprobe_field site_fields[] = {
	SITE(DOMAIN, U32, domid),
	SITE(VIEW, U32, view),
	SITE(GFN, U64, gfn),
	SITE(OFFSET, U32, offset),
	SITE(STEP, U32, step),
	SITE(CLAIMS, U32, claims),
	SITE(HITS, U64, hits),
	{ 0 }
};

#define CLAIM(a, t, need, m) FIELD(GPROBE_A_CLAIM_##a, t, need, \
				   struct gprobe_claim_info, m)

static const struct gprobe_field claim_fields[] = {
	CLAIM(ID, U32, ALWAYS, id),
	CLAIM(DOMAIN, U32, ALWAYS, domid),
	CLAIM(VIEW, U32, ALWAYS, view),
	CLAIM(GFN, U64, ALWAYS, gfn),
	CLAIM(OFFSET, U32, ALWAYS, offset),
	CLAIM(ROOT, U64, MAYBE, root),
	CLAIM(ACTION, U32, ALWAYS, action),
	CLAIM(STEP, U32, MAYBE, step),
	CLAIM(COOKIE, U64, ALWAYS, cookie),
	CLAIM(LABEL, LABEL, MAYBE, label),
	CLAIM(SESSION, U32, ALWAYS, session),
	CLAIM(HITS, U64, ALWAYS, hits),
	CLAIM(INSN_BYTES, U32, MAYBE, insn_bytes),
	CLAIM(VCPUS, VCPUS, MAYBE, vcpus),
	CLAIM(CPLS, U32, MAYBE, cpls),
	CLAIM(FILTERED, U64, ALWAYS, filtered),
	CLAIM(OFF_AFTER, U64, MAYBE, off_after),
	CLAIM(IS_OFF, FLAG, MAYBE, off),
	CLAIM(RATE, U32, MAYBE, rate),
	CLAIM(LIMITED, U64, ALWAYS, limited),
	CLAIM(PIN, PIN, MAYBE, pin),
	{ 0 }
};

#define WATCH(a, t, m) FIELD(GPROBE_A_WATCH_##a, t, ALWAYS, \
			     struct gprobe_watch, m)

static const struct gprobe_field watch_fields[] = {
	WATCH(DOMAIN, U32, domid),
	WATCH(VIEW, U32, view),
	WATCH(GFN, U64, gfn),
	WATCH(ENTRIES, ENTRIES, entries),
	WATCH(SESSION, U32, session),
	{ 0 }
};

#define UPCALL(a, t, need, m) FIELD(GPROBE_A_UPCALL_##a, t, need, \
				    struct gprobe_upcall, m)

static const struct gprobe_field upcall_fields[] = {
	UPCALL(DOMAIN, U32, ALWAYS, domid),
	UPCALL(SEQ, U64, ALWAYS, seq),
	UPCALL(VCPU, U32, ALWAYS, vcpu),
	UPCALL(REASON, U32, ALWAYS, reason),
	UPCALL(VIEW, U32, ALWAYS, view),
	UPCALL(GFN, U64, TABLE | HIT, gfn),
	UPCALL(INDEX, U32, TABLE, index),
	UPCALL(OLD, U64, TABLE | TRAPPED, old_value),
	UPCALL(NEW, U64, TABLE | TRAPPED, new_value),
	UPCALL(CLAIM, U32, HIT, claim),
	UPCALL(COOKIE, U64, HIT | TRAPPED, cookie),
	UPCALL(OFFSET, U32, HIT, offset),
	UPCALL(REGS, REGS, IN_TIME, regs),
	UPCALL(TRAP, U32, TRAPPED, trap),
	UPCALL(KIND, U32, TRAPPED, kind),
	UPCALL(KEY, U64, TRAPPED, key),
	UPCALL(SUBKEY, U64, TRAPPED, subkey),
	{ 0 }
};

#define TRAP(a, t, need, m) FIELD(GPROBE_A_TRAP_##a, t, need, \
				  struct gprobe_trap_info, m)

static const struct gprobe_field trap_fields[] = {
	TRAP(ID, U32, ALWAYS, id),
	TRAP(DOMAIN, U32, ALWAYS, domid),
	TRAP(KIND, U32, ALWAYS, kind),
	TRAP(MSR, U32, MAYBE, msr),
	TRAP(MASK, U64, MAYBE, mask),
	TRAP(ON_CHANGE, FLAG, MAYBE, on_change),
	TRAP(USER, FLAG, MAYBE, user),
	TRAP(ACTION, U32, ALWAYS, action),
	TRAP(COOKIE, U64, ALWAYS, cookie),
	TRAP(SESSION, U32, ALWAYS, session),
	TRAP(EVENTS, U64, ALWAYS, events),
	TRAP(PIN, PIN, MAYBE, pin),
	{ 0 }
};

#define SESSION(a, t, need, m) FIELD(GPROBE_A_SESSION_##a, t, need, \
				     struct gprobe_session_info, m)

static const struct gprobe_field session_fields[] = {
	SESSION(ID, U32, ALWAYS, id),
	SESSION(NAME, PIN, MAYBE, name),
	SESSION(DOMAINS, U32, ALWAYS, domains),
	SESSION(CLAIMS, U32, ALWAYS, claims),
	{ 0 }
};

const struct gprobe_kind gprobe_kind_domain = {
	domain_fields, sizeof(struct gprobe_domain_info), ALWAYS
};
const struct gprobe_kind gprobe_kind_view = {
	view_fields, sizeof(struct gprobe_view_info), ALWAYS
};
const struct gprobe_kind gprobe_kind_site = {
	site_fields, sizeof(struct gprobe_site_info), ALWAYS
};
const struct gprobe_kind gprobe_kind_claim = {
	claim_fields, sizeof(struct gprobe_claim_info), ALWAYS
};
const struct gprobe_kind gprobe_kind_watch = {
	watch_fields, sizeof(struct gprobe_watch), ALWAYS
};
const struct gprobe_kind gprobe_kind_upcall = {
	upcall_fields, sizeof(struct gprobe_upcall), ALWAYS
};
const struct gprobe_kind gprobe_kind_upcall_table = {
	upcall_fields, sizeof(struct gprobe_upcall), ALWAYS | TABLE
};
const struct gprobe_kind gprobe_kind_upcall_hit = {
	upcall_fields, sizeof(struct gprobe_upcall), ALWAYS | HIT | IN_TIME
};
const struct gprobe_kind gprobe_kind_upcall_late_hit = {
	upcall_fields, sizeof(struct gprobe_upcall), ALWAYS | HIT
};
const struct gprobe_kind gprobe_kind_upcall_trap = {
	upcall_fields, sizeof(struct gprobe_upcall), ALWAYS | TRAPPED | IN_TIME
};
const struct gprobe_kind gprobe_kind_upcall_late_trap = {
	upcall_fields, sizeof(struct gprobe_upcall), ALWAYS | TRAPPED
};
const struct gprobe_kind gprobe_kind_trap = {
	trap_fields, sizeof(struct gprobe_trap_info), ALWAYS
};
const struct gprobe_kind gprobe_kind_session = {
	session_fields, sizeof(struct gprobe_session_info), ALWAYS
};

static int parse_attribute(const struct nlattr *attribute,
			   const struct gprobe_field *fields, char *info,
			   uint64_t *seen);

static int parse_nest(const struct nlattr *nest,
		      const struct gprobe_field *fields, char *info)
{
	const struct nlattr *attribute;
	uint64_t seen = 0;
	size_t i;
	int ret;

	mnl_attr_for_each_nested(attribute, nest) {
		ret = parse_attribute(attribute, fields, info, &seen);
		if (ret)
			return ret;
	}
	for (i = 0; fields[i].attribute; i++)
		if (fields[i].needed && !(seen >> i & 1))
			return -EPROTO;
	return 0;
}

/* One too long is a newer module's. */
static int parse_string(const struct nlattr *attribute, char *to, size_t bytes)
{
	if (mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING))
		return -EPROTO;
	snprintf(to, bytes, "%s", mnl_attr_get_str(attribute));
	return 0;
}

static int parse_value(const struct nlattr *attribute,
		       const struct gprobe_field *field, char *info)
{
	char *to = info + field->offset;
	uint64_t u64;
	uint32_t u32;

	switch (field->type) {
	case U32:
		if (mnl_attr_validate(attribute, MNL_TYPE_U32))
			return -EPROTO;
		u32 = mnl_attr_get_u32(attribute);
		memcpy(to, &u32, sizeof(u32));
		return 0;
	case U64:
		if (mnl_attr_validate(attribute, MNL_TYPE_U64))
			return -EPROTO;
		u64 = mnl_attr_get_u64(attribute);
		memcpy(to, &u64, sizeof(u64));
		return 0;
	case FLAG:
		*(bool *)to = true;
		return 0;
	case LABEL:
		return parse_string(attribute, to, GPROBE_LABEL_MAX + 1);
	case PIN:
		return parse_string(attribute, to, GPROBE_PIN_MAX + 1);
	case ENTRIES:
		if (mnl_attr_get_payload_len(attribute) !=
		    GPROBE_ENTRIES_BYTES)
			return -EPROTO;
		memcpy(to, mnl_attr_get_payload(attribute),
		       GPROBE_ENTRIES_BYTES);
		return 0;
	case VCPUS:
		if (mnl_attr_get_payload_len(attribute) > GPROBE_VCPU_BYTES_MAX)
			return -EPROTO;
		memcpy(to, mnl_attr_get_payload(attribute),
		       mnl_attr_get_payload_len(attribute));
		return 0;
	case REGS:
		if (mnl_attr_get_payload_len(attribute) !=
		    sizeof(struct gprobe_regs))
			return -EPROTO;
		memcpy(to, mnl_attr_get_payload(attribute),
		       sizeof(struct gprobe_regs));
		return 0;
	default:
		if (mnl_attr_validate(attribute, MNL_TYPE_NESTED))
			return -EPROTO;
		return parse_nest(attribute, field->nested, info);
	}
}

/* Attributes that nobody here knows are a newer module's. */
static int parse_attribute(const struct nlattr *attribute,
			   const struct gprobe_field *fields, char *info,
			   uint64_t *seen)
{
	uint16_t type = mnl_attr_get_type(attribute);
	size_t i;

	for (i = 0; fields[i].attribute; i++) {
		if (fields[i].attribute != type)
			continue;
		*seen |= 1ULL << i;
		return parse_value(attribute, &fields[i], info);
	}
	return 0;
}

/**
 * gprobe_info_parse() - Read an answer or a notification.
 * @kind: what it is about
 * @message: with a generic netlink header
 * @info: @kind's struct; members without an attribute become 0
 *
 * Return: 0; -EPROTO something that must be there is not, or is malformed.
 */
int gprobe_info_parse(const struct gprobe_kind *kind,
		      const struct nlmsghdr *message, void *info)
{
	const struct nlattr *attribute;
	uint64_t seen = 0;
	size_t i;
	int ret;

	memset(info, 0, kind->bytes);
	mnl_attr_for_each(attribute, message, sizeof(struct genlmsghdr)) {
		ret = parse_attribute(attribute, kind->fields, info, &seen);
		if (ret)
			return ret;
	}
	for (i = 0; kind->fields[i].attribute; i++)
		if (kind->fields[i].needed & kind->variants &&
		    !(seen >> i & 1))
			return -EPROTO;
	return 0;
}
