// SPDX-License-Identifier: GPL-2.0
#include "open_calls.h"

#include <stdlib.h>
#include <string.h>

/* A power of two, so that half of it stays free. */
#define NR_SLOTS	(2 * CALLS_MAX)

/* @generation: the table's; else it is free. */
struct slot {
	struct call_key key;
	uint64_t entered_ns;
	uint32_t generation;
};

/**
 * struct open_calls - open addressing, each call at or behind its own slot
 * @slots: NR_SLOTS
 * @nr: calls
 * @generation: of slots that are not free
 */
struct open_calls {
	struct slot *slots;
	uint32_t nr, generation;
};

/**
 * open_calls_new() - Make room for CALLS_MAX calls.
 *
 * Return: for open_calls_free(); NULL: not enough memory.
 */
struct open_calls *open_calls_new(void)
{
	struct open_calls *calls = calloc(1, sizeof(*calls));

	if (!calls)
		return NULL;
	calls->generation = 1;
	calls->slots = calloc(NR_SLOTS, sizeof(*calls->slots));
	if (!calls->slots) {
		free(calls);
		return NULL;
	}
	return calls;
}

/**
 * open_calls_free() - Free it.
 * @calls: or NULL
 */
void open_calls_free(struct open_calls *calls)
{
	if (calls)
		free(calls->slots);
	free(calls);
}

static bool is_free(const struct open_calls *calls, uint32_t index)
{
	return calls->slots[index].generation != calls->generation;
}

static uint32_t behind(uint32_t index)
{
	return (index + 1) % NR_SLOTS;
}

static uint32_t own_slot(const struct call_key *key)
{
	uint64_t hash = key->rsp / sizeof(uint64_t) * 0x9e3779b97f4a7c15ULL;

	hash = (hash ^ key->root / 4096 ^ (uint64_t)key->probe << 40) *
	       0x9e3779b97f4a7c15ULL;
	return (hash >> 32) % NR_SLOTS;
}

/* Where a call is, or would be. */
static uint32_t find(const struct open_calls *calls, const struct call_key *key)
{
	uint32_t index = own_slot(key);

	while (!is_free(calls, index) &&
	       memcmp(&calls->slots[index].key, key, sizeof(*key)))
		index = behind(index);
	return index;
}

/**
 * open_calls_enter() - A function was entered.
 * @calls: where to keep it; when it is full, all others are forgotten
 * @key: the call; one that has the same is gone, however that came
 * @time_ns: when
 */
void open_calls_enter(struct open_calls *calls, const struct call_key *key,
		      uint64_t time_ns)
{
	uint32_t index;

	if (calls->nr == CALLS_MAX)
		open_calls_forget(calls);
	index = find(calls, key);
	calls->nr += is_free(calls, index);
	calls->slots[index] = (struct slot){
		.key = *key, .entered_ns = time_ns,
		.generation = calls->generation,
	};
}

/**
 * open_calls_delay() - A function that was entered goes on only now.
 * @calls: where it is kept
 * @key: the call; one that is not known stays so
 * @time_ns: when it goes on; its duration counts from there
 */
void open_calls_delay(struct open_calls *calls, const struct call_key *key,
		      uint64_t time_ns)
{
	uint32_t index = find(calls, key);

	if (!is_free(calls, index))
		calls->slots[index].entered_ns = time_ns;
}

/* What stands behind it moves up, unless it stands where it belongs. */
static void take_out(struct open_calls *calls, uint32_t hole)
{
	uint32_t index, own;

	for (index = behind(hole); !is_free(calls, index);
	     index = behind(index)) {
		own = own_slot(&calls->slots[index].key);
		if ((index - own) % NR_SLOTS < (index - hole) % NR_SLOTS)
			continue;
		calls->slots[hole] = calls->slots[index];
		hole = index;
	}
	calls->slots[hole].generation = 0;
	calls->nr--;
}

/**
 * open_calls_leave() - A function returns.
 * @calls: where it was kept
 * @key: the call; it is kept no longer
 * @entered_ns: when it was entered
 *
 * Return: false: no such call is known.
 */
bool open_calls_leave(struct open_calls *calls, const struct call_key *key,
		      uint64_t *entered_ns)
{
	uint32_t index = find(calls, key);

	if (is_free(calls, index))
		return false;
	*entered_ns = calls->slots[index].entered_ns;
	take_out(calls, index);
	return true;
}

/**
 * open_calls_forget() - Forget all calls.
 * @calls: as if they were never entered
 */
void open_calls_forget(struct open_calls *calls)
{
	/* Once in four billion times the old ones must truly go. */
	if (!++calls->generation) {
		memset(calls->slots, 0, NR_SLOTS * sizeof(*calls->slots));
		calls->generation = 1;
	}
	calls->nr = 0;
}
