/* SPDX-License-Identifier: GPL-2.0 */
/* Which Xen runs, and whether the module knows how to speak to it. */
#ifndef GPROBE_VERSION_H
#define GPROBE_VERSION_H

#include <linux/types.h>

struct netlink_ext_ack;

int gprobe_version_init(void);
u32 gprobe_version_domctl(void);
bool gprobe_version_has_r_pw(void);
void gprobe_version_say(struct netlink_ext_ack *extack);

#endif /* GPROBE_VERSION_H */
