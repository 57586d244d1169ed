// SPDX-License-Identifier: LGPL-2.1-or-later
/* The in-memory guest's driver watches entries of page tables. */
#include "sim.h"

#include <errno.h>
#include <string.h>

#define ENTRY_BYTES	8u

static bool is_empty(const struct sim_watch *watch)
{
	static const struct sim_watch none;

	return !memcmp(watch, &none, sizeof(none));
}

int sim_watch(struct gprobe_sim *sim, const struct gprobe_call *call)
{
	struct sim_watch wanted = { 0 }, *watch;
	struct sim_view *view;

	if (sim->life != GPROBE_SIM_ALIVE)
		return 0;
	if (!sim_has_view(sim, call->view))
		return -ENOENT;
	if (call->entries)
		memcpy(&wanted, call->entries, sizeof(wanted));
	if (call->gfn >= sim->gfns || (!is_empty(&wanted) &&
	    sim_host_page(sim, call->gfn) == SIM_NONE))
		return -ENXIO;
	view = &sim->views[call->view];
	watch = &view->watches[call->gfn];
	view->nr_watched += is_empty(watch) - is_empty(&wanted);
	*watch = wanted;
	sim_guard(sim, call->view, call->gfn, !is_empty(watch));
	return 0;
}

uint32_t sim_watch_count(const struct gprobe_call *call)
{
	uint32_t nr = 0;
	size_t i;

	for (i = 0; call->entries && i < sizeof(struct sim_watch); i++)
		nr += __builtin_popcount(call->entries[i]);
	return nr;
}

void sim_watch_keep(struct gprobe_sim *sim, uint32_t view, uint64_t gfn)
{
	if (sim->life == GPROBE_SIM_ALIVE && sim_has_view(sim, view) &&
	    gfn < sim->gfns &&
	    !is_empty(&sim->views[view].watches[gfn]))
		sim_guard(sim, view, gfn, true);
}

/**
 * gprobe_sim_is_watched() - Look whether an entry is watched.
 * @sim: the guest
 * @view: in which view
 * @gpa: any byte of the entry
 *
 * Return: true if so.
 */
bool gprobe_sim_is_watched(const struct gprobe_sim *sim, uint32_t view,
			   uint64_t gpa)
{
	uint64_t gfn = gpa / GPROBE_PAGE_SIZE;
	uint32_t entry = gpa % GPROBE_PAGE_SIZE / ENTRY_BYTES;

	return sim_has_view(sim, view) && gfn < sim->gfns &&
	       sim->views[view].watches[gfn].entries[entry / 8] >>
	       entry % 8 & 1;
}

bool sim_watch_touches(const struct gprobe_sim *sim, uint32_t view,
		       uint64_t gpa, uint32_t bytes)
{
	uint64_t end = gpa + bytes;

	for (gpa -= gpa % ENTRY_BYTES; gpa < end; gpa += ENTRY_BYTES)
		if (gprobe_sim_is_watched(sim, view, gpa))
			return true;
	return false;
}

/**
 * gprobe_sim_watches() - Count the pages that the driver watches.
 * @sim: the guest
 *
 * Return: how many, of all views; none of a guest that is gone.
 */
uint64_t gprobe_sim_watches(const struct gprobe_sim *sim)
{
	uint64_t nr = 0;
	uint32_t i;

	for (i = 1; sim->life != GPROBE_SIM_DEAD && i <= sim->config.views; i++)
		nr += sim->views[i].nr_watched;
	return nr;
}
