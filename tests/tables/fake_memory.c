// SPDX-License-Identifier: GPL-2.0
#include "fake_memory.h"

#include <stdlib.h>

#include "../unit/unit.h"

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t nr, size_t bytes);
void *__real_realloc(void *memory, size_t bytes);
void *__real_reallocarray(void *memory, size_t nr, size_t bytes);
void *__real_aligned_alloc(size_t alignment, size_t bytes);

static unsigned int left;
static int refused;

int fake_memory_refuse(unsigned int nr)
{
	int was = refused;

	left = nr;
	refused = 0;
	return was;
}

static int refuse(void)
{
	if (!left || --left)
		return 0;
	refused = 1;
	return 1;
}

FAKE(void *, malloc, size_t bytes)
{
	return refuse() ? NULL : __real_malloc(bytes);
}

FAKE(void *, calloc, size_t nr, size_t bytes)
{
	return refuse() ? NULL : __real_calloc(nr, bytes);
}

FAKE(void *, realloc, void *memory, size_t bytes)
{
	return refuse() ? NULL : __real_realloc(memory, bytes);
}

FAKE(void *, reallocarray, void *memory, size_t nr, size_t bytes)
{
	return refuse() ? NULL : __real_reallocarray(memory, nr, bytes);
}

FAKE(void *, aligned_alloc, size_t alignment, size_t bytes)
{
	return refuse() ? NULL : __real_aligned_alloc(alignment, bytes);
}
