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

static uint64_t gpa_of(const struct gprobe_probe *probe)
{
	return probe->gfn * GPROBE_PAGE_SIZE + probe->frame_offset;
}

/**
 * struct claims - what is put in at once
 * @specs: the claims
 * @gpas: where they are; of those that do not follow their pages
 * @nr: how many
 */
struct claims {
	struct gprobe_bpm_spec *specs;
	uint64_t *gpas;
	size_t nr;
};

static bool claims_alloc(struct claims *claims, size_t max)
{
	claims->nr = 0;
	claims->specs = calloc(max, sizeof(*claims->specs));
	claims->gpas = calloc(max, sizeof(*claims->gpas));
	return claims->specs && claims->gpas;
}

static void claims_free(struct claims *claims)
{
	free(claims->specs);
	free(claims->gpas);
}

/*
 * A place that all roots share is followed under the kernel's own, if that has
 * it too: a process may exit, and its page be another's, while all others still
 * map it. @translations: of all probes, under the kernel's root.
 */
static bool kernel_has(const struct target *target, size_t index,
		       const struct gprobe_translation *translations)
{
	return target->kernel_root && !translations[index].ret &&
	       translations[index].gpa == gpa_of(&target->probes[index]);
}

/* None that fails is in the kernel. */
static void translate(const struct target *target,
		      struct gprobe_translation *translations)
{
	size_t i;
	int ret;

	if (!target->kernel_root)
		return;
	for (i = 0; i < target->nr_places; i++) {
		translations[i].root = target->kernel_root;
		translations[i].gva = target->probes[i].gva;
	}
	ret = target->driver.ops->translate(target->driver.arg, translations,
					    target->nr_places);
	for (i = 0; ret && i < target->nr_places; i++)
		translations[i].ret = ret;
}

/* From probe @from on, so many. */
static void make_claims(const struct target *target, size_t from, size_t nr,
			const struct gprobe_translation *translations,
			struct claims *following, struct claims *fixed)
{
	struct claims *claims;
	uint64_t root;
	size_t i;

	following->nr = 0;
	fixed->nr = 0;
	for (i = from; i < from + nr; i++) {
		root = target->probes[i].root;
		claims = following;
		if (!root && kernel_has(target, i, translations))
			root = target->kernel_root;
		else if (!root)
			claims = fixed;
		claims->gpas[claims->nr] = gpa_of(&target->probes[i]);
		claims->specs[claims->nr++] = claim_of(target, i, root);
	}
}

static int insert(const struct target *target, const struct claims *following,
		  const struct claims *fixed)
{
	int ret = gprobe_follow_insert_many(target->follow, following->specs,
					    following->nr, NULL);

	return ret ? ret : gprobe_bpm_insert_many_at(target->bpm, fixed->specs,
						     fixed->gpas, fixed->nr,
						     NULL);
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

/* One by one, to learn which cannot be. */
static int put_in_each(struct target *target,
		       const struct gprobe_translation *translations,
		       struct claims *following, struct claims *fixed)
{
	size_t i;
	int ret;

	for (i = 0; i < target->nr_places; i++) {
		make_claims(target, i, 1, translations, following, fixed);
		ret = insert(target, following, fixed);
		if (ret)
			return put_in_failed(target, i, ret);
	}
	return STATUS_DONE;
}

static int put_in(struct target *target,
		  const struct gprobe_translation *translations,
		  struct claims *following, struct claims *fixed)
{
	int ret;

	make_claims(target, 0, target->nr_places, translations, following,
		    fixed);
	progress_begin(&target->progress, "putting probes in",
		       target->nr_places);
	ret = insert(target, following, fixed);
	progress_end(&target->progress);
	if (!ret)
		return STATUS_DONE;
	if (ret == -ESHUTDOWN)
		return put_in_failed(target, 0, ret);
	return put_in_each(target, translations, following, fixed);
}

static int put_all_in(struct target *target)
{
	struct gprobe_translation *translations =
		calloc(target->nr_places, sizeof(*translations));
	struct claims following = { 0 }, fixed = { 0 };
	int status;

	if (translations && claims_alloc(&following, target->nr_places) &&
	    claims_alloc(&fixed, target->nr_places)) {
		translate(target, translations);
		status = put_in(target, translations, &following, &fixed);
	} else {
		status = say_no_memory();
	}
	claims_free(&following);
	claims_free(&fixed);
	free(translations);
	return status;
}

static bool is_pending(const struct target *target, size_t index)
{
	struct gprobe_context context = {
		.gva = target->probes[index].gva,
		.root = target->probes[index].root,
	};

	return context.root &&
	       !gprobe_bpm_has(target->bpm, target->view, &context);
}

/* A probe that counts nothing yet is no mistake, but must not look like one. */
static void say_pending(const struct target *target)
{
	size_t pending = 0, first = 0, i;

	for (i = target->nr_places; i--;) {
		if (!is_pending(target, i))
			continue;
		pending++;
		first = i;
	}
	if (pending == 1)
		say(STATUS_DONE,
		    "probe '%s': nothing is mapped at %#" PRIx64 " yet; it is there as soon as its page is",
		    target->probes[first].text, target->probes[first].gva);
	else if (pending)
		say(STATUS_DONE,
		    "%zu probes, such as '%s': nothing is mapped at %#" PRIx64 " and so on yet; each is there as soon as its page is",
		    pending, target->probes[first].text,
		    target->probes[first].gva);
}

/**
 * target_arm() - Put the probes in, or have them wait for their pages.
 * @target: attached, probes resolved
 *
 * Return: the exit status; unless 0, some may be in until @close.
 */
int target_arm(struct target *target)
{
	int status = target->ops->open_tables(target);
	bool more = true;

	if (!status)
		status = put_all_in(target);
	if (!status)
		status = target->ops->serve(target, &more);
	if (!status)
		say_pending(target);
	return status;
}

static bool is_served(const struct target *target)
{
	return target->follow && !target->is_dead;
}

/**
 * target_serve_beside() - Let vCPUs of the other guests go on.
 * @target: is worked on, which takes time
 *
 * What fails is found when they are served the next time.
 */
void target_serve_beside(struct target *target)
{
	bool more;

	while ((target = target->beside))
		if (is_served(target))
			target->ops->serve(target, &more);
}

/* All of them; answers false if one cannot be. */
static bool serve_all(struct target *target, bool *more)
{
	bool one_more = false;

	*more = false;
	for (; target; target = target->beside) {
		if (is_served(target) && target->ops->serve(target, &one_more))
			return false;
		*more |= one_more;
	}
	return true;
}

/**
 * target_wait() - Serve until something can be written.
 * @target: attached, and so are those beside it
 * @fd: where to; whatever becomes of it, writing tells
 */
void target_wait(struct target *target, int fd)
{
	struct pollfd polls[1 + TARGETS_MAX] = {
		{ .fd = fd, .events = POLLOUT },
	};
	struct target *each;
	nfds_t nr = 1;
	bool more;

	for (each = target; each; each = each->beside)
		if (is_served(each))
			polls[nr++] = (struct pollfd){
				.fd = each->fd, .events = POLLIN,
			};
	do {
		if (!serve_all(target, &more))
			return;
		if (poll(polls, nr, more ? 0 : -1) < 0 && errno != EINTR)
			return;
	} while (!polls[0].revents);
}

/**
 * target_disarm() - Take the probes out.
 * @target: armed; its guest may have died
 * @hits: final, for each place
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
