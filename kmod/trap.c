// SPDX-License-Identifier: GPL-2.0
#include "trap.h"

#include <linux/err.h>
#include <linux/netlink.h>
#include <linux/slab.h>

#include "dispatch.h"
#include "domain.h"
#include "session.h"
#include "upcall.h"
#include "xen_abi.h"

DEFINE_IDR(gprobe_traps);

/* --- what is wanted of Xen --- */

/**
 * struct wish - how a monitor is to be, for all traps of its kind and MSR
 * @on: there is a trap
 * @sync: the vCPU is to be paused
 * @on_change: only if the MSR changes
 * @user: user space may ask too
 * @mask: bits of whose change nobody is told
 */
struct wish {
	bool on;
	bool sync;
	bool on_change;
	bool user;
	u64 mask;
};

static bool is_cr(u32 kind)
{
	return kind == GPROBE_TRAP_KIND_CR0 || kind == GPROBE_TRAP_KIND_CR3 ||
	       kind == GPROBE_TRAP_KIND_CR4;
}

static bool is_same(const struct wish *a, const struct wish *b)
{
	return a->on == b->on && a->sync == b->sync &&
	       a->on_change == b->on_change && a->user == b->user &&
	       a->mask == b->mask;
}

/*
 * A write that Xen defers is done when the vCPU is next resumed, which one that
 * is not paused is not soon.
 */
static struct wish wish_of(const struct gprobe_domain *domain, u32 kind,
			   u32 msr)
{
	struct wish wish = { .on_change = true, .mask = ~0ULL };
	const struct gprobe_trap *trap;

	list_for_each_entry(trap, &domain->traps[kind], domain_node) {
		if (trap->spec.msr != msr)
			continue;
		wish.on = true;
		wish.sync |= trap->spec.action == GPROBE_ACTION_UPCALL ||
			     (domain->defers && is_cr(kind));
		wish.on_change &= trap->spec.on_change;
		wish.user |= trap->spec.user;
		wish.mask &= trap->spec.mask;
	}
	return wish;
}

static u32 ctrlreg_of(u32 kind)
{
	switch (kind) {
	case GPROBE_TRAP_KIND_CR0:
		return GPROBE_XEN_CTRLREG_CR0;
	case GPROBE_TRAP_KIND_CR3:
		return GPROBE_XEN_CTRLREG_CR3;
	case GPROBE_TRAP_KIND_CR4:
		return GPROBE_XEN_CTRLREG_CR4;
	default:
		return GPROBE_XEN_CTRLREG_XCR0;
	}
}

/* In Xen's words. */
static struct gprobe_xen_monitor_op monitor_of(u32 kind, u32 msr,
					       const struct wish *wish)
{
	struct gprobe_xen_monitor_op op = {};

	switch (kind) {
	case GPROBE_TRAP_KIND_MSR:
		op.event = GPROBE_XEN_MONITOR_MSR;
		op.u.msr.msr = msr;
		op.u.msr.on_change = wish->on_change;
		break;
	case GPROBE_TRAP_KIND_CPUID:
		op.event = GPROBE_XEN_MONITOR_CPUID;
		break;
	case GPROBE_TRAP_KIND_DEBUG:
		op.event = GPROBE_XEN_MONITOR_DEBUG;
		op.u.debug.sync = wish->sync;
		break;
	case GPROBE_TRAP_KIND_REQUEST:
		op.event = GPROBE_XEN_MONITOR_GUEST_REQUEST;
		op.u.request.sync = wish->sync;
		op.u.request.user = wish->user;
		break;
	case GPROBE_TRAP_KIND_DESCRIPTOR:
		op.event = GPROBE_XEN_MONITOR_DESCRIPTOR;
		break;
	case GPROBE_TRAP_KIND_IO:
		op.event = GPROBE_XEN_MONITOR_IO;
		break;
	case GPROBE_TRAP_KIND_CALL:
		op.event = GPROBE_XEN_MONITOR_PRIVILEGED_CALL;
		break;
	default:
		op.event = GPROBE_XEN_MONITOR_CTRLREG;
		op.u.ctrlreg.index = ctrlreg_of(kind);
		op.u.ctrlreg.sync = wish->sync;
		op.u.ctrlreg.mask = wish->mask;
		break;
	}
	return op;
}

/* -EEXIST: a dead agent left it on, in its own way. */
static int turn_on(struct gprobe_domain *domain,
		   const struct gprobe_xen_monitor_op *op)
{
	int ret = gprobe_xen_monitor_on(&domain->xen, op);

	if (ret != -EEXIST)
		return ret;
	gprobe_xen_monitor_off(&domain->xen, op);
	return gprobe_xen_monitor_on(&domain->xen, op);
}

