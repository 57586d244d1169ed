// SPDX-License-Identifier: GPL-2.0
#include "counter_cells.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <linux/types.h>

#include <gprobe/histogram.h>

#include "stat.h"

/**
 * struct counter_memory - cells of our own
 * @counter: points to them
 * @cells: hits, then latencies
 * @strange: hits of no probe or vCPU
 */
struct counter_memory {
	struct counter counter;
	uint64_t *cells;
	uint64_t strange;
};

/**
 * counter_check_size() - Can so much be counted?
 * @spec: what is to be counted
 * @why: says why not
 *
 * Return: 0; -E2BIG too many probes.
 */
int counter_check_size(const struct counter_spec *spec, struct gprobe_why *why)
{
	const uint32_t cells = spec->nr_vcpus > GPROBE_HISTOGRAM_BUCKETS ?
			       spec->nr_vcpus : GPROBE_HISTOGRAM_BUCKETS;

	if (spec->nr_probes <= UINT32_MAX / cells)
		return 0;
	snprintf(why->text, sizeof(why->text),
		 "%u probes are too many to count", spec->nr_probes);
	return -E2BIG;
}

static void close_memory(struct counter *counter)
{
	struct counter_memory *memory = (struct counter_memory *)counter;

	free(memory->cells);
	free(memory);
}

/**
 * counter_new() - Make a counter for what counter_count() is told.
 * @counter: for counter_close()
 * @spec: what is to be counted; @session does not matter
 * @why: says why not
 *
 * Return: 0; -E2BIG too many probes; -ENOMEM.
 */
int counter_new(struct counter **counter, const struct counter_spec *spec,
		struct gprobe_why *why)
{
	struct counter_memory *new;
	int ret = counter_check_size(spec, why);

	if (ret)
		return ret;
	new = calloc(1, sizeof(*new));
	if (new)
		new->cells = calloc((size_t)spec->nr_probes *
				    (spec->nr_vcpus + GPROBE_HISTOGRAM_BUCKETS),
				    sizeof(*new->cells));
	if (!new || !new->cells) {
		free(new);
		snprintf(why->text, sizeof(why->text), "no memory to count");
		return -ENOMEM;
	}
	new->counter = (struct counter){
		.spec = *spec,
		.hits = new->cells,
		.latencies = new->cells + spec->nr_probes * spec->nr_vcpus,
		.strange = &new->strange,
		.close = close_memory,
	};
	*counter = &new->counter;
	return 0;
}

/**
 * counter_count() - Count a hit.
 * @counter: of counter_new()
 * @probe: its number
 * @vcpu: whose
 * @handling_ns: how long it took
 */
void counter_count(struct counter *counter, uint64_t probe, uint32_t vcpu,
		   uint64_t handling_ns)
{
	struct counter_memory *memory = (struct counter_memory *)counter;
	const struct counter_spec *spec = &counter->spec;
	uint64_t *latencies = memory->cells +
			      spec->nr_probes * spec->nr_vcpus;

	if (probe >= spec->nr_probes || vcpu >= spec->nr_vcpus) {
		memory->strange++;
		return;
	}
	memory->cells[STAT_COUNT(probe, vcpu, spec->nr_vcpus)]++;
	latencies[STAT_LATENCY(probe, gprobe_histogram_bucket(handling_ns))]++;
}

/**
 * counter_close() - Count no more.
 * @counter: or NULL
 */
void counter_close(struct counter *counter)
{
	if (counter)
		counter->close(counter);
}

/* A program may be counting right now. */
static uint64_t read_cell(const uint64_t *cell)
{
	return __atomic_load_n(cell, __ATOMIC_RELAXED);
}

/**
 * counter_hits() - How often was a probe hit?
 * @counter: the counter
 * @probe: its number
 * @vcpu: by this vCPU
 *
 * Return: the count.
 */
uint64_t counter_hits(const struct counter *counter, uint32_t probe,
		      uint32_t vcpu)
{
	return read_cell(&counter->hits[STAT_COUNT(probe, vcpu,
						   counter->spec.nr_vcpus)]);
}

/**
 * counter_latency() - How many hits took so long?
 * @counter: the counter
 * @probe: its number
 * @bucket: gprobe_histogram_bucket() of the nanoseconds
 *
 * Return: the count.
 */
uint64_t counter_latency(const struct counter *counter, uint32_t probe,
			 uint32_t bucket)
{
	return read_cell(&counter->latencies[STAT_LATENCY(probe, bucket)]);
}

/**
 * counter_strange() - How many hits were of no probe or vCPU of ours?
 * @counter: the counter
 *
 * Return: the count.
 */
uint64_t counter_strange(const struct counter *counter)
{
	return read_cell(counter->strange);
}
