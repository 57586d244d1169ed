/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guests' probes are put in, while they are something is done with the hits,
 * and they are taken out: what commands share that do so. All guests have all of
 * their probes, or none has any. Functions that return an exit status have said
 * what went wrong.
 */
#ifndef GPROBE_TOOL_JOB_H
#define GPROBE_TOOL_JOB_H

#include "hits.h"
#include "job_options.h"
#include "output.h"
#include "run.h"
#include "target.h"
#include "workload.h"

struct job;

/**
 * struct job_ops - what a command does with the hits
 * @doing: "counting", say, for people
 * @attached: no probe is in yet; may set job->run's interval
 * @begin: all are, and the COMMAND runs
 * @on_hit: gets each hit, in order, up to job->options.max_hits; NULL: the
 *	command counts in another way
 * @finish: all are out, or their guest died; the counts are final, and there are
 *	no more hits
 * @close: at any stage; may be NULL
 *
 * All but the last return an exit status; if not 0 the job ends with it.
 */
struct job_ops {
	const char *doing;
	int (*attached)(struct job *job);
	int (*begin)(struct job *job);
	int (*on_hit)(struct job *job, const struct hit *hit);
	int (*finish)(struct job *job);
	void (*close)(struct job *job);
};

/**
 * struct job_guest - a guest
 * @target: the guest; has the one before it beside it. First, so that @ops of a
 *	command's own find the rest
 * @job: whose
 * @fetches: where another guest of the job has those of the options: its own
 * @hits: their source, for the job's @on_hit; has those of the guest behind it beside
 *	it
 * @counts: the module's own, a place each; of the last target_hits()
 */
struct job_guest {
	struct target target;
	struct job *job;
	struct gprobe_fetch **fetches;
	struct hits hits;
	struct target_hits *counts;
};

/**
 * struct job - what is done
 * @options: what was said
 * @ops: what is done with the hits; NULL: the command does it all by itself
 * @arg: for @ops
 * @guests: the guests, in the order of the options
 * @nr_guests: how many; 0 before they are known
 * @domains: the same, as hits are of them; for @ops->on_hit, as below. Their sums are
 *	final in @ops->finish
 * @probes: of all guests, as hits have their numbers
 * @fetches: what each of them fetches
 * @nr_probes: how many
 * @counts: the module's own of each of @probes, in @ops->finish
 * @workload: the COMMAND
 * @output: the results go there
 * @run: the time meanwhile
 * @nr_hits: so many hits @ops->on_hit got
 *
 * Zeroed but for @options, @ops and @arg.
 */
struct job {
	struct job_options options;
	const struct job_ops *ops;
	void *arg;
	struct job_guest *guests;
	size_t nr_guests;
	struct hits_domain *domains;
	struct gprobe_probe *probes;
	struct gprobe_fetch **fetches;
	size_t nr_probes;
	struct target_hits *counts;
	struct workload workload;
	struct output output;
	struct run run;
	uint64_t nr_hits;
};

int job_find(struct job *job);
int job_start(struct job *job, const char *doing);
int job_run(struct job *job, int (*what)(struct job *job));
int job_say_dead(const struct job *job, const char *done);
int job_do(struct job *job);
int job_close(struct job *job, int status);
int job_each(struct job *job, int (*what)(struct job_guest *guest));
void job_count(struct job *job);
struct hits_sum job_sum(const struct job *job);

#endif /* GPROBE_TOOL_JOB_H */
