// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Breakpoints that follow their pages. A page of addresses is monitored once,
 * for as long as the breakpoint table has a claim of it.
 */
#include <gprobe/follow.h>

#include <errno.h>
#include <stdlib.h>

#include "bpm.h"

/* So many pages are handed on at once. */
#define PAGES	256

struct gprobe_follow {
	struct gprobe_bpm *bpm;
	struct gprobe_ptm *ptm;
	struct gprobe_paging pages[PAGES];
};

/* Pages that may be without claims once those of a key at @gva are removed. */
struct leaving {
	uint64_t gva, key;
	struct gprobe_paging *pages;
	size_t nr, max;
};

static struct gprobe_context page_of(const struct gprobe_context *context)
{
	return (struct gprobe_context){
		.gva = context->gva & ~PAGE_MASK,
		.root = context->root & GPROBE_ROOT_MASK,
	};
}

/* --- from the monitor to the table --- */

/*
 * A page that only has its tables rebuilt stays where it is, and so do its
 * claims: another vCPU may be running it.
 */
static size_t pages_of(struct gprobe_follow *follow,
		       const struct gprobe_ptm_event *events, size_t nr)
{
	size_t i, moved = 0;

	for (i = 0; i < nr; i++)
		if (!events[i].again)
			follow->pages[moved++] = events[i].paging;
	return moved;
}

typedef int gprobe_bpm_pages_fn(struct gprobe_bpm *bpm,
				const struct gprobe_paging *pagings, size_t nr);

static int hand_on(struct gprobe_follow *follow,
		   const struct gprobe_ptm_event *events, size_t nr,
		   gprobe_bpm_pages_fn *tell)
{
	size_t part, moved;
	int ret = 0;

	for (; nr && !ret; events += part, nr -= part) {
		part = nr < PAGES ? nr : PAGES;
		moved = pages_of(follow, events, part);
		if (moved)
			ret = tell(follow->bpm, follow->pages, moved);
	}
	return ret;
}

static int page_out(void *arg, const struct gprobe_ptm_event *events, size_t nr)
{
	return hand_on(arg, events, nr, gprobe_bpm_page_out_many);
}

static int page_in(void *arg, const struct gprobe_ptm_event *events, size_t nr)
{
	return hand_on(arg, events, nr, gprobe_bpm_page_in_many);
}

/**
 * gprobe_follow_new() - Join a breakpoint table with a page-table monitor.
 * @driver: the guest; copied
 * @arbiter: of its pages
 * @bpm: the table; both outlive what is made
 * @follow: gets it
 *
 * Return: 0 or -ENOMEM.
 */
int gprobe_follow_new(const struct gprobe_driver *driver,
		      struct gprobe_access_arbiter *arbiter,
		      struct gprobe_bpm *bpm, struct gprobe_follow **follow)
{
	struct gprobe_follow *made = calloc(1, sizeof(*made));
	struct gprobe_ptm_listener listener = {
		.page_out = page_out, .page_in = page_in, .arg = made,
	};
	int ret;

	if (!made)
		return -ENOMEM;
	made->bpm = bpm;
	ret = gprobe_ptm_new(driver, arbiter, &listener, &made->ptm);
	if (ret) {
		free(made);
		return ret;
	}
	*follow = made;
	return 0;
}

/**
 * gprobe_follow_free() - Let pages go without being followed.
 * @follow: or NULL
 *
 * The table keeps its claims. As gprobe_ptm_free(), where it matters that all
 * of the guest is as before gprobe_follow_clear() has answered 0 or 1 before.
 */
void gprobe_follow_free(struct gprobe_follow *follow)
{
	if (!follow)
		return;
	gprobe_ptm_free(follow->ptm);
	free(follow);
}

/* --- claims --- */

static bool has_claims(const struct gprobe_follow *follow, uint32_t view,
		       const struct gprobe_context *page)
{
	uint32_t id;

	for (id = gprobe_bpm_page_first(follow->bpm, page->root, page->gva); id;
	     id = bpm_next(follow->bpm, id, BPM_PAGE))
		if (bpm_view(bpm_claim(follow->bpm, id)) == view)
			return true;
	return false;
}

/* All pages, or the first ones up to that which failed: so many. */
static size_t monitor(struct gprobe_follow *follow,
		      const struct gprobe_bpm_spec *specs, size_t nr, int *ret)
{
	struct gprobe_context page;
	size_t i;

	for (i = 0, *ret = 0; i < nr && !*ret; i++) {
		page = page_of(&specs[i].context);
		if (gprobe_ptm_find(follow->ptm, specs[i].view, &page, NULL))
			*ret = gprobe_ptm_monitor(follow->ptm, specs[i].view,
						  &page, 0);
	}
	return i;
}

/* Of those that were monitored, those that have no claims. */
static void unmonitor(struct gprobe_follow *follow,
		      const struct gprobe_bpm_spec *specs, size_t nr)
{
	struct gprobe_context page;

	while (nr--) {
		page = page_of(&specs[nr].context);
		/* What it fails to give back, later calls do. */
		if (!has_claims(follow, specs[nr].view, &page))
			gprobe_ptm_unmonitor_force(follow->ptm, specs[nr].view,
						   &page);
	}
}

