// SPDX-License-Identifier: GPL-2.0
#include "target.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <gprobe/unwind.h>

#include "say.h"

/* None is no failure: then probes without a root are placed once. */
static void find_kernel_root(struct target *target,
			     const struct gprobe_space *space)
{
	if (!space->symbols ||
	    gprobe_symbols_kernel_root(space->symbols, &space->memory,
				       space->vcpus, space->nr_vcpus,
				       space->slide, &target->kernel_root))
		target->kernel_root = 0;
}

/* What Linux says of itself, in one page; other kernels say nothing. */
static void read_version(struct target *target,
			 const struct gprobe_space *space)
{
	const struct gprobe_memory *memory = &space->memory;
	const struct gprobe_symbol *banner;
	struct gprobe_place place;
	size_t bytes = sizeof(target->version) - 1;
	uint64_t root;

	banner = space->symbols ? gprobe_symbols_find(space->symbols,
						      "linux_banner", NULL) :
				  NULL;
	if (!banner ||
	    gprobe_walk_any(memory, space->vcpus, space->nr_vcpus,
			    banner->address + space->slide, &place, &root))
		return;
	if (bytes > GPROBE_PAGE_SIZE - place.offset)
		bytes = GPROBE_PAGE_SIZE - place.offset;
	if (memory->read(memory->arg, place.gfn, place.offset, target->version,
			 bytes))
		bytes = 0;
	target->version[bytes] = '\0';
	target->version[strcspn(target->version, "\n")] = '\0';
}

static int resolve_fetch(const struct gprobe_probe *probe,
			 struct gprobe_fetch *fetch,
			 const struct gprobe_space *space)
{
	struct gprobe_why why;

	if (gprobe_fetch_resolve(fetch, space->symbols, space->slide, &why))
		return say(STATUS_FAILED, "probe '%s': %s", probe->text,
			   why.text);
	if (gprobe_fetch_names(fetch) && !space->symbols)
		return say(STATUS_FAILED,
			   "probe '%s': the type symbol needs the guest kernel's System.map: --symbols FILE",
			   probe->text);
	return STATUS_DONE;
}

static bool any_task(const struct target *target)
{
	size_t i;

	for (i = 0; i < target->nr_asked; i++)
		if (gprobe_fetch_has_task(target->asked_fetches[i]))
			return true;
	return false;
}

/* Where the guest's kernel has what is fetched of its tasks. */
static int find_tasks(struct target *target, const struct gprobe_space *space)
{
	const char *btf = target->files->btf;
	struct gprobe_task_layout layout;
	struct gprobe_why why;
	int ret = -ENODATA;
	size_t i;

	if (!target->asked_fetches || !any_task(target))
		return STATUS_DONE;
	if (space->symbols)
		ret = gprobe_task_layout_load(btf, space->symbols, space->slide,
					      &layout, &why);
	if (!space->symbols || (!btf && ret == -ENODATA))
		return say(STATUS_FAILED,
			   "$comm, $pid and $tid need the guest kernel's System.map, --symbols FILE, and its types, --btf FILE: its /sys/kernel/btf/vmlinux; Volatility's JSON has both");
	if (ret)
		return say(STATUS_FAILED, "%s: %s", btf ? btf : "--symbols",
			   why.text);
	for (i = 0; i < target->nr_asked; i++)
		gprobe_fetch_set_task(target->asked_fetches[i], &layout);
	return STATUS_DONE;
}

static int resolve_fetches(struct target *target,
			   const struct gprobe_space *space)
{
	int status = find_tasks(target, space);
	size_t i;

	for (i = 0; target->asked_fetches && i < target->nr_asked && !status;
	     i++)
		status = resolve_fetch(&target->asked[i],
				       target->asked_fetches[i], space);
	return status;
}

