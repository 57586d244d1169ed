// SPDX-License-Identifier: GPL-2.0
#include "hits.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "say.h"

/* Room for those that were not yet read, unless told otherwise. */
#define BUFFER_KIB	4096u

/* After so many of the ring's, vCPUs that wait have their turn. */
#define BATCH		64

/* In place of an errno: there may be more in the ring. */
#define ENOUGH		(-EAGAIN)

/* One that waits to be read. */
struct kept_hit {
	struct kept_hit *before, *behind;
	struct hit hit;
	uint8_t values[];
};

/* --- what is kept --- */

static size_t kept_bytes(const struct kept_hit *kept)
{
	return sizeof(*kept) + kept->hit.values_bytes;
}

/* Behind all that are not later: the last ones, as a rule. */
static void put_in_order(struct hits *hits, struct kept_hit *kept)
{
	struct kept_hit *before = hits->last;

	while (before && before->hit.time_ns > kept->hit.time_ns)
		before = before->before;
	kept->before = before;
	kept->behind = before ? before->behind : hits->first;
	*(before ? &before->behind : &hits->first) = kept;
	*(kept->behind ? &kept->behind->before : &hits->last) = kept;
	hits->kept_bytes += kept_bytes(kept);
}

/* For free(). */
static struct kept_hit *take_first(struct hits *hits)
{
	struct kept_hit *kept = hits->first;

	hits->first = kept->behind;
	*(hits->first ? &hits->first->before : &hits->last) = NULL;
	hits->kept_bytes -= kept_bytes(kept);
	return kept;
}

static bool is_full(const struct hits *hits)
{
	return hits->kept_bytes >= hits->max_bytes;
}

static size_t fetch(const struct hits *hits, uint32_t probe,
		    const struct gprobe_regs *regs)
{
	const struct gprobe_fetch_source source = {
		.regs = regs,
		.read = target_read,
		.arg = hits->target,
		.symbols = hits->target->symbols,
		.slide = hits->target->slide,
	};

	return gprobe_fetch_run(hits->target->fetches[probe], &source,
				hits->values);
}

static void keep(struct hits *hits, const struct hit *hit,
		 const struct gprobe_regs *regs)
{
	size_t bytes = fetch(hits, hit->probe, regs);
	struct kept_hit *kept = malloc(sizeof(*kept) + bytes);

	if (!kept) {
		hits->no_room++;
		return;
	}
	kept->hit = *hit;
	kept->hit.root = regs->cr3 & GPROBE_ROOT_MASK;
	kept->hit.gva = regs->rip;
	kept->hit.cpl = regs->cpl;
	kept->hit.values = kept->values;
	kept->hit.values_bytes = bytes;
	memcpy(kept->values, hits->values, bytes);
	put_in_order(hits, kept);
	hits->read[hit->probe]++;
}

/* --- where they come from --- */

/* What was fetched is in the registers: for memory, vCPUs wait. */
static int on_record(void *arg, const struct gprobe_record *record)
{
	struct hits *hits = arg;
	const struct hit hit = {
		.time_ns = record->time_ns, .probe = record->cookie,
		.vcpu = record->vcpu,
	};

	/* None of ours, so that nothing is known of it. */
	if (record->cookie >= hits->target->nr_probes)
		return 0;
	keep(hits, &hit, &record->regs);
	return ++hits->batch >= BATCH || is_full(hits) ? ENOUGH : 0;
}

/* Returns 0, ENOUGH or another negative errno. */
static int read_ring(struct hits *hits)
{
	int ret;

	if (!hits->recorder)
		return 0;
	if (is_full(hits))
		return ENOUGH;
	hits->batch = 0;
	ret = gprobe_recorder_read(hits->recorder, on_record, hits);
	return ret < 0 ? ret : 0;
}

/**
 * hits_add() - Add a hit of a vCPU that waits until this returns.
 * @hits: opened
 * @probe: its number
 * @vcpu: who
 * @regs: of the vCPU
 */
void hits_add(struct hits *hits, uint64_t probe, uint32_t vcpu,
	      const struct gprobe_regs *regs)
{
	const struct hit hit = {
		.time_ns = clock_now_ns(CLOCK_MONOTONIC), .probe = probe,
		.vcpu = vcpu,
	};

	if (probe >= hits->target->nr_probes)
		return;
	/* Those that came before it are in the ring. */
	while (!is_full(hits) && read_ring(hits) == ENOUGH)
		;
	if (is_full(hits))
		hits->no_room++;
	else
		keep(hits, &hit, regs);
}

/* --- what is done with them --- */

