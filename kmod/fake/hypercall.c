// SPDX-License-Identifier: GPL-2.0
/* What Xen answers. A dying guest: 0, and nothing happens. */
#include "../hypercall.h"

#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <xen/interface/memory.h>

#include "guest.h"

/* How often the module has called, in whatever way but an event channel's. */
static atomic_t hypercalls = ATOMIC_INIT(0);
/* Calls inside of multicalls, each of which is one hypercall. */
static atomic_t entries = ATOMIC_INIT(0);

static int get_count(char *text, const struct kernel_param *param)
{
	return scnprintf(text, PAGE_SIZE, "%d\n",
			 atomic_read((const atomic_t *)param->arg));
}

static const struct kernel_param_ops count_ops = { .get = get_count };

module_param_cb(fake_hypercalls, &count_ops, &hypercalls, 0400);
MODULE_PARM_DESC(fake_hypercalls, "how many hypercalls there were");
module_param_cb(fake_entries, &count_ops, &entries, 0400);
MODULE_PARM_DESC(fake_entries, "how many calls there were inside of multicalls");

/* There is always a dom0, and it is no HVM guest. */
static int dom0_info(struct gprobe_xen_domaininfo *info)
{
	info->domain = 0;
	info->flags = 0;
	info->max_vcpu_id = 0;
	return 0;
}

/* Xen answers for the next higher domain when there is none. */
static int get_info(struct gprobe_xen_domctl *op)
{
	struct gprobe_xen_domaininfo *info = &op->u.info;
	struct fake_guest *guest;

	if (!op->domain)
		return dom0_info(info);
	guest = fake_guest_get_next(op->domain);
	if (!guest)
		return -ESRCH;
	info->domain = guest->domid;
	info->flags = GPROBE_XEN_DOMINF_HVM;
	if (READ_ONCE(guest->dying))
		info->flags |= GPROBE_XEN_DOMINF_DYING;
	info->max_vcpu_id = guest->nr_vcpus - 1;
	fake_guest_put(guest);
	return 0;
}

static int unpause(struct fake_guest *guest)
{
	if (!guest->pause_count)
		return -EINVAL;
	if (!--guest->pause_count)
		wake_up_all(&guest->wait);
	return 0;
}

static int set_max_pages(struct fake_guest *guest, u64 pages)
{
	if (pages < guest->tot_pages)
		return -EINVAL;
	guest->max_pages = pages;
	return 0;
}

static int debug_op(struct fake_guest *guest, const struct gprobe_xen_debug_op *op)
{
	struct fake_vcpu *vcpu;

	if (op->op != GPROBE_XEN_DEBUG_OP_STEP_OFF ||
	    op->vcpu >= guest->nr_vcpus)
		return -EINVAL;
	vcpu = &guest->vcpus[op->vcpu];
	vcpu->stepping = false;
	vcpu->fast = false;
	return 0;
}

static int vm_event_op(struct fake_guest *guest,
		       struct gprobe_xen_vm_event_op *op)
{
	if (op->mode != GPROBE_XEN_VM_EVENT_MODE_MONITOR)
		return -EOPNOTSUPP;
	/* The port of its end: one guest has one. */
	op->port = guest->domid;
	switch (op->op) {
	case GPROBE_XEN_VM_EVENT_ENABLE:
		return fake_ring_enable(guest);
	case GPROBE_XEN_VM_EVENT_DISABLE:
		return fake_ring_disable(guest);
	default:
		return -EOPNOTSUPP;
	}
}

/* One that nobody plays does nothing that could be waited for. */
static int vcpu_info(const struct fake_guest *guest,
		     struct gprobe_xen_vcpu_info *info)
{
	const struct fake_vcpu *vcpu;

	if (info->vcpu >= guest->nr_vcpus)
		return -ESRCH;
	vcpu = &guest->vcpus[info->vcpu];
	info->online = true;
	info->blocked = !vcpu->busy;
	info->cpu_time = vcpu->ran;
	return 0;
}

static int guest_domctl(struct fake_guest *guest, struct gprobe_xen_domctl *op)
{
	switch (op->cmd) {
	case GPROBE_XEN_DOMCTL_PAUSE:
		guest->pause_count++;
		return 0;
	case GPROBE_XEN_DOMCTL_UNPAUSE:
		return unpause(guest);
	case GPROBE_XEN_DOMCTL_MAX_MEM:
		return set_max_pages(guest, op->u.max_memkb >> (PAGE_SHIFT - 10));
	case GPROBE_XEN_DOMCTL_DEBUG_OP:
		return debug_op(guest, &op->u.debug);
	case GPROBE_XEN_DOMCTL_VM_EVENT_OP:
		return vm_event_op(guest, &op->u.vm_event);
	case GPROBE_XEN_DOMCTL_MONITOR_OP:
		return fake_monitor_op(guest, &op->u.monitor);
	case GPROBE_XEN_DOMCTL_VCPU_INFO:
		return vcpu_info(guest, &op->u.vcpu_info);
	default:
		return -ENOSYS;
	}
}

