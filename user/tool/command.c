// SPDX-License-Identifier: GPL-2.0
#include "command.h"

#include <stdio.h>
#include <string.h>

#include <gprobe/symbols.h>

/* Further off, it was another word that was meant. */
#define NEAR_DISTANCE	2

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
 * command_near() - Keep the name that is nearest.
 * @near: of the names so far; zeroed before the first
 * @wrong: what was typed
 * @name: what there is
 * @shown: what people are told of it; must stay
 */
void command_near(struct command_near *near, const char *wrong,
		  const char *name, const char *shown)
{
	unsigned int distance = gprobe_name_distance(wrong, name,
						     NEAR_DISTANCE);

	if (distance > NEAR_DISTANCE || distance >= strlen(name) ||
	    (near->shown && near->distance <= distance))
		return;
	near->shown = shown;
	near->distance = distance;
}
