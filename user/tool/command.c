// SPDX-License-Identifier: GPL-2.0
#include "command.h"

#include <stdio.h>
#include <string.h>

#include "nearest.h"
#include "say.h"

/**
 * command_first_length() - Measure the first word of a command.
 * @command: the command
 *
 * Return: its bytes.
 */
size_t command_first_length(const struct command *command)
{
	return strcspn(command->words, " ");
}

/**
 * command_has_first() - Does a command begin with a word?
 * @command: the command
 * @word: all of it
 *
 * Return: true if it does.
 */
bool command_has_first(const struct command *command, const char *word)
{
	size_t length = command_first_length(command);

	return strlen(word) == length && !memcmp(command->words, word, length);
}

/**
 * command_second() - Find the second word of a command.
 * @command: the command
 *
 * Return: the word; "" if it has but one.
 */
const char *command_second(const struct command *command)
{
	const char *rest = command->words + command_first_length(command);

	return *rest ? rest + 1 : rest;
}

/**
 * command_find() - Find the command that a line begins with.
 * @words: of the line
 * @nr: how many, at least one
 * @used: how many of them are the command's own
 * @known: the first word is that of a command, if not of the one meant
 *
 * Return: the command, or NULL.
 */
const struct command *command_find(char **words, int nr, int *used,
				   bool *known)
{
	size_t i;

	*known = false;
	for (i = 0; commands[i]; i++) {
		if (!command_has_first(commands[i], words[0]))
			continue;
		*known = true;
		*used = *command_second(commands[i]) ? 2 : 1;
		if (*used == 1 ||
		    (nr > 1 && !strcmp(words[1], command_second(commands[i]))))
			return commands[i];
	}
	return NULL;
}

static void print_option(const struct command_option *option)
{
	char left[64], letter[8] = "    ";

	if (option->letter < COMMAND_LONG_ONLY)
		snprintf(letter, sizeof(letter), "-%c, ", option->letter);
	snprintf(left, sizeof(left), "%s--%s%s%s", letter, option->name,
		 option->value ? " " : "", option->value ? option->value : "");
	printf("  %-32s %s\n", left, option->help);
}

/**
 * command_help() - Print the help of a command.
 * @command: the command
 */
void command_help(const struct command *command)
{
	const struct command_option *option;

	printf("Usage: gprobe %s%s%s\n\n%s.\n", command->words,
	       *command->usage ? " " : "", command->usage, command->summary);
	if (command->options)
		putchar('\n');
	for (option = command->options; option && option->name; option++)
		print_option(option);
	if (command->notes)
		printf("\n%s", command->notes);
}

/**
 * command_choose() - Take a word that is one of several.
 * @choice: which there are
 * @word: what was typed
 * @number: gets its number
 *
 * Return: the exit status; if it is none of them, the nearest was said.
 */
int command_choose(const struct command_choice *choice, const char *word,
		   unsigned int *number)
{
	struct nearest near = { 0 };
	const char *name;
	unsigned int i;

	for (i = 0; (name = choice->name(i)); i++) {
		if (!strcmp(word, name)) {
			*number = i;
			return STATUS_DONE;
		}
		nearest_add(&near, word, name, name);
	}
	if (near.shown)
		return say(STATUS_USAGE, "%s '%s': nearest: %s", choice->where,
			   word, near.shown);
	return say(STATUS_USAGE, "%s '%s': must be %s", choice->where, word,
		   choice->must);
}
