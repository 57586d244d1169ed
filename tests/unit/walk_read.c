// SPDX-License-Identifier: GPL-2.0
/* gprobe_walk_read(): bytes at an address. */
#include <gprobe/walk.h>

#include <errno.h>
#include <string.h>

#include "fake_guest.h"
#include "unit.h"

#define ROOT	0x5000ULL
#define GVA	0xffffffff81234000ULL

static void set_up(struct fake_guest *guest)
{
	uint64_t page;

	/* Three pages, their frames neither adjacent nor in order. */
	for (page = 0; page < 3; page++) {
		uint64_t gfn = 0x900 - 0x100 * page;

		fake_map(guest, ROOT, GVA + page * 4096, 1,
			 gfn << 12 | PRESENT);
		memset(fake_frame(guest, gfn), '1' + page, 4096);
	}
}

START_TEST(a_read_may_cross_pages_of_different_frames)
{
	struct fake_guest guest = { 0 };
	struct gprobe_memory memory = fake_memory(&guest);
	struct gprobe_vcpu vcpu = fake_vcpu(0);
	char buffer[4096 + 6 + 1];

	set_up(&guest);
	buffer[4096 + 6] = 'x';
	ck_assert_int_eq(gprobe_walk_read(&memory, &vcpu, ROOT, GVA + 4093,
					  buffer, 4096 + 6), 0);
	ck_assert_mem_eq(buffer, "1112", 4);
	ck_assert_mem_eq(buffer + 4098, "2333x", 5);
}
END_TEST

START_TEST(a_read_in_one_page_touches_no_other)
{
	struct fake_guest guest = { 0 };
	struct gprobe_memory memory = fake_memory(&guest);
	struct gprobe_vcpu vcpu = fake_vcpu(0);
	char buffer[4096];

	set_up(&guest);
	ck_assert_int_eq(gprobe_walk_read(&memory, &vcpu, ROOT, GVA, buffer,
					  4096), 0);
	ck_assert_uint_eq(guest.reads, 5);
}
END_TEST

START_TEST(a_read_of_nothing_succeeds_anywhere)
{
	struct fake_guest guest = { 0 };
	struct gprobe_memory memory = fake_memory(&guest);
	struct gprobe_vcpu vcpu = fake_vcpu(0);

	ck_assert_int_eq(gprobe_walk_read(&memory, &vcpu, ROOT, GVA, NULL, 0),
			 0);
	ck_assert_uint_eq(guest.reads, 0);
}
END_TEST

START_TEST(a_page_that_is_missing_fails_the_read)
{
	struct fake_guest guest = { 0 };
	struct gprobe_memory memory = fake_memory(&guest);
	struct gprobe_vcpu vcpu = fake_vcpu(0);
	char buffer[8];

	set_up(&guest);
	ck_assert_int_eq(gprobe_walk_read(&memory, &vcpu, ROOT,
					  GVA + 3 * 4096 - 4, buffer, 8),
			 -ENXIO);
	guest.broken = -EIO;
	guest.broken_gfn = 0x800;
	ck_assert_int_eq(gprobe_walk_read(&memory, &vcpu, ROOT,
					  GVA + 4096 - 4, buffer, 8), -EIO);
}
END_TEST

START_TEST(a_read_into_the_hole_is_einval)
{
	struct fake_guest guest = { 0 };
	struct gprobe_memory memory = fake_memory(&guest);
	struct gprobe_vcpu vcpu = fake_vcpu(0);
	char buffer[8];

	fake_map(&guest, ROOT, 0x7ffffffff000, 1, 0x9000 | PRESENT);
	fake_frame(&guest, 9);
	ck_assert_int_eq(gprobe_walk_read(&memory, &vcpu, ROOT,
					  0x7ffffffffffc, buffer, 8), -EINVAL);
}
END_TEST

START_TEST(a_read_without_paging_crosses_frames)
{
	struct fake_guest guest = { 0 };
	struct gprobe_memory memory = fake_memory(&guest);
	struct gprobe_vcpu vcpu = { 0 };
	char buffer[4];

	memset(fake_frame(&guest, 1), 'a', 4096);
	memset(fake_frame(&guest, 2), 'b', 4096);
	ck_assert_int_eq(gprobe_walk_read(&memory, &vcpu, ROOT, 0x1ffe, buffer,
					  4), 0);
	ck_assert_mem_eq(buffer, "aabb", 4);
}
END_TEST

Suite *walk_read_suite(void)
{
	return UNIT_SUITE("walk_read",
			  a_read_may_cross_pages_of_different_frames,
			  a_read_in_one_page_touches_no_other,
			  a_read_of_nothing_succeeds_anywhere,
			  a_page_that_is_missing_fails_the_read,
			  a_read_into_the_hole_is_einval,
			  a_read_without_paging_crosses_frames);
}
