// SPDX-License-Identifier: GPL-2.0
/*
 * Counts the hits of one session, per probe and vCPU, and the time that the
 * module took for them. The probe's number is its claim's cookie.
 *
 * The module fires the tracepoint under its guest's event lock, and a session
 * here has one guest: no two hits are counted at once, so no atomics.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include <gprobe/histogram.h>

#include "stat.h"

/* Port id of the session's socket. */
const volatile __u32 session;
const volatile __u32 nr_vcpus;
const volatile __u32 nr_probes;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1);
} counts SEC(".maps"), latencies SEC(".maps");

/* Hits that name no probe or vCPU of ours. */
__u64 nr_strange;

/* Arguments of the tracepoint gprobe_hit, as kmod/trace.h has them. */
enum {
	HIT_VCPU = 1,
	HIT_SESSION = 2,
	HIT_COOKIE = 4,
	HIT_HANDLING_NS = 9,
};

SEC("raw_tp/gprobe_hit")
int on_hit(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 probe = ctx->args[HIT_COOKIE];
	__u32 vcpu = ctx->args[HIT_VCPU];
	__u64 *count;
	__u32 index;

	if ((__u32)ctx->args[HIT_SESSION] != session)
		return 0;
	if (probe >= nr_probes || vcpu >= nr_vcpus) {
		nr_strange++;
		return 0;
	}
	index = STAT_COUNT((__u32)probe, vcpu, nr_vcpus);
	count = bpf_map_lookup_elem(&counts, &index);
	if (count)
		++*count;
	index = STAT_LATENCY((__u32)probe,
		gprobe_histogram_bucket(ctx->args[HIT_HANDLING_NS]));
	count = bpf_map_lookup_elem(&latencies, &index);
	if (count)
		++*count;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
