// SPDX-License-Identifier: LGPL-2.1-or-later
/* The breakpoint table: pages come and go. */
#include <gprobe/bpm.h>

#include <errno.h>

#include "bpm.h"

/* So many pages are fetched at once. */
#define AHEAD	16

static int check(const struct gprobe_paging *pagings, size_t nr)
{
	size_t i;
	int ret;

	for (i = 0; i < nr; i++) {
		ret = gprobe_bpm_check(pagings[i].view, &pagings[i].context);
		if (ret)
			return ret;
		if (pagings[i].gpa / GPROBE_PAGE_SIZE >> GPROBE_GFN_BITS)
			return -EINVAL;
	}
	return 0;
}

static struct bpm_chain *chain_of(const struct gprobe_bpm *bpm,
				     const struct gprobe_paging *paging)
{
	return gprobe_bpm_page_find(bpm,
				    paging->context.root & GPROBE_ROOT_MASK,
				    paging->context.gva);
}

static uint32_t first_of(const struct gprobe_bpm *bpm,
			 const struct gprobe_paging *paging)
{
	const struct bpm_chain *chain = chain_of(bpm, paging);

	return chain ? chain->head : 0;
}

static uint64_t place_of(const struct gprobe_paging *paging,
			 const struct bpm_claim *claim)
{
	return bpm_place_key(paging->view, (paging->gpa & ~PAGE_MASK) |
			     (claim->gva & PAGE_MASK));
}

static uint64_t key_of(const struct gprobe_bpm *bpm,
		       const struct gprobe_paging *paging)
{
	return bpm_page_key(bpm, paging->context.root & GPROBE_ROOT_MASK,
			    paging->context.gva);
}

/*
 * What is in memory of many pages is fetched at once: first their chains, then
 * what these lead to. It may turn out to be of another page, and no harm done.
 */
static void fetch_ahead(const struct gprobe_bpm *bpm,
			const struct gprobe_paging *pagings, size_t nr)
{
	const struct bpm_chain *chain;
	size_t i;

	nr = nr < AHEAD ? nr : AHEAD;
	if (nr == 1)
		return;
	for (i = 0; i < nr; i++)
		gprobe_slots_prefetch(&bpm->pages,
				      gprobe_slots_hash(&bpm->pages,
							key_of(bpm,
							       &pagings[i])));
	for (i = 0; i < nr; i++) {
		chain = gprobe_slots_find(&bpm->pages, key_of(bpm, &pagings[i]),
					  sizeof(*chain));
		if (!chain)
			continue;
		__builtin_prefetch(bpm_claim(bpm, chain->head));
		bpm_prefetch(bpm, chain->hint);
	}
}

static bool is_same(const struct bpm_claim *a, const struct bpm_claim *b)
{
	return a->key == b->key && a->gva == b->gva &&
	       bpm_view(a) == bpm_view(b);
}

/* Is there the same claim in the same page list, active at a place? */
static bool is_at(const struct gprobe_bpm *bpm, uint32_t first,
		  const struct bpm_claim *claim, uint64_t place)
{
	const struct bpm_claim *other;

	for (; first; first = bpm_next(bpm, first, BPM_PAGE)) {
		other = bpm_claim(bpm, first);
		if (other->root & CLAIM_ACTIVE && other->place == place &&
		    is_same(other, claim))
			return true;
	}
	return false;
}

/* --- coming ------------------------------------------------------------ */

static bool is_waiting(const struct bpm_claim *claim, uint32_t view)
{
	return !(claim->root & (CLAIM_ACTIVE | CLAIM_SPARE)) &&
	       bpm_view(claim) == view;
}

static size_t count_waiting(const struct gprobe_bpm *bpm,
			    const struct gprobe_paging *pagings, size_t nr)
{
	size_t i, waiting = 0;
	uint32_t id;

	for (i = 0; i < nr; i++) {
		if (!(i % AHEAD))
			fetch_ahead(bpm, &pagings[i], nr - i);
		for (id = first_of(bpm, &pagings[i]); id;
		     id = bpm_next(bpm, id, BPM_PAGE))
			waiting += is_waiting(bpm_claim(bpm, id),
					      pagings[i].view);
	}
	return waiting;
}

static int wake(struct gprobe_bpm *bpm, const struct gprobe_paging *paging,
		struct bpm_batch *batch)
{
	struct bpm_chain *chain = chain_of(bpm, paging);
	uint32_t id, first = chain ? chain->head : 0;
	struct bpm_claim *claim;
	uint64_t place;
	int ret;

	if (chain)
		chain->hint = bpm_hint(bpm, bpm_place_key(paging->view,
							  paging->gpa));
	for (id = first; id; id = bpm_next(bpm, id, BPM_PAGE)) {
		claim = bpm_claim(bpm, id);
		if (!is_waiting(claim, paging->view))
			continue;
		place = place_of(paging, claim);
		batch->ids[batch->nr++] = id;
		if (is_at(bpm, first, claim, place)) {
			claim->root |= CLAIM_SPARE;
			continue;
		}
		ret = gprobe_bpm_place_reserve(bpm);
		if (ret) {
			batch->nr--;
			return ret;
		}
		claim->place = place;
		claim->root |= CLAIM_STAGED | CLAIM_WOKEN;
		gprobe_bpm_place_link(bpm, id);
	}
	return 0;
}

