// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "domain.h"

#include <linux/delay.h>
#include <linux/err.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <asm/msr.h>

#include "dispatch.h"
#include "multi.h"
#include "netlink.h"
#include "session.h"
#include "site.h"
#include "trace.h"
#include "upcall.h"
#include "version.h"
#include "view.h"
#include "watch.h"
#include "xen_abi.h"

/*
 * For how long the guest runs to let vCPUs leave that wait inside Xen for a free
 * slot: each time twice as long, two seconds together. Where many vCPUs share a
 * few CPUs, a moment is not enough for one of them to get its turn.
 */
#define DRAIN_MIN_US 500
#define DRAIN_MAX_US (1024 * 1024)

/* How often vCPUs that are to run once more are looked after, each 500 us. */
#define RUN_TRIES 100
/* How often a guest is paused to find all its vCPUs at no event. */
#define SETTLE_TRIES 16

DEFINE_MUTEX(gprobe_control_mutex);
DEFINE_IDR(gprobe_domains);

static const u32 monitors[] = {
	/* Fast single-step needs it before Xen 4.19. */
	GPROBE_XEN_MONITOR_SINGLESTEP,
	GPROBE_XEN_MONITOR_BREAKPOINT,
	/* Else an emulation that Xen cannot do gives the guest a #UD. */
	GPROBE_XEN_MONITOR_EMUL_UNIMPL,
};

/**
 * gprobe_domain_find() - Find the attached live guest of a domid.
 * @domid: Xen's number
 *
 * Context: Process, control lock held.
 * Return: the domain or NULL.
 */
struct gprobe_domain *gprobe_domain_find(u32 domid)
{
	struct gprobe_domain *domain;
	int serial;

	lockdep_assert_held(&gprobe_control_mutex);
	idr_for_each_entry(&gprobe_domains, domain, serial)
		if (domain->xen.domid == domid && !domain->gone)
			return domain;
	return NULL;
}

static void nothing_to_do(struct timer_list *timer)
{
}

/*
 * An idle CPU stops its tick, and where hits come one after another that costs
 * more than the hit. It does not when a timer is due at the next tick.
 */
static void keep_tick(struct gprobe_domain *domain)
{
	mod_timer(&domain->awake, jiffies + 1);
}

static irqreturn_t handle_events(int irq, void *cookie)
{
	struct gprobe_domain *domain = cookie;
	u64 came = rdtsc();
	unsigned int nr;

	spin_lock(&domain->event_lock);
	nr = gprobe_dispatch(domain);
	if (nr)
		gprobe_poll_after(domain, came);
	spin_unlock(&domain->event_lock);
	if (nr)
		keep_tick(domain);
	return IRQ_HANDLED;
}

static int check_guest(struct gprobe_domain *domain,
		       struct netlink_ext_ack *extack)
{
	struct gprobe_xen_info info;
	u64 altp2m = 0;
	int ret = gprobe_xen_info(&domain->xen, &info);

	if (ret == -ESRCH) {
		NL_SET_ERR_MSG(extack, "no such domain");
		ret = -ENOENT;
	}
	if (ret)
		return ret;
	if (info.dying) {
		NL_SET_ERR_MSG(extack, "the domain is dying");
		return -ESHUTDOWN;
	}
	if (!info.hvm) {
		NL_SET_ERR_MSG(extack, "not an HVM or PVH guest");
		return -EOPNOTSUPP;
	}
	domain->nr_vcpus = info.nr_vcpus;
	ret = gprobe_xen_param(&domain->xen, GPROBE_XEN_PARAM_ALTP2M, &altp2m);
	if (ret)
		return ret;
	if (!altp2m) {
		NL_SET_ERR_MSG(extack, "the guest has no altp2m: its xl configuration needs altp2m=\"external\"");
		return -EOPNOTSUPP;
	}
	return 0;
}

static int altp2m_on(struct gprobe_domain *domain,
		     struct netlink_ext_ack *extack)
{
	int ret = gprobe_xen_altp2m_state(&domain->xen, &domain->altp2m_was_on);

	if (!ret && !domain->altp2m_was_on)
		ret = gprobe_xen_altp2m_set_state(&domain->xen, true);
	if (ret == -EOPNOTSUPP || ret == -EINVAL) {
		NL_SET_ERR_MSG(extack, "Xen has no altp2m: boot it with altp2m=1 on a CPU with EPT");
		ret = -EOPNOTSUPP;
	}
	return ret;
}

