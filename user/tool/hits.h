/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hits of a target's probes, one by one in the order of their times, with what
 * was fetched at them. They come from a ring, where their vCPU goes on by itself,
 * and from whoever lets one go on after hits_add(). They are kept until they are
 * asked for: nobody waits for what is done with them. Of a return that is probed
 * there is one hit, whose function is left: its entry is found for it.
 */
#ifndef GPROBE_TOOL_HITS_H
#define GPROBE_TOOL_HITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gprobe/record.h>

#include "hits_domain.h"
#include "target.h"

struct filter;

#define HIT_NO_DURATION	UINT64_MAX

/**
 * struct hit - a hit
 * @time_ns: by dom0's CLOCK_MONOTONIC
 * @root: CR3 without its control bits
 * @gva: where
 * @probe: its number, among those of all guests
 * @vcpu: who
 * @cpl: its privilege level
 * @duration_ns: of a return: since the function was entered; else, or where that is
 *	not known, HIT_NO_DURATION
 * @values: what was fetched, for gprobe_fetch_next()
 * @values_bytes: of it
 */
struct hit {
	uint64_t time_ns, root, gva;
	uint32_t probe, vcpu, cpl;
	uint64_t duration_ns;
	const void *values;
	size_t values_bytes;
};

/**
 * struct hits - the hits; to be zeroed but for the first six
 * @on_hit: gets each; returns an exit status; if not 0 reading ends with it
 * @arg: for @on_hit
 * @min_duration_ns: leave out returns that came sooner, or whose duration is not
 *	known; 0: none
 * @filter: leave out what does not match, or NULL; bound before the first comes
 * @first_probe: the number of its first probe
 * @beside: those of another guest, with others beside them, which are given out in
 *	one order with these; or NULL
 * @read: how many came, of each place
 * The rest is its own.
 */
struct hits {
	int (*on_hit)(void *arg, const struct hit *hit);
	void *arg;
	uint64_t min_duration_ns;
	const struct filter *filter;
	uint32_t first_probe;
	struct hits *beside;
	uint64_t *read;

	struct target *target;
	struct gprobe_recorder *recorder;
	void *values;
	struct kept_hit *first, *last;
	size_t kept_bytes, max_bytes;
	uint64_t no_room;
	unsigned int batch;
	struct open_calls *calls;
	uint32_t *entries;
	size_t nr_entries;
	uint64_t lost_before, left_out;
	bool is_gap, is_more;
};

int hits_open(struct hits *hits, struct target *target, uint32_t buffer_kib);
int hits_record(struct hits *hits, uint32_t session);
int hits_fd(const struct hits *hits);
void hits_add(struct hits *hits, uint64_t place, uint32_t vcpu,
	      const struct gprobe_regs *regs);
int hits_read_some(struct hits *hits, int *wait_ms);
int hits_read_all(struct hits *hits);
uint64_t hits_no_room(const struct hits *hits);
struct hits_sum hits_sum(const struct hits *hits,
			 const struct target_hits *counts);
void hits_close(struct hits *hits);

#endif /* GPROBE_TOOL_HITS_H */
