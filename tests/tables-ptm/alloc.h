/* SPDX-License-Identifier: GPL-2.0 */
/* Allocations that fail on demand; only those of what is linked in here. */
#ifndef GPROBE_TABLES_ALLOC_H
#define GPROBE_TABLES_ALLOC_H

#include <stdint.h>

/* From now on the @nth one fails, 1 the next; 0: none. */
void alloc_fault(uint64_t nth);
/* Those in between are neither counted nor do they fail: the test's own. */
void alloc_pause(void);
void alloc_resume(void);

#endif /* GPROBE_TABLES_ALLOC_H */
