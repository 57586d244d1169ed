// SPDX-License-Identifier: LGPL-2.1-or-later
/* The claims of a breakpoint table, and the lists they are in. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "bpm.h"

#define CHUNK_CLAIMS	(1u << BPM_CHUNK_BITS)
#define FIRST_CLAIMS	64u

/* --- the arena --------------------------------------------------------- */

static void *chunk_alloc(size_t claims)
{
	size_t bytes = claims * sizeof(struct bpm_claim);
	void *chunk = aligned_alloc(claims == CHUNK_CLAIMS ? bytes :
				    sizeof(struct bpm_claim), bytes);

	/* A full one is as large as a huge page. */
	if (chunk && claims == CHUNK_CLAIMS)
		madvise(chunk, bytes, MADV_HUGEPAGE);
	return chunk;
}

/* The first chunk of a small table is small. */
static int first_grow(struct gprobe_bpm *bpm)
{
	uint32_t size = bpm->first_size ? bpm->first_size * 2 : FIRST_CLAIMS;
	struct bpm_claim *chunk = chunk_alloc(size);

	if (!chunk)
		return -ENOMEM;
	memcpy(chunk, bpm->chunks[0],
	       bpm->first_size * sizeof(struct bpm_claim));
	free(bpm->chunks[0]);
	bpm->chunks[0] = chunk;
	bpm->first_size = size;
	return 0;
}

static int chunk_add(struct gprobe_bpm *bpm)
{
	struct bpm_claim **chunks;
	size_t nr = bpm->nr_chunks;
	uint32_t size = nr ? CHUNK_CLAIMS : FIRST_CLAIMS;

	chunks = reallocarray(bpm->chunks, nr + 1, sizeof(*chunks));
	if (!chunks)
		return -ENOMEM;
	bpm->chunks = chunks;
	chunks[nr] = chunk_alloc(size);
	if (!chunks[nr])
		return -ENOMEM;
	bpm->nr_chunks++;
	if (!nr) {
		bpm->first_size = size;
		/* Number 0 is nobody's. */
		bpm->nr_claims = 1;
		memset(chunks[0], 0, sizeof(struct bpm_claim));
	}
	return 0;
}

static size_t room(const struct gprobe_bpm *bpm)
{
	if (!bpm->nr_chunks)
		return 0;
	return bpm->first_size + (bpm->nr_chunks - 1) * CHUNK_CLAIMS -
	       bpm->nr_claims;
}

/**
 * gprobe_bpm_claim_reserve() - Make room, so that adding a claim cannot fail.
 * @bpm: the table; claims may move
 * @global: it will be a global one
 *
 * Return: 0 or -ENOMEM.
 */
int gprobe_bpm_claim_reserve(struct gprobe_bpm *bpm, bool global)
{
	int ret = 0;

	if (bpm->nr_claims == PLACE_HEAD)
		return -ENOMEM;
	if (!bpm->free && !room(bpm))
		ret = bpm->nr_chunks && bpm->first_size < CHUNK_CLAIMS ?
			first_grow(bpm) : chunk_add(bpm);
	if (!ret)
		ret = gprobe_slots_reserve(&bpm->pages, 1);
	if (!ret && global)
		ret = gprobe_slots_reserve(&bpm->rings, 1);
	return ret;
}

static uint32_t number_get(struct gprobe_bpm *bpm)
{
	uint32_t id = bpm->free;

	if (!id)
		return bpm->nr_claims++;
	bpm->free = bpm_next(bpm, id, BPM_PLACE);
	return id;
}

/**
 * gprobe_bpm_claims_free() - Free all memory; the table is empty then.
 * @bpm: the table
 */
void gprobe_bpm_claims_free(struct gprobe_bpm *bpm)
{
	while (bpm->nr_chunks)
		free(bpm->chunks[--bpm->nr_chunks]);
	free(bpm->chunks);
	bpm->chunks = NULL;
	bpm->first_size = 0;
	bpm->nr_claims = 0;
	bpm->free = 0;
	bpm->active = 0;
	bpm->pending = 0;
	gprobe_slots_free(&bpm->frames);
	gprobe_slots_free(&bpm->others);
	gprobe_slots_free(&bpm->pages);
	gprobe_slots_free(&bpm->rings);
}

/* --- lists ------------------------------------------------------------- */

/* Put a claim before the one that was first. */
static void link_first(struct gprobe_bpm *bpm, uint32_t id, uint32_t first,
		       enum bpm_list list)
{
	bpm_claim(bpm, id)->links[list] = (struct bpm_link){ .next = first };
	if (first)
		bpm_claim(bpm, first)->links[list].prev = id;
}

/* Take a claim out; if it was the first one, @first becomes the next. */
static void unlink_from(struct gprobe_bpm *bpm, uint32_t id, uint32_t *first,
			enum bpm_list list)
{
	struct bpm_link *link = &bpm_claim(bpm, id)->links[list];

	if (link->next)
		bpm_claim(bpm, link->next)->links[list].prev = link->prev;
	if (link->prev)
		bpm_claim(bpm, link->prev)->links[list].next = link->next;
	else
		*first = link->next;
}

