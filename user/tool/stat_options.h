/* SPDX-License-Identifier: GPL-2.0 */
/* What `gprobe stat` was told to do. */
#ifndef GPROBE_TOOL_STAT_OPTIONS_H
#define GPROBE_TOOL_STAT_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "command.h"
#include "job_options.h"

/**
 * struct stat_options - the command line, but for what is the job's
 * @interval_ns: -I; 0: a summary at the end
 * @json: -j
 * @separator: -x, or NULL
 * @per_vcpu: --per-vcpu
 * @metrics: --openmetrics, or NULL
 */
struct stat_options {
	uint64_t interval_ns;
	bool json;
	const char *separator;
	bool per_vcpu;
	const char *metrics;
};

extern const struct command_option stat_option_list[];

int stat_options_read(struct stat_options *options, struct job_options *job,
		      int argc, char **argv);

#endif /* GPROBE_TOOL_STAT_OPTIONS_H */
