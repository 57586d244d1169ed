// SPDX-License-Identifier: GPL-2.0
/* gprobe_fetch_run() and gprobe_fetch_next(): values of a hit, there and back. */
#include <gprobe/fetch.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <gprobe/walk.h>

#include "unit.h"

/* The guest's memory: two pages, and nothing around them. */
#define MEMORY		0x7f0000001000ULL
#define MEMORY_BYTES	(2 * GPROBE_PAGE_SIZE)
#define SLIDE		0x1000000ULL

/* Of the guest's kernel, for those that fetch something of a task. */
static const struct gprobe_task_layout *layout_of_run;

struct lab {
	uint8_t memory[MEMORY_BYTES];
	struct gprobe_regs regs;
	struct gprobe_symbols *symbols;
	struct gprobe_fetch *fetch;
	uint8_t *values;
	size_t bytes;
	struct gprobe_fetch_cursor cursor;
};

static int read_memory(void *arg, const struct gprobe_regs *regs, uint64_t gva,
		       void *buffer, size_t bytes)
{
	const struct lab *lab = arg;

	ck_assert_ptr_eq(regs, &lab->regs);
	ck_assert_uint_gt(bytes, 0);
	if (gva < MEMORY || gva - MEMORY > MEMORY_BYTES ||
	    bytes > MEMORY_BYTES - (gva - MEMORY))
		return -ENXIO;
	memcpy(buffer, lab->memory + (gva - MEMORY), bytes);
	return 0;
}

static struct lab *set_up(void)
{
	static const char map[] =
		"0000000000001000 D per_cpu_thing\n"
		"ffffffff81000000 T start\n"
		"ffffffff81000100 T function\n"
		"ffffffff82000000 D data\n"
		"ffffffff82000040 D twice\n"
		"ffffffff82000080 D twice\n"
		"ffffffff83000000 B _end\n";
	struct lab *lab = calloc(1, sizeof(*lab));

	lab->symbols = unit_symbols(map);
	lab->regs.rdi = MEMORY;
	return lab;
}

static void tear_down(struct lab *lab)
{
	gprobe_fetch_free(lab->fetch);
	gprobe_symbols_free(lab->symbols);
	free(lab->values);
	free(lab);
}

static void run(struct lab *lab, const char *text)
{
	const struct gprobe_fetch_source source = {
		.regs = &lab->regs, .read = read_memory, .arg = lab,
		.symbols = lab->symbols, .slide = SLIDE,
	};
	struct gprobe_why why;

	gprobe_fetch_free(lab->fetch);
	ck_assert_msg(!gprobe_fetch_parse(text, &lab->fetch, &why), "%s",
		      why.text);
	ck_assert_int_eq(gprobe_fetch_resolve(lab->fetch, lab->symbols, SLIDE,
					      NULL), 0);
	if (layout_of_run) {
		ck_assert(gprobe_fetch_has_task(lab->fetch));
		gprobe_fetch_set_task(lab->fetch, layout_of_run);
	}
	/* No more than that: the sanitizer sees to it. */
	free(lab->values);
	lab->values = malloc(gprobe_fetch_bytes(lab->fetch) ?: 1);
	lab->bytes = gprobe_fetch_run(lab->fetch, &source, lab->values);
	ck_assert_uint_le(lab->bytes, gprobe_fetch_bytes(lab->fetch));
	lab->cursor = (struct gprobe_fetch_cursor){
		.at = lab->values, .end = lab->values + lab->bytes,
	};
}

static struct gprobe_fetch_value next(struct lab *lab)
{
	struct gprobe_fetch_value value;

	ck_assert_int_eq(gprobe_fetch_next(lab->fetch, &lab->cursor, &value),
			 1);
	return value;
}

static void is_number(struct lab *lab, uint64_t number)
{
	struct gprobe_fetch_value value = next(lab);

	ck_assert_int_eq(value.state, GPROBE_FETCH_DONE);
	ck_assert_uint_eq(value.number, number);
}

static void is_text(struct lab *lab, const char *text)
{
	struct gprobe_fetch_value value = next(lab);

	ck_assert_int_eq(value.state, GPROBE_FETCH_DONE);
	ck_assert_uint_eq(value.text_bytes, strlen(text));
	ck_assert(!memcmp(value.text, text, value.text_bytes));
}

static void is_fault(struct lab *lab)
{
	ck_assert_int_eq(next(lab).state, GPROBE_FETCH_FAULT);
}

