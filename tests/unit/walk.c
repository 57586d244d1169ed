// SPDX-License-Identifier: GPL-2.0
/* gprobe_walk(): one address, one root. */
#include <gprobe/walk.h>

#include <errno.h>

#include "fake_guest.h"
#include "unit.h"

#define ROOT	0x5000ULL
#define GVA	0xffffffff81234567ULL

/* Map GVA by @entry at @level and walk to it. */
static int walk_to(unsigned int level, uint64_t entry,
		   struct gprobe_place *place)
{
	struct fake_guest guest = { 0 };
	struct gprobe_memory memory = fake_memory(&guest);
	struct gprobe_vcpu vcpu = fake_vcpu(0);
	int ret;

	fake_map(&guest, ROOT, GVA, level, entry);
	ret = gprobe_walk(&memory, &vcpu, ROOT, GVA, place);
	ck_assert_uint_eq(guest.reads, 5 - level);
	return ret;
}

static void check_page(unsigned int level, uint64_t entry, uint64_t gfn,
		       uint64_t page_bytes)
{
	struct gprobe_place place;

	ck_assert_int_eq(walk_to(level, entry, &place), 0);
	ck_assert_uint_eq(place.gfn, gfn);
	ck_assert_uint_eq(place.offset, GVA & 0xfff);
	ck_assert_uint_eq(place.page_bytes, page_bytes);
}

START_TEST(a_4k_page_gives_its_frame)
{
	check_page(1, 0x1234000 | PRESENT, 0x1234, 4096);
}
END_TEST

START_TEST(a_2m_page_gives_the_frame_in_it)
{
	check_page(2, 0x40000000 | LARGE | PRESENT, 0x40000 + 0x34, 2 << 20);
}
END_TEST

START_TEST(a_1g_page_gives_the_frame_in_it)
{
	check_page(3, 0x80000000 | LARGE | PRESENT, 0x80000 + 0x1234, 1 << 30);
}
END_TEST

START_TEST(bit_7_of_a_4k_page_is_pat)
{
	check_page(1, 0x1234000 | LARGE | PRESENT, 0x1234, 4096);
}
END_TEST

START_TEST(the_pat_bit_of_a_large_page_is_no_address)
{
	check_page(2, 0x40000000 | LARGE_PAT | LARGE | PRESENT, 0x40034,
		   2 << 20);
	check_page(3, 0x80000000 | LARGE_PAT | LARGE | PRESENT, 0x81234,
		   1 << 30);
}
END_TEST

START_TEST(bits_above_an_address_are_no_address)
{
	check_page(1, 0x7ff0000001234000 | NO_EXECUTE | PRESENT, 0x1234, 4096);
	check_page(3, 0x7ff0000080000000 | NO_EXECUTE | LARGE | PRESENT,
		   0x81234, 1 << 30);
}
END_TEST

START_TEST(the_highest_frame_has_40_bits)
{
	check_page(1, 0xffffffffff000 | PRESENT, 0xffffffffffULL, 4096);
	check_page(2, 0xfffffffe00000 | LARGE | PRESENT, 0xfffffffe34ULL,
		   2 << 20);
}
END_TEST

START_TEST(an_absent_entry_at_any_level_is_enxio)
{
	struct gprobe_place place;
	unsigned int level;

	for (level = 1; level <= 4; level++)
		ck_assert_int_eq(walk_to(level, 0x1234000 | ACCESSED, &place),
				 -ENXIO);
}
END_TEST

START_TEST(a_large_page_in_the_top_table_is_ebadmsg)
{
	struct gprobe_place place;

	ck_assert_int_eq(walk_to(4, 0x40000000 | LARGE | PRESENT, &place),
			 -EBADMSG);
}
END_TEST

START_TEST(each_reserved_bit_of_a_large_page_is_ebadmsg)
{
	struct gprobe_place place;
	unsigned int bit;

	for (bit = 13; bit < 21; bit++)
		ck_assert_int_eq(walk_to(2, 1ULL << bit | LARGE | PRESENT,
					 &place), -EBADMSG);
	for (bit = 13; bit < 30; bit++)
		ck_assert_int_eq(walk_to(3, 1ULL << bit | LARGE | PRESENT,
					 &place), -EBADMSG);
}
END_TEST

START_TEST(a_self_mapped_table_is_found)
{
	struct fake_guest guest = { 0 };
	struct gprobe_memory memory = fake_memory(&guest);
	struct gprobe_vcpu vcpu = fake_vcpu(0);
	struct gprobe_place place;
	uint64_t slot = 0x1edULL, gva;

	gva = 0xffff000000000000 | slot << 39 | slot << 30 | slot << 21 |
	      slot << 12 | slot * 8;
	fake_map(&guest, ROOT, gva, 4, ROOT | PRESENT);
	ck_assert_int_eq(gprobe_walk(&memory, &vcpu, ROOT, gva, &place), 0);
	ck_assert_uint_eq(place.gfn, ROOT >> 12);
	ck_assert_uint_eq(place.offset, slot * 8);
	ck_assert_uint_eq(place.page_bytes, 4096);
}
END_TEST

