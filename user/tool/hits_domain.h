/* SPDX-License-Identifier: GPL-2.0 */
/* The guests that the hits of a command or a file are of. */
#ifndef GPROBE_TOOL_HITS_DOMAIN_H
#define GPROBE_TOOL_HITS_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct hits_sum - what became of all hits
 * @shown: those that were of use
 * @lost: those that never came, for want of room or by a fault
 * @limited: those that were left out, as was asked for
 */
struct hits_sum {
	uint64_t shown, lost, limited;
};

/**
 * struct hits_domain - a guest that hits are of
 * @name: its name
 * @version: of its kernel, or ""
 * @domid: its number
 * @nr_vcpus: its vCPUs
 * @nr_probes: how many of all probes are its own, behind those of the guests before it
 * @sum: in the end: what became of its hits
 * @died: in the end: it has died
 */
struct hits_domain {
	const char *name, *version;
	uint32_t domid, nr_vcpus;
	size_t nr_probes;
	struct hits_sum sum;
	bool died;
};

uint32_t hits_domain_of(const struct hits_domain *domains, uint32_t probe);

#endif /* GPROBE_TOOL_HITS_DOMAIN_H */
