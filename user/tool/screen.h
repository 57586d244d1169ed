/* SPDX-License-Identifier: GPL-2.0 */
/* A terminal that is drawn on as a whole; there is but one. */
#ifndef GPROBE_TOOL_SCREEN_H
#define GPROBE_TOOL_SCREEN_H

#include <stdbool.h>

/* ^L, as other programs have it. */
#define SCREEN_KEY_REDRAW	('L' & 0x1f)

/* What screen_key() answers besides a character. */
enum screen_key {
	SCREEN_KEY_UP = 256,
	SCREEN_KEY_DOWN,
	SCREEN_KEY_LEFT,
	SCREEN_KEY_RIGHT,
	SCREEN_KEY_PAGE_UP,
	SCREEN_KEY_PAGE_DOWN,
	SCREEN_KEY_HOME,
	SCREEN_KEY_END,
	/* One that means nothing to anybody. */
	SCREEN_KEY_OTHER,
	SCREEN_KEY_NONE,
	/* There will be no more: the terminal is gone. */
	SCREEN_KEY_GONE,
};

bool screen_is_possible(void);
int screen_open(void);
void screen_close(void);
int screen_key(void);
void screen_resize(void);
void screen_redraw(void);
int screen_rows(void);
bool screen_begin(void);
void screen_line(int row, char *text, bool is_title);
void screen_end(void);

#endif /* GPROBE_TOOL_SCREEN_H */
