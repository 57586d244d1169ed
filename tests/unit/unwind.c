// SPDX-License-Identifier: GPL-2.0
/* gprobe_unwind_run(): the stack of a kernel that has ORC tables. */
#include <gprobe/unwind.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_guest.h"
#include "unit.h"

#define ROOT		0x4000ULL
#define IPS		0xffffffff82000000ULL
#define ENTRIES		0xffffffff82001000ULL
#define IPS_GFN		0x900
#define SLIDE		0x600000ULL
#define STACK		0xffffc90000001000ULL
#define STACK_WORDS	64

/* Functions, by their symbols. */
#define LEAF		0xffffffff81000100ULL
#define CALLER		0xffffffff81000200ULL
#define ENTRY		0xffffffff81000300ULL
#define THREAD		0xffffffff81000400ULL
#define NOWHERE		0xffffffff81000500ULL
#define ALIGNED		0xffffffff81000600ULL
#define IRQ		0xffffffff81000700ULL

#define NAMES	"ffffffff81000100 T leaf\n" \
		"ffffffff81000200 T caller\n" \
		"ffffffff81000300 T entry\n" \
		"ffffffff81000400 T thread\n"

struct row {
	uint64_t code;
	int16_t sp_offset, bp_offset;
	uint8_t regs, type;
};

/* Types as Linux has them from 6.4 on. */
static const struct row rows[] = {
	{ LEAF, 8, 0, 0x05, 2 },
	{ LEAF + 1, 16, -16, 0x15, 2 },
	{ LEAF + 4, 16, -16, 0x14, 2 },
	{ CALLER, 0x28, 0, 0x05, 2 },
	{ ENTRY, 0, 0, 0x05, 3 },
	{ THREAD, 0, 0, 0x00, 1 },
	{ NOWHERE, 0, 0, 0x00, 0 },
	{ ALIGNED, 8, 0, 0x06, 2 },
	{ IRQ, 0, 0, 0x05, 4 },
};

struct lab {
	struct fake_guest guest;
	struct gprobe_vcpu vcpu;
	struct gprobe_symbols *symbols;
	struct gprobe_unwind *unwind;
	struct gprobe_regs regs;
	uint64_t stack[STACK_WORDS];
	uint64_t addresses[16];
	size_t nr;
	bool is_whole;
};

static uint8_t old_type(const struct row *row)
{
	if (row->type == 1)
		return 4;
	return row->type ? row->type - 2 : 0;
}

static void fill_tables(struct lab *lab, bool is_old)
{
	uint8_t *ips = fake_frame(&lab->guest, IPS_GFN);
	uint8_t *entries = fake_frame(&lab->guest, IPS_GFN + 1);
	int32_t ip;
	size_t i;

	fake_map(&lab->guest, ROOT, IPS + SLIDE, 1,
		 IPS_GFN * GPROBE_PAGE_SIZE | PRESENT);
	fake_map(&lab->guest, ROOT, ENTRIES + SLIDE, 1,
		 (IPS_GFN + 1) * GPROBE_PAGE_SIZE | PRESENT);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		ip = rows[i].code - (IPS + i * sizeof(ip));
		memcpy(ips + i * sizeof(ip), &ip, sizeof(ip));
		memcpy(entries + 6 * i, &rows[i].sp_offset, 2);
		memcpy(entries + 6 * i + 2, &rows[i].bp_offset, 2);
		entries[6 * i + 4] = rows[i].regs;
		entries[6 * i + 5] = is_old ? old_type(&rows[i]) :
					      rows[i].type;
	}
}

static int open_lab(struct lab *lab, const char *version, size_t nr_entries)
{
	struct gprobe_space space = { .vcpus = &lab->vcpu, .nr_vcpus = 1,
				      .slide = SLIDE };
	char text[600];

	memset(lab, 0, sizeof(*lab));
	fill_tables(lab, !strncmp(version, "Linux version 6.1.", 18));
	lab->vcpu = fake_vcpu(ROOT);
	snprintf(text, sizeof(text), NAMES
		 "%llx R __start_orc_unwind_ip\n%llx R __stop_orc_unwind_ip\n"
		 "%llx R __start_orc_unwind\n%llx R __stop_orc_unwind\n",
		 IPS, IPS + 4 * ARRAY_SIZE(rows), ENTRIES,
		 ENTRIES + 6 * nr_entries);
	lab->symbols = unit_symbols(text);
	space.memory = fake_memory(&lab->guest);
	space.symbols = lab->symbols;
	return gprobe_unwind_new(&space, version, &lab->unwind, NULL);
}

static void set_up(struct lab *lab)
{
	ck_assert_int_eq(open_lab(lab, "Linux version 6.12.1",
				  ARRAY_SIZE(rows)), 0);
	lab->regs.rip = LEAF + SLIDE;
	lab->regs.rsp = STACK;
}

