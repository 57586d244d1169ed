// SPDX-License-Identifier: GPL-2.0
/*
 * Probes in their guest. A probe is a claim of the breakpoint table, which is
 * one claim of the module while its page is mapped, and another one when the
 * page has gone and come back: what those that are gone had counted is kept.
 */
#include "target.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <gprobe/insn.h>

#include "say.h"

/**
 * target_reason() - Tell why a request failed.
 * @target: attached
 * @err: what the module answered
 *
 * Return: its own words, if it had some.
 */
const char *target_reason(const struct target *target, int err)
{
	const char *message = gprobe_client_message(target->client);

	return *message ? message : strerror(-err);
}

/* --- what the module's claims are --- */

/* Where there is no instruction that is known, the module chooses. */
static int choose_step(const struct target *target,
		       const struct gprobe_call *call,
		       struct gprobe_claim_spec *spec)
{
	struct gprobe_driver driver = gprobe_session_driver(target->session);
	const struct gprobe_memory memory = {
		.read = driver.ops->read, .arg = driver.arg,
	};
	int ret = gprobe_insn_step_at(&memory, call->gfn, call->offset,
				      &spec->step, &spec->insn_bytes);

	if (ret != -EILSEQ)
		return ret;
	spec->step = 0;
	return 0;
}

static int fill_claim(void *arg, const struct gprobe_call *call,
		      struct gprobe_claim_spec *spec)
{
	const struct target *target = arg;

	spec->action = GPROBE_ACTION_COUNT;
	spec->cookie = call->key;
	spec->label = target->probes[call->key].text;
	return choose_step(target, call, spec);
}

static void claim_deleted(void *arg, const struct gprobe_claim_info *info)
{
	struct target *target = arg;

	if (info->cookie < target->nr_probes)
		target->past_hits[info->cookie] += info->hits;
}

/* --- in and out --- */

static struct gprobe_bpm_spec claim_of(const struct target *target,
				       size_t index, uint64_t root)
{
	const struct gprobe_probe *probe = &target->probes[index];

	return (struct gprobe_bpm_spec){
		.context = { .gva = probe->gva, .root = root },
		.key = index, .tag = index, .view = target->view,
		.global = !probe->root,
	};
}

/*
 * A place that all roots share is followed under the kernel's own, if that has
 * it too: a process may exit, and its page be another's, while all others still
 * map it.
 */
static bool kernel_has(const struct target *target, size_t index)
{
	const struct gprobe_probe *probe = &target->probes[index];
	struct gprobe_driver driver = gprobe_session_driver(target->session);
	struct gprobe_translation translation = {
		.root = target->kernel_root, .gva = probe->gva,
	};

	return target->kernel_root &&
	       !driver.ops->translate(driver.arg, &translation, 1) &&
	       !translation.ret &&
	       translation.gpa == probe->gfn * GPROBE_PAGE_SIZE +
				  probe->frame_offset;
}

static int put_in(struct target *target, size_t index)
{
	const struct gprobe_probe *probe = &target->probes[index];
	struct gprobe_follow *follow = gprobe_session_follow(target->session);
	struct gprobe_bpm_spec spec = claim_of(target, index, probe->root);

	if (probe->root)
		return gprobe_follow_insert(follow, &spec);
	if (kernel_has(target, index)) {
		spec.context.root = target->kernel_root;
		return gprobe_follow_insert(follow, &spec);
	}
	return gprobe_bpm_insert_at(gprobe_session_bpm(target->session), &spec,
				    probe->gfn * GPROBE_PAGE_SIZE +
				    probe->frame_offset);
}

static int put_in_failed(const struct target *target, size_t index, int err)
{
	const struct gprobe_probe *probe = &target->probes[index];

	if (err == -ESHUTDOWN)
		return say(STATUS_FAILED, "domain '%s': %s", target->name,
			   target_reason(target, err));
	if (err == -ENXIO && probe->root)
		return say(STATUS_FAILED,
			   "probe '%s': %#" PRIx64 " is no root: the guest has no memory there",
			   probe->text, probe->root);
	return say(STATUS_FAILED, "probe '%s': %s", probe->text,
		   target_reason(target, err));
}

