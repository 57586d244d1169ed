// SPDX-License-Identifier: GPL-2.0
/* Messages to calls: policies, handlers. */
#include "netlink.h"

#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/module.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>

#include "../include/uapi/linux/gprobe.h"
#include "compat.h"
#include "domain.h"
#include "frame.h"
#include "netlink_ahead.h"
#include "netlink_dump.h"
#include "session.h"
#include "site.h"
#include "trap.h"
#include "upcall.h"
#include "view.h"
#include "watch.h"

/* Above are Xen's own, such as DOMID_SELF. */
#define DOMID_MAX (DOMID_FIRST_RESERVED - 1)

/* Not const: 6.1 wants it so. */
static struct netlink_range_validation gfn_range = {
	.max = (1ULL << GPROBE_GFN_BITS) - 1,
};

static const struct nla_policy domain_policy[GPROBE_A_DOMAIN_MAX + 1] = {
	[GPROBE_A_DOMAIN_ID] = NLA_POLICY_MAX(NLA_U32, DOMID_MAX),
	[GPROBE_A_DOMAIN_DOMCTL_VERSION] = NLA_POLICY_MIN(NLA_U32, 1),
	[GPROBE_A_DOMAIN_TAKE_OVER] = { .type = NLA_FLAG },
};

static const struct nla_policy view_policy[GPROBE_A_VIEW_MAX + 1] = {
	[GPROBE_A_VIEW_DOMAIN] = NLA_POLICY_MAX(NLA_U32, DOMID_MAX),
	[GPROBE_A_VIEW_ID] = NLA_POLICY_MIN(NLA_U32, 1),
};

static const struct nla_policy site_policy[GPROBE_A_SITE_MAX + 1] = {
	[GPROBE_A_SITE_DOMAIN] = NLA_POLICY_MAX(NLA_U32, DOMID_MAX),
};

