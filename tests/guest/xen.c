// SPDX-License-Identifier: GPL-2.0
/* Hypercalls: starting vCPUs, sleeping, printing. */
#include "kernel.h"

/* Without it the headers speak Xen 3.0, whose sched_op is long gone. */
#define __XEN_INTERFACE_VERSION__ __XEN_LATEST_INTERFACE_VERSION__
#include <xen/xen.h>
#include <xen/memory.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/hvm_vcpu.h>

#define CPUID_XEN_FIRST		0x40000000
#define CPUID_XEN_LAST		0x40010000
#define CPUID_XEN_STEP		0x100
#define XEN_SIGNATURE		0x566e6558	/* "XenV" */
#define DEBUG_PORT		0xe9

static struct shared_info *shinfo;

static long hypercall(unsigned int nr, uintptr_t a1, uintptr_t a2, uintptr_t a3)
{
	char *fn = hypercall_page + nr * 32;
	long ret;

	__asm__ volatile("call *%[fn]"
			 : "=a" (ret), "+D" (a1), "+S" (a2), "+d" (a3)
			 : [fn] "r" (fn)
			 : "rcx", "r8", "r9", "r10", "r11", "memory", "cc");
	return ret;
}

static void set_hypercall_page(uint32_t base)
{
	uint64_t gpa = (uintptr_t)hypercall_page;
	uint32_t regs[4];

	cpuid(base + 2, regs);
	__asm__ volatile("wrmsr" : : "c" (regs[1]), "a" ((uint32_t)gpa),
				     "d" ((uint32_t)(gpa >> 32)) : "memory");
}

int xen_init(void)
{
	struct xen_add_to_physmap map = {
		.domid = DOMID_SELF,
		.space = XENMAPSPACE_shared_info,
		.gpfn = TINY_SHINFO_GPA / TINY_PAGE_BYTES,
	};
	uint32_t base, regs[4];
	long ret;

	for (base = CPUID_XEN_FIRST; base < CPUID_XEN_LAST; base += CPUID_XEN_STEP) {
		cpuid(base, regs);
		if (regs[1] == XEN_SIGNATURE)
			break;
	}
	if (base >= CPUID_XEN_LAST)
		return -1;

	set_hypercall_page(base);
	ret = hypercall(__HYPERVISOR_memory_op, XENMEM_add_to_physmap,
			(uintptr_t)&map, 0);
	if (!ret)
		shinfo = (struct shared_info *)(uintptr_t)TINY_SHINFO_GPA;
	return ret;
}

/* -ENOENT from Xen when the guest has no such vCPU. */
int xen_start_vcpu(unsigned int vcpu, void (*entry)(void))
{
	static struct vcpu_hvm_context ctxt;
	struct vcpu_hvm_x86_64 *regs = &ctxt.cpu_regs.x86_64;
	long ret;

	memset(&ctxt, 0, sizeof(ctxt));
	ctxt.mode = VCPU_HVM_MODE_64B;
	regs->rip = (uintptr_t)entry;
	regs->rdi = vcpu;
	regs->rsp = TINY_STACK_GPA + (vcpu + 1) * TINY_STACK_BYTES;
	regs->rflags = 0x202;	/* interrupts on: see entry.S */
	__asm__ volatile("mov %%cr0, %0" : "=r" (regs->cr0));
	__asm__ volatile("mov %%cr3, %0" : "=r" (regs->cr3));
	__asm__ volatile("mov %%cr4, %0" : "=r" (regs->cr4));
	regs->efer = 0x500;	/* LME, LMA */

	ret = hypercall(__HYPERVISOR_vcpu_op, VCPUOP_initialise, vcpu,
			(uintptr_t)&ctxt);
	if (ret)
		return ret;
	return hypercall(__HYPERVISOR_vcpu_op, VCPUOP_up, vcpu, 0);
}

/* Whoever monitors the guest hears of it. */
long xen_request(void)
{
	return hypercall(__HYPERVISOR_hvm_op, HVMOP_guest_request_vm_event, 0,
			 0);
}

static uint64_t system_time(void)
{
	const struct vcpu_time_info *t = &shinfo->vcpu_info[self_id()].time;
	uint64_t delta, ns;
	uint32_t version;

	do {
		version = READ_ONCE(t->version);
		barrier();
		delta = rdtsc() - t->tsc_timestamp;
		if (t->tsc_shift >= 0)
			delta <<= t->tsc_shift;
		else
			delta >>= -t->tsc_shift;
		ns = t->system_time +
		     (uint64_t)(((unsigned __int128)delta *
				 t->tsc_to_system_mul) >> 32);
		barrier();
	} while ((version & 1) || version != READ_ONCE(t->version));

	return ns;
}

/* Blocks this vCPU: an idle guest must leave a lone CPU to dom0. */
void xen_sleep(uint64_t ns)
{
	struct sched_poll poll = { .nr_ports = 0 };

	poll.timeout = system_time() + ns;
	if (hypercall(__HYPERVISOR_sched_op, SCHEDOP_poll, (uintptr_t)&poll, 0))
		hypercall(__HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0);
}

void xen_print(const char *s)
{
	for (; *s; s++)
		__asm__ volatile("outb %b0, %w1"
				 : : "a" (*s), "Nd" (DEBUG_PORT));
}

void xen_print_dec(unsigned int n)
{
	char digit[2] = { '0' + n % 10, 0 };

	if (n >= 10)
		xen_print_dec(n / 10);
	xen_print(digit);
}
