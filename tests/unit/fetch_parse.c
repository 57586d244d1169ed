// SPDX-License-Identifier: GPL-2.0
/* gprobe_fetch_parse(): the text, and what is wrong with one. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../../user/lib/fetch.h"
#include "unit.h"

static struct gprobe_fetch *parse(const char *text)
{
	struct gprobe_fetch *fetch;
	struct gprobe_why why;

	ck_assert_msg(!gprobe_fetch_parse(text, &fetch, &why), "%s", why.text);
	return fetch;
}

/* Of a text with one argument; the caller frees it. */
static struct gprobe_fetch *one(const char *text, struct fetch_arg *arg)
{
	struct gprobe_fetch *fetch = parse(text);

	ck_assert_uint_eq(gprobe_fetch_nr(fetch), 1);
	*arg = fetch->args[0];
	return fetch;
}

static void is_register(const char *text, size_t place, uint32_t bytes)
{
	struct fetch_arg arg;

	gprobe_fetch_free(one(text, &arg));
	ck_assert_int_eq(arg.reg, (int)place);
	ck_assert_uint_eq(arg.reg_bytes, bytes);
	ck_assert_uint_eq(arg.depth, 0);
}

static void is_type(const char *text, enum gprobe_fetch_kind kind,
		    uint8_t bytes)
{
	struct fetch_arg arg;

	gprobe_fetch_free(one(text, &arg));
	ck_assert_int_eq(arg.type.kind, kind);
	ck_assert_uint_eq(arg.type.bytes, bytes);
	ck_assert_uint_eq(arg.type.count, 1);
	ck_assert(!arg.type.is_array);
}

static void refuses(const char *text, const char *words)
{
	struct gprobe_fetch *fetch;
	struct gprobe_why why;
	int ret = gprobe_fetch_parse(text, &fetch, &why);

	ck_assert_msg(ret == -EINVAL || ret == -E2BIG, "'%s' is taken", text);
	unit_says(&why, words);
}

START_TEST(nothing_is_no_argument)
{
	struct gprobe_fetch *fetch = parse("");

	ck_assert_uint_eq(gprobe_fetch_nr(fetch), 0);
	ck_assert_uint_eq(gprobe_fetch_bytes(fetch), 0);
	ck_assert(!gprobe_fetch_reads(fetch));
	ck_assert(!gprobe_fetch_names(fetch));
	gprobe_fetch_free(fetch);
	fetch = parse(" \t ");
	ck_assert_uint_eq(gprobe_fetch_nr(fetch), 0);
	gprobe_fetch_free(fetch);
	gprobe_fetch_free(NULL);
}
END_TEST

START_TEST(registers_have_the_kernels_names_and_the_processors)
{
#define IS(name, field) \
	is_register(name, offsetof(struct gprobe_regs, field), \
		    sizeof(((struct gprobe_regs *)0)->field))
	IS("%ax", rax);
	IS("%rax", rax);
	IS("%bx", rbx);
	IS("%cx", rcx);
	IS("%dx", rdx);
	IS("%si", rsi);
	IS("%rsi", rsi);
	IS("%di", rdi);
	IS("%bp", rbp);
	IS("%sp", rsp);
	IS("%r8", r8);
	IS("%r9", r9);
	IS("%r10", r10);
	IS("%r11", r11);
	IS("%r12", r12);
	IS("%r13", r13);
	IS("%r14", r14);
	IS("%r15", r15);
	IS("%ip", rip);
	IS("%rip", rip);
	IS("%flags", rflags);
	IS("%cs", cs);
	IS("%cr0", cr0);
	IS("%cr2", cr2);
	IS("%cr3", cr3);
	IS("%cr4", cr4);
	IS("%efer", efer);
	IS("%fs_base", fs_base);
	IS("%gs_base", gs_base);
	IS("%shadow_gs", shadow_gs);
	IS("%cpl", cpl);
	/* As the calling convention has them. */
	IS("$arg1", rdi);
	IS("$arg2", rsi);
	IS("$arg3", rdx);
	IS("$arg4", rcx);
	IS("$arg5", r8);
	IS("$arg6", r9);
	IS("$stack", rsp);
#undef IS
}
END_TEST

