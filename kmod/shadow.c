// SPDX-License-Identifier: GPL-2.0
#include "shadow.h"

#include <linux/err.h>
#include <linux/slab.h>

#include "../include/uapi/linux/gprobe.h"

/* Below this many gfns under the top, an earlier attach's place is found. */
#define REUSE_MAX 4096

/*
 * Above the guest's memory: the highest gfn it ever had, plus one. Shadow
 * frames of an earlier attach have raised that mark and left a hole under it:
 * then the hole is taken, or each attach would climb higher.
 */
static int find_place(struct gprobe_shadow_pool *pool,
		      const struct gprobe_xen *xen)
{
	long top = gprobe_xen_max_gfn(xen);
	long gfn;
	u16 access;
	int ret;

	if (top < 0)
		return top;
	for (gfn = top; gfn > 0 && gfn > top - REUSE_MAX; gfn--) {
		ret = gprobe_xen_view_access(xen, 0, gfn, &access);
		if (!ret)
			break;
		if (ret != -ESRCH)
			return ret;
	}
	pool->first_gfn = gfn + 1;
	return 0;
}

/**
 * gprobe_shadow_pool_init() - Start with no frames.
 * @pool: the pool
 *
 * Context: Process.
 */
void gprobe_shadow_pool_init(struct gprobe_shadow_pool *pool)
{
	memset(pool, 0, sizeof(*pool));
	INIT_LIST_HEAD(&pool->free);
	INIT_LIST_HEAD(&pool->unmapped);
	INIT_LIST_HEAD(&pool->all);
}

/**
 * gprobe_shadow_pool_free() - Take all shadow frames out of the guest.
 * @pool: the pool; nothing is lent and the views are gone
 * @xen: the guest
 * @dying: only our mappings are left to be dropped
 *
 * Context: Process, control lock held.
 */
void gprobe_shadow_pool_free(struct gprobe_shadow_pool *pool,
			     const struct gprobe_xen *xen, bool dying)
{
	struct gprobe_shadow *shadow, *next;

	list_for_each_entry_safe(shadow, next, &pool->all, all) {
		gprobe_map_free(&shadow->map);
		if (!dying)
			gprobe_xen_depopulate(xen, shadow->gfn);
		kfree(shadow);
	}
	if (!dying && pool->nr)
		gprobe_xen_reset_max_pages(xen, pool->max_pages);
	gprobe_shadow_pool_init(pool);
}

static void pages_free(struct list_head *pages)
{
	struct gprobe_shadow *shadow, *next;

	list_for_each_entry_safe(shadow, next, pages, all)
		kfree(shadow);
}

static int pages_alloc(struct list_head *pages, u64 gfn, unsigned int nr)
{
	struct gprobe_shadow *shadow;

	for (; nr--; gfn++) {
		shadow = kzalloc(sizeof(*shadow), GFP_KERNEL);
		if (!shadow) {
			pages_free(pages);
			return -ENOMEM;
		}
		shadow->gfn = gfn;
		list_add_tail(&shadow->all, pages);
	}
	return 0;
}

/* How many were placed, from the first on, or a negative errno. */
static int place(struct gprobe_shadow_pool *pool, unsigned int nr,
		 const struct gprobe_xen *xen)
{
	int ret = gprobe_xen_set_max_pages(xen, pool->max_pages + pool->nr + nr);

	if (ret)
		return ret;
	ret = gprobe_xen_populate(xen, pool->first_gfn + pool->nr, nr);
	if (ret < (int)nr)
		gprobe_xen_reset_max_pages(xen, pool->max_pages + pool->nr +
					   max(ret, 0));
	return ret;
}

/* The memory limit is read before it is first raised. */
static int begin(struct gprobe_shadow_pool *pool, const struct gprobe_xen *xen)
{
	long max_pages;
	int ret = find_place(pool, xen);

	if (ret)
		return ret;
	max_pages = gprobe_xen_max_pages(xen);
	if (max_pages < 0)
		return max_pages;
	pool->max_pages = max_pages;
	return 0;
}

/* More frames, or as many of them as Xen has. */
static int grow(struct gprobe_shadow_pool *pool, unsigned int nr,
		const struct gprobe_xen *xen)
{
	struct gprobe_shadow *shadow, *next;
	LIST_HEAD(pages);
	int ret = pool->nr ? 0 : begin(pool, xen);
	int left;

	if (ret)
		return ret;
	if ((pool->first_gfn + pool->nr + nr - 1) >> GPROBE_GFN_BITS)
		return -ENOSPC;
	ret = pages_alloc(&pages, pool->first_gfn + pool->nr, nr);
	if (ret)
		return ret;
	ret = place(pool, nr, xen);
	left = max(ret, 0);
	WRITE_ONCE(pool->nr, pool->nr + left);
	list_for_each_entry_safe(shadow, next, &pages, all) {
		if (!left--)
			break;
		list_move(&shadow->all, &pool->all);
		list_add(&shadow->free, &pool->unmapped);
	}
	pages_free(&pages);
	return min(ret, 0);
}

static int map_all(struct gprobe_shadow_pool *pool,
		   const struct gprobe_xen *xen)
{
	struct gprobe_shadow *shadow, *next;
	int ret;

	list_for_each_entry_safe(shadow, next, &pool->unmapped, free) {
		ret = gprobe_map_new(&shadow->map, xen->domid, shadow->gfn,
				     true);
		if (ret)
			return ret;
		list_move(&shadow->free, &pool->free);
	}
	return 0;
}

/* That @nr are free, or as many as can be. */
static int refill(struct gprobe_shadow_pool *pool, unsigned int nr,
		  const struct gprobe_xen *xen)
{
	unsigned int nr_free = pool->nr - pool->lent;
	int ret = nr > nr_free ? grow(pool, nr - nr_free, xen) : 0;

	return ret ?: map_all(pool, xen);
}

/**
 * gprobe_shadow_reserve() - Have frames to be borrowed.
 * @pool: the pool
 * @nr: how many are wanted soon, not more than GPROBE_XEN_PAGES_MAX
 * @xen: the guest
 *
 * What it fails to get, gprobe_shadow_get() tries to, one by one.
 *
 * Context: Process, control lock held, may sleep.
 */
void gprobe_shadow_reserve(struct gprobe_shadow_pool *pool, unsigned int nr,
			   const struct gprobe_xen *xen)
{
	refill(pool, nr, xen);
}

/**
 * gprobe_shadow_get() - Borrow a shadow frame.
 * @pool: the pool
 * @xen: the guest
 *
 * Context: Process, control lock held, may sleep.
 * Return: the frame, its content undefined; ERR_PTR: there is none.
 */
struct gprobe_shadow *gprobe_shadow_get(struct gprobe_shadow_pool *pool,
					const struct gprobe_xen *xen)
{
	struct gprobe_shadow *shadow;

	if (list_empty(&pool->free)) {
		int ret = refill(pool, 1, xen);

		if (list_empty(&pool->free))
			return ERR_PTR(ret);
	}
	shadow = list_first_entry(&pool->free, struct gprobe_shadow, free);
	list_del(&shadow->free);
	pool->lent++;
	return shadow;
}

/**
 * gprobe_shadow_put() - Return a borrowed frame.
 * @pool: the pool
 * @shadow: the frame; no view shows it any more
 *
 * Context: Process, control lock held.
 */
void gprobe_shadow_put(struct gprobe_shadow_pool *pool,
		       struct gprobe_shadow *shadow)
{
	list_add(&shadow->free, &pool->free);
	pool->lent--;
}
