// SPDX-License-Identifier: GPL-2.0
#include "clock.h"

#include "number.h"

/**
 * clock_now_ns() - Read a clock.
 * @clock: CLOCK_MONOTONIC or CLOCK_REALTIME
 *
 * Return: its nanoseconds.
 */
uint64_t clock_now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * NUMBER_NS_PER_S + now.tv_nsec;
}
