// SPDX-License-Identifier: GPL-2.0
#include "report_groups.h"

#include <stdlib.h>

#define FIRST_SIZE	64

static struct group group_of(const struct groups *groups,
			     const struct hit *hit)
{
	const bool *by = groups->by;

	return (struct group){
		.domain = by[GROUP_DOMAIN] ?
			  hits_domain_of(groups->domains, hit->probe) : 0,
		.root = by[GROUP_ROOT] ? hit->root : 0,
		.probe = by[GROUP_PROBE] ? hit->probe : 0,
		.vcpu = by[GROUP_VCPU] ? hit->vcpu : 0,
		.cpl = by[GROUP_CPL] ? hit->cpl : 0,
	};
}

static bool is_same(const struct group *a, const struct group *b)
{
	return a->root == b->root && a->domain == b->domain &&
	       a->probe == b->probe && a->vcpu == b->vcpu && a->cpl == b->cpl;
}

/* Where in the hash a group is, or would be. */
static size_t slot_of(const struct groups *groups, const struct group *group)
{
	uint64_t hash = group->root / 4096 * 0x9e3779b97f4a7c15ULL;
	size_t slot;

	hash = (hash ^ group->probe ^ (uint64_t)group->domain << 32) * 0x9e3779b97f4a7c15ULL;
	hash = (hash ^ group->vcpu << 2 ^ group->cpl) * 0x9e3779b97f4a7c15ULL;
	slot = hash >> 32 & (groups->hash_size - 1);
	while (groups->hash[slot] &&
	       !is_same(&groups->all[groups->hash[slot] - 1], group))
		slot = (slot + 1) & (groups->hash_size - 1);
	return slot;
}

static bool grow(struct groups *groups)
{
	size_t size = groups->hash_size ? 2 * groups->hash_size : FIRST_SIZE, i;
	uint32_t *hash = calloc(size, sizeof(*hash));
	struct group *all;

	if (!hash)
		return false;
	all = reallocarray(groups->all, size / 2, sizeof(*all));
	if (!all) {
		free(hash);
		return false;
	}
	free(groups->hash);
	groups->hash = hash;
	groups->hash_size = size;
	groups->all = all;
	for (i = 0; i < groups->nr; i++)
		hash[slot_of(groups, &all[i])] = i + 1;
	return true;
}

static bool add_duration(struct group *group, const struct hit *hit)
{
	if (hit->duration_ns == HIT_NO_DURATION)
		return true;
	if (!group->durations)
		group->durations = calloc(GPROBE_HISTOGRAM_BUCKETS,
					  sizeof(*group->durations));
	if (!group->durations)
		return false;
	group->durations[gprobe_histogram_bucket(hit->duration_ns)]++;
	group->nr_durations++;
	return true;
}

/**
 * groups_add() - Count a hit.
 * @groups: see there; for groups_free()
 * @hit: the hit
 *
 * Return: false: not enough memory.
 */
bool groups_add(struct groups *groups, const struct hit *hit)
{
	const struct group group = group_of(groups, hit);
	struct group *found;
	size_t slot;

	if (groups->nr >= groups->hash_size / 2 && !grow(groups))
		return false;
	slot = slot_of(groups, &group);
	if (!groups->hash[slot]) {
		groups->all[groups->nr] = group;
		groups->hash[slot] = ++groups->nr;
	}
	found = &groups->all[groups->hash[slot] - 1];
	found->hits++;
	return add_duration(found, hit);
}

static int more_hits(const void *left, const void *right)
{
	const struct group *a = left, *b = right;

	if (a->hits != b->hits)
		return a->hits < b->hits ? 1 : -1;
	if (a->domain != b->domain)
		return a->domain < b->domain ? -1 : 1;
	if (a->probe != b->probe)
		return a->probe < b->probe ? -1 : 1;
	if (a->vcpu != b->vcpu)
		return a->vcpu < b->vcpu ? -1 : 1;
	if (a->root != b->root)
		return a->root < b->root ? -1 : 1;
	return a->cpl < b->cpl ? -1 : a->cpl > b->cpl;
}

/**
 * groups_sort() - Put the largest first.
 * @groups: complete: no hit can be added after
 */
void groups_sort(struct groups *groups)
{
	if (groups->nr)
		qsort(groups->all, groups->nr, sizeof(*groups->all), more_hits);
}

/**
 * groups_free() - Free the groups.
 * @groups: or zeroed
 */
void groups_free(struct groups *groups)
{
	size_t i;

	for (i = 0; i < groups->nr; i++)
		free(groups->all[i].durations);
	free(groups->hash);
	free(groups->all);
}
