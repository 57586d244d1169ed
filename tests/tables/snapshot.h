/* SPDX-License-Identifier: GPL-2.0 */
/* All of a table and of its guest as a text, to compare. */
#ifndef GPROBE_TABLES_SNAPSHOT_H
#define GPROBE_TABLES_SNAPSHOT_H

#include "rig.h"

/* To be freed. Order and numbers that the driver gives do not show. */
char *snapshot(const struct rig *rig);

#endif /* GPROBE_TABLES_SNAPSHOT_H */
