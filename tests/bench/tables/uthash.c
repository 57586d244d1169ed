// SPDX-License-Identifier: GPL-2.0
/* On uthash, with the hash function it has by itself. */
#include <uthash.h>

#include <stdint.h>

struct map_key {
	uint64_t a, b;
};

struct map_node {
	struct map_key key;
	UT_hash_handle hh;
};

struct map {
	struct map_node *head;
};

static inline void map_init(struct map *map, uint32_t nr)
{
	(void)nr;
	map->head = NULL;
}

static inline void map_exit(struct map *map)
{
	HASH_CLEAR(hh, map->head);
}

static inline struct map_node *map_find(struct map *map,
					const struct map_key *key)
{
	struct map_node *node;

	HASH_FIND(hh, map->head, key, sizeof(*key), node);
	return node;
}

static inline void map_add(struct map *map, struct map_node *node)
{
	HASH_ADD(hh, map->head, key, sizeof(node->key), node);
}

static inline void map_del(struct map *map, struct map_node *node)
{
	HASH_DEL(map->head, node);
}

#define map_free_node(node) free(node)

#include "rival.h"
#include "rival_watcher.h"

const struct contender contender_uthash = RIVAL("uthash");
const struct watcher watcher_uthash = RIVAL_WATCHER("uthash");
