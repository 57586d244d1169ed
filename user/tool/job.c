// SPDX-License-Identifier: GPL-2.0
#include "job.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driver.h"
#include "say.h"

/**
 * job_each() - Do something with each guest, as long as that works.
 * @job: has guests
 * @what: it; what it says is said of that guest
 *
 * Return: the exit status of the last one it was done with.
 */
int job_each(struct job *job, int (*what)(struct job_guest *guest))
{
	int status = STATUS_DONE;
	size_t i;

	for (i = 0; i < job->nr_guests && !status; i++) {
		if (job->nr_guests > 1)
			say_domain = job->guests[i].target.name;
		status = what(&job->guests[i]);
	}
	say_domain = NULL;
	return status;
}

/* --- the guests --- */

static void set_target(struct job_guest *guest, struct job_domain *domain)
{
	const struct job_options *options = &guest->job->options;
	struct target *target = &guest->target;

	target->ops = driver_chosen();
	target->asked = options->probes;
	target->asked_fetches = guest->fetches ? guest->fetches :
						 options->fetches;
	target->nr_asked = options->nr_probes;
	target->is_strict = options->strict;
	target->files = &domain->symbols;
	target->take_over = options->take_over;
	target->wanted.cpls = options->cpls;
	target->wanted.rate = options->rate;
	/* Of each: what comes behind is of no use to anybody, if all of it counts. */
	if (!options->filter.filter)
		target->wanted.off_after = options->max_hits;
	memcpy(target->wanted.vcpus, options->vcpus, sizeof(options->vcpus));
}

/* What is fetched is somewhere else in each guest. */
static int copy_fetches(struct job_guest *guest)
{
	const struct job_options *options = &guest->job->options;
	size_t i;

	guest->fetches = calloc(options->nr_probes, sizeof(*guest->fetches));
	if (!guest->fetches)
		return say_no_memory();
	for (i = 0; i < options->nr_probes; i++)
		if (gprobe_fetch_parse(gprobe_fetch_text(options->fetches[i]),
				       &guest->fetches[i], NULL))
			return say_no_memory();
	return STATUS_DONE;
}

static int make_guests(struct job *job)
{
	size_t nr = job->options.nr_domains, i;
	struct job_guest *guest;
	int status = STATUS_DONE;

	job->guests = calloc(nr, sizeof(*job->guests));
	if (!job->guests)
		return say_no_memory();
	for (i = 0; i < nr && !status; i++) {
		guest = &job->guests[job->nr_guests++];
		guest->job = job;
		if (i && job->options.nr_probes)
			status = copy_fetches(guest);
		set_target(guest, &job->options.domains[i]);
		if (!i)
			continue;
		guest->target.beside = &guest[-1].target;
		guest[-1].hits.beside = &guest->hits;
	}
	return status;
}

/* By name and by number, too. */
static int check_twice(const struct job *job, size_t index)
{
	const struct target *target = &job->guests[index].target;
	size_t i;

	for (i = 0; i < index; i++)
		if (job->guests[i].target.guest.domid == target->guest.domid)
			return say(STATUS_FAILED,
				   "domain '%s' is asked for twice",
				   target->name);
	return STATUS_DONE;
}

/**
 * job_find() - Have the guests found.
 * @job: zeroed but for @options; for job_close()
 *
 * Return: the exit status.
 */
int job_find(struct job *job)
{
	int status = make_guests(job);
	struct target *target;
	size_t i;

	for (i = 0; i < job->nr_guests && !status; i++) {
		target = &job->guests[i].target;
		status = target->ops->find(target,
					   job->options.domains[i].name);
		if (!status)
			status = check_twice(job, i);
	}
	if (status)
		return status;
	job->run.target = &job->guests[job->nr_guests - 1].target;
	job->run.duration_ns = job->options.duration_ns;
	if (job->options.command)
		job->run.workload = &job->workload;
	return STATUS_DONE;
}

static int resolve(struct job_guest *guest)
{
	return guest->target.ops->resolve(&guest->target);
}

/* What can be known without touching the guests. */
static int prepare(struct job *job)
{
	int status = job_find(job);

	if (!status)
		status = job_each(job, resolve);
	if (!status)
		status = output_open(&job->output, job->options.output);
	/* Before there is a session that a child could keep alive. */
	if (!status && job->options.command)
		status = workload_start(&job->workload, job->options.command);
	if (!status)
		job->output.target = job->run.target;
	return status;
}

