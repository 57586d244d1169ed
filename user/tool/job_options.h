/* SPDX-License-Identifier: GPL-2.0 */
/* What every command can be told that puts probes into a guest. */
#ifndef GPROBE_TOOL_JOB_OPTIONS_H
#define GPROBE_TOOL_JOB_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gprobe/probe.h>

#include "command.h"
#include "option.h"

enum {
	JOB_OPTION_SYMBOLS = COMMAND_LONG_ONLY,
	JOB_OPTION_DURATION,
	JOB_OPTION_TAKE_OVER,
	/* The first that a command may give to one of its own. */
	JOB_OPTION_NEXT,
};

/* In the list of a command's options. */
#define JOB_OPTIONS_WHICH						\
	{ "domain", 'd', "DOMAIN", "the guest: its name or domid" },	\
	{ "event", 'e', "PROBE[,PROBE...]",				\
	  "where to probe; may be repeated" },				\
	{ "symbols", JOB_OPTION_SYMBOLS, "FILE",			\
	  "the guest kernel's System.map or kallsyms" }
#define JOB_OPTIONS_HOW							\
	{ "output", 'o', "FILE", "write to FILE, not to stdout" },	\
	{ "duration", JOB_OPTION_DURATION, "SECONDS",			\
	  "stop after SECONDS" },					\
	{ "take-over", JOB_OPTION_TAKE_OVER, NULL,			\
	  "take the guest from another agent, which must be dead" }

/**
 * struct job_options - what was said
 * @domain: -d
 * @probes: of all -e, parsed
 * @nr_probes: how many
 * @symbols: --symbols, or NULL
 * @duration_ns: --duration; 0: no limit
 * @output: -o, or NULL: stdout
 * @take_over: --take-over
 * @command: the COMMAND and its arguments, or NULL
 */
struct job_options {
	const char *domain;
	struct gprobe_probe *probes;
	size_t nr_probes;
	const char *symbols;
	uint64_t duration_ns;
	const char *output;
	bool take_over;
	char **command;
};

int job_options_take(struct job_options *options,
		     const struct option_reader *reader, int letter);
int job_options_end(struct job_options *options,
		    const struct option_reader *reader);
void job_options_free(struct job_options *options);

#endif /* GPROBE_TOOL_JOB_OPTIONS_H */
