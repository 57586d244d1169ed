// SPDX-License-Identifier: GPL-2.0
#include "view.h"

#include <linux/slab.h>

#include "domain.h"
#include "frame.h"
#include "watch.h"

DEFINE_IDR(gprobe_views);

/**
 * gprobe_view_find() - Find a view of a domain by Xen's number.
 * @domain: whose
 * @id: the number
 *
 * Context: Process, control lock held.
 * Return: the view or NULL.
 */
struct gprobe_view *gprobe_view_find(struct gprobe_domain *domain, u32 id)
{
	struct gprobe_view *view;

	list_for_each_entry(view, &domain->views, node)
		if (view->id == id)
			return view;
	return NULL;
}

/**
 * gprobe_view_new() - Make a view in which the guest sees what it always saw.
 * @domain: whose
 * @owner: the session, or NULL for the tap view
 *
 * Context: Process, control lock held, may sleep.
 * Return: the view or ERR_PTR; -ENOSPC Xen has no more.
 */
struct gprobe_view *gprobe_view_new(struct gprobe_domain *domain,
				    struct gprobe_session *owner)
{
	struct gprobe_view *view = kzalloc(sizeof(*view), GFP_KERNEL);
	int ret;

	if (!view)
		return ERR_PTR(-ENOMEM);
	view->domain = domain;
	view->owner = owner;
	INIT_LIST_HEAD(&view->frames);
	INIT_LIST_HEAD(&view->watches);
	view->serial = idr_alloc(&gprobe_views, view, 1, 0, GFP_KERNEL);
	if (view->serial < 0) {
		ret = view->serial;
		goto err_free;
	}
	ret = gprobe_xen_view_create(&domain->xen, &view->id);
	if (ret)
		goto err_serial;
	spin_lock_irq(&domain->event_lock);
	list_add_tail(&view->node, &domain->views);
	spin_unlock_irq(&domain->event_lock);
	return view;

err_serial:
	idr_remove(&gprobe_views, view->serial);
err_free:
	kfree(view);
	return ERR_PTR(ret);
}

/**
 * gprobe_view_del() - Remove a view.
 * @view: no sites in it, and not the active one
 * @dying: the guest takes it along
 *
 * Context: Process, control lock held, may sleep.
 */
void gprobe_view_del(struct gprobe_view *view, bool dying)
{
	struct gprobe_frame *frame, *next;
	struct gprobe_watch *watch, *next_watch;

	if (!dying)
		gprobe_xen_view_destroy(&view->domain->xen, view->id);
	list_for_each_entry_safe(frame, next, &view->frames, node)
		gprobe_frame_free(frame);
	list_for_each_entry_safe(watch, next_watch, &view->watches, node)
		gprobe_watch_free(watch);
	spin_lock_irq(&view->domain->event_lock);
	list_del(&view->node);
	spin_unlock_irq(&view->domain->event_lock);
	idr_remove(&gprobe_views, view->serial);
	kfree(view);
}

/**
 * gprobe_view_active() - The view that vCPUs are to run in.
 * @domain: the guest
 *
 * Context: Event lock held.
 * Return: Xen's number; 0 while it is being detached.
 */
u16 gprobe_view_active(const struct gprobe_domain *domain)
{
	return domain->active && !domain->draining ? domain->active->id : 0;
}

/**
 * gprobe_vcpu_view() - The view that a waiting vCPU is in when it goes on.
 * @domain: the guest
 * @vcpu: it waits
 *
 * Context: Event lock held.
 * Return: Xen's number.
 */
u16 gprobe_vcpu_view(const struct gprobe_domain *domain,
		     const struct gprobe_vcpu *vcpu)
{
	return vcpu->held.site_key ? vcpu->held.event.view :
				     vcpu->held.answer.view;
}

static bool is_sent_to(const struct gprobe_vcpu *vcpu, u16 view)
{
	return vcpu->alone_in == view ||
	       (vcpu->nr_upcalls &&
		vcpu->held.verdict.kind == GPROBE_VERDICT_VIEW &&
		vcpu->held.verdict.view == view);
}

/**
 * gprobe_view_has_vcpus() - Has a verdict sent a vCPU to a view?
 * @view: the view
 *
 * Context: Process, control lock held: no verdict comes meanwhile.
 * Return: true if one is there, or will be when it goes on.
 */
bool gprobe_view_has_vcpus(const struct gprobe_view *view)
{
	struct gprobe_domain *domain = view->domain;
	bool has = false;
	u32 i;

	spin_lock_irq(&domain->event_lock);
	for (i = 0; i < domain->nr_vcpus; i++)
		has |= is_sent_to(&domain->vcpus[i], view->id);
	spin_unlock_irq(&domain->event_lock);
	return has;
}

/* Where vCPUs that are stopped in the middle of something go on. */
static void move_all(struct gprobe_domain *domain, u16 view)
{
	struct gprobe_vcpu *vcpu;

	for (vcpu = domain->vcpus; vcpu < domain->vcpus + domain->nr_vcpus;
	     vcpu++) {
		vcpu->alone_in = 0;
		vcpu->return_view = view;
		vcpu->held.event.view = view;
		if (vcpu->held.answer.view)
			vcpu->held.answer.view = view;
		if (vcpu->held.verdict.kind == GPROBE_VERDICT_VIEW)
			vcpu->held.verdict.kind = GPROBE_VERDICT_CONTINUE;
	}
}

/**
 * gprobe_view_switch() - Run the whole guest in a view.
 * @domain: the guest
 * @view: the view; NULL: its own, view 0
 *
 * Context: Process, control lock held.
 * Return: 0 or a negative errno; then it runs where it ran.
 */
int gprobe_view_switch(struct gprobe_domain *domain, struct gprobe_view *view)
{
	int ret = gprobe_xen_view_switch(&domain->xen, view ? view->id : 0);

	if (!ret) {
		spin_lock_irq(&domain->event_lock);
		domain->active = view;
		move_all(domain, view ? view->id : 0);
		spin_unlock_irq(&domain->event_lock);
	}
	return ret;
}
