/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Inside the breakpoint table.
 *
 * A claim is 64 bytes, in one arena, and is known by its number there. It is
 * in up to three lists:
 *
 *	place	all active claims of one INT3; the path of a hit
 *	page	all claims, active and pending, of one (root, page of addresses);
 *		what page-in and page-out work on
 *	ring	all global claims of one address, under whatever root
 *
 * What is in the guest stands in the table of frames (protected pages) with
 * their places (INT3s). Whatever changes the lists, gprobe_bpm_reconcile() then
 * makes the guest what the lists want: this is the only way to the tap, but for
 * a claim that leaves a page on which it is alone, which gprobe_bpm_take_out()
 * sees to. An operation that fails puts its claims back into the lists where
 * they were, and reconciles again; should that fail, too, the tables still say
 * what is in the guest, and gprobe_bpm_settle() goes on later.
 */
#ifndef GPROBE_LIB_BPM_H
#define GPROBE_LIB_BPM_H

#include <gprobe/bpm.h>
#include <gprobe/walk.h>
#include <linux/gprobe.h>

#include "slots.h"

/* So many claims are worked off at once where no memory may be needed. */
#define BPM_CHUNK	256

#define PAGE_MASK	(GPROBE_PAGE_SIZE - 1ULL)

/* The lists of a claim. */
enum bpm_list {
	BPM_PLACE,
	BPM_PAGE,
	BPM_RING,
	BPM_LISTS
};

struct bpm_link {
	uint32_t next, prev;
};

/* In the low bits of a root. */
#define CLAIM_USED	1u	/* else it is on the free list */
#define CLAIM_GLOBAL	2u
#define CLAIM_ACTIVE	4u	/* it has a place */
#define CLAIM_TWIN	8u	/* a global that its place has once already */
#define CLAIM_STAGED	16u	/* the operation that goes on added or took it */
#define CLAIM_WOKEN	32u	/* staged, and pending before */
#define CLAIM_SPARE	64u	/* staged, and to be dropped: it is there twice */

/**
 * struct bpm_claim - a claim: one cache line
 * @key: whose
 * @tag: the caller's own
 * @gva: the address
 * @root: page-aligned; CLAIM_* below
 * @place: view:12, gfn:40, offset:12; of a pending claim gfn is 0
 * @links: number of the next and previous claim of each list; 0: none
 */
struct bpm_claim {
	uint64_t key;
	uint64_t tag;
	uint64_t gva;
	uint64_t root;
	uint64_t place;
	struct bpm_link links[BPM_LISTS];
} __attribute__((aligned(64)));

_Static_assert(sizeof(struct bpm_claim) == 64, "a claim is a cache line");

/* In a place's word, above the number of its first claim. */
#define PLACE_INSTALLED	(1u << 31)	/* the INT3 is in the guest */
#define PLACE_QUEUED	(1u << 30)	/* a call for it is in the batch */
#define PLACE_CHANGED	(1u << 29)	/* the tap does not know its claims */
#define PLACE_HEAD	(PLACE_CHANGED - 1)

/**
 * struct bpm_place - an INT3 that is wanted, or in the guest
 * @word: first claim, PLACE_*
 * @id: the tap's number
 */
struct bpm_place {
	uint32_t word;
	uint32_t id;
};

#define FRAME_MONITORED	1u	/* the page is protected */
#define FRAME_QUEUED	2u	/* a call for it is in the batch */

/**
 * struct bpm_frame - slot: a page with places
 * @key: as struct bpm_claim's @place, with offset 0
 * @place: one of them, or idle; most pages have no others
 * @offset: of this one
 * @wanted: places with claims in it
 * @others: places that have slots of their own
 * @flags: FRAME_*
 */
struct bpm_frame {
	uint64_t key;
	struct bpm_place place;
	uint16_t offset;
	uint16_t wanted;
	uint16_t others;
	uint16_t flags;
};

/**
 * struct bpm_other - slot: a further place of a page
 * @key: as struct bpm_claim's @place
 * @place: it
 */
struct bpm_other {
	uint64_t key;
	struct bpm_place place;
};

/**
 * struct bpm_chain - slot: a list of claims
 * @key: of a page, a hash, so several may have one; of a ring, its address
 * @head: number of the first claim
 * @hint: where a claim of the page was last, for bpm_prefetch()
 */
