/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Open addressing by a 64-bit key of 2 or more: one probe sequence over slots
 * side by side, no allocation to look up or to delete. A deletion leaves a mark,
 * so it looks at two slots, not at all that lie behind. The hash is keyed with
 * random numbers of each table's own, so that a guest, which has a say in the
 * keys, cannot make them collide. The caller serialises.
 */
#ifndef GPROBE_SLOTS_H
#define GPROBE_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The seeds of a hash. */
struct gprobe_seed {
	uint64_t a, b;
};

#define GPROBE_SLOT_FREE	0u
#define GPROBE_SLOT_DELETED	1u	/* a search goes on behind it */

/**
 * struct gprobe_slots - a table
 * @base: @size slots, or NULL; a slot begins with its key, or GPROBE_SLOT_*
 * @seed: of the hash
 * @used: slots with a key
 * @dead: deleted ones
 * @size: how many there are
 * @bytes: of a slot; a multiple of 8
 */
struct gprobe_slots {
	char *base;
	struct gprobe_seed seed;
	size_t used, dead;
	size_t size;
	unsigned int bytes;
};

/* 64 x 64 bits multiplied, both halves folded into one (as wyhash does). */
static inline uint64_t gprobe_mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)(product >> 64) ^ (uint64_t)product;
}

static inline uint32_t gprobe_slots_hash(const struct gprobe_slots *slots,
					 uint64_t key)
{
	return gprobe_mix(key ^ slots->seed.a, slots->seed.b) >> 32;
}

/*
 * Where the search for a key begins. Homes are in the order of the hashes, so
 * a table that grows is read and written from one end to the other.
 */
static inline size_t gprobe_slots_home(const struct gprobe_slots *slots,
				       uint64_t key)
{
	return (uint64_t)gprobe_slots_hash(slots, key) * slots->size >> 32;
}

static inline size_t gprobe_slots_behind(const struct gprobe_slots *slots,
					 size_t i)
{
	return i + 1 == slots->size ? 0 : i + 1;
}

/**
 * gprobe_slots_find_if() - Look a key up that may be there more than once.
 * @slots: the table
 * @key: 2 or more
 * @bytes: of a slot; a constant, so that the compiler knows it
 * @is_it: is this slot with the key the one? NULL: all are
 * @arg: for @is_it
 * @wanted: for @is_it
 *
 * Return: its slot, valid until the table is changed; or NULL.
 */
static inline __attribute__((always_inline)) void *
gprobe_slots_find_if(const struct gprobe_slots *slots, uint64_t key,
		     size_t bytes,
		     bool (*is_it)(const void *arg, const void *slot,
				   const void *wanted),
		     const void *arg, const void *wanted)
{
	char *slot;
	size_t i;

	if (!slots->base)
		return NULL;
	i = gprobe_slots_home(slots, key);
	slot = slots->base + i * bytes;
	/* Where it goes on if it does: two lines come as fast as one. */
	__builtin_prefetch(slot + 2 * bytes - 1);
	for (;; i = gprobe_slots_behind(slots, i)) {
		slot = slots->base + i * bytes;
		if (*(uint64_t *)slot == key &&
		    (!is_it || is_it(arg, slot, wanted)))
			return slot;
		if (*(uint64_t *)slot == GPROBE_SLOT_FREE)
			return NULL;
	}
}

/**
 * gprobe_slots_find() - Look a key up.
 * @slots: the table
 * @key: 2 or more
 * @bytes: of a slot; a constant, so that the compiler knows it
 *
 * Return: its slot, valid until the table is changed; or NULL.
 */
static inline void *gprobe_slots_find(const struct gprobe_slots *slots,
				      uint64_t key, size_t bytes)
{
	return gprobe_slots_find_if(slots, key, bytes, NULL, NULL, NULL);
}

/**
 * gprobe_slots_del() - Take a key out. No slot moves.
 * @slots: the table
 * @slot: of the key
 * @bytes: of a slot; a constant, so that the compiler knows it
 */
static inline void gprobe_slots_del(struct gprobe_slots *slots, void *slot,
				    size_t bytes)
{
	char *end = slots->base + slots->size * bytes;
	char *behind = (char *)slot + bytes;
	bool last;

	if (behind == end)
		behind = slots->base;
	/* Without a jump: nobody could foretell it. */
	last = *(uint64_t *)behind == GPROBE_SLOT_FREE;
	memset(slot, 0, bytes);
	*(uint64_t *)slot = last ? GPROBE_SLOT_FREE : GPROBE_SLOT_DELETED;
	slots->dead += !last;
	slots->used--;
}

/* What a table takes, in bytes. */
static inline uint64_t gprobe_slots_memory(const struct gprobe_slots *slots)
{
	return (uint64_t)slots->size * slots->bytes;
}

/*
 * Inlined whatever the compiler thinks of it: gcc takes a function that only
 * prefetches for one without effect, and drops calls of it.
 */
#define GPROBE_PREFETCHER static inline __attribute__((always_inline)) void

/*
 * Have the cache line of a key with this hash ready by the time that it is
 * looked at.
 */
GPROBE_PREFETCHER gprobe_slots_prefetch(const struct gprobe_slots *slots,
					uint32_t hash)
{
	const char *slot = slots->base +
		((uint64_t)hash * slots->size >> 32) * slots->bytes;

	__builtin_prefetch(slot);
	__builtin_prefetch(slot + 2 * slots->bytes - 1);
}

void gprobe_seed_init(struct gprobe_seed *seed);
void *gprobe_table_alloc(size_t bytes);
void gprobe_slots_init(struct gprobe_slots *slots, unsigned int bytes);
void gprobe_slots_free(struct gprobe_slots *slots);
int gprobe_slots_reserve(struct gprobe_slots *slots, size_t more);
void *gprobe_slots_add(struct gprobe_slots *slots, uint64_t key);
void *gprobe_slots_next(const struct gprobe_slots *slots, size_t *cursor);
void gprobe_slots_prune(struct gprobe_slots *slots,
			bool (*is_idle)(const void *slot));

#endif /* GPROBE_SLOTS_H */
