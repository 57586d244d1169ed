/* SPDX-License-Identifier: GPL-2.0 */
/* Hits as lines, for people or as JSON: what trace and script print. */
#ifndef GPROBE_TOOL_LINES_H
#define GPROBE_TOOL_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <gprobe/fetch.h>
#include <gprobe/probe.h>

#include "hits.h"
#include "json.h"
#include "option.h"

enum {
	/* Apart from what commands have of their own. */
	LINES_OPTION_TIME = COMMAND_LONG_ONLY + 128,
};

/* In the list of a command's options. */
#define LINES_OPTIONS \
	{ "json", 'j', NULL, "JSON, an object a line" }, \
	{ "time", LINES_OPTION_TIME, "FORMAT", \
	  "relative (to the start), monotonic (dom0's clock) or wall" }

/* How times are written. */
enum lines_time {
	LINES_TIME_RELATIVE,
	LINES_TIME_MONOTONIC,
	LINES_TIME_WALL,
};

struct lines;

/**
 * struct lines_format - how lines are written
 * @begin: the first line; or NULL
 * @hit: one for each hit; its values are whole
 * @end: the last line
 */
struct lines_format {
	void (*begin)(struct lines *lines);
	void (*hit)(const struct lines *lines, const struct hit *hit);
	void (*end)(const struct lines *lines, const struct hits_sum *sum);
};

extern const struct lines_format lines_format_text;
extern const struct lines_format lines_format_json;

/**
 * struct lines - where and how
 * @file: where to
 * @format: how
 * @probes: of the hits
 * @fetches: of @probes
 * @nr_probes: how many
 * @domains: whose they are
 * @nr_domains: how many; only several are told
 * @time: how times are written
 * @start_ns: when it began, by the clock of the hits
 * @wall_ns: the same by the wall's clock, since 1970
 * @is_limited: say how many were left out
 * @counts: of each of @probes, of which those are said whose hits have no lines, but
 *	are counted; or NULL
 * @name_width: the format's own
 * @domain_width: the same
 */
struct lines {
	FILE *file;
	const struct lines_format *format;
	const struct gprobe_probe *probes;
	struct gprobe_fetch *const *fetches;
	size_t nr_probes;
	const struct hits_domain *domains;
	size_t nr_domains;
	enum lines_time time;
	uint64_t start_ns, wall_ns;
	bool is_limited;
	const struct target_hits *counts;
	int name_width, domain_width;
};

/* A time's text, to be passed on at once. */
struct lines_text {
	char text[40];
};

bool lines_options_take(struct lines *lines, const struct option_reader *reader,
			int letter, int *status);
uint64_t lines_time_ns(const struct lines *lines, uint64_t time_ns);
struct lines_text lines_time(const struct lines *lines, uint64_t time_ns);
bool lines_is_counted(const struct lines *lines, size_t probe);
const struct hits_domain *lines_domain(const struct lines *lines,
				       uint32_t probe);
bool lines_is_return(const struct lines *lines, const struct hit *hit);
void lines_put_args(struct json *json, const struct gprobe_fetch *fetch,
		    const struct hit *hit);
struct gprobe_fetch_cursor lines_cursor(const struct hit *hit);

#endif /* GPROBE_TOOL_LINES_H */
