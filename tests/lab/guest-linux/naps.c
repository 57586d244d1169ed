// SPDX-License-Identifier: GPL-2.0
#include "naps.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

struct napper {
	pthread_t thread;
	struct timespec time;
	unsigned long count;
	uint64_t *took_ns;
};

static atomic_ulong failed;
static uint64_t took_ns[NAPS_MAX_THREADS][NAPS_MAX_COUNT];

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * UINT64_C(1000000000) + now.tv_nsec;
}

static void *nap_often(void *arg)
{
	const struct napper *napper = arg;
	unsigned long i;
	uint64_t start;

	for (i = 0; i < napper->count; i++) {
		start = now_ns();
		if (clock_nanosleep(CLOCK_MONOTONIC, 0, &napper->time, NULL))
			atomic_fetch_add(&failed, 1);
		napper->took_ns[i] = now_ns() - start;
	}
	return NULL;
}

static struct napper napper_of(unsigned long ms, unsigned long count)
{
	return (struct napper){
		.time = { ms / 1000, ms % 1000 * 1000000 }, .count = count,
	};
}

bool naps_take(unsigned long ms, unsigned long count, unsigned long threads)
{
	struct napper nappers[NAPS_MAX_THREADS];
	unsigned long i, started;

	if (!ms || !count || count > NAPS_MAX_COUNT || !threads ||
	    threads > NAPS_MAX_THREADS)
		return false;
	atomic_store(&failed, 0);
	for (started = 0; started < threads; started++) {
		nappers[started] = napper_of(ms * (started + 1), count);
		nappers[started].took_ns = took_ns[started];
		if (pthread_create(&nappers[started].thread, NULL, nap_often,
				   &nappers[started]))
			break;
	}
	for (i = 0; i < started; i++)
		pthread_join(nappers[i].thread, NULL);
	return started == threads && !atomic_load(&failed);
}

uint64_t naps_took_ns(unsigned long thread, unsigned long i)
{
	return took_ns[thread][i];
}
