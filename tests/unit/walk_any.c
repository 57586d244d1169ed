// SPDX-License-Identifier: GPL-2.0
/* gprobe_walk_any(): an address that all roots share. */
#include <gprobe/walk.h>

#include <errno.h>

#include "fake_guest.h"
#include "unit.h"

#define KERNEL_ROOT	0x6000ULL
#define USER_ROOT	0x7000ULL
#define OTHER_ROOT	0x4000ULL
#define GVA		0xffffffff81234567ULL

START_TEST(the_kernel_half_is_found_from_the_user_half)
{
	struct fake_guest guest = { 0 };
	struct gprobe_memory memory = fake_memory(&guest);
	struct gprobe_vcpu vcpu = fake_vcpu(USER_ROOT | 0x800);
	struct gprobe_place place;
	uint64_t root;

	fake_frame(&guest, USER_ROOT >> 12);
	fake_map(&guest, KERNEL_ROOT, GVA, 1, 0x1234000 | PRESENT);
	ck_assert_int_eq(gprobe_walk_any(&memory, &vcpu, 1, GVA, &place,
					 &root), 0);
	ck_assert_uint_eq(root, KERNEL_ROOT);
	ck_assert_uint_eq(place.gfn, 0x1234);
}
END_TEST

START_TEST(what_the_user_half_maps_is_taken_from_it)
{
	struct fake_guest guest = { 0 };
	struct gprobe_memory memory = fake_memory(&guest);
	struct gprobe_vcpu vcpu = fake_vcpu(USER_ROOT);
	struct gprobe_place place;
	uint64_t root;

	fake_map(&guest, USER_ROOT, GVA, 1, 0x5678000 | PRESENT);
	fake_map(&guest, KERNEL_ROOT, GVA, 1, 0x1234000 | PRESENT);
	ck_assert_int_eq(gprobe_walk_any(&memory, &vcpu, 1, GVA, &place,
					 &root), 0);
	ck_assert_uint_eq(root, USER_ROOT);
	ck_assert_uint_eq(place.gfn, 0x5678);
}
END_TEST

START_TEST(a_kernel_root_has_no_other_half)
{
	struct fake_guest guest = { 0 };
	struct gprobe_memory memory = fake_memory(&guest);
	struct gprobe_vcpu vcpu = fake_vcpu(KERNEL_ROOT);
	struct gprobe_place place;
	uint64_t root;

	fake_frame(&guest, KERNEL_ROOT >> 12);
	ck_assert_int_eq(gprobe_walk_any(&memory, &vcpu, 1, GVA, &place,
					 &root), -ENXIO);
	ck_assert_uint_eq(guest.reads, 1);
}
END_TEST

START_TEST(the_next_vcpu_is_tried)
{
	struct fake_guest guest = { 0 };
	struct gprobe_memory memory = fake_memory(&guest);
	struct gprobe_vcpu vcpus[3] = {
		fake_vcpu(OTHER_ROOT), { 0 }, fake_vcpu(KERNEL_ROOT),
	};
	struct gprobe_place place;
	uint64_t root;

	fake_frame(&guest, OTHER_ROOT >> 12);
	fake_map(&guest, KERNEL_ROOT, GVA, 1, 0x1234000 | PRESENT);
	ck_assert_int_eq(gprobe_walk_any(&memory, vcpus, 3, GVA, &place,
					 &root), 0);
	ck_assert_uint_eq(root, KERNEL_ROOT);
}
END_TEST

START_TEST(the_last_failure_is_answered)
{
	struct fake_guest guest = { 0 };
	struct gprobe_memory memory = fake_memory(&guest);
	struct gprobe_vcpu vcpus[2] = {
		fake_vcpu(OTHER_ROOT), fake_vcpu(KERNEL_ROOT),
	};
	struct gprobe_place place;
	uint64_t root;

	vcpus[1].cr4 |= CR4_LA57;
	ck_assert_int_eq(gprobe_walk_any(&memory, vcpus, 2, GVA, &place,
					 &root), -EOPNOTSUPP);
	ck_assert_int_eq(gprobe_walk_any(&memory, vcpus, 1, GVA, &place,
					 &root), -ENXIO);
}
END_TEST

Suite *walk_any_suite(void)
{
	return UNIT_SUITE("walk_any",
			  the_kernel_half_is_found_from_the_user_half,
			  what_the_user_half_maps_is_taken_from_it,
			  a_kernel_root_has_no_other_half,
			  the_next_vcpu_is_tried,
			  the_last_failure_is_answered);
}
