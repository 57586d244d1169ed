/* SPDX-License-Identifier: GPL-2.0 */
/* How far things are that take long: on a terminal, a second after the first began. */
#ifndef GPROBE_TOOL_PROGRESS_H
#define GPROBE_TOOL_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct progress - how far it is
 * @doing: what is done; NULL: nothing is
 * @done: so much
 * @total: of so much
 * @next_ns: of the clock: when it is shown again
 * @is_shown: it was
 */
struct progress {
	const char *doing;
	size_t done, total;
	uint64_t next_ns;
	bool is_shown;
};

void progress_begin(struct progress *progress, const char *doing, size_t total);
void progress_step(struct progress *progress);
void progress_end(struct progress *progress);

#endif /* GPROBE_TOOL_PROGRESS_H */
