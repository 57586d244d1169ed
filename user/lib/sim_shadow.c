// SPDX-License-Identifier: LGPL-2.1-or-later
/* Shadow frames of the in-memory guest, and a driver that arms them itself. */
#include "sim.h"

#include <errno.h>
#include <string.h>

#define INT3	0xcc

int sim_shadow_new(struct gprobe_sim *sim, uint64_t *gfn, uint8_t **bytes)
{
	uint64_t shadow;
	uint32_t page;

	if (sim->nr_free_shadows)
		shadow = sim->free_shadows[--sim->nr_free_shadows];
	else if (sim->next_shadow < sim->config.shadows)
		shadow = sim->next_shadow++;
	else
		return -ENOMEM;
	*gfn = sim->config.frames + shadow;
	page = *gfn;
	*bytes = sim_page_bytes(sim, page);
	memset(*bytes, 0, GPROBE_PAGE_SIZE);
	sim->host[*gfn] = page + 1;
	sim->shadows++;
	return 0;
}

void sim_shadow_del(struct gprobe_sim *sim, uint64_t gfn)
{
	if (gfn < sim->config.frames || gfn >= sim->gfns ||
	    sim_host_page(sim, gfn) == SIM_NONE)
		return;
	sim_host_set(sim, gfn, SIM_NONE);
	sim->free_shadows[sim->nr_free_shadows++] = gfn - sim->config.frames;
	sim->shadows--;
}

/**
 * gprobe_sim_shadows() - Count the shadow frames there are.
 * @sim: the guest
 *
 * Return: how many.
 */
uint64_t gprobe_sim_shadows(const struct gprobe_sim *sim)
{
	return sim->shadows;
}

/* The page's shadow, armed or not; made if there is none. */
static int hook_get(struct gprobe_sim *sim, const struct gprobe_call *call,
		    struct sim_hook **hook)
{
	const void *original = gprobe_sim_frame(sim, call->gfn);
	uint64_t gfn;
	uint8_t *bytes;
	int ret;

	if (!original || call->gfn >= sim->config.frames)
		return -ENXIO;
	*hook = &sim->views[call->view].hooks[call->gfn];
	if ((*hook)->claims)
		return 0;
	ret = sim_shadow_new(sim, &gfn, &bytes);
	if (ret)
		return ret;
	memcpy(bytes, original, GPROBE_PAGE_SIZE);
	gprobe_sim_set_access(sim, call->view, gfn, GPROBE_ACCESS_X);
	gprobe_sim_change_gfn(sim, call->view, call->gfn, gfn);
	(*hook)->shadow = gfn;
	return 0;
}

static uint32_t *claim_at(struct gprobe_sim *sim, uint64_t shadow,
			  uint32_t offset)
{
	return &sim->claim_at[(shadow - sim->config.frames) *
			      GPROBE_PAGE_SIZE + offset];
}

static bool has_claim(struct gprobe_sim *sim, const struct gprobe_call *call)
{
	const struct sim_hook *hook;

	if (call->gfn >= sim->gfns)
		return false;
	hook = &sim->views[call->view].hooks[call->gfn];
	return hook->claims && *claim_at(sim, hook->shadow, call->offset);
}

static int claim_slot(struct gprobe_sim *sim, uint64_t *slot)
{
	if (sim->nr_free_claims)
		*slot = sim->free_claims[sim->nr_free_claims - 1];
	else if (sim->next_claim < sim->nr_claims)
		*slot = sim->next_claim;
	else
		return -ENOMEM;
	return 0;
}

static void claim_take(struct gprobe_sim *sim)
{
	if (sim->nr_free_claims)
		sim->nr_free_claims--;
	else
		sim->next_claim++;
}

int sim_claim_new(struct gprobe_sim *sim, struct gprobe_call *call)
{
	struct sim_hook *hook;
	uint64_t slot;
	int ret;

	if (sim->life != GPROBE_SIM_ALIVE)
		return 0;
	if (!sim_has_view(sim, call->view))
		return -ENOENT;
	if (call->offset >= GPROBE_PAGE_SIZE)
		return -EINVAL;
	if (has_claim(sim, call))
		return -EEXIST;
	ret = claim_slot(sim, &slot);
	if (!ret)
		ret = hook_get(sim, call, &hook);
	if (ret)
		return ret;
	sim_page_bytes(sim, hook->shadow)[call->offset] = INT3;
	hook->claims++;
	claim_take(sim);
	sim->claims[slot] = (struct sim_claim){
		.view = call->view, .gfn = call->gfn, .offset = call->offset };
	call->id = slot + 1;
	*claim_at(sim, hook->shadow, call->offset) = call->id;
	return 0;
}

static void hook_put(struct gprobe_sim *sim, const struct sim_claim *claim)
{
	struct sim_hook *hook = &sim->views[claim->view].hooks[claim->gfn];
	const uint8_t *original = gprobe_sim_frame(sim, claim->gfn);
	uint32_t offset = claim->offset;

	*claim_at(sim, hook->shadow, offset) = 0;
	if (original)
		sim_page_bytes(sim, hook->shadow)[offset] = original[offset];
	if (--hook->claims)
		return;
	gprobe_sim_change_gfn(sim, claim->view, claim->gfn, SIM_NO_GFN);
	sim_shadow_del(sim, hook->shadow);
}

int sim_claim_del(struct gprobe_sim *sim, struct gprobe_call *call)
{
	struct sim_claim *claim;

	if (sim->life != GPROBE_SIM_ALIVE)
		return 0;
	if (!call->id || call->id > sim->nr_claims)
		return -ENOENT;
	claim = &sim->claims[call->id - 1];
	if (!claim->view)
		return -ENOENT;
	/* A view that is gone took its hooks with it. */
	if (sim_has_view(sim, claim->view) &&
	    sim->views[claim->view].hooks[claim->gfn].claims)
		hook_put(sim, claim);
	claim->view = 0;
	sim->free_claims[sim->nr_free_claims++] = call->id - 1;
	return 0;
}
