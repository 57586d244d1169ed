// SPDX-License-Identifier: GPL-2.0
/* complete_value(): the domains that an option's value may be. */
#include "../../user/tool/complete_value.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "fake_xen.h"
#include "unit.h"

#define HVM	XEN_DOMINF_hvm_guest

/* @expected: all that is printed where @word is typed, and its value at @at. */
static void check_domains(const char *word, const char *at,
			  const char *expected)
{
	static const struct command_option option = {
		.name = "domain", .letter = 'd', .value = "DOMAIN",
	};
	FILE *real = stdout;
	char *printed;
	size_t bytes;

	stdout = open_memstream(&printed, &bytes);
	complete_value(&option, word, at, NULL);
	fclose(stdout);
	stdout = real;
	ck_assert_str_eq(printed, expected);
	free(printed);
	ck_assert_int_eq(fake_xen.nr_handles, 0);
}

static void add_guests(void)
{
	fake_xen_reset();
	fake_xen_add(1, "linux", HVM);
	fake_xen_add(2, "windows", HVM);
	fake_xen_add(3, "paravirtual", 0);
	fake_xen_add(4, NULL, HVM);
}

START_TEST(guests_that_can_be_probed_are_offered)
{
	add_guests();
	check_domains("", "", "linux\nwindows\n4\n");
}
END_TEST

START_TEST(a_name_that_is_begun_chooses)
{
	add_guests();
	check_domains("win", "win", "windows\n");
	check_domains("dom", "dom", "");
}
END_TEST

START_TEST(what_stands_before_a_value_stays)
{
	static const char word[] = "--domain=li";

	add_guests();
	check_domains(word, word + 9, "--domain=linux\n");
}
END_TEST

START_TEST(where_xen_does_not_tell_none_is_offered)
{
	add_guests();
	fake_xen.list_errno = EIO;
	check_domains("", "", "");
	add_guests();
	fake_xen.open_errno = EACCES;
	check_domains("", "", "");
	add_guests();
	fake_xen.type = NULL;
	check_domains("", "", "");
}
END_TEST

Suite *complete_value_suite(void)
{
	return UNIT_SUITE("complete_value",
		guests_that_can_be_probed_are_offered,
		a_name_that_is_begun_chooses,
		what_stands_before_a_value_stays,
		where_xen_does_not_tell_none_is_offered);
}
