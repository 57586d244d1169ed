// SPDX-License-Identifier: GPL-2.0
#include "upcall.h"

#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/netlink.h>

#include "clock.h"
#include "domain.h"
#include "netlink.h"
#include "session.h"
#include "trace.h"
#include "verdict.h"
#include "view.h"
#include "xen_abi.h"

static unsigned int upcall_timeout_ms = 2000;
module_param(upcall_timeout_ms, uint, 0644);
MODULE_PARM_DESC(upcall_timeout_ms, "a vCPU waits so many ms for a session's reply (2000; at most 60000)");

#define TIMEOUT_MAX_MS	60000
/* How often late replies, and messages that could not be sent, are looked at. */
#define PERIOD		(HZ / 20)
/*
 * So many upcalls a session can have for each vCPU at once: more than a store
 * of 64 bytes that crosses a page needs, and what others changed meanwhile.
 */
#define UPCALLS_PER_VCPU 16

/* --- sent --- */

/* The next one that its session is to be told of; a copy of what it says. */
static struct gprobe_upcall *next_to_send(struct gprobe_domain *domain,
					  struct gprobe_upcall_message *message)
{
	struct gprobe_upcall *upcall;

	list_for_each_entry(upcall, &domain->upcalls, node) {
		if (upcall->state == GPROBE_UPCALL_SENT ||
		    upcall->state == GPROBE_UPCALL_RETRY)
			continue;
		message->portid = upcall->attachment->session->portid;
		message->domid = domain->xen.domid;
		message->timed_out = upcall->state == GPROBE_UPCALL_TIMED_OUT;
		message->seq = upcall->seq;
		message->spec = upcall->spec;
		/* Of a vCPU that went on they would be others. */
		message->has_regs = !message->timed_out &&
			upcall->spec.reason != GPROBE_UPCALL_REASON_TABLE;
		if (message->has_regs)
			message->regs =
				domain->vcpus[upcall->spec.vcpu].held.regs;
		return upcall;
	}
	return NULL;
}

static void put(struct gprobe_upcall *upcall)
{
	list_move(&upcall->node, &upcall->attachment->free_upcalls);
}

/* It is marked before it is sent: its reply may be there before we are back. */
static bool take_to_send(struct gprobe_domain *domain,
			 struct gprobe_upcall_message *message)
{
	struct gprobe_upcall *upcall;

	spin_lock_irq(&domain->event_lock);
	upcall = next_to_send(domain, message);
	if (upcall && upcall->state == GPROBE_UPCALL_UNSENT)
		upcall->state = GPROBE_UPCALL_SENT;
	else if (upcall)
		put(upcall);
	spin_unlock_irq(&domain->event_lock);
	return upcall;
}

static struct gprobe_upcall *find(const struct gprobe_domain *domain, u64 seq)
{
	struct gprobe_upcall *upcall;

	list_for_each_entry(upcall, &domain->upcalls, node)
		if (upcall->seq == seq)
			return upcall;
	return NULL;
}

static void not_sent(struct gprobe_domain *domain, u64 seq)
{
	struct gprobe_upcall *upcall;

	spin_lock_irq(&domain->event_lock);
	upcall = find(domain, seq);
	if (upcall && upcall->state == GPROBE_UPCALL_SENT)
		upcall->state = GPROBE_UPCALL_RETRY;
	spin_unlock_irq(&domain->event_lock);
}

static void send_all(struct tasklet_struct *tasklet)
{
	struct gprobe_domain *domain = from_tasklet(domain, tasklet,
						    upcall_tasklet);
	struct gprobe_upcall_message message;

	while (take_to_send(domain, &message))
		if (gprobe_netlink_upcall(&message))
			not_sent(domain, message.seq);
}

/* --- waited for --- */

static void let_go(struct gprobe_domain *domain, struct gprobe_vcpu *vcpu)
{
	gprobe_verdict_do(domain, vcpu);
	domain->owes = true;
	gprobe_ring_answer(&domain->ring, &vcpu->held.event,
			   &vcpu->held.answer);
	gprobe_ring_notify(&domain->ring);
	gprobe_poll_answered(domain);
}

