// SPDX-License-Identifier: GPL-2.0
#include "access.h"

#include <linux/errno.h>

#include "domain.h"
#include "frame.h"
#include "multi.h"
#include "trace.h"
#include "version.h"
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
static void add_set(struct gprobe_multi *multi,
		    const struct gprobe_watch *watch, u16 access)
{
	struct gprobe_xen_altp2m_op op;

	op = gprobe_op_set_access(watch->view->id, watch->gfn, access);
	gprobe_multi_add(multi, &op);
	op = gprobe_op_get_access(watch->view->id, watch->gfn);
	gprobe_multi_add(multi, &op);
}

/* What came of a change that is the @i-th operation, and was then read back. */
static int changed(const struct gprobe_multi *multi, unsigned int i, u16 access)
{
	int ret = gprobe_multi_result(multi, i) ?:
		  gprobe_multi_result(multi, i + 1);

	return !ret && multi->ops[i + 1].u.access.access != access ? -EAGAIN :
								     ret;
}

/* The same of one page. */
static int set(const struct gprobe_watch *watch, u16 access)
{
	struct gprobe_domain *domain = watch->view->domain;

	domain->multi->nr = 0;
	add_set(domain->multi, watch, access);
	gprobe_multi_call(domain->multi, &domain->xen);
	return changed(domain->multi, 0, access);
}

static u16 guarded(const struct gprobe_watch *watch)
{
	return READ_ONCE(watch->r_pw) ? GPROBE_XEN_ACCESS_R_PW :
					watch->access & GPROBE_XEN_ACCESS_RX;
}

/* Whether page walks may set bits in it is known when it has been tried. */
static void choose_guard(struct gprobe_watch *watch, u16 access)
{
	watch->access = access;
	WRITE_ONCE(watch->r_pw, access == GPROBE_XEN_ACCESS_RWX &&
				gprobe_version_has_r_pw() &&
				!READ_ONCE(watch->view->domain->no_r_pw));
}

/* This Xen does not take it, whatever its version. */
static void refused(struct gprobe_watch *watch)
{
	WRITE_ONCE(watch->r_pw, false);
	WRITE_ONCE(watch->view->domain->no_r_pw, true);
}

/* --- watches --- */

/* A view that has no entry of its own yet: its default. */
static int look(struct gprobe_domain *domain, struct list_head *watches,
		struct list_head *failed)
{
	struct gprobe_multi *multi = domain->multi;
	struct gprobe_watch *watch, *next;
	struct gprobe_xen_altp2m_op op;
	unsigned int i = 0;
	int err, ret = 0;

	multi->nr = 0;
	list_for_each_entry(watch, watches, batch) {
		op = gprobe_op_get_access(watch->view->id, watch->gfn);
		gprobe_multi_add(multi, &op);
	}
	gprobe_multi_call(multi, &domain->xen);
	list_for_each_entry_safe(watch, next, watches, batch) {
		err = gprobe_multi_result(multi, i);
		choose_guard(watch, err ? GPROBE_XEN_ACCESS_RWX :
				    multi->ops[i].u.access.access);
		i++;
		if (!err || err == -ESRCH)
			continue;
		ret = ret ?: err;
		list_move(&watch->batch, failed);
	}
	return ret;
}

static int forbid(struct gprobe_domain *domain, struct list_head *watches,
		  struct list_head *failed)
{
	struct gprobe_multi *multi = domain->multi;
	struct gprobe_watch *watch, *next;
	unsigned int i = 0;
	int err, ret = 0;

	multi->nr = 0;
	list_for_each_entry(watch, watches, batch)
		add_set(multi, watch, guarded(watch));
	gprobe_multi_call(multi, &domain->xen);
	list_for_each_entry_safe(watch, next, watches, batch) {
		err = changed(multi, i, guarded(watch));
		i += 2;
		if (!err)
			continue;
		ret = ret ?: err;
		list_move_tail(&watch->batch, failed);
	}
	return ret;
}

/*
 * What is refused is tried once more without r_pw, which perhaps was why. Where that
 * fails, the page allows what it did.
 */
static int forbid_or_undo(struct gprobe_domain *domain,
			  struct list_head *watches, struct list_head *failed)
{
	struct gprobe_watch *watch;
	LIST_HEAD(again);
	LIST_HEAD(undo);
	int ret;

	if (!forbid(domain, watches, &again))
		return 0;
	list_for_each_entry(watch, &again, batch)
		if (watch->r_pw)
			refused(watch);
	ret = forbid(domain, &again, &undo);
	list_splice(&again, watches);
	list_for_each_entry(watch, &undo, batch)
		set(watch, watch->access);
	list_splice(&undo, failed);
	return ret;
}

