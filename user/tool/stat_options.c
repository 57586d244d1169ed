// SPDX-License-Identifier: GPL-2.0
#include "stat_options.h"

#include <getopt.h>
#include <string.h>

#include "number.h"
#include "option.h"
#include "say.h"

#define MAX_INTERVAL_MS		3600000

enum {
	OPTION_PER_VCPU = JOB_OPTION_NEXT,
	OPTION_METRICS,
};

const struct command_option stat_option_list[] = {
	JOB_OPTION_DOMAINS,
	JOB_OPTIONS_WHICH,
	JOB_OPTIONS_TASK,
	{ "interval-print", 'I', "MS", "print what was counted every MS ms" },
	{ "json", 'j', NULL, "JSON; with -I one object a line" },
	{ "field-separator", 'x', "SEP", "CSV with SEP between the fields" },
	{ "openmetrics", OPTION_METRICS, "FILE",
	  "replace FILE by all that was counted, as OpenMetrics" },
	{ "per-vcpu", OPTION_PER_VCPU, NULL, "a row for each vCPU" },
	JOB_OPTIONS_FILTER,
	JOB_OPTIONS_OUTPUT,
	JOB_OPTIONS_HOW,
	COMMAND_OPTION_HELP,
	{ 0 }
};

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

static int read_separator(struct stat_options *options, const char *text)
{
	if (!*text)
		return say(STATUS_USAGE,
			   "stat: -x needs a separator such as ,");
	options->separator = strcmp(text, "\\t") ? text : "\t";
	return STATUS_DONE;
}

static int read_option(struct stat_options *options, struct job_options *job,
		       const struct option_reader *reader, int letter)
{
	switch (letter) {
	case 'I':
		return read_interval(options, optarg);
	case 'j':
		options->json = true;
		return STATUS_DONE;
	case 'x':
		return read_separator(options, optarg);
	case OPTION_METRICS:
		options->metrics = optarg;
		return STATUS_DONE;
	case OPTION_PER_VCPU:
		options->per_vcpu = true;
		return STATUS_DONE;
	default:
		return job_options_take(job, reader, letter);
	}
}

static int exclude(const char *one, const char *other)
{
	return say(STATUS_USAGE, "stat: %s and %s exclude each other", one,
		   other);
}

/* Each would be a metric of the same labels, which no collector takes. */
static int check_twice(const struct job_options *job)
{
	size_t i, j;

	for (i = 0; i < job->nr_probes; i++)
		for (j = 0; j < i; j++)
			if (!strcmp(job->probes[i].text, job->probes[j].text))
				return say(STATUS_USAGE,
					   "stat: probe '%s' is asked for twice, which --openmetrics cannot tell apart",
					   job->probes[i].text);
	return OPTION_GO_ON;
}

static int check_format(const struct stat_options *options,
			const struct job_options *job)
{
	if (options->json && options->separator)
		return exclude("-j", "-x");
	if (!options->metrics)
		return OPTION_GO_ON;
	if (options->json)
		return exclude("-j", "--openmetrics");
	if (options->separator)
		return exclude("-x", "--openmetrics");
	if (job->output)
		return exclude("-o", "--openmetrics");
	return check_twice(job);
}

/**
 * stat_options_read() - Read and check the command line.
 * @options: zeroed
 * @job: zeroed; for job_options_free()
 * @argc: as the command got it
 * @argv: as the command got it
 *
 * Return: OPTION_GO_ON or the exit status.
 */
int stat_options_read(struct stat_options *options, struct job_options *job,
		      int argc, char **argv)
{
	struct option_reader reader = {
		.command = &command_stat, .argc = argc, .argv = argv,
	};
	int letter, status;

	while ((letter = option_next(&reader)) != OPTION_END) {
		if (letter == OPTION_STOP)
			return reader.status;
		status = read_option(options, job, &reader, letter);
		if (status)
			return status;
	}
	status = job_options_end(job, &reader, JOB_TAKES_COUNT);
	return status == OPTION_GO_ON ? check_format(options, job) : status;
}
