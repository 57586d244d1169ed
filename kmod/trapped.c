// SPDX-License-Identifier: GPL-2.0
/*
 * What stands here of Xen is from its arch/x86/hvm: monitor.c, vm_event.c,
 * vmx/vmx.c and emulate.c. A vCPU of an event that is synchronous is paused
 * before (CPUID, debug exception, descriptor, I/O) or behind (the others) what it
 * does, and what Xen does of the answer, it does when the vCPU next runs.
 */
#include "trapped.h"

#include <linux/list.h>
#include <asm/processor-flags.h>

#include "../include/uapi/linux/gprobe.h"
#include "domain.h"
#include "ring.h"
#include "session.h"
#include "step.h"
#include "trace.h"
#include "trap.h"
#include "upcall.h"
#include "xen_abi.h"

/* VMCALL, VMMCALL and XSETBV. */
#define CALL_BYTES	3

/* --- read --- */

static u32 ctrlreg_kind(u32 index)
{
	switch (index) {
	case GPROBE_XEN_CTRLREG_CR0:
		return GPROBE_TRAP_KIND_CR0;
	case GPROBE_XEN_CTRLREG_CR3:
		return GPROBE_TRAP_KIND_CR3;
	case GPROBE_XEN_CTRLREG_CR4:
		return GPROBE_TRAP_KIND_CR4;
	case GPROBE_XEN_CTRLREG_XCR0:
		return GPROBE_TRAP_KIND_XCR0;
	default:
		return 0;
	}
}

static void read_ctrlreg(const struct gprobe_xen_ctrlreg *ctrlreg,
			 struct gprobe_trapped *trapped)
{
	trapped->kind = ctrlreg_kind(READ_ONCE(ctrlreg->index));
	trapped->old_value = READ_ONCE(ctrlreg->old_value);
	trapped->new_value = READ_ONCE(ctrlreg->new_value);
	if (trapped->kind == GPROBE_TRAP_KIND_XCR0)
		trapped->insn_bytes = CALL_BYTES;
}

static void read_msr(const struct gprobe_xen_msr *msr,
		     struct gprobe_trapped *trapped)
{
	trapped->kind = GPROBE_TRAP_KIND_MSR;
	trapped->key = READ_ONCE(msr->msr);
	trapped->old_value = READ_ONCE(msr->old_value);
	trapped->new_value = READ_ONCE(msr->new_value);
}

static void read_cpuid(const struct gprobe_xen_cpuid *cpuid,
		       struct gprobe_trapped *trapped)
{
	trapped->kind = GPROBE_TRAP_KIND_CPUID;
	trapped->insn_bytes = READ_ONCE(cpuid->insn_length);
	trapped->key = READ_ONCE(cpuid->leaf);
	trapped->subkey = READ_ONCE(cpuid->subleaf);
}

static void read_debug(const struct gprobe_xen_breakpoint *debug,
		       struct gprobe_trapped *trapped)
{
	trapped->kind = GPROBE_TRAP_KIND_DEBUG;
	trapped->insn_bytes = READ_ONCE(debug->insn_length);
	trapped->key = READ_ONCE(debug->pending_dbg);
	trapped->subkey = READ_ONCE(debug->type);
}

static void read_descriptor(const struct gprobe_xen_descriptor *descriptor,
			    struct gprobe_trapped *trapped)
{
	trapped->kind = GPROBE_TRAP_KIND_DESCRIPTOR;
	trapped->key = READ_ONCE(descriptor->descriptor);
	trapped->subkey = READ_ONCE(descriptor->is_write);
}

static void read_io(const struct gprobe_xen_io *io,
		    struct gprobe_trapped *trapped)
{
	trapped->kind = GPROBE_TRAP_KIND_IO;
	trapped->key = READ_ONCE(io->port);
	trapped->subkey = (READ_ONCE(io->bytes) & GPROBE_IO_BYTES_MASK) |
			  (READ_ONCE(io->in) ? GPROBE_IO_IN : 0) |
			  (READ_ONCE(io->str) ? GPROBE_IO_STRING : 0);
}

/**
 * gprobe_trapped_read() - Read an event of a monitor.
 * @event: the event, not yet answered: the answer may take its slot
 * @trapped: what it is
 *
 * Context: Event lock held; so are all below.
 * Return: false: it is of another sort, or of one that we do not know.
 */
bool gprobe_trapped_read(const struct gprobe_event *event,
			 struct gprobe_trapped *trapped)
{
	const struct gprobe_xen_slot *slot = event->slot;

