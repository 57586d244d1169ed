/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The instruction that stands under a probe (64-bit code). */
#ifndef GPROBE_INSN_H
#define GPROBE_INSN_H

#include <stddef.h>
#include <stdint.h>

#include <linux/gprobe.h>

#include <gprobe/walk.h>

#define GPROBE_INSN_MAX_BYTES	15

/**
 * enum gprobe_insn_kind - where an instruction leads
 * @GPROBE_INSN_GOES_ON: behind itself, as those do that come back
 * @GPROBE_INSN_RETURNS: to where the function was called
 * @GPROBE_INSN_JUMPS: to its target
 * @GPROBE_INSN_BRANCHES: to its target, or behind itself
 * @GPROBE_INSN_JUMPS_ANYWHERE: to where a register or memory says, but by no
 *	index into a table
 */
enum gprobe_insn_kind {
	GPROBE_INSN_GOES_ON,
	GPROBE_INSN_RETURNS,
	GPROBE_INSN_JUMPS,
	GPROBE_INSN_BRANCHES,
	GPROBE_INSN_JUMPS_ANYWHERE,
};

/**
 * struct gprobe_insn_flow - where an instruction leads
 * @kind: how
 * @target: where to, of GPROBE_INSN_JUMPS and GPROBE_INSN_BRANCHES; else 0
 */
struct gprobe_insn_flow {
	enum gprobe_insn_kind kind;
	uint64_t target;
};

int gprobe_insn_length(const uint8_t *code, size_t bytes);
int gprobe_insn_flow(const uint8_t *code, size_t bytes, uint64_t gva,
		     struct gprobe_insn_flow *flow);
int gprobe_insn_step(const uint8_t *code, size_t bytes, uint32_t *step);
int gprobe_insn_step_at(const struct gprobe_memory *memory, uint64_t gfn,
			uint32_t offset, uint32_t *step, uint32_t *insn_bytes);

#endif /* GPROBE_INSN_H */
