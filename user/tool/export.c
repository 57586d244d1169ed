// SPDX-License-Identifier: GPL-2.0
/* `gprobe export`: hits of a file, for other programs to show. */
#include "export.h"

#include <getopt.h>

#include "command.h"
#include "data_input.h"
#include "option.h"
#include "output.h"
#include "say.h"

static const struct export_format *const formats[] = {
	&export_trace, &export_folded, &export_flamegraph, &export_heatmap,
	&export_latency, &export_histogram,
};

#define NR_FORMATS	(sizeof(formats) / sizeof(formats[0]))

/* Zeroed, everything in it can be closed. */
struct exporting {
	struct data_input input;
	struct output output;
	const char *path;
	struct export export;
};

static const struct command_option options[] = {
	{ "format", 'f', "FORMAT", "trace, folded, flamegraph, heatmap, latency or histogram" },
	DATA_INPUT_OPTION,
	FILTER_OPTIONS,
	{ "output", 'o', "FILE", "write to FILE, not to stdout" },
	COMMAND_OPTION_HELP,
	{ 0 }
};

static const char *format_name(unsigned int number)
{
	return number < NR_FORMATS ? formats[number]->name : NULL;
}

static int read_format(struct export *export, const char *name)
{
	static const struct command_choice choice = {
		"export: -f", format_name,
		"trace, folded, flamegraph, heatmap, latency or histogram",
	};
	unsigned int number;
	int status = command_choose(&choice, name, &number);

	if (!status)
		export->format = formats[number];
	return status;
}

static int read_options(struct exporting *exporting, int argc, char **argv)
{
	struct option_reader reader = {
		.command = &command_export, .argc = argc, .argv = argv,
	};
	int letter, status = STATUS_DONE;

	while (!status && (letter = option_next(&reader)) != OPTION_END) {
		if (letter == OPTION_STOP)
			return reader.status;
		data_input_take(&exporting->input, &reader, letter, &status);
		if (letter == 'o')
			exporting->path = optarg;
		if (letter == 'f')
			status = read_format(&exporting->export, optarg);
	}
	if (status)
		return status;
	if (!exporting->export.format)
		return say(STATUS_USAGE,
			   "export: no format: -f FORMAT says what it is to become");
	return option_no_operands(&reader);
}

static int write_hits(struct exporting *exporting)
{
	struct export *export = &exporting->export;
	struct hit hit;
	bool more = true;
	int status;

	status = export->format->begin(export);
	while (!status && more) {
		status = data_input_next(&exporting->input, &hit, &more);
		if (more)
			status = export->format->hit(export, &hit);
		/* What reads it may be gone. */
		if (ferror(export->file))
			break;
	}
	return status ? status : export->format->end(export);
}

static int export(struct exporting *exporting)
{
	int status = data_input_open(&exporting->input);

	if (!status)
		status = output_open(&exporting->output, exporting->path);
	if (!status)
		status = output_truncate(&exporting->output);
	if (status)
		return status;
	exporting->export.data = &exporting->input.data;
	exporting->export.file = exporting->output.file;
	status = write_hits(exporting);
	if (exporting->export.format->close)
		exporting->export.format->close(&exporting->export);
	if (status)
		return status;
	data_input_say_cut(&exporting->input);
	return output_flush(&exporting->output);
}

static int run_export(int argc, char **argv)
{
	struct exporting exporting = { .input.path = DATA_DEFAULT_PATH };
	int status = read_options(&exporting, argc, argv), close_status;

	if (status == OPTION_GO_ON)
		status = export(&exporting);
	close_status = output_close(&exporting.output);
	data_input_close(&exporting.input);
	return status ? status : close_status;
}

const struct command command_export = {
	.words = "export",
	.summary = "Make pictures, or input of other programs, of a file of record",
	.usage = "-f FORMAT [-i FILE] [--filter EXPR] [-o FILE]",
	.options = options,
	.any_driver = true,
	.notes =
"FORMAT is one of\n"
"  trace       JSON for Perfetto and chrome://tracing: a track for each vCPU\n"
"  folded      a line for each stack, with how often it was there\n"
"  flamegraph  the same as a picture: SVG\n"
"  heatmap     when each probe was hit: SVG\n"
"  latency     how long calls took, over time: SVG\n"
"  histogram   how many calls took how long: SVG\n"
"Calls are those of probes r:FUNCTION. Stacks are those of gprobe record -g.\n"
"\n"
FILTER_HELP,
	.run = run_export,
};