	*trapped = (struct gprobe_trapped){};
	switch (event->reason) {
	case GPROBE_XEN_REASON_CTRLREG:
		read_ctrlreg(&slot->u.ctrlreg, trapped);
		break;
	case GPROBE_XEN_REASON_MSR:
		read_msr(&slot->u.msr, trapped);
		break;
	case GPROBE_XEN_REASON_GUEST_REQUEST:
		trapped->kind = GPROBE_TRAP_KIND_REQUEST;
		trapped->insn_bytes = CALL_BYTES;
		break;
	case GPROBE_XEN_REASON_DEBUG:
		read_debug(&slot->u.breakpoint, trapped);
		break;
	case GPROBE_XEN_REASON_CPUID:
		read_cpuid(&slot->u.cpuid, trapped);
		break;
	case GPROBE_XEN_REASON_DESCRIPTOR:
		read_descriptor(&slot->u.descriptor, trapped);
		break;
	case GPROBE_XEN_REASON_IO:
		read_io(&slot->u.io, trapped);
		break;
	case GPROBE_XEN_REASON_EMUL_UNIMPL:
		trapped->kind = GPROBE_TRAP_KIND_UNIMPLEMENTED;
		break;
	}
	return trapped->kind;
}

/* --- told --- */

/* Xen asks for what its monitor tells of any trap, which may be more. */
static bool is_wanted(const struct gprobe_trap_spec *spec,
		      const struct gprobe_trapped *trapped)
{
	u64 change = trapped->old_value ^ trapped->new_value;

	if (trapped->kind == GPROBE_TRAP_KIND_MSR)
		return spec->msr == trapped->key &&
		       (!spec->on_change || change);
	return !spec->mask || change & ~spec->mask;
}

/* A vCPU that is not paused waits for nobody: its event came too early. */
static bool is_asked(const struct gprobe_trap *trap,
		     const struct gprobe_event *event)
{
	return trap->spec.action == GPROBE_ACTION_UPCALL &&
	       event->flags & GPROBE_XEN_EV_VCPU_PAUSED;
}

static void ask(const struct gprobe_trap *trap,
		const struct gprobe_event *event,
		const struct gprobe_trapped *trapped)
{
	const struct gprobe_upcall_spec spec = {
		.reason = GPROBE_UPCALL_REASON_TRAP,
		.view = event->view,
		.vcpu = event->vcpu,
		.trap = trap->id,
		.trap_cookie = trap->spec.cookie,
		.trapped = *trapped,
	};

	gprobe_upcall_raise(trap->attachment, &spec);
}

static void tell(const struct gprobe_trap *trap,
		 const struct gprobe_event *event,
		 const struct gprobe_trapped *trapped,
		 const struct gprobe_regs *regs)
{
	u32 domid = trap->attachment->domain->xen.domid;
	u32 session = trap->attachment->session->portid;

	trace_gprobe_trap(domid, event->vcpu, session, trap->id,
			  trap->spec.cookie, trapped->kind, trapped->key,
			  trapped->subkey, trapped->old_value,
			  trapped->new_value, event->rip, event->cr3);
	if (trap->spec.action == GPROBE_ACTION_RECORD)
		trace_gprobe_trap_record(domid, event->vcpu, session, trap->id,
					 trap->spec.cookie, trapped->kind,
					 trapped->key, trapped->subkey,
					 trapped->old_value,
					 trapped->new_value, regs);
	if (is_asked(trap, event))
		ask(trap, event, trapped);
}

/**
 * gprobe_trapped_tell() - Tell all who want to be told of an event.
 * @domain: the guest
 * @event: the event
 * @trapped: the same, read
 *
 * That Xen fails to emulate is our own business too; of the rest, what nobody
 * wants is counted as unknown.
 */
void gprobe_trapped_tell(struct gprobe_domain *domain,
			 const struct gprobe_event *event,
			 const struct gprobe_trapped *trapped)
{
	struct gprobe_vcpu *vcpu = &domain->vcpus[event->vcpu];
	bool told = trapped->kind == GPROBE_TRAP_KIND_UNIMPLEMENTED;
	struct gprobe_trap *trap;

	lockdep_assert_held(&domain->event_lock);
	vcpu->held.site_key = 0;
	vcpu->held.trapped = *trapped;
	vcpu->held.is_64bit = gprobe_ring_is_64bit(event);
	gprobe_ring_regs(event, &vcpu->held.regs);
	list_for_each_entry(trap, &domain->traps[trapped->kind], domain_node) {
		if (!is_wanted(&trap->spec, trapped))
			continue;
		told = true;
		trap->events++;
		tell(trap, event, trapped, &vcpu->held.regs);
	}
	domain->stats.unknown += !told;
}

/* --- answered --- */

/* Xen can be told not to write it; see gprobe_xen_defer_writes(). */
static bool is_deferred(u32 kind)
{
	return kind == GPROBE_TRAP_KIND_CR0 || kind == GPROBE_TRAP_KIND_CR3 ||
	       kind == GPROBE_TRAP_KIND_CR4 || kind == GPROBE_TRAP_KIND_MSR;
}

/**
 * gprobe_trapped_can_deny() - Can what a vCPU is about to do be denied?
 * @trapped: what
 *
 * Return: true if it can.
 */
bool gprobe_trapped_can_deny(const struct gprobe_trapped *trapped)
{
	return is_deferred(trapped->kind) ||
	       trapped->kind == GPROBE_TRAP_KIND_DEBUG;
}

/**
 * gprobe_trapped_can_inject() - Can a vCPU have a fault instead?
 * @trapped: of what it is about to do
 *
 * Not where it is done already, and cannot be undone.
 *
 * Return: true if it can.
 */
