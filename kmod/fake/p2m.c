// SPDX-License-Identifier: GPL-2.0
/*
 * A guest's memory and its altp2m views, with what Xen does that one does not
 * expect: a gfn that is made to show another gets that one's access; access is
 * set without a word where there is nothing; a change of the guest's own memory
 * goes through all views, and may reset them (p2m_altp2m_propagate_change()); an
 * entry that a view has not is filled with all of the large page that it is in,
 * over all that the view had there (altp2m_get_effective_entry()); and when one is
 * removed, each vCPU is once resumed without doing what an answer said
 * (ioreq_request_mapcache_invalidate()).
 */
#include "guest.h"

#include <linux/mm.h>
#include <linux/moduleparam.h>

/* See uapi.h. */
static unsigned int fake_r_pw = GPROBE_FAKE_R_PW_CPU;
module_param(fake_r_pw, uint, 0600);
MODULE_PARM_DESC(fake_r_pw, "who knows the access r_pw: 0: nobody, 1: Xen, 2: the CPU too");

static void entry_set(struct fake_entry *entry, struct page *page, u8 access)
{
	if (page)
		get_page(page);
	if (entry->page)
		put_page(entry->page);
	entry->page = page;
	entry->access = access;
}

static struct page *own_frame(const struct fake_guest *guest, u64 gfn)
{
	return gfn < guest->nr_gfns ? guest->frames[gfn] : NULL;
}

static bool is_large(const struct fake_guest *guest, u64 gfn)
{
	return gfn < GPROBE_FAKE_PAGES_MAX &&
	       test_bit(gfn / FAKE_LARGE, guest->large);
}

static void fill(struct fake_guest *guest, struct fake_view *view, u64 gfn,
		 u64 nr)
{
	u64 end = gfn + nr;

	for (; gfn < end; gfn++)
		entry_set(&view->entries[gfn], own_frame(guest, gfn),
			  GPROBE_XEN_ACCESS_RWX);
}

/* A view is filled as it is used. */
static void prepopulate(struct fake_guest *guest, struct fake_view *view,
			u64 gfn)
{
	if (view->entries[gfn].page)
		return;
	if (is_large(guest, gfn))
		fill(guest, view, round_down(gfn, FAKE_LARGE), FAKE_LARGE);
	else
		fill(guest, view, gfn, 1);
}

static void reset(struct fake_guest *guest, struct fake_view *view)
{
	u64 gfn;

	for (gfn = 0; gfn < guest->nr_gfns; gfn++)
		entry_set(&view->entries[gfn], NULL, 0);
	view->lowest = U64_MAX;
	view->highest = 0;
}

static void reset_all(struct fake_guest *guest)
{
	unsigned int i;

	for (i = 1; i < GPROBE_FAKE_VIEWS; i++)
		if (guest->views[i].used)
			reset(guest, &guest->views[i]);
}

static void removed(struct fake_guest *guest)
{
	u32 i;

	guest->state.removed += guest->ring && !guest->pause_count;
	for (i = 0; i < guest->nr_vcpus; i++)
		guest->vcpus[i].skips = true;
}

static void propagate(struct fake_guest *guest, u64 gfn, struct page *page)
{
	struct fake_view *view;
	bool was_reset = false;
	unsigned int i;

	for (i = 1; i < GPROBE_FAKE_VIEWS; i++) {
		view = &guest->views[i];
		if (!view->used)
			continue;
		if (!page && gfn >= view->lowest && gfn <= view->highest) {
			if (was_reset) {
				reset_all(guest);
				return;
			}
			reset(guest, view);
			was_reset = true;
		} else if (view->entries[gfn].page) {
			entry_set(&view->entries[gfn], page,
				  GPROBE_XEN_ACCESS_RWX);
		}
	}
}

/**
 * fake_p2m_populate() - Give a guest a page.
 * @guest: the guest
 * @gfn: where
 * @page: a reference to it, taken over if this succeeds
 *
 * Context: The guest's lock held.
 * Return: 0, or -ENOMEM: the limit is reached, or there is one already.
 */
int fake_p2m_populate(struct fake_guest *guest, u64 gfn, struct page *page)
{
	if (gfn >= guest->nr_gfns || guest->frames[gfn] ||
	    guest->tot_pages >= guest->max_pages)
		return -ENOMEM;
	guest->frames[gfn] = page;
	guest->tot_pages++;
	guest->max_gfn = max(guest->max_gfn, gfn);
	propagate(guest, gfn, page);
	return 0;
}

