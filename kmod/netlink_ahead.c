// SPDX-License-Identifier: GPL-2.0
#include "netlink_ahead.h"

#include <net/genetlink.h>

#include "netlink.h"

/* So far is looked: what comes later is found when its time has come. */
#define REQUESTS_MAX	(2 * GPROBE_MULTI_OBJECTS)

static bool is_of(const struct gprobe_ahead *ahead, u8 cmd)
{
	return cmd && (cmd == ahead->cmds[0] || cmd == ahead->cmds[1]);
}

/*
 * The next request: of the kind, and such that its handler will be called; or NULL.
 * What is handled now stands at the beginning of @skb, as the core takes what it is
 * done with off it.
 */
static const struct nlmsghdr *next(const struct gprobe_ahead *ahead,
				   const struct nlmsghdr *head, int *left,
				   struct nlattr **attrs)
{
	const u16 flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_ECHO;
	const struct genlmsghdr *genl;

	*left -= NLMSG_ALIGN(head->nlmsg_len);
	head = (const void *)head + NLMSG_ALIGN(head->nlmsg_len);
	if (!nlmsg_ok(head, *left) ||
	    head->nlmsg_len < NLMSG_HDRLEN + GENL_HDRLEN ||
	    head->nlmsg_type != gprobe_netlink_family.id ||
	    !(head->nlmsg_flags & NLM_F_REQUEST) || head->nlmsg_flags & ~flags)
		return NULL;
	genl = nlmsg_data(head);
	if (!is_of(ahead, genl->cmd) || genl->reserved)
		return NULL;
	if (nlmsg_parse(head, GENL_HDRLEN, attrs, ahead->maxattr,
			ahead->policy, NULL))
		return NULL;
	return head;
}

/**
 * gprobe_ahead_is_last() - Does no request of the kind follow?
 * @ahead: the kind
 * @skb: the datagram
 * @info: the request, whatever its kind
 *
 * Context: A request's handler.
 * Return: false also when it is not of the kind itself.
 */
bool gprobe_ahead_is_last(const struct gprobe_ahead *ahead, struct sk_buff *skb,
			  const struct genl_info *info)
{
	struct nlattr *attrs[GPROBE_AHEAD_ATTRS];
	int left = skb->len;

	return is_of(ahead, info->genlhdr->cmd) &&
	       !next(ahead, info->nlhdr, &left, attrs);
}

static bool same(const struct nlattr *a, const struct nlattr *b)
{
	return a && b ? nla_get_u32(a) == nla_get_u32(b) : a == b;
}

static bool has(const u64 *gfns, unsigned int nr, u64 gfn)
{
	while (nr--)
		if (gfns[nr] == gfn)
			return true;
	return false;
}

/* Does it want a page made, in the view of the first? */
static bool wants(const struct gprobe_ahead *ahead,
		  const struct nlmsghdr *head, struct nlattr **attrs,
		  const struct genl_info *first)
{
	const struct genlmsghdr *genl = nlmsg_data(head);

	return genl->cmd == ahead->cmds[0] && attrs[ahead->gfn] &&
	       same(attrs[ahead->domain], first->attrs[ahead->domain]) &&
	       same(attrs[ahead->view], first->attrs[ahead->view]) &&
	       (!ahead->wants || ahead->wants(attrs));
}

/**
 * gprobe_ahead_gfns() - For which pages a request and those that follow need it made.
 * @ahead: their kind
 * @skb: the datagram
 * @info: the request
 * @view: its view
 * @gfns: gets them, each once: pages of the same view of the same guest
 *
 * Context: A request's handler.
 * Return: how many; 0 when the request itself needs nothing made.
 */
unsigned int gprobe_ahead_gfns(const struct gprobe_ahead *ahead,
			       struct sk_buff *skb,
			       const struct genl_info *info,
			       const struct gprobe_view *view,
			       u64 gfns[GPROBE_MULTI_OBJECTS])
{
	const struct nlmsghdr *head = info->nlhdr;
	struct nlattr *ahead_attrs[GPROBE_AHEAD_ATTRS], **attrs = info->attrs;
	unsigned int nr = 0, nr_requests = 0;
	int left = skb->len;
	u64 gfn;

	do {
		if (wants(ahead, head, attrs, info)) {
			gfn = nla_get_u64(attrs[ahead->gfn]);
			if (!ahead->is_made(view, gfn) && !has(gfns, nr, gfn))
				gfns[nr++] = gfn;
		}
		attrs = ahead_attrs;
		head = next(ahead, head, &left, attrs);
	} while (head && nr && nr < GPROBE_MULTI_OBJECTS &&
		 nr_requests++ < REQUESTS_MAX);
	return nr;
}
