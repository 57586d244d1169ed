/* SPDX-License-Identifier: GPL-2.0 */
/* A guest in memory: some frames, page tables among them. */
#ifndef GPROBE_UNIT_FAKE_GUEST_H
#define GPROBE_UNIT_FAKE_GUEST_H

#include <stddef.h>
#include <stdint.h>

#include <gprobe/walk.h>

#define FAKE_FRAMES	48

/* Bits of page-table entries. */
#define PRESENT		0x001ULL
#define ACCESSED	0x020ULL
#define LARGE		0x080ULL
#define LARGE_PAT	0x1000ULL
#define NO_EXECUTE	(1ULL << 63)

/* Bits of the registers that say how a guest pages. */
#define CR0_PAGING	0x80000001ULL
#define CR4_PAE		0x20ULL
#define CR4_LA57	0x1000ULL
#define EFER_LONG	0x500ULL

/**
 * struct fake_guest - a guest; zeroed it has no memory
 * @frames: its memory
 * @nr: how many frames
 * @tables: how many of them fake_map() made
 * @broken_gfn: a frame that cannot be read
 * @broken: with what errno; 0: all can
 * @reads: how often a frame was read
 */
struct fake_guest {
	struct {
		uint64_t gfn;
		_Alignas(8) uint8_t bytes[GPROBE_PAGE_SIZE];
	} frames[FAKE_FRAMES];
	size_t nr;
	unsigned int tables;
	uint64_t broken_gfn;
	int broken;
	unsigned int reads;
};

struct gprobe_memory fake_memory(struct fake_guest *guest);

/* A vCPU in 64-bit mode with 4-level paging. */
struct gprobe_vcpu fake_vcpu(uint64_t root);

/* The frame; from now on the guest has it. */
uint8_t *fake_frame(struct fake_guest *guest, uint64_t gfn);

/*
 * Make @entry the one that @gva meets at @level (1 to 4), and the tables above
 * as needed.
 */
void fake_map(struct fake_guest *guest, uint64_t root, uint64_t gva,
	      unsigned int level, uint64_t entry);

#endif /* GPROBE_UNIT_FAKE_GUEST_H */