static const struct nla_policy claim_policy[GPROBE_A_CLAIM_MAX + 1] = {
	[GPROBE_A_CLAIM_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[GPROBE_A_CLAIM_DOMAIN] = NLA_POLICY_MAX(NLA_U32, DOMID_MAX),
	[GPROBE_A_CLAIM_VIEW] = NLA_POLICY_MIN(NLA_U32, 1),
	[GPROBE_A_CLAIM_GFN] = NLA_POLICY_FULL_RANGE(NLA_U64, &gfn_range),
	[GPROBE_A_CLAIM_OFFSET] = NLA_POLICY_MAX(NLA_U32, PAGE_SIZE - 1),
	[GPROBE_A_CLAIM_ROOT] = { .type = NLA_U64 },
	[GPROBE_A_CLAIM_ACTION] = NLA_POLICY_RANGE(NLA_U32, 1,
						   GPROBE_ACTION_MAX),
	[GPROBE_A_CLAIM_STEP] = NLA_POLICY_RANGE(NLA_U32, 1, GPROBE_STEP_MAX),
	[GPROBE_A_CLAIM_INSN_BYTES] = NLA_POLICY_RANGE(NLA_U32, 1,
						GPROBE_INSN_BYTES_MAX),
	[GPROBE_A_CLAIM_VCPUS] = NLA_POLICY_RANGE(NLA_BINARY, 1,
						  GPROBE_VCPU_BYTES_MAX),
	[GPROBE_A_CLAIM_CPLS] = NLA_POLICY_RANGE(NLA_U32, 1, GPROBE_CPLS_ALL),
	[GPROBE_A_CLAIM_OFF_AFTER] = NLA_POLICY_MIN(NLA_U64, 1),
	[GPROBE_A_CLAIM_RATE] = NLA_POLICY_MIN(NLA_U32, 1),
	[GPROBE_A_CLAIM_COOKIE] = { .type = NLA_U64 },
	[GPROBE_A_CLAIM_LABEL] = { .type = NLA_NUL_STRING,
				   .len = GPROBE_LABEL_MAX },
};

static const struct nla_policy watch_policy[GPROBE_A_WATCH_MAX + 1] = {
	[GPROBE_A_WATCH_DOMAIN] = NLA_POLICY_MAX(NLA_U32, DOMID_MAX),
	[GPROBE_A_WATCH_VIEW] = NLA_POLICY_MIN(NLA_U32, 1),
	[GPROBE_A_WATCH_GFN] = NLA_POLICY_FULL_RANGE(NLA_U64, &gfn_range),
	[GPROBE_A_WATCH_ENTRIES] = NLA_POLICY_EXACT_LEN(GPROBE_ENTRIES_BYTES),
};

static const struct nla_policy upcall_policy[GPROBE_A_UPCALL_MAX + 1] = {
	[GPROBE_A_UPCALL_DOMAIN] = NLA_POLICY_MAX(NLA_U32, DOMID_MAX),
	[GPROBE_A_UPCALL_SEQ] = { .type = NLA_U64 },
	[GPROBE_A_UPCALL_VIEW] = { .type = NLA_U32 },
	[GPROBE_A_UPCALL_REGS] =
			NLA_POLICY_EXACT_LEN(sizeof(struct gprobe_regs)),
	[GPROBE_A_UPCALL_VERDICT] = NLA_POLICY_RANGE(NLA_U32, 1,
						     GPROBE_VERDICT_MAX),
	[GPROBE_A_UPCALL_INSN] = NLA_POLICY_RANGE(NLA_BINARY, 1,
						  GPROBE_INSN_BYTES_MAX),
	[GPROBE_A_UPCALL_VECTOR] = NLA_POLICY_MAX(NLA_U32, 31),
	[GPROBE_A_UPCALL_ERROR_CODE] = NLA_POLICY_MAX(NLA_U32, S16_MAX),
	[GPROBE_A_UPCALL_CR2] = { .type = NLA_U64 },
};

static const struct nla_policy session_policy[GPROBE_A_SESSION_MAX + 1] = {
	[GPROBE_A_SESSION_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[GPROBE_A_SESSION_NAME] = { .type = NLA_NUL_STRING,
				    .len = GPROBE_PIN_MAX },
};

static const struct nla_policy trap_policy[GPROBE_A_TRAP_MAX + 1] = {
	[GPROBE_A_TRAP_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[GPROBE_A_TRAP_DOMAIN] = NLA_POLICY_MAX(NLA_U32, DOMID_MAX),
	[GPROBE_A_TRAP_KIND] = NLA_POLICY_RANGE(NLA_U32, 1,
						GPROBE_TRAP_KIND_MAX),
	[GPROBE_A_TRAP_MSR] = { .type = NLA_U32 },
	[GPROBE_A_TRAP_MASK] = { .type = NLA_U64 },
	[GPROBE_A_TRAP_ON_CHANGE] = { .type = NLA_FLAG },
	[GPROBE_A_TRAP_USER] = { .type = NLA_FLAG },
	[GPROBE_A_TRAP_ACTION] = NLA_POLICY_RANGE(NLA_U32, 1,
						  GPROBE_ACTION_MAX),
	[GPROBE_A_TRAP_COOKIE] = { .type = NLA_U64 },
};

static_assert(GPROBE_A_CLAIM_MAX < GPROBE_AHEAD_ATTRS &&
	      GPROBE_A_WATCH_MAX < GPROBE_AHEAD_ATTRS);

static bool has_frame(const struct gprobe_view *view, u64 gfn)
{
	return gprobe_frame_find(view, gfn);
}

static const struct gprobe_ahead claims_ahead = {
	.cmds = { GPROBE_CMD_CLAIM_NEW, GPROBE_CMD_CLAIM_DEL },
	.policy = claim_policy, .maxattr = GPROBE_A_CLAIM_MAX,
	.domain = GPROBE_A_CLAIM_DOMAIN, .view = GPROBE_A_CLAIM_VIEW,
	.gfn = GPROBE_A_CLAIM_GFN, .is_made = has_frame,
};

static bool wants_watch(struct nlattr **attrs)
{
	const struct nlattr *entries = attrs[GPROBE_A_WATCH_ENTRIES];

	return entries && memchr_inv(nla_data(entries), 0, nla_len(entries));
}

static bool has_watch(const struct gprobe_view *view, u64 gfn)
{
	return gprobe_watch_find(view->domain, view->id, gfn);
}

static const struct gprobe_ahead watches_ahead = {
	.cmds = { GPROBE_CMD_WATCH_SET },
	.policy = watch_policy, .maxattr = GPROBE_A_WATCH_MAX,
	.domain = GPROBE_A_WATCH_DOMAIN, .view = GPROBE_A_WATCH_VIEW,
	.gfn = GPROBE_A_WATCH_GFN, .wants = wants_watch,
	.is_made = has_watch,
};

/* The required attribute, or NULL and a message. */
static struct nlattr *need(struct genl_info *info, int attribute)
{
	struct nlattr *attr = info->attrs[attribute];

	if (!attr)
		NL_SET_ERR_MSG(info->extack, "a required attribute is missing");
	return attr;
}

static int reply(struct genl_info *info, gprobe_fill_fn fill, const void *object)
{
	const struct gprobe_header header = {
		.portid = info->snd_portid,
		.seq = info->snd_seq,
		.cmd = info->genlhdr->cmd,
	};
	struct sk_buff *skb = gprobe_netlink_message(fill, &header, object,
				      GENLMSG_DEFAULT_SIZE, GFP_KERNEL);

	return IS_ERR(skb) ? PTR_ERR(skb) : genlmsg_reply(skb, info);
}

/* The attachment of the sender to the domain it names. */
static struct gprobe_attachment *attachment_of(struct genl_info *info,
					       int attribute)
{
	struct nlattr *attr = need(info, attribute);
	struct gprobe_attachment *attachment;

	if (!attr)
		return ERR_PTR(-EINVAL);
	attachment = gprobe_session_attachment(
			gprobe_session_find(info->snd_portid),
			nla_get_u32(attr));
	if (!attachment) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "this socket is not attached to that domain");
		return ERR_PTR(-ENOTCONN);
	}
	return attachment;
}

/* The same, for what needs the guest alive. */
static struct gprobe_attachment *live_attachment_of(struct genl_info *info,
						    int attribute)
{
	struct gprobe_attachment *attachment = attachment_of(info, attribute);

	if (!IS_ERR(attachment) && attachment->domain->gone) {
		NL_SET_ERR_MSG(info->extack, "the domain has died");
		return ERR_PTR(-ESHUTDOWN);
	}
	return attachment;
}

static int domain_attach(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *id = need(info, GPROBE_A_DOMAIN_ID);
	struct nlattr *version = need(info, GPROBE_A_DOMAIN_DOMCTL_VERSION);
	struct gprobe_attach_spec spec = {};
	int ret;

	if (!id || !version)
		return -EINVAL;
	spec.domid = nla_get_u32(id);
	spec.domctl_version = nla_get_u32(version);
	spec.take_over = info->attrs[GPROBE_A_DOMAIN_TAKE_OVER];
	ret = gprobe_session_attach(info->snd_portid, &spec, info->extack);
	if (ret)
		return ret;
	return reply(info, gprobe_netlink_fill_domain,
		     gprobe_domain_find(nla_get_u32(id)));
}

static int domain_detach(struct sk_buff *skb, struct genl_info *info)
{
	struct gprobe_attachment *attachment;

	attachment = attachment_of(info, GPROBE_A_DOMAIN_ID);
	if (IS_ERR(attachment))
		return PTR_ERR(attachment);
	gprobe_session_detach(attachment);
	return 0;
}

static int domain_get(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *id = need(info, GPROBE_A_DOMAIN_ID);
	struct gprobe_attachment *attachment;
	struct gprobe_domain *domain;

	if (!id)
		return -EINVAL;
	domain = gprobe_domain_find(nla_get_u32(id));
	if (!domain) {
		attachment = attachment_of(info, GPROBE_A_DOMAIN_ID);
		domain = IS_ERR(attachment) ? NULL : attachment->domain;
	}
	if (!domain) {
		NL_SET_ERR_MSG_ATTR(info->extack, id, "no session is attached to that domain");
		return -ENOENT;
	}
	return reply(info, gprobe_netlink_fill_domain, domain);
}

static int view_new(struct sk_buff *skb, struct genl_info *info)
{
	struct gprobe_attachment *attachment;
	struct gprobe_view *view;

	attachment = live_attachment_of(info, GPROBE_A_VIEW_DOMAIN);
	if (IS_ERR(attachment))
		return PTR_ERR(attachment);
	view = gprobe_view_new(attachment->domain, attachment->session);
	if (IS_ERR(view))
		return PTR_ERR(view);
	gprobe_netlink_generation++;
	return reply(info, gprobe_netlink_fill_view, view);
}

static struct gprobe_view *view_of(struct genl_info *info,
				   struct gprobe_domain *domain,
				   struct nlattr *id)
{
	struct gprobe_view *view;

	view = gprobe_view_find(domain, nla_get_u32(id));
	if (!view) {
		NL_SET_ERR_MSG_ATTR(info->extack, id, "no such view");
		return ERR_PTR(-ENOENT);
	}
	return view;
}

static int view_del(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *id = need(info, GPROBE_A_VIEW_ID);
	struct gprobe_attachment *attachment;
	struct gprobe_view *view;

	attachment = live_attachment_of(info, GPROBE_A_VIEW_DOMAIN);
	if (IS_ERR(attachment) || !id)
		return id ? PTR_ERR(attachment) : -EINVAL;
	view = view_of(info, attachment->domain, id);
	if (IS_ERR(view))
		return PTR_ERR(view);
	if (view->owner != attachment->session) {
		NL_SET_ERR_MSG_ATTR(info->extack, id, "this view is not the session's own");
		return -EPERM;
	}
	if (view->nr_sites || gprobe_watch_by_others(view, NULL) ||
	    view == attachment->domain->active || gprobe_view_has_vcpus(view)) {
		NL_SET_ERR_MSG_ATTR(info->extack, id, "this view has claims or watches, or vCPUs are in it");
		return -EBUSY;
	}
	gprobe_view_del(view, false);
	gprobe_netlink_generation++;
	return 0;
}

static int view_get(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *domid = need(info, GPROBE_A_VIEW_DOMAIN);
	struct nlattr *id = need(info, GPROBE_A_VIEW_ID);
	struct gprobe_domain *domain;
	struct gprobe_view *view;

	if (!domid || !id)
		return -EINVAL;
	domain = gprobe_domain_find(nla_get_u32(domid));
	if (!domain)
		return -ENOENT;
	view = view_of(info, domain, id);
	if (IS_ERR(view))
		return PTR_ERR(view);
	return reply(info, gprobe_netlink_fill_view, view);
}

/* Somebody else's claims would see no hits in another view. */
static bool others_claim(const struct gprobe_view *view,
			 const struct gprobe_session *session)
{
	struct gprobe_claim *claim;
	int id;

	idr_for_each_entry(&gprobe_claims, claim, id)
		if (claim->session != session &&
		    gprobe_claim_domain(claim) == view->domain &&
		    claim->view_id == view->id)
			return true;
	return false;
}

/* Whoever has something in a view that vCPUs would leave. */
static int others_stay(struct genl_info *info, const struct gprobe_view *view,
		       const struct gprobe_session *session, struct nlattr *to)
{
	if (!others_claim(view, session) &&
	    !gprobe_watch_by_others(view, session))
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, to, "another session has claims or watches in the view that is left");
	return -EBUSY;
}

