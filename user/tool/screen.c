// SPDX-License-Identifier: GPL-2.0
#include "screen.h"

#include <curses.h>
#include <locale.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "say.h"
#include "text.h"

/* How long what follows an ESC may take, in ms. */
#define ESCAPE_MS	25

/* NULL: none is open. */
static SCREEN *screen;

/**
 * screen_is_possible() - Are stdin and stdout a terminal?
 *
 * Return: true if they are.
 */
bool screen_is_possible(void)
{
	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

/**
 * screen_open() - Draw on the terminal from now on; what is said closes it.
 *
 * Return: the exit status.
 */
int screen_open(void)
{
	const char *terminal = getenv("TERM");

	setlocale(LC_CTYPE, "");
	screen = newterm(NULL, stdout, stdin);
	if (!screen)
		return say(STATUS_FAILED,
			   "the terminal '%s' is not known, or cannot be drawn on",
			   terminal ? terminal : "");
	say_before = screen_close;
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(ESCAPE_MS);
	curs_set(0);
	return STATUS_DONE;
}

/**
 * screen_close() - Give the terminal back as it was.
 */
void screen_close(void)
{
	if (!screen)
		return;
	say_before = NULL;
	endwin();
	delscreen(screen);
	screen = NULL;
}

static bool is_gone(void)
{
	struct pollfd terminal = { .fd = STDIN_FILENO, .events = POLLIN };

	return poll(&terminal, 1, 0) > 0 &&
	       terminal.revents & (POLLHUP | POLLERR | POLLNVAL);
}

/**
 * screen_key() - Read a key; never waits.
 *
 * Return: its character, or an enum screen_key.
 */
int screen_key(void)
{
	static const struct {
		int of_curses, key;
	} keys[] = {
		{ KEY_UP, SCREEN_KEY_UP }, { KEY_DOWN, SCREEN_KEY_DOWN },
		{ KEY_LEFT, SCREEN_KEY_LEFT }, { KEY_RIGHT, SCREEN_KEY_RIGHT },
		{ KEY_PPAGE, SCREEN_KEY_PAGE_UP },
		{ KEY_NPAGE, SCREEN_KEY_PAGE_DOWN },
		{ KEY_HOME, SCREEN_KEY_HOME }, { KEY_END, SCREEN_KEY_END },
	};
	int got;
	size_t i;

	if (!screen || is_gone())
		return SCREEN_KEY_GONE;
	got = getch();
	if (got == ERR)
		return SCREEN_KEY_NONE;
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (got == keys[i].of_curses)
			return keys[i].key;
	return got < SCREEN_KEY_UP ? got : SCREEN_KEY_OTHER;
}

/**
 * screen_resize() - The terminal has another size now.
 */
void screen_resize(void)
{
	struct winsize size;

	if (screen && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) &&
	    size.ws_row && size.ws_col)
		resizeterm(size.ws_row, size.ws_col);
}

/**
 * screen_redraw() - Others wrote on the terminal: next time, draw all of it.
 */
void screen_redraw(void)
{
	if (screen)
		clearok(curscr, TRUE);
}

/**
 * screen_rows() - How high is it?
 *
 * Return: so many rows.
 */
int screen_rows(void)
{
	return screen ? LINES : 0;
}

/**
 * screen_begin() - Begin to draw, on an empty screen.
 *
 * Return: false: what was drawn before is not yet on it. Whoever waited for a
 * terminal that is stopped would let vCPUs wait.
 */
bool screen_begin(void)
{
	struct pollfd terminal = { .fd = STDOUT_FILENO, .events = POLLOUT };

	if (!screen || poll(&terminal, 1, 0) <= 0 ||
	    !(terminal.revents & POLLOUT))
		return false;
	erase();
	return true;
}

/**
 * screen_line() - Draw a line.
 * @row: where; what is below the screen is not drawn
 * @text: clean; cut to what fits
 * @is_title: it stands out
 */
void screen_line(int row, char *text, bool is_title)
{
	if (row >= LINES)
		return;
	text_cut(text, COLS);
	if (is_title)
		attron(A_REVERSE);
	mvaddstr(row, 0, text);
	if (is_title) {
		hline(' ' | A_REVERSE, COLS - (int)text_columns(text));
		attroff(A_REVERSE);
	}
}

/**
 * screen_end() - Show what was drawn.
 */
void screen_end(void)
{
	refresh();
}