static int give_out(struct hits *hits)
{
	struct kept_hit *kept;
	int status = STATUS_DONE;

	/* Meanwhile more may be added. */
	while (hits->first && !status) {
		kept = take_first(hits);
		status = hits->on_hit(hits->arg, &kept->hit);
		free(kept);
	}
	return status;
}

static int read_batch(struct hits *hits, bool *more)
{
	int ret = read_ring(hits);

	*more = ret == ENOUGH;
	if (ret && !*more)
		return say(STATUS_FAILED, "hits cannot be read: %s",
			   strerror(-ret));
	return give_out(hits);
}

/**
 * hits_read_some() - Read hits that are there; never waits.
 * @hits: opened
 *
 * Return: the exit status. If there are more, hits_fd() can be read still.
 */
int hits_read_some(struct hits *hits)
{
	bool more;

	return read_batch(hits, &more);
}

/**
 * hits_read_all() - Read all hits that are there.
 * @hits: opened; no probe is in any more
 *
 * Return: the exit status.
 */
int hits_read_all(struct hits *hits)
{
	bool more = true;
	int status = STATUS_DONE;

	while (more && !status)
		status = read_batch(hits, &more);
	return status;
}

/**
 * hits_fd() - What to poll for POLLIN.
 * @hits: opened
 *
 * Return: a file descriptor, or -1; then hits_read_some() is to be called, and
 * whenever the target was served.
 */
int hits_fd(const struct hits *hits)
{
	return hits->recorder ? gprobe_recorder_fd(hits->recorder) : -1;
}

/**
 * hits_no_room() - How many hits found no room so far?
 * @hits: opened
 *
 * Return: their number.
 */
uint64_t hits_no_room(const struct hits *hits)
{
	return hits->no_room +
	       (hits->recorder ? gprobe_recorder_lost(hits->recorder) : 0);
}

/**
 * hits_sum() - What became of all hits.
 * @hits: all that are there were read
 * @counts: of the target, disarmed
 *
 * Return: the sum, but for @shown.
 */
struct hits_sum hits_sum(const struct hits *hits,
			 const struct target_hits *counts)
{
	struct target *target = hits->target;
	uint64_t no_room = hits_no_room(hits), missing = 0, expected;
	struct hits_sum sum = { 0 };
	size_t i;

	for (i = 0; i < target->nr_probes; i++) {
		expected = counts[i].hits - counts[i].limited;
		if (counts[i].known && expected > hits->read[i])
			missing += expected - hits->read[i];
		sum.limited += counts[i].limited;
	}
	sum.lost = (missing > no_room ? missing : no_room) +
		   target->ops->lost(target);
	return sum;
}

/* --- open and close --- */

static size_t most_bytes(const struct target *target)
{
	size_t most = 1, bytes, i;

	for (i = 0; i < target->nr_probes; i++) {
		bytes = gprobe_fetch_bytes(target->fetches[i]);
		if (bytes > most)
			most = bytes;
	}
	return most;
}

/**
 * hits_open() - Be there for the hits.
 * @hits: see there; for hits_close()
 * @target: attached; no probe is in yet
 * @buffer_kib: room for those not yet read, a power of two; 0: as is usual
 *
 * Return: the exit status.
 */
int hits_open(struct hits *hits, struct target *target, uint32_t buffer_kib)
{
	hits->target = target;
	hits->max_bytes = 1024 * (size_t)(buffer_kib ? buffer_kib : BUFFER_KIB);
	hits->values = malloc(most_bytes(target));
	hits->read = calloc(target->nr_probes, sizeof(*hits->read));
	return hits->values && hits->read ? STATUS_DONE : say_no_memory();
}

/**
 * hits_record() - Have those of claims that record.
 * @hits: opened
 * @session: whose claims, with their probes' numbers as cookies
 *
 * Return: the exit status.
 */
int hits_record(struct hits *hits, uint32_t session)
{
	const struct gprobe_recorder_spec spec = {
		.session = session, .ring_bytes = hits->max_bytes,
	};
	struct gprobe_why why;
	int ret = gprobe_recorder_open(&hits->recorder, &spec, &why);

	if (!ret)
		return STATUS_DONE;
	return say(ret == -ENOENT ? STATUS_HOST : STATUS_FAILED, "%s",
		   why.text);
}

/**
 * hits_close() - Have no more hits.
 * @hits: opened, or zeroed
 */
void hits_close(struct hits *hits)
{
	gprobe_recorder_close(hits->recorder);
	while (hits->first)
		free(take_first(hits));
	free(hits->read);
	free(hits->values);
}
