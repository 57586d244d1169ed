// SPDX-License-Identifier: GPL-2.0
/* The two kinds of tap over their driver. */
#include "rig.h"

static int call(struct rig *rig, uint32_t kind, uint32_t offset, uint32_t *id)
{
	struct gprobe_tap_call one = {
		.kind = kind, .view = 1, .gfn = GFN, .offset = offset,
		.id = *id,
	};
	int ret = rig->tap.ops->call(rig->tap.arg, &one, 1);

	ck_assert_int_eq(ret, one.ret);
	*id = one.id;
	return ret;
}

START_TEST(a_breakpoint_in_a_shadow_frame_makes_the_page_x_only)
{
	struct rig *rig = rig_new(RIG_SHADOW);
	uint32_t id = 0;

	ck_assert_int_eq(call(rig, GPROBE_TAP_INSERT, 0x10, &id), 0);
	/* At no moment is there an INT3 that the guest could read. */
	ck_assert_str_eq(rig->fake->log, "alloc get remap(1,5,x) ");
	ck_assert_int_eq(call(rig, GPROBE_TAP_MONITOR, 0, &id), 0);
	ck_assert_uint_eq(rig->fake->views[1].pages[GFN].access,
			  GPROBE_ACCESS_X);
	ck_assert_uint_eq(fake_fetch(rig->fake, 1, GPA), 0xcc);
	ck_assert_int_eq(call(rig, GPROBE_TAP_REMOVE, 0x10, &id), 0);
	ck_assert_int_eq(call(rig, GPROBE_TAP_UNMONITOR, 0, &id), 0);
	ck_assert(rig_is_clean(rig));
	rig_free(rig);
}
END_TEST

START_TEST(a_breakpoint_of_a_driver_with_claims_is_a_claim)
{
	struct rig *rig = rig_new(RIG_CLAIMS);
	uint32_t id = 0, none = 0;

	ck_assert_int_eq(call(rig, GPROBE_TAP_INSERT, 0x10, &id), 0);
	ck_assert_uint_ne(id, 0);
	ck_assert_int_eq(call(rig, GPROBE_TAP_MONITOR, 0, &none), 0);
	ck_assert_int_eq(call(rig, GPROBE_TAP_UNMONITOR, 0, &none), 0);
	ck_assert_int_eq(call(rig, GPROBE_TAP_REMOVE, 0x10, &id), 0);
	ck_assert_str_eq(rig->fake->log, "new(1,5,10) del(1,5,10) ");
	rig_free(rig);
}
END_TEST

START_TEST(a_memory_tap_makes_the_page_rw_and_puts_nothing_in)
{
	struct rig *rig = rig_new(RIG_MEMORY);
	uint32_t id = 0;

	rig->fake->views[1].pages[GFN].access = GPROBE_ACCESS_RX;
	ck_assert_int_eq(call(rig, GPROBE_TAP_INSERT, 0x10, &id), 0);
	ck_assert_str_eq(rig->fake->log, "");
	ck_assert_int_eq(call(rig, GPROBE_TAP_MONITOR, 0, &id), 0);
	ck_assert_uint_eq(rig->fake->views[1].pages[GFN].access,
			  GPROBE_ACCESS_R);
	ck_assert_int_eq(call(rig, GPROBE_TAP_REMOVE, 0x10, &id), 0);
	ck_assert_uint_eq(rig->fake->views[1].pages[GFN].access,
			  GPROBE_ACCESS_R);
	/* What it had before, and not RWX. */
	ck_assert_int_eq(call(rig, GPROBE_TAP_UNMONITOR, 0, &id), 0);
	ck_assert_uint_eq(rig->fake->views[1].pages[GFN].access,
			  GPROBE_ACCESS_RX);
	rig->fake->views[1].pages[GFN].access = GPROBE_ACCESS_RWX;
	rig_free(rig);
}
END_TEST