static void altp2m_off(struct gprobe_domain *domain)
{
	if (!domain->altp2m_was_on)
		gprobe_xen_altp2m_set_state(&domain->xen, false);
}

static void monitors_off(struct gprobe_domain *domain)
{
	struct gprobe_xen_monitor_op op = {};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(monitors); i++) {
		op.event = monitors[i];
		gprobe_xen_monitor_off(&domain->xen, &op);
	}
}

static int monitors_on(struct gprobe_domain *domain)
{
	struct gprobe_xen_monitor_op op = {};
	unsigned int i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(monitors); i++) {
		op.event = monitors[i];
		ret = gprobe_xen_monitor_on(&domain->xen, &op);
		/* -EEXIST: a dead agent left it on; it goes off with ours. */
		if (ret && ret != -EEXIST) {
			monitors_off(domain);
			return ret;
		}
	}
	return 0;
}

static int steps_off(struct gprobe_domain *domain)
{
	u32 vcpu;
	int ret = 0;

	for (vcpu = 0; vcpu < domain->nr_vcpus; vcpu++)
		ret = gprobe_xen_step_off(&domain->xen, vcpu) ?: ret;
	return ret;
}

static int tap_on(struct gprobe_domain *domain)
{
	int ret;

	domain->tap = gprobe_view_new(domain, NULL);
	if (IS_ERR(domain->tap))
		return PTR_ERR(domain->tap);
	ret = gprobe_view_switch(domain, domain->tap);
	if (ret)
		gprobe_view_del(domain->tap, false);
	return ret;
}

static irqreturn_t ignore_events(int irq, void *cookie)
{
	return IRQ_HANDLED;
}

/*
 * A vCPU whose event a dead agent took goes on by any answer, in view 0. They
 * are answered in a ring of their own: it is no longer in step after that.
 */
static int free_vcpus(struct gprobe_domain *domain)
{
	const struct gprobe_answer answer = {
		.flags = GPROBE_XEN_EV_ALTERNATE_P2M,
	};
	struct gprobe_event event = { .flags = GPROBE_XEN_EV_VCPU_PAUSED };
	struct gprobe_ring ring = {};
	int ret;

	ret = gprobe_ring_open(&ring, &domain->xen, ignore_events, domain);
	if (ret)
		return ret;
	for (; event.vcpu < domain->nr_vcpus; event.vcpu++) {
		gprobe_ring_answer(&ring, &event, &answer);
		gprobe_ring_notify(&ring);
	}
	ret = gprobe_ring_disable(&ring, &domain->xen);
	gprobe_ring_close(&ring, &domain->xen, false);
	return ret;
}

/* What a dead agent has left; whether it is dead the caller knows. */
static int take_over(struct gprobe_domain *domain,
		     struct netlink_ext_ack *extack)
{
	bool views;
	int ret;

	ret = gprobe_xen_ring_disable(&domain->xen);
	if (ret == -EBUSY) {
		NL_SET_ERR_MSG(extack, "more vCPUs wait for the dead agent than its ring holds: they cannot be freed");
		return ret;
	}
	ret = gprobe_xen_altp2m_state(&domain->xen, &views);
	if (!ret && views)
		ret = gprobe_xen_altp2m_set_state(&domain->xen, false);
	return ret ?: free_vcpus(domain);
}

/* From here on the guest can know; the reverse is give_back(). */
static int take(struct gprobe_domain *domain, bool from_dead,
		struct netlink_ext_ack *extack)
{
	int ret = gprobe_xen_pause(&domain->xen);

	if (ret)
		return ret;
	ret = from_dead ? take_over(domain, extack) : 0;
	if (ret)
		goto err_unpause;
	ret = altp2m_on(domain, extack);
	if (ret)
		goto err_unpause;
	ret = gprobe_ring_open(&domain->ring, &domain->xen, handle_events,
			       domain);
	if (ret == -EBUSY)
		NL_SET_ERR_MSG(extack, "another agent owns the guest's monitor ring: stop it first, or take over from it if it is dead");
	if (ret)
		goto err_altp2m;
	ret = monitors_on(domain);
	if (ret)
		goto err_ring;
	/* A dead agent may have left a vCPU stepping. */
	ret = steps_off(domain);
	if (ret)
		goto err_monitors;
	ret = tap_on(domain);
	if (ret)
		goto err_monitors;
	gprobe_poll_start(domain);
	gprobe_xen_unpause(&domain->xen);
	return 0;

err_monitors:
	monitors_off(domain);
err_ring:
	gprobe_ring_disable(&domain->ring, &domain->xen);
	gprobe_ring_close(&domain->ring, &domain->xen, false);
err_altp2m:
	altp2m_off(domain);
err_unpause:
	gprobe_xen_unpause(&domain->xen);
	return ret;
}

