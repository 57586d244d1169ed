// SPDX-License-Identifier: GPL-2.0
#include "nearest.h"

#include <string.h>

#include <gprobe/symbols.h>

/* Further off, it was another word that was meant. */
#define MAX_DISTANCE	2

/**
 * nearest_add() - Keep the name that is nearest.
 * @nearest: of the names so far
 * @wrong: what was typed
 * @name: what there is
 * @shown: what people are told of it; must stay
 */
void nearest_add(struct nearest *nearest, const char *wrong, const char *name,
		 const char *shown)
{
	unsigned int distance = gprobe_name_distance(wrong, name,
						     MAX_DISTANCE);

	if (distance > MAX_DISTANCE || distance >= strlen(name) ||
	    (nearest->shown && nearest->distance <= distance))
		return;
	nearest->shown = shown;
	nearest->distance = distance;
}
