/* SPDX-License-Identifier: GPL-2.0 */
/* What the programs here do alike. */
#ifndef GPROBE_NETLINK_CTL_H
#define GPROBE_NETLINK_CTL_H

#include <gprobe/client.h>
#include <stdint.h>
#include <sys/types.h>

/* What the running Xen speaks; 0: not known. */
uint32_t ctl_domctl_version(void);
/* Say what failed and why; 1. */
int ctl_fail(const struct gprobe_client *client, const char *what, int err);
/* Open a client that is attached to a guest; 0, or 1 and said why not. */
int ctl_attach(struct gprobe_client **client, uint32_t domid);
/* Start a command. */
pid_t ctl_start(char **command);
/* Its exit status; with WNOHANG -1 while it has not ended. */
int ctl_ended(pid_t pid, int options);

#endif /* GPROBE_NETLINK_CTL_H */
