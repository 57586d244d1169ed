// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "map.h"

#include <linux/mm.h>
#include <linux/printk.h>
#include <xen/page.h>
#include <xen/xen.h>
#include <asm/xen/hypercall.h>
#include <asm/xen/page.h>

#include "fault.h"

/**
 * struct gprobe_map_ops - how this kind of dom0 maps a foreign frame
 * @set: show a guest's gfn at the map's page; only hypercalls, any context
 * @clear: show nothing there; as @set
 */
struct gprobe_map_ops {
	int (*set)(struct gprobe_map *map, domid_t domid, u64 gfn,
		   bool writable);
	void (*clear)(struct gprobe_map *map);
};

static const struct gprobe_map_ops *map_ops;

/* PV: the page's own PTE is pointed at the frame. */
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
	.set = pv_map_set,
	.clear = pv_map_clear,
};

/**
 * gprobe_map_init() - Choose the way of this dom0.
 *
 * Context: Module load.
 * Return: 0; -EOPNOTSUPP this kind of dom0 has none yet.
 */
int gprobe_map_init(void)
{
	if (!xen_pv_domain()) {
		pr_err("only a PV dom0 is supported, this one is PVH or HVM\n");
		return -EOPNOTSUPP;
	}
	map_ops = &pv_map_ops;
	return 0;
}

/**
 * gprobe_map_alloc() - Get a page to map frames at.
 * @map: zeroed
 *
 * Context: Process, may sleep.
 * Return: 0 or -ENOMEM.
 */
int gprobe_map_alloc(struct gprobe_map *map)
{
	int ret = gprobe_fault() ? -ENOMEM :
		  xen_alloc_unpopulated_pages(1, &map->page);

	if (ret) {
		map->page = NULL;
		return ret;
	}
	map->va = page_address(map->page);
	map->set = false;
	return 0;
}

/**
 * gprobe_map_free() - Unmap what is there and return the page.
 * @map: allocated, or zeroed: then nothing happens
 *
 * Context: Process, may sleep.
 */
void gprobe_map_free(struct gprobe_map *map)
{
	if (!map->page)
		return;
	gprobe_map_clear(map);
	xen_free_unpopulated_pages(1, &map->page);
	map->page = NULL;
}

/**
 * gprobe_map_set() - Map a guest's frame.
 * @map: allocated, showing nothing
 * @domid: the guest
 * @gfn: the frame; it stays alive while mapped
 * @writable: else read-only
 *
 * Context: Any.
 * Return: 0; -ENXIO there is no memory at that gfn.
 */
int gprobe_map_set(struct gprobe_map *map, domid_t domid, u64 gfn,
		   bool writable)
{
	int ret = gprobe_fault() ? -EIO :
		  map_ops->set(map, domid, gfn, writable);

	if (ret == -EINVAL || ret == -ENOENT || ret == -ESRCH)
		return -ENXIO;
	map->set = !ret;
	return ret;
}

/**
 * gprobe_map_clear() - Unmap what gprobe_map_set() mapped.
 * @map: allocated
 *
 * Context: Any.
 */
void gprobe_map_clear(struct gprobe_map *map)
{
	if (!map->set)
		return;
	map_ops->clear(map);
	map->set = false;
}

/**
 * gprobe_map_new() - gprobe_map_alloc() and gprobe_map_set() in one.
 * @map: zeroed
 * @domid: the guest
 * @gfn: the frame
 * @writable: else read-only
 *
 * Context: Process, may sleep.
 * Return: 0, -ENXIO or -ENOMEM; then @map is as it was.
 */
int gprobe_map_new(struct gprobe_map *map, domid_t domid, u64 gfn,
		   bool writable)
{
	int ret = gprobe_map_alloc(map);

	if (ret)
		return ret;
	ret = gprobe_map_set(map, domid, gfn, writable);
	if (ret)
		gprobe_map_free(map);
	return ret;
}
