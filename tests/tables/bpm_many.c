// SPDX-License-Identifier: GPL-2.0
/* gprobe_bpm_insert_many(), and what a thousand breakpoints cost the driver. */
#include "rig.h"

#define MANY	1000

static void fill(struct rig *rig, struct gprobe_bpm_spec *specs)
{
	uint64_t i;

	for (i = 0; i < MANY; i++) {
		specs[i] = spec_of(1, GVA + (i << 12), ROOT_A);
		fake_map(rig->fake, ROOT_A, specs[i].context.gva, i);
	}
}

START_TEST(a_thousand_on_a_thousand_pages_take_few_round_trips)
{
	static struct gprobe_bpm_spec specs[MANY];
	static int answers[MANY];
	enum rig_kind kind;
	struct rig *rig;
	size_t i;

	for (kind = 0; kind < RIG_KINDS; kind++) {
		rig = rig_new(kind);
		fill(rig, specs);
		ck_assert_int_eq(gprobe_bpm_insert_many(rig->bpm, specs, MANY,
							answers), 0);
		check_counts(rig, MANY, 0);
		for (i = 0; i < MANY; i++) {
			unit_assert(answers[i] == GPROBE_BPM_NEW);
			unit_assert(rig_is_in(rig, 1, i << 12 | (GVA & 0xfff)));
		}
		ck_assert_uint_le(rig->fake->trips + rig->fake_tap->batches,
				  40);
		rig_free(rig);
	}
}
END_TEST

START_TEST(some_mapped_some_not_some_there)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_spec specs[4] = {
		spec_of(1, GVA, ROOT_A), spec_of(1, GVA, ROOT_B),
		spec_of(1, GVA, ROOT_A), spec_of(1, GVA + 1, ROOT_A),
	};
	int answers[4];

	fake_map(rig->fake, ROOT_A, GVA, GFN);
	gprobe_bpm_insert(rig->bpm, &specs[3]);
	fake_tap_clear(rig->fake_tap);
	ck_assert_int_eq(gprobe_bpm_insert_many(rig->bpm, specs, 4, answers),
			 0);
	ck_assert_int_eq(answers[0], GPROBE_BPM_NEW);
	ck_assert_int_eq(answers[1], GPROBE_BPM_NEW);
	ck_assert_int_eq(answers[2], GPROBE_BPM_THERE);
	ck_assert_int_eq(answers[3], GPROBE_BPM_THERE);
	check_counts(rig, 2, 1);
	check_log(rig, "I");
	ck_assert_int_eq(gprobe_bpm_insert_many(rig->bpm, specs, 0, NULL), 0);
	rig_free(rig);
}
END_TEST

START_TEST(one_that_is_wrong_leaves_none)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_spec specs[3] = {
		spec_of(1, GVA, ROOT_A), spec_of(1, GVA, ROOT_B),
		spec_of(1, GVA, ROOT_A),
	};

	fake_map(rig->fake, ROOT_A, GVA, GFN);
	specs[2].global = true;
	ck_assert_int_eq(gprobe_bpm_insert_many(rig->bpm, specs, 3, NULL),
			 -EEXIST);
	check_counts(rig, 0, 0);
	specs[2] = spec_of(0, GVA, ROOT_A);
	ck_assert_int_eq(gprobe_bpm_insert_many(rig->bpm, specs, 3, NULL),
			 -EINVAL);
	check_counts(rig, 0, 0);
	check_log(rig, "");
	rig_free(rig);
}
END_TEST

START_TEST(many_with_hints_are_where_those_say)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_spec specs[3] = {
		spec_of(1, GVA, ROOT_A), spec_of(1, GVA, ROOT_B),
		spec_of(2, GVA, ROOT_A),
	};
	uint64_t gpas[3] = { GPA, GPROBE_BPM_NO_GPA, GPA };
	int answers[3];

	ck_assert_int_eq(gprobe_bpm_insert_many_at(rig->bpm, specs, gpas, 3,
						   answers), 0);
	ck_assert_int_eq(answers[1], GPROBE_BPM_NEW);
	check_counts(rig, 2, 1);
	ck_assert_uint_eq(rig->fake->trips, 0);
	gpas[1] = GPA + 1;
	ck_assert_int_eq(gprobe_bpm_insert_many_at(rig->bpm, specs, gpas, 3,
						   NULL), -EINVAL);
	gpas[1] = 1ULL << 52 | GPA;
	ck_assert_int_eq(gprobe_bpm_insert_many_at(rig->bpm, specs, gpas, 3,
						   NULL), -EINVAL);
	check_counts(rig, 2, 1);
	ck_assert_int_eq(gprobe_bpm_insert_many_at(rig->bpm, NULL, NULL, 0,
						   NULL), 0);
	rig_free(rig);
}
END_TEST

START_TEST(a_removed_thousand_takes_few_round_trips)
{
	static struct gprobe_bpm_spec specs[MANY];
	enum rig_kind kind;
	struct rig *rig;
	int ret;

	for (kind = 0; kind < RIG_KINDS; kind++) {
		rig = rig_new(kind);
		fill(rig, specs);
		gprobe_bpm_insert_many(rig->bpm, specs, MANY, NULL);
		fake_log_clear(rig->fake);
		fake_tap_clear(rig->fake_tap);
		fake_memory_refuse(1);
		ret = gprobe_bpm_remove_view(rig->bpm, 1);
		ck_assert_int_eq(fake_memory_refuse(0), 0);
		ck_assert_int_eq(ret, 1);
		check_counts(rig, 0, 0);
		ck_assert(rig_is_clean(rig));
		ck_assert_uint_le(rig->fake->trips + rig->fake_tap->batches,
				  16);
		rig_free(rig);
	}
}
END_TEST

START_TEST(the_second_breakpoint_on_a_page_costs_the_driver_nothing)
{
	struct rig *rig = rig_new(RIG_SHADOW);
	struct gprobe_bpm_spec spec = spec_of(1, GVA, ROOT_A);

	gprobe_bpm_insert_at(rig->bpm, &spec, GPA);
	ck_assert_str_eq(rig->fake->log, "alloc get remap(1,5,x) ");
	fake_log_clear(rig->fake);
	spec.context.gva++;
	gprobe_bpm_insert_at(rig->bpm, &spec, GPA + 1);
	ck_assert_uint_eq(rig->fake->steps, 0);
	ck_assert_int_eq(rig_page_out(rig, 1, GVA, ROOT_A, GPA), 0);
	ck_assert_str_eq(rig->fake->log, "unmap(1,5) set(1,5,rwx) ");
	ck_assert_uint_eq(rig->fake->trips, 1);
	fake_log_clear(rig->fake);
	ck_assert_int_eq(rig_page_in(rig, 1, GVA, ROOT_A, GPA), 0);
	/* The frame comes from the pool. */
	ck_assert_str_eq(rig->fake->log, "get remap(1,5,x) ");
	rig_free(rig);
}
END_TEST

Suite *bpm_many_suite(void)
{
	return UNIT_SUITE("bpm_many",
		a_thousand_on_a_thousand_pages_take_few_round_trips,
		some_mapped_some_not_some_there, one_that_is_wrong_leaves_none,
		many_with_hints_are_where_those_say,
		a_removed_thousand_takes_few_round_trips,
		the_second_breakpoint_on_a_page_costs_the_driver_nothing);
}
