/* SPDX-License-Identifier: GPL-2.0 */
/* The file that `gprobe record` wrote, for commands that read it. */
#ifndef GPROBE_TOOL_DATA_INPUT_H
#define GPROBE_TOOL_DATA_INPUT_H

#include <stdio.h>

#include "data.h"
#include "filter_option.h"
#include "option.h"

/* In the list of a command's options. */
#define DATA_INPUT_OPTION \
	{ "input", 'i', "FILE", "read FILE, not " DATA_DEFAULT_PATH }

/**
 * struct data_input - the file; to be zeroed but for @path
 * @path: its name
 * @filter: --filter
 * @file: it
 * @data: what is in it. Behind the last hit, its sums are of those that match
 * @left_out: of each guest: hits that did not, and are in the sums still
 */
struct data_input {
	const char *path;
	struct filter_option filter;
	FILE *file;
	struct data data;
	uint64_t left_out[DATA_DOMAINS_MAX];
};

bool data_input_take(struct data_input *input,
		     const struct option_reader *reader, int letter,
		     int *status);
int data_input_open(struct data_input *input);
int data_input_next(struct data_input *input, struct hit *hit, bool *more);
void data_input_say_cut(const struct data_input *input);
void data_input_close(struct data_input *input);

#endif /* GPROBE_TOOL_DATA_INPUT_H */
