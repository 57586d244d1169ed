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

/* What stands behind a command's options. */
enum command_operands {
	COMMAND_OPERANDS_NONE,
	/* A program of the user's and its arguments. */
	COMMAND_OPERANDS_PROGRAM,
	/* The words of a command. */
	COMMAND_OPERANDS_COMMAND,
	/* The name that a session is pinned by. */
	COMMAND_OPERANDS_PIN,
};

/**
 * struct command - a command
 * @words: one word or two
 * @summary: one line
 * @usage: what may follow the words
 * @options: see above; NULL: it reads its arguments itself
 * @operands: what stands behind them
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
	enum command_operands operands;
	const char *notes;
	bool any_driver;
	int (*run)(int argc, char **argv);
};

extern const struct command command_stat;
extern const struct command command_top;
extern const struct command command_trace;
extern const struct command command_record;
extern const struct command command_report;
extern const struct command command_script;
extern const struct command command_export;
extern const struct command command_probe_add;
extern const struct command command_probe_del;
extern const struct command command_probe_list;
extern const struct command command_session_list;
extern const struct command command_session_pin;
extern const struct command command_session_unpin;
extern const struct command command_domain_list;
extern const struct command command_domain_monitor;
extern const struct command command_feature;
extern const struct command command_complete;

/* All commands; ends with NULL. */
extern const struct command *const commands[];

/**
 * struct command_choice - a word that is one of several
 * @where: what it is a value of: "top: --sort"
 * @name: answers the word of a number, from 0 on; NULL: there are no more
 * @must: what it can be
 */
struct command_choice {
	const char *where;
	const char *(*name)(unsigned int number);
	const char *must;
};

size_t command_first_length(const struct command *command);
bool command_has_first(const struct command *command, const char *word);
const char *command_second(const struct command *command);
const struct command *command_find(char **words, int nr, int *used,
				   bool *known);
void command_help(const struct command *command);
int command_choose(const struct command_choice *choice, const char *word,
		   unsigned int *number);

#endif /* GPROBE_TOOL_COMMAND_H */
