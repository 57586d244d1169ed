/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * /dev/gprobe-fake, only in a module built for tests without Xen
 * (GPROBE_FAKE=y): guests whose vCPUs are threads of a test program. An open
 * file is a guest, once it is made; when it is closed, the guest is gone.
 *
 * mmap() at offset gfn * 4096 shows the guest's own frame there.
 */
#ifndef GPROBE_FAKE_UAPI_H
#define GPROBE_FAKE_UAPI_H

#include <linux/ioctl.h>
#include <linux/types.h>

#include "../xen_abi.h"

#define GPROBE_FAKE_DEVICE		"gprobe-fake"
/* What attach must be told. */
#define GPROBE_FAKE_DOMCTL_VERSION	0x15

/* Where the monitor ring is. */
#define GPROBE_FAKE_RING_GFN(pages)	((pages) - 2)

/* Who knows GPROBE_XEN_ACCESS_R_PW: the module's parameter fake_r_pw. */
#define GPROBE_FAKE_R_PW_NONE		0
#define GPROBE_FAKE_R_PW_XEN		1
#define GPROBE_FAKE_R_PW_CPU		2

#define GPROBE_FAKE_VCPUS_MAX		128
#define GPROBE_FAKE_PAGES_MAX		1024
/* Xen's number up to 4.20; view 0 is one of them. */
#define GPROBE_FAKE_VIEWS		10

/**
 * struct gprobe_fake_guest - a guest to be made
 * @domid: not in use
 * @vcpus: how many
 * @pages: at gfns 0 to @pages - 1, two at least; the last but one is the
 *	monitor ring's
 * @pad: nothing
 */
struct gprobe_fake_guest {
	__u32 domid;
	__u32 vcpus;
	__u32 pages;
	__u32 pad;
};

/* How an instruction came to its end. */
enum {
	/* The vCPU executed it. */
	GPROBE_FAKE_NATIVE = 1,
	/* Xen did. */
	GPROBE_FAKE_EMULATED,
	/* An answer moved RIP to elsewhere. */
	GPROBE_FAKE_MOVED,
	/* It was an INT3: the guest's handler has it. */
	GPROBE_FAKE_INT3,
	/* Xen could not emulate it: the guest's handler for #UD has it. */
	GPROBE_FAKE_UD,
	/* An answer denied what it was to write. */
	GPROBE_FAKE_DENIED,
	/* It was not executed: the guest's handler of another fault has it. */
	GPROBE_FAKE_FAULT,
};

/* Xen cannot emulate the instruction. */
#define GPROBE_FAKE_NO_EMULATION	(1u << 0)
/* It stores nothing: the page walk sets the accessed bit in the byte there. */
#define GPROBE_FAKE_WALKS		(1u << 1)

/**
 * struct gprobe_fake_insn - an instruction of a vCPU, in RUN
 * @vcpu: whose; one thread at a time for each
 * @flags: GPROBE_FAKE_NO_EMULATION, GPROBE_FAKE_WALKS
 * @gfn: where it stands
 * @offset: in that frame; not across its end
 * @bytes: of the instruction, 1..15
 * @load_bytes: 0, 1, 2, 4 or 8: it loads so many bytes
 * @load_gfn: from this frame
 * @load_offset: here
 * @store_bytes: 0, 1, 2, 4 or 8: it stores so many bytes
 * @store_gfn: to this frame
 * @store_offset: here
 * @value: these; out: what was loaded
 * @deed: GPROBE_XEN_REASON_* of what it does besides, if Xen has a monitor for
 *	that; 0: nothing
 * @detail: then what Xen tells of it: the request's u
 * @pad: 0
 * @regs: the vCPU's registers before it; out: after it
 * @how: out: GPROBE_FAKE_NATIVE and so on
 * @events: out: how many monitor events it made
 * @executed: out: what was executed; by Xen: the sixteen bytes it was given
 *
 * RUN returns when the instruction is retired. -EFAULT: no memory at @gfn.
 * -ESHUTDOWN: the guest died.
 */
