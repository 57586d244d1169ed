// SPDX-License-Identifier: LGPL-2.1-or-later
/* The breakpoint table: what an event is for. */
#include <gprobe/bpm.h>

#include <errno.h>

#include "bpm.h"

struct collector {
	struct gprobe_bpm_hit *hits;
	size_t max;
	int nr;
};

static void collect(struct collector *collector, const struct bpm_claim *claim)
{
	if ((size_t)collector->nr < collector->max)
		collector->hits[collector->nr] = (struct gprobe_bpm_hit){
			.key = claim->key,
			.tag = claim->tag,
			.root = bpm_root(claim),
			.global = claim->root & CLAIM_GLOBAL,
		};
	collector->nr++;
}

static void collect_globals(const struct gprobe_bpm *bpm, uint32_t id,
			    uint64_t gva, struct collector *collector)
{
	const struct bpm_claim *claim;

	for (; id; id = bpm_next(bpm, id, BPM_PLACE)) {
		claim = bpm_claim(bpm, id);
		if (claim->gva == gva && (claim->root & (CLAIM_GLOBAL |
				CLAIM_TWIN)) == CLAIM_GLOBAL)
			collect(collector, claim);
	}
}

/**
 * gprobe_bpm_lookup() - Find the claims that an event is for.
 * @bpm: the table
 * @event: the event
 * @hits: gets them: those of the event's root first, then global ones
 * @max: room in @hits; more are counted but not stored
 *
 * The path of a hit: one probe, no allocation, no call of the driver.
 *
 * Return: how many; 0: an INT3 of ours, but nobody wants it under this root;
 * -ENOENT: none of ours, such as the guest's own.
 */
int gprobe_bpm_lookup(const struct gprobe_bpm *bpm,
		      const struct gprobe_event *event,
		      struct gprobe_bpm_hit *hits, size_t max)
{
	struct collector collector = { .hits = hits, .max = max };
	uint64_t root = event->root & GPROBE_ROOT_MASK;
	const struct bpm_place *place;
	const struct bpm_claim *claim;
	uint64_t globals = 0;
	uint32_t id;

	if (!bpm->tap.ops->check(bpm->tap.arg, event) ||
	    event->view > GPROBE_BPM_VIEW_MAX || event->gpa >> 52)
		return -ENOENT;
	place = bpm_place(bpm, bpm_place_key(event->view, event->gpa));
	if (!place || !(place->word & PLACE_INSTALLED))
		return -ENOENT;
	for (id = place->word & PLACE_HEAD; id;
	     id = bpm_next(bpm, id, BPM_PLACE)) {
		claim = bpm_claim(bpm, id);
		globals |= claim->root & CLAIM_GLOBAL;
		if (!(claim->root & CLAIM_GLOBAL) && bpm_root(claim) == root &&
		    claim->gva == event->gva)
			collect(&collector, claim);
	}
	if (globals)
		collect_globals(bpm, place->word & PLACE_HEAD, event->gva,
				&collector);
	return collector.nr;
}

/**
 * gprobe_bpm_has_event() - Is an event for anybody?
 * @bpm: the table
 * @event: the event
 *
 * Return: whether gprobe_bpm_lookup() would deliver it.
 */
bool gprobe_bpm_has_event(const struct gprobe_bpm *bpm,
			  const struct gprobe_event *event)
{
	return gprobe_bpm_lookup(bpm, event, NULL, 0) > 0;
}

/* Some claim of this list is in the guest at this address and view. */
static bool is_active(const struct gprobe_bpm *bpm, uint32_t id,
		      enum bpm_list list, uint64_t gva, uint32_t view)
{
	const struct bpm_claim *claim;

	for (; id; id = bpm_next(bpm, id, list)) {
		claim = bpm_claim(bpm, id);
		if (claim->root & CLAIM_ACTIVE && claim->gva == gva &&
		    bpm_view(claim) == view && bpm_is_in(bpm, claim->place))
			return true;
	}
	return false;
}

/**
 * gprobe_bpm_has() - Is there an active breakpoint at an address?
 * @bpm: the table
 * @view: in this view
 * @context: the address; for a global one the root does not matter
 *
 * Return: whether; false while the claim is pending.
 */
bool gprobe_bpm_has(const struct gprobe_bpm *bpm, uint32_t view,
		    const struct gprobe_context *context)
{
	uint64_t root = context->root & GPROBE_ROOT_MASK;
	uint64_t gva = context->gva;

	return is_active(bpm, gprobe_bpm_page_first(bpm, root, gva), BPM_PAGE,
			 gva, view) ||
	       is_active(bpm, gprobe_bpm_ring_first(bpm, gva), BPM_RING, gva,
			 view);
}

/**
 * gprobe_bpm_next_at() - Iterate over the claims that are wanted at a place.
 * @bpm: the table; not changed meanwhile
 * @view: of the place
 * @gpa: of the place
 * @cursor: 0 at first
 * @hit: gets the claim; a global one comes once
 *
 * For a tap that sees to each claim. Two addresses may lead to one place, so
 * the same key and root may come twice.
 *
 * Return: false: there are no more.
 */
bool gprobe_bpm_next_at(const struct gprobe_bpm *bpm, uint32_t view,
			uint64_t gpa, size_t *cursor,
			struct gprobe_bpm_hit *hit)
{
	struct collector collector = { .hits = hit, .max = 1 };
	const struct bpm_place *place;
	uint32_t id;

	if (*cursor) {
		id = bpm_next(bpm, *cursor, BPM_PLACE);
	} else {
		place = bpm_place(bpm, bpm_place_key(view, gpa));
		id = place ? place->word & PLACE_HEAD : 0;
	}
	while (id && bpm_claim(bpm, id)->root & CLAIM_TWIN)
		id = bpm_next(bpm, id, BPM_PLACE);
	if (!id)
		return false;
	collect(&collector, bpm_claim(bpm, id));
	*cursor = id;
	return true;
}
