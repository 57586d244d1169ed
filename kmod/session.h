/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sessions: a netlink socket that attached to a guest. Everything a session
 * made dies with its socket, unless it is pinned by a name.
 */
#ifndef GPROBE_SESSION_H
#define GPROBE_SESSION_H

#include <linux/idr.h>
#include <linux/list.h>
#include <linux/types.h>

#include "../include/uapi/linux/gprobe.h"

struct gprobe_attach_spec;
struct gprobe_domain;
struct netlink_ext_ack;

/**
 * struct gprobe_attachment - a session's share of a domain
 * @session_node: in the session's list
 * @domain_node: in the domain's list
 * @session: the session
 * @domain: the domain
 * @watchers: what it watches there
 * @unused_frames: those that it uses no more, or not yet
 * @unused_watches: the same of watched pages
 * @traps: what it is told of
 * @upcalls: room for its upcalls; NULL while it needs none
 * @free_upcalls: those of them that are not raised; under the event lock
 */
struct gprobe_attachment {
	struct list_head session_node;
	struct list_head domain_node;
	struct gprobe_session *session;
	struct gprobe_domain *domain;
	struct list_head watchers;
	struct list_head unused_frames;
	struct list_head unused_watches;
	struct list_head traps;
	struct gprobe_upcall *upcalls;
	struct list_head free_upcalls;
};

/**
 * struct gprobe_session - one netlink socket
 * @index: in gprobe_sessions
 * @portid: the socket's; 0: it is pinned and has none
 * @name: it is pinned by this name; "": it is not
 * @attachments: to which domains; at least one
 * @claims: its claims in all of them
 *
 * Under the control lock.
 */
struct gprobe_session {
	int index;
	u32 portid;
	char name[GPROBE_PIN_MAX + 1];
	struct list_head attachments;
	struct list_head claims;
};

/* All of them. Under the control lock. */
extern struct idr gprobe_sessions;

struct gprobe_session *gprobe_session_find(u32 portid);
int gprobe_session_attach(u32 portid, const struct gprobe_attach_spec *spec,
			  struct netlink_ext_ack *extack);
struct gprobe_attachment *
gprobe_session_attachment(struct gprobe_session *session, u32 domid);
void gprobe_attachment_tidy(struct gprobe_attachment *attachment);
void gprobe_session_tidy(struct gprobe_session *session);
void gprobe_session_detach(struct gprobe_attachment *attachment);
void gprobe_session_release(u32 portid);

int gprobe_session_pin(struct gprobe_session *session, const char *name,
		       struct netlink_ext_ack *extack);
int gprobe_session_unpin(const char *name, struct netlink_ext_ack *extack);
int gprobe_session_take(u32 portid, const char *name,
			struct netlink_ext_ack *extack);

#endif /* GPROBE_SESSION_H */
