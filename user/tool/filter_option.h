/* SPDX-License-Identifier: GPL-2.0 */
/* The option --filter of commands that have hits; what is wrong with it is said. */
#ifndef GPROBE_TOOL_FILTER_OPTION_H
#define GPROBE_TOOL_FILTER_OPTION_H

#include "filter.h"
#include "option.h"

enum {
	/* Apart from what commands have of their own. */
	FILTER_OPTION = COMMAND_LONG_ONLY + 192,
};

/* In the list of a command's options. */
#define FILTER_OPTIONS \
	{ "filter", FILTER_OPTION, "EXPR", \
	  "only hits that match, as perf says it, such as 'comm == \"sh\"'" }

/* In a command's notes. */
#define FILTER_HELP \
"EXPR is FIELD OP VALUE, or several with &&, ||, ! and (). A FIELD is the NAME of an\n" \
"argument, or vcpu, cpl, root, ip, probe, domain or duration (in seconds). Numbers\n" \
"are compared by == != < <= > >= &, texts, in quotes, by == != and ~ (a glob).\n"

/**
 * struct filter_option - what it said; zeroed, it was not there
 * @filter: the hits that are wanted; NULL: all
 * @words: of the command
 */
struct filter_option {
	struct filter *filter;
	const char *words;
};

int filter_option_take(struct filter_option *option,
		       const struct option_reader *reader);
int filter_option_bind(const struct filter_option *option,
		       const struct filter_scope *scope);

#endif /* GPROBE_TOOL_FILTER_OPTION_H */
