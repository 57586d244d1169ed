/* SPDX-License-Identifier: GPL-2.0 */
/* A store of a vCPU, as far as its event tells. */
#ifndef GPROBE_STORE_H
#define GPROBE_STORE_H

#include <linux/mm.h>
#include <linux/types.h>

/* Widest store of one instruction but XSAVE's (AVX-512). */
#define GPROBE_STORE_MAX	64

/* It was not trapped: it may be anywhere. */
#define GPROBE_GFN_ANY		U64_MAX

/**
 * struct gprobe_store - a store
 * @gfn: the page that Xen reported, or GPROBE_GFN_ANY
 * @offset: where in it the store began
 */
struct gprobe_store {
	u64 gfn;
	u32 offset;
};

/**
 * gprobe_store_reaches() - May a store have changed this page?
 * @store: the store
 * @gfn: the page
 *
 * One that may have crossed a page's end has perhaps changed any other page:
 * only the controller knows which one follows.
 */
static inline bool gprobe_store_reaches(const struct gprobe_store *store,
					u64 gfn)
{
	return store->gfn == gfn || store->gfn == GPROBE_GFN_ANY ||
	       store->offset < GPROBE_STORE_MAX ||
	       store->offset > PAGE_SIZE - GPROBE_STORE_MAX;
}

#endif /* GPROBE_STORE_H */
