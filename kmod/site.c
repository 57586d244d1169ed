// SPDX-License-Identifier: GPL-2.0
#include "site.h"

#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/netlink.h>
#include <linux/slab.h>

#include "domain.h"
#include "frame.h"
#include "session.h"
#include "upcall.h"
#include "view.h"
#include "xen_abi.h"

DEFINE_IDR(gprobe_sites);
DEFINE_IDR(gprobe_claims);

/**
 * gprobe_site_own_step() - The step-over of a site that no claim has a wish for.
 * @site: the site
 *
 * Emulation needs its sixteen bytes in one frame.
 *
 * Context: Event lock held, or @site not published yet.
 * Return: GPROBE_STEP_EMULATE or, where that cannot be, GPROBE_STEP_FAST.
 */
u8 gprobe_site_own_step(const struct gprobe_site *site)
{
	return !site->emul_failed &&
	       site->offset <= PAGE_SIZE - GPROBE_XEN_INSN_BYTES ?
	       GPROBE_STEP_EMULATE : GPROBE_STEP_FAST;
}

/* All claims agree that nothing but so many bytes stands here. */
static bool can_skip(const struct gprobe_site *site, u8 *insn_bytes)
{
	struct gprobe_claim *claim;

	*insn_bytes = 0;
	list_for_each_entry(claim, &site->claims, site_node) {
		if (claim->spec.step != GPROBE_STEP_SKIP ||
		    (*insn_bytes && claim->spec.insn_bytes != *insn_bytes))
			return false;
		*insn_bytes = claim->spec.insn_bytes;
	}
	return *insn_bytes;
}

/**
 * gprobe_site_choose_step() - Choose the step-over of a site.
 * @site: its claims, or what is known of it, have changed
 *
 * The most careful of what the claims ask for: from EMULATE on, the enum is in
 * that order.
 *
 * Context: Event lock held, or @site not published yet.
 */
void gprobe_site_choose_step(struct gprobe_site *site)
{
	struct gprobe_claim *claim;
	u8 step = gprobe_site_own_step(site);

	if (can_skip(site, &site->insn_bytes)) {
		WRITE_ONCE(site->step, GPROBE_STEP_SKIP);
		return;
	}
	list_for_each_entry(claim, &site->claims, site_node)
		if (claim->spec.step != GPROBE_STEP_SKIP)
			step = max_t(u8, step, claim->spec.step);
	WRITE_ONCE(site->step, step);
}

/* What its claims want of a site; while none is on, an INT3 would be for nothing. */
static void settle(struct gprobe_site *site)
{
	struct gprobe_claim *claim;
	bool wanted = false;

	site->records = false;
	site->asks = false;
	list_for_each_entry(claim, &site->claims, site_node) {
		if (claim->off)
			continue;
		wanted = true;
		site->records |= claim->spec.action == GPROBE_ACTION_RECORD;
		site->asks |= claim->spec.action == GPROBE_ACTION_UPCALL;
	}
	gprobe_frame_arm(site->frame, site->offset, wanted);
}

/* By the kernel's tick: nothing to read or to divide, and fine enough. */
static bool within_rate(struct gprobe_claim *claim)
{
	if (!claim->spec.rate)
		return true;
	if (time_after_eq(jiffies, claim->second)) {
		claim->second = jiffies + HZ;
		claim->left = claim->spec.rate;
	}
	if (!claim->left) {
		claim->limited++;
		return false;
	}
	claim->left--;
	return true;
}

/**
 * gprobe_claim_hit() - Count a hit.
 * @claim: on, and the hit is one of its
 *
 * Its last hit may take the INT3 out. That needs no care for vCPUs that met it
 * before: the site is still there, and with it what they need to go on.
 *
 * Context: Event lock held; the path of a hit.
 * Return: whether somebody is to be told.
 */
bool gprobe_claim_hit(struct gprobe_claim *claim)
{
	if (++claim->hits == claim->spec.off_after) {
		WRITE_ONCE(claim->off, true);
		settle(claim->site);
	}
	return within_rate(claim);
}

/*
 * With its first claim, or a hit would be nobody's: also one on its way from
 * when there was a site here before.
 */
static int site_publish(struct gprobe_site *site)
{
	struct gprobe_domain *domain = site->frame->view->domain;
	struct gprobe_table_slot *slots;

	slots = gprobe_table_grow_alloc(&domain->sites);
	if (IS_ERR(slots))
		return PTR_ERR(slots);
	spin_lock_irq(&domain->event_lock);
	slots = gprobe_table_insert(&domain->sites, slots, site->key, site);
	list_add(&site->node, &site->frame->sites);
	settle(site);
	spin_unlock_irq(&domain->event_lock);
	kvfree(slots);
	site->frame->nr_sites++;
	site->frame->view->nr_sites++;
	return 0;
}

