// SPDX-License-Identifier: GPL-2.0
/* A PV dom0: the PTE of a page is pointed at a frame. */
#include "map_ops.h"

#include <linux/mm.h>
#include <xen/page.h>
#include <asm/xen/hypercall.h>
#include <asm/xen/page.h>

#include "hole.h"

static int pv_map_alloc(struct gprobe_map *map)
{
	int ret = gprobe_hole_alloc(&map->page);

	if (!ret)
		map->va = gprobe_hole_address(map->page);
	return ret;
}

static void pv_map_free(struct gprobe_map *map)
{
	gprobe_hole_free(map->page);
}

/* The page's own PTE is pointed at the frame. */
static int pv_map_set(struct gprobe_map *map, domid_t domid, u64 gfn, bool writable)
{
	pgprot_t prot = writable ? PAGE_KERNEL : PAGE_KERNEL_RO;
	struct mmu_update update;
	unsigned int level;
	pte_t *ptep;
	int done;

	ptep = lookup_address((unsigned long)map->va, &level);
	if (!ptep || level != PG_LEVEL_4K)
		return -EFAULT;
	update.ptr = arbitrary_virt_to_machine(ptep).maddr |
		     MMU_NORMAL_PT_UPDATE;
	update.val = pte_val_ma(mfn_pte(gfn, prot));
	return HYPERVISOR_mmu_update(&update, 1, &done, domid);
}

static void pv_map_clear(struct gprobe_map *map)
{
	/* All CPUs: the handler of an event may have run on any. */
	HYPERVISOR_update_va_mapping((unsigned long)map->va, __pte_ma(0),
				     UVMF_INVLPG | UVMF_ALL);
}

const struct gprobe_map_ops gprobe_map_pv_ops = {
	.alloc = pv_map_alloc,
	.free = pv_map_free,
	.set = pv_map_set,
	.clear = pv_map_clear,
};
