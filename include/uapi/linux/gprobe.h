/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * gprobe's generic netlink family: probes in Xen guests.
 *
 * The protocol's document is Documentation/netlink/specs/gprobe.yaml; a test
 * keeps it, this header and the module's policies in agreement.
 *
 * The module knows frames: a claim names a guest frame (gfn) and an offset in
 * it, never a virtual address. All commands need CAP_SYS_ADMIN.
 *
 * A socket that attaches to a domain becomes a session. Everything a session
 * made dies with its socket, however the socket dies; unless it is pinned by a
 * name, as BPF objects are.
 */
#ifndef _UAPI_LINUX_GPROBE_H
#define _UAPI_LINUX_GPROBE_H

#include <linux/types.h>

#define GPROBE_FAMILY_NAME	"gprobe"
#define GPROBE_FAMILY_VERSION	1

/* Multicast group of the notifications (_NTF commands). */
#define GPROBE_MCGRP_MONITOR	"monitor"

/* Longest label of a claim, without the NUL. */
#define GPROBE_LABEL_MAX	127

/* No x86 instruction is longer. */
#define GPROBE_INSN_BYTES_MAX	15

/* gfns have 40 bits: x86-64 physical addresses have at most 52. */
#define GPROBE_GFN_BITS		40

/* A page of a page table has so many entries: a bit each. */
#define GPROBE_ENTRIES		512
#define GPROBE_ENTRIES_BYTES	64

/* A set of vCPUs has at most so many bytes: 512, and Xen gives a guest 128. */
#define GPROBE_VCPU_BYTES_MAX	64

/* Longest name of a pinned session, without the NUL. */
#define GPROBE_PIN_MAX		63

/* The set of all privilege levels: bit n is CPL n. */
#define GPROBE_CPLS_ALL		15

enum {
	/* Join a domain; the first session sets the guest up. */
	GPROBE_CMD_DOMAIN_ATTACH = 1,
	/* Leave a domain; the last session returns the guest as found. */
	GPROBE_CMD_DOMAIN_DETACH,
	GPROBE_CMD_DOMAIN_GET,
	GPROBE_CMD_DOMAIN_ATTACH_NTF,
	/* The domain was detached, or died (its state tells). */
	GPROBE_CMD_DOMAIN_DETACH_NTF,

	/* Make an altp2m view of the session's own. */
	GPROBE_CMD_VIEW_NEW,
	GPROBE_CMD_VIEW_DEL,
	GPROBE_CMD_VIEW_GET,
	/* Run all of the guest's vCPUs in this view. */
	GPROBE_CMD_VIEW_SWITCH,

	/* One breakpoint location (view, gfn, offset); made by its claims. */
	GPROBE_CMD_SITE_GET,

	GPROBE_CMD_CLAIM_NEW,
	GPROBE_CMD_CLAIM_DEL,
	GPROBE_CMD_CLAIM_GET,
	GPROBE_CMD_CLAIM_NEW_NTF,
	GPROBE_CMD_CLAIM_DEL_NTF,

	/* Which entries of a page table's page are watched; none: no more. */
	GPROBE_CMD_WATCH_SET,
	GPROBE_CMD_WATCH_GET,

	/* To one session: a vCPU waits for its UPCALL_REPLY. */
	GPROBE_CMD_UPCALL_NTF,
	/* To that session: it waited too long, and goes on. */
	GPROBE_CMD_UPCALL_TIMEOUT_NTF,
	/* Let the vCPU go on. */
	GPROBE_CMD_UPCALL_REPLY,

	GPROBE_CMD_SESSION_GET,
	/* Give a session a name: it outlives its socket. */
	GPROBE_CMD_SESSION_PIN,
	/* Take the name away; without a socket the session ends. */
	GPROBE_CMD_SESSION_UNPIN,
	/* Become the socket of a pinned session that has none. */
	GPROBE_CMD_SESSION_TAKE,

	/* Be told of what a guest does, whatever its code is: a monitor of Xen's. */
	GPROBE_CMD_TRAP_NEW,
	GPROBE_CMD_TRAP_DEL,
	GPROBE_CMD_TRAP_GET,

