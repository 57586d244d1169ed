/* SPDX-License-Identifier: GPL-2.0 */
/* The hypercalls gprobe makes, each one a call with a negative errno. */
#ifndef GPROBE_XEN_H
#define GPROBE_XEN_H

#include <linux/types.h>
#include <xen/interface/xen.h>

struct gprobe_xen_monitor_op;

/* That a guest is given at once. */
#define GPROBE_XEN_PAGES_MAX	32

/**
 * struct gprobe_xen - whom a hypercall is about
 * @domid: the guest
 * @domctl_version: XEN_DOMCTL_INTERFACE_VERSION of the running Xen
 */
struct gprobe_xen {
	domid_t domid;
	u32 domctl_version;
};

/**
 * struct gprobe_xen_info - what a guest is
 * @dying: it is being destroyed; nothing but unmapping makes sense
 * @hvm: HVM or PVH
 * @nr_vcpus: highest vCPU number plus one
 */
struct gprobe_xen_info {
	bool dying;
	bool hvm;
	u32 nr_vcpus;
};

/**
 * struct gprobe_xen_vcpu - what a vCPU does
 * @idle: it is blocked, or switched off by the guest
 * @ran_ns: so long it has run so far
 */
struct gprobe_xen_vcpu {
	bool idle;
	u64 ran_ns;
};

int gprobe_xen_info(const struct gprobe_xen *xen, struct gprobe_xen_info *info);
int gprobe_xen_pause(const struct gprobe_xen *xen);
int gprobe_xen_pause_to_undo(const struct gprobe_xen *xen);
void gprobe_xen_unpause(const struct gprobe_xen *xen);
int gprobe_xen_vcpu(const struct gprobe_xen *xen, u32 vcpu,
		    struct gprobe_xen_vcpu *info);
int gprobe_xen_step_off(const struct gprobe_xen *xen, u32 vcpu);

int gprobe_xen_ring_enable(const struct gprobe_xen *xen, u32 *remote_port);
int gprobe_xen_ring_disable(const struct gprobe_xen *xen);
int gprobe_xen_monitor_on(const struct gprobe_xen *xen,
			  const struct gprobe_xen_monitor_op *monitor);
int gprobe_xen_monitor_off(const struct gprobe_xen *xen,
			   const struct gprobe_xen_monitor_op *monitor);
void gprobe_xen_monitor_restore(const struct gprobe_xen *xen,
				const struct gprobe_xen_monitor_op *monitor);
int gprobe_xen_defer_writes(const struct gprobe_xen *xen);

int gprobe_xen_param(const struct gprobe_xen *xen, u32 index, u64 *value);
long gprobe_xen_max_gfn(const struct gprobe_xen *xen);
long gprobe_xen_max_pages(const struct gprobe_xen *xen);
int gprobe_xen_set_max_pages(const struct gprobe_xen *xen, u64 pages);
void gprobe_xen_reset_max_pages(const struct gprobe_xen *xen, u64 pages);
int gprobe_xen_populate(const struct gprobe_xen *xen, u64 gfn, unsigned int nr);
int gprobe_xen_depopulate(const struct gprobe_xen *xen, u64 gfn);
void gprobe_xen_repopulate(const struct gprobe_xen *xen, u64 gfn);

int gprobe_xen_altp2m_state(const struct gprobe_xen *xen, bool *on);
int gprobe_xen_altp2m_set_state(const struct gprobe_xen *xen, bool on);
int gprobe_xen_view_create(const struct gprobe_xen *xen, u16 *view);
int gprobe_xen_view_destroy(const struct gprobe_xen *xen, u16 view);
int gprobe_xen_view_switch(const struct gprobe_xen *xen, u16 view);
int gprobe_xen_view_access(const struct gprobe_xen *xen, u16 view, u64 gfn,
			   u16 *access);
int gprobe_xen_view_set_access_now(const struct gprobe_xen *xen, u16 view,
				   u64 gfn, u16 access);
int gprobe_xen_view_unmap(const struct gprobe_xen *xen, u16 view, u64 gfn);
int gprobe_xen_view_fill(const struct gprobe_xen *xen, u16 view, u64 gfn);

/* dm_op.h: the exception has none. */
#define GPROBE_NO_ERROR_CODE (~0u)

int gprobe_xen_inject_int3(const struct gprobe_xen *xen, u32 vcpu, u8 insn_len);
int gprobe_xen_inject_debug(const struct gprobe_xen *xen, u32 vcpu, u8 type,
			    u8 insn_len);
int gprobe_xen_inject_fault(const struct gprobe_xen *xen, u32 vcpu, u8 vector,
			    u32 error_code, u64 cr2);

#endif /* GPROBE_XEN_H */
