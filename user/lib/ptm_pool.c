// SPDX-License-Identifier: LGPL-2.1-or-later
/* Where the page-table monitor keeps its records. */
#include "ptm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST	16u

/* A link's number is four times an address's, and never PTM_NONE. */
#define MOST	(UINT32_MAX / PTM_LEVELS - 1)

static int grow(void **array, uint32_t *max, uint32_t wanted, size_t bytes)
{
	uint32_t size = *max < FIRST ? FIRST : *max;
	void *bigger;

	if (wanted <= *max)
		return 0;
	if (wanted > MOST)
		return -ENOMEM;
	while (size < wanted)
		size = size > MOST / 2 ? MOST : size * 2;
	bigger = gprobe_table_alloc(size * bytes);
	if (!bigger)
		return -ENOMEM;
	if (*max)
		memcpy(bigger, *array, *max * bytes);
	free(*array);
	*array = bigger;
	*max = size;
	return 0;
}

/* Room for @more records; they may move. */
int ptm_pool_reserve(struct ptm_pool *pool, uint32_t more)
{
	uint32_t free = pool->nr - pool->used;

	if (more <= free)
		return 0;
	if (more > MOST || pool->nr > MOST - more)
		return -ENOMEM;
	return grow((void **)&pool->records, &pool->max, pool->nr + more - free,
		    pool->bytes);
}

/* One for which there is room; all zero. */
uint32_t ptm_pool_take(struct ptm_pool *pool)
{
	bool reuse = pool->used < pool->nr;
	uint32_t id = reuse ? pool->free : pool->nr++;
	char *record = pool->records + (size_t)id * pool->bytes;

	if (reuse)
		memcpy(&pool->free, record, sizeof(pool->free));
	memset(record, 0, pool->bytes);
	pool->used++;
	return id;
}

void ptm_pool_give(struct ptm_pool *pool, uint32_t id)
{
	char *record = pool->records + (size_t)id * pool->bytes;

	memset(record, 0, pool->bytes);
	memcpy(record, &pool->free, sizeof(pool->free));
	pool->free = id;
	pool->used--;
}

int ptm_list_reserve(struct ptm_list *list, uint32_t more)
{
	if (more > MOST || list->nr > MOST - more)
		return -ENOMEM;
	return grow((void **)&list->ids, &list->max, list->nr + more,
		    sizeof(*list->ids));
}
