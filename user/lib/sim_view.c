// SPDX-License-Identifier: LGPL-2.1-or-later
/* The in-memory guest's views, with the habits of Xen's altp2m. */
#include "sim.h"

#include <errno.h>
#include <string.h>

bool sim_has_view(const struct gprobe_sim *sim, uint32_t view)
{
	return view && view <= sim->config.views && sim->views[view].there;
}

struct sim_entry sim_effective(const struct gprobe_sim *sim, uint32_t view,
			       uint64_t gfn)
{
	struct sim_entry entry = {
		.page = sim_host_page(sim, gfn),
		.access = GPROBE_ACCESS_RWX,
	};

	if (!sim_has_view(sim, view) || gfn >= sim->gfns)
		return entry;
	if (sim->views[view].entries[gfn].own)
		return sim->views[view].entries[gfn];
	entry.access = sim->views[view].default_access;
	return entry;
}

/* Made now from what view 0 has. NULL: there is nothing to make it from. */
static struct sim_entry *own_entry(struct gprobe_sim *sim, uint32_t view,
				   uint64_t gfn)
{
	struct sim_entry *entry;

	if (gfn >= sim->gfns)
		return NULL;
	entry = &sim->views[view].entries[gfn];
	if (entry->own)
		return entry;
	if (sim_host_page(sim, gfn) == SIM_NONE)
		return NULL;
	entry->page = sim_host_page(sim, gfn);
	entry->access = sim->views[view].default_access;
	entry->own = true;
	entry->guarded = false;
	return entry;
}

static void forget_range(struct sim_view *view)
{
	view->lowest = UINT64_MAX;
	view->highest = 0;
}

static void reset_view(struct gprobe_sim *sim, uint32_t view)
{
	/* Pages that were never touched stay untouched: unmapped and anew. */
	sim_unreserve(sim->views[view].entries, sim->gfns,
		      sizeof(struct sim_entry));
	sim->views[view].entries = sim_reserve(sim->gfns,
					       sizeof(struct sim_entry));
	if (!sim->views[view].entries)
		sim->views[view].there = false;
	forget_range(&sim->views[view]);
}

/* One view is hit: it is reset. A second one: all are. */
static void frame_dropped(struct gprobe_sim *sim, uint64_t gfn)
{
	struct sim_view *view;
	uint32_t i, hit = 0;

	for (i = 1; i <= sim->config.views; i++) {
		view = &sim->views[i];
		if (!view->there)
			continue;
		if (gfn >= view->lowest && gfn <= view->highest) {
			reset_view(sim, i);
			hit++;
		} else if (view->entries[gfn].own) {
			view->entries[gfn].own = false;
		}
		if (hit == 2)
			break;
	}
	for (i = 1; hit == 2 && i <= sim->config.views; i++)
		if (sim->views[i].there)
			reset_view(sim, i);
}

void sim_views_follow(struct gprobe_sim *sim, uint64_t gfn, uint32_t page)
{
	struct sim_entry *entry;
	uint32_t i;

	if (page == SIM_NONE) {
		frame_dropped(sim, gfn);
		return;
	}
	for (i = 1; i <= sim->config.views; i++) {
		if (!sim->views[i].there)
			continue;
		entry = &sim->views[i].entries[gfn];
		if (!entry->own)
			continue;
		entry->page = page;
		entry->access = GPROBE_ACCESS_RWX;
		entry->guarded = false;
	}
}

void sim_guard(struct gprobe_sim *sim, uint32_t view, uint64_t gfn,
	       bool guarded)
{
	struct sim_entry *entry = &sim->views[view].entries[gfn];

	if (guarded)
		entry = own_entry(sim, view, gfn);
	if (entry)
		entry->guarded = guarded;
}

static void view_free(struct gprobe_sim *sim, struct sim_view *view)
{
	sim_unreserve(view->entries, sim->gfns, sizeof(*view->entries));
	sim_unreserve(view->hooks, sim->gfns, sizeof(*view->hooks));
	sim_unreserve(view->watches, sim->gfns, sizeof(*view->watches));
	memset(view, 0, sizeof(*view));
}

void sim_views_free(struct gprobe_sim *sim)
{
	uint32_t i;

	for (i = 1; sim->views && i <= sim->config.views; i++)
		view_free(sim, &sim->views[i]);
}

/**
 * gprobe_sim_page_get() - See a page as a view shows it.
 * @sim: the guest
 * @view: 0 too
 * @gfn: the page
 * @page: what there is
 *
 * Return: 0; -ENOENT no such view.
 */
