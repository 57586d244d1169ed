// SPDX-License-Identifier: GPL-2.0
/*
 * Probes of one process of a Linux guest: TARGET@PROCESS. Which roots it runs under is
 * found once, before anything is put in.
 */
#include "target.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gprobe/process.h>

#include "number.h"
#include "say.h"

/* So many pids are told at most. */
#define MAX_SHOWN	8

/* Names that differ by more letters are other names. */
#define NEAR_DISTANCE	3

static bool is_called(const struct gprobe_process *process, const char *name)
{
	uint64_t pid;

	if (number_parse(name, &pid))
		return process->pid == pid;
	/* The kernel has no more of a longer one. */
	return !strncmp(process->name, name, GPROBE_PROCESS_NAME_MAX);
}

static int none(const struct gprobe_probe *probe,
		const struct gprobe_process *all, size_t nr)
{
	unsigned int nearest = NEAR_DISTANCE + 1, distance;
	const struct gprobe_process *near = NULL;
	size_t i;

	for (i = 0; i < nr; i++) {
		distance = gprobe_name_distance(probe->process, all[i].name,
						NEAR_DISTANCE);
		if (distance >= nearest || distance >= strlen(all[i].name))
			continue;
		nearest = distance;
		near = &all[i];
	}
	if (near)
		return say(STATUS_FAILED,
			   "probe '%s': the guest has no process '%s'; nearest: %s (pid %" PRIu32 ")",
			   probe->text, probe->process, near->name, near->pid);
	return say(STATUS_FAILED,
		   "probe '%s': the guest has no process '%s' among its %zu",
		   probe->text, probe->process, nr);
}

static int several(const struct gprobe_probe *probe,
		   const struct gprobe_process *all, size_t nr, size_t found)
{
	char pids[16 * MAX_SHOWN] = "";
	size_t used = 0, shown = 0, i;

	for (i = 0; i < nr && shown < MAX_SHOWN; i++)
		if (all[i].root && is_called(&all[i], probe->process))
			used += snprintf(pids + used, sizeof(pids) - used,
					 "%s%" PRIu32, shown++ ? ", " : "",
					 all[i].pid);
	return say(STATUS_FAILED,
		   "probe '%s': %zu processes are called '%s': @PID names one, of %s%s",
		   probe->text, found, probe->process, pids,
		   shown < found ? ", ..." : "");
}

/**
 * target_choose_process() - Find the roots of a probe of a process.
 * @probe: has a process; gets its roots
 * @all: the guest's processes
 * @nr: how many
 *
 * Return: the exit status.
 */
int target_choose_process(struct gprobe_probe *probe,
			  const struct gprobe_process *all, size_t nr)
{
	const struct gprobe_process *rootless = NULL;
	size_t found = 0, i;

	for (i = 0; i < nr; i++) {
		if (!is_called(&all[i], probe->process))
			continue;
		if (!all[i].root) {
			rootless = &all[i];
			continue;
		}
		probe->root = all[i].root;
		probe->user_root = all[i].user_root;
		found++;
	}
	if (found > 1)
		return several(probe, all, nr, found);
	if (found)
		return STATUS_DONE;
	if (rootless)
		return say(STATUS_FAILED,
			   "probe '%s': '%s' (pid %" PRIu32 ") has no root of its own: it is a thread of the kernel, or about to end",
			   probe->text, rootless->name, rootless->pid);
	return none(probe, all, nr);
}

static const struct gprobe_probe *first_of_process(const struct target *target)
{
	size_t i;

	for (i = 0; i < target->nr_asked; i++)
		if (target->asked[i].process[0])
			return &target->asked[i];
	return NULL;
}

static int list(const struct target *target, const struct gprobe_space *space,
		const struct gprobe_probe *probe,
		struct gprobe_process **all, size_t *nr)
{
	const char *btf = target->files->btf;
	struct gprobe_why why;
	int ret = -ENODATA;

	if (space->symbols)
		ret = gprobe_process_list(btf, space, all, nr, &why);
	if (!space->symbols || (!btf && ret == -ENODATA))
		return say(STATUS_FAILED,
			   "probe '%s': a process needs the guest kernel's System.map, --symbols FILE, and its types, --btf FILE: its /sys/kernel/btf/vmlinux; a root is @0xROOT",
			   probe->text);
	if (ret)
		return say(STATUS_FAILED, "%s: %s", btf ? btf : "--symbols",
			   why.text);
	return STATUS_DONE;
}

/**
 * target_find_processes() - Find the roots of all probes of a process.
 * @target: found; then it asks for probes of its own
 * @space: the guest, with its symbols
 *
 * Return: the exit status.
 */
int target_find_processes(struct target *target,
			  const struct gprobe_space *space)
{
	const struct gprobe_probe *first = first_of_process(target);
	struct gprobe_process *all = NULL;
	size_t nr = 0, i;
	int status;

	if (!first)
		return STATUS_DONE;
	target->rooted = calloc(target->nr_asked, sizeof(*target->rooted));
	if (!target->rooted)
		return say_no_memory();
	memcpy(target->rooted, target->asked,
	       target->nr_asked * sizeof(*target->rooted));
	target->asked = target->rooted;
	status = list(target, space, first, &all, &nr);
	for (i = 0; i < target->nr_asked && !status; i++)
		if (target->rooted[i].process[0])
			status = target_choose_process(&target->rooted[i], all,
						       nr);
	free(all);
	return status;
}
