/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints: the module's interface to BPF, perf, bpftrace and trace-cmd.
 * Arguments are only ever added at the end.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM gprobe

#if !defined(GPROBE_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define GPROBE_TRACE_H

#include <linux/tracepoint.h>

#include "../include/uapi/linux/gprobe.h"

#define gprobe_show_trap_kind(kind)					    \
	__print_symbolic(kind, { 1, "cr0" }, { 2, "cr3" }, { 3, "cr4" },    \
			 { 4, "xcr0" }, { 5, "msr" }, { 6, "cpuid" },	    \
			 { 7, "debug" }, { 8, "request" },		    \
			 { 9, "descriptor" }, { 10, "io" }, { 11, "call" }, \
			 { 12, "unimplemented" })

/*
 * A hit of a claim, after its vCPU was let go. handling_ns: from taking the event,
 * which was at time_ns of CLOCK_MONOTONIC, until all answers of its batch are in
 * the ring, before Xen is notified of them. Of a claim that asks: after its
 * session's reply, and until that; of another one whose place is asked about:
 * until that is.
 */
TRACE_EVENT(gprobe_hit,
	TP_PROTO(u32 domid, u32 vcpu, u32 session, u32 claim, u64 cookie,
		 u32 view, u64 gfn, u64 rip, u64 root, u64 handling_ns,
		 u64 rsp, u64 time_ns),
	TP_ARGS(domid, vcpu, session, claim, cookie, view, gfn, rip, root,
		handling_ns, rsp, time_ns),
	TP_STRUCT__entry(
		__field(u64, cookie)
		__field(u64, gfn)
		__field(u64, rip)
		__field(u64, root)
		__field(u64, handling_ns)
		__field(u64, rsp)
		__field(u64, time_ns)
		__field(u32, domid)
		__field(u32, vcpu)
		__field(u32, session)
		__field(u32, claim)
		__field(u32, view)
	),
	TP_fast_assign(
		__entry->cookie = cookie;
		__entry->gfn = gfn;
		__entry->rip = rip;
		__entry->root = root;
		__entry->handling_ns = handling_ns;
		__entry->rsp = rsp;
		__entry->time_ns = time_ns;
		__entry->domid = domid;
		__entry->vcpu = vcpu;
		__entry->session = session;
		__entry->claim = claim;
		__entry->view = view;
	),
	TP_printk("domid=%u vcpu=%u session=%u claim=%u cookie=%#llx view=%u gfn=%#llx rip=%#llx root=%#llx handling_ns=%llu rsp=%#llx time_ns=%llu",
		  __entry->domid, __entry->vcpu, __entry->session,
		  __entry->claim, __entry->cookie, __entry->view, __entry->gfn,
		  __entry->rip, __entry->root, __entry->handling_ns,
		  __entry->rsp, __entry->time_ns)
);

/*
 * A hit of a claim with the action record, after its vCPU was let go. time_ns: as
 * above.
 */
TRACE_EVENT(gprobe_record,
	TP_PROTO(u32 domid, u32 vcpu, u32 session, u32 claim, u64 cookie,
		 u32 view, u64 gfn, const struct gprobe_regs *regs,
		 u64 time_ns),
	TP_ARGS(domid, vcpu, session, claim, cookie, view, gfn, regs,
		time_ns),
	TP_STRUCT__entry(
		__field(u64, cookie)
		__field(u64, gfn)
		__field_struct(struct gprobe_regs, regs)
		__field(u64, time_ns)
		__field(u32, domid)
		__field(u32, vcpu)
		__field(u32, session)
		__field(u32, claim)
		__field(u32, view)
	),
	TP_fast_assign(
		__entry->cookie = cookie;
		__entry->gfn = gfn;
		__entry->regs = *regs;
		__entry->time_ns = time_ns;
		__entry->domid = domid;
		__entry->vcpu = vcpu;
		__entry->session = session;
		__entry->claim = claim;
		__entry->view = view;
	),
	TP_printk("domid=%u vcpu=%u session=%u claim=%u cookie=%#llx view=%u gfn=%#llx rip=%#llx cr3=%#llx cpl=%u rax=%#llx rdi=%#llx rsi=%#llx rdx=%#llx rcx=%#llx rsp=%#llx time_ns=%llu",
		  __entry->domid, __entry->vcpu, __entry->session,
		  __entry->claim, __entry->cookie, __entry->view, __entry->gfn,
		  __entry->regs.rip, __entry->regs.cr3, __entry->regs.cpl,
		  __entry->regs.rax, __entry->regs.rdi, __entry->regs.rsi,
		  __entry->regs.rdx, __entry->regs.rcx, __entry->regs.rsp,
		  __entry->time_ns)
);

/* How the instruction under an INT3 is executed: enum gprobe_step. */
TRACE_EVENT(gprobe_step,
	TP_PROTO(u32 domid, u32 vcpu, u32 step, u64 rip),
	TP_ARGS(domid, vcpu, step, rip),
	TP_STRUCT__entry(
		__field(u64, rip)
		__field(u32, domid)
		__field(u32, vcpu)
		__field(u32, step)
	),
	TP_fast_assign(
		__entry->rip = rip;
		__entry->domid = domid;
		__entry->vcpu = vcpu;
		__entry->step = step;
	),
	TP_printk("domid=%u vcpu=%u step=%s rip=%#llx", __entry->domid,
		  __entry->vcpu,
		  __print_symbolic(__entry->step, { 1, "emulate" },
				   { 2, "fast" }, { 3, "toggle" },
				   { 4, "skip" }, { 5, "store" }),
		  __entry->rip)
);

