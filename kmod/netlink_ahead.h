/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What follows a request in its datagram. Requests are handled one by one, each with
 * its answer; but what is the same to do for many, the first does for all.
 */
#ifndef GPROBE_NETLINK_AHEAD_H
#define GPROBE_NETLINK_AHEAD_H

#include <linux/types.h>
#include <net/netlink.h>

#include "multi.h"

struct genl_info;
struct gprobe_view;
struct sk_buff;

/* More than any kind of them has. */
#define GPROBE_AHEAD_ATTRS	32

/**
 * struct gprobe_ahead - requests of a kind
 * @cmds: GPROBE_CMD_*; the second 0: one command alone
 * @policy: theirs
 * @maxattr: highest attribute
 * @domain: the attribute of the guest
 * @view: of the view
 * @gfn: of the page
 * @wants: does one of the first command want what is made for a page? NULL: always
 * @is_made: has the page of a view what is made for it?
 */
struct gprobe_ahead {
	u8 cmds[2];
	const struct nla_policy *policy;
	unsigned int maxattr;
	int domain;
	int view;
	int gfn;
	bool (*wants)(struct nlattr **attrs);
	bool (*is_made)(const struct gprobe_view *view, u64 gfn);
};

bool gprobe_ahead_is_last(const struct gprobe_ahead *ahead, struct sk_buff *skb,
			  const struct genl_info *info);
unsigned int gprobe_ahead_gfns(const struct gprobe_ahead *ahead,
			       struct sk_buff *skb,
			       const struct genl_info *info,
			       const struct gprobe_view *view,
			       u64 gfns[GPROBE_MULTI_OBJECTS]);

#endif /* GPROBE_NETLINK_AHEAD_H */
