/* SPDX-License-Identifier: GPL-2.0 */
/* An event channel between Xen and us: the bell of a ring. */
#ifndef GPROBE_CHANNEL_H
#define GPROBE_CHANNEL_H

#include <linux/interrupt.h>
#include <linux/types.h>
#include <xen/interface/event_channel.h>
#include <xen/interface/xen.h>

/**
 * struct gprobe_channel - our end
 * @port: its number
 * @irq: its interrupt
 * @cookie: what the interrupt is bound with
 */
struct gprobe_channel {
	evtchn_port_t port;
	int irq;
	void *cookie;
};

int gprobe_channel_bind(struct gprobe_channel *channel, domid_t domid,
			evtchn_port_t remote_port, irq_handler_t handler);
void gprobe_channel_unbind(struct gprobe_channel *channel);
void gprobe_channel_notify(const struct gprobe_channel *channel);
void gprobe_channel_mask(const struct gprobe_channel *channel);
void gprobe_channel_clear(const struct gprobe_channel *channel);
void gprobe_channel_unmask(const struct gprobe_channel *channel);

#endif /* GPROBE_CHANNEL_H */
