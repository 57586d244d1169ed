/* SPDX-License-Identifier: GPL-2.0 */
/* Files that are opened by names which are known. */
#ifndef PATHS_H
#define PATHS_H

#include <stdbool.h>

#define PATHS_MAX 1000

/*
 * Open @count paths, each another; none is there. The i-th has 1000 + i as the
 * folder it is not relative to. False: one was opened.
 */
bool paths_open(unsigned long count);
/* The same, but all in one buffer, each written over as soon as it is tried. */
bool paths_reuse(unsigned long count);
/* The i-th of them. */
const char *paths_get(unsigned long i);
/* Some that are not like others: see paths.c. */
bool paths_odd(void);

#endif