/* The guest stands still meanwhile, so that no event is missed. */
static int turn_over(struct gprobe_domain *domain, u32 kind, u32 msr,
		     const struct wish *from, const struct wish *to)
{
	struct gprobe_xen_monitor_op old = monitor_of(kind, msr, from);
	struct gprobe_xen_monitor_op new = monitor_of(kind, msr, to);
	int ret = gprobe_xen_pause(&domain->xen);

	if (ret)
		return ret;
	ret = gprobe_xen_monitor_off(&domain->xen, &old);
	if (!ret) {
		ret = gprobe_xen_monitor_on(&domain->xen, &new);
		if (ret)
			gprobe_xen_monitor_restore(&domain->xen, &old);
	}
	gprobe_xen_unpause(&domain->xen);
	return ret;
}

/*
 * From what was wanted to what is wanted now. Whether Xen fails to emulate it
 * tells in any case.
 */
static int settle(struct gprobe_domain *domain, u32 kind, u32 msr,
		  const struct wish *from)
{
	struct wish to = wish_of(domain, kind, msr);
	struct gprobe_xen_monitor_op op = monitor_of(kind, msr, &to);

	if (kind == GPROBE_TRAP_KIND_UNIMPLEMENTED || is_same(from, &to))
		return 0;
	if (from->on && to.on)
		return turn_over(domain, kind, msr, from, &to);
	return to.on ? turn_on(domain, &op) :
		       gprobe_xen_monitor_off(&domain->xen, &op);
}

/* --- writes that can be denied --- */

static const u32 crs[] = {
	GPROBE_TRAP_KIND_CR0, GPROBE_TRAP_KIND_CR3, GPROBE_TRAP_KIND_CR4,
};

static void wish_of_crs(const struct gprobe_domain *domain, struct wish *wishes)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(crs); i++)
		wishes[i] = wish_of(domain, crs[i], 0);
}

/* The first of them that cannot be settled; all: ARRAY_SIZE(crs). */
static unsigned int settle_crs(struct gprobe_domain *domain, unsigned int nr,
			       const struct wish *from, int *ret)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		*ret = settle(domain, crs[i], 0, &from[i]);
		if (*ret)
			break;
	}
	return i;
}

/*
 * From now on Xen does such writes when their event is answered, and denies them
 * if the answer says so. There is no way back but to give up the ring. If this
 * fails, a vCPU may be paused for nothing, where going back fails too.
 */
static int defer_writes(struct gprobe_domain *domain)
{
	struct wish from[ARRAY_SIZE(crs)];
	unsigned int nr;
	int ret = 0, unused;

	wish_of_crs(domain, from);
	domain->defers = true;
	nr = settle_crs(domain, ARRAY_SIZE(crs), from, &ret);
	if (!ret)
		ret = gprobe_xen_defer_writes(&domain->xen);
	if (!ret)
		return 0;
	wish_of_crs(domain, from);
	domain->defers = false;
	settle_crs(domain, nr, from, &unused);
	return ret;
}

static bool needs_deferral(const struct gprobe_trap_spec *spec)
{
	return spec->action == GPROBE_ACTION_UPCALL &&
	       (is_cr(spec->kind) || spec->kind == GPROBE_TRAP_KIND_MSR);
}

/* --- made and removed --- */

static bool is_there(const struct gprobe_attachment *attachment,
		     const struct gprobe_trap_spec *spec)
{
	const struct gprobe_trap *trap;

	list_for_each_entry(trap, &attachment->traps, attachment_node)
		if (trap->spec.kind == spec->kind &&
		    trap->spec.msr == spec->msr)
			return true;
	return false;
}

static struct gprobe_trap *trap_alloc(struct gprobe_attachment *attachment,
				      const struct gprobe_trap_spec *spec)
{
	struct gprobe_trap *trap = kzalloc(sizeof(*trap), GFP_KERNEL);

	if (!trap)
		return NULL;
	trap->attachment = attachment;
	trap->spec = *spec;
	/* Whoever is told of an event late must not take it for a new trap's. */
	trap->id = idr_alloc_cyclic(&gprobe_traps, trap, 1, 0, GFP_KERNEL);
	if (trap->id < 0) {
		kfree(trap);
		return NULL;
	}
	return trap;
}

static void link_trap(struct gprobe_trap *trap)
{
	struct gprobe_domain *domain = trap->attachment->domain;

	spin_lock_irq(&domain->event_lock);
	list_add_tail(&trap->domain_node, &domain->traps[trap->spec.kind]);
	spin_unlock_irq(&domain->event_lock);
	list_add_tail(&trap->attachment_node, &trap->attachment->traps);
}

