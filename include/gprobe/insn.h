/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The instruction that stands under a probe (64-bit code). */
#ifndef GPROBE_INSN_H
#define GPROBE_INSN_H

#include <stddef.h>
#include <stdint.h>

#include <linux/gprobe.h>

#include <gprobe/walk.h>

#define GPROBE_INSN_MAX_BYTES	15

int gprobe_insn_length(const uint8_t *code, size_t bytes);
int gprobe_insn_step(const uint8_t *code, size_t bytes, uint32_t *step);
int gprobe_insn_step_at(const struct gprobe_memory *memory, uint64_t gfn,
			uint32_t offset, uint32_t *step, uint32_t *insn_bytes);

#endif /* GPROBE_INSN_H */
