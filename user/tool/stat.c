// SPDX-License-Identifier: GPL-2.0
/* `gprobe stat`: count hits of probes, and how long they took. */
#include <stdio.h>
#include <unistd.h>

#include "command.h"
#include "counter.h"
#include "driver.h"
#include "option.h"
#include "say.h"
#include "stat_options.h"
#include "stat_output.h"
#include "stat_run.h"
#include "stat_sample.h"
#include "target.h"
#include "workload.h"

/* All that a `gprobe stat` has; zeroed, everything in it can be closed. */
struct job {
	struct stat_options options;
	struct target target;
	struct workload workload;
	struct stat_output output;
	struct stat_sampler sampler;
	struct stat_run run;
};

/* What can be known without touching the guest. */
static int prepare(struct job *job)
{
	int status;

	job->target.ops = driver_chosen();
	job->target.probes = job->options.probes;
	job->target.nr_probes = job->options.nr_probes;
	job->target.take_over = job->options.take_over;
	status = job->target.ops->find(&job->target, job->options.domain);
	if (!status)
		status = job->target.ops->resolve(&job->target,
						  job->options.symbols);
	if (!status)
		status = stat_output_open(&job->output, &job->options);
	/* Before there is a session that a child could keep alive. */
	if (!status && job->options.command)
		status = workload_start(&job->workload, job->options.command);
	job->output.target = &job->target;
	job->output.domain = job->target.name;
	job->output.domid = job->target.guest.domid;
	return status;
}

static int attach(struct job *job)
{
	int status = job->target.ops->attach(&job->target);

	if (!status)
		status = job->target.ops->open_counter(&job->target);
	if (!status)
		status = stat_sampler_open(&job->sampler, &job->target);
	return status;
}

static void take_sample(struct job *job, uint64_t end_ns)
{
	stat_sampler_take(&job->sampler, job->target.counter,
			  job->target.ops->lost(&job->target), end_ns);
}

static int on_interval(void *arg, uint64_t elapsed_ns)
{
	struct job *job = arg;

	/* The module's counts first: they may not be ahead of the BPF's. */
	job->target.ops->hits(&job->target, job->sampler.hits);
	take_sample(job, elapsed_ns);
	return stat_output_sample(&job->output, &job->sampler.sample);
}

static void say_how_to_end(const struct job *job)
{
	if (!job->options.command && !job->options.duration_ns &&
	    isatty(STDERR_FILENO))
		fputs("counting; ^C ends\n", stderr);
}

static int count(struct job *job)
{
	int status = target_arm(&job->target);

	if (status)
		return status;
	stat_run_start(&job->run);
	if (job->run.workload)
		status = workload_go(job->run.workload);
	else
		say_how_to_end(job);
	/* Only now: a COMMAND that cannot be executed has no figures. */
	if (!status)
		status = stat_output_begin(&job->output);
	if (!status)
		status = stat_run_wait(&job->run);
	if (!status)
		target_disarm(&job->target, job->sampler.hits);
	return status;
}

/* Count while signals are the run's. */
static int run(struct job *job)
{
	int status;

	job->run.target = &job->target;
	job->run.workload = job->options.command ? &job->workload : NULL;
	job->run.interval_ns = job->options.interval_ns;
	job->run.duration_ns = job->options.duration_ns;
	job->run.on_interval = on_interval;
	job->run.arg = job;
	status = stat_run_open(&job->run);
	if (!status)
		status = count(job);
	stat_run_close(&job->run);
	return status;
}

static int finish(struct job *job)
{
	int status;

	take_sample(job, job->run.elapsed_ns);
	status = stat_output_sample(&job->output, &job->sampler.sample);
	target_say_missed(&job->target);
	if (job->run.died)
		return say(STATUS_FAILED,
			   "domain '%s' died while it was traced",
			   job->target.name);
	if (!status && job->options.command)
		status = workload_status(&job->workload);
	return status;
}

static int clean_up(struct job *job, int status)
{
	int close_status;

	workload_close(&job->workload);
	stat_sampler_close(&job->sampler);
	job->output.target = NULL;
	job->target.ops->close(&job->target);
	counter_close(job->target.counter);
	close_status = stat_output_close(&job->output);
	stat_options_free(&job->options);
	return close_status ? close_status : status;
}

static int run_stat(int argc, char **argv)
{
	struct job job = { 0 };
	int status = stat_options_read(&job.options, argc, argv);

	if (status != OPTION_GO_ON) {
		stat_options_free(&job.options);
		return status;
	}
	status = prepare(&job);
	if (!status)
		status = attach(&job);
	if (!status)
		status = run(&job);
	if (!status)
		status = finish(&job);
	return clean_up(&job, status);
}

const struct command command_stat = {
	.words = "stat",
	.summary = "Count how often a guest runs over probes",
	.usage = "-d DOMAIN -e PROBE[,PROBE...] [OPTION...] [-- COMMAND [ARG...]]",
	.options = stat_option_list,
	.any_driver = true,
	.notes =
"A PROBE is SYMBOL, SYMBOL+OFFSET or 0xADDRESS; with @0xROOT behind it, only\n"
"hits under that root (CR3) count. Its page need not be mapped yet: the probe\n"
"is there whenever the page is, wherever the guest puts it.\n"
"\n"
"Counts until COMMAND ends, SECONDS have passed, ^C, or the guest dies. With a\n"
"COMMAND the exit status is COMMAND's.\n",
	.run = run_stat,
};
