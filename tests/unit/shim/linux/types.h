/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's short names, for kernel code that is compiled in user space. */
#ifndef GPROBE_UNIT_SHIM_TYPES_H
#define GPROBE_UNIT_SHIM_TYPES_H

#include_next <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;

#endif /* GPROBE_UNIT_SHIM_TYPES_H */
