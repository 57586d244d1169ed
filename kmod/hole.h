/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A page of dom0's without memory: at its place foreign frames are mapped. Part
 * of the seam to Xen, see hypercall.h.
 */
#ifndef GPROBE_HOLE_H
#define GPROBE_HOLE_H

#include <linux/types.h>

struct page;

#ifdef GPROBE_FAKE
int gprobe_hole_alloc(struct page **page);
void gprobe_hole_free(struct page *page);
u8 *gprobe_hole_address(struct page *page);
#else
#include <linux/mm.h>
#include <xen/xen.h>

/* Process, may sleep. */
static inline int gprobe_hole_alloc(struct page **page)
{
	return xen_alloc_unpopulated_pages(1, page);
}

/* As gprobe_hole_alloc(); nothing is mapped there. */
static inline void gprobe_hole_free(struct page *page)
{
	xen_free_unpopulated_pages(1, &page);
}

/* Of what is mapped there. */
static inline u8 *gprobe_hole_address(struct page *page)
{
	return page_address(page);
}
#endif

#endif /* GPROBE_HOLE_H */