/*
 * The place is the one the monitor knows, not that of the moment: a store may
 * be done whose page-out or page-in is still to come, and what that says is
 * about the monitor's place. A look of our own could also miss a change that
 * is undone before it is processed: of that, nothing is told.
 */
static int insert(struct gprobe_follow *follow,
		  const struct gprobe_bpm_spec *specs, size_t nr, int *answers)
{
	uint64_t *gpas = reallocarray(NULL, nr, sizeof(*gpas));
	struct gprobe_ptm_address at;
	struct gprobe_context page;
	int ret = gpas ? 0 : -ENOMEM;
	size_t i;

	for (i = 0; i < nr && !ret; i++) {
		page = page_of(&specs[i].context);
		ret = gprobe_ptm_find(follow->ptm, specs[i].view, &page, &at);
		gpas[i] = GPROBE_BPM_NO_GPA;
		if (!ret && at.gpa != GPROBE_PTM_NO_GPA)
			gpas[i] = at.gpa | (specs[i].context.gva & PAGE_MASK);
	}
	if (!ret)
		ret = gprobe_bpm_insert_many_at(follow->bpm, specs, gpas, nr,
						answers);
	free(gpas);
	return ret;
}

/**
 * gprobe_follow_insert_many() - Want many breakpoints, wherever their pages are.
 * @follow: the joined tables
 * @specs: the claims
 * @nr: how many
 * @answers: gets enum gprobe_bpm_answer for each; or NULL
 *
 * One batch of the tap for all. All or none.
 *
 * Return: as gprobe_bpm_insert_many(); what gprobe_ptm_monitor() answered. On
 * failure neither table has anything of them that was not there before.
 */
int gprobe_follow_insert_many(struct gprobe_follow *follow,
			      const struct gprobe_bpm_spec *specs, size_t nr,
			      int *answers)
{
	size_t monitored;
	int ret;

	if (!nr)
		return 0;
	monitored = monitor(follow, specs, nr, &ret);
	if (!ret)
		ret = insert(follow, specs, nr, answers);
	if (ret)
		unmonitor(follow, specs, monitored);
	return ret;
}

/**
 * gprobe_follow_insert() - Want a breakpoint, wherever its page is.
 * @follow: the joined tables
 * @spec: the claim
 *
 * Return: as gprobe_bpm_insert(); what gprobe_ptm_monitor() answered. On
 * failure neither table has anything of it.
 */
int gprobe_follow_insert(struct gprobe_follow *follow,
			 const struct gprobe_bpm_spec *spec)
{
	int answer, ret;

	ret = gprobe_follow_insert_many(follow, spec, 1, &answer);
	return ret ? ret : answer;
}

static int add_page(struct leaving *leaving, const struct bpm_claim *claim)
{
	size_t max = leaving->max ? 2 * leaving->max : 8;
	struct gprobe_paging *more;

	if (leaving->nr == leaving->max) {
		more = reallocarray(leaving->pages, max, sizeof(*more));
		if (!more)
			return -ENOMEM;
		leaving->pages = more;
		leaving->max = max;
	}
	leaving->pages[leaving->nr++] = (struct gprobe_paging){
		.context.gva = claim->gva & ~PAGE_MASK,
		.context.root = bpm_root(claim),
		.view = bpm_view(claim),
	};
	return 0;
}

static int add_list(const struct gprobe_follow *follow, uint32_t id,
		    enum bpm_list list, struct leaving *leaving)
{
	const struct bpm_claim *claim;
	int ret = 0;

	for (; id && !ret; id = bpm_next(follow->bpm, id, list)) {
		claim = bpm_claim(follow->bpm, id);
		if (claim->gva == leaving->gva && claim->key == leaving->key)
			ret = add_page(leaving, claim);
	}
	return ret;
}

/* Where the claims of a key at an address are, under all roots if global. */
static int find_leaving(const struct gprobe_follow *follow,
			const struct gprobe_context *context, uint64_t key,
			struct leaving *leaving)
{
	uint64_t root = context->root & GPROBE_ROOT_MASK;
	uint32_t id;
	int ret;

	*leaving = (struct leaving){ .gva = context->gva, .key = key };
	id = gprobe_bpm_page_first(follow->bpm, root, context->gva);
	ret = add_list(follow, id, BPM_PAGE, leaving);
	if (ret)
		return ret;
	id = gprobe_bpm_ring_first(follow->bpm, context->gva);
	return add_list(follow, id, BPM_RING, leaving);
}

/* Pages that have claims left stay monitored. */
static int release(struct gprobe_follow *follow, const struct leaving *leaving)
{
	const struct gprobe_paging *page;
	int first = 0, ret;
	size_t i;

	for (i = 0; i < leaving->nr; i++) {
		page = &leaving->pages[i];
		if (has_claims(follow, page->view, &page->context))
			continue;
		ret = gprobe_ptm_unmonitor_force(follow->ptm, page->view,
						 &page->context);
		first = first ? first : ret;
	}
	return first;
}

