// SPDX-License-Identifier: GPL-2.0
/* Lengths of instructions, and how they are stepped over. */
#include <gprobe/insn.h>

#include <errno.h>
#include <string.h>

#include "unit.h"

#define CHOICE	0	/* the module's */
#define FAST	GPROBE_STEP_FAST
#define SKIP	GPROBE_STEP_SKIP
#define STORE	GPROBE_STEP_STORE

/* As objdump writes them; the bytes end with @length. */
static const struct {
	const char *name, *code;
	int length;
	uint32_t step;
} table[] = {
	{ "nop", "\x90", 1, SKIP },
	{ "nopl 0x0(%rax,%rax,1)", "\x0f\x1f\x44\x00\x00", 5, SKIP },
	{ "data16 nop", "\x66\x90", 2, SKIP },
	{ "data16 cs nopw 0x0(%rax,%rax,1)",
	  "\x66\x66\x2e\x0f\x1f\x84\0\0\0\0\0", 11, SKIP },
	{ "xchg %r8,%rax", "\x49\x90", 2, CHOICE },
	{ "endbr64", "\xf3\x0f\x1e\xfa", 4, CHOICE },
	{ "push %rbp", "\x55", 1, CHOICE },
	{ "push %r15", "\x41\x57", 2, CHOICE },
	{ "mov %rsp,%rbp", "\x48\x89\xe5", 3, CHOICE },
	{ "movabs $1,%rax", "\x48\xb8\1\0\0\0\0\0\0\0", 10, CHOICE },
	{ "mov %gs:0x28,%rax", "\x65\x48\x8b\x04\x25\x28\0\0\0", 9, CHOICE },
	{ "lea 0x0(%rip),%rdi", "\x48\x8d\x3d\0\0\0\0", 7, CHOICE },
	{ "call .+5", "\xe8\0\0\0\0", 5, CHOICE },
	{ "call *%rax", "\xff\xd0", 2, CHOICE },
	{ "jmp .+2", "\xeb\0", 2, CHOICE },
	{ "je .+6", "\x0f\x84\0\0\0\0", 6, CHOICE },
	{ "ret", "\xc3", 1, CHOICE },
	{ "lock cmpxchg %ecx,(%rdx)", "\xf0\x0f\xb1\x0a", 4, STORE },
	{ "rep movsb", "\xf3\xa4", 2, STORE },
	{ "pause", "\xf3\x90", 2, CHOICE },
	{ "stac", "\x0f\x01\xcb", 3, CHOICE },
	{ "movbe (%rax),%ecx", "\x0f\x38\xf0\x08", 4, CHOICE },
	{ "lzcnt %eax,%ecx", "\xf3\x0f\xbd\xc8", 4, CHOICE },
	{ "movslq %edi,%rax", "\x48\x63\xc7", 3, CHOICE },
	{ "int3", "\xcc", 1, FAST },
	{ "int $0x80", "\xcd\x80", 2, FAST },
	{ "syscall", "\x0f\x05", 2, FAST },
	{ "sysretq", "\x48\x0f\x07", 3, FAST },
	{ "swapgs", "\x0f\x01\xf8", 3, FAST },
	{ "mov %rax,%cr3", "\x0f\x22\xd8", 3, CHOICE },
	{ "wrmsr", "\x0f\x30", 2, FAST },
	{ "hlt", "\xf4", 1, FAST },
	{ "in (%dx),%al", "\xec", 1, FAST },
	{ "rep outsb", "\xf3\x6e", 2, FAST },
	{ "vmcall", "\x0f\x01\xc1", 3, FAST },
	{ "movaps %xmm1,%xmm0", "\x0f\x28\xc1", 3, FAST },
	{ "fld %st(1)", "\xd9\xc1", 2, FAST },
	{ "vpxor %ymm0,%ymm0,%ymm0", "\xc5\xfd\xef\xc0", 4, FAST },
	{ "andn %eax,%ecx,%edx", "\xc4\xe2\x70\xf2\xd0", 5, FAST },
	{ "vmovdqu64 %zmm0,(%rax)", "\x62\xf1\xfe\x48\x7f\x00", 6, STORE },
	{ "vmovdqu64 (%rax),%zmm0", "\x62\xf1\xfe\x48\x6f\x00", 6, FAST },
	{ "mov %rdi,(%rsi)", "\x48\x89\x3e", 3, STORE },
	{ "mov (%rsi),%rdi", "\x48\x8b\x3e", 3, CHOICE },
	{ "mov %rdi,-8(%rsp)", "\x48\x89\x7c\x24\xf8", 5, CHOICE },
	{ "incl %gs:8", "\x65\xff\x04\x25\x08\0\0\0", 8, STORE },
	{ "cmpl $1,(%rax)", "\x83\x38\x01", 3, CHOICE },
	{ "pop (%rax)", "\x8f\x00", 2, STORE },
	{ "push (%rax)", "\xff\x30", 2, CHOICE },
	{ "rep stosq", "\xf3\x48\xab", 3, STORE },
	{ "lodsb", "\xac", 1, CHOICE },
	{ "movups %xmm0,(%rdi)", "\x0f\x11\x07", 3, STORE },
	{ "fxsave (%rdi)", "\x0f\xae\x07", 3, STORE },
	{ "call *(%rax)", "\xff\x10", 2, CHOICE },
};

