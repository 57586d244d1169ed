// SPDX-License-Identifier: GPL-2.0
/* gprobe_bpm_insert(), gprobe_bpm_insert_at(): one claim at a time. */
#include "rig.h"

static int insert(struct rig *rig, const struct gprobe_bpm_spec *spec)
{
	return gprobe_bpm_insert(rig->bpm, spec);
}

START_TEST(what_is_mapped_becomes_active)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_spec spec = spec_of(1, GVA, ROOT_A);

	fake_map(rig->fake, ROOT_A, GVA, GFN);
	ck_assert_int_eq(insert(rig, &spec), GPROBE_BPM_NEW);
	check_counts(rig, 1, 0);
	check_log(rig, "IM");
	ck_assert(rig_is_in(rig, 1, GPA));
	rig_free(rig);
}
END_TEST

START_TEST(what_is_not_mapped_becomes_pending)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_spec spec = spec_of(1, GVA, ROOT_A);

	ck_assert_int_eq(insert(rig, &spec), GPROBE_BPM_NEW);
	check_counts(rig, 0, 1);
	check_log(rig, "");
	rig_free(rig);
}
END_TEST

START_TEST(another_error_of_the_translation_is_returned_and_nothing_recorded)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_spec spec = spec_of(1, GVA, ROOT_A);

	rig->fake->translate_err = -EOPNOTSUPP;
	ck_assert_int_eq(insert(rig, &spec), -EOPNOTSUPP);
	rig->fake->translate_err = 0;
	fake_fault(rig->fake, 1, -EIO);
	ck_assert_int_eq(insert(rig, &spec), -EIO);
	check_counts(rig, 0, 0);
	check_log(rig, "");
	rig_free(rig);
}
END_TEST

START_TEST(a_hint_is_trusted)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_spec spec = spec_of(1, GVA, ROOT_A);

	/* The guest's tables say something else, and are not asked. */
	fake_map(rig->fake, ROOT_A, GVA, 9);
	ck_assert_int_eq(gprobe_bpm_insert_at(rig->bpm, &spec, GPA),
			 GPROBE_BPM_NEW);
	ck_assert_uint_eq(rig->fake->steps, 0);
	ck_assert(rig_is_in(rig, 1, GPA));
	spec.key = 2;
	ck_assert_int_eq(gprobe_bpm_insert_at(rig->bpm, &spec,
					      GPROBE_BPM_NO_GPA),
			 GPROBE_BPM_NEW);
	check_counts(rig, 1, 1);
	rig_free(rig);
}
END_TEST

START_TEST(a_hint_at_another_offset_is_an_error)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_spec spec = spec_of(1, GVA, ROOT_A);

	ck_assert_int_eq(gprobe_bpm_insert_at(rig->bpm, &spec, GPA + 1),
			 -EINVAL);
	ck_assert_int_eq(gprobe_bpm_insert_at(rig->bpm, &spec,
					      GPA | 1ULL << 52), -EINVAL);
	check_counts(rig, 0, 0);
	check_log(rig, "");
	rig_free(rig);
}
END_TEST

START_TEST(the_same_claim_again_is_there_and_its_tag_stays)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_spec spec = spec_of(1, GVA, ROOT_A);
	struct gprobe_event event = event_of(rig, 1, GVA, ROOT_A, GPA);
	struct gprobe_bpm_hit hit;

	gprobe_bpm_insert_at(rig->bpm, &spec, GPA);
	fake_tap_clear(rig->fake_tap);
	spec.tag = 11;
	ck_assert_int_eq(gprobe_bpm_insert_at(rig->bpm, &spec, GPA),
			 GPROBE_BPM_THERE);
	ck_assert_uint_eq(rig->fake_tap->batches, 0);
	ck_assert_uint_eq(rig->fake->steps, 0);
	check_counts(rig, 1, 0);
	ck_assert_int_eq(gprobe_bpm_lookup(rig->bpm, &event, &hit, 1), 1);
	ck_assert_uint_eq(hit.tag, 10);
	rig_free(rig);
}
END_TEST

START_TEST(the_same_pending_claim_again_is_there_and_its_tag_stays)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_spec spec = spec_of(1, GVA, ROOT_A);
	struct gprobe_bpm_claim claim;
	size_t cursor = 0;

	ck_assert_int_eq(insert(rig, &spec), GPROBE_BPM_NEW);
	spec.tag = 11;
	ck_assert_int_eq(insert(rig, &spec), GPROBE_BPM_THERE);
	check_counts(rig, 0, 1);
	ck_assert(gprobe_bpm_next(rig->bpm, &cursor, &claim));
	ck_assert_uint_eq(claim.spec.tag, 10);
	rig_free(rig);
}
END_TEST