static int view_switch(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *id = need(info, GPROBE_A_VIEW_ID);
	struct gprobe_attachment *attachment;
	struct gprobe_domain *domain;
	struct gprobe_view *view;
	int ret;

	attachment = live_attachment_of(info, GPROBE_A_VIEW_DOMAIN);
	if (IS_ERR(attachment) || !id)
		return id ? PTR_ERR(attachment) : -EINVAL;
	domain = attachment->domain;
	view = view_of(info, domain, id);
	if (IS_ERR(view))
		return PTR_ERR(view);
	ret = view == domain->active ? 0 :
	      others_stay(info, domain->active, attachment->session, id);
	return ret ?: gprobe_view_switch(domain, view);
}

static int claim_vcpus(struct genl_info *info, u32 nr_vcpus,
		       struct gprobe_claim_spec *spec)
{
	struct nlattr *vcpus = info->attrs[GPROBE_A_CLAIM_VCPUS];
	unsigned long last;

	spec->any_vcpu = !vcpus;
	if (!vcpus)
		return 0;
	/* x86 numbers the bits of its longs as those of their bytes. */
	memcpy(spec->vcpus, nla_data(vcpus), nla_len(vcpus));
	last = find_last_bit(spec->vcpus, GPROBE_VCPUS_MAX);
	if (last == GPROBE_VCPUS_MAX) {
		NL_SET_ERR_MSG_ATTR(info->extack, vcpus, "a set of vCPUs must not be empty: leave it out for all");
		return -EINVAL;
	}
	if (last >= nr_vcpus) {
		NL_SET_ERR_MSG_ATTR(info->extack, vcpus, "the set of vCPUs names one that the guest does not have");
		return -EINVAL;
	}
	return 0;
}

