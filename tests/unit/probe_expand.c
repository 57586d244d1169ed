// SPDX-License-Identifier: GPL-2.0
/* gprobe_probe_expand(): the functions that a glob means. */
#include <gprobe/probe.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define SLIDE	0x600000ULL

static const char map[] =
	"0000000000001000 T __x64_sys_read\n"
	"0000000000001000 T __x64_sys_pread\n"
	"0000000000001100 t __x64_sys_write\n"
	"0000000000001200 W __x64_sys_open\n"
	"0000000000001300 D __x64_sys_table\n"
	"0000000000001400 t twin\n"
	"0000000000001500 t twin\n"
	"00000000000015f0 t __pfx_schedule\n"
	"0000000000001600 T schedule\n"
	"0000000000001700 t schedule.cold\n"
	"0000000000001710 t schedule.cold.1\n";

static struct gprobe_symbols *symbols;
static struct gprobe_probe *probes;
static size_t nr;
static struct gprobe_why why;

static int expand(const char *text, const char *names)
{
	struct gprobe_space space = { .slide = SLIDE };
	struct gprobe_probe glob;
	int ret;

	gprobe_symbols_free(symbols);
	symbols = NULL;
	if (names)
		symbols = unit_symbols(names);
	space.symbols = symbols;
	ck_assert_int_eq(gprobe_probe_parse(text, &glob, &why), 0);
	ck_assert(gprobe_probe_is_glob(&glob));
	ret = gprobe_probe_expand(&glob, &space, &probes, &nr, &why);
	if (ret)
		ck_assert_int_eq(gprobe_probe_expand(&glob, &space, &probes,
						     &nr, NULL), ret);
	return ret;
}

/* @expected: texts, with blanks. */
static void check(const char *text, const char *expected)
{
	char got[1024] = "";
	size_t i;

	ck_assert_msg(!expand(text, map), "'%s': %s", text, why.text);
	for (i = 0; i < nr; i++) {
		strcat(got, i ? " " : "");
		strcat(got, probes[i].text);
		ck_assert(!gprobe_probe_is_glob(&probes[i]));
	}
	ck_assert_str_eq(got, expected);
	free(probes);
}

START_TEST(all_functions_that_match_are_meant_by_rising_address)
{
	check("__x64_sys_*", "__x64_sys_read __x64_sys_write __x64_sys_open");
	check("__x64_sys_?????", "__x64_sys_pread __x64_sys_write");
	check("*_[or]*", "__x64_sys_read __x64_sys_open");
	check("*[!e]d", "__x64_sys_read");
	check("s*", "schedule");
}
END_TEST

START_TEST(what_the_compiler_adds_to_a_function_is_meant_only_where_it_is_named)
{
	check("*sched*", "schedule");
	check("sched*.cold*", "schedule.cold schedule.cold.1");
	check("__pfx_s*", "__pfx_schedule");
}
END_TEST

START_TEST(a_place_of_several_names_comes_once_by_the_first_that_matches)
{
	check("*read", "__x64_sys_read");
	check("*pr*", "__x64_sys_pread");
}
END_TEST

START_TEST(functions_of_one_name_come_each)
{
	ck_assert_int_eq(expand("tw*", map), 0);
	ck_assert_uint_eq(nr, 2);
	ck_assert_str_eq(probes[0].text, "twin");
	ck_assert_uint_eq(probes[0].gva, 0x1400 + SLIDE);
	ck_assert_str_eq(probes[1].text, "twin");
	ck_assert_uint_eq(probes[1].gva, 0x1500 + SLIDE);
	free(probes);
}
END_TEST

START_TEST(offset_and_root_are_those_of_the_glob)
{
	check("*_write+0x10@0x5000", "__x64_sys_write+0x10@0x5000");
	ck_assert_int_eq(expand("*_write+0x10@0x5000", map), 0);
	ck_assert_str_eq(probes[0].symbol, "__x64_sys_write");
	ck_assert_uint_eq(probes[0].offset, 0x10);
	ck_assert_uint_eq(probes[0].root, 0x5000);
	ck_assert_uint_eq(probes[0].gva, 0x1110 + SLIDE);
	free(probes);
}
END_TEST

