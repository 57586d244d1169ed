/* SPDX-License-Identifier: GPL-2.0 */
/* Where results go: stdout or a file. */
#ifndef GPROBE_TOOL_OUTPUT_H
#define GPROBE_TOOL_OUTPUT_H

#include <stdio.h>

#include "target.h"

/**
 * struct output - where results go
 * @file: the same as a stream
 * @path: of the file; NULL: stdout
 * @target: served while @file cannot be written; NULL: none is
 * @fd: the output's own
 */
struct output {
	FILE *file;
	const char *path;
	struct target *target;
	int fd;
};

int output_open(struct output *output, const char *path);
int output_truncate(struct output *output);
int output_flush(struct output *output);
int output_close(struct output *output);

#endif /* GPROBE_TOOL_OUTPUT_H */
