/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The little of Xen's ABI that Linux' own headers lack.
 *
 * Source of each fact: Xen's public headers domctl.h, vm_event.h, memory.h,
 * hvm/hvm_op.h, hvm/dm_op.h and hvm/params.h, unchanged between Xen 4.15 and
 * 4.22 for what stands here. A unit test compares sizes and offsets with the
 * headers of libxen-dev, so this file must compile in user space too.
 */
#ifndef GPROBE_XEN_ABI_H
#define GPROBE_XEN_ABI_H

#include <linux/types.h>

/* domctl.h; its interface version is asked for at load (version.c). */
#define GPROBE_XEN_DOMCTL_PAUSE			3
#define GPROBE_XEN_DOMCTL_UNPAUSE		4
#define GPROBE_XEN_DOMCTL_GETDOMAININFO		5
#define GPROBE_XEN_DOMCTL_MAX_MEM		11
#define GPROBE_XEN_DOMCTL_VCPU_INFO		14
#define GPROBE_XEN_DOMCTL_DEBUG_OP		54
#define GPROBE_XEN_DOMCTL_VM_EVENT_OP		56
#define GPROBE_XEN_DOMCTL_MONITOR_OP		77

#define GPROBE_XEN_DOMINF_DYING			(1u << 0)
#define GPROBE_XEN_DOMINF_HVM			(1u << 1)

#define GPROBE_XEN_DEBUG_OP_STEP_OFF		0

#define GPROBE_XEN_VM_EVENT_ENABLE		0
#define GPROBE_XEN_VM_EVENT_DISABLE		1
#define GPROBE_XEN_VM_EVENT_MODE_MONITOR	2

#define GPROBE_XEN_MONITOR_ENABLE		0
#define GPROBE_XEN_MONITOR_DISABLE		1
#define GPROBE_XEN_MONITOR_DEFER_WRITES		4

#define GPROBE_XEN_MONITOR_CTRLREG		0
#define GPROBE_XEN_MONITOR_MSR			1
#define GPROBE_XEN_MONITOR_SINGLESTEP		2
#define GPROBE_XEN_MONITOR_BREAKPOINT		3
#define GPROBE_XEN_MONITOR_GUEST_REQUEST	4
#define GPROBE_XEN_MONITOR_DEBUG		5
#define GPROBE_XEN_MONITOR_CPUID		6
#define GPROBE_XEN_MONITOR_PRIVILEGED_CALL	7
#define GPROBE_XEN_MONITOR_DESCRIPTOR		9
#define GPROBE_XEN_MONITOR_EMUL_UNIMPL		10
/* Since Xen 4.18. */
#define GPROBE_XEN_MONITOR_IO			13

/* The head of xen_domctl_getdomaininfo; what follows differs by version. */
struct gprobe_xen_domaininfo {
	__u16 domain;
	__u16 pad1;
	__u32 flags;
	__u64 tot_pages;
	__u64 max_pages;
	__u64 outstanding_pages;
	__u64 shr_pages;
	__u64 paged_pages;
	__u64 shared_info_frame;
	__u64 cpu_time;
	__u32 nr_online_vcpus;
	__u32 max_vcpu_id;
};

struct gprobe_xen_vm_event_op {
	__u32 op;
	__u32 mode;
	__u32 port;
};

struct gprobe_xen_monitor_ctrlreg {
	__u8 index;
	__u8 sync;
	__u8 on_change;
	__u8 pad1;
	__u32 pad2;
	__u64 mask;
};

struct gprobe_xen_monitor_msr {
	__u32 msr;
	__u8 on_change;
};

struct gprobe_xen_monitor_request {
	__u8 sync;
	__u8 user;
};

struct gprobe_xen_monitor_debug {
	__u8 sync;
};

struct gprobe_xen_monitor_op {
	__u32 op;
	__u32 event;
	union {
		struct gprobe_xen_monitor_ctrlreg ctrlreg;
		struct gprobe_xen_monitor_msr msr;
		struct gprobe_xen_monitor_request request;
		struct gprobe_xen_monitor_debug debug;
	} u;
};

struct gprobe_xen_vcpu_info {
	__u32 vcpu;
	__u8 online;
	__u8 blocked;
	__u8 running;
	__u8 pad;
	__u64 cpu_time;
	__u32 cpu;
};

struct gprobe_xen_debug_op {
	__u32 op;
	__u32 vcpu;
};

struct gprobe_xen_domctl {
	__u32 cmd;
	__u32 interface_version;
	__u16 domain;
	__u16 pad[3];
	union {
		struct gprobe_xen_domaininfo info;
		__u64 max_memkb;
		struct gprobe_xen_vcpu_info vcpu_info;
		struct gprobe_xen_debug_op debug;
		struct gprobe_xen_vm_event_op vm_event;
		struct gprobe_xen_monitor_op monitor;
		/* Newer versions may answer with more than 128 bytes. */
		__u8 pad[512];
	} u;
};

