/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The generic netlink family; its document is
 * Documentation/netlink/specs/gprobe.yaml.
 */
#ifndef GPROBE_NETLINK_H
#define GPROBE_NETLINK_H

#include <linux/types.h>

#include "../include/uapi/linux/gprobe.h"
#include "upcall.h"

struct gprobe_claim;
struct gprobe_domain;
struct sk_buff;

/**
 * struct gprobe_header - what a message of ours begins with
 * @portid: to whom; 0: a notification
 * @seq: of the request; 0: a notification
 * @flags: NLM_F_*
 * @cmd: GPROBE_CMD_*
 */
struct gprobe_header {
	u32 portid;
	u32 seq;
	int flags;
	u8 cmd;
};

/**
 * struct gprobe_upcall_message - an upcall on its way to a session
 * @portid: the session's
 * @domid: the guest
 * @timed_out: it is no longer waited for
 * @seq: its number
 * @spec: what the session is told
 * @has_regs: @regs are there
 * @regs: of the vCPU that waits
 */
struct gprobe_upcall_message {
	u32 portid;
	u32 domid;
	bool timed_out;
	u64 seq;
	struct gprobe_upcall_spec spec;
	bool has_regs;
	struct gprobe_regs regs;
};

/* A change between two parts of a dump makes the reader's view inconsistent. */
extern u32 gprobe_netlink_generation;

/* One fill function an object: for replies, dumps and notifications. */
typedef int (*gprobe_fill_fn)(struct sk_buff *skb,
			      const struct gprobe_header *header,
			      const void *object);

int gprobe_netlink_fill_domain(struct sk_buff *skb,
			       const struct gprobe_header *header,
			       const void *object);
int gprobe_netlink_fill_view(struct sk_buff *skb,
			     const struct gprobe_header *header,
			     const void *object);
int gprobe_netlink_fill_site(struct sk_buff *skb,
			     const struct gprobe_header *header,
			     const void *object);
int gprobe_netlink_fill_claim(struct sk_buff *skb,
			      const struct gprobe_header *header,
			      const void *object);
int gprobe_netlink_fill_watch(struct sk_buff *skb,
			      const struct gprobe_header *header,
			      const void *object);
int gprobe_netlink_fill_trap(struct sk_buff *skb,
			     const struct gprobe_header *header,
			     const void *object);
int gprobe_netlink_fill_upcall(struct sk_buff *skb,
			       const struct gprobe_header *header,
			       const void *object);
int gprobe_netlink_fill_session(struct sk_buff *skb,
				const struct gprobe_header *header,
				const void *object);

struct sk_buff *gprobe_netlink_message(gprobe_fill_fn fill,
				       const struct gprobe_header *header,
				       const void *object, size_t bytes,
				       gfp_t gfp);

void gprobe_netlink_domain_attached(const struct gprobe_domain *domain);
void gprobe_netlink_domain_detached(const struct gprobe_domain *domain);
void gprobe_netlink_claim_added(const struct gprobe_claim *claim);
void gprobe_netlink_claim_deleted(const struct gprobe_claim *claim);
int gprobe_netlink_upcall(const struct gprobe_upcall_message *message);

int gprobe_netlink_init(void);
void gprobe_netlink_exit(void);

extern struct genl_family gprobe_netlink_family;

#endif /* GPROBE_NETLINK_H */
