// SPDX-License-Identifier: GPL-2.0
#include "stacks.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include <gprobe/fetch.h>

#include "lines.h"
#include "text.h"

#define FIRST_SIZE	64

/* No name has more. */
#define TEXT_BYTES	(GPROBE_FETCH_STRING_MAX + sizeof(STACKS_UNKNOWN ";"))

/* Functions are told apart before the characters of their names are. */
static int order(char c)
{
	return c == ';' ? 1 : c ? (unsigned char)c + 1 : 0;
}

static int compare(const void *left, const void *right)
{
	const char *a = ((const struct stack *)left)->text;
	const char *b = ((const struct stack *)right)->text;

	while (*a && *a == *b) {
		a++;
		b++;
	}
	return order(*a) - order(*b);
}

/* Puts "name+0x12" before what is at *@at, without the offset. */
static void put_before(char **at, const char *name, size_t bytes)
{
	const char *plus = memrchr(name, '+', bytes);
	char *to;

	if (plus && plus != name)
		bytes = plus - name;
	to = *at - bytes;
	memcpy(to, name, bytes);
	*at = to;
}

/* The innermost stands first in @value; @text is filled from its end. */
static char *turn_round(const struct gprobe_fetch_value *value, char *text)
{
	const char *name = value->text, *end = name + value->text_bytes, *next;
	char *at = text + TEXT_BYTES - 1;

	*at = '\0';
	for (; name < end; name = next + 1) {
		next = memchr(name, ';', end - name);
		if (!next)
			next = end;
		if (*at)
			*--at = ';';
		put_before(&at, name, next - name);
	}
	return at;
}

/* The value of the hit's stack; false: it has none. */
static bool find_value(const struct gprobe_fetch *fetch, const struct hit *hit,
		       struct gprobe_fetch_value *value)
{
	struct gprobe_fetch_cursor cursor = lines_cursor(hit);
	struct gprobe_fetch_info info;

	while (gprobe_fetch_next(fetch, &cursor, value) > 0) {
		gprobe_fetch_info(fetch, value->arg, &info);
		if (info.is_stack)
			return value->state != GPROBE_FETCH_FAULT &&
			       value->text_bytes;
	}
	return false;
}

static const char *text_of(const struct gprobe_fetch *fetch,
			   const struct hit *hit, char *text)
{
	static const char unknown[] = STACKS_UNKNOWN ";";
	const size_t bytes = sizeof(unknown) - 1;
	struct gprobe_fetch_value value;
	char *at;

	if (!find_value(fetch, hit, &value))
		return STACKS_UNKNOWN;
	at = turn_round(&value, text);
	if (value.state == GPROBE_FETCH_CUT) {
		at -= bytes;
		memcpy(at, unknown, bytes);
	}
	text_clean(at);
	return at;
}

/**
 * stacks_recorded() - Were stacks recorded?
 * @session: what was
 *
 * Return: true if one of its probes has them.
 */
bool stacks_recorded(const struct data_session *session)
{
	size_t i;

	for (i = 0; i < session->nr_probes; i++)
		if (gprobe_fetch_unwinds(session->fetches[i]))
			return true;
	return false;
}

static bool make_room(struct stacks *stacks)
{
	size_t size = stacks->size ? 2 * stacks->size : FIRST_SIZE;
	struct stack **all;

	if (stacks->nr < stacks->size)
		return true;
	all = reallocarray(stacks->all, size, sizeof(*all));
	if (!all)
		return false;
	stacks->all = all;
	stacks->size = size;
	return true;
}

/**
 * stacks_add() - Count a hit's stack; a hit of a probe without is left out.
 * @stacks: get it
 * @session: what was recorded
 * @hit: the hit
 *
 * Return: false: there is no memory.
 */
bool stacks_add(struct stacks *stacks, const struct data_session *session,
		const struct hit *hit)
{
	const struct gprobe_fetch *fetch = session->fetches[hit->probe];
	struct stack *new, **found;
	char room[TEXT_BYTES];
	const char *text;

	if (!gprobe_fetch_unwinds(fetch))
		return true;
	text = text_of(fetch, hit, room);
	new = malloc(sizeof(*new) + strlen(text) + 1);
	if (!new || !make_room(stacks)) {
		free(new);
		return false;
	}
	new->count = 0;
	strcpy(new->text, text);
	found = tsearch(new, &stacks->tree, compare);
	if (!found || *found != new)
		free(new);
	else
		stacks->all[stacks->nr++] = new;
	if (!found)
		return false;
	(*found)->count++;
	stacks->total++;
	return true;
}

static int compare_places(const void *left, const void *right)
{
	return compare(*(struct stack *const *)left,
		       *(struct stack *const *)right);
}

/**
 * stacks_sort() - Sort them.
 * @stacks: get no more
 */
void stacks_sort(struct stacks *stacks)
{
	if (stacks->nr)
		qsort(stacks->all, stacks->nr, sizeof(*stacks->all),
		      compare_places);
}

static void free_nothing(void *stack)
{
	(void)stack;
}

/**
 * stacks_free() - Free them.
 * @stacks: whatever has become of them
 */
void stacks_free(struct stacks *stacks)
{
	tdestroy(stacks->tree, free_nothing);
	while (stacks->nr)
		free(stacks->all[--stacks->nr]);
	free(stacks->all);
}
