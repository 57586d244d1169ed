// SPDX-License-Identifier: GPL-2.0
/* `gprobe stat`: count hits of probes, and how long they took. */
#include <stdlib.h>

#include "command.h"
#include "counter.h"
#include "job.h"
#include "option.h"
#include "say.h"
#include "stat_options.h"
#include "stat_output.h"

/* All that a `gprobe stat` has; zeroed, everything in it can be closed. */
struct counting {
	struct stat_options options;
	struct stat_output output;
};

static int write_samples(struct job *job, uint64_t end_ns)
{
	struct counting *counting = job->arg;
	struct job_guest *guest = job->guests;
	size_t i;

	for (i = 0; i < job->nr_guests; i++, guest++)
		stat_sampler_take(&counting->output.domains[i].sampler,
				  &guest->target, guest->counts, end_ns);
	return stat_output_samples(&counting->output, &job->output);
}

static int on_interval(void *arg, uint64_t elapsed_ns)
{
	struct job *job = arg;

	/* The module's counts first: they may not be ahead of the BPF's. */
	job_count(job);
	return write_samples(job, elapsed_ns);
}

static int open_domain(struct job_guest *guest)
{
	struct counting *counting = guest->job->arg;
	struct stat_output *output = &counting->output;
	struct stat_domain *domain = &output->domains[output->nr_domains++];
	int status = guest->target.ops->open_counter(&guest->target);

	if (status)
		return status;
	domain->name = guest->target.name;
	domain->domid = guest->target.guest.domid;
	return stat_sampler_open(&domain->sampler, &guest->target);
}

static int attached(struct job *job)
{
	struct counting *counting = job->arg;

	job->run.interval_ns = counting->options.interval_ns;
	job->run.on_interval = on_interval;
	counting->output.domains = calloc(job->nr_guests,
					  sizeof(*counting->output.domains));
	if (!counting->output.domains)
		return say_no_memory();
	return job_each(job, open_domain);
}

static int begin(struct job *job)
{
	struct counting *counting = job->arg;

	return stat_output_begin(&counting->output, &job->output,
				 &counting->options);
}

static int finish(struct job *job)
{
	return write_samples(job, job->run.elapsed_ns);
}

static void close_counting(struct job *job)
{
	struct counting *counting = job->arg;
	struct stat_output *output = &counting->output;
	size_t i;

	for (i = 0; i < output->nr_domains; i++) {
		stat_sampler_close(&output->domains[i].sampler);
		counter_close(job->guests[i].target.counter);
	}
	free(output->domains);
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
	.usage = "-d DOMAIN[,DOMAIN...] -e PROBE[,PROBE...] [OPTION...] [-- COMMAND [ARG...]]",
	.options = stat_option_list,
	.any_driver = true,
	.operands = COMMAND_OPERANDS_PROGRAM,
	.notes =
JOB_HELP_PROBE
"\n"
JOB_HELP_DOMAINS
"\n"
"Counts until COMMAND ends, SECONDS have passed, ^C, or all guests have died. With\n"
"a COMMAND the exit status is COMMAND's.\n",
	.run = run_stat,
};
