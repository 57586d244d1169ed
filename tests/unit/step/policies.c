// SPDX-License-Identifier: GPL-2.0
/*
 * Prints the policies and the operations of kmod/netlink.c, which are in
 * extracted.h as they stand there; the macros here give them a shape that can
 * be printed.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <linux/gprobe.h>
#include <xen/xen.h>

#define PAGE_SIZE	4096
#define S16_MAX		INT16_MAX
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

enum { NLA_U32 = 1, NLA_U64, NLA_NUL_STRING, NLA_FLAG,
       NLA_BINARY };

struct netlink_range_validation {
	uint64_t min, max;
};

struct nla_policy {
	int type;
	unsigned int len;
	uint64_t min, max;
	const struct netlink_range_validation *range;
};

#define NLA_POLICY_MIN(t, low)		{ .type = t, .min = low }
#define NLA_POLICY_MAX(t, high)		{ .type = t, .max = high }
#define NLA_POLICY_RANGE(t, low, high) \
	{ .type = t, .min = low, .max = high }
#define NLA_POLICY_FULL_RANGE(t, r)	{ .type = t, .range = r }
#define NLA_POLICY_EXACT_LEN(bytes)	\
	{ .type = NLA_BINARY, .min = bytes, .max = bytes }

struct genl_ops {
	unsigned int cmd, maxattr;
	const struct nla_policy *policy;
	const char *doit, *start, *dumpit;
};

#include "extracted.h"

static const struct {
	const char *name;
	const struct nla_policy *policy;
	size_t nr;
} policies[] = {
#define POLICY(name) { #name, name, ARRAY_SIZE(name) },
	POLICIES
};

static const char *const types[] = {
	[NLA_U32] = "u32", [NLA_U64] = "u64", [NLA_NUL_STRING] = "string",
	[NLA_FLAG] = "flag",
	[NLA_BINARY] = "binary",
};

static void print_policy(const char *name, size_t attribute,
			 const struct nla_policy *policy)
{
	uint64_t min = policy->range ? policy->range->min : policy->min;
	uint64_t max = policy->range ? policy->range->max : policy->max;

	if (policy->type)
		printf("policy %s %zu %s %llu %llu %u\n", name, attribute,
		       types[policy->type], (unsigned long long)min,
		       (unsigned long long)max, policy->len);
}

int main(void)
{
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(policies); i++)
		for (j = 0; j < policies[i].nr; j++)
			print_policy(policies[i].name, j,
				     &policies[i].policy[j]);
	for (i = 0; i < ARRAY_SIZE(ops); i++)
		for (j = 0; j < ARRAY_SIZE(policies); j++)
			if (ops[i].policy == policies[j].policy)
				printf("op %u %s %u %d %d %d\n", ops[i].cmd,
				       policies[j].name, ops[i].maxattr,
				       !!ops[i].doit, !!ops[i].start,
				       !!ops[i].dumpit);
	return 0;
}
