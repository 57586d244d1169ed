/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From a place in a guest, (view, gfn, offset), to an object: open addressing,
 * one probe sequence over key and pointer side by side, no allocation to look
 * up. The caller serialises everything.
 */
#ifndef GPROBE_TABLE_H
#define GPROBE_TABLE_H

#include <linux/hash.h>
#include <linux/types.h>

struct gprobe_table_slot {
	u64 key;
	void *object;
};

/**
 * struct gprobe_table - the table; zeroed it is empty and can be looked up in
 * @slots: 1 << @bits of them
 * @bits: size
 * @used: slots with an object
 */
struct gprobe_table {
	struct gprobe_table_slot *slots;
	unsigned int bits;
	unsigned int used;
};

/**
 * gprobe_key() - The key of a place: view:12, gfn:40, offset:12.
 * @view: view number, below 4096
 * @gfn: below 1 << 40
 * @offset: below 4096
 *
 * Return: the key. A wider @gfn, which only a hostile ring can hold, gives a
 * key that may be another place's.
 */
static inline u64 gprobe_key(u16 view, u64 gfn, u32 offset)
{
	return (u64)view << 52 | (gfn << 24) >> 12 | offset;
}

/**
 * gprobe_table_find() - Look a place up.
 * @table: the table
 * @key: gprobe_key()
 *
 * Context: Any; the path of a hit.
 * Return: the object or NULL.
 */
static inline void *gprobe_table_find(const struct gprobe_table *table, u64 key)
{
	const struct gprobe_table_slot *slots = table->slots;
	u32 i, mask;

	if (!slots)
		return NULL;
	mask = (1u << table->bits) - 1;
	for (i = hash_64(key, table->bits); slots[i].object; i = (i + 1) & mask)
		if (slots[i].key == key)
			return slots[i].object;
	return NULL;
}

struct gprobe_table_slot *gprobe_table_grow_alloc(const struct gprobe_table *t);
struct gprobe_table_slot *gprobe_table_insert(struct gprobe_table *table,
					      struct gprobe_table_slot *bigger,
					      u64 key, void *object);
void gprobe_table_remove(struct gprobe_table *table, u64 key);
void gprobe_table_free(struct gprobe_table *table);

#endif /* GPROBE_TABLE_H */