static void is_end(struct lab *lab)
{
	struct gprobe_fetch_value value;

	ck_assert_int_eq(gprobe_fetch_next(lab->fetch, &lab->cursor, &value),
			 0);
}

START_TEST(a_task_is_found_by_the_kernels_base)
{
	/* The base wraps around to where the memory is. */
	const uint64_t base = 0xffff888000000000ULL;
	const struct gprobe_task_layout layout = {
		.current_task = MEMORY + 0x20 - base,
		.comm = 0x100, .pid = 0x80, .tid = 0x84,
	};
	const uint64_t task = MEMORY + 0x200;
	struct lab *lab = set_up();

	memcpy(lab->memory + 0x20, &task, sizeof(task));
	strcpy((char *)lab->memory + 0x300, "init");
	memcpy(lab->memory + 0x280, (int32_t[]){ 41, 42 }, 8);
	layout_of_run = &layout;
	lab->regs.gs_base = base;
	lab->regs.shadow_gs = 0x7f0000000000ULL;
	run(lab, "$comm $pid $tid again=$pid:x32");
	is_text(lab, "init");
	is_number(lab, 41);
	is_number(lab, 42);
	is_number(lab, 41);
	is_end(lab);
	ck_assert(gprobe_fetch_reads(lab->fetch));
	/* A process has its own in it, and the kernel's waits. */
	lab->regs.gs_base = 0;
	lab->regs.shadow_gs = base;
	run(lab, "$comm");
	is_text(lab, "init");
	/* Where neither is the kernel's, there is none. */
	lab->regs.shadow_gs = 0;
	run(lab, "$comm $pid");
	is_fault(lab);
	is_fault(lab);
	layout_of_run = NULL;
	run(lab, "%di +0(%di)");
	ck_assert(!gprobe_fetch_has_task(lab->fetch));
	tear_down(lab);
}
END_TEST

START_TEST(registers_are_cut_to_their_type)
{
	struct lab *lab = set_up();

	lab->regs.rax = 0xffffffff12348081;
	lab->regs.cpl = 3;
	lab->regs.cs = 0x33;
	run(lab, "%ax %ax:u8 %ax:s8 %ax:u16 %ax:s16 %ax:x32 %ax:s32 %ax:s64 %ax:char %ax:b4@4/8 %ax:b8@12/64 %cpl %cs:u8 \\-1:s8 \\-1:u16");
	is_number(lab, 0xffffffff12348081);
	is_number(lab, 0x81);
	is_number(lab, -127ULL);
	is_number(lab, 0x8081);
	is_number(lab, (uint64_t)(int16_t)0x8081);
	is_number(lab, 0x12348081);
	is_number(lab, 0x12348081);
	is_number(lab, 0xffffffff12348081);
	is_number(lab, 0x81);
	is_number(lab, 8);
	is_number(lab, 0x48);
	is_number(lab, 3);
	is_number(lab, 0x33);
	is_number(lab, UINT64_MAX);
	is_number(lab, 0xffff);
	is_end(lab);
	tear_down(lab);
}
END_TEST

START_TEST(memory_is_read_as_written)
{
	struct lab *lab = set_up();
	uint64_t inner = MEMORY + 0x100, deep = 0x1122334455667788;

	memcpy(lab->memory + 0x10, &inner, 8);
	memcpy(lab->memory + 0x108, &deep, 8);
	lab->regs.rsp = MEMORY + 0x100;
	lab->regs.rdx = MEMORY + 0x110;
	run(lab, "+8(+0x10(%di)) -8(%dx):x16 $stack $stack1 $stack1:s8 +u8(+u0x10($arg1)):u32 @0x7f0000001108 +8(@0x7f0000001010)");
	is_number(lab, deep);
	is_number(lab, 0x7788);
	is_number(lab, MEMORY + 0x100);
	is_number(lab, deep);
	is_number(lab, (uint64_t)(int8_t)0x88);
	is_number(lab, 0x55667788);
	is_number(lab, deep);
	is_number(lab, deep);
	is_end(lab);
	tear_down(lab);
}
END_TEST

START_TEST(what_cannot_be_read_is_a_fault_and_nothing_else_is)
{
	struct lab *lab = set_up();

	lab->memory[MEMORY_BYTES - 1] = 7;
	lab->regs.rsi = MEMORY + MEMORY_BYTES;
	/* At 0 there is nothing; nor is there behind a pointer to it. */
	run(lab, "+0(%bx) +0(+0(%bx)) +0(+0(%di)):string +0(%si):u8 -1(%si):u8 -1(%si):u16 %di +0(%bx):u8[3] -1(%si):u8[2]");
	is_fault(lab);
	is_fault(lab);
	is_fault(lab);
	is_fault(lab);
	is_number(lab, 7);
	is_fault(lab);
	is_number(lab, MEMORY);
	is_fault(lab);
	is_fault(lab);
	is_fault(lab);
	is_number(lab, 7);
	is_fault(lab);
	is_end(lab);
	tear_down(lab);
}
END_TEST

