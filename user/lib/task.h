/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GPROBE_LIB_TASK_H
#define GPROBE_LIB_TASK_H

#include <gprobe/task.h>

/**
 * struct gprobe_process_layout - where a Linux kernel has its processes
 * @task: of a task, @current_task is not used
 * @init_task: the guest's address of the first one
 * @tasks: of the list's node, from the task
 * @mm: of the pointer to the address space, from the task; NULL: a kernel's thread
 * @pgd: of the pointer to the root, from that
 */
struct gprobe_process_layout {
	struct gprobe_task_layout task;
	uint64_t init_task;
	uint64_t tasks, mm, pgd;
};

int gprobe_process_layout_load(const char *path,
			       const struct gprobe_symbols *symbols,
			       uint64_t slide,
			       struct gprobe_process_layout *layout,
			       struct gprobe_why *why);

#endif /* GPROBE_LIB_TASK_H */
