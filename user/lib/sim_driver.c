// SPDX-License-Identifier: LGPL-2.1-or-later
/* The driver seam before an in-memory guest: its log, and faults on demand. */
#include "sim.h"

#include <errno.h>

/* Counted; 0, or the fault that was asked for. */
static int fault_of(struct gprobe_sim *sim, uint32_t kind)
{
	struct sim_fault *fault = &sim->faults[kind];

	sim->calls[kind]++;
	if (fault->all)
		return fault->err;
	if (fault->nth && !--fault->nth)
		return fault->err;
	return 0;
}

static int enter(struct gprobe_sim *sim, uint32_t kind)
{
	int any = fault_of(sim, GPROBE_SIM_ANY), ret = fault_of(sim, kind);

	if (sim->life == GPROBE_SIM_DEAD)
		return -ESHUTDOWN;
	return any ? any : ret;
}

static void note(struct gprobe_sim *sim, const struct gprobe_sim_logged *call)
{
	if (sim->nr_logged < sim->config.log_max)
		sim->log[sim->nr_logged++] = *call;
}

static int noted(struct gprobe_sim *sim, uint32_t kind, uint32_t view,
		 uint64_t gfn, int ret)
{
	note(sim, &(struct gprobe_sim_logged){
		.kind = kind, .view = view, .gfn = gfn, .ret = ret });
	return ret;
}

static int translate_one(struct gprobe_sim *sim,
			 struct gprobe_translation *translation)
{
	int ret = enter(sim, GPROBE_SIM_TRANSLATE);
	struct gprobe_place place;

	if (!ret && sim->life != GPROBE_SIM_ALIVE)
		ret = -ESHUTDOWN;
	if (!ret)
		ret = sim_walk(sim, translation->root, translation->gva,
			       &place);
	if (!ret)
		translation->gpa = place.gfn * GPROBE_PAGE_SIZE + place.offset;
	return noted(sim, GPROBE_SIM_TRANSLATE, 0, translation->gva, ret);
}

static int sim_translate(void *arg, struct gprobe_translation *translations,
			 size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		translations[i].ret = translate_one(arg, &translations[i]);
	return 0;
}

static int sim_read(void *arg, uint64_t gfn, uint32_t offset, void *buffer,
		    size_t bytes)
{
	struct gprobe_sim *sim = arg;
	int ret = enter(sim, GPROBE_SIM_FRAME_READ);

	if (!ret && sim->life != GPROBE_SIM_ALIVE)
		ret = -ESHUTDOWN;
	if (!ret && (gfn >= sim->gfns || offset > GPROBE_PAGE_SIZE ||
		     bytes > GPROBE_PAGE_SIZE - offset))
		ret = gfn >= sim->gfns ? -ENXIO : -EINVAL;
	if (!ret)
		ret = gprobe_sim_peek(sim, gfn * GPROBE_PAGE_SIZE + offset,
				      buffer, bytes);
	return noted(sim, GPROBE_SIM_FRAME_READ, 0, gfn, ret);
}

static int sim_frame_get(void *arg, const uint64_t *gfns, size_t nr,
			 const void **maps)
{
	struct gprobe_sim *sim = arg;
	int ret = enter(sim, GPROBE_SIM_FRAME_GET);
	size_t i;

	if (!ret && sim->life != GPROBE_SIM_ALIVE)
		ret = -ESHUTDOWN;
	for (i = 0; !ret && i < nr; i++)
		if (sim_host_page(sim, gfns[i]) == SIM_NONE)
			ret = -ENXIO;
	for (i = 0; !ret && i < nr; i++) {
		maps[i] = gprobe_sim_frame(sim, gfns[i]);
		sim->mapped[sim_host_page(sim, gfns[i])]++;
		sim->maps++;
	}
	return noted(sim, GPROBE_SIM_FRAME_GET, 0, nr ? gfns[0] : 0, ret);
}

static void sim_frame_put(void *arg, uint64_t gfn, const void *map)
{
	struct gprobe_sim *sim = arg;
	uint32_t page = ((const uint8_t *)map - sim->memory) / GPROBE_PAGE_SIZE;

	fault_of(sim, GPROBE_SIM_FRAME_PUT);
	noted(sim, GPROBE_SIM_FRAME_PUT, 0, gfn, 0);
	sim->maps--;
	sim->mapped[page]--;
	if (sim_host_page(sim, gfn) != page)
		sim_page_free(sim, page);
}

static int access_get(struct gprobe_sim *sim, struct gprobe_call *call)
{
	if (sim->life != GPROBE_SIM_ALIVE)
		return 0;
	if (!sim_has_view(sim, call->view))
		return -ENOENT;
	if (call->gfn >= sim->gfns)
		return -ENXIO;
	call->access = sim_effective(sim, call->view, call->gfn).access;
	return 0;
}