START_TEST(a_memory_tap_takes_a_call_for_each_page)
{
	struct rig *rig = rig_new(RIG_MEMORY);
	struct gprobe_tap_call calls[3];
	unsigned int i;

	for (i = 0; i < 3; i++)
		calls[i] = (struct gprobe_tap_call){
			.kind = GPROBE_TAP_MONITOR, .view = 1, .gfn = i,
		};
	rig->fake->goes_on = true;
	/* Three gets, then the second of three sets. */
	fake_fault(rig->fake, 5, -EIO);
	ck_assert_int_eq(rig->tap.ops->call(rig->tap.arg, calls, 3), -EIO);
	ck_assert_int_eq(calls[0].ret, 0);
	ck_assert_int_eq(calls[1].ret, -EIO);
	ck_assert_int_eq(calls[2].ret, 0);
	ck_assert_uint_eq(gprobe_access_pages(rig->arbiter), 2);
	for (i = 0; i < 3; i++)
		calls[i].kind = GPROBE_TAP_UNMONITOR;
	calls[1] = calls[2];
	ck_assert_int_eq(rig->tap.ops->call(rig->tap.arg, calls, 2), 0);
	ck_assert(rig_is_clean(rig));
	rig_free(rig);
}
END_TEST

START_TEST(what_follows_a_failure_is_not_tried)
{
	struct rig *rig = rig_new(RIG_SHADOW);
	struct gprobe_tap_call calls[2] = {
		{ .kind = GPROBE_TAP_INSERT, .view = 1, .gfn = GFN },
		{ .kind = GPROBE_TAP_MONITOR, .view = 1, .gfn = GFN },
	};

	fake_fault(rig->fake, 1, -EIO);
	rig->fake->broken = true;
	ck_assert_int_eq(rig->tap.ops->call(rig->tap.arg, calls, 2), -EIO);
	ck_assert_int_eq(calls[1].ret, -ECANCELED);
	rig_free(rig);
}
END_TEST

START_TEST(each_kind_knows_its_events)
{
	static const struct {
		uint32_t kind, view, access;
		bool breakpoint, memory;
	} cases[] = {
		{ GPROBE_EVENT_BREAKPOINT, 1, 0, true, false },
		{ GPROBE_EVENT_BREAKPOINT, 0, 0, false, false },
		{ GPROBE_EVENT_ACCESS, 1, GPROBE_ACCESS_X, false, true },
		{ GPROBE_EVENT_ACCESS, 1, GPROBE_ACCESS_RX, false, true },
		{ GPROBE_EVENT_ACCESS, 1, GPROBE_ACCESS_RW, false, false },
		{ GPROBE_EVENT_ACCESS, 0, GPROBE_ACCESS_X, false, false },
	};
	struct rig *shadow = rig_new(RIG_SHADOW), *claims = rig_new(RIG_CLAIMS);
	struct rig *memory = rig_new(RIG_MEMORY);
	struct gprobe_event event;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		event = (struct gprobe_event){
			.kind = cases[i].kind, .view = cases[i].view,
			.access = cases[i].access,
		};
		ck_assert_int_eq(shadow->tap.ops->check(shadow->tap.arg,
							&event),
				 cases[i].breakpoint);
		ck_assert_int_eq(claims->tap.ops->check(claims->tap.arg,
							&event),
				 cases[i].breakpoint);
		ck_assert_int_eq(memory->tap.ops->check(memory->tap.arg,
							&event),
				 cases[i].memory);
	}
	rig_free(shadow);
	rig_free(claims);
	rig_free(memory);
}
END_TEST

START_TEST(a_tap_without_what_it_needs_is_not_made)
{
	struct rig *rig = rig_new(RIG_MEMORY);
	struct gprobe_tap_parts parts = rig->parts;
	struct gprobe_tap tap;

	ck_assert_int_eq(gprobe_tap_breakpoint(&parts, &tap), -EOPNOTSUPP);
	parts.arbiter = NULL;
	ck_assert_int_eq(gprobe_tap_memory(&parts, &tap), -EINVAL);
	rig_free(rig);
}
END_TEST

Suite *tap_suite(void)
{
	return UNIT_SUITE("tap",
		a_breakpoint_in_a_shadow_frame_makes_the_page_x_only,
		a_breakpoint_of_a_driver_with_claims_is_a_claim,
		a_memory_tap_makes_the_page_rw_and_puts_nothing_in,
		a_memory_tap_takes_a_call_for_each_page,
		what_follows_a_failure_is_not_tried, each_kind_knows_its_events,
		a_tap_without_what_it_needs_is_not_made);
}