/* Which hits of its place a claim wants. */
static int claim_filters(struct genl_info *info, u32 nr_vcpus,
			 struct gprobe_claim_spec *spec)
{
	struct nlattr *root = info->attrs[GPROBE_A_CLAIM_ROOT];
	struct nlattr *cpls = info->attrs[GPROBE_A_CLAIM_CPLS];

	spec->any_root = !root;
	if (root)
		spec->root = nla_get_u64(root);
	if (spec->root & ~GPROBE_ROOT_MASK) {
		NL_SET_ERR_MSG_ATTR(info->extack, root, "a root is CR3 without its bits 11:0 and 63:52");
		return -EINVAL;
	}
	spec->cpls = cpls ? nla_get_u32(cpls) : GPROBE_CPLS_ALL;
	return claim_vcpus(info, nr_vcpus, spec);
}

static int claim_spec(struct genl_info *info, struct gprobe_claim_spec *spec)
{
	struct nlattr **attrs = info->attrs;

	if (!need(info, GPROBE_A_CLAIM_GFN) ||
	    !need(info, GPROBE_A_CLAIM_OFFSET) ||
	    !need(info, GPROBE_A_CLAIM_ACTION))
		return -EINVAL;
	spec->gfn = nla_get_u64(attrs[GPROBE_A_CLAIM_GFN]);
	spec->offset = nla_get_u32(attrs[GPROBE_A_CLAIM_OFFSET]);
	spec->action = nla_get_u32(attrs[GPROBE_A_CLAIM_ACTION]);
	if (attrs[GPROBE_A_CLAIM_STEP])
		spec->step = nla_get_u32(attrs[GPROBE_A_CLAIM_STEP]);
	if (attrs[GPROBE_A_CLAIM_INSN_BYTES])
		spec->insn_bytes = nla_get_u32(attrs[GPROBE_A_CLAIM_INSN_BYTES]);
	if ((spec->step == GPROBE_STEP_SKIP) != !!spec->insn_bytes) {
		NL_SET_ERR_MSG(info->extack, "the length of the instruction goes with the step method skip, and with no other");
		return -EINVAL;
	}
	if (attrs[GPROBE_A_CLAIM_OFF_AFTER])
		spec->off_after = nla_get_u64(attrs[GPROBE_A_CLAIM_OFF_AFTER]);
	if (attrs[GPROBE_A_CLAIM_RATE])
		spec->rate = nla_get_u32(attrs[GPROBE_A_CLAIM_RATE]);
	if (attrs[GPROBE_A_CLAIM_COOKIE])
		spec->cookie = nla_get_u64(attrs[GPROBE_A_CLAIM_COOKIE]);
	if (attrs[GPROBE_A_CLAIM_LABEL])
		spec->label = nla_data(attrs[GPROBE_A_CLAIM_LABEL]);
	return 0;
}

