// SPDX-License-Identifier: GPL-2.0
#include "say.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "text.h"

void (*say_before)(void);
const char *say_domain;

#define NAMES_DOMAIN	"domain '"

/**
 * say() - Write a line to stderr.
 * @status: how gprobe will exit
 * @format: as printf's, without "gprobe: " and newline
 *
 * Return: @status.
 */
int say(int status, const char *format, ...)
{
	char line[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	text_clean(line);
	if (say_before)
		say_before();
	if (say_domain && strncmp(format, NAMES_DOMAIN, strlen(NAMES_DOMAIN)))
		fprintf(stderr, "gprobe: " NAMES_DOMAIN "%s': %s\n",
			text_name(say_domain).text, line);
	else
		fprintf(stderr, "gprobe: %s\n", line);
	return status;
}

/**
 * say_host_failed() - Say why Xen could not be opened.
 * @err: gprobe_host_open()'s
 * @why: gprobe_host_open()'s
 *
 * Return: the exit status.
 */
int say_host_failed(int err, const struct gprobe_why *why)
{
	int status = STATUS_FAILED;

	if (err == -ENODEV || err == -EPERM || err == -EPROTONOSUPPORT)
		status = STATUS_HOST;
	return say(status, "%s", why->text);
}

/**
 * say_module_failed() - Say why the module could not be asked.
 * @err: gprobe_client_open()'s, or that of a list
 * @message: what the module said, or ""
 *
 * Return: the exit status.
 */
int say_module_failed(int err, const char *message)
{
	if (err == -ENOENT)
		return say(STATUS_HOST,
			   "the kernel module is not loaded: modprobe gprobe");
	if (err == -EPERM || err == -EACCES)
		return say(STATUS_FAILED,
			   "no rights to use the kernel module: run as root (CAP_SYS_ADMIN)");
	return say(STATUS_FAILED, "the kernel module: %s",
		   *message ? message : strerror(-err));
}

/**
 * say_no_memory() - Say that memory ran out.
 *
 * Return: the exit status.
 */
int say_no_memory(void)
{
	return say(STATUS_FAILED, "not enough memory");
}

/**
 * say_flush() - See that all results got where they should.
 * @file: they were written to
 * @name: of @file, for people
 *
 * Return: the exit status.
 */
int say_flush(FILE *file, const char *name)
{
	errno = 0;
	if (!fflush(file) && !ferror(file))
		return STATUS_DONE;
	return say(STATUS_FAILED, "%s: %s", name,
		   errno ? strerror(errno) : "write error");
}
