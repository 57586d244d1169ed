// SPDX-License-Identifier: GPL-2.0
/* Shadow frames kept by the library. */
#include <stdlib.h>

#include "rig.h"

/* A rig's table stays empty: INT3s are put in by hand. */
static int insert(struct rig *rig, uint32_t view, uint64_t gpa)
{
	struct gprobe_int3 int3 = {
		.view = view, .gfn = gpa >> 12, .offset = gpa & 0xfff,
	};
	int ret = gprobe_shadow_insert(rig->shadows, &int3, 1);

	ck_assert_int_eq(int3.ret, ret);
	return ret;
}

static int take_out(struct rig *rig, uint32_t view, uint64_t gpa)
{
	struct gprobe_int3 int3 = {
		.view = view, .gfn = gpa >> 12, .offset = gpa & 0xfff,
	};
	int ret = gprobe_shadow_remove(rig->shadows, &int3, 1);

	ck_assert_int_eq(int3.ret, ret);
	return ret;
}

static struct gprobe_shadow_figures figures(const struct rig *rig)
{
	struct gprobe_shadow_figures all;

	gprobe_shadow_figures(rig->shadows, &all);
	return all;
}

static uint8_t *guest(struct rig *rig, uint64_t gpa)
{
	return &rig->fake->frames[gpa >> 12][gpa & 0xfff];
}

START_TEST(one_frame_for_each_view_and_page)
{
	struct rig *rig = rig_new(RIG_SHADOW);

	ck_assert_int_eq(insert(rig, 1, GPA), 0);
	ck_assert_int_eq(insert(rig, 1, GPA + 1), 0);
	ck_assert_uint_eq(figures(rig).frames, 1);
	ck_assert_int_eq(insert(rig, 2, GPA), 0);
	ck_assert_int_eq(insert(rig, 1, GPA + 0x1000), 0);
	ck_assert_uint_eq(figures(rig).frames, 3);
	ck_assert_uint_eq(figures(rig).int3s, 4);
	ck_assert_uint_eq(fake_fetch(rig->fake, 1, GPA), 0xcc);
	ck_assert_uint_eq(fake_fetch(rig->fake, 1, GPA + 1), 0xcc);
	ck_assert_uint_eq(fake_fetch(rig->fake, 1, GPA + 2),
			  *guest(rig, GPA + 2));
	ck_assert_uint_eq(fake_fetch(rig->fake, 2, GPA + 1),
			  *guest(rig, GPA + 1));
	take_out(rig, 1, GPA);
	take_out(rig, 1, GPA + 1);
	take_out(rig, 2, GPA);
	take_out(rig, 1, GPA + 0x1000);
	rig_free(rig);
}
END_TEST

START_TEST(each_offset_is_counted)
{
	struct rig *rig = rig_new(RIG_SHADOW);

	ck_assert_int_eq(insert(rig, 1, GPA), 0);
	ck_assert_int_eq(insert(rig, 1, GPA), 0);
	ck_assert_int_eq(take_out(rig, 1, GPA), 0);
	ck_assert_uint_eq(fake_fetch(rig->fake, 1, GPA), 0xcc);
	ck_assert_int_eq(take_out(rig, 1, GPA), 0);
	ck_assert_int_eq(take_out(rig, 1, GPA), -ENOENT);
	ck_assert(rig_is_clean(rig));
	rig_free(rig);
}
END_TEST

START_TEST(the_guests_frame_is_never_written)
{
	struct rig *rig = rig_new(RIG_SHADOW);
	uint8_t before[4096];

	memcpy(before, rig->fake->frames[GFN], 4096);
	insert(rig, 1, GPA);
	insert(rig, 2, GPA + 1);
	ck_assert_mem_eq(before, rig->fake->frames[GFN], 4096);
	/* Reads come as events, and are done on it: the original bytes. */
	ck_assert(!(rig->fake->views[1].pages[GFN].access & GPROBE_ACCESS_R));
	take_out(rig, 1, GPA);
	take_out(rig, 2, GPA + 1);
	ck_assert_mem_eq(before, rig->fake->frames[GFN], 4096);
	rig_free(rig);
}
END_TEST

