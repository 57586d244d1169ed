// SPDX-License-Identifier: GPL-2.0
/*
 * `gprobe probe add`: probes that stay when this command has ended, since their
 * session is pinned. All are put in or none.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "job_options.h"
#include "option.h"
#include "say.h"
#include "target.h"

enum {
	OPTION_PIN = JOB_OPTION_NEXT,
};

static const struct command_option options[] = {
	JOB_OPTION_DOMAIN,
	JOB_OPTIONS_WHICH,
	JOB_OPTIONS_TASK,
	{ "pin", OPTION_PIN, "NAME", "the session's name; made if need be" },
	COMMAND_OPTION_HELP,
	{ 0 }
};

/**
 * struct addition - what is added to what
 * @options: what was said
 * @pin: --pin
 * @target: the guest; its client is the session
 * @ids: of the claims that are in
 * @is_new: the session was not there before
 */
struct addition {
	struct job_options options;
	const char *pin;
	struct target target;
	uint32_t *ids;
	bool is_new;
};

static int read_options(struct addition *addition, int argc, char **argv)
{
	struct option_reader reader = {
		.command = &command_probe_add, .argc = argc, .argv = argv,
	};
	int letter, status;

	while ((letter = option_next(&reader)) != OPTION_END) {
		if (letter == OPTION_STOP)
			return reader.status;
		status = STATUS_DONE;
		if (letter == OPTION_PIN)
			addition->pin = optarg;
		else
			status = job_options_take(&addition->options, &reader,
						  letter);
		if (status)
			return status;
	}
	status = option_no_operands(&reader);
	if (status != OPTION_GO_ON)
		return status;
	if (job_options_any_return(&addition->options))
		return say(STATUS_USAGE,
			   "probe add: a return probe (r:) cannot stay by itself: entries and returns are put together by who reads them");
	if (!addition->pin)
		return say(STATUS_USAGE,
			   "probe add: no name: --pin NAME says which session the probes are to stay in");
	status = job_options_end(&addition->options, &reader);
	if (status == OPTION_GO_ON)
		status = job_options_no_fetch(&addition->options, &reader);
	if (status == OPTION_GO_ON)
		status = job_options_one_domain(&addition->options, &reader);
	return status == OPTION_GO_ON ?
	       job_options_actions(&addition->options, &reader,
				   JOB_TAKES_COUNT | JOB_TAKES_RECORD |
				   JOB_TAKES_RATE) : status;
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

static int find(struct addition *addition)
{
	struct target *target = &addition->target;
	int status;

	target->ops = &target_xen;
	target->asked = addition->options.probes;
	target->nr_asked = addition->options.nr_probes;
	target->is_strict = addition->options.strict;
	target->files = &addition->options.domains->symbols;
	status = target->ops->find(target, addition->options.domains->name);
	if (!status)
		status = target->ops->resolve(target);
	return status ? status : check_places(target);
}

static int join(struct addition *addition)
{
	struct target *target = &addition->target;
	struct gprobe_domain_info info;
	int ret;

	ret = gprobe_client_take(target->client, addition->pin);
	addition->is_new = ret == -ENOENT;
	if (ret && !addition->is_new)
		return say(STATUS_FAILED, "'%s': %s", addition->pin,
			   target->ops->reason(target, ret));
	ret = gprobe_domain_attach(target->client, target->guest.domid,
				   target->xen.domctl_version, &info);
	if (ret && ret != -EALREADY)
		return say(STATUS_FAILED, "domain '%s': %s", target->name,
			   target->ops->reason(target, ret));
	return STATUS_DONE;
}

static int add(struct addition *addition, size_t index)
{
	const struct target *target = &addition->target;
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
	addition->ids[index] = info.id;
	return STATUS_DONE;
}

static int add_all(struct addition *addition)
{
	struct target *target = &addition->target;
	struct gprobe_claim_info info;
	int status = STATUS_DONE, ret;
	size_t nr;

	progress_begin(&target->progress, "putting probes in",
		       target->nr_probes);
	for (nr = 0; nr < target->nr_probes && !status; nr++) {
		status = add(addition, nr);
		progress_step(&target->progress);
	}
	progress_end(&target->progress);
	if (!status && addition->is_new) {
		ret = gprobe_client_pin(target->client, 0, addition->pin);
		if (ret)
			status = say(STATUS_FAILED, "'%s': %s", addition->pin,
				     target->ops->reason(target, ret));
	}
	/* A session that is new goes by itself. */
	for (nr = 0; status && !addition->is_new && nr < target->nr_probes; nr++)
		if (addition->ids[nr])
			gprobe_claim_del(target->client, addition->ids[nr],
					 &info);
	return status;
}

static int put_in(struct addition *addition)
{
	int status = find(addition), ret;

	if (status)
		return status;
	addition->ids = calloc(addition->target.nr_probes,
			       sizeof(*addition->ids));
	if (!addition->ids)
		return say_no_memory();
	ret = gprobe_client_open(&addition->target.client);
	if (ret)
		return say_module_failed(ret, "");
	status = join(addition);
	return status ? status : add_all(addition);
}

static int run(int argc, char **argv)
{
	struct addition addition = { 0 };
	int status = read_options(&addition, argc, argv);

	if (status == OPTION_GO_ON) {
		status = put_in(&addition);
		addition.target.ops->close(&addition.target);
		free(addition.ids);
	}
	job_options_free(&addition.options);
	return status;
}

const struct command command_probe_add = {
	.words = "probe add",
	.summary = "Add probes to a pinned session: they count on by themselves",
	.usage = "-d DOMAIN -e PROBE[,PROBE...] --pin NAME [OPTION...]",
	.options = options,
	.notes =
"'gprobe probe list' shows their counts, 'gprobe probe del ID' takes one out,\n"
"'gprobe session unpin NAME' all. They do not follow their pages: for code that\n"
"stays where it is, such as a kernel's.\n",
	.run = run,
};
