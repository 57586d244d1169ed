// SPDX-License-Identifier: GPL-2.0
#include "xen.h"

#include <linux/kernel.h>
#include <linux/mm.h>
#include <xen/interface/memory.h>

#include "fault.h"
#include "hypercall.h"
#include "multi.h"
#include "xen_abi.h"

static int domctl(const struct gprobe_xen *xen, u32 cmd,
		  struct gprobe_xen_domctl *op)
{
	if (gprobe_fault())
		return -EIO;
	op->cmd = cmd;
	op->interface_version = xen->domctl_version;
	op->domain = xen->domid;
	return gprobe_hypercall_domctl(op);
}

static int altp2m(const struct gprobe_xen *xen,
		  struct gprobe_xen_altp2m_op *op)
{
	if (gprobe_fault())
		return -EIO;
	op->version = GPROBE_XEN_ALTP2M_VERSION;
	op->domain = xen->domid;
	return gprobe_hypercall_altp2m(op);
}

/*
 * What returns a guest must not stop at a refusal that may pass. These do not
 * pass: another's doing, already done, or nothing there.
 */
#define UNDO_TRIES 3

static bool may_pass(int err)
{
	return err && err != -EBUSY && err != -EEXIST && err != -ESRCH &&
	       err != -EOPNOTSUPP;
}

static int domctl_undo(const struct gprobe_xen *xen, u32 cmd,
		       struct gprobe_xen_domctl *op)
{
	int tries = UNDO_TRIES;
	int ret;

	do {
		ret = domctl(xen, cmd, op);
	} while (may_pass(ret) && --tries);
	return ret;
}

static int altp2m_undo(const struct gprobe_xen *xen,
		       struct gprobe_xen_altp2m_op *op)
{
	int tries = UNDO_TRIES;
	int ret;

	do {
		ret = altp2m(xen, op);
	} while (may_pass(ret) && --tries);
	return ret;
}

/**
 * gprobe_xen_info() - Ask Xen what a guest is.
 * @xen: the guest
 * @info: where the answer goes
 *
 * Context: any that may make a domctl (takes Xen's domctl lock): process.
 * Return: 0; -ESRCH no such domain; -EACCES Xen speaks another domctl version.
 */
int gprobe_xen_info(const struct gprobe_xen *xen, struct gprobe_xen_info *info)
{
	struct gprobe_xen_domctl op = {};
	int ret = domctl(xen, GPROBE_XEN_DOMCTL_GETDOMAININFO, &op);

	if (ret)
		return ret;
	/* Xen answers with the next higher domain when there is none. */
	if (op.u.info.domain != xen->domid)
		return -ESRCH;
	info->dying = op.u.info.flags & GPROBE_XEN_DOMINF_DYING;
	info->hvm = op.u.info.flags & GPROBE_XEN_DOMINF_HVM;
	/* ~0 means that it has no vCPUs. */
	info->nr_vcpus = op.u.info.max_vcpu_id + 1;
	return 0;
}

/**
 * gprobe_xen_pause() - Stop all vCPUs of a guest; pauses nest.
 * @xen: the guest
 *
 * Context: Process. Returns when no vCPU runs any more.
 * Return: 0 or a negative errno.
 */
int gprobe_xen_pause(const struct gprobe_xen *xen)
{
	struct gprobe_xen_domctl op = {};

	return domctl(xen, GPROBE_XEN_DOMCTL_PAUSE, &op);
}

/**
 * gprobe_xen_pause_to_undo() - gprobe_xen_pause(), for what must not fail.
 * @xen: the guest
 *
 * Context: Process. Returns when no vCPU runs any more.
 * Return: 0 or a negative errno.
 */
int gprobe_xen_pause_to_undo(const struct gprobe_xen *xen)
{
	struct gprobe_xen_domctl op = {};

	return domctl_undo(xen, GPROBE_XEN_DOMCTL_PAUSE, &op);
}

