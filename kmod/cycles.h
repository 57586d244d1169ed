/* SPDX-License-Identifier: GPL-2.0 */
/* Time by the TSC: a clock of the kernel's would be read while a vCPU waits. */
#ifndef GPROBE_CYCLES_H
#define GPROBE_CYCLES_H

#include <linux/math64.h>
#include <linux/time64.h>
#include <linux/types.h>
#include <asm/tsc.h>

/* 0 where the TSC's rate is not known. */
static inline u64 gprobe_cycles_to_ns(u64 cycles)
{
	return tsc_khz ? mul_u64_u64_div_u64(cycles, NSEC_PER_MSEC, tsc_khz) : 0;
}

static inline u64 gprobe_us_to_cycles(u64 us)
{
	return us * tsc_khz / USEC_PER_MSEC;
}

#endif /* GPROBE_CYCLES_H */
