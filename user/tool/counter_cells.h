/* SPDX-License-Identifier: GPL-2.0 */
/* What a counter is made of; for those who make one. */
#ifndef GPROBE_TOOL_COUNTER_CELLS_H
#define GPROBE_TOOL_COUNTER_CELLS_H

#include "counter.h"

/**
 * struct counter - counts, wherever they are kept
 * @spec: as given
 * @hits: a cell for each place and vCPU, then for each probe and vCPU, as
 *	STAT_COUNT() has them
 * @latencies: a cell for each probe and bucket, as STAT_LATENCY() has them
 * @calls: a cell for each probe and figure, as STAT_CALLS() has them
 * @strange: the cell of those that are of no probe or vCPU
 * @close: frees all of it
 */
struct counter {
	struct counter_spec spec;
	const uint64_t *hits, *latencies, *calls, *strange;
	void (*close)(struct counter *counter);
};

uint32_t counter_nr_hits(const struct counter_spec *spec);
int counter_check_size(const struct counter_spec *spec,
		       struct gprobe_why *why);

#endif /* GPROBE_TOOL_COUNTER_CELLS_H */
