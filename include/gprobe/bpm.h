/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The breakpoint table (breakpoint manager): which breakpoints are wanted, by
 * address, and which are in the guest, by frame.
 *
 * A claim is somebody's (key) wish for an address (context) in a view. While
 * the address is mapped it is active: there is an INT3 at its frame, and the
 * frame's page is protected. Otherwise it is pending: gprobe_bpm_page_in()
 * makes it active, gprobe_bpm_page_out() pending again. (View, key, context)
 * may be active in several frames at once, when hints said so. Several claims
 * at one place share its INT3.
 *
 * A global claim fires under any root. It is wanted under each root it was
 * inserted for and is in a frame as long as one of them maps it, but it is one
 * claim with one tag, the first one's: a hit delivers it once, and it is
 * removed under all its roots when it is removed under one of them. A claim is
 * global in all its frames or in none.
 *
 * When a call fails, the table and the guest are as before. When the driver
 * fails and then refuses what would undo the half that was done, that is
 * remembered: the same call repeated completes it, as does any later call that
 * changes the table; until then, no claim counts as active for which not both
 * INT3 and protection are in. Calls that work off more than one page at once
 * say what they leave.
 *
 * Errors, besides what the tap and the driver answer:
 *	-EINVAL		view 0 or above GPROBE_BPM_VIEW_MAX, an address that is not
 *			canonical or not in physical memory's 52 bits, a hint
 *			at another offset in its page than the address
 *	-EEXIST		the claim is there with another global flag
 *	-ENOMEM		no memory; removing, paging out and looking up need none
 *	-EPROTO		the driver translated to an impossible address
 *
 * No state outside of it: as many tables as wanted. Not thread-safe.
 */
#ifndef GPROBE_BPM_H
#define GPROBE_BPM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <gprobe/context.h>
#include <gprobe/driver.h>
#include <gprobe/event.h>
#include <gprobe/tap.h>

#define GPROBE_BPM_VIEW_MAX	4095u

/* As a hint: it is not mapped. */
#define GPROBE_BPM_NO_GPA	UINT64_MAX

struct gprobe_bpm;

/**
 * struct gprobe_bpm_spec - a claim that is wanted
 * @context: where
 * @key: whose; the caller's own
 * @tag: comes with each hit; the caller's own
 * @view: in which view
 * @global: under any root
 */
struct gprobe_bpm_spec {
	struct gprobe_context context;
	uint64_t key;
	uint64_t tag;
	uint32_t view;
	bool global;
};

/**
 * struct gprobe_bpm_claim - a claim
 * @spec: as it was wanted; roots without control bits
 * @gpa: where it is; GPROBE_BPM_NO_GPA: pending
 */
struct gprobe_bpm_claim {
	struct gprobe_bpm_spec spec;
	uint64_t gpa;
};

/**
 * enum gprobe_bpm_answer - what an insertion did
 * @GPROBE_BPM_NEW: the claim is in, active or pending
 * @GPROBE_BPM_THERE: it was there already; its tag stays
 */
enum gprobe_bpm_answer {
	GPROBE_BPM_NEW = 1,
	GPROBE_BPM_THERE,
};

/**
 * enum gprobe_bpm_removal - what a removal by event did
 * @GPROBE_BPM_NOTHING: the event matches no claim of that key
 * @GPROBE_BPM_REMOVED: removed; the event's page still holds others
 * @GPROBE_BPM_REMOVED_LAST: removed; nothing is left on the event's page
 */
enum gprobe_bpm_removal {
	GPROBE_BPM_NOTHING = 1,
	GPROBE_BPM_REMOVED,
	GPROBE_BPM_REMOVED_LAST,
};

/**
 * struct gprobe_bpm_hit - a claim that an event is for
 * @key: whose
 * @tag: as inserted
 * @root: the root it was inserted for
 * @global: it fires under any root
 */
struct gprobe_bpm_hit {
	uint64_t key;
	uint64_t tag;
	uint64_t root;
	bool global;
};

/**
 * struct gprobe_bpm_figures - how much there is
 * @active: claims in a frame; a global counts for each of its roots
 * @pending: claims that wait for a page
 * @places: INT3s in the guest
 * @pages: pages protected for them
 * @unsettled: places that a failing driver left half done
 * @bytes: memory of the table
 */
struct gprobe_bpm_figures {
	uint64_t active, pending, places, pages, unsettled, bytes;
};

int gprobe_bpm_new(const struct gprobe_driver *driver,
		   const struct gprobe_tap *tap, struct gprobe_bpm **bpm);
void gprobe_bpm_free(struct gprobe_bpm *bpm);

int gprobe_bpm_insert(struct gprobe_bpm *bpm,
		      const struct gprobe_bpm_spec *spec);
int gprobe_bpm_insert_at(struct gprobe_bpm *bpm,
			 const struct gprobe_bpm_spec *spec, uint64_t gpa);
int gprobe_bpm_insert_many(struct gprobe_bpm *bpm,
			   const struct gprobe_bpm_spec *specs, size_t nr,
			   int *answers);
int gprobe_bpm_insert_many_at(struct gprobe_bpm *bpm,
			      const struct gprobe_bpm_spec *specs,
			      const uint64_t *gpas, size_t nr, int *answers);

int gprobe_bpm_remove(struct gprobe_bpm *bpm, uint32_t view,
		      const struct gprobe_context *context, uint64_t key);
int gprobe_bpm_remove_at(struct gprobe_bpm *bpm, uint32_t view,
			 const struct gprobe_context *context, uint64_t key,
			 uint64_t gpa);
int gprobe_bpm_remove_by_event(struct gprobe_bpm *bpm,
			       const struct gprobe_event *event, uint64_t key);
int gprobe_bpm_remove_view(struct gprobe_bpm *bpm, uint32_t view);
int gprobe_bpm_clear(struct gprobe_bpm *bpm);

int gprobe_bpm_lookup(const struct gprobe_bpm *bpm,
		      const struct gprobe_event *event,
		      struct gprobe_bpm_hit *hits, size_t max);
bool gprobe_bpm_has_event(const struct gprobe_bpm *bpm,
			  const struct gprobe_event *event);
bool gprobe_bpm_has(const struct gprobe_bpm *bpm, uint32_t view,
		    const struct gprobe_context *context);

int gprobe_bpm_page_in(struct gprobe_bpm *bpm,
		       const struct gprobe_paging *paging);
int gprobe_bpm_page_out(struct gprobe_bpm *bpm,
			const struct gprobe_paging *paging);
int gprobe_bpm_page_in_many(struct gprobe_bpm *bpm,
			    const struct gprobe_paging *pagings, size_t nr);
int gprobe_bpm_page_out_many(struct gprobe_bpm *bpm,
			     const struct gprobe_paging *pagings, size_t nr);

void gprobe_bpm_figures(const struct gprobe_bpm *bpm,
			struct gprobe_bpm_figures *figures);
bool gprobe_bpm_next(const struct gprobe_bpm *bpm, size_t *cursor,
		     struct gprobe_bpm_claim *claim);
bool gprobe_bpm_next_at(const struct gprobe_bpm *bpm, uint32_t view,
			uint64_t gpa, size_t *cursor,
			struct gprobe_bpm_hit *hit);
int gprobe_bpm_dump(const struct gprobe_bpm *bpm, FILE *to);

#endif /* GPROBE_BPM_H */