static unsigned int fake_xen = 0x40014;
module_param(fake_xen, uint, 0400);
MODULE_PARM_DESC(fake_xen, "the version of Xen that is played, major and minor in 16 bits each");

static unsigned int fake_domctl = GPROBE_FAKE_DOMCTL_VERSION;
module_param(fake_domctl, uint, 0400);
MODULE_PARM_DESC(fake_domctl, "its XEN_DOMCTL_INTERFACE_VERSION");

int gprobe_hypercall_version(void)
{
	atomic_inc(&hypercalls);
	return fake_xen;
}

int gprobe_hypercall_domctl(struct gprobe_xen_domctl *op)
{
	struct fake_guest *guest;
	int ret = 0;

	might_sleep();
	atomic_inc(&hypercalls);
	if (op->interface_version != fake_domctl)
		return -EACCES;
	if (op->cmd == GPROBE_XEN_DOMCTL_GETDOMAININFO)
		return get_info(op);
	guest = fake_guest_get(op->domain);
	if (!guest)
		return -ESRCH;
	spin_lock_irq(&guest->lock);
	if (!guest->dying)
		ret = guest_domctl(guest, op);
	spin_unlock_irq(&guest->lock);
	fake_guest_put(guest);
	return ret;
}

static int guest_altp2m(struct fake_guest *guest,
			struct gprobe_xen_altp2m_op *op)
{
	switch (op->cmd) {
	case GPROBE_XEN_ALTP2M_GET_STATE:
		op->u.state = guest->altp2m;
		return 0;
	case GPROBE_XEN_ALTP2M_SET_STATE:
		if (!op->u.state)
			fake_p2m_off(guest);
		guest->altp2m = op->u.state;
		return 0;
	}
	if (!guest->altp2m)
		return -EOPNOTSUPP;
	switch (op->cmd) {
	case GPROBE_XEN_ALTP2M_CREATE:
		return fake_p2m_create(guest, &op->u.view.view);
	case GPROBE_XEN_ALTP2M_DESTROY:
		return fake_p2m_destroy(guest, op->u.view.view);
	case GPROBE_XEN_ALTP2M_SWITCH:
		return fake_p2m_switch(guest, op->u.view.view);
	case GPROBE_XEN_ALTP2M_SET_ACCESS:
		return fake_p2m_set_access(guest, op->u.access.view,
					   op->u.access.gfn,
					   op->u.access.access);
	case GPROBE_XEN_ALTP2M_SET_SUPPRESS_VE:
		return fake_p2m_fill(guest, op->u.suppress_ve.view,
				     op->u.suppress_ve.gfn);
	case GPROBE_XEN_ALTP2M_GET_ACCESS:
		return fake_p2m_access(guest, op->u.access.view,
				       op->u.access.gfn, &op->u.access.access);
	case GPROBE_XEN_ALTP2M_CHANGE_GFN:
		return fake_p2m_change(guest, op->u.change.view,
				       op->u.change.old_gfn,
				       op->u.change.new_gfn);
	default:
		return -EOPNOTSUPP;
	}
}

/* What the module may do under its event lock takes no lock of Xen's that sleeps. */
static int altp2m(struct gprobe_xen_altp2m_op *op)
{
	struct fake_guest *guest;
	unsigned long flags;
	int ret = 0;

	if (op->cmd != GPROBE_XEN_ALTP2M_SET_ACCESS)
		might_sleep();
	if (op->version != GPROBE_XEN_ALTP2M_VERSION)
		return -EOPNOTSUPP;
	guest = fake_guest_get(op->domain);
	if (!guest)
		return -ESRCH;
	spin_lock_irqsave(&guest->lock, flags);
	if (!guest->dying)
		ret = guest_altp2m(guest, op);
	spin_unlock_irqrestore(&guest->lock, flags);
	fake_guest_put(guest);
	return ret;
}

int gprobe_hypercall_altp2m(struct gprobe_xen_altp2m_op *op)
{
	atomic_inc(&hypercalls);
	return altp2m(op);
}

