// SPDX-License-Identifier: GPL-2.0
/*
 * Foreign mappings: the frame's own address, with a reference to it, for as long
 * as it is mapped. What is read after that is a fault.
 */
#include "../map_ops.h"

#include <linux/mm.h>
#include <linux/poison.h>
#include <linux/slab.h>

#include "guest.h"

/* Kept where a mapping's page is, which nobody but its operations looks at. */
struct mapping {
	struct fake_guest *guest;
	struct page *frame;
};

static struct mapping *mapping_of(const struct gprobe_map *map)
{
	return (struct mapping *)map->page;
}

static int fake_map_alloc(struct gprobe_map *map)
{
	map->page = kzalloc(sizeof(struct mapping), GFP_KERNEL);
	map->va = POISON_POINTER_DELTA + (u8 *)0;
	return map->page ? 0 : -ENOMEM;
}

static void fake_map_free(struct gprobe_map *map)
{
	kfree(mapping_of(map));
}

static int fake_map_set(struct gprobe_map *map, domid_t domid, u64 gfn,
			bool writable)
{
	struct mapping *mapping = mapping_of(map);
	struct fake_guest *guest = fake_guest_get(domid);
	unsigned long flags;
	int ret = -EINVAL;

	if (!guest)
		return -ESRCH;
	spin_lock_irqsave(&guest->lock, flags);
	if (!guest->dying && gfn < guest->nr_gfns && guest->frames[gfn]) {
		mapping->frame = guest->frames[gfn];
		get_page(mapping->frame);
		guest->maps++;
		ret = 0;
	}
	spin_unlock_irqrestore(&guest->lock, flags);
	if (ret) {
		fake_guest_put(guest);
		return ret;
	}
	mapping->guest = guest;
	map->va = page_address(mapping->frame);
	return 0;
}

static void fake_map_clear(struct gprobe_map *map)
{
	struct mapping *mapping = mapping_of(map);
	unsigned long flags;

	map->va = POISON_POINTER_DELTA + (u8 *)0;
	spin_lock_irqsave(&mapping->guest->lock, flags);
	mapping->guest->maps--;
	spin_unlock_irqrestore(&mapping->guest->lock, flags);
	put_page(mapping->frame);
	fake_guest_put(mapping->guest);
}

static const struct gprobe_map_ops fake_map_ops = {
	.alloc = fake_map_alloc,
	.free = fake_map_free,
	.set = fake_map_set,
	.clear = fake_map_clear,
};

const struct gprobe_map_ops *gprobe_map_ops_choose(void)
{
	return &fake_map_ops;
}
