/* SPDX-License-Identifier: GPL-2.0 */
/* Events of Xen's monitors: what a vCPU was about to do, and how it goes on. */
#ifndef GPROBE_TRAPPED_H
#define GPROBE_TRAPPED_H

#include <linux/types.h>

struct gprobe_answer;
struct gprobe_domain;
struct gprobe_event;

/**
 * struct gprobe_trapped - an event of a monitor; see enum gprobe_trap_kind
 * @kind: enum gprobe_trap_kind; 0: the event is of another sort
 * @insn_bytes: of its instruction, where Xen tells them; else 0
 * @key: what kind of it
 * @subkey: the same
 * @old_value: of a register or an MSR
 * @new_value: what it is to be
 */
struct gprobe_trapped {
	u32 kind;
	u32 insn_bytes;
	u64 key;
	u64 subkey;
	u64 old_value;
	u64 new_value;
};

bool gprobe_trapped_read(const struct gprobe_event *event,
			 struct gprobe_trapped *trapped);
void gprobe_trapped_tell(struct gprobe_domain *domain,
			 const struct gprobe_event *event,
			 const struct gprobe_trapped *trapped);

bool gprobe_trapped_can_deny(const struct gprobe_trapped *trapped);
bool gprobe_trapped_can_inject(const struct gprobe_trapped *trapped);
bool gprobe_trapped_knows_end(const struct gprobe_trapped *trapped);

void gprobe_trapped_pass(struct gprobe_domain *domain,
			 const struct gprobe_event *event,
			 const struct gprobe_trapped *trapped, bool sets_regs,
			 struct gprobe_answer *answer);
void gprobe_trapped_deny(const struct gprobe_event *event,
			 const struct gprobe_trapped *trapped,
			 struct gprobe_answer *answer);
void gprobe_trapped_undo(const struct gprobe_event *event,
			 const struct gprobe_trapped *trapped,
			 struct gprobe_answer *answer);

#endif /* GPROBE_TRAPPED_H */
