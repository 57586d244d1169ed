// SPDX-License-Identifier: GPL-2.0
#include "heat.h"

#include <math.h>

#include "number.h"
#include "svg.h"
#include "text.h"

#define CELL		7
#define LEFT		250
#define NAME_COLUMNS	33
#define RIGHT		110
#define FOOT		48
#define WIDTH		(LEFT + HEAT_COLUMNS * CELL + RIGHT)

/* Times are written below the picture. */
#define TICKS		6

static uint64_t length_ns(const struct data *data)
{
	uint64_t start = data->session.start_ns, end = data->end.time_ns;

	return end > start ? end - start : 1;
}

/**
 * heat_add() - Count a hit.
 * @row: of this row
 * @data: of what
 * @time_ns: of the hit
 */
void heat_add(struct heat_row *row, const struct data *data, uint64_t time_ns)
{
	uint64_t start_ns = data->session.start_ns;
	uint64_t ns = time_ns > start_ns ? time_ns - start_ns : 0;
	size_t column = (double)ns / length_ns(data) * HEAT_COLUMNS;

	row->hits++;
	row->cells[column < HEAT_COLUMNS ? column : HEAT_COLUMNS - 1]++;
}

static uint64_t most_in(const struct heat *heat)
{
	uint64_t most = 0;
	size_t i, column;

	for (i = 0; i < heat->nr; i++)
		for (column = 0; column < HEAT_COLUMNS; column++)
			if (heat->rows[i].cells[column] > most)
				most = heat->rows[i].cells[column];
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

/*
 * When the part @part of @parts begins, with as many digits as two of them that
 * follow each other need to differ by two.
 */
static void write_time(const struct heat *heat, size_t part, size_t parts,
		       char *text, size_t bytes)
{
	double seconds = (double)length_ns(heat->data) / NUMBER_NS_PER_S;
	double digits = ceil(-log10(seconds / parts)) + 1;

	snprintf(text, bytes, "%.*f s", digits > 0 ? (int)digits : 0,
		 seconds * part / parts);
}

static void draw_row(const struct heat *heat, const struct heat_row *row,
		     double y, uint64_t most)
{
	struct svg_box box = {
		.y = y, .width = CELL, .height = HEAT_ROW - 1,
	};
	struct text_name label = text_name(row->label);
	char tip[sizeof(row->label) + 96], time[32];
	size_t i;

	text_cut(label.text, NAME_COLUMNS);
	svg_text(heat->file, LEFT - 8, y + HEAT_ROW - 5, SVG_END,
		 label.text);
	for (i = 0; i < HEAT_COLUMNS; i++) {
		if (!row->cells[i])
			continue;
		box.x = LEFT + i * CELL;
		box.colour = colour_of(row->cells[i], most);
		write_time(heat, i, HEAT_COLUMNS, time, sizeof(time));
		snprintf(tip, sizeof(tip), "%s: %s at %s", row->label,
			 number_grouped(row->cells[i]).text, time);
		svg_box(heat->file, &box, "", tip);
	}
	svg_text(heat->file, LEFT + HEAT_COLUMNS * CELL + 8, y + HEAT_ROW - 5,
		 SVG_START, number_grouped(row->hits).text);
}

static void draw_times(const struct heat *heat, double y)
{
	char text[32];
	size_t i;

	for (i = 0; i <= TICKS; i++) {
		write_time(heat, i, TICKS, text, sizeof(text));
		svg_text(heat->file, LEFT + 1.0 * HEAT_COLUMNS * CELL * i / TICKS,
			 y, SVG_MIDDLE, text);
	}
}

/**
 * heat_draw() - Draw a heat map.
 * @heat: complete
 */
void heat_draw(const struct heat *heat)
{
	size_t end = HEAT_HEAD + heat->nr * HEAT_ROW, i;
	uint64_t most = most_in(heat);
	char text[512];

	svg_begin(heat->file, WIDTH, end + FOOT, heat->title);
	for (i = 0; i < heat->nr; i++)
		draw_row(heat, &heat->rows[i], HEAT_HEAD + i * HEAT_ROW, most);
	draw_times(heat, end + 14);
	snprintf(text, sizeof(text), "%s; the darkest cell is %s",
		 heat->foot, number_of(most, heat->counted).text);
	svg_text(heat->file, LEFT, end + 36, SVG_START, text);
	svg_end(heat->file);
}
