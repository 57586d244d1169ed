// SPDX-License-Identifier: GPL-2.0
/* The views of the guest in memory: Xen's habits, one by one. */
#include "tables.h"

#define GFN		5u
#define OTHER_GFN	6u

struct views {
	struct gprobe_sim *sim;
	struct gprobe_driver driver;
	uint32_t view, other;
	uint64_t shadow;
	void *map;
};

static void begin(struct views *views)
{
	ck_assert_int_eq(gprobe_sim_new(NULL, &views->sim), 0);
	views->driver = gprobe_sim_driver(views->sim);
	ck_assert_int_eq(gprobe_sim_view_new(views->sim, &views->view), 0);
	ck_assert_int_eq(gprobe_sim_view_new(views->sim, &views->other), 0);
	ck_assert_int_eq(views->driver.ops->shadow_alloc(views->driver.arg, 1,
							 &views->shadow,
							 &views->map), 0);
}

static struct gprobe_sim_page page(struct views *views, uint32_t view,
				   uint64_t gfn)
{
	struct gprobe_sim_page found;

	ck_assert_int_eq(gprobe_sim_page_get(views->sim, view, gfn, &found), 0);
	return found;
}

START_TEST(entries_are_made_lazily)
{
	struct views views;

	begin(&views);
	ck_assert(!page(&views, views.view, GFN).own);
	ck_assert_ptr_eq(page(&views, views.view, GFN).content,
			 gprobe_sim_frame(views.sim, GFN));
	gprobe_sim_view_set_default(views.sim, views.view, GPROBE_ACCESS_R);
	ck_assert_uint_eq(page(&views, views.view, GFN).access,
			  GPROBE_ACCESS_R);
	ck_assert_int_eq(gprobe_sim_set_access(views.sim, views.view, GFN,
					       GPROBE_ACCESS_X), 0);
	ck_assert(page(&views, views.view, GFN).own);
	gprobe_sim_view_set_default(views.sim, views.view, GPROBE_ACCESS_RWX);
	ck_assert_uint_eq(page(&views, views.view, GFN).access,
			  GPROBE_ACCESS_X);
	ck_assert(!page(&views, views.other, GFN).own);
	gprobe_sim_free(views.sim);
}
END_TEST

START_TEST(a_remapped_page_has_the_new_frames_access)
{
	struct views views;

	begin(&views);
	gprobe_sim_set_access(views.sim, views.view, GFN, GPROBE_ACCESS_R);
	gprobe_sim_set_access(views.sim, views.view, views.shadow,
			      GPROBE_ACCESS_X);
	ck_assert_int_eq(gprobe_sim_change_gfn(views.sim, views.view, GFN,
					       views.shadow), 0);
	ck_assert_uint_eq(page(&views, views.view, GFN).access,
			  GPROBE_ACCESS_X);
	ck_assert_ptr_eq(page(&views, views.view, GFN).content, views.map);
	ck_assert(page(&views, views.view, GFN).remapped);
	/* Without an entry of its own the new frame has the default. */
	ck_assert_int_eq(gprobe_sim_change_gfn(views.sim, views.view, GFN,
					       OTHER_GFN), 0);
	ck_assert_uint_eq(page(&views, views.view, GFN).access,
			  GPROBE_ACCESS_RWX);
	gprobe_sim_free(views.sim);
}
END_TEST

START_TEST(a_remapping_taken_back_takes_the_access_with_it)
{
	struct views views;

	begin(&views);
	gprobe_sim_set_access(views.sim, views.view, GFN, GPROBE_ACCESS_R);
	ck_assert_int_eq(gprobe_sim_change_gfn(views.sim, views.view, GFN,
					       UINT64_MAX), 0);
	ck_assert_uint_eq(page(&views, views.view, GFN).access,
			  GPROBE_ACCESS_RWX);
	ck_assert(!page(&views, views.view, GFN).own);
	gprobe_sim_free(views.sim);
}
END_TEST

START_TEST(access_of_a_frame_that_is_not_there_is_set_in_vain)
{
	struct views views;

	begin(&views);
	gprobe_sim_frame_drop(views.sim, GFN);
	ck_assert_int_eq(gprobe_sim_set_access(views.sim, views.view, GFN,
					       GPROBE_ACCESS_R), 0);
	ck_assert(!page(&views, views.view, GFN).own);
	ck_assert_int_eq(gprobe_sim_set_access(views.sim, views.view,
					       1ULL << 39, GPROBE_ACCESS_R), 0);
	ck_assert_int_eq(gprobe_sim_change_gfn(views.sim, views.view, GFN,
					       views.shadow), -ENXIO);
	gprobe_sim_free(views.sim);
}
END_TEST

