/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which virtual addresses there are, with four levels of page tables. */
#ifndef GPROBE_CANONICAL_H
#define GPROBE_CANONICAL_H

#include <stdbool.h>
#include <stdint.h>

/* Its bits from 47 up are all the same. */
static inline bool gprobe_is_canonical(uint64_t gva)
{
	return gva + (1ULL << 47) < 1ULL << 48;
}

#endif /* GPROBE_CANONICAL_H */
