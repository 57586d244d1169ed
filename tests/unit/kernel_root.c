// SPDX-License-Identifier: GPL-2.0
/* gprobe_symbols_kernel_root(): the page table of the guest's kernel. */
#include <gprobe/symbols.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fake_guest.h"
#include "unit.h"

#define PROCESS		0x4000ULL
#define KERNEL		0x900000ULL
#define GVA		0xffffffff82000000ULL
#define SLIDE		0x600000ULL

struct lab {
	struct fake_guest guest;
	struct gprobe_vcpu vcpus[2];
	struct gprobe_symbols *symbols;
};

/* With @names, and a function, without which no file has symbols. */
static void set_up(struct lab *lab, const char *names)
{
	char text[200];

	snprintf(text, sizeof(text), "ffffffff81000000 T function\n%s", names);
	lab->symbols = unit_symbols(text);
	/* One that starts does not page yet. */
	lab->vcpus[0] = (struct gprobe_vcpu){ 0 };
	lab->vcpus[1] = fake_vcpu(PROCESS);
	fake_map(&lab->guest, PROCESS, GVA + SLIDE, 1, KERNEL | PRESENT);
	fake_map(&lab->guest, KERNEL, GVA + SLIDE, 1, KERNEL | PRESENT);
}

static int find(struct lab *lab, uint64_t *root)
{
	struct gprobe_memory memory = fake_memory(&lab->guest);
	int ret = gprobe_symbols_kernel_root(lab->symbols, &memory, lab->vcpus,
					     2, SLIDE, root);

	gprobe_symbols_free(lab->symbols);
	return ret;
}

START_TEST(the_kernels_root_is_found_by_either_name)
{
	static const char *const texts[] = {
		"ffffffff82000000 D init_top_pgt\n",
		"ffffffff82000000 D swapper_pg_dir\n",
		"ffffffff82000000 D init_top_pgt\n"
		"ffffffff83000000 D swapper_pg_dir\n",
	};
	struct lab lab;
	uint64_t root;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		memset(&lab, 0, sizeof(lab));
		set_up(&lab, texts[i]);
		ck_assert_int_eq(find(&lab, &root), 0);
		ck_assert_uint_eq(root, KERNEL);
	}
}
END_TEST

START_TEST(what_does_not_map_itself_is_no_root)
{
	struct lab lab = { 0 };
	uint64_t root;

	set_up(&lab, "ffffffff82000000 D init_top_pgt\n");
	fake_map(&lab.guest, KERNEL, GVA + SLIDE, 1, 0x901000 | PRESENT);
	ck_assert_int_eq(find(&lab, &root), -ENOENT);
	memset(&lab, 0, sizeof(lab));
	set_up(&lab, "ffffffff82000000 D init_top_pgt\n");
	fake_map(&lab.guest, KERNEL, GVA + SLIDE, 1, 0);
	ck_assert_int_eq(find(&lab, &root), -ENXIO);
	/* A page table begins with a page. */
	memset(&lab, 0, sizeof(lab));
	set_up(&lab, "ffffffff82000008 D init_top_pgt\n");
	ck_assert_int_eq(find(&lab, &root), -ENOENT);
}
END_TEST

START_TEST(without_its_name_or_its_page_there_is_none)
{
	struct lab lab = { 0 };
	uint64_t root;

	set_up(&lab, "ffffffff82000000 D another\n");
	ck_assert_int_eq(find(&lab, &root), -ENOENT);
	memset(&lab, 0, sizeof(lab));
	set_up(&lab, "ffffffff84000000 D init_top_pgt\n");
	ck_assert_int_eq(find(&lab, &root), -ENXIO);
	/* No vCPU pages. */
	memset(&lab, 0, sizeof(lab));
	set_up(&lab, "2000 D init_top_pgt\n");
	lab.vcpus[1] = lab.vcpus[0];
	ck_assert_int_eq(find(&lab, &root), -ENOENT);
}
END_TEST

Suite *kernel_root_suite(void)
{
	return UNIT_SUITE("kernel_root",
			  the_kernels_root_is_found_by_either_name,
			  what_does_not_map_itself_is_no_root,
			  without_its_name_or_its_page_there_is_none);
}
