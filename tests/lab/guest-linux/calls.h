/* SPDX-License-Identifier: GPL-2.0 */
/* The workloads: each calls one kernel function once per issue. */
#ifndef CALLS_H
#define CALLS_H

#include <stdbool.h>

#define MAX_CALLS 32

struct call {
	const char *name;
	const char *function;	/* of the kernel; entered exactly once per issue */
	bool (*issue)(void);	/* false: the kernel's answer was wrong */
};

extern const struct call calls[];
extern const int nr_calls;

/* Opens what the calls work on. Returns 0, or -1. */
int calls_open(void);

#endif
