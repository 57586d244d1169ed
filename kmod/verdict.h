/* SPDX-License-Identifier: GPL-2.0 */
/* Verdicts: what a session says of a vCPU that waits for it. */
#ifndef GPROBE_VERDICT_H
#define GPROBE_VERDICT_H

#include <linux/types.h>

#include "../include/uapi/linux/gprobe.h"
#include "xen_abi.h"

struct gprobe_domain;
struct gprobe_upcall;
struct gprobe_vcpu;
struct genl_info;
struct netlink_ext_ack;

/**
 * struct gprobe_verdict - how a vCPU is to go on
 * @kind: enum gprobe_verdict_kind
 * @regs: REGISTERS: all of them
 * @insn: EMULATE: the instruction, and whatever behind it
 * @is_insn_given: EMULATE: false: the original one
 * @vector: INJECT: of the exception
 * @error_code: INJECT: its error code, or GPROBE_NO_ERROR_CODE
 * @cr2: INJECT: for a page fault
 * @view: VIEW: where to go on
 */
struct gprobe_verdict {
	u32 kind;
	union {
		struct gprobe_regs regs;
		struct {
			u8 insn[GPROBE_XEN_INSN_BYTES];
			bool is_insn_given;
		};
		struct {
			u8 vector;
			u32 error_code;
			u64 cr2;
		};
		u16 view;
	};
};

int gprobe_verdict_parse(struct genl_info *info,
			 struct gprobe_verdict *verdict);
int gprobe_verdict_check(const struct gprobe_domain *domain,
			 const struct gprobe_upcall *upcall,
			 const struct gprobe_verdict *verdict,
			 struct netlink_ext_ack *extack);
void gprobe_verdict_give(struct gprobe_domain *domain,
			 const struct gprobe_upcall *upcall,
			 const struct gprobe_verdict *verdict);
void gprobe_verdict_do(struct gprobe_domain *domain, struct gprobe_vcpu *vcpu);

#endif /* GPROBE_VERDICT_H */