struct gprobe_fake_insn {
	__u32 vcpu;
	__u32 flags;
	__u64 gfn;
	__u32 offset;
	__u32 bytes;
	__u32 load_bytes;
	__u32 store_bytes;
	__u64 load_gfn;
	__u64 store_gfn;
	__u32 load_offset;
	__u32 store_offset;
	__u64 value;
	__u64 detail[4];
	__u32 deed;
	__u32 pad;
	struct gprobe_xen_regs regs;
	__u32 how;
	__u32 events;
	__u8 executed[GPROBE_XEN_INSN_BYTES];
};

/**
 * struct gprobe_fake_page - what a view shows, in LOOK
 * @view: the view, or 0
 * @access: out: GPROBE_XEN_ACCESS_*
 * @gfn: which page
 * @data: where its 4096 bytes go
 *
 * -ENOENT: nothing there, or no such view.
 */
struct gprobe_fake_page {
	__u32 view;
	__u32 access;
	__u64 gfn;
	__u64 data;
};

/**
 * struct gprobe_fake_state - a guest as Xen sees it
 * @tot_pages: it has
 * @max_pages: it may have
 * @max_gfn: the highest gfn it ever had
 * @pause_count: how often it is paused
 * @views: that exist, but view 0
 * @viewed_vcpus: vCPUs that are in one of them
 * @waiting_vcpus: vCPUs whose event is not answered
 * @queued_vcpus: vCPUs that wait for a free slot
 * @stepping_vcpus: vCPUs that single-step
 * @monitors: bit n: GPROBE_XEN_MONITOR_* n is on
 * @altp2m: it is on
 * @ring: it is enabled
 * @ring_populated: there is a page at its gfn
 * @maps: foreign mappings of its frames
 * @channels: bound to it
 * @dying: it is
 * @ctrlregs: bit n: writes to GPROBE_XEN_CTRLREG_* n are monitored
 * @sync: the same of those whose vCPU is paused
 * @msrs: how many MSRs are monitored
 * @removed: pages taken from it, or from a view, while it ran and had a ring
 * @lost: answers to monitors that were not yet done when the ring was disabled
 * @requests: events put since the guest was made
 * @responses: of these, taken by Xen
 * @refused: responses that Xen could make nothing of
 * @injected: exceptions given to the guest
 */
struct gprobe_fake_state {
	__u64 tot_pages;
	__u64 max_pages;
	__u64 max_gfn;
	__u32 pause_count;
	__u32 views;
	__u32 viewed_vcpus;
	__u32 waiting_vcpus;
	__u32 queued_vcpus;
	__u32 stepping_vcpus;
	__u32 monitors;
	__u32 altp2m;
	__u32 ring;
	__u32 ring_populated;
	__u32 maps;
	__u32 channels;
	__u32 dying;
	__u32 ctrlregs;
	__u32 sync;
	__u32 msrs;
	__u64 removed;
	__u64 lost;
	__u64 requests;
	__u64 responses;
	__u64 refused;
	__u64 injected;
};

/* What an agent that died has left, in LEAVE: with the ring it always left. */
#define GPROBE_FAKE_LEFT_VIEW		(1u << 0)	/* vCPUs in a view */
#define GPROBE_FAKE_LEFT_STEPPING	(1u << 1)	/* vCPU 0 single-steps */
#define GPROBE_FAKE_LEFT_WAITING	(1u << 2)	/* vCPU 0's event */

#define GPROBE_FAKE_CREATE	_IOW('g', 1, struct gprobe_fake_guest)
#define GPROBE_FAKE_RUN		_IOWR('g', 2, struct gprobe_fake_insn)
#define GPROBE_FAKE_LOOK	_IOWR('g', 3, struct gprobe_fake_page)
#define GPROBE_FAKE_STATE	_IOR('g', 4, struct gprobe_fake_state)
/* Put a request, whatever it is, for which no vCPU waits. -EAGAIN: no slot. */
#define GPROBE_FAKE_PUT		_IOW('g', 5, struct gprobe_xen_slot)
/* Ring the bell; the ring's page can be written through mmap(). */
#define GPROBE_FAKE_KICK	_IO('g', 6)
/* The guest is dying from now on. */
#define GPROBE_FAKE_DIE		_IO('g', 7)
#define GPROBE_FAKE_LEAVE	_IO('g', 8)
/* Guests that are closed, but not gone: somebody maps their memory. */
#define GPROBE_FAKE_ZOMBIES	_IO('g', 9)

#endif /* GPROBE_FAKE_UAPI_H */
