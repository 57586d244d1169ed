// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gprobe/access.h>

#include <errno.h>
#include <stdlib.h>

#include <linux/gprobe.h>

#include "access.h"
#include "moot.h"
#include "slots.h"

#define VIEW_MAX	0xffffffu
#define ACCESS_BITS	3
#define UNKNOWN		0xff

/* Batches of this size need no allocation. */
#define FEW		256

/**
 * struct page - a page that somebody has a reason to restrict
 * @key: view:24, gfn:40
 * @refs: reasons, those that allow all as well
 * @denied: reasons that deny read, write, execute
 * @original: what it allowed before the first reason
 * @current: what the driver was told last, or UNKNOWN
 * @fresh: @original is not known yet
 * @queued: a call for it is in the batch that is being built
 *
 * With no reasons it is kept only while @current is not @original.
 */
struct page {
	uint64_t key;
	uint32_t refs;
	uint32_t denied[ACCESS_BITS];
	uint8_t original;
	uint8_t current;
	uint8_t fresh;
	uint8_t queued;
};

/**
 * struct gprobe_access_arbiter - all restricted pages of a guest
 * @driver: the guest
 * @pages: struct page
 * @unsettled: there may be pages whose @current is not what it should be
 * @watches: somebody has the driver watch
 * @few: room for the calls of a small batch
 */
struct gprobe_access_arbiter {
	struct gprobe_driver driver;
	struct gprobe_slots pages;
	bool unsettled, watches;
	struct gprobe_call few[FEW];
};

/* One operation. */
struct operation {
	struct gprobe_access_arbiter *arbiter;
	const struct gprobe_access_reason *reasons;
	size_t nr;
	struct gprobe_call *calls;
};

/**
 * gprobe_access_new() - Make an arbiter.
 * @driver: the guest; copied
 * @arbiter: gets it
 *
 * Return: 0 or -ENOMEM.
 */
int gprobe_access_new(const struct gprobe_driver *driver,
		      struct gprobe_access_arbiter **arbiter)
{
	*arbiter = calloc(1, sizeof(**arbiter));
	if (!*arbiter)
		return -ENOMEM;
	(*arbiter)->driver = *driver;
	gprobe_slots_init(&(*arbiter)->pages, sizeof(struct page));
	return 0;
}

/**
 * gprobe_access_free() - Free an arbiter. No page's access is changed.
 * @arbiter: the arbiter, or NULL
 */
void gprobe_access_free(struct gprobe_access_arbiter *arbiter)
{
	if (!arbiter)
		return;
	gprobe_slots_free(&arbiter->pages);
	free(arbiter);
}

static uint64_t page_key(uint32_t view, uint64_t gfn)
{
	return (uint64_t)view << GPROBE_GFN_BITS | gfn;
}

static struct page *find(const struct gprobe_access_arbiter *arbiter,
			 uint32_t view, uint64_t gfn)
{
	return gprobe_slots_find(&arbiter->pages, page_key(view, gfn),
				 sizeof(struct page));
}

static struct page *page_of(const struct operation *op, size_t i)
{
	return find(op->arbiter, op->reasons[i].view, op->reasons[i].gfn);
}

static struct page *page_of_call(const struct operation *op, size_t i)
{
	return find(op->arbiter, op->calls[i].view, op->calls[i].gfn);
}

static uint8_t effective(const struct page *page)
{
	uint8_t access = page->original;
	unsigned int bit;

	for (bit = 0; bit < ACCESS_BITS; bit++)
		if (page->denied[bit])
			access &= ~(1u << bit);
	return access;
}

static bool is_valid(const struct gprobe_access_reason *reason)
{
	return reason->view != GPROBE_VIEW_HOST && reason->view <= VIEW_MAX &&
	       !(reason->gfn >> GPROBE_GFN_BITS) &&
	       reason->allowed <= GPROBE_ACCESS_RWX;
}

static bool holds(const struct page *page, uint32_t allowed)
{
	unsigned int bit;

	if (!page || !page->refs)
		return false;
	for (bit = 0; bit < ACCESS_BITS; bit++)
		if (!(allowed & 1u << bit) && !page->denied[bit])
			return false;
	return true;
}

static void count(struct page *page, uint32_t allowed, int by)
{
	unsigned int bit;

	page->refs += by;
	for (bit = 0; bit < ACCESS_BITS; bit++)
		if (!(allowed & 1u << bit))
			page->denied[bit] += by;
}