/**
 * fake_p2m_depopulate() - Take a page away.
 * @guest: the guest
 * @gfn: which
 *
 * Context: The guest's lock held.
 * Return: 0, or -ENOENT: there is none.
 */
int fake_p2m_depopulate(struct fake_guest *guest, u64 gfn)
{
	struct page *page = own_frame(guest, gfn);

	if (!page)
		return -ENOENT;
	guest->frames[gfn] = NULL;
	if (is_large(guest, gfn))
		clear_bit(gfn / FAKE_LARGE, guest->large);
	guest->tot_pages--;
	removed(guest);
	propagate(guest, gfn, NULL);
	put_page(page);
	return 0;
}

/**
 * fake_p2m_has_view() - Is there such a view?
 * @guest: the guest
 * @view: its number
 *
 * Context: The guest's lock held.
 * Return: true if there is; view 0 always is.
 */
bool fake_p2m_has_view(const struct fake_guest *guest, u16 view)
{
	return view < GPROBE_FAKE_VIEWS && (!view || guest->views[view].used);
}

/**
 * fake_p2m_lookup() - What a vCPU finds at a gfn.
 * @guest: the guest
 * @view: in this view, which there is
 * @gfn: the gfn
 * @host: room for an entry
 *
 * Context: The guest's lock held.
 * Return: the entry; NULL: nothing.
 */
const struct fake_entry *fake_p2m_lookup(struct fake_guest *guest, u16 view,
					 u64 gfn, struct fake_entry *host)
{
	const struct fake_entry *entry;

	if (view && gfn < guest->nr_gfns) {
		prepopulate(guest, &guest->views[view], gfn);
		entry = &guest->views[view].entries[gfn];
		return entry->page ? entry : NULL;
	}
	host->page = own_frame(guest, gfn);
	host->access = GPROBE_XEN_ACCESS_RWX;
	return host->page ? host : NULL;
}

/**
 * fake_p2m_access() - A gfn's access in a view.
 * @guest: the guest
 * @view: the view
 * @gfn: the gfn
 * @access: where it goes
 *
 * Context: The guest's lock held.
 * Return: 0; -ESRCH nothing there, or not yet; -EINVAL no such view.
 */
int fake_p2m_access(struct fake_guest *guest, u16 view, u64 gfn, u16 *access)
{
	const struct fake_entry *entry;

	if (!fake_p2m_has_view(guest, view))
		return -EINVAL;
	if (gfn >= guest->nr_gfns)
		return -ESRCH;
	if (!view) {
		*access = GPROBE_XEN_ACCESS_RWX;
		return guest->frames[gfn] ? 0 : -ESRCH;
	}
	entry = &guest->views[view].entries[gfn];
	*access = entry->access;
	return entry->page ? 0 : -ESRCH;
}

/**
 * fake_p2m_set_access() - Set it.
 * @guest: the guest
 * @view: the view
 * @gfn: the gfn
 * @access: GPROBE_XEN_ACCESS_*
 *
 * Context: The guest's lock held.
 * Return: 0, also where there is nothing; -EINVAL no such view.
 */
int fake_p2m_set_access(struct fake_guest *guest, u16 view, u64 gfn,
			u16 access)
{
	struct fake_entry host;

	if (!view || !fake_p2m_has_view(guest, view) ||
	    access > GPROBE_XEN_ACCESS_R_PW)
		return -EINVAL;
	/* The view's default. */
	if (access == GPROBE_XEN_ACCESS_R_PW && fake_r_pw == GPROBE_FAKE_R_PW_NONE)
		access = GPROBE_XEN_ACCESS_RWX;
	if (fake_p2m_lookup(guest, view, gfn, &host))
		guest->views[view].entries[gfn].access = access;
	return 0;
}

/**
 * fake_p2m_walk_may_write() - May a page walk set bits in a page?
 * @access: the page's
 *
 * Context: Any.
 * Return: true if it may.
 */
bool fake_p2m_walk_may_write(u8 access)
{
	return access == GPROBE_XEN_ACCESS_R_PW ?
	       fake_r_pw == GPROBE_FAKE_R_PW_CPU : access & FAKE_CAN_WRITE;
}

