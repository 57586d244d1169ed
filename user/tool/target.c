// SPDX-License-Identifier: GPL-2.0
#include "target.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

static int resolve_probes(struct target *target,
			  const struct gprobe_space *space)
{
	struct gprobe_why why;
	size_t i;

	for (i = 0; i < target->nr_probes; i++)
		if (gprobe_probe_resolve(&target->probes[i], space, &why))
			return say(STATUS_FAILED, "%s", why.text);
	find_kernel_root(target, space);
	if (gprobe_probes_check(target->probes, target->nr_probes, &why))
		return say(STATUS_FAILED, "%s", why.text);
	return STATUS_DONE;
}

static int find_slide(const struct target *target, struct gprobe_space *space,
		      const char *path)
{
	struct gprobe_why why;
	int ret;

	if (!space->symbols)
		return STATUS_DONE;
	ret = gprobe_symbols_slide(space->symbols, &space->memory,
				   space->vcpus, space->nr_vcpus,
				   &space->slide, &why);
	if (ret == -ESTALE)
		return say(STATUS_FAILED, "%s: %s", path, why.text);
	if (ret)
		return say(STATUS_FAILED, "domain '%s': %s", target->name,
			   why.text);
	return STATUS_DONE;
}

/**
 * target_resolve_in() - Find the places of the probes in memory.
 * @target: found
 * @space: the guest's, and its symbols; their slide is found
 * @path: where those are from
 *
 * Return: the exit status.
 */
int target_resolve_in(struct target *target, struct gprobe_space *space,
		      const char *path)
{
	int status = find_slide(target, space, path);

	return status ? status : resolve_probes(target, space);
}
