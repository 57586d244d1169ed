/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which failures of a driver leave nothing to be undone. */
#ifndef GPROBE_MOOT_H
#define GPROBE_MOOT_H

#include <errno.h>
#include <stdbool.h>

/* The view, the frame or the guest is gone, and with it what was in it. */
static inline bool gprobe_is_moot(int ret)
{
	return ret == -ENOENT || ret == -ENXIO || ret == -ESHUTDOWN;
}

#endif /* GPROBE_MOOT_H */
