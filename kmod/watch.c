// SPDX-License-Identifier: GPL-2.0
#include "watch.h"

#include <linux/err.h>
#include <linux/netlink.h>
#include <linux/slab.h>

#include "access.h"
#include "domain.h"
#include "multi.h"
#include "ring.h"
#include "session.h"
#include "store.h"
#include "upcall.h"
#include "view.h"
#include "xen_abi.h"

#define PRESENT		BIT(0)
#define ACCESSED	BIT(5)
#define DIRTY		BIT(6)

DEFINE_IDR(gprobe_watchers);

/**
 * gprobe_watch_find() - Is a page watched?
 * @domain: the guest
 * @view: in this view
 * @gfn: the page
 *
 * Context: Event lock or control lock held.
 * Return: the watch or NULL.
 */
struct gprobe_watch *gprobe_watch_find(const struct gprobe_domain *domain,
				       u16 view, u64 gfn)
{
	return gprobe_table_find(&domain->watches, gprobe_key(view, gfn, 0));
}

/**
 * gprobe_watch_by_others() - Does another session watch pages in a view?
 * @view: the view
 * @session: not this one; NULL: any session
 *
 * Context: Process, control lock held.
 * Return: true if one does.
 */
bool gprobe_watch_by_others(const struct gprobe_view *view,
			    const struct gprobe_session *session)
{
	const struct gprobe_watcher *watcher;
	const struct gprobe_watch *watch;

	list_for_each_entry(watch, &view->watches, node)
		list_for_each_entry(watcher, &watch->watchers, watch_node)
			if (watcher->attachment->session != session)
				return true;
	return false;
}

static u64 read_entry(const struct gprobe_watch *watch, unsigned int index)
{
	return READ_ONCE(((const u64 *)watch->map.va)[index]);
}

/* --- made and removed --- */

static int publish(struct gprobe_watch *watch)
{
	struct gprobe_domain *domain = watch->view->domain;
	struct gprobe_table_slot *slots;

	slots = gprobe_table_grow_alloc(&domain->watches);
	if (IS_ERR(slots))
		return PTR_ERR(slots);
	spin_lock_irq(&domain->event_lock);
	slots = gprobe_table_insert(&domain->watches, slots, watch->key, watch);
	list_add(&watch->node, &watch->view->watches);
	spin_unlock_irq(&domain->event_lock);
	kvfree(slots);
	domain->nr_watches++;
	return 0;
}

static void unpublish(struct gprobe_watch *watch)
{
	struct gprobe_domain *domain = watch->view->domain;

	spin_lock_irq(&domain->event_lock);
	gprobe_table_remove(&domain->watches, watch->key);
	list_del(&watch->node);
	spin_unlock_irq(&domain->event_lock);
	domain->nr_watches--;
}

/**
 * gprobe_watch_free() - Forget a page.
 * @watch: nobody watches it, and its view does not guard it or goes
 *
 * Context: Process, control lock held, may sleep.
 */
void gprobe_watch_free(struct gprobe_watch *watch)
{
	unpublish(watch);
	list_del(&watch->batch);
	gprobe_map_free(&watch->map);
	kfree(watch);
}

static void free_all(struct list_head *watches)
{
	struct gprobe_watch *watch, *next;

	list_for_each_entry_safe(watch, next, watches, batch)
		gprobe_watch_free(watch);
}

/* Its view does not guard it yet. */
static struct gprobe_watch *watch_alloc(struct gprobe_view *view, u64 gfn)
{
	struct gprobe_watch *watch = kzalloc(sizeof(*watch), GFP_KERNEL);
	int ret;

	if (!watch)
		return ERR_PTR(-ENOMEM);
	watch->view = view;
	watch->gfn = gfn;
	watch->key = gprobe_key(view->id, gfn, 0);
	INIT_LIST_HEAD(&watch->watchers);
	INIT_LIST_HEAD(&watch->batch);
	ret = gprobe_map_new(&watch->map, view->domain->xen.domid, gfn, true);
	if (ret)
		goto err_free;
	ret = publish(watch);
	if (ret)
		goto err_unmap;
	return watch;

err_unmap:
	gprobe_map_free(&watch->map);
err_free:
	kfree(watch);
	return ERR_PTR(ret);
}

