/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Operations on views, many in one hypercall. Xen's set_mem_access_multi is not used
 * for it: it stops at the first gfn that it refuses, knows one operation, and what it
 * did is still to be read back.
 */
#ifndef GPROBE_MULTI_H
#define GPROBE_MULTI_H

#include <linux/types.h>
#include <xen/interface/xen.h>

#include "xen_abi.h"

struct gprobe_xen;

/* Frames, or watches, that are dealt with at once, and operations for each. */
#define GPROBE_MULTI_OBJECTS	32
#define GPROBE_MULTI_OPS	4
#define GPROBE_MULTI_MAX	(GPROBE_MULTI_OBJECTS * GPROBE_MULTI_OPS)

/**
 * struct gprobe_multi - operations that are done at once, in their order
 * @nr: how many
 * @ops: what each is about; after the call: what Xen says
 * @calls: the call's entries; after it: what came of each
 */
struct gprobe_multi {
	unsigned int nr;
	struct gprobe_xen_altp2m_op ops[GPROBE_MULTI_MAX];
	struct multicall_entry calls[GPROBE_MULTI_MAX];
};

void gprobe_multi_add(struct gprobe_multi *multi,
		      const struct gprobe_xen_altp2m_op *op);
void gprobe_multi_call(struct gprobe_multi *multi,
		       const struct gprobe_xen *xen);

/**
 * gprobe_multi_result() - What came of an operation.
 * @multi: called
 * @i: its number
 *
 * Return: 0 or a negative errno.
 */
static inline int gprobe_multi_result(const struct gprobe_multi *multi,
				      unsigned int i)
{
	return (long)multi->calls[i].result;
}

/* The operations, as single ones (xen.h) are explained. */
static inline struct gprobe_xen_altp2m_op
gprobe_op_access(u32 cmd, u16 view, u64 gfn, u16 access)
{
	return (struct gprobe_xen_altp2m_op){
		.cmd = cmd,
		.u.access = { .view = view, .access = access, .gfn = gfn },
	};
}

static inline struct gprobe_xen_altp2m_op
gprobe_op_get_access(u16 view, u64 gfn)
{
	return gprobe_op_access(GPROBE_XEN_ALTP2M_GET_ACCESS, view, gfn, 0);
}

static inline struct gprobe_xen_altp2m_op
gprobe_op_set_access(u16 view, u64 gfn, u16 access)
{
	return gprobe_op_access(GPROBE_XEN_ALTP2M_SET_ACCESS, view, gfn,
				access);
}

static inline struct gprobe_xen_altp2m_op
gprobe_op_remap(u16 view, u64 gfn, u64 to_gfn)
{
	return (struct gprobe_xen_altp2m_op){
		.cmd = GPROBE_XEN_ALTP2M_CHANGE_GFN,
		.u.change = { .view = view, .old_gfn = gfn, .new_gfn = to_gfn },
	};
}

static inline struct gprobe_xen_altp2m_op gprobe_op_unmap(u16 view, u64 gfn)
{
	return gprobe_op_remap(view, gfn, ~0ULL);
}

static inline struct gprobe_xen_altp2m_op gprobe_op_fill(u16 view, u64 gfn)
{
	return (struct gprobe_xen_altp2m_op){
		.cmd = GPROBE_XEN_ALTP2M_SET_SUPPRESS_VE,
		.u.suppress_ve = { .view = view, .suppress_ve = 1, .gfn = gfn },
	};
}

#endif /* GPROBE_MULTI_H */
