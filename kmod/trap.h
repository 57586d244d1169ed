/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Traps: what a session wants to be told of that a guest does, whatever its
 * code is. Each kind, and each MSR, is a monitor of Xen's, which is on while
 * there is a trap of it.
 */
#ifndef GPROBE_TRAP_H
#define GPROBE_TRAP_H

#include <linux/idr.h>
#include <linux/list.h>
#include <linux/types.h>

#include "../include/uapi/linux/gprobe.h"

struct genl_info;
struct gprobe_attachment;
struct netlink_ext_ack;

/* All traps, by their ids, for dumps. */
extern struct idr gprobe_traps;

/**
 * struct gprobe_trap_spec - what a session asks for
 * @kind: enum gprobe_trap_kind
 * @msr: MSR: which
 * @mask: CR*, XCR0: bits of whose change nobody is told
 * @on_change: MSR: only of writes that change it
 * @user: REQUEST: of the guest's user space too
 * @action: enum gprobe_action
 * @cookie: the session's own
 */
struct gprobe_trap_spec {
	u32 kind;
	u32 msr;
	u64 mask;
	bool on_change;
	bool user;
	u32 action;
	u64 cookie;
};

/**
 * struct gprobe_trap - a session's wish to be told of a kind of events
 * @domain_node: in its domain's list of the kind
 * @attachment_node: in its attachment's list
 * @attachment: whose
 * @id: its number in gprobe_traps
 * @spec: what was asked for
 * @events: so many so far; under the event lock
 *
 * What the handler reads is changed under both locks.
 */
struct gprobe_trap {
	struct list_head domain_node;
	struct list_head attachment_node;
	struct gprobe_attachment *attachment;
	int id;
	struct gprobe_trap_spec spec;
	u64 events;
};

int gprobe_trap_parse(struct genl_info *info, struct gprobe_trap_spec *spec);
struct gprobe_trap *gprobe_trap_new(struct gprobe_attachment *attachment,
				    const struct gprobe_trap_spec *spec,
				    struct netlink_ext_ack *extack);
void gprobe_trap_release(struct gprobe_trap *trap);
void gprobe_trap_free(struct gprobe_trap *trap);

#endif /* GPROBE_TRAP_H */
