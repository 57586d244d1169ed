// SPDX-License-Identifier: GPL-2.0
#include "poll.h"

#include <linux/bottom_half.h>
#include <linux/delay.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/sched/stat.h>
#include <linux/time64.h>
#include <asm/msr.h>
#include <asm/tsc.h>

#include "dispatch.h"
#include "domain.h"
#include "poller.h"
#include "ring.h"

/* KVM's figure for the same purpose (virt/kvm/halt-polling.rst). */
static unsigned int poll_us = 200;
module_param(poll_us, uint, 0644);
MODULE_PARM_DESC(poll_us, "an idle CPU waits so many us for a guest's next event, where events come faster than that, before it sleeps (200; at most 1000; 0: never)");

/* Other softirqs wait for as long: RCU's, say. */
#define TURN_US		1000
/* Where waiting never helps, it is tried once in so many events. */
#define BACKOFF_MAX	1023

static u64 us_to_cycles(u64 us)
{
	return us * tsc_khz / USEC_PER_MSEC;
}

static u64 window(void)
{
	return us_to_cycles(min_t(unsigned int, READ_ONCE(poll_us), TURN_US));
}

/* The CPU would sleep if it did not wait here, or if this thread did not. */
static bool cpu_is_free(void)
{
	bool free = in_serving_softirq() ? is_idle_task(current) :
		    single_task_running() && !signal_pending(current);

	return free && !need_resched() && !local_softirq_pending();
}

static bool wait(const struct gprobe_domain *domain, u64 cycles)
{
	u64 start = rdtsc();

	while (!gprobe_ring_has_request(&domain->ring)) {
		if (!READ_ONCE(domain->poll.on) || !cpu_is_free() ||
		    rdtsc() - start > cycles)
			return false;
		cpu_relax();
	}
	return true;
}

/**
 * gprobe_poll_dispatch() - Answer what is in the ring.
 * @domain: its channel is masked
 *
 * Context: Process or softirq, not under the event lock.
 * Return: how many events that were.
 */
unsigned int gprobe_poll_dispatch(struct gprobe_domain *domain)
{
	unsigned int nr;

	spin_lock_irq(&domain->event_lock);
	nr = gprobe_dispatch(domain);
	domain->stats.polled += nr;
	if (nr)
		gprobe_poll_answered(domain);
	spin_unlock_irq(&domain->event_lock);
	return nr;
}

static void learn(struct gprobe_poll *poll, bool helped)
{
	poll->backoff = helped ? 0 :
			min_t(u32, 2 * poll->backoff + 1, BACKOFF_MAX);
	poll->skip = poll->backoff;
}

/**
 * gprobe_poll_is_over() - Has no event come for so long that none is waited for?
 * @domain: the domain
 *
 * Context: Any; nobody else answers its events.
 * Return: so it is.
 */
bool gprobe_poll_is_over(const struct gprobe_domain *domain)
{
	return rdtsc() - READ_ONCE(domain->poll.answered) > window();
}

/**
 * gprobe_poll_leave() - Have interrupts tell of events again.
 * @domain: its channel is masked
 * @found: how many events the wait has seen
 *
 * Context: Process or softirq, not under the event lock.
 */
void gprobe_poll_leave(struct gprobe_domain *domain, unsigned int found)
{
	/* For what is answered already no interrupt is wanted. */
	gprobe_channel_clear(&domain->ring.channel);
	found += gprobe_poll_dispatch(domain);
	gprobe_channel_unmask(&domain->ring.channel);

	spin_lock_irq(&domain->event_lock);
	learn(&domain->poll, found);
	spin_unlock_irq(&domain->event_lock);
}

/*
 * Masked, the event channel interrupts nobody, and Xen kicks no CPU for it: no
 * other thread may come between until it is not.
 */
static void poll(struct gprobe_domain *domain)
{
	u64 start = rdtsc(), turn = us_to_cycles(TURN_US);
	unsigned int nr, found = 0;

	gprobe_channel_mask(&domain->ring.channel);
	do {
		nr = wait(domain, window()) ? gprobe_poll_dispatch(domain) : 0;
		found += nr;
	} while (nr && rdtsc() - start < turn);
	gprobe_poll_leave(domain, found);
}

