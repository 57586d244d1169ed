// SPDX-License-Identifier: GPL-2.0
#include "step.h"

#include <linux/mm.h>
#include <asm/processor-flags.h>

#include "../include/uapi/linux/gprobe.h"
#include "domain.h"
#include "frame.h"
#include "ring.h"
#include "site.h"
#include "store.h"
#include "trace.h"
#include "xen_abi.h"

/**
 * gprobe_step_fast() - One instruction in view 0, with no event after it.
 * @domain: the guest
 * @event: of the vCPU
 * @answer: how it goes on
 *
 * Context: Event lock held; so are all below.
 */
void gprobe_step_fast(struct gprobe_domain *domain,
		      const struct gprobe_event *event,
		      struct gprobe_answer *answer)
{
	answer->flags = GPROBE_XEN_EV_ALTERNATE_P2M;
	answer->view = 0;
	/* A guest being detached stays in view 0: there is no way back. */
	if (domain->draining)
		return;
	answer->flags |= GPROBE_XEN_EV_FAST_SINGLESTEP;
	answer->return_view = event->view;
}

static void step_toggle(struct gprobe_domain *domain,
			const struct gprobe_event *event,
			struct gprobe_answer *answer)
{
	struct gprobe_vcpu *vcpu = &domain->vcpus[event->vcpu];

	answer->flags = GPROBE_XEN_EV_ALTERNATE_P2M;
	answer->view = 0;
	if (domain->draining)
		return;
	answer->flags |= GPROBE_XEN_EV_TOGGLE_SINGLESTEP;
	vcpu->stepping = true;
	vcpu->return_view = event->view;
}

/**
 * gprobe_step_store() - One instruction in view 0, and a look at what it wrote.
 * @domain: the guest
 * @event: of the vCPU
 * @store: what it is about to write
 * @answer: how it goes on
 */
void gprobe_step_store(struct gprobe_domain *domain,
		       const struct gprobe_event *event,
		       const struct gprobe_store *store,
		       struct gprobe_answer *answer)
{
	struct gprobe_vcpu *vcpu = &domain->vcpus[event->vcpu];

	step_toggle(domain, event, answer);
	vcpu->wrote = true;
	vcpu->store = *store;
}

/* Xen emulates the instruction that stands under the INT3. */
static void step_emulate(struct gprobe_domain *domain,
			 const struct gprobe_event *event,
			 const struct gprobe_site *site,
			 struct gprobe_answer *answer)
{
	domain->vcpus[event->vcpu].emulated = site->key;
	answer->flags = GPROBE_XEN_EV_EMULATE | GPROBE_XEN_EV_SET_EMUL_INSN;
	answer->insn = site->frame->original.va + site->offset;
}

/* It does nothing but to be passed. */
static void step_skip(const struct gprobe_event *event,
		      const struct gprobe_site *site,
		      struct gprobe_answer *answer)
{
	answer->flags = GPROBE_XEN_EV_SET_REGISTERS;
	answer->rip = event->rip + site->insn_bytes;
	answer->rflags = event->rflags & ~X86_EFLAGS_RF;
}

/**
 * gprobe_step_by() - Execute what stands under an INT3 by a method.
 * @domain: the guest
 * @event: the hit
 * @site: the INT3; for EMULATE and SKIP only
 * @step: enum gprobe_step
 * @answer: how the vCPU goes on
 */
void gprobe_step_by(struct gprobe_domain *domain,
		    const struct gprobe_event *event,
		    const struct gprobe_site *site, u8 step,
		    struct gprobe_answer *answer)
{
	static const struct gprobe_store anywhere = { .gfn = GPROBE_GFN_ANY };

	switch (step) {
	case GPROBE_STEP_SKIP:
		domain->stats.skipped++;
		step_skip(event, site, answer);
		break;
	case GPROBE_STEP_EMULATE:
		domain->stats.emulated++;
		step_emulate(domain, event, site, answer);
		break;
	case GPROBE_STEP_FAST:
		domain->stats.fast++;
		gprobe_step_fast(domain, event, answer);
		break;
	case GPROBE_STEP_STORE:
		domain->stats.toggled++;
		gprobe_step_store(domain, event, &anywhere, answer);
		break;
	default:
		domain->stats.toggled++;
		step_toggle(domain, event, answer);
		break;
	}
	trace_gprobe_step(domain->xen.domid, event->vcpu, step, event->rip);
}

/*
 * A guest that single-steps itself wants its trap behind a NOP too. In an answer
 * the bytes to emulate stand where the registers do.
 */
static u8 step_now(const struct gprobe_site *site,
		   const struct gprobe_event *event, bool sets_regs)
{
	u8 step = site->step;

	if (step == GPROBE_STEP_SKIP && event->rflags & X86_EFLAGS_TF)
		step = gprobe_site_own_step(site);
	return step == GPROBE_STEP_EMULATE && sets_regs ? GPROBE_STEP_FAST :
							  step;
}

/**
 * gprobe_step_past() - Execute what stands under an INT3 as its claims want it.
 * @domain: the guest
 * @event: the hit
 * @site: the INT3
 * @sets_regs: the answer sets registers besides
 * @answer: how the vCPU goes on
 */
void gprobe_step_past(struct gprobe_domain *domain,
		      const struct gprobe_event *event,
		      const struct gprobe_site *site, bool sets_regs,
		      struct gprobe_answer *answer)
{
	if (gprobe_step_is_own_int3(site))
		gprobe_step_reinject(domain, event);
	else
		gprobe_step_by(domain, event, site,
			       step_now(site, event, sets_regs), answer);
}

/**
 * gprobe_step_is_own_int3() - Does an INT3 of the guest's stand under ours?
 * @site: ours
 *
 * Return: true if one does.
 */
bool gprobe_step_is_own_int3(const struct gprobe_site *site)
{
	return READ_ONCE(site->frame->original.va[site->offset]) == GPROBE_INT3;
}

/**
 * gprobe_step_reinject() - The guest met an INT3 of its own: it gets its #BP.
 * @domain: the guest
 * @event: the hit
 */
void gprobe_step_reinject(struct gprobe_domain *domain,
			  const struct gprobe_event *event)
{
	int ret = gprobe_xen_inject_int3(&domain->xen, event->vcpu,
					 event->insn_len);

	if (!ret) {
		domain->stats.reinjected++;
		return;
	}
	domain->stats.lost++;
	trace_gprobe_error(domain->xen.domid, ret);
}