/* Those that cannot be guarded are freed. */
static int guard_all(struct gprobe_domain *domain, struct list_head *watches)
{
	LIST_HEAD(failed);
	int ret = gprobe_access_watch(domain, watches, &failed);

	free_all(&failed);
	return ret;
}

static struct gprobe_watch *watch_new(struct gprobe_view *view, u64 gfn)
{
	struct gprobe_watch *watch = watch_alloc(view, gfn);
	LIST_HEAD(watches);
	int ret;

	if (IS_ERR(watch))
		return watch;
	list_add(&watch->batch, &watches);
	ret = guard_all(view->domain, &watches);
	if (ret)
		return ERR_PTR(ret);
	list_del_init(&watch->batch);
	return watch;
}

/**
 * gprobe_watches_prepare() - Guard pages that are going to be watched.
 * @view: in which view
 * @gfns: which pages; none is watched yet; each once
 * @nr: how many, not more than GPROBE_MULTI_OBJECTS
 * @unused: gets them, for gprobe_watches_drop() when they should be watched
 *
 * What cannot be guarded is not said: who wants to watch it is told.
 *
 * Context: Process, control lock held, may sleep.
 */
void gprobe_watches_prepare(struct gprobe_view *view, const u64 *gfns,
			    unsigned int nr, struct list_head *unused)
{
	struct gprobe_watch *watch;
	LIST_HEAD(watches);
	unsigned int i;

	for (i = 0; i < nr; i++) {
		watch = watch_alloc(view, gfns[i]);
		if (!IS_ERR(watch))
			list_add_tail(&watch->batch, &watches);
	}
	if (!list_empty(&watches))
		guard_all(view->domain, &watches);
	list_splice(&watches, unused);
}

/* As many as can be dealt with at once, without those that are watched again. */
static void take_unused(struct list_head *watches, struct list_head *some)
{
	struct gprobe_watch *watch, *next;
	unsigned int nr = 0;

	list_for_each_entry_safe(watch, next, watches, batch) {
		if (nr == GPROBE_MULTI_OBJECTS)
			return;
		if (!list_empty(&watch->watchers)) {
			list_del_init(&watch->batch);
			continue;
		}
		list_move_tail(&watch->batch, some);
		nr++;
	}
}

/**
 * gprobe_watches_drop() - Guard no longer what nobody watches.
 * @domain: the guest; it is not gone
 * @watches: those that may be such; it is empty after
 *
 * If Xen refuses, the page stays guarded, which only costs, until its view goes.
 *
 * Context: Process, control lock held, may sleep.
 */
void gprobe_watches_drop(struct gprobe_domain *domain,
			 struct list_head *watches)
{
	struct gprobe_watch *watch, *next;
	LIST_HEAD(some);
	LIST_HEAD(kept);

	while (!list_empty(watches)) {
		take_unused(watches, &some);
		if (list_empty(&some))
			continue;
		gprobe_access_unwatch(domain, &some, &kept);
		free_all(&some);
		list_for_each_entry_safe(watch, next, &kept, batch)
			list_del_init(&watch->batch);
	}
}

static void watch_put(struct gprobe_watch *watch, bool dying,
		      struct list_head *unused)
{
	if (!list_empty(&watch->watchers))
		return;
	if (dying)
		gprobe_watch_free(watch);
	else
		list_move_tail(&watch->batch, unused);
}

/* What is watched from now on is as it is now; what was stays as last told. */
static void recount(struct gprobe_watch *watch)
{
	DECLARE_BITMAP(entries, GPROBE_ENTRIES);
	struct gprobe_watcher *watcher;
	unsigned int i;

	bitmap_zero(entries, GPROBE_ENTRIES);
	list_for_each_entry(watcher, &watch->watchers, watch_node)
		bitmap_or(entries, entries, watcher->entries, GPROBE_ENTRIES);
	for_each_set_bit(i, entries, GPROBE_ENTRIES)
		if (!test_bit(i, watch->entries))
			watch->seen[i] = read_entry(watch, i);
	bitmap_copy(watch->entries, entries, GPROBE_ENTRIES);
}

static void set_entries(struct gprobe_watcher *watcher,
			const unsigned long *entries)
{
	struct gprobe_watch *watch = watcher->watch;

	spin_lock_irq(&watch->view->domain->event_lock);
	bitmap_copy(watcher->entries, entries, GPROBE_ENTRIES);
	recount(watch);
	spin_unlock_irq(&watch->view->domain->event_lock);
}

