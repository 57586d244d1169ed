/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How an instruction is tapped: what is put into the guest for it, and which
 * events it gives. Two kinds:
 *
 *	breakpoint	an INT3 in a shadow frame, whose page is X only in that
 *			view; the event is the INT3
 *	memory		nothing is put in; the page is RW; the event is an
 *			access to execute
 *
 * A tap is a view on a driver; it has no state of its own. One that has is
 * struct gprobe_tap_claims: breakpoints of a driver whose claims have roots
 * (GPROBE_DRIVER_CLAIM_ROOTS), so that each claim of the table is one of the
 * driver, with its root, key and tag. Not thread-safe.
 */
#ifndef GPROBE_TAP_H
#define GPROBE_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gprobe/access.h>
#include <gprobe/driver.h>
#include <gprobe/event.h>
#include <gprobe/shadow.h>

struct gprobe_bpm;
struct gprobe_tap_claims;

/**
 * enum gprobe_tap_kind - one call of a batch
 * @GPROBE_TAP_INSERT: tap (view, gfn, offset); @id is the answer
 * @GPROBE_TAP_REMOVE: take it back; @id as INSERT answered it
 * @GPROBE_TAP_MONITOR: protect the page (view, gfn); @offset does not matter
 * @GPROBE_TAP_UNMONITOR: give the page what it allowed before
 * @GPROBE_TAP_UPDATE: the claims of a place that is tapped are others now; @id
 *	as INSERT answered it
 */
enum gprobe_tap_kind {
	GPROBE_TAP_INSERT = 1,
	GPROBE_TAP_REMOVE,
	GPROBE_TAP_MONITOR,
	GPROBE_TAP_UNMONITOR,
	GPROBE_TAP_UPDATE,

	__GPROBE_TAP_MAX,
	GPROBE_TAP_MAX = (__GPROBE_TAP_MAX - 1)
};

/**
 * struct gprobe_tap_call - one call of a batch
 * @kind: enum gprobe_tap_kind
 * @view: in which view; not 0
 * @gfn: the page
 * @offset: where in it
 * @id: the tap's own number
 * @bpm: the table that asks; gprobe_bpm_next_at() has its claims of a place
 * @own: the table's own, not to be touched
 * @ret: the answer: 0, or why it failed; -ECANCELED: it was not tried
 */
struct gprobe_tap_call {
	uint32_t kind;
	uint32_t view;
	uint64_t gfn;
	uint32_t offset;
	uint32_t id;
	const struct gprobe_bpm *bpm;
	void *own;
	int ret;
};

/**
 * struct gprobe_tap_ops - what a tap does
 * @check: is this an event that this kind of tap gives? False for view 0.
 * @call: do @nr calls in the array's order and set the @ret of each. One
 *	that fails may end the batch (then all behind it are -ECANCELED), or
 *	not; those that were done stay done. Answers 0 if all were done, else
 *	the @ret of the first that was not. Places and pages are not counted:
 *	INSERT comes once for a place until it is removed, MONITOR once for a
 *	page, and for a new page INSERT comes before MONITOR (a remap changes
 *	what the page allows), REMOVE before UNMONITOR. Errors as in
 *	gprobe/driver.h.
 * @each_claim: it sees to each claim of a place, and gets UPDATE
 */
struct gprobe_tap_ops {
	bool (*check)(void *arg, const struct gprobe_event *event);
	int (*call)(void *arg, struct gprobe_tap_call *calls, size_t nr);
	bool each_claim;
};

/**
 * struct gprobe_tap - a tap
 * @ops: what it does
 * @arg: for @ops
 */
struct gprobe_tap {
	const struct gprobe_tap_ops *ops;
	void *arg;
};

/**
 * struct gprobe_tap_parts - what a tap works on
 * @driver: the guest
 * @arbiter: of that driver's pages
 * @shadows: of that driver; NULL for a driver with GPROBE_DRIVER_CLAIMS, which
 *	keeps shadow frames and protects their pages by itself
 *
 * The caller's; it and what it points to outlive the tap.
 */
struct gprobe_tap_parts {
	const struct gprobe_driver *driver;
	struct gprobe_access_arbiter *arbiter;
	struct gprobe_shadows *shadows;
};

int gprobe_tap_breakpoint(struct gprobe_tap_parts *parts,
			  struct gprobe_tap *tap);
int gprobe_tap_claims_new(const struct gprobe_driver *driver,
			  struct gprobe_tap_claims **claims);
void gprobe_tap_claims_free(struct gprobe_tap_claims *claims);
struct gprobe_tap gprobe_tap_claims(struct gprobe_tap_claims *claims);
int gprobe_tap_memory(struct gprobe_tap_parts *parts, struct gprobe_tap *tap);

#endif /* GPROBE_TAP_H */