START_TEST(control_bits_of_cr3_are_no_address)
{
	struct fake_guest guest = { 0 };
	struct gprobe_memory memory = fake_memory(&guest);
	struct gprobe_vcpu vcpu = fake_vcpu(0);
	struct gprobe_place place;

	fake_map(&guest, ROOT, GVA, 1, 0x1234000 | PRESENT);
	ck_assert_int_eq(gprobe_walk(&memory, &vcpu, ROOT | 0xfff |
				     0xfffULL << 52, GVA, &place), 0);
	ck_assert_uint_eq(place.gfn, 0x1234);
}
END_TEST

START_TEST(addresses_that_are_not_canonical_are_einval)
{
	static const struct {
		uint64_t gva;
		int err;
	} cases[] = {
		{ 0x0000000000000000, -ENXIO },
		{ 0x00007fffffffffff, -ENXIO },
		{ 0x0000800000000000, -EINVAL },
		{ 0x8000000000000000, -EINVAL },
		{ 0xffff7fffffffffff, -EINVAL },
		{ 0xffff800000000000, -ENXIO },
		{ 0xffffffffffffffff, -ENXIO },
	};
	struct fake_guest guest = { 0 };
	struct gprobe_memory memory = fake_memory(&guest);
	struct gprobe_vcpu vcpu = fake_vcpu(0);
	struct gprobe_place place;
	size_t i;

	fake_frame(&guest, ROOT >> 12);
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		ck_assert_int_eq(gprobe_walk(&memory, &vcpu, ROOT,
					     cases[i].gva, &place),
				 cases[i].err);
}
END_TEST

START_TEST(other_paging_than_4_level_is_eopnotsupp)
{
	struct fake_guest guest = { 0 };
	struct gprobe_memory memory = fake_memory(&guest);
	struct gprobe_vcpu five = fake_vcpu(0), narrow = fake_vcpu(0);
	struct gprobe_place place;

	five.cr4 |= CR4_LA57;
	narrow.efer = 0;
	fake_map(&guest, ROOT, GVA, 1, 0x1234000 | PRESENT);
	ck_assert_int_eq(gprobe_walk(&memory, &five, ROOT, GVA, &place),
			 -EOPNOTSUPP);
	ck_assert_int_eq(gprobe_walk(&memory, &narrow, ROOT, GVA, &place),
			 -EOPNOTSUPP);
	ck_assert_uint_eq(guest.reads, 0);
	ck_assert_int_eq(gprobe_paging_levels(&five), 5);
	ck_assert_int_eq(gprobe_paging_levels(&narrow), -EOPNOTSUPP);
	narrow.cr0 = 0;
	ck_assert_int_eq(gprobe_paging_levels(&narrow), 0);
	five.cr4 = 0;
	ck_assert_int_eq(gprobe_paging_levels(&five), 4);
}
END_TEST

START_TEST(without_paging_an_address_is_its_place)
{
	struct fake_guest guest = { 0 };
	struct gprobe_memory memory = fake_memory(&guest);
	struct gprobe_vcpu vcpu = { .cr0 = 1 };
	struct gprobe_place place;

	ck_assert_int_eq(gprobe_walk(&memory, &vcpu, 0, 0xfffff123, &place),
			 0);
	ck_assert_uint_eq(place.gfn, 0xfffff);
	ck_assert_uint_eq(place.offset, 0x123);
	ck_assert_uint_eq(place.page_bytes, 0);
	ck_assert_int_eq(gprobe_walk(&memory, &vcpu, 0, 0x100000000, &place),
			 -ENXIO);
	ck_assert_uint_eq(guest.reads, 0);
}
END_TEST

START_TEST(errors_of_the_reader_are_passed_on)
{
	struct fake_guest guest = { 0 };
	struct gprobe_memory memory = fake_memory(&guest);
	struct gprobe_vcpu vcpu = fake_vcpu(0);
	struct gprobe_place place;

	fake_map(&guest, ROOT, GVA, 1, 0x1234000 | PRESENT);
	guest.broken = -EIO;
	guest.broken_gfn = guest.frames[guest.nr - 1].gfn;
	ck_assert_int_eq(gprobe_walk(&memory, &vcpu, ROOT, GVA, &place), -EIO);
	ck_assert_int_eq(gprobe_walk(&memory, &vcpu, 0x9000, GVA, &place),
			 -ENXIO);
}
END_TEST

Suite *walk_suite(void)
{
	return UNIT_SUITE("walk", a_4k_page_gives_its_frame,
			  a_2m_page_gives_the_frame_in_it,
			  a_1g_page_gives_the_frame_in_it,
			  bit_7_of_a_4k_page_is_pat,
			  the_pat_bit_of_a_large_page_is_no_address,
			  bits_above_an_address_are_no_address,
			  the_highest_frame_has_40_bits,
			  an_absent_entry_at_any_level_is_enxio,
			  a_large_page_in_the_top_table_is_ebadmsg,
			  each_reserved_bit_of_a_large_page_is_ebadmsg,
			  a_self_mapped_table_is_found,
			  control_bits_of_cr3_are_no_address,
			  addresses_that_are_not_canonical_are_einval,
			  other_paging_than_4_level_is_eopnotsupp,
			  without_paging_an_address_is_its_place,
			  errors_of_the_reader_are_passed_on);
}