static struct gprobe_watcher *watcher_find(struct gprobe_watch *watch,
				const struct gprobe_attachment *attachment)
{
	struct gprobe_watcher *watcher;

	list_for_each_entry(watcher, &watch->watchers, watch_node)
		if (watcher->attachment == attachment)
			return watcher;
	return NULL;
}

static struct gprobe_watcher *watcher_new(struct gprobe_attachment *attachment,
					  struct gprobe_watch *watch)
{
	struct gprobe_watcher *watcher = kzalloc(sizeof(*watcher), GFP_KERNEL);

	if (!watcher)
		return ERR_PTR(-ENOMEM);
	watcher->watch = watch;
	watcher->attachment = attachment;
	watcher->serial = idr_alloc(&gprobe_watchers, watcher, 1, 0,
				    GFP_KERNEL);
	if (watcher->serial < 0) {
		int ret = watcher->serial;

		kfree(watcher);
		return ERR_PTR(ret);
	}
	spin_lock_irq(&watch->view->domain->event_lock);
	list_add(&watcher->watch_node, &watch->watchers);
	spin_unlock_irq(&watch->view->domain->event_lock);
	list_add(&watcher->attachment_node, &attachment->watchers);
	return watcher;
}

static void watcher_del(struct gprobe_watcher *watcher, bool dying)
{
	struct list_head *unused = &watcher->attachment->unused_watches;
	struct gprobe_watch *watch = watcher->watch;

	spin_lock_irq(&watch->view->domain->event_lock);
	list_del(&watcher->watch_node);
	recount(watch);
	spin_unlock_irq(&watch->view->domain->event_lock);
	list_del(&watcher->attachment_node);
	idr_remove(&gprobe_watchers, watcher->serial);
	kfree(watcher);
	watch_put(watch, dying, unused);
}

static int begin(struct gprobe_attachment *attachment, struct gprobe_view *view,
		 u64 gfn, const unsigned long *entries)
{
	struct gprobe_domain *domain = attachment->domain;
	struct gprobe_watch *watch = gprobe_watch_find(domain, view->id, gfn);
	struct gprobe_watcher *watcher;
	int ret = gprobe_upcalls_alloc(attachment);

	if (ret)
		return ret;
	if (!watch)
		watch = watch_new(view, gfn);
	if (IS_ERR(watch))
		return PTR_ERR(watch);
	watcher = watcher_new(attachment, watch);
	if (IS_ERR(watcher)) {
		watch_put(watch, false, &attachment->unused_watches);
		return PTR_ERR(watcher);
	}
	set_entries(watcher, entries);
	return 0;
}

/**
 * gprobe_watch_set() - Watch these entries of a page, and no others.
 * @attachment: for whom
 * @view: in which view
 * @gfn: the page
 * @entries: GPROBE_ENTRIES bits; none: watch it no more
 * @extack: says why not
 *
 * A store that is trapped already when this returns is compared with what the
 * entry was before it: all stores to a watched page are, watched entry or not.
 *
 * Context: Process, control lock held, may sleep.
 * Return: 0 or a negative errno; then all is as before. -ENXIO no memory there.
 */
int gprobe_watch_set(struct gprobe_attachment *attachment,
		     struct gprobe_view *view, u64 gfn,
		     const unsigned long *entries,
		     struct netlink_ext_ack *extack)
{
	bool none = bitmap_empty(entries, GPROBE_ENTRIES);
	struct gprobe_watcher *watcher = NULL;
	struct gprobe_watch *watch;
	int ret;

	watch = gprobe_watch_find(attachment->domain, view->id, gfn);
	if (watch)
		watcher = watcher_find(watch, attachment);
	if (watcher && !none) {
		set_entries(watcher, entries);
		return 0;
	}
	if (watcher)
		watcher_del(watcher, false);
	if (none)
		return 0;
	ret = begin(attachment, view, gfn, entries);
	if (ret == -ENXIO)
		NL_SET_ERR_MSG(extack, "no memory of the guest at this gfn");
	if (ret == -EAGAIN)
		NL_SET_ERR_MSG(extack, "Xen did not take the access change of this gfn");
	return ret;
}

