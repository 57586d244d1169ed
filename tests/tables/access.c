// SPDX-License-Identifier: GPL-2.0
/* The arbiter of what pages allow. */
#include <stdlib.h>

#include "rig.h"

struct desk {
	struct fake_driver *fake;
	struct gprobe_driver driver;
	struct gprobe_access_arbiter *arbiter;
};

static struct desk desk_new(void)
{
	struct desk desk = { .fake = fake_driver_new() };

	desk.driver = fake_driver_of(desk.fake, 0);
	unit_assert(!gprobe_access_new(&desk.driver, &desk.arbiter));
	return desk;
}

static void desk_free(struct desk *desk)
{
	ck_assert_uint_eq(gprobe_access_pages(desk->arbiter), 0);
	gprobe_access_free(desk->arbiter);
	fake_driver_free(desk->fake);
}

static uint8_t *access_of(struct desk *desk, uint32_t view, uint64_t gfn)
{
	return &desk->fake->views[view].pages[gfn].access;
}

static int get(struct desk *desk, uint64_t gfn, uint32_t allowed)
{
	return gprobe_access_get(desk->arbiter, 1, gfn, allowed);
}

static int put(struct desk *desk, uint64_t gfn, uint32_t allowed)
{
	return gprobe_access_put(desk->arbiter, 1, gfn, allowed);
}

START_TEST(reasons_intersect_and_go_in_any_order)
{
	static const uint32_t reasons[] = {
		GPROBE_ACCESS_X, GPROBE_ACCESS_RX, GPROBE_ACCESS_RX,
		GPROBE_ACCESS_RWX,
	};
	struct desk desk = desk_new();
	unsigned int order, i, at, left;
	uint32_t expected;

	/* Each way to begin, and the others in turn. */
	for (order = 0; order < ARRAY_SIZE(reasons); order++) {
		for (i = 0; i < ARRAY_SIZE(reasons); i++)
			ck_assert_int_eq(get(&desk, 5, reasons[i]), 0);
		for (i = 0; i < ARRAY_SIZE(reasons); i++) {
			at = (order + i) % ARRAY_SIZE(reasons);
			ck_assert_int_eq(put(&desk, 5, reasons[at]), 0);
			expected = GPROBE_ACCESS_RWX;
			for (left = i + 1; left < ARRAY_SIZE(reasons); left++)
				expected &= reasons[(order + left) %
						    ARRAY_SIZE(reasons)];
			ck_assert_uint_eq(*access_of(&desk, 1, 5), expected);
		}
	}
	desk_free(&desk);
}
END_TEST

START_TEST(what_was_before_comes_back_and_bounds_what_is_allowed)
{
	struct desk desk = desk_new();
	uint32_t before, allowed;

	for (before = 0; before <= GPROBE_ACCESS_RWX; before++)
		for (allowed = 0; allowed <= GPROBE_ACCESS_RWX; allowed++) {
			*access_of(&desk, 1, 5) = before;
			ck_assert_int_eq(get(&desk, 5, allowed), 0);
			ck_assert_uint_eq(*access_of(&desk, 1, 5),
					  before & allowed);
			ck_assert_uint_eq(gprobe_access_effective(desk.arbiter,
								  1, 5),
					  before & allowed);
			ck_assert_int_eq(put(&desk, 5, allowed), 0);
			ck_assert_uint_eq(*access_of(&desk, 1, 5), before);
		}
	desk_free(&desk);
}
END_TEST

START_TEST(views_and_frames_are_apart)
{
	struct desk desk = desk_new();

	ck_assert_int_eq(get(&desk, 5, GPROBE_ACCESS_X), 0);
	ck_assert_uint_eq(*access_of(&desk, 2, 5), GPROBE_ACCESS_RWX);
	ck_assert_uint_eq(*access_of(&desk, 1, 6), GPROBE_ACCESS_RWX);
	ck_assert_int_eq(gprobe_access_put(desk.arbiter, 2, 5,
					   GPROBE_ACCESS_X), -ENOENT);
	ck_assert_int_eq(put(&desk, 5, GPROBE_ACCESS_X), 0);
	desk_free(&desk);
}
END_TEST