START_TEST(memory_is_read_from_the_inside_out)
{
	struct fetch_arg arg;

	gprobe_fetch_free(one("+8(-0x10(+u3(%di)))", &arg));
	ck_assert_int_eq(arg.reg, offsetof(struct gprobe_regs, rdi));
	ck_assert_uint_eq(arg.depth, 3);
	ck_assert_int_eq(arg.offsets[0], 3);
	ck_assert_int_eq(arg.offsets[1], -16);
	ck_assert_int_eq(arg.offsets[2], 8);
	gprobe_fetch_free(one("$stack3", &arg));
	ck_assert_int_eq(arg.reg, offsetof(struct gprobe_regs, rsp));
	ck_assert_uint_eq(arg.depth, 1);
	ck_assert_int_eq(arg.offsets[0], 24);
	gprobe_fetch_free(one("@0xffffffff81000000", &arg));
	ck_assert_int_eq(arg.reg, -1);
	ck_assert_uint_eq(arg.number, 0xffffffff81000000);
	ck_assert_uint_eq(arg.depth, 1);
	ck_assert_int_eq(arg.offsets[0], 0);
	gprobe_fetch_free(one("@jiffies-010", &arg));
	ck_assert_str_eq(arg.symbol, "jiffies");
	ck_assert_uint_eq(arg.number, -8ULL);
	ck_assert_uint_eq(arg.depth, 1);
	gprobe_fetch_free(one("+16(@init_task+0x20)", &arg));
	ck_assert_str_eq(arg.symbol, "init_task");
	ck_assert_uint_eq(arg.number, 0x20);
	ck_assert_uint_eq(arg.depth, 2);
	ck_assert_int_eq(arg.offsets[1], 16);
}
END_TEST

START_TEST(numbers_are_whole)
{
	static const struct {
		const char *text;
		uint64_t number;
	} cases[] = {
		{ "\\0", 0 }, { "\\42", 42 }, { "\\+42", 42 },
		{ "\\-1", UINT64_MAX }, { "\\0xffffffffffffffff", UINT64_MAX },
		{ "\\-9223372036854775808", 1ULL << 63 },
	};
	struct fetch_arg arg;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		gprobe_fetch_free(one(cases[i].text, &arg));
		ck_assert_int_eq(arg.reg, -1);
		ck_assert_uint_eq(arg.number, cases[i].number);
		ck_assert_uint_eq(arg.depth, 0);
	}
}
END_TEST

START_TEST(types_are_the_kernels)
{
	static const uint8_t bits[] = { 8, 16, 32, 64 };
	struct fetch_arg arg;
	char text[32];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bits); i++) {
		snprintf(text, sizeof(text), "%%ax:u%u", bits[i]);
		is_type(text, GPROBE_FETCH_UNSIGNED, bits[i] / 8);
		snprintf(text, sizeof(text), "%%ax:s%u", bits[i]);
		is_type(text, GPROBE_FETCH_SIGNED, bits[i] / 8);
		snprintf(text, sizeof(text), "%%ax:x%u", bits[i]);
		is_type(text, GPROBE_FETCH_HEX, bits[i] / 8);
	}
	is_type("%ax", GPROBE_FETCH_HEX, 8);
	is_type("%ax:char", GPROBE_FETCH_CHAR, 1);
	is_type("%ax:symbol", GPROBE_FETCH_SYMBOL, 8);
	is_type("+0(%ax):string", GPROBE_FETCH_STRING, 8);
	is_type("+0(%ax):ustring", GPROBE_FETCH_STRING, 8);
	is_type("@linux_banner:string", GPROBE_FETCH_STRING, 8);
	gprobe_fetch_free(one("%ax:b3@5/16", &arg));
	ck_assert_int_eq(arg.type.kind, GPROBE_FETCH_UNSIGNED);
	ck_assert_uint_eq(arg.type.bytes, 2);
	ck_assert_uint_eq(arg.type.bit_width, 3);
	ck_assert_uint_eq(arg.type.bit_offset, 5);
	gprobe_fetch_free(one("%ax:b64@0/64", &arg));
	ck_assert_uint_eq(arg.type.bit_width, 64);
}
END_TEST

