/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From a guest's virtual address to its frame: 4-level paging with leaves of
 * 4K, 2M and 1G, or no paging at all. (Intel SDM 3, chapter 4.)
 *
 * A guest's tables are the guest's: nothing in them is believed. A walk reads
 * four entries at most, and no gfn has more than GPROBE_GFN_BITS bits.
 */
#ifndef GPROBE_WALK_H
#define GPROBE_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GPROBE_PAGE_SIZE	4096u

/* What of CR3 is an address; the rest are control bits. */
#define GPROBE_ROOT_MASK	0x000ffffffffff000ULL

/**
 * struct gprobe_memory - how a guest's frames are read
 * @read: copy @bytes bytes at @offset of frame @gfn to @buffer, all in one
 *	frame; 0, -ENXIO there is no such frame, or another negative errno
 * @arg: for @read
 */
struct gprobe_memory {
	int (*read)(void *arg, uint64_t gfn, uint32_t offset, void *buffer,
		    size_t bytes);
	void *arg;
};

/* What of a vCPU's state says how addresses are meant. */
struct gprobe_vcpu {
	uint64_t cr0, cr3, cr4, efer;
	uint64_t lstar;
	uint64_t idt_base;
};

/**
 * struct gprobe_place - where an address is
 * @gfn: the frame
 * @offset: in the frame, below 4096
 * @page_bytes: size of the page that maps it: 4K, 2M or 1G; 0 without paging
 */
struct gprobe_place {
	uint64_t gfn;
	uint32_t offset;
	uint64_t page_bytes;
};

int gprobe_paging_levels(const struct gprobe_vcpu *vcpu);
int gprobe_walk(const struct gprobe_memory *memory,
		const struct gprobe_vcpu *vcpu, uint64_t root, uint64_t gva,
		struct gprobe_place *place);
int gprobe_walk_any(const struct gprobe_memory *memory,
		    const struct gprobe_vcpu *vcpus, size_t nr_vcpus,
		    uint64_t gva, struct gprobe_place *place, uint64_t *root);
int gprobe_walk_read(const struct gprobe_memory *memory,
		     const struct gprobe_vcpu *vcpu, uint64_t root,
		     uint64_t gva, void *buffer, size_t bytes);

#endif /* GPROBE_WALK_H */
