// SPDX-License-Identifier: GPL-2.0
/* gprobe COMMAND: finds the command and runs it. */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "driver.h"
#include "nearest.h"
#include "say.h"

static int run_version(int argc, char **argv);
static int run_help(int argc, char **argv);

static const struct command command_version = {
	.words = "version",
	.summary = "Show the version of gprobe",
	.usage = "",
	.any_driver = true,
	.run = run_version,
};

static const struct command command_help_ = {
	.words = "help",
	.summary = "Show what gprobe can do, or how a command is used",
	.usage = "[COMMAND]",
	.operands = COMMAND_OPERANDS_COMMAND,
	.any_driver = true,
	.run = run_help,
};

const struct command *const commands[] = {
	&command_stat,
	&command_top,
	&command_trace,
	&command_record,
	&command_report,
	&command_script,
	&command_export,
	&command_probe_list,
	&command_probe_add,
	&command_probe_del,
	&command_session_list,
	&command_session_pin,
	&command_session_unpin,
	&command_domain_list,
	&command_domain_monitor,
	&command_feature,
	&command_complete,
	&command_version,
	&command_help_,
	NULL
};

static bool is_help(const char *word)
{
	return !strcmp(word, "--help") || !strcmp(word, "-h");
}

static int say_no_first(const char *word)
{
	struct nearest near = { 0 };
	char first[32];
	size_t i;

	for (i = 0; commands[i]; i++) {
		snprintf(first, sizeof(first), "%.*s",
			 (int)command_first_length(commands[i]),
			 commands[i]->words);
		nearest_add(&near, word, first, commands[i]->words);
	}
	if (near.shown)
		return say(STATUS_USAGE, "no command '%s'; nearest: %s", word,
			   near.shown);
	return say(STATUS_USAGE,
		   "no command '%s'; 'gprobe help' lists what there is", word);
}

/* The commands that begin with a word, with commas. */
static void list_seconds(const char *first, char *list, size_t bytes)
{
	size_t i, at = 0;

	list[0] = '\0';
	for (i = 0; commands[i] && at < bytes; i++)
		if (command_has_first(commands[i], first))
			at += snprintf(list + at, bytes - at, "%s%s",
				       at ? ", " : "", commands[i]->words);
}

static int say_no_second(const char *first, const char *word)
{
	struct nearest near = { 0 };
	char list[128];
	size_t i;

	list_seconds(first, list, sizeof(list));
	if (!word)
		return say(STATUS_USAGE,
			   "'%s' is only half a command; there is: %s", first,
			   list);
	for (i = 0; commands[i]; i++)
		if (command_has_first(commands[i], first))
			nearest_add(&near, word, command_second(commands[i]),
				    commands[i]->words);
	if (near.shown)
		return say(STATUS_USAGE, "no command '%s %s'; nearest: %s",
			   first, word, near.shown);
	return say(STATUS_USAGE, "no command '%s %s'; there is: %s", first,
		   word, list);
}

/*
 * The command that @words begin with, and how many of them are its name. NULL:
 * there is none, and that was said.
 */
static const struct command *find(char **words, int nr, int *used, int *status)
{
	const struct command *command;
	bool known;

	command = command_find(words, nr, used, &known);
	if (!command)
		*status = known ? say_no_second(words[0],
						nr > 1 ? words[1] : NULL) :
				  say_no_first(words[0]);
	return command;
}

static void print_commands(FILE *file)
{
	size_t i;

	fprintf(file, "Usage: gprobe [--driver xen|sim] COMMAND [OPTION...]\n\n");
	for (i = 0; commands[i]; i++)
		fprintf(file, "  %-15s %s\n", commands[i]->words,
			commands[i]->summary);
	fprintf(file,
		"\n'gprobe help COMMAND' shows how one is used. With --driver sim there are guests in\n"
		"memory, such as 'sim': what needs no Xen can be tried on them.\n");
}

/* All commands that start with a word, such as "probe". */
static int help_first(const char *word)
{
	bool any = false;
	size_t i;

	for (i = 0; commands[i]; i++) {
		if (!command_has_first(commands[i], word))
			continue;
		if (any)
			putchar('\n');
		command_help(commands[i]);
		any = true;
	}
	return any ? say_flush(stdout, "stdout") : say_no_first(word);
}

static int run_help(int argc, char **argv)
{
	const struct command *command;
	int used, status;

	if (argc == 1) {
		print_commands(stdout);
		return say_flush(stdout, "stdout");
	}
	if (argc == 2)
		return help_first(is_help(argv[1]) ? "help" : argv[1]);
	command = find(argv + 1, argc - 1, &used, &status);
	if (!command)
		return status;
	if (used != argc - 1)
		return say(STATUS_USAGE, "help: '%s' is too much",
			   argv[used + 1]);
	command_help(command);
	return say_flush(stdout, "stdout");
}

static int run_version(int argc, char **argv)
{
	if (argc > 1 && is_help(argv[1]))
		return help_first("version");
	if (argc > 1)
		return say(STATUS_USAGE, "version: '%s' is too much", argv[1]);
	printf("gprobe %s\n", GPROBE_VERSION);
	return say_flush(stdout, "stdout");
}

/*
 * Whoever closed a standard descriptor would else see results written to the
 * next file that is opened. What is open for reading alone refuses them.
 */
static void fill_standard_fds(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDONLY);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* What stands before the command: options of all of them. */
static int read_driver(int *argc, char ***argv)
{
	static const char option[] = "--driver";
	const size_t length = sizeof(option) - 1;
	const char *word, *name;
	int status, used;

	while (*argc > 1 && !strncmp((*argv)[1], option, length)) {
		word = (*argv)[1];
		if (word[length] && word[length] != '=')
			break;
		used = word[length] ? 1 : 2;
		name = word[length] ? word + length + 1 : (*argv)[2];
		if (used >= *argc)
			return say(STATUS_USAGE,
				   "--driver needs a name: xen or sim");
		status = driver_choose(name);
		if (status)
			return status;
		*argc -= used;
		*argv += used;
	}
	return STATUS_DONE;
}

static int run(int argc, char **argv)
{
	const struct command *command;
	int used, status;

	if (is_help(argv[1]))
		return run_help(1, argv);
	if (!strcmp(argv[1], "--version"))
		return run_version(1, argv);
	if (argv[1][0] == '-')
		return say(STATUS_USAGE,
			   "'%s' is no command; 'gprobe help' lists what there is",
			   argv[1]);
	/* "probe --help" */
	if (argc == 3 && is_help(argv[2]))
		return help_first(argv[1]);
	command = find(argv + 1, argc - 1, &used, &status);
	if (!command)
		return status;
	if (!driver_is_default() && !command->any_driver)
		return say(STATUS_USAGE,
			   "'%s' looks at Xen and the module: it has no --driver",
			   command->words);
	return command->run(argc - used, argv + used);
}

int main(int argc, char **argv)
{
	int status;

	/* A closed pipe is an error of writing, which is said. */
	signal(SIGPIPE, SIG_IGN);
	fill_standard_fds();
	status = read_driver(&argc, &argv);
	if (status)
		return status;
	if (argc < 2) {
		print_commands(stderr);
		return STATUS_USAGE;
	}
	return run(argc, argv);
}
