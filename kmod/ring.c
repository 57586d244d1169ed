// SPDX-License-Identifier: GPL-2.0
#include "ring.h"

#include <linux/mm.h>
#include <linux/string.h>
#include <asm/msr-index.h>

#include "../include/uapi/linux/gprobe.h"
#include "xen_abi.h"

/*
 * Map the ring's page. Whoever owned the ring last has taken the page out of
 * the guest, so there may be none: then the guest gets one.
 */
static int map_page(struct gprobe_ring *ring, const struct gprobe_xen *xen)
{
	int ret = gprobe_map_new(&ring->map, xen->domid, ring->gfn, true);

	ring->was_populated = !ret;
	if (ret != -ENXIO)
		return ret;
	ret = gprobe_xen_populate(xen, ring->gfn, 1);
	if (ret < 0)
		return ret;
	ret = gprobe_map_new(&ring->map, xen->domid, ring->gfn, true);
	if (ret)
		gprobe_xen_depopulate(xen, ring->gfn);
	return ret;
}

static void unmap_page(struct gprobe_ring *ring, const struct gprobe_xen *xen)
{
	gprobe_map_free(&ring->map);
	if (!ring->was_populated)
		gprobe_xen_depopulate(xen, ring->gfn);
}

/**
 * gprobe_ring_open() - Take a guest's monitor ring.
 * @ring: zeroed
 * @xen: the guest, paused
 * @handler: called in interrupt context when requests are there
 * @cookie: its second argument
 *
 * The page is mapped before it is taken out of the guest, which must not be
 * able to write it.
 *
 * Context: Process, may sleep.
 * Return: 0; -EBUSY another agent owns the ring; then all is as it was.
 */
int gprobe_ring_open(struct gprobe_ring *ring, const struct gprobe_xen *xen,
		     irq_handler_t handler, void *cookie)
{
	u32 remote_port;
	int ret;

	ring->channel.cookie = cookie;
	ret = gprobe_xen_param(xen, GPROBE_XEN_PARAM_MONITOR_RING_PFN,
			       &ring->gfn);
	if (ret)
		return ret;
	ret = map_page(ring, xen);
	if (ret)
		return ret;
	ret = gprobe_xen_ring_enable(xen, &remote_port);
	if (ret)
		goto err_unmap;
	/*
	 * Xen leaves the shared indices to us (io/ring.h, SHARED_RING_INIT).
	 * Not earlier: the page might have been another agent's.
	 */
	ring->sring = (struct gprobe_xen_sring *)ring->map.va;
	memset(ring->sring, 0, PAGE_SIZE);
	ring->sring->req_event = 1;
	ring->sring->rsp_event = 1;
	ret = gprobe_channel_bind(&ring->channel, xen->domid, remote_port,
				  handler);
	if (ret)
		goto err_disable;
	ret = gprobe_xen_depopulate(xen, ring->gfn);
	if (ret)
		goto err_unbind;
	return 0;

err_unbind:
	gprobe_channel_unbind(&ring->channel);
err_disable:
	gprobe_xen_ring_disable(xen);
err_unmap:
	unmap_page(ring, xen);
	return ret;
}

/**
 * gprobe_ring_disable() - Tell Xen that the ring is no longer ours.
 * @ring: open, with every request answered
 * @xen: the guest
 *
 * Context: Process.
 * Return: 0; -EBUSY a vCPU waits inside Xen for a free slot: let the guest
 * run, answer, and try again.
 */
int gprobe_ring_disable(struct gprobe_ring *ring, const struct gprobe_xen *xen)
{
	return gprobe_xen_ring_disable(xen);
}

/**
 * gprobe_ring_close() - Return what gprobe_ring_open() took.
 * @ring: open, disabled in Xen unless the guest dies
 * @xen: the guest
 * @dying: nothing but our own side is left to be cleaned
 *
 * Context: Process, may sleep. The handler runs no more when it returns.
 */