/* For its first claim. */
static int site_new(struct gprobe_view *view, struct gprobe_claim *claim)
{
	struct gprobe_site *site = kzalloc(sizeof(*site), GFP_KERNEL);
	int ret;

	if (!site)
		return -ENOMEM;
	site->key = gprobe_key(view->id, claim->spec.gfn, claim->spec.offset);
	site->offset = claim->spec.offset;
	INIT_LIST_HEAD(&site->claims);
	list_add(&claim->site_node, &site->claims);
	claim->site = site;
	gprobe_site_choose_step(site);
	site->serial = idr_alloc(&gprobe_sites, site, 1, 0, GFP_KERNEL);
	if (site->serial < 0) {
		ret = site->serial;
		goto err_free;
	}
	site->frame = gprobe_frame_get(view, claim->spec.gfn);
	if (IS_ERR(site->frame)) {
		ret = PTR_ERR(site->frame);
		goto err_serial;
	}
	ret = site_publish(site);
	if (ret)
		goto err_frame;
	return 0;

err_frame:
	gprobe_frame_put(site->frame, false,
			 &claim->attachment->unused_frames);
err_serial:
	idr_remove(&gprobe_sites, site->serial);
err_free:
	kfree(site);
	return ret;
}

/*
 * The last claim goes, and the site with it: a hit on its way is nobody's, and
 * finds the guest's byte. Under the event lock.
 */
static void withdraw(struct gprobe_site *site, bool dying)
{
	struct gprobe_domain *domain = site->frame->view->domain;

	if (!dying)
		gprobe_frame_arm(site->frame, site->offset, false);
	gprobe_table_remove(&domain->sites, site->key);
	list_del(&site->node);
}

/* Forget a site that nobody claims. */
static void site_put(struct gprobe_site *site, bool dying,
		     struct list_head *unused)
{
	if (site->nr_claims)
		return;
	site->frame->nr_sites--;
	site->frame->view->nr_sites--;
	gprobe_frame_put(site->frame, dying, unused);
	idr_remove(&gprobe_sites, site->serial);
	kfree(site);
}

/* Do two claims of a place want the same hits, for the same purpose? */
static bool same_hits(const struct gprobe_claim_spec *a,
		      const struct gprobe_claim_spec *b)
{
	return a->cookie == b->cookie &&
	       a->any_root == b->any_root && a->root == b->root &&
	       a->any_vcpu == b->any_vcpu && a->cpls == b->cpls &&
	       bitmap_equal(a->vcpus, b->vcpus, GPROBE_VCPUS_MAX);
}

static bool is_claimed(const struct gprobe_site *site,
		       const struct gprobe_session *session,
		       const struct gprobe_claim_spec *spec)
{
	struct gprobe_claim *claim;

	list_for_each_entry(claim, &site->claims, site_node)
		if (claim->session == session &&
		    same_hits(&claim->spec, spec))
			return true;
	return false;
}

static struct gprobe_claim *claim_alloc(struct gprobe_attachment *attachment,
					const struct gprobe_claim_spec *spec)
{
	struct gprobe_claim *claim = kzalloc(sizeof(*claim), GFP_KERNEL);

	if (!claim)
		return NULL;
	claim->session = attachment->session;
	claim->attachment = attachment;
	claim->second = jiffies;
	claim->spec = *spec;
	if (spec->label) {
		claim->spec.label = kstrdup(spec->label, GFP_KERNEL);
		if (!claim->spec.label)
			goto err_free;
	}
	/* Whoever is told of a hit late must not take it for a new claim's. */
	claim->id = idr_alloc_cyclic(&gprobe_claims, claim, 1, 0, GFP_KERNEL);
	if (claim->id < 0)
		goto err_label;
	return claim;

err_label:
	kfree(claim->spec.label);
err_free:
	kfree(claim);
	return NULL;
}

/* A site that others claim. */
static void join(struct gprobe_site *site, struct gprobe_claim *claim)
{
	struct gprobe_domain *domain = site->frame->view->domain;

	claim->site = site;
	spin_lock_irq(&domain->event_lock);
	list_add_tail(&claim->site_node, &site->claims);
	gprobe_site_choose_step(site);
	settle(site);
	spin_unlock_irq(&domain->event_lock);
}