START_TEST(a_reason_that_is_not_held_is_enoent)
{
	struct desk desk = desk_new();

	ck_assert_int_eq(put(&desk, 5, GPROBE_ACCESS_X), -ENOENT);
	ck_assert_int_eq(get(&desk, 5, GPROBE_ACCESS_RX), 0);
	ck_assert_int_eq(put(&desk, 5, GPROBE_ACCESS_X), -ENOENT);
	ck_assert_uint_eq(*access_of(&desk, 1, 5), GPROBE_ACCESS_RX);
	ck_assert_int_eq(put(&desk, 5, GPROBE_ACCESS_RX), 0);
	ck_assert_int_eq(put(&desk, 5, GPROBE_ACCESS_RX), -ENOENT);
	desk_free(&desk);
}
END_TEST

START_TEST(view_0_and_impossible_pages_are_einval)
{
	struct desk desk = desk_new();

	ck_assert_int_eq(gprobe_access_get(desk.arbiter, 0, 5,
					   GPROBE_ACCESS_X), -EINVAL);
	ck_assert_int_eq(get(&desk, 1ULL << 40, GPROBE_ACCESS_X), -EINVAL);
	ck_assert_int_eq(get(&desk, 5, 8), -EINVAL);
	ck_assert_uint_eq(desk.fake->steps, 0);
	desk_free(&desk);
}
END_TEST

START_TEST(a_second_reason_that_changes_nothing_is_no_call)
{
	struct desk desk = desk_new();

	ck_assert_int_eq(get(&desk, 5, GPROBE_ACCESS_X), 0);
	ck_assert_str_eq(desk.fake->log, "get set(1,5,x) ");
	ck_assert_uint_eq(desk.fake->trips, 2);
	fake_log_clear(desk.fake);
	ck_assert_int_eq(get(&desk, 5, GPROBE_ACCESS_X), 0);
	ck_assert_int_eq(get(&desk, 5, GPROBE_ACCESS_RX), 0);
	ck_assert_int_eq(put(&desk, 5, GPROBE_ACCESS_RX), 0);
	ck_assert_int_eq(put(&desk, 5, GPROBE_ACCESS_X), 0);
	ck_assert_uint_eq(desk.fake->trips, 0);
	ck_assert_int_eq(put(&desk, 5, GPROBE_ACCESS_X), 0);
	ck_assert_str_eq(desk.fake->log, "set(1,5,rwx) ");
	desk_free(&desk);
}
END_TEST

#define MANY	600

static void fill(struct gprobe_access_reason *reasons)
{
	unsigned int i;

	for (i = 0; i < MANY; i++)
		reasons[i] = (struct gprobe_access_reason){
			.view = 1 + i % 3, .gfn = i / 2,
			.allowed = i % 2 ? GPROBE_ACCESS_X : GPROBE_ACCESS_RX,
		};
}

START_TEST(many_are_one_batch)
{
	static struct gprobe_access_reason reasons[MANY];
	struct desk desk = desk_new();

	fill(reasons);
	ck_assert_int_eq(gprobe_access_get_many(desk.arbiter, reasons, MANY),
			 0);
	ck_assert_uint_eq(desk.fake->trips, 2);
	fake_log_clear(desk.fake);
	ck_assert_int_eq(gprobe_access_put_many(desk.arbiter, reasons, MANY),
			 0);
	ck_assert_uint_eq(desk.fake->trips, 1);
	desk_free(&desk);
}
END_TEST

static bool all_are(struct desk *desk, const struct gprobe_access_reason *r,
		    size_t nr, bool held)
{
	for (; nr--; r++)
		if (*access_of(desk, r->view, r->gfn) !=
		    (held ? r->allowed : GPROBE_ACCESS_RWX))
			return false;
	return true;
}

