/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A CPU of dom0's that stays awake for guests whose events come one after
 * another: one thread there looks at the rings of all of them. Off unless the
 * module's parameter poll_cpu names the CPU.
 */
#ifndef GPROBE_POLLER_H
#define GPROBE_POLLER_H

#include <linux/types.h>

struct gprobe_domain;

int gprobe_poller_init(void);
void gprobe_poller_exit(void);
void gprobe_poller_add(struct gprobe_domain *domain);
void gprobe_poller_del(struct gprobe_domain *domain);
bool gprobe_poller_is_on(void);
bool gprobe_poller_take(struct gprobe_domain *domain);

#endif /* GPROBE_POLLER_H */
