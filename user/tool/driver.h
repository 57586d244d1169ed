/* SPDX-License-Identifier: GPL-2.0 */
/* `gprobe --driver NAME`: what the guest is reached by. */
#ifndef GPROBE_TOOL_DRIVER_H
#define GPROBE_TOOL_DRIVER_H

#include <stdbool.h>
#include <stddef.h>

struct target_ops;

int driver_choose(const char *name);
const struct target_ops *driver_chosen(void);
bool driver_is_default(void);
const char *driver_name(size_t index);

#endif /* GPROBE_TOOL_DRIVER_H */