/* The module would say so too, of a claim. */
static int check_vcpus(const struct job_guest *guest)
{
	const struct target *target = &guest->target;
	const uint8_t *set = target->wanted.vcpus;
	uint32_t vcpu = 8 * GPROBE_VCPU_BYTES_MAX;

	while (vcpu && !(set[(vcpu - 1) / 8] >> (vcpu - 1) % 8 & 1))
		vcpu--;
	if (vcpu <= target->nr_vcpus)
		return STATUS_DONE;
	return say(STATUS_FAILED,
		   "domain '%s' has no vCPU %" PRIu32 ": it has %" PRIu32,
		   target->name, vcpu - 1, target->nr_vcpus);
}

static int on_hit(void *arg, const struct hit *hit)
{
	struct job_guest *guest = arg;
	struct job *job = guest->job;
	uint64_t max = job->options.max_hits;
	int status;

	if (max && job->nr_hits == max)
		return STATUS_DONE;
	status = job->ops->on_hit(job, hit);
	job->domains[guest - job->guests].sum.shown++;
	if (++job->nr_hits == max)
		run_stop(&job->run);
	return status;
}

static int on_hits(void *arg, int *wait_ms)
{
	struct job *job = arg;
	int status = hits_read_some(&job->guests->hits, wait_ms);

	return status ? status : output_flush(&job->output);
}

static int open_hits(struct job_guest *guest)
{
	const struct job_options *options = &guest->job->options;
	struct hits *hits = &guest->hits;
	int status;

	hits->on_hit = on_hit;
	hits->arg = guest;
	hits->min_duration_ns = options->min_duration_ns;
	hits->filter = options->filter.filter;
	guest->target.hits = hits;
	if (hits->beside)
		hits->beside->first_probe = hits->first_probe +
					    guest->target.nr_probes;
	status = hits_open(hits, &guest->target, options->buffer_kib);
	return status ? status : guest->target.ops->open_hits(&guest->target);
}

static int attach_guest(struct job_guest *guest)
{
	int status = guest->target.ops->attach(&guest->target);

	if (!status)
		status = check_vcpus(guest);
	if (status)
		return status;
	guest->counts = calloc(guest->target.nr_places,
			       sizeof(*guest->counts));
	if (!guest->counts)
		return say_no_memory();
	return guest->job->ops->on_hit ? open_hits(guest) : STATUS_DONE;
}

/* Those of all guests, one behind the other. */
static int gather_probes(struct job *job)
{
	const struct target *target;
	size_t i;

	for (i = 0; i < job->nr_guests; i++)
		job->nr_probes += job->guests[i].target.nr_probes;
	job->domains = calloc(job->nr_guests, sizeof(*job->domains));
	job->probes = calloc(job->nr_probes, sizeof(*job->probes));
	job->fetches = calloc(job->nr_probes, sizeof(*job->fetches));
	job->counts = calloc(job->nr_probes, sizeof(*job->counts));
	if (!job->domains || !job->probes || !job->fetches || !job->counts)
		return say_no_memory();
	for (i = 0; i < job->nr_guests; i++) {
		target = &job->guests[i].target;
		job->domains[i] = (struct hits_domain){
			.name = target->name, .version = target->version,
			.domid = target->guest.domid,
			.nr_vcpus = target->nr_vcpus,
			.nr_probes = target->nr_probes,
		};
		memcpy(job->probes + job->guests[i].hits.first_probe,
		       target->probes,
		       target->nr_probes * sizeof(*job->probes));
		memcpy(job->fetches + job->guests[i].hits.first_probe,
		       target->fetches,
		       target->nr_probes * sizeof(*job->fetches));
	}
	return STATUS_DONE;
}

/* To the probes that were found. */
static int bind_filter(struct job *job)
{
	const struct filter_scope scope = {
		.probes = job->probes,
		.fetches = job->fetches,
		.nr_probes = job->nr_probes,
		.domains = job->domains,
		.nr_domains = job->nr_guests,
	};

	return filter_option_bind(&job->options.filter, &scope);
}

static int attach(struct job *job)
{
	int status;

	job->run.on_hits = job->ops->on_hit ? on_hits : NULL;
	job->run.arg = job;
	status = job_each(job, attach_guest);
	if (!status && job->ops->on_hit)
		status = gather_probes(job);
	if (!status)
		status = bind_filter(job);
	return status ? status : job->ops->attached(job);
}

/**
 * job_start() - The time starts, and the COMMAND.
 * @job: in job_run()
 * @doing: "counting", say, for people
 *
 * Return: the exit status.
 */
int job_start(struct job *job, const char *doing)
{
	run_start(&job->run);
	if (job->run.workload)
		return workload_go(job->run.workload);
	if (!job->options.duration_ns && isatty(STDERR_FILENO))
		fprintf(stderr, "%s; ^C ends\n", doing);
	return STATUS_DONE;
}

static int arm(struct job_guest *guest)
{
	return target_arm(&guest->target);
}

