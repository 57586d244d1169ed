// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "map_ops.h"

#include <linux/mm.h>
#include <linux/printk.h>
#include <xen/page.h>
#include <xen/xen.h>
#include <asm/xen/hypercall.h>
#include <asm/xen/page.h>

static int pv_map_alloc(struct gprobe_map *map)
{
	int ret = xen_alloc_unpopulated_pages(1, &map->page);

	if (!ret)
		map->va = page_address(map->page);
	return ret;
}

static void pv_map_free(struct gprobe_map *map)
{
	xen_free_unpopulated_pages(1, &map->page);
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

static const struct gprobe_map_ops pv_map_ops = {
	.alloc = pv_map_alloc,
	.free = pv_map_free,
	.set = pv_map_set,
	.clear = pv_map_clear,
};

/**
 * gprobe_map_ops_choose() - The way of this dom0.
 *
 * Context: Module load.
 * Return: its operations; NULL: none yet for this kind.
 */
const struct gprobe_map_ops *gprobe_map_ops_choose(void)
{
	if (xen_pv_domain())
		return &pv_map_ops;
	pr_err("only a PV dom0 is supported, this one is PVH or HVM\n");
	return NULL;
}