static void say_why(int err, struct netlink_ext_ack *extack)
{
	switch (err) {
	case -ENXIO:
		NL_SET_ERR_MSG(extack, "no memory of the guest at this gfn");
		break;
	case -EAGAIN:
		NL_SET_ERR_MSG(extack, "Xen did not take the view change of this gfn");
		break;
	case -ENOMEM:
		NL_SET_ERR_MSG(extack, "out of memory, in dom0 or for a shadow frame in Xen");
		break;
	}
}

/**
 * gprobe_claim_new() - Claim the hits of a place.
 * @attachment: who wants them
 * @view: in which view
 * @spec: the rest; copied
 * @extack: says why not
 *
 * Context: Process, control lock held, may sleep.
 * Return: the claim; ERR_PTR: then everything is as before. -EEXIST this
 * session has it already.
 */
struct gprobe_claim *gprobe_claim_new(struct gprobe_attachment *attachment,
				      struct gprobe_view *view,
				      const struct gprobe_claim_spec *spec,
				      struct netlink_ext_ack *extack)
{
	struct gprobe_session *session = attachment->session;
	struct gprobe_domain *domain = view->domain;
	struct gprobe_claim *claim;
	struct gprobe_site *site;
	int ret = 0;

	if (spec->action == GPROBE_ACTION_UPCALL &&
	    gprobe_upcalls_alloc(attachment))
		return ERR_PTR(-ENOMEM);
	site = gprobe_table_find(&domain->sites,
				 gprobe_key(view->id, spec->gfn, spec->offset));
	if (site && is_claimed(site, session, spec)) {
		NL_SET_ERR_MSG(extack, "this session has a claim with this cookie and these filters on this place already");
		return ERR_PTR(-EEXIST);
	}
	claim = claim_alloc(attachment, spec);
	if (!claim)
		return ERR_PTR(-ENOMEM);
	claim->view_id = view->id;
	claim->domid = domain->xen.domid;
	if (site)
		join(site, claim);
	else
		ret = site_new(view, claim);
	if (ret) {
		say_why(ret, extack);
		INIT_LIST_HEAD(&claim->session_node);
		gprobe_claim_free(claim);
		return ERR_PTR(ret);
	}
	claim->site->nr_claims++;
	domain->nr_claims++;
	list_add_tail(&claim->session_node, &session->claims);
	return claim;
}

/**
 * gprobe_site_domid() - The guest that a site is in.
 * @site: the site
 *
 * Context: Process, control lock held.
 * Return: its domid.
 */
u32 gprobe_site_domid(const struct gprobe_site *site)
{
	return site->frame->view->domain->xen.domid;
}

/**
 * gprobe_claim_domain() - The guest that a claim is in.
 * @claim: the claim
 *
 * Context: Process, control lock held.
 * Return: the domain; NULL: released, its guest is gone.
 */
struct gprobe_domain *gprobe_claim_domain(const struct gprobe_claim *claim)
{
	return claim->site ? claim->site->frame->view->domain : NULL;
}

/**
 * gprobe_claim_release() - End a claim's part in the guest.
 * @claim: the claim; its figures stay until gprobe_claim_free()
 * @dying: only our own side is left to be cleaned
 *
 * Its frame may become one of those that are to be dropped: see
 * gprobe_attachment_tidy().
 *
 * Context: Process, control lock held, may sleep. No hit of it is handled
 * after it returns, and no vCPU waits for it.
 * Return: its final number of hits.
 */
u64 gprobe_claim_release(struct gprobe_claim *claim, bool dying)
{
	struct gprobe_site *site = claim->site;
	struct gprobe_domain *domain;

	if (!site)
		return claim->hits;
	domain = site->frame->view->domain;
	spin_lock_irq(&domain->event_lock);
	/* As long as what it knows of the instruction still counts. */
	if (claim->spec.action == GPROBE_ACTION_UPCALL)
		gprobe_upcalls_drop(domain, GPROBE_UPCALL_REASON_HIT,
				    claim->id);
	list_del(&claim->site_node);
	gprobe_site_choose_step(site);
	if (list_empty(&site->claims))
		withdraw(site, dying);
	else if (!dying)
		settle(site);
	spin_unlock_irq(&domain->event_lock);
	claim->site = NULL;
	domain->nr_claims--;
	site->nr_claims--;
	site_put(site, dying, &claim->attachment->unused_frames);
	return claim->hits;
}

/**
 * gprobe_claim_free() - Forget a released claim.
 * @claim: released
 *
 * Context: Process, control lock held.
 */
void gprobe_claim_free(struct gprobe_claim *claim)
{
	list_del(&claim->session_node);
	idr_remove(&gprobe_claims, claim->id);
	kfree(claim->spec.label);
	kfree(claim);
}
