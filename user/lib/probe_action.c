// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What stands behind a probe: what is to be done with its hits. A word of these
 * behind a colon is never a symbol's name, so that a FILE before a SYMBOL cannot be
 * mistaken for a SYMBOL before one.
 */
#include "probe.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <gprobe/symbols.h>

#include "why.h"

#define ALL_WORDS	"count, record, off=N, rate=N"

/* Further off, it was another word that was meant. */
#define NEAR_DISTANCE	2

enum word {
	WORD_COUNT,
	WORD_RECORD,
	WORD_UPCALL,
	WORD_OFF,
	WORD_RATE,
	WORDS,
};

static const char *const words[WORDS] = {
	[WORD_COUNT] = "count", [WORD_RECORD] = "record",
	[WORD_UPCALL] = "upcall", [WORD_OFF] = "off", [WORD_RATE] = "rate",
};

/* Which one is @text, up to its =? WORDS: none. */
static enum word find_word(const char *text)
{
	size_t bytes = strcspn(text, "=");
	enum word word;

	for (word = 0; word < WORDS; word++)
		if (strlen(words[word]) == bytes &&
		    !memcmp(words[word], text, bytes))
			break;
	return word;
}

/* No symbol's name has a =. */
static bool is_action(const char *text)
{
	return strchr(text, '=') || find_word(text) < WORDS;
}

/* What was meant by @text, maybe; NULL: nothing is near. */
const char *gprobe_probe_near_action(const char *text)
{
	unsigned int best = NEAR_DISTANCE + 1, distance;
	char name[GPROBE_PROBE_TEXT_MAX + 1] = "";
	const char *near = NULL;
	enum word word;

	strncat(name, text, strcspn(text, "="));
	for (word = 0; word < WORDS; word++) {
		distance = gprobe_name_distance(name, words[word],
						NEAR_DISTANCE);
		if (distance >= best || distance >= strlen(words[word]))
			continue;
		best = distance;
		near = words[word];
	}
	return near;
}

static int no_action(const struct gprobe_probe *probe, const char *text,
		     struct gprobe_why *why)
{
	const char *near = gprobe_probe_near_action(text);

	return gprobe_why(why, -EINVAL,
			  "probe '%s': no action '%s'%s%s; there are " ALL_WORDS,
			  probe->text, text, near ? ", nearest: " : "",
			  near ? near : "");
}

static int twice(const struct gprobe_probe *probe, const char *what,
		 struct gprobe_why *why)
{
	return gprobe_why(why, -EINVAL, "probe '%s': %s is there twice",
			  probe->text, what);
}

/* count or record: there can be but one. */
static int take_action(struct gprobe_probe *probe, const char *text,
		       uint32_t action, struct gprobe_why *why)
{
	if (strchr(text, '='))
		return gprobe_why(why, -EINVAL,
				  "probe '%s': %.*s takes no number",
				  probe->text, (int)strcspn(text, "="), text);
	if (probe->action)
		return twice(probe, "what is done with a hit", why);
	probe->action = action;
	return 0;
}

/* off=N or rate=N, which is 0 as long as it was not there. */
static int take_number(const struct gprobe_probe *probe, const char *text,
		       uint64_t max, uint64_t *number, struct gprobe_why *why)
{
	size_t bytes = strcspn(text, "=");

	if (*number)
		return twice(probe, text, why);
	if (text[bytes] &&
	    gprobe_probe_parse_number(text + bytes + 1, true, number) &&
	    *number && *number <= max)
		return 0;
	return gprobe_why(why, -EINVAL,
			  "probe '%s': '%s' must be a number from 1 on, such as %.*s=100",
			  probe->text, text, (int)bytes, text);
}

static int take(struct gprobe_probe *probe, const char *text,
		struct gprobe_why *why)
{
	uint64_t rate = probe->rate;
	int ret;

	switch (find_word(text)) {
	case WORD_COUNT:
		return take_action(probe, text, GPROBE_ACTION_COUNT, why);
	case WORD_RECORD:
		return take_action(probe, text, GPROBE_ACTION_RECORD, why);
	case WORD_UPCALL:
		return gprobe_why(why, -EINVAL,
				  "probe '%s': upcall is for programs that reply to a hit, see libgprobe(3)",
				  probe->text);
	case WORD_OFF:
		return take_number(probe, text, UINT64_MAX, &probe->off_after,
				   why);
	case WORD_RATE:
		ret = take_number(probe, text, UINT32_MAX, &rate, why);
		probe->rate = rate;
		return ret;
	default:
		return no_action(probe, text, why);
	}
}

/* Where a root ends, or a symbol of a FILE, nothing but an action can be. */
static int check_rest(const struct gprobe_probe *probe, const char *target,
		      struct gprobe_why *why)
{
	const char *root = strstr(target, "@0x"), *colon;

	colon = root ? strchr(root, ':') : NULL;
	if (!colon && strchr(target, ':'))
		colon = strchr(strchr(target, ':') + 1, ':');
	return colon ? no_action(probe, colon + 1, why) : 0;
}

/* Cut @target off at its actions. */
int gprobe_probe_parse_actions(char *target, struct gprobe_probe *probe,
			       struct gprobe_why *why)
{
	char *colon;
	int ret;

	while ((colon = strrchr(target, ':')) && is_action(colon + 1)) {
		ret = take(probe, colon + 1, why);
		if (ret)
			return ret;
		*colon = '\0';
	}
	if (probe->off_after && probe->part == GPROBE_PROBE_ENTRY)
		return gprobe_why(why, -EINVAL,
				  "probe '%s': a return (r:) is in several places, so it cannot be off after so many",
				  probe->text);
	return check_rest(probe, target, why);
}
