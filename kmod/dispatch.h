/* SPDX-License-Identifier: GPL-2.0 */
/* From a guest's events to answers: the path of a hit. */
#ifndef GPROBE_DISPATCH_H
#define GPROBE_DISPATCH_H

#include <linux/types.h>

#include "../include/uapi/linux/gprobe.h"
#include "ring.h"
#include "xen_abi.h"

struct gprobe_domain;
struct gprobe_site;

/**
 * struct gprobe_hit - a hit that is answered but not yet accounted
 * @site: of which INT3
 * @regs: the registers it had; NULL: nobody records it
 * @rip: where
 * @cr3: under which root
 * @rsp: with which stack
 * @time_ns: when its event was taken, as gprobe_clock_ns() says
 * @vcpu: whose
 * @cpl: at which privilege level
 */
struct gprobe_hit {
	struct gprobe_site *site;
	const struct gprobe_regs *regs;
	u64 rip;
	u64 cr3;
	u64 rsp;
	u64 time_ns;
	u32 vcpu;
	u8 cpl;
};

/**
 * struct gprobe_batch - the events that one notification answers
 * @nr_events: how many
 * @nr_hits: how many of them are in @hits
 * @event: the one that is being answered
 * @time_ns: when that was taken, as gprobe_clock_ns() says
 * @hits: to be accounted when the guest was let go
 * @regs: registers of those that are to be recorded
 *
 * A guest has one, under its event lock: on the stack, a kernel that zeroes what is
 * there would do so for each hit.
 */
struct gprobe_batch {
	unsigned int nr_events;
	unsigned int nr_hits;
	struct gprobe_event event;
	u64 time_ns;
	struct gprobe_hit hits[GPROBE_XEN_RING_SLOTS];
	struct gprobe_regs regs[GPROBE_XEN_RING_SLOTS];
};

unsigned int gprobe_dispatch(struct gprobe_domain *domain);

#endif /* GPROBE_DISPATCH_H */
