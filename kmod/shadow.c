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

static int place(struct gprobe_shadow_pool *pool, struct gprobe_shadow *shadow,
		 const struct gprobe_xen *xen)
{
	int ret;

	if (shadow->gfn >> GPROBE_GFN_BITS)
		return -ENOSPC;
	ret = gprobe_xen_set_max_pages(xen, pool->max_pages + pool->nr + 1);
	if (ret)
		return ret;
	ret = gprobe_xen_populate(xen, shadow->gfn);
	if (ret)
		goto err_limit;
	ret = gprobe_map_new(&shadow->map, xen->domid, shadow->gfn, true);
	if (ret)
		goto err_depopulate;
	return 0;

err_depopulate:
	gprobe_xen_depopulate(xen, shadow->gfn);
err_limit:
	gprobe_xen_reset_max_pages(xen, pool->max_pages + pool->nr);
	return ret;
}

/* One more frame. The memory limit is read before it is first raised. */
static int grow(struct gprobe_shadow_pool *pool, const struct gprobe_xen *xen)
{
	struct gprobe_shadow *shadow;
	long max_pages;
	int ret;

	if (!pool->nr) {
		ret = find_place(pool, xen);
		if (ret)
			return ret;
		max_pages = gprobe_xen_max_pages(xen);
		if (max_pages < 0)
			return max_pages;
		pool->max_pages = max_pages;
	}
	shadow = kzalloc(sizeof(*shadow), GFP_KERNEL);
	if (!shadow)
		return -ENOMEM;
	shadow->gfn = pool->first_gfn + pool->nr;
	ret = place(pool, shadow, xen);
	if (ret) {
		kfree(shadow);
		return ret;
	}
	list_add(&shadow->all, &pool->all);
	list_add(&shadow->free, &pool->free);
	pool->nr++;
	return 0;
}

/**
 * gprobe_shadow_get() - Borrow a shadow frame.
 * @pool: the pool
 * @xen: the guest
 *
 * Context: Process, control lock held, may sleep.
 * Return: the frame, its content undefined; ERR_PTR: the guest is as before.
 */
struct gprobe_shadow *gprobe_shadow_get(struct gprobe_shadow_pool *pool,
					const struct gprobe_xen *xen)
{
	struct gprobe_shadow *shadow;

	if (list_empty(&pool->free)) {
		int ret = grow(pool, xen);

		if (ret)
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
