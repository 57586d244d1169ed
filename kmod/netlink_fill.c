// SPDX-License-Identifier: GPL-2.0
/* Objects to messages. */
#include <net/genetlink.h>

#include "../include/uapi/linux/gprobe.h"
#include "domain.h"
#include "frame.h"
#include "netlink.h"
#include "session.h"
#include "site.h"
#include "trap.h"
#include "view.h"
#include "watch.h"

static void *begin(struct sk_buff *skb, const struct gprobe_header *header)
{
	return genlmsg_put(skb, header->portid, header->seq,
			   &gprobe_netlink_family, header->flags, header->cmd);
}

/* Figures are copied at once, so that they fit together. */
static struct gprobe_stats stats_of(const struct gprobe_domain *const_domain)
{
	struct gprobe_domain *domain = (struct gprobe_domain *)const_domain;
	struct gprobe_stats stats;

	spin_lock_irq(&domain->event_lock);
	stats = domain->stats;
	spin_unlock_irq(&domain->event_lock);
	return stats;
}

static int put_stats(struct sk_buff *skb, const struct gprobe_domain *domain)
{
	struct gprobe_stats stats = stats_of(domain);
	const struct {
		int attribute;
		u64 value;
	} figures[] = {
		{ GPROBE_A_STATS_EVENTS, stats.events },
		{ GPROBE_A_STATS_BATCHES, stats.batches },
		{ GPROBE_A_STATS_HITS, stats.hits },
		{ GPROBE_A_STATS_REINJECTED, stats.reinjected },
		{ GPROBE_A_STATS_STALE, stats.stale },
		{ GPROBE_A_STATS_EMULATED, stats.emulated },
		{ GPROBE_A_STATS_FAST, stats.fast },
		{ GPROBE_A_STATS_TOGGLED, stats.toggled },
		{ GPROBE_A_STATS_EMUL_FAILED, stats.emul_failed },
		{ GPROBE_A_STATS_READS, stats.reads },
		{ GPROBE_A_STATS_WRITES, stats.writes },
		{ GPROBE_A_STATS_UNKNOWN, stats.unknown },
		{ GPROBE_A_STATS_LOST, stats.lost },
		{ GPROBE_A_STATS_SKIPPED, stats.skipped },
		{ GPROBE_A_STATS_POLLED, stats.polled },
		{ GPROBE_A_STATS_TABLE_WRITES, stats.table_writes },
		{ GPROBE_A_STATS_TABLE_WALKS, stats.table_walks },
		{ GPROBE_A_STATS_UPCALLS, stats.upcalls },
		{ GPROBE_A_STATS_UPCALL_TIMEOUTS, stats.upcall_timeouts },
	};
	struct nlattr *nest = nla_nest_start(skb, GPROBE_A_DOMAIN_STATS);
	unsigned int i;

	if (!nest)
		return -EMSGSIZE;
	for (i = 0; i < ARRAY_SIZE(figures); i++)
		if (nla_put_u64_64bit(skb, figures[i].attribute,
				      figures[i].value, GPROBE_A_STATS_PAD))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static u32 state_of(const struct gprobe_domain *domain)
{
	if (domain->gone)
		return GPROBE_DOMAIN_STATE_GONE;
	if (domain->draining)
		return GPROBE_DOMAIN_STATE_DETACHED;
	return GPROBE_DOMAIN_STATE_LIVE;
}

/**
 * gprobe_netlink_fill_domain() - Write a struct gprobe_domain.
 * @skb: the message
 * @header: its head
 * @object: the domain
 *
 * Context: Process, control lock held.
 * Return: 0; -EMSGSIZE no room, nothing written.
 */
int gprobe_netlink_fill_domain(struct sk_buff *skb,
			       const struct gprobe_header *header,
			       const void *object)
{
	const struct gprobe_domain *domain = object;
	void *head = begin(skb, header);

	if (!head)
		return -EMSGSIZE;
	if (nla_put_u32(skb, GPROBE_A_DOMAIN_ID, domain->xen.domid) ||
	    nla_put_u32(skb, GPROBE_A_DOMAIN_STATE, state_of(domain)) ||
	    nla_put_u32(skb, GPROBE_A_DOMAIN_VCPUS, domain->nr_vcpus) ||
	    (domain->tap &&
	     nla_put_u32(skb, GPROBE_A_DOMAIN_VIEW, domain->tap->id)) ||
	    nla_put_u32(skb, GPROBE_A_DOMAIN_SESSIONS, domain->nr_sessions) ||
	    nla_put_u32(skb, GPROBE_A_DOMAIN_CLAIMS, domain->nr_claims) ||
	    nla_put_u32(skb, GPROBE_A_DOMAIN_FRAMES, domain->pool.lent) ||
	    nla_put_u32(skb, GPROBE_A_DOMAIN_WATCHES, domain->nr_watches) ||
	    put_stats(skb, domain)) {
		genlmsg_cancel(skb, head);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, head);
	return 0;
}

/**
 * gprobe_netlink_fill_view() - Write a struct gprobe_view.
 * @skb: the message
 * @header: its head
 * @object: the view
 *
 * Context: Process, control lock held.
 * Return: 0; -EMSGSIZE no room, nothing written.
 */
int gprobe_netlink_fill_view(struct sk_buff *skb,
			     const struct gprobe_header *header,
			     const void *object)
{
	const struct gprobe_view *view = object;
	void *head = begin(skb, header);

	if (!head)
		return -EMSGSIZE;
	if (nla_put_u32(skb, GPROBE_A_VIEW_DOMAIN, view->domain->xen.domid) ||
	    nla_put_u32(skb, GPROBE_A_VIEW_ID, view->id) ||
	    (view->owner &&
	     nla_put_u32(skb, GPROBE_A_VIEW_SESSION, view->owner->portid)) ||
	    nla_put_u32(skb, GPROBE_A_VIEW_SITES, view->nr_sites) ||
	    nla_put_u32(skb, GPROBE_A_VIEW_FRAMES, view->nr_frames) ||
	    (view->domain->active == view &&
	     nla_put_flag(skb, GPROBE_A_VIEW_ACTIVE))) {
		genlmsg_cancel(skb, head);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, head);
	return 0;
}

/**
 * gprobe_netlink_fill_site() - Write a struct gprobe_site.
 * @skb: the message
 * @header: its head
 * @object: the site
 *
 * Context: Process, control lock held.
 * Return: 0; -EMSGSIZE no room, nothing written.
 */
int gprobe_netlink_fill_site(struct sk_buff *skb,
			     const struct gprobe_header *header,
			     const void *object)
{
	const struct gprobe_site *site = object;
	const struct gprobe_view *view = site->frame->view;
	void *head = begin(skb, header);

	if (!head)
		return -EMSGSIZE;
	if (nla_put_u32(skb, GPROBE_A_SITE_DOMAIN, view->domain->xen.domid) ||
	    nla_put_u32(skb, GPROBE_A_SITE_VIEW, view->id) ||
	    nla_put_u64_64bit(skb, GPROBE_A_SITE_GFN, site->frame->gfn,
			      GPROBE_A_SITE_PAD) ||
	    nla_put_u32(skb, GPROBE_A_SITE_OFFSET, site->offset) ||
	    nla_put_u32(skb, GPROBE_A_SITE_STEP, READ_ONCE(site->step)) ||
	    nla_put_u32(skb, GPROBE_A_SITE_CLAIMS, site->nr_claims) ||
	    nla_put_u64_64bit(skb, GPROBE_A_SITE_HITS, READ_ONCE(site->hits),
			      GPROBE_A_SITE_PAD)) {
		genlmsg_cancel(skb, head);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, head);
	return 0;
}

static int put_filters(struct sk_buff *skb,
		       const struct gprobe_claim_spec *spec)
{
	unsigned long last = find_last_bit(spec->vcpus, GPROBE_VCPUS_MAX);

	if ((!spec->any_root &&
	     nla_put_u64_64bit(skb, GPROBE_A_CLAIM_ROOT, spec->root,
			       GPROBE_A_CLAIM_PAD)) ||
	    (!spec->any_vcpu &&
	     nla_put(skb, GPROBE_A_CLAIM_VCPUS, last / 8 + 1, spec->vcpus)) ||
	    (spec->cpls != GPROBE_CPLS_ALL &&
	     nla_put_u32(skb, GPROBE_A_CLAIM_CPLS, spec->cpls)))
		return -EMSGSIZE;
	return 0;
}

static int put_wish(struct sk_buff *skb, const struct gprobe_claim_spec *spec)
{
	if (nla_put_u64_64bit(skb, GPROBE_A_CLAIM_GFN, spec->gfn,
			      GPROBE_A_CLAIM_PAD) ||
	    nla_put_u32(skb, GPROBE_A_CLAIM_OFFSET, spec->offset) ||
	    put_filters(skb, spec) ||
	    nla_put_u32(skb, GPROBE_A_CLAIM_ACTION, spec->action) ||
	    (spec->step &&
	     nla_put_u32(skb, GPROBE_A_CLAIM_STEP, spec->step)) ||
	    (spec->insn_bytes &&
	     nla_put_u32(skb, GPROBE_A_CLAIM_INSN_BYTES, spec->insn_bytes)) ||
	    (spec->off_after &&
	     nla_put_u64_64bit(skb, GPROBE_A_CLAIM_OFF_AFTER, spec->off_after,
			       GPROBE_A_CLAIM_PAD)) ||
	    (spec->rate && nla_put_u32(skb, GPROBE_A_CLAIM_RATE, spec->rate)) ||
	    nla_put_u64_64bit(skb, GPROBE_A_CLAIM_COOKIE, spec->cookie,
			      GPROBE_A_CLAIM_PAD) ||
	    (spec->label &&
	     nla_put_string(skb, GPROBE_A_CLAIM_LABEL, spec->label)))
		return -EMSGSIZE;
	return 0;
}

static int put_figures(struct sk_buff *skb, const struct gprobe_claim *claim)
{
	if (nla_put_u64_64bit(skb, GPROBE_A_CLAIM_HITS, READ_ONCE(claim->hits),
			      GPROBE_A_CLAIM_PAD) ||
	    nla_put_u64_64bit(skb, GPROBE_A_CLAIM_FILTERED,
			      READ_ONCE(claim->filtered), GPROBE_A_CLAIM_PAD) ||
	    nla_put_u64_64bit(skb, GPROBE_A_CLAIM_LIMITED,
			      READ_ONCE(claim->limited), GPROBE_A_CLAIM_PAD) ||
	    (READ_ONCE(claim->off) && nla_put_flag(skb, GPROBE_A_CLAIM_IS_OFF)))
		return -EMSGSIZE;
	return 0;
}

/**
 * gprobe_netlink_fill_claim() - Write a struct gprobe_claim.
 * @skb: the message
 * @header: its head
 * @object: the claim
 *
 * Context: Process, control lock held.
 * Return: 0; -EMSGSIZE no room, nothing written.
 */
int gprobe_netlink_fill_claim(struct sk_buff *skb,
			      const struct gprobe_header *header,
			      const void *object)
{
	const struct gprobe_claim *claim = object;
	void *head = begin(skb, header);

	if (!head)
		return -EMSGSIZE;
	if (nla_put_u32(skb, GPROBE_A_CLAIM_ID, claim->id) ||
	    nla_put_u32(skb, GPROBE_A_CLAIM_DOMAIN, claim->domid) ||
	    nla_put_u32(skb, GPROBE_A_CLAIM_VIEW, claim->view_id) ||
	    nla_put_u32(skb, GPROBE_A_CLAIM_SESSION, claim->session->portid) ||
	    (claim->session->name[0] &&
	     nla_put_string(skb, GPROBE_A_CLAIM_PIN, claim->session->name)) ||
	    put_wish(skb, &claim->spec) ||
	    put_figures(skb, claim)) {
		genlmsg_cancel(skb, head);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, head);
	return 0;
}

/**
 * gprobe_netlink_fill_watch() - Write a struct gprobe_watcher.
 * @skb: the message
 * @header: its head
 * @object: the watcher
 *
 * Context: Process, control lock held.
 * Return: 0; -EMSGSIZE no room, nothing written.
 */
int gprobe_netlink_fill_watch(struct sk_buff *skb,
			      const struct gprobe_header *header,
			      const void *object)
{
	const struct gprobe_watcher *watcher = object;
	const struct gprobe_attachment *attachment = watcher->attachment;
	const struct gprobe_watch *watch = watcher->watch;
	void *head = begin(skb, header);

	if (!head)
		return -EMSGSIZE;
	if (nla_put_u32(skb, GPROBE_A_WATCH_DOMAIN,
			attachment->domain->xen.domid) ||
	    nla_put_u32(skb, GPROBE_A_WATCH_VIEW, watch->view->id) ||
	    nla_put_u64_64bit(skb, GPROBE_A_WATCH_GFN, watch->gfn,
			      GPROBE_A_WATCH_PAD) ||
	    nla_put(skb, GPROBE_A_WATCH_ENTRIES, sizeof(watcher->entries),
		    watcher->entries) ||
	    nla_put_u32(skb, GPROBE_A_WATCH_SESSION,
			attachment->session->portid)) {
		genlmsg_cancel(skb, head);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, head);
	return 0;
}

static int put_trap_wish(struct sk_buff *skb,
			 const struct gprobe_trap_spec *spec)
{
	if (nla_put_u32(skb, GPROBE_A_TRAP_KIND, spec->kind) ||
	    (spec->kind == GPROBE_TRAP_KIND_MSR &&
	     nla_put_u32(skb, GPROBE_A_TRAP_MSR, spec->msr)) ||
	    (spec->mask &&
	     nla_put_u64_64bit(skb, GPROBE_A_TRAP_MASK, spec->mask,
			       GPROBE_A_TRAP_PAD)) ||
	    (spec->on_change && nla_put_flag(skb, GPROBE_A_TRAP_ON_CHANGE)) ||
	    (spec->user && nla_put_flag(skb, GPROBE_A_TRAP_USER)) ||
	    nla_put_u32(skb, GPROBE_A_TRAP_ACTION, spec->action) ||
	    nla_put_u64_64bit(skb, GPROBE_A_TRAP_COOKIE, spec->cookie,
			      GPROBE_A_TRAP_PAD))
		return -EMSGSIZE;
	return 0;
}

/**
 * gprobe_netlink_fill_trap() - Write a struct gprobe_trap.
 * @skb: the message
 * @header: its head
 * @object: the trap
 *
 * Context: Process, control lock held.
 * Return: 0; -EMSGSIZE no room, nothing written.
 */
int gprobe_netlink_fill_trap(struct sk_buff *skb,
			     const struct gprobe_header *header,
			     const void *object)
{
	const struct gprobe_trap *trap = object;
	const struct gprobe_session *session = trap->attachment->session;
	void *head = begin(skb, header);

	if (!head)
		return -EMSGSIZE;
	if (nla_put_u32(skb, GPROBE_A_TRAP_ID, trap->id) ||
	    nla_put_u32(skb, GPROBE_A_TRAP_DOMAIN,
			trap->attachment->domain->xen.domid) ||
	    nla_put_u32(skb, GPROBE_A_TRAP_SESSION, session->portid) ||
	    (session->name[0] &&
	     nla_put_string(skb, GPROBE_A_TRAP_PIN, session->name)) ||
	    put_trap_wish(skb, &trap->spec) ||
	    nla_put_u64_64bit(skb, GPROBE_A_TRAP_EVENTS,
			      READ_ONCE(trap->events), GPROBE_A_TRAP_PAD)) {
		genlmsg_cancel(skb, head);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, head);
	return 0;
}

static int put_values(struct sk_buff *skb, u64 old_value, u64 new_value)
{
	if (nla_put_u64_64bit(skb, GPROBE_A_UPCALL_OLD, old_value,
			      GPROBE_A_UPCALL_PAD) ||
	    nla_put_u64_64bit(skb, GPROBE_A_UPCALL_NEW, new_value,
			      GPROBE_A_UPCALL_PAD))
		return -EMSGSIZE;
	return 0;
}

static int put_gfn(struct sk_buff *skb, const struct gprobe_upcall_spec *spec)
{
	return nla_put_u64_64bit(skb, GPROBE_A_UPCALL_GFN, spec->gfn,
				 GPROBE_A_UPCALL_PAD);
}

static int put_entry(struct sk_buff *skb, const struct gprobe_upcall_spec *spec)
{
	if (put_gfn(skb, spec) ||
	    nla_put_u32(skb, GPROBE_A_UPCALL_INDEX, spec->index) ||
	    put_values(skb, spec->old, spec->new))
		return -EMSGSIZE;
	return 0;
}

static int put_hit(struct sk_buff *skb, const struct gprobe_upcall_spec *spec)
{
	if (put_gfn(skb, spec) ||
	    nla_put_u32(skb, GPROBE_A_UPCALL_CLAIM, spec->claim) ||
	    nla_put_u64_64bit(skb, GPROBE_A_UPCALL_COOKIE, spec->cookie,
			      GPROBE_A_UPCALL_PAD) ||
	    nla_put_u32(skb, GPROBE_A_UPCALL_OFFSET, spec->offset))
		return -EMSGSIZE;
	return 0;
}

static int put_trapped(struct sk_buff *skb,
		       const struct gprobe_upcall_spec *spec)
{
	const struct gprobe_trapped *trapped = &spec->trapped;

	if (nla_put_u32(skb, GPROBE_A_UPCALL_TRAP, spec->trap) ||
	    nla_put_u64_64bit(skb, GPROBE_A_UPCALL_COOKIE, spec->trap_cookie,
			      GPROBE_A_UPCALL_PAD) ||
	    nla_put_u32(skb, GPROBE_A_UPCALL_KIND, trapped->kind) ||
	    nla_put_u64_64bit(skb, GPROBE_A_UPCALL_KEY, trapped->key,
			      GPROBE_A_UPCALL_PAD) ||
	    nla_put_u64_64bit(skb, GPROBE_A_UPCALL_SUBKEY, trapped->subkey,
			      GPROBE_A_UPCALL_PAD) ||
	    put_values(skb, trapped->old_value, trapped->new_value))
		return -EMSGSIZE;
	return 0;
}

static int put_reason(struct sk_buff *skb,
		      const struct gprobe_upcall_spec *spec)
{
	switch (spec->reason) {
	case GPROBE_UPCALL_REASON_TABLE:
		return put_entry(skb, spec);
	case GPROBE_UPCALL_REASON_TRAP:
		return put_trapped(skb, spec);
	default:
		return put_hit(skb, spec);
	}
}

/**
 * gprobe_netlink_fill_upcall() - Write a struct gprobe_upcall_message.
 * @skb: the message
 * @header: its head
 * @object: the upcall
 *
 * Context: Any.
 * Return: 0; -EMSGSIZE no room, nothing written.
 */
int gprobe_netlink_fill_upcall(struct sk_buff *skb,
			       const struct gprobe_header *header,
			       const void *object)
{
	const struct gprobe_upcall_message *message = object;
	void *head = begin(skb, header);

	if (!head)
		return -EMSGSIZE;
	if (nla_put_u32(skb, GPROBE_A_UPCALL_DOMAIN, message->domid) ||
	    nla_put_u64_64bit(skb, GPROBE_A_UPCALL_SEQ, message->seq,
			      GPROBE_A_UPCALL_PAD) ||
	    nla_put_u32(skb, GPROBE_A_UPCALL_VCPU, message->spec.vcpu) ||
	    nla_put_u32(skb, GPROBE_A_UPCALL_REASON, message->spec.reason) ||
	    nla_put_u32(skb, GPROBE_A_UPCALL_VIEW, message->spec.view) ||
	    put_reason(skb, &message->spec) ||
	    (message->has_regs &&
	     nla_put(skb, GPROBE_A_UPCALL_REGS, sizeof(message->regs),
		     &message->regs))) {
		genlmsg_cancel(skb, head);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, head);
	return 0;
}

/**
 * gprobe_netlink_fill_session() - Write a struct gprobe_session.
 * @skb: the message
 * @header: its head
 * @object: the session
 *
 * Context: Process, control lock held.
 * Return: 0; -EMSGSIZE no room, nothing written.
 */
int gprobe_netlink_fill_session(struct sk_buff *skb,
				const struct gprobe_header *header,
				const void *object)
{
	/* Counting takes lists that are not const. */
	struct gprobe_session *session = (struct gprobe_session *)object;
	void *head = begin(skb, header);

	if (!head)
		return -EMSGSIZE;
	if (nla_put_u32(skb, GPROBE_A_SESSION_ID, session->portid) ||
	    (session->name[0] &&
	     nla_put_string(skb, GPROBE_A_SESSION_NAME, session->name)) ||
	    nla_put_u32(skb, GPROBE_A_SESSION_DOMAINS,
			list_count_nodes(&session->attachments)) ||
	    nla_put_u32(skb, GPROBE_A_SESSION_CLAIMS,
			list_count_nodes(&session->claims))) {
		genlmsg_cancel(skb, head);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, head);
	return 0;
}
