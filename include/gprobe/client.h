/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The module, spoken to over generic netlink.
 *
 * A client is one socket. Once it has attached to a domain it is a session:
 * when it is closed, or its process dies, all it made in any guest is undone.
 *
 * Every call returns 0 or a negative errno. Where the module gave a reason,
 * gprobe_client_message() has it. What the errors of a command mean stands in
 * Documentation/netlink/specs/gprobe.yaml; besides:
 *	-ENOENT		(open) the module is not loaded
 *	-EPERM		CAP_SYS_ADMIN is needed, or another session's object
 *	-ETIMEDOUT	the module did not answer in 30 seconds
 *	-EPROTO		an answer without what the protocol promises
 *	-ENOBUFS	more notifications came than the socket could hold
 *
 * Not thread-safe: one thread a client. After a fork, use it on one side only.
 * Signals: a call that is interrupted goes on waiting.
 */
#ifndef GPROBE_CLIENT_H
#define GPROBE_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/gprobe.h>

/* In place of a domid: all domains. */
#define GPROBE_ALL_DOMAINS	UINT32_MAX

struct gprobe_client;
struct gprobe_monitor;

/* The figures of a domain since attach; see GPROBE_A_STATS_*. */
struct gprobe_stats {
	uint64_t events, batches, hits, reinjected, stale;
	uint64_t emulated, fast, toggled, skipped, emul_failed;
	uint64_t reads, writes, unknown, lost, polled;
	uint64_t table_writes, table_walks, upcalls, upcall_timeouts;
};

/**
 * struct gprobe_domain_info - an attached domain
 * @domid: Xen's number
 * @state: enum gprobe_domain_state
 * @vcpus: how many vCPUs
 * @view: the tap view; 0: the guest is gone
 * @sessions: how many are attached
 * @claims: of all sessions
 * @frames: shadow frames in use
 * @watches: pages of page tables that are watched
 * @stats: figures since attach
 */
struct gprobe_domain_info {
	uint32_t domid, state, vcpus, view, sessions, claims, frames, watches;
	struct gprobe_stats stats;
};

/**
 * struct gprobe_view_info - an altp2m view
 * @domid: whose
 * @id: Xen's number
 * @session: its owner; 0: shared by all
 * @sites: INT3s in it
 * @frames: shadow frames in it
 * @active: the guest's vCPUs run in it
 */
struct gprobe_view_info {
	uint32_t domid, id, session, sites, frames;
	bool active;
};

/**
 * struct gprobe_site_info - an INT3
 * @domid: in which guest
 * @view: in which view
 * @gfn: in which frame
 * @offset: where in it
 * @step: enum gprobe_step in use now
 * @claims: who wants its hits
 * @hits: under any root
 */
struct gprobe_site_info {
	uint32_t domid, view, offset, step, claims;
	uint64_t gfn, hits;
};

/**
 * struct gprobe_claim_spec - a claim that is wanted
 * @domid: in which guest; the client is attached to it
 * @view: 0: the tap view
 * @gfn: in which frame, below 1 << 40
 * @offset: where in it, below 4096
 * @root: CR3 without its bits 11:0 and 63:52; 0: any
 * @action: enum gprobe_action
 * @step: enum gprobe_step; 0: the module's choice
 * @insn_bytes: of the instruction, with GPROBE_STEP_SKIP; else 0
 * @cpls: a set of privilege levels, bit n for CPL n; 0: any
 * @rate: most hits a second that tracepoints, or the session by upcalls, are told
 *	of; 0: all
 * @off_after: hits, then it is off; 0: never
 * @cookie: comes back in each tracepoint
 * @vcpus: a set of the guest's vCPUs, bit n % 8 of byte n / 8; empty: any
 * @label: at most GPROBE_LABEL_MAX bytes, or NULL; not kept
 */
