// SPDX-License-Identifier: GPL-2.0
/*
 * Probes in their guest: a probe is a claim of the breakpoint table.
 */
#include "target.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"

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
	struct gprobe_translation translation = {
		.root = target->kernel_root, .gva = probe->gva,
	};

	return target->kernel_root &&
	       !target->driver.ops->translate(target->driver.arg, &translation,
					       1) &&
	       !translation.ret &&
	       translation.gpa == probe->gfn * GPROBE_PAGE_SIZE +
				  probe->frame_offset;
}

static int put_in(struct target *target, size_t index)
{
	const struct gprobe_probe *probe = &target->probes[index];
	struct gprobe_bpm_spec spec = claim_of(target, index, probe->root);

	if (probe->root)
		return gprobe_follow_insert(target->follow, &spec);
	if (kernel_has(target, index)) {
		spec.context.root = target->kernel_root;
		return gprobe_follow_insert(target->follow, &spec);
	}
	return gprobe_bpm_insert_at(target->bpm, &spec,
				    probe->gfn * GPROBE_PAGE_SIZE +
				    probe->frame_offset);
}

static int put_in_failed(const struct target *target, size_t index, int err)
{
	const struct gprobe_probe *probe = &target->probes[index];

	if (err == -ESHUTDOWN)
		return say(STATUS_FAILED, "domain '%s': %s", target->name,
			   target->ops->reason(target, err));
	if (err == -ENXIO && probe->root)
		return say(STATUS_FAILED,
			   "probe '%s': %#" PRIx64 " is no root: the guest has no memory there",
			   probe->text, probe->root);
	return say(STATUS_FAILED, "probe '%s': %s", probe->text,
		   target->ops->reason(target, err));
}

/* A probe that counts nothing yet is no mistake, but must not look like one. */
static void say_pending(const struct target *target)
{
	struct gprobe_context context;
	size_t i;

	for (i = 0; i < target->nr_probes; i++) {
		if (!target->probes[i].root)
			continue;
		context.gva = target->probes[i].gva;
		context.root = target->probes[i].root;
		if (!gprobe_bpm_has(target->bpm, target->view, &context))
			say(STATUS_DONE,
			    "probe '%s': nothing is mapped at %#" PRIx64 " yet; it is there as soon as its page is",
			    target->probes[i].text, context.gva);
	}
}

/**
 * target_arm() - Put the probes in, or have them wait for their pages.
 * @target: attached, probes resolved
 *
 * Return: the exit status; unless 0, some may be in until @close.
 */
int target_arm(struct target *target)
{
	int status = target->ops->open_tables(target), ret;
	bool more = true;
	size_t i;

	for (i = 0; i < target->nr_probes && !status; i++) {
		ret = put_in(target, i);
		if (ret < 0)
			return put_in_failed(target, i, ret);
		status = target->ops->serve(target, &more);
	}
	if (!status)
		say_pending(target);
	return status;
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

	if (target->follow)
		polls[1].fd = target->fd;
	do {
		if (target->follow && target->ops->serve(target, &more))
			return;
		if (poll(polls, 2, more ? 0 : -1) < 0 && errno != EINTR)
			return;
	} while (!polls[0].revents);
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
	gprobe_follow_clear(target->follow);
	while (more && !target->ops->serve(target, &more))
		;
	target->ops->hits(target, hits);
}

/**
 * target_say_missed() - Say what may be in no count.
 * @target: armed
 */
void target_say_missed(const struct target *target)
{
	uint64_t missed = target->ops->missed(target);

	if (missed)
		say(STATUS_DONE,
		    "%" PRIu64 " changes of page tables were seen to too late: hits of probes whose pages came then may be missing",
		    missed);
}
