// SPDX-License-Identifier: GPL-2.0
#include "fake_clock.h"

#include "../../user/tool/clock.h"
#include "unit.h"

uint64_t fake_clock_at_ns;

uint64_t __real_clock_now_ns(clockid_t clock);

FAKE(uint64_t, clock_now_ns, clockid_t clock)
{
	return fake_clock_at_ns ? fake_clock_at_ns++ : __real_clock_now_ns(clock);
}
