/* SPDX-License-Identifier: GPL-2.0 */
/* Guest frames mapped into dom0's kernel. */
#ifndef GPROBE_MAP_H
#define GPROBE_MAP_H

#include <linux/types.h>
#include <xen/interface/xen.h>

struct page;

/**
 * struct gprobe_map - a kernel page that can show one guest frame
 * @page: the page; NULL: not allocated
 * @va: its address; reading it makes sense only while @set
 * @set: a frame is mapped
 */
struct gprobe_map {
	struct page *page;
	u8 *va;
	bool set;
};

void gprobe_map_init(void);
int gprobe_map_alloc(struct gprobe_map *map);
void gprobe_map_free(struct gprobe_map *map);
int gprobe_map_set(struct gprobe_map *map, domid_t domid, u64 gfn,
		   bool writable);
void gprobe_map_clear(struct gprobe_map *map);
int gprobe_map_new(struct gprobe_map *map, domid_t domid, u64 gfn,
		   bool writable);

#endif /* GPROBE_MAP_H */