/**
 * gprobe_bpm_page_in_many() - Pages came.
 * @bpm: the table
 * @pagings: the pages; where one came in two places, the first one counts
 * @nr: how many
 *
 * All claims that are pending for these pages become active, in one batch of
 * the tap. All or none.
 *
 * Return: 0, also if there were none; a negative errno, see above.
 */
int gprobe_bpm_page_in_many(struct gprobe_bpm *bpm,
			    const struct gprobe_paging *pagings, size_t nr)
{
	struct bpm_batch batch;
	size_t i, waiting;
	int ret;

	ret = check(pagings, nr);
	if (ret)
		return ret;
	waiting = count_waiting(bpm, pagings, nr);
	if (!waiting) {
		gprobe_bpm_settle(bpm);
		return 0;
	}
	ret = gprobe_bpm_batch_alloc(bpm, &batch, waiting);
	if (ret)
		return ret;
	for (i = 0; i < nr && !ret; i++)
		ret = wake(bpm, &pagings[i], &batch);
	ret = gprobe_bpm_commit(bpm, &batch, ret);
	gprobe_bpm_batch_free(bpm, &batch);
	return ret;
}

/**
 * gprobe_bpm_page_in() - A page came.
 * @bpm: the table
 * @paging: the page
 *
 * Return: as gprobe_bpm_page_in_many().
 */
int gprobe_bpm_page_in(struct gprobe_bpm *bpm,
		       const struct gprobe_paging *paging)
{
	return gprobe_bpm_page_in_many(bpm, paging, 1);
}

/* --- going ------------------------------------------------------------- */

/* As many as there is room for; false: there are more. */
static bool select_mapped(struct gprobe_bpm *bpm,
			  const struct gprobe_paging *paging,
			  struct bpm_batch *batch)
{
	struct bpm_claim *claim;
	uint32_t id;

	for (id = first_of(bpm, paging); id;
	     id = bpm_next(bpm, id, BPM_PAGE)) {
		claim = bpm_claim(bpm, id);
		if (!(claim->root & CLAIM_ACTIVE) ||
		    claim->root & CLAIM_STAGED ||
		    claim->place != place_of(paging, claim))
			continue;
		if (batch->nr == BPM_CHUNK)
			return false;
		/* Not twice, should the page be told of twice. */
		claim->root |= CLAIM_STAGED;
		batch->ids[batch->nr++] = id;
	}
	return true;
}

/* It waits now; another that waits for the same already is enough. */
static void let_wait(struct gprobe_bpm *bpm, uint32_t id)
{
	struct bpm_claim *claim = bpm_claim(bpm, id);
	const struct bpm_claim *other;
	uint32_t i;

	claim->root &= ~(uint64_t)CLAIM_STAGED;
	i = 0;
	if (!bpm_is_alone(claim))
		i = gprobe_bpm_page_first(bpm, bpm_root(claim), claim->gva);
	for (; i; i = bpm_next(bpm, i, BPM_PAGE)) {
		other = bpm_claim(bpm, i);
		if (other != claim &&
		    !(other->root & (CLAIM_ACTIVE | CLAIM_STAGED)) &&
		    is_same(other, claim)) {
			gprobe_bpm_claim_del(bpm, id);
			return;
		}
	}
	claim->place = bpm_place_key(bpm_view(claim), 0);
}

static int take_out(struct gprobe_bpm *bpm, const struct bpm_batch *batch)
{
	int ret = gprobe_bpm_take_out(bpm, batch);
	size_t i;

	if (ret)
		return ret;
	/* Those that are told of first are those that stay. */
	for (i = 0; i < batch->nr; i++)
		bpm_claim(bpm, batch->ids[i])->root |= CLAIM_STAGED;
	for (i = 0; i < batch->nr; i++)
		let_wait(bpm, batch->ids[i]);
	return 0;
}

/**
 * gprobe_bpm_page_out_many() - Pages went.
 * @bpm: the table
 * @pagings: the pages
 * @nr: how many
 *
 * The claims that are active for these addresses in these frames become
 * pending. Claims of other roots that map the frames stay. One batch of the
 * tap for each 256 claims; a failure leaves the rest of such batches, and the
 * same call goes on with them. No memory is needed.
 *
 * Return: 0, also if there were none; -EINVAL; what the tap answered.
 */
int gprobe_bpm_page_out_many(struct gprobe_bpm *bpm,
			     const struct gprobe_paging *pagings, size_t nr)
{
	struct bpm_batch batch;
	size_t i = 0;
	int ret;

	ret = check(pagings, nr);
	while (i < nr && !ret) {
		gprobe_bpm_batch_alloc(bpm, &batch, 0);
		for (; i < nr; i++) {
			if (!(i % AHEAD))
				fetch_ahead(bpm, &pagings[i], nr - i);
			if (!select_mapped(bpm, &pagings[i], &batch))
				break;
		}
		ret = take_out(bpm, &batch);
	}
	if (!ret)
		gprobe_bpm_settle(bpm);
	return ret;
}

/**
 * gprobe_bpm_page_out() - A page went.
 * @bpm: the table
 * @paging: the page
 *
 * Return: as gprobe_bpm_page_out_many().
 */
int gprobe_bpm_page_out(struct gprobe_bpm *bpm,
			const struct gprobe_paging *paging)
{
	return gprobe_bpm_page_out_many(bpm, paging, 1);
}
