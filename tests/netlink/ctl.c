// SPDX-License-Identifier: GPL-2.0
#include "ctl.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gprobe/guest.h>

int ctl_fail(const struct gprobe_client *client, const char *what, int err)
{
	fprintf(stderr, "%s: %s (%s)\n", what, strerror(-err),
		client ? gprobe_client_message(client) : "");
	return 1;
}

uint32_t ctl_domctl_version(void)
{
	struct gprobe_host_info info = { 0 };
	struct gprobe_host *host;

	if (gprobe_host_open(&host, NULL))
		return 0;
	gprobe_host_info(host, &info);
	gprobe_host_close(host);
	return info.domctl_version;
}

int ctl_attach(struct gprobe_client **client, uint32_t domid)
{
	struct gprobe_domain_info domain;
	int ret = gprobe_client_open(client);

	if (ret)
		return ctl_fail(NULL, "open", ret);
	ret = gprobe_domain_attach(*client, domid, ctl_domctl_version(), &domain);
	return ret ? ctl_fail(*client, "attach", ret) : 0;
}

pid_t ctl_start(char **command)
{
	pid_t pid = fork();

	if (!pid) {
		execvp(command[0], command);
		_exit(127);
	}
	return pid;
}

int ctl_ended(pid_t pid, int options)
{
	int status;
	pid_t ended = waitpid(pid, &status, options);

	if (!ended)
		return -1;
	return ended == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int ctl_run(struct gprobe_client *client, int (*serve)(void *arg), void *arg,
	    char **command)
{
	pid_t pid = ctl_start(command);
	/* Both at once, and no timer: that would cost as much as the rest. */
	struct pollfd fds[] = {
		{ .fd = gprobe_client_fd(client), .events = POLLIN },
		{ .fd = syscall(SYS_pidfd_open, pid, 0), .events = POLLIN },
	};
	/* What came while the claims were made is no longer in the socket. */
	int ret = serve(arg);

	while (!fds[1].revents && !ret) {
		poll(fds, 2, -1);
		ret = serve(arg);
	}
	close(fds[1].fd);
	return ret ? ctl_fail(client, "upcall", ret) : ctl_ended(pid, 0);
}

int ctl_upcalls(struct gprobe_client *client,
		int (*on_upcall)(void *arg, const struct gprobe_upcall *upcall),
		void *arg)
{
	struct gprobe_upcall upcall;
	int ret;

	/* One after a reply may have come while that was waited for. */
	while (!(ret = gprobe_upcall_read(client, &upcall))) {
		ret = on_upcall(arg, &upcall);
		if (ret)
			return ret;
	}
	return ret == -EAGAIN ? 0 : ret;
}