static void trace_hit(const struct gprobe_domain *domain,
		      const struct gprobe_upcall *upcall, u64 replied_ns)
{
	const struct gprobe_upcall_spec *spec = &upcall->spec;
	const struct gprobe_vcpu *vcpu = &domain->vcpus[spec->vcpu];

	trace_gprobe_hit(domain->xen.domid, spec->vcpu,
			 upcall->attachment->session->portid, spec->claim,
			 spec->cookie, spec->view, spec->gfn,
			 vcpu->held.event.rip, vcpu->held.event.cr3,
			 gprobe_clock_between(vcpu->held.time_ns, replied_ns),
			 vcpu->held.event.gpr[GPROBE_XEN_RSP],
			 vcpu->held.time_ns);
}

static void finish(struct gprobe_domain *domain, struct gprobe_upcall *upcall)
{
	struct gprobe_vcpu *vcpu = &domain->vcpus[upcall->spec.vcpu];
	u64 replied_ns = gprobe_clock_ns();

	if (!--vcpu->nr_upcalls && !domain->gone)
		let_go(domain, vcpu);
	if (upcall->spec.reason == GPROBE_UPCALL_REASON_HIT &&
	    trace_gprobe_hit_enabled())
		trace_hit(domain, upcall, replied_ns);
}

static void look_after(struct gprobe_domain *domain)
{
	struct gprobe_upcall *upcall;

	list_for_each_entry(upcall, &domain->upcalls, node) {
		if (upcall->state == GPROBE_UPCALL_RETRY)
			upcall->state = GPROBE_UPCALL_UNSENT;
		if (upcall->state == GPROBE_UPCALL_TIMED_OUT ||
		    time_before(jiffies, upcall->deadline))
			continue;
		upcall->state = GPROBE_UPCALL_TIMED_OUT;
		domain->stats.upcall_timeouts++;
		finish(domain, upcall);
	}
}

static void watchdog(struct timer_list *timer)
{
	struct gprobe_domain *domain = from_timer(domain, timer, upcall_timer);

	spin_lock_irq(&domain->event_lock);
	look_after(domain);
	if (!list_empty(&domain->upcalls)) {
		tasklet_schedule(&domain->upcall_tasklet);
		mod_timer(&domain->upcall_timer, jiffies + PERIOD);
	}
	spin_unlock_irq(&domain->event_lock);
}

/**
 * gprobe_upcalls_start() - Be ready for upcalls.
 * @domain: no event of it is handled yet
 *
 * Context: Process.
 */
void gprobe_upcalls_start(struct gprobe_domain *domain)
{
	INIT_LIST_HEAD(&domain->upcalls);
	tasklet_setup(&domain->upcall_tasklet, send_all);
	timer_setup(&domain->upcall_timer, watchdog, 0);
}

/**
 * gprobe_upcalls_stop() - Send no more, wait no more.
 * @domain: it has no upcalls, and none comes any more
 *
 * Context: Process, may sleep.
 */
void gprobe_upcalls_stop(struct gprobe_domain *domain)
{
	/* Each may start the other: the timer not again without upcalls. */
	del_timer_sync(&domain->upcall_timer);
	tasklet_kill(&domain->upcall_tasklet);
}

/**
 * gprobe_upcalls_alloc() - Have room for a session's upcalls.
 * @attachment: the session's; it may have it already
 *
 * Context: Process, control lock held, may sleep.
 * Return: 0 or -ENOMEM.
 */
int gprobe_upcalls_alloc(struct gprobe_attachment *attachment)
{
	u32 nr = attachment->domain->nr_vcpus * UPCALLS_PER_VCPU;
	u32 i;

	if (attachment->upcalls)
		return 0;
	attachment->upcalls = kvcalloc(nr, sizeof(*attachment->upcalls),
				       GFP_KERNEL);
	if (!attachment->upcalls)
		return -ENOMEM;
	for (i = 0; i < nr; i++) {
		attachment->upcalls[i].attachment = attachment;
		list_add_tail(&attachment->upcalls[i].node,
			      &attachment->free_upcalls);
	}
	return 0;
}

/* Its session has no say any more. */
static void let_loose(struct gprobe_domain *domain,
		      struct gprobe_upcall *upcall)
{
	if (upcall->state != GPROBE_UPCALL_TIMED_OUT)
		finish(domain, upcall);
	put(upcall);
}