void gprobe_ring_close(struct gprobe_ring *ring, const struct gprobe_xen *xen,
		       bool dying)
{
	gprobe_channel_unbind(&ring->channel);
	gprobe_map_free(&ring->map);
	ring->sring = NULL;
	if (!dying && ring->was_populated)
		gprobe_xen_repopulate(xen, ring->gfn);
}

/**
 * gprobe_ring_has_request() - Is there a request to take?
 * @ring: open
 *
 * Context: Any, unlocked: another may take it first.
 * Return: true there is, or the page holds nonsense.
 */
bool gprobe_ring_has_request(const struct gprobe_ring *ring)
{
	return READ_ONCE(ring->sring->req_prod) != READ_ONCE(ring->req_cons);
}

/**
 * gprobe_ring_next() - Take the next request.
 * @ring: open
 * @event: a copy of the fields we use
 *
 * Context: Any; the caller serialises.
 * Return: 1 there was one; 0 none; -EPROTO the producer index made no sense,
 * and everything in the ring was skipped.
 */
int gprobe_ring_next(struct gprobe_ring *ring, struct gprobe_event *event)
{
	struct gprobe_xen_sring *sring = ring->sring;
	u32 prod = READ_ONCE(sring->req_prod);
	const struct gprobe_xen_slot *slot;

	if (prod == ring->req_cons)
		return 0;
	if (prod - ring->req_cons > GPROBE_XEN_RING_SLOTS) {
		ring->req_cons = prod;
		return -EPROTO;
	}
	/* Pairs with Xen's write barrier between a request and its index. */
	virt_rmb();
	slot = &sring->slot[ring->req_cons % GPROBE_XEN_RING_SLOTS];
	event->slot = slot;
	event->version = READ_ONCE(slot->version);
	event->flags = READ_ONCE(slot->flags);
	event->reason = READ_ONCE(slot->reason);
	event->vcpu = READ_ONCE(slot->vcpu_id);
	event->view = event->flags & GPROBE_XEN_EV_ALTERNATE_P2M ?
		      READ_ONCE(slot->altp2m_idx) : 0;
	/* gfn is the first member of both kinds. */
	event->gfn = READ_ONCE(slot->u.breakpoint.gfn);
	event->offset = READ_ONCE(slot->u.mem_access.offset);
	event->access = READ_ONCE(slot->u.mem_access.flags);
	event->ctrlreg = READ_ONCE(slot->u.ctrlreg.index);
	event->insn_len = READ_ONCE(slot->u.breakpoint.insn_length);
	memcpy(event->gpr, slot->data.regs.gpr, sizeof(event->gpr));
	event->rflags = READ_ONCE(slot->data.regs.rflags);
	event->rip = READ_ONCE(slot->data.regs.rip);
	event->cr3 = READ_ONCE(slot->data.regs.cr3);
	event->cpl = READ_ONCE(slot->data.regs.ss) >>
		     GPROBE_XEN_SEG_DPL_SHIFT & 3;
	ring->req_cons++;
	WRITE_ONCE(sring->req_event, ring->req_cons + 1);
	return 1;
}

/**
 * gprobe_ring_regs() - Copy the registers of a request.
 * @event: the request, not yet answered: the answer may take its slot
 * @regs: the copy
 *
 * Context: Any; the caller serialises.
 */
void gprobe_ring_regs(const struct gprobe_event *event,
		      struct gprobe_regs *regs)
{
	const struct gprobe_xen_regs *from = &event->slot->data.regs;

