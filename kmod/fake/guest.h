/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The fake's guests: what Xen knows of each.
 *
 * Locks: guests_lock, then a guest's @lock. Both are taken with interrupts off:
 * the module calls from interrupt handlers too, under its event lock. A
 * channel's lock is inside a guest's.
 */
#ifndef GPROBE_FAKE_GUEST_H
#define GPROBE_FAKE_GUEST_H

#include <linux/bitmap.h>
#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <xen/interface/event_channel.h>

#include "uapi.h"

struct xen_add_to_physmap_range;
struct xen_remove_from_physmap;

/**
 * struct fake_entry - a view's entry for a gfn
 * @page: the frame, a reference to it; NULL: as view 0 has it, when needed
 * @access: GPROBE_XEN_ACCESS_*
 */
struct fake_entry {
	struct page *page;
	u8 access;
};

/**
 * struct fake_view - an altp2m view
 * @used: it exists
 * @lowest: gfn that another one was made to show
 * @highest: such gfn
 * @entries: by gfn
 */
struct fake_view {
	bool used;
	u64 lowest;
	u64 highest;
	struct fake_entry *entries;
};

/* An access right is one bit: xenmem_access_t, up to rwx. */
#define FAKE_CAN_READ		1
#define FAKE_CAN_WRITE		2
#define FAKE_CAN_EXECUTE	4

/* gfns of a large page; Xen's have 512 or 262144. */
#define FAKE_LARGE	8

/**
 * struct fake_event - what a vCPU has to tell, and has no slot for yet
 * @reason: GPROBE_XEN_REASON_*; 0: nothing
 * @async: its vCPU is not paused
 * @gfn: of the access or the breakpoint
 * @offset: of the access
 * @access: GPROBE_XEN_MEM_*
 */
struct fake_event {
	u32 reason;
	bool async;
	u64 gfn;
	u64 offset;
	u32 access;
};

/**
 * struct fake_vcpu - a vCPU
 * @busy: a thread plays it
 * @waiting: its event is not answered yet
 * @queued: it waits for a free slot
 * @event: what it will put there
 * @view: it runs in
 * @stepping: a single-step of the toggle kind is on
 * @fast: one of the fast kind
 * @fast_view: where it goes after that
 * @retired: the instruction that it told of is done
 * @told: its event was a monitor's
 * @injected: an exception is pending for the guest
 * @vector: which
 * @ran: how often it did something
 * @skips: an entry was removed: at its next resume it does not do what it is to
 * @answer: what the answer to its event asks for, to be done when it runs
 * @answer.flags: GPROBE_XEN_EV_*, of those that are done then
 * @answer.insn: what to emulate
 * @answer.gpr: registers to be set
 * @answer.rip: as well
 * @answer.rflags: as well
 */
struct fake_vcpu {
	bool busy;
	bool waiting;
	bool queued;
	struct fake_event event;
	u16 view;
	bool stepping;
	bool fast;
	u16 fast_view;
	bool retired;
	bool told;
	bool injected;
	u8 vector;
	u64 ran;
	bool skips;
	struct {
		u32 flags;
		u8 insn[GPROBE_XEN_INSN_BYTES];
		u64 gpr[GPROBE_XEN_GPRS];
		u64 rip;
		u64 rflags;
	} answer;
};

/* MSRs that can be monitored at once. */
#define FAKE_MSRS	8

/**
 * struct fake_monitors - how monitors are that have settings
 * @ctrlregs: bit n: GPROBE_XEN_CTRLREG_* n is on
 * @sync: bit n: and pauses the vCPU
 * @masks: bits of these whose change is not told
 * @msrs: MSRs that are on
 * @nr_msrs: how many
 * @request_sync: a guest's request pauses the vCPU
 * @debug_sync: a debug exception does
 * @defers: writes wait for their answer
 */
struct fake_monitors {
	u32 ctrlregs;
	u32 sync;
	u64 masks[GPROBE_XEN_CTRLREG_XCR0 + 1];
	u32 msrs[FAKE_MSRS];
	u32 nr_msrs;
	bool request_sync;
	bool debug_sync;
	bool defers;
};

