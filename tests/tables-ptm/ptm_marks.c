// SPDX-License-Identifier: GPL-2.0
/* Marking what a store touches, and processing just that. */
#include "tables.h"

/* A way whose leaf table has addresses at its entries 1 to 16. */
#define FIRST		0x1000ULL

static void begin(struct tables *tables)
{
	uint64_t i;

	tables_begin(tables);
	for (i = 0; i < 18; i++)
		tables_map(tables, FIRST + i * 4096, PAGE, 4096);
}

static int mark(struct tables *tables, uint64_t gpa, uint32_t bytes)
{
	struct gprobe_ptm_write write = {
		.gpa = gpa, .bytes = bytes, .view = tables->view,
	};

	return gprobe_ptm_mark(tables->ptm, &write);
}

START_TEST(any_byte_of_an_entry_is_a_mark_of_it)
{
	struct tables tables;
	uint64_t leaf, byte;

	begin(&tables);
	tables_monitor(&tables, FIRST);
	leaf = tables_entry(&tables, FIRST, 1);
	ck_assert_int_eq(mark(&tables, leaf - 1, 1), 0);
	ck_assert_int_eq(mark(&tables, leaf + 8, 1), 0);
	for (byte = 0; byte < 8; byte++)
		ck_assert_int_eq(mark(&tables, leaf + byte, 1), 1);
	/* Its present bit alone, by a store of one byte. */
	gprobe_sim_poke(tables.sim, leaf, &(uint8_t){ 0 }, 1);
	tables_process(&tables, 0);
	tables_told(&tables, "-1000=5000");
	tables_end(&tables);
}
END_TEST

START_TEST(a_store_of_any_width_marks_all_it_covers)
{
	static const uint32_t widths[] = { 1, 2, 4, 8, 16, 32, 64 };
	struct tables tables;
	uint64_t i, leaf;
	size_t width;

	begin(&tables);
	for (i = 0; i < 18; i++)
		tables_monitor(&tables, FIRST + i * 4096);
	leaf = tables_entry(&tables, FIRST, 1);
	for (width = 0; width < ARRAY_SIZE(widths); width++) {
		ck_assert_int_eq(mark(&tables, leaf, widths[width]),
				 (widths[width] + 7) / 8);
		/* One byte off: one entry more. */
		ck_assert_int_eq(mark(&tables, leaf + 7, widths[width]),
				 (widths[width] + 7 + 7) / 8);
	}
	tables_end(&tables);
}
END_TEST

START_TEST(a_store_of_64_bytes_changes_eight_entries)
{
	uint64_t i, leaf, zeroes[8] = { 0 };
	struct tables tables;

	begin(&tables);
	for (i = 0; i < 18; i++)
		tables_monitor(&tables, FIRST + i * 4096);
	leaf = tables_entry(&tables, FIRST, 1);
	ck_assert_int_eq(mark(&tables, leaf + 16, 64), 8);
	gprobe_sim_poke(tables.sim, leaf + 16, zeroes, 64);
	tables_process(&tables, 0);
	tables_told(&tables, "-3000=5000 -4000=5000 -5000=5000 -6000=5000 "
		    "-7000=5000 -8000=5000 -9000=5000 -a000=5000");
	tables_end(&tables);
}
END_TEST

START_TEST(a_store_of_unknown_width_is_the_widest)
{
	struct tables tables;
	uint64_t i, leaf;

	begin(&tables);
	for (i = 0; i < 18; i++)
		tables_monitor(&tables, FIRST + i * 4096);
	leaf = tables_entry(&tables, FIRST, 1);
	ck_assert_int_eq(mark(&tables, leaf, 0), 8);
	ck_assert_int_eq(mark(&tables, leaf + 4, 0), 9);
	tables_end(&tables);
}
END_TEST

START_TEST(a_store_ends_with_its_page)
{
	struct tables tables;
	uint64_t leaf;

	begin(&tables);
	tables_map(&tables, 0x1ff000, PAGE, 4096);
	tables_monitor(&tables, 0x1ff000);
	leaf = tables_entry(&tables, 0x1ff000, 1);
	ck_assert_uint_eq(leaf % 4096, 4088);
	ck_assert_int_eq(mark(&tables, leaf, 64), 1);
	ck_assert_int_eq(mark(&tables, leaf + 7, UINT32_MAX), 1);
	tables_end(&tables);
}
END_TEST

