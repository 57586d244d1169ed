/* SPDX-License-Identifier: GPL-2.0 */
/* Text that guests, files and users wrote, made fit for a terminal. */
#ifndef GPROBE_TOOL_TEXT_H
#define GPROBE_TOOL_TEXT_H

#include <stddef.h>

#include <gprobe/guest.h>

/**
 * struct text_name - the name of a guest or a probe as a terminal may have it
 * @text: it
 */
struct text_name {
	char text[GPROBE_GUEST_NAME_MAX + 1];
};

struct text_name text_name(const char *name);
size_t text_character(const char *text);
size_t text_printable(const char *text);
void text_clean(char *text);
size_t text_columns(const char *text);
size_t text_wider(size_t width, const char *text);
void text_cut(char *text, size_t columns);

#endif /* GPROBE_TOOL_TEXT_H */
