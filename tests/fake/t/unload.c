// SPDX-License-Identifier: GPL-2.0
/* The module cannot be unloaded while there is a session, and each holds it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../file.h"
#include "../session.h"
#include "../tap.h"

static int holders(void)
{
	return file_read_number("/sys/module/gprobe/refcnt");
}

static int unload(void)
{
	return syscall(SYS_delete_module, "gprobe", O_NONBLOCK) ? errno : 0;
}

int main(void)
{
	struct gprobe_client *clients[2];
	struct guest guest;
	int before, ready[2];
	pid_t pid;
	char byte;

	guest_open(&guest, 1, 1);
	before = holders();
	clients[0] = session_open(&guest);
	is(holders(), before + 1, "a session holds the module");
	clients[1] = session_open(&guest);
	is(holders(), before + 2, "another one does too");
	is(unload(), EWOULDBLOCK, "it cannot be unloaded");
	gprobe_client_close(clients[0]);
	gprobe_client_close(clients[1]);
	is(holders(), before, "none holds it after its end");
	if (pipe(ready))
		bail("pipe", errno);
	pid = fork();
	if (!pid) {
		session_open(&guest);
		if (write(ready[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	if (read(ready[0], &byte, 1) != 1)
		bail("a session", errno);
	is(holders(), before + 1, "a process's session holds it");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	is(holders(), before, "none holds it after its process was killed");
	guest_close(&guest);
	return tap_end();
}