/* The new frame's access is what the page gets; so it comes first. */
static int remap(struct gprobe_sim *sim, const struct gprobe_call *call)
{
	int ret = gprobe_sim_set_access(sim, call->view, call->to,
					call->access);

	if (ret)
		return ret;
	return gprobe_sim_change_gfn(sim, call->view, call->gfn, call->to);
}

static int do_call(struct gprobe_sim *sim, struct gprobe_call *call)
{
	switch (call->kind) {
	case GPROBE_CALL_ACCESS_GET:
		return access_get(sim, call);
	case GPROBE_CALL_ACCESS_SET:
		return gprobe_sim_set_access(sim, call->view, call->gfn,
					     call->access);
	case GPROBE_CALL_REMAP:
		return remap(sim, call);
	case GPROBE_CALL_UNMAP:
		return gprobe_sim_change_gfn(sim, call->view, call->gfn,
					     SIM_NO_GFN);
	case GPROBE_CALL_CLAIM_NEW:
		return sim_claim_new(sim, call);
	case GPROBE_CALL_CLAIM_DEL:
		return sim_claim_del(sim, call);
	case GPROBE_CALL_WATCH:
		return sim_watch(sim, call);
	default:
		return -EINVAL;
	}
}

static bool has_feature(const struct gprobe_sim *sim, uint32_t kind)
{
	switch (kind) {
	case GPROBE_CALL_REMAP:
	case GPROBE_CALL_UNMAP:
		return sim->config.features & GPROBE_DRIVER_SHADOWS;
	case GPROBE_CALL_CLAIM_NEW:
	case GPROBE_CALL_CLAIM_DEL:
		return sim->config.features & GPROBE_DRIVER_CLAIMS;
	case GPROBE_CALL_WATCH:
		return sim->config.features & GPROBE_DRIVER_WATCHES;
	default:
		return true;
	}
}

static int one_call(struct gprobe_sim *sim, struct gprobe_call *call)
{
	int ret;

	if (!call->kind || call->kind > GPROBE_CALL_MAX)
		ret = -EINVAL;
	else
		ret = enter(sim, call->kind);
	if (!ret && !has_feature(sim, call->kind))
		ret = -EOPNOTSUPP;
	if (!ret && call->view == GPROBE_VIEW_HOST)
		ret = -EINVAL;
	call->ret = ret ? ret : do_call(sim, call);
	if (!call->ret)
		sim_watch_keep(sim, call->view, call->gfn);
	note(sim, &(struct gprobe_sim_logged){
		.kind = call->kind, .view = call->view, .gfn = call->gfn,
		.to = call->to, .access = call->access,
		.offset = call->kind == GPROBE_CALL_WATCH ?
			  sim_watch_count(call) : call->offset,
		.ret = call->ret });
	return call->ret;
}

static int sim_call(void *arg, struct gprobe_call *calls, size_t nr)
{
	struct gprobe_sim *sim = arg;
	int ret = enter(sim, GPROBE_SIM_BATCH), first = ret;
	size_t i;

	note(sim, &(struct gprobe_sim_logged){
		.kind = GPROBE_SIM_BATCH, .offset = nr, .ret = ret });
	for (i = 0; i < nr; i++)
		calls[i].ret = -ECANCELED;
	if (ret) {
		calls[0].ret = ret;
		return ret;
	}
	for (i = 0; i < nr && (!first || sim->config.go_on); i++) {
		ret = one_call(sim, &calls[i]);
		if (!first)
			first = ret;
	}
	return first;
}

static int sim_shadow_alloc(void *arg, size_t nr, uint64_t *gfns, void **maps)
{
	struct gprobe_sim *sim = arg;
	int ret = enter(sim, GPROBE_SIM_SHADOW_ALLOC);
	uint8_t *bytes;
	size_t i;

	for (i = 0; !ret && i < nr; i++) {
		ret = sim_shadow_new(sim, &gfns[i], &bytes);
		maps[i] = bytes;
		if (!ret)
			continue;
		while (i--)
			sim_shadow_del(sim, gfns[i]);
		break;
	}
	return noted(sim, GPROBE_SIM_SHADOW_ALLOC, 0, ret ? 0 : gfns[0], ret);
}

static void sim_shadow_free(void *arg, size_t nr, const uint64_t *gfns,
			    void *const *maps)
{
	struct gprobe_sim *sim = arg;
	size_t i;

	(void)maps;
	fault_of(sim, GPROBE_SIM_SHADOW_FREE);
	for (i = 0; i < nr; i++) {
		noted(sim, GPROBE_SIM_SHADOW_FREE, 0, gfns[i], 0);
		sim_shadow_del(sim, gfns[i]);
	}
}

static int sim_view_new(void *arg, uint32_t *view)
{
	struct gprobe_sim *sim = arg;
	int ret = enter(sim, GPROBE_SIM_VIEW_NEW);

	if (!ret)
		ret = gprobe_sim_view_new(sim, view);
	return noted(sim, GPROBE_SIM_VIEW_NEW, ret ? 0 : *view, 0, ret);
}

