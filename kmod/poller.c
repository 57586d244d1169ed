// SPDX-License-Identifier: GPL-2.0
#include "poller.h"

#include <linux/cpumask.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/wait.h>
#include <asm/msr.h>

#include "domain.h"
#include "poll.h"
#include "ring.h"

static int poll_cpu = -1;

/* The thread's life: a parameter is written before, while and after it is there. */
static DEFINE_MUTEX(setting_mutex);
static bool loaded;

/* The list, which the thread walks. */
static DEFINE_MUTEX(poller_mutex);
static LIST_HEAD(domains);

/* NULL: nobody is taken any more. Written under the setting mutex. */
static struct task_struct *thread;
static DECLARE_WAIT_QUEUE_HEAD(taken);
/* How many are. */
static atomic_t nr_taken = ATOMIC_INIT(0);

/* Its interrupts come again. */
static void leave(struct gprobe_domain *domain)
{
	gprobe_poll_leave(domain, domain->poll.found);
	spin_lock_irq(&domain->event_lock);
	domain->poll.taken = false;
	spin_unlock_irq(&domain->event_lock);
	atomic_dec(&nr_taken);
}

static void leave_all(void)
{
	struct gprobe_domain *domain;
	bool is_taken;

	mutex_lock(&poller_mutex);
	list_for_each_entry(domain, &domains, poll.entry) {
		/* With the lock: whoever has it may be taking. */
		spin_lock_irq(&domain->event_lock);
		is_taken = domain->poll.taken;
		spin_unlock_irq(&domain->event_lock);
		if (is_taken)
			leave(domain);
	}
	mutex_unlock(&poller_mutex);
}

static void visit(struct gprobe_domain *domain)
{
	if (!READ_ONCE(domain->poll.taken))
		return;
	if (gprobe_ring_has_request(&domain->ring))
		domain->poll.found += gprobe_poll_dispatch(domain);
	else if (gprobe_poll_is_over(domain))
		leave(domain);
}

static void visit_all(void)
{
	struct gprobe_domain *domain;

	mutex_lock(&poller_mutex);
	list_for_each_entry(domain, &domains, poll.entry)
		visit(domain);
	mutex_unlock(&poller_mutex);
}

/*
 * A guest whose event came while another task has the CPU would wait for all of
 * that task's time, so none is kept then: an interrupt does better.
 */
static int stay_awake(void *unused)
{
	while (!kthread_should_stop()) {
		if (!atomic_read(&nr_taken))
			wait_event_idle(taken, atomic_read(&nr_taken) ||
					kthread_should_stop());
		else if (need_resched())
			leave_all();
		else
			visit_all();
		cond_resched();
		cpu_relax();
	}
	return 0;
}

static int start(int cpu)
{
	struct task_struct *task;

	task = kthread_create(stay_awake, NULL, "gprobe-poll/%d", cpu);
	if (IS_ERR(task))
		return PTR_ERR(task);
	kthread_bind(task, cpu);
	wake_up_process(task);
	WRITE_ONCE(thread, task);
	return 0;
}

static void stop(void)
{
	struct task_struct *task = thread;

	if (!task)
		return;
	WRITE_ONCE(thread, NULL);
	kthread_stop(task);
	leave_all();
}

static int set_poll_cpu(const char *value, const struct kernel_param *param)
{
	int cpu, ret;

	ret = kstrtoint(value, 0, &cpu);
	if (ret)
		return ret;
	if (cpu != -1 && ((unsigned int)cpu >= nr_cpu_ids || !cpu_online(cpu)))
		return -EINVAL;
	mutex_lock(&setting_mutex);
	stop();
	if (loaded && cpu != -1)
		ret = start(cpu);
	poll_cpu = ret ? -1 : cpu;
	mutex_unlock(&setting_mutex);
	return ret;
}

static const struct kernel_param_ops poll_cpu_ops = {
	.set = set_poll_cpu,
	.get = param_get_int,
};

module_param_cb(poll_cpu, &poll_cpu_ops, &poll_cpu, 0644);
MODULE_PARM_DESC(poll_cpu, "this CPU waits for the events of guests whose events come faster than poll_us (-1: each CPU for those that came to it)");

/**
 * gprobe_poller_init() - Begin, if a CPU is named.
 *
 * Context: Module load.
 * Return: 0 or a negative errno.
 */
int gprobe_poller_init(void)
{
	int ret = 0;

	mutex_lock(&setting_mutex);
	if (poll_cpu != -1)
		ret = start(poll_cpu);
	loaded = !ret;
	mutex_unlock(&setting_mutex);
	return ret;
}

/**
 * gprobe_poller_exit() - End.
 *
 * Context: Module unload; no domain is left.
 */
void gprobe_poller_exit(void)
{
	mutex_lock(&setting_mutex);
	loaded = false;
	stop();
	mutex_unlock(&setting_mutex);
}

/**
 * gprobe_poller_add() - Make a domain known, whose events may be waited for.
 * @domain: its ring is open; until gprobe_poller_del()
 *
 * Context: Process, may sleep.
 */
void gprobe_poller_add(struct gprobe_domain *domain)
{
	mutex_lock(&poller_mutex);
	list_add_tail(&domain->poll.entry, &domains);
	mutex_unlock(&poller_mutex);
}

/**
 * gprobe_poller_del() - Forget a domain.
 * @domain: its ring is still open, and it is not taken any more from now on
 *
 * Context: Process, may sleep. Nobody looks at its ring when it returns.
 */
void gprobe_poller_del(struct gprobe_domain *domain)
{
	mutex_lock(&poller_mutex);
	list_del(&domain->poll.entry);
	if (domain->poll.taken)
		leave(domain);
	mutex_unlock(&poller_mutex);
}

/**
 * gprobe_poller_is_on() - Is there a CPU that waits for all?
 *
 * Context: Any.
 * Return: so it is.
 */
bool gprobe_poller_is_on(void)
{
	return READ_ONCE(thread);
}

/**
 * gprobe_poller_take() - Have the events of a domain waited for.
 * @domain: known, not taken
 *
 * Until it has none for a while, or the CPU is wanted, no interrupt tells of them.
 *
 * Context: Event lock held; the event channel's interrupt.
 * Return: false: there is no such CPU.
 */
bool gprobe_poller_take(struct gprobe_domain *domain)
{
	lockdep_assert_held(&domain->event_lock);
	if (!gprobe_poller_is_on())
		return false;
	domain->poll.found = 0;
	gprobe_channel_mask(&domain->ring.channel);
	WRITE_ONCE(domain->poll.taken, true);
	atomic_inc(&nr_taken);
	wake_up(&taken);
	return true;
}
