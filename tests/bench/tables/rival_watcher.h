/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The page-table monitor's work on a hash table of somebody else's: addresses,
 * entries and tables, each an object of its own in a table of its own, and what
 * leads through an entry in plain lists. After rival.h. Stores to last entries
 * are all that it knows to follow.
 */
#include "watcher.h"

struct watched_address;

struct watched_link {
	struct watched_link *next, **at;
	struct watched_address *address;
	struct watched_entry *entry;
};

struct watched_table {
	struct map_node node;
	const uint64_t *map;
	uint32_t entries;
};

struct watched_entry {
	struct map_node node;
	struct watched_table *table;
	uint64_t value;
	struct watched_link *first;
};

struct watched_address {
	struct map_node node;
	uint64_t gpa;
	uint32_t count;
	struct watched_link links[BENCH_LEVELS];
};

struct rival_watcher {
	const struct bench_guest *guest;
	struct map addresses, entries, tables;
	struct watched_entry *marked;
	uint32_t told;
};

static struct map_key address_key(const struct bench_way *way)
{
	return (struct map_key){ way->root | BENCH_VIEW, way->gva };
}

static struct map_key entry_key(uint64_t gpa)
{
	return (struct map_key){ BENCH_VIEW, gpa >> 3 };
}

static void *watcher_new(const struct bench_guest *guest, uint32_t nr)
{
	struct rival_watcher *watcher = zeroed(sizeof(*watcher));

	watcher->guest = guest;
	map_init(&watcher->addresses, nr);
	map_init(&watcher->entries, nr);
	map_init(&watcher->tables, guest->nr);
	return watcher;
}

static struct watched_table *table_get(struct rival_watcher *watcher,
				       uint64_t gfn)
{
	const struct map_key key = { BENCH_VIEW, gfn };
	struct watched_table *table;

	table = (struct watched_table *)map_find(&watcher->tables, &key);
	if (table)
		return table;
	table = zeroed(sizeof(*table));
	table->node.key = key;
	table->map = watcher->guest->memory + gfn * 512;
	map_add(&watcher->tables, &table->node);
	return table;
}

static struct watched_entry *entry_get(struct rival_watcher *watcher,
				       uint64_t gpa)
{
	const struct map_key key = entry_key(gpa);
	struct watched_entry *entry;

	entry = (struct watched_entry *)map_find(&watcher->entries, &key);
	if (entry)
		return entry;
	entry = zeroed(sizeof(*entry));
	entry->node.key = key;
	entry->table = table_get(watcher, gpa >> 12);
	entry->table->entries++;
	entry->value = entry->table->map[gpa % 4096 / 8];
	map_add(&watcher->entries, &entry->node);
	return entry;
}

static void entry_put(struct rival_watcher *watcher,
		      struct watched_entry *entry)
{
	struct watched_table *table = entry->table;

	map_del(&watcher->entries, &entry->node);
	map_free_node(&entry->node);
	if (--table->entries)
		return;
	map_del(&watcher->tables, &table->node);
	map_free_node(&table->node);
}

static void link_to(struct watched_link *link, struct watched_entry *entry)
{
	link->entry = entry;
	link->next = entry->first;
	link->at = &entry->first;
	if (link->next)
		link->next->at = &link->next;
	entry->first = link;
}

static bool watcher_monitor(void *arg, const struct bench_way *way)
{
	const struct map_key key = address_key(way);
	struct rival_watcher *watcher = arg;
	struct watched_address *address;
	uint64_t table = way->root;
	struct watched_entry *entry;
	unsigned int i;

	address = (struct watched_address *)map_find(&watcher->addresses, &key);
	if (address) {
		address->count++;
		return true;
	}
	address = zeroed(sizeof(*address));
	address->node.key = key;
	address->count = 1;
	for (i = 0; i < BENCH_LEVELS; i++) {
		entry = entry_get(watcher, table +
				  (way->gva >> (39 - 9 * i) & 511) * 8);
		address->links[i].address = address;
		link_to(&address->links[i], entry);
		table = entry->value & BENCH_ADDRESS;
	}
	address->gpa = table | (way->gva & 4095);
	map_add(&watcher->addresses, &address->node);
	return true;
}

static void follow(struct rival_watcher *watcher, struct watched_entry *entry)
{
	uint64_t value = entry->table->map[entry->node.key.b % 512];
	struct watched_link *link;

	if (value == entry->value)
		return;
	for (link = entry->first; link; link = link->next) {
		if (link != &link->address->links[BENCH_LEVELS - 1])
			abort();
		watcher->told += (entry->value & 1) + (value & 1);
		link->address->gpa = (value & BENCH_ADDRESS) |
				     (link->address->node.key.b & 4095);
	}
	entry->value = value;
}

static uint32_t watcher_store(void *arg, uint64_t entry_gpa)
{
	const struct map_key key = entry_key(entry_gpa);
	struct rival_watcher *watcher = arg;

	watcher->told = 0;
	watcher->marked = (struct watched_entry *)map_find(&watcher->entries,
							   &key);
	if (watcher->marked)
		follow(watcher, watcher->marked);
	return watcher->told;
}

static bool watcher_unmonitor(void *arg, const struct bench_way *way)
{
	const struct map_key key = address_key(way);
	struct rival_watcher *watcher = arg;
	struct watched_address *address;
	struct watched_link *link;
	unsigned int i;

	address = (struct watched_address *)map_find(&watcher->addresses, &key);
	if (!address)
		return false;
	if (--address->count)
		return true;
	for (i = BENCH_LEVELS; i--;) {
		link = &address->links[i];
		*link->at = link->next;
		if (link->next)
			link->next->at = link->at;
		if (!link->entry->first)
			entry_put(watcher, link->entry);
	}
	map_del(&watcher->addresses, &address->node);
	map_free_node(&address->node);
	return true;
}

static void watcher_free(void *arg)
{
	struct rival_watcher *watcher = arg;

	map_exit(&watcher->addresses);
	map_exit(&watcher->entries);
	map_exit(&watcher->tables);
	free(watcher);
}

#define RIVAL_WATCHER(text) {			\
	.name = text,				\
	.new = watcher_new,			\
	.free = watcher_free,			\
	.monitor = watcher_monitor,		\
	.store = watcher_store,			\
	.unmonitor = watcher_unmonitor,		\
}
