// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bpf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "why.h"

/* What libbpf complained of last; its first line tells most. */
static char complaint[160];

static int keep_complaint(enum libbpf_print_level level, const char *format,
			  va_list args)
{
	if (level == LIBBPF_WARN && !complaint[0]) {
		vsnprintf(complaint, sizeof(complaint), format, args);
		complaint[strcspn(complaint, "\n")] = '\0';
	}
	return 0;
}

/**
 * gprobe_bpf_listen() - Keep what libbpf says from now on, and print nothing.
 *
 * Return: where its messages went before, for libbpf_set_print().
 */
libbpf_print_fn_t gprobe_bpf_listen(void)
{
	complaint[0] = '\0';
	return libbpf_set_print(keep_complaint);
}

/**
 * gprobe_bpf_load_failed() - Say why a program cannot be loaded.
 * @why: where it goes, or NULL
 * @err: negative errno
 * @what: the program does
 *
 * Return: @err.
 */
int gprobe_bpf_load_failed(struct gprobe_why *why, int err, const char *what)
{
	if (err == -EPERM || err == -EACCES)
		return gprobe_why(why, err, "no rights to load BPF programs: run as root (CAP_BPF, CAP_PERFMON)");
	return gprobe_why(why, err, "the BPF program that %s cannot be loaded: %s%s%s",
			  what, strerror(-err), complaint[0] ? ": " : "",
			  complaint);
}

/**
 * gprobe_bpf_attach_failed() - Say why a program cannot be attached.
 * @why: where it goes, or NULL
 * @err: negative errno
 * @tracepoint: the module's, to which
 *
 * Return: @err.
 */
int gprobe_bpf_attach_failed(struct gprobe_why *why, int err,
			     const char *tracepoint)
{
	if (err == -ENOENT)
		return gprobe_why(why, err, "the kernel has no tracepoint %s: the kernel module must be loaded, on a kernel with tracepoints",
				  tracepoint);
	return gprobe_why(why, err, "the BPF program cannot be attached to %s: %s",
			  tracepoint, strerror(-err));
}
