// SPDX-License-Identifier: GPL-2.0
#include "verdict.h"

#include <linux/mm.h>
#include <linux/netlink.h>
#include <linux/string.h>
#include <asm/processor-flags.h>

#include "domain.h"
#include "frame.h"
#include "site.h"
#include "step.h"
#include "trace.h"
#include "trapped.h"
#include "upcall.h"
#include "view.h"

/*
 * The others decide whether a CPU takes the guest's state at all: with what it
 * is blocked by, IF and TF are checked at each VM entry (SDM 3, 26.3.1.5).
 */
#define SETTABLE_FLAGS	(X86_EFLAGS_CF | X86_EFLAGS_PF | X86_EFLAGS_AF | \
			 X86_EFLAGS_ZF | X86_EFLAGS_SF | X86_EFLAGS_DF | \
			 X86_EFLAGS_OF | X86_EFLAGS_AC)

/* Xen sets what stands before them (vm_event_set_registers()). */
#define SETTABLE_BYTES	offsetof(struct gprobe_regs, cr0)

/* --- given --- */

/* The CPU takes no other RIP (SDM 3, 26.3.1.4). */
static bool is_rip(u64 rip, const struct gprobe_regs *regs, bool is_64bit)
{
	unsigned int unused = regs->cr4 & X86_CR4_LA57 ? 7 : 16;

	return is_64bit ? (u64)((s64)(rip << unused) >> unused) == rip :
			  rip <= U32_MAX;
}

static int check_regs(const struct gprobe_vcpu *vcpu,
		      const struct gprobe_regs *regs,
		      struct netlink_ext_ack *extack)
{
	const struct gprobe_regs *now = &vcpu->held.regs;

	if (memcmp((const u8 *)regs + SETTABLE_BYTES,
		   (const u8 *)now + SETTABLE_BYTES,
		   sizeof(*regs) - SETTABLE_BYTES)) {
		NL_SET_ERR_MSG(extack, "Xen sets the general registers, RIP and RFLAGS, and no others");
		return -EOPNOTSUPP;
	}
	if ((regs->rflags ^ now->rflags) & ~(u64)SETTABLE_FLAGS) {
		NL_SET_ERR_MSG(extack, "of RFLAGS, only CF, PF, AF, ZF, SF, DF, OF and AC may be changed");
		return -EOPNOTSUPP;
	}
	if (regs->rip == now->rip &&
	    !gprobe_trapped_knows_end(&vcpu->held.trapped)) {
		NL_SET_ERR_MSG(extack, "Xen does not tell where this instruction ends: name the RIP to go on at");
		return -EOPNOTSUPP;
	}
	if (!is_rip(regs->rip, now, vcpu->held.is_64bit)) {
		NL_SET_ERR_MSG(extack, "no CPU would take this RIP: it is not canonical");
		return -EINVAL;
	}
	return 0;
}

static int check_emulate(const struct gprobe_domain *domain,
			 const struct gprobe_vcpu *vcpu,
			 const struct gprobe_verdict *verdict,
			 struct netlink_ext_ack *extack)
{
	const struct gprobe_site *site;

	if (verdict->is_insn_given)
		return 0;
	site = gprobe_table_find(&domain->sites, vcpu->held.site_key);
	if (site && gprobe_site_own_step(site) != GPROBE_STEP_EMULATE) {
		NL_SET_ERR_MSG(extack, "this instruction cannot be emulated as it stands: it is too near to its page's end, or Xen has failed to");
		return -EOPNOTSUPP;
	}
	return 0;
}

static int check_step(u32 reason, struct netlink_ext_ack *extack)
{
	if (reason == GPROBE_UPCALL_REASON_HIT)
		return 0;
	NL_SET_ERR_MSG(extack, "only the instruction that a claim's hit is before can be stepped or emulated");
	return -EOPNOTSUPP;
}

static int check_inject(const struct gprobe_vcpu *vcpu,
			struct netlink_ext_ack *extack)
{
	if (!gprobe_trapped_can_inject(&vcpu->held.trapped)) {
		NL_SET_ERR_MSG(extack, "the instruction is done: there can be no fault instead");
		return -EOPNOTSUPP;
	}
	if (vcpu->held.regs.cr0 & X86_CR0_PE)
		return 0;
	NL_SET_ERR_MSG(extack, "nothing is injected into real mode");
	return -EOPNOTSUPP;
}