bool gprobe_trapped_can_inject(const struct gprobe_trapped *trapped)
{
	return trapped->kind != GPROBE_TRAP_KIND_CPUID &&
	       trapped->kind != GPROBE_TRAP_KIND_XCR0;
}

/**
 * gprobe_trapped_knows_end() - Is it known where the instruction ends?
 * @trapped: that does this; or it is not done yet
 *
 * Xen moves RIP itself when it has told of a deferred write, and registers that
 * are set take that back.
 *
 * Return: true if it is.
 */
bool gprobe_trapped_knows_end(const struct gprobe_trapped *trapped)
{
	return !is_deferred(trapped->kind);
}

static void set_rip(const struct gprobe_event *event, u64 rip,
		    struct gprobe_answer *answer)
{
	answer->flags |= GPROBE_XEN_EV_SET_REGISTERS;
	answer->rip = rip;
	answer->rflags = event->rflags & ~X86_EFLAGS_RF;
}

static void inject_debug(struct gprobe_domain *domain,
			 const struct gprobe_event *event, u8 type,
			 u8 insn_bytes)
{
	int ret = gprobe_xen_inject_debug(&domain->xen, event->vcpu, type,
					  insn_bytes);

	if (!ret)
		return;
	domain->stats.lost++;
	trace_gprobe_error(domain->xen.domid, ret);
}

/*
 * Xen has put CPUID's results into the registers and leaves it to us to move RIP
 * on, with what it does besides: a guest that single-steps itself has its trap.
 */
static void pass_cpuid(struct gprobe_domain *domain,
		       const struct gprobe_event *event, u32 insn_bytes,
		       struct gprobe_answer *answer)
{
	set_rip(event, event->rip + insn_bytes, answer);
	if (event->rflags & X86_EFLAGS_TF)
		inject_debug(domain, event, GPROBE_XEN_DMOP_EVENT_HW_EXC, 0);
}

/*
 * Xen emulates for answers of three reasons, of which I/O is none. It does not
 * ask whether the answer's reason was the request's, and for this one it
 * emulates what stands at RIP, whatever that is.
 */
static void emulate(struct gprobe_answer *answer)
{
	answer->flags |= GPROBE_XEN_EV_EMULATE;
	answer->reason = GPROBE_XEN_REASON_DESCRIPTOR;
}

/**
 * gprobe_trapped_pass() - Let happen what a vCPU is about to do.
 * @domain: the guest
 * @event: the event
 * @trapped: the same, read
 * @sets_regs: the answer sets registers besides
 * @answer: how the vCPU goes on
 */
void gprobe_trapped_pass(struct gprobe_domain *domain,
			 const struct gprobe_event *event,
			 const struct gprobe_trapped *trapped, bool sets_regs,
			 struct gprobe_answer *answer)
{
	switch (trapped->kind) {
	case GPROBE_TRAP_KIND_CPUID:
		pass_cpuid(domain, event, trapped->insn_bytes, answer);
		break;
	case GPROBE_TRAP_KIND_DEBUG:
		/* Else Xen has delivered it. */
		if (event->flags & GPROBE_XEN_EV_VCPU_PAUSED)
			inject_debug(domain, event, trapped->subkey,
				     trapped->insn_bytes);
		break;
	case GPROBE_TRAP_KIND_XCR0:
	case GPROBE_TRAP_KIND_REQUEST:
		/* Xen moves RIP on, but registers that are set take it back. */
		if (sets_regs)
			set_rip(event, event->rip + trapped->insn_bytes,
				answer);
		break;
	case GPROBE_TRAP_KIND_DESCRIPTOR:
	case GPROBE_TRAP_KIND_IO:
		emulate(answer);
		break;
	case GPROBE_TRAP_KIND_UNIMPLEMENTED:
		gprobe_step_fast(domain, event, answer);
		break;
	}
}

/**
 * gprobe_trapped_deny() - Do not let it happen, and go on behind it.
 * @event: the event
 * @trapped: the same, read; it can be denied
 * @answer: how the vCPU goes on
 */
void gprobe_trapped_deny(const struct gprobe_event *event,
			 const struct gprobe_trapped *trapped,
			 struct gprobe_answer *answer)
{
	if (is_deferred(trapped->kind)) {
		answer->flags |= GPROBE_XEN_EV_DENY;
		return;
	}
	set_rip(event, event->rip + trapped->insn_bytes, answer);
	/* Else a breakpoint on the instruction's execution is met again. */
	answer->rflags |= X86_EFLAGS_RF;
}

/**
 * gprobe_trapped_undo() - Have the vCPU before the instruction again.
 * @event: the event
 * @trapped: the same, read; instead of it there can be a fault
 * @answer: how the vCPU goes on
 */
void gprobe_trapped_undo(const struct gprobe_event *event,
			 const struct gprobe_trapped *trapped,
			 struct gprobe_answer *answer)
{
	if (is_deferred(trapped->kind))
		answer->flags |= GPROBE_XEN_EV_DENY;
	set_rip(event, event->rip, answer);
}
