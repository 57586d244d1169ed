// SPDX-License-Identifier: GPL-2.0
/* complete_value(): the domains and pins that an option's value may be. */
#include "../../user/tool/complete_value.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <gprobe/client.h>

#include "../../user/tool/driver.h"
#include "fake_peer.h"
#include "fake_xen.h"
#include "unit.h"

#define HVM	XEN_DOMINF_hvm_guest

/* @expected: all that is printed where @word is typed, and its value at @at. */
static void check(const struct command_option *option, const char *word,
		  const char *at, const char *expected)
{
	FILE *real = stdout;
	char *printed;
	size_t bytes;

	stdout = open_memstream(&printed, &bytes);
	complete_value(option, word, at, NULL);
	fclose(stdout);
	stdout = real;
	ck_assert_str_eq(printed, expected);
	free(printed);
}

static void check_domains(const char *word, const char *at,
			  const char *expected)
{
	static const struct command_option option = {
		.name = "domain", .letter = 'd', .value = "DOMAIN",
	};

	check(&option, word, at, expected);
	ck_assert_int_eq(fake_xen.nr_handles, 0);
}

static void check_several(const char *word, const char *at,
			  const char *expected)
{
	static const struct command_option option = {
		.name = "domain", .letter = 'd', .value = "DOMAIN[,DOMAIN...]",
	};

	check(&option, word, at, expected);
	ck_assert_int_eq(fake_xen.nr_handles, 0);
}

static void check_pins(const char *word, const char *expected)
{
	static const struct command_option option = {
		.name = "pin", .letter = COMMAND_LONG_ONLY, .value = "NAME",
	};

	check(&option, word, word, expected);
	ck_assert_int_eq(peer_nr_open(), 0);
	ck_assert(peer_is_empty());
}

/* @name: NULL: it is not pinned */
static void put_session(uint32_t id, const char *name)
{
	struct nlmsghdr *head = peer_put(PEER_FAMILY, NLM_F_MULTI);

	mnl_attr_put_u32(head, GPROBE_A_SESSION_ID, id);
	if (name)
		mnl_attr_put_strz(head, GPROBE_A_SESSION_NAME, name);
	mnl_attr_put_u32(head, GPROBE_A_SESSION_DOMAINS, 1);
	mnl_attr_put_u32(head, GPROBE_A_SESSION_CLAIMS, 1);
}

static void put_sessions(void)
{
	peer_reset();
	peer_family();
	put_session(5, NULL);
	put_session(6, "nightly");
	put_session(0, "boot");
	peer_end();
	peer_put_done(0);
	peer_end();
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

START_TEST(of_several_the_last_is_offered)
{
	static const char word[] = "-dwindows,li";

	add_guests();
	check_several(word, word + 2, "-dwindows,linux\n");
	add_guests();
	check_several("w", "w", "windows\n");
	/* Where there can be one alone it is part of the name. */
	add_guests();
	check_domains(word, word + 2, "");
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

START_TEST(a_driver_with_guests_of_its_own_offers_them)
{
	add_guests();
	ck_assert_int_eq(driver_choose("sim"), 0);
	check_domains("", "", "sim\nsim2\nmortal\n");
	check_domains("x", "x", "");
}
END_TEST

START_TEST(names_of_pinned_sessions_are_offered)
{
	put_sessions();
	check_pins("", "nightly\nboot\n");
	put_sessions();
	check_pins("ni", "nightly\n");
}
END_TEST

START_TEST(without_the_module_there_are_no_pins)
{
	peer_reset();
	peer_put_error(-ENOENT, NULL);
	peer_end();
	check_pins("", "");
	peer_reset();
	peer_family();
	peer_put_error(-EPERM, NULL);
	peer_end();
	check_pins("", "");
}
END_TEST

Suite *complete_value_suite(void)
{
	return UNIT_SUITE("complete_value",
		guests_that_can_be_probed_are_offered,
		a_name_that_is_begun_chooses,
		what_stands_before_a_value_stays,
		of_several_the_last_is_offered,
		where_xen_does_not_tell_none_is_offered,
		a_driver_with_guests_of_its_own_offers_them,
		names_of_pinned_sessions_are_offered,
		without_the_module_there_are_no_pins);
}
