/* SPDX-License-Identifier: GPL-2.0 */
/* A clock that can be put forward. */
#ifndef GPROBE_UNIT_FAKE_CLOCK_H
#define GPROBE_UNIT_FAKE_CLOCK_H

#include <stdint.h>

/* By so much it is ahead of the real one. */
extern uint64_t fake_clock_ahead_ns;

#endif /* GPROBE_UNIT_FAKE_CLOCK_H */