/* Undo the counting of the first @nr reasons. */
static void uncount(struct operation *op, size_t nr, int by)
{
	while (nr--)
		count(page_of(op, nr), op->reasons[nr].allowed, -by);
}

/* Forget pages that nobody has a reason for and that are as they were. */
static void drop_idle(struct operation *op)
{
	struct page *page;
	size_t i;

	for (i = 0; i < op->nr; i++) {
		page = page_of(op, i);
		if (page && !page->refs &&
		    (page->fresh || page->current == page->original))
			gprobe_slots_del(&op->arbiter->pages, page,
					 sizeof(*page));
	}
}

static void add_call(struct operation *op, size_t *nr, struct page *page,
		     uint32_t kind)
{
	op->calls[(*nr)++] = (struct gprobe_call){
		.kind = kind,
		.view = page->key >> GPROBE_GFN_BITS,
		.gfn = page->key & ((1ULL << GPROBE_GFN_BITS) - 1),
		.access = effective(page),
		.ret = -ECANCELED,
	};
	page->queued = 1;
}

/*
 * One batch; more where the driver stopped at something that is gone, if that
 * is as good as done. The first error that counts.
 */
static int do_calls(struct operation *op, size_t nr, bool moot_is_done)
{
	const struct gprobe_driver *driver = &op->arbiter->driver;
	struct gprobe_call *calls = op->calls;
	int first = 0, all = 0, ret;
	bool moot = true;
	size_t i = 0;

	while (i < nr && moot && !first) {
		moot = false;
		all = driver->ops->call(driver->arg, calls + i, nr - i);
		for (; i < nr && calls[i].ret != -ECANCELED; i++) {
			ret = calls[i].ret;
			if (moot_is_done && gprobe_is_moot(ret)) {
				ret = 0;
				moot = true;
			}
			if (!ret)
				page_of_call(op, i)->current = calls[i].access;
			else if (!first)
				first = ret;
		}
	}
	if (i < nr && !first)
		first = all ? all : -ECANCELED;
	for (i = 0; i < nr; i++)
		page_of_call(op, i)->queued = 0;
	return first;
}

/* What pages that are new allow. */
static int capture(struct operation *op)
{
	struct page *page;
	size_t i, nr = 0;
	int ret;

	for (i = 0; i < op->nr; i++) {
		page = page_of(op, i);
		if (page->fresh && !page->queued)
			add_call(op, &nr, page, GPROBE_CALL_ACCESS_GET);
	}
	ret = do_calls(op, nr, false);
	if (ret)
		return ret;
	for (i = 0; i < nr; i++) {
		page = page_of_call(op, i);
		page->original = page->current & GPROBE_ACCESS_RWX;
		page->current = page->original;
		page->fresh = 0;
	}
	return 0;
}

/* Tell the driver of all pages whose access is another now. */
static int change(struct operation *op, bool moot_is_done)
{
	struct page *page;
	size_t i, nr = 0;

	for (i = 0; i < op->nr; i++) {
		page = page_of(op, i);
		/* A reason that allows all has changed nothing. */
		if (op->reasons[i].allowed != GPROBE_ACCESS_RWX &&
		    !page->fresh && !page->queued &&
		    page->current != effective(page))
			add_call(op, &nr, page, GPROBE_CALL_ACCESS_SET);
	}
	return do_calls(op, nr, moot_is_done);
}

static int begin(struct operation *op)
{
	size_t i;

	for (i = 0; i < op->nr; i++)
		if (!is_valid(&op->reasons[i]))
			return -EINVAL;
	op->calls = op->arbiter->few;
	if (op->nr > FEW)
		op->calls = calloc(op->nr, sizeof(*op->calls));
	return op->calls ? 0 : -ENOMEM;
}

static void end(struct operation *op)
{
	if (op->calls != op->arbiter->few)
		free(op->calls);
}

static int settle_batch(struct operation *op)
{
	struct gprobe_access_arbiter *arbiter = op->arbiter;
	size_t cursor = 0, nr = 0;
	struct page *page;

	while ((page = gprobe_slots_next(&arbiter->pages, &cursor)))
		if (page->current != effective(page) && nr < FEW)
			add_call(op, &nr, page, GPROBE_CALL_ACCESS_SET);
	arbiter->unsettled = nr;
	return do_calls(op, nr, true);
}

static bool is_idle(const void *slot)
{
	return !((const struct page *)slot)->refs;
}