struct gprobe_claim_spec {
	uint32_t domid, view, offset, action, step, insn_bytes, cpls, rate;
	uint64_t gfn, root, cookie, off_after;
	uint8_t vcpus[GPROBE_VCPU_BYTES_MAX];
	const char *label;
};

/**
 * struct gprobe_claim_info - a claim
 * @id: the module's number
 * @session: its owner: gprobe_client_session()
 * @hits: that root, vcpus and cpls let through
 * @filtered: that they kept out
 * @limited: hits that they were not told of because of @rate
 * @off: it has had its @off_after hits
 * @label: as given; "" if none was
 * @pin: its session is pinned by this name; "": it is not
 * The rest: as in struct gprobe_claim_spec.
 */
struct gprobe_claim_info {
	uint32_t id, domid, view, offset, action, step, insn_bytes, session;
	uint32_t cpls, rate;
	uint64_t gfn, root, cookie, off_after, hits, filtered, limited;
	bool off;
	uint8_t vcpus[GPROBE_VCPU_BYTES_MAX];
	char label[GPROBE_LABEL_MAX + 1];
	char pin[GPROBE_PIN_MAX + 1];
};

/**
 * struct gprobe_watch - entries of a page table's page that are watched
 * @domid: in which guest
 * @view: in which view; 0 in a request: the tap view
 * @gfn: the page
 * @session: who watches; not read in a request
 * @entries: entry n is bit n % 8 of byte n / 8
 */
struct gprobe_watch {
	uint32_t domid, view, session;
	uint64_t gfn;
	uint8_t entries[GPROBE_ENTRIES_BYTES];
};

/**
 * struct gprobe_trap_spec - a trap that is wanted
 * @domid: in which guest; the client is attached to it
 * @kind: enum gprobe_trap_kind, which says what each is told of
 * @msr: MSR: which; else 0
 * @action: enum gprobe_action
 * @mask: CR0, CR3, CR4 and XCR0: a write that changes no other bits than these is
 *	no event; else 0
 * @cookie: comes back in each tracepoint and upcall
 * @on_change: MSR: a write that changes nothing is no event; else false
 * @user: REQUEST: programs of the guest's user space may ask too; else false
 */
struct gprobe_trap_spec {
	uint32_t domid, kind, msr, action;
	uint64_t mask, cookie;
	bool on_change, user;
};

/**
 * struct gprobe_trap_info - a trap
 * @id: the module's number
 * @session: its owner: gprobe_client_session()
 * @events: so many so far
 * @pin: its session is pinned by this name; "": it is not
 * The rest: as in struct gprobe_trap_spec.
 */
struct gprobe_trap_info {
	uint32_t id, domid, kind, msr, action, session;
	uint64_t mask, cookie, events;
	bool on_change, user;
	char pin[GPROBE_PIN_MAX + 1];
};

/**
 * struct gprobe_upcall - a vCPU waits for this session
 * @domid: of which guest
 * @vcpu: which
 * @reason: enum gprobe_upcall_reason, or one of a newer module, which is to be
 *	replied to as well
 * @view: where the entry is watched, or the claim was hit, or the vCPU is in
 * @index: TABLE: of the entry in its page
 * @claim: HIT and STEP: gprobe_claim_info.id of what was hit
 * @offset: HIT and STEP: of the hit in its page
 * @trap: TRAP: gprobe_trap_info.id of what is told
 * @kind: TRAP: enum gprobe_trap_kind, which says what the values are
 * @timed_out: it does not wait any more: there is nothing to be replied to
 * @seq: the upcall's number
 * @gfn: TABLE, HIT and STEP: the page of the table, or of the hit
 * @old_value: TABLE: the entry when it was last told; TRAP: of a register
 * @new_value: TABLE: the entry now; TRAP: what the register is to be
 * @key: TRAP: what kind of it
 * @subkey: TRAP: the same
 * @cookie: HIT, STEP and TRAP: the claim's, or the trap's
 * @regs: HIT, STEP and TRAP: the vCPU's; zeroes when @timed_out
 */