	__GPROBE_CMD_MAX,
	GPROBE_CMD_MAX = (__GPROBE_CMD_MAX - 1)
};

/**
 * enum gprobe_domain_state - where a domain is between attach and detach
 * @GPROBE_DOMAIN_STATE_LIVE: attached; its events are answered
 * @GPROBE_DOMAIN_STATE_GONE: the guest died; its figures can still be read
 * @GPROBE_DOMAIN_STATE_DETACHED: the last session left (only in a notification)
 */
enum gprobe_domain_state {
	GPROBE_DOMAIN_STATE_LIVE = 1,
	GPROBE_DOMAIN_STATE_GONE,
	GPROBE_DOMAIN_STATE_DETACHED,

	__GPROBE_DOMAIN_STATE_MAX,
	GPROBE_DOMAIN_STATE_MAX = (__GPROBE_DOMAIN_STATE_MAX - 1)
};

/**
 * enum gprobe_action - what a claim does with a hit, or a trap with an event
 * @GPROBE_ACTION_COUNT: count it, fire the gprobe_hit tracepoint, let the
 *	guest go on; no user space is woken
 * @GPROBE_ACTION_RECORD: the same, and fire the gprobe_record tracepoint, which
 *	has the registers
 * @GPROBE_ACTION_UPCALL: count it, fire the gprobe_hit tracepoint, and tell the
 *	session by UPCALL_NTF; the vCPU waits before the instruction until its
 *	UPCALL_REPLY says how it goes on
 *
 * The tracepoints of a trap are gprobe_trap and gprobe_trap_record.
 */
enum gprobe_action {
	GPROBE_ACTION_COUNT = 1,
	GPROBE_ACTION_RECORD,
	GPROBE_ACTION_UPCALL,

	__GPROBE_ACTION_MAX,
	GPROBE_ACTION_MAX = (__GPROBE_ACTION_MAX - 1)
};

/**
 * enum gprobe_step - how the instruction under an INT3 is executed
 * @GPROBE_STEP_EMULATE: Xen emulates the original bytes: one exit
 * @GPROBE_STEP_FAST: fast single-step in view 0: two exits, one event
 * @GPROBE_STEP_TOGGLE: single-step in view 0, two events
 * @GPROBE_STEP_SKIP: the instruction does nothing (a NOP of any length), so RIP
 *	moves past it; needs GPROBE_A_CLAIM_INSN_BYTES. The cheapest.
 * @GPROBE_STEP_STORE: as TOGGLE, for an instruction that stores to memory. In
 *	view 0 nothing traps its store, so all probed and watched pages are
 *	looked at after it.
 *
 * A claim that asks for no method gets EMULATE where the sixteen bytes from
 * its offset on lie in its frame, else FAST. An emulation that Xen cannot do
 * falls back to FAST and is remembered. Where claims of one place ask for
 * different methods, the most careful is used: SKIP, then EMULATE, FAST, TOGGLE,
 * STORE.
 * A guest that single-steps itself (RFLAGS.TF) gets, for SKIP, what no method
 * gets.
 */
enum gprobe_step {
	GPROBE_STEP_EMULATE = 1,
	GPROBE_STEP_FAST,
	GPROBE_STEP_TOGGLE,
	GPROBE_STEP_SKIP,
	GPROBE_STEP_STORE,

	__GPROBE_STEP_MAX,
	GPROBE_STEP_MAX = (__GPROBE_STEP_MAX - 1)
};

