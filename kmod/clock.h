/* SPDX-License-Identifier: GPL-2.0 */
/* The time of a hit, for those whom its tracepoints tell of it. */
#ifndef GPROBE_CLOCK_H
#define GPROBE_CLOCK_H

#include <linux/timekeeping.h>
#include <linux/types.h>

#include "trace.h"

/*
 * By CLOCK_MONOTONIC, as bpf_ktime_get_ns() has it; 0: nobody is told of it. A
 * vCPU waits meanwhile.
 */
static inline u64 gprobe_clock_ns(void)
{
	return trace_gprobe_hit_enabled() || trace_gprobe_record_enabled() ?
	       ktime_get_mono_fast_ns() : 0;
}

/* Tracepoints may be enabled or disabled between. */
static inline u64 gprobe_clock_between(u64 start_ns, u64 end_ns)
{
	return start_ns && end_ns > start_ns ? end_ns - start_ns : 0;
}

#endif /* GPROBE_CLOCK_H */