static void tear_down(struct lab *lab)
{
	gprobe_unwind_free(lab->unwind);
	gprobe_symbols_free(lab->symbols);
}

static int read_stack(void *arg, const struct gprobe_regs *regs, uint64_t gva,
		      void *buffer, size_t bytes)
{
	const struct lab *lab = arg;

	(void)regs;
	if (gva < STACK || gva - STACK > sizeof(lab->stack) - bytes)
		return -ENXIO;
	memcpy(buffer, (const char *)lab->stack + (gva - STACK), bytes);
	return 0;
}

static struct gprobe_fetch_source source_of(struct lab *lab)
{
	return (struct gprobe_fetch_source){
		.regs = &lab->regs, .read = read_stack, .arg = lab,
		.symbols = lab->symbols, .slide = SLIDE,
		.unwind = lab->unwind,
	};
}

/* Of @max at most. */
static void walk(struct lab *lab, size_t max)
{
	struct gprobe_fetch_source source = source_of(lab);

	lab->nr = gprobe_unwind_run(lab->unwind, &source, lab->addresses, max,
				    &lab->is_whole);
}

static void assert_walk(const struct lab *lab, size_t nr,
			const uint64_t *addresses, bool is_whole)
{
	size_t i;

	ck_assert_uint_eq(lab->nr, nr);
	for (i = 0; i < nr; i++)
		ck_assert_uint_eq(lab->addresses[i], addresses[i] + SLIDE);
	ck_assert_int_eq(lab->is_whole, is_whole);
}

/* The leaf was called by the caller, which was by @by. */
static void push_calls(struct lab *lab, uint64_t by)
{
	lab->stack[0] = CALLER + 0x10 + SLIDE;
	lab->stack[5] = by + SLIDE;
	/* Registers of a process. */
	lab->stack[6 + 16] = 0x401000;
}

START_TEST(a_system_calls_stack_ends_in_the_process)
{
	static const uint64_t wanted[] = { LEAF, CALLER + 0x10, ENTRY + 8 };
	static const char *const versions[] = {
		"Linux version 6.1.0-56-amd64", "Linux version 6.12.1",
	};
	struct lab lab;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(versions); i++) {
		ck_assert_int_eq(open_lab(&lab, versions[i],
					  ARRAY_SIZE(rows)), 0);
		lab.regs.rip = LEAF + SLIDE;
		lab.regs.rsp = STACK;
		push_calls(&lab, ENTRY + 8);
		walk(&lab, 16);
		assert_walk(&lab, 3, wanted, true);
		push_calls(&lab, THREAD + 5);
		walk(&lab, 16);
		ck_assert_uint_eq(lab.nr, 3);
		ck_assert(lab.is_whole);
		tear_down(&lab);
	}
}
END_TEST

START_TEST(a_call_that_ends_a_function_is_of_that_function)
{
	/* Behind it begins another, whose frame is not this one's. */
	static const uint64_t wanted[] = { LEAF, ENTRY, ENTRY + 8 };
	struct lab lab;

	set_up(&lab);
	lab.stack[0] = ENTRY + SLIDE;
	lab.stack[5] = ENTRY + 8 + SLIDE;
	lab.stack[6 + 16] = 0x401000;
	walk(&lab, 16);
	assert_walk(&lab, 3, wanted, true);
	tear_down(&lab);
}
END_TEST

START_TEST(a_frame_pointer_is_followed)
{
	static const uint64_t wanted[] = { LEAF + 9, CALLER + 0x10, ENTRY + 8 };
	struct lab lab;

	set_up(&lab);
	lab.regs.rip = LEAF + 9 + SLIDE;
	lab.regs.rbp = STACK + 16;
	lab.stack[2] = 0x1234;
	lab.stack[3] = CALLER + 0x10 + SLIDE;
	lab.stack[8] = ENTRY + 8 + SLIDE;
	lab.stack[9 + 16] = 0x401000;
	walk(&lab, 16);
	assert_walk(&lab, 3, wanted, true);
	tear_down(&lab);
}
END_TEST

START_TEST(an_interrupts_stack_goes_on_in_what_it_interrupted)
{
	static const uint64_t wanted[] = { IRQ, LEAF, CALLER + 0x10,
					   THREAD + 5 };
	struct lab lab;

	set_up(&lab);
	lab.regs.rip = IRQ + SLIDE;
	lab.stack[0] = LEAF + SLIDE;
	lab.stack[3] = STACK + 8 * 8;
	lab.stack[8] = CALLER + 0x10 + SLIDE;
	lab.stack[13] = THREAD + 5 + SLIDE;
	walk(&lab, 16);
	assert_walk(&lab, 4, wanted, true);
	tear_down(&lab);
}
END_TEST