	static_assert(offsetof(struct gprobe_regs, rip) == sizeof(event->gpr));
	static_assert(sizeof(struct gprobe_regs) == 216);
	memcpy(regs, event->gpr, sizeof(event->gpr));
	regs->rip = event->rip;
	regs->rflags = event->rflags;
	regs->cr0 = READ_ONCE(from->cr0);
	regs->cr2 = READ_ONCE(from->cr2);
	regs->cr3 = event->cr3;
	regs->cr4 = READ_ONCE(from->cr4);
	regs->efer = READ_ONCE(from->msr_efer);
	regs->fs_base = READ_ONCE(from->fs_base);
	regs->gs_base = READ_ONCE(from->gs_base);
	regs->shadow_gs = READ_ONCE(from->shadow_gs);
	regs->cpl = event->cpl;
	regs->cs = READ_ONCE(from->cs_sel);
}

/**
 * gprobe_ring_is_64bit() - Does the vCPU of a request run 64-bit code?
 * @event: the request, not yet answered
 *
 * Context: Any; the caller serialises.
 * Return: true if it does (SDM 3, 4.1.1).
 */
bool gprobe_ring_is_64bit(const struct gprobe_event *event)
{
	const struct gprobe_xen_regs *from = &event->slot->data.regs;

	return READ_ONCE(from->msr_efer) & EFER_LMA &&
	       READ_ONCE(from->cs) >> GPROBE_XEN_SEG_L_SHIFT & 1;
}

/**
 * gprobe_ring_answer() - Put the answer to a request.
 * @ring: open
 * @event: the request, taken by gprobe_ring_next() and not yet answered
 * @answer: how its vCPU goes on, seen by Xen at the next notify
 *
 * There is a slot for each request taken, so there is always room.
 *
 * Context: Any; the caller serialises.
 */
void gprobe_ring_answer(struct gprobe_ring *ring,
			const struct gprobe_event *event,
			const struct gprobe_answer *answer)
{
	struct gprobe_xen_sring *sring = ring->sring;
	struct gprobe_xen_slot *slot;
	u32 flags = answer->flags;

	slot = &sring->slot[ring->rsp_prod % GPROBE_XEN_RING_SLOTS];
	slot->version = GPROBE_XEN_VM_EVENT_VERSION;
	slot->flags = flags | (event->flags & GPROBE_XEN_EV_VCPU_PAUSED);
	slot->reason = answer->reason ?: event->reason;
	slot->vcpu_id = event->vcpu;
	slot->altp2m_idx = answer->view;
	if (flags & GPROBE_XEN_EV_FAST_SINGLESTEP) {
		slot->u.fast_singlestep_view = answer->return_view;
	} else if (event->reason == GPROBE_XEN_REASON_MEM_ACCESS) {
		/* Xen checks an emulation against the access it reported. */
		slot->u.mem_access.gfn = event->gfn;
		slot->u.mem_access.offset = event->offset;
		slot->u.mem_access.flags = event->access;
	} else if (event->reason == GPROBE_XEN_REASON_CTRLREG) {
		/* Xen looks there for what is denied. */
		slot->u.ctrlreg.index = event->ctrlreg;
	}
	if (flags & GPROBE_XEN_EV_SET_EMUL_INSN)
		memcpy(slot->data.insn, answer->insn, GPROBE_XEN_INSN_BYTES);
	if (flags & GPROBE_XEN_EV_SET_REGISTERS) {
		/* They stand there, unless a broken ring was skipped over. */
		if (slot != event->slot)
			memcpy(slot->data.regs.gpr, event->gpr,
			       sizeof(event->gpr));
		slot->data.regs.rflags = answer->rflags;
		slot->data.regs.rip = answer->rip;
	}
	ring->rsp_prod++;
	/* The answer before its index; pairs with Xen's read barrier. */
	virt_wmb();
	WRITE_ONCE(sring->rsp_prod, ring->rsp_prod);
}

/**
 * gprobe_ring_notify() - Let Xen take all answers put so far.
 * @ring: open
 *
 * Xen takes them inside this hypercall.
 *
 * Context: Any.
 */
void gprobe_ring_notify(struct gprobe_ring *ring)
{
	gprobe_channel_notify(&ring->channel);
}
