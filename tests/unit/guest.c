// SPDX-License-Identifier: GPL-2.0
/* gprobe_guest_*(): memory and vCPUs of a guest. */
#include <gprobe/guest.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fake_xen.h"
#include "unit.h"

struct lab {
	struct gprobe_host *host;
	struct gprobe_guest *guest;
	struct gprobe_memory memory;
};

static struct lab set_up(void)
{
	struct lab lab;

	fake_xen_reset();
	fake_xen_add(3, "guest", XEN_DOMINF_hvm_guest);
	ck_assert_int_eq(gprobe_host_open(&lab.host, NULL), 0);
	ck_assert_int_eq(gprobe_guest_open(lab.host, 3, &lab.guest), 0);
	lab.memory = gprobe_guest_memory(lab.guest);
	return lab;
}

static void tear_down(struct lab *lab)
{
	gprobe_guest_close(lab->guest);
	ck_assert_int_eq(fake_xen.nr_mapped, 0);
	gprobe_host_close(lab->host);
}

static int read_byte(struct lab *lab, uint64_t gfn, uint8_t *byte)
{
	return lab->memory.read(lab->memory.arg, gfn, 4095, byte, 1);
}

START_TEST(frames_are_read_and_kept_mapped)
{
	struct lab lab = set_up();
	uint64_t gfn;
	uint8_t byte;
	int round;

	for (round = 0; round < 3; round++)
		for (gfn = 100; gfn < 132; gfn++) {
			ck_assert_int_eq(read_byte(&lab, gfn, &byte), 0);
			ck_assert_uint_eq(byte, gfn);
		}
	ck_assert_uint_eq(fake_xen.nr_maps, 32);
	tear_down(&lab);
	gprobe_guest_close(NULL);
}
END_TEST

START_TEST(more_frames_than_are_kept_are_read)
{
	struct lab lab = set_up();
	uint64_t state = 15, gfn;
	uint8_t byte;
	int round;

	for (round = 0; round < 2000; round++) {
		gfn = unit_random(&state) % 64;
		ck_assert_int_eq(read_byte(&lab, gfn, &byte), 0);
		ck_assert_uint_eq(byte, gfn);
		ck_assert_int_le(fake_xen.nr_mapped, 32);
	}
	tear_down(&lab);
}
END_TEST

START_TEST(a_missing_frame_is_enxio)
{
	struct lab lab = set_up();
	uint8_t byte;

	fake_xen.missing_gfn = 5;
	fake_xen.page_errno = EINVAL;
	ck_assert_int_eq(read_byte(&lab, 5, &byte), -ENXIO);
	fake_xen.page_errno = ENOENT;
	ck_assert_int_eq(read_byte(&lab, 5, &byte), -ENXIO);
	ck_assert_int_eq(fake_xen.nr_mapped, 0);
	fake_xen.map_errno = EINVAL;
	ck_assert_int_eq(read_byte(&lab, 5, &byte), -ENXIO);
	fake_xen.map_errno = ENOENT;
	ck_assert_int_eq(read_byte(&lab, 5, &byte), -ENXIO);
	/* When it comes, it is read. */
	fake_xen.map_errno = fake_xen.page_errno = 0;
	ck_assert_int_eq(read_byte(&lab, 5, &byte), 0);
	tear_down(&lab);
}
END_TEST

START_TEST(other_errors_of_mapping_are_passed_on)
{
	struct lab lab = set_up();
	uint8_t byte;

	fake_xen.missing_gfn = 5;
	fake_xen.page_errno = ENOMEM;
	ck_assert_int_eq(read_byte(&lab, 5, &byte), -ENOMEM);
	fake_xen.map_errno = EPERM;
	ck_assert_int_eq(read_byte(&lab, 6, &byte), -EPERM);
	tear_down(&lab);
}
END_TEST

START_TEST(a_read_does_not_leave_its_frame)
{
	struct lab lab = set_up();
	uint8_t bytes[8];

	ck_assert_int_eq(lab.memory.read(lab.memory.arg, 5, 4092, bytes, 4),
			 0);
	ck_assert_int_eq(lab.memory.read(lab.memory.arg, 5, 4093, bytes, 4),
			 -EINVAL);
	ck_assert_int_eq(lab.memory.read(lab.memory.arg, 5, 4097, bytes, 0),
			 -EINVAL);
	ck_assert_int_eq(lab.memory.read(lab.memory.arg, 5, 0, bytes,
					 SIZE_MAX), -EINVAL);
	tear_down(&lab);
}
END_TEST

