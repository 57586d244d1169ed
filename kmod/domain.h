/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An attached guest.
 *
 * Locks, outermost first:
 *
 *   gprobe_control_mutex	everything that netlink, a socket's end or a
 *				guest's death changes; may be held across
 *				hypercalls and sleeps
 *   poller_mutex (poller.c)	whose rings poll_cpu looks at; setting_mutex, that
 *				parameter's own, comes before it
 *   domain->event_lock		the ring, the vCPU states, the tables, the
 *				claims' hits; taken by the event-channel
 *				handler for a whole batch, so nothing in it
 *				may sleep
 *
 * What only the control side reads or writes needs the mutex alone. What the
 * handler reads is changed under both. The handler holds no pointer into a
 * table outside the event lock: what is out of the tables when the lock is
 * dropped can be freed at once.
 */
#ifndef GPROBE_DOMAIN_H
#define GPROBE_DOMAIN_H

#include <linux/idr.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

#include "../include/uapi/linux/gprobe.h"
#include "dispatch.h"
#include "poll.h"
#include "ring.h"
#include "shadow.h"
#include "store.h"
#include "table.h"
#include "trapped.h"
#include "upcall.h"
#include "verdict.h"
#include "xen.h"

struct gprobe_multi;
struct gprobe_session;
struct gprobe_view;
struct netlink_ext_ack;

extern struct mutex gprobe_control_mutex;
/* Live and gone domains by a serial number, for dumps. */
extern struct idr gprobe_domains;

/* Figures since attach; see GPROBE_A_STATS_*. Written under the event lock. */
struct gprobe_stats {
	u64 events;
	u64 batches;
	u64 hits;
	u64 reinjected;
	u64 stale;
	u64 emulated;
	u64 fast;
	u64 toggled;
	u64 skipped;
	u64 polled;
	u64 table_writes;
	u64 table_walks;
	u64 upcalls;
	u64 upcall_timeouts;
	u64 emul_failed;
	u64 reads;
	u64 writes;
	u64 unknown;
	u64 lost;
};

/**
 * struct gprobe_vcpu - what we told a vCPU to do last
 * @stepping: a toggle single-step is on; its event is still to come
 * @return_view: where it goes back to after that step
 * @wrote: that step is a store to a probed frame or to a watched page, or may
 *	be
 * @store: where
 * @emulated: key of the site whose bytes it was told to emulate; 0: none
 * @hit: its last hit, to know the rest of a REP instruction by
 * @hit.key: of the site; 0: none
 * @hit.rcx: what it had in RCX
 * @hit.rsp: and in RSP
 * @hit.rsi: and in RSI
 * @hit.rdi: and in RDI
 * @tell_step: whom to tell of the step that it does
 * @ran_ns: while it is waited for: how long it had run before
 * @alone_in: the view that a verdict has sent it to; 0: none
 * @nr_upcalls: for how many upcalls it waits
 * @held: while it does:
 * @held.event: its event
 * @held.time_ns: of a hit: when it was taken, as gprobe_clock_ns() says
 * @held.answer: how it will go on; from a hit, or what is trapped, yet empty
 * @held.site_key: of the hit; 0: it is another event
 * @held.trapped: the event of a monitor; its kind 0: it is another event
 * @held.regs: its registers, unless it waits for a TABLE alone
 * @held.is_64bit: with them: the mode that it is in
 * @held.verdict: the one that counts so far; at first CONTINUE
 * @held.verdict_seq: the upcall that it was given for
 * @held.by: who has given it; NULL: gone meanwhile
 *
 * Under the event lock, but @ran_ns: under the control lock.
 */
