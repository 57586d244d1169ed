// SPDX-License-Identifier: GPL-2.0
/* Numbers as people read them. */
#include "../../user/tool/number.h"

#include "unit.h"

START_TEST(things_are_in_the_plural_but_one)
{
	ck_assert_str_eq(number_of(0, "hit").text, "0 hits");
	ck_assert_str_eq(number_of(1, "hit").text, "1 hit");
	ck_assert_str_eq(number_of(1234, "vCPU").text, "1,234 vCPUs");
	ck_assert_str_eq(number_of(UINT64_MAX, "probe").text,
			 "18,446,744,073,709,551,615 probes");
}
END_TEST

START_TEST(durations_have_their_unit_as_they_are_rounded)
{
	ck_assert_str_eq(number_duration(999).text, "999 ns");
	ck_assert_str_eq(number_duration(1000).text, "1.0 us");
	ck_assert_str_eq(number_duration(999900).text, "999.9 us");
	ck_assert_str_eq(number_duration(999960).text, "1.0 ms");
	ck_assert_str_eq(number_duration(999999999).text, "1.0 s");
	ck_assert_str_eq(number_duration(NUMBER_NS_PER_S * 1234).text,
			 "1234.0 s");
}
END_TEST

Suite *number_suite(void)
{
	return UNIT_SUITE("number",
		things_are_in_the_plural_but_one,
		durations_have_their_unit_as_they_are_rounded);
}
