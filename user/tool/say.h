/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What goes wrong is said once, in one line on stderr, by the function that
 * finds it; what it returns is the exit status, which its callers pass on.
 */
#ifndef GPROBE_TOOL_SAY_H
#define GPROBE_TOOL_SAY_H

#include <stdio.h>

#include <gprobe/why.h>

struct gprobe_client;

/* How gprobe exits, unless a COMMAND of the user's has the last word. */
enum status {
	STATUS_DONE,
	STATUS_FAILED,
	STATUS_USAGE,
	/* Not possible on this host. */
	STATUS_HOST,
};

/*
 * Called before a line is written, if not NULL: by whoever draws on the terminal,
 * to give it back.
 */
extern void (*say_before)(void);

/* Stands before each line that does not name a domain itself, if not NULL. */
extern const char *say_domain;

int say(int status, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int say_host_failed(int err, const struct gprobe_why *why);
int say_module_failed(int err, const char *message);
const char *say_reason(const struct gprobe_client *client, int err);
int say_no_memory(void);
int say_flush(FILE *file, const char *name);

#endif /* GPROBE_TOOL_SAY_H */
