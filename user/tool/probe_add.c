// SPDX-License-Identifier: GPL-2.0
/*
 * `gprobe probe add`: probes that stay when this command has ended, since their
 * session is pinned. All are put in or none, in all guests.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "job.h"
#include "option.h"
#include "say.h"

enum {
	OPTION_PIN = JOB_OPTION_NEXT,
};

static const struct command_option options[] = {
	JOB_OPTION_DOMAINS,
	JOB_OPTIONS_WHICH,
	JOB_OPTIONS_TASK,
	{ "pin", OPTION_PIN, "NAME", "the session's name; made if need be" },
	COMMAND_OPTION_HELP,
	{ 0 }
};

/**
 * struct added - what is added to a guest
 * @ids: of the claims that are in
 * @joined: the session was not attached to it before
 */
struct added {
	uint32_t *ids;
	bool joined;
};

/**
 * struct addition - what is added to what
 * @job: the guests; the client that each of their targets has is @client
 * @pin: --pin
 * @client: the session, of all guests
 * @guests: the job's
 * @is_new: the session was not there before
 */
struct addition {
	struct job job;
	const char *pin;
	struct gprobe_client *client;
	struct added *guests;
	bool is_new;
};

static struct added *added_to(const struct job_guest *guest)
{
	const struct addition *addition = guest->job->arg;

	return &addition->guests[guest - guest->job->guests];
}

static int read_options(struct addition *addition, int argc, char **argv)
{
	struct option_reader reader = {
		.command = &command_probe_add, .argc = argc, .argv = argv,
	};
	struct job_options *job = &addition->job.options;
	int letter, status;

	while ((letter = option_next(&reader)) != OPTION_END) {
		if (letter == OPTION_STOP)
			return reader.status;
		status = STATUS_DONE;
		if (letter == OPTION_PIN)
			addition->pin = optarg;
		else
			status = job_options_take(job, &reader, letter);
		if (status)
			return status;
	}
	status = option_no_operands(&reader);
	if (status != OPTION_GO_ON)
		return status;
	if (job_options_any_return(job))
		return say(STATUS_USAGE,
			   "probe add: a return probe (r:) cannot stay by itself: entries and returns are put together by who reads them");
	if (!addition->pin)
		return say(STATUS_USAGE,
			   "probe add: no name: --pin NAME says which session the probes are to stay in");
	return job_options_end(job, &reader, JOB_TAKES_COUNT |
			       JOB_TAKES_RECORD | JOB_TAKES_RATE);
}

/* A session that is pinned is not there to follow pages. */
static int check_places(const struct target *target)
{
	size_t i;

	for (i = 0; i < target->nr_probes; i++)
		if (target->probes[i].gfn == GPROBE_PROBE_NO_GFN)
			return say(STATUS_FAILED,
				   "probe '%s': nothing is mapped there, and a pinned probe does not wait for its page",
				   target->probes[i].text);
	return STATUS_DONE;
}

static int resolve(struct job_guest *guest)
{
	struct target *target = &guest->target;
	int status = target->ops->resolve(target);

	return status ? status : check_places(target);
}

/* --- the session --- */

static int say_pin_failed(const struct addition *addition, int err)
{
	return say(STATUS_FAILED, "'%s': %s", addition->pin,
		   say_reason(addition->client, err));
}

static int open_session(struct addition *addition)
{
	struct job *job = &addition->job;
	int ret = gprobe_client_open(&addition->client);
	size_t i;

	if (ret)
		return say_module_failed(ret, "");
	for (i = 0; i < job->nr_guests; i++)
		job->guests[i].target.client = addition->client;
	ret = gprobe_client_take(addition->client, addition->pin);
	addition->is_new = ret == -ENOENT;
	return ret && !addition->is_new ? say_pin_failed(addition, ret) :
					  STATUS_DONE;
}

static int pin(struct addition *addition)
{
	int ret = gprobe_client_pin(addition->client, 0, addition->pin);

	return ret ? say_pin_failed(addition, ret) : STATUS_DONE;
}

static int join(struct job_guest *guest)
{
	struct target *target = &guest->target;
	struct gprobe_domain_info info;
	int ret = gprobe_domain_attach(target->client, target->guest.domid,
				       target->xen.domctl_version, &info);

	if (ret && ret != -EALREADY)
		return say(STATUS_FAILED, "domain '%s': %s", target->name,
			   target->ops->reason(target, ret));
	added_to(guest)->joined = !ret;
	return STATUS_DONE;
}

