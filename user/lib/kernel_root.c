// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The page table of a Linux guest's kernel itself, under which no process runs:
 * it maps what all share, and stays as long as the kernel runs.
 */
#include <gprobe/symbols.h>

#include <errno.h>

/* Its name since Linux 4.14, and before. */
static const struct gprobe_symbol *
root_symbol(const struct gprobe_symbols *symbols)
{
	const struct gprobe_symbol *symbol;

	symbol = gprobe_symbols_find(symbols, "init_top_pgt", NULL);
	if (!symbol)
		symbol = gprobe_symbols_find(symbols, "swapper_pg_dir", NULL);
	return symbol;
}

/* It maps itself where the vCPUs have it: it is what it is said to be. */
static int check(const struct gprobe_memory *memory,
		 const struct gprobe_vcpu *vcpus, size_t nr_vcpus,
		 uint64_t gva, uint64_t root)
{
	struct gprobe_place place;
	int ret = -ENOENT;
	size_t i;

	for (i = 0; i < nr_vcpus; i++) {
		if (gprobe_paging_levels(&vcpus[i]) <= 0)
			continue;
		ret = gprobe_walk(memory, &vcpus[i], root, gva, &place);
		break;
	}
	if (!ret && place.gfn != root / GPROBE_PAGE_SIZE)
		ret = -ENOENT;
	return ret;
}

/**
 * gprobe_symbols_kernel_root() - Find the root of a Linux guest's kernel.
 * @symbols: of the guest's kernel
 * @memory: the guest's frames
 * @vcpus: the state of its vCPUs
 * @nr_vcpus: how many
 * @slide: gprobe_symbols_slide()
 * @root: CR3 without control bits
 *
 * Return: 0; -ENOENT the symbols have no such name, or what it names is none;
 * what gprobe_walk() says.
 */
int gprobe_symbols_kernel_root(const struct gprobe_symbols *symbols,
			       const struct gprobe_memory *memory,
			       const struct gprobe_vcpu *vcpus,
			       size_t nr_vcpus, uint64_t slide, uint64_t *root)
{
	const struct gprobe_symbol *symbol = root_symbol(symbols);
	struct gprobe_place place;
	uint64_t under;
	int ret;

	if (!symbol)
		return -ENOENT;
	ret = gprobe_walk_any(memory, vcpus, nr_vcpus, symbol->address + slide,
			      &place, &under);
	if (ret)
		return ret;
	if (place.offset || !place.page_bytes)
		return -ENOENT;
	*root = place.gfn * GPROBE_PAGE_SIZE;
	return check(memory, vcpus, nr_vcpus, symbol->address + slide, *root);
}
