// SPDX-License-Identifier: GPL-2.0
#include "fake_clock.h"

#include "../../user/tool/clock.h"
#include "unit.h"

uint64_t fake_clock_ahead_ns;

uint64_t __real_clock_now_ns(clockid_t clock);

FAKE(uint64_t, clock_now_ns, clockid_t clock)
{
	return __real_clock_now_ns(clock) + fake_clock_ahead_ns;
}