struct gprobe_vcpu {
	bool stepping;
	bool wrote;
	u16 return_view;
	struct gprobe_store store;
	u64 emulated;
	struct {
		u64 key;
		u64 rcx;
		u64 rsp;
		u64 rsi;
		u64 rdi;
	} hit;
	struct gprobe_told tell_step;
	u64 ran_ns;
	u16 alone_in;
	u32 nr_upcalls;
	struct {
		struct gprobe_event event;
		u64 time_ns;
		struct gprobe_answer answer;
		u64 site_key;
		struct gprobe_trapped trapped;
		struct gprobe_regs regs;
		bool is_64bit;
		struct gprobe_verdict verdict;
		u64 verdict_seq;
		struct gprobe_told by;
	} held;
};

/**
 * struct gprobe_domain - an attached guest
 * @serial: its number in gprobe_domains
 * @xen: who it is
 * @gone: it died: only figures are left
 * @draining: being detached: every vCPU is sent to view 0
 * @altp2m_was_on: before us
 * @nr_vcpus: length of @vcpus
 * @vcpus: their states
 * @ring: its monitor ring
 * @batch: the events that are being answered
 * @poll: when to wait for its next event
 * @awake: expires a tick after the last event; see keep_tick()
 * @event_lock: see above
 * @peek: for a look at a frame from the event handler
 * @sites: (view, gfn, offset) to site
 * @frames: (view, gfn, 0) to frame
 * @watches: (view, gfn, 0) to watch
 * @nr_watches: how many
 * @no_r_pw: GPROBE_XEN_ACCESS_R_PW is not to be had, as its use has shown
 * @traps: of each kind; all sessions'
 * @defers: Xen waits with monitored writes for their event's answer
 * @owes: a vCPU may be yet to do, when it next runs, what an answer has said; see
 *	gprobe_domain_pause_settled()
 * @upcalls: raised and not done with
 * @upcall_seq: number of the last one
 * @upcall_tasklet: sends them
 * @upcall_timer: looks after late ones
 * @unused_frames: that no site is left in, and that could not be dropped yet
 * @pool: shadow frames
 * @multi: room for the hypercalls of what is done at once; under the control lock
 * @views: all views
 * @tap: the view all sessions share; NULL once the guest is gone
 * @active: the view the guest runs in
 * @attachments: of its sessions
 * @nr_sessions: how many
 * @nr_claims: of all sessions
 * @stats: figures
 */
struct gprobe_domain {
	int serial;
	struct gprobe_xen xen;
	bool gone;
	bool draining;
	bool altp2m_was_on;
	u32 nr_vcpus;
	struct gprobe_vcpu *vcpus;
	struct gprobe_ring ring;
	struct gprobe_batch batch;
	struct gprobe_poll poll;
	struct timer_list awake;
	spinlock_t event_lock;
	struct gprobe_map peek;
	struct gprobe_table sites;
	struct gprobe_table frames;
	struct gprobe_table watches;
	u32 nr_watches;
	bool no_r_pw;
	struct list_head traps[GPROBE_TRAP_KIND_MAX + 1];
	bool defers;
	bool owes;
	struct list_head upcalls;
	u64 upcall_seq;
	struct tasklet_struct upcall_tasklet;
	struct timer_list upcall_timer;
	struct list_head unused_frames;
	struct gprobe_shadow_pool pool;
	struct gprobe_multi *multi;
	struct list_head views;
	struct gprobe_view *tap;
	struct gprobe_view *active;
	struct list_head attachments;
	u32 nr_sessions;
	u32 nr_claims;
	struct gprobe_stats stats;
};

/**
 * struct gprobe_attach_spec - what is to be attached to
 * @domid: the guest
 * @domctl_version: see struct gprobe_xen
 * @take_over: from an agent that is dead
 */
struct gprobe_attach_spec {
	u32 domid;
	u32 domctl_version;
	bool take_over;
};

struct gprobe_domain *gprobe_domain_find(u32 domid);
struct gprobe_domain *
gprobe_domain_attach(const struct gprobe_attach_spec *spec,
		     struct netlink_ext_ack *extack);
void gprobe_domain_detach(struct gprobe_domain *domain);
void gprobe_domain_check_deaths(void);
int gprobe_domain_pause_settled(struct gprobe_domain *domain);

#endif /* GPROBE_DOMAIN_H */
