// SPDX-License-Identifier: GPL-2.0
#include "text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* The lowest code point that needs so many bytes; less is not UTF-8. */
static const uint32_t lowest[] = { 0, 0, 0x80, 0x800, 0x10000 };

/* How many bytes a character has that starts so; 0: none does. */
static size_t bytes_of(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first < 0xe0)
		return 2;
	if (first >= 0xe0 && first < 0xf0)
		return 3;
	return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

/**
 * text_character() - Look at the first character of a text.
 * @text: not empty
 *
 * Return: its bytes; 0: they are not UTF-8.
 */
size_t text_character(const char *text)
{
	const unsigned char *c = (const unsigned char *)text;
	size_t bytes = bytes_of(c[0]), i;
	uint32_t code;

	if (bytes <= 1)
		return bytes;
	code = c[0] & (0xff >> (bytes + 1));
	for (i = 1; i < bytes; i++) {
		if ((c[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (c[i] & 0x3f);
	}
	if (code < lowest[bytes] || code > 0x10ffff ||
	    (code >= 0xd800 && code < 0xe000))
		return 0;
	return bytes;
}

/* C0 and C1: terminals act on both. */
static bool is_control(const char *text, size_t bytes)
{
	const unsigned char *c = (const unsigned char *)text;

	if (bytes == 1)
		return c[0] < 0x20 || c[0] == 0x7f;
	return bytes == 2 && c[0] == 0xc2 && c[1] < 0xa0;
}

/**
 * text_printable() - Look at the first character of a text.
 * @text: not empty
 *
 * Return: its bytes; 0: a terminal would act on it, or it is not UTF-8.
 */
size_t text_printable(const char *text)
{
	size_t bytes = text_character(text);

	return is_control(text, bytes) ? 0 : bytes;
}

/**
 * text_clean() - Put '?' in place of what a terminal would act on.
 * @text: loses its control characters, and what is not UTF-8
 */
void text_clean(char *text)
{
	size_t bytes;

	for (; *text; text += bytes ? bytes : 1) {
		bytes = text_printable(text);
		if (!bytes)
			*text = '?';
	}
}

/**
 * text_name() - Make a name fit for a terminal.
 * @name: a guest's as Xen has it, or a probe's text
 *
 * Return: the name, clean.
 */
struct text_name text_name(const char *name)
{
	struct text_name clean;

	snprintf(clean.text, sizeof(clean.text), "%s", name);
	text_clean(clean.text);
	return clean;
}

/**
 * text_columns() - How wide a clean text is.
 * @text: cleaned
 *
 * Return: its characters.
 */
size_t text_columns(const char *text)
{
	size_t columns = 0;

	for (; *text; text++)
		columns += ((unsigned char)*text & 0xc0) != 0x80;
	return columns;
}

/**
 * text_wider() - Make a column wide enough for one more text.
 * @width: of those before it
 * @text: clean
 *
 * Return: the width that has room for it, too.
 */
size_t text_wider(size_t width, const char *text)
{
	size_t columns = text_columns(text);

	return columns > width ? columns : width;
}

/**
 * text_cut() - Cut a text to a width.
 * @text: clean; loses what is behind
 * @columns: so many characters stay
 */
void text_cut(char *text, size_t columns)
{
	while (*text && columns--)
		text += text_character(text) ?: 1;
	*text = '\0';
}
