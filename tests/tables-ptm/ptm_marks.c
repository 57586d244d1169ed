// SPDX-License-Identifier: GPL-2.0
/* Marking what a store touches, and processing just that. */
#include "tables.h"

/* A way whose leaf table has addresses at its entries 1 to 16. */
#define FIRST		0x1000ULL

static void map_all(void)
{
	uint64_t i;

	for (i = 0; i < 18; i++)
		tables_map(FIRST + i * 4096, PAGE, 4096);
}

static int mark(uint64_t gpa, uint32_t bytes)
{
	struct gprobe_ptm_write write = {
		.gpa = gpa, .bytes = bytes, .view = tables.view,
	};

	return gprobe_ptm_mark(tables.ptm, &write);
}

START_TEST(any_byte_of_an_entry_is_a_mark_of_it)
{
	uint64_t leaf, byte;

	tables_monitor(FIRST);
	leaf = tables_entry(FIRST, 1);
	ck_assert_int_eq(mark(leaf - 1, 1), 0);
	ck_assert_int_eq(mark(leaf + 8, 1), 0);
	for (byte = 0; byte < 8; byte++)
		ck_assert_int_eq(mark(leaf + byte, 1), 1);
	/* Its present bit alone, by a store of one byte. */
	gprobe_sim_poke(tables.sim, leaf, &(uint8_t){ 0 }, 1);
	tables_process(0);
	tables_told("-1000=5000");
}
END_TEST

START_TEST(a_store_of_any_width_marks_all_it_covers)
{
	static const uint32_t widths[] = { 1, 2, 4, 8, 16, 32, 64 };
	uint64_t i, leaf;
	size_t width;

	for (i = 0; i < 18; i++)
		tables_monitor(FIRST + i * 4096);
	leaf = tables_entry(FIRST, 1);
	for (width = 0; width < ARRAY_SIZE(widths); width++) {
		ck_assert_int_eq(mark(leaf, widths[width]),
				 (widths[width] + 7) / 8);
		/* One byte off: one entry more. */
		ck_assert_int_eq(mark(leaf + 7, widths[width]),
				 (widths[width] + 7 + 7) / 8);
	}
}
END_TEST

START_TEST(a_store_of_64_bytes_changes_eight_entries)
{
	uint64_t i, leaf, zeroes[8] = { 0 };

	for (i = 0; i < 18; i++)
		tables_monitor(FIRST + i * 4096);
	leaf = tables_entry(FIRST, 1);
	ck_assert_int_eq(mark(leaf + 16, 64), 8);
	gprobe_sim_poke(tables.sim, leaf + 16, zeroes, 64);
	tables_process(0);
	tables_told("-3000=5000 -4000=5000 -5000=5000 -6000=5000 "
		    "-7000=5000 -8000=5000 -9000=5000 -a000=5000");
}
END_TEST

START_TEST(a_store_of_unknown_width_is_the_widest)
{
	uint64_t i, leaf;

	for (i = 0; i < 18; i++)
		tables_monitor(FIRST + i * 4096);
	leaf = tables_entry(FIRST, 1);
	ck_assert_int_eq(mark(leaf, 0), 8);
	ck_assert_int_eq(mark(leaf + 4, 0), 9);
}
END_TEST

START_TEST(a_store_ends_with_its_page)
{
	uint64_t leaf;

	tables_map(0x1ff000, PAGE, 4096);
	tables_monitor(0x1ff000);
	leaf = tables_entry(0x1ff000, 1);
	ck_assert_uint_eq(leaf % 4096, 4088);
	ck_assert_int_eq(mark(leaf, 64), 1);
	ck_assert_int_eq(mark(leaf + 7, UINT32_MAX), 1);
}
END_TEST

START_TEST(what_is_not_watched_is_not_touched)
{
	tables_monitor(FIRST);
	ck_assert_int_eq(mark(PAGE, 8), 0);
	ck_assert_int_eq(mark(tables_entry(FIRST + 4096, 1), 8), 0);
	tables_process(0);
	tables_told("");
	ck_assert_uint_eq(tables_figures().marks, 0);
}
END_TEST

START_TEST(only_the_vcpus_own_marks_are_processed)
{
	tables_monitor(FIRST);
	tables_monitor(FIRST + 4096);
	tables_store(1, tables_entry(FIRST, 1), 0);
	tables_store(2, tables_entry(FIRST + 4096, 1), 0);
	tables_process(0);
	tables_told("");
	tables_process(2);
	tables_told("-2000=5000");
	ck_assert_uint_eq(tables_figures().marks, 1);
	tables_process(3000);
	tables_told("");
	tables_process(1);
	tables_told("-1000=5000");
	ck_assert_uint_eq(tables_figures().marks, 0);
}
END_TEST

