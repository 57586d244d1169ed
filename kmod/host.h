/* SPDX-License-Identifier: GPL-2.0 */
/* The host: are we where guests can be probed, and who tells when one dies. */
#ifndef GPROBE_HOST_H
#define GPROBE_HOST_H

int gprobe_host_check(void);
int gprobe_host_init(void);
void gprobe_host_exit(void);

#endif /* GPROBE_HOST_H */