START_TEST(strings_end_with_their_nul_wherever_that_is)
{
	struct lab *lab = set_up();
	struct gprobe_fetch_value value;

	strcpy((char *)lab->memory, "/init");
	/* Over the border of a page; and with the last byte that there is. */
	strcpy((char *)lab->memory + GPROBE_PAGE_SIZE - 3, "abcdef");
	strcpy((char *)lab->memory + MEMORY_BYTES - 4, "end");
	run(lab, "+0(%di):string +5(%di):string +4093(%di):ustring +8188(%di):string");
	is_text(lab, "/init");
	is_text(lab, "");
	is_text(lab, "abcdef");
	is_text(lab, "end");
	is_end(lab);
	/* Without a NUL there is no telling what it is. */
	lab->memory[MEMORY_BYTES - 1] = 'x';
	run(lab, "+8188(%di):string");
	is_fault(lab);
	/* But for one that is too long to be wanted. */
	memset(lab->memory, 'a', MEMORY_BYTES);
	run(lab, "+0(%di):string +4096(%di):string");
	value = next(lab);
	ck_assert_int_eq(value.state, GPROBE_FETCH_CUT);
	ck_assert_uint_eq(value.text_bytes, GPROBE_FETCH_STRING_MAX);
	ck_assert_int_eq(next(lab).state, GPROBE_FETCH_CUT);
	is_end(lab);
	/* So many bytes are not there any more. */
	run(lab, "+4097(%di):string");
	is_fault(lab);
	/* The longest that is whole. */
	lab->memory[GPROBE_FETCH_STRING_MAX] = '\0';
	run(lab, "+0(%di):string");
	value = next(lab);
	ck_assert_int_eq(value.state, GPROBE_FETCH_DONE);
	ck_assert_uint_eq(value.text_bytes, GPROBE_FETCH_STRING_MAX);
	tear_down(lab);
}
END_TEST

START_TEST(arrays_are_their_elements_in_order)
{
	struct lab *lab = set_up();
	static const uint32_t words[] = { 1, 0xffffffff, 3, 0x80000000 };
	uint64_t pointers[] = { MEMORY + 0x200, 0, MEMORY + 0x208 };
	struct gprobe_fetch_value value;
	uint32_t i;

	memcpy(lab->memory, words, sizeof(words));
	memcpy(lab->memory + 0x100, pointers, sizeof(pointers));
	strcpy((char *)lab->memory + 0x200, "one");
	strcpy((char *)lab->memory + 0x208, "three");
	run(lab, "+0(%di):u32[4] +0(%di):s32[4] +256(%di):string[3] +0(%di):b4@4/8[2] +0(%di):x8[1]");
	for (i = 0; i < 4; i++) {
		value = next(lab);
		ck_assert_uint_eq(value.arg, 0);
		ck_assert_uint_eq(value.element, i);
		ck_assert_uint_eq(value.number, words[i]);
	}
	for (i = 0; i < 4; i++)
		is_number(lab, (uint64_t)(int32_t)words[i]);
	is_text(lab, "one");
	is_fault(lab);
	is_text(lab, "three");
	is_number(lab, 0);
	is_number(lab, 0);
	is_number(lab, 1);
	is_end(lab);
	tear_down(lab);
}
END_TEST

static void is_symbol(struct lab *lab, uint64_t number, const char *name)
{
	struct gprobe_fetch_value value = next(lab);

	ck_assert_uint_eq(value.number, number);
	ck_assert_uint_eq(value.text_bytes, strlen(name));
	ck_assert(!memcmp(value.text, name, value.text_bytes));
}

START_TEST(symbols_are_where_the_kernel_is)
{
	struct lab *lab = set_up();

	lab->regs.rax = 0xffffffff81000105 + SLIDE;
	lab->regs.rbx = 0xffffffff83000001 + SLIDE;
	lab->regs.rcx = 0xffffffff80000000 + SLIDE;
	run(lab, "%ax:symbol %bx:symbol %cx:symbol %di:symbol \\0xffffffff84000000:symbol");
	ck_assert(gprobe_fetch_names(lab->fetch));
	is_symbol(lab, lab->regs.rax, "function+0x5");
	/* Behind the last one, before the first, and what is a process'. */
	is_symbol(lab, lab->regs.rbx, "");
	is_symbol(lab, lab->regs.rcx, "");
	is_symbol(lab, MEMORY, "");
	is_symbol(lab, 0xffffffff84000000, "_end+0x0");
	is_end(lab);
	tear_down(lab);
}
END_TEST

