/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From a hash to the first of a chain of objects with one key. The key is only
 * in the objects; the caller knows how to compare.
 * The caller serialises.
 */
#ifndef GPROBE_CHAINS_H
#define GPROBE_CHAINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "slots.h"

/**
 * struct gprobe_chain - slot
 * @hash: of the key
 * @head: number of the first object; 0: free
 * @hint: the caller's own; there before the object is
 */
struct gprobe_chain {
	uint32_t hash;
	uint32_t head;
	uint64_t hint;
};

/**
 * struct gprobe_chains - a table
 * @slots: 1 << @bits of them, or NULL
 * @used: slots with a chain
 * @bits: size
 */
struct gprobe_chains {
	struct gprobe_chain *slots;
	size_t used;
	unsigned int bits;
};

/**
 * gprobe_chains_find() - Look a key up.
 * @chains: the table
 * @hash: of the key
 * @is_it: is this the key's chain? To be told by its first object.
 * @arg: for @is_it
 * @key: for @is_it
 *
 * Return: its slot, valid until the table is changed; or NULL.
 */
static inline __attribute__((always_inline)) struct gprobe_chain *
gprobe_chains_find(const struct gprobe_chains *chains, uint32_t hash,
		   bool (*is_it)(const void *arg,
				 const struct gprobe_chain *chain,
				 const void *key),
		   const void *arg, const void *key)
{
	size_t i, mask = (1ULL << chains->bits) - 1;
	struct gprobe_chain *slots = chains->slots;

	if (!slots)
		return NULL;
	for (i = hash & mask; slots[i].head; i = (i + 1) & mask)
		if (slots[i].hash == hash && is_it(arg, &slots[i], key))
			return &slots[i];
	return NULL;
}

/* The slot at which a search for this hash begins; NULL: there are none. */
static inline const struct gprobe_chain *
gprobe_chains_home(const struct gprobe_chains *chains, uint32_t hash)
{
	return chains->slots ?
		&chains->slots[hash & ((1ULL << chains->bits) - 1)] : NULL;
}

GPROBE_PREFETCHER gprobe_chains_prefetch(const struct gprobe_chains *chains,
					 uint32_t hash)
{
	__builtin_prefetch(gprobe_chains_home(chains, hash));
}

int gprobe_chains_reserve(struct gprobe_chains *chains, size_t more);
struct gprobe_chain *gprobe_chains_add(struct gprobe_chains *chains,
				       uint32_t hash, uint32_t head);
void gprobe_chains_del(struct gprobe_chains *chains,
		       struct gprobe_chain *chain);
void gprobe_chains_free(struct gprobe_chains *chains);

#endif /* GPROBE_CHAINS_H */
