// SPDX-License-Identifier: GPL-2.0
/*
 * Time and memory of breakpoint tables: so many breakpoints, each on a page of
 * its own, in random order. Each size is an argument.
 */
#include <stdlib.h>

#include "contender.h"
#include "measure.h"
#include "watcher.h"

enum what {
	INSERT,
	LOOKUP_HIT,
	LOOKUP_MISS,
	PAGE_OUT_AND_IN,
	PAGE_MANY,
	REMOVE,
	WHAT_NR
};

static const char *const names[] = {
	"insert", "lookup_hit", "lookup_miss", "page_out_and_in",
	"page_out_and_in_many", "remove",
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

/* The points themselves move: going through them shall cost nothing. */
static void shuffle(struct points *points, uint64_t *seed)
{
	struct bench_point other;
	uint32_t i, j;

	for (i = points->nr; i > 1; i--) {
		j = bench_random(seed) % i;
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
		at = bench_random(&seed) & 0xfff;
		points.points[i] = (struct bench_point){
			.gva = 0x7f0000000000ULL + ((uint64_t)i << 12) + at,
			.root = (1 + i % 64) << 12,
			.gpa = ((uint64_t)i << 12) + at,
			.tag = i + 1,
		};
	}
	return points;
}

/* What is measured is the table: its points are there before it is called. */
static const struct bench_point *point_at(const struct bench_point *points,
					  uint32_t i)
{
	__builtin_prefetch(&points[i + 8]);
	return &points[i];
}

static double time_lookups(const struct contender *contender, void *table,
			   const struct points *points, bool miss)
{
	uint32_t turns = bench_turns(points->nr), turn, i;
	const struct bench_point *from = miss ? points->others :
					 points->points;
	double start = bench_now_ns();
	uint64_t tags = 0;

	for (turn = 0; turn < turns; turn++)
		for (i = 0; i < points->nr; i++)
			tags += contender->lookup(table,
						  point_at(from, i));
	start = bench_now_ns() - start;
	bench_check(tags == (miss ? 0 : (uint64_t)turns * points->nr *
		       (points->nr + 1ULL) / 2));
	return start / turns / points->nr;
}

static double time_paging(const struct contender *contender, void *table,
			  const struct points *points)
{
	uint32_t turns = bench_turns(points->nr), turn, i;
	const struct bench_point *point;
	double start = bench_now_ns();

	for (turn = 0; turn < turns; turn++)
		for (i = 0; i < points->nr; i++) {
			point = point_at(points->points, i);
			bench_check(contender->page_out(table, point));
			bench_check(contender->page_in(table, point));
		}
	return (bench_now_ns() - start) / turns / points->nr;
}

static double time_page_many(const struct contender *contender, void *table,
			     const struct points *points)
{
	uint32_t turns = bench_turns(points->nr), turn, i;
	double start = bench_now_ns();

	if (!contender->page_many)
		return 0;
	for (turn = 0; turn < turns; turn++)
		for (i = 0; i + BENCH_MANY <= points->nr; i += BENCH_MANY)
			bench_check(contender->page_many(table, &points->points[i],
						   BENCH_MANY));
	return (bench_now_ns() - start) / turns / points->nr;
}

static double time_inserts(const struct contender *contender, void *table,
			   const struct points *points)
{
	double start = bench_now_ns();
	uint32_t i;

	for (i = 0; i < points->nr; i++)
		bench_check(contender->insert(table,
					      point_at(points->points, i)));
	return bench_now_ns() - start;
}

static double time_removes(const struct contender *contender, void *table,
			   const struct points *points)
{
	double start = bench_now_ns();
	uint32_t i;

	for (i = 0; i < points->nr; i++)
		bench_check(contender->remove(table,
					      point_at(points->points, i)));
	return bench_now_ns() - start;
}

/* Fill and empty a table so often that small ones can be timed. */
static void measure(const struct contender *contender, struct points *points,
		    double results[WHAT_NR])
{
	uint32_t turns = bench_turns(points->nr), turn;
	uint64_t seed = 7;
	void *table;

	results[INSERT] = 0;
	results[REMOVE] = 0;
	for (turn = 0; turn < turns; turn++) {
		shuffle(points, &seed);
		table = contender->new(points->nr);
		results[INSERT] += time_inserts(contender, table, points);
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

struct filling {
	const struct contender *contender;
	const struct points *points;
};

static void fill(void *arg)
{
	const struct filling *filling = arg;

	time_inserts(filling->contender,
		     filling->contender->new(filling->points->nr),
		     filling->points);
}

static void bench_memory(uint32_t nr)
{
	struct points points = points_new(nr);
	struct filling filling = { .points = &points };
	uint64_t seed = 3;
	unsigned int i;

	shuffle(&points, &seed);
	for (i = 0; i < CONTENDERS; i++) {
		filling.contender = contenders[i];
		bench_say(nr, "memory", contenders[i]->name,
			  bench_resident_bytes(fill, &filling) / nr, "bytes");
	}
	free(points.points);
}

static void bench(uint32_t nr)
{
	double results[ROUNDS][CONTENDERS][WHAT_NR], values[ROUNDS];
	struct points points = points_new(nr);
	unsigned int round, i;
	enum what what;

	for (round = 0; round < ROUNDS; round++)
		for (i = 0; i < CONTENDERS; i++)
			measure(contenders[i], &points, results[round][i]);
	for (what = 0; what < WHAT_NR; what++)
		for (i = 0; i < CONTENDERS; i++) {
			for (round = 0; round < ROUNDS; round++)
				values[round] = results[round][i][what];
			bench_say(nr, names[what], contenders[i]->name,
				  bench_median(values), "ns");
		}
	free(points.points);
}

int main(int argc, char **argv)
{
	int i;

	/* Before there is free memory that could be taken. */
	for (i = 1; i < argc; i++) {
		bench_memory(strtoul(argv[i], NULL, 0));
		bench_watchers_memory(strtoul(argv[i], NULL, 0));
	}
	for (i = 1; i < argc; i++) {
		bench(strtoul(argv[i], NULL, 0));
		bench_watchers(strtoul(argv[i], NULL, 0));
	}
	bench_driver_calls();
	return 0;
}