/**
 * enum gprobe_trap_kind - what a trap is told of
 * @GPROBE_TRAP_KIND_CR0: a write to CR0 that changes it
 * @GPROBE_TRAP_KIND_CR3: the same of CR3
 * @GPROBE_TRAP_KIND_CR4: the same of CR4
 * @GPROBE_TRAP_KIND_XCR0: the same of XCR0, on a host that has it
 * @GPROBE_TRAP_KIND_MSR: a WRMSR to the MSR of GPROBE_A_TRAP_MSR, be it one
 *	that the guest's CPU refuses
 * @GPROBE_TRAP_KIND_CPUID: a CPUID; the registers are those behind it, RIP is
 *	yet before it. Not one that is emulated because a probe stands on it.
 * @GPROBE_TRAP_KIND_DEBUG: a debug exception (#DB) of the guest's own
 * @GPROBE_TRAP_KIND_REQUEST: the guest called HVMOP_guest_request_vm_event
 * @GPROBE_TRAP_KIND_DESCRIPTOR: an instruction that reads or loads GDTR, IDTR,
 *	LDTR or TR
 * @GPROBE_TRAP_KIND_IO: IN, OUT, INS, OUTS, but not of the ports 0x80 and 0xed; from
 *	Xen 4.18 on
 * @GPROBE_TRAP_KIND_CALL: a privileged call; on ARM only
 * @GPROBE_TRAP_KIND_UNIMPLEMENTED: an instruction that Xen was to emulate and
 *	cannot; it is stepped
 *
 * With each event go up to four values:
 *
 *	kind		key		subkey		old, new
 *	CR*, XCR0	-		-		of the register
 *	MSR		its number	-		of the MSR
 *	CPUID		the leaf	the subleaf	-
 *	DEBUG		what DR6 gets,	3 an exception,	-
 *			or 0		5 ICEBP
 *	DESCRIPTOR	1 IDTR, 2 GDTR,	1 loaded,	-
 *			3 LDTR, 4 TR	0 read
 *	IO		the port	GPROBE_IO_*	-
 */
enum gprobe_trap_kind {
	GPROBE_TRAP_KIND_CR0 = 1,
	GPROBE_TRAP_KIND_CR3,
	GPROBE_TRAP_KIND_CR4,
	GPROBE_TRAP_KIND_XCR0,
	GPROBE_TRAP_KIND_MSR,
	GPROBE_TRAP_KIND_CPUID,
	GPROBE_TRAP_KIND_DEBUG,
	GPROBE_TRAP_KIND_REQUEST,
	GPROBE_TRAP_KIND_DESCRIPTOR,
	GPROBE_TRAP_KIND_IO,
	GPROBE_TRAP_KIND_CALL,
	GPROBE_TRAP_KIND_UNIMPLEMENTED,

	__GPROBE_TRAP_KIND_MAX,
	GPROBE_TRAP_KIND_MAX = (__GPROBE_TRAP_KIND_MAX - 1)
};

/**
 * enum gprobe_upcall_reason - why a vCPU waits for a session
 * @GPROBE_UPCALL_REASON_TABLE: it has stored to a watched entry of a page table. The
 *	store is done. Changes of the accessed and dirty bits alone are none.
 * @GPROBE_UPCALL_REASON_HIT: it has hit a claim with the action upcall. The
 *	instruction is not done.
 * @GPROBE_UPCALL_REASON_STEP: it was told to step; the instruction is done, or
 *	has trapped: its registers are those of now
 * @GPROBE_UPCALL_REASON_TRAP: it did what a trap with the action upcall is told of
 */
enum gprobe_upcall_reason {
	GPROBE_UPCALL_REASON_TABLE = 1,
	GPROBE_UPCALL_REASON_HIT,
	GPROBE_UPCALL_REASON_STEP,
	GPROBE_UPCALL_REASON_TRAP,

	__GPROBE_UPCALL_REASON_MAX,
	GPROBE_UPCALL_REASON_MAX = (__GPROBE_UPCALL_REASON_MAX - 1)
};

