// SPDX-License-Identifier: LGPL-2.1-or-later
/* Names like another one, for those who mistyped it. */
#include <gprobe/symbols.h>

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "glob.h"
#include "symbols.h"
#include "why.h"

#define NAME_MAX_BYTES	64

#define NEAR_NAMES	3

/**
 * gprobe_name_distance() - How many letters two names differ by.
 * @a: a name
 * @b: another
 * @limit: what is more is of no interest
 *
 * Counts letters put in, taken out and replaced (Levenshtein).
 *
 * Return: the distance; @limit + 1 for all that is more, and for names of more
 * than 64 bytes that differ.
 */
unsigned int gprobe_name_distance(const char *a, const char *b,
				  unsigned int limit)
{
	unsigned int row[NAME_MAX_BYTES + 1], diagonal, above, best;
	size_t na = strlen(a), nb = strlen(b), i, j;

	if ((na > nb ? na - nb : nb - na) > limit)
		return limit + 1;
	if (na > NAME_MAX_BYTES || nb > NAME_MAX_BYTES)
		return strcmp(a, b) ? limit + 1 : 0;
	for (j = 0; j <= nb; j++)
		row[j] = j;
	for (i = 1; i <= na; i++) {
		diagonal = row[0];
		best = row[0] = i;
		for (j = 1; j <= nb; j++) {
			above = row[j];
			row[j] = diagonal + (a[i - 1] != b[j - 1]);
			if (row[j] > above + 1)
				row[j] = above + 1;
			if (row[j] > row[j - 1] + 1)
				row[j] = row[j - 1] + 1;
			if (row[j] < best)
				best = row[j];
			diagonal = above;
		}
		if (best > limit)
			return limit + 1;
	}
	return row[nb] > limit ? limit + 1 : row[nb];
}

/* Which letters a name has; one edit changes two bits at most. */
static uint32_t letters(const char *name)
{
	uint32_t set = 0;

	for (; *name; name++)
		set |= 1u << (*name & 31);
	return set;
}

struct near_list {
	const char **names;
	unsigned int distances[GPROBE_NEAR_MAX];
	size_t nr, max;
};

/* Sorted by distance; the worst falls out when there is no room. */
static void keep(struct near_list *list, const char *name,
		 unsigned int distance)
{
	size_t at, i;

	for (i = 0; i < list->nr; i++)
		if (!strcmp(list->names[i], name))
			return;
	for (at = list->nr; at && list->distances[at - 1] > distance; at--)
		;
	if (at == list->max)
		return;
	if (list->nr < list->max)
		list->nr++;
	for (i = list->nr - 1; i > at; i--) {
		list->names[i] = list->names[i - 1];
		list->distances[i] = list->distances[i - 1];
	}
	list->names[at] = name;
	list->distances[at] = distance;
}

/**
 * struct wanted - a name that is not there
 * @name: the name, or a glob
 * @only_code: those of code alone are meant
 * @is_glob: it is a glob
 */
struct wanted {
	const char *name;
	bool only_code, is_glob;
};

/* Above @limit if the symbol is out of the question. */
static unsigned int distance_of(const struct wanted *wanted, uint32_t set,
				const struct gprobe_symbol *symbol,
				unsigned int limit)
{
	if (wanted->only_code && !gprobe_symbol_is_code(symbol))
		return limit + 1;
	if (wanted->is_glob)
		return gprobe_glob_distance(wanted->name, symbol->name, limit);
	if (__builtin_popcount(set ^ letters(symbol->name)) > 2 * (int)limit)
		return limit + 1;
	return gprobe_name_distance(wanted->name, symbol->name, limit);
}

static size_t find_near(const struct gprobe_symbols *symbols,
			const struct wanted *wanted, const char **near,
			size_t max)
{
	struct near_list list = { .names = near };
	unsigned int limit, distance;
	uint32_t set = letters(wanted->name);
	const struct gprobe_symbol *symbol;
	size_t i;

	limit = 1 + (wanted->is_glob ? gprobe_glob_letters(wanted->name) :
				       strlen(wanted->name)) / 4;
	list.max = max < GPROBE_NEAR_MAX ? max : GPROBE_NEAR_MAX;
	for (i = 0; (symbol = gprobe_symbols_get(symbols, i)); i++) {
		distance = distance_of(wanted, set, symbol, limit);
		if (distance > limit)
			continue;
		keep(&list, symbol->name, distance);
		if (list.nr && list.nr == list.max)
			limit = list.distances[list.nr - 1];
	}
	return list.nr;
}

/**
 * gprobe_symbols_near() - Find code symbols with names like this one.
 * @symbols: where
 * @name: a name that is not there
 * @near: gets the names, nearest first; they live as long as @symbols
 * @max: room in @near; more than GPROBE_NEAR_MAX is not used
 *
 * Return: how many were found.
 */
size_t gprobe_symbols_near(const struct gprobe_symbols *symbols,
			   const char *name, const char **near, size_t max)
{
	const struct wanted wanted = { .name = name, .only_code = true };

	return find_near(symbols, &wanted, near, max);
}

static int say_none(const struct gprobe_symbols *symbols,
		    const struct wanted *wanted, struct gprobe_why *why)
{
	const char *what = wanted->is_glob ? "no function matches" :
					     "no symbol";
	const char *near[NEAR_NAMES];
	size_t nr = find_near(symbols, wanted, near, NEAR_NAMES), i;
	char names[NEAR_NAMES * 68 + 1] = "";

	for (i = 0; i < nr; i++) {
		strcat(names, i ? ", " : "");
		strncat(names, near[i], 66);
	}
	if (!nr)
		return gprobe_why(why, -ENOENT, "%s '%s'", what, wanted->name);
	return gprobe_why(why, -ENOENT, "%s '%s'; nearest: %s", what,
			  wanted->name, names);
}

/**
 * gprobe_no_symbol() - Say that there is no such symbol.
 * @symbols: where
 * @name: a name that is not there
 * @only_code: those of code alone were meant
 * @why: says which come near
 *
 * Return: -ENOENT.
 */
int gprobe_no_symbol(const struct gprobe_symbols *symbols, const char *name,
		     bool only_code, struct gprobe_why *why)
{
	const struct wanted wanted = { .name = name, .only_code = only_code };

	return say_none(symbols, &wanted, why);
}

/**
 * gprobe_no_match() - Say that a glob stands for no function.
 * @symbols: where
 * @glob: the glob
 * @why: says which come near
 *
 * Return: -ENOENT.
 */
int gprobe_no_match(const struct gprobe_symbols *symbols, const char *glob,
		    struct gprobe_why *why)
{
	const struct wanted wanted = {
		.name = glob, .only_code = true, .is_glob = true,
	};

	return say_none(symbols, &wanted, why);
}
