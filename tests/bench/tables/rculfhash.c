// SPDX-License-Identifier: GPL-2.0
/*
 * On liburcu's lock-free hash table, with the flavour whose read side needs no
 * call of the kernel; used by one thread, as gprobe's is. It has its full size
 * from the beginning: it would grow in a thread of its own, behind the one
 * that is timed.
 */
#include <urcu/urcu-mb.h>
#include <urcu/rculfhash.h>

#include <stdint.h>
#include <stdlib.h>

struct map_key {
	uint64_t a, b;
};

struct map_node {
	struct map_key key;
	struct cds_lfht_node node;
};

struct map {
	struct cds_lfht *table;
};

static unsigned long hash(const struct map_key *key)
{
	unsigned __int128 product =
		(unsigned __int128)(key->a ^ 0x9e3779b97f4a7c15ULL) *
		(key->b ^ 0xbf58476d1ce4e5b9ULL);

	return (uint64_t)(product >> 64) ^ (uint64_t)product;
}

static int is_it(struct cds_lfht_node *node, const void *key)
{
	const struct map_key *a = key;
	const struct map_key *b =
		&caa_container_of(node, struct map_node, node)->key;

	return a->a == b->a && a->b == b->b;
}

static inline void map_init(struct map *map, uint32_t nr)
{
	unsigned long size = 64;

	static int is_registered;

	if (!is_registered) {
		urcu_mb_register_thread();
		is_registered = 1;
	}
	while (size < nr)
		size *= 2;
	map->table = cds_lfht_new_flavor(size, size, 0, 0, &urcu_mb_flavor,
					 NULL);
}

static inline void map_exit(struct map *map)
{
	cds_lfht_destroy(map->table, NULL);
}

static inline struct map_node *map_find(struct map *map,
					const struct map_key *key)
{
	struct cds_lfht_iter iter;
	struct cds_lfht_node *node;

	urcu_mb_read_lock();
	cds_lfht_lookup(map->table, hash(key), is_it, key, &iter);
	node = cds_lfht_iter_get_node(&iter);
	urcu_mb_read_unlock();
	return node ? caa_container_of(node, struct map_node, node) : NULL;
}

static inline void map_add(struct map *map, struct map_node *node)
{
	cds_lfht_node_init(&node->node);
	urcu_mb_read_lock();
	cds_lfht_add(map->table, hash(&node->key), &node->node);
	urcu_mb_read_unlock();
}

static inline void map_del(struct map *map, struct map_node *node)
{
	urcu_mb_read_lock();
	cds_lfht_del(map->table, &node->node);
	urcu_mb_read_unlock();
}

/* Given back after a grace period, in thousands, so that it costs little. */
#define DEAD	4096

static void *dead[DEAD];
static unsigned int nr_dead;

static inline void map_free_node(struct map_node *node)
{
	dead[nr_dead++] = node;
	if (nr_dead < DEAD)
		return;
	urcu_mb_synchronize_rcu();
	while (nr_dead)
		free(dead[--nr_dead]);
}

#include "rival.h"
#include "rival_watcher.h"

const struct contender contender_rculfhash = RIVAL("rculfhash");
const struct watcher watcher_rculfhash = RIVAL_WATCHER("rculfhash");