/**
 * gprobe_xen_unpause() - Undo one gprobe_xen_pause().
 * @xen: the guest
 *
 * Context: Process.
 */
void gprobe_xen_unpause(const struct gprobe_xen *xen)
{
	struct gprobe_xen_domctl op = {};

	domctl_undo(xen, GPROBE_XEN_DOMCTL_UNPAUSE, &op);
}

/**
 * gprobe_xen_vcpu() - Ask Xen what a vCPU does.
 * @xen: the guest
 * @vcpu: which vCPU
 * @info: where the answer goes
 *
 * Context: Process.
 * Return: 0 or a negative errno.
 */
int gprobe_xen_vcpu(const struct gprobe_xen *xen, u32 vcpu,
		    struct gprobe_xen_vcpu *info)
{
	struct gprobe_xen_domctl op = { .u.vcpu_info = { .vcpu = vcpu } };
	int ret = domctl(xen, GPROBE_XEN_DOMCTL_VCPU_INFO, &op);

	if (ret)
		return ret;
	info->idle = op.u.vcpu_info.blocked || !op.u.vcpu_info.online;
	info->ran_ns = op.u.vcpu_info.cpu_time;
	return 0;
}

/**
 * gprobe_xen_step_off() - Make sure that a vCPU does not single-step.
 * @xen: the guest
 * @vcpu: which vCPU
 *
 * Context: Process.
 * Return: 0; -EOPNOTSUPP the CPU has no monitor trap flag.
 */
int gprobe_xen_step_off(const struct gprobe_xen *xen, u32 vcpu)
{
	struct gprobe_xen_domctl op = {
		.u.debug = { .op = GPROBE_XEN_DEBUG_OP_STEP_OFF, .vcpu = vcpu },
	};

	return domctl_undo(xen, GPROBE_XEN_DOMCTL_DEBUG_OP, &op);
}

/**
 * gprobe_xen_ring_enable() - Take the monitor ring of a guest.
 * @xen: the guest; its ring gfn must be populated and mapped by the caller
 * @remote_port: the guest-side port to bind to
 *
 * Context: Process.
 * Return: 0; -EBUSY another agent has it; -ENODEV no hardware for it.
 */
int gprobe_xen_ring_enable(const struct gprobe_xen *xen, u32 *remote_port)
{
	struct gprobe_xen_domctl op = {
		.u.vm_event = { .op = GPROBE_XEN_VM_EVENT_ENABLE,
				.mode = GPROBE_XEN_VM_EVENT_MODE_MONITOR },
	};
	int ret = domctl(xen, GPROBE_XEN_DOMCTL_VM_EVENT_OP, &op);

	if (!ret)
		*remote_port = op.u.vm_event.port;
	return ret;
}

/**
 * gprobe_xen_ring_disable() - Give the monitor ring back.
 * @xen: the guest
 *
 * Context: Process.
 * Return: 0; -EBUSY a vCPU still waits for a free slot.
 */
int gprobe_xen_ring_disable(const struct gprobe_xen *xen)
{
	struct gprobe_xen_domctl op = {
		.u.vm_event = { .op = GPROBE_XEN_VM_EVENT_DISABLE,
				.mode = GPROBE_XEN_VM_EVENT_MODE_MONITOR },
	};

	return domctl_undo(xen, GPROBE_XEN_DOMCTL_VM_EVENT_OP, &op);
}

static struct gprobe_xen_domctl
monitor_op(const struct gprobe_xen_monitor_op *monitor, u32 op)
{
	struct gprobe_xen_domctl domctl = { .u.monitor = *monitor };

	domctl.u.monitor.op = op;
	return domctl;
}

/**
 * gprobe_xen_monitor_on() - Switch one kind of monitor event on.
 * @xen: the guest
 * @monitor: which, and how; its op is not read
 *
 * Context: Process.
 * Return: 0; -EEXIST it is on already, in whatever way; -EOPNOTSUPP not with this
 * Xen, or on this host.
 */
