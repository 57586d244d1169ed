// SPDX-License-Identifier: GPL-2.0
/*
 * A PVH dom0: Xen translates its addresses too, so what a page shows is changed
 * there, and not in a PTE.
 */
#include "map_ops.h"

#include <linux/mm.h>
#include <xen/interface/memory.h>
#include <xen/page.h>

#include "hole.h"
#include "hypercall.h"

static int auto_map_alloc(struct gprobe_map *map)
{
	return gprobe_hole_alloc(&map->page);
}

static void auto_map_free(struct gprobe_map *map)
{
	gprobe_hole_free(map->page);
}

/*
 * The page is writable whatever is asked for: Xen knows no foreign mapping that
 * is not.
 */
static int auto_map_set(struct gprobe_map *map, domid_t domid, u64 gfn,
			bool writable)
{
	xen_ulong_t idx = gfn;
	xen_pfn_t own_gfn = page_to_pfn(map->page);
	int err = 0;
	struct xen_add_to_physmap_range op = {
		.domid = DOMID_SELF,
		.space = XENMAPSPACE_gmfn_foreign,
		.size = 1,
		.foreign_domid = domid,
	};
	int ret;

	set_xen_guest_handle(op.idxs, &idx);
	set_xen_guest_handle(op.gpfns, &own_gfn);
	set_xen_guest_handle(op.errs, &err);
	ret = gprobe_hypercall_memory(XENMEM_add_to_physmap_range, &op);
	if (!ret)
		ret = err;
	if (!ret)
		map->va = gprobe_hole_address(map->page);
	return ret;
}

static void auto_map_clear(struct gprobe_map *map)
{
	struct xen_remove_from_physmap op = {
		.domid = DOMID_SELF,
		.gpfn = page_to_pfn(map->page),
	};

	map->va = NULL;
	gprobe_hypercall_memory(XENMEM_remove_from_physmap, &op);
}

const struct gprobe_map_ops gprobe_map_auto_ops = {
	.alloc = auto_map_alloc,
	.free = auto_map_free,
	.set = auto_map_set,
	.clear = auto_map_clear,
};