/* The view that is named, or the tap view; not another session's. */
static struct gprobe_view *usable_view(struct genl_info *info,
				       struct gprobe_attachment *attachment,
				       struct nlattr *view_id)
{
	struct gprobe_view *view;

	if (!view_id)
		return attachment->domain->tap;
	view = view_of(info, attachment->domain, view_id);
	if (!IS_ERR(view) && view->owner &&
	    view->owner != attachment->session) {
		NL_SET_ERR_MSG_ATTR(info->extack, view_id, "this view is another session's");
		return ERR_PTR(-EPERM);
	}
	return view;
}

static int check_pinned(struct genl_info *info,
			const struct gprobe_session *session, u32 action)
{
	if (!session->name[0] || action != GPROBE_ACTION_UPCALL)
		return 0;
	NL_SET_ERR_MSG(info->extack, "a pinned session cannot have upcalls: without a socket nobody replies");
	return -EBUSY;
}

/* With the frame of a claim, those of the claims that follow. */
static void prepare_frames(struct sk_buff *skb, struct genl_info *info,
			   struct gprobe_attachment *attachment,
			   struct gprobe_view *view)
{
	u64 gfns[GPROBE_MULTI_OBJECTS];
	unsigned int nr = gprobe_ahead_gfns(&claims_ahead, skb, info, view, gfns);

	if (nr > 1)
		gprobe_frames_prepare(view, gfns, nr,
				      &attachment->unused_frames);
}

static int claim_new(struct sk_buff *skb, struct genl_info *info)
{
	struct gprobe_claim_spec spec = {};
	struct gprobe_attachment *attachment;
	struct gprobe_claim *claim;
	struct gprobe_view *view;
	int ret;

	attachment = live_attachment_of(info, GPROBE_A_CLAIM_DOMAIN);
	if (IS_ERR(attachment))
		return PTR_ERR(attachment);
	ret = claim_spec(info, &spec) ?:
	      check_pinned(info, attachment->session, spec.action) ?:
	      claim_filters(info, attachment->domain->nr_vcpus, &spec);
	if (ret)
		return ret;
	view = usable_view(info, attachment, info->attrs[GPROBE_A_CLAIM_VIEW]);
	if (IS_ERR(view))
		return PTR_ERR(view);
	prepare_frames(skb, info, attachment, view);
	claim = gprobe_claim_new(attachment, view, &spec, info->extack);
	if (IS_ERR(claim))
		return PTR_ERR(claim);
	gprobe_netlink_claim_added(claim);
	return reply(info, gprobe_netlink_fill_claim, claim);
}

static struct gprobe_claim *claim_of(struct genl_info *info)
{
	struct nlattr *id = need(info, GPROBE_A_CLAIM_ID);
	struct gprobe_claim *claim;

	if (!id)
		return ERR_PTR(-EINVAL);
	claim = idr_find(&gprobe_claims, nla_get_u32(id));
	if (!claim) {
		NL_SET_ERR_MSG_ATTR(info->extack, id, "no such claim");
		return ERR_PTR(-ENOENT);
	}
	return claim;
}

static int claim_del(struct sk_buff *skb, struct genl_info *info)
{
	struct gprobe_claim *claim = claim_of(info);
	int ret;

	if (IS_ERR(claim))
		return PTR_ERR(claim);
	if (claim->session->portid != info->snd_portid) {
		NL_SET_ERR_MSG(info->extack, "this claim is another session's");
		return -EPERM;
	}
	gprobe_claim_release(claim, false);
	gprobe_netlink_claim_deleted(claim);
	ret = reply(info, gprobe_netlink_fill_claim, claim);
	gprobe_claim_free(claim);
	return ret;
}

static int claim_get(struct sk_buff *skb, struct genl_info *info)
{
	struct gprobe_claim *claim = claim_of(info);

	if (IS_ERR(claim))
		return PTR_ERR(claim);
	return reply(info, gprobe_netlink_fill_claim, claim);
}

