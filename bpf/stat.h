/* SPDX-License-Identifier: GPL-2.0 */
/* What stat.bpf.c and its loader share; most of its maps hold one __u64 an entry. */
#ifndef GPROBE_BPF_STAT_H
#define GPROBE_BPF_STAT_H

/* Names of the settings are in the skeleton: rodata->session, ->nr_vcpus. */

/*
 * Index in the map counts: hits of a place on a vCPU; behind those of all places,
 * returns of a probe's function.
 */
#define STAT_COUNT(place, vcpu, nr_vcpus)	((place) * (nr_vcpus) + (vcpu))

/* Index in the map latencies: a bucket of a probe's histogram. */
#define STAT_LATENCY(probe, bucket) \
	((probe) * GPROBE_HISTOGRAM_BUCKETS + (bucket))

/* Index in the map calls: of a probe's function. */
#define STAT_CALLS(probe, figure)	((probe) * STAT_CALL_FIGURES + (figure))

enum stat_call_figure {
	STAT_CALL_NS,		/* the durations of all calls together */
	STAT_CALL_UNKNOWN,	/* returns of calls whose entry was not seen */
	STAT_CALL_FIGURES,
};

#endif /* GPROBE_BPF_STAT_H */
