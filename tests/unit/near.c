// SPDX-License-Identifier: GPL-2.0
/* Names like another one, and how much alike they are. */
#include <gprobe/symbols.h>

#include <string.h>

#include "unit.h"

#define LONGEST	80

static unsigned int min(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* Levenshtein's distance by the textbook's full matrix. */
static unsigned int naive(const char *a, const char *b)
{
	static unsigned int d[LONGEST + 1][LONGEST + 1];
	size_t na = strlen(a), nb = strlen(b), i, j;

	for (i = 0; i <= na; i++)
		d[i][0] = i;
	for (j = 0; j <= nb; j++)
		d[0][j] = j;
	for (i = 1; i <= na; i++)
		for (j = 1; j <= nb; j++)
			d[i][j] = min(min(d[i - 1][j], d[i][j - 1]) + 1,
				      d[i - 1][j - 1] +
				      (a[i - 1] != b[j - 1]));
	return d[na][nb];
}

static void random_name(char *name, size_t longest, uint64_t *state)
{
	size_t length = unit_random(state) % (longest + 1), i;

	for (i = 0; i < length; i++)
		name[i] = "abc"[unit_random(state) % 3];
	name[length] = '\0';
}

START_TEST(the_distance_is_levenshteins_up_to_its_limit)
{
	char a[LONGEST + 1], b[LONGEST + 1];
	unsigned int limit, expected;
	uint64_t state = 3;
	int round;

	for (round = 0; round < 20000; round++) {
		random_name(a, round % 65, &state);
		random_name(b, round % 65, &state);
		limit = unit_random(&state) % 24;
		expected = min(naive(a, b), limit + 1);
		if (gprobe_name_distance(a, b, limit) != expected)
			ck_abort_msg("'%s' and '%s' are not %u apart", a, b,
				     expected);
	}
}
END_TEST

START_TEST(the_distance_is_symmetric)
{
	char a[LONGEST + 1], b[LONGEST + 1];
	uint64_t state = 4;
	int round;

	for (round = 0; round < 10000; round++) {
		random_name(a, LONGEST, &state);
		random_name(b, LONGEST, &state);
		unit_assert(gprobe_name_distance(a, b, 20) ==
			    gprobe_name_distance(b, a, 20));
		unit_assert(!gprobe_name_distance(a, a, 0));
	}
}
END_TEST

START_TEST(long_names_are_alike_only_when_equal)
{
	char a[66], b[66];

	memset(a, 'x', sizeof(a));
	a[65] = '\0';
	strcpy(b, a);
	ck_assert_uint_eq(gprobe_name_distance(a, b, 3), 0);
	b[64] = 'y';
	ck_assert_uint_eq(gprobe_name_distance(a, b, 3), 4);
	a[64] = b[64] = '\0';
	b[63] = 'y';
	ck_assert_uint_eq(gprobe_name_distance(a, b, 3), 1);
}
END_TEST

/* Checks that what is near @name is @expected, nearest first. */
static void check_near(const char *text, const char *name, size_t max,
		       const char *const *expected, size_t nr)
{
	const char *near[GPROBE_NEAR_MAX + 2];
	struct gprobe_symbols *symbols;
	size_t i;

	symbols = unit_symbols(text);
	ck_assert_uint_eq(gprobe_symbols_near(symbols, name, near, max), nr);
	for (i = 0; i < nr; i++)
		ck_assert_str_eq(near[i], expected[i]);
	gprobe_symbols_free(symbols);
}

START_TEST(the_nearest_name_comes_first)
{
	static const char text[] = "1000 T schedule_out\n2000 T schedules\n"
		"3000 T schedule_it\n4000 T unlike_it\n5000 T sxhedulex\n";
	static const char *const all[] = {
		"schedules", "sxhedulex", "schedule_it",
	};

	check_near(text, "schedule", 8, all, 3);
	check_near(text, "schedule", 2, all, 2);
	check_near(text, "schedule", 1, all, 1);
	check_near(text, "schedule", 0, NULL, 0);
}
END_TEST

START_TEST(of_equally_near_names_the_lowest_address_comes_first)
{
	static const char *const expected[] = { "fooc", "fooa", "foob" };

	check_near("3000 T foob\n2000 T fooa\n1000 T fooc\n", "foo", 8,
		   expected, 3);
	check_near("3000 T foob\n2000 T fooa\n1000 T fooc\n", "foo", 2,
		   expected, 2);
}
END_TEST

START_TEST(a_name_of_several_places_is_near_once)
{
	static const char *const expected[] = { "twin" };

	check_near("1000 t twin\n2000 t twin\n3000 t twin\n", "twim", 8,
		   expected, 1);
}
END_TEST

START_TEST(data_is_never_near)
{
	static const char *const expected[] = { "code2" };

	check_near("1000 D code1\n2000 T code2\n", "code", 8, expected, 1);
}
END_TEST

START_TEST(more_than_eight_names_are_never_given)
{
	static const char *const expected[] = {
		"fa", "fb", "fc", "fd", "fe", "fg", "fh", "fi",
	};

	check_near("1 T fa\n2 T fb\n3 T fc\n4 T fd\n5 T fe\n6 T fg\n7 T fh\n"
		   "8 T fi\n9 T fj\na T fk\n", "f", GPROBE_NEAR_MAX + 2,
		   expected, 8);
}
END_TEST

START_TEST(nothing_is_near_an_alien_name)
{
	check_near("1000 T schedule\n2000 T printk\n", "xyzzyxyzzy", 8, NULL,
		   0);
}
END_TEST

Suite *near_suite(void)
{
	return UNIT_SUITE("near",
		the_distance_is_levenshteins_up_to_its_limit,
		the_distance_is_symmetric,
		long_names_are_alike_only_when_equal,
		the_nearest_name_comes_first,
		of_equally_near_names_the_lowest_address_comes_first,
		a_name_of_several_places_is_near_once, data_is_never_near,
		more_than_eight_names_are_never_given,
		nothing_is_near_an_alien_name);
}
