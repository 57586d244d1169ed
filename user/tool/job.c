// SPDX-License-Identifier: GPL-2.0
#include "job.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driver.h"
#include "say.h"

static void set_target(struct job *job)
{
	struct job_options *options = &job->options;
	struct target *target = &job->target;

	target->ops = driver_chosen();
	target->asked = options->probes;
	target->asked_fetches = options->fetches;
	target->nr_asked = options->nr_probes;
	target->is_strict = options->strict;
	target->files = &options->symbols;
	target->take_over = options->take_over;
	target->wanted.cpls = options->cpls;
	target->wanted.rate = options->rate;
	/* Of each: what comes behind is of no use to anybody. */
	target->wanted.off_after = options->max_hits;
	memcpy(target->wanted.vcpus, options->vcpus, sizeof(options->vcpus));
}

/* What can be known without touching the guest. */
static int prepare(struct job *job)
{
	int status;

	set_target(job);
	status = job->target.ops->find(&job->target, job->options.domain);
	if (!status)
		status = job->target.ops->resolve(&job->target);
	if (!status)
		status = output_open(&job->output, job->options.output);
	/* Before there is a session that a child could keep alive. */
	if (!status && job->options.command)
		status = workload_start(&job->workload, job->options.command);
	job->output.target = &job->target;
	return status;
}

/* The module would say so too, of a claim. */
static int check_vcpus(const struct job *job)
{
	const uint8_t *set = job->options.vcpus;
	uint32_t vcpu = 8 * GPROBE_VCPU_BYTES_MAX;

	while (vcpu && !(set[(vcpu - 1) / 8] >> (vcpu - 1) % 8 & 1))
		vcpu--;
	if (vcpu <= job->target.nr_vcpus)
		return STATUS_DONE;
	return say(STATUS_FAILED,
		   "domain '%s' has no vCPU %" PRIu32 ": it has %" PRIu32,
		   job->target.name, vcpu - 1, job->target.nr_vcpus);
}

static int on_hit(void *arg, const struct hit *hit)
{
	struct job *job = arg;
	uint64_t max = job->options.max_hits;
	int status;

	if (max && job->nr_hits == max)
		return STATUS_DONE;
	status = job->ops->on_hit(job, hit);
	if (++job->nr_hits == max)
		run_stop(&job->run);
	return status;
}

static int on_hits(void *arg, bool *more)
{
	struct job *job = arg;
	int status = hits_read_some(&job->hits, more);

	return status ? status : output_flush(&job->output);
}

static int open_hits(struct job *job)
{
	int status;

	job->hits.on_hit = on_hit;
	job->hits.arg = job;
	job->hits.min_duration_ns = job->options.min_duration_ns;
	job->target.hits = &job->hits;
	status = hits_open(&job->hits, &job->target, job->options.buffer_kib);
	if (!status)
		status = job->target.ops->open_hits(&job->target);
	job->run.on_hits = on_hits;
	return status;
}

static int attach(struct job *job)
{
	int status = job->target.ops->attach(&job->target);

	if (!status)
		status = check_vcpus(job);
	if (status)
		return status;
	job->counts = calloc(job->target.nr_places, sizeof(*job->counts));
	if (!job->counts)
		return say_no_memory();
	job->run = (struct run){
		.target = &job->target,
		.workload = job->options.command ? &job->workload : NULL,
		.duration_ns = job->options.duration_ns,
		.arg = job,
	};
	if (job->ops->on_hit)
		status = open_hits(job);
	return status ? status : job->ops->attached(job);
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
		target_disarm(&job->target, job->counts);
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
	int status = STATUS_DONE;

	if (job->ops->on_hit)
		status = hits_read_all(&job->hits);
	if (!status)
		status = job->ops->finish(job);
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
	hits_close(&job->hits);
	if (job->ops->close)
		job->ops->close(job);
	close_status = output_close(&job->output);
	free(job->counts);
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

/**
 * job_sum() - What became of all hits.
 * @job: in its @finish; it has an @on_hit
 *
 * Return: the sum.
 */
struct hits_sum job_sum(const struct job *job)
{
	struct hits_sum sum = hits_sum(&job->hits, job->counts);

	sum.shown = job->nr_hits;
	return sum;
}
