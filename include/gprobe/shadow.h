/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Shadow frames: what a view's vCPUs run in place of a page with INT3s in it.
 * For drivers that have frames to give but do not keep them themselves
 * (GPROBE_DRIVER_SHADOWS).
 *
 * One shadow frame for each (view, gfn) with INT3s, a count for each offset.
 * The guest's own frame is never written. A shadowed page is X only, so the
 * guest's reads and writes come as events: they are done on its own frame, in
 * view 0, and gprobe_shadow_wrote() carries a write over. When the last INT3
 * leaves, the view shows the guest's own frame again and the shadow frame goes
 * to a pool; frames are returned to the driver only when all is freed, since
 * Xen resets views in which frames disappear.
 *
 * Not thread-safe: one thread for it, its arbiter and its driver.
 */
#ifndef GPROBE_SHADOW_H
#define GPROBE_SHADOW_H

#include <stddef.h>
#include <stdint.h>

#include <gprobe/access.h>
#include <gprobe/driver.h>

struct gprobe_shadows;

/**
 * struct gprobe_int3 - an INT3
 * @gfn: the page
 * @view: in which view; not 0
 * @offset: in the page, below 4096
 * @ret: the answer: 0, or why it failed
 */
struct gprobe_int3 {
	uint64_t gfn;
	uint32_t view;
	uint32_t offset;
	int ret;
};

/**
 * struct gprobe_shadow_figures - how many there are
 * @frames: shadow frames that a view shows
 * @pooled: shadow frames that wait for use
 * @int3s: offsets with an INT3, in all frames
 */
struct gprobe_shadow_figures {
	uint64_t frames, pooled, int3s;
};

int gprobe_shadow_new(const struct gprobe_driver *driver,
		      struct gprobe_access_arbiter *arbiter,
		      struct gprobe_shadows **shadows);
void gprobe_shadow_free(struct gprobe_shadows *shadows);

int gprobe_shadow_insert(struct gprobe_shadows *shadows,
			 struct gprobe_int3 *int3s, size_t nr);
int gprobe_shadow_remove(struct gprobe_shadows *shadows,
			 struct gprobe_int3 *int3s, size_t nr);
int gprobe_shadow_wrote(struct gprobe_shadows *shadows, uint64_t gpa,
			size_t bytes);
int gprobe_shadow_original(const struct gprobe_shadows *shadows, uint32_t view,
			   uint64_t gpa, uint8_t *byte);
void gprobe_shadow_figures(const struct gprobe_shadows *shadows,
			   struct gprobe_shadow_figures *figures);

#endif /* GPROBE_SHADOW_H */