int gprobe_xen_monitor_on(const struct gprobe_xen *xen,
			  const struct gprobe_xen_monitor_op *monitor)
{
	struct gprobe_xen_domctl op = monitor_op(monitor,
						 GPROBE_XEN_MONITOR_ENABLE);

	return domctl(xen, GPROBE_XEN_DOMCTL_MONITOR_OP, &op);
}

/**
 * gprobe_xen_monitor_off() - Switch one kind of monitor event off.
 * @xen: the guest
 * @monitor: which
 *
 * Context: Process.
 * Return: 0 or a negative errno.
 */
int gprobe_xen_monitor_off(const struct gprobe_xen *xen,
			   const struct gprobe_xen_monitor_op *monitor)
{
	struct gprobe_xen_domctl op = monitor_op(monitor,
						 GPROBE_XEN_MONITOR_DISABLE);
	int ret = domctl_undo(xen, GPROBE_XEN_DOMCTL_MONITOR_OP, &op);

	/* It was off. */
	return ret == -EEXIST ? 0 : ret;
}

/**
 * gprobe_xen_monitor_restore() - Undo gprobe_xen_monitor_off().
 * @xen: the guest
 * @monitor: which, and how
 *
 * Context: Process.
 */
void gprobe_xen_monitor_restore(const struct gprobe_xen *xen,
				const struct gprobe_xen_monitor_op *monitor)
{
	struct gprobe_xen_domctl op = monitor_op(monitor,
						 GPROBE_XEN_MONITOR_ENABLE);

	domctl_undo(xen, GPROBE_XEN_DOMCTL_MONITOR_OP, &op);
}

/**
 * gprobe_xen_defer_writes() - Let writes wait for the answer to their event.
 * @xen: the guest
 *
 * Writes to CR0, CR3, CR4 and MSRs that are monitored are then done when the vCPU
 * is next resumed, unless the answer denies them; until the ring is disabled,
 * which loses those that are not done.
 *
 * Context: Process.
 * Return: 0 or a negative errno.
 */
int gprobe_xen_defer_writes(const struct gprobe_xen *xen)
{
	struct gprobe_xen_domctl op = {
		.u.monitor = { .op = GPROBE_XEN_MONITOR_DEFER_WRITES },
	};

	return domctl(xen, GPROBE_XEN_DOMCTL_MONITOR_OP, &op);
}

/**
 * gprobe_xen_param() - Read an HVM parameter.
 * @xen: the guest
 * @index: GPROBE_XEN_PARAM_*
 * @value: where it goes
 *
 * Context: Any.
 * Return: 0 or a negative errno.
 */
int gprobe_xen_param(const struct gprobe_xen *xen, u32 index, u64 *value)
{
	struct xen_hvm_param op = { .domid = xen->domid, .index = index };
	int ret;

	if (gprobe_fault())
		return -EIO;
	ret = gprobe_hypercall_param(&op);
	*value = op.value;
	return ret;
}

/**
 * gprobe_xen_max_gfn() - The highest gfn a guest has ever had.
 * @xen: the guest
 *
 * Context: Any.
 * Return: the gfn or a negative errno.
 */
long gprobe_xen_max_gfn(const struct gprobe_xen *xen)
{
	domid_t domid = xen->domid;

	if (gprobe_fault())
		return -EIO;
	return gprobe_hypercall_memory(GPROBE_XENMEM_MAXIMUM_GPFN, &domid);
}

/**
 * gprobe_xen_max_pages() - A guest's memory limit.
 * @xen: the guest
 *
 * Context: Any.
 * Return: pages or a negative errno.
 */
long gprobe_xen_max_pages(const struct gprobe_xen *xen)
{
	domid_t domid = xen->domid;

	if (gprobe_fault())
		return -EIO;
	return gprobe_hypercall_memory(XENMEM_maximum_reservation, &domid);
}

/**
 * gprobe_xen_set_max_pages() - Set a guest's memory limit.
 * @xen: the guest
 * @pages: the limit
 *
 * Context: Process.
 * Return: 0 or a negative errno.
 */