/* Whoever goes, or whose claim does, is told of no step. */
static void forget(struct gprobe_domain *domain,
		   const struct gprobe_attachment *attachment, u32 claim)
{
	struct gprobe_vcpu *vcpu;

	for (vcpu = domain->vcpus; vcpu < domain->vcpus + domain->nr_vcpus;
	     vcpu++) {
		if (vcpu->tell_step.attachment == attachment ||
		    vcpu->tell_step.spec.claim == claim)
			vcpu->tell_step.attachment = NULL;
		if (vcpu->held.by.attachment == attachment ||
		    vcpu->held.by.spec.claim == claim)
			vcpu->held.by.attachment = NULL;
	}
}

/**
 * gprobe_upcalls_release() - Nobody waits for a session any more.
 * @attachment: the session's; it watches nothing any more
 *
 * Context: Process, control lock held.
 */
void gprobe_upcalls_release(struct gprobe_attachment *attachment)
{
	struct gprobe_domain *domain = attachment->domain;
	struct gprobe_upcall *upcall, *next;

	spin_lock_irq(&domain->event_lock);
	list_for_each_entry_safe(upcall, next, &domain->upcalls, node) {
		if (upcall->attachment != attachment)
			continue;
		let_loose(domain, upcall);
	}
	forget(domain, attachment, 0);
	spin_unlock_irq(&domain->event_lock);
}

static bool is_of(const struct gprobe_upcall_spec *spec, u32 reason, u32 id)
{
	switch (spec->reason) {
	case GPROBE_UPCALL_REASON_TRAP:
		return reason == GPROBE_UPCALL_REASON_TRAP && spec->trap == id;
	case GPROBE_UPCALL_REASON_HIT:
	case GPROBE_UPCALL_REASON_STEP:
		return reason == GPROBE_UPCALL_REASON_HIT && spec->claim == id;
	default:
		return false;
	}
}

/**
 * gprobe_upcalls_drop() - Nobody waits for what is told of a claim or a trap.
 * @domain: the guest
 * @reason: GPROBE_UPCALL_REASON_HIT: a claim; GPROBE_UPCALL_REASON_TRAP: a trap
 * @id: its id
 *
 * Context: Event lock held.
 */
void gprobe_upcalls_drop(struct gprobe_domain *domain, u32 reason, u32 id)
{
	struct gprobe_upcall *upcall, *next;

	lockdep_assert_held(&domain->event_lock);
	list_for_each_entry_safe(upcall, next, &domain->upcalls, node)
		if (is_of(&upcall->spec, reason, id))
			let_loose(domain, upcall);
	if (reason == GPROBE_UPCALL_REASON_HIT)
		forget(domain, NULL, id);
}

/**
 * gprobe_upcalls_free() - The reverse of gprobe_upcalls_alloc().
 * @attachment: the session's; nobody waits for it
 *
 * Context: Process, control lock held, may sleep.
 */
void gprobe_upcalls_free(struct gprobe_attachment *attachment)
{
	kvfree(attachment->upcalls);
}

/**
 * gprobe_upcall_raise() - Tell a session; the vCPU is to wait for it.
 * @attachment: whom
 * @spec: what
 *
 * Where there are too many already it is lost, and counted.
 *
 * Context: Event lock held.
 * Return: false: it is lost.
 */
bool gprobe_upcall_raise(struct gprobe_attachment *attachment,
			 const struct gprobe_upcall_spec *spec)
{
	unsigned int ms = min_t(unsigned int, READ_ONCE(upcall_timeout_ms),
				TIMEOUT_MAX_MS);
	struct gprobe_domain *domain = attachment->domain;
	struct gprobe_upcall *upcall;

	lockdep_assert_held(&domain->event_lock);
	upcall = list_first_entry_or_null(&attachment->free_upcalls,
					  struct gprobe_upcall, node);
	if (!upcall) {
		domain->stats.lost++;
		return false;
	}
	upcall->spec = *spec;
	upcall->seq = ++domain->upcall_seq;
	upcall->deadline = jiffies + msecs_to_jiffies(ms) + 1;
	upcall->state = GPROBE_UPCALL_UNSENT;
	list_move_tail(&upcall->node, &domain->upcalls);
	domain->vcpus[spec->vcpu].nr_upcalls++;
	domain->stats.upcalls++;
	if (!timer_pending(&domain->upcall_timer))
		mod_timer(&domain->upcall_timer, jiffies + PERIOD);
	tasklet_schedule(&domain->upcall_tasklet);
	return true;
}

