/* SPDX-License-Identifier: GPL-2.0 */
/* Writes pictures of boxes and text; errors of the file stay with the file. */
#ifndef GPROBE_TOOL_SVG_H
#define GPROBE_TOOL_SVG_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/**
 * struct svg_box - a box
 * @x: left side, in pixels; so all
 * @y: upper side
 * @width: its width
 * @height: its height
 * @colour: 0xRRGGBB
 */
struct svg_box {
	double x, y, width, height;
	uint32_t colour;
};

/* To which side of its place a text is. */
enum svg_anchor {
	SVG_START,
	SVG_MIDDLE,
	SVG_END,
};

void svg_begin(FILE *file, size_t width, size_t height, const char *title);
void svg_box(FILE *file, const struct svg_box *box, const char *text,
	     const char *tip);
void svg_text(FILE *file, double x, double y, enum svg_anchor anchor,
	      const char *text);
void svg_end(FILE *file);

#endif /* GPROBE_TOOL_SVG_H */
