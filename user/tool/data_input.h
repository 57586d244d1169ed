/* SPDX-License-Identifier: GPL-2.0 */
/* The file that `gprobe record` wrote, for commands that read it. */
#ifndef GPROBE_TOOL_DATA_INPUT_H
#define GPROBE_TOOL_DATA_INPUT_H

#include <stdio.h>

#include "data.h"

/* In the list of a command's options. */
#define DATA_INPUT_OPTION \
	{ "input", 'i', "FILE", "read FILE, not " DATA_DEFAULT_PATH }

/**
 * struct data_input - the file
 * @path: its name
 * @file: it
 * @data: what is in it
 */
struct data_input {
	const char *path;
	FILE *file;
	struct data data;
};

int data_input_open(struct data_input *input);
int data_input_next(struct data_input *input, struct hit *hit, bool *more);
void data_input_say_cut(const struct data_input *input);
void data_input_close(struct data_input *input);

#endif /* GPROBE_TOOL_DATA_INPUT_H */
