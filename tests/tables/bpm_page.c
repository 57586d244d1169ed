// SPDX-License-Identifier: GPL-2.0
/* Pages come and go. */
#include "rig.h"

static struct gprobe_bpm_spec insert_at(struct rig *rig, uint64_t gva,
					uint64_t root, bool global,
					uint64_t gpa)
{
	struct gprobe_bpm_spec spec = spec_of(1, gva, root);

	spec.global = global;
	ck_assert_int_eq(gprobe_bpm_insert_at(rig->bpm, &spec, gpa),
			 GPROBE_BPM_NEW);
	return spec;
}

START_TEST(page_out_makes_the_addresses_claims_pending)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_claim claim;
	size_t cursor = 0;

	insert_at(rig, GVA, ROOT_A, false, GPA);
	insert_at(rig, GVA + 7, ROOT_A, false, GPA + 7);
	fake_tap_clear(rig->fake_tap);
	/* Any address of the page will do. */
	ck_assert_int_eq(rig_page_out(rig, 1, GVA + 0x100, ROOT_A, GPA), 0);
	check_counts(rig, 0, 2);
	check_log(rig, "RRU");
	ck_assert(gprobe_bpm_next(rig->bpm, &cursor, &claim));
	ck_assert_uint_eq(claim.spec.context.gva, GVA);
	ck_assert_uint_eq(claim.spec.context.root, ROOT_A);
	ck_assert_uint_eq(claim.spec.tag, 10);
	ck_assert_uint_eq(claim.gpa, GPROBE_BPM_NO_GPA);
	rig_free(rig);
}
END_TEST

START_TEST(page_out_of_another_view_root_page_or_frame_is_none)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);

	insert_at(rig, GVA, ROOT_A, false, GPA);
	fake_tap_clear(rig->fake_tap);
	ck_assert_int_eq(rig_page_out(rig, 2, GVA, ROOT_A, GPA), 0);
	ck_assert_int_eq(rig_page_out(rig, 1, GVA, ROOT_B, GPA), 0);
	ck_assert_int_eq(rig_page_out(rig, 1, GVA + 0x1000, ROOT_A, GPA), 0);
	ck_assert_int_eq(rig_page_out(rig, 1, GVA, ROOT_A, GPA + 0x1000), 0);
	check_counts(rig, 1, 0);
	check_log(rig, "");
	rig_free(rig);
}
END_TEST

START_TEST(claims_of_roots_that_still_map_the_frame_stay)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_event event = event_of(rig, 1, GVA, ROOT_B, GPA);

	insert_at(rig, GVA, ROOT_A, false, GPA);
	insert_at(rig, GVA, ROOT_B, false, GPA);
	fake_tap_clear(rig->fake_tap);
	ck_assert_int_eq(rig_page_out(rig, 1, GVA, ROOT_A, GPA), 0);
	check_log(rig, "");
	check_counts(rig, 1, 1);
	ck_assert(gprobe_bpm_has_event(rig->bpm, &event));
	ck_assert_int_eq(rig_page_out(rig, 1, GVA, ROOT_B, GPA), 0);
	check_log(rig, "RU");
	rig_free(rig);
}
END_TEST

START_TEST(page_in_activates_all_of_the_page)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);

	insert_at(rig, GVA, ROOT_A, false, GPROBE_BPM_NO_GPA);
	insert_at(rig, GVA + 9, ROOT_A, true, GPROBE_BPM_NO_GPA);
	insert_at(rig, GVA + 0x1000, ROOT_A, false, GPROBE_BPM_NO_GPA);
	insert_at(rig, GVA, ROOT_B, false, GPROBE_BPM_NO_GPA);
	ck_assert_int_eq(rig_page_in(rig, 1, GVA + 0x50, ROOT_A, GPA + 3), 0);
	check_counts(rig, 2, 2);
	check_log(rig, "IIM");
	ck_assert(rig_is_in(rig, 1, GPA));
	ck_assert(rig_is_in(rig, 1, GPA + 9));
	rig_free(rig);
}
END_TEST

START_TEST(page_in_keeps_tag_and_flag)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_event event = event_of(rig, 1, GVA, ROOT_C, 0x9010);
	struct gprobe_bpm_hit hit;

	insert_at(rig, GVA, ROOT_A, true, GPA);
	ck_assert_int_eq(rig_page_out(rig, 1, GVA, ROOT_A, GPA), 0);
	ck_assert_int_eq(rig_page_in(rig, 1, GVA, ROOT_A, 0x9010), 0);
	ck_assert_int_eq(gprobe_bpm_lookup(rig->bpm, &event, &hit, 1), 1);
	ck_assert_uint_eq(hit.tag, 10);
	ck_assert(hit.global);
	rig_free(rig);
}
END_TEST

START_TEST(page_in_of_another_view_or_root_is_none)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);

	insert_at(rig, GVA, ROOT_A, true, GPROBE_BPM_NO_GPA);
	ck_assert_int_eq(rig_page_in(rig, 2, GVA, ROOT_A, GPA), 0);
	ck_assert_int_eq(rig_page_in(rig, 1, GVA, ROOT_B, GPA), 0);
	check_counts(rig, 0, 1);
	rig_free(rig);
}
END_TEST

