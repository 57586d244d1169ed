/* SPDX-License-Identifier: GPL-2.0 */
/* The time now. */
#ifndef GPROBE_TOOL_CLOCK_H
#define GPROBE_TOOL_CLOCK_H

#include <stdint.h>
#include <time.h>

uint64_t clock_now_ns(clockid_t clock);

#endif /* GPROBE_TOOL_CLOCK_H */