/*
 * The hint is where a claim of the page was last. Most work on a page goes on
 * there, and its slots are on their way while the claim is being fetched.
 */
static bool is_page(const void *arg, const void *slot, const void *wanted)
{
	const struct bpm_chain *chain = slot;
	const struct bpm_claim *claim = bpm_claim(arg, chain->head);
	const struct gprobe_context *context = wanted;

	bpm_prefetch(arg, chain->hint);

	return bpm_root(claim) == context->root &&
	       !((claim->gva ^ context->gva) & ~PAGE_MASK);
}

/**
 * gprobe_bpm_page_find() - Find the chain of a page of addresses.
 * @bpm: the table
 * @root: without control bits
 * @gva: in the page
 *
 * Return: its slot, valid until a claim is added or deleted; or NULL.
 */
struct bpm_chain *gprobe_bpm_page_find(const struct gprobe_bpm *bpm,
				       uint64_t root, uint64_t gva)
{
	const struct gprobe_context context = { .root = root, .gva = gva };

	return gprobe_slots_find_if(&bpm->pages, bpm_page_key(bpm, root, gva),
				    sizeof(struct bpm_chain), is_page, bpm,
				    &context);
}

/**
 * gprobe_bpm_page_first() - Find the claims of a page of addresses.
 * @bpm: the table
 * @root: without control bits
 * @gva: in the page
 *
 * Return: the first one's number, for bpm_next(); 0: there is none.
 */
uint32_t gprobe_bpm_page_first(const struct gprobe_bpm *bpm, uint64_t root,
			       uint64_t gva)
{
	const struct bpm_chain *chain = gprobe_bpm_page_find(bpm, root, gva);

	return chain ? chain->head : 0;
}

/* Never 0 or 1: no canonical address has this bit alone. */
static uint64_t ring_key(uint64_t gva)
{
	return gva ^ 1ULL << 62;
}

static struct bpm_chain *ring_find(const struct gprobe_bpm *bpm, uint64_t gva)
{
	return gprobe_slots_find(&bpm->rings, ring_key(gva),
				 sizeof(struct bpm_chain));
}

/**
 * gprobe_bpm_ring_first() - Find the global claims of an address.
 * @bpm: the table
 * @gva: the address
 *
 * Return: the first one's number, for bpm_next(); 0: there is none.
 */
uint32_t gprobe_bpm_ring_first(const struct gprobe_bpm *bpm, uint64_t gva)
{
	const struct bpm_chain *chain = ring_find(bpm, gva);

	return chain ? chain->head : 0;
}

/* @chain is its slot, if it has one. */
static struct bpm_chain *chain_link(struct gprobe_bpm *bpm,
				    struct gprobe_slots *chains, uint64_t key,
				    struct bpm_chain *chain, uint32_t id,
				    enum bpm_list list)
{
	if (!chain)
		chain = gprobe_slots_add(chains, key);
	link_first(bpm, id, chain->head, list);
	chain->head = id;
	return chain;
}

static bool is_first(const void *arg, const void *slot, const void *wanted)
{
	(void)arg;
	return ((const struct bpm_chain *)slot)->head ==
	       *(const uint32_t *)wanted;
}

static void chain_unlink(struct gprobe_bpm *bpm, struct gprobe_slots *chains,
			 uint64_t key, uint32_t id, enum bpm_list list)
{
	struct bpm_chain *chain;
	uint32_t first = id;

	unlink_from(bpm, id, &first, list);
	if (first == id)
		return;
	chain = gprobe_slots_find_if(chains, key, sizeof(*chain), is_first,
				     NULL, &id);
	if (first)
		chain->head = first;
	else
		gprobe_slots_del(chains, chain, sizeof(*chain));
}

/**
 * gprobe_bpm_claim_add() - Add a claim, pending, for which there is room.
 * @bpm: the table
 * @spec: checked
 * @place: where it will be linked; 0: nowhere
 *
 * Return: its number.
 */
uint32_t gprobe_bpm_claim_add(struct gprobe_bpm *bpm,
			      const struct gprobe_bpm_spec *spec,
			      uint64_t place)
{
	uint64_t root = spec->context.root & GPROBE_ROOT_MASK;
	uint64_t gva = spec->context.gva;
	uint32_t id = number_get(bpm);
	struct bpm_claim *claim = bpm_claim(bpm, id);

	*claim = (struct bpm_claim){
		.key = spec->key,
		.tag = spec->tag,
		.gva = gva,
		.root = root | CLAIM_USED | (spec->global ? CLAIM_GLOBAL : 0),
		.place = place ? place : bpm_place_key(spec->view, 0),
	};
	chain_link(bpm, &bpm->pages, bpm_page_key(bpm, root, gva),
		   gprobe_bpm_page_find(bpm, root, gva), id,
		   BPM_PAGE)->hint = bpm_hint(bpm, place);
	if (spec->global)
		chain_link(bpm, &bpm->rings, ring_key(gva), ring_find(bpm, gva),
			   id, BPM_RING);
	bpm->pending++;
	return id;
}

