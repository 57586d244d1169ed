// SPDX-License-Identifier: GPL-2.0
/* Removing: a claim, what an event was for, a view, all. */
#include "rig.h"

static void insert_at(struct rig *rig, const struct gprobe_bpm_spec *spec,
		      uint64_t gpa)
{
	ck_assert_int_eq(gprobe_bpm_insert_at(rig->bpm, spec, gpa),
			 GPROBE_BPM_NEW);
}

START_TEST(what_is_not_there_is_not_removed)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_spec spec = spec_of(1, GVA, ROOT_A);

	ck_assert_int_eq(rig_remove(rig, &spec), 0);
	insert_at(rig, &spec, GPA);
	spec.context.root = ROOT_B;
	ck_assert_int_eq(rig_remove(rig, &spec), 0);
	spec = spec_of(2, GVA, ROOT_A);
	ck_assert_int_eq(rig_remove(rig, &spec), 0);
	spec = spec_of(1, GVA + 1, ROOT_A);
	ck_assert_int_eq(rig_remove(rig, &spec), 0);
	check_counts(rig, 1, 0);
	rig_free(rig);
}
END_TEST

START_TEST(pending_and_active_go_both)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_spec spec = spec_of(1, GVA, ROOT_A);

	insert_at(rig, &spec, GPA);
	insert_at(rig, &spec, GPROBE_BPM_NO_GPA);
	check_counts(rig, 1, 1);
	ck_assert_int_eq(rig_remove(rig, &spec), 1);
	check_counts(rig, 0, 0);
	insert_at(rig, &spec, GPROBE_BPM_NO_GPA);
	ck_assert_int_eq(rig_remove(rig, &spec), 1);
	check_counts(rig, 0, 0);
	rig_free(rig);
}
END_TEST

START_TEST(only_that_keys_claims_go)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_spec spec = spec_of(1, GVA, ROOT_A);

	insert_at(rig, &spec, GPA);
	insert_at(rig, &spec, GPROBE_BPM_NO_GPA);
	spec.key = 2;
	insert_at(rig, &spec, GPA);
	insert_at(rig, &spec, GPROBE_BPM_NO_GPA);
	ck_assert_int_eq(rig_remove(rig, &spec), 1);
	check_counts(rig, 1, 1);
	ck_assert(rig_is_in(rig, 1, GPA));
	rig_free(rig);
}
END_TEST

/* Each alone in its page of addresses, and both at one place. */
START_TEST(a_claim_of_another_root_keeps_the_int3)
{
	struct gprobe_bpm_spec a = spec_of(1, GVA, ROOT_A);
	struct gprobe_bpm_spec b = spec_of(1, GVA, ROOT_B);
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	unsigned int i;

	for (i = 0; i < 2; i++) {
		insert_at(rig, &a, GPA);
		insert_at(rig, &b, GPA);
		check_log(rig, "IM");
		ck_assert_int_eq(rig_remove(rig, i ? &a : &b), 1);
		check_log(rig, "");
		check_counts(rig, 1, 0);
		ck_assert(rig_is_in(rig, 1, GPA));
		ck_assert_int_eq(rig_remove(rig, i ? &b : &a), 1);
		check_log(rig, "RU");
		check_counts(rig, 0, 0);
	}
	rig_free(rig);
}
END_TEST

START_TEST(a_claim_beside_it_keeps_the_page_protected)
{
	struct gprobe_bpm_spec a = spec_of(1, GVA, ROOT_A);
	struct gprobe_bpm_spec b = spec_of(1, GVA + 1, ROOT_B);
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	unsigned int i;

	for (i = 0; i < 2; i++) {
		insert_at(rig, &a, GPA);
		insert_at(rig, &b, GPA + 1);
		check_log(rig, "IMI");
		ck_assert_int_eq(rig_remove(rig, i ? &a : &b), 1);
		check_log(rig, "R");
		ck_assert_uint_eq(rig_figures(rig).pages, 1);
		ck_assert_int_eq(rig_remove(rig, i ? &b : &a), 1);
		check_log(rig, "RU");
	}
	rig_free(rig);
}
END_TEST

