/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls of functions whose return is probed: what stat.bpf.c and the command go by.
 *
 * Where a function is left, its stack pointer is what it was at the entry: it
 * points to the return address. No other call that has not returned has the same,
 * not of the same function by recursion, and not by another thread, whose stack is
 * another. The includer provides __u32 and __u64 (linux/types.h).
 */
#ifndef GPROBE_BPF_CALLS_H
#define GPROBE_BPF_CALLS_H

/* What a place is of its probe; the values of enum gprobe_probe_part. */
enum call_role {
	CALL_NONE,
	CALL_ENTRY,
	CALL_EXIT,
	CALL_MAYBE,
};

/**
 * struct call_place - a place of a probe
 * @probe: the probe's number
 * @role: enum call_role
 */
struct call_place {
	__u32 probe, role;
};

/**
 * struct call_key - a call that has not returned
 * @rsp: the stack pointer at its entry
 * @root: where that is a process's; a kernel's stacks are the same under all roots,
 *	of which the call may see several
 * @probe: of which function
 * @unused: 0
 */
struct call_key {
	__u64 rsp, root;
	__u32 probe, unused;
};

/* So many calls are remembered at a time. */
#define CALLS_MAX	65536u

static inline __attribute__((always_inline)) struct call_key
call_key(__u32 probe, __u64 rsp, __u64 root)
{
	struct call_key key = {
		.rsp = rsp,
		.root = rsp >> 63 ? 0 : root >> 12 << 12,
		.probe = probe,
	};

	return key;
}

#endif /* GPROBE_BPF_CALLS_H */
