// SPDX-License-Identifier: GPL-2.0
/* How long calls took, of returns whose duration is known: over time, and in all. */
#include "export.h"

#include <stdlib.h>

#include "heat.h"
#include "number.h"
#include "say.h"
#include "svg.h"

/* Of durations of N bits. */
#define NR_ROWS		65

#define WIDTH		900
#define LEFT		160
#define MOST_WIDTH	600.0
#define FOOT		30
#define COLOUR		0x4c78a8u

/**
 * struct latency - durations
 * @rows: by their bits
 * @calls: all
 */
struct latency {
	struct heat_row rows[NR_ROWS];
	uint64_t calls;
};

static int begin(struct export *export)
{
	struct latency *latency;
	size_t i;

	for (i = 0; i < export->data->session.nr_probes; i++)
		if (export->data->session.probes[i].part == GPROBE_PROBE_ENTRY)
			break;
	if (i == export->data->session.nr_probes)
		return say(STATUS_FAILED,
			   "no returns were recorded: a probe r:FUNCTION is of these");
	latency = calloc(1, sizeof(*latency));
	if (!latency)
		return say_no_memory();
	for (i = 0; i < NR_ROWS; i++)
		snprintf(latency->rows[i].label, sizeof(latency->rows[i].label),
			 "up to %s",
			 number_duration(i < 64 ? (UINT64_C(1) << i) - 1 :
						  UINT64_MAX).text);
	export->arg = latency;
	return STATUS_DONE;
}

static size_t bits_of(uint64_t number)
{
	return number ? 64 - __builtin_clzll(number) : 0;
}

static int add(struct export *export, const struct hit *hit)
{
	struct latency *latency = export->arg;

	if (hit->duration_ns == HIT_NO_DURATION)
		return STATUS_DONE;
	latency->calls++;
	heat_add(&latency->rows[bits_of(hit->duration_ns)], export->data,
		 hit->time_ns);
	return STATUS_DONE;
}

/* How many from *@first on: up to the last that has any. */
static size_t used_rows(const struct latency *latency, size_t *first)
{
	size_t end = NR_ROWS;

	*first = 0;
	while (*first < NR_ROWS && !latency->rows[*first].hits)
		(*first)++;
	while (end > *first && !latency->rows[end - 1].hits)
		end--;
	return end - *first;
}

static void write_title(const struct export *export, char *title, size_t bytes)
{
	const struct data_session *session = &export->data->session;
	char names[256];

	data_domains_text(session, names, sizeof(names));
	snprintf(title, bytes, "Durations of calls in the guest%s %s",
		 session->nr_domains > 1 ? "s" : "", names);
}

static void write_foot(const struct export *export, char *foot, size_t bytes)
{
	const struct latency *latency = export->arg;

	snprintf(foot, bytes, "%s, %s lost",
		 number_of(latency->calls, "call").text,
		 number_of(export->data->end.sum.lost, "hit").text);
}

/* --- over time --- */

static int draw_heat(struct export *export)
{
	struct latency *latency = export->arg;
	struct heat_row rows[NR_ROWS];
	char title[512], foot[192];
	size_t first, i;
	struct heat heat = {
		.file = export->file, .data = export->data, .title = title,
		.foot = foot, .counted = "call", .rows = rows,
		.nr = used_rows(latency, &first),
	};

	/* The longest is uppermost. */
	for (i = 0; i < heat.nr; i++)
		rows[i] = latency->rows[first + heat.nr - 1 - i];
	write_title(export, title, sizeof(title));
	write_foot(export, foot, sizeof(foot));
	heat_draw(&heat);
	return STATUS_DONE;
}

/* --- in all --- */

static void draw_bar(const struct export *export, const struct heat_row *row,
		     double y, uint64_t most)
{
	const struct latency *latency = export->arg;
	struct svg_box box = {
		.x = LEFT, .y = y, .width = MOST_WIDTH * row->hits / most,
		.height = HEAT_ROW - 1, .colour = COLOUR,
	};
	char text[64], tip[sizeof(text) + sizeof(row->label) + 2];

	svg_text(export->file, LEFT - 8, y + HEAT_ROW - 5, SVG_END, row->label);
	snprintf(text, sizeof(text), "%s, %.2f%%",
		 number_grouped(row->hits).text,
		 100.0 * row->hits / latency->calls);
	snprintf(tip, sizeof(tip), "%s: %s", row->label, text);
	svg_box(export->file, &box, "", tip);
	svg_text(export->file, LEFT + box.width + 8, y + HEAT_ROW - 5,
		 SVG_START, text);
}

static int draw_histogram(struct export *export)
{
	const struct latency *latency = export->arg;
	size_t first, nr = used_rows(latency, &first), i;
	size_t end = HEAT_HEAD + nr * HEAT_ROW;
	char text[512];
	uint64_t most = 1;

	for (i = 0; i < nr; i++)
		if (latency->rows[first + i].hits > most)
			most = latency->rows[first + i].hits;
	write_title(export, text, sizeof(text));
	svg_begin(export->file, WIDTH, end + FOOT, text);
	for (i = 0; i < nr; i++)
		draw_bar(export, &latency->rows[first + i],
			 HEAT_HEAD + i * HEAT_ROW, most);
	write_foot(export, text, sizeof(text));
	svg_text(export->file, LEFT, end + 20, SVG_START, text);
	svg_end(export->file);
	return STATUS_DONE;
}

static void close_latency(struct export *export)
{
	free(export->arg);
}

const struct export_format export_latency = {
	.name = "latency",
	.begin = begin,
	.hit = add,
	.end = draw_heat,
	.close = close_latency,
};

const struct export_format export_histogram = {
	.name = "histogram",
	.begin = begin,
	.hit = add,
	.end = draw_histogram,
	.close = close_latency,
};