START_TEST(what_is_not_watched_is_not_touched)
{
	struct tables tables;

	begin(&tables);
	tables_monitor(&tables, FIRST);
	ck_assert_int_eq(mark(&tables, PAGE, 8), 0);
	ck_assert_int_eq(mark(&tables, tables_entry(&tables, FIRST + 4096, 1),
			      8), 0);
	tables_process(&tables, 0);
	tables_told(&tables, "");
	ck_assert_uint_eq(tables_figures(&tables).marks, 0);
	tables_end(&tables);
}
END_TEST

START_TEST(only_the_vcpus_own_marks_are_processed)
{
	struct tables tables;

	begin(&tables);
	tables_monitor(&tables, FIRST);
	tables_monitor(&tables, FIRST + 4096);
	tables_store(&tables, 1, tables_entry(&tables, FIRST, 1), 0);
	tables_store(&tables, 2, tables_entry(&tables, FIRST + 4096, 1), 0);
	tables_process(&tables, 0);
	tables_told(&tables, "");
	tables_process(&tables, 2);
	tables_told(&tables, "-2000=5000");
	ck_assert_uint_eq(tables_figures(&tables).marks, 1);
	tables_process(&tables, 3000);
	tables_told(&tables, "");
	tables_process(&tables, 1);
	tables_told(&tables, "-1000=5000");
	ck_assert_uint_eq(tables_figures(&tables).marks, 0);
	tables_end(&tables);
}
END_TEST

START_TEST(a_second_mark_of_an_entry_is_one)
{
	struct tables tables;
	uint64_t leaf;

	begin(&tables);
	tables_monitor(&tables, FIRST);
	leaf = tables_entry(&tables, FIRST, 1);
	tables_store(&tables, 0, leaf, 0);
	tables_store(&tables, 0, leaf, OTHER_PAGE | PRESENT);
	ck_assert_uint_eq(tables_figures(&tables).marks, 1);
	tables_process(&tables, 0);
	tables_told(&tables, "-1000=5000 +1000=6000");
	tables_process(&tables, 0);
	tables_told(&tables, "");
	tables_end(&tables);
}
END_TEST

START_TEST(two_vcpus_may_mark_one_entry)
{
	struct tables tables;
	uint64_t leaf;

	begin(&tables);
	tables_monitor(&tables, FIRST);
	leaf = tables_entry(&tables, FIRST, 1);
	tables_store(&tables, 0, leaf, 0);
	tables_store(&tables, 1, leaf, 0);
	ck_assert_uint_eq(tables_figures(&tables).marks, 2);
	tables_process(&tables, 1);
	tables_told(&tables, "-1000=5000");
	tables_store(&tables, 1, leaf, OTHER_PAGE | PRESENT);
	tables_process(&tables, 0);
	tables_told(&tables, "+1000=6000");
	tables_process(&tables, 1);
	tables_told(&tables, "");
	tables_end(&tables);
}
END_TEST

START_TEST(an_entry_that_is_as_it_was_tells_nothing)
{
	struct tables tables;
	uint64_t leaf, value;

	begin(&tables);
	tables_monitor(&tables, FIRST);
	leaf = tables_entry(&tables, FIRST, 1);
	value = tables_value(&tables, leaf);
	tables_write(&tables, leaf, value);
	tables_store(&tables, 0, leaf, 0);
	tables_write(&tables, leaf, value);
	tables_told(&tables, "");
	tables_end(&tables);
}
END_TEST

START_TEST(before_the_store_is_done_there_is_nothing_to_tell)
{
	struct tables tables;
	uint64_t leaf;

	begin(&tables);
	tables_monitor(&tables, FIRST);
	leaf = tables_entry(&tables, FIRST, 1);
	ck_assert_int_eq(mark(&tables, leaf, 8), 1);
	/* Another vCPU is processed meanwhile. */
	tables_process(&tables, 1);
	gprobe_sim_poke(tables.sim, leaf, &(uint64_t){ 0 }, 8);
	tables_process(&tables, 0);
	tables_told(&tables, "-1000=5000");
	tables_end(&tables);
}
END_TEST