/**
 * struct fake_guest - a guest
 * @node: in the list of those that can be found
 * @refs: the file, each foreign mapping, each caller
 * @free_work: frees it when the last of them is gone
 * @domid: its number
 * @nr_vcpus: how many
 * @nr_gfns: gfns that it can have
 * @lock: all below
 * @wait: vCPUs that may not run wait here
 * @dying: it is
 * @pause_count: how often it is paused
 * @frames: by gfn; NULL: none
 * @large: by gfn / FAKE_LARGE: these are one large page
 * @tot_pages: how many
 * @max_pages: the limit
 * @max_gfn: the highest ever
 * @altp2m: it is on
 * @views: the views
 * @monitors: which are on
 * @settings: of monitors
 * @ring: the monitor ring's page while it is enabled, and a reference to it
 * @ring_gfn: its place
 * @req_prod: requests put
 * @rsp_cons: responses taken
 * @channel: our end of its event channel; NULL: not bound
 * @maps: foreign mappings
 * @channels: how many channels are bound to it
 * @state: counters of struct gprobe_fake_state
 * @vcpus: the vCPUs
 */
struct fake_guest {
	struct list_head node;
	refcount_t refs;
	struct work_struct free_work;
	u32 domid;
	u32 nr_vcpus;
	u64 nr_gfns;
	spinlock_t lock;
	wait_queue_head_t wait;
	bool dying;
	u32 pause_count;
	struct page **frames;
	DECLARE_BITMAP(large, GPROBE_FAKE_PAGES_MAX / FAKE_LARGE);
	u64 tot_pages;
	u64 max_pages;
	u64 max_gfn;
	bool altp2m;
	struct fake_view views[GPROBE_FAKE_VIEWS];
	u32 monitors;
	struct fake_monitors settings;
	struct page *ring;
	u64 ring_gfn;
	u32 req_prod;
	u32 rsp_cons;
	struct fake_channel *channel;
	u32 maps;
	u32 channels;
	struct gprobe_fake_state state;
	struct fake_vcpu vcpus[];
};

extern struct workqueue_struct *fake_workqueue;

struct fake_guest *fake_guest_new(const struct gprobe_fake_guest *spec);
void fake_guest_del(struct fake_guest *guest);
void fake_guest_die(struct fake_guest *guest);
struct fake_guest *fake_guest_get(u32 domid);
struct fake_guest *fake_guest_get_next(u32 domid);
void fake_guest_put(struct fake_guest *guest);
unsigned int fake_guest_zombies(void);
void fake_guest_state(struct fake_guest *guest,
		      struct gprobe_fake_state *state);
void fake_guest_left(struct fake_guest *guest, unsigned long what);

/* p2m.c: memory and views. The guest's lock is held. */
int fake_p2m_populate(struct fake_guest *guest, u64 gfn, struct page *page);
int fake_p2m_depopulate(struct fake_guest *guest, u64 gfn);
const struct fake_entry *fake_p2m_lookup(struct fake_guest *guest, u16 view,
					 u64 gfn, struct fake_entry *host);
int fake_p2m_access(struct fake_guest *guest, u16 view, u64 gfn, u16 *access);
int fake_p2m_set_access(struct fake_guest *guest, u16 view, u64 gfn,
			u16 access);
bool fake_p2m_walk_may_write(u8 access);
int fake_p2m_fill(struct fake_guest *guest, u16 view, u64 gfn);
int fake_p2m_change(struct fake_guest *guest, u16 view, u64 gfn, u64 to_gfn);
int fake_p2m_create(struct fake_guest *guest, u16 *view);
int fake_p2m_destroy(struct fake_guest *guest, u16 view);
int fake_p2m_switch(struct fake_guest *guest, u16 view);
void fake_p2m_off(struct fake_guest *guest);
bool fake_p2m_has_view(const struct fake_guest *guest, u16 view);

/* vm_event.c: the monitor ring. The guest's lock is held. */
int fake_ring_enable(struct fake_guest *guest);
int fake_ring_disable(struct fake_guest *guest);
bool fake_ring_has_slot(const struct fake_guest *guest);
void fake_ring_put(struct fake_guest *guest,
		   const struct gprobe_xen_slot *request);
void fake_ring_resume(struct fake_guest *guest);

/* monitor.c. The guest's lock is held. */
int fake_monitor_op(struct fake_guest *guest,
		    const struct gprobe_xen_monitor_op *op);
void fake_monitors_off(struct fake_guest *guest);
bool fake_monitor_wants(const struct fake_guest *guest,
			const struct gprobe_fake_insn *insn, bool *sync);
bool fake_monitor_defers(const struct fake_guest *guest, u32 reason);

/* vcpu.c */
int fake_vcpu_run(struct fake_guest *guest, struct gprobe_fake_insn *insn);

/* channel.c. The guest's lock is held. */
void fake_channel_raise(struct fake_channel *channel);

/* host.c */
void fake_host_release_domain(void);
int fake_map_add(const struct xen_add_to_physmap_range *op);
int fake_map_remove(const struct xen_remove_from_physmap *op);

/* device.c */
int fake_device_init(void);
void fake_device_exit(void);

#endif /* GPROBE_FAKE_GUEST_H */
