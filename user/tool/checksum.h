/* SPDX-License-Identifier: GPL-2.0 */
/* CRC-32C (Castagnoli), as iSCSI and ext4 have it. */
#ifndef GPROBE_TOOL_CHECKSUM_H
#define GPROBE_TOOL_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

uint32_t checksum(const void *bytes, size_t nr);

#endif /* GPROBE_TOOL_CHECKSUM_H */
