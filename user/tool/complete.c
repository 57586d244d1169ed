// SPDX-License-Identifier: GPL-2.0
/*
 * `gprobe complete`: how a command line may go on, a line each, from the tables
 * that it would be read with. Shells ask it, so it never says what is wrong
 * with a line: then there is nothing it may go on with.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "complete_value.h"
#include "driver.h"
#include "say.h"

#define DRIVER		"--driver"
#define DRIVER_IS	DRIVER "="

/**
 * struct line - a command line that is being typed
 * @command: whose
 * @words: behind its own words; the last one is not complete, maybe ""
 * @nr: how many, at least one
 * @value_of: the option whose value the last word is, or NULL
 * @operands: index of the first operand; @nr: there is none before the last
 *	word
 * @symbols: the value of --symbols, or NULL
 */
struct line {
	const struct command *command;
	char **words;
	int nr;
	const struct command_option *value_of;
	int operands;
	const char *symbols;
};

static bool begins(const char *name, const char *with)
{
	return !strncmp(name, with, strlen(with));
}

static const struct command_option *find_long(const struct command *command,
					      const char *name, size_t length)
{
	const struct command_option *option = command->options;

	for (; option && option->name; option++)
		if (strlen(option->name) == length &&
		    !memcmp(option->name, name, length))
			return option;
	return NULL;
}

static const struct command_option *find_short(const struct command *command,
					       char letter)
{
	const struct command_option *option = command->options;

	for (; option && option->name; option++)
		if (option->letter == letter)
			return option;
	return NULL;
}

/*
 * The option of @word that has a value; *@value: where that begins in the word,
 * NULL: it is the next word. NULL: there is none.
 */
static const struct command_option *option_with_value(
		const struct command *command, const char *word,
		const char **value)
{
	const struct command_option *option = NULL;
	size_t length;

	*value = NULL;
	if (begins(word, "--")) {
		length = strcspn(word, "=");
		option = find_long(command, word + 2, length - 2);
		if (word[length])
			*value = word + length + 1;
		return option && option->value ? option : NULL;
	}
	/* -jd: the first one that has a value takes what is left. */
	while (*++word) {
		option = find_short(command, *word);
		if (!option || !option->value)
			continue;
		if (word[1])
			*value = word + 1;
		return option;
	}
	return NULL;
}

static void keep_symbols(struct line *line, const struct command_option *option,
			 const char *value)
{
	if (!strcmp(option->name, "symbols"))
		line->symbols = value;
}

static void read_words(struct line *line)
{
	const struct command_option *option;
	const char *word, *value;
	int i;

	line->operands = line->nr;
	for (i = 0; i < line->nr - 1; i++) {
		word = line->words[i];
		if (word[0] != '-' || !word[1] || !strcmp(word, "--")) {
			line->operands = i + !strcmp(word, "--");
			return;
		}
		option = option_with_value(line->command, word, &value);
		if (!option)
			continue;
		if (!value && i == line->nr - 2) {
			line->value_of = option;
			return;
		}
		keep_symbols(line, option, value ? value : line->words[++i]);
	}
}

/* Is there a command with that first word for the driver that was chosen? */
static bool is_possible(const char *first)
{
	size_t i;

	for (i = 0; commands[i]; i++)
		if (command_has_first(commands[i], first) &&
		    (commands[i]->any_driver || driver_is_default()))
			return true;
	return false;
}

/* Several commands may share their first word. */
static void print_first_words(const char *word)
{
	char first[32];
	size_t i, j;

	for (i = 0; commands[i]; i++) {
		snprintf(first, sizeof(first), "%.*s",
			 (int)command_first_length(commands[i]),
			 commands[i]->words);
		for (j = 0; !command_has_first(commands[j], first); j++)
			;
		if (j == i && begins(first, word) && is_possible(first))
			puts(first);
	}
}

/* Those that stand before a command, or need none. */
static void print_general_options(const char *word)
{
	static const char *const options[] = {
		DRIVER, "-h", "--help", "--version",
	};
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (begins(options[i], word))
			puts(options[i]);
}

static void print_second_words(const char *first, const char *word)
{
	size_t i;

	for (i = 0; commands[i]; i++)
		if (command_has_first(commands[i], first) &&
		    *command_second(commands[i]) &&
		    begins(command_second(commands[i]), word))
			puts(command_second(commands[i]));
}