/* memory.h */
#define GPROBE_XENMEM_MAXIMUM_GPFN		14

#define GPROBE_XEN_ACCESS_X			4
#define GPROBE_XEN_ACCESS_RX			5
#define GPROBE_XEN_ACCESS_RWX			7
/*
 * Since Xen 4.20, before which it is the view's default: r, and a page walk may write,
 * if the CPU knows that (Intel's EPT paging-write). If not it is r, without a word.
 */
#define GPROBE_XEN_ACCESS_R_PW			10

/* hvm/params.h */
#define GPROBE_XEN_PARAM_MONITOR_RING_PFN	28
#define GPROBE_XEN_PARAM_ALTP2M			35

/* hvm/hvm_op.h */
#define GPROBE_XEN_HVMOP_ALTP2M			25
#define GPROBE_XEN_ALTP2M_VERSION		1

#define GPROBE_XEN_ALTP2M_GET_STATE		1
#define GPROBE_XEN_ALTP2M_SET_STATE		2
#define GPROBE_XEN_ALTP2M_CREATE		4
#define GPROBE_XEN_ALTP2M_DESTROY		5
#define GPROBE_XEN_ALTP2M_SWITCH		6
#define GPROBE_XEN_ALTP2M_SET_ACCESS		7
#define GPROBE_XEN_ALTP2M_CHANGE_GFN		8
#define GPROBE_XEN_ALTP2M_SET_SUPPRESS_VE	10
#define GPROBE_XEN_ALTP2M_GET_ACCESS		12

struct gprobe_xen_altp2m_view {
	__u16 view;
	__u16 default_access;
};

struct gprobe_xen_altp2m_access {
	__u16 view;
	__u16 access;
	__u32 pad;
	__u64 gfn;
};

struct gprobe_xen_altp2m_change {
	__u16 view;
	__u16 pad1;
	__u32 pad2;
	__u64 old_gfn;
	__u64 new_gfn;
};

struct gprobe_xen_altp2m_suppress_ve {
	__u16 view;
	__u8 suppress_ve;
	__u8 pad1;
	__u32 pad2;
	__u64 gfn;
};

struct gprobe_xen_altp2m_op {
	__u32 version;
	__u32 cmd;
	__u16 domain;
	__u16 pad1;
	__u32 pad2;
	union {
		__u8 state;
		struct gprobe_xen_altp2m_view view;
		struct gprobe_xen_altp2m_access access;
		struct gprobe_xen_altp2m_change change;
		struct gprobe_xen_altp2m_suppress_ve suppress_ve;
		__u8 pad[64];
	} u;
};

/* hvm/dm_op.h */
#define GPROBE_XEN_DMOP_INJECT_EVENT		13
#define GPROBE_XEN_DMOP_EVENT_HW_EXC		3
#define GPROBE_XEN_DMOP_EVENT_SW_EXC		6

struct gprobe_xen_inject_event {
	__u32 vcpuid;
	__u8 vector;
	__u8 type;
	__u8 insn_len;
	__u8 pad0;
	__u32 error_code;
	__u32 pad1;
	__u64 cr2;
};

struct gprobe_xen_dm_op {
	__u32 op;
	__u32 pad;
	struct gprobe_xen_inject_event inject_event;
};

/* vm_event.h */
#define GPROBE_XEN_VM_EVENT_VERSION		7

#define GPROBE_XEN_EV_VCPU_PAUSED		(1u << 0)
#define GPROBE_XEN_EV_EMULATE			(1u << 2)
#define GPROBE_XEN_EV_EMULATE_NOWRITE		(1u << 3)
#define GPROBE_XEN_EV_TOGGLE_SINGLESTEP		(1u << 4)
#define GPROBE_XEN_EV_DENY			(1u << 6)
#define GPROBE_XEN_EV_ALTERNATE_P2M		(1u << 7)
#define GPROBE_XEN_EV_SET_REGISTERS		(1u << 8)
#define GPROBE_XEN_EV_SET_EMUL_INSN		(1u << 9)
#define GPROBE_XEN_EV_FAST_SINGLESTEP		(1u << 11)

#define GPROBE_XEN_REASON_MEM_ACCESS		1
#define GPROBE_XEN_REASON_CTRLREG		4
#define GPROBE_XEN_REASON_MSR			5
#define GPROBE_XEN_REASON_BREAKPOINT		6
#define GPROBE_XEN_REASON_SINGLESTEP		7
#define GPROBE_XEN_REASON_GUEST_REQUEST		8
#define GPROBE_XEN_REASON_DEBUG			9
#define GPROBE_XEN_REASON_CPUID			10
#define GPROBE_XEN_REASON_DESCRIPTOR		13
#define GPROBE_XEN_REASON_EMUL_UNIMPL		14
/* Since Xen 4.18. */
#define GPROBE_XEN_REASON_IO			16

