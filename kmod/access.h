/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a view's page allows. Two reasons restrict it: a shadow frame, which
 * may only be executed, and a watch, which forbids stores; a shadow frame
 * forbids these too.
 */
#ifndef GPROBE_ACCESS_H
#define GPROBE_ACCESS_H

struct gprobe_frame;
struct gprobe_watch;

int gprobe_access_watch(struct gprobe_watch *watch);
int gprobe_access_unwatch(struct gprobe_watch *watch);
int gprobe_access_unshow(struct gprobe_frame *frame);

#endif /* GPROBE_ACCESS_H */