START_TEST(higher_levels_come_first)
{
	struct tables tables;
	uint64_t low, high;

	begin(&tables);
	tables_map(&tables, GVA, PAGE, 4096);
	tables_monitor(&tables, FIRST);
	tables_monitor(&tables, GVA);
	low = tables_entry(&tables, FIRST, 1);
	high = tables_entry(&tables, GVA, 4);
	tables_store(&tables, 0, low, 0);
	tables_store(&tables, 0, high, 0);
	tables_process(&tables, 0);
	tables_told(&tables, "-40080601234=5234 -1000=5000");
	tables_end(&tables);
}
END_TEST

/* The entry below is of a frame that is no table any more by then. */
START_TEST(what_hangs_below_a_change_is_moot)
{
	struct tables tables;
	uint64_t low, high;

	begin(&tables);
	tables_monitor(&tables, FIRST);
	low = tables_entry(&tables, FIRST, 1);
	high = tables_entry(&tables, FIRST, 2);
	tables_store(&tables, 0, low, OTHER_PAGE | PRESENT);
	tables_store(&tables, 0, high, 0);
	tables_process(&tables, 0);
	tables_told(&tables, "-1000=5000");
	ck_assert_uint_eq(tables_figures(&tables).marks, 0);
	tables_end(&tables);
}
END_TEST

START_TEST(an_address_attached_to_a_pending_change_gets_it)
{
	struct tables tables;
	uint64_t leaf;

	begin(&tables);
	tables_monitor(&tables, FIRST);
	leaf = tables_entry(&tables, FIRST, 1);
	tables_write(&tables, leaf, 0);
	tables_told(&tables, "-1000=5000");
	tables_store(&tables, 0, leaf, OTHER_PAGE | PRESENT);
	tables_monitor(&tables, FIRST + 8);
	tables_told(&tables, "");
	tables_process(&tables, 0);
	tables_told(&tables, "+1008=6008 +1000=6000");
	tables_end(&tables);
}
END_TEST

/* Its entry was not watched when the store was marked. */
START_TEST(an_address_monitored_before_the_store_is_done_gets_it)
{
	struct tables tables;
	uint64_t leaf;

	begin(&tables);
	tables_monitor(&tables, FIRST);
	leaf = tables_entry(&tables, FIRST + 4096, 1);
	ck_assert_int_eq(mark(&tables, leaf, 8), 0);
	tables_monitor(&tables, FIRST + 4096);
	gprobe_sim_poke(tables.sim, leaf, &(uint64_t){ 0 }, 8);
	tables_process(&tables, 0);
	tables_told(&tables, "-2000=5000");
	tables_end(&tables);
}
END_TEST

START_TEST(an_address_that_is_unmonitored_gets_nothing_more)
{
	struct tables tables;

	begin(&tables);
	tables_monitor(&tables, FIRST);
	tables_monitor(&tables, FIRST + 8);
	tables_store(&tables, 0, tables_entry(&tables, FIRST, 1), 0);
	tables_unmonitor(&tables, FIRST);
	tables_process(&tables, 0);
	tables_told(&tables, "-1008=5008");
	tables_end(&tables);
}
END_TEST

Suite *ptm_marks_suite(void)
{
	return UNIT_SUITE("ptm_marks",
			  any_byte_of_an_entry_is_a_mark_of_it,
			  a_store_of_any_width_marks_all_it_covers,
			  a_store_of_64_bytes_changes_eight_entries,
			  a_store_of_unknown_width_is_the_widest,
			  a_store_ends_with_its_page,
			  what_is_not_watched_is_not_touched,
			  only_the_vcpus_own_marks_are_processed,
			  a_second_mark_of_an_entry_is_one,
			  two_vcpus_may_mark_one_entry,
			  an_entry_that_is_as_it_was_tells_nothing,
			  before_the_store_is_done_there_is_nothing_to_tell,
			  higher_levels_come_first,
			  what_hangs_below_a_change_is_moot,
			  an_address_attached_to_a_pending_change_gets_it,
			  an_address_monitored_before_the_store_is_done_gets_it,
			  an_address_that_is_unmonitored_gets_nothing_more);
}