#define GPROBE_XEN_CTRLREG_CR0			0
#define GPROBE_XEN_CTRLREG_CR3			1
#define GPROBE_XEN_CTRLREG_CR4			2
#define GPROBE_XEN_CTRLREG_XCR0			3

#define GPROBE_XEN_MEM_R			(1u << 0)
#define GPROBE_XEN_MEM_W			(1u << 1)
#define GPROBE_XEN_MEM_X			(1u << 2)
#define GPROBE_XEN_MEM_FAULT_IN_GPT		(1u << 5)

#define GPROBE_XEN_INSN_BYTES			16

struct gprobe_xen_mem_access {
	__u64 gfn;
	__u64 offset;
	__u64 gla;
	__u32 flags;
	__u32 pad;
};

struct gprobe_xen_ctrlreg {
	__u32 index;
	__u32 pad;
	__u64 new_value;
	__u64 old_value;
};

struct gprobe_xen_msr {
	__u64 msr;
	__u64 new_value;
	__u64 old_value;
};

struct gprobe_xen_descriptor {
	__u32 instr_info;
	__u32 pad1;
	__u64 exit_qualification;
	__u8 descriptor;
	__u8 is_write;
	__u8 pad[6];
};

struct gprobe_xen_cpuid {
	__u32 insn_length;
	__u32 leaf;
	__u32 subleaf;
	__u32 pad;
};

/* Since Xen 4.18. */
struct gprobe_xen_io {
	__u32 bytes;
	__u16 port;
	__u8 in;
	__u8 str;
};

/* Of a debug exception too. */
struct gprobe_xen_breakpoint {
	__u64 gfn;
	__u64 pending_dbg;
	__u32 insn_length;
	__u8 type;
	__u8 pad[3];
};

/*
 * A segment's limit is in the low 20 bits, its DPL in bits 5 and 6 above them, its
 * L in bit 9.
 */
#define GPROBE_XEN_SEG_DPL_SHIFT		25
#define GPROBE_XEN_SEG_L_SHIFT			29

#define GPROBE_XEN_GPRS				16
#define GPROBE_XEN_RCX				1
#define GPROBE_XEN_RSP				4
#define GPROBE_XEN_RSI				6
#define GPROBE_XEN_RDI				7

struct gprobe_xen_regs {
	__u64 gpr[GPROBE_XEN_GPRS];
	__u64 rflags;
	__u64 dr6;
	__u64 dr7;
	__u64 rip;
	__u64 cr0;
	__u64 cr2;
	__u64 cr3;
	__u64 cr4;
	__u64 sysenter_cs;
	__u64 sysenter_esp;
	__u64 sysenter_eip;
	__u64 msr_efer;
	__u64 msr_star;
	__u64 msr_lstar;
	__u64 gdtr_base;
	__u64 npt_base;
	__u64 vmtrace_pos;
	__u32 cs_base;
	__u32 ss_base;
	__u32 ds_base;
	__u32 es_base;
	__u64 fs_base;
	__u64 gs_base;
	__u32 cs;
	__u32 ss;
	__u32 ds;
	__u32 es;
	__u32 fs;
	__u32 gs;
	__u64 shadow_gs;
	__u16 gdtr_limit;
	__u16 cs_sel;
	__u16 ss_sel;
	__u16 ds_sel;
	__u16 es_sel;
	__u16 fs_sel;
	__u16 gs_sel;
	__u16 pad;
};

/* A request or a response: 400 bytes, eight of them in a ring's page. */
struct gprobe_xen_slot {
	__u32 version;
	__u32 flags;
	__u32 reason;
	__u32 vcpu_id;
	__u16 altp2m_idx;
	__u16 pad[3];
	union {
		struct gprobe_xen_mem_access mem_access;
		struct gprobe_xen_breakpoint breakpoint;
		struct gprobe_xen_ctrlreg ctrlreg;
		struct gprobe_xen_msr msr;
		struct gprobe_xen_descriptor descriptor;
		struct gprobe_xen_cpuid cpuid;
		struct gprobe_xen_io io;
		__u16 fast_singlestep_view;
	} u;
	union {
		struct gprobe_xen_regs regs;
		__u8 insn[GPROBE_XEN_INSN_BYTES];
		__u8 pad[344];
	} data;
};

#define GPROBE_XEN_RING_SLOTS			8

/* The shared page: io/ring.h's header, then the slots. */
struct gprobe_xen_sring {
	__u32 req_prod;
	__u32 req_event;
	__u32 rsp_prod;
	__u32 rsp_event;
	__u8 pad[48];
	struct gprobe_xen_slot slot[GPROBE_XEN_RING_SLOTS];
};

#endif /* GPROBE_XEN_ABI_H */