/* get and put of six pages, with step @n failing; false: it did not. */
static bool fail_one(unsigned int n, bool goes_on, bool broken)
{
	struct gprobe_access_reason reasons[6];
	struct desk desk = desk_new();
	unsigned int i;
	int got, ret;

	for (i = 0; i < ARRAY_SIZE(reasons); i++)
		reasons[i] = (struct gprobe_access_reason){
			.view = 1, .gfn = i, .allowed = GPROBE_ACCESS_X,
		};
	desk.fake->goes_on = goes_on;
	desk.fake->broken = broken;
	fake_fault(desk.fake, n, -EIO);
	got = gprobe_access_get_many(desk.arbiter, reasons, 6);
	if (got) {
		ck_assert_int_eq(got, -EIO);
		if (!broken)
			ck_assert(all_are(&desk, reasons, 6, false));
		fake_fault(desk.fake, 0, 0);
		/* A retry completes; so does settling. */
		ck_assert_int_eq(gprobe_access_settle(desk.arbiter), 0);
		ck_assert(all_are(&desk, reasons, 6, false));
		ck_assert_uint_eq(gprobe_access_pages(desk.arbiter), 0);
		ck_assert_int_eq(gprobe_access_get_many(desk.arbiter, reasons,
							6), 0);
	}
	ck_assert(all_are(&desk, reasons, 6, true));
	fake_fault(desk.fake, n, -EIO);
	ret = gprobe_access_put_many(desk.arbiter, reasons, 6);
	if (ret) {
		ck_assert_int_eq(ret, -EIO);
		if (!broken)
			ck_assert(all_are(&desk, reasons, 6, true));
		fake_fault(desk.fake, 0, 0);
		ck_assert_int_eq(gprobe_access_put_many(desk.arbiter, reasons,
							6), 0);
	}
	ck_assert(all_are(&desk, reasons, 6, false));
	desk_free(&desk);
	return got || ret;
}

START_TEST(any_call_failing_is_all_or_nothing)
{
	unsigned int n;

	for (n = 1; fail_one(n, _i % 2, _i / 2); n++)
		;
	ck_assert_uint_gt(n, 12);
}
END_TEST

START_TEST(any_allocation_failing_is_all_or_nothing)
{
	static struct gprobe_access_reason reasons[MANY];
	struct desk desk = desk_new();
	unsigned int n, pages;
	int ret;

	fill(reasons);
	for (n = 1;; n++) {
		fake_memory_refuse(n);
		ret = gprobe_access_get_many(desk.arbiter, reasons, MANY);
		if (!fake_memory_refuse(0))
			break;
		ck_assert_int_eq(ret, -ENOMEM);
		ck_assert_uint_eq(gprobe_access_pages(desk.arbiter), 0);
	}
	ck_assert_uint_gt(n, 1);
	ck_assert_int_eq(ret, 0);
	pages = gprobe_access_pages(desk.arbiter);
	fake_memory_refuse(1);
	ret = gprobe_access_put_many(desk.arbiter, reasons, MANY);
	fake_memory_refuse(0);
	ck_assert_int_eq(ret, -ENOMEM);
	ck_assert_uint_eq(gprobe_access_pages(desk.arbiter), pages);
	/* So many need none. */
	fake_memory_refuse(1);
	ret = gprobe_access_put_many(desk.arbiter, reasons, 256);
	ck_assert_int_eq(fake_memory_refuse(0), 0);
	ck_assert_int_eq(ret, 0);
	ck_assert_int_eq(gprobe_access_put_many(desk.arbiter, reasons + 256,
						MANY - 256), 0);
	desk_free(&desk);
}
END_TEST

START_TEST(what_is_gone_needs_no_restoring)
{
	struct desk desk = desk_new();
	struct gprobe_access_reason reasons[] = {
		{ 5, 1, GPROBE_ACCESS_X }, { 6, 1, GPROBE_ACCESS_X },
		{ 6, 2, GPROBE_ACCESS_X }, { 7, 2, GPROBE_ACCESS_X },
	};

	ck_assert_int_eq(gprobe_access_get_many(desk.arbiter, reasons, 4), 0);
	desk.fake->views[1].gone = true;
	desk.fake->missing[6] = true;
	ck_assert_int_eq(gprobe_access_put_many(desk.arbiter, reasons, 4), 0);
	/* The driver stopped at what is gone; the rest was done all the same. */
	ck_assert_uint_eq(*access_of(&desk, 2, 7), GPROBE_ACCESS_RWX);
	ck_assert_int_eq(get(&desk, 5, GPROBE_ACCESS_X), -ENOENT);
	ck_assert_int_eq(gprobe_access_get(desk.arbiter, 2, 6,
					   GPROBE_ACCESS_X), -ENXIO);
	desk_free(&desk);
}
END_TEST

