/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Probed frames. In its view such a gfn shows a shadow frame, execute-only:
 * the guest runs INT3s and reads its own bytes.
 */
#ifndef GPROBE_FRAME_H
#define GPROBE_FRAME_H

#include <linux/bitmap.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/types.h>

#include "map.h"

struct gprobe_domain;
struct gprobe_shadow;
struct gprobe_store;
struct gprobe_view;

#define GPROBE_INT3 0xcc

/**
 * struct gprobe_frame - a probed (view, gfn)
 * @node: in its view's list
 * @batch: among those that are dealt with at once, or in the list of those that a
 *	session uses no more, or not yet; or in none
 * @view: the view
 * @gfn: the gfn
 * @original: the guest's own frame, read-only
 * @shadow: what the view shows instead
 * @sites: INT3s in it
 * @nr_sites: how many
 * @armed: a bit for each byte of the page: our INT3 is there
 *
 * @node and @sites are changed under both locks, @armed under the event lock,
 * @batch under the control lock, the rest is constant while the frame is in its domain's table.
 */
struct gprobe_frame {
	struct list_head node;
	struct list_head batch;
	struct gprobe_view *view;
	u64 gfn;
	struct gprobe_map original;
	struct gprobe_shadow *shadow;
	struct list_head sites;
	u32 nr_sites;
	DECLARE_BITMAP(armed, PAGE_SIZE);
};

struct gprobe_frame *gprobe_frame_find(const struct gprobe_view *view, u64 gfn);
struct gprobe_frame *gprobe_frame_get(struct gprobe_view *view, u64 gfn);
void gprobe_frame_free(struct gprobe_frame *frame);
void gprobe_frame_put(struct gprobe_frame *frame, bool dying,
		      struct list_head *unused);
void gprobe_frames_prepare(struct gprobe_view *view, const u64 *gfns,
			   unsigned int nr, struct list_head *unused);
void gprobe_frames_drop(struct gprobe_domain *domain, struct list_head *frames);
void gprobe_frame_arm(struct gprobe_frame *frame, u32 offset, bool on);
void gprobe_frame_wrote(struct gprobe_domain *domain,
			const struct gprobe_store *store);

#endif /* GPROBE_FRAME_H */
