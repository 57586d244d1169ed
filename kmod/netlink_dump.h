/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Dumps of the family: one function to begin, one for each part. They take the
 * control lock; pre_doit is not called for dumps.
 */
#ifndef GPROBE_NETLINK_DUMP_H
#define GPROBE_NETLINK_DUMP_H

struct netlink_callback;
struct sk_buff;

int gprobe_netlink_dump_domains_start(struct netlink_callback *cb);
int gprobe_netlink_dump_domains(struct sk_buff *skb,
				struct netlink_callback *cb);
int gprobe_netlink_dump_views_start(struct netlink_callback *cb);
int gprobe_netlink_dump_views(struct sk_buff *skb,
				struct netlink_callback *cb);
int gprobe_netlink_dump_sites_start(struct netlink_callback *cb);
int gprobe_netlink_dump_sites(struct sk_buff *skb,
				struct netlink_callback *cb);
int gprobe_netlink_dump_claims_start(struct netlink_callback *cb);
int gprobe_netlink_dump_claims(struct sk_buff *skb,
				struct netlink_callback *cb);
int gprobe_netlink_dump_watches_start(struct netlink_callback *cb);
int gprobe_netlink_dump_watches(struct sk_buff *skb,
				struct netlink_callback *cb);
int gprobe_netlink_dump_traps_start(struct netlink_callback *cb);
int gprobe_netlink_dump_traps(struct sk_buff *skb,
				struct netlink_callback *cb);
int gprobe_netlink_dump_sessions_start(struct netlink_callback *cb);
int gprobe_netlink_dump_sessions(struct sk_buff *skb,
				struct netlink_callback *cb);

#endif /* GPROBE_NETLINK_DUMP_H */
