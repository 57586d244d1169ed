// SPDX-License-Identifier: GPL-2.0
/* Hits by what they have in common. */
#include "../../user/tool/report_groups.h"

#include "unit.h"

/* Hits of two vCPUs, seven probes and 1,000 roots; probe n comes n times. */
static void add_all(struct groups *groups)
{
	struct hit hit = { 0 };
	uint32_t i;

	for (hit.root = 4096; hit.root <= 1000 * 4096; hit.root += 4096) {
		for (hit.probe = 1; hit.probe <= 7; hit.probe++) {
			for (i = 0; i < hit.probe; i++) {
				hit.vcpu = i % 2;
				hit.cpl = i % 2 ? 3 : 0;
				unit_assert(groups_add(groups, &hit));
			}
		}
	}
	groups_sort(groups);
}

START_TEST(all_hits_are_in_one_group_of_nothing)
{
	struct groups groups = { 0 };

	groups_sort(&groups);
	ck_assert_uint_eq(groups.nr, 0);
	add_all(&groups);
	ck_assert_uint_eq(groups.nr, 1);
	ck_assert_uint_eq(groups.all[0].hits, 28000);
	groups_free(&groups);
}
END_TEST

START_TEST(the_largest_group_comes_first)
{
	struct groups groups = { .by = { [GROUP_PROBE] = true } };
	uint32_t i;

	add_all(&groups);
	ck_assert_uint_eq(groups.nr, 7);
	for (i = 0; i < 7; i++) {
		ck_assert_uint_eq(groups.all[i].probe, 7 - i);
		ck_assert_uint_eq(groups.all[i].hits, 1000 * (7 - i));
		ck_assert_uint_eq(groups.all[i].root, 0);
	}
	groups_free(&groups);
}
END_TEST

START_TEST(groups_of_several_keys_are_all_there)
{
	struct groups groups = {
		.by = { [GROUP_PROBE] = true, [GROUP_ROOT] = true,
			[GROUP_VCPU] = true, [GROUP_CPL] = true },
	};
	uint64_t hits = 0;
	size_t i;

	add_all(&groups);
	/* Probe 1 is hit by vCPU 0 alone. */
	ck_assert_uint_eq(groups.nr, 13 * 1000);
	for (i = 0; i < groups.nr; i++) {
		hits += groups.all[i].hits;
		unit_assert(groups.all[i].cpl == 3 * groups.all[i].vcpu);
		unit_assert(groups.all[i].hits ==
			    (groups.all[i].probe + !groups.all[i].vcpu) / 2);
		unit_assert(!i || groups.all[i - 1].hits >= groups.all[i].hits);
	}
	ck_assert_uint_eq(hits, 28000);
	groups_free(&groups);
}
END_TEST

START_TEST(guests_have_groups_of_their_own)
{
	static const struct hits_domain domains[] = {
		{ .nr_probes = 5 }, { .nr_probes = 3 },
	};
	struct groups groups = {
		.by = { [GROUP_DOMAIN] = true, [GROUP_CPL] = true },
		.domains = domains,
	};

	add_all(&groups);
	/* Of probes 1 to 4, and of 5 to 7. */
	ck_assert_uint_eq(groups.nr, 4);
	ck_assert_uint_eq(groups.all[0].domain, 1);
	ck_assert_uint_eq(groups.all[0].hits + groups.all[1].hits, 18000);
	ck_assert_uint_eq(groups.all[3].domain, 0);
	ck_assert_uint_eq(groups.all[2].hits + groups.all[3].hits, 10000);
	groups_free(&groups);
}
END_TEST

Suite *report_groups_suite(void)
{
	return UNIT_SUITE("report_groups",
		all_hits_are_in_one_group_of_nothing,
		the_largest_group_comes_first,
		groups_of_several_keys_are_all_there,
		guests_have_groups_of_their_own);
}
