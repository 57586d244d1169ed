// SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later
/*
 * Hands the recorded hits of one session to its reader, through a ring buffer.
 *
 * The module fires the tracepoint under its guest's event lock: a claim's hits
 * come one after another, those of two guests at once.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "record.h"

/* Port id of the session's socket. */
const volatile __u32 session;
/* See struct gprobe_recorder_spec. */
const volatile __u32 wakeup_bytes;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} records SEC(".maps");

/* By the claim's id. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1024);
} lost SEC(".maps");

/* Of all claims, also those that the map has no room for. */
__u64 nr_lost;

/* Arguments of the tracepoint gprobe_record, as kmod/trace.h has them. */
enum {
	RECORD_DOMID = 0,
	RECORD_VCPU = 1,
	RECORD_SESSION = 2,
	RECORD_CLAIM = 3,
	RECORD_COOKIE = 4,
	RECORD_VIEW = 5,
	RECORD_GFN = 6,
	RECORD_REGS = 7,
	RECORD_TIME_NS = 8,
};

static void count_lost(__u32 claim)
{
	const __u64 one = 1;
	__u64 *count = bpf_map_lookup_elem(&lost, &claim);

	__sync_fetch_and_add(&nr_lost, 1);
	if (count)
		++*count;
	else
		bpf_map_update_elem(&lost, &claim, &one, BPF_ANY);
}

static __u64 wakeup(void)
{
	if (!wakeup_bytes)
		return 0;
	return bpf_ringbuf_query(&records, BPF_RB_AVAIL_DATA) < wakeup_bytes ?
	       BPF_RB_NO_WAKEUP : BPF_RB_FORCE_WAKEUP;
}

SEC("raw_tp/gprobe_record")
int on_record(struct bpf_raw_tracepoint_args *ctx)
{
	struct gprobe_record *record;

	if ((__u32)ctx->args[RECORD_SESSION] != session)
		return 0;
	record = bpf_ringbuf_reserve(&records, sizeof(*record), 0);
	if (!record) {
		count_lost(ctx->args[RECORD_CLAIM]);
		return 0;
	}
	record->time_ns = ctx->args[RECORD_TIME_NS];
	record->cookie = ctx->args[RECORD_COOKIE];
	record->gfn = ctx->args[RECORD_GFN];
	record->domid = ctx->args[RECORD_DOMID];
	record->vcpu = ctx->args[RECORD_VCPU];
	record->claim = ctx->args[RECORD_CLAIM];
	record->view = ctx->args[RECORD_VIEW];
	bpf_probe_read_kernel(&record->regs, sizeof(record->regs),
			      (const void *)ctx->args[RECORD_REGS]);
	bpf_ringbuf_submit(record, wakeup());
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
