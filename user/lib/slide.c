// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * How far a running Linux kernel is from where its symbols say (KASLR). LSTAR
 * holds the address of entry_SYSCALL_64, so their difference is the slide; the
 * page fault handler, read from the guest's IDT, must be off by as much.
 */
#include <gprobe/symbols.h>

#include <errno.h>
#include <inttypes.h>

#include "why.h"

#define ENTRY_SYMBOL	"entry_SYSCALL_64"
#define PAGE_FAULT	14

/* KASLR moves the kernel by multiples of 2 MiB; the rest stays. */
#define SLIDE_STEP	(2ULL << 20)

/* An IDT entry in long mode (SDM 3, 6.14.1). */
struct gate {
	uint16_t offset_low;
	uint16_t selector;
	uint16_t flags;
	uint16_t offset_middle;
	uint32_t offset_high;
	uint32_t reserved;
};

_Static_assert(sizeof(struct gate) == 16, "a gate has 16 bytes");

static int page_fault_handler(const struct gprobe_memory *memory,
			      const struct gprobe_vcpu *vcpu,
			      uint64_t *address)
{
	uint64_t gva = vcpu->idt_base + PAGE_FAULT * sizeof(struct gate);
	struct gprobe_place place;
	struct gate gate;
	uint64_t root;
	int ret;

	ret = gprobe_walk_any(memory, vcpu, 1, gva, &place, &root);
	if (ret)
		return ret;
	ret = gprobe_walk_read(memory, vcpu, root, gva, &gate, sizeof(gate));
	if (ret)
		return ret;
	*address = (uint64_t)gate.offset_high << 32 |
		   (uint64_t)gate.offset_middle << 16 | gate.offset_low;
	return 0;
}

/* Its name since Linux 5.8, and before. */
static const struct gprobe_symbol *
page_fault_symbol(const struct gprobe_symbols *symbols)
{
	const struct gprobe_symbol *symbol;

	symbol = gprobe_symbols_find(symbols, "asm_exc_page_fault", NULL);
	if (!symbol)
		symbol = gprobe_symbols_find(symbols, "page_fault", NULL);
	return symbol;
}

static const struct gprobe_vcpu *running(const struct gprobe_vcpu *vcpus,
					 size_t nr_vcpus)
{
	size_t i;

	for (i = 0; i < nr_vcpus; i++)
		if (vcpus[i].lstar)
			return &vcpus[i];
	return NULL;
}

/**
 * gprobe_symbols_slide() - Find how far a guest's kernel is off its symbols.
 * @symbols: of the guest's kernel
 * @memory: the guest's frames
 * @vcpus: the state of its vCPUs
 * @nr_vcpus: how many
 * @slide: what is to be added to each symbol's address; 0 for symbols without
 *	entry_SYSCALL_64, which are not Linux'
 * @why: says why not
 *
 * Return: 0; -EAGAIN the guest's kernel has not got that far; -ESTALE these are
 * the symbols of another kernel; what gprobe_walk() says.
 */
int gprobe_symbols_slide(const struct gprobe_symbols *symbols,
			 const struct gprobe_memory *memory,
			 const struct gprobe_vcpu *vcpus, size_t nr_vcpus,
			 uint64_t *slide, struct gprobe_why *why)
{
	const struct gprobe_symbol *entry, *fault;
	const struct gprobe_vcpu *vcpu;
	uint64_t handler;
	int ret;

	*slide = 0;
	entry = gprobe_symbols_find(symbols, ENTRY_SYMBOL, NULL);
	if (!entry)
		return 0;
	vcpu = running(vcpus, nr_vcpus);
	if (!vcpu)
		return gprobe_why(why, -EAGAIN,
				  "the guest runs no Linux kernel yet (LSTAR is 0)");
	*slide = vcpu->lstar - entry->address;
	if (*slide % SLIDE_STEP)
		return gprobe_why(why, -ESTALE,
				  "the symbols are of another kernel: " ENTRY_SYMBOL " is at %#" PRIx64 ", which is not %#" PRIx64 " moved by a multiple of 2 MiB",
				  vcpu->lstar, entry->address);
	fault = page_fault_symbol(symbols);
	if (!fault)
		return gprobe_why(why, -ESTALE,
				  "the symbols have neither asm_exc_page_fault nor page_fault, so they cannot be checked");
	ret = page_fault_handler(memory, vcpu, &handler);
	if (ret)
		return gprobe_why(why, ret,
				  "the guest's interrupt table cannot be read, so the symbols cannot be checked");
	if (handler != fault->address + *slide)
		return gprobe_why(why, -ESTALE,
				  "the symbols are of another kernel: %s is at %#" PRIx64 ", not at %#" PRIx64,
				  fault->name, handler,
				  fault->address + *slide);
	return 0;
}
