// SPDX-License-Identifier: GPL-2.0
#include "multi.h"

#include <linux/bug.h>
#include <linux/errno.h>

#include "fault.h"
#include "hypercall.h"
#include "xen.h"

/**
 * gprobe_multi_add() - Put an operation behind those that are there.
 * @multi: its @nr is 0 before the first; not more than GPROBE_MULTI_MAX
 * @op: its version and its guest are put in by gprobe_multi_call()
 *
 * Context: Process, control lock held.
 */
void gprobe_multi_add(struct gprobe_multi *multi,
		      const struct gprobe_xen_altp2m_op *op)
{
	if (!WARN_ON_ONCE(multi->nr == GPROBE_MULTI_MAX))
		multi->ops[multi->nr++] = *op;
}

/* No version of Xen's: so it is Xen that refuses it, between those that it does. */
#define NO_VERSION	0

/**
 * gprobe_multi_call() - Do all operations, in one hypercall.
 * @multi: the operations
 * @xen: the guest
 *
 * Each is done whatever became of those before it: gprobe_multi_result().
 *
 * Context: Process, control lock held.
 */
void gprobe_multi_call(struct gprobe_multi *multi,
		       const struct gprobe_xen *xen)
{
	unsigned int i;

	for (i = 0; i < multi->nr; i++) {
		multi->ops[i].version = gprobe_fault() ?
					NO_VERSION : GPROBE_XEN_ALTP2M_VERSION;
		multi->ops[i].domain = xen->domid;
		multi->calls[i] = (struct multicall_entry){
			.op = __HYPERVISOR_hvm_op,
			/* Of those that a failed call does not come to. */
			.result = -EIO,
			.args = { GPROBE_XEN_HVMOP_ALTP2M,
				  (unsigned long)&multi->ops[i] },
		};
	}
	if (multi->nr && !gprobe_fault())
		gprobe_hypercall_multi(multi->calls, multi->nr);
	/* As all faults are told. */
	for (i = 0; i < multi->nr; i++)
		if (multi->ops[i].version == NO_VERSION)
			multi->calls[i].result = -EIO;
}
