// SPDX-License-Identifier: GPL-2.0
/* gprobe_symbols_parse(): any bytes in, symbols or a reason out. */
#include <gprobe/symbols.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

static struct gprobe_symbols *parse(const char *text)
{
	struct gprobe_symbols *symbols;

	ck_assert_int_eq(gprobe_symbols_parse(text, strlen(text), &symbols,
					      NULL), 0);
	return symbols;
}

static void check_symbol(const struct gprobe_symbols *symbols,
			 const char *name, uint64_t address, char type)
{
	const struct gprobe_symbol *symbol;

	symbol = gprobe_symbols_find(symbols, name, NULL);
	ck_assert_ptr_nonnull(symbol);
	ck_assert_str_eq(symbol->name, name);
	ck_assert_uint_eq(symbol->address, address);
	ck_assert_int_eq(symbol->type, type);
}

START_TEST(system_map_is_read)
{
	struct gprobe_symbols *symbols = parse(
		"0000000000000000 D __per_cpu_start\n"
		"ffffffff81000000 T _stext\n"
		"ffffffff81000000 T startup_64\n"
		"ffffffff81000040 t helper.isra.0\n"
		"ffffffff82000000 D jiffies\n");

	ck_assert_uint_eq(gprobe_symbols_count(symbols), 5);
	check_symbol(symbols, "startup_64", 0xffffffff81000000, 'T');
	check_symbol(symbols, "helper.isra.0", 0xffffffff81000040, 't');
	check_symbol(symbols, "jiffies", 0xffffffff82000000, 'D');
	gprobe_symbols_free(symbols);
}
END_TEST

START_TEST(kallsyms_with_modules_is_read)
{
	struct gprobe_symbols *symbols = parse(
		"ffffffff81000000 T _text\n"
		"ffffffffc0401000 t xt_init\t[x_tables]\n"
		"ffffffffc0300000 t bpf_prog_0123\t[bpf]\n"
		"ffffffffc0500000 T spaced [module]\n");

	ck_assert_uint_eq(gprobe_symbols_count(symbols), 4);
	check_symbol(symbols, "xt_init", 0xffffffffc0401000, 't');
	check_symbol(symbols, "bpf_prog_0123", 0xffffffffc0300000, 't');
	check_symbol(symbols, "spaced", 0xffffffffc0500000, 'T');
	gprobe_symbols_free(symbols);
}
END_TEST

START_TEST(the_output_of_nm_is_read)
{
	struct gprobe_symbols *symbols = parse(
		"                 U printf@GLIBC_2.2.5\n"
		"                 w __gmon_start__\n"
		"\n"
		"module.o:\n"
		"0000000000001139 T main\n"
		"00001200 W weak\n"
		"0000000000004010 B __bss_start\n");

	ck_assert_uint_eq(gprobe_symbols_count(symbols), 3);
	check_symbol(symbols, "main", 0x1139, 'T');
	check_symbol(symbols, "weak", 0x1200, 'W');
	gprobe_symbols_free(symbols);
}
END_TEST

START_TEST(lines_that_are_no_symbols_are_skipped)
{
	static const char *const lines[] = {
		"", " ", "\t", "T main", "1000", "1000 ", "1000 T", "1000 T ",
		"1000 T  two_spaces", "1000  T two_spaces", "1000\tT tab",
		"1000 TT two_letters", " 1000 T leading", "0x1000 T prefix",
		"-1000 T sign", "g000 T not_hex", "1000 T control\x01",
		"1000 T delete\x7f", "1000 T utf\xc3\xa4",
		"11112222333344445 T seventeen_digits",
		"ffffffffffffffff T the_placeholder",
	};
	struct gprobe_symbols *symbols;
	char text[256];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		snprintf(text, sizeof(text), "%s\n2000 T real\n%s", lines[i],
			 lines[i]);
		symbols = parse(text);
		ck_assert_msg(gprobe_symbols_count(symbols) == 1,
			      "'%s' is taken for a symbol", lines[i]);
		check_symbol(symbols, "real", 0x2000, 'T');
		gprobe_symbols_free(symbols);
	}
}
END_TEST

START_TEST(carriage_returns_and_a_missing_newline_are_no_matter)
{
	struct gprobe_symbols *symbols = parse("1000 T first\r\n"
					       "2000 T second\r\n"
					       "3000 T last");

	ck_assert_uint_eq(gprobe_symbols_count(symbols), 3);
	check_symbol(symbols, "first", 0x1000, 'T');
	check_symbol(symbols, "last", 0x3000, 'T');
	gprobe_symbols_free(symbols);
}
END_TEST