START_TEST(arrays_have_up_to_64_elements)
{
	struct fetch_arg arg;

	gprobe_fetch_free(one("+0(%si):u32[4]", &arg));
	ck_assert_uint_eq(arg.type.count, 4);
	ck_assert(arg.type.is_array);
	gprobe_fetch_free(one("+0(%si):u8[1]", &arg));
	ck_assert_uint_eq(arg.type.count, 1);
	ck_assert(arg.type.is_array);
	gprobe_fetch_free(one("+0(%si):b1@1/8[64]", &arg));
	ck_assert_uint_eq(arg.type.count, 64);
	gprobe_fetch_free(one("+0(%si):string[15]", &arg));
	ck_assert_uint_eq(arg.type.count, 15);
	refuses("+0(%si):u32[0]", "column 12: an array has 1 to 64 elements");
	refuses("+0(%si):u32[65]", "an array has 1 to 64 elements");
	refuses("+0(%si):u32[", "column 13: a number");
	refuses("+0(%si):u32[4", "column 14: a ] is missing");
	refuses("+0(%si):u32[4]x", "column 15: 'x' is too much");
	refuses("%si:u32[4]", "column 5: an array must be read from memory");
	refuses("$stack:u8[4]", "an array must be read from memory");
	refuses("+0(%si):string[16]", "may have 65568 bytes; 65535 at most");
}
END_TEST

START_TEST(several_have_names_of_their_own)
{
	struct gprobe_fetch *fetch =
		parse("path=+0(%si):string  %di:s32\tmode=%dx");
	struct gprobe_fetch_info info;

	ck_assert_str_eq(gprobe_fetch_text(fetch),
			 "path=+0(%si):string  %di:s32\tmode=%dx");
	ck_assert_uint_eq(gprobe_fetch_nr(fetch), 3);
	gprobe_fetch_info(fetch, 0, &info);
	ck_assert_str_eq(info.name, "path");
	ck_assert_int_eq(info.kind, GPROBE_FETCH_STRING);
	ck_assert(info.reads);
	gprobe_fetch_info(fetch, 1, &info);
	ck_assert_str_eq(info.name, "arg2");
	ck_assert_int_eq(info.kind, GPROBE_FETCH_SIGNED);
	ck_assert(!info.reads);
	gprobe_fetch_info(fetch, 2, &info);
	ck_assert_str_eq(info.name, "mode");
	ck_assert(gprobe_fetch_reads(fetch));
	ck_assert(!gprobe_fetch_names(fetch));
	gprobe_fetch_free(fetch);
	refuses("a=%di a=%si", "argument 2 'a=%si': at column 1: argument 1 is called 'a' too");
	refuses("arg2=%di %si", "argument 1 is called 'arg2' too");
	refuses("=%di", "column 1: a name is missing");
	refuses("1a=%di", "column 1: a name cannot begin with a digit");
	refuses("a-b=%di", "column 2: a name has letters, digits and _ only");
	refuses("a234567890123456789012345678901x=%di", "at most 31 characters");
	refuses("a=", "column 3: what to fetch is missing");
}
END_TEST

START_TEST(what_is_wrong_is_told_with_its_column)
{
	refuses("%", "column 1: no register %");
	refuses("%xi", "column 1: no register %xi; nearest: %si");
	refuses("x=%eax", "column 3: no register %eax; nearest: %ax");
	refuses("x=+0(%sii)", "column 6: no register %sii; nearest: %si");
	refuses("%nothing_like_it_at_all_x", "no register");
	refuses("di", "column 1: must be %REG, $argN");
	refuses("x=0x10", "column 3: must be %REG");
	refuses("$arg0", "numbered from 1");
	refuses("$arg7", "a function that is entered has this one in $stack1");
	refuses("$arg100", "the highest number is 99");
	refuses("$argx", "no variable '$argx'");
	refuses("$arg", "no variable '$arg'; there are");
	refuses("$stack65536", "the highest number is 65535");
	refuses("$stack-1", "column 7: '-1' is too much");
	refuses("$stackx", "no variable '$stackx'");
	refuses("$", "no variable '$'");
	refuses("+0($comm)", "$comm stands alone");
	refuses("$comms", "no variable '$comms'");
	refuses("@", "column 2: an address or a symbol is missing");
	refuses("@0xzz", "column 2: '0xzz' is no number");
	refuses("@jiffies+", "column 10: a number");
	refuses("@jiffies+x", "column 10: a number");
	refuses("+(%di)", "column 2: a number");
	refuses("+8", "column 3: a ( must follow");
	refuses("+8%di", "column 2: '8%di' is no number");
	refuses("+8(%di", "column 7: a ) is missing");
	refuses("+8()", "column 4: must be");
	refuses("+8(", "column 4: what to fetch is missing");
	refuses("+8(%di))", "column 8: ')' is too much");
	refuses("+0x8000000000000000(%di)", "column 2: '0x8000000000000000' is too large");
	refuses("+99999999999999999999(%di)", "too large");
	refuses("\\", "column 2: a number");
	refuses("\\x", "column 2: a number");
	refuses("\\-0x8000000000000001", "column 3: '0x8000000000000001' is too large");
	refuses("\\\"text\"", "texts behind \\ are not supported");
	refuses("%di:", "column 5: no type ''");
	refuses("%di:int", "column 5: no type 'int'; there are u8 to u64");
	refuses("%di:u31", "no type 'u31'; nearest: u");
	refuses("+0(%di):strin", "no type 'strin'; nearest: string");
	refuses("%di:string", "column 5: a string must be read from memory");
	refuses("\\5:string", "a string must be read from memory");
	refuses("%di:b0@0/8", "0 bits from bit 0 on are not in a container of 8");
	refuses("%di:b5@4/8", "5 bits from bit 4 on are not in a container of 8");
	refuses("%di:b1@0/7", "must have 8, 16, 32 or 64 bits");
	refuses("%di:b1@0/24", "must have 8, 16, 32 or 64 bits");
	refuses("%di:b1@0", "a / is missing");
	refuses("%di:b1", "a @ is missing");
	refuses("%di:b1@65/64", "'65' is too large");
	refuses("%di\e[31m", "no register %di?[31m");
}
END_TEST

