/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Open addressing by a 64-bit key that is never 0: one probe sequence over
 * slots side by side, no allocation to look up or to delete. The hash is
 * keyed with random numbers of each table's own, so that a guest, which has a
 * say in the keys, cannot make them collide. The caller serialises.
 */
#ifndef GPROBE_SLOTS_H
#define GPROBE_SLOTS_H

#include <stddef.h>
#include <stdint.h>

/* The seeds of a hash. */
struct gprobe_seed {
	uint64_t a, b;
};

/**
 * struct gprobe_slots - a table
 * @base: 1 << @bits slots, or NULL; a slot begins with its key, 0: free
 * @seed: of the hash
 * @used: slots with a key
 * @bits: size
 * @bytes: of a slot; a multiple of 8
 */
struct gprobe_slots {
	char *base;
	struct gprobe_seed seed;
	size_t used;
	unsigned int bits;
	unsigned int bytes;
};

/* 64 x 64 bits multiplied, both halves folded into one (as wyhash does). */
static inline uint64_t gprobe_mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)(product >> 64) ^ (uint64_t)product;
}

static inline size_t gprobe_slots_home(const struct gprobe_slots *slots,
				       uint64_t key)
{
	return gprobe_mix(key ^ slots->seed.a, slots->seed.b) &
	       ((1ULL << slots->bits) - 1);
}

/**
 * gprobe_slots_find() - Look a key up.
 * @slots: the table
 * @key: not 0
 * @bytes: of a slot; a constant, so that the compiler knows it
 *
 * Return: its slot, valid until the table is changed; or NULL.
 */
static inline void *gprobe_slots_find(const struct gprobe_slots *slots,
				      uint64_t key, size_t bytes)
{
	size_t i, mask;
	char *slot;

	if (!slots->base)
		return NULL;
	mask = (1ULL << slots->bits) - 1;
	for (i = gprobe_slots_home(slots, key);; i = (i + 1) & mask) {
		slot = slots->base + i * bytes;
		if (*(uint64_t *)slot == key)
			return slot;
		if (!*(uint64_t *)slot)
			return NULL;
	}
}

/*
 * Inlined whatever the compiler thinks of it: gcc takes a function that only
 * prefetches for one without effect, and drops calls of it.
 */
#define GPROBE_PREFETCHER static inline __attribute__((always_inline)) void

/* Have the cache line ready by the time that it is looked at. */
GPROBE_PREFETCHER gprobe_slots_prefetch(const struct gprobe_slots *slots,
					uint64_t key)
{
	if (slots->base)
		__builtin_prefetch(slots->base + gprobe_slots_home(slots, key) *
				   slots->bytes);
}

void gprobe_seed_init(struct gprobe_seed *seed);
void *gprobe_table_alloc(size_t bytes);
void gprobe_slots_init(struct gprobe_slots *slots, unsigned int bytes);
void gprobe_slots_free(struct gprobe_slots *slots);
int gprobe_slots_reserve(struct gprobe_slots *slots, size_t more);
void *gprobe_slots_add(struct gprobe_slots *slots, uint64_t key);
void gprobe_slots_del(struct gprobe_slots *slots, void *slot);
void *gprobe_slots_next(const struct gprobe_slots *slots, size_t *cursor);

#endif /* GPROBE_SLOTS_H */
