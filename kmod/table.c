// SPDX-License-Identifier: GPL-2.0
#include "table.h"

#include <linux/mm.h>
#include <linux/slab.h>

#define MIN_BITS 6

/* At most three of four slots used: probe sequences stay short. */
static bool is_full(const struct gprobe_table *table)
{
	return !table->slots || table->used >= (3u << table->bits) / 4;
}

static void put(struct gprobe_table_slot *slots, unsigned int bits, u64 key,
		void *object)
{
	u32 mask = (1u << bits) - 1;
	u32 i = hash_64(key, bits);

	while (slots[i].object)
		i = (i + 1) & mask;
	slots[i].key = key;
	slots[i].object = object;
}

/**
 * gprobe_table_grow_alloc() - Get the memory that the next insert may need.
 * @t: the table; no insert may come between this and its use
 *
 * Context: Process, may sleep; outside the lock that serialises the table.
 * Return: slots for gprobe_table_insert(), which it owns then; NULL when none
 * are needed; ERR_PTR(-ENOMEM).
 */
struct gprobe_table_slot *gprobe_table_grow_alloc(const struct gprobe_table *t)
{
	unsigned int bits = t->slots ? t->bits + 1 : MIN_BITS;
	struct gprobe_table_slot *slots;

	if (!is_full(t))
		return NULL;
	slots = kvcalloc(1u << bits, sizeof(*slots), GFP_KERNEL);
	return slots ?: ERR_PTR(-ENOMEM);
}

/**
 * gprobe_table_insert() - Add an object; it cannot fail.
 * @table: the table
 * @bigger: what gprobe_table_grow_alloc() gave
 * @key: a key that is not in the table
 * @object: not NULL
 *
 * Context: Any; serialised with all else on the table.
 * Return: memory that the caller frees with kvfree(), outside the lock.
 */
struct gprobe_table_slot *gprobe_table_insert(struct gprobe_table *table,
					      struct gprobe_table_slot *bigger,
					      u64 key, void *object)
{
	struct gprobe_table_slot *old = NULL;
	u32 i;

	if (bigger) {
		unsigned int bits = table->slots ? table->bits + 1 : MIN_BITS;

		old = table->slots;
		for (i = 0; old && i < 1u << table->bits; i++)
			if (old[i].object)
				put(bigger, bits, old[i].key, old[i].object);
		table->slots = bigger;
		table->bits = bits;
	}
	put(table->slots, table->bits, key, object);
	table->used++;
	return old;
}

/**
 * gprobe_table_remove() - Take an object out.
 * @table: the table
 * @key: its key; one that is not there changes nothing
 *
 * Later members of the probe sequence move up, so no slot is ever a grave.
 *
 * Context: Any; serialised with all else on the table.
 */
void gprobe_table_remove(struct gprobe_table *table, u64 key)
{
	struct gprobe_table_slot *slots = table->slots;
	u32 i, hole, home, mask;

	if (!slots)
		return;
	mask = (1u << table->bits) - 1;
	for (i = hash_64(key, table->bits); slots[i].key != key;
	     i = (i + 1) & mask)
		if (!slots[i].object)
			return;
	if (!slots[i].object)
		return;
	table->used--;
	hole = i;
	for (i = (i + 1) & mask; slots[i].object; i = (i + 1) & mask) {
		home = hash_64(slots[i].key, table->bits);
		/* Stays if its home lies behind the hole (cyclically). */
		if (((i - home) & mask) < ((i - hole) & mask))
			continue;
		slots[hole] = slots[i];
		hole = i;
	}
	slots[hole].object = NULL;
}

/**
 * gprobe_table_free() - Free the table's memory, not its objects.
 * @table: the table; usable after, and empty
 *
 * Context: Process.
 */
void gprobe_table_free(struct gprobe_table *table)
{
	kvfree(table->slots);
	memset(table, 0, sizeof(*table));
}
