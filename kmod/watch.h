/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Watched pages of page tables. In its view such a page may not be written:
 * each store is trapped, done by a single-step, and then compared.
 */
#ifndef GPROBE_WATCH_H
#define GPROBE_WATCH_H

#include <linux/bitmap.h>
#include <linux/idr.h>
#include <linux/list.h>
#include <linux/types.h>

#include "../include/uapi/linux/gprobe.h"
#include "map.h"

struct gprobe_attachment;
struct gprobe_domain;
struct gprobe_event;
struct gprobe_session;
struct gprobe_store;
struct gprobe_view;
struct netlink_ext_ack;

/* Who watches what, by a serial number, for dumps. */
extern struct idr gprobe_watchers;

/**
 * struct gprobe_watch - a watched page of a page table, in a view
 * @node: in its view's list
 * @batch: as that of a struct gprobe_frame
 * @view: the view
 * @gfn: the page
 * @key: gprobe_key() of it
 * @map: the page; writable, for the bits that a page walk sets
 * @access: what the view allowed before
 * @r_pw: page walks may set bits in it, where the CPU knows that; cleared under the
 *	event lock too
 * @watchers: who watches it
 * @entries: which entries, of all watchers
 * @seen: what these were when last told
 *
 * What the handler reads is changed under both locks.
 */
struct gprobe_watch {
	struct list_head node;
	struct list_head batch;
	struct gprobe_view *view;
	u64 gfn;
	u64 key;
	struct gprobe_map map;
	u16 access;
	bool r_pw;
	struct list_head watchers;
	DECLARE_BITMAP(entries, GPROBE_ENTRIES);
	u64 seen[GPROBE_ENTRIES];
};

/**
 * struct gprobe_watcher - a session's part in a watched page
 * @watch_node: in its page's list
 * @attachment_node: in its attachment's list
 * @watch: the page
 * @attachment: who
 * @serial: its number in gprobe_watchers
 * @entries: which entries; not none
 */
struct gprobe_watcher {
	struct list_head watch_node;
	struct list_head attachment_node;
	struct gprobe_watch *watch;
	struct gprobe_attachment *attachment;
	int serial;
	DECLARE_BITMAP(entries, GPROBE_ENTRIES);
};

int gprobe_watch_set(struct gprobe_attachment *attachment,
		     struct gprobe_view *view, u64 gfn,
		     const unsigned long *entries,
		     struct netlink_ext_ack *extack);
void gprobe_watches_prepare(struct gprobe_view *view, const u64 *gfns,
			    unsigned int nr, struct list_head *unused);
void gprobe_watches_drop(struct gprobe_domain *domain,
			 struct list_head *watches);
void gprobe_watch_release(struct gprobe_attachment *attachment, bool dying);
bool gprobe_watch_by_others(const struct gprobe_view *view,
			    const struct gprobe_session *session);
void gprobe_watch_free(struct gprobe_watch *watch);
struct gprobe_watch *gprobe_watch_find(const struct gprobe_domain *domain,
				       u16 view, u64 gfn);
bool gprobe_watch_walked(struct gprobe_watch *watch,
			 const struct gprobe_event *event);
void gprobe_watch_wrote(struct gprobe_domain *domain, u32 vcpu,
			const struct gprobe_store *store);

#endif /* GPROBE_WATCH_H */
