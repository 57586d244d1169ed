// SPDX-License-Identifier: GPL-2.0
#include "measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

uint32_t bench_turns(uint32_t nr)
{
	return nr < OPERATIONS ? OPERATIONS / nr : 1;
}

double bench_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1e9 + now.tv_nsec;
}

uint64_t bench_random(uint64_t *state)
{
	uint64_t value = *state += 0x9e3779b97f4a7c15ULL;

	value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9ULL;
	value = (value ^ value >> 27) * 0x94d049bb133111ebULL;
	return value ^ value >> 31;
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

double bench_median(double values[ROUNDS])
{
	qsort(values, ROUNDS, sizeof(*values), compare);
	return values[ROUNDS / 2];
}

void bench_check(bool good)
{
	if (!good)
		abort();
}

static double resident_bytes(void)
{
	FILE *from = fopen("/proc/self/smaps_rollup", "r");
	unsigned long kilobytes;
	char line[256];

	bench_check(from);
	while (fgets(line, sizeof(line), from))
		if (sscanf(line, "Anonymous: %lu kB", &kilobytes) == 1) {
			fclose(from);
			return kilobytes * 1024.0;
		}
	abort();
}

double bench_resident_bytes(void (*fill)(void *arg), void *arg)
{
	double bytes;
	int ends[2];
	pid_t child;

	fflush(stdout);
	bench_check(!pipe(ends));
	child = fork();
	bench_check(child >= 0);
	if (!child) {
		bytes = resident_bytes();
		fill(arg);
		bytes = resident_bytes() - bytes;
		_exit(write(ends[1], &bytes, sizeof(bytes)) != sizeof(bytes));
	}
	close(ends[1]);
	bench_check(read(ends[0], &bytes, sizeof(bytes)) == sizeof(bytes));
	close(ends[0]);
	bench_check(waitpid(child, NULL, 0) == child);
	return bytes;
}

void bench_say(uint32_t nr, const char *what, const char *name, double value,
	       const char *unit)
{
	if (value > 0)
		printf("bench tables/%u/%s/%s %.1f %s\n", nr, what, name, value,
		       unit);
	fflush(stdout);
}
