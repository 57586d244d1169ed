/* SPDX-License-Identifier: GPL-2.0 */
/* From a guest's events to answers: the path of a hit. */
#ifndef GPROBE_DISPATCH_H
#define GPROBE_DISPATCH_H

struct gprobe_domain;

unsigned int gprobe_dispatch(struct gprobe_domain *domain);

#endif /* GPROBE_DISPATCH_H */
