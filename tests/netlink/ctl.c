// SPDX-License-Identifier: GPL-2.0
#include "ctl.h"

#include <stdio.h>
#include <string.h>
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
