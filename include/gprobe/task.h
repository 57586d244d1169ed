/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where a Linux guest's kernel keeps which task a vCPU runs, and what that is
 * called: by its symbols and its types (BTF, or Volatility's JSON, which has both).
 */
#ifndef GPROBE_TASK_H
#define GPROBE_TASK_H

#include <stdint.h>

#include <gprobe/symbols.h>
#include <gprobe/why.h>

/**
 * struct gprobe_task_layout - where things are
 * @current_task: of the pointer to the task, from the vCPU's kernel GS base
 * @comm: of the task's name, from the task; so below
 * @tid: of the thread's number, which the kernel calls pid
 * @pid: of the process', which it calls tgid
 */
struct gprobe_task_layout {
	uint64_t current_task;
	uint64_t comm, tid, pid;
};

int gprobe_task_layout_load(const char *path,
			    const struct gprobe_symbols *symbols,
			    uint64_t slide, struct gprobe_task_layout *layout,
			    struct gprobe_why *why);

#endif /* GPROBE_TASK_H */
