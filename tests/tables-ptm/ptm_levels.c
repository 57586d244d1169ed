// SPDX-License-Identifier: GPL-2.0
/* What an entry means at its level, and what happens when that changes. */
#include "tables.h"

#define LARGE_PAT	(1ULL << 12)

/* Large pages are somewhere that has memory nowhere near. */
#define BIG		0x80000000ULL
#define BIGGER		0xc0000000ULL

START_TEST(a_4k_page_comes_goes_and_moves)
{
	uint64_t entry;

	tables_map(GVA, PAGE, 4096);
	tables_monitor(GVA);
	entry = tables_entry(GVA, 1);
	tables_write(entry, 0);
	tables_told("-40080601234=5234");
	ck_assert_uint_eq(tables_figures().paged_in, 0);
	tables_write(entry, PAGE | PRESENT);
	tables_told("+40080601234=5234");
	ck_assert_uint_eq(tables_figures().paged_in, 1);
	tables_write(entry, OTHER_PAGE | PRESENT);
	tables_told("-40080601234=5234 +40080601234=6234");
}
END_TEST

static void check_large(unsigned int level, const char *first,
			const char *moved)
{
	uint64_t entry;

	tables_map(GVA, BIG, level == 2 ? PAGE_2M : PAGE_1G);
	tables_monitor(GVA);
	ck_assert_uint_eq(tables_figures().tables, 5 - level);
	entry = tables_entry(GVA, level);
	tables_write(entry, 0);
	tables_write(entry, BIG | LARGE | PRESENT);
	tables_told(first);
	tables_write(entry, BIGGER | LARGE | PRESENT);
	tables_told(moved);
}

START_TEST(a_2m_page_comes_goes_and_moves)
{
	check_large(2, "-40080601234=80001234 +40080601234=80001234",
		    "-40080601234=80001234 +40080601234=c0001234");
}
END_TEST

START_TEST(a_1g_page_comes_goes_and_moves)
{
	check_large(3, "-40080601234=80601234 +40080601234=80601234",
		    "-40080601234=80601234 +40080601234=c0601234");
}
END_TEST

static void check_ignored(unsigned int level, uint64_t bits)
{
	uint64_t entry, bit;

	tables_restart(NULL);
	tables_map(GVA, BIG, 1ULL << (12 + 9 * (level - 1)));
	tables_monitor(GVA);
	entry = tables_entry(GVA, level);
	for (bit = 1; bit; bit <<= 1)
		if (bit & bits)
			tables_write(entry, tables_value(entry) ^ bit);
	tables_told("");
}

START_TEST(pat_and_reserved_bits_of_a_large_page_are_no_address)
{
	check_ignored(2, LARGE_PAT | 0x1fe000);
	check_ignored(3, LARGE_PAT | 0x3fffe000);
}
END_TEST

/* Writable, user, cache bits, accessed, dirty, global, free for software, NX. */
START_TEST(accessed_dirty_and_ignored_bits_are_no_change)
{
	check_ignored(1, 0xfff0000000000ffeULL);
	check_ignored(2, 0xfff0000000000f7eULL);
	check_ignored(3, 0xfff0000000000f7eULL);
}
END_TEST

START_TEST(accessed_and_dirty_bits_of_tables_are_no_change)
{
	unsigned int level;
	uint64_t entry;

	tables_map(GVA, PAGE, 4096);
	tables_monitor(GVA);
	gprobe_sim_log_clear(tables.sim);
	for (level = 1; level <= 4; level++) {
		entry = tables_entry(GVA, level);
		tables_write(entry, tables_value(entry) |
			     GPROBE_SIM_ACCESSED | GPROBE_SIM_DIRTY);
	}
	tables_told("");
	ck_assert_uint_eq(gprobe_sim_calls(tables.sim, GPROBE_SIM_ANY), 0);
}
END_TEST

START_TEST(bit_7_of_a_4k_page_is_pat)
{
	check_ignored(1, LARGE);
}
END_TEST

START_TEST(a_top_entry_with_bit_7_maps_nothing)
{
	uint64_t entry, value;

	tables_map(GVA, PAGE, 4096);
	tables_monitor(GVA);
	entry = tables_entry(GVA, 4);
	value = tables_value(entry);
	tables_write(entry, value | LARGE);
	tables_told("-40080601234=5234");
	ck_assert_uint_eq(tables_figures().tables, 1);
	tables_write(entry, value);
	tables_told("+40080601234=5234");
}
END_TEST

/* Cleared at each level, the tables below are let go; and come back. */
START_TEST(an_entry_that_goes_takes_all_below_with_it)
{
	uint64_t entry, value;
	unsigned int level;

	tables_map(GVA, PAGE, 4096);
	tables_monitor(GVA);
	for (level = 1; level <= 4; level++) {
		entry = tables_entry(GVA, level);
		value = tables_value(entry);
		tables_write(entry, 0);
		tables_told("-40080601234=5234");
		ck_assert_uint_eq(tables_figures().tables, 5 - level);
		ck_assert_uint_eq(gprobe_sim_maps(tables.sim), 5 - level);
		tables_write(entry, value);
		tables_told("+40080601234=5234");
		ck_assert_uint_eq(tables_figures().tables, 4);
	}
}
END_TEST