struct bpm_chain {
	uint64_t key;
	uint32_t head;
	uint32_t hint;
};

/**
 * struct bpm_batch - claims that an operation works on
 * @ids: their numbers
 * @nr: how many
 * @frames: of the place of each, or NULL; by gprobe_bpm_locate(), good as long
 *	as no claim is linked
 * @calls: room for two calls for each
 */
struct bpm_batch {
	uint32_t *ids;
	size_t nr;
	struct bpm_frame **frames;
	struct gprobe_tap_call *calls;
};

/**
 * struct gprobe_bpm - a breakpoint table
 * @driver: the guest
 * @tap: how it is tapped
 * @frames: struct bpm_frame
 * @others: struct bpm_other
 * @pages: struct bpm_chain of BPM_PAGE
 * @rings: struct bpm_chain of BPM_RING
 * @seed: of the hashes of pages
 * @chunks: the arena
 * @nr_chunks: how many of them
 * @first_size: claims in the first chunk, which grows up to a full one
 * @nr_claims: numbers given out so far; 0 is never one
 * @free: list of free numbers, by their BPM_PLACE
 * @active: claims with a place
 * @pending: claims without
 * @installed: places with an INT3 in the guest
 * @monitored: pages that are protected
 * @unsettled: the guest may not be what the lists want
 * @ids: room for a small batch; @in_frames, @calls as well
 */
struct gprobe_bpm {
	struct gprobe_driver driver;
	struct gprobe_tap tap;
	struct gprobe_slots frames;
	struct gprobe_slots others;
	struct gprobe_slots pages;
	struct gprobe_slots rings;
	struct gprobe_seed seed;
	struct bpm_claim **chunks;
	size_t nr_chunks;
	uint32_t first_size;
	uint32_t nr_claims;
	uint32_t free;
	uint64_t active, pending, installed, monitored;
	bool unsettled;
	uint32_t ids[BPM_CHUNK];
	struct bpm_frame *in_frames[BPM_CHUNK];
	struct gprobe_tap_call calls[2 * BPM_CHUNK];
};

#define BPM_CHUNK_BITS	15

static inline struct bpm_claim *bpm_claim(const struct gprobe_bpm *bpm,
					  uint32_t id)
{
	return &bpm->chunks[id >> BPM_CHUNK_BITS]
			   [id & ((1u << BPM_CHUNK_BITS) - 1)];
}

static inline uint64_t bpm_place_key(uint32_t view, uint64_t gpa)
{
	return (uint64_t)view << 52 | gpa;
}

static inline uint64_t bpm_frame_key(uint64_t place)
{
	return place & ~PAGE_MASK;
}

static inline uint32_t bpm_view(const struct bpm_claim *claim)
{
	return claim->place >> 52;
}

static inline uint64_t bpm_gpa(const struct bpm_claim *claim)
{
	return claim->place & ((1ULL << 52) - 1);
}

static inline uint64_t bpm_root(const struct bpm_claim *claim)
{
	return claim->root & GPROBE_ROOT_MASK;
}

static inline uint64_t bpm_page_key(const struct gprobe_bpm *bpm,
				    uint64_t root, uint64_t gva)
{
	return gprobe_mix(root ^ bpm->seed.a,
			  (gva & ~PAGE_MASK) ^ bpm->seed.b) | 2;
}

static inline struct bpm_frame *bpm_frame(const struct gprobe_bpm *bpm,
					  uint64_t place)
{
	return gprobe_slots_find(&bpm->frames, bpm_frame_key(place),
				 sizeof(struct bpm_frame));
}

/* It may be idle, that is: there is none. */
static inline struct bpm_place *bpm_place_in(const struct gprobe_bpm *bpm,
					     struct bpm_frame *frame,
					     uint64_t key)
{
	struct bpm_other *other;

	if (frame->offset == (key & PAGE_MASK))
		return &frame->place;
	if (!frame->others)
		return NULL;
	other = gprobe_slots_find(&bpm->others, key, sizeof(*other));
	return other ? &other->place : NULL;
}

static inline struct bpm_place *bpm_place(const struct gprobe_bpm *bpm,
					  uint64_t key)
{
	struct bpm_frame *frame = bpm_frame(bpm, key);

	return frame ? bpm_place_in(bpm, frame, key) : NULL;
}

