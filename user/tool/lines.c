// SPDX-License-Identifier: GPL-2.0
#include "lines.h"

#include <getopt.h>
#include <string.h>
#include <time.h>

#include "number.h"
#include "say.h"

static int read_time(struct lines *lines, const struct option_reader *reader)
{
	static const char *const names[] = {
		[LINES_TIME_RELATIVE] = "relative",
		[LINES_TIME_MONOTONIC] = "monotonic",
		[LINES_TIME_WALL] = "wall",
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(optarg, names[i]))
			continue;
		lines->time = i;
		return STATUS_DONE;
	}
	return say(STATUS_USAGE,
		   "%s: --time '%s': must be relative, monotonic or wall",
		   reader->command->words, optarg);
}

/**
 * lines_options_take() - Take an option of those that say how lines are.
 * @lines: get it
 * @reader: has just read it
 * @letter: the option
 * @status: the exit status, if it is one
 *
 * Return: false: it is none.
 */
bool lines_options_take(struct lines *lines, const struct option_reader *reader,
			int letter, int *status)
{
	*status = STATUS_DONE;
	switch (letter) {
	case 'j':
		lines->format = &lines_format_json;
		return true;
	case LINES_OPTION_TIME:
		*status = read_time(lines, reader);
		return true;
	default:
		return false;
	}
}

/* 2026-11-26T19:03:08.123456789Z */
static struct lines_text wall_time(uint64_t ns)
{
	time_t seconds = ns / NUMBER_NS_PER_S;
	struct lines_text out;
	struct tm parts;
	size_t length;

	gmtime_r(&seconds, &parts);
	length = strftime(out.text, sizeof(out.text), "%FT%T", &parts);
	snprintf(out.text + length, sizeof(out.text) - length, ".%09uZ",
		 (unsigned int)(ns % NUMBER_NS_PER_S));
	return out;
}

/**
 * lines_time_ns() - The time of a hit, but by the wall's clock.
 * @lines: say how
 * @time_ns: of the hit
 *
 * Return: nanoseconds since it began, or since dom0 was started.
 */
uint64_t lines_time_ns(const struct lines *lines, uint64_t time_ns)
{
	if (lines->time == LINES_TIME_MONOTONIC)
		return time_ns;
	return time_ns > lines->start_ns ? time_ns - lines->start_ns : 0;
}

/**
 * lines_time() - The time of a hit.
 * @lines: say how
 * @time_ns: of the hit
 *
 * Return: its text.
 */
struct lines_text lines_time(const struct lines *lines, uint64_t time_ns)
{
	uint64_t ns = lines_time_ns(lines, time_ns);
	struct lines_text out;

	if (lines->time == LINES_TIME_WALL)
		return wall_time(lines->wall_ns + ns);
	snprintf(out.text, sizeof(out.text), "%s", number_seconds(ns).text);
	return out;
}

/**
 * lines_is_counted() - Have the hits of a probe no lines, as they are counted alone?
 * @lines: where there are, or are not, counts
 * @probe: its number
 *
 * Return: true: then its count is to be said.
 */
bool lines_is_counted(const struct lines *lines, size_t probe)
{
	return lines->counts &&
	       lines->probes[probe].action == GPROBE_ACTION_COUNT;
}

/**
 * lines_domain() - Whose is a probe, of several guests?
 * @lines: have it
 * @probe: its number
 *
 * Return: the guest; NULL: there is one alone.
 */
const struct hits_domain *lines_domain(const struct lines *lines,
				       uint32_t probe)
{
	if (lines->nr_domains < 2)
		return NULL;
	return &lines->domains[hits_domain_of(lines->domains, probe)];
}

/**
 * lines_is_return() - Is a hit that of a return?
 * @lines: have its probe
 * @hit: the hit
 *
 * Return: true: it may have a duration.
 */
bool lines_is_return(const struct lines *lines, const struct hit *hit)
{
	return lines->probes[hit->probe].part == GPROBE_PROBE_ENTRY;
}

/**
 * lines_cursor() - Go through the values of a hit.
 * @hit: the hit
 *
 * Return: for gprobe_fetch_next().
 */
struct gprobe_fetch_cursor lines_cursor(const struct hit *hit)
{
	return (struct gprobe_fetch_cursor){
		.at = hit->values,
		.end = (const char *)hit->values + hit->values_bytes,
	};
}