/* With the page of a watch, those of the watches that follow. */
static void prepare_watches(struct sk_buff *skb, struct genl_info *info,
			    struct gprobe_attachment *attachment,
			    struct gprobe_view *view)
{
	u64 gfns[GPROBE_MULTI_OBJECTS];
	unsigned int nr = gprobe_ahead_gfns(&watches_ahead, skb, info, view, gfns);

	if (nr > 1)
		gprobe_watches_prepare(view, gfns, nr,
				       &attachment->unused_watches);
}

static int watch_set(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *gfn = need(info, GPROBE_A_WATCH_GFN);
	struct nlattr *bytes = need(info, GPROBE_A_WATCH_ENTRIES);
	DECLARE_BITMAP(entries, GPROBE_ENTRIES);
	struct gprobe_attachment *attachment;
	struct gprobe_view *view;
	int ret;

	attachment = live_attachment_of(info, GPROBE_A_WATCH_DOMAIN);
	if (IS_ERR(attachment) || !gfn || !bytes)
		return gfn && bytes ? PTR_ERR(attachment) : -EINVAL;
	if (attachment->session->name[0]) {
		NL_SET_ERR_MSG(info->extack, "a pinned session cannot watch page tables: without a socket nobody replies");
		return -EBUSY;
	}
	view = usable_view(info, attachment, info->attrs[GPROBE_A_WATCH_VIEW]);
	if (IS_ERR(view))
		return PTR_ERR(view);
	prepare_watches(skb, info, attachment, view);
	/* As in claim_vcpus(). */
	memcpy(entries, nla_data(bytes), sizeof(entries));
	ret = gprobe_watch_set(attachment, view, nla_get_u64(gfn), entries,
			       info->extack);
	if (!ret)
		gprobe_netlink_generation++;
	return ret;
}

static int trap_new(struct sk_buff *skb, struct genl_info *info)
{
	struct gprobe_attachment *attachment;
	struct gprobe_trap_spec spec;
	struct gprobe_trap *trap;
	int ret;

	attachment = live_attachment_of(info, GPROBE_A_TRAP_DOMAIN);
	if (IS_ERR(attachment))
		return PTR_ERR(attachment);
	ret = gprobe_trap_parse(info, &spec) ?:
	      check_pinned(info, attachment->session, spec.action);
	if (ret)
		return ret;
	trap = gprobe_trap_new(attachment, &spec, info->extack);
	if (IS_ERR(trap))
		return PTR_ERR(trap);
	gprobe_netlink_generation++;
	return reply(info, gprobe_netlink_fill_trap, trap);
}

static struct gprobe_trap *trap_of(struct genl_info *info)
{
	struct nlattr *id = need(info, GPROBE_A_TRAP_ID);
	struct gprobe_trap *trap;

	if (!id)
		return ERR_PTR(-EINVAL);
	trap = idr_find(&gprobe_traps, nla_get_u32(id));
	if (!trap) {
		NL_SET_ERR_MSG_ATTR(info->extack, id, "no such trap");
		return ERR_PTR(-ENOENT);
	}
	return trap;
}

static int trap_del(struct sk_buff *skb, struct genl_info *info)
{
	struct gprobe_trap *trap = trap_of(info);
	int ret;

	if (IS_ERR(trap))
		return PTR_ERR(trap);
	if (trap->attachment->session->portid != info->snd_portid) {
		NL_SET_ERR_MSG(info->extack, "this trap is another session's");
		return -EPERM;
	}
	gprobe_trap_release(trap);
	gprobe_netlink_generation++;
	ret = reply(info, gprobe_netlink_fill_trap, trap);
	gprobe_trap_free(trap);
	return ret;
}

static int trap_get(struct sk_buff *skb, struct genl_info *info)
{
	struct gprobe_trap *trap = trap_of(info);

	if (IS_ERR(trap))
		return PTR_ERR(trap);
	return reply(info, gprobe_netlink_fill_trap, trap);
}

/* A vCPU may be sent where a session may switch all to. */
static int verdict_view(struct genl_info *info,
			struct gprobe_attachment *attachment, u64 seq)
{
	struct nlattr *id = info->attrs[GPROBE_A_UPCALL_VIEW];
	int from = gprobe_upcall_view(attachment, seq);
	struct gprobe_view *view;

	/* That no vCPU waits is said by the one who would let it go. */
	if (from < 0)
		return 0;
	if (nla_get_u32(id)) {
		view = usable_view(info, attachment, id);
		if (IS_ERR(view))
			return PTR_ERR(view) == -ENOENT ? -EINVAL :
							  PTR_ERR(view);
	}
	if (from == nla_get_u32(id) || !from)
		return 0;
	view = gprobe_view_find(attachment->domain, from);
	return view ? others_stay(info, view, attachment->session, id) : 0;
}

