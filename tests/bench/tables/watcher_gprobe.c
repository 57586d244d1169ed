// SPDX-License-Identifier: GPL-2.0
/* gprobe's own page-table monitor, on a driver that does nothing. */
#include <errno.h>
#include <stdlib.h>

#include <gprobe/ptm.h>

#include "contender.h"
#include "watcher.h"

struct own {
	const struct bench_guest *guest;
	struct gprobe_driver driver;
	struct gprobe_access_arbiter *arbiter;
	struct gprobe_ptm *ptm;
	uint32_t told;
};

static int translate(void *arg, struct gprobe_translation *translations,
		     size_t nr)
{
	(void)arg;
	while (nr--)
		translations[nr].ret = -ENXIO;
	return 0;
}

static int frame_get(void *arg, const uint64_t *gfns, size_t nr,
		     const void **maps)
{
	const struct own *own = arg;

	while (nr--) {
		if (gfns[nr] >= own->guest->nr)
			return -ENXIO;
		maps[nr] = own->guest->memory + gfns[nr] * 512;
	}
	return 0;
}

static void frame_put(void *arg, uint64_t gfn, const void *map)
{
	(void)arg;
	(void)gfn;
	(void)map;
}

static int call(void *arg, struct gprobe_call *calls, size_t nr)
{
	(void)arg;
	while (nr--) {
		if (calls[nr].kind == GPROBE_CALL_ACCESS_GET)
			calls[nr].access = GPROBE_ACCESS_RWX;
		calls[nr].ret = 0;
	}
	return 0;
}

static const struct gprobe_driver_ops driver_ops = {
	.translate = translate,
	.frame_get = frame_get,
	.frame_put = frame_put,
	.call = call,
};

static int tell(void *arg, const struct gprobe_ptm_event *events, size_t nr)
{
	(void)events;
	((struct own *)arg)->told += nr;
	return 0;
}

static void *own_new(const struct bench_guest *guest, uint32_t nr)
{
	struct own *own = calloc(1, sizeof(*own));
	const struct gprobe_ptm_listener listener = {
		.page_out = tell, .page_in = tell, .arg = own,
	};

	(void)nr;
	if (!own)
		abort();
	own->guest = guest;
	own->driver = (struct gprobe_driver){ .ops = &driver_ops, .arg = own };
	if (gprobe_access_new(&own->driver, &own->arbiter) ||
	    gprobe_ptm_new(&own->driver, own->arbiter, &listener, &own->ptm))
		abort();
	return own;
}

static void own_free(void *watcher)
{
	struct own *own = watcher;

	gprobe_ptm_free(own->ptm);
	gprobe_access_free(own->arbiter);
	free(own);
}

static bool monitor(void *watcher, const struct bench_way *way)
{
	const struct gprobe_context context = { way->gva, way->root };

	return !gprobe_ptm_monitor(((struct own *)watcher)->ptm, BENCH_VIEW,
				   &context, 0);
}

static uint32_t store(void *watcher, uint64_t entry_gpa)
{
	const struct gprobe_ptm_write write = {
		.gpa = entry_gpa, .bytes = 8, .view = BENCH_VIEW,
	};
	struct own *own = watcher;

	own->told = 0;
	if (gprobe_ptm_mark(own->ptm, &write) != 1 ||
	    gprobe_ptm_process(own->ptm, 0))
		return 0;
	return own->told;
}

static bool unmonitor(void *watcher, const struct bench_way *way)
{
	const struct gprobe_context context = { way->gva, way->root };

	return !gprobe_ptm_unmonitor(((struct own *)watcher)->ptm, BENCH_VIEW,
				     &context);
}

const struct watcher watcher_gprobe = {
	.name = "gprobe",
	.new = own_new,
	.free = own_free,
	.monitor = monitor,
	.store = store,
	.unmonitor = unmonitor,
};
