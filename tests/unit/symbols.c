// SPDX-License-Identifier: GPL-2.0
/* Symbols that were parsed: found by name, by address, by likeness. */
#include <gprobe/symbols.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

START_TEST(names_are_found_and_others_are_not)
{
	struct gprobe_symbols *symbols = unit_symbols("1000 T one\n2000 T two\n");

	ck_assert_uint_eq(gprobe_symbols_find(symbols, "two", NULL)->address,
			  0x2000);
	ck_assert_ptr_null(gprobe_symbols_find(symbols, "three", NULL));
	ck_assert_ptr_null(gprobe_symbols_find(symbols, "", NULL));
	ck_assert_ptr_null(gprobe_symbols_find(symbols, "one ", NULL));
	ck_assert_ptr_null(gprobe_symbols_find(symbols, "ONE", NULL));
	gprobe_symbols_free(symbols);
}
END_TEST

START_TEST(places_of_a_name_are_counted_and_the_lowest_is_given)
{
	struct gprobe_symbols *symbols = unit_symbols("3000 t twin\n1000 t twin\n"
					       "3000 t twin\n2000 T one\n");
	size_t places = 99;

	ck_assert_uint_eq(gprobe_symbols_find(symbols, "twin",
					      &places)->address, 0x1000);
	ck_assert_uint_eq(places, 2);
	gprobe_symbols_find(symbols, "one", &places);
	ck_assert_uint_eq(places, 1);
	gprobe_symbols_find(symbols, "none", &places);
	ck_assert_uint_eq(places, 0);
	gprobe_symbols_free(symbols);
}
END_TEST

START_TEST(one_place_with_two_entries_is_one_place)
{
	struct gprobe_symbols *symbols = unit_symbols("1000 T same\n1000 T same\n");
	size_t places;

	ck_assert_uint_eq(gprobe_symbols_count(symbols), 2);
	gprobe_symbols_find(symbols, "same", &places);
	ck_assert_uint_eq(places, 1);
	gprobe_symbols_free(symbols);
}
END_TEST

static const char *name_at(const struct gprobe_symbols *symbols,
			   uint64_t address, uint64_t offset)
{
	const struct gprobe_symbol *symbol;
	uint64_t found = 0;

	symbol = gprobe_symbols_at(symbols, address, &found);
	if (!symbol)
		return "none";
	unit_assert(found == offset);
	return symbol->name;
}

START_TEST(an_address_belongs_to_the_last_symbol_before_it)
{
	struct gprobe_symbols *symbols = unit_symbols("2000 T second\n1000 T first\n"
					       "fffffffffffffffe T last\n");

	ck_assert_str_eq(name_at(symbols, 0, 0), "none");
	ck_assert_str_eq(name_at(symbols, 0xfff, 0), "none");
	ck_assert_str_eq(name_at(symbols, 0x1000, 0), "first");
	ck_assert_str_eq(name_at(symbols, 0x1fff, 0xfff), "first");
	ck_assert_str_eq(name_at(symbols, 0x2000, 0), "second");
	ck_assert_str_eq(name_at(symbols, UINT64_MAX, 1), "last");
	gprobe_symbols_free(symbols);
}
END_TEST

START_TEST(symbols_of_one_address_keep_the_order_of_the_file)
{
	struct gprobe_symbols *symbols = unit_symbols("2000 T b\n1000 T z\n"
					       "1000 T a\n1000 T m\n");
	static const char *const order[] = { "z", "a", "m", "b" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(order); i++)
		ck_assert_str_eq(gprobe_symbols_get(symbols, i)->name,
				 order[i]);
	ck_assert_ptr_null(gprobe_symbols_get(symbols, i));
	gprobe_symbols_free(symbols);
}
END_TEST

START_TEST(code_is_text_and_weak)
{
	struct gprobe_symbol symbol = { .name = "x" };
	int type;

	for (type = 0; type < 128; type++) {
		symbol.type = type;
		ck_assert_int_eq(gprobe_symbol_is_code(&symbol),
				 type && strchr("TtWw", type));
	}
}
END_TEST

START_TEST(ten_thousand_symbols_are_all_found)
{
	size_t nr = 10000, i;
	char *text = malloc(nr * 32), name[16];
	struct gprobe_symbols *symbols;
	size_t used = 0, places;

	ck_assert_ptr_nonnull(text);
	for (i = 0; i < nr; i++)
		used += sprintf(text + used, "%zx T f%zu\n",
				0x1000 + i * 7919 % nr * 16, i);
	symbols = unit_symbols(text);
	free(text);
	unit_assert(gprobe_symbols_count(symbols) == nr);
	for (i = 0; i < nr; i++) {
		uint64_t address = 0x1000 + i * 7919 % nr * 16;

		sprintf(name, "f%zu", i);
		unit_assert(gprobe_symbols_find(symbols, name,
						&places)->address == address);
		unit_assert(places == 1);
		unit_assert(!strcmp(name_at(symbols, address + 15, 15), name));
	}
	gprobe_symbols_free(symbols);
}
END_TEST

START_TEST(no_symbols_can_be_freed)
{
	gprobe_symbols_free(NULL);
}
END_TEST

Suite *symbols_suite(void)
{
	return UNIT_SUITE("symbols", names_are_found_and_others_are_not,
		places_of_a_name_are_counted_and_the_lowest_is_given,
		one_place_with_two_entries_is_one_place,
		an_address_belongs_to_the_last_symbol_before_it,
		symbols_of_one_address_keep_the_order_of_the_file,
		code_is_text_and_weak,
		ten_thousand_symbols_are_all_found,
		no_symbols_can_be_freed);
}
