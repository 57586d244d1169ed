/* SPDX-License-Identifier: GPL-2.0 */
/* Which of the names there are is nearest to one that was mistyped. */
#ifndef GPROBE_TOOL_NEAREST_H
#define GPROBE_TOOL_NEAREST_H

/**
 * struct nearest - the nearest so far; to be zeroed
 * @shown: what people are told of it; NULL: none is near
 * @distance: how far it is
 */
struct nearest {
	const char *shown;
	unsigned int distance;
};

void nearest_add(struct nearest *nearest, const char *wrong, const char *name,
		 const char *shown);

#endif /* GPROBE_TOOL_NEAREST_H */
