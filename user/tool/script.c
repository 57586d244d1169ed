// SPDX-License-Identifier: GPL-2.0
/* `gprobe script`: the lines of a file that `gprobe trace` would have printed. */
#include <getopt.h>

#include "command.h"
#include "data_input.h"
#include "lines.h"
#include "option.h"
#include "output.h"
#include "say.h"

/* Zeroed, everything in it can be closed. */
struct script {
	struct data_input input;
	struct output output;
	const char *path;
	struct lines lines;
};

static const struct command_option options[] = {
	DATA_INPUT_OPTION,
	FILTER_OPTIONS,
	LINES_OPTIONS,
	{ "output", 'o', "FILE", "write to FILE, not to stdout" },
	COMMAND_OPTION_HELP,
	{ 0 }
};

static int read_options(struct script *script, int argc, char **argv)
{
	struct option_reader reader = {
		.command = &command_script, .argc = argc, .argv = argv,
	};
	int letter, status = STATUS_DONE;

	while (!status && (letter = option_next(&reader)) != OPTION_END) {
		if (letter == OPTION_STOP)
			return reader.status;
		if (letter == 'o')
			script->path = optarg;
		else if (!data_input_take(&script->input, &reader, letter,
					  &status))
			lines_options_take(&script->lines, &reader, letter,
					   &status);
	}
	return status ? status : option_no_operands(&reader);
}

static void set_lines(struct script *script)
{
	const struct data *data = &script->input.data;

	script->lines.file = script->output.file;
	script->lines.probes = data->session.probes;
	script->lines.fetches = data->session.fetches;
	script->lines.nr_probes = data->session.nr_probes;
	script->lines.domains = data->session.domains;
	script->lines.nr_domains = data->session.nr_domains;
	script->lines.start_ns = data->session.start_ns;
	script->lines.wall_ns = data->session.wall_ns;
	script->lines.is_limited = data->end.sum.limited ||
				   script->input.filter.filter;
}

static int print(struct script *script)
{
	struct lines *lines = &script->lines;
	int status = output_truncate(&script->output);
	bool more = !status;
	struct hit hit;

	if (more && lines->format->begin)
		lines->format->begin(lines);
	while (more) {
		status = data_input_next(&script->input, &hit, &more);
		if (more)
			lines->format->hit(lines, &hit);
		/* What reads it may be gone. */
		if (ferror(lines->file))
			break;
	}
	if (status)
		return status;
	lines->format->end(lines, &script->input.data.end.sum);
	data_input_say_cut(&script->input);
	return output_flush(&script->output);
}

static int do_script(struct script *script)
{
	int status = data_input_open(&script->input);

	if (!status)
		status = output_open(&script->output, script->path);
	if (status)
		return status;
	set_lines(script);
	return print(script);
}

static int run_script(int argc, char **argv)
{
	struct script script = {
		.input.path = DATA_DEFAULT_PATH,
		.lines.format = &lines_format_text,
	};
	int status = read_options(&script, argc, argv), close_status;

	if (status == OPTION_GO_ON)
		status = do_script(&script);
	close_status = output_close(&script.output);
	data_input_close(&script.input);
	return status ? status : close_status;
}

const struct command command_script = {
	.words = "script",
	.summary = "Print the hits of a file of record, a line each",
	.usage = "[-i FILE] [OPTION...]",
	.options = options,
	.any_driver = true,
	.notes =
"The lines are those of gprobe trace, and so is the last one. A file that is\n"
"damaged is refused; of one that was cut off, since gprobe record was killed, all\n"
"hits are printed that are whole.\n"
"\n"
FILTER_HELP,
	.run = run_script,
};
