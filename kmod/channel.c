// SPDX-License-Identifier: GPL-2.0
#include "channel.h"

#include <xen/events.h>
#include <asm/xen/hypercall.h>

#include "fault.h"

/**
 * gprobe_channel_bind() - Bind to a port of Xen's for a guest.
 * @channel: @cookie is set
 * @domid: the guest
 * @remote_port: Xen's port
 * @handler: called in interrupt context; its second argument is the cookie
 *
 * Context: Process, may sleep.
 * Return: 0 or a negative errno; then nothing is bound.
 */
int gprobe_channel_bind(struct gprobe_channel *channel, domid_t domid,
			evtchn_port_t remote_port, irq_handler_t handler)
{
	struct evtchn_bind_interdomain op = {
		.remote_dom = domid,
		.remote_port = remote_port,
	};
	int ret = gprobe_fault() ? -EIO :
		  HYPERVISOR_event_channel_op(EVTCHNOP_bind_interdomain, &op);

	if (ret)
		return ret;
	channel->port = op.local_port;
	/*
	 * Without a late EOI, which holds back a sender that floods: here only
	 * Xen can send, and the vCPU that it sends for waits for the answer.
	 */
	ret = gprobe_fault() ? -EIO :
	      bind_evtchn_to_irqhandler(channel->port, handler, 0, "gprobe",
					channel->cookie);
	if (ret < 0) {
		struct evtchn_close close = { .port = channel->port };

		HYPERVISOR_event_channel_op(EVTCHNOP_close, &close);
		return ret;
	}
	channel->irq = ret;
	return 0;
}

/**
 * gprobe_channel_unbind() - Hear no more.
 * @channel: bound
 *
 * Context: Process, may sleep. The handler runs no more when it returns.
 */
void gprobe_channel_unbind(struct gprobe_channel *channel)
{
	unbind_from_irqhandler(channel->irq, channel->cookie);
}

/**
 * gprobe_channel_notify() - Let Xen look at the ring.
 * @channel: bound
 *
 * Context: Any. Xen has looked when it returns.
 */
void gprobe_channel_notify(const struct gprobe_channel *channel)
{
	notify_remote_via_evtchn(channel->port);
}

/**
 * gprobe_channel_mask() - Have no interrupts for a while.
 * @channel: bound, not masked
 *
 * Context: Any; a handler that runs already runs on.
 */
void gprobe_channel_mask(const struct gprobe_channel *channel)
{
	disable_irq_nosync(channel->irq);
}

/**
 * gprobe_channel_clear() - Forget the interrupt that is due.
 * @channel: masked
 *
 * Context: Any.
 */
void gprobe_channel_clear(const struct gprobe_channel *channel)
{
	xen_clear_irq_pending(channel->irq);
}

/**
 * gprobe_channel_unmask() - Have interrupts again.
 * @channel: masked; what came meanwhile is an interrupt now
 *
 * Context: Any.
 */
void gprobe_channel_unmask(const struct gprobe_channel *channel)
{
	enable_irq(channel->irq);
}
