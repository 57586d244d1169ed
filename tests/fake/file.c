// SPDX-License-Identifier: GPL-2.0
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tap.h"

void file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		bail(path, errno);
	close(fd);
}

void file_write_number(const char *path, unsigned long number)
{
	char text[24];

	snprintf(text, sizeof(text), "%lu", number);
	file_write(path, text);
}

unsigned long file_read_number(const char *path)
{
	int fd = open(path, O_RDONLY);
	char text[24] = "";

	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		bail(path, errno);
	close(fd);
	return strtoul(text, NULL, 10);
}