START_TEST(there_is_an_end_to_nesting_and_number)
{
	char text[GPROBE_FETCH_TEXT_MAX + 2] = "";
	struct gprobe_fetch *fetch;
	unsigned int i;

	for (i = 0; i < GPROBE_FETCH_DEPTH_MAX; i++)
		strcat(text, "+0(");
	strcat(text, "%di");
	for (i = 0; i < GPROBE_FETCH_DEPTH_MAX; i++)
		strcat(text, ")");
	fetch = parse(text);
	ck_assert_uint_eq(fetch->args[0].depth, GPROBE_FETCH_DEPTH_MAX);
	gprobe_fetch_free(fetch);
	refuses("+0(+0(+0(+0(+0(+0(+0(+0(+0(%di)))))))))",
		"column 25: more than 8 are in each other");
	/* $stackN and @ are one more. */
	refuses("+0(+0(+0(+0(+0(+0(+0(+0($stack1))))))))",
		"column 1: memory is read more than 8 times");
	for (text[0] = '\0', i = 0; i < GPROBE_FETCH_ARGS_MAX; i++)
		strcat(text, "%di ");
	fetch = parse(text);
	ck_assert_uint_eq(gprobe_fetch_nr(fetch), GPROBE_FETCH_ARGS_MAX);
	gprobe_fetch_free(fetch);
	strcat(text, "%di");
	refuses(text, "more than 32 arguments for one probe");
	memset(text, ' ', sizeof(text) - 1);
	refuses(text, "longer than 4095 bytes");
	memset(text, '(', GPROBE_FETCH_TEXT_MAX);
	text[GPROBE_FETCH_TEXT_MAX] = '\0';
	refuses(text, "column 1: must be");
}
END_TEST

START_TEST(arguments_are_of_entries_and_retval_of_returns)
{
	static const struct {
		const char *text;
		int at_entry, at_return;
	} cases[] = {
		{ "", 0, 0 },
		{ "%ax $stack0 @0x1000", 0, 0 },
		{ "$retval", -EINVAL, 0 },
		{ "%ax text=+8($retval):string", -EINVAL, 0 },
		{ "$arg1", 0, -EINVAL },
		{ "+0($arg3)", 0, -EINVAL },
	};
	struct gprobe_fetch *fetch;
	struct gprobe_why why;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		fetch = parse(cases[i].text);
		ck_assert_int_eq(gprobe_fetch_check(fetch, false, &why),
				 cases[i].at_entry);
		ck_assert_int_eq(gprobe_fetch_check(fetch, true, &why),
				 cases[i].at_return);
		gprobe_fetch_free(fetch);
	}
	is_register("$retval", offsetof(struct gprobe_regs, rax), 8);
}
END_TEST

Suite *fetch_parse_suite(void)
{
	return UNIT_SUITE("fetch_parse",
		nothing_is_no_argument,
		registers_have_the_kernels_names_and_the_processors,
		memory_is_read_from_the_inside_out,
		numbers_are_whole,
		types_are_the_kernels,
		arrays_have_up_to_64_elements,
		several_have_names_of_their_own,
		arguments_are_of_entries_and_retval_of_returns,
		what_is_wrong_is_told_with_its_column,
		there_is_an_end_to_nesting_and_number);
}
