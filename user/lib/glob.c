// SPDX-License-Identifier: LGPL-2.1-or-later
/* Names that are meant by the hundred, as a shell's: fnmatch(3). */
#include "glob.h"

#include <fnmatch.h>
#include <stddef.h>
#include <string.h>

/* As a probe's text, which a glob is of. */
#define GLOB_MAX_BYTES	128

/* A token that any one letter, or any number of letters, matches. */
#define ONE	(-1)
#define ANY	(-2)

/**
 * gprobe_is_glob() - Does a text stand for other names than its own?
 * @text: the text
 *
 * Return: true if it has *, ? or [.
 */
bool gprobe_is_glob(const char *text)
{
	return strpbrk(text, "*?[");
}

/**
 * gprobe_glob_matches() - Does a glob stand for a name?
 * @glob: the glob
 * @name: the name
 *
 * Return: true if it does.
 */
bool gprobe_glob_matches(const char *glob, const char *name)
{
	return !fnmatch(glob, name, 0);
}

/* A set of letters stands for one of them, whichever that is. */
static const char *next_token(const char *glob, int *token)
{
	const char *close;

	switch (*glob) {
	case '*':
		*token = ANY;
		return glob + 1;
	case '?':
		*token = ONE;
		return glob + 1;
	case '[':
		/* A ] that comes first is a letter of the set. */
		close = glob[1] ? strchr(glob + 2 + (glob[1] == '!' &&
						     glob[2]), ']') : NULL;
		*token = close ? ONE : '[';
		return *token == ONE ? close + 1 : glob + 1;
	case '\\':
		glob += glob[1] != '\0';
		break;
	}
	*token = (unsigned char)*glob;
	return glob + 1;
}

static size_t tokens_of(const char *glob, int *tokens)
{
	size_t nr = 0;

	while (*glob && nr < GLOB_MAX_BYTES)
		glob = next_token(glob, &tokens[nr++]);
	return nr;
}

static unsigned int min(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* The next row of the matrix: one letter more of the name. */
static unsigned int add_letter(unsigned int *row, const int *tokens, size_t nr,
			       char letter)
{
	unsigned int diagonal = row[0], above, best = ++row[0];
	bool any, same;
	size_t i;

	for (i = 1; i <= nr; i++) {
		above = row[i];
		any = tokens[i - 1] == ANY;
		same = any || tokens[i - 1] == ONE ||
		       tokens[i - 1] == (unsigned char)letter;
		row[i] = min(diagonal + !same,
			     min(above + !any, row[i - 1] + !any));
		best = min(best, row[i]);
		diagonal = above;
	}
	return best;
}

/**
 * gprobe_glob_distance() - How many letters a glob is off a name.
 * @glob: of at most 128 bytes
 * @name: a name
 * @limit: what is more is of no interest
 *
 * As gprobe_name_distance() of the nearest name that the glob stands for, but
 * that a set of letters ([...]) counts as any letter.
 *
 * Return: the distance; @limit + 1 for all that is more.
 */
unsigned int gprobe_glob_distance(const char *glob, const char *name,
				  unsigned int limit)
{
	unsigned int row[GLOB_MAX_BYTES + 1] = { 0 };
	int tokens[GLOB_MAX_BYTES];
	size_t nr = tokens_of(glob, tokens), i;

	for (i = 1; i <= nr; i++)
		row[i] = row[i - 1] + (tokens[i - 1] != ANY);
	for (; *name; name++)
		if (add_letter(row, tokens, nr, *name) > limit)
			return limit + 1;
	return min(row[nr], limit + 1);
}

/**
 * gprobe_glob_letters() - How many letters a glob says.
 * @glob: of at most 128 bytes
 *
 * Return: those that are not left open.
 */
unsigned int gprobe_glob_letters(const char *glob)
{
	int tokens[GLOB_MAX_BYTES];
	size_t nr = tokens_of(glob, tokens), i;
	unsigned int letters = 0;

	for (i = 0; i < nr; i++)
		letters += tokens[i] >= 0;
	return letters;
}