struct gprobe_upcall {
	uint32_t domid, vcpu, reason, view, index, claim, offset, trap, kind;
	bool timed_out;
	uint64_t seq, gfn, old_value, new_value, key, subkey, cookie;
	struct gprobe_regs regs;
};

/**
 * struct gprobe_verdict - how a vCPU is to go on; zeroed: as if nobody had asked
 * @kind: enum gprobe_verdict_kind, which says what each does; 0: CONTINUE
 * @view: VIEW: the view to go on in; 0: the guest's own
 * @vector: INJECT: of a fault
 * @error_code: INJECT: where the vector has one (10 to 14 and 17)
 * @cr2: INJECT: of a page fault (14)
 * @insn_bytes: EMULATE: of @insn; 0: the original instruction
 * @insn: EMULATE: one instruction
 * @regs: REGISTERS: gprobe_upcall.regs with changes in the general registers, RIP
 *	or RFLAGS (CF, PF, AF, ZF, SF, DF, OF, AC)
 */
struct gprobe_verdict {
	uint32_t kind, view, vector, error_code;
	uint64_t cr2;
	uint32_t insn_bytes;
	uint8_t insn[GPROBE_INSN_BYTES_MAX];
	struct gprobe_regs regs;
};

/**
 * struct gprobe_reply - one of several replies
 * @upcall: to which upcall
 * @verdict: how its vCPU is to go on
 * @ret: what came of it, as from gprobe_upcall_reply()
 */
struct gprobe_reply {
	const struct gprobe_upcall *upcall;
	struct gprobe_verdict verdict;
	int ret;
};

/**
 * struct gprobe_session_info - a session
 * @id: its socket: gprobe_client_session(); 0: it is pinned and has none
 * @domains: how many it is attached to
 * @claims: in all of them
 * @name: it is pinned by this name; "": it is not
 */
struct gprobe_session_info {
	uint32_t id, domains, claims;
	char name[GPROBE_PIN_MAX + 1];
};

int gprobe_client_open(struct gprobe_client **client);
void gprobe_client_close(struct gprobe_client *client);
uint32_t gprobe_client_session(const struct gprobe_client *client);
const char *gprobe_client_message(const struct gprobe_client *client);

int gprobe_domain_attach(struct gprobe_client *client, uint32_t domid,
			 uint32_t domctl_version,
			 struct gprobe_domain_info *info);
int gprobe_domain_take_over(struct gprobe_client *client, uint32_t domid,
			    uint32_t domctl_version,
			    struct gprobe_domain_info *info);
int gprobe_domain_detach(struct gprobe_client *client, uint32_t domid);
int gprobe_domain_get(struct gprobe_client *client, uint32_t domid,
		      struct gprobe_domain_info *info);
int gprobe_view_new(struct gprobe_client *client, uint32_t domid,
		    struct gprobe_view_info *info);
int gprobe_view_del(struct gprobe_client *client, uint32_t domid, uint32_t id);
int gprobe_view_get(struct gprobe_client *client, uint32_t domid, uint32_t id,
		    struct gprobe_view_info *info);
int gprobe_view_switch(struct gprobe_client *client, uint32_t domid,
		       uint32_t id);
int gprobe_claim_new(struct gprobe_client *client,
		     const struct gprobe_claim_spec *spec,
		     struct gprobe_claim_info *info);
int gprobe_claim_del(struct gprobe_client *client, uint32_t id,
		     struct gprobe_claim_info *info);
int gprobe_claim_get(struct gprobe_client *client, uint32_t id,
		     struct gprobe_claim_info *info);

/*
 * A trap tells of what a guest does, whatever its code is: that it writes to a
 * control register or an MSR, executes CPUID, and so on. It needs nothing in the
 * guest's memory, and Xen's monitor of that kind is on while a session has it.
 */
const char *gprobe_trap_name(uint32_t kind);
uint32_t gprobe_trap_kind(const char *name);
int gprobe_trap_new(struct gprobe_client *client,
		    const struct gprobe_trap_spec *spec,
		    struct gprobe_trap_info *info);