static int check_deny(const struct gprobe_vcpu *vcpu,
		      struct netlink_ext_ack *extack)
{
	if (gprobe_trapped_can_deny(&vcpu->held.trapped))
		return 0;
	NL_SET_ERR_MSG(extack, "what can be denied are writes to CR0, CR3, CR4 and MSRs, and debug exceptions");
	return -EOPNOTSUPP;
}

/**
 * gprobe_verdict_check() - Can a vCPU go on so?
 * @domain: the guest
 * @upcall: that it waits for
 * @verdict: as parsed; its view is known to be a view
 * @extack: says why not
 *
 * Context: Event lock held.
 * Return: 0; -EOPNOTSUPP; -EINVAL.
 */
int gprobe_verdict_check(const struct gprobe_domain *domain,
			 const struct gprobe_upcall *upcall,
			 const struct gprobe_verdict *verdict,
			 struct netlink_ext_ack *extack)
{
	const struct gprobe_vcpu *vcpu = &domain->vcpus[upcall->spec.vcpu];
	u32 reason = upcall->spec.reason;

	lockdep_assert_held(&domain->event_lock);
	if (verdict->kind == GPROBE_VERDICT_CONTINUE)
		return 0;
	if (reason == GPROBE_UPCALL_REASON_TABLE) {
		NL_SET_ERR_MSG(extack, "the store is done: there is nothing but to go on");
		return -EOPNOTSUPP;
	}
	switch (verdict->kind) {
	case GPROBE_VERDICT_STEP:
		return check_step(reason, extack);
	case GPROBE_VERDICT_EMULATE:
		return check_step(reason, extack) ?:
		       check_emulate(domain, vcpu, verdict, extack);
	case GPROBE_VERDICT_REGISTERS:
		return check_regs(vcpu, &verdict->regs, extack);
	case GPROBE_VERDICT_INJECT:
		return check_inject(vcpu, extack);
	case GPROBE_VERDICT_VIEW:
		return 0;
	default:
		return check_deny(vcpu, extack);
	}
}

/**
 * gprobe_verdict_give() - Keep a verdict until the vCPU goes on.
 * @domain: the guest
 * @upcall: whose verdict
 * @verdict: it can be done
 *
 * Of several, the first one's that says anything counts.
 *
 * Context: Event lock held.
 */
void gprobe_verdict_give(struct gprobe_domain *domain,
			 const struct gprobe_upcall *upcall,
			 const struct gprobe_verdict *verdict)
{
	struct gprobe_vcpu *vcpu = &domain->vcpus[upcall->spec.vcpu];

	lockdep_assert_held(&domain->event_lock);
	if (verdict->kind == GPROBE_VERDICT_CONTINUE ||
	    (vcpu->held.verdict.kind != GPROBE_VERDICT_CONTINUE &&
	     vcpu->held.verdict_seq < upcall->seq))
		return;
	vcpu->held.verdict = *verdict;
	vcpu->held.verdict_seq = upcall->seq;
	vcpu->held.by.attachment = upcall->attachment;
	vcpu->held.by.spec = upcall->spec;
}

/* --- done --- */

/* Past the instruction that was hit, or trapped; a site may be gone meanwhile. */
static void pass(struct gprobe_domain *domain, struct gprobe_vcpu *vcpu,
		 const struct gprobe_site *site, bool sets_regs)
{
	if (vcpu->held.trapped.kind)
		gprobe_trapped_pass(domain, &vcpu->held.event,
				    &vcpu->held.trapped, sets_regs,
				    &vcpu->held.answer);
	else if (site)
		gprobe_step_past(domain, &vcpu->held.event, site, sets_regs,
				 &vcpu->held.answer);
}

static void do_step(struct gprobe_domain *domain, struct gprobe_vcpu *vcpu,
		    const struct gprobe_site *site)
{
	if (site && gprobe_step_is_own_int3(site)) {
		pass(domain, vcpu, site, false);
		return;
	}
	gprobe_step_by(domain, &vcpu->held.event, site,
		       site && site->step != GPROBE_STEP_STORE ?
		       GPROBE_STEP_TOGGLE : GPROBE_STEP_STORE,
		       &vcpu->held.answer);
	vcpu->tell_step = vcpu->held.by;
}

static bool can_emulate(const struct gprobe_site *site)
{
	return site && !gprobe_step_is_own_int3(site) &&
	       gprobe_site_own_step(site) == GPROBE_STEP_EMULATE;
}

