// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gprobe/process.h>

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "task.h"
#include "why.h"

/* The list may change while it is read; then it is read once more. */
#define ATTEMPTS	5

#define ENTRY_PRESENT	1ULL
#define USER_ENTRIES	256

/* With isolation a root is two pages: the kernel's, and then the program's. */
#define USER_HALF	GPROBE_PAGE_SIZE

/* A list_head of the kernel's. */
struct list_node {
	uint64_t next, prev;
};

/**
 * struct reader - reads a guest's list
 * @space: the guest
 * @layout: where its kernel has what
 * @vcpu: pages as it does
 * @root: maps its kernel
 * @processes: so far
 * @nr: how many
 */
struct reader {
	const struct gprobe_space *space;
	struct gprobe_process_layout layout;
	const struct gprobe_vcpu *vcpu;
	uint64_t root;
	struct gprobe_process *processes;
	size_t nr;
};

static int read_kernel(const struct reader *reader, uint64_t gva, void *buffer,
		       size_t bytes)
{
	/* What the guest says may be anything, but no address of a program. */
	if (!(gva >> 63))
		return -EFAULT;
	return gprobe_walk_read(&reader->space->memory, reader->vcpu,
				reader->root, gva, buffer, bytes);
}

/* The kernel's own root stays, where it is known; a process' may go. */
static int find_root(struct reader *reader)
{
	const struct gprobe_space *space = reader->space;
	struct gprobe_place place;
	uint64_t own;
	int ret = -ENXIO;
	size_t i;

	for (i = 0; i < space->nr_vcpus && ret; i++) {
		reader->vcpu = &space->vcpus[i];
		ret = gprobe_walk_any(&space->memory, reader->vcpu, 1,
				      reader->layout.init_task, &place,
				      &reader->root);
		/* One that starts does not page. */
		if (!ret && !place.page_bytes)
			ret = -ENXIO;
	}
	if (!ret && !gprobe_symbols_kernel_root(space->symbols, &space->memory,
						space->vcpus, space->nr_vcpus,
						space->slide, &own))
		reader->root = own;
	return ret;
}

/*
 * The program's half has the same tables of the program as the kernel's, which are
 * marked there; without isolation, the next page is something else.
 */
static bool is_isolated(const struct reader *reader, uint64_t root)
{
	const struct gprobe_memory *memory = &reader->space->memory;
	uint64_t kernel[USER_ENTRIES], user[USER_ENTRIES];
	bool any = false;
	size_t i;

	if (root & USER_HALF ||
	    memory->read(memory->arg, root / GPROBE_PAGE_SIZE, 0, kernel,
			 sizeof(kernel)) ||
	    memory->read(memory->arg, root / GPROBE_PAGE_SIZE + 1, 0, user,
			 sizeof(user)))
		return false;
	for (i = 0; i < USER_ENTRIES; i++) {
		if ((kernel[i] ^ user[i]) & (GPROBE_ROOT_MASK | ENTRY_PRESENT))
			return false;
		any |= kernel[i] & ENTRY_PRESENT;
	}
	return any;
}

/* One that is about to end may have no root any more. */
static void find_roots(const struct reader *reader, uint64_t mm,
		       struct gprobe_process *process)
{
	struct gprobe_place place;
	uint64_t pgd;

	if (!mm || read_kernel(reader, mm + reader->layout.pgd, &pgd,
			       sizeof(pgd)) ||
	    !(pgd >> 63) || pgd % GPROBE_PAGE_SIZE ||
	    gprobe_walk(&reader->space->memory, reader->vcpu, reader->root,
			pgd, &place) || !place.page_bytes)
		return;
	process->root = place.gfn * GPROBE_PAGE_SIZE;
	process->user_root = process->root;
	if (is_isolated(reader, process->root))
		process->user_root |= USER_HALF;
}

static int read_process(struct reader *reader, uint64_t task)
{
	const struct gprobe_process_layout *layout = &reader->layout;
	struct gprobe_process process = { 0 };
	uint64_t mm;
	int ret = read_kernel(reader, task + layout->task.pid, &process.pid,
			      sizeof(process.pid));

	if (!ret)
		ret = read_kernel(reader, task + layout->task.comm,
				  process.name, GPROBE_PROCESS_NAME_MAX);
	if (!ret)
		ret = read_kernel(reader, task + layout->mm, &mm, sizeof(mm));
	if (ret)
		return ret;
	find_roots(reader, mm, &process);
	reader->processes[reader->nr++] = process;
	return 0;
}

/* Room for a power of two. */
static int make_room(struct reader *reader)
{
	struct gprobe_process *more;
	size_t nr = reader->nr;

	if (nr == GPROBE_PROCESSES_MAX)
		return -E2BIG;
	if (nr & (nr - 1))
		return 0;
	more = reallocarray(reader->processes, nr ? 2 * nr : 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	reader->processes = more;
	return 0;
}

/* All behind init_task, which is none. */
static int read_list(struct reader *reader)
{
	uint64_t head = reader->layout.init_task + reader->layout.tasks;
	uint64_t at = head;
	struct list_node node, next;
	int ret = read_kernel(reader, at, &node, sizeof(node));

	reader->nr = 0;
	while (!ret && node.next != head) {
		ret = read_kernel(reader, node.next, &next, sizeof(next));
		if (!ret && next.prev != at)
			ret = -ESTALE;
		if (!ret)
			ret = make_room(reader);
		if (!ret)
			ret = read_process(reader,
					   node.next - reader->layout.tasks);
		at = node.next;
		node = next;
	}
	return ret;
}

static int read_some_time(struct reader *reader, struct gprobe_why *why)
{
	int attempt, ret = -ESTALE;

	for (attempt = 0; attempt < ATTEMPTS && ret && ret != -ENOMEM &&
	     ret != -E2BIG; attempt++)
		ret = read_list(reader);
	if (ret == -ENOMEM)
		return gprobe_why(why, ret, "not enough memory");
	if (ret == -E2BIG)
		return gprobe_why(why, ret,
				  "the guest's list of tasks has no end after %d",
				  GPROBE_PROCESSES_MAX);
	if (ret)
		return gprobe_why(why, ret,
				  "the guest's list of tasks cannot be followed behind %zu of them: the types are those of another kernel, or it changes all the time",
				  reader->nr);
	return 0;
}

/**
 * gprobe_process_list() - List the processes of a Linux guest.
 * @btf: a file with its kernel's types: /sys/kernel/btf/vmlinux of the guest, or its
 *	vmlinux
 * @space: the guest, with its kernel's symbols
 * @processes: gets them, the kernel's threads among them; for free()
 * @nr: how many
 * @why: says why not
 *
 * Return: 0; -ENOENT no such types or symbols; -ESTALE the list is not whole; -E2BIG it
 * does not end; -ENOMEM; what reading the file or the guest's memory answers.
 */
int gprobe_process_list(const char *btf, const struct gprobe_space *space,
			struct gprobe_process **processes, size_t *nr,
			struct gprobe_why *why)
{
	struct reader reader = { .space = space };
	int ret = gprobe_process_layout_load(btf, space->symbols, space->slide,
					     &reader.layout, why);

	if (ret)
		return ret;
	ret = find_root(&reader);
	if (ret)
		return gprobe_why(why, ret,
				  "the guest's kernel is not where its symbols say");
	ret = read_some_time(&reader, why);
	if (ret) {
		free(reader.processes);
		return ret;
	}
	*processes = reader.processes;
	*nr = reader.nr;
	return 0;
}