START_TEST(an_access_that_was_lost_is_set_again)
{
	struct desk desk = desk_new();

	get(&desk, 5, GPROBE_ACCESS_RX);
	*access_of(&desk, 1, 5) = GPROBE_ACCESS_RWX;
	gprobe_access_lost(desk.arbiter, 1, 5);
	gprobe_access_lost(desk.arbiter, 1, 99);
	ck_assert_int_eq(gprobe_access_settle(desk.arbiter), 0);
	ck_assert_uint_eq(*access_of(&desk, 1, 5), GPROBE_ACCESS_RX);
	*access_of(&desk, 1, 5) = GPROBE_ACCESS_RWX;
	gprobe_access_lost(desk.arbiter, 1, 5);
	get(&desk, 6, GPROBE_ACCESS_X);
	ck_assert_uint_eq(*access_of(&desk, 1, 5), GPROBE_ACCESS_RX);
	put(&desk, 6, GPROBE_ACCESS_X);
	put(&desk, 5, GPROBE_ACCESS_RX);
	ck_assert_uint_eq(*access_of(&desk, 1, 5), GPROBE_ACCESS_RWX);
	desk_free(&desk);
}
END_TEST

/* Random reasons come and go; the page is always their intersection. */
START_TEST(random_reasons_with_faults_intersect)
{
	struct desk desk = desk_new();
	unsigned int held[8][8] = { 0 }, round, gfn, mask, m;
	uint64_t seed = 3;
	uint32_t expected;
	int ret;

	for (gfn = 0; gfn < 8; gfn++)
		*access_of(&desk, 1, gfn) = gfn;
	for (round = 0; round < 50000; round++) {
		gfn = unit_random(&seed) % 8;
		mask = unit_random(&seed) % 8;
		fake_fault(desk.fake, unit_random(&seed) % 6, -EIO);
		desk.fake->broken = !(unit_random(&seed) % 8);
		if (unit_random(&seed) % 2) {
			ret = get(&desk, gfn, mask);
			held[gfn][mask] += !ret;
		} else if (held[gfn][mask]) {
			ret = put(&desk, gfn, mask);
			held[gfn][mask] -= !ret;
		} else {
			continue;
		}
		fake_fault(desk.fake, 0, 0);
		if (ret && desk.fake->broken)
			unit_assert(!gprobe_access_settle(desk.arbiter));
		expected = gfn;
		for (m = 0; m < 8; m++)
			if (held[gfn][m])
				expected &= m;
		unit_assert(*access_of(&desk, 1, gfn) == expected);
	}
	for (gfn = 0; gfn < 8; gfn++)
		for (m = 0; m < 8; m++)
			while (held[gfn][m]) {
				held[gfn][m]--;
				unit_assert(!put(&desk, gfn, m));
			}
	for (gfn = 0; gfn < 8; gfn++)
		ck_assert_uint_eq(*access_of(&desk, 1, gfn), gfn);
	desk_free(&desk);
}
END_TEST

Suite *access_suite(void)
{
	Suite *suite = UNIT_SUITE("access",
		reasons_intersect_and_go_in_any_order,
		what_was_before_comes_back_and_bounds_what_is_allowed,
		views_and_frames_are_apart, a_reason_that_is_not_held_is_enoent,
		view_0_and_impossible_pages_are_einval,
		a_second_reason_that_changes_nothing_is_no_call,
		many_are_one_batch, any_allocation_failing_is_all_or_nothing,
		what_is_gone_needs_no_restoring,
		an_access_that_was_lost_is_set_again,
		random_reasons_with_faults_intersect);
	TCase *tcase = tcase_create("each way to fail");

	tcase_add_loop_test(tcase, any_call_failing_is_all_or_nothing, 0, 4);
	suite_add_tcase(suite, tcase);
	return suite;
}