static int upcall_reply(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *seq = need(info, GPROBE_A_UPCALL_SEQ);
	struct gprobe_attachment *attachment;
	struct gprobe_verdict verdict;
	int ret;

	ret = gprobe_verdict_parse(info, &verdict);
	if (ret)
		return ret;
	attachment = live_attachment_of(info, GPROBE_A_UPCALL_DOMAIN);
	if (IS_ERR(attachment) || !seq)
		return seq ? PTR_ERR(attachment) : -EINVAL;
	if (verdict.kind == GPROBE_VERDICT_VIEW)
		ret = verdict_view(info, attachment, nla_get_u64(seq));
	if (!ret)
		ret = gprobe_upcall_reply(attachment, nla_get_u64(seq),
					  &verdict, info->extack);
	if (!ret)
		info->user_ptr[0] = attachment->domain;
	return ret;
}

/* People type it, and files may be called so. */
static struct nlattr *need_name(struct genl_info *info)
{
	struct nlattr *attr = need(info, GPROBE_A_SESSION_NAME);
	const char *name;

	if (!attr)
		return NULL;
	for (name = nla_data(attr); *name; name++)
		if (!isalnum(*name) && !strchr("_-.", *name))
			break;
	if (!*name && name != nla_data(attr))
		return attr;
	NL_SET_ERR_MSG_ATTR(info->extack, attr, "a name has letters, digits, '_', '-' and '.', at least one");
	return NULL;
}

static int session_pin(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *id = info->attrs[GPROBE_A_SESSION_ID];
	struct nlattr *name = need_name(info);
	struct gprobe_session *session;

	if (!name)
		return -EINVAL;
	session = gprobe_session_find(id ? nla_get_u32(id) : info->snd_portid);
	if (!session) {
		NL_SET_ERR_MSG_ATTR(info->extack, id, "no such session: this socket is attached to no domain");
		return -ENOTCONN;
	}
	gprobe_netlink_generation++;
	return gprobe_session_pin(session, nla_data(name), info->extack);
}

static int session_unpin(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *name = need_name(info);

	if (!name)
		return -EINVAL;
	gprobe_netlink_generation++;
	return gprobe_session_unpin(nla_data(name), info->extack);
}

static int session_take(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *name = need_name(info);

	if (!name)
		return -EINVAL;
	gprobe_netlink_generation++;
	return gprobe_session_take(info->snd_portid, nla_data(name),
				   info->extack);
}

#define DOMAIN_OP .policy = domain_policy, .maxattr = GPROBE_A_DOMAIN_MAX
#define VIEW_OP .policy = view_policy, .maxattr = GPROBE_A_VIEW_MAX
#define SITE_OP .policy = site_policy, .maxattr = GPROBE_A_SITE_MAX
#define CLAIM_OP .policy = claim_policy, .maxattr = GPROBE_A_CLAIM_MAX
#define WATCH_OP .policy = watch_policy, .maxattr = GPROBE_A_WATCH_MAX
#define UPCALL_OP .policy = upcall_policy, .maxattr = GPROBE_A_UPCALL_MAX
#define SESSION_OP .policy = session_policy, .maxattr = GPROBE_A_SESSION_MAX
#define TRAP_OP .policy = trap_policy, .maxattr = GPROBE_A_TRAP_MAX

