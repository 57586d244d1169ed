// SPDX-License-Identifier: GPL-2.0
#include "progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "number.h"
#include "say.h"

#define FIRST_NS	NUMBER_NS_PER_S
#define AGAIN_NS	(100 * NUMBER_NS_PER_MS)

/* When the first thing began; who waits has waited since then. 0: none has. */
static uint64_t first_ns;

/**
 * progress_begin() - Something begins.
 * @progress: of nothing else
 * @doing: what, as in "doing: 12 of 340"; kept
 * @total: how many steps it has
 */
void progress_begin(struct progress *progress, const char *doing, size_t total)
{
	if (!first_ns)
		first_ns = clock_now_ns(CLOCK_MONOTONIC);
	*progress = (struct progress){
		.doing = isatty(STDERR_FILENO) ? doing : NULL,
		.total = total,
		.next_ns = first_ns + FIRST_NS,
	};
}

static void clear(void)
{
	fputs("\r\033[K", stderr);
}

/**
 * progress_step() - One step of it is done.
 * @progress: begun; of nothing: then nothing is shown
 */
void progress_step(struct progress *progress)
{
	uint64_t now_ns;

	progress->done++;
	if (!progress->doing)
		return;
	now_ns = clock_now_ns(CLOCK_MONOTONIC);
	if (now_ns < progress->next_ns)
		return;
	fprintf(stderr, "\r%s: %zu of %zu", progress->doing, progress->done,
		progress->total);
	fflush(stderr);
	say_before = clear;
	progress->next_ns = now_ns + AGAIN_NS;
	progress->is_shown = true;
}

/**
 * progress_end() - It is done, or was given up: nothing of it stays.
 * @progress: begun
 */
void progress_end(struct progress *progress)
{
	if (progress->is_shown) {
		clear();
		say_before = NULL;
	}
	progress->doing = NULL;
	progress->is_shown = false;
}
