/* SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later */
/*
 * Hits with their registers, as they come: the claims of a session that have the
 * action record, read from a BPF ring buffer.
 *
 * Every call returns 0 or more, or a negative errno. Not thread-safe: one thread
 * a recorder, and while one is opened no other thread may open BPF objects with
 * libbpf, whose messages are of the process. After a fork, use it on one side.
 */
#ifndef GPROBE_RECORD_H
#define GPROBE_RECORD_H

#include <linux/gprobe.h>
#include <linux/types.h>

#include <gprobe/why.h>

struct gprobe_recorder;

/**
 * struct gprobe_record - a hit
 * @time_ns: when the module took it, by dom0's CLOCK_MONOTONIC; of one guest in
 *	order
 * @cookie: the claim's
 * @gfn: the frame that was hit
 * @domid: the guest
 * @vcpu: who hit it
 * @claim: gprobe_claim_info.id
 * @view: in which view
 * @regs: at the hit; @regs.rip is the place
 */
struct gprobe_record {
	__u64 time_ns;
	__u64 cookie;
	__u64 gfn;
	__u32 domid;
	__u32 vcpu;
	__u32 claim;
	__u32 view;
	struct gprobe_regs regs;
};

/**
 * struct gprobe_recorder_spec - what is to be recorded
 * @session: gprobe_client_session(): hits of its claims
 * @ring_bytes: room for records not yet read, a power of two of 4096 at least; 0:
 *	1 MiB, which is 3,971 of them
 * @wakeup_bytes: the fd becomes readable once so much is there, below @ring_bytes;
 *	0: with the first record. A reader that asks for more reads now and then
 *	without being told.
 * @max_claims: for so many claims losses are counted one by one; 0: 1,024
 */
struct gprobe_recorder_spec {
	__u32 session;
	__u32 ring_bytes;
	__u32 wakeup_bytes;
	__u32 max_claims;
};

int gprobe_recorder_open(struct gprobe_recorder **recorder,
			 const struct gprobe_recorder_spec *spec,
			 struct gprobe_why *why);
void gprobe_recorder_close(struct gprobe_recorder *recorder);
int gprobe_recorder_fd(const struct gprobe_recorder *recorder);

/*
 * on_record() is called for each record, which stays the recorder's. When it
 * answers a negative number, reading stops; the next call goes on behind it.
 */
int gprobe_recorder_read(struct gprobe_recorder *recorder,
			 int (*on_record)(void *arg,
					  const struct gprobe_record *record),
			 void *arg);

/* Records that found no room, of all claims and of one. */
__u64 gprobe_recorder_lost(const struct gprobe_recorder *recorder);
__u64 gprobe_recorder_claim_lost(const struct gprobe_recorder *recorder,
				 __u32 claim);

#endif /* GPROBE_RECORD_H */
