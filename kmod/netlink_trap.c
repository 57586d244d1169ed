// SPDX-License-Identifier: GPL-2.0
/* Messages to traps: what goes with which kind. */
#include <linux/bits.h>
#include <net/genetlink.h>

#include "../include/uapi/linux/gprobe.h"
#include "trap.h"

#define CRS	(BIT(GPROBE_TRAP_KIND_CR0) | BIT(GPROBE_TRAP_KIND_CR3) | \
		 BIT(GPROBE_TRAP_KIND_CR4) | BIT(GPROBE_TRAP_KIND_XCR0))

/* Which kinds an attribute goes with. */
static const struct {
	int attribute;
	u32 kinds;
} parts[] = {
	{ GPROBE_A_TRAP_MSR, BIT(GPROBE_TRAP_KIND_MSR) },
	{ GPROBE_A_TRAP_ON_CHANGE, BIT(GPROBE_TRAP_KIND_MSR) },
	{ GPROBE_A_TRAP_MASK, CRS },
	{ GPROBE_A_TRAP_USER, BIT(GPROBE_TRAP_KIND_REQUEST) },
};

static int check_parts(struct genl_info *info, u32 kind)
{
	struct nlattr *attr;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		attr = info->attrs[parts[i].attribute];
		if (!attr || parts[i].kinds >> kind & 1)
			continue;
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "this attribute belongs to another kind of trap");
		return -EINVAL;
	}
	if (kind == GPROBE_TRAP_KIND_MSR && !info->attrs[GPROBE_A_TRAP_MSR]) {
		NL_SET_ERR_MSG(info->extack, "the MSR is missing");
		return -EINVAL;
	}
	return 0;
}

/**
 * gprobe_trap_parse() - Read what trap is wanted.
 * @info: the request
 * @spec: the trap
 *
 * Context: Process.
 * Return: 0; -EINVAL and said why.
 */
int gprobe_trap_parse(struct genl_info *info, struct gprobe_trap_spec *spec)
{
	struct nlattr **attrs = info->attrs;
	int ret;

	*spec = (struct gprobe_trap_spec){};
	if (!attrs[GPROBE_A_TRAP_KIND] || !attrs[GPROBE_A_TRAP_ACTION]) {
		NL_SET_ERR_MSG(info->extack, "a required attribute is missing");
		return -EINVAL;
	}
	spec->kind = nla_get_u32(attrs[GPROBE_A_TRAP_KIND]);
	spec->action = nla_get_u32(attrs[GPROBE_A_TRAP_ACTION]);
	ret = check_parts(info, spec->kind);
	if (ret)
		return ret;
	if (attrs[GPROBE_A_TRAP_MSR])
		spec->msr = nla_get_u32(attrs[GPROBE_A_TRAP_MSR]);
	if (attrs[GPROBE_A_TRAP_MASK])
		spec->mask = nla_get_u64(attrs[GPROBE_A_TRAP_MASK]);
	spec->on_change = attrs[GPROBE_A_TRAP_ON_CHANGE];
	spec->user = attrs[GPROBE_A_TRAP_USER];
	if (attrs[GPROBE_A_TRAP_COOKIE])
		spec->cookie = nla_get_u64(attrs[GPROBE_A_TRAP_COOKIE]);
	return 0;
}
