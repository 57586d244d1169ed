// SPDX-License-Identifier: GPL-2.0
/*
 * Raw system calls, so that libc adds none of its own. What an issue needs
 * besides its own call (a close, a wait) is no other entry's function, but for
 * close, which is no entry at all.
 */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calls.h"

static int null_fd = -1, zero_fd = -1;
static off_t init_size;

static bool call_getpid(void)
{
	return syscall(SYS_getpid) == 1;
}

static bool call_getppid(void)
{
	return syscall(SYS_getppid) == 0;
}

static bool call_getuid(void)
{
	return syscall(SYS_getuid) == 0;
}

static bool call_uname(void)
{
	struct utsname name = { 0 };

	return !syscall(SYS_uname, &name) && !strcmp(name.sysname, "Linux");
}

static bool call_openat(void)
{
	long fd = syscall(SYS_openat, AT_FDCWD, "/init", O_RDONLY, 0);

	return fd >= 0 && !syscall(SYS_close, fd);
}

static bool call_stat(void)
{
	struct stat st = { 0 };

	return !syscall(SYS_stat, "/init", &st) && st.st_size == init_size;
}

static bool call_pipe(void)
{
	int fds[2];

	return !syscall(SYS_pipe2, fds, 0) && !syscall(SYS_close, fds[0]) &&
	       !syscall(SYS_close, fds[1]);
}

static bool call_read(void)
{
	unsigned char byte = 1;

	return syscall(SYS_read, zero_fd, &byte, 1) == 1 && !byte;
}

static bool call_write(void)
{
	return syscall(SYS_write, null_fd, "x", 1) == 1;
}

static bool call_mmap(void)
{
	unsigned char *page = (void *)syscall(SYS_mmap, NULL, 4096, PROT_READ | PROT_WRITE,
					      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bool fresh;

	if (page == MAP_FAILED)
		return false;
	fresh = !page[5];
	page[5] = 1;
	return !syscall(SYS_munmap, page, 4096) && fresh;
}

static bool call_fork(void)
{
	int status = 0;
	long pid = syscall(SYS_fork);

	if (!pid)
		syscall(SYS_exit, 42);
	return pid > 0 && syscall(SYS_wait4, pid, &status, __WALL, NULL) == pid &&
	       WIFEXITED(status) && WEXITSTATUS(status) == 42;
}

static bool call_yield(void)
{
	return !syscall(SYS_sched_yield);
}

const struct call calls[] = {
	{ "getpid", "__x64_sys_getpid", call_getpid },
	{ "getppid", "__x64_sys_getppid", call_getppid },
	{ "getuid", "__x64_sys_getuid", call_getuid },
	{ "uname", "__x64_sys_newuname", call_uname },
	{ "openat", "do_sys_openat2", call_openat },
	{ "stat", "__x64_sys_newstat", call_stat },
	{ "pipe", "do_pipe2", call_pipe },
	{ "read", "__x64_sys_read", call_read },
	{ "write", "__x64_sys_write", call_write },
	{ "mmap", "__x64_sys_mmap", call_mmap },
	{ "fork", "__x64_sys_fork", call_fork },
	{ "yield", "__x64_sys_sched_yield", call_yield },
};

const int nr_calls = sizeof(calls) / sizeof(calls[0]);

int calls_open(void)
{
	struct stat st;

	null_fd = open("/dev/null", O_WRONLY);
	zero_fd = open("/dev/zero", O_RDONLY);
	if (null_fd < 0 || zero_fd < 0 || stat("/init", &st))
		return -1;
	init_size = st.st_size;
	return 0;
}