/* Those whose page shows a shadow frame, which forbids stores already. */
static void take_shown(struct list_head *watches, struct list_head *shown)
{
	struct gprobe_watch *watch, *next;

	list_for_each_entry_safe(watch, next, watches, batch)
		if (is_shown(watch))
			list_move(&watch->batch, shown);
}

/**
 * gprobe_access_watch() - Forbid stores to pages.
 * @domain: the guest
 * @watches: the pages, GPROBE_MULTI_OBJECTS at most; their events are expected
 *	already
 * @failed: gets those that allow what they did
 *
 * Context: Process, control lock held, may sleep.
 * Return: 0, or a negative errno: of the first that failed.
 */
int gprobe_access_watch(struct gprobe_domain *domain,
			struct list_head *watches, struct list_head *failed)
{
	struct gprobe_watch *watch;
	LIST_HEAD(shown);
	int ret, err;

	take_shown(watches, &shown);
	list_for_each_entry(watch, &shown, batch)
		choose_guard(watch, GPROBE_XEN_ACCESS_RWX);
	ret = look(domain, watches, failed);
	err = forbid_or_undo(domain, watches, failed);
	list_splice(&shown, watches);
	return ret ?: err;
}

/**
 * gprobe_access_unwatch() - Allow what was allowed before the watch.
 * @domain: the guest
 * @watches: the pages, GPROBE_MULTI_OBJECTS at most
 * @kept: gets those where stores are forbidden still
 *
 * Context: Process, control lock held, may sleep.
 */
void gprobe_access_unwatch(struct gprobe_domain *domain,
			   struct list_head *watches, struct list_head *kept)
{
	struct gprobe_multi *multi = domain->multi;
	struct gprobe_watch *watch, *next;
	unsigned int i = 0;
	LIST_HEAD(shown);
	LIST_HEAD(again);

	take_shown(watches, &shown);
	multi->nr = 0;
	list_for_each_entry(watch, watches, batch)
		add_set(multi, watch, watch->access);
	gprobe_multi_call(multi, &domain->xen);
	list_for_each_entry_safe(watch, next, watches, batch) {
		if (changed(multi, i, watch->access))
			list_move(&watch->batch, &again);
		i += 2;
	}
	list_for_each_entry_safe(watch, next, &again, batch)
		list_move(&watch->batch,
			  set(watch, watch->access) ? kept : watches);
	list_splice(&shown, watches);
}

/**
 * gprobe_access_walked() - A page walk wanted to write to a watched page.
 * @watch: its page shows no shadow frame
 *
 * If it was to be allowed, this CPU does not know how: then it is not tried again,
 * as it forbids execution for nothing.
 *
 * Context: Event lock held.
 */
void gprobe_access_walked(struct gprobe_watch *watch)
{
	if (READ_ONCE(watch->r_pw))
		WRITE_ONCE(watch->view->domain->no_r_pw, true);
}

/**
 * gprobe_access_execute() - Let a watched page be executed.
 * @watch: its page shows no shadow frame; a vCPU waits that wanted to execute it
 *
 * A page with both code and a table is rare, and this is done once for it: in place
 * of steps in another view, in which its stores would not be seen.
 *
 * Context: Event lock held.
 * Return: true if it is allowed from now on: the vCPU may try again.
 */
bool gprobe_access_execute(struct gprobe_watch *watch)
{
	const struct gprobe_view *view = watch->view;

	lockdep_assert_held(&view->domain->event_lock);
	WRITE_ONCE(watch->r_pw, false);
	return !gprobe_xen_view_set_access_now(&view->domain->xen, view->id,
					       watch->gfn, guarded(watch));
}

/* --- shadow frames --- */

#define SHOW_OPS 3

/*
 * Xen gives a remapped gfn the access of the gfn it is remapped to, so the shadow
 * frame's access is set first, and one change hides and protects. Either may be
 * answered by 0 without effect: the result is read back.
 */
static void add_show(struct gprobe_multi *multi,
		     const struct gprobe_frame *frame)
{
	u16 view = frame->view->id;
	struct gprobe_xen_altp2m_op op;

	op = gprobe_op_set_access(view, frame->shadow->gfn,
				  GPROBE_XEN_ACCESS_X);
	gprobe_multi_add(multi, &op);
	op = gprobe_op_remap(view, frame->gfn, frame->shadow->gfn);
	gprobe_multi_add(multi, &op);
	op = gprobe_op_get_access(view, frame->gfn);
	gprobe_multi_add(multi, &op);
}

