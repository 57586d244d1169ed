/* SPDX-License-Identifier: GPL-2.0 */
/* Allocation that a test can make fail, and errors in pointers. */
#ifndef GPROBE_UNIT_SHIM_SLAB_H
#define GPROBE_UNIT_SHIM_SLAB_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#define GFP_KERNEL	0

extern bool shim_out_of_memory;

static inline void *kvcalloc(size_t nr, size_t bytes, int flags)
{
	(void)flags;
	return shim_out_of_memory ? NULL : calloc(nr, bytes);
}

static inline void kvfree(void *memory)
{
	free(memory);
}

static inline void *ERR_PTR(long err)
{
	return (void *)err;
}

static inline long PTR_ERR(const void *pointer)
{
	return (long)pointer;
}

static inline bool IS_ERR(const void *pointer)
{
	return (uintptr_t)pointer >= (uintptr_t)-4095;
}

#endif /* GPROBE_UNIT_SHIM_SLAB_H */