/**
 * gprobe_upcall_waits() - Does a vCPU wait for what is told of an entry?
 * @domain: the guest
 * @gfn: its page
 * @index: the entry
 *
 * Context: Event lock held.
 * Return: true if one does.
 */
bool gprobe_upcall_waits(const struct gprobe_domain *domain, u64 gfn, u32 index)
{
	const struct gprobe_upcall *upcall;

	list_for_each_entry(upcall, &domain->upcalls, node)
		if (upcall->spec.reason == GPROBE_UPCALL_REASON_TABLE &&
		    upcall->spec.gfn == gfn && upcall->spec.index == index &&
		    upcall->state != GPROBE_UPCALL_TIMED_OUT)
			return true;
	return false;
}

/**
 * gprobe_upcall_hold() - Keep an answer until all upcalls are replied to.
 * @domain: the guest
 * @event: of a vCPU for which upcalls were raised; copied
 * @answer: its answer; copied
 *
 * Context: Event lock held.
 */
void gprobe_upcall_hold(struct gprobe_domain *domain,
			const struct gprobe_event *event,
			const struct gprobe_answer *answer)
{
	struct gprobe_vcpu *vcpu = &domain->vcpus[event->vcpu];

	lockdep_assert_held(&domain->event_lock);
	vcpu->held.event = *event;
	/* Its slot of the ring is another event's by then. */
	vcpu->held.event.slot = NULL;
	vcpu->held.answer = *answer;
	vcpu->held.verdict.kind = GPROBE_VERDICT_CONTINUE;
	vcpu->held.by.attachment = NULL;
}

/* One of this session's that a vCPU still waits for. */
static struct gprobe_upcall *find_of(const struct gprobe_attachment *attachment,
				     u64 seq)
{
	struct gprobe_upcall *upcall = find(attachment->domain, seq);

	return upcall && upcall->attachment == attachment &&
	       upcall->state != GPROBE_UPCALL_TIMED_OUT ? upcall : NULL;
}

/**
 * gprobe_upcall_view() - The view that a waiting vCPU is in.
 * @attachment: the session's
 * @seq: the upcall
 *
 * Context: Process, control lock held, without which it does not change.
 * Return: Xen's number; -ENOENT the session has no such upcall.
 */
int gprobe_upcall_view(struct gprobe_attachment *attachment, u64 seq)
{
	struct gprobe_domain *domain = attachment->domain;
	struct gprobe_upcall *upcall;
	int view = -ENOENT;

	spin_lock_irq(&domain->event_lock);
	upcall = find_of(attachment, seq);
	if (upcall)
		view = gprobe_vcpu_view(domain,
					&domain->vcpus[upcall->spec.vcpu]);
	spin_unlock_irq(&domain->event_lock);
	return view;
}

/**
 * gprobe_upcall_reply() - A session has seen to it.
 * @attachment: the session's
 * @seq: the upcall
 * @verdict: how the vCPU is to go on
 * @extack: says why not
 *
 * Context: Process, control lock held.
 * Return: 0; -ENOENT it has no such upcall; see gprobe_verdict_check().
 */
int gprobe_upcall_reply(struct gprobe_attachment *attachment, u64 seq,
			const struct gprobe_verdict *verdict,
			struct netlink_ext_ack *extack)
{
	struct gprobe_domain *domain = attachment->domain;
	struct gprobe_upcall *upcall;
	int ret = -ENOENT;

	spin_lock_irq(&domain->event_lock);
	upcall = find_of(attachment, seq);
	if (upcall)
		ret = gprobe_verdict_check(domain, upcall, verdict, extack);
	else
		NL_SET_ERR_MSG(extack, "no vCPU waits for this reply: it was given, or came too late");
	if (!ret) {
		gprobe_verdict_give(domain, upcall, verdict);
		finish(domain, upcall);
		put(upcall);
	}
	spin_unlock_irq(&domain->event_lock);
	return ret;
}