START_TEST(a_page_that_moved_is_no_obstacle)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_spec spec = spec_of(1, GVA, ROOT_A);

	fake_map(rig->fake, ROOT_A, GVA, GFN);
	gprobe_bpm_insert(rig->bpm, &spec);
	fake_map(rig->fake, ROOT_A, GVA, 9);
	ck_assert_int_eq(rig_remove(rig, &spec), 1);
	ck_assert(rig_is_clean(rig));
	rig_free(rig);
}
END_TEST

START_TEST(a_hint_that_is_stale_does_no_harm)
{
	static const uint64_t hints[] = {
		GPA, 0x9010, 0x9011, GPROBE_BPM_NO_GPA, 1ULL << 60,
	};
	struct gprobe_bpm_spec spec = spec_of(1, GVA, ROOT_A);
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(hints); i++) {
		insert_at(rig, &spec, GPA);
		insert_at(rig, &spec, GPROBE_BPM_NO_GPA);
		ck_assert_int_eq(gprobe_bpm_remove_at(rig->bpm, 1,
						      &spec.context, spec.key,
						      hints[i]), 1);
		check_counts(rig, 0, 0);
		ck_assert(rig_is_clean(rig));
	}
	rig_free(rig);
}
END_TEST

START_TEST(a_global_is_removed_under_any_of_its_roots)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_spec a = spec_of(1, GVA, ROOT_A), b, c;

	a.global = true;
	b = a;
	b.context.root = ROOT_B;
	c = a;
	c.context.root = ROOT_C;
	insert_at(rig, &a, GPA);
	insert_at(rig, &b, 0x9010);
	insert_at(rig, &b, GPROBE_BPM_NO_GPA);
	check_counts(rig, 2, 1);
	ck_assert_int_eq(rig_remove(rig, &c), 0);
	ck_assert_int_eq(rig_remove(rig, &b), 1);
	check_counts(rig, 0, 0);
	ck_assert(rig_is_clean(rig));
	rig_free(rig);
}
END_TEST

START_TEST(an_event_of_nobody_removes_nothing)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_spec spec = spec_of(1, GVA, ROOT_A);
	struct gprobe_event good = event_of(rig, 1, GVA, ROOT_A, GPA), event;
	struct gprobe_bpm *bpm = rig->bpm;

	insert_at(rig, &spec, GPA);
	ck_assert_int_eq(gprobe_bpm_remove_by_event(bpm, &good, 2),
			 GPROBE_BPM_NOTHING);
	event = good;
	event.root = ROOT_B;
	ck_assert_int_eq(gprobe_bpm_remove_by_event(bpm, &event, 1),
			 GPROBE_BPM_NOTHING);
	event = good;
	event.view = 2;
	ck_assert_int_eq(gprobe_bpm_remove_by_event(bpm, &event, 1),
			 GPROBE_BPM_NOTHING);
	event.view = 0;
	ck_assert_int_eq(gprobe_bpm_remove_by_event(bpm, &event, 1),
			 GPROBE_BPM_NOTHING);
	event = good;
	event.gpa = 0x9010;
	ck_assert_int_eq(gprobe_bpm_remove_by_event(bpm, &event, 1),
			 GPROBE_BPM_NOTHING);
	event = good;
	event.kind = GPROBE_EVENT_ACCESS;
	event.access = GPROBE_ACCESS_X;
	ck_assert_int_eq(gprobe_bpm_remove_by_event(bpm, &event, 1),
			 GPROBE_BPM_NOTHING);
	check_counts(rig, 1, 0);
	rig_free(rig);
}
END_TEST

START_TEST(an_event_removes_the_claim_in_all_views_and_frames)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_event event = event_of(rig, 1, GVA, ROOT_A, GPA);
	struct gprobe_bpm_spec spec = spec_of(1, GVA, ROOT_A), other;

	insert_at(rig, &spec, GPA);
	insert_at(rig, &spec, 0x9010);
	insert_at(rig, &spec, GPROBE_BPM_NO_GPA);
	spec.view = 2;
	insert_at(rig, &spec, GPA);
	insert_at(rig, &spec, GPROBE_BPM_NO_GPA);
	other = spec_of(3, GVA, ROOT_B);
	insert_at(rig, &other, GPA);
	ck_assert_int_eq(gprobe_bpm_remove_by_event(rig->bpm, &event, 1),
			 GPROBE_BPM_REMOVED_LAST);
	check_counts(rig, 1, 0);
	ck_assert(rig_is_in(rig, 3, GPA));
	rig_free(rig);
}
END_TEST

