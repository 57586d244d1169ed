// SPDX-License-Identifier: GPL-2.0
#include "job.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "driver.h"
#include "say.h"

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
		status = output_open(&job->output, job->options.output);
	/* Before there is a session that a child could keep alive. */
	if (!status && job->options.command)
		status = workload_start(&job->workload, job->options.command);
	job->output.target = &job->target;
	return status;
}

static int attach(struct job *job)
{
	int status = job->target.ops->attach(&job->target);

	if (status)
		return status;
	job->hits = calloc(job->target.nr_probes, sizeof(*job->hits));
	if (!job->hits)
		return say_no_memory();
	job->run = (struct run){
		.target = &job->target,
		.workload = job->options.command ? &job->workload : NULL,
		.duration_ns = job->options.duration_ns,
		.hits_fd = -1,
		.arg = job,
	};
	return job->ops->attached(job);
}

static void say_how_to_end(const struct job *job)
{
	if (!job->options.command && !job->options.duration_ns &&
	    isatty(STDERR_FILENO))
		fprintf(stderr, "%s; ^C ends\n", job->ops->doing);
}

static int trace(struct job *job)
{
	int status = target_arm(&job->target);

	if (status)
		return status;
	run_start(&job->run);
	if (job->run.workload)
		status = workload_go(job->run.workload);
	else
		say_how_to_end(job);
	/* Only now: a COMMAND that cannot be executed has no results. */
	if (!status)
		status = output_truncate(&job->output);
	if (!status)
		status = job->ops->begin(job);
	if (!status)
		status = run_wait(&job->run);
	if (!status)
		target_disarm(&job->target, job->hits);
	return status;
}

/* While signals are the run's. */
static int trace_undisturbed(struct job *job)
{
	int status = run_open(&job->run);

	if (!status)
		status = trace(job);
	run_close(&job->run);
	return status;
}

static int finish(struct job *job)
{
	int status = job->ops->finish(job);

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
	job->output.target = NULL;
	job->target.ops->close(&job->target);
	job->ops->close(job);
	close_status = output_close(&job->output);
	free(job->hits);
	return close_status ? close_status : status;
}

/**
 * job_do() - Do it all.
 * @job: see there; @options stay the caller's
 *
 * Return: the exit status; the COMMAND's, if all went well.
 */
int job_do(struct job *job)
{
	int status = prepare(job);

	if (!status)
		status = attach(job);
	if (!status)
		status = trace_undisturbed(job);
	if (!status)
		status = finish(job);
	return clean_up(job, status);
}
