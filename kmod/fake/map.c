// SPDX-License-Identifier: GPL-2.0
/*
 * Foreign mappings of a dom0 that Xen translates (map_auto.c): a page shows the
 * frame at the frame's own address, with a reference to it, for as long as it is
 * mapped. What is read after that is a fault.
 */
#include "../hole.h"

#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <xen/interface/xen.h>
#include <xen/interface/memory.h>

#include "guest.h"

/* What is mapped at a page, which is known by its number, as to Xen. */
struct mapping {
	struct fake_guest *guest;
	struct page *frame;
};

static struct mapping *mapping_of(struct page *page)
{
	return (struct mapping *)page_private(page);
}

int gprobe_hole_alloc(struct page **page)
{
	struct mapping *mapping = kzalloc(sizeof(*mapping), GFP_KERNEL);

	*page = mapping ? alloc_page(GFP_KERNEL) : NULL;
	if (!*page) {
		kfree(mapping);
		return -ENOMEM;
	}
	set_page_private(*page, (unsigned long)mapping);
	return 0;
}

void gprobe_hole_free(struct page *page)
{
	kfree(mapping_of(page));
	set_page_private(page, 0);
	__free_page(page);
}

u8 *gprobe_hole_address(struct page *page)
{
	return page_address(mapping_of(page)->frame);
}

static struct page *frame_get(struct fake_guest *guest, u64 gfn)
{
	struct page *frame = NULL;
	unsigned long flags;

	spin_lock_irqsave(&guest->lock, flags);
	if (!guest->dying && gfn < guest->nr_gfns && guest->frames[gfn]) {
		frame = guest->frames[gfn];
		get_page(frame);
		guest->maps++;
	}
	spin_unlock_irqrestore(&guest->lock, flags);
	return frame;
}

/**
 * fake_map_add() - XENMEM_add_to_physmap_range, of one foreign frame.
 * @op: whose, and where
 *
 * Context: Any.
 * Return: 0, also where @op's own errors say otherwise; -ESRCH no such guest;
 * -EINVAL not a call that the module makes.
 */
int fake_map_add(const struct xen_add_to_physmap_range *op)
{
	struct fake_guest *guest;
	struct mapping *mapping;

	if (op->domid != DOMID_SELF || op->size != 1 ||
	    op->space != XENMAPSPACE_gmfn_foreign)
		return -EINVAL;
	mapping = mapping_of(pfn_to_page(*op->gpfns));
	if (mapping->frame)
		return -EINVAL;
	guest = fake_guest_get(op->foreign_domid);
	if (!guest)
		return -ESRCH;
	mapping->frame = frame_get(guest, *op->idxs);
	if (!mapping->frame) {
		fake_guest_put(guest);
		*op->errs = -EINVAL;
		return 0;
	}
	mapping->guest = guest;
	*op->errs = 0;
	return 0;
}

/**
 * fake_map_remove() - XENMEM_remove_from_physmap, of what was added.
 * @op: where
 *
 * Context: Any.
 * Return: 0; -EINVAL nothing there.
 */
int fake_map_remove(const struct xen_remove_from_physmap *op)
{
	struct mapping *mapping = mapping_of(pfn_to_page(op->gpfn));
	struct fake_guest *guest = mapping->guest;
	unsigned long flags;

	if (op->domid != DOMID_SELF || !mapping->frame)
		return -EINVAL;
	spin_lock_irqsave(&guest->lock, flags);
	guest->maps--;
	spin_unlock_irqrestore(&guest->lock, flags);
	put_page(mapping->frame);
	mapping->frame = NULL;
	mapping->guest = NULL;
	fake_guest_put(guest);
	return 0;
}
