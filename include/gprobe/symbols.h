/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names of a guest's addresses, from System.map, /proc/kallsyms or what nm
 * prints: lines of "ADDRESS TYPE NAME"; from ELF files, such as vmlinux or what a
 * process runs; from the JSON of Volatility 3 (ISF) and of Rekall. Each may be
 * packed with xz. The kind is told by what is in the file.
 *
 * Once loaded, symbols do not change: threads may share them.
 */
#ifndef GPROBE_SYMBOLS_H
#define GPROBE_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gprobe/walk.h>
#include <gprobe/why.h>

/* Longer names are no symbols; the kernel's own limit is 512. */
#define GPROBE_SYMBOL_NAME_MAX	511

/* So many names like another are given at most. */
#define GPROBE_NEAR_MAX		8

struct gprobe_symbols;

/**
 * struct gprobe_symbol - a name
 * @name: NUL-terminated; lives as long as the symbols do
 * @address: as in the file, without a slide
 * @type: nm's letter
 */
struct gprobe_symbol {
	const char *name;
	uint64_t address;
	char type;
};

int gprobe_symbols_load(const char *path, struct gprobe_symbols **symbols,
			struct gprobe_why *why);
int gprobe_symbols_parse(const char *text, size_t bytes,
			 struct gprobe_symbols **symbols,
			 struct gprobe_why *why);
void gprobe_symbols_free(struct gprobe_symbols *symbols);

size_t gprobe_symbols_count(const struct gprobe_symbols *symbols);
bool gprobe_symbols_is_movable(const struct gprobe_symbols *symbols);
uint64_t gprobe_symbols_slide_to(const struct gprobe_symbols *symbols,
				 uint64_t base);
bool gprobe_symbol_is_code(const struct gprobe_symbol *symbol);
const struct gprobe_symbol *
gprobe_symbols_get(const struct gprobe_symbols *symbols, size_t index);
const struct gprobe_symbol *
gprobe_symbols_find(const struct gprobe_symbols *symbols, const char *name,
		    size_t *nr_places);
const struct gprobe_symbol *
gprobe_symbols_at(const struct gprobe_symbols *symbols, uint64_t address,
		  uint64_t *offset);
size_t gprobe_symbols_near(const struct gprobe_symbols *symbols,
			   const char *name, const char **near, size_t max);
unsigned int gprobe_name_distance(const char *a, const char *b,
				  unsigned int limit);

int gprobe_symbols_slide(const struct gprobe_symbols *symbols,
			 const struct gprobe_memory *memory,
			 const struct gprobe_vcpu *vcpus, size_t nr_vcpus,
			 uint64_t *slide, struct gprobe_why *why);
int gprobe_symbols_kernel_root(const struct gprobe_symbols *symbols,
			       const struct gprobe_memory *memory,
			       const struct gprobe_vcpu *vcpus,
			       size_t nr_vcpus, uint64_t slide,
			       uint64_t *root);

#endif /* GPROBE_SYMBOLS_H */
