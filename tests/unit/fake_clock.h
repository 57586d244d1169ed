/* SPDX-License-Identifier: GPL-2.0 */
/* A clock that goes only when it is told to. */
#ifndef GPROBE_UNIT_FAKE_CLOCK_H
#define GPROBE_UNIT_FAKE_CLOCK_H

#include <stdint.h>

/* Its time, a ns later with each look at it; 0: it is the real one. */
extern uint64_t fake_clock_at_ns;

#endif /* GPROBE_UNIT_FAKE_CLOCK_H */
