// SPDX-License-Identifier: GPL-2.0
/*
 * Time and memory of page-table monitors: so many addresses, each on a page of
 * its own, in random order.
 */
#include "watcher.h"

#include <stdlib.h>

#include "measure.h"

#define ROOTS		4

/* Pages are mapped far above the tables. */
#define TARGET		(1ULL << 40)
/* An entry that is stored to leads to another page each time. */
#define ELSEWHERE	(1ULL << 39)

static const struct watcher *const watchers[] = {
	&watcher_gprobe, &watcher_uthash, &watcher_rculfhash,
};

#define WATCHERS	(sizeof(watchers) / sizeof(watchers[0]))

enum what {
	MONITOR,
	STORE,
	UNMONITOR,
	WHAT_NR
};

static const char *const names[] = {
	"monitor", "mark_and_process", "unmonitor",
};

struct world {
	struct bench_guest guest;
	struct bench_way *ways;
	uint32_t nr;
};

static uint64_t *entry_at(const struct world *world, uint64_t gpa)
{
	return world->guest.memory + gpa / 8;
}

/* Where the last entry of an address is; tables are made on the way. */
static uint64_t make_way(struct world *world, uint64_t root, uint64_t gva)
{
	uint64_t table = root, gpa;
	unsigned int shift;

	for (shift = 39;; shift -= 9) {
		gpa = table + (gva >> shift & 511) * 8;
		if (shift == 12)
			return gpa;
		if (!*entry_at(world, gpa))
			*entry_at(world, gpa) = world->guest.nr++ << 12 | 7;
		table = *entry_at(world, gpa) & BENCH_ADDRESS;
	}
}

static struct world world_new(uint32_t nr)
{
	/* A table for each 512 addresses, and those above. */
	uint64_t frames = nr / 512 + 16 * ROOTS, i;
	struct world world = { .nr = nr, .guest.nr = ROOTS };
	struct bench_way *way;

	world.guest.memory = calloc(frames, 4096);
	world.ways = calloc(nr, sizeof(*world.ways));
	bench_check(world.guest.memory && world.ways);
	for (i = 0; i < nr; i++) {
		way = &world.ways[i];
		way->root = i % ROOTS << 12;
		way->gva = 0x7f0000000000ULL + (i / ROOTS << 12);
		way->entry_gpa = make_way(&world, way->root, way->gva);
		*entry_at(&world, way->entry_gpa) = (TARGET + (i << 12)) | 7;
	}
	bench_check(world.guest.nr <= frames);
	return world;
}

static void world_free(struct world *world)
{
	free(world->guest.memory);
	free(world->ways);
}

static void shuffle(struct world *world, uint64_t *seed)
{
	struct bench_way other;
	uint32_t i, j;

	for (i = world->nr; i > 1; i--) {
		j = bench_random(seed) % i;
		other = world->ways[j];
		world->ways[j] = world->ways[i - 1];
		world->ways[i - 1] = other;
	}
}

static double time_monitor(const struct watcher *watcher, void *table,
			   const struct world *world)
{
	double start = bench_now_ns();
	uint32_t i;

	for (i = 0; i < world->nr; i++)
		bench_check(watcher->monitor(table, &world->ways[i]));
	return bench_now_ns() - start;
}

static double time_stores(const struct watcher *watcher, void *table,
			  const struct world *world)
{
	uint32_t turns = bench_turns(world->nr), turn, i;
	double start = bench_now_ns();
	uint64_t gpa;

	for (turn = 0; turn < turns; turn++)
		for (i = 0; i < world->nr; i++) {
			gpa = world->ways[i].entry_gpa;
			*entry_at(world, gpa) ^= ELSEWHERE;
			/* That it went, and that it came. */
			bench_check(watcher->store(table, gpa) == 2);
		}
	return (bench_now_ns() - start) / turns;
}

static double time_unmonitor(const struct watcher *watcher, void *table,
			     const struct world *world)
{
	double start = bench_now_ns();
	uint32_t i;

	for (i = 0; i < world->nr; i++)
		bench_check(watcher->unmonitor(table, &world->ways[i]));
	return bench_now_ns() - start;
}

/* Fill and empty it so often that small ones can be timed. */
static void measure(const struct watcher *watcher, struct world *world,
		    double results[WHAT_NR])
{
	uint32_t turns = bench_turns(world->nr), turn;
	uint64_t seed = 7;
	void *table;

	results[MONITOR] = 0;
	results[UNMONITOR] = 0;
	for (turn = 0; turn < turns; turn++) {
		shuffle(world, &seed);
		table = watcher->new(&world->guest, world->nr);
		results[MONITOR] += time_monitor(watcher, table, world);
		shuffle(world, &seed);
		if (!turn)
			results[STORE] = time_stores(watcher, table, world) /
					 world->nr;
		results[UNMONITOR] += time_unmonitor(watcher, table, world);
		watcher->free(table);
	}
	results[MONITOR] /= (double)turns * world->nr;
	results[UNMONITOR] /= (double)turns * world->nr;
}

struct filling {
	const struct watcher *watcher;
	const struct world *world;
};

static void fill(void *arg)
{
	const struct filling *filling = arg;

	time_monitor(filling->watcher,
		     filling->watcher->new(&filling->world->guest,
					   filling->world->nr),
		     filling->world);
}

void bench_watchers_memory(uint32_t nr)
{
	struct world world = world_new(nr);
	struct filling filling = { .world = &world };
	uint64_t seed = 3;
	unsigned int i;

	shuffle(&world, &seed);
	for (i = 0; i < WATCHERS; i++) {
		filling.watcher = watchers[i];
		bench_say(nr, "monitor_memory", watchers[i]->name,
			  bench_resident_bytes(fill, &filling) / nr, "bytes");
	}
	world_free(&world);
}

void bench_watchers(uint32_t nr)
{
	double results[ROUNDS][WATCHERS][WHAT_NR], values[ROUNDS];
	struct world world = world_new(nr);
	unsigned int round, i;
	enum what what;

	for (round = 0; round < ROUNDS; round++)
		for (i = 0; i < WATCHERS; i++)
			measure(watchers[i], &world, results[round][i]);
	for (what = 0; what < WHAT_NR; what++)
		for (i = 0; i < WATCHERS; i++) {
			for (round = 0; round < ROUNDS; round++)
				values[round] = results[round][i][what];
			bench_say(nr, names[what], watchers[i]->name,
				  bench_median(values), "ns");
		}
	world_free(&world);
}
