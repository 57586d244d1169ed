// SPDX-License-Identifier: GPL-2.0
/* gprobe_symbols_load(): symbols from files. */
#include <gprobe/symbols.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

static char path[] = "/tmp/gprobe-unit.XXXXXX";

static FILE *new_file(void)
{
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	return fdopen(fd, "w");
}

static int load_and_unlink(FILE *file, struct gprobe_symbols **symbols,
			   struct gprobe_why *why)
{
	int ret;

	fclose(file);
	ret = gprobe_symbols_load(path, symbols, why);
	unlink(path);
	return ret;
}

START_TEST(a_file_is_loaded)
{
	struct gprobe_symbols *symbols;
	FILE *file = new_file();

	fputs("1000 T first\n2000 T second", file);
	ck_assert_int_eq(load_and_unlink(file, &symbols, NULL), 0);
	ck_assert_uint_eq(gprobe_symbols_find(symbols, "second",
					      NULL)->address, 0x2000);
	gprobe_symbols_free(symbols);
}
END_TEST

START_TEST(a_file_larger_than_one_read_is_loaded)
{
	struct gprobe_symbols *symbols;
	FILE *file = new_file();
	int nr = 50000, i;

	for (i = 1; i <= nr; i++)
		fprintf(file, "%016x T a_function_of_a_kernel_%d\n", i, i);
	ck_assert_int_gt(ftell(file), 2 << 20);
	ck_assert_int_eq(load_and_unlink(file, &symbols, NULL), 0);
	ck_assert_uint_eq(gprobe_symbols_count(symbols), nr);
	gprobe_symbols_free(symbols);
}
END_TEST

START_TEST(an_empty_file_is_enodata)
{
	struct gprobe_symbols *symbols;
	struct gprobe_why why;

	ck_assert_int_eq(load_and_unlink(new_file(), &symbols, &why),
			 -ENODATA);
	unit_says(&why, "no code symbol");
}
END_TEST

START_TEST(a_file_of_proc_is_read_though_it_has_no_size)
{
	struct gprobe_symbols *symbols;
	struct gprobe_why why;

	ck_assert_int_eq(gprobe_symbols_load("/proc/self/status", &symbols,
					     &why), -ENODATA);
	unit_says(&why, "no code symbol");
}
END_TEST

START_TEST(a_missing_file_is_enoent)
{
	struct gprobe_symbols *symbols;
	struct gprobe_why why;

	ck_assert_int_eq(gprobe_symbols_load("/nowhere/System.map", &symbols,
					     &why), -ENOENT);
	unit_says(&why, strerror(ENOENT));
	ck_assert_int_eq(gprobe_symbols_load("", &symbols, NULL), -ENOENT);
}
END_TEST

START_TEST(a_directory_is_eisdir)
{
	struct gprobe_symbols *symbols;
	struct gprobe_why why;

	ck_assert_int_eq(gprobe_symbols_load("/", &symbols, &why), -EISDIR);
	unit_says(&why, strerror(EISDIR));
}
END_TEST

Suite *symbols_load_suite(void)
{
	return UNIT_SUITE("symbols_load", a_file_is_loaded,
			  a_file_larger_than_one_read_is_loaded,
			  an_empty_file_is_enodata,
			  a_file_of_proc_is_read_though_it_has_no_size,
			  a_missing_file_is_enoent, a_directory_is_eisdir);
}