/**
 * gprobe_follow_remove() - Do not want a breakpoint any more.
 * @follow: the joined tables
 * @view: in this view
 * @context: at this address; a global one under any of its roots
 * @key: whose
 *
 * Return: as gprobe_bpm_remove(); -ENOMEM: nothing was done; what the arbiter
 * answered: the claim is gone, and later calls take the protection back.
 */
int gprobe_follow_remove(struct gprobe_follow *follow, uint32_t view,
			 const struct gprobe_context *context, uint64_t key)
{
	struct leaving leaving;
	int removed, ret;

	removed = find_leaving(follow, context, key, &leaving);
	if (!removed)
		removed = gprobe_bpm_remove(follow->bpm, view, context, key);
	ret = release(follow, &leaving);
	free(leaving.pages);
	return removed < 0 || !ret ? removed : ret;
}

/**
 * gprobe_follow_remove_by_event() - Remove what an event was for.
 * @follow: the joined tables
 * @event: the event
 * @key: whose claims
 *
 * Return: as gprobe_bpm_remove_by_event(); otherwise as gprobe_follow_remove().
 */
int gprobe_follow_remove_by_event(struct gprobe_follow *follow,
				  const struct gprobe_event *event,
				  uint64_t key)
{
	struct gprobe_context context = {
		.gva = event->gva, .root = event->root,
	};
	struct leaving leaving;
	int removed, ret;

	removed = find_leaving(follow, &context, key, &leaving);
	if (!removed)
		removed = gprobe_bpm_remove_by_event(follow->bpm, event, key);
	ret = release(follow, &leaving);
	free(leaving.pages);
	return removed < 0 || !ret ? removed : ret;
}

/**
 * gprobe_follow_remove_view() - Remove all claims of a view.
 * @follow: the joined tables
 * @view: the view; it may be gone already
 *
 * Return: as gprobe_bpm_remove_view(), or as gprobe_ptm_unmonitor_view().
 */
int gprobe_follow_remove_view(struct gprobe_follow *follow, uint32_t view)
{
	int removed = gprobe_bpm_remove_view(follow->bpm, view), ret;

	if (removed < 0)
		return removed;
	ret = gprobe_ptm_unmonitor_view(follow->ptm, view);
	return ret ? ret : removed;
}

/**
 * gprobe_follow_clear() - Remove all claims.
 * @follow: the joined tables; usable afterwards
 *
 * Return: as gprobe_bpm_clear(), or as gprobe_ptm_unmonitor_all().
 */
int gprobe_follow_clear(struct gprobe_follow *follow)
{
	int removed = gprobe_bpm_clear(follow->bpm), ret;

	if (removed < 0)
		return removed;
	ret = gprobe_ptm_unmonitor_all(follow->ptm);
	return ret ? ret : removed;
}

/* --- events --- */

/**
 * gprobe_follow_event() - See to an event of the guest.
 * @follow: the joined tables
 * @event: the event; its vCPU is held
 *
 * Return: enum gprobe_follow_answer; a negative errno: the vCPU must not go on
 * unless the call, repeated, answers.
 */
int gprobe_follow_event(struct gprobe_follow *follow,
			const struct gprobe_event *event)
{
	struct gprobe_ptm_write write = {
		.gpa = event->gpa, .bytes = event->bytes,
		.view = GPROBE_PTM_ALL_VIEWS, .vcpu = event->vcpu,
	};
	int ret;

	/* What this vCPU stored before is done by now. */
	ret = gprobe_ptm_process(follow->ptm, event->vcpu);
	if (ret)
		return ret;
	if (event->kind != GPROBE_EVENT_ACCESS ||
	    !(event->access & GPROBE_ACCESS_W) ||
	    !gprobe_ptm_has_table(follow->ptm, event->view,
				  event->gpa / GPROBE_PAGE_SIZE))
		return GPROBE_FOLLOW_PASS;
	ret = gprobe_ptm_mark(follow->ptm, &write);
	if (ret < 0)
		return ret;
	return ret ? GPROBE_FOLLOW_STEP : GPROBE_FOLLOW_EMULATE;
}

/**
 * gprobe_follow_stored() - A vCPU's store is done: let claims follow.
 * @follow: the joined tables
 * @vcpu: whose; it is held
 *
 * Return: 0; a negative errno: some claims may not have followed, and the call
 * repeated goes on with them; until then the vCPU must not go on.
 */
int gprobe_follow_stored(struct gprobe_follow *follow, uint32_t vcpu)
{
	return gprobe_ptm_process(follow->ptm, vcpu);
}

/**
 * gprobe_follow_ptm() - Look at the monitor.
 * @follow: the joined tables
 *
 * Return: the monitor, for its figures and addresses.
 */
const struct gprobe_ptm *gprobe_follow_ptm(const struct gprobe_follow *follow)
{
	return follow->ptm;
}
