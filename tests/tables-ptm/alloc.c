// SPDX-License-Identifier: GPL-2.0
#include "alloc.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "unit.h"

static uint64_t fails_at, count;
static bool paused;

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t nr, size_t bytes);
void *__real_realloc(void *memory, size_t bytes);
void *__real_reallocarray(void *memory, size_t nr, size_t bytes);
void *__real_aligned_alloc(size_t alignment, size_t bytes);

void alloc_fault(uint64_t nth)
{
	fails_at = nth;
	count = 0;
	paused = false;
}

void alloc_pause(void)
{
	paused = true;
}

void alloc_resume(void)
{
	paused = false;
}

static bool fails(void)
{
	if (paused || ++count != fails_at)
		return false;
	errno = ENOMEM;
	return true;
}

FAKE(void *, malloc, size_t bytes)
{
	return fails() ? NULL : __real_malloc(bytes);
}

FAKE(void *, calloc, size_t nr, size_t bytes)
{
	return fails() ? NULL : __real_calloc(nr, bytes);
}

FAKE(void *, realloc, void *memory, size_t bytes)
{
	return fails() ? NULL : __real_realloc(memory, bytes);
}

FAKE(void *, reallocarray, void *memory, size_t nr, size_t bytes)
{
	return fails() ? NULL : __real_reallocarray(memory, nr, bytes);
}

FAKE(void *, aligned_alloc, size_t alignment, size_t bytes)
{
	return fails() ? NULL : __real_aligned_alloc(alignment, bytes);
}
