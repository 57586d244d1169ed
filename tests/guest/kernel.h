/* SPDX-License-Identifier: GPL-2.0 */
/* Inside the tiny guest only. */
#ifndef TINY_KERNEL_H
#define TINY_KERNEL_H

#include "tiny.h"

#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v)	(*(volatile __typeof__(x) *)&(x) = (v))
#define barrier()		__asm__ volatile("" : : : "memory")

#define PTE_P			0x001ull
#define PTE_W			0x002ull
#define PTE_U			0x004ull
#define PTE_PS			0x080ull

static inline struct tiny_ctl *ctl_page(void)
{
	return (struct tiny_ctl *)(uintptr_t)TINY_CTL_GPA;
}

static inline struct tiny_vcpu *vcpu_page(unsigned int vcpu)
{
	return (struct tiny_vcpu *)(uintptr_t)(TINY_VCPU_GPA +
					       vcpu * TINY_PAGE_BYTES);
}

/* Which vCPU is this? Its stack says it. */
static inline unsigned int self_id(void)
{
	uintptr_t sp = (uintptr_t)__builtin_frame_address(0);

	return (sp - TINY_STACK_GPA - 1) / TINY_STACK_BYTES;
}

static inline uint64_t rdtsc(void)
{
	uint32_t lo, hi;

	__asm__ volatile("rdtsc" : "=a" (lo), "=d" (hi));
	return (uint64_t)hi << 32 | lo;
}

static inline void cpuid(uint32_t leaf, uint32_t regs[4])
{
	__asm__ volatile("cpuid"
			 : "=a" (regs[0]), "=b" (regs[1]),
			   "=c" (regs[2]), "=d" (regs[3])
			 : "0" (leaf), "2" (0));
}

static inline uint64_t rdmsr(uint32_t msr)
{
	uint32_t lo, hi;

	__asm__ volatile("rdmsr" : "=a" (lo), "=d" (hi) : "c" (msr));
	return (uint64_t)hi << 32 | lo;
}

static inline void wrmsr(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr"
			 : : "c" (msr), "a" ((uint32_t)value),
			     "d" ((uint32_t)(value >> 32)));
}

static inline void invlpg(uint64_t gva)
{
	__asm__ volatile("invlpg (%0)" : : "r" (gva) : "memory");
}

static inline void set_root(uint64_t pml4_gpa)
{
	__asm__ volatile("mov %0, %%cr3" : : "r" (pml4_gpa) : "memory");
}

/* xen.c */
int xen_init(void);
int xen_start_vcpu(unsigned int vcpu, void (*entry)(void));
void xen_sleep(uint64_t ns);
long xen_request(void);
void xen_print(const char *s);
void xen_print_dec(unsigned int n);

/* trap.c */
void trap_init(void);
void trap_load(void);

/* deed.c */
void deed_init(void);
void deed_round(struct tiny_vcpu *v);

/* cmd.c */
void cmd_loop(struct tiny_vcpu *v) __attribute__((noreturn));

/* entry.S and func.S */
extern char trap_stubs[], hypercall_page[], own_int3_at[];
extern char f_int3in_at[];
void ap_start(void);
void own_int3(void);
void call_at_cpl3(void);
void cpl3_return(void);
uint64_t flat_time(uint32_t gpa, struct tiny_vcpu *v, uint32_t n);

void *memcpy(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);

#endif /* TINY_KERNEL_H */