/**
 * enum gprobe_verdict_kind - how a vCPU goes on
 * @GPROBE_VERDICT_CONTINUE: as if nobody had asked; from a hit: past the
 *	instruction, by the step method of its place
 * @GPROBE_VERDICT_STEP: from a hit: the same by a single-step, after which it
 *	waits for this session again (GPROBE_UPCALL_REASON_STEP). Where the
 *	guest has an INT3 of its own, it gets that, and no step is told of.
 * @GPROBE_VERDICT_EMULATE: from a hit: Xen emulates the instruction of
 *	GPROBE_A_UPCALL_INSN, or the original one, and goes on behind what it
 *	emulated. What it cannot emulate is as CONTINUE, or gives the guest #UD.
 * @GPROBE_VERDICT_REGISTERS: with the registers of GPROBE_A_UPCALL_REGS; if RIP is
 *	as it was, from a hit past the instruction, else at the new RIP
 * @GPROBE_VERDICT_INJECT: into the handler of an exception, before the instruction
 * @GPROBE_VERDICT_VIEW: in the view of GPROBE_A_UPCALL_VIEW, which may be 0; this
 *	vCPU alone, until VIEW_SWITCH moves it. From a hit the instruction is
 *	met there anew.
 * @GPROBE_VERDICT_DENY: from a trap: what it was about to do is not done, and it
 *	goes on behind it: a write to CR0 (but CLTS), CR3, CR4 or an MSR; a debug
 *	exception, of which the guest then hears nothing
 *
 * A vCPU goes on when all its upcalls are replied to. Where several claims are hit
 * at once, the first verdict that is not CONTINUE is done, in the order in which
 * the claims were made, which is that of the upcalls' numbers. An upcall that is
 * not replied to in time, or whose session or claim goes, is CONTINUE.
 * From a TABLE there is CONTINUE only, from a STEP no STEP and no EMULATE.
 *
 * From a TRAP:
 *	CONTINUE, VIEW	what the guest does is done
 *	REGISTERS	it is done, and the registers are these behind it; if RIP
 *			is not as it was, at the new RIP: then the guest gets no
 *			debug exception, and of DESCRIPTOR, IO and UNIMPLEMENTED
 *			the instruction is not executed. From CR0, CR3, CR4 and
 *			MSR, RIP must be another: Xen does not tell where the
 *			instruction ends. From DESCRIPTOR, IO and UNIMPLEMENTED the
 *			instruction is executed with these registers.
 *	INJECT		it is not done, and the exception is at its instruction;
 *			not from XCR0 and CPUID, where it is done already
 *	DENY		as above
 */
enum gprobe_verdict_kind {
	GPROBE_VERDICT_CONTINUE = 1,
	GPROBE_VERDICT_STEP,
	GPROBE_VERDICT_EMULATE,
	GPROBE_VERDICT_REGISTERS,
	GPROBE_VERDICT_INJECT,
	GPROBE_VERDICT_VIEW,
	GPROBE_VERDICT_DENY,

	__GPROBE_VERDICT_MAX,
	GPROBE_VERDICT_MAX = (__GPROBE_VERDICT_MAX - 1)
};

/* Subkey of GPROBE_TRAP_KIND_IO: how many bytes; IN and not OUT; INS or OUTS. */
#define GPROBE_IO_BYTES_MASK	15
#define GPROBE_IO_IN		16
#define GPROBE_IO_STRING	32

/**
 * struct gprobe_regs - the registers of a vCPU before the instruction at @rip
 * @rax: the general registers, up to @r15, in the order of their numbers
 * @efer: LMA tells a 64-bit guest, with the L bit of its code segment
 * @shadow_gs: what SWAPGS would make the base of GS
 * @cpl: its privilege level
 * @cs: its code segment's selector
 */
struct gprobe_regs {
	__u64 rax;
	__u64 rcx;
	__u64 rdx;
	__u64 rbx;
	__u64 rsp;
	__u64 rbp;
	__u64 rsi;
	__u64 rdi;
	__u64 r8;
	__u64 r9;
	__u64 r10;
	__u64 r11;
	__u64 r12;
	__u64 r13;
	__u64 r14;
	__u64 r15;
	__u64 rip;
	__u64 rflags;
	__u64 cr0;
	__u64 cr2;
	__u64 cr3;
	__u64 cr4;
	__u64 efer;
	__u64 fs_base;
	__u64 gs_base;
	__u64 shadow_gs;
	__u32 cpl;
	__u32 cs;
};

/* Attributes of the DOMAIN commands. */
enum {
	GPROBE_A_DOMAIN_PAD = 1,
	GPROBE_A_DOMAIN_ID,		/* u32: Xen's domid */
	GPROBE_A_DOMAIN_DOMCTL_VERSION,	/* u32: XEN_DOMCTL_INTERFACE_VERSION */
	GPROBE_A_DOMAIN_STATE,		/* u32: enum gprobe_domain_state */
	GPROBE_A_DOMAIN_VCPUS,		/* u32 */
	GPROBE_A_DOMAIN_VIEW,		/* u32: the tap view all sessions share */
	GPROBE_A_DOMAIN_SESSIONS,	/* u32: sessions attached */
	GPROBE_A_DOMAIN_CLAIMS,		/* u32: claims of all sessions */
	GPROBE_A_DOMAIN_FRAMES,		/* u32: shadow frames in use */
	GPROBE_A_DOMAIN_STATS,		/* nest: GPROBE_A_STATS_* */
	GPROBE_A_DOMAIN_WATCHES,	/* u32: pages of page tables watched */
	GPROBE_A_DOMAIN_TAKE_OVER,	/* flag, in ATTACH: from an agent that is
					 * dead: its ring, its views, and vCPUs
					 * that wait for it for ever
					 */

