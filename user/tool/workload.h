/* SPDX-License-Identifier: GPL-2.0 */
/* The COMMAND of the user's that is run while probes are in. */
#ifndef GPROBE_TOOL_WORKLOAD_H
#define GPROBE_TOOL_WORKLOAD_H

#include <stdbool.h>
#include <sys/types.h>

/**
 * struct workload - a child
 * @pid: its; 0: there is none, or it has ended
 * @wait_status: once it has ended
 * @name: of the COMMAND
 * @go_fd: what it waits for to be closed; -1: it runs
 * @error_fd: what it tells why it cannot be executed; -1: it runs
 */
struct workload {
	pid_t pid;
	int wait_status;
	const char *name;
	int go_fd, error_fd;
};

int workload_start(struct workload *workload, char **argv);
int workload_go(struct workload *workload);
bool workload_ended(struct workload *workload);
void workload_signal(const struct workload *workload, int signal);
int workload_status(const struct workload *workload);
void workload_close(struct workload *workload);

#endif /* GPROBE_TOOL_WORKLOAD_H */
