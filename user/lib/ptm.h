/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The page-table monitor from inside.
 *
 * An address has a link for each entry on its way, from the top down; an entry
 * knows the links that lead through it, by the level at which they do; a table
 * knows how many of its entries are watched. All are records of pools, known by
 * their number, so that growing moves nothing that is pointed to.
 *
 * An address whose way has changed is *dirty* until its listener was told. It
 * is then in the list of its owner: the vCPU whose store did it, or the call to
 * gprobe_ptm_monitor() that makes it.
 *
 * Between the calls of the API every entry is guarded, so that stores to it are
 * told, and its value was read after that. Within one, see ptm_settle.c.
 */
#ifndef GPROBE_LIB_PTM_H
#define GPROBE_LIB_PTM_H

#include <gprobe/ptm.h>

#include "slots.h"

#define PTM_LEVELS	4
#define PTM_ENTRIES	512u
#define PTM_NONE	UINT32_MAX

/* So many tables are guarded at once. */
#define PTM_BATCH	128
/* So many events to the listener. */
#define PTM_EVENTS	256

/* No owner; a vCPU's number plus PTM_OWNER_VCPU is one. */
#define PTM_OWNER_NONE		0u
#define PTM_OWNER_MONITOR	1u
#define PTM_OWNER_VCPU		2u

/* Records of one size, in use or in a list of free ones. */
struct ptm_pool {
	char *records;
	uint32_t bytes, nr, max, used, free;
};

struct ptm_link {
	uint32_t entry, prev, next;
};

/**
 * struct ptm_address - an address
 * @next: the next one with the same hash; must be first: the free list
 * @count: how often it was monitored
 * @gva: the guest's virtual address
 * @root_view: its root, and its view in the bits below
 * @tag: the caller's
 * @gpa: as told last
 * @owner: in whose list it is
 * @position: in that list
 * @depth: how many links there are
 * @told_out: its page-out was told, its page-in was not
 * @left: the same, since its place was told last; it may have been let go
 * @failed: its way could not be walked to the end
 * @links: [0] of the top entry
 */
struct ptm_address {
	uint32_t next;
	uint32_t count;
	uint64_t gva;
	uint64_t root_view;
	uint64_t tag;
	uint64_t gpa;
	uint32_t owner;
	uint32_t position;
	uint8_t depth;
	bool told_out;
	bool left;
	bool failed;
	struct ptm_link links[PTM_LEVELS];
};

/**
 * struct ptm_entry - an entry of a table, in one view
 * @table: whose; must be first: the free list
 * @nr_links: how many lead through it
 * @key: view:12, gfn:40, index:9
 * @value: seen last
 * @heads: links by depth: address * PTM_LEVELS + depth
 */
struct ptm_entry {
	uint32_t table;
	uint32_t nr_links;
	uint64_t key;
	uint64_t value;
	uint32_t heads[PTM_LEVELS];
};

/* Of a table's entries: entry n is bit n % 8 of byte n / 8. */
struct ptm_set {
	uint8_t bytes[PTM_ENTRIES / 8];
};

/**
 * struct ptm_table - a page of entries, in one view
 * @next: in the list of those to be released; must be first: the free list
 * @next_fresh: in the list of those to be guarded, for entries that are not
 * @nr_entries: that are watched
 * @key: view:12, gfn:40
 * @map: its content
 * @entries: those that are watched
 * @guarded: stores to these are told; others may be among them
 * @settled: those of @entries whose value was read since they are guarded
 * @held: something of it is guarded
 * @listed: it is in the list of those to be released
 * @fresh: it is in the list of those to be guarded
 */
struct ptm_table {
	uint32_t next;
	uint32_t next_fresh;
	uint32_t nr_entries;
	uint64_t key;
	const uint64_t *map;
	struct ptm_set entries, guarded, settled;
	bool held, listed, fresh;
};

/* Numbers of dirty addresses; PTM_NONE: it has left the list. */
struct ptm_list {
	uint32_t *ids;
	uint32_t nr, max;
};

/* An entry that was stored to. @entry and @depth are only as good as @key. */
struct ptm_mark {
	uint64_t key;
	uint32_t entry;
	uint32_t depth;
};

struct ptm_vcpu {
	struct ptm_list dirty;
	struct ptm_mark *marks;
	uint32_t nr_marks, max_marks;
	struct gprobe_slots marked;
};

/*
 * From a key to a record's number; of an entry, with the number of the address
 * that met it last, to fetch what a store to it will be about.
 */
struct ptm_slot {
	uint64_t key;
	uint32_t id;
	uint32_t address;
};

struct gprobe_ptm {
	struct gprobe_driver driver;
	struct gprobe_access_arbiter *arbiter;
	struct gprobe_ptm_listener listener;
	struct gprobe_seed seed;
	struct ptm_pool addresses, entries, tables;
	struct gprobe_slots address_slots, entry_slots, table_slots;
	uint32_t fresh, to_release, nr_to_release;
	bool watches, to_check, gone;
	uint64_t paged_in;
	struct ptm_vcpu *vcpus;
	uint32_t nr_vcpus;
	struct ptm_list monitored;
	bool processing;
	uint32_t highest_view;
	uint32_t tables_of_view[GPROBE_PTM_VIEW_MAX + 1];
	uint32_t positions[PTM_EVENTS];
	struct gprobe_ptm_event events[PTM_EVENTS];
};