START_TEST(the_last_int3_gives_the_view_its_page_back)
{
	struct rig *rig = rig_new(RIG_SHADOW);

	rig->fake->views[1].pages[GFN].access = GPROBE_ACCESS_RX;
	insert(rig, 1, GPA);
	insert(rig, 1, GPA + 8);
	ck_assert_uint_eq(rig->fake->views[1].pages[GFN].access,
			  GPROBE_ACCESS_X);
	take_out(rig, 1, GPA);
	ck_assert(rig->fake->views[1].pages[GFN].remapped);
	ck_assert_uint_eq(fake_fetch(rig->fake, 1, GPA), *guest(rig, GPA));
	take_out(rig, 1, GPA + 8);
	ck_assert(!rig->fake->views[1].pages[GFN].remapped);
	ck_assert_uint_eq(rig->fake->views[1].pages[GFN].access,
			  GPROBE_ACCESS_RX);
	rig->fake->views[1].pages[GFN].access = GPROBE_ACCESS_RWX;
	rig_free(rig);
}
END_TEST

START_TEST(a_frame_is_used_again_with_fresh_content)
{
	struct rig *rig = rig_new(RIG_SHADOW);
	unsigned int frames, i;

	insert(rig, 1, GPA);
	frames = fake_shadows_used(rig->fake);
	for (i = 0; i < 100; i++) {
		take_out(rig, 1, GPA);
		*guest(rig, GPA + 3) = i;
		*guest(rig, GPA + 0x1003) = ~i;
		insert(rig, 1, GPA + 0x1000);
		ck_assert_uint_eq(fake_fetch(rig->fake, 1, GPA + 0x1003),
				  ~i & 0xff);
		take_out(rig, 1, GPA + 0x1000);
		insert(rig, 1, GPA);
		ck_assert_uint_eq(fake_fetch(rig->fake, 1, GPA + 3), i);
	}
	ck_assert_uint_eq(fake_shadows_used(rig->fake), frames);
	take_out(rig, 1, GPA);
	ck_assert_uint_eq(figures(rig).pooled, frames);
	rig_free(rig);
}
END_TEST

START_TEST(a_guests_write_is_carried_over_and_under)
{
	struct rig *rig = rig_new(RIG_SHADOW);
	uint8_t byte;

	insert(rig, 1, GPA);
	insert(rig, 2, GPA + 2);
	memcpy(guest(rig, GPA - 1), "\x11\x22\x33\x44\x55", 5);
	ck_assert_int_eq(gprobe_shadow_wrote(rig->shadows, GPA - 1, 5), 0);
	ck_assert_uint_eq(fake_fetch(rig->fake, 1, GPA - 1), 0x11);
	ck_assert_uint_eq(fake_fetch(rig->fake, 1, GPA), 0xcc);
	ck_assert_uint_eq(fake_fetch(rig->fake, 1, GPA + 2), 0x44);
	ck_assert_uint_eq(fake_fetch(rig->fake, 2, GPA), 0x22);
	ck_assert_uint_eq(fake_fetch(rig->fake, 2, GPA + 2), 0xcc);
	ck_assert_int_eq(gprobe_shadow_original(rig->shadows, 1, GPA, &byte),
			 0);
	ck_assert_uint_eq(byte, 0x22);
	/* What was written under the INT3 is what comes back. */
	insert(rig, 1, GPA + 9);
	take_out(rig, 1, GPA);
	ck_assert_uint_eq(fake_fetch(rig->fake, 1, GPA), 0x22);
	take_out(rig, 1, GPA + 9);
	take_out(rig, 2, GPA + 2);
	rig_free(rig);
}
END_TEST

START_TEST(a_write_of_unknown_length_is_the_page)
{
	struct rig *rig = rig_new(RIG_SHADOW);
	unsigned int i;

	insert(rig, 1, GPA);
	memset(rig->fake->frames[GFN], 0x77, 4096);
	ck_assert_int_eq(gprobe_shadow_wrote(rig->shadows, GPA, 0), 0);
	for (i = 0; i < 4096; i++)
		unit_assert(fake_fetch(rig->fake, 1, GFN << 12 | i) ==
			    ((GFN << 12 | i) == GPA ? 0xcc : 0x77));
	/* One that leaves the page: its part in the page. */
	memset(rig->fake->frames[GFN], 0x66, 4096);
	ck_assert_int_eq(gprobe_shadow_wrote(rig->shadows,
					     (GFN << 12) + 4090, 100), 0);
	ck_assert_uint_eq(fake_fetch(rig->fake, 1, (GFN << 12) + 4089), 0x77);
	ck_assert_uint_eq(fake_fetch(rig->fake, 1, (GFN << 12) + 4095), 0x66);
	take_out(rig, 1, GPA);
	rig_free(rig);
}
END_TEST