/* The same tables at another place: all is walked anew. */
START_TEST(an_entry_that_moves_has_all_below_walked_anew)
{
	uint64_t entry, value, copy, old;
	unsigned int level;

	tables_map(GVA, PAGE, 4096);
	tables_monitor(GVA);
	for (level = 2; level <= 4; level++) {
		entry = tables_entry(GVA, level);
		value = tables_value(entry);
		old = value / 4096 % (1ULL << 40);
		ck_assert_int_eq(gprobe_sim_frame_alloc(tables.sim, &copy), 0);
		memcpy(gprobe_sim_frame(tables.sim, copy),
		       gprobe_sim_frame(tables.sim, old), 4096);
		tables_write(entry, copy * 4096 | value % 4096);
		tables_told("-40080601234=5234! +40080601234=5234!");
		ck_assert_uint_eq(tables_access(old), GPROBE_ACCESS_RWX);
		ck_assert_uint_eq(tables_access(copy), GPROBE_ACCESS_RX);
	}
	ck_assert_uint_eq(tables_figures().tables, 4);
}
END_TEST

START_TEST(a_table_that_becomes_a_page_and_back)
{
	static const char *const told[][2] = {
		{ "-40080601234=5234 +40080601234=80001234",
		  "-40080601234=80001234 +40080601234=5234" },
		{ "-40080601234=5234 +40080601234=80601234",
		  "-40080601234=80601234 +40080601234=5234" },
	};
	uint64_t entry, value;
	unsigned int level;

	tables_map(GVA, PAGE, 4096);
	tables_monitor(GVA);
	for (level = 2; level <= 3; level++) {
		entry = tables_entry(GVA, level);
		value = tables_value(entry);
		tables_write(entry, BIG | LARGE | PRESENT);
		tables_told(told[level - 2][0]);
		ck_assert_uint_eq(tables_figures().tables, 5 - level);
		tables_write(entry, value);
		tables_told(told[level - 2][1]);
		ck_assert_uint_eq(tables_figures().tables, 4);
	}
}
END_TEST

START_TEST(a_table_that_the_guest_does_not_have_maps_nothing)
{
	uint64_t entry, value;

	tables_map(GVA, PAGE, 4096);
	entry = tables_entry(GVA, 3);
	value = tables_value(entry);
	tables_monitor(GVA);
	tables_write(entry, 0xffffffffff000 | PRESENT);
	tables_told("-40080601234=5234");
	ck_assert_uint_eq(tables_figures().unfinished, 0);
	tables_write(entry, value);
	tables_told("+40080601234=5234");
}
END_TEST

START_TEST(a_table_mapped_into_itself_works)
{
	uint64_t slot = 0x1ed, gva, entry;

	gva = 0xffff000000000000 | slot << 39 | slot << 30 | slot << 21 |
	      slot << 12;
	entry = tables.root + slot * 8;
	ck_assert_int_eq(gprobe_sim_poke(tables.sim, entry,
					 &(uint64_t){ tables.root | PRESENT },
					 8), 0);
	tables_monitor(gva);
	ck_assert_uint_eq(tables_figures().tables, 1);
	ck_assert_uint_eq(tables_figures().entries, 1);
	ck_assert_uint_eq(tables_figures().paged_in, 1);
	tables_write(entry, 0);
	tables_told("-fffff6fb7dbed000=fff000");
	tables_write(entry, tables.root | PRESENT);
	tables_told("+fffff6fb7dbed000=fff000");
}
END_TEST

START_TEST(an_address_of_an_entry_in_a_self_mapped_table_works)
{
	uint64_t slot = 0x100, gva, leaf;

	tables_map(GVA, PAGE, 4096);
	ck_assert_int_eq(gprobe_sim_poke(tables.sim, tables.root + slot * 8,
					 &(uint64_t){ tables.root | PRESENT },
					 8), 0);
	/* Where the guest finds the entry that maps GVA. */
	gva = 0xffff000000000000 | slot << 39 | (GVA >> 12) * 8;
	tables_monitor(gva);
	tables_monitor(GVA);
	leaf = tables_entry(GVA, 2);
	tables_write(leaf, 0);
	ck_assert_ptr_nonnull(strstr(tables.said, "-40080601234=5234"));
	ck_assert_ptr_nonnull(strstr(tables.said, "-ffff"));
	ck_assert_ptr_null(strchr(tables.said, '+'));
	ck_assert_uint_eq(tables_figures().paged_in, 0);
}
END_TEST

START_TEST(tables_that_lead_in_a_circle_end)
{
	uint64_t second, gva = 0;

	ck_assert_int_eq(gprobe_sim_frame_alloc(tables.sim, &second), 0);
	gprobe_sim_poke(tables.sim, tables.root,
			&(uint64_t){ second * 4096 | PRESENT }, 8);
	gprobe_sim_poke(tables.sim, second * 4096,
			&(uint64_t){ tables.root | PRESENT }, 8);
	tables_monitor(gva);
	ck_assert_uint_eq(tables_figures().entries, 2);
	tables_write(tables.root, tables.root | PRESENT);
	/* Both at once: it is its own page now, whatever the way. */
	tables_told("-0=fff000! +0=fff000!");
	ck_assert_uint_eq(tables_figures().entries, 1);
}
END_TEST

Suite *ptm_levels_suite(void)
{
	return TABLES_SUITE("ptm_levels", NULL,
			    a_4k_page_comes_goes_and_moves,
			    a_2m_page_comes_goes_and_moves,
			    a_1g_page_comes_goes_and_moves,
			    pat_and_reserved_bits_of_a_large_page_are_no_address,
			    accessed_dirty_and_ignored_bits_are_no_change,
			    accessed_and_dirty_bits_of_tables_are_no_change,
			    bit_7_of_a_4k_page_is_pat,
			    a_top_entry_with_bit_7_maps_nothing,
			    an_entry_that_goes_takes_all_below_with_it,
			    an_entry_that_moves_has_all_below_walked_anew,
			    a_table_that_becomes_a_page_and_back,
			    a_table_that_the_guest_does_not_have_maps_nothing,
			    a_table_mapped_into_itself_works,
			    an_address_of_an_entry_in_a_self_mapped_table_works,
			    tables_that_lead_in_a_circle_end);
}
