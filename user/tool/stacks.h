/* SPDX-License-Identifier: GPL-2.0 */
/* Stacks, and how often each was there. */
#ifndef GPROBE_TOOL_STACKS_H
#define GPROBE_TOOL_STACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data.h"
#include "hits.h"

/* In place of functions that are not known. */
#define STACKS_UNKNOWN	"[unknown]"

/**
 * struct stack - one
 * @count: how often
 * @text: its functions, the outermost first, with ; between them
 */
struct stack {
	uint64_t count;
	char text[];
};

/**
 * struct stacks - all; zeroed there are none
 * @all: sorted once stacks_sort() was called: those with a function in common, and
 *	all outer ones, stand together
 * @nr: how many
 * @total: of all counts
 * The rest is its own.
 */
struct stacks {
	struct stack **all;
	size_t nr;
	uint64_t total;

	void *tree;
	size_t size;
};

bool stacks_recorded(const struct data_session *session);
bool stacks_add(struct stacks *stacks, const struct data_session *session,
		const struct hit *hit);
void stacks_sort(struct stacks *stacks);
void stacks_free(struct stacks *stacks);

#endif /* GPROBE_TOOL_STACKS_H */
