// SPDX-License-Identifier: GPL-2.0
/* Xen's end of the monitor ring (its common/vm_event.c). */
#include "guest.h"

#include <linux/mm.h>
#include <linux/string.h>

#define DONE_WHEN_IT_RUNS	(GPROBE_XEN_EV_DENY | \
				 GPROBE_XEN_EV_EMULATE | \
				 GPROBE_XEN_EV_EMULATE_NOWRITE | \
				 GPROBE_XEN_EV_SET_EMUL_INSN | \
				 GPROBE_XEN_EV_SET_REGISTERS)

static struct gprobe_xen_sring *sring(const struct fake_guest *guest)
{
	return page_address(guest->ring);
}

/**
 * fake_ring_enable() - Take the ring's page.
 * @guest: the guest
 *
 * Context: The guest's lock held.
 * Return: 0; -EBUSY it is taken; -EINVAL no page there.
 */
int fake_ring_enable(struct fake_guest *guest)
{
	if (guest->ring)
		return -EBUSY;
	if (!guest->frames[guest->ring_gfn])
		return -EINVAL;
	guest->ring = guest->frames[guest->ring_gfn];
	get_page(guest->ring);
	guest->req_prod = 0;
	guest->rsp_cons = 0;
	return 0;
}

/* What an answer has asked for, and was not done yet. */
static void forget(struct fake_guest *guest, struct fake_vcpu *vcpu)
{
	if (vcpu->waiting || !vcpu->told)
		return;
	if (guest->settings.defers ||
	    vcpu->answer.flags & GPROBE_XEN_EV_SET_REGISTERS)
		guest->state.lost++;
	vcpu->answer.flags = 0;
	vcpu->told = false;
}

/**
 * fake_ring_disable() - Give it back.
 * @guest: the guest
 *
 * vCPUs whose event was taken and not answered go on waiting.
 *
 * Context: The guest's lock held.
 * Return: 0, also when it was not enabled; -EBUSY a vCPU waits for a slot.
 */
int fake_ring_disable(struct fake_guest *guest)
{
	u32 i;

	if (!guest->ring)
		return 0;
	for (i = 0; i < guest->nr_vcpus; i++)
		if (guest->vcpus[i].queued)
			return -EBUSY;
	for (i = 0; i < guest->nr_vcpus; i++)
		forget(guest, &guest->vcpus[i]);
	fake_monitors_off(guest);
	put_page(guest->ring);
	guest->ring = NULL;
	return 0;
}

/**
 * fake_ring_has_slot() - Is there room for a request?
 * @guest: its ring is enabled
 *
 * A slot is taken until the response in its place was seen.
 *
 * Context: The guest's lock held.
 * Return: true if there is.
 */
bool fake_ring_has_slot(const struct fake_guest *guest)
{
	return guest->req_prod - guest->rsp_cons < GPROBE_XEN_RING_SLOTS;
}

/**
 * fake_ring_put() - Put a request, and ring the bell.
 * @guest: its ring is enabled and has a slot
 * @request: copied
 *
 * Context: The guest's lock held.
 */
void fake_ring_put(struct fake_guest *guest,
		   const struct gprobe_xen_slot *request)
{
	struct gprobe_xen_sring *ring = sring(guest);

	ring->slot[guest->req_prod % GPROBE_XEN_RING_SLOTS] = *request;
	guest->req_prod++;
	guest->state.requests++;
	/* The request before its index; pairs with gprobe_ring_next(). */
	virt_wmb();
	WRITE_ONCE(ring->req_prod, guest->req_prod);
	if (guest->channel)
		fake_channel_raise(guest->channel);
}

static void apply_step(struct fake_guest *guest, struct fake_vcpu *vcpu,
		       const struct gprobe_xen_slot *response)
{
	if (response->flags & GPROBE_XEN_EV_FAST_SINGLESTEP) {
		if (!fake_p2m_has_view(guest, response->u.fast_singlestep_view))
			return;
		vcpu->fast = true;
		vcpu->fast_view = response->u.fast_singlestep_view;
	} else if (response->flags & GPROBE_XEN_EV_TOGGLE_SINGLESTEP) {
		vcpu->stepping = !vcpu->stepping;
	}
}

/* In Xen's order; see vm_event_resume(). */
static void apply(struct fake_guest *guest, struct fake_vcpu *vcpu,
		  const struct gprobe_xen_slot *response)
{
	vcpu->answer.flags = response->flags & DONE_WHEN_IT_RUNS;
	if (response->flags & GPROBE_XEN_EV_SET_EMUL_INSN)
		memcpy(vcpu->answer.insn, response->data.insn,
		       sizeof(vcpu->answer.insn));
	apply_step(guest, vcpu, response);
	if (response->flags & GPROBE_XEN_EV_ALTERNATE_P2M && guest->altp2m &&
	    fake_p2m_has_view(guest, response->altp2m_idx))
		vcpu->view = response->altp2m_idx;
	if (response->flags & GPROBE_XEN_EV_SET_REGISTERS) {
		memcpy(vcpu->answer.gpr, response->data.regs.gpr,
		       sizeof(vcpu->answer.gpr));
		vcpu->answer.rip = response->data.regs.rip;
		vcpu->answer.rflags = response->data.regs.rflags;
	}
	vcpu->waiting = false;
}

static void take(struct fake_guest *guest,
		 const struct gprobe_xen_slot *response)
{
	struct fake_vcpu *vcpu;

	guest->state.responses++;
	if (response->version != GPROBE_XEN_VM_EVENT_VERSION ||
	    response->vcpu_id >= guest->nr_vcpus) {
		guest->state.refused++;
		return;
	}
	vcpu = &guest->vcpus[response->vcpu_id];
	if (response->flags & GPROBE_XEN_EV_VCPU_PAUSED && vcpu->waiting)
		apply(guest, vcpu, response);
}

/**
 * fake_ring_resume() - Take all responses, let their vCPUs go.
 * @guest: the guest
 *
 * Context: The guest's lock held.
 */
void fake_ring_resume(struct fake_guest *guest)
{
	struct gprobe_xen_slot response;
	struct gprobe_xen_sring *ring;
	u32 prod;

	if (!guest->ring)
		return;
	ring = sring(guest);
	prod = READ_ONCE(ring->rsp_prod);
	if (prod - guest->rsp_cons > GPROBE_XEN_RING_SLOTS) {
		guest->state.refused++;
		return;
	}
	/* Pairs with the barrier in gprobe_ring_answer(). */
	virt_rmb();
	for (; guest->rsp_cons != prod; guest->rsp_cons++) {
		response = ring->slot[guest->rsp_cons % GPROBE_XEN_RING_SLOTS];
		take(guest, &response);
	}
	wake_up_all(&guest->wait);
}