/* --- ptm_pool.c --- */

int ptm_pool_reserve(struct ptm_pool *pool, uint32_t more);
uint32_t ptm_pool_take(struct ptm_pool *pool);
void ptm_pool_give(struct ptm_pool *pool, uint32_t id);
int ptm_list_reserve(struct ptm_list *list, uint32_t more);

static inline struct ptm_address *ptm_address(const struct gprobe_ptm *ptm,
					      uint32_t id)
{
	return (struct ptm_address *)ptm->addresses.records + id;
}

static inline struct ptm_entry *ptm_entry(const struct gprobe_ptm *ptm,
					  uint32_t id)
{
	return (struct ptm_entry *)ptm->entries.records + id;
}

static inline struct ptm_table *ptm_table(const struct gprobe_ptm *ptm,
					  uint32_t id)
{
	return (struct ptm_table *)ptm->tables.records + id;
}

static inline struct ptm_list *ptm_list_of(struct gprobe_ptm *ptm,
					   uint32_t owner)
{
	if (owner == PTM_OWNER_MONITOR)
		return &ptm->monitored;
	return &ptm->vcpus[owner - PTM_OWNER_VCPU].dirty;
}

static inline bool ptm_set_has(const struct ptm_set *set, uint32_t index)
{
	return set->bytes[index / 8] >> index % 8 & 1;
}

static inline void ptm_set_add(struct ptm_set *set, uint32_t index)
{
	set->bytes[index / 8] |= 1u << index % 8;
}

static inline void ptm_set_del(struct ptm_set *set, uint32_t index)
{
	set->bytes[index / 8] &= ~(1u << index % 8);
}

/* --- ptm_way.c: the way of an address through the tables --- */

uint64_t ptm_table_key(uint32_t view, uint64_t gfn);
uint32_t ptm_table_find(const struct gprobe_ptm *ptm, uint64_t key);
uint64_t ptm_entry_key(uint64_t table_key, uint32_t index);
uint32_t ptm_entry_find(const struct gprobe_ptm *ptm, uint64_t key);
/* The same; its record and its address are on their way from memory then. */
uint32_t ptm_entry_fetch(const struct gprobe_ptm *ptm, uint64_t key);
/* What stands in the guest's memory now. */
uint64_t ptm_entry_read(const struct gprobe_ptm *ptm,
			const struct ptm_entry *entry);
/* The highest level at which it is met: 0 the top. */
uint32_t ptm_entry_depth(const struct ptm_entry *entry);
/* Does it map or lead to something else at this depth? */
bool ptm_values_differ(uint32_t depth, uint64_t a, uint64_t b);
/* Where the address is by the values seen last. */
uint64_t ptm_way_gpa(const struct gprobe_ptm *ptm,
		     const struct ptm_address *address);
/* Go as far down as it leads. On failure, how far it came is kept. */
int ptm_way_extend(struct gprobe_ptm *ptm, uint32_t id);
/* Leave the first @depth links. */
void ptm_way_cut(struct gprobe_ptm *ptm, uint32_t id, uint32_t depth);
/* The table's frame is given back, its record too. */
void ptm_table_free(struct gprobe_ptm *ptm, uint32_t id);

/* --- ptm_guard.c --- */

/*
 * Have stores to the tables' entries told; see which are guarded. If tables are
 * @gone, theirs may be not, and that is no failure.
 */
int ptm_guard(struct gprobe_ptm *ptm, const uint32_t *ids, uint32_t nr);
/* Let go of the tables; those that are still held were not. */
int ptm_unguard(struct gprobe_ptm *ptm, const uint32_t *ids, uint32_t nr);

/* --- ptm_settle.c --- */

/* The table has an entry that is not guarded. */
void ptm_table_fresh(struct gprobe_ptm *ptm, uint32_t id);
/* The table has no entries: it goes, what is held of it with ptm_release(). */
void ptm_table_unused(struct gprobe_ptm *ptm, uint32_t id);
void ptm_make_dirty(struct gprobe_ptm *ptm, uint32_t id, uint32_t owner);
void ptm_make_clean(struct gprobe_ptm *ptm, uint32_t id);
/* There is room in the owner's list for all its links. */
void ptm_entry_changed(struct gprobe_ptm *ptm, uint32_t id, uint64_t value,
		       uint32_t owner);
/* Walk all dirty ways to their end and guard what they meet. */
int ptm_settle(struct gprobe_ptm *ptm, uint32_t owner);
int ptm_release(struct gprobe_ptm *ptm);

/* --- ptm_tell.c --- */

void ptm_set_gpa(struct gprobe_ptm *ptm, struct ptm_address *address,
		 uint64_t gpa);
int ptm_tell(struct gprobe_ptm *ptm, uint32_t owner);

/* --- ptm_mark.c --- */

void ptm_vcpu_forget(struct ptm_vcpu *vcpu);
void ptm_vcpus_free(struct gprobe_ptm *ptm);

#endif /* GPROBE_LIB_PTM_H */
