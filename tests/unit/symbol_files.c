// SPDX-License-Identifier: GPL-2.0
/* The files of --symbols: which is the kernel's, and where each is. */
#include "../../user/tool/symbol_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake_guest.h"
#include "unit.h"

#define ENTRY	0xffffffff81800000ULL

static const char kernel[] =
	"ffffffff81800000 T entry_SYSCALL_64\n"
	"ffffffff81800100 T asm_exc_page_fault\n";
static const char program[] = "0000000000401000 T main\n";

struct lab {
	struct symbol_files files;
	struct fake_guest guest;
	struct gprobe_vcpu vcpu;
	struct gprobe_space space;
	struct unit_stderr said;
};

static void set_up(struct lab *lab)
{
	memset(lab, 0, sizeof(*lab));
	lab->space.memory = fake_memory(&lab->guest);
	lab->space.vcpus = &lab->vcpu;
	lab->space.nr_vcpus = 1;
	unit_listen(&lab->said);
}

static void tear_down(struct lab *lab)
{
	size_t i;

	for (i = 0; i < lab->files.nr; i++)
		if (!strncmp(lab->files.files[i].path, "/tmp/", 5))
			unlink(lab->files.files[i].path);
	symbol_files_free(&lab->files);
	unit_unlisten(&lab->said);
}

/* @behind: what stands behind the file's name. */
static void add(struct lab *lab, const char *text, const char *behind)
{
	char path[] = "/tmp/gprobe-unit.XXXXXX", spec[64];
	int fd = mkstemp(path);

	ck_assert_int_eq(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	snprintf(spec, sizeof(spec), "%s%s", path, behind);
	ck_assert_int_eq(symbol_files_add(&lab->files, spec), 0);
	ck_assert_str_eq(lab->files.files[lab->files.nr - 1].path, path);
}

static int place(struct lab *lab)
{
	int status = symbol_files_load(&lab->files);

	ck_assert_int_eq(status, 0);
	status = symbol_files_place(&lab->files, &lab->space, "guest");
	fflush(stderr);
	return status;
}

START_TEST(a_base_is_what_stands_behind_the_last_at)
{
	static const struct {
		const char *text, *path;
		bool has_base;
		uint64_t base;
	} cases[] = {
		{ "System.map", "System.map", false, 0 },
		{ "a@0x1000", "a", true, 0x1000 },
		{ "a@b@0xfffff80012345678", "a@b", true, 0xfffff80012345678 },
		{ "a@1000", "a@1000", false, 0 },
		{ "a@0x", "a@0x", false, 0 },
		{ "a@0x1g", "a@0x1g", false, 0 },
		{ "a@0x11112222333344445", "a@0x11112222333344445", false, 0 },
	};
	uint64_t base;
	bool has_base;
	char *path;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		base = 0;
		path = symbol_files_path(cases[i].text, &has_base, &base);
		ck_assert_str_eq(path, cases[i].path);
		ck_assert_int_eq(has_base, cases[i].has_base);
		ck_assert_uint_eq(base, cases[i].base);
		free(path);
	}
}
END_TEST

START_TEST(the_kernels_is_the_first_that_has_its_entry)
{
	struct lab lab;

	set_up(&lab);
	add(&lab, program, "@0x1000");
	lab.files.has_slide = true;
	lab.files.slide = 0x200000;
	ck_assert_int_eq(place(&lab), 0);
	ck_assert_ptr_eq(lab.space.symbols, lab.files.files[0].symbols);
	ck_assert_uint_eq(lab.space.slide, 0x1000);
	tear_down(&lab);
	set_up(&lab);
	add(&lab, program, "");
	add(&lab, kernel, "");
	lab.files.has_slide = true;
	lab.files.slide = 0x200000;
	ck_assert_int_eq(place(&lab), 0);
	ck_assert_ptr_eq(lab.space.symbols, lab.files.files[1].symbols);
	ck_assert_uint_eq(lab.space.slide, 0x200000);
	ck_assert_uint_eq(lab.space.nr_files, 2);
	ck_assert_uint_eq(lab.space.files[0].slide, 0);
	ck_assert_uint_eq(lab.space.files[1].slide, 0x200000);
	tear_down(&lab);
}
END_TEST

START_TEST(symbols_of_another_kernel_are_refused_with_their_file)
{
	char words[128];
	struct lab lab;

	set_up(&lab);
	add(&lab, program, "");
	add(&lab, kernel, "");
	lab.vcpu.lstar = ENTRY + 0x1000;
	ck_assert_int_eq(place(&lab), 1);
	snprintf(words, sizeof(words),
		 "gprobe: %s: the symbols are of another kernel: ",
		 lab.files.files[1].path);
	ck_assert_ptr_nonnull(strstr(unit_said(&lab.said), words));
	tear_down(&lab);
}
END_TEST

START_TEST(a_guest_that_brings_symbols_keeps_them)
{
	struct gprobe_symbols *own;
	struct lab lab;

	set_up(&lab);
	own = unit_symbols(kernel);
	lab.space.symbols = own;
	add(&lab, program, "@0x1000");
	ck_assert_int_eq(place(&lab), 0);
	ck_assert_ptr_eq(lab.space.symbols, own);
	ck_assert_uint_eq(lab.space.slide, 0);
	ck_assert_uint_eq(lab.space.nr_files, 1);
	gprobe_symbols_free(own);
	tear_down(&lab);
}
END_TEST

START_TEST(what_may_be_anywhere_needs_its_base)
{
	struct lab lab;

	set_up(&lab);
	ck_assert_int_eq(symbol_files_add(&lab.files, "/proc/self/exe"), 0);
	ck_assert_int_eq(symbol_files_load(&lab.files), 1);
	fflush(stderr);
	ck_assert_str_eq(unit_said(&lab.said),
		"gprobe: /proc/self/exe: it is position-independent: FILE@0xBASE says where the guest has it, its first address in the process's /proc/PID/maps\n");
	tear_down(&lab);
	set_up(&lab);
	ck_assert_int_eq(symbol_files_add(&lab.files,
					  "/proc/self/exe@0x5000"), 0);
	ck_assert_int_eq(place(&lab), 0);
	ck_assert_uint_eq(lab.space.slide, 0x5000);
	tear_down(&lab);
}
END_TEST

Suite *symbol_files_suite(void)
{
	return UNIT_SUITE("symbol_files",
		a_base_is_what_stands_behind_the_last_at,
		the_kernels_is_the_first_that_has_its_entry,
		symbols_of_another_kernel_are_refused_with_their_file,
		a_guest_that_brings_symbols_keeps_them,
		what_may_be_anywhere_needs_its_base);
}
