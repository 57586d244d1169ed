// SPDX-License-Identifier: GPL-2.0
/*
 * Each operation with each of its allocations failing in turn: after the session
 * the guest is as found. Needs a kernel that injects faults.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../file.h"
#include "../operations.h"
#include "../tap.h"

#define FAIL_NTH	"/proc/thread-self/fail-nth"
#define FAILSLAB	"/sys/kernel/debug/failslab/"
#define FAIL_PAGE	"/sys/kernel/debug/fail_page_alloc/"

/* Held open: to open a file allocates too. */
static int fail_nth;

static void set(unsigned int n)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", n);
	if (pwrite(fail_nth, text, strlen(text), 0) < 0)
		bail("set a fault", errno);
}

static bool happened(void)
{
	char text[16] = "";

	if (pread(fail_nth, text, sizeof(text) - 1, 0) < 0)
		bail("look for a fault", errno);
	return !strtoul(text, NULL, 10);
}

int main(void)
{
	/* The answer is allocated as well. */
	const struct fault allocation = {
		.set = set, .happened = happened, .loses_answers = true,
	};

	if (access(FAIL_NTH, W_OK) || access(FAILSLAB "verbose", W_OK)) {
		skip("allocations fail in turn", "a kernel with failslab");
		return tap_end();
	}
	/* Those that may sleep fail too, and the log is not for them. */
	file_write(FAILSLAB "ignore-gfp-wait", "N");
	file_write(FAILSLAB "verbose", "0");
	file_write(FAIL_PAGE "ignore-gfp-wait", "N");
	file_write(FAIL_PAGE "min-order", "0");
	file_write(FAIL_PAGE "verbose", "0");
	fail_nth = open(FAIL_NTH, O_RDWR);
	operations_fail(&allocation);
	return tap_end();
}
