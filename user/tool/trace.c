// SPDX-License-Identifier: GPL-2.0
/* `gprobe trace`: a line for each hit, as it comes. */
#include "clock.h"
#include "command.h"
#include "job.h"
#include "lines.h"
#include "option.h"
#include "say.h"

static int attached(struct job *job)
{
	struct lines *lines = job->arg;

	lines->file = job->output.file;
	lines->probes = job->probes;
	lines->fetches = job->fetches;
	lines->nr_probes = job->nr_probes;
	lines->domains = job->domains;
	lines->nr_domains = job->nr_guests;
	lines->is_limited = job_options_leave_out(&job->options);
	lines->start_ns = clock_now_ns(CLOCK_MONOTONIC);
	lines->wall_ns = clock_now_ns(CLOCK_REALTIME);
	return STATUS_DONE;
}

static int begin(struct job *job)
{
	struct lines *lines = job->arg;

	if (lines->format->begin)
		lines->format->begin(lines);
	return output_flush(&job->output);
}

static int on_hit(struct job *job, const struct hit *hit)
{
	const struct lines *lines = job->arg;

	lines->format->hit(lines, hit);
	return STATUS_DONE;
}

static int finish(struct job *job)
{
	struct lines *lines = job->arg;
	const struct hits_sum sum = job_sum(job);

	lines->counts = job->counts;
	lines->format->end(lines, &sum);
	return output_flush(&job->output);
}

static const struct job_ops ops = {
	.doing = "tracing",
	.attached = attached,
	.begin = begin,
	.on_hit = on_hit,
	.finish = finish,
};

static const struct command_option options[] = {
	JOB_OPTION_DOMAINS,
	JOB_OPTIONS_WHICH,
	JOB_OPTIONS_TASK,
	JOB_OPTIONS_FILTER,
	FILTER_OPTIONS,
	JOB_OPTIONS_LIMIT,
	LINES_OPTIONS,
	JOB_OPTIONS_OUTPUT,
	JOB_OPTIONS_HOW,
	COMMAND_OPTION_HELP,
	{ 0 }
};

static int read_options(struct lines *lines, struct job *job, int argc,
			char **argv)
{
	struct option_reader reader = {
		.command = &command_trace, .argc = argc, .argv = argv,
	};
	int letter, status;

	while ((letter = option_next(&reader)) != OPTION_END) {
		if (letter == OPTION_STOP)
			return reader.status;
		if (!lines_options_take(lines, &reader, letter, &status))
			status = job_options_take(&job->options, &reader,
						  letter);
		if (status)
			return status;
	}
	return job_options_end(&job->options, &reader,
			       JOB_TAKES_COUNT | JOB_TAKES_RECORD |
			       JOB_TAKES_RATE | JOB_TAKES_FETCH);
}

static int run_trace(int argc, char **argv)
{
	struct lines lines = { .format = &lines_format_text };
	struct job job = { .ops = &ops, .arg = &lines };
	int status = read_options(&lines, &job, argc, argv);

	if (status == OPTION_GO_ON)
		status = job_do(&job);
	job_options_free(&job.options);
	return status;
}

const struct command command_trace = {
	.words = "trace",
	.summary = "Print a line for each hit of a probe",
	.usage = "-d DOMAIN[,DOMAIN...] -e 'PROBE [ARGUMENT...]' [OPTION...] [-- COMMAND [ARG...]]",
	.options = options,
	.operands = COMMAND_OPERANDS_PROGRAM,
	.any_driver = true,
	.notes =
JOB_HELP_PROBE
JOB_HELP_RATE
"With :count its hits have no lines: how many there were is said at the end.\n"
"\n"
JOB_HELP_FETCH
"\n"
"  gprobe trace -d GUEST --symbols System.map \\\n"
"      -e 'do_sys_openat2 path=+0(%si):string dir=%di:s32'\n"
"\n"
FILTER_HELP
"\n"
JOB_HELP_DOMAINS
"\n"
"Traces until COMMAND ends, SECONDS have passed, N hits were printed, ^C, or all\n"
"guests have died. The last line says how many hits there were, and how many were\n"
"lost. With a COMMAND the exit status is COMMAND's.\n",
	.run = run_trace,
};
