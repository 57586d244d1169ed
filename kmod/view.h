/* SPDX-License-Identifier: GPL-2.0 */
/* altp2m views of a guest. */
#ifndef GPROBE_VIEW_H
#define GPROBE_VIEW_H

#include <linux/idr.h>
#include <linux/list.h>
#include <linux/types.h>

struct gprobe_domain;
struct gprobe_session;
struct gprobe_vcpu;

/* All views of all domains by a serial number, for dumps. */
extern struct idr gprobe_views;

/**
 * struct gprobe_view - a view
 * @node: in its domain's list
 * @domain: whose view
 * @owner: the session that made it; NULL: the shared tap view
 * @serial: its number in gprobe_views
 * @id: Xen's number, never 0
 * @frames: the probed frames in it
 * @nr_frames: how many
 * @watches: watched pages of page tables in it
 * @nr_sites: on all of them
 *
 * Under the control lock; @node, @frames and @watches are changed under both.
 */
struct gprobe_view {
	struct list_head node;
	struct gprobe_domain *domain;
	struct gprobe_session *owner;
	int serial;
	u16 id;
	struct list_head frames;
	u32 nr_frames;
	struct list_head watches;
	u32 nr_sites;
};

struct gprobe_view *gprobe_view_find(struct gprobe_domain *domain, u32 id);
struct gprobe_view *gprobe_view_new(struct gprobe_domain *domain,
				    struct gprobe_session *owner);
void gprobe_view_del(struct gprobe_view *view, bool dying);
u16 gprobe_view_active(const struct gprobe_domain *domain);
u16 gprobe_vcpu_view(const struct gprobe_domain *domain,
		     const struct gprobe_vcpu *vcpu);
bool gprobe_view_has_vcpus(const struct gprobe_view *view);
int gprobe_view_switch(struct gprobe_domain *domain, struct gprobe_view *view);

#endif /* GPROBE_VIEW_H */