int gprobe_xen_set_max_pages(const struct gprobe_xen *xen, u64 pages)
{
	struct gprobe_xen_domctl op = {
		.u.max_memkb = pages << (PAGE_SHIFT - 10),
	};

	return domctl(xen, GPROBE_XEN_DOMCTL_MAX_MEM, &op);
}

/**
 * gprobe_xen_reset_max_pages() - Undo gprobe_xen_set_max_pages().
 * @xen: the guest
 * @pages: the limit it had
 *
 * Context: Process.
 */
void gprobe_xen_reset_max_pages(const struct gprobe_xen *xen, u64 pages)
{
	struct gprobe_xen_domctl op = {
		.u.max_memkb = pages << (PAGE_SHIFT - 10),
	};

	domctl_undo(xen, GPROBE_XEN_DOMCTL_MAX_MEM, &op);
}

/* How many of them it was done to, from the first on; or a negative errno. */
static int reservation(const struct gprobe_xen *xen, unsigned int cmd, u64 gfn,
		       unsigned int nr)
{
	xen_pfn_t pfns[GPROBE_XEN_PAGES_MAX];
	struct xen_memory_reservation op = {
		.nr_extents = nr,
		.domid = xen->domid,
	};
	unsigned int i;

	for (i = 0; i < nr; i++)
		pfns[i] = gfn + i;
	set_xen_guest_handle(op.extent_start, pfns);
	if (gprobe_fault())
		return -EIO;
	return gprobe_hypercall_memory(cmd, &op) ?: -ENOMEM;
}

static int reservation_undo(const struct gprobe_xen *xen, unsigned int cmd,
			    u64 gfn)
{
	int tries = UNDO_TRIES;
	int ret;

	do {
		ret = min(reservation(xen, cmd, gfn, 1), 0);
	} while (may_pass(ret) && --tries);
	return ret;
}

/**
 * gprobe_xen_populate() - Give a guest new pages.
 * @xen: the guest
 * @gfn: a gfn with nothing at it, nor at those that follow
 * @nr: how many, not more than GPROBE_XEN_PAGES_MAX
 *
 * Context: Process.
 * Return: how many there are now, from the first on; a negative errno: none,
 * -ENOMEM if Xen has no more, or the guest's limit is reached.
 */
int gprobe_xen_populate(const struct gprobe_xen *xen, u64 gfn, unsigned int nr)
{
	return reservation(xen, XENMEM_populate_physmap, gfn, nr);
}

/**
 * gprobe_xen_depopulate() - Take the page at a gfn away from a guest.
 * @xen: the guest
 * @gfn: the gfn; a foreign mapping of it keeps the page itself alive
 *
 * Context: Process.
 * Return: 0 or a negative errno.
 */
int gprobe_xen_depopulate(const struct gprobe_xen *xen, u64 gfn)
{
	return reservation_undo(xen, XENMEM_decrease_reservation, gfn);
}

/**
 * gprobe_xen_repopulate() - Undo gprobe_xen_depopulate(), with another page.
 * @xen: the guest
 * @gfn: what was depopulated
 *
 * Context: Process.
 */
void gprobe_xen_repopulate(const struct gprobe_xen *xen, u64 gfn)
{
	reservation_undo(xen, XENMEM_populate_physmap, gfn);
}

/**
 * gprobe_xen_altp2m_state() - Does a guest have altp2m switched on?
 * @xen: the guest
 * @on: where the answer goes
 *
 * Context: Any.
 * Return: 0; -EOPNOTSUPP the host has no altp2m; -EINVAL not for this guest.
 */
int gprobe_xen_altp2m_state(const struct gprobe_xen *xen, bool *on)
{
	struct gprobe_xen_altp2m_op op = { .cmd = GPROBE_XEN_ALTP2M_GET_STATE };
	int ret = altp2m(xen, &op);

	*on = op.u.state;
	return ret;
}