int gprobe_sim_page_get(const struct gprobe_sim *sim, uint32_t view,
			uint64_t gfn, struct gprobe_sim_page *page)
{
	struct sim_entry entry;

	if (view && !sim_has_view(sim, view))
		return -ENOENT;
	entry = sim_effective(sim, view, gfn);
	page->content = entry.page == SIM_NONE ? NULL :
			sim_page_bytes(sim, entry.page);
	page->access = entry.guarded ? entry.access & GPROBE_ACCESS_RX :
				       entry.access;
	page->own = entry.own;
	page->remapped = entry.page != sim_host_page(sim, gfn);
	return 0;
}

/**
 * gprobe_sim_set_access() - Set a page's access: Xen's set_mem_access.
 * @sim: the guest
 * @view: not 0
 * @gfn: the page; of one that is not there nothing is set
 * @access: enum gprobe_access
 *
 * Return: 0; -ENOENT no such view.
 */
int gprobe_sim_set_access(struct gprobe_sim *sim, uint32_t view, uint64_t gfn,
			  uint32_t access)
{
	struct sim_entry *entry;

	if (sim->life != GPROBE_SIM_ALIVE)
		return 0;
	if (!sim_has_view(sim, view))
		return -ENOENT;
	entry = own_entry(sim, view, gfn);
	if (entry)
		entry->access = access & GPROBE_ACCESS_RWX;
	return 0;
}

/**
 * gprobe_sim_change_gfn() - Remap a page in a view: Xen's change_gfn.
 * @sim: the guest
 * @view: not 0
 * @gfn: the page
 * @to: the frame it is from now on, with the access that one has in this view;
 *	all ones: its own again, with the view's default access
 *
 * Return: 0; -ENOENT no such view; -ENXIO one of them is not there.
 */
int gprobe_sim_change_gfn(struct gprobe_sim *sim, uint32_t view, uint64_t gfn,
			  uint64_t to)
{
	struct sim_entry *entry, other;
	struct sim_view *in;

	if (sim->life != GPROBE_SIM_ALIVE)
		return 0;
	if (!sim_has_view(sim, view))
		return -ENOENT;
	in = &sim->views[view];
	if (to == SIM_NO_GFN) {
		if (gfn < sim->gfns)
			in->entries[gfn].own = false;
		return 0;
	}
	other = sim_effective(sim, view, to);
	entry = own_entry(sim, view, gfn);
	if (!entry || other.page == SIM_NONE)
		return -ENXIO;
	entry->page = other.page;
	entry->access = other.access;
	entry->guarded = false;
	in->lowest = to < in->lowest ? to : in->lowest;
	in->highest = to > in->highest ? to : in->highest;
	return 0;
}

/**
 * gprobe_sim_view_new() - Make a view.
 * @sim: the guest
 * @view: its number
 *
 * Return: 0; -EBUSY there are as many as there can be; -ENOMEM.
 */
int gprobe_sim_view_new(struct gprobe_sim *sim, uint32_t *view)
{
	struct sim_view *made;
	uint32_t i;

	for (i = 1; i <= sim->config.views && sim->views[i].there; i++)
		;
	if (i > sim->config.views)
		return -EBUSY;
	made = &sim->views[i];
	made->entries = sim_reserve(sim->gfns, sizeof(*made->entries));
	made->hooks = sim_reserve(sim->gfns, sizeof(*made->hooks));
	made->watches = sim_reserve(sim->gfns, sizeof(*made->watches));
	if (!made->entries || !made->hooks || !made->watches) {
		view_free(sim, made);
		return -ENOMEM;
	}
	made->there = true;
	made->default_access = GPROBE_ACCESS_RWX;
	forget_range(made);
	*view = i;
	return 0;
}

/**
 * gprobe_sim_view_del() - Remove a view.
 * @sim: the guest
 * @view: its number
 *
 * Return: 0; -ENOENT no such view; -EBUSY a vCPU is in it.
 */
int gprobe_sim_view_del(struct gprobe_sim *sim, uint32_t view)
{
	uint32_t i;

	if (!sim_has_view(sim, view))
		return -ENOENT;
	for (i = 0; i < sim->config.vcpus; i++)
		if (sim->vcpus[i].is.view == view)
			return -EBUSY;
	view_free(sim, &sim->views[view]);
	return 0;
}

/**
 * gprobe_sim_view_set_default() - Set the access of pages without an entry.
 * @sim: the guest
 * @view: not 0
 * @access: enum gprobe_access
 *
 * Return: 0; -ENOENT no such view.
 */
int gprobe_sim_view_set_default(struct gprobe_sim *sim, uint32_t view,
				uint32_t access)
{
	if (!sim_has_view(sim, view))
		return -ENOENT;
	sim->views[view].default_access = access & GPROBE_ACCESS_RWX;
	return 0;
}

/**
 * gprobe_sim_set_life() - Let the guest die, or come back from it.
 * @sim: the guest
 * @life: how it is from now on
 */
void gprobe_sim_set_life(struct gprobe_sim *sim, enum gprobe_sim_life life)
{
	sim->life = life;
}
