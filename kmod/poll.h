/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Waiting for the next event awake. Where hits come one after another, putting
 * dom0's CPU to sleep and waking it costs more than the rest of a hit: so it
 * waits a little for the next one, as long as nothing else wants the CPU.
 */
#ifndef GPROBE_POLL_H
#define GPROBE_POLL_H

#include <linux/interrupt.h>
#include <linux/types.h>

struct gprobe_domain;

/**
 * struct gprobe_poll - when to wait for a guest's next event
 * @tasklet: waits, with interrupts on
 * @on: the ring is open; under the event lock, as all below
 * @answered: the TSC when the last events were answered
 * @backoff: how many events to let pass after a wait that was for nothing
 * @skip: how many of these are left
 */
struct gprobe_poll {
	struct tasklet_struct tasklet;
	bool on;
	u64 answered;
	u32 backoff;
	u32 skip;
};

void gprobe_poll_start(struct gprobe_domain *domain);
void gprobe_poll_stop(struct gprobe_domain *domain);
void gprobe_poll_after(struct gprobe_domain *domain, u64 came);

#endif /* GPROBE_POLL_H */
