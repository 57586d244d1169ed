// SPDX-License-Identifier: GPL-2.0
#include "hits.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "filter.h"
#include "number.h"
#include "open_calls.h"
#include "say.h"

/* Room for those that were not yet read, unless told otherwise. */
#define BUFFER_KIB	4096u

/* After so many of the ring's, vCPUs that wait have their turn. */
#define BATCH		64

/*
 * A hit has the time at which the module took it, but is in its guest's ring a
 * little later: those of several guests wait for so long for an earlier one of
 * another guest.
 */
#define LATE_MS		10

/* In place of an errno: there may be more in the ring. */
#define ENOUGH		(-EAGAIN)

/*
 * One that waits to be read; @rsp: the stack pointer then; @until_ns: when what it
 * fetched was read, for which its vCPU had waited; 0: it had not.
 */
struct kept_hit {
	struct kept_hit *before, *behind;
	struct hit hit;
	uint64_t place, rsp, until_ns;
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

/* At an entry nothing is. */
static size_t fetch(const struct hits *hits, const struct call_place *place,
		    const struct gprobe_regs *regs)
{
	const struct gprobe_fetch_source source = {
		.regs = regs,
		.read = target_read,
		.arg = hits->target,
		.symbols = hits->target->symbols,
		.slide = hits->target->slide,
		.unwind = hits->target->unwind,
	};

	if (place->role == CALL_ENTRY)
		return 0;
	return gprobe_fetch_run(hits->target->fetches[place->probe], &source,
				hits->values);
}

static void keep(struct hits *hits, const struct hit *hit, uint64_t index,
		 const struct gprobe_regs *regs, bool waits)
{
	const struct call_place *place = &hits->target->places[index];
	size_t bytes = fetch(hits, place, regs);
	struct kept_hit *kept = malloc(sizeof(*kept) + bytes);

	if (!kept) {
		hits->no_room++;
		return;
	}
	kept->place = index;
	kept->rsp = regs->rsp;
	kept->until_ns = waits ? clock_now_ns(CLOCK_MONOTONIC) : 0;
	kept->hit = *hit;
	kept->hit.probe = hits->first_probe + place->probe;
	kept->hit.duration_ns = HIT_NO_DURATION;
	kept->hit.root = regs->cr3 & GPROBE_ROOT_MASK;
	kept->hit.gva = regs->rip;
	kept->hit.cpl = regs->cpl;
	kept->hit.values = kept->values;
	kept->hit.values_bytes = bytes;
	memcpy(kept->values, hits->values, bytes);
	put_in_order(hits, kept);
	hits->read[index]++;
}

/* --- where they come from --- */

/* What was fetched is in the registers: for memory, vCPUs wait. */
static int on_record(void *arg, const struct gprobe_record *record)
{
	struct hits *hits = arg;
	const struct hit hit = {
		.time_ns = record->time_ns, .vcpu = record->vcpu,
	};

	/* None of ours, so that nothing is known of it. */
	if (record->cookie >= hits->target->nr_places)
		return 0;
	keep(hits, &hit, record->cookie, &record->regs, false);
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
 * @place: its number
 * @vcpu: who
 * @regs: of the vCPU
 */
void hits_add(struct hits *hits, uint64_t place, uint32_t vcpu,
	      const struct gprobe_regs *regs)
{
	const struct hit hit = {
		.time_ns = clock_now_ns(CLOCK_MONOTONIC), .vcpu = vcpu,
	};

	if (place >= hits->target->nr_places)
		return;
	/* Those that came before it are in the ring. */
	while (!is_full(hits) && read_ring(hits) == ENOUGH)
		;
	if (is_full(hits))
		hits->no_room++;
	else
		keep(hits, &hit, place, regs, true);
}

/* --- entries and returns --- */

/*
 * A hit that was lost may be an entry: then a return is not that of the call that
 * is kept. Where in the ring it would be is not known, so no call that is open then,
 * and none that is entered before the ring is empty, has a duration.
 */
static void see_gap(struct hits *hits)
{
	uint64_t lost = hits_no_room(hits);

	hits->is_gap |= lost != hits->lost_before;
	hits->lost_before = lost;
	if (hits->is_gap)
		open_calls_forget(hits->calls);
}

/* They are sorted by it. */
static uint64_t gva_of(const struct hits *hits, size_t index)
{
	return hits->target->probes[hits->entries[index]].gva;
}

static size_t first_entry(const struct hits *hits, uint64_t gva)
{
	size_t low = 0, high = hits->nr_entries, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (gva_of(hits, middle) < gva)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Calls that begin where the hit was have waited for what it fetched. */
static void delay_calls(struct hits *hits, const struct kept_hit *kept)
{
	size_t i = first_entry(hits, kept->hit.gva);
	struct call_key key;

	for (; i < hits->nr_entries && gva_of(hits, i) == kept->hit.gva; i++) {
		key = call_key(hits->target->places[hits->entries[i]].probe,
			       kept->rsp, kept->hit.root);
		open_calls_delay(hits->calls, &key, kept->until_ns);
	}
}

/* Answers whether it is one that is to be told of. */
static bool see_call(struct hits *hits, struct kept_hit *kept)
{
	const struct call_place *place = &hits->target->places[kept->place];
	const struct call_key key = call_key(place->probe, kept->rsp,
					     kept->hit.root);
	uint64_t entered_ns;

	if (place->role == CALL_NONE) {
		if (kept->until_ns)
			delay_calls(hits, kept);
		return true;
	}
	if (place->role == CALL_ENTRY) {
		if (!hits->is_gap)
			open_calls_enter(hits->calls, &key, kept->hit.time_ns);
		return false;
	}
	if (!open_calls_leave(hits->calls, &key, &entered_ns))
		return place->role == CALL_EXIT;
	kept->hit.duration_ns = kept->hit.time_ns - entered_ns;
	return true;
}

static bool is_long_enough(const struct hits *hits,
			   const struct kept_hit *kept)
{
	uint64_t ns = kept->hit.duration_ns;

	return !hits->min_duration_ns ||
	       hits->target->places[kept->place].role == CALL_NONE ||
	       (ns != HIT_NO_DURATION && ns >= hits->min_duration_ns);
}

/* What is not is counted. */
static bool is_wanted(struct hits *hits, const struct kept_hit *kept)
{
	if (is_long_enough(hits, kept) &&
	    (!hits->filter || filter_matches(hits->filter, &kept->hit)))
		return true;
	hits->left_out++;
	return false;
}

/* --- what is done with them --- */

/* Whose is the next of all; NULL: none is earlier than @before_ns. */
static struct hits *next_of(struct hits *hits, uint64_t before_ns)
{
	struct hits *next = NULL;

	for (; hits; hits = hits->beside) {
		if (!hits->first || hits->first->hit.time_ns >= before_ns)
			continue;
		before_ns = hits->first->hit.time_ns;
		next = hits;
	}
	return next;
}

static int give_out(struct hits *all, uint64_t before_ns)
{
	struct kept_hit *kept;
	struct hits *hits;
	int status = STATUS_DONE;

	/* Meanwhile more may be added. */
	while (!status && (hits = next_of(all, before_ns))) {
		kept = take_first(hits);
		if (see_call(hits, kept) && is_wanted(hits, kept))
			status = hits->on_hit(hits->arg, &kept->hit);
		free(kept);
	}
	return status;
}

/*
 * When what comes next may have been at the earliest; @now_ns: before they were
 * read. Of one guest alone they come as its ring has them.
 */
static uint64_t complete_until(const struct hits *hits, uint64_t now_ns)
{
	if (!hits->beside)
		return UINT64_MAX;
	for (; hits; hits = hits->beside)
		if (hits->is_more && hits->last &&
		    hits->last->hit.time_ns < now_ns)
			now_ns = hits->last->hit.time_ns;
	return now_ns;
}

static int read_batch(struct hits *hits)
{
	int ret = read_ring(hits);

	hits->is_more = ret == ENOUGH;
	if (ret && !hits->is_more)
		return say(STATUS_FAILED, "hits cannot be read: %s",
			   strerror(-ret));
	see_gap(hits);
	return STATUS_DONE;
}

/* @now_ns: none that came before is still to come. */
static int read_all(struct hits *hits, uint64_t now_ns, bool *left)
{
	struct hits *each;
	int status = STATUS_DONE;

	for (each = hits; each && !status; each = each->beside)
		status = read_batch(each);
	if (!status)
		status = give_out(hits, complete_until(hits, now_ns));
	for (each = hits; each; each = each->beside) {
		*left |= each->first != NULL;
		if (!each->is_more && !each->first)
			each->is_gap = false;
	}
	return status;
}

/**
 * hits_read_some() - Read hits that are there; never waits.
 * @hits: opened, and so are those beside them
 * @wait_ms: for how long to wait at most; -1: for ever. Made shorter if there will
 *	be more then that no file descriptor tells of.
 *
 * Return: the exit status. If there are more, hits_fd() can be read still.
 */
int hits_read_some(struct hits *hits, int *wait_ms)
{
	uint64_t now_ns = clock_now_ns(CLOCK_MONOTONIC);
	bool left = false;
	int status = read_all(hits, now_ns - LATE_MS * NUMBER_NS_PER_MS, &left);

	if (left && (*wait_ms < 0 || *wait_ms > LATE_MS))
		*wait_ms = LATE_MS;
	return status;
}

/**
 * hits_read_all() - Read all hits that are there.
 * @hits: opened, and so are those beside them; no probe is in any more
 *
 * Return: the exit status.
 */
int hits_read_all(struct hits *hits)
{
	struct hits *each;
	bool more;
	int status;

	do {
		more = false;
		status = read_all(hits, UINT64_MAX, &more);
		for (each = hits; each; each = each->beside)
			more |= each->is_more;
	} while (more && !status);
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

	for (i = 0; i < target->nr_places; i++) {
		if (!target_tells(target, i))
			continue;
		expected = counts[i].hits - counts[i].limited;
		if (counts[i].known && expected > hits->read[i])
			missing += expected - hits->read[i];
		sum.limited += counts[i].limited;
	}
	sum.limited += hits->left_out;
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

static int compare_gvas(const void *a, const void *b, void *arg)
{
	const struct gprobe_probe *probes = arg;
	uint64_t x = probes[*(const uint32_t *)a].gva;
	uint64_t y = probes[*(const uint32_t *)b].gva;

	return x < y ? -1 : x > y;
}

static bool find_entries(struct hits *hits)
{
	const struct target *target = hits->target;
	size_t i;

	hits->entries = calloc(target->nr_places + 1, sizeof(*hits->entries));
	if (!hits->entries)
		return false;
	for (i = 0; i < target->nr_places; i++)
		if (target->places[i].role == CALL_ENTRY)
			hits->entries[hits->nr_entries++] = i;
	qsort_r(hits->entries, hits->nr_entries, sizeof(*hits->entries),
		compare_gvas, target->probes);
	return true;
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
	hits->read = calloc(target->nr_places, sizeof(*hits->read));
	hits->calls = open_calls_new();
	return hits->values && hits->read && hits->calls &&
	       find_entries(hits) ? STATUS_DONE : say_no_memory();
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
	open_calls_free(hits->calls);
	free(hits->entries);
	free(hits->read);
	free(hits->values);
}
