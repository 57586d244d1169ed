/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The same work on a hash table of somebody else's: places, frames and pages
 * of addresses, each an object of its own in a table of its own, and claims in
 * plain lists. Whoever includes this has defined struct map, struct map_node,
 * and
 *
 *	map_find(map, key)	the node or NULL; a key is two numbers
 *	map_add(map, node)	whose key is set
 *	map_del(map, node)
 *	map_init(map, nr)	@nr nodes are to come
 *	map_exit(map)
 *	map_free_node(node)	after map_del()
 */
#include <stdlib.h>

#include "contender.h"

struct rival_claim {
	uint64_t key, gva, root, tag, gpa;
	bool active;
	struct rival_claim *next_in_place, *next_in_page;
};

struct place {
	struct map_node node;
	struct rival_claim *first;
};

struct frame {
	struct map_node node;
	uint64_t places;
};

struct page {
	struct map_node node;
	struct rival_claim *first;
};

struct rival {
	struct map places, frames, pages;
};

static void *zeroed(size_t bytes)
{
	void *memory = calloc(1, bytes);

	if (!memory)
		abort();
	return memory;
}

static struct map_key place_key(uint64_t gpa)
{
	return (struct map_key){ BENCH_VIEW, gpa };
}

static struct map_key frame_key(uint64_t gpa)
{
	return (struct map_key){ BENCH_VIEW, gpa >> 12 };
}

static struct map_key page_key(uint64_t root, uint64_t gva)
{
	return (struct map_key){ root, gva >> 12 };
}

static void *rival_new(uint32_t nr)
{
	struct rival *rival = zeroed(sizeof(*rival));

	map_init(&rival->places, nr);
	map_init(&rival->frames, nr);
	map_init(&rival->pages, nr);
	return rival;
}

static void activate(struct rival *rival, struct rival_claim *claim,
		     uint64_t gpa)
{
	const struct map_key key = place_key(gpa), in = frame_key(gpa);
	struct place *place = (struct place *)map_find(&rival->places, &key);
	struct frame *frame;

	if (!place) {
		place = zeroed(sizeof(*place));
		place->node.key = key;
		map_add(&rival->places, &place->node);
		frame = (struct frame *)map_find(&rival->frames, &in);
		if (!frame) {
			frame = zeroed(sizeof(*frame));
			frame->node.key = in;
			map_add(&rival->frames, &frame->node);
		}
		frame->places++;
	}
	claim->gpa = gpa;
	claim->active = true;
	claim->next_in_place = place->first;
	place->first = claim;
}

static void deactivate(struct rival *rival, struct rival_claim *claim)
{
	const struct map_key key = place_key(claim->gpa);
	const struct map_key in = frame_key(claim->gpa);
	struct place *place = (struct place *)map_find(&rival->places, &key);
	struct rival_claim **link = &place->first;
	struct frame *frame;

	while (*link != claim)
		link = &(*link)->next_in_place;
	*link = claim->next_in_place;
	claim->active = false;
	if (place->first)
		return;
	map_del(&rival->places, &place->node);
	map_free_node(&place->node);
	frame = (struct frame *)map_find(&rival->frames, &in);
	if (--frame->places)
		return;
	map_del(&rival->frames, &frame->node);
	map_free_node(&frame->node);
}

static bool rival_insert(void *table, const struct bench_point *point)
{
	const struct map_key key = page_key(point->root, point->gva);
	struct rival *rival = table;
	struct page *page = (struct page *)map_find(&rival->pages, &key);
	struct rival_claim *claim;

	if (!page) {
		page = zeroed(sizeof(*page));
		page->node.key = key;
		map_add(&rival->pages, &page->node);
	}
	for (claim = page->first; claim; claim = claim->next_in_page)
		if (claim->gva == point->gva && claim->key == 1)
			return false;
	claim = zeroed(sizeof(*claim));
	claim->key = 1;
	claim->gva = point->gva;
	claim->root = point->root;
	claim->tag = point->tag;
	claim->next_in_page = page->first;
	page->first = claim;
	activate(rival, claim, point->gpa);
	return true;
}

static uint64_t rival_lookup(void *table, const struct bench_point *point)
{
	const struct map_key key = place_key(point->gpa);
	struct rival *rival = table;
	struct place *place = (struct place *)map_find(&rival->places, &key);
	const struct rival_claim *claim;

	for (claim = place ? place->first : NULL; claim;
	     claim = claim->next_in_place)
		if (claim->root == point->root && claim->gva == point->gva)
			return claim->tag;
	return 0;
}

static bool rival_remove(void *table, const struct bench_point *point)
{
	const struct map_key key = page_key(point->root, point->gva);
	struct rival *rival = table;
	struct page *page = (struct page *)map_find(&rival->pages, &key);
	struct rival_claim **link, *claim;

	if (!page)
		return false;
	for (link = &page->first; (claim = *link);
	     link = &claim->next_in_page)
		if (claim->gva == point->gva && claim->key == 1)
			break;
	if (!claim)
		return false;
	if (claim->active)
		deactivate(rival, claim);
	*link = claim->next_in_page;
	free(claim);
	if (!page->first) {
		map_del(&rival->pages, &page->node);
		map_free_node(&page->node);
	}
	return true;
}

static bool rival_page_out(void *table, const struct bench_point *point)
{
	const struct map_key key = page_key(point->root, point->gva);
	struct rival *rival = table;
	struct page *page = (struct page *)map_find(&rival->pages, &key);
	struct rival_claim *claim;

	if (!page)
		return false;
	for (claim = page->first; claim; claim = claim->next_in_page)
		if (claim->active && claim->gpa >> 12 == point->gpa >> 12)
			deactivate(rival, claim);
	return true;
}

static bool rival_page_in(void *table, const struct bench_point *point)
{
	const struct map_key key = page_key(point->root, point->gva);
	struct rival *rival = table;
	struct page *page = (struct page *)map_find(&rival->pages, &key);
	struct rival_claim *claim;

	if (!page)
		return false;
	for (claim = page->first; claim; claim = claim->next_in_page)
		if (!claim->active)
			activate(rival, claim, (point->gpa & ~0xfffULL) |
					       (claim->gva & 0xfff));
	return true;
}

/* Emptied by those who filled it. */
static void rival_free(void *table)
{
	struct rival *rival = table;

	map_exit(&rival->places);
	map_exit(&rival->frames);
	map_exit(&rival->pages);
	free(rival);
}

#define RIVAL(text) {				\
	.name = text,				\
	.new = rival_new,			\
	.free = rival_free,			\
	.insert = rival_insert,			\
	.lookup = rival_lookup,			\
	.remove = rival_remove,			\
	.page_out = rival_page_out,		\
	.page_in = rival_page_in,		\
}