/**
 * gprobe_access_settle() - Set right what a failing driver left.
 * @arbiter: the arbiter
 *
 * Every other call does the same when it succeeds; this is for those who have
 * no other one to make.
 *
 * Return: 0 or what the driver answered.
 */
int gprobe_access_settle(struct gprobe_access_arbiter *arbiter)
{
	struct operation op = { .arbiter = arbiter };
	int ret = 0;

	op.calls = arbiter->few;
	while (arbiter->unsettled && !ret)
		ret = settle_batch(&op);
	if (!ret)
		gprobe_slots_prune(&arbiter->pages, is_idle);
	return ret;
}

static int add_reasons(struct operation *op)
{
	struct gprobe_slots *pages = &op->arbiter->pages;
	const struct gprobe_access_reason *reason;
	struct page *page;
	size_t i;
	int ret;

	ret = gprobe_slots_reserve(pages, op->nr);
	if (ret)
		return ret;
	for (i = 0; i < op->nr; i++) {
		reason = &op->reasons[i];
		page = page_of(op, i);
		if (!page) {
			page = gprobe_slots_add(pages, page_key(reason->view,
								reason->gfn));
			page->fresh = 1;
		}
		count(page, reason->allowed, 1);
	}
	return 0;
}

/**
 * gprobe_access_get_many() - Restrict pages.
 * @arbiter: the arbiter
 * @reasons: why; not kept
 * @nr: how many
 *
 * At most two batches: one reads what pages that are new to the arbiter allow,
 * one changes what all allow now.
 *
 * Return: 0; -EINVAL view 0 or an impossible page; -ENOMEM; what the driver
 * answered. All or none: see above.
 */
int gprobe_access_get_many(struct gprobe_access_arbiter *arbiter,
			   const struct gprobe_access_reason *reasons,
			   size_t nr)
{
	struct operation op = {
		.arbiter = arbiter, .reasons = reasons, .nr = nr,
	};
	int ret;

	ret = begin(&op);
	if (ret)
		return ret;
	ret = add_reasons(&op);
	if (ret)
		goto out;
	ret = capture(&op);
	if (!ret)
		ret = change(&op, false);
	if (ret) {
		uncount(&op, nr, 1);
		if (change(&op, true))
			arbiter->unsettled = true;
		drop_idle(&op);
	} else if (arbiter->unsettled) {
		gprobe_access_settle(arbiter);
	}
out:
	end(&op);
	return ret;
}

static int remove_reasons(struct operation *op)
{
	size_t i;

	for (i = 0; i < op->nr; i++) {
		struct page *page = page_of(op, i);

		if (!holds(page, op->reasons[i].allowed)) {
			uncount(op, i, -1);
			return -ENOENT;
		}
		count(page, op->reasons[i].allowed, -1);
	}
	return 0;
}

/**
 * gprobe_access_put_many() - Take reasons back.
 * @arbiter: the arbiter
 * @reasons: as they were given
 * @nr: how many
 *
 * At most one batch.
 *
 * Return: 0; -ENOENT there is no such reason; -EINVAL; -ENOMEM, for more than
 * 256 at once; what the driver answered. All or none: see above.
 */
int gprobe_access_put_many(struct gprobe_access_arbiter *arbiter,
			   const struct gprobe_access_reason *reasons,
			   size_t nr)
{
	struct operation op = {
		.arbiter = arbiter, .reasons = reasons, .nr = nr,
	};
	int ret;

	ret = begin(&op);
	if (ret)
		return ret;
	ret = remove_reasons(&op);
	if (ret)
		goto out;
	ret = change(&op, true);
	if (ret) {
		uncount(&op, nr, -1);
		if (change(&op, false))
			arbiter->unsettled = true;
	} else {
		drop_idle(&op);
		if (arbiter->unsettled)
			gprobe_access_settle(arbiter);
	}
out:
	end(&op);
	return ret;
}

/* Pages that the driver was not told of: their reasons are as before. */
static void settle_each(struct operation *op, int by, int err, int *rets)
{
	struct page *page;
	size_t i;

	for (i = 0; i < op->nr; i++) {
		page = page_of(op, i);
		page->queued = page->current != effective(page);
	}
	for (i = 0; i < op->nr; i++) {
		page = page_of(op, i);
		rets[i] = page->queued ? err : 0;
		if (page->queued)
			count(page, op->reasons[i].allowed, -by);
	}
	for (i = 0; i < op->nr; i++)
		page_of(op, i)->queued = 0;
	drop_idle(op);
}

