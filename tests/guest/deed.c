// SPDX-License-Identifier: GPL-2.0
/*
 * What a hypervisor may tell of, done so that the guest sees whether it had the
 * effect that it has when nobody listens.
 */
#include "kernel.h"

#define CR0_WP		(1ull << 16)
#define CR4_PCE		(1ull << 8)
#define NO_DEVICE	0xff

struct table_ptr {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

/* Taken at boot, when nobody listens. */
static struct {
	uint32_t cpuid[4];
	struct table_ptr gdt, idt;
} truth;

static void cpuid_sub(uint32_t leaf, uint32_t subleaf, uint32_t regs[4])
{
	__asm__ volatile("cpuid"
			 : "=a" (regs[0]), "=b" (regs[1]),
			   "=c" (regs[2]), "=d" (regs[3])
			 : "0" (leaf), "2" (subleaf));
}

static struct table_ptr sgdt(void)
{
	struct table_ptr ptr;

	__asm__ volatile("sgdt %0" : "=m" (ptr));
	return ptr;
}

static struct table_ptr sidt(void)
{
	struct table_ptr ptr;

	__asm__ volatile("sidt %0" : "=m" (ptr));
	return ptr;
}

void deed_init(void)
{
	cpuid_sub(TINY_DEED_LEAF, TINY_DEED_SUBLEAF, truth.cpuid);
	truth.gdt = sgdt();
	truth.idt = sidt();
}

static void check(struct tiny_vcpu *v, uint64_t got, uint64_t want)
{
	v->deeds++;
	if (got == want)
		return;
	v->odd++;
	v->odd_value = got;
}

#define CR(name) \
static uint64_t read_##name(void) \
{ \
	uint64_t value; \
\
	__asm__ volatile("mov %%" #name ", %0" : "=r" (value)); \
	return value; \
} \
\
static void write_##name(struct tiny_vcpu *v, uint64_t value) \
{ \
	__asm__ volatile("mov %0, %%" #name : : "r" (value) : "memory"); \
	check(v, read_##name(), value); \
}

CR(cr0)
CR(cr3)
CR(cr4)

static void deed_cr0(struct tiny_vcpu *v)
{
	uint64_t was = read_cr0();

	write_cr0(v, was ^ CR0_WP);
	write_cr0(v, was);
}

static void deed_cr3(struct tiny_vcpu *v)
{
	write_cr3(v, TINY_PML4_ALT_GPA);
	write_cr3(v, TINY_PML4_GPA);
}

static void deed_cr4(struct tiny_vcpu *v)
{
	uint64_t was = read_cr4();

	write_cr4(v, was ^ CR4_PCE);
	write_cr4(v, was);
}

static void deed_msr(struct tiny_vcpu *v)
{
	/* Another one than before. */
	uint64_t value = (v->deeds + 1) * 0x10001;
	int i;

	for (i = 0; i < 2; i++) {
		wrmsr(TINY_DEED_MSR_NR, value);
		check(v, rdmsr(TINY_DEED_MSR_NR), value);
	}
}

/* The initial APIC id is each vCPU's own. */
static void deed_cpuid(struct tiny_vcpu *v)
{
	uint32_t regs[4];
	int i, same = 1;

	cpuid_sub(TINY_DEED_LEAF, TINY_DEED_SUBLEAF, regs);
	regs[1] = (regs[1] & 0xffffff) | (truth.cpuid[1] & 0xff000000);
	for (i = 0; i < 4; i++)
		same &= regs[i] == truth.cpuid[i];
	check(v, same ? 0 : regs[0], 0);
}

static void deed_icebp(struct tiny_vcpu *v)
{
	uint64_t before = v->db;

	__asm__ volatile(".byte 0xf1" : : : "memory");
	check(v, READ_ONCE(v->db) - before, 1);
}

static void deed_descriptor(struct tiny_vcpu *v)
{
	struct table_ptr gdt = sgdt(), idt = sidt();
	uint32_t ldt = 1;

	check(v, gdt.base, truth.gdt.base);
	check(v, idt.base, truth.idt.base);
	__asm__ volatile("lidt %0" : : "m" (idt));
	check(v, gdt.limit, truth.gdt.limit);
	__asm__ volatile("sldt %0" : "+r" (ldt));
	check(v, ldt, 0);
}

static void deed_request(struct tiny_vcpu *v)
{
	check(v, xen_request(), 0);
}

static void deed_io(struct tiny_vcpu *v)
{
	uint8_t got = 0;

	__asm__ volatile("outb %b0, %w1"
			 : : "a" (v->rounds), "Nd" (TINY_DEED_PORT));
	check(v, 0, 0);
	__asm__ volatile("inb %w1, %b0" : "=a" (got) : "Nd" (TINY_DEED_PORT));
	check(v, got, NO_DEVICE);
}

void deed_round(struct tiny_vcpu *v)
{
	static void (*const deeds[TINY_DEED_MAX])(struct tiny_vcpu *) = {
		[TINY_DEED_CR0] = deed_cr0,
		[TINY_DEED_CR3] = deed_cr3,
		[TINY_DEED_CR4] = deed_cr4,
		[TINY_DEED_MSR] = deed_msr,
		[TINY_DEED_CPUID] = deed_cpuid,
		[TINY_DEED_ICEBP] = deed_icebp,
		[TINY_DEED_DESCRIPTOR] = deed_descriptor,
		[TINY_DEED_REQUEST] = deed_request,
		[TINY_DEED_IO] = deed_io,
	};

	if (v->cmd.mode < TINY_DEED_MAX)
		deeds[v->cmd.mode](v);
}
