// SPDX-License-Identifier: LGPL-2.1-or-later
/* The breakpoint table: taking claims out. */
#include <gprobe/bpm.h>

#include <errno.h>

#include "bpm.h"

/* Which claims are meant; what is not asked for is left 0. */
struct selection {
	uint64_t key, gva, root;
	uint32_t view;		/* 0: all */
	bool global;
};

static bool is_selected(const struct bpm_claim *claim,
			const struct selection *selection)
{
	return claim->key == selection->key && claim->gva == selection->gva &&
	       (!selection->view || bpm_view(claim) == selection->view) &&
	       !!(claim->root & CLAIM_GLOBAL) == selection->global;
}

/* As many as a batch holds. */
static void select_claims(struct gprobe_bpm *bpm,
			  const struct selection *selection,
			  struct bpm_batch *batch)
{
	enum bpm_list list = selection->global ? BPM_RING : BPM_PAGE;
	uint32_t id;

	id = selection->global ? gprobe_bpm_ring_first(bpm, selection->gva) :
	     gprobe_bpm_page_first(bpm, selection->root, selection->gva);
	for (; id && batch->nr < BPM_CHUNK; id = bpm_next(bpm, id, list))
		if (is_selected(bpm_claim(bpm, id), selection))
			batch->ids[batch->nr++] = id;
}

static int remove_batch(struct gprobe_bpm *bpm, const struct bpm_batch *batch)
{
	int ret = gprobe_bpm_take_out(bpm, batch);
	size_t i;

	if (ret)
		return ret;
	for (i = 0; i < batch->nr; i++)
		gprobe_bpm_claim_del(bpm, batch->ids[i]);
	return 0;
}

/* 1: some were removed; 0: there were none. */
static int remove_selected(struct gprobe_bpm *bpm,
			   const struct selection *selection)
{
	struct bpm_batch batch;
	int removed = 0, ret;

	do {
		gprobe_bpm_batch_alloc(bpm, &batch, 0);
		select_claims(bpm, selection, &batch);
		ret = remove_batch(bpm, &batch);
		if (ret)
			return ret;
		removed |= !!batch.nr;
	} while (batch.nr == BPM_CHUNK);
	return removed;
}

/* Is it global? A claim is so in all its frames or in none. */
static bool is_global(const struct gprobe_bpm *bpm,
		      const struct selection *selection)
{
	struct selection exact = *selection;
	uint32_t id;

	exact.global = true;
	for (id = gprobe_bpm_page_first(bpm, exact.root, exact.gva); id;
	     id = bpm_next(bpm, id, BPM_PAGE))
		if (is_selected(bpm_claim(bpm, id), &exact))
			return true;
	return false;
}

static int remove_any(struct gprobe_bpm *bpm, uint32_t view,
		      const struct gprobe_context *context, uint64_t key)
{
	struct selection selection = {
		.key = key, .gva = context->gva, .view = view,
		.root = context->root & GPROBE_ROOT_MASK,
	};
	int ret = remove_selected(bpm, &selection);

	if (!ret && is_global(bpm, &selection)) {
		selection.global = true;
		ret = remove_selected(bpm, &selection);
	}
	return ret;
}

/* The one claim of its page of addresses, as most are, and it is meant. */
static bool is_sole(const struct bpm_claim *claim, uint32_t view, uint64_t gva,
		    uint64_t key)
{
	return bpm_is_alone(claim) && !(claim->root & CLAIM_GLOBAL) &&
	       claim->key == key && claim->gva == gva &&
	       bpm_view(claim) == view;
}

static int remove_sole(struct gprobe_bpm *bpm, struct bpm_chain *page)
{
	const struct bpm_batch batch = {
		.ids = &page->head, .nr = 1, .frames = bpm->in_frames,
		.calls = bpm->calls,
	};
	int ret = gprobe_bpm_take_out(bpm, &batch);

	if (ret)
		return ret;
	bpm_number_put(bpm, page->head);
	gprobe_slots_del(&bpm->pages, page, sizeof(*page));
	return 1;
}

/**
 * gprobe_bpm_remove() - Do not want a breakpoint any more.
 * @bpm: the table
 * @view: in this view
 * @context: at this address; a global one under any of its roots
 * @key: whose
 *
 * Pending and in whatever frames it is: today's translation does not matter.
 * A claim in more than 256 frames or under more than 256 roots is removed in
 * steps of as many: a failure may leave some of them, and the same call goes
 * on with these.
 *
 * Return: 1 it was there; 0 it was not; -EINVAL; what the tap answered.
 */
int gprobe_bpm_remove(struct gprobe_bpm *bpm, uint32_t view,
		      const struct gprobe_context *context, uint64_t key)
{
	struct bpm_chain *page;
	int ret;

	ret = gprobe_bpm_check(view, context);
	if (ret)
		return ret;
	page = gprobe_bpm_page_find(bpm, context->root & GPROBE_ROOT_MASK,
				    context->gva);
	ret = page && is_sole(bpm_claim(bpm, page->head), view, context->gva,
			      key) ?
	      remove_sole(bpm, page) : remove_any(bpm, view, context, key);
	if (ret >= 0)
		gprobe_bpm_settle(bpm);
	return ret;
}

