/* SPDX-License-Identifier: GPL-2.0 */
/* A guest's monitor ring and its event channel. */
#ifndef GPROBE_RING_H
#define GPROBE_RING_H

#include <linux/interrupt.h>
#include <linux/types.h>

#include "channel.h"
#include "map.h"
#include "xen.h"
#include "xen_abi.h"

struct gprobe_regs;

/**
 * struct gprobe_ring - a monitor ring this module owns
 * @sring: the shared page
 * @map: where it is mapped
 * @gfn: the ring's place in the guest; nothing is there while we own it
 * @was_populated: a page was there before us
 * @req_cons: requests taken; never read back from the page
 * @rsp_prod: responses given
 * @channel: its event channel
 */
struct gprobe_ring {
	struct gprobe_xen_sring *sring;
	struct gprobe_map map;
	u64 gfn;
	bool was_populated;
	u32 req_cons;
	u32 rsp_prod;
	struct gprobe_channel channel;
};

/**
 * struct gprobe_event - a request, copied out of the ring once
 * @slot: where it was
 * @version: of the request, as Xen wrote it; not checked
 * @flags: GPROBE_XEN_EV_*
 * @reason: GPROBE_XEN_REASON_* or one we do not know
 * @vcpu: who waits; not checked
 * @view: the view it happened in
 * @insn_len: breakpoint: bytes of the INT3
 * @ctrlreg: write to a control register: GPROBE_XEN_CTRLREG_*
 * @access: memory access: GPROBE_XEN_MEM_*
 * @offset: memory access: where in the frame
 * @gfn: breakpoint and memory access: which frame
 * @rip: guest RIP
 * @cr3: guest CR3
 * @rflags: guest RFLAGS
 * @cpl: its privilege level: SS's DPL (SDM 3, 5.5)
 * @gpr: its general registers, in Xen's order
 */
struct gprobe_event {
	const struct gprobe_xen_slot *slot;
	u32 version;
	u32 flags;
	u32 reason;
	u32 vcpu;
	u16 view;
	u8 insn_len;
	u8 cpl;
	u32 ctrlreg;
	u32 access;
	u64 offset;
	u64 gfn;
	u64 rip;
	u64 cr3;
	u64 rflags;
	u64 gpr[GPROBE_XEN_GPRS];
};

/**
 * struct gprobe_answer - how a vCPU goes on; zeroed: as if nothing had been
 * @flags: GPROBE_XEN_EV_*; VCPU_PAUSED is taken from the request
 * @reason: GPROBE_XEN_REASON_*, or 0: the request's
 * @view: with ALTERNATE_P2M: the view to go on in
 * @return_view: with FAST_SINGLESTEP: the view after the step
 * @insn: with SET_EMUL_INSN: sixteen bytes to emulate
 * @rip: with SET_REGISTERS: where the vCPU goes on
 * @rflags: with SET_REGISTERS: with which flags; the rest is as it was
 */
struct gprobe_answer {
	u32 flags;
	u32 reason;
	u16 view;
	u16 return_view;
	const u8 *insn;
	u64 rip;
	u64 rflags;
};

int gprobe_ring_open(struct gprobe_ring *ring, const struct gprobe_xen *xen,
		     irq_handler_t handler, void *cookie);
int gprobe_ring_disable(struct gprobe_ring *ring, const struct gprobe_xen *xen);
void gprobe_ring_close(struct gprobe_ring *ring, const struct gprobe_xen *xen,
		       bool dying);
bool gprobe_ring_has_request(const struct gprobe_ring *ring);
int gprobe_ring_next(struct gprobe_ring *ring, struct gprobe_event *event);
void gprobe_ring_answer(struct gprobe_ring *ring,
			const struct gprobe_event *event,
			const struct gprobe_answer *answer);
void gprobe_ring_regs(const struct gprobe_event *event,
		      struct gprobe_regs *regs);
bool gprobe_ring_is_64bit(const struct gprobe_event *event);
void gprobe_ring_notify(struct gprobe_ring *ring);

#endif /* GPROBE_RING_H */
