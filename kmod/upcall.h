/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Upcalls: a vCPU waits, its event taken and not answered, until all sessions
 * that were told have replied, or for as long as upcall_timeout_ms.
 *
 * An event that waits keeps its slot of the ring: with eight vCPUs waiting, the
 * events of all others wait inside Xen.
 */
#ifndef GPROBE_UPCALL_H
#define GPROBE_UPCALL_H

#include <linux/list.h>
#include <linux/types.h>

#include "trapped.h"

struct gprobe_answer;
struct gprobe_attachment;
struct gprobe_domain;
struct gprobe_event;
struct gprobe_verdict;
struct netlink_ext_ack;

/**
 * struct gprobe_upcall_spec - what a session is told
 * @reason: enum gprobe_upcall_reason
 * @view: where it was watched, or hit
 * @vcpu: who waits
 * @gfn: but with TRAP: the page of the table, or of the hit
 * @index: TABLE: of the entry
 * @old: TABLE: the entry when last told
 * @new: TABLE: the entry now
 * @claim: HIT and STEP: of the session
 * @cookie: HIT and STEP: the claim's
 * @offset: HIT and STEP: of the hit in its page
 * @trap: TRAP: of the session
 * @trap_cookie: TRAP: the trap's
 * @trapped: TRAP: what the vCPU is about to do
 */
struct gprobe_upcall_spec {
	u32 reason;
	u16 view;
	u32 vcpu;
	u64 gfn;
	union {
		struct {
			u32 index;
			u64 old;
			u64 new;
		};
		struct {
			u32 claim;
			u64 cookie;
			u32 offset;
		};
		struct {
			u32 trap;
			u64 trap_cookie;
			struct gprobe_trapped trapped;
		};
	};
};

/**
 * struct gprobe_told - whom to tell, and what
 * @attachment: whom; NULL: nobody
 * @spec: what
 */
struct gprobe_told {
	struct gprobe_attachment *attachment;
	struct gprobe_upcall_spec spec;
};

enum gprobe_upcall_state {
	GPROBE_UPCALL_UNSENT,
	GPROBE_UPCALL_SENT,
	/* It could not be sent: its session's socket is full, or memory short. */
	GPROBE_UPCALL_RETRY,
	/* Its vCPU went on; the session is still to be told. */
	GPROBE_UPCALL_TIMED_OUT,
};

/**
 * struct gprobe_upcall - one upcall
 * @node: in its domain's list, or in its attachment's list of free ones
 * @attachment: who is told
 * @spec: what
 * @seq: its number in the domain
 * @deadline: in jiffies
 * @state: how far it is
 *
 * Under the event lock.
 */
struct gprobe_upcall {
	struct list_head node;
	struct gprobe_attachment *attachment;
	struct gprobe_upcall_spec spec;
	u64 seq;
	unsigned long deadline;
	enum gprobe_upcall_state state;
};

void gprobe_upcalls_start(struct gprobe_domain *domain);
void gprobe_upcalls_stop(struct gprobe_domain *domain);
int gprobe_upcalls_alloc(struct gprobe_attachment *attachment);
void gprobe_upcalls_release(struct gprobe_attachment *attachment);
void gprobe_upcalls_free(struct gprobe_attachment *attachment);
void gprobe_upcalls_drop(struct gprobe_domain *domain, u32 reason, u32 id);

bool gprobe_upcall_raise(struct gprobe_attachment *attachment,
			 const struct gprobe_upcall_spec *spec);
bool gprobe_upcall_waits(const struct gprobe_domain *domain, u64 gfn,
			 u32 index);
void gprobe_upcall_hold(struct gprobe_domain *domain,
			const struct gprobe_event *event,
			const struct gprobe_answer *answer);
int gprobe_upcall_view(struct gprobe_attachment *attachment, u64 seq);
int gprobe_upcall_reply(struct gprobe_attachment *attachment, u64 seq,
			const struct gprobe_verdict *verdict,
			struct netlink_ext_ack *extack);

#endif /* GPROBE_UPCALL_H */