/* --- its probes --- */

static int add(const struct job_guest *guest, size_t index)
{
	const struct target *target = &guest->target;
	const struct gprobe_probe *probe = &target->probes[index];
	const struct gprobe_claim_spec spec = {
		.domid = target->guest.domid,
		.action = probe->action ? probe->action : GPROBE_ACTION_COUNT,
		.rate = probe->rate,
		.off_after = probe->off_after,
		.gfn = probe->gfn,
		.offset = probe->frame_offset,
		.root = probe->root,
		.step = probe->step,
		.insn_bytes = probe->insn_bytes,
		.label = probe->text,
	};
	struct gprobe_claim_info info;
	int ret = gprobe_claim_new(target->client, &spec, &info);

	if (ret)
		return say(STATUS_FAILED, "probe '%s': %s", probe->text,
			   target->ops->reason(target, ret));
	added_to(guest)->ids[index] = info.id;
	return STATUS_DONE;
}

static int add_all(struct job_guest *guest)
{
	struct added *added = added_to(guest);
	struct target *target = &guest->target;
	int status = STATUS_DONE;
	size_t i;

	added->ids = calloc(target->nr_probes, sizeof(*added->ids));
	if (!added->ids)
		return say_no_memory();
	progress_begin(&target->progress, "putting probes in",
		       target->nr_probes);
	for (i = 0; i < target->nr_probes && !status; i++) {
		status = add(guest, i);
		progress_step(&target->progress);
	}
	progress_end(&target->progress);
	return status;
}

/* A guest that the session is not attached to has nothing of it. */
static int take_back(struct job_guest *guest)
{
	const struct added *added = added_to(guest);
	const struct target *target = &guest->target;
	struct gprobe_claim_info info;
	size_t i;

	if (added->joined)
		gprobe_domain_detach(target->client, target->guest.domid);
	for (i = 0; !added->joined && added->ids && i < target->nr_probes; i++)
		if (added->ids[i])
			gprobe_claim_del(target->client, added->ids[i], &info);
	return STATUS_DONE;
}

static int put_in(struct addition *addition)
{
	struct job *job = &addition->job;
	int status = open_session(addition);

	if (status)
		return status;
	status = job_each(job, join);
	if (!status)
		status = job_each(job, add_all);
	if (!status && addition->is_new)
		status = pin(addition);
	/* A session that is new goes by itself. */
	if (status && !addition->is_new)
		job_each(job, take_back);
	return status;
}

static int prepare(struct addition *addition)
{
	struct job *job = &addition->job;
	int status = job_find(job);

	if (!status)
		status = job_each(job, resolve);
	if (status)
		return status;
	addition->guests = calloc(job->nr_guests, sizeof(*addition->guests));
	return addition->guests ? STATUS_DONE : say_no_memory();
}

static void close_addition(struct addition *addition)
{
	struct job *job = &addition->job;
	size_t i;

	for (i = 0; i < job->nr_guests; i++) {
		job->guests[i].target.client = NULL;
		if (addition->guests)
			free(addition->guests[i].ids);
	}
	free(addition->guests);
	gprobe_client_close(addition->client);
}

static int run(int argc, char **argv)
{
	struct addition addition = { .job.arg = &addition };
	int status = read_options(&addition, argc, argv);

	if (status == OPTION_GO_ON) {
		status = prepare(&addition);
		if (!status)
			status = put_in(&addition);
		close_addition(&addition);
		status = job_close(&addition.job, status);
	}
	job_options_free(&addition.job.options);
	return status;
}

const struct command command_probe_add = {
	.words = "probe add",
	.summary = "Add probes to a pinned session: they count on by themselves",
	.usage = "-d DOMAIN[,DOMAIN...] -e PROBE[,PROBE...] --pin NAME [OPTION...]",
	.options = options,
	.notes =
"'gprobe probe list' shows their counts, 'gprobe probe del ID' takes one out,\n"
"'gprobe session unpin NAME' all. They do not follow their pages: for code that\n"
"stays where it is, such as a kernel's.\n"
"\n"
JOB_HELP_DOMAINS,
	.run = run,
};
