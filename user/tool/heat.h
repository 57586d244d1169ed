/* SPDX-License-Identifier: GPL-2.0 */
/* A heat map: time goes to the right, and the darker a part, the more hits. */
#ifndef GPROBE_TOOL_HEAT_H
#define GPROBE_TOOL_HEAT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "data.h"

/* The parts of the time. */
#define HEAT_COLUMNS	120

/* In pixels: a row's height, and where those begin, below a title. */
#define HEAT_ROW	18
#define HEAT_HEAD	44

/**
 * struct heat_row - a row, and its hits
 * @label: what it is of
 * @hits: of all the time
 * @cells: of each part of it
 */
struct heat_row {
	char label[GPROBE_PROBE_TEXT_MAX + 1];
	uint64_t hits;
	uint64_t cells[HEAT_COLUMNS];
};

/**
 * struct heat - a heat map
 * @file: where to
 * @data: of what
 * @title: above it
 * @foot: below it; then it is told how many the darkest cell is
 * @counted: what that counts: "hit", "call"
 * @rows: the uppermost first
 * @nr: how many
 */
struct heat {
	FILE *file;
	const struct data *data;
	const char *title, *foot, *counted;
	const struct heat_row *rows;
	size_t nr;
};

void heat_add(struct heat_row *row, const struct data *data, uint64_t time_ns);
void heat_draw(const struct heat *heat);

#endif /* GPROBE_TOOL_HEAT_H */
