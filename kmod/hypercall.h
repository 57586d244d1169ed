/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The seam to Xen. What is below it, the hypercalls here, the event channel
 * (channel.h), the pages to map at (hole.h) and the host (host.h), exists
 * twice: for Xen, and in fake/ for tests that have no Xen. The build chooses
 * (GPROBE_FAKE=y), not a table of pointers at run time: the module for Xen pays
 * nothing for being testable, and cannot be led to the fake.
 *
 * The seam is this low so that all that deals with Xen's answers is tested.
 */
#ifndef GPROBE_HYPERCALL_H
#define GPROBE_HYPERCALL_H

#include <linux/types.h>
#include <xen/interface/xen.h>
#include <xen/interface/hvm/dm_op.h>
#include <xen/interface/hvm/hvm_op.h>

#include "xen_abi.h"

#ifdef GPROBE_FAKE
int gprobe_hypercall_version(void);
int gprobe_hypercall_domctl(struct gprobe_xen_domctl *op);
int gprobe_hypercall_altp2m(struct gprobe_xen_altp2m_op *op);
int gprobe_hypercall_multi(struct multicall_entry *calls, unsigned int nr);
int gprobe_hypercall_param(struct xen_hvm_param *op);
long gprobe_hypercall_memory(unsigned int cmd, void *op);
int gprobe_hypercall_inject(domid_t domid, const struct gprobe_xen_dm_op *op);
#else
#include <xen/interface/version.h>
#include <asm/xen/hypercall.h>

/* Major and minor, 16 bits each. */
static inline int gprobe_hypercall_version(void)
{
	return HYPERVISOR_xen_version(XENVER_version, NULL);
}

static inline int gprobe_hypercall_domctl(struct gprobe_xen_domctl *op)
{
	return xen_single_call(__HYPERVISOR_domctl, (unsigned long)op, 0, 0, 0,
			       0);
}

static inline int gprobe_hypercall_altp2m(struct gprobe_xen_altp2m_op *op)
{
	return HYPERVISOR_hvm_op(GPROBE_XEN_HVMOP_ALTP2M, op);
}

/* Each is done, whatever came of those before it: its entry says what. */
static inline int gprobe_hypercall_multi(struct multicall_entry *calls,
					 unsigned int nr)
{
	return HYPERVISOR_multicall(calls, nr);
}

static inline int gprobe_hypercall_param(struct xen_hvm_param *op)
{
	return HYPERVISOR_hvm_op(HVMOP_get_param, op);
}

static inline long gprobe_hypercall_memory(unsigned int cmd, void *op)
{
	return HYPERVISOR_memory_op(cmd, op);
}

static inline int gprobe_hypercall_inject(domid_t domid,
					  const struct gprobe_xen_dm_op *op)
{
	struct xen_dm_op_buf buf = { .size = sizeof(*op) };

	set_xen_guest_handle(buf.h, (void *)op);
	return HYPERVISOR_dm_op(domid, 1, &buf);
}
#endif

#endif /* GPROBE_HYPERCALL_H */
