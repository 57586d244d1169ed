/* SPDX-License-Identifier: GPL-2.0 */
#ifndef GPROBE_UNIT_SHIM_MM_H
#define GPROBE_UNIT_SHIM_MM_H

#include <string.h>

#endif /* GPROBE_UNIT_SHIM_MM_H */
