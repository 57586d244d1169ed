/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The host: are we where guests can be probed, how is their memory mapped, and who
 * tells when one dies.
 */
#ifndef GPROBE_HOST_H
#define GPROBE_HOST_H

struct gprobe_map_ops;

int gprobe_host_check(void);
const struct gprobe_map_ops *gprobe_host_map_ops(void);
int gprobe_host_init(void);
void gprobe_host_exit(void);

#endif /* GPROBE_HOST_H */
