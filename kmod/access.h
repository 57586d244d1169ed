/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a view's page allows. Two reasons restrict it: a shadow frame, which
 * may only be executed, and a watch, which forbids stores; a shadow frame
 * forbids these too. A watch lets page walks set accessed and dirty bits, if that
 * can be had, and then forbids execution until somebody wants it.
 *
 * Pages are dealt with many at once: the lists link what has to do with each by
 * its @batch.
 */
#ifndef GPROBE_ACCESS_H
#define GPROBE_ACCESS_H

#include <linux/types.h>

struct gprobe_domain;
struct gprobe_watch;
struct list_head;

int gprobe_access_watch(struct gprobe_domain *domain,
			struct list_head *watches, struct list_head *failed);
void gprobe_access_walked(struct gprobe_watch *watch);
bool gprobe_access_execute(struct gprobe_watch *watch);
void gprobe_access_unwatch(struct gprobe_domain *domain,
			   struct list_head *watches, struct list_head *kept);
int gprobe_access_show(struct gprobe_domain *domain, struct list_head *frames,
		       struct list_head *failed);
void gprobe_access_unshow(struct gprobe_domain *domain,
			  struct list_head *frames, struct list_head *kept);

#endif /* GPROBE_ACCESS_H */