/**
 * gprobe_watch_release() - End all that a session watches in a guest.
 * @attachment: the session's
 * @dying: only our own side is left to be cleaned
 *
 * Context: Process, control lock held, may sleep.
 */
void gprobe_watch_release(struct gprobe_attachment *attachment, bool dying)
{
	struct gprobe_watcher *watcher, *next;

	list_for_each_entry_safe(watcher, next, &attachment->watchers,
				 attachment_node)
		watcher_del(watcher, dying);
}

/* --- stores --- */

/**
 * gprobe_watch_walked() - Do what a vCPU's page walk could not do.
 * @watch: the page that the walk may not write
 * @event: the access
 *
 * It wanted to set an entry's accessed bit or, where that is set, its dirty
 * bit (SDM 3, 4.8). Then the vCPU walks again. So its instruction is not
 * stepped in a view without INT3s, which would lose a hit if it was that
 * instruction that was fetched.
 *
 * Context: Event lock held.
 * Return: false: it is not that; the CPU takes all walks for stores, as Xen
 * has turned on accessed and dirty bits of its own (SDM 3, 28.3.5).
 */
bool gprobe_watch_walked(struct gprobe_watch *watch,
			 const struct gprobe_event *event)
{
	u32 *entry = (u32 *)(watch->map.va + (event->offset & ~3ULL) % PAGE_SIZE);
	u32 old = READ_ONCE(*entry);

	lockdep_assert_held(&watch->view->domain->event_lock);
	if (!(old & PRESENT))
		return true;
	if (event->access & GPROBE_XEN_MEM_R || (old & ACCESSED && old & DIRTY))
		return false;
	/* Another one may have changed it: then the walk finds that. */
	cmpxchg(entry, old, old | (old & ACCESSED ? DIRTY : ACCESSED));
	return true;
}

static void raise(struct gprobe_watch *watch, u32 vcpu, unsigned int index,
		  u64 value)
{
	const struct gprobe_upcall_spec spec = {
		.reason = GPROBE_UPCALL_REASON_TABLE,
		.view = watch->view->id,
		.vcpu = vcpu,
		.gfn = watch->gfn,
		.index = index,
		.old = watch->seen[index],
		.new = value,
	};
	struct gprobe_watcher *watcher;

	list_for_each_entry(watcher, &watch->watchers, watch_node)
		if (test_bit(index, watcher->entries))
			gprobe_upcall_raise(watcher->attachment, &spec);
}

/* May the store have touched the entry itself? */
static bool touches(const struct gprobe_store *store,
		    const struct gprobe_watch *watch, unsigned int index)
{
	u32 end = (index + 1) * sizeof(u64), offset = store->offset % PAGE_SIZE;

	if (store->gfn != watch->gfn)
		return gprobe_store_reaches(store, watch->gfn);
	return offset < end && offset + GPROBE_STORE_MAX > end - sizeof(u64);
}

/*
 * Any entry may have been changed by another vCPU whose step is still to be
 * told of: that one waits for what is told here.
 */
static void compare(struct gprobe_watch *watch, u32 vcpu,
		    const struct gprobe_store *store)
{
	struct gprobe_domain *domain = watch->view->domain;
	unsigned int i;
	u64 value;

	for_each_set_bit(i, watch->entries, GPROBE_ENTRIES) {
		value = read_entry(watch, i);
		if (!((value ^ watch->seen[i]) & ~(u64)(ACCESSED | DIRTY)) &&
		    (!touches(store, watch, i) ||
		     !gprobe_upcall_waits(domain, watch->gfn, i)))
			continue;
		raise(watch, vcpu, i, value);
		watch->seen[i] = value;
	}
}

/**
 * gprobe_watch_wrote() - Raise upcalls for what a vCPU's store has changed.
 * @domain: the guest
 * @vcpu: who; it waits
 * @store: where
 *
 * Context: Event lock held.
 */
void gprobe_watch_wrote(struct gprobe_domain *domain, u32 vcpu,
			const struct gprobe_store *store)
{
	struct gprobe_watch *watch;
	struct gprobe_view *view;

	lockdep_assert_held(&domain->event_lock);
	list_for_each_entry(view, &domain->views, node)
		list_for_each_entry(watch, &view->watches, node)
			if (gprobe_store_reaches(store, watch->gfn))
				compare(watch, vcpu, store);
}
