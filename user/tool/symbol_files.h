/* SPDX-License-Identifier: GPL-2.0 */
/* The files of --symbols, and where in the guest is what they are of. */
#ifndef GPROBE_TOOL_SYMBOL_FILES_H
#define GPROBE_TOOL_SYMBOL_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gprobe/probe.h>

/**
 * struct symbol_file - a file
 * @path: of it; owned
 * @has_base: @base was given
 * @base: where its first byte is in the guest
 * @symbols: once loaded; owned
 */
struct symbol_file {
	char *path;
	bool has_base;
	uint64_t base;
	struct gprobe_symbols *symbols;
};

/**
 * struct symbol_files - all that were named; zeroed at first
 * @files: in their order
 * @nr: how many
 * @has_slide: @slide was given
 * @slide: by which the guest's kernel is off its symbols
 * @btf: a file with the types of the guest's kernel, or NULL
 * @places: what probes are looked up in, once placed
 */
struct symbol_files {
	struct symbol_file *files;
	size_t nr;
	bool has_slide;
	uint64_t slide;
	const char *btf;
	struct gprobe_space_file *places;
};

char *symbol_files_path(const char *text, bool *has_base, uint64_t *base);
int symbol_files_add(struct symbol_files *files, const char *text);
int symbol_files_load(struct symbol_files *files);
int symbol_files_place(struct symbol_files *files, struct gprobe_space *space,
		       const char *domain);
void symbol_files_unload(struct symbol_files *files);
void symbol_files_free(struct symbol_files *files);

#endif /* GPROBE_TOOL_SYMBOL_FILES_H */