START_TEST(a_write_elsewhere_is_none_of_ours)
{
	struct rig *rig = rig_new(RIG_SHADOW);

	ck_assert_int_eq(gprobe_shadow_wrote(rig->shadows, GPA, 8), 0);
	ck_assert_uint_eq(rig->fake->steps, 0);
	ck_assert_int_eq(gprobe_shadow_wrote(rig->shadows, 1ULL << 52, 8),
			 -EINVAL);
	insert(rig, 1, GPA);
	fake_fault(rig->fake, 1, -EIO);
	*guest(rig, GPA + 1) = 0x99;
	ck_assert_int_eq(gprobe_shadow_wrote(rig->shadows, GPA, 8), -EIO);
	ck_assert_uint_ne(fake_fetch(rig->fake, 1, GPA + 1), 0x99);
	ck_assert_int_eq(gprobe_shadow_wrote(rig->shadows, GPA, 8), 0);
	ck_assert_uint_eq(fake_fetch(rig->fake, 1, GPA + 1), 0x99);
	take_out(rig, 1, GPA);
	rig_free(rig);
}
END_TEST

START_TEST(the_guests_own_int3_under_ours_is_kept)
{
	struct rig *rig = rig_new(RIG_SHADOW);
	uint8_t byte;

	*guest(rig, GPA) = 0xcc;
	insert(rig, 1, GPA);
	insert(rig, 1, GPA + 1);
	ck_assert_int_eq(gprobe_shadow_original(rig->shadows, 1, GPA, &byte),
			 0);
	ck_assert_uint_eq(byte, 0xcc);
	take_out(rig, 1, GPA);
	ck_assert_uint_eq(fake_fetch(rig->fake, 1, GPA), 0xcc);
	ck_assert_int_eq(gprobe_shadow_original(rig->shadows, 1, GPA, &byte),
			 -ENOENT);
	take_out(rig, 1, GPA + 1);
	ck_assert_uint_eq(fake_fetch(rig->fake, 1, GPA), 0xcc);
	rig_free(rig);
}
END_TEST

START_TEST(other_reasons_are_respected_all_along)
{
	struct rig *rig = rig_new(RIG_SHADOW);
	uint8_t *access = &rig->fake->views[1].pages[GFN].access;

	/* The monitor write-protects the page, before and during. */
	gprobe_access_get(rig->arbiter, 1, GFN, GPROBE_ACCESS_RX);
	insert(rig, 1, GPA);
	ck_assert_uint_eq(*access, GPROBE_ACCESS_X);
	take_out(rig, 1, GPA);
	ck_assert_uint_eq(*access, GPROBE_ACCESS_RX);
	insert(rig, 1, GPA);
	gprobe_access_put(rig->arbiter, 1, GFN, GPROBE_ACCESS_RX);
	ck_assert_uint_eq(*access, GPROBE_ACCESS_X);
	gprobe_access_get(rig->arbiter, 1, GFN, GPROBE_ACCESS_RW);
	ck_assert_uint_eq(*access, GPROBE_ACCESS_N);
	take_out(rig, 1, GPA);
	ck_assert_uint_eq(*access, GPROBE_ACCESS_RW);
	gprobe_access_put(rig->arbiter, 1, GFN, GPROBE_ACCESS_RW);
	ck_assert_uint_eq(gprobe_access_pages(rig->arbiter), 0);
	rig_free(rig);
}
END_TEST

START_TEST(a_page_that_is_not_there_is_enxio)
{
	struct rig *rig = rig_new(RIG_SHADOW);

	rig->fake->missing[GFN] = true;
	ck_assert_int_eq(insert(rig, 1, GPA), -ENXIO);
	ck_assert_int_eq(insert(rig, 0, GPA), -EINVAL);
	rig->fake->views[2].gone = true;
	ck_assert_int_eq(insert(rig, 2, GPA + 0x1000), -ENOENT);
	ck_assert_uint_eq(figures(rig).frames, 0);
	ck_assert_uint_eq(figures(rig).int3s, 0);
	ck_assert_uint_eq(gprobe_access_pages(rig->arbiter), 0);
	rig_free(rig);
}
END_TEST

