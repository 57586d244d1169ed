// SPDX-License-Identifier: GPL-2.0
/* When each probe was hit: a row for each of those with the most, time to the right. */
#include "export.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"
#include "say.h"
#include "svg.h"
#include "text.h"

#define COLUMNS		120
#define MAX_ROWS	40
#define CELL		7
#define ROW		18
#define LEFT		250
#define NAME_COLUMNS	33
#define RIGHT		110
#define HEAD		44
#define FOOT		48
#define WIDTH		(LEFT + COLUMNS * CELL + RIGHT)

/* Times are written below the picture. */
#define TICKS		6

/**
 * struct row - a probe
 * @probe: its number
 * @hits: of all the time
 * @cells: of each column
 */
struct row {
	size_t probe;
	uint64_t hits;
	uint64_t cells[COLUMNS];
};

static uint64_t length_ns(const struct data *data)
{
	uint64_t start = data->session.start_ns, end = data->end.time_ns;

	return end > start ? end - start : 1;
}

static int begin(struct export *export)
{
	size_t nr = export->data->session.nr_probes, i;
	struct row *rows = calloc(nr, sizeof(*rows));

	if (!rows)
		return say_no_memory();
	for (i = 0; i < nr; i++)
		rows[i].probe = i;
	export->arg = rows;
	return STATUS_DONE;
}

static int add(struct export *export, const struct hit *hit)
{
	const struct data *data = export->data;
	struct row *row = (struct row *)export->arg + hit->probe;
	uint64_t ns = hit->time_ns > data->session.start_ns ?
		      hit->time_ns - data->session.start_ns : 0;
	size_t column = (double)ns / length_ns(data) * COLUMNS;

	row->hits++;
	row->cells[column < COLUMNS ? column : COLUMNS - 1]++;
	return STATUS_DONE;
}

static int compare(const void *left, const void *right)
{
	const struct row *a = left, *b = right;

	if (a->hits != b->hits)
		return a->hits < b->hits ? 1 : -1;
	return (a->probe > b->probe) - (a->probe < b->probe);
}

static uint64_t most_in(const struct row *rows, size_t nr)
{
	uint64_t most = 0;
	size_t i, column;

	for (i = 0; i < nr; i++)
		for (column = 0; column < COLUMNS; column++)
			if (rows[i].cells[column] > most)
				most = rows[i].cells[column];
	return most;
}

/* From light to dark: what is ten times as much differs as much everywhere. */
static uint32_t colour_of(uint64_t count, uint64_t most)
{
	double part = most > 1 ? log(count) / log(most) : 1;
	uint32_t red = 254 - 126 * part, green = 232 - 232 * part,
		 blue = 200 - 162 * part;

	return red << 16 | green << 8 | blue;
}

static void draw_row(const struct export *export, const struct row *row,
		     size_t index, uint64_t most)
{
	const struct data *data = export->data;
	const char *name = data->session.probes[row->probe].text;
	struct svg_box box = {
		.y = HEAD + index * ROW, .width = CELL, .height = ROW - 1,
	};
	char label[GPROBE_PROBE_TEXT_MAX + 1], tip[sizeof(label) + 96];
	size_t i;

	snprintf(label, sizeof(label), "%s", name);
	text_clean(label);
	text_cut(label, NAME_COLUMNS);
	svg_text(export->file, LEFT - 8, box.y + ROW - 5, SVG_END, label);
	for (i = 0; i < COLUMNS; i++) {
		if (!row->cells[i])
			continue;
		box.x = LEFT + i * CELL;
		box.colour = colour_of(row->cells[i], most);
		snprintf(tip, sizeof(tip), "%s: %s at %.3f s", name,
			 number_grouped(row->cells[i]).text,
			 (double)length_ns(data) * i / COLUMNS /
			 NUMBER_NS_PER_S);
		svg_box(export->file, &box, "", tip);
	}
	svg_text(export->file, LEFT + COLUMNS * CELL + 8, box.y + ROW - 5,
		 SVG_START, number_grouped(row->hits).text);
}

static void draw_times(const struct export *export, double y)
{
	double seconds = (double)length_ns(export->data) / NUMBER_NS_PER_S;
	char text[32];
	size_t i;

	for (i = 0; i <= TICKS; i++) {
		snprintf(text, sizeof(text), "%.3g s", seconds * i / TICKS);
		svg_text(export->file, LEFT + 1.0 * COLUMNS * CELL * i / TICKS,
			 y, SVG_MIDDLE, text);
	}
}

static int draw(struct export *export)
{
	const struct data *data = export->data;
	struct row *rows = export->arg;
	size_t nr = data->session.nr_probes, shown, i;
	char text[512];
	uint64_t most;

	qsort(rows, nr, sizeof(*rows), compare);
	shown = nr < MAX_ROWS ? nr : MAX_ROWS;
	most = most_in(rows, shown);
	snprintf(text, sizeof(text), "Hits of the guest %s",
		 data->session.domain);
	svg_begin(export->file, WIDTH, HEAD + shown * ROW + FOOT, text);
	for (i = 0; i < shown; i++)
		draw_row(export, &rows[i], i, most);
	draw_times(export, HEAD + shown * ROW + 14);
	snprintf(text, sizeof(text),
		 "%s hits, %s lost; %zu of %zu probes; the darkest cell is %s hits",
		 number_grouped(data->end.sum.shown).text,
		 number_grouped(data->end.sum.lost).text, shown, nr,
		 number_grouped(most).text);
	svg_text(export->file, LEFT, HEAD + shown * ROW + 36, SVG_START, text);
	svg_end(export->file);
	return STATUS_DONE;
}

static void close_rows(struct export *export)
{
	free(export->arg);
}

const struct export_format export_heatmap = {
	.name = "heatmap",
	.begin = begin,
	.hit = add,
	.end = draw,
	.close = close_rows,
};
