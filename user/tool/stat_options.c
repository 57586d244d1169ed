// SPDX-License-Identifier: GPL-2.0
#include "stat_options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"
#include "option.h"
#include "say.h"

#define MAX_INTERVAL_MS		3600000

enum {
	OPTION_SYMBOLS = COMMAND_LONG_ONLY,
	OPTION_PER_VCPU,
	OPTION_DURATION,
	OPTION_TAKE_OVER,
};

const struct command_option stat_option_list[] = {
	{ "domain", 'd', "DOMAIN", "the guest: its name or domid" },
	{ "event", 'e', "PROBE[,PROBE...]", "what to count; may be repeated" },
	{ "symbols", OPTION_SYMBOLS, "FILE",
	  "the guest kernel's System.map or kallsyms" },
	{ "interval-print", 'I', "MS", "print what was counted every MS ms" },
	{ "json", 'j', NULL, "JSON; with -I one object a line" },
	{ "field-separator", 'x', "SEP", "CSV with SEP between the fields" },
	{ "output", 'o', "FILE", "write the figures to FILE, not to stdout" },
	{ "per-vcpu", OPTION_PER_VCPU, NULL, "a row for each vCPU" },
	{ "duration", OPTION_DURATION, "SECONDS", "stop after SECONDS" },
	{ "take-over", OPTION_TAKE_OVER, NULL,
	  "take the guest from another agent, which must be dead" },
	COMMAND_OPTION_HELP,
	{ 0 }
};

static int add_probe(struct stat_options *options, const char *text)
{
	struct gprobe_probe *probes;
	struct gprobe_why why;

	probes = reallocarray(options->probes, options->nr_probes + 1,
			      sizeof(*probes));
	if (!probes)
		return say_no_memory();
	options->probes = probes;
	if (gprobe_probe_parse(text, &probes[options->nr_probes], &why))
		return say(STATUS_USAGE, "stat: %s", why.text);
	options->nr_probes++;
	return STATUS_DONE;
}

static int add_probes(struct stat_options *options, char *list)
{
	int status = STATUS_DONE;
	char *text;

	while (!status && (text = strsep(&list, ",")))
		status = add_probe(options, text);
	return status;
}

static int read_interval(struct stat_options *options, const char *text)
{
	uint64_t ms;

	if (!number_parse(text, &ms) || !ms || ms > MAX_INTERVAL_MS)
		return say(STATUS_USAGE,
			   "stat: -I '%s': must be milliseconds from 1 to %d",
			   text, MAX_INTERVAL_MS);
	options->interval_ns = ms * NUMBER_NS_PER_MS;
	return STATUS_DONE;
}

static int read_duration(struct stat_options *options, const char *text)
{
	if (!number_parse_seconds(text, &options->duration_ns) ||
	    !options->duration_ns)
		return say(STATUS_USAGE,
			   "stat: --duration '%s': must be seconds above 0, such as 10 or 0.5",
			   text);
	return STATUS_DONE;
}

static int read_separator(struct stat_options *options, const char *text)
{
	if (!*text)
		return say(STATUS_USAGE,
			   "stat: -x needs a separator such as ,");
	options->separator = strcmp(text, "\\t") ? text : "\t";
	return STATUS_DONE;
}

static int read_option(struct stat_options *options, int letter)
{
	switch (letter) {
	case 'd':
		options->domain = optarg;
		break;
	case 'e':
		return add_probes(options, optarg);
	case OPTION_SYMBOLS:
		options->symbols = optarg;
		break;
	case 'I':
		return read_interval(options, optarg);
	case 'j':
		options->json = true;
		break;
	case 'x':
		return read_separator(options, optarg);
	case 'o':
		options->output = optarg;
		break;
	case OPTION_PER_VCPU:
		options->per_vcpu = true;
		break;
	case OPTION_TAKE_OVER:
		options->take_over = true;
		break;
	case OPTION_DURATION:
		return read_duration(options, optarg);
	}
	return STATUS_DONE;
}

static int check(const struct stat_options *options)
{
	if (!options->domain || !*options->domain)
		return say(STATUS_USAGE,
			   "stat: no domain: -d DOMAIN names the guest");
	if (!options->nr_probes)
		return say(STATUS_USAGE,
			   "stat: no probe: -e PROBE says what to count");
	if (options->json && options->separator)
		return say(STATUS_USAGE,
			   "stat: -j and -x exclude each other");
	if (options->duration_ns && options->command)
		return say(STATUS_USAGE,
			   "stat: --duration and a COMMAND exclude each other: the COMMAND's end ends the counting");
	return OPTION_GO_ON;
}

/**
 * stat_options_read() - Read and check the command line.
 * @options: zeroed; for stat_options_free()
 * @argc: as the command got it
 * @argv: as the command got it
 *
 * Return: OPTION_GO_ON or the exit status.
 */
int stat_options_read(struct stat_options *options, int argc, char **argv)
{
	struct option_reader reader = {
		.command = &command_stat, .argc = argc, .argv = argv,
	};
	int letter, status;

	while ((letter = option_next(&reader)) != OPTION_END) {
		if (letter == OPTION_STOP)
			return reader.status;
		status = read_option(options, letter);
		if (status)
			return status;
	}
	if (optind < argc)
		options->command = argv + optind;
	return check(options);
}

/**
 * stat_options_free() - Free what reading took.
 * @options: read, or not
 */
void stat_options_free(struct stat_options *options)
{
	free(options->probes);
}