/* The last first: it has all others beside it, which are served. */
static void disarm(struct job *job)
{
	size_t i = job->nr_guests;

	while (i--)
		target_disarm(&job->guests[i].target, job->guests[i].counts);
}

static int trace(struct job *job)
{
	int status = job_each(job, arm);

	if (!status)
		status = job_start(job, job->ops->doing);
	/* Only now: a COMMAND that cannot be executed has no results. */
	if (!status)
		status = output_truncate(&job->output);
	if (!status)
		status = job->ops->begin(job);
	if (!status)
		status = run_wait(&job->run);
	if (!status)
		disarm(job);
	return status;
}

/**
 * job_run() - Do something while signals are the run's.
 * @job: its guests attached, its COMMAND started
 * @what: it
 *
 * Return: the exit status.
 */
int job_run(struct job *job, int (*what)(struct job *job))
{
	int status = run_open(&job->run);

	if (!status)
		status = what(job);
	run_close(&job->run);
	return status;
}

static int say_missed(struct job_guest *guest)
{
	target_say_missed(&guest->target);
	return STATUS_DONE;
}

/**
 * job_say_dead() - Say which guests have died.
 * @job: its run is over
 * @done: what was done with them, as "traced"
 *
 * Return: the exit status: one is enough to have failed.
 */
int job_say_dead(const struct job *job, const char *done)
{
	const struct target *target;
	int status = STATUS_DONE;
	size_t i;

	for (i = 0; i < job->nr_guests; i++) {
		target = &job->guests[i].target;
		if (target->is_dead)
			status = say(STATUS_FAILED,
				     "domain '%s' died while it was %s",
				     target->name, done);
	}
	return status;
}

static int finish_hits(struct job *job)
{
	int status = hits_read_all(&job->guests->hits);
	const struct job_guest *guest = job->guests;
	struct hits_domain *domain = job->domains;
	struct hits_sum sum;
	size_t i;

	for (i = 0; i < job->nr_guests; i++, guest++, domain++) {
		sum = hits_sum(&guest->hits, guest->counts);
		sum.shown = domain->sum.shown;
		domain->sum = sum;
		domain->died = guest->target.is_dead;
		/* A probe's own place has its number. */
		memcpy(job->counts + guest->hits.first_probe, guest->counts,
		       domain->nr_probes * sizeof(*job->counts));
	}
	return status;
}

static int finish(struct job *job)
{
	int status = STATUS_DONE;

	if (job->ops->on_hit)
		status = finish_hits(job);
	if (!status)
		status = job->ops->finish(job);
	job_each(job, say_missed);
	if (job_say_dead(job, "traced"))
		return STATUS_FAILED;
	if (!status && job->options.command)
		status = workload_status(&job->workload);
	return status;
}

static void close_guest(struct job_guest *guest)
{
	size_t i;

	hits_close(&guest->hits);
	for (i = 0; guest->fetches && i < guest->job->options.nr_probes; i++)
		gprobe_fetch_free(guest->fetches[i]);
	free(guest->fetches);
	free(guest->counts);
}

/**
 * job_close() - Undo all that was done.
 * @job: at any stage; its @options stay
 * @status: the exit status so far
 *
 * Return: the exit status.
 */
int job_close(struct job *job, int status)
{
	int close_status;
	size_t i;

	workload_close(&job->workload);
	job->output.target = NULL;
	for (i = 0; i < job->nr_guests; i++)
		job->guests[i].target.ops->close(&job->guests[i].target);
	for (i = 0; i < job->nr_guests; i++)
		close_guest(&job->guests[i]);
	if (job->ops && job->ops->close)
		job->ops->close(job);
	free(job->guests);
	free(job->domains);
	free(job->probes);
	free(job->fetches);
	free(job->counts);
	close_status = output_close(&job->output);
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
		status = job_run(job, trace);
	if (!status)
		status = finish(job);
	return job_close(job, status);
}

/**
 * job_count() - Have the module's counts of all guests.
 * @job: its probes are in
 */
void job_count(struct job *job)
{
	struct target *target;
	size_t i;

	for (i = 0; i < job->nr_guests; i++) {
		target = &job->guests[i].target;
		target->ops->hits(target, job->guests[i].counts);
	}
}

/**
 * job_sum() - What became of all hits.
 * @job: in its @finish; it has an @on_hit
 *
 * Return: the sum of all guests.
 */
struct hits_sum job_sum(const struct job *job)
{
	struct hits_sum sum = { 0 };
	const struct hits_sum *one;
	size_t i;

	for (i = 0; i < job->nr_guests; i++) {
		one = &job->domains[i].sum;
		sum.shown += one->shown;
		sum.lost += one->lost;
		sum.limited += one->limited;
	}
	return sum;
}