/* Its tables are large: only where a stack is asked for. */
static int open_unwind(struct target *target, const struct gprobe_space *space)
{
	struct gprobe_why why;
	size_t i;

	for (i = 0; target->asked_fetches && i < target->nr_asked; i++)
		if (gprobe_fetch_unwinds(target->asked_fetches[i]))
			break;
	if (!target->asked_fetches || i == target->nr_asked)
		return STATUS_DONE;
	if (gprobe_unwind_new(space, target->version, &target->unwind, &why))
		return say(STATUS_FAILED, "%s", why.text);
	return STATUS_DONE;
}

static int resolve_probes(struct target *target,
			  const struct gprobe_space *space)
{
	int status = target_find_processes(target, space);

	if (!status)
		status = target_expand(target, space);
	if (!status)
		status = resolve_fetches(target, space);
	if (status)
		return status;
	find_kernel_root(target, space);
	read_version(target, space);
	target->slide = space->slide;
	return open_unwind(target, space);
}

/**
 * target_resolve_in() - Find the places of the probes, and of what they fetch.
 * @target: found, its files loaded
 * @space: the guest's, and maybe its symbols; gets those of the files
 *
 * Return: the exit status.
 */
int target_resolve_in(struct target *target, struct gprobe_space *space)
{
	int status = symbol_files_place(target->files, space, target->name);

	if (!status)
		status = resolve_probes(target, space);
	target->symbols = space->symbols;
	return status;
}

/**
 * target_names() - Are symbols needed at hits, to name addresses?
 * @target: at any stage
 *
 * Return: true if they are.
 */
bool target_names(const struct target *target)
{
	size_t i;

	for (i = 0; target->fetches && i < target->nr_probes; i++)
		if (target->fetches[i] &&
		    gprobe_fetch_names(target->fetches[i]))
			return true;
	return false;
}

/**
 * target_tells() - Is each hit of a place told, if anybody has the target's hits?
 * @target: resolved
 * @place: its number
 *
 * Return: false: they are counted alone.
 */
bool target_tells(const struct target *target, size_t place)
{
	return target->probes[place].action != GPROBE_ACTION_COUNT;
}

/**
 * target_limits() - How many hits of a place are wanted?
 * @target: resolved
 * @place: its number
 *
 * What is asked of a return is not asked of the entry: without that, nothing is known
 * of the return. What is asked of all probes is not asked of those that only count.
 *
 * Return: the limits.
 */
struct target_limits target_limits(const struct target *target, size_t place)
{
	const struct gprobe_probe *probe = &target->probes[place];
	struct target_limits limits = {
		.off_after = probe->off_after, .rate = probe->rate,
	};
	uint64_t all = target->wanted.off_after;

	if (target->places[place].role == CALL_ENTRY)
		return (struct target_limits){ 0 };
	if (!target_tells(target, place))
		return limits;
	if (!limits.rate)
		limits.rate = target->wanted.rate;
	/* Not each hit of a part is one that is shown. */
	if (target->places[place].role == CALL_NONE && all &&
	    (!limits.off_after || all < limits.off_after))
		limits.off_after = all;
	return limits;
}

/**
 * target_read() - Read the guest's memory as a vCPU sees it.
 * @arg: the target, armed
 * @regs: the vCPU's, which waits
 * @gva: where
 * @buffer: gets it
 * @bytes: how many
 *
 * Return: 0 or what gprobe_walk_read() says.
 */
int target_read(void *arg, const struct gprobe_regs *regs, uint64_t gva,
		void *buffer, size_t bytes)
{
	const struct target *target = arg;
	const struct gprobe_memory memory = {
		.read = target->driver.ops->read, .arg = target->driver.arg,
	};
	const struct gprobe_vcpu vcpu = {
		.cr0 = regs->cr0, .cr3 = regs->cr3,
		.cr4 = regs->cr4, .efer = regs->efer,
	};

	return gprobe_walk_read(&memory, &vcpu, regs->cr3, gva, buffer, bytes);
}
