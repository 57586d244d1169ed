// SPDX-License-Identifier: GPL-2.0
#include "counter_cells.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <linux/types.h>

#include <gprobe/histogram.h>

#include "open_calls.h"
#include "stat.h"

/**
 * struct counter_memory - cells of our own
 * @counter: points to them
 * @hits: its cells
 * @latencies: its cells
 * @calls: its cells
 * @strange: hits of no place or vCPU
 * @open: calls that have not returned
 */
struct counter_memory {
	struct counter counter;
	uint64_t *hits, *latencies, *calls;
	uint64_t strange;
	struct open_calls *open;
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

	if (spec->nr_places + spec->nr_probes <= UINT32_MAX / cells)
		return 0;
	snprintf(why->text, sizeof(why->text),
		 "%u probes are too many to count", spec->nr_probes);
	return -E2BIG;
}

/**
 * counter_nr_hits() - How many cells of hits there are.
 * @spec: what is to be counted
 *
 * Return: their number.
 */
uint32_t counter_nr_hits(const struct counter_spec *spec)
{
	return STAT_COUNT(spec->nr_places + spec->nr_probes, 0, spec->nr_vcpus);
}

static void close_memory(struct counter *counter)
{
	struct counter_memory *memory = (struct counter_memory *)counter;

	open_calls_free(memory->open);
	free(memory->hits);
	free(memory->latencies);
	free(memory->calls);
	free(memory);
}

static bool make_cells(struct counter_memory *memory,
		       const struct counter_spec *spec)
{
	memory->hits = calloc(counter_nr_hits(spec), sizeof(*memory->hits));
	memory->latencies = calloc(STAT_LATENCY(spec->nr_probes, 0),
				   sizeof(*memory->latencies));
	memory->calls = calloc(STAT_CALLS(spec->nr_probes, 0),
			       sizeof(*memory->calls));
	memory->open = open_calls_new();
	return memory->hits && memory->latencies && memory->calls &&
	       memory->open;
}

/**
 * counter_new() - Make a counter for what counter_count() is told.
 * @counter: for counter_close()
 * @spec: what is to be counted; its @places stay; @session does not matter
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
	if (!new || !make_cells(new, spec)) {
		if (new)
			close_memory(&new->counter);
		snprintf(why->text, sizeof(why->text), "no memory to count");
		return -ENOMEM;
	}
	new->counter = (struct counter){
		.spec = *spec,
		.hits = new->hits,
		.latencies = new->latencies,
		.calls = new->calls,
		.strange = &new->strange,
		.close = close_memory,
	};
	*counter = &new->counter;
	return 0;
}

static void count_latency(struct counter_memory *memory, uint32_t probe,
			  uint64_t ns)
{
	memory->latencies[STAT_LATENCY(probe, gprobe_histogram_bucket(ns))]++;
}

/* As the BPF program does. */
static void count_return(struct counter_memory *memory,
			 const struct counter_hit *hit,
			 const struct call_place *place,
			 const struct call_key *key)
{
	const struct counter_spec *spec = &memory->counter.spec;
	uint64_t entered_ns, ns;
	bool known = open_calls_leave(memory->open, key, &entered_ns);

	if (!known && place->role == CALL_MAYBE)
		return;
	memory->hits[STAT_COUNT(spec->nr_places + place->probe, hit->vcpu,
				spec->nr_vcpus)]++;
	if (!known) {
		memory->calls[STAT_CALLS(place->probe, STAT_CALL_UNKNOWN)]++;
		return;
	}
	ns = hit->time_ns > entered_ns ? hit->time_ns - entered_ns : 0;
	memory->calls[STAT_CALLS(place->probe, STAT_CALL_NS)] += ns;
	count_latency(memory, place->probe, ns);
}

/**
 * counter_count() - Count a hit.
 * @counter: of counter_new()
 * @hit: the hit
 */
void counter_count(struct counter *counter, const struct counter_hit *hit)
{
	struct counter_memory *memory = (struct counter_memory *)counter;
	const struct counter_spec *spec = &counter->spec;
	const struct call_place *place;
	struct call_key key;

	if (hit->place >= spec->nr_places || hit->vcpu >= spec->nr_vcpus) {
		memory->strange++;
		return;
	}
	memory->hits[STAT_COUNT(hit->place, hit->vcpu, spec->nr_vcpus)]++;
	place = &spec->places[hit->place];
	key = call_key(place->probe, hit->rsp, hit->root);
	if (place->role == CALL_NONE)
		count_latency(memory, place->probe, hit->handling_ns);
	else if (place->role == CALL_ENTRY)
		open_calls_enter(memory->open, &key,
				 hit->time_ns + hit->handling_ns);
	else
		count_return(memory, hit, place, &key);
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
 * counter_hits() - How often was a place hit?
 * @counter: the counter
 * @place: its number
 * @vcpu: by this vCPU
 *
 * Return: the count.
 */
uint64_t counter_hits(const struct counter *counter, uint32_t place,
		      uint32_t vcpu)
{
	return read_cell(&counter->hits[STAT_COUNT(place, vcpu,
						   counter->spec.nr_vcpus)]);
}

/**
 * counter_returns() - How often did a probe's function return?
 * @counter: the counter
 * @probe: its number
 * @vcpu: on this vCPU
 *
 * Return: the count.
 */
uint64_t counter_returns(const struct counter *counter, uint32_t probe,
			 uint32_t vcpu)
{
	return counter_hits(counter, counter->spec.nr_places + probe, vcpu);
}

/**
 * counter_calls_ns() - How long did the calls of a probe's function take?
 * @counter: the counter
 * @probe: its number
 *
 * Return: the durations of those that have returned, together.
 */
uint64_t counter_calls_ns(const struct counter *counter, uint32_t probe)
{
	return read_cell(&counter->calls[STAT_CALLS(probe, STAT_CALL_NS)]);
}

/**
 * counter_calls_unknown() - Of how many is not known how long they took?
 * @counter: the counter
 * @probe: its number
 *
 * Return: how many returned whose entry was not seen.
 */
uint64_t counter_calls_unknown(const struct counter *counter, uint32_t probe)
{
	return read_cell(&counter->calls[STAT_CALLS(probe,
						    STAT_CALL_UNKNOWN)]);
}

/**
 * counter_latency() - How many hits took so long to handle, or calls to return?
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
