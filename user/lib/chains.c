// SPDX-License-Identifier: LGPL-2.1-or-later
#include "chains.h"

#include <errno.h>
#include <stdlib.h>

#define BITS_MIN	4
/* A slot's home is in its 32-bit hash. */
#define BITS_MAX	32

static struct gprobe_chain *free_slot(struct gprobe_chain *slots,
				      unsigned int bits, uint32_t hash)
{
	size_t i, mask = (1ULL << bits) - 1;

	for (i = hash & mask; slots[i].head; i = (i + 1) & mask)
		;
	return &slots[i];
}

static int grow(struct gprobe_chains *chains, unsigned int bits)
{
	size_t i, size = chains->slots ? 1ULL << chains->bits : 0;
	struct gprobe_chain *bigger;

	bigger = gprobe_table_alloc(sizeof(*bigger) << bits);
	if (!bigger)
		return -ENOMEM;
	for (i = 0; i < size; i++)
		if (chains->slots[i].head)
			*free_slot(bigger, bits, chains->slots[i].hash) =
				chains->slots[i];
	free(chains->slots);
	chains->slots = bigger;
	chains->bits = bits;
	return 0;
}

/**
 * gprobe_chains_reserve() - Make room, so that adding cannot fail.
 * @chains: the table; its slots may move
 * @more: how many chains will be added
 *
 * Return: 0 or -ENOMEM; then the table is as before.
 */
int gprobe_chains_reserve(struct gprobe_chains *chains, size_t more)
{
	unsigned int bits = chains->slots ? chains->bits : BITS_MIN;

	while ((chains->used + more) * 4 > 3ULL << bits) {
		if (bits == BITS_MAX)
			return -ENOMEM;
		bits++;
	}
	return chains->slots && bits == chains->bits ? 0 : grow(chains, bits);
}

/**
 * gprobe_chains_add() - Add a chain for which there is room.
 * @chains: the table
 * @hash: of its key, which has no chain yet
 * @head: its first object, not 0
 *
 * Return: its slot, valid until the next change.
 */
struct gprobe_chain *gprobe_chains_add(struct gprobe_chains *chains,
				       uint32_t hash, uint32_t head)
{
	struct gprobe_chain *chain = free_slot(chains->slots, chains->bits,
					       hash);

	*chain = (struct gprobe_chain){ .hash = hash, .head = head };
	chains->used++;
	return chain;
}

/**
 * gprobe_chains_del() - Take a chain out.
 * @chains: the table; its slots may move
 * @chain: its slot
 */
void gprobe_chains_del(struct gprobe_chains *chains, struct gprobe_chain *chain)
{
	size_t mask = (1ULL << chains->bits) - 1;
	struct gprobe_chain *slots = chains->slots;
	size_t hole = chain - slots, i = hole;

	/* What lies behind the hole moves up, unless that is before its home. */
	for (i = (i + 1) & mask; slots[i].head; i = (i + 1) & mask) {
		if (((i - slots[i].hash) & mask) < ((i - hole) & mask))
			continue;
		slots[hole] = slots[i];
		hole = i;
	}
	slots[hole] = (struct gprobe_chain){ 0 };
	chains->used--;
}

/**
 * gprobe_chains_free() - Free all memory of a table; it is empty then.
 * @chains: the table
 */
void gprobe_chains_free(struct gprobe_chains *chains)
{
	free(chains->slots);
	*chains = (struct gprobe_chains){ 0 };
}
