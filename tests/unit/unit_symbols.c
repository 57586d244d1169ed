// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

#include <string.h>

struct gprobe_symbols *unit_symbols(const char *map)
{
	struct gprobe_symbols *symbols;

	ck_assert_int_eq(gprobe_symbols_parse(map, strlen(map), &symbols,
					      NULL), 0);
	return symbols;
}
