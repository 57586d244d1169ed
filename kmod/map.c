// SPDX-License-Identifier: GPL-2.0
#include "map.h"

#include <linux/errno.h>

#include "fault.h"
#include "host.h"
#include "map_ops.h"

static const struct gprobe_map_ops *map_ops;

/**
 * gprobe_map_init() - Choose the way of this dom0.
 *
 * Context: Module load.
 */
void gprobe_map_init(void)
{
	map_ops = gprobe_host_map_ops();
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
	int ret = gprobe_fault() ? -ENOMEM : map_ops->alloc(map);

	if (ret)
		map->page = NULL;
	map->set = false;
	return ret;
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
	map_ops->free(map);
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