/**
 * gprobe_bpm_remove_at() - The same, where the caller has an idea where it is.
 * @bpm: the table
 * @view: in this view
 * @context: at this address
 * @key: whose
 * @gpa: where it may be; GPROBE_BPM_NO_GPA: nowhere. It makes the call
 *	faster if it is right, and does no harm if it is not.
 *
 * Return: as gprobe_bpm_remove().
 */
int gprobe_bpm_remove_at(struct gprobe_bpm *bpm, uint32_t view,
			 const struct gprobe_context *context, uint64_t key,
			 uint64_t gpa)
{
	bpm_prefetch(bpm, bpm_hint(bpm, bpm_place_key(view, gpa)));
	return gprobe_bpm_remove(bpm, view, context, key);
}

/* Which claims of a key an event is for: exact, global. */
static void match_event(const struct gprobe_bpm *bpm,
			const struct gprobe_event *event, uint64_t key,
			bool match[2])
{
	uint64_t root = event->root & GPROBE_ROOT_MASK;
	const struct bpm_place *place;
	const struct bpm_claim *claim;
	uint32_t id;

	place = bpm_place(bpm, bpm_place_key(event->view, event->gpa));
	for (id = place ? place->word & PLACE_HEAD : 0; id;
	     id = bpm_next(bpm, id, BPM_PLACE)) {
		claim = bpm_claim(bpm, id);
		if (claim->key != key || claim->gva != event->gva)
			continue;
		if (claim->root & CLAIM_GLOBAL)
			match[1] = true;
		else if (bpm_root(claim) == root)
			match[0] = true;
	}
}

static bool event_is_ours(const struct gprobe_bpm *bpm,
			  const struct gprobe_event *event)
{
	return event->view && event->view <= GPROBE_BPM_VIEW_MAX &&
	       !(event->gpa >> 52) &&
	       bpm->tap.ops->check(bpm->tap.arg, event);
}

/**
 * gprobe_bpm_remove_by_event() - Remove what an event was for.
 * @bpm: the table
 * @event: the event
 * @key: whose claims
 *
 * The claims of that key that the event is for go in all views, in all their
 * frames and where they are pending. In steps of 256, as gprobe_bpm_remove().
 *
 * Return: enum gprobe_bpm_removal; what the tap answered.
 */
int gprobe_bpm_remove_by_event(struct gprobe_bpm *bpm,
			       const struct gprobe_event *event, uint64_t key)
{
	struct selection selection = {
		.key = key, .gva = event->gva,
		.root = event->root & GPROBE_ROOT_MASK,
	};
	bool match[2] = { false, false };
	const struct bpm_frame *frame;
	int i, ret = 0;

	if (event_is_ours(bpm, event))
		match_event(bpm, event, key, match);
	for (i = 0; i < 2 && ret >= 0; i++) {
		selection.global = i;
		if (match[i])
			ret = remove_selected(bpm, &selection);
	}
	if (ret < 0)
		return ret;
	gprobe_bpm_settle(bpm);
	if (!match[0] && !match[1])
		return GPROBE_BPM_NOTHING;
	frame = bpm_frame(bpm, bpm_place_key(event->view, event->gpa));
	return frame && frame->wanted ? GPROBE_BPM_REMOVED :
				       GPROBE_BPM_REMOVED_LAST;
}

/* All claims of a view, or of all views. */
static int remove_all(struct gprobe_bpm *bpm, uint32_t view)
{
	const struct bpm_claim *claim;
	struct bpm_batch batch;
	int removed = 0, ret;
	uint32_t id = 1;

	while (id < bpm->nr_claims) {
		gprobe_bpm_batch_alloc(bpm, &batch, 0);
		for (; id < bpm->nr_claims && batch.nr < BPM_CHUNK; id++) {
			claim = bpm_claim(bpm, id);
			if (claim->root & CLAIM_USED &&
			    (!view || bpm_view(claim) == view))
				batch.ids[batch.nr++] = id;
		}
		ret = remove_batch(bpm, &batch);
		if (ret)
			return ret;
		if (batch.nr)
			removed = 1;
	}
	ret = gprobe_bpm_settle(bpm);
	return ret ? ret : removed;
}

/**
 * gprobe_bpm_remove_view() - Remove all claims of a view.
 * @bpm: the table
 * @view: the view; it may be gone already
 *
 * In steps of 256 claims: a failure leaves the rest, and the same call goes on
 * with it.
 *
 * Return: 1 there were some; 0 there were none; -EINVAL; what the tap answered.
 */
int gprobe_bpm_remove_view(struct gprobe_bpm *bpm, uint32_t view)
{
	if (view == GPROBE_VIEW_HOST || view > GPROBE_BPM_VIEW_MAX)
		return -EINVAL;
	return remove_all(bpm, view);
}

/**
 * gprobe_bpm_clear() - Remove all claims, and return the memory.
 * @bpm: the table; it can be used on
 *
 * In steps, as gprobe_bpm_remove_view().
 *
 * Return: 0 or what the tap answered.
 */
int gprobe_bpm_clear(struct gprobe_bpm *bpm)
{
	int ret = remove_all(bpm, 0);

	if (ret < 0)
		return ret;
	gprobe_bpm_claims_free(bpm);
	return 0;
}
