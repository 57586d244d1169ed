// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gprobe/walk.h>

#include <errno.h>

#include <linux/gprobe.h>

#include "canonical.h"

#define CR0_PG		(1ULL << 31)
#define CR4_LA57	(1ULL << 12)
#define EFER_LMA	(1ULL << 10)

#define ENTRY_PRESENT	(1ULL << 0)
#define ENTRY_LARGE	(1ULL << 7)
#define ENTRY_ADDRESS	GPROBE_ROOT_MASK

/* In a large leaf bit 12 is PAT, and what else is below its size reserved. */
#define LARGE_PAT	(1ULL << 12)

/* The bit by which Linux' two page tables of a process differ (PTI). */
#define ROOT_USER_HALF	(1ULL << 12)

#define TOP_LEVEL	4

/* Bits of an address that an entry of this level leaves to the page. */
static unsigned int level_shift(unsigned int level)
{
	return 12 + 9 * (level - 1);
}

static bool gfn_is_sane(uint64_t gfn)
{
	return !(gfn >> GPROBE_GFN_BITS);
}

static int leaf(uint64_t entry, unsigned int level, uint64_t gva,
		struct gprobe_place *place)
{
	uint64_t page_bytes = 1ULL << level_shift(level);
	uint64_t reserved = level > 1 ?
		(page_bytes - 1) & ENTRY_ADDRESS & ~LARGE_PAT : 0;
	uint64_t base = entry & ENTRY_ADDRESS & ~(page_bytes - 1);

	if (entry & reserved)
		return -EBADMSG;
	place->gfn = (base | (gva & (page_bytes - 1))) / GPROBE_PAGE_SIZE;
	place->offset = gva % GPROBE_PAGE_SIZE;
	place->page_bytes = page_bytes;
	return gfn_is_sane(place->gfn) ? 0 : -EBADMSG;
}

static int unpaged(uint64_t gva, struct gprobe_place *place)
{
	place->gfn = gva / GPROBE_PAGE_SIZE;
	place->offset = gva % GPROBE_PAGE_SIZE;
	place->page_bytes = 0;
	return gva >> 32 ? -ENXIO : 0;
}

/**
 * gprobe_paging_levels() - Tell how a vCPU pages.
 * @vcpu: the vCPU
 *
 * Return: 4 or 5 levels; 0 without paging; -EOPNOTSUPP 32-bit paging.
 */
int gprobe_paging_levels(const struct gprobe_vcpu *vcpu)
{
	if (!(vcpu->cr0 & CR0_PG))
		return 0;
	if (!(vcpu->efer & EFER_LMA))
		return -EOPNOTSUPP;
	return vcpu->cr4 & CR4_LA57 ? 5 : TOP_LEVEL;
}

/**
 * gprobe_walk() - Find the frame of an address.
 * @memory: the guest's frames
 * @vcpu: says how it pages; its CR3 does not matter
 * @root: CR3; control bits in it are ignored
 * @gva: the guest's virtual address
 * @place: where it is; untouched on failure but for unspecified content
 *
 * Return: 0; -ENXIO nothing is mapped there; -EINVAL not a canonical address;
 * -EBADMSG a reserved bit is set, so that the guest itself would fault;
 * -EOPNOTSUPP the guest uses 5-level or 32-bit paging; what @memory answers.
 */
int gprobe_walk(const struct gprobe_memory *memory,
		const struct gprobe_vcpu *vcpu, uint64_t root, uint64_t gva,
		struct gprobe_place *place)
{
	uint64_t table = root & ENTRY_ADDRESS;
	uint64_t entry;
	uint32_t index;
	int level, ret;

	level = gprobe_paging_levels(vcpu);
	if (!level)
		return unpaged(gva, place);
	if (level != TOP_LEVEL)
		return -EOPNOTSUPP;
	if (!gprobe_is_canonical(gva))
		return -EINVAL;
	for (level = TOP_LEVEL; level; level--) {
		index = gva >> level_shift(level) & 511;
		ret = memory->read(memory->arg, table / GPROBE_PAGE_SIZE,
				   index * sizeof(entry), &entry,
				   sizeof(entry));
		if (ret)
			return ret;
		if (!(entry & ENTRY_PRESENT))
			return -ENXIO;
		if (level == TOP_LEVEL && entry & ENTRY_LARGE)
			return -EBADMSG;
		if (level == 1 || entry & ENTRY_LARGE)
			break;
		table = entry & ENTRY_ADDRESS;
	}
	return leaf(entry, level, gva, place);
}

/*
 * Under PTI the root of a vCPU in user mode maps almost nothing of the kernel;
 * the kernel's own root is the page before it.
 */
static int walk_halves(const struct gprobe_memory *memory,
		       const struct gprobe_vcpu *vcpu, uint64_t gva,
		       struct gprobe_place *place, uint64_t *root)
{
	int ret;

	*root = vcpu->cr3 & GPROBE_ROOT_MASK;
	ret = gprobe_walk(memory, vcpu, *root, gva, place);
	if (ret != -ENXIO || !(*root & ROOT_USER_HALF))
		return ret;
	*root &= ~ROOT_USER_HALF;
	return gprobe_walk(memory, vcpu, *root, gva, place);
}

/**
 * gprobe_walk_any() - Find the frame of an address that all roots share.
 * @memory: the guest's frames
 * @vcpus: the roots that are tried, in turn
 * @nr_vcpus: how many, at least one
 * @gva: the guest's virtual address, such as one of its kernel's
 * @place: where it is
 * @root: the root that maps it
 *
 * Return: 0, or what gprobe_walk() said of the last one.
 */
int gprobe_walk_any(const struct gprobe_memory *memory,
		    const struct gprobe_vcpu *vcpus, size_t nr_vcpus,
		    uint64_t gva, struct gprobe_place *place, uint64_t *root)
{
	int ret = -ENXIO;
	size_t i;

	for (i = 0; i < nr_vcpus; i++) {
		ret = walk_halves(memory, &vcpus[i], gva, place, root);
		if (!ret)
			break;
	}
	return ret;
}

/**
 * gprobe_walk_read() - Read at an address.
 * @memory: the guest's frames
 * @vcpu: see gprobe_walk()
 * @root: see gprobe_walk()
 * @gva: the guest's virtual address; it may cross pages
 * @buffer: where it goes
 * @bytes: how many
 *
 * Return: 0 or what gprobe_walk() said; then @buffer's content is unspecified.
 */
int gprobe_walk_read(const struct gprobe_memory *memory,
		     const struct gprobe_vcpu *vcpu, uint64_t root,
		     uint64_t gva, void *buffer, size_t bytes)
{
	struct gprobe_place place;
	char *to = buffer;
	size_t part;
	int ret;

	while (bytes) {
		ret = gprobe_walk(memory, vcpu, root, gva, &place);
		if (ret)
			return ret;
		part = GPROBE_PAGE_SIZE - place.offset;
		if (part > bytes)
			part = bytes;
		ret = memory->read(memory->arg, place.gfn, place.offset, to,
				   part);
		if (ret)
			return ret;
		gva += part;
		to += part;
		bytes -= part;
	}
	return 0;
}