START_TEST(another_global_flag_is_an_error_without_effect)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_spec active = spec_of(1, GVA, ROOT_A);
	struct gprobe_bpm_spec pending = spec_of(1, GVA, ROOT_B);

	pending.global = true;
	gprobe_bpm_insert_at(rig->bpm, &active, GPA);
	gprobe_bpm_insert_at(rig->bpm, &pending, GPROBE_BPM_NO_GPA);
	fake_tap_clear(rig->fake_tap);
	active.global = true;
	pending.global = false;
	ck_assert_int_eq(gprobe_bpm_insert_at(rig->bpm, &active, GPA),
			 -EEXIST);
	ck_assert_int_eq(gprobe_bpm_insert_at(rig->bpm, &active,
					      GPROBE_BPM_NO_GPA), -EEXIST);
	ck_assert_int_eq(gprobe_bpm_insert_at(rig->bpm, &active, 0x9010),
			 -EEXIST);
	ck_assert_int_eq(gprobe_bpm_insert_at(rig->bpm, &pending, GPA),
			 -EEXIST);
	ck_assert_int_eq(gprobe_bpm_insert_at(rig->bpm, &pending,
					      GPROBE_BPM_NO_GPA), -EEXIST);
	check_counts(rig, 1, 1);
	check_log(rig, "");
	rig_free(rig);
}
END_TEST

START_TEST(the_same_claim_at_another_frame_is_a_second_location)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_spec spec = spec_of(1, GVA, ROOT_A);

	gprobe_bpm_insert_at(rig->bpm, &spec, GPA);
	ck_assert_int_eq(gprobe_bpm_insert_at(rig->bpm, &spec, 0x9010),
			 GPROBE_BPM_NEW);
	check_counts(rig, 2, 0);
	ck_assert(rig_is_in(rig, 1, GPA));
	ck_assert(rig_is_in(rig, 1, 0x9010));
	ck_assert_int_eq(rig_remove(rig, &spec), 1);
	ck_assert(rig_is_clean(rig));
	rig_free(rig);
}
END_TEST

START_TEST(two_keys_at_one_address_share_an_int3)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_spec spec = spec_of(1, GVA, ROOT_A);

	gprobe_bpm_insert_at(rig->bpm, &spec, GPA);
	check_log(rig, "IM");
	spec.key = 2;
	ck_assert_int_eq(gprobe_bpm_insert_at(rig->bpm, &spec, GPA),
			 GPROBE_BPM_NEW);
	check_log(rig, "");
	check_counts(rig, 2, 0);
	ck_assert_uint_eq(rig_figures(rig).places, 1);
	ck_assert_int_eq(rig_remove(rig, &spec), 1);
	check_log(rig, "");
	spec.key = 1;
	ck_assert_int_eq(rig_remove(rig, &spec), 1);
	check_log(rig, "RU");
	rig_free(rig);
}
END_TEST

START_TEST(a_page_that_is_populated_is_not_protected_again)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_spec first = spec_of(1, GVA, ROOT_A);
	struct gprobe_bpm_spec second = spec_of(1, GVA + 1, ROOT_A);

	gprobe_bpm_insert_at(rig->bpm, &first, GPA);
	gprobe_bpm_insert_at(rig->bpm, &second, GPA + 1);
	check_log(rig, "IMI");
	ck_assert_uint_eq(rig_figures(rig).pages, 1);
	rig_remove(rig, &first);
	check_log(rig, "R");
	rig_remove(rig, &second);
	check_log(rig, "RU");
	rig_free(rig);
}
END_TEST

START_TEST(the_same_frame_in_another_view_is_another_page)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_spec one = spec_of(1, GVA, ROOT_A);
	struct gprobe_bpm_spec two = spec_of(2, GVA, ROOT_A);

	gprobe_bpm_insert_at(rig->bpm, &one, GPA);
	gprobe_bpm_insert_at(rig->bpm, &two, GPA);
	check_log(rig, "IMIM");
	rig_free(rig);
}
END_TEST

START_TEST(activating_drops_the_pending_copy)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_spec spec = spec_of(1, GVA, ROOT_A);
	struct gprobe_event event = event_of(rig, 1, GVA, ROOT_A, GPA);
	struct gprobe_bpm_hit hit;

	insert(rig, &spec);
	check_counts(rig, 0, 1);
	fake_map(rig->fake, ROOT_A, GVA, GFN);
	spec.tag = 11;
	ck_assert_int_eq(insert(rig, &spec), GPROBE_BPM_NEW);
	check_counts(rig, 1, 0);
	/* It is a new claim, so the tag is the new one. */
	ck_assert_int_eq(gprobe_bpm_lookup(rig->bpm, &event, &hit, 1), 1);
	ck_assert_uint_eq(hit.tag, 11);
	rig_free(rig);
}
END_TEST

START_TEST(activating_one_key_leaves_the_other_pending)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_spec spec = spec_of(1, GVA, ROOT_A);

	insert(rig, &spec);
	spec.key = 2;
	gprobe_bpm_insert_at(rig->bpm, &spec, GPA);
	check_counts(rig, 1, 1);
	rig_free(rig);
}
END_TEST

