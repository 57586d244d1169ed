/* SPDX-License-Identifier: GPL-2.0 */
/* Hits that have something in common, counted. */
#ifndef GPROBE_TOOL_REPORT_GROUPS_H
#define GPROBE_TOOL_REPORT_GROUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/types.h>

#include <gprobe/histogram.h>

#include "hits.h"

enum group_key {
	GROUP_DOMAIN,
	GROUP_PROBE,
	GROUP_VCPU,
	GROUP_ROOT,
	GROUP_CPL,
	GROUP_KEYS,
};

/**
 * struct group - hits with something in common; what is not is 0
 * @hits: how many
 * @nr_durations: how many of them are returns whose duration is known
 * @durations: GPROBE_HISTOGRAM_BUCKETS of these; NULL: there are none
 */
struct group {
	uint64_t root, hits, nr_durations;
	uint32_t domain, probe, vcpu, cpl;
	__u64 *durations;
};

/**
 * struct groups - all of them; to be zeroed but for the first two
 * @by: what hits of a group have in common
 * @domains: the guests that hits are of
 * @all: the groups
 * @nr: how many
 * @hash: open addressing: index into @all plus one, 0: free
 * @hash_size: a power of two, above @nr * 2
 */
struct groups {
	bool by[GROUP_KEYS];
	const struct hits_domain *domains;
	struct group *all;
	size_t nr;
	uint32_t *hash;
	size_t hash_size;
};

bool groups_add(struct groups *groups, const struct hit *hit);
void groups_sort(struct groups *groups);
void groups_free(struct groups *groups);

#endif /* GPROBE_TOOL_REPORT_GROUPS_H */