static struct gprobe_domain *domain_alloc(const struct gprobe_attach_spec *spec)
{
	struct gprobe_domain *domain = kzalloc(sizeof(*domain), GFP_KERNEL);
	unsigned int i;

	if (!domain)
		return NULL;
	domain->xen.domid = spec->domid;
	domain->xen.domctl_version = spec->domctl_version;
	spin_lock_init(&domain->event_lock);
	timer_setup(&domain->awake, nothing_to_do, TIMER_PINNED);
	gprobe_upcalls_start(domain);
	gprobe_shadow_pool_init(&domain->pool);
	INIT_LIST_HEAD(&domain->views);
	INIT_LIST_HEAD(&domain->attachments);
	INIT_LIST_HEAD(&domain->unused_frames);
	for (i = 0; i < ARRAY_SIZE(domain->traps); i++)
		INIT_LIST_HEAD(&domain->traps[i]);
	domain->serial = idr_alloc_cyclic(&gprobe_domains, domain, 1, 0,
					  GFP_KERNEL);
	if (domain->serial < 0)
		goto err_free;
	domain->multi = kvmalloc(sizeof(*domain->multi), GFP_KERNEL);
	if (!domain->multi)
		goto err_serial;
	if (gprobe_map_alloc(&domain->peek))
		goto err_multi;
	return domain;

err_multi:
	kvfree(domain->multi);
err_serial:
	idr_remove(&gprobe_domains, domain->serial);
err_free:
	kfree(domain);
	return NULL;
}

/* The handler, which sets the timer, is unbound or never was bound. */
static void domain_free(struct gprobe_domain *domain)
{
	del_timer_sync(&domain->awake);
	gprobe_upcalls_stop(domain);
	gprobe_map_free(&domain->peek);
	gprobe_table_free(&domain->sites);
	gprobe_table_free(&domain->frames);
	gprobe_table_free(&domain->watches);
	idr_remove(&gprobe_domains, domain->serial);
	kvfree(domain->multi);
	kvfree(domain->vcpus);
	kfree(domain);
}

/**
 * gprobe_domain_attach() - Take a guest's ring and views.
 * @spec: which one, not attached yet, and how
 * @extack: says why not
 *
 * Context: Process, control lock held, may sleep.
 * Return: the domain, with no session yet; ERR_PTR: the guest is as before.
 * -EACCES the caller expects another Xen, -ENOENT no such domain, -ESHUTDOWN dying,
 * -EOPNOTSUPP no altp2m, -EBUSY another agent owns the ring. What a failed take-over
 * has freed stays free.
 */
struct gprobe_domain *
gprobe_domain_attach(const struct gprobe_attach_spec *spec,
		     struct netlink_ext_ack *extack)
{
	struct gprobe_domain *domain;
	int ret;

	lockdep_assert_held(&gprobe_control_mutex);
	if (spec->domctl_version != gprobe_version_domctl()) {
		gprobe_version_say(extack);
		return ERR_PTR(-EACCES);
	}
	domain = domain_alloc(spec);
	if (!domain)
		return ERR_PTR(-ENOMEM);
	ret = check_guest(domain, extack);
	if (ret)
		goto err_free;
	domain->vcpus = kvcalloc(domain->nr_vcpus, sizeof(*domain->vcpus),
				 GFP_KERNEL);
	if (!domain->vcpus) {
		ret = -ENOMEM;
		goto err_free;
	}
	ret = take(domain, spec->take_over, extack);
	if (ret)
		goto err_free;
	trace_gprobe_attach(spec->domid, domain->nr_vcpus, domain->tap->id);
	return domain;

err_free:
	trace_gprobe_error(spec->domid, ret);
	domain_free(domain);
	return ERR_PTR(ret);
}

/*
 * A vCPU that waits inside Xen for a free slot keeps the ring from being
 * disabled, and must run to leave its place. It comes out in view 0, where
 * none of our INT3s are.
 */
