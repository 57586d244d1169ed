/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is to be fetched at a hit, as the kernel's kprobe_events have it
 * (Documentation/trace/kprobetrace.rst, FETCHARGS): arguments with blanks
 * between them, each [NAME=]FETCHARG[:TYPE].
 *
 *	%REG			a register: ax or rax, ..., r15, ip, flags, cs,
 *				cr0, cr2, cr3, cr4, efer, fs_base, gs_base,
 *				shadow_gs, cpl
 *	$argN			argument 1 to 6 of a function that is entered, by
 *				the System V calling convention
 *	$retval			what a function that returns answers (ax)
 *	$stack, $stackN		the stack pointer; the Nth entry there, from 0
 *	$kstack			the functions on the kernel's stack, as a string: the
 *				innermost first, with ; between them; it is cut where
 *				the walk could not go on
 *	$comm, $pid, $tid	the name and the numbers of the Linux task that runs
 *	@ADDR, @SYM[+|-OFFS]	memory there
 *	+|-[u]OFFS(FETCHARG)	memory at FETCHARG +|- OFFS; the u changes nothing
 *	\IMM			a number
 *
 * TYPE is u8 to u64, s8 to s64, x8 to x64, char, string, ustring (the same),
 * symbol, b<WIDTH>@<OFFSET>/<CONTAINER> for bits, and with [N] behind it an
 * array, of memory only; x64 if there is none. An element of string[N] is a
 * pointer to a string. Integers are little-endian, pointers have 64 bits.
 *
 * Other than the kernel's, what cannot be read is a fault of that value, never
 * a 0.
 *
 * A fetch does not change but by gprobe_fetch_resolve() and gprobe_fetch_set_task():
 * threads may share it.
 */
#ifndef GPROBE_FETCH_H
#define GPROBE_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/gprobe.h>

#include <gprobe/symbols.h>
#include <gprobe/task.h>
#include <gprobe/why.h>

#define GPROBE_FETCH_ARGS_MAX	32
#define GPROBE_FETCH_NAME_MAX	31
#define GPROBE_FETCH_TEXT_MAX	4095

/* FETCHARG in FETCHARG in ... */
#define GPROBE_FETCH_DEPTH_MAX	8
#define GPROBE_FETCH_ARRAY_MAX	64

/* Longer strings are cut. */
#define GPROBE_FETCH_STRING_MAX	4095

/* What all arguments of one fetch may need of room. */
#define GPROBE_FETCH_BYTES_MAX	65535

struct gprobe_fetch;
struct gprobe_unwind;

/**
 * enum gprobe_fetch_kind - how a value is meant
 * @GPROBE_FETCH_UNSIGNED: a number
 * @GPROBE_FETCH_SIGNED: a number, extended to 64 bits
 * @GPROBE_FETCH_HEX: a number that people write in hexadecimal
 * @GPROBE_FETCH_CHAR: a character's number
 * @GPROBE_FETCH_STRING: a text
 * @GPROBE_FETCH_SYMBOL: an address, and its name as text; "" if it has none
 */
enum gprobe_fetch_kind {
	GPROBE_FETCH_UNSIGNED = 1,
	GPROBE_FETCH_SIGNED,
	GPROBE_FETCH_HEX,
	GPROBE_FETCH_CHAR,
	GPROBE_FETCH_STRING,
	GPROBE_FETCH_SYMBOL,
};

/**
 * struct gprobe_fetch_info - an argument
 * @name: NUL-terminated; lives as long as the fetch does
 * @kind: of its values
 * @count: of its elements
 * @is_array: with one element too
 * @reads: the guest's memory
 * @is_stack: it is $kstack
 */
struct gprobe_fetch_info {
	const char *name;
	enum gprobe_fetch_kind kind;
	uint32_t count;
	bool is_array;
	bool reads;
	bool is_stack;
};

/**
 * struct gprobe_fetch_source - a hit
 * @regs: its registers
 * @read: copy @bytes bytes of the guest's memory at @gva, as the vCPU that has
 *	@regs sees it, to @buffer: 0 or a negative errno
 * @arg: for @read
 * @symbols: name addresses, or NULL
 * @slide: by which the guest's kernel is off @symbols
 * @unwind: walks stacks, or NULL: then they are faults
 */
struct gprobe_fetch_source {
	const struct gprobe_regs *regs;
	int (*read)(void *arg, const struct gprobe_regs *regs, uint64_t gva,
		    void *buffer, size_t bytes);
	void *arg;
	const struct gprobe_symbols *symbols;
	uint64_t slide;
	const struct gprobe_unwind *unwind;
};

/**
 * enum gprobe_fetch_state - what became of a value
 * @GPROBE_FETCH_DONE: it is whole
 * @GPROBE_FETCH_FAULT: it could not be read
 * @GPROBE_FETCH_CUT: it is a string that goes on
 */
enum gprobe_fetch_state {
	GPROBE_FETCH_DONE,
	GPROBE_FETCH_FAULT,
	GPROBE_FETCH_CUT,
};

/**
 * struct gprobe_fetch_value - an element
 * @arg: of which argument, from 0
 * @element: which of its @count
 * @state: unless it faulted:
 * @number: of all but strings
 * @text: of strings and symbols: any bytes, not terminated; in the values
 * @text_bytes: how many
 */
struct gprobe_fetch_value {
	uint32_t arg, element;
	enum gprobe_fetch_state state;
	uint64_t number;
	const char *text;
	size_t text_bytes;
};

/**
 * struct gprobe_fetch_cursor - goes through the values of a hit
 * @at: the next; at first the first byte
 * @end: behind the last byte
 * @arg: of which argument, at first 0
 * @element: which, at first 0
 */
struct gprobe_fetch_cursor {
	const void *at;
	const void *end;
	uint32_t arg, element;
};

int gprobe_fetch_parse(const char *text, struct gprobe_fetch **fetch,
		       struct gprobe_why *why);
int gprobe_fetch_check(const struct gprobe_fetch *fetch, bool is_return,
		       struct gprobe_why *why);
void gprobe_fetch_free(struct gprobe_fetch *fetch);
const char *gprobe_fetch_text(const struct gprobe_fetch *fetch);
uint32_t gprobe_fetch_nr(const struct gprobe_fetch *fetch);
void gprobe_fetch_info(const struct gprobe_fetch *fetch, uint32_t arg,
		       struct gprobe_fetch_info *info);
bool gprobe_fetch_reads(const struct gprobe_fetch *fetch);
bool gprobe_fetch_unwinds(const struct gprobe_fetch *fetch);
bool gprobe_fetch_names(const struct gprobe_fetch *fetch);
bool gprobe_fetch_has_task(const struct gprobe_fetch *fetch);
void gprobe_fetch_set_task(struct gprobe_fetch *fetch,
			   const struct gprobe_task_layout *layout);
int gprobe_fetch_resolve(struct gprobe_fetch *fetch,
			 const struct gprobe_symbols *symbols, uint64_t slide,
			 struct gprobe_why *why);

/*
 * Values are bytes that can be kept and read elsewhere, by the fetch of the same
 * text: at most gprobe_fetch_bytes() of them.
 */
size_t gprobe_fetch_bytes(const struct gprobe_fetch *fetch);
size_t gprobe_fetch_run(const struct gprobe_fetch *fetch,
			const struct gprobe_fetch_source *source,
			void *values);
int gprobe_fetch_next(const struct gprobe_fetch *fetch,
		      struct gprobe_fetch_cursor *cursor,
		      struct gprobe_fetch_value *value);

#endif /* GPROBE_FETCH_H */
