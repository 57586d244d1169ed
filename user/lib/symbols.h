/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GPROBE_LIB_SYMBOLS_H
#define GPROBE_LIB_SYMBOLS_H

#include <gprobe/symbols.h>

/* Say that there is no symbol @name, and which come near; answers -ENOENT. */
int gprobe_no_symbol(const struct gprobe_symbols *symbols, const char *name,
		     bool only_code, struct gprobe_why *why);
/* Say that no code symbol is meant by @glob, and which come near. */
int gprobe_no_match(const struct gprobe_symbols *symbols, const char *glob,
		    struct gprobe_why *why);

#endif /* GPROBE_LIB_SYMBOLS_H */
