// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The way of an address from its root to its page: which entries it meets, and
 * what their values, as seen last, make of it.
 */
#include "ptm.h"

#include <errno.h>

#include <linux/gprobe.h>

#include <gprobe/walk.h>

#define ENTRY_PRESENT	(1ULL << 0)
#define ENTRY_LARGE	(1ULL << 7)
#define ENTRY_ADDRESS	GPROBE_ROOT_MASK

#define INDEX_BITS	9

/* What an entry does at its depth. */
enum sense {
	MAPS_NOTHING,
	LEADS_ON,
	MAPS_PAGE,
};

static unsigned int shift_at(uint32_t depth)
{
	return 12 + INDEX_BITS * (PTM_LEVELS - 1 - depth);
}

static inline enum sense sense_of(uint32_t depth, uint64_t value)
{
	if (!(value & ENTRY_PRESENT))
		return MAPS_NOTHING;
	if (depth == PTM_LEVELS - 1)
		return MAPS_PAGE;
	if (!(value & ENTRY_LARGE))
		return LEADS_ON;
	return depth ? MAPS_PAGE : MAPS_NOTHING;
}

/* What it points to. PAT and reserved bits of a large page are left out. */
static inline uint64_t target_of(uint32_t depth, uint64_t value)
{
	uint64_t below = 0;

	if (sense_of(depth, value) == MAPS_PAGE)
		below = (1ULL << shift_at(depth)) - 1;
	return value & ENTRY_ADDRESS & ~below;
}

bool ptm_values_differ(uint32_t depth, uint64_t a, uint64_t b)
{
	if (sense_of(depth, a) != sense_of(depth, b))
		return true;
	return sense_of(depth, a) != MAPS_NOTHING &&
	       target_of(depth, a) != target_of(depth, b);
}

uint64_t ptm_table_key(uint32_t view, uint64_t gfn)
{
	return (uint64_t)view << GPROBE_GFN_BITS | gfn;
}

uint64_t ptm_entry_key(uint64_t table_key, uint32_t index)
{
	return table_key << INDEX_BITS | index;
}

static uint32_t find(const struct gprobe_slots *slots, uint64_t key)
{
	const struct ptm_slot *slot;

	slot = gprobe_slots_find(slots, key, sizeof(*slot));
	return slot ? slot->id : PTM_NONE;
}

uint32_t ptm_table_find(const struct gprobe_ptm *ptm, uint64_t key)
{
	return find(&ptm->table_slots, key);
}

uint32_t ptm_entry_find(const struct gprobe_ptm *ptm, uint64_t key)
{
	return find(&ptm->entry_slots, key);
}

GPROBE_PREFETCHER fetch(const void *record, size_t bytes)
{
	const char *begin = record;
	size_t at;

	for (at = 0; at < bytes; at += 64)
		__builtin_prefetch(begin + at);
	__builtin_prefetch(begin + bytes - 1);
}

uint32_t ptm_entry_fetch(const struct gprobe_ptm *ptm, uint64_t key)
{
	const struct ptm_slot *slot;

	slot = gprobe_slots_find(&ptm->entry_slots, key, sizeof(*slot));
	if (!slot)
		return PTM_NONE;
	fetch(ptm_entry(ptm, slot->id), sizeof(struct ptm_entry));
	fetch(ptm_address(ptm, slot->address), sizeof(struct ptm_address));
	return slot->id;
}

uint64_t ptm_entry_read(const struct gprobe_ptm *ptm,
			const struct ptm_entry *entry)
{
	const uint64_t *map = ptm_table(ptm, entry->table)->map;

	/* The guest may store while we load: one load, whole. */
	return __atomic_load_n(map + entry->key % PTM_ENTRIES,
			       __ATOMIC_RELAXED);
}

uint32_t ptm_entry_depth(const struct ptm_entry *entry)
{
	uint32_t depth;

	for (depth = 0; depth < PTM_LEVELS - 1; depth++)
		if (entry->heads[depth] != PTM_NONE)
			break;
	return depth;
}

