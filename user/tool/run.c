// SPDX-License-Identifier: GPL-2.0
#include "run.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "clock.h"
#include "hits.h"
#include "number.h"
#include "say.h"

/* A COMMAND may well be what ends the guest: let it finish by itself. */
#define GRACE_NS	(2 * NUMBER_NS_PER_S)

static int open_signals(struct run *run)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGWINCH);
	/* Scripts start background jobs with some of them ignored. */
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_BLOCK, &set, &run->old_mask);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/**
 * run_open() - Get ready; from here on signals wait for the run.
 * @run: its target attached, its COMMAND started; for run_close()
 *
 * Return: the exit status.
 */
int run_open(struct run *run)
{
	int source;

	run->fds[RUN_SIGNALS] = open_signals(run);
	/* Known once it is to be waited for. */
	run->fds[RUN_INPUT] = run->fds[RUN_SIGNALS];
	for (source = RUN_INTERVAL; source <= RUN_DEADLINE; source++)
		run->fds[source] = timerfd_create(CLOCK_MONOTONIC,
						  TFD_CLOEXEC | TFD_NONBLOCK);
	for (source = 0; source < RUN_SOURCES; source++)
		if (run->fds[source] < 0)
			return say(STATUS_FAILED,
				   "signals and timers cannot be read: %s",
				   strerror(errno));
	return STATUS_DONE;
}

/* First at @first_ns of the clock, then again and again; 0: never. */
static void set_timer(const struct run *run, int source,
		      uint64_t first_ns, uint64_t again_ns)
{
	const struct itimerspec when = {
		.it_value = { first_ns / NUMBER_NS_PER_S,
			      first_ns % NUMBER_NS_PER_S },
		.it_interval = { again_ns / NUMBER_NS_PER_S,
				 again_ns % NUMBER_NS_PER_S },
	};

	timerfd_settime(run->fds[source], TFD_TIMER_ABSTIME, &when, NULL);
}

/**
 * run_start() - The time starts.
 * @run: opened
 */
void run_start(struct run *run)
{
	run->start_ns = clock_now_ns(CLOCK_MONOTONIC);
	if (run->interval_ns)
		set_timer(run, RUN_INTERVAL,
			  run->start_ns + run->interval_ns, run->interval_ns);
	if (run->duration_ns)
		set_timer(run, RUN_DEADLINE,
			  run->start_ns + run->duration_ns, 0);
}

static void stop_clock(struct run *run)
{
	if (!run->elapsed_ns)
		run->elapsed_ns = clock_now_ns(CLOCK_MONOTONIC) - run->start_ns;
	set_timer(run, RUN_INTERVAL, 0, 0);
}

static void end(struct run *run)
{
	stop_clock(run);
	run->done = true;
}

static void on_input(struct run *run)
{
	run->status = run->on_input(run->arg);
	if (run->status)
		end(run);
}

static void on_signal(struct run *run,
		      const struct signalfd_siginfo *info)
{
	if (info->ssi_signo == SIGCHLD) {
		if (run->workload && workload_ended(run->workload))
			end(run);
	} else if (info->ssi_signo == SIGWINCH) {
		if (run->on_input)
			on_input(run);
	} else if (!run->workload) {
		end(run);
	} else if (info->ssi_code <= 0) {
		/* A process sent it, to us alone. A terminal tells all. */
		workload_signal(run->workload, info->ssi_signo);
	}
}

static void on_signals(struct run *run)
{
	struct signalfd_siginfo info;

	while (read(run->fds[RUN_SIGNALS], &info, sizeof(info)) ==
	       sizeof(info))
		on_signal(run, &info);
}

static bool any_alive(const struct run *run)
{
	const struct target *target = run->target;

	while (target && target->is_dead)
		target = target->beside;
	return target;
}

static void on_monitor(struct run *run, struct target *target)
{
	if (!target->ops->died(target) || target->is_dead)
		return;
	target->is_dead = true;
	target->died_ns = clock_now_ns(CLOCK_MONOTONIC) - run->start_ns;
	if (any_alive(run))
		return;
	run->died = true;
	stop_clock(run);
	if (run->workload)
		set_timer(run, RUN_DEADLINE,
			  clock_now_ns(CLOCK_MONOTONIC) + GRACE_NS, 0);
	else
		run->done = true;
}

/* False: it was stopped after poll() had seen it. */
static bool has_expired(const struct run *run, int source)
{
	uint64_t times;

	return read(run->fds[source], &times, sizeof(times)) == sizeof(times);
}

