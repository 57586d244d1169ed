/* SPDX-License-Identifier: GPL-2.0 */
/* Reads the options of a command, and says what is wrong with them. */
#ifndef GPROBE_TOOL_OPTION_H
#define GPROBE_TOOL_OPTION_H

#include <stdbool.h>

#include "command.h"

/* What reading answers besides a letter. */
#define OPTION_END	(-1)	/* no more; what is left starts at argv[optind] */
#define OPTION_STOP	(-2)	/* help was given, or an error said */

/* In place of an exit status: go on with the command. */
#define OPTION_GO_ON	(-1)

/**
 * struct option_reader - the options of one command line
 * @command: whose; its options decide
 * @argc: as given to the command
 * @argv: as given to the command
 * @status: after OPTION_STOP: the exit status
 */
struct option_reader {
	const struct command *command;
	int argc;
	char **argv;
	int status;
};

/* The value of the option read last is in optarg. */
int option_next(struct option_reader *reader);
int option_no_operands(const struct option_reader *reader);

/**
 * struct option_listing - what commands that list something can be told
 * @json: -j
 * @domain: -d, or NULL
 */
struct option_listing {
	bool json;
	const char *domain;
};

int option_read_listing(struct option_reader *reader,
			struct option_listing *listing);

#endif /* GPROBE_TOOL_OPTION_H */
