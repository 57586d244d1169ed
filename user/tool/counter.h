/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What was counted: by a BPF program at the module's tracepoint, or by whoever
 * has a guest of its own.
 */
#ifndef GPROBE_TOOL_COUNTER_H
#define GPROBE_TOOL_COUNTER_H

#include <stddef.h>
#include <stdint.h>

#include <gprobe/why.h>

struct counter;

/**
 * struct counter_spec - what is to be counted
 * @session: gprobe_client_session(); its claims' cookies are probe numbers
 * @nr_probes: how many
 * @nr_vcpus: the guest's
 */
struct counter_spec {
	uint32_t session;
	uint32_t nr_probes, nr_vcpus;
};

int counter_check(struct gprobe_why *why);
int counter_open(struct counter **counter, const struct counter_spec *spec,
		 struct gprobe_why *why);
int counter_new(struct counter **counter, const struct counter_spec *spec,
		struct gprobe_why *why);
void counter_count(struct counter *counter, uint64_t probe, uint32_t vcpu,
		   uint64_t handling_ns);
void counter_close(struct counter *counter);

uint64_t counter_hits(const struct counter *counter, uint32_t probe,
		      uint32_t vcpu);
uint64_t counter_latency(const struct counter *counter, uint32_t probe,
			 uint32_t bucket);
uint64_t counter_strange(const struct counter *counter);

#endif /* GPROBE_TOOL_COUNTER_H */
