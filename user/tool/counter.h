/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What was counted: by a BPF program at the module's tracepoint, or by whoever
 * has a guest of its own.
 */
#ifndef GPROBE_TOOL_COUNTER_H
#define GPROBE_TOOL_COUNTER_H

#include <stddef.h>
#include <stdint.h>

#include <linux/types.h>

#include <gprobe/why.h>

#include "calls.h"

struct counter;

/**
 * struct counter_spec - what is to be counted
 * @session: gprobe_client_session(); its claims' cookies are numbers of places
 * @places: which probes they are of; the first @nr_probes are of their own
 * @nr_places: how many
 * @nr_probes: how many
 * @nr_vcpus: the guest's
 */
struct counter_spec {
	uint32_t session;
	const struct call_place *places;
	uint32_t nr_places, nr_probes, nr_vcpus;
};

/**
 * struct counter_hit - a hit that is to be counted
 * @place: its number
 * @vcpu: whose
 * @time_ns: when it was taken
 * @handling_ns: how long that took
 * @rsp: the stack pointer then
 * @root: the root then
 */
struct counter_hit {
	uint64_t place;
	uint32_t vcpu;
	uint64_t time_ns, handling_ns;
	uint64_t rsp, root;
};

int counter_check(struct gprobe_why *why);
int counter_open(struct counter **counter, const struct counter_spec *spec,
		 struct gprobe_why *why);
int counter_new(struct counter **counter, const struct counter_spec *spec,
		struct gprobe_why *why);
void counter_count(struct counter *counter, const struct counter_hit *hit);
void counter_close(struct counter *counter);

uint64_t counter_hits(const struct counter *counter, uint32_t place,
		      uint32_t vcpu);
uint64_t counter_returns(const struct counter *counter, uint32_t probe,
			 uint32_t vcpu);
uint64_t counter_calls_ns(const struct counter *counter, uint32_t probe);
uint64_t counter_calls_unknown(const struct counter *counter, uint32_t probe);
uint64_t counter_latency(const struct counter *counter, uint32_t probe,
			 uint32_t bucket);
uint64_t counter_strange(const struct counter *counter);

#endif /* GPROBE_TOOL_COUNTER_H */
