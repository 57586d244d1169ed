// SPDX-License-Identifier: GPL-2.0
/* Reasons are one line that fits. */
#include "../../user/lib/why.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "unit.h"

START_TEST(the_error_is_passed_on)
{
	struct gprobe_why why;

	ck_assert_int_eq(gprobe_why(&why, -ENOENT, "no %s %d", "file", 3),
			 -ENOENT);
	ck_assert_str_eq(why.text, "no file 3");
	ck_assert_int_eq(gprobe_why(&why, -EIO, "%s", ""), -EIO);
	ck_assert_str_eq(why.text, "");
}
END_TEST

START_TEST(null_takes_no_reason)
{
	ck_assert_int_eq(gprobe_why(NULL, -ENOENT, "no %s", "file"), -ENOENT);
}
END_TEST

START_TEST(each_control_character_is_replaced)
{
	struct gprobe_why why;
	int c;

	for (c = 1; c < 256; c++) {
		gprobe_why(&why, -EINVAL, "a%cb", c);
		ck_assert_int_eq(why.text[0], 'a');
		ck_assert_int_eq(why.text[1],
				 c < ' ' || c == 0x7f ? '?' : (char)c);
		ck_assert_str_eq(why.text + 2, "b");
	}
}
END_TEST

START_TEST(what_does_not_fit_is_cut_off)
{
	char longer[2000], expected[512];
	struct gprobe_why why;

	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	snprintf(expected, sizeof(expected), "%.511s", longer);
	gprobe_why(&why, -EINVAL, "%s\n", longer);
	ck_assert_uint_eq(sizeof(why.text), sizeof(expected));
	ck_assert_str_eq(why.text, expected);
}
END_TEST

Suite *why_suite(void)
{
	return UNIT_SUITE("why", the_error_is_passed_on, null_takes_no_reason,
			  each_control_character_is_replaced,
			  what_does_not_fit_is_cut_off);
}
