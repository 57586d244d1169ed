// SPDX-License-Identifier: GPL-2.0
/*
 * Counts the hits of one session, per place and vCPU, and the time that the
 * module took for them; of functions whose return is probed the returns, and how
 * long their calls took. The place's number is its claim's cookie.
 *
 * The module fires the tracepoint under its guest's event lock, and a session
 * here has one guest: no two hits are counted at once, so no atomics.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include <gprobe/histogram.h>

#include "calls.h"
#include "stat.h"

/* Port id of the session's socket. */
const volatile __u32 session;
const volatile __u32 nr_vcpus;
const volatile __u32 nr_places;
/* Some places are parts of probes. */
const volatile __u32 has_calls;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1);
} counts SEC(".maps"), latencies SEC(".maps"), calls SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct call_place);
	__uint(max_entries, 1);
} places SEC(".maps");

/*
 * When calls that have not returned were entered. Some never return: when it is
 * full, the oldest give way.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, struct call_key);
	__type(value, __u64);
	__uint(max_entries, 1);
} entered SEC(".maps");

/* Hits that name no place or vCPU of ours. */
__u64 nr_strange;

/* Arguments of the tracepoint gprobe_hit, as kmod/trace.h has them. */
enum {
	HIT_VCPU = 1,
	HIT_SESSION = 2,
	HIT_COOKIE = 4,
	HIT_ROOT = 8,
	HIT_HANDLING_NS = 9,
	HIT_RSP = 10,
	HIT_TIME_NS = 11,
};

static __always_inline void add(void *map, __u32 index, __u64 more)
{
	__u64 *sum = bpf_map_lookup_elem(map, &index);

	if (sum)
		*sum += more;
}

static void count_return(const struct call_place *place,
			 const struct call_key *key, __u32 vcpu, __u64 time_ns)
{
	__u32 probe = place->probe;
	__u64 *start = bpf_map_lookup_elem(&entered, key), ns;

	if (!start && place->role == CALL_MAYBE)
		return;
	add(&counts, STAT_COUNT(nr_places + probe, vcpu, nr_vcpus), 1);
	if (!start) {
		add(&calls, STAT_CALLS(probe, STAT_CALL_UNKNOWN), 1);
		return;
	}
	ns = time_ns > *start ? time_ns - *start : 0;
	bpf_map_delete_elem(&entered, key);
	add(&calls, STAT_CALLS(probe, STAT_CALL_NS), ns);
	add(&latencies, STAT_LATENCY(probe, gprobe_histogram_bucket(ns)), 1);
}

/*
 * How long a call takes is from where the module has answered the hit of its entry
 * to where it takes that of its return. Answers whether the place is a part of a
 * probe.
 */
static int count_call(struct bpf_raw_tracepoint_args *ctx, __u32 index,
		      __u32 vcpu)
{
	struct call_place *place = bpf_map_lookup_elem(&places, &index);
	struct call_key key;
	__u64 start;

	if (!place || place->role == CALL_NONE)
		return 0;
	key = call_key(place->probe, ctx->args[HIT_RSP], ctx->args[HIT_ROOT]);
	if (place->role == CALL_ENTRY) {
		start = ctx->args[HIT_TIME_NS] + ctx->args[HIT_HANDLING_NS];
		bpf_map_update_elem(&entered, &key, &start, BPF_ANY);
	} else {
		count_return(place, &key, vcpu, ctx->args[HIT_TIME_NS]);
	}
	return 1;
}

SEC("raw_tp/gprobe_hit")
int on_hit(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 place = ctx->args[HIT_COOKIE];
	__u32 vcpu = ctx->args[HIT_VCPU];

	if ((__u32)ctx->args[HIT_SESSION] != session)
		return 0;
	if (place >= nr_places || vcpu >= nr_vcpus) {
		nr_strange++;
		return 0;
	}
	add(&counts, STAT_COUNT((__u32)place, vcpu, nr_vcpus), 1);
	if (has_calls && count_call(ctx, place, vcpu))
		return 0;
	add(&latencies, STAT_LATENCY((__u32)place,
		gprobe_histogram_bucket(ctx->args[HIT_HANDLING_NS])), 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
