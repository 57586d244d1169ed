// SPDX-License-Identifier: GPL-2.0
/* run_wait(): it ends as soon as there is a reason, also without an event. */
#include "../../user/tool/run.h"

#include <unistd.h>

#include "unit.h"

struct lab {
	struct target target;
	struct run run;
	int fds[2];
	int serve_status, hits_status;
	unsigned int nr_serves, nr_hits;
	bool stop;
	/* Of another guest, whose end tells of its death. */
	struct target other;
	int other_fds[2];
	unsigned int nr_other_serves;
};

static struct lab lab;

static int serve(struct target *target, bool *more)
{
	*more = false;
	if (target == &lab.other) {
		lab.nr_other_serves++;
		return 0;
	}
	lab.nr_serves++;
	return lab.serve_status;
}

static bool died(struct target *target)
{
	char byte;

	return target == &lab.other && read(lab.other_fds[0], &byte, 1) == 1;
}

static int on_hits(void *arg, int *wait_ms)
{
	(void)arg;
	(void)wait_ms;
	lab.nr_hits++;
	if (lab.stop)
		run_stop(&lab.run);
	return lab.hits_status;
}

/* A guest in which nothing happens. */
static void set_up(void)
{
	static const struct target_ops ops = { .serve = serve, .died = died };

	ck_assert_int_eq(pipe(lab.fds), 0);
	lab.target.ops = &ops;
	lab.target.fd = lab.fds[0];
	lab.target.monitor_fd = lab.fds[0];
	lab.run.target = &lab.target;
	lab.run.on_hits = on_hits;
	ck_assert_int_eq(run_open(&lab.run), 0);
	run_start(&lab.run);
}

static void tear_down(void)
{
	run_close(&lab.run);
	close(lab.fds[0]);
	close(lab.fds[1]);
}

START_TEST(the_last_hit_that_is_wanted_ends_it)
{
	set_up();
	lab.stop = true;
	ck_assert_int_eq(run_wait(&lab.run), 0);
	ck_assert_uint_eq(lab.nr_hits, 1);
	ck_assert_uint_gt(lab.run.elapsed_ns, 0);
	tear_down();
}
END_TEST

START_TEST(a_failure_ends_it)
{
	set_up();
	lab.serve_status = 1;
	ck_assert_int_eq(run_wait(&lab.run), 1);
	ck_assert_uint_eq(lab.nr_serves, 1);
	ck_assert_uint_eq(lab.nr_hits, 0);
	tear_down();
}
END_TEST

START_TEST(hits_that_cannot_be_shown_end_it)
{
	set_up();
	lab.hits_status = 1;
	ck_assert_int_eq(run_wait(&lab.run), 1);
	tear_down();
}
END_TEST

START_TEST(its_time_ends_it)
{
	lab.run.duration_ns = 50000000;
	set_up();
	ck_assert_int_eq(run_wait(&lab.run), 0);
	ck_assert_uint_ge(lab.run.elapsed_ns, 50000000);
	tear_down();
}
END_TEST

START_TEST(a_signal_ends_it)
{
	set_up();
	kill(getpid(), SIGINT);
	ck_assert_int_eq(run_wait(&lab.run), 0);
	tear_down();
}
END_TEST

static int on_input(void *arg)
{
	(void)arg;
	return 7;
}

START_TEST(a_terminal_of_another_size_is_told_of)
{
	set_up();
	/* From which nothing comes. */
	dup2(lab.fds[0], STDIN_FILENO);
	lab.run.on_input = on_input;
	kill(getpid(), SIGWINCH);
	ck_assert_int_eq(run_wait(&lab.run), 7);
	tear_down();
}
END_TEST

static void set_up_other(void)
{
	set_up();
	ck_assert_int_eq(pipe(lab.other_fds), 0);
	lab.other.ops = lab.target.ops;
	lab.other.fd = lab.fds[0];
	lab.other.monitor_fd = lab.other_fds[0];
	lab.target.beside = &lab.other;
}

static void tear_down_other(void)
{
	close(lab.other_fds[0]);
	close(lab.other_fds[1]);
	tear_down();
}

START_TEST(a_guest_that_dies_leaves_the_others)
{
	lab.run.duration_ns = 50000000;
	set_up_other();
	ck_assert_int_eq(write(lab.other_fds[1], "x", 1), 1);
	ck_assert_int_eq(run_wait(&lab.run), 0);
	ck_assert(lab.other.is_dead);
	ck_assert(!lab.target.is_dead);
	ck_assert(!lab.run.died);
	ck_assert_uint_eq(lab.nr_other_serves, 1);
	ck_assert_uint_ge(lab.run.elapsed_ns, 50000000);
	ck_assert_uint_lt(lab.other.died_ns, lab.run.elapsed_ns);
	tear_down_other();
}
END_TEST

START_TEST(it_ends_when_the_last_guest_dies)
{
	set_up_other();
	lab.target.is_dead = true;
	ck_assert_int_eq(write(lab.other_fds[1], "x", 1), 1);
	ck_assert_int_eq(run_wait(&lab.run), 0);
	ck_assert(lab.run.died);
	ck_assert_uint_eq(lab.nr_serves, 0);
	tear_down_other();
}
END_TEST

Suite *run_suite(void)
{
	return UNIT_SUITE("run",
		the_last_hit_that_is_wanted_ends_it,
		a_failure_ends_it,
		hits_that_cannot_be_shown_end_it,
		its_time_ends_it,
		a_signal_ends_it,
		a_terminal_of_another_size_is_told_of,
		a_guest_that_dies_leaves_the_others,
		it_ends_when_the_last_guest_dies);
}