static const struct genl_ops ops[] = {
	{ .cmd = GPROBE_CMD_DOMAIN_ATTACH, DOMAIN_OP, .doit = domain_attach },
	{ .cmd = GPROBE_CMD_DOMAIN_DETACH, DOMAIN_OP, .doit = domain_detach },
	{ .cmd = GPROBE_CMD_DOMAIN_GET, DOMAIN_OP, .doit = domain_get,
	  .start = gprobe_netlink_dump_domains_start,
	  .dumpit = gprobe_netlink_dump_domains },
	{ .cmd = GPROBE_CMD_VIEW_NEW, VIEW_OP, .doit = view_new },
	{ .cmd = GPROBE_CMD_VIEW_DEL, VIEW_OP, .doit = view_del },
	{ .cmd = GPROBE_CMD_VIEW_GET, VIEW_OP, .doit = view_get,
	  .start = gprobe_netlink_dump_views_start,
	  .dumpit = gprobe_netlink_dump_views },
	{ .cmd = GPROBE_CMD_VIEW_SWITCH, VIEW_OP, .doit = view_switch },
	{ .cmd = GPROBE_CMD_SITE_GET, SITE_OP,
	  .start = gprobe_netlink_dump_sites_start,
	  .dumpit = gprobe_netlink_dump_sites },
	{ .cmd = GPROBE_CMD_CLAIM_NEW, CLAIM_OP, .doit = claim_new },
	{ .cmd = GPROBE_CMD_CLAIM_DEL, CLAIM_OP, .doit = claim_del },
	{ .cmd = GPROBE_CMD_CLAIM_GET, CLAIM_OP, .doit = claim_get,
	  .start = gprobe_netlink_dump_claims_start,
	  .dumpit = gprobe_netlink_dump_claims },
	{ .cmd = GPROBE_CMD_WATCH_SET, WATCH_OP, .doit = watch_set },
	{ .cmd = GPROBE_CMD_WATCH_GET, WATCH_OP,
	  .start = gprobe_netlink_dump_watches_start,
	  .dumpit = gprobe_netlink_dump_watches },
	{ .cmd = GPROBE_CMD_UPCALL_REPLY, UPCALL_OP, .doit = upcall_reply },
	{ .cmd = GPROBE_CMD_SESSION_GET, SESSION_OP,
	  .start = gprobe_netlink_dump_sessions_start,
	  .dumpit = gprobe_netlink_dump_sessions },
	{ .cmd = GPROBE_CMD_SESSION_PIN, SESSION_OP, .doit = session_pin },
	{ .cmd = GPROBE_CMD_SESSION_UNPIN, SESSION_OP, .doit = session_unpin },
	{ .cmd = GPROBE_CMD_SESSION_TAKE, SESSION_OP, .doit = session_take },
	{ .cmd = GPROBE_CMD_TRAP_NEW, TRAP_OP, .doit = trap_new },
	{ .cmd = GPROBE_CMD_TRAP_DEL, TRAP_OP, .doit = trap_del },
	{ .cmd = GPROBE_CMD_TRAP_GET, TRAP_OP, .doit = trap_get,
	  .start = gprobe_netlink_dump_traps_start,
	  .dumpit = gprobe_netlink_dump_traps },
};

static const struct genl_multicast_group groups[] = {
	{ .name = GPROBE_MCGRP_MONITOR, .flags = GENL_MCAST_CAP_SYS_ADMIN },
};

/* GENL_ADMIN_PERM would ask for CAP_NET_ADMIN. */
static int lock(const struct gprobe_genl_ops *op, struct sk_buff *skb,
		struct genl_info *info)
{
	if (!netlink_capable(skb, CAP_SYS_ADMIN)) {
		NL_SET_ERR_MSG(info->extack, "CAP_SYS_ADMIN is needed");
		return -EPERM;
	}
	mutex_lock(&gprobe_control_mutex);
	return 0;
}

/* The guest of which something was just replied to is waited for. */
static void unlock(const struct gprobe_genl_ops *op, struct sk_buff *skb,
		   struct genl_info *info)
{
	struct gprobe_domain *replied = info->user_ptr[0];
	/* Other replies of this datagram come first. */
	bool last = NLMSG_ALIGN(info->nlhdr->nlmsg_len) >= skb->len;
	bool waits = replied && last && gprobe_poll_begin(replied);

	if (gprobe_ahead_is_last(&claims_ahead, skb, info) ||
	    gprobe_ahead_is_last(&watches_ahead, skb, info))
		gprobe_session_tidy(gprobe_session_find(info->snd_portid));
	mutex_unlock(&gprobe_control_mutex);
	if (waits)
		gprobe_poll_end(replied);
}

struct genl_family gprobe_netlink_family = {
	.name = GPROBE_FAMILY_NAME,
	.version = GPROBE_FAMILY_VERSION,
	.module = THIS_MODULE,
	.ops = ops,
	.n_ops = ARRAY_SIZE(ops),
	.mcgrps = groups,
	.n_mcgrps = ARRAY_SIZE(groups),
	.pre_doit = lock,
	.post_doit = unlock,
	/* An attach takes its time; other families need not wait for it. */
	.parallel_ops = true,
	.resv_start_op = 1,
};

/* A socket has died, in whatever way. */
static int on_socket(struct notifier_block *nb, unsigned long event, void *data)
{
	const struct netlink_notify *socket = data;

	if (event == NETLINK_URELEASE && socket->protocol == NETLINK_GENERIC &&
	    net_eq(socket->net, &init_net))
		gprobe_session_release(socket->portid);
	return NOTIFY_DONE;
}

static struct notifier_block socket_death = { .notifier_call = on_socket };

/**
 * gprobe_netlink_init() - Open for business.
 *
 * Context: Module load.
 * Return: 0 or a negative errno.
 */
int gprobe_netlink_init(void)
{
	int ret = netlink_register_notifier(&socket_death);

	if (ret)
		return ret;
	ret = genl_register_family(&gprobe_netlink_family);
	if (ret)
		netlink_unregister_notifier(&socket_death);
	return ret;
}

/**
 * gprobe_netlink_exit() - The reverse.
 *
 * Context: Module unload; no session is left.
 */
void gprobe_netlink_exit(void)
{
	genl_unregister_family(&gprobe_netlink_family);
	netlink_unregister_notifier(&socket_death);
}
