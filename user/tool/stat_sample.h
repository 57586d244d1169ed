/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Figures of one stretch of time: of all of it for a summary, or of one
 * interval.
 */
#ifndef GPROBE_TOOL_STAT_SAMPLE_H
#define GPROBE_TOOL_STAT_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/types.h>

#include <gprobe/histogram.h>
#include <gprobe/probe.h>

#include "counter.h"
#include "target.h"

/**
 * struct stat_sample - the figures
 * @probes: of what
 * @nr_probes: how many
 * @nr_vcpus: the guest's
 * @end_ns: since counting began
 * @run_ns: how long it was counted; 0: the guest had died before
 * @counted: for each probe: its figures could be had
 * @counts: [probe * @nr_vcpus + vcpu]
 * @latencies: [probe * GPROBE_HISTOGRAM_BUCKETS + bucket], of handling; of a return
 *	of the calls' durations
 * @calls_ns: for each probe: the durations of its calls together
 * @calls_unknown: for each probe: returns whose duration is not known
 * @lost: events that are in no count
 */
struct stat_sample {
	const struct gprobe_probe *probes;
	size_t nr_probes;
	uint32_t nr_vcpus;
	uint64_t end_ns, run_ns;
	bool *counted;
	uint64_t *counts;
	__u64 *latencies;
	uint64_t *calls_ns, *calls_unknown;
	uint64_t lost;
};

uint64_t stat_sample_count(const struct stat_sample *sample, size_t probe);
bool stat_sample_is_return(const struct stat_sample *sample, size_t probe);
bool stat_sample_has_latency(const struct stat_sample *sample, size_t probe);
double stat_sample_share(const struct stat_sample *sample, size_t probe);
uint64_t stat_sample_percentile(const struct stat_sample *sample,
				size_t probe, unsigned int percent);

/**
 * struct stat_sampler - takes one sample after another
 * @sample: the newest
 * @last: all up to @sample's end, or to the guest's
 * @nr_places: of the target
 */
struct stat_sampler {
	struct stat_sample sample;
	struct stat_sample last;
	size_t nr_places;
};

/**
 * struct stat_domain - a guest
 * @name: its name
 * @domid: its number
 * @sampler: its figures
 */
struct stat_domain {
	const char *name;
	uint32_t domid;
	struct stat_sampler sampler;
};

int stat_sampler_open(struct stat_sampler *sampler,
		      const struct target *target);
void stat_sampler_close(struct stat_sampler *sampler);
void stat_sampler_take(struct stat_sampler *sampler, struct target *target,
		       const struct target_hits *hits, uint64_t end_ns);
void stat_sampler_take_all(struct stat_sampler *sampler);

#endif /* GPROBE_TOOL_STAT_SAMPLE_H */
