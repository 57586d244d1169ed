// SPDX-License-Identifier: GPL-2.0
/*
 * Time and memory of breakpoint tables: so many breakpoints, each on a page of
 * its own, in random order. Each size is an argument. Time is that of the
 * thread on its CPU, so that others on the machine disturb it less.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "contender.h"

/* A small table is gone through until so many operations are timed. */
#define OPERATIONS	1000000u

/* All is done so often, and the median is said. */
#define ROUNDS		3

enum what {
	INSERT,
	LOOKUP_HIT,
	LOOKUP_MISS,
	PAGE_OUT_AND_IN,
	PAGE_MANY,
	REMOVE,
	BYTES,
	WHATS
};

static const char *const names[] = {
	"insert", "lookup_hit", "lookup_miss", "page_out_and_in",
	"page_out_and_in_many", "remove", "memory",
};

static const struct contender *const contenders[] = {
	&contender_gprobe, &contender_uthash, &contender_rculfhash,
};

#define CONTENDERS	(sizeof(contenders) / sizeof(contenders[0]))

/* @points are there, @others are not; one behind the other, in their order. */
struct points {
	struct bench_point *points, *others;
	uint32_t nr;
};

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1e9 + now.tv_nsec;
}

static uint64_t next_random(uint64_t *state)
{
	uint64_t value = *state += 0x9e3779b97f4a7c15ULL;

	value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9ULL;
	value = (value ^ value >> 27) * 0x94d049bb133111ebULL;
	return value ^ value >> 31;
}

static size_t memory_in_use(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

/* The points themselves move: going through them shall cost nothing. */
static void shuffle(struct points *points, uint64_t *seed)
{
	struct bench_point other;
	uint32_t i, j;

	for (i = points->nr; i > 1; i--) {
		j = next_random(seed) % i;
		other = points->points[j];
		points->points[j] = points->points[i - 1];
		points->points[i - 1] = other;
	}
}

static struct points points_new(uint32_t nr)
{
	struct points points = { .nr = nr };
	uint64_t seed = 1;
	uint32_t i, at;

	points.points = calloc(2 * (size_t)nr, sizeof(*points.points));
	if (!points.points)
		abort();
	points.others = points.points + nr;
	for (i = 0; i < 2 * nr; i++) {
		at = next_random(&seed) & 0xfff;
		points.points[i] = (struct bench_point){
			.gva = 0x7f0000000000ULL + ((uint64_t)i << 12) + at,
			.root = (1 + i % 64) << 12,
			.gpa = ((uint64_t)i << 12) + at,
			.tag = i + 1,
		};
	}
	return points;
}

static void check(bool good)
{
	if (!good)
		abort();
}

static double time_lookups(const struct contender *contender, void *table,
			   const struct points *points, bool miss)
{
	uint32_t turns = points->nr < OPERATIONS ?
		OPERATIONS / points->nr : 1, turn, i;
	const struct bench_point *from = miss ? points->others :
					 points->points;
	double start = now_ns();
	uint64_t tags = 0;

	for (turn = 0; turn < turns; turn++)
		for (i = 0; i < points->nr; i++)
			tags += contender->lookup(table, &from[i]);
	start = now_ns() - start;
	check(tags == (miss ? 0 : (uint64_t)turns * points->nr *
		       (points->nr + 1ULL) / 2));
	return start / turns / points->nr;
}

static double time_paging(const struct contender *contender, void *table,
			  const struct points *points)
{
	uint32_t turns = points->nr < OPERATIONS ?
		OPERATIONS / points->nr : 1, turn, i;
	const struct bench_point *point;
	double start = now_ns();

	for (turn = 0; turn < turns; turn++)
		for (i = 0; i < points->nr; i++) {
			point = &points->points[i];
			check(contender->page_out(table, point));
			check(contender->page_in(table, point));
		}
	return (now_ns() - start) / turns / points->nr;
}

static double time_page_many(const struct contender *contender, void *table,
			     const struct points *points)
{
	uint32_t turns = points->nr < OPERATIONS ?
		OPERATIONS / points->nr : 1, turn, i;
	double start = now_ns();

	if (!contender->page_many)
		return 0;
	for (turn = 0; turn < turns; turn++)
		for (i = 0; i + BENCH_MANY <= points->nr; i += BENCH_MANY)
			check(contender->page_many(table, &points->points[i],
						   BENCH_MANY));
	return (now_ns() - start) / turns / points->nr;
}

static double time_inserts(const struct contender *contender, void *table,
			   const struct points *points)
{
	double start = now_ns();
	uint32_t i;

	for (i = 0; i < points->nr; i++)
		check(contender->insert(table, &points->points[i]));
	return now_ns() - start;
}

static double time_removes(const struct contender *contender, void *table,
			   const struct points *points)
{
	double start = now_ns();
	uint32_t i;

	for (i = 0; i < points->nr; i++)
		check(contender->remove(table, &points->points[i]));
	return now_ns() - start;
}

/* Fill and empty a table so often that small ones can be timed. */
static void measure(const struct contender *contender, struct points *points,
		    double results[WHATS])
{
	uint32_t turns = points->nr < OPERATIONS ?
		OPERATIONS / points->nr / 2 + 1 : 1, turn;
	uint64_t seed = 7;
	size_t before;
	void *table;

	results[INSERT] = 0;
	results[REMOVE] = 0;
	for (turn = 0; turn < turns; turn++) {
		shuffle(points, &seed);
		before = memory_in_use();
		table = contender->new(points->nr);
		results[INSERT] += time_inserts(contender, table, points);
		results[BYTES] = (double)(memory_in_use() - before) /
				 points->nr;
		shuffle(points, &seed);
		if (turn + 1 == turns) {
			results[LOOKUP_HIT] = time_lookups(contender, table,
							   points, false);
			results[LOOKUP_MISS] = time_lookups(contender, table,
							    points, true);
			results[PAGE_OUT_AND_IN] = time_paging(contender,
							       table, points);
			results[PAGE_MANY] = time_page_many(contender, table,
							    points);
			shuffle(points, &seed);
		}
		results[REMOVE] += time_removes(contender, table, points);
		contender->free(table);
	}
	results[INSERT] /= (double)turns * points->nr;
	results[REMOVE] /= (double)turns * points->nr;
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static double median(double results[ROUNDS][WHATS], enum what what)
{
	double values[ROUNDS];
	unsigned int round;

	for (round = 0; round < ROUNDS; round++)
		values[round] = results[round][what];
	qsort(values, ROUNDS, sizeof(*values), compare);
	return values[ROUNDS / 2];
}

/* What a contender has no call for is not said. */
static void say(uint32_t nr, enum what what, const char *name, double value)
{
	if (value > 0)
		printf("bench tables/%u/%s/%s %.1f %s\n", nr, names[what],
		       name, value, what == BYTES ? "bytes" : "ns");
}

static void bench(uint32_t nr)
{
	double results[CONTENDERS][ROUNDS][WHATS];
	struct points points = points_new(nr);
	unsigned int round, i;
	enum what what;

	for (round = 0; round < ROUNDS; round++)
		for (i = 0; i < CONTENDERS; i++)
			measure(contenders[i], &points, results[i][round]);
	for (what = 0; what < WHATS; what++)
		for (i = 0; i < CONTENDERS; i++)
			say(nr, what, contenders[i]->name,
			    median(results[i], what));
	fflush(stdout);
	free(points.points);
}

int main(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		bench(strtoul(argv[i], NULL, 0));
	bench_driver_calls();
	return 0;
}
