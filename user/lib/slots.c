// SPDX-License-Identifier: LGPL-2.1-or-later
#include "slots.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>

/* A home is reckoned from 32 bits of the hash. */
#define SIZE_MIN	16u
#define SIZE_MAX_SLOTS	UINT32_MAX

#define HUGE_BYTES	(2u << 20)

/**
 * gprobe_seed_init() - Take fresh random numbers for a hash.
 * @seed: gets them
 */
void gprobe_seed_init(struct gprobe_seed *seed)
{
	struct timespec now;

	if (getrandom(seed, sizeof(*seed), GRND_NONBLOCK) != sizeof(*seed)) {
		/* Too early after boot: less random, and as correct. */
		clock_gettime(CLOCK_MONOTONIC, &now);
		seed->a = gprobe_mix((uintptr_t)seed ^ 0x9e3779b97f4a7c15ULL,
				     now.tv_nsec | 1);
		seed->b = gprobe_mix(seed->a, now.tv_sec | 1ULL << 63);
	}
	/* A multiplier of few bits would not mix. */
	seed->b |= 1ULL << 63 | 1;
}

/**
 * gprobe_table_alloc() - Allocate zeroed memory that is read at random.
 * @bytes: how many
 *
 * What is larger than huge pages gets them where the host allows it: a lookup
 * in a big table then costs a TLB miss less. To be freed with free().
 *
 * Return: the memory or NULL.
 */
void *gprobe_table_alloc(size_t bytes)
{
	void *table = calloc(1, bytes);
	uintptr_t start, end;

	if (!table || bytes < 2 * HUGE_BYTES)
		return table;
	start = ((uintptr_t)table + HUGE_BYTES - 1) & -(uintptr_t)HUGE_BYTES;
	end = ((uintptr_t)table + bytes) & -(uintptr_t)HUGE_BYTES;
	madvise((void *)start, end - start, MADV_HUGEPAGE);
	return table;
}

/**
 * gprobe_slots_init() - Begin an empty table.
 * @slots: the table
 * @bytes: of a slot, with its key
 */
void gprobe_slots_init(struct gprobe_slots *slots, unsigned int bytes)
{
	*slots = (struct gprobe_slots){ .bytes = bytes };
	gprobe_seed_init(&slots->seed);
}

/**
 * gprobe_slots_free() - Free all memory of a table; it is empty then.
 * @slots: the table
 */
void gprobe_slots_free(struct gprobe_slots *slots)
{
	free(slots->base);
	slots->base = NULL;
	slots->used = 0;
	slots->dead = 0;
	slots->size = 0;
}

static char *slot_at(const struct gprobe_slots *slots, size_t i)
{
	return slots->base + i * slots->bytes;
}

static uint64_t key_at(const struct gprobe_slots *slots, size_t i)
{
	return *(uint64_t *)slot_at(slots, i);
}

/* Neither free nor deleted. */
static bool is_used(const struct gprobe_slots *slots, size_t i)
{
	return key_at(slots, i) > GPROBE_SLOT_DELETED;
}

static size_t free_slot(const struct gprobe_slots *slots, uint64_t key)
{
	size_t i = gprobe_slots_home(slots, key);

	while (is_used(slots, i))
		i = gprobe_slots_behind(slots, i);
	return i;
}

static int rebuild(struct gprobe_slots *slots, size_t size)
{
	struct gprobe_slots built = *slots;
	size_t i, to;

	built.size = size;
	built.dead = 0;
	built.base = gprobe_table_alloc(size * slots->bytes);
	if (!built.base)
		return -ENOMEM;
	for (i = 0; i < slots->size; i++) {
		if (!is_used(slots, i))
			continue;
		to = free_slot(&built, key_at(slots, i));
		memcpy(slot_at(&built, to), slot_at(slots, i), slots->bytes);
	}
	free(slots->base);
	*slots = built;
	return 0;
}

/* At most five of eight are not free, so that a search is short. */
static bool is_enough(size_t size, size_t used)
{
	return used * 8 <= size * 5;
}

/**
 * gprobe_slots_reserve() - Make room, so that adding cannot fail.
 * @slots: the table; its slots may move
 * @more: how many keys will be added
 *
 * Return: 0 or -ENOMEM; then the table is as before.
 */
int gprobe_slots_reserve(struct gprobe_slots *slots, size_t more)
{
	size_t used = slots->used + more, size = slots->size;

	if (is_enough(size, used + slots->dead))
		return 0;
	if (used > SIZE_MAX_SLOTS / 2)
		return -ENOMEM;
	/* Growing by half leaves not many free; not growing, not few. */
	if (!is_enough(size, used + used / 2))
		size += size / 2;
	if (!is_enough(size, used))
		size = 2 * used;
	if (size > SIZE_MAX_SLOTS)
		size = SIZE_MAX_SLOTS;
	return rebuild(slots, size < SIZE_MIN ? SIZE_MIN : size);
}

/**
 * gprobe_slots_add() - Add a key for which there is room.
 * @slots: the table
 * @key: 2 or more and, unless it is told apart with gprobe_slots_find_if(), not
 *	in it
 *
 * Return: its slot, zeroed but for the key; valid until gprobe_slots_reserve()
 * or its deletion.
 */
void *gprobe_slots_add(struct gprobe_slots *slots, uint64_t key)
{
	uint64_t *slot = (uint64_t *)slot_at(slots, free_slot(slots, key));

	slots->dead -= *slot == GPROBE_SLOT_DELETED;
	slots->used++;
	*slot = key;
	return slot;
}

/**
 * gprobe_slots_next() - Go through a table to which nothing is added meanwhile.
 * @slots: the table
 * @cursor: 0 at first
 *
 * Return: the next used slot, or NULL.
 */
void *gprobe_slots_next(const struct gprobe_slots *slots, size_t *cursor)
{
	while (*cursor < slots->size)
		if (is_used(slots, (*cursor)++))
			return slot_at(slots, *cursor - 1);
	return NULL;
}

/**
 * gprobe_slots_prune() - Take out all keys that are not needed.
 * @slots: the table
 * @is_idle: is this one not needed?
 */
void gprobe_slots_prune(struct gprobe_slots *slots,
			bool (*is_idle)(const void *slot))
{
	size_t cursor = 0;
	void *slot;

	while ((slot = gprobe_slots_next(slots, &cursor)))
		if (is_idle(slot))
			gprobe_slots_del(slots, slot, slots->bytes);
}
