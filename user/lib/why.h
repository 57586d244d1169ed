/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GPROBE_LIB_WHY_H
#define GPROBE_LIB_WHY_H

#include <gprobe/why.h>

/* Says why, and passes @err on. @why may be NULL. */
int gprobe_why(struct gprobe_why *why, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif /* GPROBE_LIB_WHY_H */