START_TEST(a_global_lives_while_any_of_its_roots_maps_it)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_event event = event_of(rig, 1, GVA, ROOT_C, GPA);

	insert_at(rig, GVA, ROOT_A, true, GPA);
	insert_at(rig, GVA, ROOT_B, true, GPA);
	ck_assert_int_eq(rig_page_out(rig, 1, GVA, ROOT_A, GPA), 0);
	ck_assert(gprobe_bpm_has_event(rig->bpm, &event));
	ck_assert_int_eq(rig_page_out(rig, 1, GVA, ROOT_B, GPA), 0);
	ck_assert(!gprobe_bpm_has_event(rig->bpm, &event));
	/* Both still want it. */
	check_counts(rig, 0, 2);
	ck_assert_int_eq(rig_page_in(rig, 1, GVA, ROOT_B, GPA), 0);
	ck_assert(gprobe_bpm_has_event(rig->bpm, &event));
	ck_assert_int_eq(rig_page_in(rig, 1, GVA, ROOT_A, GPA), 0);
	check_counts(rig, 2, 0);
	rig_free(rig);
}
END_TEST

START_TEST(two_locations_that_go_leave_one_pending_claim)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_spec spec = insert_at(rig, GVA, ROOT_A, false, GPA);

	gprobe_bpm_insert_at(rig->bpm, &spec, 0x9010);
	ck_assert_int_eq(rig_page_out(rig, 1, GVA, ROOT_A, GPA), 0);
	check_counts(rig, 1, 1);
	ck_assert_int_eq(rig_page_out(rig, 1, GVA, ROOT_A, 0x9010), 0);
	check_counts(rig, 0, 1);
	rig_free(rig);
}
END_TEST

START_TEST(page_in_where_the_claim_is_already_drops_the_copy)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_spec spec = insert_at(rig, GVA, ROOT_A, false, GPA);

	gprobe_bpm_insert_at(rig->bpm, &spec, GPROBE_BPM_NO_GPA);
	check_counts(rig, 1, 1);
	fake_tap_clear(rig->fake_tap);
	ck_assert_int_eq(rig_page_in(rig, 1, GVA, ROOT_A, GPA), 0);
	check_counts(rig, 1, 0);
	check_log(rig, "");
	rig_free(rig);
}
END_TEST

START_TEST(the_top_frame_can_come_and_a_higher_one_is_an_error)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);

	insert_at(rig, GVA, ROOT_A, false, GPROBE_BPM_NO_GPA);
	ck_assert_int_eq(rig_page_in(rig, 1, GVA, ROOT_A, 1ULL << 52),
			 -EINVAL);
	ck_assert_int_eq(rig_page_in(rig, 1, 1ULL << 50, ROOT_A, GPA),
			 -EINVAL);
	check_counts(rig, 0, 1);
	ck_assert_int_eq(rig_page_in(rig, 1, GVA, ROOT_A, 0xffffffffff000),
			 0);
	check_counts(rig, 1, 0);
	rig_free(rig);
}
END_TEST

START_TEST(a_batch_of_pages_is_a_batch_of_the_tap)
{
	struct gprobe_paging pages[40];
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		insert_at(rig, GVA + i * 0x1000, ROOT_A, false,
			  GPROBE_BPM_NO_GPA);
		pages[i] = (struct gprobe_paging){
			.context = { GVA + i * 0x1000, ROOT_A },
			.gpa = GPA + i * 0x1000, .view = 1,
		};
	}
	/* One of them twice. */
	pages[1].context = pages[0].context;
	ck_assert_int_eq(gprobe_bpm_page_in_many(rig->bpm, pages,
						 ARRAY_SIZE(pages)), 0);
	check_counts(rig, 39, 1);
	ck_assert_uint_eq(rig->fake_tap->batches, 1);
	ck_assert_uint_eq(rig->fake_tap->steps, 78);
	fake_tap_clear(rig->fake_tap);
	pages[1] = pages[0];
	ck_assert_int_eq(gprobe_bpm_page_out_many(rig->bpm, pages,
						  ARRAY_SIZE(pages)), 0);
	check_counts(rig, 0, 40);
	ck_assert_uint_eq(rig->fake_tap->batches, 1);
	ck_assert(rig_is_clean(rig));
	rig_free(rig);
}
END_TEST

START_TEST(a_page_of_thousands_of_claims_comes_and_goes)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	uint64_t i;
	int ret;

	for (i = 0; i < 1000; i++)
		insert_at(rig, (GVA & ~0xfffULL) + i, ROOT_A, false,
			  GPROBE_BPM_NO_GPA);
	ck_assert_int_eq(rig_page_in(rig, 1, GVA, ROOT_A, GPA), 0);
	check_counts(rig, 1000, 0);
	ck_assert_uint_eq(rig->fake_tap->batches, 1);
	fake_memory_refuse(1);
	ret = rig_page_out(rig, 1, GVA, ROOT_A, GPA);
	ck_assert_int_eq(fake_memory_refuse(0), 0);
	ck_assert_int_eq(ret, 0);
	check_counts(rig, 0, 1000);
	ck_assert(rig_is_clean(rig));
	rig_free(rig);
}
END_TEST

Suite *bpm_page_suite(void)
{
	return UNIT_SUITE("bpm_page",
		page_out_makes_the_addresses_claims_pending,
		page_out_of_another_view_root_page_or_frame_is_none,
		claims_of_roots_that_still_map_the_frame_stay,
		page_in_activates_all_of_the_page, page_in_keeps_tag_and_flag,
		page_in_of_another_view_or_root_is_none,
		a_global_lives_while_any_of_its_roots_maps_it,
		two_locations_that_go_leave_one_pending_claim,
		page_in_where_the_claim_is_already_drops_the_copy,
		the_top_frame_can_come_and_a_higher_one_is_an_error,
		a_batch_of_pages_is_a_batch_of_the_tap,
		a_page_of_thousands_of_claims_comes_and_goes);
}