static void drain(struct gprobe_domain *domain)
{
	unsigned long us = DRAIN_MIN_US;

	for (;; us *= 2) {
		spin_lock_irq(&domain->event_lock);
		gprobe_dispatch(domain);
		spin_unlock_irq(&domain->event_lock);
		if (gprobe_ring_disable(&domain->ring, &domain->xen) != -EBUSY)
			return;
		if (us > DRAIN_MAX_US)
			break;
		gprobe_xen_unpause(&domain->xen);
		usleep_range(us, us + us / 4);
		gprobe_xen_pause(&domain->xen);
	}
	pr_warn("domain %u: a vCPU does not leave the monitor ring\n",
		domain->xen.domid);
}

static bool has_run(struct gprobe_domain *domain, u32 vcpu)
{
	struct gprobe_xen_vcpu info;

	/* One that waits for a reply has gone on from all before. */
	return READ_ONCE(domain->vcpus[vcpu].nr_upcalls) ||
	       gprobe_xen_vcpu(&domain->xen, vcpu, &info) || info.idle ||
	       info.ran_ns > domain->vcpus[vcpu].ran_ns;
}

static bool have_all_run(struct gprobe_domain *domain)
{
	u32 vcpu;

	for (vcpu = 0; vcpu < domain->nr_vcpus; vcpu++)
		if (!has_run(domain, vcpu))
			return false;
	return true;
}

static void note_runs(struct gprobe_domain *domain)
{
	struct gprobe_xen_vcpu info = {};
	u32 vcpu;

	for (vcpu = 0; vcpu < domain->nr_vcpus; vcpu++) {
		gprobe_xen_vcpu(&domain->xen, vcpu, &info);
		domain->vcpus[vcpu].ran_ns = info.ran_ns;
	}
}

/* False: one of them has not, for as long as is waited. */
static bool wait_for_runs(struct gprobe_domain *domain)
{
	int tries = RUN_TRIES;

	while (!have_all_run(domain)) {
		if (!tries--)
			return false;
		usleep_range(500, 1000);
	}
	return true;
}

/* Returns what it was. */
static bool set_owes(struct gprobe_domain *domain, bool owes)
{
	spin_lock_irq(&domain->event_lock);
	swap(domain->owes, owes);
	spin_unlock_irq(&domain->event_lock);
	return owes;
}

/* Nobody waits for an answer, and all have done what theirs said. */
static bool is_settled(struct gprobe_domain *domain)
{
	bool settled;
	u32 i;

	spin_lock_irq(&domain->event_lock);
	settled = !domain->owes && !gprobe_ring_has_request(&domain->ring);
	for (i = 0; i < domain->nr_vcpus; i++)
		settled &= !domain->vcpus[i].nr_upcalls;
	spin_unlock_irq(&domain->event_lock);
	return settled;
}

/* An answer only says how its vCPU goes on: Xen does it when that next runs. */
static bool settle(struct gprobe_domain *domain)
{
	if (!set_owes(domain, false))
		return true;
	note_runs(domain);
	if (wait_for_runs(domain))
		return true;
	set_owes(domain, true);
	return false;
}

/**
 * gprobe_domain_pause_settled() - Pause a guest when no vCPU is at an event.
 * @domain: the guest, running
 *
 * From when an entry is taken out of a guest's memory, or of a view, each of its
 * vCPUs is once resumed without doing what the answer to its event said: that is done
 * at its next resume, wherever it is by then (vcpu_ioreq_handle_completion(), which
 * looks at mapcache_invalidate, in hvm_do_resume(); since Xen 4.15). So there must
 * be none that has an answer to come, or yet to do.
 *
 * Context: Process, control lock held, may sleep.
 * Return: 0; -EBUSY there is always one; or another negative errno. Then it is not
 * paused.
 */
int gprobe_domain_pause_settled(struct gprobe_domain *domain)
{
	int tries = SETTLE_TRIES;
	int ret;

	while (tries-- && settle(domain)) {
		ret = gprobe_xen_pause_to_undo(&domain->xen);
		if (ret)
			return ret;
		if (is_settled(domain))
			return 0;
		gprobe_xen_unpause(&domain->xen);
	}
	return -EBUSY;
}

