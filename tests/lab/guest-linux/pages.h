/* SPDX-License-Identifier: GPL-2.0 */
/* A page of code that comes, goes and moves, and a process that shares it. */
#ifndef PAGES_H
#define PAGES_H

#include <stdbool.h>

/* Where the page is mapped, and the function at its start. */
#define PAGES_ADDRESS 0x10000000ul

/* Map it from the file; nothing is there until it is first used. */
bool pages_map(void);
bool pages_unmap(void);
/* The same code in another frame. */
bool pages_move(void);
bool pages_call(unsigned long count);
/* A process of its own that has the page; it issues getppid once. */
bool pages_child(void);
/* Both call it, the child twice as often. */
bool pages_both(unsigned long count);
/* The child ends. */
bool pages_reap(void);
/* Does user space run under page tables of its own? */
bool pages_pti(void);

#endif
