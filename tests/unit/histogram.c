// SPDX-License-Identifier: GPL-2.0
/* Buckets of values, and percentiles of buckets. */
#include <linux/types.h>

#include <gprobe/histogram.h>

#include "unit.h"

/* A value is in its bucket: above all of the one before, not above its own. */
static void check_value(uint64_t value)
{
	unsigned int bucket = gprobe_histogram_bucket(value);
	uint64_t highest;

	unit_assert(bucket < GPROBE_HISTOGRAM_BUCKETS);
	highest = gprobe_histogram_highest(bucket);
	unit_assert(value <= highest);
	/* The promise: an eighth at most. */
	unit_assert(highest - value <= value / 8);
	if (bucket)
		unit_assert(value > gprobe_histogram_highest(bucket - 1));
}

START_TEST(values_around_powers_of_two_are_in_their_buckets)
{
	unsigned int bit;

	check_value(0);
	for (bit = 0; bit < 64; bit++) {
		check_value((1ULL << bit) - 1);
		check_value(1ULL << bit);
		check_value((1ULL << bit) + 1);
	}
	check_value(UINT64_MAX);
}
END_TEST

START_TEST(random_values_are_in_their_buckets)
{
	uint64_t state = 5;
	int round;

	for (round = 0; round < 100000; round++)
		check_value(unit_random(&state) >> round % 64);
}
END_TEST

START_TEST(buckets_follow_each_other_without_a_gap)
{
	unsigned int bucket;
	uint64_t highest;

	for (bucket = 0; bucket < GPROBE_HISTOGRAM_BUCKETS; bucket++) {
		highest = gprobe_histogram_highest(bucket);
		ck_assert_uint_eq(gprobe_histogram_bucket(highest), bucket);
		if (bucket + 1 < GPROBE_HISTOGRAM_BUCKETS)
			ck_assert_uint_eq(gprobe_histogram_bucket(highest + 1),
					  bucket + 1);
	}
	ck_assert_uint_eq(highest, UINT64_MAX);
}
END_TEST

START_TEST(an_empty_histogram_has_percentile_0)
{
	__u64 buckets[GPROBE_HISTOGRAM_BUCKETS] = { 0 };

	ck_assert_uint_eq(gprobe_histogram_percentile(buckets, 1), 0);
	ck_assert_uint_eq(gprobe_histogram_percentile(buckets, 100), 0);
}
END_TEST

START_TEST(one_value_is_every_percentile)
{
	__u64 buckets[GPROBE_HISTOGRAM_BUCKETS] = { 0 };
	unsigned int percent;

	buckets[gprobe_histogram_bucket(1000)] = 1;
	for (percent = 1; percent <= 100; percent++)
		ck_assert_uint_eq(gprobe_histogram_percentile(buckets,
							      percent), 1023);
}
END_TEST

START_TEST(percentiles_of_0_to_7_are_exact)
{
	__u64 buckets[GPROBE_HISTOGRAM_BUCKETS] = { 0 };

	/* 50 zeroes, 40 threes, 9 fives, 1 seven */
	buckets[0] = 50;
	buckets[3] = 40;
	buckets[5] = 9;
	buckets[7] = 1;
	ck_assert_uint_eq(gprobe_histogram_percentile(buckets, 1), 0);
	ck_assert_uint_eq(gprobe_histogram_percentile(buckets, 50), 0);
	ck_assert_uint_eq(gprobe_histogram_percentile(buckets, 51), 3);
	ck_assert_uint_eq(gprobe_histogram_percentile(buckets, 90), 3);
	ck_assert_uint_eq(gprobe_histogram_percentile(buckets, 91), 5);
	ck_assert_uint_eq(gprobe_histogram_percentile(buckets, 99), 5);
	ck_assert_uint_eq(gprobe_histogram_percentile(buckets, 100), 7);
}
END_TEST

START_TEST(percentiles_of_1_to_n_are_an_eighth_off_at_most)
{
	__u64 buckets[GPROBE_HISTOGRAM_BUCKETS] = { 0 };
	uint64_t nr = 12345, value, exact, found;
	unsigned int percent;

	for (value = 1; value <= nr; value++)
		buckets[gprobe_histogram_bucket(value)]++;
	for (percent = 1; percent <= 100; percent++) {
		exact = (nr * percent + 99) / 100;
		found = gprobe_histogram_percentile(buckets, percent);
		ck_assert_uint_ge(found, exact);
		ck_assert_uint_le(found, exact + exact / 8);
	}
}
END_TEST

START_TEST(the_last_bucket_and_huge_counts_do_not_overflow)
{
	__u64 buckets[GPROBE_HISTOGRAM_BUCKETS] = { 0 };

	buckets[0] = 1ULL << 62;
	buckets[GPROBE_HISTOGRAM_BUCKETS - 1] = 1ULL << 62;
	ck_assert_uint_eq(gprobe_histogram_percentile(buckets, 50), 0);
	ck_assert_uint_eq(gprobe_histogram_percentile(buckets, 51),
			  UINT64_MAX);
	ck_assert_uint_eq(gprobe_histogram_percentile(buckets, 100),
			  UINT64_MAX);
}
END_TEST

Suite *histogram_suite(void)
{
	return UNIT_SUITE("histogram",
		values_around_powers_of_two_are_in_their_buckets,
		random_values_are_in_their_buckets,
		buckets_follow_each_other_without_a_gap,
		an_empty_histogram_has_percentile_0,
		one_value_is_every_percentile,
		percentiles_of_0_to_7_are_exact,
		percentiles_of_1_to_n_are_an_eighth_off_at_most,
		the_last_bucket_and_huge_counts_do_not_overflow);
}
