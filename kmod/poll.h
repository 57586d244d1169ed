/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Waiting for the next event awake. Where hits come one after another, putting
 * dom0's CPU to sleep and waking it costs more than the rest of a hit: so it
 * waits a little for the next one, as long as nothing else wants the CPU; after an
 * interrupt, in a tasklet, or where a session has just replied, in its thread.
 */
#ifndef GPROBE_POLL_H
#define GPROBE_POLL_H

#include <linux/interrupt.h>
#include <linux/list.h>
#include <linux/types.h>

struct gprobe_domain;

/**
 * struct gprobe_poll - when to wait for a guest's next event
 * @tasklet: waits, with interrupts on
 * @on: the ring is open; under the event lock, as all below
 * @threads: how many sessions' threads wait
 * @answered: the TSC when the last events were answered
 * @fast: the last that an interrupt told of came soon enough after that
 * @backoff: how many events to let pass after a wait that was for nothing
 * @skip: how many of these are left
 * @entry: in the list of poller.c, under its lock
 * @taken: poller.c waits for its events, and the channel is masked
 * @found: how many came meanwhile; poller.c's own
 */
struct gprobe_poll {
	struct tasklet_struct tasklet;
	bool on;
	u32 threads;
	u64 answered;
	bool fast;
	u32 backoff;
	u32 skip;
	struct list_head entry;
	bool taken;
	unsigned int found;
};

unsigned int gprobe_poll_dispatch(struct gprobe_domain *domain);
bool gprobe_poll_is_over(const struct gprobe_domain *domain);
void gprobe_poll_leave(struct gprobe_domain *domain, unsigned int found);
void gprobe_poll_start(struct gprobe_domain *domain);
void gprobe_poll_stop(struct gprobe_domain *domain);
void gprobe_poll_after(struct gprobe_domain *domain, u64 came);
void gprobe_poll_answered(struct gprobe_domain *domain);
bool gprobe_poll_begin(struct gprobe_domain *domain);
void gprobe_poll_end(struct gprobe_domain *domain);

#endif /* GPROBE_POLL_H */
