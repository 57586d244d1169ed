// SPDX-License-Identifier: LGPL-2.1-or-later
/* The in-memory guest's page tables. */
#include "sim.h"

#include <errno.h>
#include <string.h>

/* What its kernel would set in the entries it makes. */
#define TABLE_FLAGS	(GPROBE_SIM_PRESENT | GPROBE_SIM_WRITABLE | 1ULL << 2)

static unsigned int shift_of(unsigned int level)
{
	return 12 + 9 * (level - 1);
}

static uint64_t *entry_in(struct gprobe_sim *sim, uint64_t table, uint64_t gva,
			  unsigned int level)
{
	uint64_t *entries = gprobe_sim_frame(sim, table / GPROBE_PAGE_SIZE);

	return entries ? entries + (gva >> shift_of(level) & 511) : NULL;
}

/**
 * gprobe_sim_frame_alloc() - Take the next frame from the top of memory.
 * @sim: the guest
 * @gfn: the frame; all zero
 *
 * Return: 0; -ENOMEM.
 */
int gprobe_sim_frame_alloc(struct gprobe_sim *sim, uint64_t *gfn)
{
	while (sim->next_table) {
		sim->next_table--;
		if (sim_host_page(sim, sim->next_table) == SIM_NONE)
			continue;
		*gfn = sim->next_table;
		memset(gprobe_sim_frame(sim, *gfn), 0, GPROBE_PAGE_SIZE);
		return 0;
	}
	return -ENOMEM;
}

/**
 * gprobe_sim_root_new() - Make a top-level table in which nothing is mapped.
 * @sim: the guest
 * @root: for CR3
 *
 * Return: 0; -ENOMEM.
 */
int gprobe_sim_root_new(struct gprobe_sim *sim, uint64_t *root)
{
	uint64_t gfn;
	int ret = gprobe_sim_frame_alloc(sim, &gfn);

	if (!ret)
		*root = gfn * GPROBE_PAGE_SIZE;
	return ret;
}

static bool leads_on(uint64_t entry)
{
	return entry & GPROBE_SIM_PRESENT && !(entry & GPROBE_SIM_LARGE);
}

static int level_of(uint64_t page_bytes)
{
	unsigned int level;

	for (level = 1; level < SIM_TOP_LEVEL; level++)
		if (page_bytes == 1ULL << shift_of(level))
			return level;
	return -EINVAL;
}

/**
 * gprobe_sim_map() - Map a page, as if the guest's kernel had long done so.
 * @sim: the guest
 * @root: where
 * @gva: an address in the page
 * @gpa: an address in the frame
 * @page_bytes: 4K, 2M or 1G
 *
 * Tables that are missing on the way are made. No vCPU writes: no events.
 *
 * Return: 0; -EINVAL no such size; -EEXIST a larger page is in the way; -ENXIO
 * a table is not there; -ENOMEM.
 */
int gprobe_sim_map(struct gprobe_sim *sim, uint64_t root, uint64_t gva,
		   uint64_t gpa, uint64_t page_bytes)
{
	uint64_t table = root & SIM_ENTRY_ADDRESS, gfn, *entry;
	int leaf = level_of(page_bytes), level, ret;

	if (leaf < 0)
		return leaf;
	for (level = SIM_TOP_LEVEL;; level--) {
		entry = entry_in(sim, table, gva, level);
		if (!entry)
			return -ENXIO;
		if (level == leaf)
			break;
		if (*entry & GPROBE_SIM_PRESENT && !leads_on(*entry))
			return -EEXIST;
		if (!(*entry & GPROBE_SIM_PRESENT)) {
			ret = gprobe_sim_frame_alloc(sim, &gfn);
			if (ret)
				return ret;
			*entry = gfn * GPROBE_PAGE_SIZE | TABLE_FLAGS;
		}
		table = *entry & SIM_ENTRY_ADDRESS;
	}
	*entry = (gpa & SIM_ENTRY_ADDRESS & ~(page_bytes - 1)) | TABLE_FLAGS |
		 (leaf > 1 ? GPROBE_SIM_LARGE : 0);
	return 0;
}

/**
 * gprobe_sim_entry() - Find the entry that an address meets at a level.
 * @sim: the guest
 * @root: where
 * @gva: the address
 * @level: 4 the root's, to 1
 * @gpa: where the entry is
 *
 * Return: 0; -ENXIO no table of that level is there; -EINVAL no such level.
 */
int gprobe_sim_entry(struct gprobe_sim *sim, uint64_t root, uint64_t gva,
		     unsigned int level, uint64_t *gpa)
{
	uint64_t table = root & SIM_ENTRY_ADDRESS, *entry;
	unsigned int here;

	if (!level || level > SIM_TOP_LEVEL)
		return -EINVAL;
	for (here = SIM_TOP_LEVEL;; here--) {
		entry = entry_in(sim, table, gva, here);
		if (!entry)
			return -ENXIO;
		if (here == level)
			break;
		if (!leads_on(*entry))
			return -ENXIO;
		table = *entry & SIM_ENTRY_ADDRESS;
	}
	*gpa = table + (gva >> shift_of(level) & 511) * sizeof(*entry);
	return 0;
}

/**
 * gprobe_sim_unmap() - Clear the entry that maps an address, whatever its size.
 * @sim: the guest
 * @root: where
 * @gva: the address
 *
 * Return: 0; -ENXIO nothing is mapped there.
 */
int gprobe_sim_unmap(struct gprobe_sim *sim, uint64_t root, uint64_t gva)
{
	uint64_t table = root & SIM_ENTRY_ADDRESS, *entry;
	unsigned int level;

	for (level = SIM_TOP_LEVEL; level; level--) {
		entry = entry_in(sim, table, gva, level);
		if (!entry || !(*entry & GPROBE_SIM_PRESENT))
			return -ENXIO;
		if (level == 1 || *entry & GPROBE_SIM_LARGE)
			break;
		table = *entry & SIM_ENTRY_ADDRESS;
	}
	*entry = 0;
	return 0;
}

static int read_memory(void *arg, uint64_t gfn, uint32_t offset, void *buffer,
		       size_t bytes)
{
	return gprobe_sim_peek(arg, gfn * GPROBE_PAGE_SIZE + offset, buffer,
			       bytes);
}

int sim_walk(const struct gprobe_sim *sim, uint64_t root, uint64_t gva,
	     struct gprobe_place *place)
{
	struct gprobe_memory memory = {
		.read = read_memory,
		.arg = (void *)sim,
	};
	struct gprobe_vcpu vcpu = {
		.cr0 = 1ULL << 31 | 1,
		.cr4 = 1ULL << 5 | (sim->config.five_levels ? 1ULL << 12 : 0),
		.efer = 1ULL << 10 | 1ULL << 8,
	};

	return gprobe_walk(&memory, &vcpu, root, gva, place);
}
