/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GPROBE_LIB_SYMBOLS_H
#define GPROBE_LIB_SYMBOLS_H

#include <gprobe/symbols.h>

/* The symbol number @index in the order of addresses; NULL: no more. */
const struct gprobe_symbol *
gprobe_symbols_get(const struct gprobe_symbols *symbols, size_t index);

#endif /* GPROBE_LIB_SYMBOLS_H */
