/* SPDX-License-Identifier: GPL-2.0 */
/* What stat.bpf.c and its loader share; its maps hold one __u64 an entry. */
#ifndef GPROBE_BPF_STAT_H
#define GPROBE_BPF_STAT_H

/* Names of the settings are in the skeleton: rodata->session, ->nr_vcpus. */

/* Index in the map counts: hits of a probe on a vCPU. */
#define STAT_COUNT(probe, vcpu, nr_vcpus)	((probe) * (nr_vcpus) + (vcpu))

/* Index in the map latencies: a bucket of a probe's histogram. */
#define STAT_LATENCY(probe, bucket) \
	((probe) * GPROBE_HISTOGRAM_BUCKETS + (bucket))

#endif /* GPROBE_BPF_STAT_H */