START_TEST(instructions_have_their_length)
{
	uint8_t code[GPROBE_INSN_MAX_BYTES];
	size_t i;
	int length;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		memset(code, 0xff, sizeof(code));
		memcpy(code, table[i].code, table[i].length);
		length = gprobe_insn_length(code, sizeof(code));
		ck_assert_msg(length == table[i].length, "%s: %d",
			      table[i].name, length);
		length = gprobe_insn_length(code, table[i].length);
		ck_assert_msg(length == table[i].length, "%s alone: %d",
			      table[i].name, length);
	}
}
END_TEST

START_TEST(instructions_are_stepped_as_xen_can)
{
	uint32_t step;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		step = 99;
		ck_assert_int_eq(gprobe_insn_step((uint8_t *)table[i].code,
						  table[i].length, &step), 0);
		ck_assert_msg(step == table[i].step, "%s: %u", table[i].name,
			      step);
	}
}
END_TEST

START_TEST(an_instruction_that_goes_on_is_enodata_and_a_store)
{
	uint8_t code[GPROBE_INSN_MAX_BYTES];
	uint32_t step;
	size_t i;
	int bytes;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		memcpy(code, table[i].code, table[i].length);
		for (bytes = 0; bytes < table[i].length; bytes++) {
			ck_assert_int_eq(gprobe_insn_length(code, bytes),
					 -ENODATA);
			step = 99;
			ck_assert_int_eq(gprobe_insn_step(code, bytes, &step),
					 0);
			ck_assert_uint_eq(step, GPROBE_STEP_STORE);
		}
	}
}
END_TEST

START_TEST(what_is_no_instruction_is_eilseq)
{
	static const char *const codes[] = {
		"\x06", "\x0e", "\x60", "\xd6", "\xf0\x90",
		/* Fifteen bytes are the most; these have sixteen. */
		"\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66",
	};
	uint8_t code[GPROBE_INSN_MAX_BYTES + 1];
	uint32_t step;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(codes); i++) {
		memset(code, 0x90, sizeof(code));
		memcpy(code, codes[i], strlen(codes[i]));
		ck_assert_msg(gprobe_insn_length(code, sizeof(code)) ==
			      -EILSEQ, "number %zu", i);
		ck_assert_int_eq(gprobe_insn_step(code, sizeof(code), &step),
				 -EILSEQ);
	}
}
END_TEST

