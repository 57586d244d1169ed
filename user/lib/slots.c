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

static size_t free_slot(const struct gprobe_slots *slots, uint64_t key)
{
	size_t i = gprobe_slots_home(slots, key);

	while (key_at(slots, i))
		i = gprobe_slots_behind(slots, i);
	return i;
}

static int grow(struct gprobe_slots *slots, size_t size)
{
	struct gprobe_slots bigger = *slots;
	size_t i, to;

	bigger.size = size;
	bigger.base = gprobe_table_alloc(size * slots->bytes);
	if (!bigger.base)
		return -ENOMEM;
	for (i = 0; i < slots->size; i++) {
		if (!key_at(slots, i))
			continue;
		to = free_slot(&bigger, key_at(slots, i));
		memcpy(slot_at(&bigger, to), slot_at(slots, i), slots->bytes);
	}
	free(slots->base);
	*slots = bigger;
	return 0;
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
	size_t size = slots->size + slots->size / 2;
	size_t used = slots->used + more;

	/* At most five of eight are used, so a probe is short. */
	if (used * 8 <= slots->size * 5)
		return 0;
	/* Growing by half leaves not many fewer than that. */
	if (used > SIZE_MAX_SLOTS / 2)
		return -ENOMEM;
	if (size < used * 2)
		size = used * 2;
	if (size > SIZE_MAX_SLOTS)
		size = SIZE_MAX_SLOTS;
	return grow(slots, size < SIZE_MIN ? SIZE_MIN : size);
}

/**
 * gprobe_slots_add() - Add a key for which there is room.
 * @slots: the table
 * @key: not 0 and, unless it is told apart with gprobe_slots_find_if(), not
 *	in it
 *
 * Return: its slot, zeroed but for the key; valid until the next change.
 */
void *gprobe_slots_add(struct gprobe_slots *slots, uint64_t key)
{
	char *slot = slot_at(slots, free_slot(slots, key));

	*(uint64_t *)slot = key;
	slots->used++;
	return slot;
}

/* Have the compiler know the size of a slot. */
static inline __attribute__((always_inline)) void
del(struct gprobe_slots *slots, size_t hole, size_t bytes)
{
	size_t i = hole, home, gap = 0;
	uint64_t key;

	/* What lies behind the hole moves up, unless that is before its home. */
	for (;;) {
		i = gprobe_slots_behind(slots, i);
		gap++;
		key = *(uint64_t *)(slots->base + i * bytes);
		if (!key)
			break;
		home = gprobe_slots_home(slots, key);
		if (i - home + (home > i ? slots->size : 0) < gap)
			continue;
		memcpy(slots->base + hole * bytes, slots->base + i * bytes,
		       bytes);
		hole = i;
		gap = 0;
	}
	memset(slots->base + hole * bytes, 0, bytes);
	slots->used--;
}

/**
 * gprobe_slots_del() - Take a key out.
 * @slots: the table; its slots may move
 * @slot: of the key
 */
void gprobe_slots_del(struct gprobe_slots *slots, void *slot)
{
	size_t at = (char *)slot - slots->base;

	switch (slots->bytes) {
	case 16:
		del(slots, at / 16, 16);
		break;
	case 24:
		del(slots, at / 24, 24);
		break;
	default:
		del(slots, at / slots->bytes, slots->bytes);
	}
}

/**
 * gprobe_slots_next() - Go through a table that is not changed meanwhile.
 * @slots: the table
 * @cursor: 0 at first
 *
 * Return: the next used slot, or NULL.
 */
void *gprobe_slots_next(const struct gprobe_slots *slots, size_t *cursor)
{
	while (*cursor < slots->size)
		if (key_at(slots, (*cursor)++))
			return slot_at(slots, *cursor - 1);
	return NULL;
}

/**
 * gprobe_slots_prune() - Take out all keys that are not needed.
 * @slots: the table; its slots may move
 * @is_idle: is this one not needed?
 */
void gprobe_slots_prune(struct gprobe_slots *slots,
			bool (*is_idle)(const void *slot))
{
	size_t cursor = 0;
	void *slot;

	while ((slot = gprobe_slots_next(slots, &cursor)))
		if (is_idle(slot)) {
			gprobe_slots_del(slots, slot);
			/* Another may be here now; none goes further back. */
			cursor--;
		}
}
