// SPDX-License-Identifier: GPL-2.0
#include "job_options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"
#include "say.h"

static int add_probe(struct job_options *options,
		     const struct option_reader *reader, const char *text)
{
	struct gprobe_probe *probes;
	struct gprobe_why why;

	probes = reallocarray(options->probes, options->nr_probes + 1,
			      sizeof(*probes));
	if (!probes)
		return say_no_memory();
	options->probes = probes;
	if (gprobe_probe_parse(text, &probes[options->nr_probes], &why))
		return say(STATUS_USAGE, "%s: %s", reader->command->words,
			   why.text);
	options->nr_probes++;
	return STATUS_DONE;
}

static int add_probes(struct job_options *options,
		      const struct option_reader *reader, char *list)
{
	int status = STATUS_DONE;
	char *text;

	while (!status && (text = strsep(&list, ",")))
		status = add_probe(options, reader, text);
	return status;
}

static int read_duration(struct job_options *options,
			 const struct option_reader *reader, const char *text)
{
	if (!number_parse_seconds(text, &options->duration_ns) ||
	    !options->duration_ns)
		return say(STATUS_USAGE,
			   "%s: --duration '%s': must be seconds above 0, such as 10 or 0.5",
			   reader->command->words, text);
	return STATUS_DONE;
}

/**
 * job_options_take() - Take an option of those that all commands share.
 * @options: zeroed at first; for job_options_free()
 * @reader: has just read it
 * @letter: the option
 *
 * Return: the exit status.
 */
int job_options_take(struct job_options *options,
		     const struct option_reader *reader, int letter)
{
	switch (letter) {
	case 'd':
		options->domain = optarg;
		break;
	case 'e':
		return add_probes(options, reader, optarg);
	case 'o':
		options->output = optarg;
		break;
	case JOB_OPTION_SYMBOLS:
		options->symbols = optarg;
		break;
	case JOB_OPTION_TAKE_OVER:
		options->take_over = true;
		break;
	case JOB_OPTION_DURATION:
		return read_duration(options, reader, optarg);
	}
	return STATUS_DONE;
}

/**
 * job_options_end() - Take what is behind the options, and check them.
 * @options: all taken
 * @reader: at its end
 *
 * Return: OPTION_GO_ON or the exit status.
 */
int job_options_end(struct job_options *options,
		    const struct option_reader *reader)
{
	const char *words = reader->command->words;

	if (optind < reader->argc)
		options->command = reader->argv + optind;
	if (!options->domain || !*options->domain)
		return say(STATUS_USAGE,
			   "%s: no domain: -d DOMAIN names the guest", words);
	if (!options->nr_probes)
		return say(STATUS_USAGE,
			   "%s: no probe: -e PROBE says where to probe", words);
	if (options->duration_ns && options->command)
		return say(STATUS_USAGE,
			   "%s: --duration and a COMMAND exclude each other: the COMMAND's end ends it",
			   words);
	return OPTION_GO_ON;
}

/**
 * job_options_free() - Free what reading took.
 * @options: read, or not
 */
void job_options_free(struct job_options *options)
{
	free(options->probes);
}
