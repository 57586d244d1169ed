// SPDX-License-Identifier: LGPL-2.1-or-later
#include "why.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

/**
 * gprobe_why() - Say why.
 * @why: where it goes, or NULL
 * @err: negative errno
 * @format: as printf's; what does not fit is cut off
 *
 * Return: @err.
 */
int gprobe_why(struct gprobe_why *why, int err, const char *format, ...)
{
	va_list args;
	char *c;

	if (!why)
		return err;
	va_start(args, format);
	vsnprintf(why->text, sizeof(why->text), format, args);
	va_end(args);
	/* Names come from guests, files and users: one line, no escapes. */
	for (c = why->text; *c; c++)
		if (iscntrl((unsigned char)*c))
			*c = '?';
	return err;
}
