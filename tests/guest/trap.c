// SPDX-License-Identifier: GPL-2.0
/*
 * Traps: an int3 of our own is counted and stepped over, and so is a step that
 * the guest asked for; everything else is recorded in the vCPU's page and ends what this vCPU does.
 */
#include "kernel.h"

#define VECTOR_DB	1
#define VECTOR_BP	3
#define VECTOR_UD	6
#define VECTOR_GP	13
#define VECTOR_PF	14
#define NR_VECTORS	32
#define STUB_BYTES	16
#define CS64		0x08
#define GATE_TRAP	0x8f	/* present, leaves interrupts on */
#define FAULT_SLEEP_NS	100000000

struct gate {
	uint16_t offset_lo;
	uint16_t selector;
	uint8_t ist;
	uint8_t type;
	uint16_t offset_mid;
	uint32_t offset_hi;
	uint32_t zero;
};

struct trap_frame {
	uint64_t regs[9];
	uint64_t vector;
	uint64_t error_code;
	uint64_t rip;
	uint64_t cs;
	uint64_t rflags;
	uint64_t rsp;
	uint64_t ss;
};

static struct gate idt[NR_VECTORS];

void trap(struct trap_frame *f);

void trap_init(void)
{
	unsigned int i;

	for (i = 0; i < NR_VECTORS; i++) {
		uint64_t stub = (uintptr_t)trap_stubs + i * STUB_BYTES;

		idt[i].offset_lo = stub;
		idt[i].offset_mid = stub >> 16;
		idt[i].offset_hi = stub >> 32;
		idt[i].selector = CS64;
		idt[i].type = GATE_TRAP;
	}
}

void trap_load(void)
{
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) ptr = { sizeof(idt) - 1, (uintptr_t)idt };

	__asm__ volatile("lidt %0" : : "m" (ptr));
}

static int is_own_int3(uint64_t gva)
{
	unsigned int i;

	if (gva == (uintptr_t)own_int3_at)
		return 1;
	for (i = 0; i < TINY_ALIAS_MAX; i++) {
		uint64_t off = gva - tiny_alias_gva(i);

		if (off == TINY_OFF_INT3FIRST ||
		    off == (uintptr_t)f_int3in_at - TINY_CODE_GPA)
			return 1;
	}
	return 0;
}

static void fault(struct tiny_vcpu *v, const struct trap_frame *f)
{
	uint64_t cr2;

	__asm__ volatile("mov %%cr2, %0" : "=r" (cr2));
	v->pf += f->vector == VECTOR_PF;
	v->ud += f->vector == VECTOR_UD;
	v->gp += f->vector == VECTOR_GP;
	v->fault.vector = f->vector;
	v->fault.error_code = f->error_code;
	v->fault.rip = f->rip;
	v->fault.cr2 = cr2;
	barrier();
	WRITE_ONCE(v->state, TINY_STATE_ERROR);

	/* not hlt: the last vCPU to stop would take the guest away */
	for (;;)
		xen_sleep(FAULT_SLEEP_NS);
}

void trap(struct trap_frame *f)
{
	struct tiny_vcpu *v = vcpu_page(self_id());

	if (f->vector == VECTOR_DB) {
		v->db++;
		return;
	}
	if (f->vector != VECTOR_BP)
		fault(v, f);

	v->bp_rip = f->rip - 1;
	if (is_own_int3(f->rip - 1))
		v->bp++;
	else
		v->bp_bad++;
}