START_TEST(an_event_says_whether_its_page_holds_others)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_event event = event_of(rig, 1, GVA, ROOT_A, GPA);
	struct gprobe_bpm_spec spec = spec_of(1, GVA, ROOT_A);
	struct gprobe_bpm_spec beside = spec_of(1, GVA + 5, ROOT_A);

	insert_at(rig, &spec, GPA);
	insert_at(rig, &beside, GPA + 5);
	ck_assert_int_eq(gprobe_bpm_remove_by_event(rig->bpm, &event, 1),
			 GPROBE_BPM_REMOVED);
	check_counts(rig, 1, 0);
	insert_at(rig, &spec, GPA);
	spec.key = 2;
	insert_at(rig, &spec, GPA);
	rig_remove(rig, &beside);
	ck_assert_int_eq(gprobe_bpm_remove_by_event(rig->bpm, &event, 1),
			 GPROBE_BPM_REMOVED);
	ck_assert_int_eq(gprobe_bpm_remove_by_event(rig->bpm, &event, 2),
			 GPROBE_BPM_REMOVED_LAST);
	ck_assert_int_eq(gprobe_bpm_remove_by_event(rig->bpm, &event, 2),
			 GPROBE_BPM_NOTHING);
	rig_free(rig);
}
END_TEST

START_TEST(an_event_under_any_root_removes_a_global)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_event event = event_of(rig, 1, GVA, ROOT_C, GPA);
	struct gprobe_bpm_spec spec = spec_of(1, GVA, ROOT_A);

	spec.global = true;
	insert_at(rig, &spec, GPA);
	spec.context.root = ROOT_B;
	spec.view = 2;
	insert_at(rig, &spec, 0x9010);
	insert_at(rig, &spec, GPROBE_BPM_NO_GPA);
	ck_assert_int_eq(gprobe_bpm_remove_by_event(rig->bpm, &event, 1),
			 GPROBE_BPM_REMOVED_LAST);
	check_counts(rig, 0, 0);
	rig_free(rig);
}
END_TEST

START_TEST(an_event_removes_exact_and_global_claims_of_one_key)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_event event = event_of(rig, 1, GVA, ROOT_B, GPA);
	struct gprobe_bpm_spec global = spec_of(1, GVA, ROOT_A);
	struct gprobe_bpm_spec exact = spec_of(1, GVA, ROOT_B);

	global.global = true;
	insert_at(rig, &global, GPA);
	insert_at(rig, &exact, GPA);
	ck_assert_int_eq(gprobe_bpm_remove_by_event(rig->bpm, &event, 1),
			 GPROBE_BPM_REMOVED_LAST);
	check_counts(rig, 0, 0);
	rig_free(rig);
}
END_TEST

START_TEST(removing_a_view_leaves_the_others)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_spec spec = spec_of(1, GVA, ROOT_A);

	ck_assert_int_eq(gprobe_bpm_remove_view(rig->bpm, 1), 0);
	insert_at(rig, &spec, GPA);
	spec.key = 2;
	insert_at(rig, &spec, GPROBE_BPM_NO_GPA);
	spec.view = 2;
	insert_at(rig, &spec, GPA);
	spec.key = 3;
	insert_at(rig, &spec, GPROBE_BPM_NO_GPA);
	ck_assert_int_eq(gprobe_bpm_remove_view(rig->bpm, 1), 1);
	check_counts(rig, 1, 1);
	ck_assert(rig_is_in(rig, 2, GPA));
	ck_assert(!rig_is_in(rig, 1, GPA));
	ck_assert_int_eq(gprobe_bpm_remove_view(rig->bpm, 1), 0);
	ck_assert_int_eq(gprobe_bpm_remove_view(rig->bpm, 2), 1);
	check_counts(rig, 0, 0);
	rig_free(rig);
}
END_TEST

START_TEST(a_cleared_table_can_be_used)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_spec spec = spec_of(1, GVA, ROOT_A);
	unsigned int i;

	for (i = 0; i < 3; i++) {
		insert_at(rig, &spec, GPA);
		spec.key++;
		insert_at(rig, &spec, GPROBE_BPM_NO_GPA);
		ck_assert_int_eq(gprobe_bpm_clear(rig->bpm), 0);
		check_counts(rig, 0, 0);
		ck_assert(rig_is_clean(rig));
		ck_assert(!gprobe_bpm_has(rig->bpm, 1, &spec.context));
	}
	rig_free(rig);
}
END_TEST