int gprobe_trap_del(struct gprobe_client *client, uint32_t id,
		    struct gprobe_trap_info *info);
int gprobe_trap_get(struct gprobe_client *client, uint32_t id,
		    struct gprobe_trap_info *info);

/*
 * A session that is pinned by a name outlives its client: its claims count and
 * record on until it is unpinned, or another client takes it and releases them.
 * Not one that watches page tables or has upcalls: nobody would reply.
 */
int gprobe_client_pin(struct gprobe_client *client, uint32_t id,
		      const char *name);
int gprobe_client_unpin(struct gprobe_client *client, const char *name);
int gprobe_client_take(struct gprobe_client *client, const char *name);

/*
 * Which entries of a page a session watches is one set: a later call replaces
 * it, no entries end it. A vCPU that stores to one of them waits, the store
 * done, until the session has replied; one that hits a claim with
 * GPROBE_ACTION_UPCALL waits before the instruction, and one that does what a trap
 * with that action is told of waits until it is known whether it may.
 *
 * It is the session's to see to that it replies: it polls gprobe_client_fd() for
 * POLLIN and reads what is there. An upcall that comes while a call waits for
 * its answer is kept for gprobe_upcall_read(): after each call, and before
 * poll(), read until -EAGAIN.
 *
 * A reply that the module refuses (-EINVAL, -EOPNOTSUPP, -EPERM, -EBUSY) changes
 * nothing: the vCPU waits on, for another reply or until its time is up.
 */
int gprobe_watch_set(struct gprobe_client *client,
		     const struct gprobe_watch *watch);
int gprobe_client_fd(const struct gprobe_client *client);
int gprobe_upcall_read(struct gprobe_client *client,
		       struct gprobe_upcall *upcall);
int gprobe_upcall_reply(struct gprobe_client *client,
			const struct gprobe_upcall *upcall,
			const struct gprobe_verdict *verdict);
int gprobe_upcall_reply_all(struct gprobe_client *client,
			    struct gprobe_reply *replies, size_t nr);

/*
 * Lists: *infos is an array of *nr, to be freed with free(); it is consistent:
 * a list that changed while it was read is read again.
 */
int gprobe_domain_list(struct gprobe_client *client,
		       struct gprobe_domain_info **infos, size_t *nr);
int gprobe_view_list(struct gprobe_client *client, uint32_t domid,
		     struct gprobe_view_info **infos, size_t *nr);
int gprobe_site_list(struct gprobe_client *client, uint32_t domid,
		     struct gprobe_site_info **infos, size_t *nr);
int gprobe_claim_list(struct gprobe_client *client, uint32_t domid,
		      struct gprobe_claim_info **infos, size_t *nr);

int gprobe_trap_list(struct gprobe_client *client, uint32_t domid,
		     struct gprobe_trap_info **infos, size_t *nr);
int gprobe_session_list(struct gprobe_client *client,
			struct gprobe_session_info **infos, size_t *nr);
int gprobe_watch_list(struct gprobe_client *client, uint32_t domid,
		      struct gprobe_watch **watches, size_t *nr);

/**
 * struct gprobe_notification - something happened
 * @cmd: GPROBE_CMD_*_NTF
 * @domain: of the DOMAIN commands
 * @claim: of the CLAIM commands
 */
struct gprobe_notification {
	uint32_t cmd;
	union {
		struct gprobe_domain_info domain;
		struct gprobe_claim_info claim;
	};
};

int gprobe_monitor_open(struct gprobe_monitor **monitor);
void gprobe_monitor_close(struct gprobe_monitor *monitor);
int gprobe_monitor_fd(const struct gprobe_monitor *monitor);
int gprobe_monitor_read(struct gprobe_monitor *monitor,
			struct gprobe_notification *notification);

#endif /* GPROBE_CLIENT_H */