static int sim_view_del(void *arg, uint32_t view)
{
	struct gprobe_sim *sim = arg;
	int ret = enter(sim, GPROBE_SIM_VIEW_DEL);

	if (!ret && view == GPROBE_VIEW_HOST)
		ret = -EINVAL;
	if (!ret)
		ret = gprobe_sim_view_del(sim, view);
	return noted(sim, GPROBE_SIM_VIEW_DEL, view, 0, ret);
}

static int sim_view_switch(void *arg, uint32_t view)
{
	struct gprobe_sim *sim = arg;
	int ret = enter(sim, GPROBE_SIM_VIEW_SWITCH);
	uint32_t i;

	for (i = 0; !ret && i < sim->config.vcpus; i++)
		ret = gprobe_sim_vcpu_set_view(sim, i, view);
	return noted(sim, GPROBE_SIM_VIEW_SWITCH, view, 0, ret);
}

/* Which calls there are is one table a set of features. */
#define OPS(has) { \
	.features = (has), \
	.translate = sim_translate, \
	.read = sim_read, \
	.frame_get = sim_frame_get, \
	.frame_put = sim_frame_put, \
	.call = sim_call, \
	.shadow_alloc = (has) & GPROBE_DRIVER_SHADOWS ? sim_shadow_alloc : NULL, \
	.shadow_free = (has) & GPROBE_DRIVER_SHADOWS ? sim_shadow_free : NULL, \
	.view_new = (has) & GPROBE_DRIVER_VIEWS ? sim_view_new : NULL, \
	.view_del = (has) & GPROBE_DRIVER_VIEWS ? sim_view_del : NULL, \
	.view_switch = (has) & GPROBE_DRIVER_VIEWS ? sim_view_switch : NULL, \
}

static const struct gprobe_driver_ops ops[] = {
	OPS(0), OPS(1), OPS(2), OPS(3), OPS(4), OPS(5), OPS(6), OPS(7),
	OPS(8), OPS(9), OPS(10), OPS(11), OPS(12), OPS(13), OPS(14), OPS(15),
};

/**
 * gprobe_sim_driver() - Reach the guest by the driver seam.
 * @sim: the guest; it lives longer than what uses the driver
 *
 * Return: the driver.
 */
struct gprobe_driver gprobe_sim_driver(struct gprobe_sim *sim)
{
	return (struct gprobe_driver){
		.ops = &ops[sim->config.features & 15],
		.arg = sim,
	};
}

/**
 * gprobe_sim_fault() - Make one of the driver's calls fail.
 * @sim: the guest
 * @kind: enum gprobe_sim_kind; GPROBE_SIM_ANY: whatever it is
 * @nth: 1: the next one of this kind; 0: none fails any more
 * @err: negative errno
 *
 * A call that fails so has no effect. What cannot fail is counted, no more.
 */
void gprobe_sim_fault(struct gprobe_sim *sim, uint32_t kind, uint64_t nth,
		      int err)
{
	if (kind > GPROBE_SIM_KIND_MAX)
		return;
	sim->faults[kind] = (struct sim_fault){ .nth = nth, .err = err };
}

/**
 * gprobe_sim_fault_all() - Make all of the driver's calls fail.
 * @sim: the guest
 * @kind: of this kind; enum gprobe_sim_kind
 * @err: negative errno; 0: they work again
 */
void gprobe_sim_fault_all(struct gprobe_sim *sim, uint32_t kind, int err)
{
	if (kind > GPROBE_SIM_KIND_MAX)
		return;
	sim->faults[kind] = (struct sim_fault){ .err = err, .all = err };
}

/**
 * gprobe_sim_calls() - Count the driver's calls since the log was cleared.
 * @sim: the guest
 * @kind: enum gprobe_sim_kind; GPROBE_SIM_ANY: all, batches too
 *
 * Return: how many.
 */
uint64_t gprobe_sim_calls(const struct gprobe_sim *sim, uint32_t kind)
{
	return kind <= GPROBE_SIM_KIND_MAX ? sim->calls[kind] : 0;
}

/**
 * gprobe_sim_log() - Read the log.
 * @sim: the guest
 * @nr: how many calls are in it
 *
 * Return: the calls in their order, until the next one.
 */
const struct gprobe_sim_logged *gprobe_sim_log(const struct gprobe_sim *sim,
					       size_t *nr)
{
	*nr = sim->nr_logged;
	return sim->log;
}

/**
 * gprobe_sim_log_clear() - Start the log and the counts anew.
 * @sim: the guest
 */
void gprobe_sim_log_clear(struct gprobe_sim *sim)
{
	size_t i;

	sim->nr_logged = 0;
	for (i = 0; i <= GPROBE_SIM_KIND_MAX; i++)
		sim->calls[i] = 0;
}

/**
 * gprobe_sim_maps() - Count the frames that are mapped by the driver's user.
 * @sim: the guest
 *
 * Return: how many were got and not put.
 */
uint64_t gprobe_sim_maps(const struct gprobe_sim *sim)
{
	return sim->maps;
}