/*
 * Registers that answers have set, and writes that they have not denied, are done
 * when their vCPU runs, and lost where the ring is disabled before. The guest is
 * paused, and is so again. A vCPU that somebody else keeps paused is not waited for
 * long.
 */
static void let_run(struct gprobe_domain *domain)
{
	if (!set_owes(domain, false))
		return;
	note_runs(domain);
	gprobe_xen_unpause(&domain->xen);
	wait_for_runs(domain);
	gprobe_xen_pause(&domain->xen);
}

static void delete_views(struct gprobe_domain *domain, bool dying)
{
	struct gprobe_view *view, *next;

	list_for_each_entry_safe(view, next, &domain->views, node)
		gprobe_view_del(view, dying);
	domain->tap = NULL;
	domain->active = NULL;
}

static void release_claims(struct gprobe_domain *domain)
{
	struct gprobe_claim *claim;
	int id;

	idr_for_each_entry(&gprobe_claims, claim, id)
		if (gprobe_claim_domain(claim) == domain)
			gprobe_claim_release(claim, true);
}

static void release_watches(struct gprobe_domain *domain)
{
	struct gprobe_attachment *attachment;

	list_for_each_entry(attachment, &domain->attachments, domain_node) {
		gprobe_watch_release(attachment, true);
		gprobe_upcalls_release(attachment);
	}
}

/*
 * Every foreign mapping of a dying guest goes at once, or it stays a zombie.
 * Its figures and claims stay for the sessions to read.
 */
static void die(struct gprobe_domain *domain)
{
	spin_lock_irq(&domain->event_lock);
	domain->gone = true;
	spin_unlock_irq(&domain->event_lock);
	gprobe_poll_stop(domain);
	gprobe_ring_close(&domain->ring, &domain->xen, true);
	gprobe_map_free(&domain->peek);
	release_claims(domain);
	release_watches(domain);
	delete_views(domain, true);
	gprobe_shadow_pool_free(&domain->pool, &domain->xen, true);
	trace_gprobe_detach(domain->xen.domid, true);
	gprobe_netlink_domain_detached(domain);
}

static bool is_dying(const struct gprobe_domain *domain)
{
	struct gprobe_xen_info info;
	int ret = gprobe_xen_info(&domain->xen, &info);

	return ret == -ESRCH || (!ret && info.dying);
}

/* The reverse of take(). */
static void give_back(struct gprobe_domain *domain)
{
	int not_paused = gprobe_xen_pause(&domain->xen);

	gprobe_poll_stop(domain);
	spin_lock_irq(&domain->event_lock);
	domain->draining = true;
	spin_unlock_irq(&domain->event_lock);
	gprobe_view_switch(domain, NULL);
	if (!not_paused)
		let_run(domain);
	/* Answers first: a toggle answered after this would set a step. */
	drain(domain);
	steps_off(domain);
	monitors_off(domain);
	/* No vCPU is in a view any more, so none is refused. */
	delete_views(domain, false);
	altp2m_off(domain);
	gprobe_shadow_pool_free(&domain->pool, &domain->xen, false);
	gprobe_ring_close(&domain->ring, &domain->xen, false);
	if (!not_paused)
		gprobe_xen_unpause(&domain->xen);
}

/**
 * gprobe_domain_detach() - Return a guest as it was found.
 * @domain: no session, claim or site left; not to be used after
 *
 * Who can still reach @domain: the handler, until gprobe_ring_close() has
 * unbound it; nobody else, since all other ways lead through a session.
 *
 * Context: Process, control lock held, may sleep.
 */
void gprobe_domain_detach(struct gprobe_domain *domain)
{
	lockdep_assert_held(&gprobe_control_mutex);
	if (!domain->gone && is_dying(domain))
		die(domain);
	if (!domain->gone) {
		give_back(domain);
		trace_gprobe_detach(domain->xen.domid, false);
		gprobe_netlink_domain_detached(domain);
	}
	domain_free(domain);
}

/**
 * gprobe_domain_check_deaths() - Let go of guests that are dying.
 *
 * Context: Process, may sleep; takes the control lock.
 */
void gprobe_domain_check_deaths(void)
{
	struct gprobe_domain *domain;
	int serial;

	mutex_lock(&gprobe_control_mutex);
	idr_for_each_entry(&gprobe_domains, domain, serial)
		if (!domain->gone && is_dying(domain))
			die(domain);
	mutex_unlock(&gprobe_control_mutex);
}
