// SPDX-License-Identifier: GPL-2.0
#include "workload.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "say.h"

/* What shells answer. */
#define STATUS_CANNOT_EXECUTE	126
#define STATUS_NOT_FOUND	127
#define STATUS_SIGNAL		128

static ssize_t read_again(int fd, void *buffer, size_t bytes)
{
	ssize_t got;

	do {
		got = read(fd, buffer, bytes);
	} while (got < 0 && errno == EINTR);
	return got;
}

/* In the child: wait for a byte, become the COMMAND. */
static void __attribute__((noreturn)) become(int go_fd, int error_fd,
					     char **argv)
{
	char go;
	int err;

	signal(SIGPIPE, SIG_DFL);
	/* The end of the pipe, but no byte: gprobe has failed or died. */
	if (read_again(go_fd, &go, 1) != 1)
		_exit(0);
	execvp(argv[0], argv);
	err = errno;
	if (write(error_fd, &err, sizeof(err)) < 0)
		_exit(STATUS_CANNOT_EXECUTE);
	_exit(STATUS_NOT_FOUND);
}

/**
 * workload_start() - Make the child; it waits for workload_go().
 * @workload: zeroed
 * @argv: the COMMAND
 *
 * Nothing that must not be left to a child may be open yet, but for what is
 * closed on exec. All signals are as they were when gprobe began.
 *
 * Return: the exit status.
 */
int workload_start(struct workload *workload, char **argv)
{
	int go[2], error[2];

	workload->name = argv[0];
	if (pipe2(go, O_CLOEXEC))
		goto err;
	if (pipe2(error, O_CLOEXEC))
		goto err_go;
	workload->pid = fork();
	if (workload->pid < 0)
		goto err_error;
	if (!workload->pid) {
		/* Else it would keep its own pipe from ending. */
		close(go[1]);
		become(go[0], error[1], argv);
	}
	close(go[0]);
	close(error[1]);
	workload->go_fd = go[1];
	workload->error_fd = error[0];
	return STATUS_DONE;

err_error:
	workload->pid = 0;
	close(error[0]);
	close(error[1]);
err_go:
	close(go[0]);
	close(go[1]);
err:
	return say(STATUS_FAILED, "cannot start '%s': %s", argv[0],
		   strerror(errno));
}

static void close_pipes(struct workload *workload)
{
	close(workload->go_fd);
	close(workload->error_fd);
	workload->go_fd = -1;
	workload->error_fd = -1;
}

/**
 * workload_go() - Let the child become the COMMAND.
 * @workload: started
 *
 * Return: the exit status; 127 or 126 if it cannot be executed.
 */
int workload_go(struct workload *workload)
{
	ssize_t got;
	int err = 0;

	if (write(workload->go_fd, "", 1) != 1)
		got = 0;
	else
		/* Closed by the exec. */
		got = read_again(workload->error_fd, &err, sizeof(err));
	close_pipes(workload);
	if (got != sizeof(err))
		return STATUS_DONE;
	waitpid(workload->pid, NULL, 0);
	workload->pid = 0;
	return say(err == ENOENT ? STATUS_NOT_FOUND : STATUS_CANNOT_EXECUTE,
		   "cannot run '%s': %s", workload->name, strerror(err));
}

/**
 * workload_ended() - Has the COMMAND ended? Never waits.
 * @workload: running
 *
 * Return: true if it has.
 */
bool workload_ended(struct workload *workload)
{
	if (workload->pid &&
	    waitpid(workload->pid, &workload->wait_status, WNOHANG) ==
	    workload->pid)
		workload->pid = 0;
	return !workload->pid;
}

/**
 * workload_signal() - Pass a signal on to the COMMAND.
 * @workload: started
 * @signal: which
 */
void workload_signal(const struct workload *workload, int signal)
{
	if (workload->pid)
		kill(workload->pid, signal);
}

/**
 * workload_status() - How the COMMAND ended, as a shell says it.
 * @workload: ended
 *
 * Return: the exit status.
 */
int workload_status(const struct workload *workload)
{
	if (WIFSIGNALED(workload->wait_status))
		return STATUS_SIGNAL + WTERMSIG(workload->wait_status);
	return WEXITSTATUS(workload->wait_status);
}

/**
 * workload_close() - Be done with the COMMAND; one that runs is told to end.
 * @workload: started, or zeroed
 */
void workload_close(struct workload *workload)
{
	if (!workload->pid)
		return;
	if (workload->go_fd >= 0)
		close_pipes(workload);
	else
		workload_signal(workload, SIGTERM);
}
