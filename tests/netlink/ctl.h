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
/* Run a command, and @serve whenever @client may have something to read; the
 * command's exit status, or 1 and said what @serve failed of.
 */
int ctl_run(struct gprobe_client *client, int (*serve)(void *arg), void *arg,
	    char **command);
/* Hand what @client has to @on_upcall, one by one; 0, or what that failed of. */
int ctl_upcalls(struct gprobe_client *client,
		int (*on_upcall)(void *arg, const struct gprobe_upcall *upcall),
		void *arg);

#endif /* GPROBE_NETLINK_CTL_H */