static void do_emulate(struct gprobe_domain *domain, struct gprobe_vcpu *vcpu,
		       const struct gprobe_site *site)
{
	struct gprobe_answer *answer = &vcpu->held.answer;

	if (vcpu->held.verdict.is_insn_given) {
		domain->stats.emulated++;
		/* If Xen cannot, that says nothing of what stands there. */
		vcpu->emulated = 0;
		answer->flags = GPROBE_XEN_EV_EMULATE |
				GPROBE_XEN_EV_SET_EMUL_INSN;
		answer->insn = vcpu->held.verdict.insn;
	} else if (can_emulate(site)) {
		gprobe_step_by(domain, &vcpu->held.event, site,
			       GPROBE_STEP_EMULATE, answer);
	} else {
		pass(domain, vcpu, site, false);
	}
}

static void do_registers(struct gprobe_domain *domain,
			 struct gprobe_vcpu *vcpu,
			 const struct gprobe_site *site)
{
	const struct gprobe_regs *regs = &vcpu->held.verdict.regs;
	struct gprobe_answer *answer = &vcpu->held.answer;
	struct gprobe_event *event = &vcpu->held.event;
	bool stays = regs->rip == event->rip;

	memcpy(event->gpr, regs, sizeof(event->gpr));
	event->rflags = regs->rflags;
	if (stays)
		pass(domain, vcpu, site, true);
	if (!(answer->flags & GPROBE_XEN_EV_SET_REGISTERS)) {
		answer->rip = regs->rip;
		answer->rflags = regs->rflags;
	}
	answer->flags |= GPROBE_XEN_EV_SET_REGISTERS;
}

static void do_inject(struct gprobe_domain *domain, struct gprobe_vcpu *vcpu)
{
	const struct gprobe_verdict *verdict = &vcpu->held.verdict;
	int ret = gprobe_xen_inject_fault(&domain->xen, vcpu->held.event.vcpu,
					  verdict->vector, verdict->error_code,
					  verdict->cr2);

	if (vcpu->held.trapped.kind)
		gprobe_trapped_undo(&vcpu->held.event, &vcpu->held.trapped,
				    &vcpu->held.answer);
	if (!ret)
		return;
	domain->stats.lost++;
	trace_gprobe_error(domain->xen.domid, ret);
}

/* From a hit the instruction is met there anew, unlike what is trapped. */
static void do_view(struct gprobe_domain *domain, struct gprobe_vcpu *vcpu)
{
	struct gprobe_answer *answer = &vcpu->held.answer;

	vcpu->alone_in = vcpu->held.verdict.view;
	/* A step that it was in when it was trapped leads there too. */
	vcpu->return_view = vcpu->alone_in;
	if (vcpu->held.trapped.kind)
		pass(domain, vcpu, NULL, false);
	answer->return_view = vcpu->alone_in;
	if (vcpu->stepping || answer->flags & GPROBE_XEN_EV_FAST_SINGLESTEP)
		return;
	answer->flags |= GPROBE_XEN_EV_ALTERNATE_P2M;
	answer->view = vcpu->alone_in;
}

/**
 * gprobe_verdict_do() - Make the answer of a vCPU that has waited.
 * @domain: the guest, alive
 * @vcpu: who; its held answer is the one to continue, but for a hit, or what is
 *	trapped, it is empty
 *
 * Context: Event lock held.
 */
void gprobe_verdict_do(struct gprobe_domain *domain, struct gprobe_vcpu *vcpu)
{
	const struct gprobe_site *site = NULL;

	lockdep_assert_held(&domain->event_lock);
	if (vcpu->held.site_key)
		site = gprobe_table_find(&domain->sites, vcpu->held.site_key);
	switch (vcpu->held.verdict.kind) {
	case GPROBE_VERDICT_STEP:
		do_step(domain, vcpu, site);
		break;
	case GPROBE_VERDICT_EMULATE:
		do_emulate(domain, vcpu, site);
		break;
	case GPROBE_VERDICT_REGISTERS:
		do_registers(domain, vcpu, site);
		break;
	case GPROBE_VERDICT_INJECT:
		do_inject(domain, vcpu);
		break;
	case GPROBE_VERDICT_DENY:
		gprobe_trapped_deny(&vcpu->held.event, &vcpu->held.trapped,
				    &vcpu->held.answer);
		break;
	case GPROBE_VERDICT_VIEW:
		do_view(domain, vcpu);
		break;
	default:
		pass(domain, vcpu, site, false);
		break;
	}
}
