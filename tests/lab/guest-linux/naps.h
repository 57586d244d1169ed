/* SPDX-License-Identifier: GPL-2.0 */
/* Threads that sleep known times, at once and on whatever CPU comes. */
#ifndef LAB_NAPS_H
#define LAB_NAPS_H

#include <stdbool.h>
#include <stdint.h>

#define NAPS_MAX_THREADS 8
#define NAPS_MAX_COUNT 64

/* Thread N, from 1, sleeps @count times N times @ms; false: it did not. */
bool naps_take(unsigned long ms, unsigned long count, unsigned long threads);

/* How long the caller of nap @i, from 0, of @thread, from 0, was away. */
uint64_t naps_took_ns(unsigned long thread, unsigned long i);

#endif /* LAB_NAPS_H */