	__GPROBE_A_DOMAIN_MAX,
	GPROBE_A_DOMAIN_MAX = (__GPROBE_A_DOMAIN_MAX - 1)
};

/* Figures of a domain since attach; all u64. */
enum {
	GPROBE_A_STATS_PAD = 1,
	GPROBE_A_STATS_EVENTS,		/* requests taken from the ring */
	GPROBE_A_STATS_BATCHES,		/* notifications sent to Xen */
	GPROBE_A_STATS_HITS,		/* INT3s of ours; claims matched or not */
	GPROBE_A_STATS_REINJECTED,	/* the guest's own INT3s, given back */
	GPROBE_A_STATS_STALE,		/* hits on a site just removed */
	GPROBE_A_STATS_EMULATED,	/* step-overs by emulation */
	GPROBE_A_STATS_FAST,		/* step-overs by fast single-step */
	GPROBE_A_STATS_TOGGLED,		/* step-overs by toggle single-step */
	GPROBE_A_STATS_EMUL_FAILED,	/* emulations that fell back */
	GPROBE_A_STATS_READS,		/* guest reads of a probed page */
	GPROBE_A_STATS_WRITES,		/* guest writes to a probed page */
	GPROBE_A_STATS_UNKNOWN,		/* events nobody asked for, answered */
	GPROBE_A_STATS_LOST,		/* requests that broke the protocol, and
					 * reinjections that Xen refused
					 */
	GPROBE_A_STATS_SKIPPED,		/* step-overs by moving RIP */
	GPROBE_A_STATS_POLLED,		/* events taken without an interrupt */
	GPROBE_A_STATS_TABLE_WRITES,	/* guest stores to a watched table's page */
	GPROBE_A_STATS_TABLE_WALKS,	/* accessed and dirty bits set there by a
					 * vCPU's page walk, if that has an event
					 */
	GPROBE_A_STATS_UPCALLS,		/* of all sessions */
	GPROBE_A_STATS_UPCALL_TIMEOUTS,	/* not replied to in time */

	__GPROBE_A_STATS_MAX,
	GPROBE_A_STATS_MAX = (__GPROBE_A_STATS_MAX - 1)
};

/* Attributes of the VIEW commands. */
enum {
	GPROBE_A_VIEW_DOMAIN = 1,	/* u32: domid */
	GPROBE_A_VIEW_ID,		/* u32: altp2m view number */
	GPROBE_A_VIEW_SESSION,		/* u32: its owner; absent: shared */
	GPROBE_A_VIEW_SITES,		/* u32 */
	GPROBE_A_VIEW_FRAMES,		/* u32: shadow frames in use */
	GPROBE_A_VIEW_ACTIVE,		/* flag: the guest runs in this view */

	__GPROBE_A_VIEW_MAX,
	GPROBE_A_VIEW_MAX = (__GPROBE_A_VIEW_MAX - 1)
};

/* Attributes of SITE_GET. */
enum {
	GPROBE_A_SITE_PAD = 1,
	GPROBE_A_SITE_DOMAIN,		/* u32: domid */
	GPROBE_A_SITE_VIEW,		/* u32 */
	GPROBE_A_SITE_GFN,		/* u64 */
	GPROBE_A_SITE_OFFSET,		/* u32: 0..4095 */
	GPROBE_A_SITE_STEP,		/* u32: enum gprobe_step, in use now */
	GPROBE_A_SITE_CLAIMS,		/* u32 */
	GPROBE_A_SITE_HITS,		/* u64 */

	__GPROBE_A_SITE_MAX,
	GPROBE_A_SITE_MAX = (__GPROBE_A_SITE_MAX - 1)
};

