// SPDX-License-Identifier: GPL-2.0
#include "driver.h"

#include <string.h>

#include "say.h"
#include "target.h"

/* The first is the default. */
static const struct target_ops *const drivers[] = { &target_xen, &target_sim };

static const struct target_ops *chosen = &target_xen;

/**
 * driver_choose() - Take a driver for this run of the command.
 * @name: as it was given
 *
 * Return: the exit status.
 */
int driver_choose(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++) {
		if (strcmp(drivers[i]->name, name))
			continue;
		chosen = drivers[i];
		return STATUS_DONE;
	}
	return say(STATUS_USAGE,
		   "--driver '%s': there are xen, and sim, guests in memory",
		   name);
}

/**
 * driver_chosen() - How are guests reached?
 *
 * Return: driver_choose()'s, or the default.
 */
const struct target_ops *driver_chosen(void)
{
	return chosen;
}

/**
 * driver_is_default() - Are guests Xen's?
 *
 * Return: whether.
 */
bool driver_is_default(void)
{
	return chosen == drivers[0];
}

/**
 * driver_name() - Go through the drivers.
 * @index: from 0
 *
 * Return: its name, or NULL.
 */
const char *driver_name(size_t index)
{
	return index < sizeof(drivers) / sizeof(drivers[0]) ?
	       drivers[index]->name : NULL;
}