/**
 * gprobe_access_show() - Show shadow frames, execute-only.
 * @domain: the guest; paused, or a store to a page could be missed
 * @frames: the frames, GPROBE_MULTI_OBJECTS at most
 * @failed: gets those of which Xen has done a part at most
 *
 * Context: Process, control lock held, may sleep.
 * Return: 0, or a negative errno: of the first that failed; -EAGAIN Xen did not
 * take the change.
 */
int gprobe_access_show(struct gprobe_domain *domain, struct list_head *frames,
		       struct list_head *failed)
{
	struct gprobe_multi *multi = domain->multi;
	struct gprobe_frame *frame, *next;
	unsigned int i = 0;
	int err, ret = 0;

	multi->nr = 0;
	list_for_each_entry(frame, frames, batch)
		add_show(multi, frame);
	gprobe_multi_call(multi, &domain->xen);
	list_for_each_entry_safe(frame, next, frames, batch) {
		err = gprobe_multi_result(multi, i) ?:
		      changed(multi, i + 1, GPROBE_XEN_ACCESS_X);
		i += SHOW_OPS;
		if (!err)
			continue;
		ret = ret ?: err;
		list_move(&frame->batch, failed);
	}
	return ret;
}

/* Stores to watched pages, or hits, may be missed from now on. */
static void unguarded(struct gprobe_domain *domain)
{
	spin_lock_irq(&domain->event_lock);
	domain->stats.lost++;
	spin_unlock_irq(&domain->event_lock);
	trace_gprobe_error(domain->xen.domid, -EAGAIN);
}

static struct gprobe_watch *watch_of(const struct gprobe_frame *frame)
{
	return gprobe_watch_find(frame->view->domain, frame->view->id,
				 frame->gfn);
}

/* No entry may be missing in the view, nor a store fall between: it is paused. */
static int unshow(struct gprobe_frame *frame)
{
	struct gprobe_domain *domain = frame->view->domain;
	struct gprobe_watch *watch = watch_of(frame);
	u16 view = frame->view->id;
	int ret;

	ret = gprobe_xen_view_unmap(&domain->xen, view, frame->gfn);
	if (ret)
		return ret;
	ret = gprobe_xen_view_fill(&domain->xen, view, frame->gfn);
	if (watch && !ret)
		ret = set(watch, guarded(watch));
	if (watch && ret && watch->r_pw) {
		refused(watch);
		ret = set(watch, guarded(watch));
	}
	if (ret)
		unguarded(domain);
	return 0;
}

static void add_unshow(struct gprobe_multi *multi,
		       const struct gprobe_frame *frame)
{
	const struct gprobe_watch *watch = watch_of(frame);
	u16 view = frame->view->id;
	struct gprobe_xen_altp2m_op op;

	op = gprobe_op_unmap(view, frame->gfn);
	gprobe_multi_add(multi, &op);
	op = gprobe_op_fill(view, frame->gfn);
	gprobe_multi_add(multi, &op);
	if (watch)
		add_set(multi, watch, guarded(watch));
}

/* Of the operations from the @i-th on, which then is the first behind them. */
static bool unshown(const struct gprobe_multi *multi, unsigned int *i,
		    const struct gprobe_frame *frame)
{
	const struct gprobe_watch *watch = watch_of(frame);
	int ret = gprobe_multi_result(multi, *i);
	int filled = gprobe_multi_result(multi, *i + 1);

	*i += 2;
	/* No frame there: see gprobe_xen_view_fill(). */
	if (!ret && filled != -ESRCH)
		ret = filled;
	if (!watch)
		return !ret;
	*i += 2;
	return !ret && !changed(multi, *i - 2, guarded(watch));
}

/**
 * gprobe_access_unshow() - Show the guest's own pages in place of shadow frames.
 * @domain: the guest, paused, where no vCPU is at an event
 * @frames: the frames, GPROBE_MULTI_OBJECTS at most
 * @kept: gets those that are shown still
 *
 * Where a part fails, all of that frame is done again, by itself.
 *
 * Context: Process, control lock held, may sleep.
 */
void gprobe_access_unshow(struct gprobe_domain *domain,
			  struct list_head *frames, struct list_head *kept)
{
	struct gprobe_multi *multi = domain->multi;
	struct gprobe_frame *frame, *next;
	unsigned int i = 0;
	LIST_HEAD(again);

	multi->nr = 0;
	list_for_each_entry(frame, frames, batch)
		add_unshow(multi, frame);
	gprobe_multi_call(multi, &domain->xen);
	list_for_each_entry_safe(frame, next, frames, batch)
		if (!unshown(multi, &i, frame))
			list_move(&frame->batch, &again);
	list_for_each_entry_safe(frame, next, &again, batch)
		list_move(&frame->batch, unshow(frame) ? kept : frames);
}