static const struct ptm_entry *last_entry(const struct gprobe_ptm *ptm,
					  const struct ptm_address *address)
{
	return ptm_entry(ptm, address->links[address->depth - 1].entry);
}

uint64_t ptm_way_gpa(const struct gprobe_ptm *ptm,
		     const struct ptm_address *address)
{
	uint32_t depth = address->depth - 1;
	uint64_t value, offset;

	if (!address->depth)
		return GPROBE_PTM_NO_GPA;
	value = last_entry(ptm, address)->value;
	if (sense_of(depth, value) != MAPS_PAGE)
		return GPROBE_PTM_NO_GPA;
	offset = address->gva & ((1ULL << shift_at(depth)) - 1);
	return target_of(depth, value) | offset;
}

/* The table that the address meets next, if there is one. */
static bool next_table(const struct gprobe_ptm *ptm,
		       const struct ptm_address *address, uint64_t *gfn)
{
	uint64_t table = address->root_view, value;
	uint32_t depth = address->depth - 1;

	if (address->depth) {
		value = last_entry(ptm, address)->value;
		if (sense_of(depth, value) != LEADS_ON)
			return false;
		table = value;
	}
	*gfn = (table & ENTRY_ADDRESS) / GPROBE_PAGE_SIZE;
	return true;
}

/* So that one way can be walked without running out of memory. */
static int reserve(struct gprobe_ptm *ptm)
{
	int ret;

	ret = ptm_pool_reserve(&ptm->entries, PTM_LEVELS);
	if (ret)
		return ret;
	ret = ptm_pool_reserve(&ptm->tables, PTM_LEVELS);
	if (ret)
		return ret;
	ret = gprobe_slots_reserve(&ptm->entry_slots, PTM_LEVELS);
	if (ret)
		return ret;
	return gprobe_slots_reserve(&ptm->table_slots, PTM_LEVELS);
}

static int table_get(struct gprobe_ptm *ptm, uint32_t view, uint64_t gfn,
		     uint32_t *id)
{
	const struct gprobe_driver *driver = &ptm->driver;
	uint64_t key = ptm_table_key(view, gfn);
	struct ptm_table *table;
	struct ptm_slot *slot;
	const void *map;
	int ret;

	*id = ptm_table_find(ptm, key);
	if (*id != PTM_NONE)
		return 0;
	ret = driver->ops->frame_get(driver->arg, &gfn, 1, &map);
	if (ret)
		return ret;
	*id = ptm_pool_take(&ptm->tables);
	table = ptm_table(ptm, *id);
	table->key = key;
	table->map = map;
	slot = gprobe_slots_add(&ptm->table_slots, key);
	slot->id = *id;
	ptm->tables_of_view[view]++;
	if (view > ptm->highest_view)
		ptm->highest_view = view;
	return 0;
}

void ptm_table_free(struct gprobe_ptm *ptm, uint32_t id)
{
	const struct gprobe_driver *driver = &ptm->driver;
	struct ptm_table *table = ptm_table(ptm, id);
	uint64_t gfn = table->key & ((1ULL << GPROBE_GFN_BITS) - 1);

	driver->ops->frame_put(driver->arg, gfn, table->map);
	ptm->tables_of_view[table->key >> GPROBE_GFN_BITS]--;
	gprobe_slots_del(&ptm->table_slots,
			 gprobe_slots_find(&ptm->table_slots, table->key,
					   sizeof(struct ptm_slot)),
			 sizeof(struct ptm_slot));
	ptm_pool_give(&ptm->tables, id);
}