START_TEST(a_change_of_view_0_takes_the_place_of_a_remapping)
{
	struct views views;

	begin(&views);
	gprobe_sim_set_access(views.sim, views.view, views.shadow,
			      GPROBE_ACCESS_X);
	gprobe_sim_change_gfn(views.sim, views.view, GFN, views.shadow);
	strcpy(gprobe_sim_frame(views.sim, GFN), "kept");
	ck_assert_int_eq(gprobe_sim_frame_replace(views.sim, GFN), 0);
	ck_assert(!page(&views, views.view, GFN).remapped);
	ck_assert_uint_eq(page(&views, views.view, GFN).access,
			  GPROBE_ACCESS_RWX);
	ck_assert_str_eq((const char *)page(&views, views.view, GFN).content,
			 "kept");
	ck_assert(!page(&views, views.other, GFN).own);
	gprobe_sim_free(views.sim);
}
END_TEST

/* The range that counts is that of the frames remapped to. */
START_TEST(a_dropped_frame_in_a_views_range_resets_it)
{
	struct views views;

	begin(&views);
	gprobe_sim_set_access(views.sim, views.view, 100, GPROBE_ACCESS_R);
	gprobe_sim_set_access(views.sim, views.other, 100, GPROBE_ACCESS_R);
	gprobe_sim_change_gfn(views.sim, views.view, GFN, 20);
	gprobe_sim_change_gfn(views.sim, views.view, GFN, 10);
	gprobe_sim_frame_drop(views.sim, GFN + 1);
	gprobe_sim_frame_drop(views.sim, 21);
	gprobe_sim_frame_drop(views.sim, 9);
	ck_assert(page(&views, views.view, GFN).remapped);
	gprobe_sim_frame_drop(views.sim, 15);
	ck_assert(!page(&views, views.view, GFN).remapped);
	ck_assert_uint_eq(page(&views, views.view, 100).access,
			  GPROBE_ACCESS_RWX);
	ck_assert_uint_eq(page(&views, views.other, 100).access,
			  GPROBE_ACCESS_R);
	gprobe_sim_free(views.sim);
}
END_TEST

START_TEST(a_dropped_frame_in_two_views_ranges_resets_all)
{
	struct views views;
	uint32_t third;

	begin(&views);
	ck_assert_int_eq(gprobe_sim_view_new(views.sim, &third), 0);
	gprobe_sim_change_gfn(views.sim, views.view, GFN, 20);
	gprobe_sim_change_gfn(views.sim, views.other, GFN, 20);
	gprobe_sim_set_access(views.sim, third, 100, GPROBE_ACCESS_R);
	gprobe_sim_frame_drop(views.sim, 20);
	ck_assert(!page(&views, views.view, GFN).own);
	ck_assert(!page(&views, views.other, GFN).own);
	ck_assert(!page(&views, third, 100).own);
	gprobe_sim_free(views.sim);
}
END_TEST

START_TEST(a_shadow_frame_freed_under_its_view_resets_it)
{
	struct views views;

	begin(&views);
	gprobe_sim_change_gfn(views.sim, views.view, GFN, views.shadow);
	gprobe_sim_set_access(views.sim, views.view, 100, GPROBE_ACCESS_R);
	views.driver.ops->shadow_free(views.driver.arg, 1, &views.shadow,
				      &views.map);
	ck_assert(!page(&views, views.view, GFN).own);
	ck_assert(!page(&views, views.view, 100).own);
	ck_assert_uint_eq(gprobe_sim_shadows(views.sim), 0);
	gprobe_sim_free(views.sim);
}
END_TEST