START_TEST(a_second_mark_of_an_entry_is_one)
{
	uint64_t leaf;

	tables_monitor(FIRST);
	leaf = tables_entry(FIRST, 1);
	tables_store(0, leaf, 0);
	tables_store(0, leaf, OTHER_PAGE | PRESENT);
	ck_assert_uint_eq(tables_figures().marks, 1);
	tables_process(0);
	tables_told("-1000=5000 +1000=6000");
	tables_process(0);
	tables_told("");
}
END_TEST

START_TEST(two_vcpus_may_mark_one_entry)
{
	uint64_t leaf;

	tables_monitor(FIRST);
	leaf = tables_entry(FIRST, 1);
	tables_store(0, leaf, 0);
	tables_store(1, leaf, 0);
	ck_assert_uint_eq(tables_figures().marks, 2);
	tables_process(1);
	tables_told("-1000=5000");
	tables_store(1, leaf, OTHER_PAGE | PRESENT);
	tables_process(0);
	tables_told("+1000=6000");
	tables_process(1);
	tables_told("");
}
END_TEST

START_TEST(an_entry_that_is_as_it_was_tells_nothing)
{
	uint64_t leaf, value;

	tables_monitor(FIRST);
	leaf = tables_entry(FIRST, 1);
	value = tables_value(leaf);
	tables_write(leaf, value);
	tables_store(0, leaf, 0);
	tables_write(leaf, value);
	tables_told("");
}
END_TEST

START_TEST(before_the_store_is_done_there_is_nothing_to_tell)
{
	uint64_t leaf;

	tables_monitor(FIRST);
	leaf = tables_entry(FIRST, 1);
	ck_assert_int_eq(mark(leaf, 8), 1);
	/* Another vCPU is processed meanwhile. */
	tables_process(1);
	gprobe_sim_poke(tables.sim, leaf, &(uint64_t){ 0 }, 8);
	tables_process(0);
	tables_told("-1000=5000");
}
END_TEST

START_TEST(higher_levels_come_first)
{
	uint64_t low, high;

	tables_map(GVA, PAGE, 4096);
	tables_monitor(FIRST);
	tables_monitor(GVA);
	low = tables_entry(FIRST, 1);
	high = tables_entry(GVA, 4);
	tables_store(0, low, 0);
	tables_store(0, high, 0);
	tables_process(0);
	tables_told("-40080601234=5234 -1000=5000");
}
END_TEST

/* The entry below is of a frame that is no table any more by then. */
START_TEST(what_hangs_below_a_change_is_moot)
{
	uint64_t low, high;

	tables_monitor(FIRST);
	low = tables_entry(FIRST, 1);
	high = tables_entry(FIRST, 2);
	tables_store(0, low, OTHER_PAGE | PRESENT);
	tables_store(0, high, 0);
	tables_process(0);
	tables_told("-1000=5000");
	ck_assert_uint_eq(tables_figures().marks, 0);
}
END_TEST

START_TEST(an_address_attached_to_a_pending_change_gets_it)
{
	uint64_t leaf;

	tables_monitor(FIRST);
	leaf = tables_entry(FIRST, 1);
	tables_write(leaf, 0);
	tables_told("-1000=5000");
	tables_store(0, leaf, OTHER_PAGE | PRESENT);
	tables_monitor(FIRST + 8);
	tables_told("");
	tables_process(0);
	tables_told("+1008=6008 +1000=6000");
}
END_TEST

/* Its entry was not watched when the store was marked. */
START_TEST(an_address_monitored_before_the_store_is_done_gets_it)
{
	uint64_t leaf;

	tables_monitor(FIRST);
	leaf = tables_entry(FIRST + 4096, 1);
	ck_assert_int_eq(mark(leaf, 8), 0);
	tables_monitor(FIRST + 4096);
	gprobe_sim_poke(tables.sim, leaf, &(uint64_t){ 0 }, 8);
	tables_process(0);
	tables_told("-2000=5000");
}
END_TEST

START_TEST(an_address_that_is_unmonitored_gets_nothing_more)
{
	tables_monitor(FIRST);
	tables_monitor(FIRST + 8);
	tables_store(0, tables_entry(FIRST, 1), 0);
	tables_unmonitor(FIRST);
	tables_process(0);
	tables_told("-1008=5008");
}
END_TEST

Suite *ptm_marks_suite(void)
{
	return TABLES_SUITE("ptm_marks", map_all,
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