/* For an address that meets it. */
static uint32_t entry_get(struct gprobe_ptm *ptm, uint32_t table,
			  uint32_t index, uint32_t address)
{
	struct ptm_table *in = ptm_table(ptm, table);
	uint64_t key = ptm_entry_key(in->key, index);
	struct ptm_entry *entry;
	struct ptm_slot *slot;
	uint32_t id, depth;

	slot = gprobe_slots_find(&ptm->entry_slots, key, sizeof(*slot));
	if (slot) {
		slot->address = address;
		return slot->id;
	}
	id = ptm_pool_take(&ptm->entries);
	entry = ptm_entry(ptm, id);
	entry->table = table;
	entry->key = key;
	for (depth = 0; depth < PTM_LEVELS; depth++)
		entry->heads[depth] = PTM_NONE;
	entry->value = ptm_entry_read(ptm, entry);
	slot = gprobe_slots_add(&ptm->entry_slots, key);
	slot->id = id;
	slot->address = address;
	in->nr_entries++;
	ptm_set_add(&in->entries, index);
	if (ptm_set_has(&in->guarded, index))
		ptm_set_add(&in->settled, index);
	else
		ptm_table_fresh(ptm, table);
	return id;
}

/* Nobody goes through it any more. */
static void entry_free(struct gprobe_ptm *ptm, uint32_t id)
{
	struct ptm_entry *entry = ptm_entry(ptm, id);
	uint32_t in = entry->table;
	struct ptm_table *table = ptm_table(ptm, in);

	ptm_set_del(&table->entries, entry->key % PTM_ENTRIES);
	ptm_set_del(&table->settled, entry->key % PTM_ENTRIES);
	gprobe_slots_del(&ptm->entry_slots,
			 gprobe_slots_find(&ptm->entry_slots, entry->key,
					   sizeof(struct ptm_slot)),
			 sizeof(struct ptm_slot));
	ptm_pool_give(&ptm->entries, id);
	/* A fresh one goes with ptm_settle(). */
	if (!--table->nr_entries && !table->fresh)
		ptm_table_unused(ptm, in);
}

static struct ptm_link *link_at(const struct gprobe_ptm *ptm, uint32_t number)
{
	return &ptm_address(ptm, number / PTM_LEVELS)->links[number %
							     PTM_LEVELS];
}

static void link_add(struct gprobe_ptm *ptm, uint32_t id, uint32_t entry_id)
{
	struct ptm_address *address = ptm_address(ptm, id);
	struct ptm_entry *entry = ptm_entry(ptm, entry_id);
	uint32_t depth = address->depth++, number = id * PTM_LEVELS + depth;
	struct ptm_link *link = &address->links[depth];

	link->entry = entry_id;
	link->prev = PTM_NONE;
	link->next = entry->heads[depth];
	if (link->next != PTM_NONE)
		link_at(ptm, link->next)->prev = number;
	entry->heads[depth] = number;
	entry->nr_links++;
}

static void link_del(struct gprobe_ptm *ptm, struct ptm_address *address)
{
	uint32_t depth = --address->depth;
	struct ptm_link *link = &address->links[depth];
	struct ptm_entry *entry = ptm_entry(ptm, link->entry);

	if (link->next != PTM_NONE)
		link_at(ptm, link->next)->prev = link->prev;
	if (link->prev != PTM_NONE)
		link_at(ptm, link->prev)->next = link->next;
	else
		entry->heads[depth] = link->next;
	if (!--entry->nr_links)
		entry_free(ptm, link->entry);
}

int ptm_way_extend(struct gprobe_ptm *ptm, uint32_t id)
{
	struct ptm_address *address = ptm_address(ptm, id);
	uint32_t view = address->root_view % GPROBE_PAGE_SIZE, index, table;
	uint64_t gfn;
	int ret;

	while (next_table(ptm, address, &gfn)) {
		ret = reserve(ptm);
		if (!ret)
			ret = table_get(ptm, view, gfn, &table);
		/* What the guest does not have maps nothing. */
		if (ret == -ENXIO && address->depth)
			return 0;
		if (ret)
			return ret;
		index = address->gva >> shift_at(address->depth) &
			(PTM_ENTRIES - 1);
		link_add(ptm, id, entry_get(ptm, table, index, id));
	}
	return 0;
}

void ptm_way_cut(struct gprobe_ptm *ptm, uint32_t id, uint32_t depth)
{
	struct ptm_address *address = ptm_address(ptm, id);

	while (address->depth > depth)
		link_del(ptm, address);
}
