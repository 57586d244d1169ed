// SPDX-License-Identifier: GPL-2.0
/* `gprobe record`: hits into a file, for report and script. */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "command.h"
#include "data.h"
#include "driver.h"
#include "job.h"
#include "number.h"
#include "option.h"
#include "say.h"
#include "target.h"

/* To a shell, a word of these is what it looks like. */
#define PLAIN		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" \
			"0123456789@_+=:,./-"

/**
 * struct recording - what record has; zeroed at first
 * @command: the command line
 * @session: what is recorded, once all guests are known
 * @lost: of each guest, hits that found no room, as was written last
 */
struct recording {
	char *command;
	struct data_session session;
	uint64_t lost[TARGETS_MAX];
};

static void write_word(FILE *file, const char *word)
{
	if (*word && !word[strspn(word, PLAIN)]) {
		fprintf(file, " %s", word);
		return;
	}
	fputs(" '", file);
	for (; *word; word++)
		fprintf(file, *word == '\'' ? "'\\''" : "%c", *word);
	fputc('\'', file);
}

/* As it was typed, but for quotes that are not needed. */
static char *join(int argc, char **argv)
{
	char *text = NULL;
	size_t bytes;
	FILE *file = open_memstream(&text, &bytes);
	int i;

	if (!file)
		return NULL;
	fputs("gprobe", file);
	if (!driver_is_default())
		fprintf(file, " --driver %s", driver_chosen()->name);
	for (i = 0; i < argc; i++)
		write_word(file, argv[i]);
	fclose(file);
	return text;
}

static int attached(struct job *job)
{
	struct recording *recording = job->arg;

	recording->session = (struct data_session){
		.start_ns = clock_now_ns(CLOCK_MONOTONIC),
		.wall_ns = clock_now_ns(CLOCK_REALTIME),
		.domains = job->domains,
		.nr_domains = job->nr_guests,
		.gprobe_version = GPROBE_VERSION,
		.command = recording->command,
		.probes = job->probes,
		.fetches = job->fetches,
		.nr_probes = job->nr_probes,
	};
	return STATUS_DONE;
}

static int begin(struct job *job)
{
	const struct recording *recording = job->arg;

	data_write_begin(job->output.file, &recording->session);
	return output_flush(&job->output);
}

static void write_lost(struct job *job, const struct hit *hit)
{
	struct recording *recording = job->arg;
	uint64_t lost;
	size_t i;

	for (i = 0; i < job->nr_guests; i++) {
		lost = hits_no_room(&job->guests[i].hits);
		if (lost != recording->lost[i])
			data_write_lost(job->output.file, &recording->session,
					i, hit->time_ns, lost);
		recording->lost[i] = lost;
	}
}

static int on_hit(struct job *job, const struct hit *hit)
{
	write_lost(job, hit);
	data_write_hit(job->output.file, hit);
	return STATUS_DONE;
}

static bool any_died(const struct job *job)
{
	size_t i;

	for (i = 0; i < job->nr_guests; i++)
		if (job->domains[i].died)
			return true;
	return false;
}

static int finish(struct job *job)
{
	const struct recording *recording = job->arg;
	const struct data_end end = {
		.time_ns = clock_now_ns(CLOCK_MONOTONIC),
		.sum = job_sum(job),
		.died = any_died(job),
	};
	int status;

	data_write_end(job->output.file, &recording->session, &end);
	status = output_flush(&job->output);
	if (status)
		return status;
	return say(STATUS_DONE, "%s in %s, %s lost",
		   number_of(end.sum.shown, "hit").text, job->options.output,
		   number_grouped(end.sum.lost).text);
}

static const struct job_ops ops = {
	.doing = "recording",
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
	{ "stacks", 'g', NULL,
	  "with the kernel's stack, as $kstack fetches it" },
	{ "output", 'o', "FILE", "write to FILE, not to " DATA_DEFAULT_PATH },
	JOB_OPTIONS_HOW,
	COMMAND_OPTION_HELP,
	{ 0 }
};

/* Each probe fetches it too, unless it does already. */
static int add_stack(struct gprobe_fetch **fetch, const char *probe)
{
	char text[GPROBE_FETCH_TEXT_MAX + sizeof(" $kstack")];
	struct gprobe_fetch *with;
	struct gprobe_why why;

	if (gprobe_fetch_unwinds(*fetch))
		return OPTION_GO_ON;
	snprintf(text, sizeof(text), "%s $kstack", gprobe_fetch_text(*fetch));
	if (gprobe_fetch_parse(text, &with, &why))
		return say(STATUS_USAGE, "record: -g: probe '%s': %s", probe,
			   why.text);
	gprobe_fetch_free(*fetch);
	*fetch = with;
	return OPTION_GO_ON;
}

static int add_stacks(struct job_options *asked)
{
	int status = OPTION_GO_ON;
	size_t i;

	for (i = 0; i < asked->nr_probes && status == OPTION_GO_ON; i++)
		status = add_stack(&asked->fetches[i], asked->probes[i].text);
	return status;
}

static int read_options(struct job *job, int argc, char **argv)
{
	struct option_reader reader = {
		.command = &command_record, .argc = argc, .argv = argv,
	};
	bool stacks = false;
	int letter, status;

	while ((letter = option_next(&reader)) != OPTION_END) {
		if (letter == OPTION_STOP)
			return reader.status;
		stacks |= letter == 'g';
		status = job_options_take(&job->options, &reader, letter);
		if (status)
			return status;
	}
	status = stacks ? add_stacks(&job->options) : OPTION_GO_ON;
	return status == OPTION_GO_ON ?
	       job_options_end(&job->options, &reader,
			       JOB_TAKES_RECORD | JOB_TAKES_RATE |
			       JOB_TAKES_FETCH) : status;
}

static int run_record(int argc, char **argv)
{
	/* Reading takes it apart. */
	struct recording recording = { .command = join(argc, argv) };
	struct job job = {
		.options = { .output = DATA_DEFAULT_PATH },
		.ops = &ops, .arg = &recording,
	};
	int status;

	if (!recording.command)
		return say_no_memory();
	status = read_options(&job, argc, argv);
	if (status == OPTION_GO_ON)
		status = job_do(&job);
	job_options_free(&job.options);
	free(recording.command);
	return status;
}

const struct command command_record = {
	.words = "record",
	.summary = "Record hits of probes in a file, for report and script",
	.usage = "-d DOMAIN[,DOMAIN...] -e 'PROBE [ARGUMENT...]' [OPTION...] [-- COMMAND [ARG...]]",
	.options = options,
	.operands = COMMAND_OPERANDS_PROGRAM,
	.any_driver = true,
	.notes =
JOB_HELP_PROBE
JOB_HELP_RATE
"\n"
JOB_HELP_FETCH
"\n"
FILTER_HELP
"\n"
JOB_HELP_DOMAINS
"\n"
"Records until COMMAND ends, SECONDS have passed, N hits were recorded, ^C, or all\n"
"guests have died. With a COMMAND the exit status is COMMAND's. What is in the file\n"
"can be read however gprobe ended.\n",
	.run = run_record,
};