static int entry(const struct multicall_entry *call)
{
	atomic_inc(&entries);
	if (call->op != __HYPERVISOR_hvm_op ||
	    call->args[0] != GPROBE_XEN_HVMOP_ALTP2M)
		return -ENOSYS;
	return altp2m((struct gprobe_xen_altp2m_op *)call->args[1]);
}

int gprobe_hypercall_multi(struct multicall_entry *calls, unsigned int nr)
{
	unsigned int i;

	atomic_inc(&hypercalls);
	for (i = 0; i < nr; i++)
		calls[i].result = entry(&calls[i]);
	return 0;
}

int gprobe_hypercall_param(struct xen_hvm_param *op)
{
	/* altp2m="external" */
	const u64 external = 2;
	struct fake_guest *guest = fake_guest_get(op->domid);
	int ret = 0;

	atomic_inc(&hypercalls);
	if (!guest)
		return -ESRCH;
	if (op->index == GPROBE_XEN_PARAM_MONITOR_RING_PFN)
		op->value = guest->ring_gfn;
	else if (op->index == GPROBE_XEN_PARAM_ALTP2M)
		op->value = external;
	else
		ret = -EINVAL;
	fake_guest_put(guest);
	return ret;
}

static long ask(domid_t domid, unsigned int cmd)
{
	struct fake_guest *guest = fake_guest_get(domid);
	long ret;

	if (!guest)
		return -ESRCH;
	spin_lock_irq(&guest->lock);
	ret = cmd == GPROBE_XENMEM_MAXIMUM_GPFN ? guest->max_gfn :
						  guest->max_pages;
	spin_unlock_irq(&guest->lock);
	fake_guest_put(guest);
	return ret;
}

static int populate(struct fake_guest *guest, u64 gfn)
{
	struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	int ret;

	if (!page)
		return -ENOMEM;
	spin_lock_irq(&guest->lock);
	ret = guest->dying ? -EINVAL : fake_p2m_populate(guest, gfn, page);
	spin_unlock_irq(&guest->lock);
	if (ret)
		__free_page(page);
	return ret;
}

static int depopulate(struct fake_guest *guest, u64 gfn)
{
	int ret;

	spin_lock_irq(&guest->lock);
	ret = guest->dying ? 0 : fake_p2m_depopulate(guest, gfn);
	spin_unlock_irq(&guest->lock);
	return ret;
}

/* The answer is the number of extents done, up to one that cannot be. */
static long change(unsigned int cmd, const struct xen_memory_reservation *op)
{
	struct fake_guest *guest = fake_guest_get(op->domid);
	int (*one)(struct fake_guest *guest, u64 gfn) =
		cmd == XENMEM_populate_physmap ? populate : depopulate;
	unsigned long done = 0;

	if (!guest)
		return -ESRCH;
	while (done < op->nr_extents && !one(guest, op->extent_start[done]))
		done++;
	fake_guest_put(guest);
	return done;
}

long gprobe_hypercall_memory(unsigned int cmd, void *op)
{
	atomic_inc(&hypercalls);
	switch (cmd) {
	case XENMEM_add_to_physmap_range:
		return fake_map_add(op);
	case XENMEM_remove_from_physmap:
		return fake_map_remove(op);
	}
	might_sleep();
	switch (cmd) {
	case GPROBE_XENMEM_MAXIMUM_GPFN:
	case XENMEM_maximum_reservation:
		return ask(*(const domid_t *)op, cmd);
	case XENMEM_populate_physmap:
	case XENMEM_decrease_reservation:
		return change(cmd, op);
	default:
		return -ENOSYS;
	}
}

int gprobe_hypercall_inject(domid_t domid, const struct gprobe_xen_dm_op *op)
{
	const struct gprobe_xen_inject_event *event = &op->inject_event;
	struct fake_guest *guest = fake_guest_get(domid);
	unsigned long flags;
	int ret = 0;

	atomic_inc(&hypercalls);
	if (!guest)
		return -ESRCH;
	spin_lock_irqsave(&guest->lock, flags);
	if (op->op != GPROBE_XEN_DMOP_INJECT_EVENT || event->vector >= 32 ||
	    event->vcpuid >= guest->nr_vcpus) {
		ret = -EINVAL;
	} else if (guest->vcpus[event->vcpuid].injected) {
		ret = -EBUSY;
	} else {
		guest->vcpus[event->vcpuid].injected = true;
		guest->vcpus[event->vcpuid].vector = event->vector;
		guest->state.injected++;
	}
	spin_unlock_irqrestore(&guest->lock, flags);
	fake_guest_put(guest);
	return ret;
}
