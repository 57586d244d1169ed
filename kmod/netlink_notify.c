// SPDX-License-Identifier: GPL-2.0
/* Messages that nobody asked for. */
#include "netlink.h"

#include <linux/err.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>

#include "../include/uapi/linux/gprobe.h"

/*
 * More than an upcall's message has. One that is much larger is copied into a
 * smaller one on its way, while a vCPU waits (netlink_trim()).
 */
#define UPCALL_BYTES 512

/* A change between two parts of a dump makes the reader's view inconsistent. */
u32 gprobe_netlink_generation;

/**
 * gprobe_netlink_message() - Make a message.
 * @fill: writes @object
 * @header: the message's head
 * @object: what it is about
 * @bytes: room for it
 * @gfp: how to allocate it
 *
 * Context: @fill's; may sleep if @gfp may.
 * Return: the message; ERR_PTR, -ENOMEM or -EMSGSIZE.
 */
struct sk_buff *gprobe_netlink_message(gprobe_fill_fn fill,
				       const struct gprobe_header *header,
				       const void *object, size_t bytes,
				       gfp_t gfp)
{
	struct sk_buff *skb = genlmsg_new(bytes, gfp);

	if (!skb)
		return ERR_PTR(-ENOMEM);
	if (fill(skb, header, object)) {
		nlmsg_free(skb);
		return ERR_PTR(-EMSGSIZE);
	}
	return skb;
}

static void notify(u8 cmd, gprobe_fill_fn fill, const void *object)
{
	const struct gprobe_header header = { .cmd = cmd };
	struct sk_buff *skb;

	gprobe_netlink_generation++;
	if (!genl_has_listeners(&gprobe_netlink_family, &init_net, 0))
		return;
	skb = gprobe_netlink_message(fill, &header, object,
				     GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!IS_ERR(skb))
		genlmsg_multicast(&gprobe_netlink_family, skb, 0, 0,
				  GFP_KERNEL);
}

/**
 * gprobe_netlink_domain_attached() - Tell the monitor group.
 * @domain: with its first session
 *
 * Context: Process, control lock held; so are the three below.
 */
void gprobe_netlink_domain_attached(const struct gprobe_domain *domain)
{
	notify(GPROBE_CMD_DOMAIN_ATTACH_NTF, gprobe_netlink_fill_domain,
	       domain);
}

/**
 * gprobe_netlink_domain_detached() - Tell the monitor group.
 * @domain: draining or gone
 */
void gprobe_netlink_domain_detached(const struct gprobe_domain *domain)
{
	notify(GPROBE_CMD_DOMAIN_DETACH_NTF, gprobe_netlink_fill_domain,
	       domain);
}

/**
 * gprobe_netlink_claim_added() - Tell the monitor group.
 * @claim: the new one
 */
void gprobe_netlink_claim_added(const struct gprobe_claim *claim)
{
	notify(GPROBE_CMD_CLAIM_NEW_NTF, gprobe_netlink_fill_claim, claim);
}

/**
 * gprobe_netlink_claim_deleted() - Tell the monitor group.
 * @claim: released, its figures final
 */
void gprobe_netlink_claim_deleted(const struct gprobe_claim *claim)
{
	notify(GPROBE_CMD_CLAIM_DEL_NTF, gprobe_netlink_fill_claim, claim);
}

/**
 * gprobe_netlink_upcall() - Tell a session that a vCPU waits, or waited.
 * @upcall: what
 *
 * Context: Softirq.
 * Return: 0; -EAGAIN its socket is full; -ENOMEM; -ECONNREFUSED it is gone.
 */
int gprobe_netlink_upcall(const struct gprobe_upcall_message *upcall)
{
	const struct gprobe_header header = {
		.portid = upcall->portid,
		.cmd = upcall->timed_out ? GPROBE_CMD_UPCALL_TIMEOUT_NTF :
		       GPROBE_CMD_UPCALL_NTF,
	};
	struct sk_buff *skb;

	skb = gprobe_netlink_message(gprobe_netlink_fill_upcall, &header,
				     upcall, UPCALL_BYTES, GFP_ATOMIC);
	return IS_ERR(skb) ? PTR_ERR(skb) :
	       genlmsg_unicast(&init_net, skb, upcall->portid);
}