/* Attributes of the CLAIM commands. */
enum {
	GPROBE_A_CLAIM_PAD = 1,
	GPROBE_A_CLAIM_ID,		/* u32: given by the module */
	GPROBE_A_CLAIM_DOMAIN,		/* u32: domid */
	GPROBE_A_CLAIM_VIEW,		/* u32: absent in NEW: the tap view */
	GPROBE_A_CLAIM_GFN,		/* u64 */
	GPROBE_A_CLAIM_OFFSET,		/* u32: 0..4095 */
	GPROBE_A_CLAIM_ROOT,		/* u64: CR3 without its low 12 bits; absent: any */
	GPROBE_A_CLAIM_ACTION,		/* u32: enum gprobe_action */
	GPROBE_A_CLAIM_STEP,		/* u32: enum gprobe_step; absent: the module's choice */
	GPROBE_A_CLAIM_COOKIE,		/* u64: the session's own, in each tracepoint */
	GPROBE_A_CLAIM_LABEL,		/* string: for people; the module never reads it */
	GPROBE_A_CLAIM_SESSION,		/* u32: netlink port id of its owner */
	GPROBE_A_CLAIM_HITS,		/* u64: hits that its filters let through */
	GPROBE_A_CLAIM_INSN_BYTES,	/* u32: 1..15, with GPROBE_STEP_SKIP only */
	GPROBE_A_CLAIM_VCPUS,		/* binary: a set of vCPUs, bit n % 8 of byte
					 * n / 8; absent: all
					 */
	GPROBE_A_CLAIM_CPLS,		/* u32: a set of privilege levels; absent: all */
	GPROBE_A_CLAIM_FILTERED,	/* u64: hits that root, vCPUs or CPLs kept out */
	GPROBE_A_CLAIM_OFF_AFTER,	/* u64: hits, then it is off; absent: never */
	GPROBE_A_CLAIM_IS_OFF,		/* flag: it has had its hits and counts no more */
	GPROBE_A_CLAIM_RATE,		/* u32: most hits a second that tracepoints, or
					 * by upcalls the session, are told of;
					 * absent: all
					 */
	GPROBE_A_CLAIM_LIMITED,		/* u64: hits that they were not told of */
	GPROBE_A_CLAIM_PIN,		/* string: its session is pinned by this name */

	__GPROBE_A_CLAIM_MAX,
	GPROBE_A_CLAIM_MAX = (__GPROBE_A_CLAIM_MAX - 1)
};

/* Attributes of the WATCH commands. */
enum {
	GPROBE_A_WATCH_PAD = 1,
	GPROBE_A_WATCH_DOMAIN,		/* u32: domid */
	GPROBE_A_WATCH_VIEW,		/* u32: absent in SET: the tap view */
	GPROBE_A_WATCH_GFN,		/* u64: the page */
	GPROBE_A_WATCH_ENTRIES,		/* binary, GPROBE_ENTRIES_BYTES: entry n is
					 * bit n % 8 of byte n / 8
					 */
	GPROBE_A_WATCH_SESSION,		/* u32: netlink port id of who watches */

	__GPROBE_A_WATCH_MAX,
	GPROBE_A_WATCH_MAX = (__GPROBE_A_WATCH_MAX - 1)
};

