/* SPDX-License-Identifier: GPL-2.0 */
/* What `gprobe export` makes of the hits of a file. */
#ifndef GPROBE_TOOL_EXPORT_H
#define GPROBE_TOOL_EXPORT_H

#include <stdint.h>
#include <stdio.h>

#include "data.h"
#include "hits.h"

struct export;

/**
 * struct export_format - what it becomes
 * @name: as users choose it
 * @begin: before all hits; may set @arg
 * @hit: of each
 * @end: behind all; the file tells whether writing worked
 * @close: frees @arg; at any stage; or NULL
 *
 * All but the last return an exit status.
 */
struct export_format {
	const char *name;
	int (*begin)(struct export *export);
	int (*hit)(struct export *export, const struct hit *hit);
	int (*end)(struct export *export);
	void (*close)(struct export *export);
};

extern const struct export_format export_trace;
extern const struct export_format export_folded;
extern const struct export_format export_flamegraph;
extern const struct export_format export_heatmap;
extern const struct export_format export_latency;
extern const struct export_format export_histogram;

/**
 * struct export - an export
 * @format: into what
 * @data: of what; its end is known before the first hit
 * @file: where to
 * @arg: the format's own; NULL at first
 */
struct export {
	const struct export_format *format;
	const struct data *data;
	FILE *file;
	void *arg;
};

#endif /* GPROBE_TOOL_EXPORT_H */