/* All ways to take claims of a view out that is gone. */
START_TEST(the_view_being_gone_is_success)
{
	struct gprobe_bpm_spec spec = spec_of(1, GVA, ROOT_A), beside;
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_event event = event_of(rig, 1, GVA, ROOT_A, GPA);
	unsigned int way;

	for (way = 0; way < 5; way++) {
		rig->fake_tap->gone = 0;
		insert_at(rig, &spec, GPA);
		beside = spec_of(1, GVA + 1, ROOT_A);
		insert_at(rig, &beside, GPA + 1);
		rig->fake_tap->gone = 1;
		if (way == 0)
			ck_assert_int_eq(rig_remove(rig, &spec), 1);
		else if (way == 1)
			ck_assert_int_eq(gprobe_bpm_remove_by_event(rig->bpm,
				&event, 1), GPROBE_BPM_REMOVED);
		else if (way == 2)
			ck_assert_int_eq(rig_page_out(rig, 1, GVA, ROOT_A,
						      GPA), 0);
		else if (way == 3)
			ck_assert_int_eq(gprobe_bpm_remove_view(rig->bpm, 1),
					 1);
		ck_assert(!gprobe_bpm_has_event(rig->bpm, &event) || way == 4);
		ck_assert_int_eq(gprobe_bpm_clear(rig->bpm), 0);
		check_counts(rig, 0, 0);
		/* Of the view nothing is left. */
		rig->fake_tap->nr = 0;
	}
	rig_free(rig);
}
END_TEST

START_TEST(the_view_of_its_only_claim_being_gone_is_success)
{
	struct gprobe_bpm_spec spec = spec_of(1, GVA, ROOT_A);
	struct rig *rig = rig_new(RIG_FAKE_TAP);

	insert_at(rig, &spec, GPA);
	rig->fake_tap->gone = 1;
	ck_assert_int_eq(rig_remove(rig, &spec), 1);
	check_counts(rig, 0, 0);
	/* Of the view nothing is left. */
	rig->fake_tap->nr = 0;
	rig->fake_tap->gone = 0;
	insert_at(rig, &spec, GPA);
	rig->fake_tap->gone = 1;
	ck_assert_int_eq(rig_page_out(rig, 1, GVA, ROOT_A, GPA), 0);
	check_counts(rig, 0, 1);
	ck_assert_uint_eq(rig_figures(rig).places, 0);
	ck_assert_uint_eq(rig_figures(rig).pages, 0);
	rig->fake_tap->nr = 0;
	rig_free(rig);
}
END_TEST

START_TEST(more_claims_than_a_batch_go_at_once)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_spec spec = spec_of(1, GVA, ROOT_A);
	unsigned int i;

	spec.global = true;
	for (i = 0; i < 600; i++) {
		spec.context.root = (i + 1) << 12;
		insert_at(rig, &spec, GPA);
	}
	check_counts(rig, 600, 0);
	ck_assert_int_eq(rig_remove(rig, &spec), 1);
	check_counts(rig, 0, 0);
	check_log(rig, "IMRU");
	rig_free(rig);
}
END_TEST

Suite *bpm_remove_suite(void)
{
	return UNIT_SUITE("bpm_remove", what_is_not_there_is_not_removed,
		pending_and_active_go_both, only_that_keys_claims_go,
		a_claim_of_another_root_keeps_the_int3,
		a_claim_beside_it_keeps_the_page_protected,
		a_page_that_moved_is_no_obstacle,
		a_hint_that_is_stale_does_no_harm,
		a_global_is_removed_under_any_of_its_roots,
		an_event_of_nobody_removes_nothing,
		an_event_removes_the_claim_in_all_views_and_frames,
		an_event_says_whether_its_page_holds_others,
		an_event_under_any_root_removes_a_global,
		an_event_removes_exact_and_global_claims_of_one_key,
		removing_a_view_leaves_the_others, a_cleared_table_can_be_used,
		the_view_being_gone_is_success,
		the_view_of_its_only_claim_being_gone_is_success,
		more_claims_than_a_batch_go_at_once);
}
