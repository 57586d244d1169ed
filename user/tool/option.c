// SPDX-License-Identifier: GPL-2.0
#include "option.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "nearest.h"
#include "say.h"

#define MAX_OPTIONS	24

/* A command's options as getopt_long() wants them. */
struct getopt_tables {
	struct option longs[MAX_OPTIONS + 1];
	char shorts[2 * MAX_OPTIONS + 3];
};

static void make_tables(const struct command *command,
			struct getopt_tables *tables)
{
	const struct command_option *option = command->options;
	/* Stop at the first operand; answer ':' for a missing value. */
	char *to = stpcpy(tables->shorts, "+:");
	unsigned int i;

	for (i = 0; i < MAX_OPTIONS && option->name; i++, option++) {
		tables->longs[i] = (struct option){
			.name = option->name,
			.has_arg = option->value ? required_argument :
						   no_argument,
			.val = option->letter,
		};
		if (option->letter >= COMMAND_LONG_ONLY)
			continue;
		*to++ = option->letter;
		if (option->value)
			*to++ = ':';
	}
	tables->longs[i] = (struct option){ 0 };
	*to = '\0';
}

static int stop(struct option_reader *reader, int status)
{
	reader->status = status;
	return OPTION_STOP;
}

static int unknown_long(struct option_reader *reader, const char *name,
			size_t length)
{
	const struct command_option *option;
	struct nearest near = { 0 };
	char wrong[64];

	snprintf(wrong, sizeof(wrong), "%.*s", (int)length, name);
	for (option = reader->command->options; option->name; option++)
		nearest_add(&near, wrong, option->name, option->name);
	if (near.shown)
		return stop(reader, say(STATUS_USAGE,
					"%s: no option '--%s'; nearest: --%s",
					reader->command->words, wrong,
					near.shown));
	return stop(reader, say(STATUS_USAGE,
				"%s: no option '--%s'; 'gprobe help %s' lists them",
				reader->command->words, wrong,
				reader->command->words));
}

/* getopt_long() takes abbreviations; here they are refused. */
static int check_long(struct option_reader *reader, const char *word)
{
	const struct command_option *option;
	size_t length;

	if (strncmp(word, "--", 2) || !word[2])
		return 0;
	word += 2;
	length = strcspn(word, "=");
	for (option = reader->command->options; option->name; option++)
		if (strlen(option->name) == length &&
		    !memcmp(option->name, word, length))
			break;
	if (!option->name)
		return unknown_long(reader, word, length);
	if (word[length] && !option->value)
		return stop(reader, say(STATUS_USAGE,
					"%s: option '--%s' takes no value",
					reader->command->words, option->name));
	return 0;
}

static int missing_value(struct option_reader *reader, int letter)
{
	const struct command_option *option = reader->command->options;
	char dashed[32];

	while (option->letter != letter)
		option++;
	if (letter < COMMAND_LONG_ONLY)
		snprintf(dashed, sizeof(dashed), "-%c", letter);
	else
		snprintf(dashed, sizeof(dashed), "--%s", option->name);
	return stop(reader, say(STATUS_USAGE,
				"%s: option '%s' needs a value: %s %s",
				reader->command->words, dashed, dashed,
				option->value));
}

/**
 * option_next() - Read the next option.
 * @reader: optind is 0 before the first
 *
 * Return: its letter, OPTION_END or OPTION_STOP.
 */
int option_next(struct option_reader *reader)
{
	struct getopt_tables tables;
	int at = optind ? optind : 1;
	int letter;

	make_tables(reader->command, &tables);
	if (at < reader->argc && check_long(reader, reader->argv[at]))
		return OPTION_STOP;
	opterr = 0;
	letter = getopt_long(reader->argc, reader->argv, tables.shorts,
			     tables.longs, NULL);
	switch (letter) {
	case 'h':
		command_help(reader->command);
		return stop(reader, say_flush(stdout, "stdout"));
	case ':':
		return missing_value(reader, optopt);
	case '?':
		return stop(reader, say(STATUS_USAGE,
					"%s: no option '-%c'; 'gprobe help %s' lists them",
					reader->command->words, optopt,
					reader->command->words));
	default:
		return letter;
	}
}

/**
 * option_no_operands() - See that nothing stands behind the options.
 * @reader: at its end
 *
 * Return: OPTION_GO_ON or the exit status.
 */
int option_no_operands(const struct option_reader *reader)
{
	if (optind >= reader->argc)
		return OPTION_GO_ON;
	return say(STATUS_USAGE, "%s: '%s' is too much: only options follow",
		   reader->command->words, reader->argv[optind]);
}

/**
 * option_read_listing() - Read all options of a command that lists something.
 * @reader: its command has -j, maybe -d
 * @listing: zeroed
 *
 * Return: OPTION_GO_ON or the exit status.
 */
int option_read_listing(struct option_reader *reader,
			struct option_listing *listing)
{
	int letter;

	while ((letter = option_next(reader)) != OPTION_END) {
		if (letter == OPTION_STOP)
			return reader->status;
		if (letter == 'j')
			listing->json = true;
		if (letter == 'd')
			listing->domain = optarg;
	}
	return option_no_operands(reader);
}
