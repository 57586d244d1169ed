// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "paths.h"

#define PATH_BYTES 48
#define PAGE_BYTES 4096
#define FIRST_FOLDER 1000

static char paths[PATHS_MAX][PATH_BYTES];

static bool fails(unsigned long folder, const char *path, int err)
{
	return syscall(SYS_openat, folder, path, O_RDONLY, 0) == -1 && errno == err;
}

const char *paths_get(unsigned long i)
{
	/* Of all lengths. */
	if (!*paths[i])
		snprintf(paths[i], PATH_BYTES, "/none/%lu/%.*s", i, (int)(i % 30),
			 "abcdefghijklmnopqrstuvwxyz0123");
	return paths[i];
}

bool paths_open(unsigned long count)
{
	unsigned long i;

	if (count > PATHS_MAX)
		return false;
	for (i = 0; i < count; i++)
		paths_get(i);
	for (i = 0; i < count; i++)
		if (!fails(FIRST_FOLDER + i, paths[i], ENOENT))
			return false;
	return true;
}

bool paths_reuse(unsigned long count)
{
	static char buffer[PATH_BYTES];
	unsigned long i;

	if (count > PATHS_MAX)
		return false;
	for (i = 0; i < count; i++) {
		strcpy(buffer, paths_get(i));
		if (!fails(FIRST_FOLDER + i, buffer, ENOENT))
			return false;
		memset(buffer, '#', PATH_BYTES - 1);
	}
	return true;
}

/* A page of slashes but for an x near its end. */
static const char *slashes(char *page, char last)
{
	memset(page, '/', PAGE_BYTES);
	page[PAGE_BYTES - 5] = 'x';
	page[PAGE_BYTES - 1] = last;
	return page;
}

/*
 * An empty one, one with characters that end lines and strings, one that is not
 * UTF-8, one over the border of two pages, the longest, one that is too long,
 * and one that is nowhere.
 */
bool paths_odd(void)
{
	static char pages[5 * PAGE_BYTES] __attribute__((aligned(PAGE_BYTES)));
	char *border = strcpy(pages + PAGE_BYTES - 3, "/none/border");

	return fails(0, "", ENOENT) &&
	       fails(1, "/none/\"\\\n\t\033[1m", ENOENT) &&
	       fails(2, "/none/\303\244\377", ENOENT) &&
	       fails(3, border, ENOENT) &&
	       fails(4, slashes(pages + 2 * PAGE_BYTES, '\0'), ENOENT) &&
	       fails(5, slashes(pages + 3 * PAGE_BYTES, 'y'), ENAMETOOLONG) &&
	       fails(6, (char *)8, EFAULT);
}
