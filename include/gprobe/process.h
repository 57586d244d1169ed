/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The processes of a Linux guest, and the roots (CR3) that they run under: read from
 * its kernel's own list, by its symbols and its types (BTF). The guest runs meanwhile,
 * and nothing it says is believed.
 */
#ifndef GPROBE_PROCESS_H
#define GPROBE_PROCESS_H

#include <stddef.h>
#include <stdint.h>

#include <gprobe/probe.h>
#include <gprobe/why.h>

/* A task's name has 15 bytes at most, and there are so many processes at most. */
#define GPROBE_PROCESS_NAME_MAX	15
#define GPROBE_PROCESSES_MAX	65536

/**
 * struct gprobe_process - a process
 * @name: of its first task; whatever bytes
 * @pid: its number
 * @root: of its page tables, under which a vCPU is in its kernel; 0: it has none, as the
 *	kernel's own threads, or was about to end
 * @user_root: under which one is in its program: the same, unless the kernel isolates
 *	page tables (PTI)
 */
struct gprobe_process {
	char name[GPROBE_PROCESS_NAME_MAX + 1];
	uint32_t pid;
	uint64_t root, user_root;
};

int gprobe_process_list(const char *btf, const struct gprobe_space *space,
			struct gprobe_process **processes, size_t *nr,
			struct gprobe_why *why);

#endif /* GPROBE_PROCESS_H */