/* Neither wanted nor in the guest. */
static inline bool bpm_place_is_idle(const struct bpm_place *place)
{
	return !(place->word & (PLACE_HEAD | PLACE_INSTALLED));
}

static inline uint32_t bpm_hint(const struct gprobe_bpm *bpm, uint64_t place)
{
	return gprobe_slots_hash(&bpm->frames, bpm_frame_key(place));
}

/* Have a place's frame ready by the time that it is looked at. */
GPROBE_PREFETCHER bpm_prefetch(const struct gprobe_bpm *bpm, uint32_t hint)
{
	gprobe_slots_prefetch(&bpm->frames, hint);
}

/* Both INT3 and protection are in. */
static inline bool bpm_is_in(const struct gprobe_bpm *bpm, uint64_t key)
{
	struct bpm_frame *frame = bpm_frame(bpm, key);
	const struct bpm_place *place;

	place = frame ? bpm_place_in(bpm, frame, key) : NULL;
	return place && place->word & PLACE_INSTALLED &&
	       !(place->word & PLACE_CHANGED) &&
	       frame->flags & FRAME_MONITORED;
}

/* The only claim of its page of addresses, as most are. */
static inline bool bpm_is_alone(const struct bpm_claim *claim)
{
	return !claim->links[BPM_PAGE].next && !claim->links[BPM_PAGE].prev;
}

static inline uint32_t bpm_next(const struct gprobe_bpm *bpm, uint32_t id,
				enum bpm_list list)
{
	return bpm_claim(bpm, id)->links[list].next;
}

/* bpm_claim.c: the arena and the lists */
int gprobe_bpm_claim_reserve(struct gprobe_bpm *bpm, bool global);
uint32_t gprobe_bpm_claim_add(struct gprobe_bpm *bpm,
			      const struct gprobe_bpm_spec *spec,
			      uint64_t place);
struct bpm_chain *gprobe_bpm_page_find(const struct gprobe_bpm *bpm,
					  uint64_t root, uint64_t gva);
void gprobe_bpm_claim_del(struct gprobe_bpm *bpm, uint32_t id);
uint32_t gprobe_bpm_page_first(const struct gprobe_bpm *bpm, uint64_t root,
			       uint64_t gva);
uint32_t gprobe_bpm_ring_first(const struct gprobe_bpm *bpm, uint64_t gva);
void gprobe_bpm_place_link(struct gprobe_bpm *bpm, uint32_t id);
void gprobe_bpm_place_unlink(struct gprobe_bpm *bpm, uint32_t id,
			     struct bpm_frame *frame);
int gprobe_bpm_place_reserve(struct gprobe_bpm *bpm);
void gprobe_bpm_claims_free(struct gprobe_bpm *bpm);

/* The number of a claim that has left all lists. */
static inline void bpm_number_put(struct gprobe_bpm *bpm, uint32_t id)
{
	struct bpm_claim *claim = bpm_claim(bpm, id);

	claim->root = 0;
	claim->links[BPM_PLACE].next = bpm->free;
	bpm->free = id;
	bpm->pending--;
}

/* bpm_settle.c: the lists and the guest */
void gprobe_bpm_locate(struct gprobe_bpm *bpm, const struct bpm_batch *batch);
int gprobe_bpm_reconcile(struct gprobe_bpm *bpm, const struct bpm_batch *batch);
void gprobe_bpm_tidy(struct gprobe_bpm *bpm, const struct bpm_batch *batch);
int gprobe_bpm_take_out(struct gprobe_bpm *bpm, const struct bpm_batch *batch);
int gprobe_bpm_settle(struct gprobe_bpm *bpm);

/* bpm.c: batches that put claims in */
int gprobe_bpm_batch_alloc(struct gprobe_bpm *bpm, struct bpm_batch *batch,
			   size_t nr);
void gprobe_bpm_batch_free(struct gprobe_bpm *bpm, struct bpm_batch *batch);
int gprobe_bpm_commit(struct gprobe_bpm *bpm, struct bpm_batch *batch, int ret);
int gprobe_bpm_check(uint32_t view, const struct gprobe_context *context);

#endif /* GPROBE_LIB_BPM_H */
