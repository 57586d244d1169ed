// SPDX-License-Identifier: GPL-2.0
#include "run.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "clock.h"
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
	run->fds[RUN_MONITOR] = run->target->monitor_fd;
	for (source = RUN_INTERVAL; source <= RUN_DEADLINE; source++)
		run->fds[source] = timerfd_create(CLOCK_MONOTONIC,
						  TFD_CLOEXEC | TFD_NONBLOCK);
	/* Known once the target is armed. */
	run->fds[RUN_UPCALLS] = run->fds[RUN_MONITOR];
	run->fds[RUN_HITS] = run->fds[RUN_MONITOR];
	run->fds[RUN_INPUT] = run->fds[RUN_MONITOR];
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

static void on_monitor(struct run *run)
{
	if (!run->target->ops->died(run->target) || run->died)
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
	if (!has_expired(run, RUN_INTERVAL))
		return;
	run->status = run->on_interval(run->arg, clock_now_ns(CLOCK_MONOTONIC) - run->start_ns);
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
	case RUN_MONITOR:
		on_monitor(run);
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
static void serve(struct run *run, bool *more)
{
	run->status = run->target->ops->serve(run->target, more);
	if (!run->status && run->on_hits)
		run->status = run->on_hits(run->arg);
	if (run->status)
		end(run);
}

/**
 * run_wait() - Wait for the end, and serve intervals and hits meanwhile.
 * @run: started, its target armed; so is its COMMAND
 *
 * Return: the exit status, that of a callback if it was one that failed.
 */
int run_wait(struct run *run)
{
	struct pollfd polls[RUN_SOURCES];
	bool more;
	int source;

	run->fds[RUN_UPCALLS] = run->target->fd;
	run->fds[RUN_HITS] = run->hits_fd;
	run->fds[RUN_INPUT] = run->on_input ? STDIN_FILENO : -1;
	for (source = 0; source < RUN_SOURCES; source++)
		polls[source] = (struct pollfd){ .fd = run->fds[source],
						 .events = POLLIN };
	/* It may have ended before signals were read. */
	if (run->workload && workload_ended(run->workload))
		end(run);
	while (!run->done) {
		serve(run, &more);
		if (run->done || poll(polls, RUN_SOURCES, more ? 0 : -1) < 0)
			continue;
		for (source = 0; source < RUN_SOURCES; source++)
			if (polls[source].revents && !run->done)
				on_source(run, source);
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
