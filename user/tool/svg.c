// SPDX-License-Identifier: GPL-2.0
#include "svg.h"

#include <inttypes.h>

#include "text.h"

#define FONT_SIZE	12
/* Of the font's characters. */
#define CHARACTER	7.3
#define TITLE_Y		24

static void put_character(FILE *file, const char *text, size_t bytes)
{
	switch (*text) {
	case '<':
		fputs("&lt;", file);
		break;
	case '>':
		fputs("&gt;", file);
		break;
	case '&':
		fputs("&amp;", file);
		break;
	default:
		fwrite(text, 1, bytes, file);
	}
}

/* At most @columns characters of any bytes. */
static void put_text(FILE *file, const char *text, size_t columns)
{
	size_t bytes;

	for (; *text && columns; columns--, text += bytes ? bytes : 1) {
		bytes = text_printable(text);
		put_character(file, bytes ? text : "?", bytes ? bytes : 1);
	}
}

/**
 * svg_begin() - Begin a picture.
 * @file: where to
 * @width: in pixels
 * @height: in pixels
 * @title: stands in its middle, at the top
 */
void svg_begin(FILE *file, size_t width, size_t height, const char *title)
{
	fprintf(file, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%zu\" height=\"%zu\" viewBox=\"0 0 %zu %zu\" font-family=\"DejaVu Sans Mono, monospace\" font-size=\"%d\">\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n"
		"<text x=\"%zu\" y=\"%d\" text-anchor=\"middle\" font-size=\"16\">",
		width, height, width, height, FONT_SIZE, width / 2, TITLE_Y);
	put_text(file, title, SIZE_MAX);
	fputs("</text>\n", file);
}

/**
 * svg_box() - Draw a box.
 * @file: where to
 * @box: where, how large
 * @text: in it, as far as there is room
 * @tip: shown when it is pointed at
 */
void svg_box(FILE *file, const struct svg_box *box, const char *text,
	     const char *tip)
{
	size_t room = box->width > 6 ? (box->width - 6) / CHARACTER : 0;
	size_t columns = text_columns(text);

	fputs("<g><title>", file);
	put_text(file, tip, SIZE_MAX);
	fprintf(file, "</title><rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"#%06" PRIx32 "\"/>",
		box->x, box->y, box->width, box->height, box->colour);
	/* A few characters of a name say nothing. */
	if (columns && (room >= columns || room >= 4)) {
		fprintf(file, "<text x=\"%.1f\" y=\"%.1f\">", box->x + 3,
			box->y + box->height - 4);
		put_text(file, text, room >= columns ? columns : room - 2);
		fprintf(file, "%s</text>", room >= columns ? "" : "..");
	}
	fputs("</g>\n", file);
}

/**
 * svg_text() - Write a text.
 * @file: where to
 * @x: in pixels
 * @y: of its base line
 * @anchor: to which side of @x
 * @text: any bytes
 */
void svg_text(FILE *file, double x, double y, enum svg_anchor anchor,
	      const char *text)
{
	static const char *const names[] = {
		[SVG_START] = "start", [SVG_MIDDLE] = "middle",
		[SVG_END] = "end",
	};

	fprintf(file, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y,
		names[anchor]);
	put_text(file, text, SIZE_MAX);
	fputs("</text>\n", file);
}

/**
 * svg_end() - End a picture.
 * @file: where to
 */
void svg_end(FILE *file)
{
	fputs("</svg>\n", file);
}
