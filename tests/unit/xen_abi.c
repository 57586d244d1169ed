// SPDX-License-Identifier: GPL-2.0
/*
 * kmod/xen_abi.h against Xen's own headers: every constant, every member. The
 * script in-step sees that no constant or struct is missing here.
 */
#define __XEN_TOOLS__ 1
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <xen/xen.h>
#include <xen/domctl.h>
#include <xen/hvm/dm_op.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/memory.h>
#include <xen/vm_event.h>

#include "../../kmod/xen_abi.h"
#include "unit.h"

struct fact {
	const char *name;
	unsigned long ours, xens;
};

#define VALUE(ours, xens) { #ours, GPROBE_XEN_##ours, xens }

/* An offset, and the size of what is there. */
#define MEMBER(s, m, xs, xm) \
	{ #s "." #m, offsetof(struct gprobe_xen_##s, m), offsetof(xs, xm) }, \
	{ "size of " #s "." #m, sizeof(((struct gprobe_xen_##s *)0)->m), \
	  sizeof(((xs *)0)->xm) }
#define OFFSET(s, m, xs, xm) \
	{ #s "." #m, offsetof(struct gprobe_xen_##s, m), offsetof(xs, xm) }
#define SIZE(s, xs) { "size of " #s, sizeof(struct gprobe_xen_##s), sizeof(xs) }

static void check_facts(const struct fact *facts, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		ck_assert_msg(facts[i].ours == facts[i].xens,
			      "%s: %lu, but Xen has %lu", facts[i].name,
			      facts[i].ours, facts[i].xens);
}

static const struct fact domctl_facts[] = {
	VALUE(DOMCTL_PAUSE, XEN_DOMCTL_pausedomain),
	VALUE(DOMCTL_UNPAUSE, XEN_DOMCTL_unpausedomain),
	VALUE(DOMCTL_GETDOMAININFO, XEN_DOMCTL_getdomaininfo),
	VALUE(DOMCTL_MAX_MEM, XEN_DOMCTL_max_mem),
	VALUE(DOMCTL_VCPU_INFO, XEN_DOMCTL_getvcpuinfo),
	VALUE(DOMCTL_DEBUG_OP, XEN_DOMCTL_debug_op),
	VALUE(DOMCTL_VM_EVENT_OP, XEN_DOMCTL_vm_event_op),
	VALUE(DOMCTL_MONITOR_OP, XEN_DOMCTL_monitor_op),
	VALUE(DOMINF_DYING, XEN_DOMINF_dying),
	VALUE(DOMINF_HVM, XEN_DOMINF_hvm_guest),
	VALUE(DEBUG_OP_STEP_OFF, XEN_DOMCTL_DEBUG_OP_SINGLE_STEP_OFF),
	VALUE(VM_EVENT_ENABLE, XEN_VM_EVENT_ENABLE),
	VALUE(VM_EVENT_DISABLE, XEN_VM_EVENT_DISABLE),
	VALUE(VM_EVENT_MODE_MONITOR, XEN_DOMCTL_VM_EVENT_OP_MONITOR),
	VALUE(MONITOR_ENABLE, XEN_DOMCTL_MONITOR_OP_ENABLE),
	VALUE(MONITOR_DISABLE, XEN_DOMCTL_MONITOR_OP_DISABLE),
	VALUE(MONITOR_DEFER_WRITES, XEN_DOMCTL_MONITOR_OP_CONTROL_REGISTERS),
	VALUE(MONITOR_CTRLREG, XEN_DOMCTL_MONITOR_EVENT_WRITE_CTRLREG),
	VALUE(MONITOR_MSR, XEN_DOMCTL_MONITOR_EVENT_MOV_TO_MSR),
	VALUE(MONITOR_GUEST_REQUEST, XEN_DOMCTL_MONITOR_EVENT_GUEST_REQUEST),
	VALUE(MONITOR_DEBUG, XEN_DOMCTL_MONITOR_EVENT_DEBUG_EXCEPTION),
	VALUE(MONITOR_CPUID, XEN_DOMCTL_MONITOR_EVENT_CPUID),
	VALUE(MONITOR_PRIVILEGED_CALL,
	      XEN_DOMCTL_MONITOR_EVENT_PRIVILEGED_CALL),
	VALUE(MONITOR_DESCRIPTOR, XEN_DOMCTL_MONITOR_EVENT_DESC_ACCESS),
#ifdef VM_EVENT_REASON_IO_INSTRUCTION
	VALUE(MONITOR_IO, XEN_DOMCTL_MONITOR_EVENT_IO),
#endif
	VALUE(MONITOR_SINGLESTEP, XEN_DOMCTL_MONITOR_EVENT_SINGLESTEP),
	VALUE(MONITOR_BREAKPOINT,
	      XEN_DOMCTL_MONITOR_EVENT_SOFTWARE_BREAKPOINT),
	VALUE(MONITOR_EMUL_UNIMPL,
	      XEN_DOMCTL_MONITOR_EVENT_EMUL_UNIMPLEMENTED),
#define INFO(m) MEMBER(domaininfo, m, struct xen_domctl_getdomaininfo, m)
	INFO(domain),
	INFO(pad1),
	INFO(flags),
	INFO(tot_pages),
	INFO(max_pages),
	INFO(outstanding_pages),
	INFO(shr_pages),
	INFO(paged_pages),
	INFO(shared_info_frame),
	INFO(cpu_time),
	INFO(nr_online_vcpus),
	INFO(max_vcpu_id),
	SIZE(vm_event_op, struct xen_domctl_vm_event_op),
	MEMBER(vm_event_op, op, struct xen_domctl_vm_event_op, op),
	MEMBER(vm_event_op, mode, struct xen_domctl_vm_event_op, mode),
	MEMBER(vm_event_op, port, struct xen_domctl_vm_event_op,
	       u.enable.port),
	SIZE(monitor_op, struct xen_domctl_monitor_op),
	MEMBER(monitor_op, op, struct xen_domctl_monitor_op, op),
	MEMBER(monitor_op, event, struct xen_domctl_monitor_op, event),
	MEMBER(monitor_op, u, struct xen_domctl_monitor_op, u),
	MEMBER(monitor_op, u.ctrlreg, struct xen_domctl_monitor_op,
	       u.mov_to_cr),
	MEMBER(monitor_op, u.msr, struct xen_domctl_monitor_op, u.mov_to_msr),
	MEMBER(monitor_op, u.request, struct xen_domctl_monitor_op,
	       u.guest_request),
	MEMBER(monitor_op, u.debug, struct xen_domctl_monitor_op,
	       u.debug_exception),
/* In the union; its structs have no names. */
#define OPTION(s, m, xm) \
	{ #s "." #m, \
	  offsetof(struct gprobe_xen_monitor_op, u) + \
	  offsetof(struct gprobe_xen_##s, m), \
	  offsetof(struct xen_domctl_monitor_op, u.xm) }, \
	{ "size of " #s "." #m, \
	  sizeof(((struct gprobe_xen_##s *)0)->m), \
	  sizeof(((struct xen_domctl_monitor_op *)0)->u.xm) }
	OPTION(monitor_ctrlreg, index, mov_to_cr.index),
	OPTION(monitor_ctrlreg, sync, mov_to_cr.sync),
	OPTION(monitor_ctrlreg, on_change, mov_to_cr.onchangeonly),
	OPTION(monitor_ctrlreg, pad1, mov_to_cr.pad1),
	OPTION(monitor_ctrlreg, pad2, mov_to_cr.pad2),
	OPTION(monitor_ctrlreg, mask, mov_to_cr.bitmask),
	OPTION(monitor_msr, msr, mov_to_msr.msr),
	OPTION(monitor_msr, on_change, mov_to_msr.onchangeonly),
	OPTION(monitor_request, sync, guest_request.sync),
	OPTION(monitor_request, user, guest_request.allow_userspace),
	OPTION(monitor_debug, sync, debug_exception.sync),
	SIZE(vcpu_info, struct xen_domctl_getvcpuinfo),
#define VCPU_INFO(m) MEMBER(vcpu_info, m, struct xen_domctl_getvcpuinfo, m)
	VCPU_INFO(vcpu),
	VCPU_INFO(online),
	VCPU_INFO(blocked),
	VCPU_INFO(running),
	VCPU_INFO(cpu_time),
	VCPU_INFO(cpu),
	SIZE(debug_op, struct xen_domctl_debug_op),
	MEMBER(debug_op, op, struct xen_domctl_debug_op, op),
	MEMBER(debug_op, vcpu, struct xen_domctl_debug_op, vcpu),
	MEMBER(domctl, cmd, struct xen_domctl, cmd),
	MEMBER(domctl, interface_version, struct xen_domctl,
	       interface_version),
	MEMBER(domctl, domain, struct xen_domctl, domain),
	MEMBER(domctl, pad, struct xen_domctl, _pad),
	OFFSET(domctl, u, struct xen_domctl, u),
	OFFSET(domctl, u.info, struct xen_domctl, u.getdomaininfo),
	MEMBER(domctl, u.max_memkb, struct xen_domctl, u.max_mem.max_memkb),
	MEMBER(domctl, u.vcpu_info, struct xen_domctl, u.getvcpuinfo),
	MEMBER(domctl, u.debug, struct xen_domctl, u.debug_op),
	MEMBER(domctl, u.vm_event, struct xen_domctl, u.vm_event_op),
	MEMBER(domctl, u.monitor, struct xen_domctl, u.monitor_op),
};

START_TEST(domctls_are_xens)
{
	check_facts(domctl_facts, ARRAY_SIZE(domctl_facts));
	ck_assert_uint_ge(sizeof(struct gprobe_xen_domctl),
			  sizeof(struct xen_domctl));
}
END_TEST

static const struct fact hvm_facts[] = {
	VALUE(PARAM_MONITOR_RING_PFN, HVM_PARAM_MONITOR_RING_PFN),
	VALUE(PARAM_ALTP2M, HVM_PARAM_ALTP2M),
	VALUE(HVMOP_ALTP2M, HVMOP_altp2m),
	VALUE(ALTP2M_VERSION, HVMOP_ALTP2M_INTERFACE_VERSION),
	VALUE(ALTP2M_GET_STATE, HVMOP_altp2m_get_domain_state),
	VALUE(ALTP2M_SET_STATE, HVMOP_altp2m_set_domain_state),
	VALUE(ALTP2M_CREATE, HVMOP_altp2m_create_p2m),
	VALUE(ALTP2M_DESTROY, HVMOP_altp2m_destroy_p2m),
	VALUE(ALTP2M_SWITCH, HVMOP_altp2m_switch_p2m),
	VALUE(ALTP2M_SET_ACCESS, HVMOP_altp2m_set_mem_access),
	VALUE(ALTP2M_CHANGE_GFN, HVMOP_altp2m_change_gfn),
	VALUE(ALTP2M_SET_SUPPRESS_VE, HVMOP_altp2m_set_suppress_ve),
	VALUE(ALTP2M_GET_ACCESS, HVMOP_altp2m_get_mem_access),
	SIZE(altp2m_view, struct xen_hvm_altp2m_view),
	MEMBER(altp2m_view, view, struct xen_hvm_altp2m_view, view),
	MEMBER(altp2m_view, default_access, struct xen_hvm_altp2m_view,
	       hvmmem_default_access),
	SIZE(altp2m_access, struct xen_hvm_altp2m_mem_access),
	MEMBER(altp2m_access, view, struct xen_hvm_altp2m_mem_access, view),
	MEMBER(altp2m_access, access, struct xen_hvm_altp2m_mem_access,
	       access),
	MEMBER(altp2m_access, pad, struct xen_hvm_altp2m_mem_access, pad),
	MEMBER(altp2m_access, gfn, struct xen_hvm_altp2m_mem_access, gfn),
	SIZE(altp2m_change, struct xen_hvm_altp2m_change_gfn),
	MEMBER(altp2m_change, view, struct xen_hvm_altp2m_change_gfn, view),
	MEMBER(altp2m_change, pad1, struct xen_hvm_altp2m_change_gfn, pad1),
	MEMBER(altp2m_change, pad2, struct xen_hvm_altp2m_change_gfn, pad2),
	MEMBER(altp2m_change, old_gfn, struct xen_hvm_altp2m_change_gfn,
	       old_gfn),
	MEMBER(altp2m_change, new_gfn, struct xen_hvm_altp2m_change_gfn,
	       new_gfn),
	SIZE(altp2m_suppress_ve, struct xen_hvm_altp2m_suppress_ve),
	MEMBER(altp2m_suppress_ve, view, struct xen_hvm_altp2m_suppress_ve,
	       view),
	MEMBER(altp2m_suppress_ve, suppress_ve,
	       struct xen_hvm_altp2m_suppress_ve, suppress_ve),
	MEMBER(altp2m_suppress_ve, pad1, struct xen_hvm_altp2m_suppress_ve,
	       pad1),
	MEMBER(altp2m_suppress_ve, pad2, struct xen_hvm_altp2m_suppress_ve,
	       pad2),
	MEMBER(altp2m_suppress_ve, gfn, struct xen_hvm_altp2m_suppress_ve,
	       gfn),
	SIZE(altp2m_op, struct xen_hvm_altp2m_op),
	MEMBER(altp2m_op, version, struct xen_hvm_altp2m_op, version),
	MEMBER(altp2m_op, cmd, struct xen_hvm_altp2m_op, cmd),
	MEMBER(altp2m_op, domain, struct xen_hvm_altp2m_op, domain),
	MEMBER(altp2m_op, pad1, struct xen_hvm_altp2m_op, pad1),
	MEMBER(altp2m_op, pad2, struct xen_hvm_altp2m_op, pad2),
	MEMBER(altp2m_op, u.state, struct xen_hvm_altp2m_op,
	       u.domain_state.state),
	MEMBER(altp2m_op, u.view, struct xen_hvm_altp2m_op, u.view),
	MEMBER(altp2m_op, u.access, struct xen_hvm_altp2m_op, u.mem_access),
	MEMBER(altp2m_op, u.change, struct xen_hvm_altp2m_op, u.change_gfn),
	MEMBER(altp2m_op, u.pad, struct xen_hvm_altp2m_op, u.pad),
	VALUE(DMOP_INJECT_EVENT, XEN_DMOP_inject_event),
	VALUE(DMOP_EVENT_HW_EXC, XEN_DMOP_EVENT_hw_exc),
	VALUE(DMOP_EVENT_SW_EXC, XEN_DMOP_EVENT_sw_exc),
	SIZE(inject_event, struct xen_dm_op_inject_event),
#define INJECT(m) MEMBER(inject_event, m, struct xen_dm_op_inject_event, m)
	INJECT(vcpuid),
	INJECT(vector),
	INJECT(type),
	INJECT(insn_len),
	INJECT(pad0),
	INJECT(error_code),
	INJECT(pad1),
	INJECT(cr2),
	MEMBER(dm_op, op, struct xen_dm_op, op),
	MEMBER(dm_op, pad, struct xen_dm_op, pad),
	MEMBER(dm_op, inject_event, struct xen_dm_op, u.inject_event),
};

START_TEST(calls_about_hvm_guests_are_xens)
{
	check_facts(hvm_facts, ARRAY_SIZE(hvm_facts));
	/* Xen copies as much as it is given and zeroes the rest. */
	ck_assert_uint_le(sizeof(struct gprobe_xen_dm_op),
			  sizeof(struct xen_dm_op));
}
END_TEST

static const struct fact memory_facts[] = {
	{ "XENMEM_MAXIMUM_GPFN", GPROBE_XENMEM_MAXIMUM_GPFN,
	  XENMEM_maximum_gpfn },
	VALUE(ACCESS_X, XENMEM_access_x),
	VALUE(ACCESS_RX, XENMEM_access_rx),
	VALUE(ACCESS_RWX, XENMEM_access_rwx),
#if __XEN_LATEST_INTERFACE_VERSION__ >= 0x00041300	/* of 4.20 */
	VALUE(ACCESS_R_PW, XENMEM_access_r_pw),
#endif
};

START_TEST(memory_calls_are_xens)
{
	check_facts(memory_facts, ARRAY_SIZE(memory_facts));
}
END_TEST

static const struct fact event_facts[] = {
	VALUE(VM_EVENT_VERSION, VM_EVENT_INTERFACE_VERSION),
	VALUE(EV_VCPU_PAUSED, VM_EVENT_FLAG_VCPU_PAUSED),
	VALUE(EV_EMULATE, VM_EVENT_FLAG_EMULATE),
	VALUE(EV_EMULATE_NOWRITE, VM_EVENT_FLAG_EMULATE_NOWRITE),
	VALUE(EV_TOGGLE_SINGLESTEP, VM_EVENT_FLAG_TOGGLE_SINGLESTEP),
	VALUE(EV_DENY, VM_EVENT_FLAG_DENY),
	VALUE(EV_ALTERNATE_P2M, VM_EVENT_FLAG_ALTERNATE_P2M),
	VALUE(EV_SET_REGISTERS, VM_EVENT_FLAG_SET_REGISTERS),
	VALUE(EV_SET_EMUL_INSN, VM_EVENT_FLAG_SET_EMUL_INSN_DATA),
	VALUE(EV_FAST_SINGLESTEP, VM_EVENT_FLAG_FAST_SINGLESTEP),
	VALUE(REASON_MEM_ACCESS, VM_EVENT_REASON_MEM_ACCESS),
	VALUE(REASON_BREAKPOINT, VM_EVENT_REASON_SOFTWARE_BREAKPOINT),
	VALUE(REASON_CTRLREG, VM_EVENT_REASON_WRITE_CTRLREG),
	VALUE(REASON_MSR, VM_EVENT_REASON_MOV_TO_MSR),
	VALUE(REASON_GUEST_REQUEST, VM_EVENT_REASON_GUEST_REQUEST),
	VALUE(REASON_DEBUG, VM_EVENT_REASON_DEBUG_EXCEPTION),
	VALUE(REASON_CPUID, VM_EVENT_REASON_CPUID),
	VALUE(REASON_DESCRIPTOR, VM_EVENT_REASON_DESCRIPTOR_ACCESS),
	VALUE(CTRLREG_CR0, VM_EVENT_X86_CR0),
	VALUE(CTRLREG_CR3, VM_EVENT_X86_CR3),
	VALUE(CTRLREG_CR4, VM_EVENT_X86_CR4),
	VALUE(CTRLREG_XCR0, VM_EVENT_X86_XCR0),
	VALUE(REASON_SINGLESTEP, VM_EVENT_REASON_SINGLESTEP),
	VALUE(REASON_EMUL_UNIMPL, VM_EVENT_REASON_EMUL_UNIMPLEMENTED),
	VALUE(MEM_R, MEM_ACCESS_R),
	VALUE(MEM_W, MEM_ACCESS_W),
	VALUE(MEM_X, MEM_ACCESS_X),
	VALUE(MEM_FAULT_IN_GPT, MEM_ACCESS_FAULT_IN_GPT),
	VALUE(RCX, offsetof(struct vm_event_regs_x86, rcx) / sizeof(uint64_t)),
	VALUE(RSP, offsetof(struct vm_event_regs_x86, rsp) / sizeof(uint64_t)),
	VALUE(RSI, offsetof(struct vm_event_regs_x86, rsi) / sizeof(uint64_t)),
	VALUE(RDI, offsetof(struct vm_event_regs_x86, rdi) / sizeof(uint64_t)),
	VALUE(GPRS, offsetof(struct vm_event_regs_x86, rflags) /
		    sizeof(uint64_t)),
	VALUE(INSN_BYTES, sizeof(struct vm_event_emul_insn_data)),
	SIZE(mem_access, struct vm_event_mem_access),
	MEMBER(mem_access, gfn, struct vm_event_mem_access, gfn),
	MEMBER(mem_access, offset, struct vm_event_mem_access, offset),
	MEMBER(mem_access, gla, struct vm_event_mem_access, gla),
	MEMBER(mem_access, flags, struct vm_event_mem_access, flags),
	MEMBER(mem_access, pad, struct vm_event_mem_access, _pad),
	SIZE(ctrlreg, struct vm_event_write_ctrlreg),
	MEMBER(ctrlreg, index, struct vm_event_write_ctrlreg, index),
	MEMBER(ctrlreg, pad, struct vm_event_write_ctrlreg, _pad),
	MEMBER(ctrlreg, new_value, struct vm_event_write_ctrlreg, new_value),
	MEMBER(ctrlreg, old_value, struct vm_event_write_ctrlreg, old_value),
	SIZE(msr, struct vm_event_mov_to_msr),
	MEMBER(msr, msr, struct vm_event_mov_to_msr, msr),
	MEMBER(msr, new_value, struct vm_event_mov_to_msr, new_value),
	MEMBER(msr, old_value, struct vm_event_mov_to_msr, old_value),
	SIZE(descriptor, struct vm_event_desc_access),
	MEMBER(descriptor, instr_info, struct vm_event_desc_access,
	       arch.vmx.instr_info),
	MEMBER(descriptor, pad1, struct vm_event_desc_access, arch.vmx._pad1),
	MEMBER(descriptor, exit_qualification, struct vm_event_desc_access,
	       arch.vmx.exit_qualification),
	MEMBER(descriptor, descriptor, struct vm_event_desc_access,
	       descriptor),
	MEMBER(descriptor, is_write, struct vm_event_desc_access, is_write),
	MEMBER(descriptor, pad, struct vm_event_desc_access, _pad),
	SIZE(cpuid, struct vm_event_cpuid),
	MEMBER(cpuid, insn_length, struct vm_event_cpuid, insn_length),
	MEMBER(cpuid, leaf, struct vm_event_cpuid, leaf),
	MEMBER(cpuid, subleaf, struct vm_event_cpuid, subleaf),
	MEMBER(cpuid, pad, struct vm_event_cpuid, _pad),
#ifdef VM_EVENT_REASON_IO_INSTRUCTION
	VALUE(REASON_IO, VM_EVENT_REASON_IO_INSTRUCTION),
	SIZE(io, struct vm_event_io),
	MEMBER(io, bytes, struct vm_event_io, bytes),
	MEMBER(io, port, struct vm_event_io, port),
	MEMBER(io, in, struct vm_event_io, in),
	MEMBER(io, str, struct vm_event_io, str),
#endif
	SIZE(breakpoint, struct vm_event_debug),
	MEMBER(breakpoint, gfn, struct vm_event_debug, gfn),
	MEMBER(breakpoint, pending_dbg, struct vm_event_debug, pending_dbg),
	MEMBER(breakpoint, insn_length, struct vm_event_debug, insn_length),
	MEMBER(breakpoint, type, struct vm_event_debug, type),
	MEMBER(breakpoint, pad, struct vm_event_debug, _pad),
#define GPR(i, name) MEMBER(regs, gpr[i], struct vm_event_regs_x86, name)
	GPR(0, rax), GPR(1, rcx), GPR(2, rdx), GPR(3, rbx), GPR(4, rsp),
	GPR(5, rbp), GPR(6, rsi), GPR(7, rdi), GPR(8, r8), GPR(9, r9),
	GPR(10, r10), GPR(11, r11), GPR(12, r12), GPR(13, r13), GPR(14, r14),
	GPR(15, r15),
#define REG(m) MEMBER(regs, m, struct vm_event_regs_x86, m)
	REG(rflags), REG(dr6), REG(dr7), REG(rip), REG(cr0), REG(cr2),
	REG(cr3), REG(cr4), REG(sysenter_cs), REG(sysenter_esp),
	REG(sysenter_eip), REG(msr_efer), REG(msr_star), REG(msr_lstar),
	REG(gdtr_base), REG(npt_base), REG(vmtrace_pos), REG(cs_base),
	REG(ss_base), REG(ds_base), REG(es_base), REG(fs_base), REG(gs_base),
	REG(cs), REG(ss), REG(ds), REG(es), REG(fs), REG(gs), REG(shadow_gs),
	REG(gdtr_limit), REG(cs_sel), REG(ss_sel), REG(ds_sel), REG(es_sel),
	REG(fs_sel), REG(gs_sel), MEMBER(regs, pad, struct vm_event_regs_x86,
					 _pad),
	SIZE(regs, struct vm_event_regs_x86),
};

START_TEST(events_are_xens)
{
	check_facts(event_facts, ARRAY_SIZE(event_facts));
}
END_TEST

/* As a selector's attributes have it: type 0:3, S 4, DPL 5:6 (SDM 3, 24.4.1). */
START_TEST(a_dpl_is_where_xen_puts_it)
{
	struct vm_event_x86_selector_reg reg = { .limit = 0xfffff };
	uint32_t word, dpl;

	for (dpl = 0; dpl < 4; dpl++) {
		reg.ar = 0xf9f | dpl << 5;
		memcpy(&word, &reg, sizeof(word));
		ck_assert_uint_eq(word >> GPROBE_XEN_SEG_DPL_SHIFT & 3, dpl);
		ck_assert_uint_eq(word >> GPROBE_XEN_SEG_L_SHIFT & 1, 1);
		reg.ar &= ~0x200;
		memcpy(&word, &reg, sizeof(word));
		ck_assert_uint_eq(word >> GPROBE_XEN_SEG_L_SHIFT & 1, 0);
	}
}
END_TEST

/* The ring's types are made by a macro of io/ring.h. */
static const struct fact ring_facts[] = {
	SIZE(slot, vm_event_request_t),
	SIZE(slot, vm_event_response_t),
	SIZE(slot, union vm_event_sring_entry),
#define SLOT(m, xm) MEMBER(slot, m, vm_event_request_t, xm)
	SLOT(version, version),
	SLOT(flags, flags),
	SLOT(reason, reason),
	SLOT(vcpu_id, vcpu_id),
	SLOT(altp2m_idx, altp2m_idx),
	SLOT(pad, _pad),
	SLOT(u, u),
	SLOT(u.mem_access, u.mem_access),
	SLOT(u.breakpoint, u.software_breakpoint),
	SLOT(u.breakpoint, u.debug_exception),
	SLOT(u.ctrlreg, u.write_ctrlreg),
	SLOT(u.msr, u.mov_to_msr),
	SLOT(u.descriptor, u.desc_access),
	SLOT(u.cpuid, u.cpuid),
	SLOT(u.fast_singlestep_view, u.fast_singlestep.p2midx),
	SLOT(data, data),
	OFFSET(slot, data.regs, vm_event_request_t, data.regs.x86),
	SLOT(data.insn, data.emul.insn.data),
	OFFSET(sring, req_prod, struct vm_event_sring, req_prod),
	OFFSET(sring, req_event, struct vm_event_sring, req_event),
	OFFSET(sring, rsp_prod, struct vm_event_sring, rsp_prod),
	OFFSET(sring, rsp_event, struct vm_event_sring, rsp_event),
	OFFSET(sring, pad, struct vm_event_sring, pvt),
	OFFSET(sring, slot, struct vm_event_sring, ring),
	VALUE(RING_SLOTS, __CONST_RING_SIZE(vm_event, 4096)),
};

START_TEST(the_ring_is_xens)
{
	check_facts(ring_facts, ARRAY_SIZE(ring_facts));
	ck_assert_uint_le(sizeof(struct gprobe_xen_sring), 4096);
}
END_TEST

Suite *xen_abi_suite(void)
{
	return UNIT_SUITE("xen_abi", domctls_are_xens,
			  calls_about_hvm_guests_are_xens,
			  memory_calls_are_xens, events_are_xens,
			  a_dpl_is_where_xen_puts_it,
			  the_ring_is_xens);
}
