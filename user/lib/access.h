/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The arbiter inside the library: for those who know what to do when some of
 * many could be done, for those who remap pages, which sets what the page allows
 * in the same call, so that there is no moment between the two, and for the one
 * who has entries of page tables watched.
 */
#ifndef GPROBE_LIB_ACCESS_H
#define GPROBE_LIB_ACCESS_H

#include <gprobe/access.h>

int gprobe_access_get_each(struct gprobe_access_arbiter *arbiter,
			   const struct gprobe_access_reason *reasons,
			   size_t nr, int *rets);
int gprobe_access_put_each(struct gprobe_access_arbiter *arbiter,
			   const struct gprobe_access_reason *reasons,
			   size_t nr, int *rets);
int gprobe_access_hold_many(struct gprobe_access_arbiter *arbiter,
			    const struct gprobe_access_reason *reasons,
			    size_t nr);
uint32_t gprobe_access_without(const struct gprobe_access_arbiter *arbiter,
			       const struct gprobe_access_reason *reason);
void gprobe_access_applied(struct gprobe_access_arbiter *arbiter, uint32_t view,
			   uint64_t gfn, uint32_t access);
void gprobe_access_release(struct gprobe_access_arbiter *arbiter,
			   const struct gprobe_access_reason *reason);
int gprobe_access_confirm(struct gprobe_access_arbiter *arbiter, uint32_t view,
			  uint64_t gfn);
/*
 * What a driver watches of a page is one set, so one user has the driver watch,
 * and others restrict pages. False: there is another, or it cannot.
 */
bool gprobe_access_take_watches(struct gprobe_access_arbiter *arbiter);
void gprobe_access_give_watches(struct gprobe_access_arbiter *arbiter);

#endif /* GPROBE_LIB_ACCESS_H */