/**
 * fake_p2m_fill() - Let a view have a gfn's entry, of a small page.
 * @guest: the guest
 * @view: the view
 * @gfn: the gfn
 *
 * Context: The guest's lock held.
 * Return: 0; -ESRCH nothing at that gfn; -EINVAL no such view.
 */
int fake_p2m_fill(struct fake_guest *guest, u16 view, u64 gfn)
{
	if (!view || !fake_p2m_has_view(guest, view))
		return -EINVAL;
	if (!own_frame(guest, gfn))
		return -ESRCH;
	if (!guest->views[view].entries[gfn].page)
		fill(guest, &guest->views[view], gfn, 1);
	return 0;
}

/**
 * fake_p2m_change() - Let a gfn show another one's frame.
 * @guest: the guest
 * @view: in this view
 * @gfn: the gfn
 * @to_gfn: whose frame and access it gets; all ones: none, it is as in view 0
 *
 * Context: The guest's lock held.
 * Return: 0; -ESRCH nothing at one of them; -EINVAL no such view.
 */
int fake_p2m_change(struct fake_guest *guest, u16 view, u64 gfn, u64 to_gfn)
{
	struct fake_view *v = &guest->views[view];
	const struct fake_entry *to;
	struct fake_entry host;

	if (!view || !fake_p2m_has_view(guest, view))
		return -EINVAL;
	if (gfn >= guest->nr_gfns)
		return -ESRCH;
	if (to_gfn == U64_MAX) {
		removed(guest);
		entry_set(&v->entries[gfn], NULL, 0);
		return 0;
	}
	to = to_gfn < guest->nr_gfns ? &v->entries[to_gfn] : NULL;
	if (to && !to->page) {
		/* Looked at, not filled. */
		host.page = own_frame(guest, to_gfn);
		host.access = GPROBE_XEN_ACCESS_RWX;
		to = host.page ? &host : NULL;
	}
	if (!to || !fake_p2m_lookup(guest, view, gfn, &host))
		return -ESRCH;
	entry_set(&v->entries[gfn], to->page, to->access);
	v->lowest = min(v->lowest, to_gfn);
	v->highest = max(v->highest, to_gfn);
	return 0;
}

/**
 * fake_p2m_create() - Make a view.
 * @guest: the guest
 * @view: where its number goes
 *
 * Context: The guest's lock held.
 * Return: 0; -ENOSPC there are too many.
 */
int fake_p2m_create(struct fake_guest *guest, u16 *view)
{
	u16 i;

	for (i = 1; i < GPROBE_FAKE_VIEWS; i++) {
		if (guest->views[i].used)
			continue;
		guest->views[i].used = true;
		reset(guest, &guest->views[i]);
		*view = i;
		return 0;
	}
	return -ENOSPC;
}

/**
 * fake_p2m_destroy() - Remove a view.
 * @guest: the guest
 * @view: its number
 *
 * Context: The guest's lock held.
 * Return: 0; -EBUSY a vCPU is in it; -EINVAL no such view.
 */
int fake_p2m_destroy(struct fake_guest *guest, u16 view)
{
	u32 i;

	if (!view || !fake_p2m_has_view(guest, view))
		return -EINVAL;
	for (i = 0; i < guest->nr_vcpus; i++)
		if (guest->vcpus[i].view == view)
			return -EBUSY;
	reset(guest, &guest->views[view]);
	guest->views[view].used = false;
	return 0;
}

/**
 * fake_p2m_switch() - Move all vCPUs to a view.
 * @guest: the guest
 * @view: its number
 *
 * Context: The guest's lock held.
 * Return: 0; -EINVAL no such view.
 */
int fake_p2m_switch(struct fake_guest *guest, u16 view)
{
	u32 i;

	if (!fake_p2m_has_view(guest, view))
		return -EINVAL;
	for (i = 0; i < guest->nr_vcpus; i++)
		guest->vcpus[i].view = view;
	return 0;
}

/**
 * fake_p2m_off() - Switch altp2m off: all views go.
 * @guest: the guest
 *
 * Context: The guest's lock held, or nobody else has the guest.
 */
void fake_p2m_off(struct fake_guest *guest)
{
	unsigned int i;

	fake_p2m_switch(guest, 0);
	for (i = 1; i < GPROBE_FAKE_VIEWS; i++) {
		if (!guest->views[i].used)
			continue;
		reset(guest, &guest->views[i]);
		guest->views[i].used = false;
	}
	guest->altp2m = false;
}
