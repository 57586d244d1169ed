/* SPDX-License-Identifier: GPL-2.0 */
/* What gprobe can be told to do; each command is a file of its own. */
#ifndef GPROBE_TOOL_COMMAND_H
#define GPROBE_TOOL_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct command_option - an option
 * @name: its long form, without dashes; NULL ends a list
 * @letter: its short form; above COMMAND_LONG_ONLY it has none
 * @value: what its value is called; NULL: it takes none
 * @help: one line
 */
struct command_option {
	const char *name;
	int letter;
	const char *value;
	const char *help;
};

#define COMMAND_LONG_ONLY	256

/* Every command has it. */
#define COMMAND_OPTION_HELP	{ "help", 'h', NULL, "show this help" }

/**
 * struct command - a command
 * @words: one word or two
 * @summary: one line
 * @usage: what may follow the words
 * @options: see above; NULL: it reads its arguments itself
 * @notes: more lines of help, or NULL
 * @any_driver: it works with each `--driver`, others with the module alone
 * @run: gets what follows the words, behind the last of them as argv[0];
 *	returns the exit status
 */
struct command {
	const char *words;
	const char *summary;
	const char *usage;
	const struct command_option *options;
	const char *notes;
	bool any_driver;
	int (*run)(int argc, char **argv);
};

extern const struct command command_stat;
extern const struct command command_probe_list;
extern const struct command command_domain_list;
extern const struct command command_feature;

/* What is nearest to a mistyped name. */
struct command_near {
	const char *shown;
	unsigned int distance;
};

void command_help(const struct command *command);
void command_near(struct command_near *near, const char *wrong,
		  const char *name, const char *shown);

#endif /* GPROBE_TOOL_COMMAND_H */