START_TEST(a_glob_of_a_file_means_that_files)
{
	struct gprobe_space_file file = { .path = "/lib/libc.so.6", .slide = 16 };
	struct gprobe_space space = { .files = &file, .nr_files = 1 };
	struct gprobe_probe glob;

	check("s*", "schedule");
	file.symbols = symbols;
	ck_assert_int_eq(gprobe_probe_parse("libc.so.6:*_write+1@0x5000",
					    &glob, NULL), 0);
	ck_assert_int_eq(gprobe_probe_expand(&glob, &space, &probes, &nr,
					     &why), 0);
	ck_assert_uint_eq(nr, 1);
	ck_assert_str_eq(probes[0].text,
			 "libc.so.6:__x64_sys_write+1@0x5000");
	ck_assert_uint_eq(probes[0].gva, 0x1111);
	free(probes);
}
END_TEST

START_TEST(a_name_that_is_no_label_gives_way_to_its_address)
{
	char text[300];
	size_t bytes = sprintf(text, "0000000000001000 T f");

	memset(text + bytes, 'x', 126);
	strcpy(text + bytes + 126, "\n");
	ck_assert_int_eq(expand("f*", text), 0);
	ck_assert_uint_eq(strlen(probes[0].text), GPROBE_PROBE_TEXT_MAX);
	free(probes);
	strcpy(text + bytes + 126, "y\n");
	ck_assert_int_eq(expand("f*", text), 0);
	ck_assert_str_eq(probes[0].text, "0x601000");
	ck_assert_str_eq(probes[0].symbol, "");
	free(probes);
	ck_assert_int_eq(expand("f*+4@0x5000", text), 0);
	ck_assert_str_eq(probes[0].text, "0x601004@0x5000");
	ck_assert_uint_eq(probes[0].gva, 0x601004);
	free(probes);
	ck_assert_int_eq(expand("r:f*@0x5000", text), 0);
	ck_assert_str_eq(probes[0].text, "r:0x601000@0x5000");
	ck_assert_uint_eq(probes[0].gva, 0x601000);
	free(probes);
}
END_TEST

START_TEST(a_glob_without_a_function_is_enoent_with_the_nearest)
{
	ck_assert_int_eq(expand("__x64_sis_o*", map), -ENOENT);
	unit_says(&why, "no function matches '__x64_sis_o*'; nearest: __x64_sys_open");
	ck_assert_int_eq(expand("*_table", map), -ENOENT);
	unit_says(&why, "no function matches '*_table'");
	ck_assert_int_eq(expand("zzzzz*", map), -ENOENT);
	ck_assert_str_eq(why.text, "no function matches 'zzzzz*'");
	ck_assert_int_eq(expand("[", map), -ENOENT);
	ck_assert_int_eq(expand("s*", NULL), -ENOENT);
	unit_says(&why, "--symbols FILE");
}
END_TEST

START_TEST(whatever_a_glob_is_it_is_expanded_or_refused)
{
	static const char letters[] = "*?[]!\\-^_x64sysread";
	char text[32];
	uint64_t state = 7;
	size_t length, i;
	int round, ret;

	for (round = 0; round < 20000; round++) {
		length = unit_random(&state) % 12;
		for (i = 0; i < length; i++)
			text[i] = letters[unit_random(&state) %
					  (sizeof(letters) - 1)];
		text[i] = '\0';
		text[0] = "*?["[round % 3];
		text[1] = length < 2 ? '\0' : text[1];
		ret = expand(text, map);
		unit_assert(!ret || ret == -ENOENT);
		if (!ret)
			free(probes);
	}
}
END_TEST

START_TEST(a_glob_that_was_not_expanded_has_no_place)
{
	struct gprobe_vcpu vcpu = { 0 };
	struct gprobe_space space = { .vcpus = &vcpu, .nr_vcpus = 1 };
	struct gprobe_probe glob;

	ck_assert_int_eq(expand("s*", map), 0);
	free(probes);
	space.symbols = symbols;
	ck_assert_int_eq(gprobe_probe_parse("s*", &glob, NULL), 0);
	ck_assert_int_eq(gprobe_probe_resolve(&glob, &space, &why), -EINVAL);
	unit_says(&why, "'s*' stands for many functions");
}
END_TEST

Suite *probe_expand_suite(void)
{
	return UNIT_SUITE("probe_expand",
		all_functions_that_match_are_meant_by_rising_address,
		what_the_compiler_adds_to_a_function_is_meant_only_where_it_is_named,
		a_place_of_several_names_comes_once_by_the_first_that_matches,
		functions_of_one_name_come_each,
		offset_and_root_are_those_of_the_glob,
		a_glob_of_a_file_means_that_files,
		a_name_that_is_no_label_gives_way_to_its_address,
		a_glob_without_a_function_is_enoent_with_the_nearest,
		whatever_a_glob_is_it_is_expanded_or_refused,
		a_glob_that_was_not_expanded_has_no_place);
}
