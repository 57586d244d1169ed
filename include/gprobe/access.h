/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who restricts a page, and to what. Several have reasons to restrict one
 * (view, gfn): breakpoints hide it, the page-table monitor write-protects it.
 * What it allows in effect is the intersection of all reasons and of what it
 * allowed before the first of them came; when the last reason is gone it
 * allows exactly that again, in whatever order they go.
 *
 * A reason is no more than what it allows: two of the same kind are counted,
 * and each is put once.
 *
 * get and put of many are one batch of the driver, and all or nothing: when
 * they fail the reasons are as before, and the call can be repeated. What the
 * driver did of a failed batch and then refuses to undo is remembered and set
 * right by the next call that succeeds. In a put, -ENOENT, -ENXIO and
 * -ESHUTDOWN of the driver are success: what is gone needs no restoring.
 *
 * Whoever changes the access of such a page around the arbiter is overruled.
 * Not thread-safe: one thread an arbiter and its driver.
 */
#ifndef GPROBE_ACCESS_H
#define GPROBE_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gprobe/driver.h>

struct gprobe_access_arbiter;

/**
 * struct gprobe_access_reason - one reason to restrict a page
 * @view: not 0
 * @gfn: the page
 * @allowed: what the reason still allows, enum gprobe_access
 */
struct gprobe_access_reason {
	uint64_t gfn;
	uint32_t view;
	uint32_t allowed;
};

int gprobe_access_new(const struct gprobe_driver *driver,
		      struct gprobe_access_arbiter **arbiter);
void gprobe_access_free(struct gprobe_access_arbiter *arbiter);

int gprobe_access_get(struct gprobe_access_arbiter *arbiter, uint32_t view,
		      uint64_t gfn, uint32_t allowed);
int gprobe_access_put(struct gprobe_access_arbiter *arbiter, uint32_t view,
		      uint64_t gfn, uint32_t allowed);
int gprobe_access_get_many(struct gprobe_access_arbiter *arbiter,
			   const struct gprobe_access_reason *reasons,
			   size_t nr);
int gprobe_access_put_many(struct gprobe_access_arbiter *arbiter,
			   const struct gprobe_access_reason *reasons,
			   size_t nr);
int gprobe_access_settle(struct gprobe_access_arbiter *arbiter);
uint32_t gprobe_access_effective(const struct gprobe_access_arbiter *arbiter,
				 uint32_t view, uint64_t gfn);
void gprobe_access_lost(struct gprobe_access_arbiter *arbiter, uint32_t view,
			uint64_t gfn);
size_t gprobe_access_pages(const struct gprobe_access_arbiter *arbiter);

#endif /* GPROBE_ACCESS_H */