/* What a trap is told of: enum gprobe_trap_kind, which says what the values are. */
TRACE_EVENT(gprobe_trap,
	TP_PROTO(u32 domid, u32 vcpu, u32 session, u32 trap, u64 cookie,
		 u32 kind, u64 key, u64 subkey, u64 old_value, u64 new_value,
		 u64 rip, u64 root),
	TP_ARGS(domid, vcpu, session, trap, cookie, kind, key, subkey,
		old_value, new_value, rip, root),
	TP_STRUCT__entry(
		__field(u64, cookie)
		__field(u64, key)
		__field(u64, subkey)
		__field(u64, old_value)
		__field(u64, new_value)
		__field(u64, rip)
		__field(u64, root)
		__field(u32, domid)
		__field(u32, vcpu)
		__field(u32, session)
		__field(u32, trap)
		__field(u32, kind)
	),
	TP_fast_assign(
		__entry->cookie = cookie;
		__entry->key = key;
		__entry->subkey = subkey;
		__entry->old_value = old_value;
		__entry->new_value = new_value;
		__entry->rip = rip;
		__entry->root = root;
		__entry->domid = domid;
		__entry->vcpu = vcpu;
		__entry->session = session;
		__entry->trap = trap;
		__entry->kind = kind;
	),
	TP_printk("domid=%u vcpu=%u session=%u trap=%u cookie=%#llx kind=%s key=%#llx subkey=%#llx old_value=%#llx new_value=%#llx rip=%#llx root=%#llx",
		  __entry->domid, __entry->vcpu, __entry->session,
		  __entry->trap, __entry->cookie,
		  gprobe_show_trap_kind(__entry->kind), __entry->key,
		  __entry->subkey, __entry->old_value, __entry->new_value,
		  __entry->rip, __entry->root)
);

/* The same of a trap with the action record. */
TRACE_EVENT(gprobe_trap_record,
	TP_PROTO(u32 domid, u32 vcpu, u32 session, u32 trap, u64 cookie,
		 u32 kind, u64 key, u64 subkey, u64 old_value, u64 new_value,
		 const struct gprobe_regs *regs),
	TP_ARGS(domid, vcpu, session, trap, cookie, kind, key, subkey,
		old_value, new_value, regs),
	TP_STRUCT__entry(
		__field(u64, cookie)
		__field(u64, key)
		__field(u64, subkey)
		__field(u64, old_value)
		__field(u64, new_value)
		__field_struct(struct gprobe_regs, regs)
		__field(u32, domid)
		__field(u32, vcpu)
		__field(u32, session)
		__field(u32, trap)
		__field(u32, kind)
	),
	TP_fast_assign(
		__entry->cookie = cookie;
		__entry->key = key;
		__entry->subkey = subkey;
		__entry->old_value = old_value;
		__entry->new_value = new_value;
		__entry->regs = *regs;
		__entry->domid = domid;
		__entry->vcpu = vcpu;
		__entry->session = session;
		__entry->trap = trap;
		__entry->kind = kind;
	),
	TP_printk("domid=%u vcpu=%u session=%u trap=%u cookie=%#llx kind=%s key=%#llx subkey=%#llx old_value=%#llx new_value=%#llx rip=%#llx cr3=%#llx cpl=%u rax=%#llx rcx=%#llx rdx=%#llx rbx=%#llx rsp=%#llx",
		  __entry->domid, __entry->vcpu, __entry->session,
		  __entry->trap, __entry->cookie,
		  gprobe_show_trap_kind(__entry->kind), __entry->key,
		  __entry->subkey, __entry->old_value, __entry->new_value,
		  __entry->regs.rip, __entry->regs.cr3, __entry->regs.cpl,
		  __entry->regs.rax, __entry->regs.rcx, __entry->regs.rdx,
		  __entry->regs.rbx, __entry->regs.rsp)
);

TRACE_EVENT(gprobe_attach,
	TP_PROTO(u32 domid, u32 nr_vcpus, u32 view),
	TP_ARGS(domid, nr_vcpus, view),
	TP_STRUCT__entry(
		__field(u32, domid)
		__field(u32, nr_vcpus)
		__field(u32, view)
	),
	TP_fast_assign(
		__entry->domid = domid;
		__entry->nr_vcpus = nr_vcpus;
		__entry->view = view;
	),
	TP_printk("domid=%u nr_vcpus=%u view=%u", __entry->domid,
		  __entry->nr_vcpus, __entry->view)
);

/* gone: the guest died, there was nothing to return. */
TRACE_EVENT(gprobe_detach,
	TP_PROTO(u32 domid, bool gone),
	TP_ARGS(domid, gone),
	TP_STRUCT__entry(
		__field(u32, domid)
		__field(bool, gone)
	),
	TP_fast_assign(
		__entry->domid = domid;
		__entry->gone = gone;
	),
	TP_printk("domid=%u gone=%d", __entry->domid, __entry->gone)
);

/* err: negative errno. -EPROTO: the ring held what it may not hold. */
TRACE_EVENT(gprobe_error,
	TP_PROTO(u32 domid, int err),
	TP_ARGS(domid, err),
	TP_STRUCT__entry(
		__field(u32, domid)
		__field(int, err)
	),
	TP_fast_assign(
		__entry->domid = domid;
		__entry->err = err;
	),
	TP_printk("domid=%u err=%d", __entry->domid, __entry->err)
);

#endif /* GPROBE_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
