// SPDX-License-Identifier: GPL-2.0
/* Stacks as flame graphs' programs read them, a line each; and as a flame graph. */
#include "export.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"
#include "say.h"
#include "stacks.h"
#include "svg.h"

#define WIDTH		1200
#define MARGIN		10
#define ROW		17
#define HEAD		44
#define FOOT		26

/* Narrower ones cannot be seen. */
#define MIN_WIDTH	0.1

static int begin(struct export *export)
{
	if (!stacks_recorded(&export->data->session))
		return say(STATUS_FAILED,
			   "no stacks were recorded: gprobe record -g does");
	export->arg = calloc(1, sizeof(struct stacks));
	return export->arg ? STATUS_DONE : say_no_memory();
}

static int add(struct export *export, const struct hit *hit)
{
	return stacks_add(export->arg, &export->data->session, hit) ?
	       STATUS_DONE : say_no_memory();
}

static void close_stacks(struct export *export)
{
	if (export->arg)
		stacks_free(export->arg);
	free(export->arg);
}

static int print(struct export *export)
{
	struct stacks *stacks = export->arg;
	size_t i;

	stacks_sort(stacks);
	for (i = 0; i < stacks->nr; i++)
		fprintf(export->file, "%s %" PRIu64 "\n", stacks->all[i]->text,
			stacks->all[i]->count);
	return STATUS_DONE;
}

/* --- the flame graph --- */

/**
 * struct graph - where functions are drawn
 * @file: where to
 * @stacks: of what
 * @depth: of the deepest
 */
struct graph {
	FILE *file;
	const struct stacks *stacks;
	size_t depth;
};

/* A function: what the stacks from @first up to @end have in common. */
struct flame {
	size_t first, end;
	size_t depth;
	/* In their texts: where its name begins, and its bytes. */
	size_t at, bytes;
	uint64_t before, count;
};

static size_t depth_of(const char *text)
{
	size_t depth = 1;

	for (; *text; text++)
		depth += *text == ';';
	return depth;
}

static size_t deepest(const struct stacks *stacks)
{
	size_t depth = 0, one, i;

	for (i = 0; i < stacks->nr; i++) {
		one = depth_of(stacks->all[i]->text);
		if (one > depth)
			depth = one;
	}
	return depth;
}

static double x_of(const struct graph *graph, uint64_t count)
{
	return (double)(WIDTH - 2 * MARGIN) * count / graph->stacks->total;
}

/* Warm, and the same for a name everywhere. */
static uint32_t colour_of(const char *name, size_t bytes)
{
	uint32_t hash = 2166136261u;
	size_t i;

	for (i = 0; i < bytes; i++)
		hash = (hash ^ (unsigned char)name[i]) * 16777619u;
	return (205 + hash % 50) << 16 | (80 + (hash >> 8) % 130) << 8 |
	       (hash >> 16) % 55;
}

static void draw_flame(const struct graph *graph, const struct flame *flame)
{
	const char *name = graph->stacks->all[flame->first]->text + flame->at;
	struct svg_box box = {
		.x = MARGIN + x_of(graph, flame->before),
		.y = HEAD + ROW * (graph->depth - 1 - flame->depth),
		.width = x_of(graph, flame->count),
		.height = ROW - 1,
		.colour = colour_of(name, flame->bytes),
	};
	char text[GPROBE_FETCH_STRING_MAX + 1], tip[sizeof(text) + 64];

	if (box.width < MIN_WIDTH)
		return;
	snprintf(text, sizeof(text), "%.*s", (int)flame->bytes, name);
	snprintf(tip, sizeof(tip), "%s: %s, %.2f%%", text,
		 number_grouped(flame->count).text,
		 100.0 * flame->count / graph->stacks->total);
	svg_box(graph->file, &box, text, tip);
}

/* The next function in @outer from @flame->end on; false: there is none. */
static bool next_flame(const struct graph *graph, const struct flame *outer,
		       struct flame *flame)
{
	struct stack *const *all = graph->stacks->all;
	size_t at = outer->at + outer->bytes + (outer->bytes ? 1 : 0);
	size_t i = flame->end;

	flame->before += flame->count;
	flame->count = 0;
	/* What ends here has nothing inside. */
	while (i < outer->end && outer->bytes && strlen(all[i]->text) < at)
		flame->before += all[i++]->count;
	if (i == outer->end)
		return false;
	flame->first = i;
	flame->at = at;
	flame->bytes = strcspn(all[i]->text + at, ";");
	for (; i < outer->end &&
	     strcspn(all[i]->text + at, ";") == flame->bytes &&
	     !memcmp(all[i]->text + at, all[flame->first]->text + at,
		     flame->bytes); i++)
		flame->count += all[i]->count;
	flame->end = i;
	return true;
}

/* All functions inside of one, and what is inside of them. */
static void draw_inside(const struct graph *graph, const struct flame *outer)
{
	struct flame flame = {
		.end = outer->first, .before = outer->before,
		.depth = outer->bytes ? outer->depth + 1 : 0,
	};

	while (next_flame(graph, outer, &flame)) {
		draw_flame(graph, &flame);
		draw_inside(graph, &flame);
	}
}

static int draw(struct export *export)
{
	const struct data_session *session = &export->data->session;
	struct stacks *stacks = export->arg;
	struct graph graph = { .file = export->file, .stacks = stacks };
	const struct flame all = { .end = stacks->nr };
	char title[512], names[256], foot[192];
	size_t height;

	stacks_sort(stacks);
	graph.depth = deepest(stacks);
	height = HEAD + ROW * graph.depth + FOOT;
	data_domains_text(session, names, sizeof(names));
	snprintf(title, sizeof(title), "Kernel stacks of the guest%s %s",
		 session->nr_domains > 1 ? "s" : "", names);
	snprintf(foot, sizeof(foot), "%s, %s lost",
		 number_of(stacks->total, "hit").text,
		 number_grouped(export->data->end.sum.lost).text);
	svg_begin(export->file, WIDTH, height, title);
	if (stacks->total)
		draw_inside(&graph, &all);
	svg_text(export->file, MARGIN, height - 9, SVG_START, foot);
	svg_end(export->file);
	return STATUS_DONE;
}

const struct export_format export_folded = {
	.name = "folded",
	.begin = begin,
	.hit = add,
	.end = print,
	.close = close_stacks,
};

const struct export_format export_flamegraph = {
	.name = "flamegraph",
	.begin = begin,
	.hit = add,
	.end = draw,
	.close = close_stacks,
};