START_TEST(what_cannot_be_walked_on_is_not_whole)
{
	static const uint64_t wanted[] = { LEAF, CALLER + 0x10, NOWHERE + 1 };
	struct lab lab;

	set_up(&lab);
	push_calls(&lab, NOWHERE + 1);
	walk(&lab, 16);
	assert_walk(&lab, 3, wanted, false);
	/* Its register is known of the first function alone. */
	push_calls(&lab, ALIGNED + 1);
	walk(&lab, 16);
	ck_assert_uint_eq(lab.nr, 3);
	ck_assert(!lab.is_whole);
	/* Another address than a stack's. */
	lab.regs.rsp = STACK - 8;
	walk(&lab, 16);
	assert_walk(&lab, 1, wanted, false);
	/* Before all code. */
	lab.regs.rip = LEAF - 1 + SLIDE;
	walk(&lab, 16);
	ck_assert_uint_eq(lab.nr, 1);
	ck_assert(!lab.is_whole);
	tear_down(&lab);
}
END_TEST

START_TEST(no_stack_is_endless)
{
	struct lab lab;
	size_t i;

	set_up(&lab);
	for (i = 0; i < STACK_WORDS; i++)
		lab.stack[i] = LEAF + 1 + SLIDE;
	walk(&lab, 5);
	ck_assert_uint_eq(lab.nr, 5);
	ck_assert(!lab.is_whole);
	tear_down(&lab);
}
END_TEST

START_TEST(a_fetch_names_the_functions)
{
	struct gprobe_fetch_value value;
	struct gprobe_fetch_cursor cursor;
	struct gprobe_fetch_source source;
	struct gprobe_fetch_info info;
	struct gprobe_fetch *fetch;
	uint8_t *values;
	struct lab lab;

	set_up(&lab);
	push_calls(&lab, ENTRY + 8);
	source = source_of(&lab);
	ck_assert_int_eq(gprobe_fetch_parse("$kstack", &fetch, NULL), 0);
	ck_assert(gprobe_fetch_reads(fetch) && gprobe_fetch_names(fetch) &&
		  gprobe_fetch_unwinds(fetch));
	gprobe_fetch_info(fetch, 0, &info);
	ck_assert_str_eq(info.name, "kstack");
	ck_assert(info.is_stack);
	values = malloc(gprobe_fetch_bytes(fetch));
	cursor = (struct gprobe_fetch_cursor){ .at = values };
	cursor.end = values + gprobe_fetch_run(fetch, &source, values);
	ck_assert_int_eq(gprobe_fetch_next(fetch, &cursor, &value), 1);
	ck_assert_int_eq(value.state, GPROBE_FETCH_DONE);
	ck_assert_int_eq(value.text_bytes, 30);
	ck_assert(!memcmp(value.text, "leaf+0x0;caller+0x10;entry+0x8", 30));
	free(values);
	gprobe_fetch_free(fetch);
	tear_down(&lab);
}
END_TEST

START_TEST(tables_that_are_none_are_refused)
{
	struct lab lab;

	ck_assert_int_eq(open_lab(&lab, "Linux version 6.12.1", 3),
			 -EOPNOTSUPP);
	gprobe_symbols_free(lab.symbols);
	ck_assert_int_eq(gprobe_unwind_new(&(struct gprobe_space){ 0 }, "",
					   &lab.unwind, NULL), -ENOENT);
}
END_TEST

START_TEST(tables_that_are_not_mapped_are_told_with_their_place)
{
	struct lab lab;
	struct gprobe_space space = { .vcpus = &lab.vcpu, .nr_vcpus = 1 };
	struct gprobe_unwind *unwind;
	struct gprobe_why why;
	char text[200];

	set_up(&lab);
	space.memory = fake_memory(&lab.guest);
	space.symbols = lab.symbols;
	ck_assert_int_eq(gprobe_unwind_new(&space, "Linux version 6.12.1",
					   &unwind, &why), -ENXIO);
	snprintf(text, sizeof(text),
		 "the guest kernel's ORC tables cannot be read: nothing is mapped at %#llx",
		 IPS);
	ck_assert_str_eq(why.text, text);
	tear_down(&lab);
}
END_TEST

Suite *unwind_suite(void)
{
	return UNIT_SUITE("unwind",
		a_system_calls_stack_ends_in_the_process,
		a_call_that_ends_a_function_is_of_that_function,
		a_frame_pointer_is_followed,
		an_interrupts_stack_goes_on_in_what_it_interrupted,
		what_cannot_be_walked_on_is_not_whole,
		no_stack_is_endless,
		a_fetch_names_the_functions,
		tables_that_are_none_are_refused,
		tables_that_are_not_mapped_are_told_with_their_place);
}
