/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shadow frames: pages of the guest above its own memory, each mapped into
 * dom0 all the time, lent to probed frames and reused.
 *
 * They are never given back before the views are gone, nor those that could
 * not be mapped: dropping a host frame that lies between remapped ones makes
 * Xen reset views (p2m.c, p2m_altp2m_propagate_change), and dropping any while
 * the guest runs delays answers (see gprobe_domain_pause_settled()).
 */
#ifndef GPROBE_SHADOW_H
#define GPROBE_SHADOW_H

#include <linux/list.h>

#include "map.h"
#include "xen.h"

/**
 * struct gprobe_shadow - one shadow frame
 * @free: in one of the pool's lists while nobody has it
 * @all: in the pool's list of all
 * @gfn: its place in the guest
 * @map: its place in dom0, writable
 */
struct gprobe_shadow {
	struct list_head free;
	struct list_head all;
	u64 gfn;
	struct gprobe_map map;
};

/**
 * struct gprobe_shadow_pool - the shadow frames of a guest
 * @free: not lent
 * @unmapped: not lent, and not mapped into dom0 yet
 * @all: every one
 * @first_gfn: where they begin; 0: not looked for yet
 * @nr: how many there are
 * @lent: how many are lent
 * @max_pages: the guest's memory limit before the first one
 *
 * Changed under the control lock.
 */
struct gprobe_shadow_pool {
	struct list_head free;
	struct list_head unmapped;
	struct list_head all;
	u64 first_gfn;
	u32 nr;
	u32 lent;
	u64 max_pages;
};

/**
 * gprobe_shadow_pool_has() - Is a gfn one of the pool's?
 * @pool: the pool
 * @gfn: the gfn
 *
 * Context: Any; a frame that is just being added may be missed.
 */
static inline bool gprobe_shadow_pool_has(const struct gprobe_shadow_pool *pool,
					  u64 gfn)
{
	return gfn - READ_ONCE(pool->first_gfn) < READ_ONCE(pool->nr);
}

void gprobe_shadow_pool_init(struct gprobe_shadow_pool *pool);
void gprobe_shadow_pool_free(struct gprobe_shadow_pool *pool,
			     const struct gprobe_xen *xen, bool dying);
void gprobe_shadow_reserve(struct gprobe_shadow_pool *pool, unsigned int nr,
			   const struct gprobe_xen *xen);
struct gprobe_shadow *gprobe_shadow_get(struct gprobe_shadow_pool *pool,
					const struct gprobe_xen *xen);
void gprobe_shadow_put(struct gprobe_shadow_pool *pool,
		       struct gprobe_shadow *shadow);

#endif /* GPROBE_SHADOW_H */
