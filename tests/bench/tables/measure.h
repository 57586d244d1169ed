/* SPDX-License-Identifier: GPL-2.0 */
/* Time, memory, chance and lines of output. */
#ifndef GPROBE_BENCH_MEASURE_H
#define GPROBE_BENCH_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

/* A small table is gone through until so many operations are timed. */
#define OPERATIONS	1000000u

/* All is done so often, and the median is said. */
#define ROUNDS		3

/* How often @nr operations are done for OPERATIONS. */
uint32_t bench_turns(uint32_t nr);
/* Time of the thread on its CPU, so that others disturb it less. */
double bench_now_ns(void);
uint64_t bench_random(uint64_t *state);
double bench_median(double values[ROUNDS]);
/* What becomes resident when @fill runs: in a process of its own. */
double bench_resident_bytes(void (*fill)(void *arg), void *arg);
/* What a contender has no call for, 0, is not said. */
void bench_say(uint32_t nr, const char *what, const char *name, double value,
	       const char *unit);
void bench_check(bool good);

#endif /* GPROBE_BENCH_MEASURE_H */
