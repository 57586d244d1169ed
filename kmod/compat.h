/* SPDX-License-Identifier: GPL-2.0 */
/* Where the kernels that the module is built for, 6.1 to 6.12, differ. */
#ifndef GPROBE_COMPAT_H
#define GPROBE_COMPAT_H

#include <linux/version.h>
#include <net/genetlink.h>

/* What a family's pre_doit and post_doit get as the command. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
#define gprobe_genl_ops genl_split_ops
#else
#define gprobe_genl_ops genl_ops
#endif

/**
 * gprobe_genl_dump_attrs() - The attributes of the request for a dump.
 * @cb: the dump
 *
 * Context: A dump's start, and its parts.
 * Return: an array by attribute; NULL where there is none of a kind.
 */
static inline struct nlattr **
gprobe_genl_dump_attrs(struct netlink_callback *cb)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
	return genl_info_dump(cb)->attrs;
#else
	return genl_dumpit_info(cb)->attrs;
#endif
}

#endif /* GPROBE_COMPAT_H */