/* What has come before is told; an async event may be yet in the ring. */
static void unlink_trap(struct gprobe_trap *trap)
{
	struct gprobe_domain *domain = trap->attachment->domain;

	spin_lock_irq(&domain->event_lock);
	if (!domain->gone)
		gprobe_dispatch(domain);
	if (trap->spec.action == GPROBE_ACTION_UPCALL)
		gprobe_upcalls_drop(domain, GPROBE_UPCALL_REASON_TRAP,
				    trap->id);
	list_del(&trap->domain_node);
	spin_unlock_irq(&domain->event_lock);
	list_del(&trap->attachment_node);
}

static void say_why(int err, u32 kind, struct netlink_ext_ack *extack)
{
	if (err == -EINVAL && kind == GPROBE_TRAP_KIND_MSR)
		NL_SET_ERR_MSG(extack, "Xen monitors the MSRs 0 to 1fff, 40000000 to 40001fff and c0000000 to c0001fff");
	else if (err == -EOPNOTSUPP && kind == GPROBE_TRAP_KIND_CALL)
		NL_SET_ERR_MSG(extack, "Xen tells of privileged calls on ARM only");
	else if (err == -EOPNOTSUPP && kind == GPROBE_TRAP_KIND_IO)
		NL_SET_ERR_MSG(extack, "Xen tells of I/O from version 4.18 on");
	else if (err == -EOPNOTSUPP)
		NL_SET_ERR_MSG(extack, "Xen cannot tell of this on this host's CPU");
}

static int set(struct gprobe_trap *trap)
{
	const struct gprobe_trap_spec *spec = &trap->spec;
	struct gprobe_domain *domain = trap->attachment->domain;
	struct wish from = wish_of(domain, spec->kind, spec->msr);
	int ret;

	link_trap(trap);
	ret = settle(domain, spec->kind, spec->msr, &from);
	if (ret)
		unlink_trap(trap);
	return ret;
}

/* The guest stands still, so that there is no write that is not deferred. */
static int set_deferring(struct gprobe_trap *trap)
{
	struct gprobe_domain *domain = trap->attachment->domain;
	int ret = gprobe_xen_pause(&domain->xen);

	if (ret)
		return ret;
	ret = set(trap);
	if (!ret) {
		ret = defer_writes(domain);
		if (ret)
			gprobe_trap_release(trap);
	}
	gprobe_xen_unpause(&domain->xen);
	return ret;
}

/**
 * gprobe_trap_new() - Tell a session of what a guest does.
 * @attachment: whom, of which guest
 * @spec: of what; copied
 * @extack: says why not
 *
 * Context: Process, control lock held, may sleep.
 * Return: the trap; ERR_PTR: then everything is as before. -EEXIST this session
 * has it already; -EOPNOTSUPP this Xen, or this host, cannot; -EINVAL no such
 * MSR.
 */
struct gprobe_trap *gprobe_trap_new(struct gprobe_attachment *attachment,
				    const struct gprobe_trap_spec *spec,
				    struct netlink_ext_ack *extack)
{
	struct gprobe_trap *trap;
	int ret;

	lockdep_assert_held(&gprobe_control_mutex);
	if (is_there(attachment, spec)) {
		NL_SET_ERR_MSG(extack, "this session has a trap of this kind already");
		return ERR_PTR(-EEXIST);
	}
	if (spec->action == GPROBE_ACTION_UPCALL &&
	    gprobe_upcalls_alloc(attachment))
		return ERR_PTR(-ENOMEM);
	trap = trap_alloc(attachment, spec);
	if (!trap)
		return ERR_PTR(-ENOMEM);
	ret = needs_deferral(spec) && !attachment->domain->defers ?
	      set_deferring(trap) : set(trap);
	if (ret) {
		say_why(ret, spec->kind, extack);
		gprobe_trap_free(trap);
		return ERR_PTR(ret);
	}
	return trap;
}

/**
 * gprobe_trap_release() - Tell of no more events.
 * @trap: the trap; its figure stays until gprobe_trap_free()
 *
 * If Xen refuses to tell no more, or less, that only costs: what nobody wants is
 * answered.
 *
 * Context: Process, control lock held, may sleep. No event of it is told after
 * it returns, and no vCPU waits for it.
 */
void gprobe_trap_release(struct gprobe_trap *trap)
{
	const struct gprobe_trap_spec *spec = &trap->spec;
	struct gprobe_domain *domain = trap->attachment->domain;
	struct wish from = wish_of(domain, spec->kind, spec->msr);

	lockdep_assert_held(&gprobe_control_mutex);
	unlink_trap(trap);
	if (!domain->gone)
		settle(domain, spec->kind, spec->msr, &from);
}

/**
 * gprobe_trap_free() - Forget a trap.
 * @trap: released, or it never began
 *
 * Context: Process, control lock held.
 */
void gprobe_trap_free(struct gprobe_trap *trap)
{
	idr_remove(&gprobe_traps, trap->id);
	kfree(trap);
}