/* A probe that counts nothing yet is no mistake, but must not look like one. */
static void say_pending(const struct target *target)
{
	struct gprobe_bpm *bpm = gprobe_session_bpm(target->session);
	struct gprobe_context context;
	size_t i;

	for (i = 0; i < target->nr_probes; i++) {
		if (!target->probes[i].root)
			continue;
		context.gva = target->probes[i].gva;
		context.root = target->probes[i].root;
		if (!gprobe_bpm_has(bpm, target->view, &context))
			say(STATUS_DONE,
			    "probe '%s': nothing is mapped at %#" PRIx64 " yet; it counts from when its page comes in",
			    target->probes[i].text, context.gva);
	}
}

static int open_session(struct target *target)
{
	const struct gprobe_session_spec spec = {
		.client = target->client,
		.host = target->host,
		.domid = target->guest.domid,
		.claims = {
			.fill = fill_claim,
			.deleted = claim_deleted,
			.arg = target,
		},
	};

	target->past_hits = calloc(target->nr_probes,
				   sizeof(*target->past_hits));
	if (!target->past_hits ||
	    gprobe_session_new(&spec, &target->session))
		return say_no_memory();
	return STATUS_DONE;
}

/**
 * target_arm() - Put the probes in, or have them wait for their pages.
 * @target: attached, probes resolved
 *
 * Return: the exit status; unless 0, some may be in until target_close().
 */
int target_arm(struct target *target)
{
	int status = open_session(target), ret;
	bool more = true;
	size_t i;

	for (i = 0; i < target->nr_probes && !status; i++) {
		ret = put_in(target, i);
		if (ret < 0)
			return put_in_failed(target, i, ret);
		status = target_serve(target, &more);
	}
	if (!status)
		say_pending(target);
	return status;
}

/**
 * target_serve() - Let vCPUs that wait go on, their probes in or out.
 * @target: armed
 * @more: there may be more; else gprobe_session_fd() tells
 *
 * Return: the exit status.
 */
int target_serve(struct target *target, bool *more)
{
	int ret = gprobe_session_dispatch(target->session);

	*more = ret > 0;
	/* The monitor tells of its death. */
	if (ret >= 0 || ret == -ESHUTDOWN)
		return STATUS_DONE;
	return say_module_failed(ret, gprobe_client_message(target->client));
}

/**
 * target_wait() - Serve until something can be written.
 * @target: attached
 * @fd: where to; whatever becomes of it, writing tells
 */
void target_wait(struct target *target, int fd)
{
	struct pollfd polls[] = {
		{ .fd = fd, .events = POLLOUT },
		{ .fd = -1, .events = POLLIN },
	};
	bool more = false;

	if (target->session)
		polls[1].fd = gprobe_session_fd(target->session);
	do {
		if (target->session && target_serve(target, &more))
			return;
		if (poll(polls, 2, more ? 0 : -1) < 0 && errno != EINTR)
			return;
	} while (!polls[0].revents);
}

/**
 * target_hits() - Ask the module for its own counts.
 * @target: armed
 * @hits: for each probe
 */
void target_hits(struct target *target, struct target_hits *hits)
{
	uint32_t session = gprobe_client_session(target->client);
	struct gprobe_claim_info *infos;
	size_t nr, i;

	memset(hits, 0, target->nr_probes * sizeof(*hits));
	if (gprobe_claim_list(target->client, target->guest.domid, &infos, &nr))
		return;
	for (i = 0; i < target->nr_probes; i++) {
		hits[i].hits = target->past_hits[i];
		hits[i].known = true;
	}
	for (i = 0; i < nr; i++)
		if (infos[i].session == session &&
		    infos[i].cookie < target->nr_probes)
			hits[infos[i].cookie].hits += infos[i].hits;
	free(infos);
}

/**
 * target_disarm() - Take the probes out.
 * @target: armed; its guest may have died
 * @hits: final, for each probe
 */
void target_disarm(struct target *target, struct target_hits *hits)
{
	bool more = true;

	/* What cannot be taken out is listed, and goes with the client. */
	gprobe_follow_clear(gprobe_session_follow(target->session));
	while (more && !target_serve(target, &more))
		;
	target_hits(target, hits);
}

/**
 * target_say_missed() - Say what may be in no count.
 * @target: armed
 */
void target_say_missed(const struct target *target)
{
	struct gprobe_session_figures figures;
	uint64_t missed;

	gprobe_session_figures(target->session, &figures);
	missed = figures.late + figures.failed + figures.lost;
	if (missed)
		say(STATUS_DONE,
		    "%" PRIu64 " changes of page tables were seen to too late: hits of probes whose pages came then may be missing",
		    missed);
}