/**
 * gprobe_bpm_claim_del() - Forget a claim that has no place.
 * @bpm: the table
 * @id: its number
 */
void gprobe_bpm_claim_del(struct gprobe_bpm *bpm, uint32_t id)
{
	struct bpm_claim *claim = bpm_claim(bpm, id);

	chain_unlink(bpm, &bpm->pages,
		     bpm_page_key(bpm, bpm_root(claim), claim->gva), id,
		     BPM_PAGE);
	if (claim->root & CLAIM_GLOBAL)
		chain_unlink(bpm, &bpm->rings, ring_key(claim->gva), id,
			     BPM_RING);
	bpm_number_put(bpm, id);
}

/* --- places ------------------------------------------------------------ */

/**
 * gprobe_bpm_place_reserve() - Make room, so that a claim can get a place.
 * @bpm: the table
 *
 * Return: 0 or -ENOMEM.
 */
int gprobe_bpm_place_reserve(struct gprobe_bpm *bpm)
{
	int ret = gprobe_slots_reserve(&bpm->frames, 1);

	return ret ? ret : gprobe_slots_reserve(&bpm->others, 1);
}

static struct bpm_frame *frame_get(struct gprobe_bpm *bpm, uint64_t key)
{
	struct bpm_frame *frame = bpm_frame(bpm, key);

	return frame ? frame :
	       gprobe_slots_add(&bpm->frames, bpm_frame_key(key));
}

static struct bpm_place *place_get(struct gprobe_bpm *bpm,
				   struct bpm_frame *frame, uint64_t key)
{
	struct bpm_place *place = bpm_place_in(bpm, frame, key);
	struct bpm_other *other;

	if (!place && !bpm_place_is_idle(&frame->place)) {
		other = gprobe_slots_add(&bpm->others, key);
		frame->others++;
		return &other->place;
	}
	if (!place) {
		frame->offset = key & PAGE_MASK;
		place = &frame->place;
	}
	if (bpm_place_is_idle(place))
		*place = (struct bpm_place){ 0 };
	return place;
}

/* Another claim at a place that is the same global one, as a twin or not. */
static uint32_t other_global(const struct gprobe_bpm *bpm, uint32_t first,
			     const struct bpm_claim *claim, uint32_t twin)
{
	const uint64_t flags = CLAIM_GLOBAL | twin;
	const struct bpm_claim *other;

	for (; first; first = bpm_next(bpm, first, BPM_PLACE)) {
		other = bpm_claim(bpm, first);
		if (other != claim && (other->root & flags) == flags &&
		    other->key == claim->key && other->gva == claim->gva)
			break;
	}
	return first;
}

static void change(const struct gprobe_bpm *bpm, struct bpm_place *place)
{
	if (bpm->tap.ops->each_claim)
		place->word |= PLACE_CHANGED;
}

/**
 * gprobe_bpm_place_link() - Make a claim active at its @place.
 * @bpm: the table, with room for a place
 * @id: a pending claim whose @place is set
 */
void gprobe_bpm_place_link(struct gprobe_bpm *bpm, uint32_t id)
{
	struct bpm_claim *claim = bpm_claim(bpm, id);
	struct bpm_frame *frame = frame_get(bpm, claim->place);
	struct bpm_place *place = place_get(bpm, frame, claim->place);

	if (!(place->word & PLACE_HEAD))
		frame->wanted++;
	/* A hit delivers a global once, under how many roots it may be here. */
	if (claim->root & CLAIM_GLOBAL &&
	    other_global(bpm, place->word & PLACE_HEAD, claim, 0))
		claim->root |= CLAIM_TWIN;
	claim->root |= CLAIM_ACTIVE;
	link_first(bpm, id, place->word & PLACE_HEAD, BPM_PLACE);
	place->word = (place->word & ~PLACE_HEAD) | id;
	change(bpm, place);
	bpm->active++;
	bpm->pending--;
}

/**
 * gprobe_bpm_place_unlink() - Make a claim pending; its @place stays set.
 * @bpm: the table
 * @id: an active claim
 * @frame: of its place
 *
 * The place and its frame stay in the tables until gprobe_bpm_tidy().
 */
void gprobe_bpm_place_unlink(struct gprobe_bpm *bpm, uint32_t id,
			     struct bpm_frame *frame)
{
	struct bpm_claim *claim = bpm_claim(bpm, id);
	struct bpm_place *place = bpm_place_in(bpm, frame, claim->place);
	uint32_t first = place->word & PLACE_HEAD, twin;

	unlink_from(bpm, id, &first, BPM_PLACE);
	place->word = (place->word & ~PLACE_HEAD) | first;
	change(bpm, place);
	if (!first)
		frame->wanted--;
	if ((claim->root & (CLAIM_GLOBAL | CLAIM_TWIN)) == CLAIM_GLOBAL) {
		twin = other_global(bpm, first, claim, CLAIM_TWIN);
		if (twin)
			bpm_claim(bpm, twin)->root &= ~(uint64_t)CLAIM_TWIN;
	}
	claim->root &= ~(uint64_t)(CLAIM_ACTIVE | CLAIM_TWIN);
	bpm->active--;
	bpm->pending++;
}
