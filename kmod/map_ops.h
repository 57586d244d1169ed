/* SPDX-License-Identifier: GPL-2.0 */
/* How each kind of dom0 maps a foreign frame. */
#ifndef GPROBE_MAP_OPS_H
#define GPROBE_MAP_OPS_H

#include "map.h"

/**
 * struct gprobe_map_ops - what map.c needs
 * @alloc: get a page to map at; 0 or a negative errno
 * @free: return it
 * @set: show a guest's gfn there, and say at which address; only hypercalls, any
 *	context
 * @clear: show nothing there; as @set
 */
struct gprobe_map_ops {
	int (*alloc)(struct gprobe_map *map);
	void (*free)(struct gprobe_map *map);
	int (*set)(struct gprobe_map *map, domid_t domid, u64 gfn,
		   bool writable);
	void (*clear)(struct gprobe_map *map);
};

extern const struct gprobe_map_ops gprobe_map_pv_ops;
extern const struct gprobe_map_ops gprobe_map_auto_ops;

#endif /* GPROBE_MAP_OPS_H */