START_TEST(a_nul_ends_its_line_only)
{
	static const char text[] = "1000 T cut\0off\n2000 \0 type\n"
				   "3000\0T none\n\0\n4000 T whole\n\0";
	struct gprobe_symbols *symbols;

	ck_assert_int_eq(gprobe_symbols_parse(text, sizeof(text), &symbols,
					      NULL), 0);
	ck_assert_uint_eq(gprobe_symbols_count(symbols), 2);
	check_symbol(symbols, "cut", 0x1000, 'T');
	check_symbol(symbols, "whole", 0x4000, 'T');
	gprobe_symbols_free(symbols);
}
END_TEST

START_TEST(names_above_511_bytes_are_no_symbols)
{
	char text[2048], name[GPROBE_SYMBOL_NAME_MAX + 2];
	struct gprobe_symbols *symbols;

	memset(name, 'n', sizeof(name));
	name[GPROBE_SYMBOL_NAME_MAX + 1] = '\0';
	snprintf(text, sizeof(text), "1000 T %s\n2000 T %s\n", name, name + 1);
	symbols = parse(text);
	ck_assert_uint_eq(gprobe_symbols_count(symbols), 1);
	check_symbol(symbols, name + 1, 0x2000, 'T');
	gprobe_symbols_free(symbols);
}
END_TEST

static void check_refused(const char *text, const char *words)
{
	struct gprobe_symbols *symbols;
	struct gprobe_why why = { "" };

	ck_assert_int_eq(gprobe_symbols_parse(text, strlen(text), &symbols,
					      &why), -ENODATA);
	unit_says(&why, words);
	ck_assert_int_eq(gprobe_symbols_parse(text, strlen(text), &symbols,
					      NULL), -ENODATA);
}

START_TEST(text_without_code_is_enodata)
{
	check_refused("", "no code symbol");
	check_refused("\n\n\n", "no code symbol");
	check_refused("1000 D data\n2000 b bss\n", "no code symbol");
	check_refused("ffffffffffffffff B The real System.map is elsewhere\n",
		      "no code symbol");
}
END_TEST

START_TEST(hidden_addresses_are_enodata)
{
	check_refused("0000000000000000 T _text\n"
		      "0000000000000000 t helper\n", "kptr_restrict");
}
END_TEST

/* A copy of the exact size, so that a sanitizer sees what is read behind. */
static void parse_bytes(const char *bytes, size_t nr)
{
	struct gprobe_symbols *symbols;
	char *copy = malloc(nr);
	uint64_t offset;
	int ret;

	unit_assert(copy);
	memcpy(copy, bytes, nr);
	ret = gprobe_symbols_parse(copy, nr, &symbols, NULL);
	free(copy);
	if (ret) {
		unit_assert(ret == -ENODATA);
		return;
	}
	unit_assert(gprobe_symbols_count(symbols) > 0);
	gprobe_symbols_find(symbols, "second", NULL);
	gprobe_symbols_at(symbols, 0x1800, &offset);
	gprobe_symbols_free(symbols);
}

START_TEST(every_truncation_of_a_file_is_parsed)
{
	static const char text[] = "0000000000001000 T first\n"
		"0000000000002000 t second\t[module]\r\n"
		"                 U undefined\n"
		"0000000000003000 D third\n";
	size_t bytes;

	for (bytes = 1; bytes < sizeof(text); bytes++)
		parse_bytes(text, bytes);
}
END_TEST

START_TEST(random_text_is_parsed)
{
	static const char letters[] =
		"01234567890abcdefF T t D \n\n\r\t[]x_\x80";
	uint64_t state = 2;
	char text[400];
	size_t bytes, i;
	int round;

	for (round = 0; round < 20000; round++) {
		bytes = 1 + unit_random(&state) % sizeof(text);
		/* sizeof: the NUL is one of the letters. */
		for (i = 0; i < bytes; i++)
			text[i] = letters[unit_random(&state) %
					  sizeof(letters)];
		parse_bytes(text, bytes);
	}
}
END_TEST

Suite *symbols_parse_suite(void)
{
	return UNIT_SUITE("symbols_parse", system_map_is_read,
			  kallsyms_with_modules_is_read,
			  the_output_of_nm_is_read,
			  lines_that_are_no_symbols_are_skipped,
			  carriage_returns_and_a_missing_newline_are_no_matter,
			  a_nul_ends_its_line_only,
			  names_above_511_bytes_are_no_symbols,
			  text_without_code_is_enodata,
			  hidden_addresses_are_enodata,
			  every_truncation_of_a_file_is_parsed,
			  random_text_is_parsed);
}
