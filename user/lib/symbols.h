/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GPROBE_LIB_SYMBOLS_H
#define GPROBE_LIB_SYMBOLS_H

#include <gprobe/symbols.h>

#include "task_fields.h"

/* --- reading, for those who know a kind of file --- */

struct gprobe_symbols *gprobe_symbols_new(void);
int gprobe_symbols_add(struct gprobe_symbols *symbols,
		       const struct gprobe_symbol *symbol);
void gprobe_symbols_set_start(struct gprobe_symbols *symbols, uint64_t start,
			      bool is_movable);
void gprobe_symbols_set_fields(struct gprobe_symbols *symbols,
			       const struct gprobe_task_fields *fields);
int gprobe_symbols_finish(struct gprobe_symbols *symbols, const char *none,
			  struct gprobe_why *why);

int gprobe_symbols_read_text(struct gprobe_symbols *symbols, char *text,
			     size_t bytes);
int gprobe_symbols_read_json(struct gprobe_symbols *symbols, char *text,
			     size_t bytes, struct gprobe_why *why);
int gprobe_symbols_load_elf(struct gprobe_symbols *symbols, int fd,
			    struct gprobe_why *why);
int gprobe_symbols_parse_elf(struct gprobe_symbols *symbols, char *image,
			     size_t bytes, struct gprobe_why *why);

bool gprobe_is_xz(const void *bytes, size_t nr);
int gprobe_unxz(const void *packed, size_t packed_bytes, size_t max_bytes,
		char **bytes, size_t *nr, struct gprobe_why *why);

/* What its file has besides of a kernel's types; NULL: nothing. */
const struct gprobe_task_fields *
gprobe_symbols_fields(const struct gprobe_symbols *symbols);

/* The lowest address of a symbol above @address; UINT64_MAX: there is none. */
uint64_t gprobe_symbols_next(const struct gprobe_symbols *symbols,
			     uint64_t address);

/* --- saying that there is none --- */

/* Say that there is no symbol @name, and which come near; answers -ENOENT. */
int gprobe_no_symbol(const struct gprobe_symbols *symbols, const char *name,
		     bool only_code, struct gprobe_why *why);
/* Say that no code symbol is meant by @glob, and which come near. */
int gprobe_no_match(const struct gprobe_symbols *symbols, const char *glob,
		    struct gprobe_why *why);

#endif /* GPROBE_LIB_SYMBOLS_H */
