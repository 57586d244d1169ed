// SPDX-License-Identifier: GPL-2.0
/* gprobe_probe_exits(): where functions are left. */
#include <gprobe/probe.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_guest.h"
#include "unit.h"

#define ROOT		0x4000ULL
#define TEXT		0xffffffff81000000ULL
#define TEXT_GFN	0x900ULL
#define SLIDE		0x600000ULL
#define PAGES		3

/* Behind the function under test. */
#define END		0x100

static const char symbols_text[] =
	"ffffffff81000000 T function\n"
	"ffffffff81000000 T alias\n"
	"ffffffff81000100 T other\n"
	"ffffffff81000180 D variable\n"
	"ffffffff81000200 t function.cold\n"
	"ffffffff81000240 t other.cold\n"
	"ffffffff81000280 t alias.cold.7\n"
	"ffffffff810002a0 T __x86_return_thunk\n"
	"ffffffff810002c0 T large\n"
	"ffffffff81002000 T hole\n"
	"ffffffff81009000 T last\n";

/* A guest with pages of code, and the exits of one of its functions. */
struct lab {
	struct fake_guest guest;
	struct gprobe_vcpu vcpu;
	struct gprobe_symbols *symbols;
	struct gprobe_space space;
	struct gprobe_probe probe, *exits;
	size_t nr;
	struct gprobe_why why;
};

static uint8_t *code_at(struct lab *lab, uint64_t offset)
{
	return fake_frame(&lab->guest, TEXT_GFN + offset / GPROBE_PAGE_SIZE) +
	       offset % GPROBE_PAGE_SIZE;
}

static void set_up(struct lab *lab)
{
	uint64_t page;

	for (page = 0; page < PAGES; page++) {
		memset(code_at(lab, page * GPROBE_PAGE_SIZE), 0x90,
		       GPROBE_PAGE_SIZE);
		fake_map(&lab->guest, ROOT,
			 TEXT + SLIDE + page * GPROBE_PAGE_SIZE, 1,
			 (TEXT_GFN + page) << 12 | PRESENT);
	}
	lab->symbols = unit_symbols(symbols_text);
	lab->vcpu = fake_vcpu(ROOT);
	lab->space = (struct gprobe_space){
		.memory = fake_memory(&lab->guest),
		.vcpus = &lab->vcpu,
		.nr_vcpus = 1,
		.symbols = lab->symbols,
		.slide = SLIDE,
	};
}

static void tear_down(struct lab *lab)
{
	free(lab->exits);
	gprobe_symbols_free(lab->symbols);
}

/* @code, @bytes long, at the start of the function. */
static int find(struct lab *lab, const char *text, const char *code,
		size_t bytes)
{
	free(lab->exits);
	lab->exits = NULL;
	lab->why.text[0] = '\0';
	memset(code_at(lab, 0), 0x90, END);
	memcpy(code_at(lab, 0), code, bytes);
	ck_assert_int_eq(gprobe_probe_parse(text, &lab->probe, NULL), 0);
	ck_assert_msg(!gprobe_probe_resolve(&lab->probe, &lab->space,
					    &lab->why), "%s", lab->why.text);
	return gprobe_probe_exits(&lab->probe, &lab->space, &lab->exits,
				  &lab->nr, &lab->why);
}

/* @places: offsets from TEXT, with a ? behind those that may be none. */
static void check(struct lab *lab, const char *text, const char *code,
		  size_t bytes, const char *places)
{
	char got[256] = "";
	size_t i, used = 0;

	ck_assert_msg(!find(lab, text, code, bytes), "%s", lab->why.text);
	for (i = 0; i < lab->nr; i++) {
		const struct gprobe_probe *exit = &lab->exits[i];

		used += sprintf(got + used, "%s%lx%s", i ? " " : "",
				(unsigned long)(exit->gva - TEXT - SLIDE),
				exit->part == GPROBE_PROBE_MAYBE ? "?" : "");
		ck_assert_uint_eq(exit->frame_offset, exit->gva & 0xfff);
		ck_assert_uint_eq(exit->gfn, TEXT_GFN +
				  (exit->gva - TEXT - SLIDE) / GPROBE_PAGE_SIZE);
		ck_assert_str_eq(exit->text, text);
	}
	ck_assert_str_eq(got, places);
}

#define CHECK(lab, text, code, places) \
	check(lab, text, code, sizeof(code) - 1, places)

static void check_refused(struct lab *lab, const char *text, const char *code,
			  size_t bytes, int err, const char *words)
{
	ck_assert_int_eq(find(lab, text, code, bytes), err);
	ck_assert_ptr_null(lab->exits);
	unit_says(&lab->why, words);
}

#define REFUSED(lab, text, code, err, words) \
	check_refused(lab, text, code, sizeof(code) - 1, err, words)

START_TEST(a_function_is_left_by_each_of_its_returns)
{
	struct lab lab = { 0 };

	set_up(&lab);
	/* push %rbp; je .+3; pop %rbp; ret; repz ret */
	CHECK(&lab, "r:function", "\x55\x74\x01\xc3\x5d\xf3\xc3", "3 5");
	CHECK(&lab, "r:alias@0x4000", "\x55\xc2\x08\x00", "1");
	CHECK(&lab, "r:0xffffffff81600000", "\x55\xc3", "1");
	tear_down(&lab);
}
END_TEST

