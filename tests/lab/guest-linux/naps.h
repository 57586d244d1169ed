/* SPDX-License-Identifier: GPL-2.0 */
/* Threads that sleep known times, at once and on whatever CPU comes. */
#ifndef LAB_NAPS_H
#define LAB_NAPS_H

#include <stdbool.h>

#define NAPS_MAX_THREADS 8

/* Thread N, from 1, sleeps @count times N times @ms; false: it did not. */
bool naps_take(unsigned long ms, unsigned long count, unsigned long threads);

#endif /* LAB_NAPS_H */
