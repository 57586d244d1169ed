/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest's probes are put in, while they are something is done with the hits,
 * and they are taken out: what commands share that do so. Functions that return
 * an exit status have said what went wrong.
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
 * @finish: all are out, or the guest died; job->counts is final, and there are
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
 * struct job - what is done
 * @options: what was said
 * @ops: what is done with the hits
 * @arg: for @ops
 * @target: the guest
 * @workload: the COMMAND
 * @output: the results go there
 * @run: the time meanwhile
 * @hits: their source, for @ops->on_hit
 * @nr_hits: so many it got
 * @counts: the module's own, a place each; of the last target_hits()
 *
 * Zeroed but for @options, @ops and @arg.
 */
struct job {
	struct job_options options;
	const struct job_ops *ops;
	void *arg;
	struct target target;
	struct workload workload;
	struct output output;
	struct run run;
	struct hits hits;
	uint64_t nr_hits;
	struct target_hits *counts;
};

int job_do(struct job *job);
struct hits_sum job_sum(const struct job *job);

#endif /* GPROBE_TOOL_JOB_H */
