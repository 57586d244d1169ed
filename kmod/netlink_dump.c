// SPDX-License-Identifier: GPL-2.0
#include "netlink_dump.h"

#include <linux/idr.h>
#include <linux/mutex.h>
#include <net/genetlink.h>

#include "compat.h"
#include "domain.h"
#include "netlink.h"
#include "session.h"
#include "site.h"
#include "trap.h"
#include "view.h"
#include "watch.h"

/* Kept in cb->ctx between the parts of a dump. */
struct dump {
	int next;
	bool one_domain;
	u32 domid;
};

static int dump_start(struct netlink_callback *cb, int domid_attribute)
{
	struct nlattr *domid = gprobe_genl_dump_attrs(cb)[domid_attribute];
	struct dump *dump = (struct dump *)cb->ctx;

	BUILD_BUG_ON(sizeof(*dump) > sizeof(cb->ctx));
	/* pre_doit is not called for dumps. */
	if (!netlink_capable(cb->skb, CAP_SYS_ADMIN))
		return -EPERM;
	dump->one_domain = domid;
	if (domid)
		dump->domid = nla_get_u32(domid);
	return 0;
}

int gprobe_netlink_dump_domains_start(struct netlink_callback *cb)
{
	return dump_start(cb, GPROBE_A_DOMAIN_ID);
}

int gprobe_netlink_dump_views_start(struct netlink_callback *cb)
{
	return dump_start(cb, GPROBE_A_VIEW_DOMAIN);
}

int gprobe_netlink_dump_sites_start(struct netlink_callback *cb)
{
	return dump_start(cb, GPROBE_A_SITE_DOMAIN);
}

int gprobe_netlink_dump_claims_start(struct netlink_callback *cb)
{
	return dump_start(cb, GPROBE_A_CLAIM_DOMAIN);
}

int gprobe_netlink_dump_watches_start(struct netlink_callback *cb)
{
	return dump_start(cb, GPROBE_A_WATCH_DOMAIN);
}

int gprobe_netlink_dump_traps_start(struct netlink_callback *cb)
{
	return dump_start(cb, GPROBE_A_TRAP_DOMAIN);
}

/* Of all guests: attribute 0 is never there. */
int gprobe_netlink_dump_sessions_start(struct netlink_callback *cb)
{
	return dump_start(cb, 0);
}

/**
 * struct kind - what a dump lists
 * @objects: all of them
 * @fill: writes one
 * @domid: whose it is
 */
struct kind {
	struct idr *objects;
	gprobe_fill_fn fill;
	u32 (*domid)(const void *object);
};

static int dump(struct sk_buff *skb, struct netlink_callback *cb,
		const struct kind *kind)
{
	const struct gprobe_header header = {
		.portid = NETLINK_CB(cb->skb).portid,
		.seq = cb->nlh->nlmsg_seq,
		.flags = NLM_F_MULTI,
		.cmd = genl_dumpit_info(cb)->op.cmd,
	};
	struct dump *dump = (struct dump *)cb->ctx;
	const void *object;

	mutex_lock(&gprobe_control_mutex);
	cb->seq = gprobe_netlink_generation;
	while ((object = idr_get_next(kind->objects, &dump->next))) {
		if (!dump->one_domain || dump->domid == kind->domid(object)) {
			if (kind->fill(skb, &header, object))
				break;
			nl_dump_check_consistent(cb, nlmsg_hdr(skb));
		}
		dump->next++;
	}
	mutex_unlock(&gprobe_control_mutex);
	return skb->len;
}

static u32 domid_of_domain(const void *object)
{
	return ((const struct gprobe_domain *)object)->xen.domid;
}

static u32 domid_of_view(const void *object)
{
	return ((const struct gprobe_view *)object)->domain->xen.domid;
}

static u32 domid_of_site(const void *object)
{
	return gprobe_site_domid(object);
}

static u32 domid_of_claim(const void *object)
{
	return ((const struct gprobe_claim *)object)->domid;
}

static u32 domid_of_watch(const void *object)
{
	const struct gprobe_watcher *watcher = object;

	return watcher->attachment->domain->xen.domid;
}

static u32 domid_of_trap(const void *object)
{
	const struct gprobe_trap *trap = object;

	return trap->attachment->domain->xen.domid;
}

static u32 domid_of_session(const void *object)
{
	return 0;
}

int gprobe_netlink_dump_domains(struct sk_buff *skb,
				struct netlink_callback *cb)
{
	static const struct kind domains = {
		&gprobe_domains, gprobe_netlink_fill_domain, domid_of_domain,
	};

	return dump(skb, cb, &domains);
}

int gprobe_netlink_dump_views(struct sk_buff *skb,
				struct netlink_callback *cb)
{
	static const struct kind views = {
		&gprobe_views, gprobe_netlink_fill_view, domid_of_view,
	};

	return dump(skb, cb, &views);
}

int gprobe_netlink_dump_sites(struct sk_buff *skb,
				struct netlink_callback *cb)
{
	static const struct kind sites = {
		&gprobe_sites, gprobe_netlink_fill_site, domid_of_site,
	};

	return dump(skb, cb, &sites);
}

int gprobe_netlink_dump_claims(struct sk_buff *skb,
				struct netlink_callback *cb)
{
	static const struct kind claims = {
		&gprobe_claims, gprobe_netlink_fill_claim, domid_of_claim,
	};

	return dump(skb, cb, &claims);
}

int gprobe_netlink_dump_watches(struct sk_buff *skb,
				struct netlink_callback *cb)
{
	static const struct kind watches = {
		&gprobe_watchers, gprobe_netlink_fill_watch, domid_of_watch,
	};

	return dump(skb, cb, &watches);
}

int gprobe_netlink_dump_traps(struct sk_buff *skb,
				struct netlink_callback *cb)
{
	static const struct kind traps = {
		&gprobe_traps, gprobe_netlink_fill_trap, domid_of_trap,
	};

	return dump(skb, cb, &traps);
}

int gprobe_netlink_dump_sessions(struct sk_buff *skb,
				 struct netlink_callback *cb)
{
	static const struct kind sessions = {
		&gprobe_sessions, gprobe_netlink_fill_session, domid_of_session,
	};

	return dump(skb, cb, &sessions);
}