START_TEST(vcpus_that_are_up_are_given)
{
	struct lab lab = set_up();
	struct gprobe_vcpu *vcpus;
	size_t nr;

	fake_xen.domains[1].max_vcpu_id = 3;
	fake_xen.vcpu_errno[0] = fake_xen.vcpu_errno[2] = ENODATA;
	ck_assert_int_eq(gprobe_guest_vcpus(lab.guest, &vcpus, &nr), 0);
	ck_assert_uint_eq(nr, 2);
	ck_assert_uint_eq(vcpus[0].cr0, 0x101);
	ck_assert_uint_eq(vcpus[0].cr3, 0x102);
	ck_assert_uint_eq(vcpus[0].cr4, 0x103);
	ck_assert_uint_eq(vcpus[0].efer, 0x104);
	ck_assert_uint_eq(vcpus[0].lstar, 0x105);
	ck_assert_uint_eq(vcpus[0].idt_base, 0x106);
	ck_assert_uint_eq(vcpus[1].cr3, 0x302);
	free(vcpus);
	tear_down(&lab);
}
END_TEST

START_TEST(a_guest_with_no_vcpu_up_is_eagain)
{
	struct lab lab = set_up();
	struct gprobe_vcpu *vcpus;
	size_t nr;

	fake_xen.vcpu_errno[0] = fake_xen.vcpu_errno[1] = ENODATA;
	ck_assert_int_eq(gprobe_guest_vcpus(lab.guest, &vcpus, &nr), -EAGAIN);
	ck_assert_uint_eq(nr, 0);
	fake_xen.domains[1].max_vcpu_id = XEN_INVALID_MAX_VCPU_ID;
	ck_assert_int_eq(gprobe_guest_vcpus(lab.guest, &vcpus, &nr), -EAGAIN);
	tear_down(&lab);
}
END_TEST

START_TEST(a_guest_that_is_gone_is_enoent)
{
	struct lab lab = set_up();
	struct gprobe_vcpu *vcpus;
	size_t nr;

	/* Xen answers with the next domain there is. */
	fake_xen.domains[1].domain = 4;
	ck_assert_int_eq(gprobe_guest_vcpus(lab.guest, &vcpus, &nr), -ENOENT);
	fake_xen.nr_domains = 1;
	ck_assert_int_eq(gprobe_guest_vcpus(lab.guest, &vcpus, &nr), -ENOENT);
	tear_down(&lab);
}
END_TEST

START_TEST(what_xen_says_of_vcpus_is_passed_on)
{
	struct lab lab = set_up();
	struct gprobe_vcpu *vcpus;
	size_t nr;

	fake_xen.vcpu_errno[0] = fake_xen.vcpu_errno[1] = EPERM;
	ck_assert_int_eq(gprobe_guest_vcpus(lab.guest, &vcpus, &nr), -EPERM);
	tear_down(&lab);
}
END_TEST

START_TEST(frames_that_were_read_are_let_go)
{
	struct lab lab = set_up();
	uint8_t byte;

	ck_assert_int_eq(read_byte(&lab, 5, &byte), 0);
	ck_assert_int_eq(read_byte(&lab, 6, &byte), 0);
	ck_assert_int_eq(fake_xen.nr_mapped, 2);
	gprobe_guest_forget(lab.guest);
	ck_assert_int_eq(fake_xen.nr_mapped, 0);
	ck_assert_int_eq(read_byte(&lab, 5, &byte), 0);
	ck_assert_uint_eq(byte, 5);
	tear_down(&lab);
}
END_TEST