/**
 * gprobe_xen_altp2m_set_state() - Switch a guest's altp2m on or off.
 * @xen: the guest; off removes all of its views
 * @on: on or off
 *
 * Context: Process.
 * Return: 0 or a negative errno.
 */
int gprobe_xen_altp2m_set_state(const struct gprobe_xen *xen, bool on)
{
	struct gprobe_xen_altp2m_op op = {
		.cmd = GPROBE_XEN_ALTP2M_SET_STATE, .u.state = on,
	};

	return on ? altp2m(xen, &op) : altp2m_undo(xen, &op);
}

/**
 * gprobe_xen_view_create() - Make a view where all access is allowed.
 * @xen: the guest
 * @view: its number
 *
 * Context: Process.
 * Return: 0; -ENOSPC or -EINVAL when Xen has no more views.
 */
int gprobe_xen_view_create(const struct gprobe_xen *xen, u16 *view)
{
	struct gprobe_xen_altp2m_op op = {
		.cmd = GPROBE_XEN_ALTP2M_CREATE,
		.u.view.default_access = GPROBE_XEN_ACCESS_RWX,
	};
	int ret = altp2m(xen, &op);

	*view = op.u.view.view;
	return ret;
}

/**
 * gprobe_xen_view_destroy() - Remove a view.
 * @xen: the guest
 * @view: its number
 *
 * Context: Process.
 * Return: 0; -EBUSY a vCPU is in it.
 */
int gprobe_xen_view_destroy(const struct gprobe_xen *xen, u16 view)
{
	struct gprobe_xen_altp2m_op op = {
		.cmd = GPROBE_XEN_ALTP2M_DESTROY, .u.view.view = view,
	};

	return altp2m_undo(xen, &op);
}

/**
 * gprobe_xen_view_switch() - Move all vCPUs of a guest to a view.
 * @xen: the guest
 * @view: its number; 0 is the guest's own
 *
 * Context: Process.
 * Return: 0; -EINVAL no such view.
 */
int gprobe_xen_view_switch(const struct gprobe_xen *xen, u16 view)
{
	struct gprobe_xen_altp2m_op op = {
		.cmd = GPROBE_XEN_ALTP2M_SWITCH, .u.view.view = view,
	};

	return altp2m_undo(xen, &op);
}

/**
 * gprobe_xen_view_access() - The access of a gfn in a view.
 * @xen: the guest
 * @view: the view, or 0
 * @gfn: the gfn
 * @access: GPROBE_XEN_ACCESS_*
 *
 * Context: Any.
 * Return: 0; -ESRCH nothing at that gfn.
 */
int gprobe_xen_view_access(const struct gprobe_xen *xen, u16 view, u64 gfn,
			   u16 *access)
{
	struct gprobe_xen_altp2m_op op = gprobe_op_get_access(view, gfn);
	int ret = altp2m(xen, &op);

	*access = op.u.access.access;
	return ret;
}

/**
 * gprobe_xen_view_set_access_now() - Set the access of a gfn in a view.
 * @xen: the guest
 * @view: the view, not 0
 * @gfn: the gfn
 * @access: GPROBE_XEN_ACCESS_*
 *
 * Elsewhere it is done for many at once, and read back (access.c).
 *
 * Context: Any, also where nothing may sleep.
 * Return: 0 or a negative errno.
 */
int gprobe_xen_view_set_access_now(const struct gprobe_xen *xen, u16 view,
				   u64 gfn, u16 access)
{
	struct gprobe_xen_altp2m_op op = gprobe_op_set_access(view, gfn,
							      access);

	op.version = GPROBE_XEN_ALTP2M_VERSION;
	op.domain = xen->domid;
	return gprobe_hypercall_altp2m(&op);
}

/**
 * gprobe_xen_view_unmap() - Let a gfn show no other one's frame.
 * @xen: the guest
 * @view: the view
 * @gfn: what is remapped; the view has no entry for it any more
 *
 * Context: Process. The guest is paused until gprobe_xen_view_fill().
 * Return: 0 or a negative errno.
 */
