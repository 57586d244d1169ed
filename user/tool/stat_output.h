/* SPDX-License-Identifier: GPL-2.0 */
/* In which format the figures of `gprobe stat` are written. */
#ifndef GPROBE_TOOL_STAT_OUTPUT_H
#define GPROBE_TOOL_STAT_OUTPUT_H

#include <stdio.h>

#include "output.h"
#include "stat_options.h"
#include "stat_sample.h"

struct stat_output;

/**
 * struct stat_format - how figures are written
 * @begin: what stands before the first; or NULL
 * @samples: the figures of an interval, or of all if there are no intervals
 */
struct stat_format {
	void (*begin)(const struct stat_output *output);
	void (*samples)(const struct stat_output *output);
};

extern const struct stat_format stat_format_text;
extern const struct stat_format stat_format_csv;
extern const struct stat_format stat_format_json;

/* What stands in place of a figure that could not be had. */
#define STAT_NOT_COUNTED	"<not counted>"
#define STAT_EVENTS_LOST	"events-lost"

/**
 * struct stat_output - the output
 * @file: where to
 * @format: how
 * @options: decide
 * @domains: the guests
 * @nr_domains: how many
 */
struct stat_output {
	FILE *file;
	const struct stat_format *format;
	const struct stat_options *options;
	struct stat_domain *domains;
	size_t nr_domains;
};

uint64_t stat_output_run_ns(const struct stat_output *output);
int stat_output_begin(struct stat_output *stat, struct output *output,
		      const struct stat_options *options);
int stat_output_samples(struct stat_output *stat, struct output *output);

#endif /* GPROBE_TOOL_STAT_OUTPUT_H */
