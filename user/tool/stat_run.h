/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The time while it is counted: until COMMAND ends, the time is up, a signal
 * comes or the guest dies.
 */
#ifndef GPROBE_TOOL_STAT_RUN_H
#define GPROBE_TOOL_STAT_RUN_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "target.h"
#include "workload.h"

enum stat_run_source {
	STAT_RUN_SIGNALS,
	STAT_RUN_MONITOR,
	STAT_RUN_UPCALLS,
	STAT_RUN_INTERVAL,
	STAT_RUN_DEADLINE,
	STAT_RUN_SOURCES,
};

/**
 * struct stat_run - the run
 * @target: the guest
 * @workload: the COMMAND, or NULL
 * @interval_ns: call @on_interval so often; 0: never
 * @duration_ns: end after this; 0: no limit
 * @on_interval: returns an exit status; if not 0 the run ends with it
 * @arg: for @on_interval
 * @elapsed_ns: in the end: how long it was counted
 * @died: the guest died
 * The rest is the run's own.
 */
struct stat_run {
	struct target *target;
	struct workload *workload;
	uint64_t interval_ns, duration_ns;
	int (*on_interval)(void *arg, uint64_t elapsed_ns);
	void *arg;
	uint64_t elapsed_ns;
	bool died;

	int fds[STAT_RUN_SOURCES];
	sigset_t old_mask;
	uint64_t start_ns;
	bool done;
	int status;
};

int stat_run_open(struct stat_run *run);
void stat_run_start(struct stat_run *run);
int stat_run_wait(struct stat_run *run);
void stat_run_close(struct stat_run *run);

#endif /* GPROBE_TOOL_STAT_RUN_H */
