/* SPDX-License-Identifier: GPL-2.0 */
#ifndef GPROBE_UNIT_SHIM_HASH_H
#define GPROBE_UNIT_SHIM_HASH_H

#include <linux/types.h>

/* The kernel's: 2^64 by the golden ratio. */
static inline u32 hash_64(u64 value, unsigned int bits)
{
	return value * 0x61c8864680b583ebULL >> (64 - bits);
}

#endif /* GPROBE_UNIT_SHIM_HASH_H */
