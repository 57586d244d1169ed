/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What fetch_parse.c makes of a text, and fetch.c runs. */
#ifndef GPROBE_LIB_FETCH_H
#define GPROBE_LIB_FETCH_H

#include <gprobe/fetch.h>

#include <gprobe/probe.h>

/* Of an address: NAME+0xOFFSET. */
#define FETCH_SYMBOL_MAX	(GPROBE_SYMBOL_NAME_MAX + 19)

/**
 * struct fetch_type - how bytes become a value
 * @kind: of the value
 * @bytes: 1, 2, 4 or 8
 * @bit_offset: of the bits in them
 * @bit_width: of the bits; 0: all
 * @count: elements
 * @is_array: with one element too
 */
struct fetch_type {
	enum gprobe_fetch_kind kind;
	uint8_t bytes, bit_offset, bit_width;
	uint32_t count;
	bool is_array;
};

/* At which hits an argument means something. */
enum fetch_when {
	FETCH_ANYWHERE,
	FETCH_AT_ENTRY,
	FETCH_AT_RETURN,
};

/* In place of a register: the base of the kernel's GS. */
#define FETCH_KERNEL_GS	(-2)

/* What of the task that runs an argument is. */
enum fetch_task {
	FETCH_NO_TASK,
	FETCH_TASK_COMM,
	FETCH_TASK_PID,
	FETCH_TASK_TID,
};

/**
 * struct fetch_arg - an argument
 * @name: its name
 * @symbol: @number is off it until it is resolved; "" if there is none
 * @when: at which hits it means something
 * @task: what of the task it is; its @offsets are set by gprobe_fetch_set_task()
 * @reg: the register's place in struct gprobe_regs; FETCH_KERNEL_GS; -1: @number is
 *	the value
 * @reg_bytes: the register's
 * @number: the value
 * @offsets: memory is read at the value plus the first, at what is read there
 *	plus the second, ...
 * @depth: how many there are; 0: the value itself is it
 * @type: of what is read last
 * @is_stack: it is the kernel's stack, as a string
 */
struct fetch_arg {
	enum fetch_when when;
	enum fetch_task task;
	char name[GPROBE_FETCH_NAME_MAX + 1];
	char symbol[GPROBE_PROBE_TEXT_MAX + 1];
	int reg;
	uint32_t reg_bytes;
	uint64_t number;
	int64_t offsets[GPROBE_FETCH_DEPTH_MAX];
	uint32_t depth;
	struct fetch_type type;
	bool is_stack;
};

/**
 * struct gprobe_fetch - the arguments
 * @text: as written
 * @args: the arguments
 * @nr: how many
 */
struct gprobe_fetch {
	char *text;
	struct fetch_arg *args;
	uint32_t nr;
};

#endif /* GPROBE_LIB_FETCH_H */