/* Attributes of the UPCALL commands. */
enum {
	GPROBE_A_UPCALL_PAD = 1,
	GPROBE_A_UPCALL_DOMAIN,		/* u32: domid */
	GPROBE_A_UPCALL_SEQ,		/* u64: its number; none is used twice */
	GPROBE_A_UPCALL_VCPU,		/* u32: who waits */
	GPROBE_A_UPCALL_REASON,		/* u32: enum gprobe_upcall_reason */
	GPROBE_A_UPCALL_VIEW,		/* u32: where it is watched or was hit; in
					 * REPLY: where to go on
					 */
	GPROBE_A_UPCALL_GFN,		/* u64: the page of the table, or of the hit */
	GPROBE_A_UPCALL_INDEX,		/* u32: of the entry, 0..511 */
	GPROBE_A_UPCALL_OLD,		/* u64: what the entry was when last told, or
					 * a register before what is trapped
					 */
	GPROBE_A_UPCALL_NEW,		/* u64: what the entry is, the same as OLD
					 * where another vCPU waits for its change;
					 * or what the register is to be
					 */
	GPROBE_A_UPCALL_CLAIM,		/* u32: which was hit */
	GPROBE_A_UPCALL_COOKIE,		/* u64: the claim's, or the trap's */
	GPROBE_A_UPCALL_OFFSET,		/* u32: of the hit in its page */
	GPROBE_A_UPCALL_REGS,		/* binary: struct gprobe_regs; not in
					 * TIMEOUT_NTF. In REPLY: all of them; the
					 * general ones, RIP, and the flags CF, PF,
					 * AF, ZF, SF, DF, OF and AC may differ
					 */
	GPROBE_A_UPCALL_VERDICT,	/* u32: enum gprobe_verdict_kind; absent:
					 * CONTINUE
					 */
	GPROBE_A_UPCALL_INSN,		/* binary: one instruction; absent: the
					 * original one
					 */
	GPROBE_A_UPCALL_VECTOR,		/* u32: of a fault: 0, 5..7, 10..14, 16, 17, 19 */
	GPROBE_A_UPCALL_ERROR_CODE,	/* u32: 15 bits; needed where the vector has
					 * one, and else refused
					 */
	GPROBE_A_UPCALL_CR2,		/* u64: needed for the vector 14, and else
					 * refused
					 */
	GPROBE_A_UPCALL_TRAP,		/* u32: whose event it is */
	GPROBE_A_UPCALL_KIND,		/* u32: enum gprobe_trap_kind */
	GPROBE_A_UPCALL_KEY,		/* u64: see enum gprobe_trap_kind */
	GPROBE_A_UPCALL_SUBKEY,		/* u64: the same */

	__GPROBE_A_UPCALL_MAX,
	GPROBE_A_UPCALL_MAX = (__GPROBE_A_UPCALL_MAX - 1)
};

/* Attributes of the SESSION commands. */
enum {
	GPROBE_A_SESSION_ID = 1,	/* u32: netlink port id of its socket; 0: it
					 * is pinned and has none. Absent in PIN:
					 * the sender's
					 */
	GPROBE_A_SESSION_NAME,		/* string: it is pinned by this name */
	GPROBE_A_SESSION_DOMAINS,	/* u32: how many it is attached to */
	GPROBE_A_SESSION_CLAIMS,	/* u32: its claims in all of them */

	__GPROBE_A_SESSION_MAX,
	GPROBE_A_SESSION_MAX = (__GPROBE_A_SESSION_MAX - 1)
};

/* Attributes of the TRAP commands. */
enum {
	GPROBE_A_TRAP_PAD = 1,
	GPROBE_A_TRAP_ID,		/* u32: given by the module */
	GPROBE_A_TRAP_DOMAIN,		/* u32: domid */
	GPROBE_A_TRAP_KIND,		/* u32: enum gprobe_trap_kind */
	GPROBE_A_TRAP_MSR,		/* u32: with MSR, and with no other */
	GPROBE_A_TRAP_MASK,		/* u64: with CR0, CR3, CR4 and XCR0: a write that
					 * changes no other bits than these is no
					 * event; absent: 0
					 */
	GPROBE_A_TRAP_ON_CHANGE,	/* flag, with MSR: a write that changes nothing is
					 * no event
					 */
	GPROBE_A_TRAP_USER,		/* flag, with REQUEST: programs of the guest's user
					 * space may ask too
					 */
	GPROBE_A_TRAP_ACTION,		/* u32: enum gprobe_action */
	GPROBE_A_TRAP_COOKIE,		/* u64: the session's own, in each tracepoint */
	GPROBE_A_TRAP_SESSION,		/* u32: netlink port id of its owner */
	GPROBE_A_TRAP_EVENTS,		/* u64: so many so far */
	GPROBE_A_TRAP_PIN,		/* string: its session is pinned by this name */

	__GPROBE_A_TRAP_MAX,
	GPROBE_A_TRAP_MAX = (__GPROBE_A_TRAP_MAX - 1)
};

#endif /* _UAPI_LINUX_GPROBE_H */