static void fail_all(int *rets, size_t nr, int ret)
{
	while (nr--)
		rets[nr] = ret;
}

/**
 * gprobe_access_get_each() - Restrict pages, each for itself.
 * @arbiter: the arbiter
 * @reasons: why; not kept
 * @nr: how many
 * @rets: gets an answer for each: 0, or it is as before
 *
 * Return: as gprobe_access_get_many(), of the first one that failed.
 */
int gprobe_access_get_each(struct gprobe_access_arbiter *arbiter,
			   const struct gprobe_access_reason *reasons,
			   size_t nr, int *rets)
{
	struct operation op = {
		.arbiter = arbiter, .reasons = reasons, .nr = nr,
	};
	int ret;

	ret = gprobe_access_hold_many(arbiter, reasons, nr);
	if (ret) {
		fail_all(rets, nr, ret);
		return ret;
	}
	ret = begin(&op);
	if (ret) {
		uncount(&op, nr, 1);
		drop_idle(&op);
		fail_all(rets, nr, ret);
		return ret;
	}
	ret = change(&op, false);
	settle_each(&op, 1, ret, rets);
	if (!ret && arbiter->unsettled)
		gprobe_access_settle(arbiter);
	end(&op);
	return ret;
}

/**
 * gprobe_access_put_each() - Take reasons back, each for itself.
 * @arbiter: the arbiter
 * @reasons: as they were given
 * @nr: how many
 * @rets: gets an answer for each: 0, or it is as before
 *
 * Return: as gprobe_access_put_many(), of the first one that failed.
 */
int gprobe_access_put_each(struct gprobe_access_arbiter *arbiter,
			   const struct gprobe_access_reason *reasons,
			   size_t nr, int *rets)
{
	struct operation op = {
		.arbiter = arbiter, .reasons = reasons, .nr = nr,
	};
	int ret;

	ret = begin(&op);
	if (ret) {
		fail_all(rets, nr, ret);
		return ret;
	}
	ret = remove_reasons(&op);
	if (ret) {
		fail_all(rets, nr, ret);
	} else {
		ret = change(&op, true);
		settle_each(&op, -1, ret, rets);
	}
	if (!ret && arbiter->unsettled)
		gprobe_access_settle(arbiter);
	end(&op);
	return ret;
}

/**
 * gprobe_access_get() - Restrict a page.
 * @arbiter: the arbiter
 * @view: not 0
 * @gfn: the page
 * @allowed: what the reason still allows; GPROBE_ACCESS_RWX only keeps what
 *	the page allows now in mind, for it to be restored
 *
 * Return: as gprobe_access_get_many().
 */
int gprobe_access_get(struct gprobe_access_arbiter *arbiter, uint32_t view,
		      uint64_t gfn, uint32_t allowed)
{
	const struct gprobe_access_reason reason = {
		.view = view, .gfn = gfn, .allowed = allowed,
	};

	return gprobe_access_get_many(arbiter, &reason, 1);
}

/**
 * gprobe_access_put() - Take a reason back.
 * @arbiter: the arbiter
 * @view: as it was given
 * @gfn: as it was given
 * @allowed: as it was given
 *
 * Return: as gprobe_access_put_many(); it needs no memory.
 */
int gprobe_access_put(struct gprobe_access_arbiter *arbiter, uint32_t view,
		      uint64_t gfn, uint32_t allowed)
{
	const struct gprobe_access_reason reason = {
		.view = view, .gfn = gfn, .allowed = allowed,
	};

	return gprobe_access_put_many(arbiter, &reason, 1);
}

/**
 * gprobe_access_effective() - What a page allows with all reasons.
 * @arbiter: the arbiter
 * @view: in which view
 * @gfn: the page
 *
 * Return: enum gprobe_access; RWX for a page nobody has a reason for: what it
 * allows is not known here.
 */
uint32_t gprobe_access_effective(const struct gprobe_access_arbiter *arbiter,
				 uint32_t view, uint64_t gfn)
{
	const struct page *page = find(arbiter, view, gfn);

	return page && page->refs ? effective(page) : GPROBE_ACCESS_RWX;
}

/**
 * gprobe_access_hold_many() - Restrict pages that the caller will remap.
 * @arbiter: the arbiter
 * @reasons: why; not kept
 * @nr: how many
 *
 * The driver is not told what they allow now: gprobe_access_applied() says
 * that the remap did. At most one batch.
 *
 * Return: as gprobe_access_get_many().
 */
