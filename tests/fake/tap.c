// SPDX-License-Identifier: GPL-2.0
#include "tap.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static unsigned int nr, nr_failed;

static bool tell(bool good, const char *promise, va_list args)
{
	pthread_mutex_lock(&mutex);
	printf("%sok %u - ", good ? "" : "not ", ++nr);
	nr_failed += !good;
	vprintf(promise, args);
	putchar('\n');
	fflush(stdout);
	pthread_mutex_unlock(&mutex);
	return good;
}

bool ok(bool good, const char *promise, ...)
{
	va_list args;

	va_start(args, promise);
	tell(good, promise, args);
	va_end(args);
	return good;
}

bool is(uint64_t got, uint64_t wanted, const char *promise, ...)
{
	va_list args;

	va_start(args, promise);
	tell(got == wanted, promise, args);
	va_end(args);
	if (got != wanted)
		note("got %" PRIu64 " (%#" PRIx64 "), wanted %" PRIu64, got,
		     got, wanted);
	return got == wanted;
}

void skip(const char *promise, const char *need)
{
	ok(true, "%s # SKIP %s", promise, need);
}

void note(const char *format, ...)
{
	va_list args;

	pthread_mutex_lock(&mutex);
	va_start(args, format);
	fputs("# ", stdout);
	vprintf(format, args);
	putchar('\n');
	fflush(stdout);
	va_end(args);
	pthread_mutex_unlock(&mutex);
}

void bail(const char *what, int err)
{
	ok(false, "%s: %s", what, strerror(err < 0 ? -err : err));
	exit(1);
}

int tap_end(void)
{
	printf("1..%u\n", nr);
	return nr_failed || !nr;
}