START_TEST(removing_from_what_is_gone_is_success)
{
	struct rig *rig = rig_new(RIG_SHADOW);
	struct gprobe_int3 int3s[3] = {
		{ .view = 1, .gfn = 5 }, { .view = 2, .gfn = 5 },
		{ .view = 2, .gfn = 6 },
	};

	ck_assert_int_eq(gprobe_shadow_insert(rig->shadows, int3s, 3), 0);
	rig->fake->views[1].gone = true;
	ck_assert_int_eq(gprobe_shadow_remove(rig->shadows, int3s, 3), 0);
	ck_assert_uint_eq(figures(rig).frames, 0);
	ck_assert_uint_eq(gprobe_access_pages(rig->arbiter), 0);
	ck_assert(rig_is_clean(rig));
	rig_free(rig);
}
END_TEST

START_TEST(the_guests_limit_leaves_room_for_few_frames)
{
	struct rig *rig = rig_new(RIG_SHADOW);

	rig->fake->room = 2;
	ck_assert_int_eq(insert(rig, 1, GPA), 0);
	ck_assert_int_eq(insert(rig, 2, GPA), 0);
	ck_assert_int_eq(insert(rig, 3, GPA), -ENOMEM);
	ck_assert_uint_eq(figures(rig).frames, 2);
	take_out(rig, 1, GPA);
	ck_assert_int_eq(insert(rig, 3, GPA), 0);
	take_out(rig, 2, GPA);
	take_out(rig, 3, GPA);
	rig_free(rig);
}
END_TEST

START_TEST(each_of_many_has_its_answer)
{
	struct rig *rig = rig_new(RIG_SHADOW);
	struct gprobe_int3 int3s[4] = {
		{ .view = 1, .gfn = 5, .offset = 1 },
		{ .view = 1, .gfn = 6, .offset = 2 },
		{ .view = 0, .gfn = 6, .offset = 2 },
		{ .view = 1, .gfn = 5, .offset = 3 },
	};

	rig->fake->goes_on = true;
	/* alloc, get, get, map, and the first remap fails. */
	fake_fault(rig->fake, 5, -EIO);
	ck_assert_int_eq(gprobe_shadow_insert(rig->shadows, int3s, 4), -EIO);
	ck_assert_int_eq(int3s[0].ret, -EIO);
	ck_assert_int_eq(int3s[1].ret, 0);
	ck_assert_int_eq(int3s[2].ret, -EINVAL);
	ck_assert_int_eq(int3s[3].ret, -EIO);
	ck_assert_uint_eq(figures(rig).int3s, 1);
	ck_assert_int_eq(gprobe_shadow_remove(rig->shadows, int3s, 4),
			 -ENOENT);
	ck_assert_int_eq(int3s[1].ret, 0);
	ck_assert(rig_is_clean(rig));
	rig_free(rig);
}
END_TEST

START_TEST(an_int3_is_never_away_while_bytes_are_carried)
{
	struct rig *rig = rig_new(RIG_SHADOW);
	const volatile uint8_t *byte;
	uint64_t to;
	unsigned int i;

	insert(rig, 1, GPA);
	to = rig->fake->views[1].pages[GFN].to;
	byte = &rig->fake->shadows[to - FAKE_SHADOW_GFN][GPA & 0xfff];
	for (i = 0; i < 256; i++) {
		memset(rig->fake->frames[GFN], i, 4096);
		gprobe_shadow_wrote(rig->shadows, GPA, 0);
		ck_assert_uint_eq(*byte, 0xcc);
	}
	take_out(rig, 1, GPA);
	rig_free(rig);
}
END_TEST

START_TEST(a_driver_without_frames_is_eopnotsupp)
{
	struct rig *rig = rig_new(RIG_CLAIMS);
	struct gprobe_shadows *shadows;

	ck_assert_int_eq(gprobe_shadow_new(&rig->driver, rig->arbiter,
					   &shadows), -EOPNOTSUPP);
	rig_free(rig);
}
END_TEST

Suite *shadow_suite(void)
{
	return UNIT_SUITE("shadow", one_frame_for_each_view_and_page,
		each_offset_is_counted, the_guests_frame_is_never_written,
		the_last_int3_gives_the_view_its_page_back,
		a_frame_is_used_again_with_fresh_content,
		a_guests_write_is_carried_over_and_under,
		a_write_of_unknown_length_is_the_page,
		a_write_elsewhere_is_none_of_ours,
		the_guests_own_int3_under_ours_is_kept,
		other_reasons_are_respected_all_along,
		a_page_that_is_not_there_is_enxio,
		removing_from_what_is_gone_is_success,
		the_guests_limit_leaves_room_for_few_frames,
		each_of_many_has_its_answer,
		an_int3_is_never_away_while_bytes_are_carried,
		a_driver_without_frames_is_eopnotsupp);
}