START_TEST(a_view_with_a_vcpu_in_it_is_busy)
{
	struct gprobe_sim_page found;
	struct views views;

	begin(&views);
	ck_assert_int_eq(gprobe_sim_vcpu_set_view(views.sim, 0, views.view), 0);
	ck_assert_int_eq(gprobe_sim_view_del(views.sim, views.view), -EBUSY);
	ck_assert_int_eq(gprobe_sim_vcpu_set_view(views.sim, 0, 0), 0);
	ck_assert_int_eq(gprobe_sim_view_del(views.sim, views.view), 0);
	ck_assert_int_eq(gprobe_sim_view_del(views.sim, views.view), -ENOENT);
	ck_assert_int_eq(gprobe_sim_page_get(views.sim, views.view, GFN,
					     &found), -ENOENT);
	ck_assert_int_eq(gprobe_sim_set_access(views.sim, views.view, GFN, 0),
			 -ENOENT);
	ck_assert_int_eq(gprobe_sim_change_gfn(views.sim, views.view, GFN, 6),
			 -ENOENT);
	ck_assert_int_eq(gprobe_sim_vcpu_set_view(views.sim, 0, views.view),
			 -ENOENT);
	ck_assert_int_eq(gprobe_sim_view_set_default(views.sim, views.view, 0),
			 -ENOENT);
	gprobe_sim_free(views.sim);
}
END_TEST

START_TEST(a_view_that_comes_anew_is_empty)
{
	struct views views;
	uint32_t again;

	begin(&views);
	gprobe_sim_set_access(views.sim, views.view, GFN, GPROBE_ACCESS_R);
	gprobe_sim_view_del(views.sim, views.view);
	ck_assert_int_eq(gprobe_sim_view_new(views.sim, &again), 0);
	ck_assert_uint_eq(again, views.view);
	ck_assert(!page(&views, again, GFN).own);
	gprobe_sim_free(views.sim);
}
END_TEST

START_TEST(there_are_as_many_views_as_were_asked_for)
{
	struct views views;
	uint32_t view, i;

	begin(&views);
	for (i = 3; i <= 9; i++)
		ck_assert_int_eq(gprobe_sim_view_new(views.sim, &view), 0);
	ck_assert_uint_eq(view, 9);
	ck_assert_int_eq(gprobe_sim_view_new(views.sim, &view), -EBUSY);
	gprobe_sim_free(views.sim);
}
END_TEST

START_TEST(a_dying_guest_answers_0_and_does_nothing)
{
	struct gprobe_call call = {
		.kind = GPROBE_CALL_ACCESS_SET, .view = 1, .gfn = GFN,
		.access = GPROBE_ACCESS_R,
	};
	uint64_t gfn = GFN;
	struct views views;
	const void *map;

	begin(&views);
	gprobe_sim_set_life(views.sim, GPROBE_SIM_DYING);
	ck_assert_int_eq(views.driver.ops->call(views.driver.arg, &call, 1), 0);
	ck_assert_int_eq(gprobe_sim_change_gfn(views.sim, 77, 1, 2), 0);
	ck_assert_uint_eq(page(&views, views.view, GFN).access,
			  GPROBE_ACCESS_RWX);
	ck_assert_int_eq(views.driver.ops->frame_get(views.driver.arg, &gfn, 1,
						     &map), -ESHUTDOWN);
	gprobe_sim_set_life(views.sim, GPROBE_SIM_DEAD);
	ck_assert_int_eq(views.driver.ops->call(views.driver.arg, &call, 1),
			 -ESHUTDOWN);
	gprobe_sim_set_life(views.sim, GPROBE_SIM_ALIVE);
	ck_assert_int_eq(views.driver.ops->call(views.driver.arg, &call, 1), 0);
	ck_assert_uint_eq(page(&views, views.view, GFN).access,
			  GPROBE_ACCESS_R);
	gprobe_sim_free(views.sim);
}
END_TEST

Suite *sim_view_suite(void)
{
	return UNIT_SUITE("sim_view",
			  entries_are_made_lazily,
			  a_remapped_page_has_the_new_frames_access,
			  a_remapping_taken_back_takes_the_access_with_it,
			  access_of_a_frame_that_is_not_there_is_set_in_vain,
			  a_change_of_view_0_takes_the_place_of_a_remapping,
			  a_dropped_frame_in_a_views_range_resets_it,
			  a_dropped_frame_in_two_views_ranges_resets_all,
			  a_shadow_frame_freed_under_its_view_resets_it,
			  a_view_with_a_vcpu_in_it_is_busy,
			  a_view_that_comes_anew_is_empty,
			  there_are_as_many_views_as_were_asked_for,
			  a_dying_guest_answers_0_and_does_nothing);
}