START_TEST(a_frame_stays_mapped_until_it_is_put)
{
	struct lab lab = set_up();
	const void *maps[100], *again;
	uint8_t *frame = fake_xen_frame(7);
	size_t i;

	for (i = 0; i < 100; i++)
		ck_assert_int_eq(gprobe_guest_frame_get(lab.guest, i % 50,
							&maps[i]), 0);
	gprobe_guest_forget(lab.guest);
	ck_assert_int_eq(fake_xen.nr_mapped, 100);
	frame[9] = 0x5a;
	ck_assert_uint_eq(((const uint8_t *)maps[7])[9], 0x5a);
	ck_assert_uint_eq(((const uint8_t *)maps[57])[9], 0x5a);
	gprobe_guest_frame_put(lab.guest, maps[7]);
	ck_assert_uint_eq(((const uint8_t *)maps[57])[9], 0x5a);
	for (i = 0; i < 100; i++)
		if (i != 7 && i != 57)
			gprobe_guest_frame_put(lab.guest, maps[i]);
	ck_assert_int_eq(fake_xen.nr_mapped, 1);
	fake_xen.missing_gfn = 5;
	fake_xen.page_errno = ENOENT;
	ck_assert_int_eq(gprobe_guest_frame_get(lab.guest, 5, &again), -ENXIO);
	ck_assert_int_eq(fake_xen.nr_mapped, 1);
	/* What was not put goes with the guest. */
	tear_down(&lab);
}
END_TEST

START_TEST(nothing_of_a_guest_that_dies_stays_mapped)
{
	struct lab lab = set_up();
	const uint8_t *map, *other;
	uint8_t *frame = fake_xen_frame(7), byte;

	frame[9] = 0x5a;
	ck_assert_int_eq(gprobe_guest_frame_get(lab.guest, 7,
						(const void **)&map), 0);
	ck_assert_int_eq(gprobe_guest_frame_get(lab.guest, 8,
						(const void **)&other), 0);
	ck_assert_int_eq(read_byte(&lab, 6, &byte), 0);
	gprobe_guest_drop(lab.guest);
	/* What was mapped can be looked at, but is not the guest's. */
	ck_assert_uint_eq(map[9], 0);
	frame[9] = 0x66;
	ck_assert_uint_eq(map[9], 0);
	ck_assert_int_eq(read_byte(&lab, 6, &byte), -ESHUTDOWN);
	ck_assert_int_eq(gprobe_guest_frame_get(lab.guest, 7,
						(const void **)&map),
			 -ESHUTDOWN);
	gprobe_guest_frame_put(lab.guest, other);
	gprobe_guest_drop(lab.guest);
	ck_assert_uint_eq(map[9], 0);
	gprobe_guest_close(lab.guest);
	/* Of the three, Xen's library was told of the one that was read. */
	ck_assert_int_eq(fake_xen.nr_mapped, 2);
	gprobe_host_close(lab.host);
}
END_TEST

START_TEST(a_vcpu_that_pages_is_found)
{
	struct lab lab = set_up();
	struct gprobe_vcpu vcpu;

	/* None of them pages: their CR0 has no bit 31. */
	ck_assert_int_eq(gprobe_guest_paging(lab.guest, &vcpu), 0);
	ck_assert_int_eq(gprobe_paging_levels(&vcpu), 0);
	fake_xen_long_mode();
	fake_xen.vcpu_errno[0] = ENODATA;
	ck_assert_int_eq(gprobe_guest_paging(lab.guest, &vcpu), 0);
	ck_assert_int_eq(gprobe_paging_levels(&vcpu), 4);
	ck_assert_uint_eq(vcpu.cr3, 0x102);
	fake_xen.vcpu_errno[1] = ENODATA;
	ck_assert_int_eq(gprobe_guest_paging(lab.guest, &vcpu), -EAGAIN);
	fake_xen.vcpu_errno[1] = EPERM;
	ck_assert_int_eq(gprobe_guest_paging(lab.guest, &vcpu), -EPERM);
	fake_xen.nr_domains = 1;
	ck_assert_int_eq(gprobe_guest_paging(lab.guest, &vcpu), -ENOENT);
	tear_down(&lab);
}
END_TEST

Suite *guest_suite(void)
{
	return UNIT_SUITE("guest", frames_are_read_and_kept_mapped,
			  more_frames_than_are_kept_are_read,
			  a_missing_frame_is_enxio,
			  other_errors_of_mapping_are_passed_on,
			  a_read_does_not_leave_its_frame,
			  vcpus_that_are_up_are_given,
			  a_guest_with_no_vcpu_up_is_eagain,
			  a_guest_that_is_gone_is_enoent,
			  what_xen_says_of_vcpus_is_passed_on,
			  frames_that_were_read_are_let_go,
			  a_frame_stays_mapped_until_it_is_put,
			  nothing_of_a_guest_that_dies_stays_mapped,
			  a_vcpu_that_pages_is_found);
}
