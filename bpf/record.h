/* SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later */
/* What record.bpf.c and its loader share: struct gprobe_record in its ring. */
#ifndef GPROBE_BPF_RECORD_H
#define GPROBE_BPF_RECORD_H

#include <gprobe/record.h>

/* Names of the settings are in the skeleton: rodata->session. */

_Static_assert(sizeof(struct gprobe_record) == 256, "no holes, no padding");

#endif /* GPROBE_BPF_RECORD_H */