START_TEST(symbols_that_are_not_there_are_told)
{
	struct lab *lab = set_up();
	struct gprobe_why why;

	ck_assert_int_eq(gprobe_fetch_parse("x=@dota", &lab->fetch, NULL), 0);
	ck_assert_int_eq(gprobe_fetch_resolve(lab->fetch, NULL, 0, &why),
			 -ENOENT);
	unit_says(&why, "argument 'x': @dota is a symbol: name the guest kernel's System.map with --symbols FILE");
	ck_assert_int_eq(gprobe_fetch_resolve(lab->fetch, lab->symbols, 0,
					      &why), -ENOENT);
	unit_says(&why, "no symbol 'dota'; nearest: data");
	gprobe_fetch_free(lab->fetch);
	ck_assert_int_eq(gprobe_fetch_parse("@twice", &lab->fetch, NULL), 0);
	ck_assert_int_eq(gprobe_fetch_resolve(lab->fetch, lab->symbols, SLIDE,
					      &why), -EINVAL);
	unit_says(&why, "'twice' is the name of 2 places, the first at 0xffffffff83000040");
	tear_down(lab);
}
END_TEST

/* Memory of the kernel's is there where the symbols and the slide say. */
START_TEST(a_symbol_is_read_at_its_address)
{
	struct lab *lab = set_up();
	static const char map[] = "00007f0000001000 T start\n"
				  "00007f0000001800 D data\n";

	gprobe_symbols_free(lab->symbols);
	lab->symbols = unit_symbols(map);
	lab->memory[0x804] = 5;
	/* The offset takes the slide back. */
	run(lab, "@data-0xfffffc:u8");
	is_number(lab, 5);
	tear_down(lab);
}
END_TEST

START_TEST(values_that_are_cut_or_changed_are_refused)
{
	struct lab *lab = set_up();
	struct gprobe_fetch_value value;
	uint64_t random = 1;
	size_t cut, i;
	int ret;

	strcpy((char *)lab->memory, "text");
	lab->regs.rax = 0xffffffff82000000;
	run(lab, "+0(%di):string %di:u8 +0(%di):u16[3] %ax:symbol +0(%bx)");
	for (cut = 0; cut < lab->bytes; cut++) {
		uint8_t *copy = malloc(cut ?: 1);

		memcpy(copy, lab->values, cut);
		lab->cursor = (struct gprobe_fetch_cursor){
			.at = copy, .end = copy + cut,
		};
		do {
			ret = gprobe_fetch_next(lab->fetch, &lab->cursor,
						&value);
		} while (ret > 0);
		ck_assert_int_eq(ret, -EBADMSG);
		free(copy);
	}
	/* Anything else is read, or refused. */
	for (i = 0; i < 10000; i++) {
		uint8_t *copy = malloc(lab->bytes);

		memcpy(copy, lab->values, lab->bytes);
		copy[unit_random(&random) % lab->bytes] ^=
			1 << unit_random(&random) % 8;
		lab->cursor = (struct gprobe_fetch_cursor){
			.at = copy, .end = copy + lab->bytes,
		};
		do {
			ret = gprobe_fetch_next(lab->fetch, &lab->cursor,
						&value);
			unit_assert(ret <= 0 || !value.text_bytes ||
				    (value.text >= (char *)copy &&
				     value.text + value.text_bytes <=
				     (char *)copy + lab->bytes));
		} while (ret > 0);
		free(copy);
	}
	tear_down(lab);
}
END_TEST

Suite *fetch_suite(void)
{
	return UNIT_SUITE("fetch",
		a_task_is_found_by_the_kernels_base,
		registers_are_cut_to_their_type,
		memory_is_read_as_written,
		what_cannot_be_read_is_a_fault_and_nothing_else_is,
		strings_end_with_their_nul_wherever_that_is,
		arrays_are_their_elements_in_order,
		symbols_are_where_the_kernel_is,
		symbols_that_are_not_there_are_told,
		a_symbol_is_read_at_its_address,
		values_that_are_cut_or_changed_are_refused);
}
