/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's memory as the guest itself sees it, by /proc/kcore. */
#ifndef KCORE_H
#define KCORE_H

#include <stddef.h>

/* Both return 0, or -1: no such file, no such address. */
int kcore_open(void);
int kcore_read(unsigned long addr, void *bytes, size_t len);

#endif
