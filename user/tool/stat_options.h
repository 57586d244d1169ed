/* SPDX-License-Identifier: GPL-2.0 */
/* What `gprobe stat` was told to do. */
#ifndef GPROBE_TOOL_STAT_OPTIONS_H
#define GPROBE_TOOL_STAT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gprobe/probe.h>

#include "command.h"

/**
 * struct stat_options - the command line
 * @domain: -d
 * @probes: of all -e, parsed
 * @nr_probes: how many
 * @symbols: --symbols, or NULL
 * @interval_ns: -I; 0: a summary at the end
 * @duration_ns: --duration; 0: no limit
 * @json: -j
 * @separator: -x, or NULL
 * @output: -o, or NULL: stdout
 * @per_vcpu: --per-vcpu
 * @take_over: --take-over
 * @command: the COMMAND and its arguments, or NULL
 */
struct stat_options {
	const char *domain;
	struct gprobe_probe *probes;
	size_t nr_probes;
	const char *symbols;
	uint64_t interval_ns, duration_ns;
	bool json;
	const char *separator;
	const char *output;
	bool per_vcpu;
	bool take_over;
	char **command;
};

extern const struct command_option stat_option_list[];

int stat_options_read(struct stat_options *options, int argc, char **argv);
void stat_options_free(struct stat_options *options);

#endif /* GPROBE_TOOL_STAT_OPTIONS_H */
