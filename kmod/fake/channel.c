// SPDX-License-Identifier: GPL-2.0
/*
 * Event channels as interrupts: the handler runs in hard interrupt context, with
 * interrupts off, on one CPU at a time, and once more when the bell was rung
 * meanwhile. Masked, it runs when it is unmasked.
 */
#include "../channel.h"

#include <linux/irq_work.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "../fault.h"
#include "guest.h"

/**
 * struct fake_channel - a bound channel
 * @port: its number
 * @guest: whose, a reference to it
 * @work: the interrupt
 * @lock: all below
 * @pending: the interrupt is due
 * @masked: but not now
 * @running: the handler runs
 * @handler: the module's
 * @cookie: its second argument
 *
 * Who can reach it: the guest until it is unbound, under the guest's lock; the
 * interrupt until it was waited for; the module, which unbinds it.
 */
struct fake_channel {
	u32 port;
	struct fake_guest *guest;
	struct irq_work work;
	spinlock_t lock;
	bool pending;
	bool masked;
	bool running;
	irq_handler_t handler;
	void *cookie;
};

static DEFINE_XARRAY_ALLOC1(channels);

static struct fake_channel *find(const struct gprobe_channel *channel)
{
	return xa_load(&channels, channel->port);
}

/* Ends a run of the handler, if one was, and begins the next, if one is due. */
static bool next_run(struct fake_channel *channel, bool ran)
{
	bool due;

	spin_lock(&channel->lock);
	due = channel->pending && !channel->masked &&
	      (ran || !channel->running);
	if (due)
		channel->pending = false;
	if (due || ran)
		channel->running = due;
	spin_unlock(&channel->lock);
	return due;
}

static void interrupt(struct irq_work *work)
{
	struct fake_channel *channel = container_of(work, struct fake_channel,
						    work);
	bool ran = false;

	while (next_run(channel, ran)) {
		channel->handler(0, channel->cookie);
		ran = true;
	}
}

/**
 * fake_channel_raise() - Xen rings the bell.
 * @channel: bound
 *
 * Context: The guest's lock held.
 */
void fake_channel_raise(struct fake_channel *channel)
{
	bool due;

	spin_lock(&channel->lock);
	channel->pending = true;
	due = !channel->masked;
	spin_unlock(&channel->lock);
	if (due)
		irq_work_queue(&channel->work);
}

static int connect(struct fake_channel *channel)
{
	struct fake_guest *guest = channel->guest;
	int ret = 0;

	spin_lock_irq(&guest->lock);
	if (guest->channel) {
		ret = -EINVAL;
	} else {
		guest->channel = channel;
		guest->channels++;
	}
	spin_unlock_irq(&guest->lock);
	return ret;
}

int gprobe_channel_bind(struct gprobe_channel *channel, domid_t domid,
			evtchn_port_t remote_port, irq_handler_t handler)
{
	struct fake_channel *fake;
	int ret = gprobe_fault() ? -EIO : 0;

	if (ret)
		return ret;
	fake = kzalloc(sizeof(*fake), GFP_KERNEL);
	if (!fake)
		return -ENOMEM;
	fake->work = IRQ_WORK_INIT_HARD(interrupt);
	spin_lock_init(&fake->lock);
	fake->handler = handler;
	fake->cookie = channel->cookie;
	ret = -EINVAL;
	fake->guest = fake_guest_get(domid);
	if (!fake->guest || remote_port != domid)
		goto err_guest;
	ret = xa_alloc(&channels, &fake->port, fake, xa_limit_31b, GFP_KERNEL);
	if (ret)
		goto err_guest;
	ret = connect(fake);
	if (ret)
		goto err_port;
	channel->port = fake->port;
	return 0;

err_port:
	xa_erase(&channels, fake->port);
err_guest:
	if (fake->guest)
		fake_guest_put(fake->guest);
	kfree(fake);
	return ret;
}

void gprobe_channel_unbind(struct gprobe_channel *channel)
{
	struct fake_channel *fake = find(channel);
	struct fake_guest *guest = fake->guest;

	spin_lock_irq(&guest->lock);
	guest->channel = NULL;
	guest->channels--;
	spin_unlock_irq(&guest->lock);
	irq_work_sync(&fake->work);
	/* It may still run on one CPU when it is done on another. */
	synchronize_rcu_expedited();
	xa_erase(&channels, fake->port);
	fake_guest_put(guest);
	kfree(fake);
}

void gprobe_channel_notify(const struct gprobe_channel *channel)
{
	struct fake_guest *guest = find(channel)->guest;
	unsigned long flags;

	spin_lock_irqsave(&guest->lock, flags);
	if (!guest->dying)
		fake_ring_resume(guest);
	spin_unlock_irqrestore(&guest->lock, flags);
}

static void set_masked(const struct gprobe_channel *channel, bool masked)
{
	struct fake_channel *fake = find(channel);
	unsigned long flags;
	bool due;

	spin_lock_irqsave(&fake->lock, flags);
	fake->masked = masked;
	due = !masked && fake->pending;
	spin_unlock_irqrestore(&fake->lock, flags);
	if (due)
		irq_work_queue(&fake->work);
}

void gprobe_channel_mask(const struct gprobe_channel *channel)
{
	set_masked(channel, true);
}

void gprobe_channel_clear(const struct gprobe_channel *channel)
{
	struct fake_channel *fake = find(channel);
	unsigned long flags;

	spin_lock_irqsave(&fake->lock, flags);
	fake->pending = false;
	spin_unlock_irqrestore(&fake->lock, flags);
}

void gprobe_channel_unmask(const struct gprobe_channel *channel)
{
	set_masked(channel, false);
}
