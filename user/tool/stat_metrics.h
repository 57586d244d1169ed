/* SPDX-License-Identifier: GPL-2.0 */
/* The figures of `gprobe stat --openmetrics`, for programs that collect them. */
#ifndef GPROBE_TOOL_STAT_METRICS_H
#define GPROBE_TOOL_STAT_METRICS_H

#include "stat_output.h"

int stat_metrics_check(const char *path);
int stat_metrics_write(const struct stat_output *output);

#endif /* GPROBE_TOOL_STAT_METRICS_H */
