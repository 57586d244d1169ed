// SPDX-License-Identifier: GPL-2.0
#include "access.h"

#include <linux/errno.h>

#include "domain.h"
#include "frame.h"
#include "trace.h"
#include "view.h"
#include "watch.h"
#include "xen_abi.h"

static bool is_shown(const struct gprobe_watch *watch)
{
	return gprobe_table_find(&watch->view->domain->frames, watch->key);
}

/*
 * Xen answers 0 for a gfn where it has nothing to protect: the result is read
 * back.
 */
static int set(const struct gprobe_watch *watch, u16 access)
{
	const struct gprobe_xen *xen = &watch->view->domain->xen;
	u16 now;
	int ret;

	ret = gprobe_xen_view_set_access(xen, watch->view->id, watch->gfn,
					 access);
	if (!ret)
		ret = gprobe_xen_view_access(xen, watch->view->id, watch->gfn,
					     &now);
	return !ret && now != access ? -EAGAIN : ret;
}

/**
 * gprobe_access_watch() - Forbid stores to a page.
 * @watch: the page; its events are expected already
 *
 * Context: Process, control lock held, may sleep.
 * Return: 0 or a negative errno; then the page allows what it did.
 */
int gprobe_access_watch(struct gprobe_watch *watch)
{
	struct gprobe_view *view = watch->view;
	int ret;

	watch->access = GPROBE_XEN_ACCESS_RWX;
	if (is_shown(watch))
		return 0;
	ret = gprobe_xen_view_access(&view->domain->xen, view->id, watch->gfn,
				     &watch->access);
	/* The view has no entry of its own yet: its default. */
	if (ret == -ESRCH)
		watch->access = GPROBE_XEN_ACCESS_RWX;
	else if (ret)
		return ret;
	ret = set(watch, watch->access & GPROBE_XEN_ACCESS_RX);
	if (ret)
		gprobe_xen_view_set_access(&view->domain->xen, view->id,
					   watch->gfn, watch->access);
	return ret;
}

/**
 * gprobe_access_unwatch() - Allow what was allowed before the watch.
 * @watch: the page
 *
 * Context: Process, control lock held, may sleep.
 * Return: 0 or a negative errno; then stores are forbidden still.
 */
int gprobe_access_unwatch(struct gprobe_watch *watch)
{
	return is_shown(watch) ? 0 : set(watch, watch->access);
}

/* Stores to watched pages, or hits, may be missed from now on. */
static void unguarded(struct gprobe_domain *domain)
{
	spin_lock_irq(&domain->event_lock);
	domain->stats.lost++;
	spin_unlock_irq(&domain->event_lock);
	trace_gprobe_error(domain->xen.domid, -EAGAIN);
}

/* No entry may be missing in the view, nor a store fall between: it is paused. */
static int unshow(struct gprobe_frame *frame)
{
	struct gprobe_domain *domain = frame->view->domain;
	const struct gprobe_watch *watch;
	u16 view = frame->view->id;
	int ret;

	ret = gprobe_xen_view_unmap(&domain->xen, view, frame->gfn);
	if (ret)
		return ret;
	ret = gprobe_xen_view_fill(&domain->xen, view, frame->gfn);
	watch = gprobe_watch_find(domain, view, frame->gfn);
	if (watch && !ret)
		ret = set(watch, watch->access & GPROBE_XEN_ACCESS_RX);
	if (ret)
		unguarded(domain);
	return 0;
}

/**
 * gprobe_access_unshow() - Show the guest's own page in place of the shadow.
 * @frame: the probed frame
 *
 * Context: Process, control lock held, may sleep.
 * Return: 0; a negative errno: the shadow is still shown.
 */
int gprobe_access_unshow(struct gprobe_frame *frame)
{
	const struct gprobe_xen *xen = &frame->view->domain->xen;
	int ret = gprobe_xen_pause_to_undo(xen);

	if (ret)
		return ret;
	ret = unshow(frame);
	gprobe_xen_unpause(xen);
	return ret;
}