static void print_options(const struct command *command, const char *word)
{
	const struct command_option *option = command->options;
	char dashed[64];

	for (; option && option->name; option++) {
		snprintf(dashed, sizeof(dashed), "-%c", option->letter);
		if (*word && option->letter < COMMAND_LONG_ONLY &&
		    begins(dashed, word))
			puts(dashed);
		snprintf(dashed, sizeof(dashed), "--%s", option->name);
		if (begins(dashed, word))
			puts(dashed);
	}
}

static void complete_operand(const struct line *line, const char *word)
{
	int index = line->nr - 1 - line->operands;

	if (index < 0)
		index = 0;
	switch (line->command->operands) {
	case COMMAND_OPERANDS_NONE:
		break;
	case COMMAND_OPERANDS_PROGRAM:
		puts(index ? COMPLETE_FILES : COMPLETE_PROGRAMS);
		break;
	case COMMAND_OPERANDS_COMMAND:
		if (!index)
			print_first_words(word);
		else if (index == 1)
			print_second_words(line->words[line->operands], word);
		break;
	case COMMAND_OPERANDS_PIN:
		if (!index)
			complete_pin(word, word);
		break;
	}
}

static void complete_rest(struct line *line)
{
	const struct command_option *option;
	const char *word = line->words[line->nr - 1], *value;

	read_words(line);
	if (line->value_of) {
		complete_value(line->value_of, word, word, line->symbols);
		return;
	}
	if (line->operands < line->nr) {
		complete_operand(line, word);
		return;
	}
	if (word[0] == '-') {
		option = option_with_value(line->command, word, &value);
		if (option && value)
			complete_value(option, word, value, line->symbols);
		else
			print_options(line->command, word);
		return;
	}
	if (!*word)
		print_options(line->command, word);
	/* All programs there are would be too many to be of use. */
	if (*word || line->command->operands != COMMAND_OPERANDS_PROGRAM)
		complete_operand(line, word);
}

static void choose_driver(const char *name)
{
	const char *known;
	size_t i;

	for (i = 0; (known = driver_name(i)); i++)
		if (!strcmp(known, name))
			driver_choose(name);
}

/* How many words --driver NAME takes; 0: it is not there as a whole. */
static int read_driver(char **words, int nr)
{
	if (nr > 1 && begins(words[0], DRIVER_IS)) {
		choose_driver(words[0] + strlen(DRIVER_IS));
		return 1;
	}
	if (nr > 2 && !strcmp(words[0], DRIVER)) {
		choose_driver(words[1]);
		return 2;
	}
	return 0;
}

static void complete_first(const char *word)
{
	if (begins(word, DRIVER_IS))
		complete_driver(word, word + strlen(DRIVER_IS));
	else if (word[0] == '-')
		print_general_options(word);
	else
		print_first_words(word);
}

static void complete(char **words, int nr)
{
	struct line line = { 0 };
	bool known;
	int used;

	while ((used = read_driver(words, nr))) {
		words += used;
		nr -= used;
	}
	if (nr == 1) {
		complete_first(words[0]);
		return;
	}
	if (nr == 2 && !strcmp(words[0], DRIVER)) {
		complete_driver(words[1], words[1]);
		return;
	}
	/* The last word does not count yet. */
	line.command = command_find(words, nr - 1, &used, &known);
	if (line.command) {
		line.words = words + used;
		line.nr = nr - used;
		complete_rest(&line);
	} else if (nr == 2) {
		print_second_words(words[0], words[1]);
	}
}

static int run(int argc, char **argv)
{
	if (argc < 3 || strcmp(argv[1], "--"))
		return say(STATUS_USAGE,
			   "complete: '--' and the words of a command line must follow, the last one as far as it is typed");
	complete(argv + 2, argc - 2);
	return say_flush(stdout, "stdout");
}

const struct command command_complete = {
	.words = "complete",
	.summary = "Show how a command line may go on, for shells",
	.usage = "-- WORD...",
	.notes =
"The last WORD is what is typed of it so far, maybe nothing (''). A line that\n"
"begins with a colon stands for what the shell knows itself: " COMPLETE_FILES ", " COMPLETE_PROGRAMS ".\n",
	.run = run,
};
