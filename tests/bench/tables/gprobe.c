// SPDX-License-Identifier: GPL-2.0
/* gprobe's own table, on a tap that does nothing. */
#include <stdlib.h>

#include <gprobe/bpm.h>

#include "contender.h"

static int tap_call(void *arg, struct gprobe_tap_call *calls, size_t nr)
{
	size_t i;

	(void)arg;
	for (i = 0; i < nr; i++)
		calls[i].ret = 0;
	return 0;
}

static bool tap_check(void *arg, const struct gprobe_event *event)
{
	(void)arg;
	return event->kind == GPROBE_EVENT_BREAKPOINT && event->view;
}

static const struct gprobe_tap_ops tap_ops = {
	.check = tap_check,
	.call = tap_call,
};

/* It grows as it is filled; the number is not made use of. */
static void *table_new(uint32_t nr)
{
	const struct gprobe_tap tap = { .ops = &tap_ops };
	const struct gprobe_driver driver = { 0 };
	struct gprobe_bpm *bpm;

	(void)nr;
	if (gprobe_bpm_new(&driver, &tap, &bpm))
		abort();
	return bpm;
}

static void table_free(void *table)
{
	gprobe_bpm_free(table);
}

static bool insert(void *table, const struct bench_point *point)
{
	const struct gprobe_bpm_spec spec = {
		.context = { point->gva, point->root },
		.key = 1, .tag = point->tag, .view = BENCH_VIEW,
	};

	return gprobe_bpm_insert_at(table, &spec, point->gpa) ==
	       GPROBE_BPM_NEW;
}

static uint64_t lookup(void *table, const struct bench_point *point)
{
	const struct gprobe_event event = {
		.kind = GPROBE_EVENT_BREAKPOINT, .view = BENCH_VIEW,
		.gpa = point->gpa, .gva = point->gva, .root = point->root,
	};
	struct gprobe_bpm_hit hits[4];

	return gprobe_bpm_lookup(table, &event, hits, 4) > 0 ?
		hits[0].tag : 0;
}

static bool take_out(void *table, const struct bench_point *point)
{
	const struct gprobe_context context = { point->gva, point->root };

	return gprobe_bpm_remove(table, BENCH_VIEW, &context, 1) == 1;
}

static struct gprobe_paging paging(const struct bench_point *point)
{
	return (struct gprobe_paging){
		.context = { point->gva, point->root },
		.gpa = point->gpa, .view = BENCH_VIEW,
	};
}

static bool page_out(void *table, const struct bench_point *point)
{
	const struct gprobe_paging page = paging(point);

	return !gprobe_bpm_page_out(table, &page);
}

static bool page_in(void *table, const struct bench_point *point)
{
	const struct gprobe_paging page = paging(point);

	return !gprobe_bpm_page_in(table, &page);
}

static bool page_many(void *table, const struct bench_point *points,
		      uint32_t nr)
{
	struct gprobe_paging pages[BENCH_MANY];
	uint32_t i;

	for (i = 0; i < nr; i++)
		pages[i] = paging(&points[i]);
	return !gprobe_bpm_page_out_many(table, pages, nr) &&
	       !gprobe_bpm_page_in_many(table, pages, nr);
}

const struct contender contender_gprobe = {
	.name = "gprobe",
	.new = table_new,
	.free = table_free,
	.insert = insert,
	.lookup = lookup,
	.remove = take_out,
	.page_out = page_out,
	.page_in = page_in,
	.page_many = page_many,
};
