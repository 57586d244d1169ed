/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The time while probes are in: until COMMAND ends, the time is up, a signal
 * comes or all guests have died.
 */
#ifndef GPROBE_TOOL_RUN_H
#define GPROBE_TOOL_RUN_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "target.h"
#include "workload.h"

enum run_source {
	RUN_SIGNALS,
	RUN_INPUT,
	RUN_INTERVAL,
	RUN_DEADLINE,
	RUN_SOURCES,
};

/**
 * struct run - the run
 * @target: the guest, and those beside it; gets told that it @is_dead
 * @workload: the COMMAND, or NULL
 * @interval_ns: call @on_interval so often; 0: never
 * @duration_ns: end after this; 0: no limit
 * @on_interval: returns an exit status; if not 0 the run ends with it
 * @on_hits: there may be hits; may shorten for how many ms to wait until it is
 *	called again, -1: for ever. Or NULL; as @on_interval
 * @on_input: stdin can be read, or the terminal has another size; or NULL; as
 *	@on_interval
 * @arg: for all three
 * @elapsed_ns: in the end: how long it was
 * @died: no guest is left
 * The rest is the run's own.
 */
struct run {
	struct target *target;
	struct workload *workload;
	uint64_t interval_ns, duration_ns;
	int (*on_interval)(void *arg, uint64_t elapsed_ns);
	int (*on_hits)(void *arg, int *wait_ms);
	int (*on_input)(void *arg);
	void *arg;
	uint64_t elapsed_ns;
	bool died;

	int fds[RUN_SOURCES];
	sigset_t old_mask;
	uint64_t start_ns;
	bool done;
	int status;
};

int run_open(struct run *run);
void run_start(struct run *run);
void run_stop(struct run *run);
int run_wait(struct run *run);
void run_close(struct run *run);

#endif /* GPROBE_TOOL_RUN_H */
