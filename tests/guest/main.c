// SPDX-License-Identifier: GPL-2.0
/*
 * tiny: a PVH guest whose whole purpose is to know exactly how often it
 * called which function, and whether its own code and data stayed intact.
 */
#include "kernel.h"

#define CPUID_EXT_FEATURES	0x80000001
#define CPUID_EDX_1G		(1u << 26)
#define START_DEADLINE		500
#define START_SLEEP_NS		2000000

void tiny_main(void);
void ap_main(unsigned int vcpu);

void *memcpy(void *dst, const void *src, size_t n)
{
	void *ret = dst;

	__asm__ volatile("rep movsb" : "+D" (dst), "+S" (src), "+c" (n)
			 : : "memory");
	return ret;
}

void *memset(void *dst, int c, size_t n)
{
	void *ret = dst;

	__asm__ volatile("rep stosb" : "+D" (dst), "+c" (n) : "a" (c)
			 : "memory");
	return ret;
}

static uint64_t *table(uintptr_t gpa)
{
	return (uint64_t *)gpa;
}

/* The identity map stands since entry.S; this adds the three aliases. */
static void map_aliases(void)
{
	struct tiny_ctl *ctl = ctl_page();
	uint64_t flags = PTE_P | PTE_W | PTE_U;
	uint32_t regs[4];
	unsigned int i;

	table(TINY_PML4_GPA)[TINY_PML4_SLOT] = TINY_PDPT_GPA | flags;
	table(TINY_PDPT_GPA)[TINY_PDPT_SLOT] = TINY_PD_GPA | flags;
	table(TINY_PD_GPA)[TINY_PD_4K_SLOT] = TINY_PT_GPA | flags;
	table(TINY_PD_GPA)[TINY_PD_2M_SLOT] = TINY_CODE_GPA | flags | PTE_PS;
	for (i = 0; i < 512; i++)
		table(TINY_PT_GPA)[i] =
			(TINY_CODE_GPA + i * TINY_PAGE_BYTES) | flags;

	cpuid(CPUID_EXT_FEATURES, regs);
	if (regs[3] & CPUID_EDX_1G) {
		table(TINY_PML4_GPA)[TINY_PML4_1G_SLOT] = TINY_PDPT_1G_GPA | flags;
		table(TINY_PDPT_1G_GPA)[0] = flags | PTE_PS;
		ctl->features |= TINY_HAS_1G;
	}

	memcpy(table(TINY_PML4_ALT_GPA), table(TINY_PML4_GPA), TINY_PAGE_BYTES);
	set_root(TINY_PML4_GPA);
}

void ap_main(unsigned int vcpu)
{
	trap_load();
	cmd_loop(vcpu_page(vcpu));
}

/* As many as the guest was given; -1 if one of them does not come up. */
static int start_vcpus(void)
{
	unsigned int vcpu;
	int i;

	for (vcpu = 1; vcpu < TINY_MAX_VCPUS; vcpu++) {
		if (xen_start_vcpu(vcpu, ap_start))
			break;
		for (i = 0; i < START_DEADLINE; i++) {
			if (READ_ONCE(vcpu_page(vcpu)->state))
				break;
			xen_sleep(START_SLEEP_NS);
		}
		if (i == START_DEADLINE)
			return -1;
	}
	return vcpu;
}

void tiny_main(void)
{
	struct tiny_ctl *ctl = ctl_page();
	int nr;

	memset(ctl, 0, TINY_CTL_PAGES * TINY_PAGE_BYTES);
	trap_init();
	trap_load();
	deed_init();
	map_aliases();
	memcpy((void *)(uintptr_t)TINY_PRISTINE_GPA,
	       (const void *)(uintptr_t)TINY_CODE_GPA,
	       TINY_CODE_PAGES * TINY_PAGE_BYTES);

	nr = xen_init() ? -1 : start_vcpus();
	if (nr < 1) {
		xen_print("TINY-FAILED\n");
		for (;;)
			__asm__ volatile("pause");
	}

	ctl->version = TINY_VERSION;
	ctl->nr_vcpus = nr;
	ctl->ready = 1;
	barrier();
	ctl->magic = TINY_MAGIC;
	xen_print("TINY-READY vcpus=");
	xen_print_dec(nr);
	xen_print("\n");
	cmd_loop(vcpu_page(0));
}