START_TEST(view_0_can_hold_none)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_spec spec = spec_of(0, GVA, ROOT_A);

	ck_assert_int_eq(insert(rig, &spec), -EINVAL);
	ck_assert_int_eq(gprobe_bpm_insert_at(rig->bpm, &spec, GPA), -EINVAL);
	ck_assert_int_eq(gprobe_bpm_insert_many(rig->bpm, &spec, 1, NULL),
			 -EINVAL);
	ck_assert_int_eq(rig_remove(rig, &spec), -EINVAL);
	ck_assert_int_eq(gprobe_bpm_remove_view(rig->bpm, 0), -EINVAL);
	ck_assert_int_eq(rig_page_in(rig, 0, GVA, ROOT_A, GPA), -EINVAL);
	ck_assert_int_eq(rig_page_out(rig, 0, GVA, ROOT_A, GPA), -EINVAL);
	spec.view = GPROBE_BPM_VIEW_MAX + 1;
	ck_assert_int_eq(insert(rig, &spec), -EINVAL);
	check_counts(rig, 0, 0);
	ck_assert_uint_eq(rig->fake->steps, 0);
	rig_free(rig);
}
END_TEST

START_TEST(an_address_that_is_not_canonical_is_an_error)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_spec spec = spec_of(1, 0x800000000010, ROOT_A);

	ck_assert_int_eq(insert(rig, &spec), -EINVAL);
	spec.context.gva = 0xffff7ffffffffff0;
	ck_assert_int_eq(insert(rig, &spec), -EINVAL);
	check_counts(rig, 0, 0);
	spec.context.gva = 0xffff800000000000;
	ck_assert_int_eq(insert(rig, &spec), GPROBE_BPM_NEW);
	rig_free(rig);
}
END_TEST

START_TEST(control_bits_of_a_root_do_not_matter)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_spec spec = spec_of(1, GVA, ROOT_A | 0x18 |
					      1ULL << 63);
	struct gprobe_event event = event_of(rig, 1, GVA, ROOT_A | 0xfff, GPA);

	fake_map(rig->fake, ROOT_A, GVA, GFN);
	ck_assert_int_eq(insert(rig, &spec), GPROBE_BPM_NEW);
	spec.context.root = ROOT_A;
	ck_assert_int_eq(insert(rig, &spec), GPROBE_BPM_THERE);
	ck_assert(gprobe_bpm_has_event(rig->bpm, &event));
	ck_assert_int_eq(rig_page_out(rig, 1, GVA, ROOT_A | 5, GPA), 0);
	check_counts(rig, 0, 1);
	spec.context.root |= 1;
	ck_assert_int_eq(rig_remove(rig, &spec), 1);
	rig_free(rig);
}
END_TEST

START_TEST(frame_0_is_a_frame)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_spec spec = spec_of(1, GVA & ~0xfffULL, ROOT_A);
	struct gprobe_bpm_spec waits = spec_of(1, GVA, ROOT_B);

	gprobe_bpm_insert_at(rig->bpm, &spec, 0);
	ck_assert(rig_is_in(rig, 1, 0));
	/* A pending claim has no frame, not frame 0. */
	insert(rig, &waits);
	ck_assert_int_eq(rig_remove(rig, &waits), 1);
	ck_assert(rig_is_in(rig, 1, 0));
	rig_free(rig);
}
END_TEST

START_TEST(the_view_being_gone_is_an_error)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_spec spec = spec_of(1, GVA, ROOT_A);

	rig->fake_tap->gone = 1;
	ck_assert_int_eq(gprobe_bpm_insert_at(rig->bpm, &spec, GPA), -ENOENT);
	check_counts(rig, 0, 0);
	rig_free(rig);
}
END_TEST

START_TEST(two_tables_know_nothing_of_each_other)
{
	struct rig *one = rig_new(RIG_FAKE_TAP), *two = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_spec spec = spec_of(1, GVA, ROOT_A);

	gprobe_bpm_insert_at(one->bpm, &spec, GPA);
	ck_assert(!gprobe_bpm_has(two->bpm, 1, &spec.context));
	ck_assert_int_eq(gprobe_bpm_insert_at(two->bpm, &spec, GPA),
			 GPROBE_BPM_NEW);
	rig_free(one);
	check_counts(two, 1, 0);
	rig_free(two);
}
END_TEST

Suite *bpm_insert_suite(void)
{
	return UNIT_SUITE("bpm_insert", what_is_mapped_becomes_active,
		what_is_not_mapped_becomes_pending,
		another_error_of_the_translation_is_returned_and_nothing_recorded,
		a_hint_is_trusted, a_hint_at_another_offset_is_an_error,
		the_same_claim_again_is_there_and_its_tag_stays,
		the_same_pending_claim_again_is_there_and_its_tag_stays,
		another_global_flag_is_an_error_without_effect,
		the_same_claim_at_another_frame_is_a_second_location,
		two_keys_at_one_address_share_an_int3,
		a_page_that_is_populated_is_not_protected_again,
		the_same_frame_in_another_view_is_another_page,
		activating_drops_the_pending_copy,
		activating_one_key_leaves_the_other_pending,
		view_0_can_hold_none,
		an_address_that_is_not_canonical_is_an_error,
		control_bits_of_a_root_do_not_matter, frame_0_is_a_frame,
		the_view_being_gone_is_an_error,
		two_tables_know_nothing_of_each_other);
}