START_TEST(a_jump_to_another_function_leaves_it)
{
	struct lab lab = { 0 };

	set_up(&lab);
	/* nop; jmp other; jmp function; jmp variable */
	CHECK(&lab, "r:function", "\x90\xe9\xfa\0\0\0\xeb\xf8\xe9\x73\x01\0\0",
	      "1 8");
	ck_assert_uint_eq(lab.exits[0].jumps_to, TEXT + SLIDE + 0x100);
	ck_assert_uint_eq(lab.exits[1].jumps_to, TEXT + SLIDE + 0x180);
	/* Unless that is what the kernel has in place of a return. */
	*code_at(&lab, 0x180) = 0xc3;
	CHECK(&lab, "r:function", "\x90\xe9\x9a\x02\0\0\x90\x90\xe9\x73\x01\0\0",
	      "1 8");
	ck_assert_uint_eq(lab.exits[0].jumps_to, 0);
	ck_assert_uint_eq(lab.exits[1].jumps_to, 0);
	tear_down(&lab);
}
END_TEST

START_TEST(a_jump_to_where_a_register_says_may_leave_it)
{
	struct lab lab = { 0 };

	set_up(&lab);
	/* nop; jmp *%rax; jmp *table(,%rax,8); ret */
	CHECK(&lab, "r:function", "\x90\xff\xe0\xff\x24\xc5\0\0\0\x81\xc3",
	      "1? a");
	tear_down(&lab);
}
END_TEST

START_TEST(its_cold_parts_are_its_own)
{
	struct lab lab = { 0 };

	set_up(&lab);
	memcpy(code_at(&lab, 0x205), "\xc3", 1);
	memcpy(code_at(&lab, 0x290), "\xc3", 1);
	memcpy(code_at(&lab, 0x240), "\xc3", 1);
	/* je function.cold+3; jne alias.cold.7; jmp other.cold */
	CHECK(&lab, "r:function",
	      "\x0f\x84\xfd\x01\0\0\x0f\x85\x74\x02\0\0\xe9\x2f\x02\0\0",
	      "c 205 290");
	tear_down(&lab);
}
END_TEST

START_TEST(where_it_cannot_be_told_that_is_said)
{
	struct lab lab = { 0 };

	set_up(&lab);
	REFUSED(&lab, "r:function", "\x55\x74\xfd", -ENODATA,
		"no instruction that returns");
	REFUSED(&lab, "r:function", "\xc3", -EOPNOTSUPP,
		"left by its first instruction");
	/* nop; je other */
	REFUSED(&lab, "r:function", "\x90\x0f\x84\xf9\0\0\0", -EOPNOTSUPP,
		"the instruction at 0xffffffff81600001");
	REFUSED(&lab, "r:function", "\x90\x06", -EILSEQ,
		"no instruction at 0xffffffff81600001");
	/* nop; je .+4; ret; not an instruction; ret */
	REFUSED(&lab, "r:function", "\x90\x74\x02\xc3\x06\xc3", -EILSEQ,
		"no instruction at 0xffffffff81600004");
	REFUSED(&lab, "r:0xffffffff81600001", "\x55\xc3", -ENOENT,
		"no function begins there");
	tear_down(&lab);
}
END_TEST

START_TEST(not_all_of_a_function_may_be_there)
{
	struct lab lab = { 0 };

	set_up(&lab);
	REFUSED(&lab, "r:hole", "", -ENXIO, "not all of the function");
	lab.space.slide -= 0x8000;
	fake_map(&lab.guest, ROOT, TEXT + SLIDE + 0x1000, 1,
		 TEXT_GFN << 12 | PRESENT);
	REFUSED(&lab, "r:last", "", -ENODATA, "where the function ends");
	tear_down(&lab);
}
END_TEST

START_TEST(a_function_may_cross_pages)
{
	struct lab lab = { 0 };

	set_up(&lab);
	*code_at(&lab, 0x1234) = 0xc3;
	*code_at(&lab, 0x1fff) = 0xc3;
	CHECK(&lab, "r:large", "", "1234 1fff");
	tear_down(&lab);
}
END_TEST

START_TEST(what_fills_the_space_behind_it_need_be_no_instructions)
{
	struct lab lab = { 0 };

	set_up(&lab);
	/* nop; je .+3; ret; ret; not an instruction; ret */
	CHECK(&lab, "r:function", "\x90\x74\x01\xc3\xc3\x06\xc3", "3 4");
	tear_down(&lab);
}
END_TEST

START_TEST(what_cannot_be_read_has_no_exits)
{
	struct lab lab = { 0 };

	set_up(&lab);
	CHECK(&lab, "r:function", "\x55\xc3", "1");
	lab.guest.broken_gfn = TEXT_GFN;
	lab.guest.broken = -EIO;
	free(lab.exits);
	ck_assert_int_eq(gprobe_probe_exits(&lab.probe, &lab.space, &lab.exits,
					    &lab.nr, NULL), -EIO);
	ck_assert_ptr_null(lab.exits);
	tear_down(&lab);
}
END_TEST

Suite *probe_exits_suite(void)
{
	return UNIT_SUITE("probe_exits",
			  a_function_is_left_by_each_of_its_returns,
			  a_jump_to_another_function_leaves_it,
			  a_jump_to_where_a_register_says_may_leave_it,
			  its_cold_parts_are_its_own,
			  where_it_cannot_be_told_that_is_said,
			  not_all_of_a_function_may_be_there,
			  a_function_may_cross_pages,
			  what_fills_the_space_behind_it_need_be_no_instructions,
			  what_cannot_be_read_has_no_exits);
}