int gprobe_xen_view_unmap(const struct gprobe_xen *xen, u16 view, u64 gfn)
{
	struct gprobe_xen_altp2m_op op = gprobe_op_unmap(view, gfn);

	return altp2m_undo(xen, &op);
}

/**
 * gprobe_xen_view_fill() - Let a gfn have its own frame and full access.
 * @xen: the guest
 * @view: the view
 * @gfn: what gprobe_xen_view_unmap() was called for
 *
 * Whatever else finds that a view has no entry, a guest that touches the gfn or a
 * set_access of it, fills the view with all of the large page that the gfn is in,
 * over remapped gfns and their access. Suppression, which is on wherever it was not
 * switched off, is set for the gfn alone (altp2m_get_effective_entry(): a query).
 *
 * Context: Process.
 * Return: 0, also where there is no frame; or a negative errno.
 */
int gprobe_xen_view_fill(const struct gprobe_xen *xen, u16 view, u64 gfn)
{
	struct gprobe_xen_altp2m_op op = gprobe_op_fill(view, gfn);
	int ret = altp2m_undo(xen, &op);

	return ret == -ESRCH ? 0 : ret;
}

static int inject(const struct gprobe_xen *xen,
		  const struct gprobe_xen_inject_event *event)
{
	const struct gprobe_xen_dm_op op = {
		.op = GPROBE_XEN_DMOP_INJECT_EVENT,
		.inject_event = *event,
	};

	return gprobe_hypercall_inject(xen->domid, &op);
}

/**
 * gprobe_xen_inject_int3() - Give a vCPU the INT3 it executed.
 * @xen: the guest
 * @vcpu: the vCPU, paused with RIP at its INT3
 * @insn_len: bytes of the instruction
 *
 * Context: Any, the path of a hit included.
 * Return: 0; -EBUSY an event is pending there already.
 */
int gprobe_xen_inject_int3(const struct gprobe_xen *xen, u32 vcpu, u8 insn_len)
{
	const struct gprobe_xen_inject_event event = {
		.vcpuid = vcpu,
		.vector = 3,
		.type = GPROBE_XEN_DMOP_EVENT_SW_EXC,
		.insn_len = insn_len,
		.error_code = GPROBE_NO_ERROR_CODE,
	};

	return inject(xen, &event);
}

/**
 * gprobe_xen_inject_debug() - Give a vCPU the debug exception it met.
 * @xen: the guest
 * @vcpu: the vCPU, paused
 * @type: GPROBE_XEN_DMOP_EVENT_*, as Xen told
 * @insn_len: bytes of the instruction, with ICEBP; else 0
 *
 * Context: Any, the path of an event included.
 * Return: 0; -EBUSY an event is pending there already.
 */
int gprobe_xen_inject_debug(const struct gprobe_xen *xen, u32 vcpu, u8 type,
			    u8 insn_len)
{
	const struct gprobe_xen_inject_event event = {
		.vcpuid = vcpu,
		.vector = 1,
		.type = type,
		.insn_len = insn_len,
		.error_code = GPROBE_NO_ERROR_CODE,
	};

	return inject(xen, &event);
}

/**
 * gprobe_xen_inject_fault() - Send a vCPU into the handler of a fault.
 * @xen: the guest
 * @vcpu: the vCPU, paused
 * @vector: of the fault
 * @error_code: as the vector has it, or GPROBE_NO_ERROR_CODE: Xen does not check
 * @cr2: of a page fault
 *
 * Context: Any.
 * Return: 0; -EBUSY an event is pending there already.
 */
int gprobe_xen_inject_fault(const struct gprobe_xen *xen, u32 vcpu, u8 vector,
			    u32 error_code, u64 cr2)
{
	const struct gprobe_xen_inject_event event = {
		.vcpuid = vcpu,
		.vector = vector,
		.type = GPROBE_XEN_DMOP_EVENT_HW_EXC,
		.error_code = error_code,
		.cr2 = cr2,
	};

	return inject(xen, &event);
}