START_TEST(where_an_instruction_leads_is_told)
{
	static const struct {
		const char *name, *code;
		int length;
		enum gprobe_insn_kind kind;
		uint64_t target;
	} cases[] = {
		{ "push", "\x55", 1, GPROBE_INSN_GOES_ON, 0 },
		{ "call .+5", "\xe8\0\0\0\0", 5, GPROBE_INSN_GOES_ON, 0 },
		{ "call *%rax", "\xff\xd0", 2, GPROBE_INSN_GOES_ON, 0 },
		{ "ud2", "\x0f\x0b", 2, GPROBE_INSN_GOES_ON, 0 },
		{ "int3", "\xcc", 1, GPROBE_INSN_GOES_ON, 0 },
		{ "iretq", "\x48\xcf", 2, GPROBE_INSN_GOES_ON, 0 },
		{ "ret", "\xc3", 1, GPROBE_INSN_RETURNS, 0 },
		{ "repz ret", "\xf3\xc3", 2, GPROBE_INSN_RETURNS, 0 },
		{ "ret $8", "\xc2\x08\0", 3, GPROBE_INSN_RETURNS, 0 },
		{ "jmp .+2", "\xeb\0", 2, GPROBE_INSN_JUMPS, 0x1002 },
		{ "jmp .-3", "\xeb\xfb", 2, GPROBE_INSN_JUMPS, 0xffd },
		{ "jmp far", "\xe9\0\0\x10\0", 5, GPROBE_INSN_JUMPS,
		  0x101005 },
		{ "je .+0x12", "\x74\x10", 2, GPROBE_INSN_BRANCHES, 0x1012 },
		{ "jne far", "\x0f\x85\xfa\xff\xff\xff", 6,
		  GPROBE_INSN_BRANCHES, 0x1000 },
		{ "jrcxz .+2", "\xe3\0", 2, GPROBE_INSN_BRANCHES, 0x1002 },
		{ "loop .", "\xe2\xfe", 2, GPROBE_INSN_BRANCHES, 0x1000 },
		{ "jmp *%rax", "\xff\xe0", 2, GPROBE_INSN_JUMPS_ANYWHERE, 0 },
		{ "notrack jmp *%r11", "\x3e\x41\xff\xe3", 4,
		  GPROBE_INSN_JUMPS_ANYWHERE, 0 },
		{ "jmp *0x10(%rip)", "\xff\x25\x10\0\0\0", 6,
		  GPROBE_INSN_JUMPS_ANYWHERE, 0 },
		{ "jmp *table(,%rax,8)", "\xff\x24\xc5\0\0\0\x81", 7,
		  GPROBE_INSN_GOES_ON, 0 },
	};
	struct gprobe_insn_flow flow;
	size_t i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		ret = gprobe_insn_flow((const uint8_t *)cases[i].code,
				       cases[i].length, 0x1000, &flow);
		ck_assert_msg(ret == cases[i].length &&
			      flow.kind == cases[i].kind &&
			      flow.target == cases[i].target,
			      "%s: length %d, kind %u, target %#lx",
			      cases[i].name, ret, flow.kind,
			      (unsigned long)flow.target);
	}
	ck_assert_int_eq(gprobe_insn_flow((const uint8_t *)"\x06", 1, 0,
					  &flow), -EILSEQ);
	ck_assert_int_eq(gprobe_insn_flow((const uint8_t *)"\xe8", 1, 0,
					  &flow), -ENODATA);
}
END_TEST

START_TEST(random_bytes_give_a_length_or_an_error)
{
	uint8_t code[GPROBE_INSN_MAX_BYTES];
	uint64_t state = 7;
	size_t bytes, i;
	uint32_t step;
	int round, ret;

	for (round = 0; round < 100000; round++) {
		bytes = unit_random(&state) % (sizeof(code) + 1);
		for (i = 0; i < bytes; i++)
			code[i] = unit_random(&state);
		ret = gprobe_insn_length(code, bytes);
		unit_assert((ret > 0 && (size_t)ret <= bytes) ||
			    ret == -ENODATA || ret == -EILSEQ);
		unit_assert(gprobe_insn_step(code, bytes, &step) ==
			    (ret == -EILSEQ ? ret : 0));
	}
}
END_TEST

Suite *insn_suite(void)
{
	return UNIT_SUITE("insn", instructions_have_their_length,
			  instructions_are_stepped_as_xen_can,
			  an_instruction_that_goes_on_is_enodata_and_a_store,
			  what_is_no_instruction_is_eilseq,
			  where_an_instruction_leads_is_told,
			  random_bytes_give_a_length_or_an_error);
}
