/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Breakpoints that follow their pages: a breakpoint table and a page-table
 * monitor, joined for the usual case. A claim that is inserted here is active
 * whenever its address is mapped, from the moment that the guest maps it.
 *
 * The order that leaves no gap:
 *
 *	- an address is monitored first, and a claim is put where the monitor has
 *	  its page, so that there is no change that neither of the two sees
 *	- the vCPU that changes a page table is held until its store is done and
 *	  the claims that are concerned are in or out; so it cannot run a page
 *	  before its breakpoints are in
 *
 * For each event of the guest, before its vCPU goes on:
 *
 *	switch (gprobe_follow_event(follow, &event)) {
 *	case GPROBE_FOLLOW_STEP:
 *		let it execute one instruction, in a view that lets it, and
 *		stop again; then
 *		gprobe_follow_stored(follow, event.vcpu);
 *	case GPROBE_FOLLOW_EMULATE:
 *		let it do its store, and go on
 *	case GPROBE_FOLLOW_PASS:
 *		somebody else's: gprobe_bpm_lookup(), ...
 *	}
 *
 * A source of events that tells of stores to tables once they are done, the
 * vCPU still held, calls both at once.
 *
 * The table stays the caller's: for lookup, iteration, and claims that are not
 * to follow. Claims inserted here are removed here.
 *
 * Errors are those of gprobe/bpm.h and gprobe/ptm.h. Not thread-safe.
 */
#ifndef GPROBE_FOLLOW_H
#define GPROBE_FOLLOW_H

#include <stddef.h>
#include <stdint.h>

#include <gprobe/access.h>
#include <gprobe/bpm.h>
#include <gprobe/driver.h>
#include <gprobe/event.h>
#include <gprobe/ptm.h>

struct gprobe_follow;

/**
 * enum gprobe_follow_answer - what is to be done with an event
 * @GPROBE_FOLLOW_PASS: it is none of a page table
 * @GPROBE_FOLLOW_EMULATE: a store to a table's page, where nothing is watched:
 *	it is to be done, no more
 * @GPROBE_FOLLOW_STEP: a store to entries that are watched: once it is done and
 *	before the vCPU goes on, gprobe_follow_stored()
 */
enum gprobe_follow_answer {
	GPROBE_FOLLOW_PASS = 0,
	GPROBE_FOLLOW_EMULATE,
	GPROBE_FOLLOW_STEP,
};

int gprobe_follow_new(const struct gprobe_driver *driver,
		      struct gprobe_access_arbiter *arbiter,
		      struct gprobe_bpm *bpm, struct gprobe_follow **follow);
void gprobe_follow_free(struct gprobe_follow *follow);

int gprobe_follow_insert(struct gprobe_follow *follow,
			 const struct gprobe_bpm_spec *spec);
int gprobe_follow_insert_many(struct gprobe_follow *follow,
			      const struct gprobe_bpm_spec *specs, size_t nr,
			      int *answers);
int gprobe_follow_remove(struct gprobe_follow *follow, uint32_t view,
			 const struct gprobe_context *context, uint64_t key);
int gprobe_follow_remove_by_event(struct gprobe_follow *follow,
				  const struct gprobe_event *event,
				  uint64_t key);
int gprobe_follow_remove_view(struct gprobe_follow *follow, uint32_t view);
int gprobe_follow_clear(struct gprobe_follow *follow);

int gprobe_follow_event(struct gprobe_follow *follow,
			const struct gprobe_event *event);
int gprobe_follow_stored(struct gprobe_follow *follow, uint32_t vcpu);
const struct gprobe_ptm *gprobe_follow_ptm(const struct gprobe_follow *follow);

#endif /* GPROBE_FOLLOW_H */
