/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The page-table monitor: tells when the page of an address comes and goes.
 *
 * For each address that is monitored, the entries on its way from the root to
 * its page are watched: by the driver, where it can (GPROBE_DRIVER_WATCHES), so
 * that a store to any other one costs nobody anything; else their tables are
 * write-protected in the view. Of several monitors of one arbiter the first has
 * the driver watch. Who gets the guest's write events marks what a store
 * touches, lets it happen, and has the vCPU's marks processed before that vCPU
 * runs on:
 *
 *	event: a write to a protected page	gprobe_ptm_mark()
 *	the vCPU does the store, is held	gprobe_ptm_process()
 *	it runs on
 *
 * An address is known by (view, root, gva); it is counted. Monitoring emits no
 * event: an address is from then on as it was found, and what changes later is
 * told. What was marked and not processed yet is later, even if the store is
 * done already: an address is found as the last values seen have it. So whoever
 * keeps breakpoints monitors first and takes the place from gprobe_ptm_find().
 *
 * Entries are read where a vCPU reads them: present at its level, large or
 * not; PAT and reserved bits of a large page are no part of its address; bit 7
 * of a top entry maps nothing. A table that the guest does not have maps
 * nothing either, until the entry that leads to it is changed.
 *
 * Frames of tables are mapped as they are in view 0 when they are first seen. A
 * guest whose view 0 gets another frame for a table in use is not followed.
 *
 * Errors, besides what the driver and the arbiter answer:
 *	-EINVAL		view 0 or above GPROBE_PTM_VIEW_MAX, an address that is
 *			not canonical, a vCPU above GPROBE_PTM_VCPU_MAX
 *	-ENXIO		there is no such root
 *	-EOPNOTSUPP	the guest pages with five levels or with 32 bits
 *	-ENOMEM		no memory
 *
 * No state outside of it: as many monitors as wanted. Not thread-safe.
 */
#ifndef GPROBE_PTM_H
#define GPROBE_PTM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gprobe/access.h>
#include <gprobe/context.h>
#include <gprobe/driver.h>

#define GPROBE_PTM_VIEW_MAX	4095u
#define GPROBE_PTM_VCPU_MAX	8191u

/* Instead of a view: whatever view the store was done in. */
#define GPROBE_PTM_ALL_VIEWS	0u

/* Instead of a gpa: nothing is mapped. */
#define GPROBE_PTM_NO_GPA	UINT64_MAX

/* The widest store of an instruction; what is taken when it is not known. */
#define GPROBE_PTM_STORE_MAX	64u

struct gprobe_ptm;

/**
 * struct gprobe_ptm_event - a page came or went
 * @paging: the address, exactly as monitored, and where it is or was
 * @tag: as given when it was first monitored
 * @again: page-out and page-in of this address both lead to the same gpa: its
 *	tables were rebuilt, its page stayed. Never so of a page that was told
 *	to have gone elsewhere, and came back before its page-in was taken.
 */
struct gprobe_ptm_event {
	struct gprobe_paging paging;
	uint64_t tag;
	bool again;
};

/**
 * struct gprobe_ptm_listener - who is told
 * @page_out: these are no longer there
 * @page_in: these are there now
 * @arg: for both
 *
 * Of one gprobe_ptm_process(), all page-outs come before all page-ins; each
 * address has at most one of each, in its final state. Both get at least one
 * event, some hundred at most, and come as often as is needed; the events are
 * the monitor's. They answer 0 or a negative errno; then processing ends with
 * that errno, and what was not taken is told again, page-outs too, when the
 * same vCPU is processed again. Both may monitor and unmonitor addresses.
 * Either may be NULL.
 */
struct gprobe_ptm_listener {
	int (*page_out)(void *arg, const struct gprobe_ptm_event *events,
			size_t nr);
	int (*page_in)(void *arg, const struct gprobe_ptm_event *events,
		       size_t nr);
	void *arg;
};

/**
 * struct gprobe_ptm_write - a store to memory
 * @gpa: its first byte
 * @bytes: its width; 0: not known. It ends with the page.
 * @view: in which view's tables; GPROBE_PTM_ALL_VIEWS
 * @vcpu: who stores
 */
struct gprobe_ptm_write {
	uint64_t gpa;
	uint32_t bytes;
	uint32_t view;
	uint32_t vcpu;
};

/**
 * struct gprobe_ptm_address - an address that is monitored
 * @context: root without control bits
 * @view: in which view
 * @count: how often it was monitored
 * @tag: of the first time
 * @gpa: where it is, as told last; GPROBE_PTM_NO_GPA
 */
struct gprobe_ptm_address {
	struct gprobe_context context;
	uint32_t view;
	uint32_t count;
	uint64_t tag;
	uint64_t gpa;
};

/**
 * struct gprobe_ptm_figures - how much there is
 * @addresses: that are monitored, however often
 * @paged_in: of these, those with a page
 * @tables: pages that are protected, or watched
 * @entries: in them, that are watched
 * @marks: stores to be processed; one an entry and vCPU
 * @unfinished: addresses whose change could not be followed to its end yet
 * @unsettled: tables whose protection is to be taken back, as a call failed
 * @bytes: memory of the monitor
 */
struct gprobe_ptm_figures {
	uint64_t addresses, paged_in, tables, entries, marks, unfinished;
	uint64_t unsettled, bytes;
};

int gprobe_ptm_new(const struct gprobe_driver *driver,
		   struct gprobe_access_arbiter *arbiter,
		   const struct gprobe_ptm_listener *listener,
		   struct gprobe_ptm **ptm);
void gprobe_ptm_free(struct gprobe_ptm *ptm);

int gprobe_ptm_monitor(struct gprobe_ptm *ptm, uint32_t view,
		       const struct gprobe_context *context, uint64_t tag);
int gprobe_ptm_unmonitor(struct gprobe_ptm *ptm, uint32_t view,
			 const struct gprobe_context *context);
int gprobe_ptm_unmonitor_force(struct gprobe_ptm *ptm, uint32_t view,
			       const struct gprobe_context *context);
int gprobe_ptm_unmonitor_view(struct gprobe_ptm *ptm, uint32_t view);
int gprobe_ptm_unmonitor_all(struct gprobe_ptm *ptm);

int gprobe_ptm_mark(struct gprobe_ptm *ptm,
		    const struct gprobe_ptm_write *write);
int gprobe_ptm_process(struct gprobe_ptm *ptm, uint32_t vcpu);

int gprobe_ptm_find(const struct gprobe_ptm *ptm, uint32_t view,
		    const struct gprobe_context *context,
		    struct gprobe_ptm_address *address);
bool gprobe_ptm_next(const struct gprobe_ptm *ptm, size_t *cursor,
		     struct gprobe_ptm_address *address);
bool gprobe_ptm_has_table(const struct gprobe_ptm *ptm, uint32_t view,
			  uint64_t gfn);
bool gprobe_ptm_has_entry(const struct gprobe_ptm *ptm, uint32_t view,
			  uint64_t gpa);
void gprobe_ptm_figures(const struct gprobe_ptm *ptm,
			struct gprobe_ptm_figures *figures);

#endif /* GPROBE_PTM_H */