static void on_interval(struct run *run)
{
	uint64_t elapsed_ns;

	if (!has_expired(run, RUN_INTERVAL))
		return;
	elapsed_ns = clock_now_ns(CLOCK_MONOTONIC) - run->start_ns;
	/* The end tells of it: no interval of nothing is to follow. */
	if (run->duration_ns && elapsed_ns >= run->duration_ns) {
		end(run);
		return;
	}
	run->status = run->on_interval(run->arg, elapsed_ns);
	if (run->status)
		end(run);
}

static void on_deadline(struct run *run)
{
	if (!has_expired(run, RUN_DEADLINE))
		return;
	if (run->workload)
		workload_signal(run->workload, SIGTERM);
	else
		end(run);
}

static void on_source(struct run *run, int source)
{
	switch (source) {
	case RUN_SIGNALS:
		on_signals(run);
		break;
	case RUN_INPUT:
		on_input(run);
		break;
	case RUN_INTERVAL:
		on_interval(run);
		break;
	case RUN_DEADLINE:
		on_deadline(run);
		break;
	}
}

/**
 * run_stop() - End it, though a COMMAND first ends by itself.
 * @run: started
 */
void run_stop(struct run *run)
{
	if (!run->workload)
		end(run);
}

/* First of all: vCPUs wait. That may give hits, too. */
static void serve(struct run *run, int *wait_ms)
{
	struct target *target = run->target;
	bool more;

	*wait_ms = -1;
	for (; target && !run->status; target = target->beside) {
		more = false;
		if (!target->is_dead)
			run->status = target->ops->serve(target, &more);
		if (more)
			*wait_ms = 0;
	}
	if (!run->status && run->on_hits)
		run->status = run->on_hits(run->arg, wait_ms);
	if (run->status)
		end(run);
}

/* --- what is waited for --- */

/* Of each guest: its monitor first. */
enum { PER_TARGET = 3 };

static void add_poll(struct pollfd *polls, nfds_t *nr, int fd)
{
	polls[(*nr)++] = (struct pollfd){ .fd = fd, .events = POLLIN };
}

static nfds_t set_polls(const struct run *run, struct pollfd *polls)
{
	const struct target *target = run->target;
	nfds_t nr = 0;
	int source;

	for (source = 0; source < RUN_SOURCES; source++)
		add_poll(polls, &nr, run->fds[source]);
	for (; target; target = target->beside) {
		add_poll(polls, &nr, target->is_dead ? -1 : target->monitor_fd);
		add_poll(polls, &nr, target->is_dead ? -1 : target->fd);
		add_poll(polls, &nr,
			 target->hits ? hits_fd(target->hits) : -1);
	}
	return nr;
}

static void on_polls(struct run *run, const struct pollfd *polls)
{
	const struct pollfd *of_target = polls + RUN_SOURCES;
	struct target *target = run->target;
	int source;

	for (; target; target = target->beside, of_target += PER_TARGET)
		if (of_target->revents && !run->done)
			on_monitor(run, target);
	for (source = 0; source < RUN_SOURCES; source++)
		if (polls[source].revents && !run->done)
			on_source(run, source);
}

/**
 * run_wait() - Wait for the end, and serve intervals and hits meanwhile.
 * @run: started, its targets armed; so is its COMMAND
 *
 * Return: the exit status, that of a callback if it was one that failed.
 */
int run_wait(struct run *run)
{
	struct pollfd polls[RUN_SOURCES + PER_TARGET * TARGETS_MAX];
	nfds_t nr;
	int wait_ms;

	run->fds[RUN_INPUT] = run->on_input ? STDIN_FILENO : -1;
	/* It may have ended before signals were read. */
	if (run->workload && workload_ended(run->workload))
		end(run);
	while (!run->done) {
		serve(run, &wait_ms);
		nr = set_polls(run, polls);
		if (!run->done && poll(polls, nr, wait_ms) >= 0)
			on_polls(run, polls);
	}
	return run->status;
}

/**
 * run_close() - Signals do again what they did.
 * @run: opened, even if that failed
 *
 * One that came while the run was ending is dropped: ^C twice in a row still
 * shows the figures.
 */
void run_close(struct run *run)
{
	struct signalfd_siginfo info;

	while (read(run->fds[RUN_SIGNALS], &info, sizeof(info)) > 0)
		;
	sigprocmask(SIG_SETMASK, &run->old_mask, NULL);
	close(run->fds[RUN_SIGNALS]);
	close(run->fds[RUN_INTERVAL]);
	close(run->fds[RUN_DEADLINE]);
}