static void poll_in_tasklet(struct tasklet_struct *tasklet)
{
	struct gprobe_domain *domain = from_tasklet(domain, tasklet,
						    poll.tasklet);

	poll(domain);
}

/* Where it has not helped for a while it is to be tried only now and then. */
static bool is_to_be_tried(struct gprobe_poll *poll)
{
	if (!poll->skip)
		return true;
	poll->skip--;
	return false;
}

/**
 * gprobe_poll_after() - Wait for the next event, if that pays.
 * @domain: its events were just answered
 * @came: the TSC when the interrupt for them came
 *
 * The wait begins when the interrupt handler has returned; or on the CPU that waits
 * for all guests.
 *
 * Context: Event lock held; the event channel's interrupt.
 */
void gprobe_poll_after(struct gprobe_domain *domain, u64 came)
{
	struct gprobe_poll *poll = &domain->poll;

	lockdep_assert_held(&domain->event_lock);
	poll->fast = came - poll->answered < window();
	gprobe_poll_answered(domain);
	if (!poll->on || !poll->fast || poll->taken || poll->threads ||
	    !(gprobe_poller_is_on() || is_idle_task(current)))
		return;
	/* A session is asked: it comes first, and waits when it has replied. */
	if (list_empty(&domain->upcalls) && is_to_be_tried(poll) &&
	    !gprobe_poller_take(domain))
		tasklet_schedule(&poll->tasklet);
}

/**
 * gprobe_poll_answered() - An event has just been answered.
 * @domain: whose
 *
 * Context: Event lock held.
 */
void gprobe_poll_answered(struct gprobe_domain *domain)
{
	domain->poll.answered = rdtsc();
}

/**
 * gprobe_poll_begin() - Is this thread to wait for the next event?
 * @domain: an upcall of it was just replied to
 *
 * Context: Control lock held.
 * Return: true if that may pay: gprobe_poll_end() is to follow, until when @domain
 * is there.
 */
bool gprobe_poll_begin(struct gprobe_domain *domain)
{
	struct gprobe_poll *poll = &domain->poll;
	bool pays;

	spin_lock_irq(&domain->event_lock);
	pays = poll->on && poll->fast && !poll->taken && list_empty(&domain->upcalls) &&
	       single_task_running() && is_to_be_tried(poll);
	poll->threads += pays;
	spin_unlock_irq(&domain->event_lock);
	return pays;
}

/**
 * gprobe_poll_end() - Wait, and end what gprobe_poll_begin() began.
 * @domain: not to be used after
 *
 * What it finds that a session is to be told of has been sent when it returns.
 *
 * Context: Process, without the control lock.
 */
void gprobe_poll_end(struct gprobe_domain *domain)
{
	local_bh_disable();
	poll(domain);
	local_bh_enable();
	spin_lock_irq(&domain->event_lock);
	domain->poll.threads--;
	spin_unlock_irq(&domain->event_lock);
}

/**
 * gprobe_poll_start() - From now on, wait where it pays.
 * @domain: its ring is open
 *
 * Context: Process.
 */
void gprobe_poll_start(struct gprobe_domain *domain)
{
	tasklet_setup(&domain->poll.tasklet, poll_in_tasklet);
	gprobe_poller_add(domain);
	spin_lock_irq(&domain->event_lock);
	domain->poll.on = true;
	spin_unlock_irq(&domain->event_lock);
}

static bool has_threads(struct gprobe_domain *domain)
{
	bool has;

	spin_lock_irq(&domain->event_lock);
	has = domain->poll.threads;
	spin_unlock_irq(&domain->event_lock);
	return has;
}

/**
 * gprobe_poll_stop() - Wait no more.
 * @domain: its ring is still open, and its interrupt still bound
 *
 * Context: Process, may sleep. Nobody waits when it returns.
 */
void gprobe_poll_stop(struct gprobe_domain *domain)
{
	spin_lock_irq(&domain->event_lock);
	domain->poll.on = false;
	spin_unlock_irq(&domain->event_lock);
	tasklet_kill(&domain->poll.tasklet);
	while (has_threads(domain))
		usleep_range(20, 50);
	gprobe_poller_del(domain);
}
