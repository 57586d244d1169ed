/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Only in a module built for tests (make module-faults): what is set up for a
 * guest fails at the n-th step from now on.
 */
#ifndef GPROBE_FAULT_H
#define GPROBE_FAULT_H

#include <linux/types.h>

#ifdef GPROBE_FAULTS
bool gprobe_fault(void);
#else
static inline bool gprobe_fault(void)
{
	return false;
}
#endif

#endif /* GPROBE_FAULT_H */