int gprobe_access_hold_many(struct gprobe_access_arbiter *arbiter,
			    const struct gprobe_access_reason *reasons,
			    size_t nr)
{
	struct operation op = {
		.arbiter = arbiter, .reasons = reasons, .nr = nr,
	};
	int ret;

	ret = begin(&op);
	if (ret)
		return ret;
	ret = add_reasons(&op);
	if (!ret) {
		ret = capture(&op);
		if (ret) {
			uncount(&op, nr, 1);
			drop_idle(&op);
		}
	}
	end(&op);
	return ret;
}

/**
 * gprobe_access_without() - What a page would allow without a reason.
 * @arbiter: the arbiter
 * @reason: one that is held
 *
 * Return: enum gprobe_access.
 */
uint32_t gprobe_access_without(const struct gprobe_access_arbiter *arbiter,
			       const struct gprobe_access_reason *reason)
{
	struct page page = *find(arbiter, reason->view, reason->gfn);

	count(&page, reason->allowed, -1);
	return effective(&page);
}

/**
 * gprobe_access_applied() - Tell what a remap made a page allow.
 * @arbiter: the arbiter
 * @view: in which view
 * @gfn: a page that is held
 * @access: enum gprobe_access
 */
void gprobe_access_applied(struct gprobe_access_arbiter *arbiter, uint32_t view,
			   uint64_t gfn, uint32_t access)
{
	find(arbiter, view, gfn)->current = access;
}

/**
 * gprobe_access_release() - Take back the reason for a page that was held.
 * @arbiter: the arbiter
 * @reason: as it was given
 *
 * The driver is not told; where it should be, the next call does.
 */
void gprobe_access_release(struct gprobe_access_arbiter *arbiter,
			   const struct gprobe_access_reason *reason)
{
	struct page *page = find(arbiter, reason->view, reason->gfn);

	count(page, reason->allowed, -1);
	if (page->current != effective(page))
		arbiter->unsettled = true;
	else if (!page->refs)
		gprobe_slots_del(&arbiter->pages, page, sizeof(*page));
}

/**
 * gprobe_access_confirm() - See to it that a page allows what it should.
 * @arbiter: the arbiter
 * @view: in which view
 * @gfn: the page
 *
 * A call of the driver is made only where one failed before.
 *
 * Return: 0 or what the driver answered.
 */
int gprobe_access_confirm(struct gprobe_access_arbiter *arbiter, uint32_t view,
			  uint64_t gfn)
{
	struct operation op = { .arbiter = arbiter, .calls = arbiter->few };
	struct page *page = find(arbiter, view, gfn);
	size_t nr = 0;
	int ret;

	if (!page || page->current == effective(page))
		return 0;
	add_call(&op, &nr, page, GPROBE_CALL_ACCESS_SET);
	ret = do_calls(&op, nr, true);
	if (!ret && !page->refs)
		gprobe_slots_del(&arbiter->pages, page, sizeof(*page));
	return ret;
}

/**
 * gprobe_access_lost() - Tell that a page's access was changed by something.
 * @arbiter: the arbiter
 * @view: in which view
 * @gfn: the page
 *
 * For those who remap. The next call sets it right.
 */
void gprobe_access_lost(struct gprobe_access_arbiter *arbiter, uint32_t view,
			uint64_t gfn)
{
	struct page *page = find(arbiter, view, gfn);

	if (!page)
		return;
	page->current = UNKNOWN;
	arbiter->unsettled = true;
}

/**
 * gprobe_access_pages() - Count the pages that reasons are known for.
 * @arbiter: the arbiter
 *
 * Return: how many; those that a failing driver left restricted as well.
 */
size_t gprobe_access_pages(const struct gprobe_access_arbiter *arbiter)
{
	return arbiter->pages.used;
}

/**
 * gprobe_access_take_watches() - Be the one who has the driver watch.
 * @arbiter: the arbiter
 *
 * Return: true if so, until gprobe_access_give_watches().
 */
bool gprobe_access_take_watches(struct gprobe_access_arbiter *arbiter)
{
	if (arbiter->watches ||
	    !(arbiter->driver.ops->features & GPROBE_DRIVER_WATCHES))
		return false;
	arbiter->watches = true;
	return true;
}

/**
 * gprobe_access_give_watches() - Leave watching to somebody else.
 * @arbiter: the arbiter; gprobe_access_take_watches() answered true
 */
void gprobe_access_give_watches(struct gprobe_access_arbiter *arbiter)
{
	arbiter->watches = false;
}
