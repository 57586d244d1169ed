// SPDX-License-Identifier: GPL-2.0
/* `gprobe stat`: count hits of probes, and how long they took. */
#include "command.h"
#include "counter.h"
#include "job.h"
#include "option.h"
#include "say.h"
#include "stat_options.h"
#include "stat_output.h"
#include "stat_sample.h"

/* All that a `gprobe stat` has; zeroed, everything in it can be closed. */
struct counting {
	struct stat_options options;
	struct stat_output output;
	struct stat_sampler sampler;
};

static int write_sample(struct job *job, uint64_t end_ns)
{
	struct counting *counting = job->arg;

	stat_sampler_take(&counting->sampler, job->target.counter, job->counts,
			  job->target.ops->lost(&job->target), end_ns);
	return stat_output_sample(&counting->output, &job->output,
				  &counting->sampler);
}

static int on_interval(void *arg, uint64_t elapsed_ns)
{
	struct job *job = arg;

	/* The module's counts first: they may not be ahead of the BPF's. */
	job->target.ops->hits(&job->target, job->counts);
	return write_sample(job, elapsed_ns);
}

static int attached(struct job *job)
{
	struct counting *counting = job->arg;
	int status = job->target.ops->open_counter(&job->target);

	if (status)
		return status;
	job->run.interval_ns = counting->options.interval_ns;
	job->run.on_interval = on_interval;
	counting->output.domain = job->target.name;
	counting->output.domid = job->target.guest.domid;
	return stat_sampler_open(&counting->sampler, &job->target);
}

static int begin(struct job *job)
{
	struct counting *counting = job->arg;

	return stat_output_begin(&counting->output, &job->output,
				 &counting->options);
}

static int finish(struct job *job)
{
	return write_sample(job, job->run.elapsed_ns);
}

static void close_counting(struct job *job)
{
	struct counting *counting = job->arg;

	stat_sampler_close(&counting->sampler);
	counter_close(job->target.counter);
}

static const struct job_ops ops = {
	.doing = "counting",
	.attached = attached,
	.begin = begin,
	.finish = finish,
	.close = close_counting,
};

static int run_stat(int argc, char **argv)
{
	struct counting counting = { 0 };
	struct job job = { .ops = &ops, .arg = &counting };
	int status = stat_options_read(&counting.options, &job.options, argc,
				       argv);

	if (status == OPTION_GO_ON)
		status = job_do(&job);
	job_options_free(&job.options);
	return status;
}

const struct command command_stat = {
	.words = "stat",
	.summary = "Count how often a guest runs over probes",
	.usage = "-d DOMAIN -e PROBE[,PROBE...] [OPTION...] [-- COMMAND [ARG...]]",
	.options = stat_option_list,
	.any_driver = true,
	.operands = COMMAND_OPERANDS_PROGRAM,
	.notes =
JOB_HELP_PROBE
"\n"
"Counts until COMMAND ends, SECONDS have passed, ^C, or the guest dies. With a\n"
"COMMAND the exit status is COMMAND's.\n",
	.run = run_stat,
};
