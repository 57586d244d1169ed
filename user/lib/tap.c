// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gprobe/tap.h>

#include <errno.h>

#include "access.h"

/* So many calls are handed on at once. */
#define CHUNK	256

static bool breakpoint_check(void *arg, const struct gprobe_event *event)
{
	(void)arg;
	return event->kind == GPROBE_EVENT_BREAKPOINT &&
	       event->view != GPROBE_VIEW_HOST;
}

static bool memory_check(void *arg, const struct gprobe_event *event)
{
	(void)arg;
	return event->kind == GPROBE_EVENT_ACCESS &&
	       event->access & GPROBE_ACCESS_X &&
	       event->view != GPROBE_VIEW_HOST;
}

/* How many calls from the first on are of its kind, up to a chunk. */
static size_t run_length(const struct gprobe_tap_call *calls, size_t nr)
{
	size_t i;

	for (i = 1; i < nr && i < CHUNK; i++)
		if (calls[i].kind != calls[0].kind)
			break;
	return i;
}

typedef void run_fn(const struct gprobe_tap_parts *parts,
		    struct gprobe_tap_call *calls, size_t nr);

static int first_error(const struct gprobe_tap_call *calls, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (calls[i].ret)
			return calls[i].ret;
	return 0;
}

/* Runs of one kind, in order, until one has an error in it. */
static int do_runs(const struct gprobe_tap_parts *parts,
		   struct gprobe_tap_call *calls, size_t nr, run_fn *run)
{
	size_t part;
	int ret = 0;

	for (; nr && !ret; nr -= part, calls += part) {
		part = run_length(calls, nr);
		run(parts, calls, part);
		ret = first_error(calls, part);
	}
	for (; nr; nr--, calls++)
		calls->ret = -ECANCELED;
	return ret;
}

static void set_all(struct gprobe_tap_call *calls, size_t nr, int ret)
{
	size_t i;

	for (i = 0; i < nr; i++)
		calls[i].ret = ret;
}

static void shadow_run(const struct gprobe_tap_parts *parts,
		       struct gprobe_tap_call *calls, size_t nr)
{
	struct gprobe_int3 int3s[CHUNK];
	size_t i;

	/* The remap has protected the page already, and its end ends that. */
	if (calls[0].kind != GPROBE_TAP_INSERT &&
	    calls[0].kind != GPROBE_TAP_REMOVE) {
		for (i = 0; i < nr; i++)
			calls[i].ret = gprobe_access_confirm(parts->arbiter,
				calls[i].view, calls[i].gfn);
		return;
	}
	for (i = 0; i < nr; i++)
		int3s[i] = (struct gprobe_int3){
			.view = calls[i].view, .gfn = calls[i].gfn,
			.offset = calls[i].offset,
		};
	if (calls[0].kind == GPROBE_TAP_INSERT)
		gprobe_shadow_insert(parts->shadows, int3s, nr);
	else
		gprobe_shadow_remove(parts->shadows, int3s, nr);
	for (i = 0; i < nr; i++)
		calls[i].ret = int3s[i].ret;
}

static void claim_run(const struct gprobe_tap_parts *parts,
		      struct gprobe_tap_call *calls, size_t nr)
{
	struct gprobe_call claims[CHUNK];
	size_t i;
	int ret;

	/* The driver protects the pages of its claims. */
	if (calls[0].kind != GPROBE_TAP_INSERT &&
	    calls[0].kind != GPROBE_TAP_REMOVE) {
		set_all(calls, nr, 0);
		return;
	}
	for (i = 0; i < nr; i++)
		claims[i] = (struct gprobe_call){
			.kind = calls[i].kind == GPROBE_TAP_INSERT ?
				GPROBE_CALL_CLAIM_NEW : GPROBE_CALL_CLAIM_DEL,
			.view = calls[i].view, .gfn = calls[i].gfn,
			.offset = calls[i].offset, .id = calls[i].id,
			.ret = -ECANCELED,
		};
	ret = parts->driver->ops->call(parts->driver->arg, claims, nr);
	for (i = 0; i < nr; i++) {
		calls[i].ret = claims[i].ret;
		if (ret && calls[i].ret == -ECANCELED)
			calls[i].ret = ret;
		if (calls[i].kind == GPROBE_TAP_INSERT)
			calls[i].id = claims[i].id;
	}
}

static void memory_run(const struct gprobe_tap_parts *parts,
		       struct gprobe_tap_call *calls, size_t nr)
{
	struct gprobe_access_reason reasons[CHUNK];
	int rets[CHUNK];
	size_t i;

	if (calls[0].kind == GPROBE_TAP_INSERT ||
	    calls[0].kind == GPROBE_TAP_REMOVE) {
		set_all(calls, nr, 0);
		return;
	}
	for (i = 0; i < nr; i++)
		reasons[i] = (struct gprobe_access_reason){
			.view = calls[i].view, .gfn = calls[i].gfn,
			.allowed = GPROBE_ACCESS_RW,
		};
	if (calls[0].kind == GPROBE_TAP_MONITOR)
		gprobe_access_get_each(parts->arbiter, reasons, nr, rets);
	else
		gprobe_access_put_each(parts->arbiter, reasons, nr, rets);
	for (i = 0; i < nr; i++)
		calls[i].ret = rets[i];
}

static int shadow_call(void *arg, struct gprobe_tap_call *calls, size_t nr)
{
	return do_runs(arg, calls, nr, shadow_run);
}

static int claim_call(void *arg, struct gprobe_tap_call *calls, size_t nr)
{
	return do_runs(arg, calls, nr, claim_run);
}

static int memory_call(void *arg, struct gprobe_tap_call *calls, size_t nr)
{
	return do_runs(arg, calls, nr, memory_run);
}

static const struct gprobe_tap_ops shadow_ops = {
	.check = breakpoint_check,
	.call = shadow_call,
};

static const struct gprobe_tap_ops claim_ops = {
	.check = breakpoint_check,
	.call = claim_call,
};

static const struct gprobe_tap_ops memory_ops = {
	.check = memory_check,
	.call = memory_call,
};

/**
 * gprobe_tap_breakpoint() - Tap with INT3s.
 * @parts: what it works on; outlives the tap
 * @tap: gets it
 *
 * With shadow frames, or the driver's claims, the INT3 and the protection of
 * its page come in one call, so that no vCPU sees the one without the other:
 * MONITOR and UNMONITOR have nothing left to do.
 *
 * Return: 0; -EOPNOTSUPP neither shadow frames nor claims.
 */
int gprobe_tap_breakpoint(struct gprobe_tap_parts *parts,
			  struct gprobe_tap *tap)
{
	if (!parts->shadows &&
	    !(parts->driver->ops->features & GPROBE_DRIVER_CLAIMS))
		return -EOPNOTSUPP;
	tap->ops = parts->shadows ? &shadow_ops : &claim_ops;
	tap->arg = parts;
	return 0;
}

/**
 * gprobe_tap_memory() - Tap by taking the right to execute from pages.
 * @parts: what it works on; outlives the tap; no shadow frames are needed
 * @tap: gets it
 *
 * Return: 0; -EINVAL there is no arbiter.
 */
int gprobe_tap_memory(struct gprobe_tap_parts *parts, struct gprobe_tap *tap)
{
	if (!parts->arbiter)
		return -EINVAL;
	tap->ops = &memory_ops;
	tap->arg = parts;
	return 0;
}
