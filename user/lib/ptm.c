// SPDX-License-Identifier: LGPL-2.1-or-later
/* The page-table monitor's addresses: what is monitored, and how often. */
#include "ptm.h"

#include <errno.h>
#include <stdlib.h>

#include <linux/gprobe.h>

#include <gprobe/walk.h>

#include "access.h"
#include "canonical.h"

#define TOP_SHIFT	39

/**
 * gprobe_ptm_new() - Make a page-table monitor.
 * @driver: the guest; copied
 * @arbiter: of its pages; outlives the monitor
 * @listener: who is told; copied
 * @ptm: the monitor
 *
 * Return: 0 or -ENOMEM.
 */
int gprobe_ptm_new(const struct gprobe_driver *driver,
		   struct gprobe_access_arbiter *arbiter,
		   const struct gprobe_ptm_listener *listener,
		   struct gprobe_ptm **ptm)
{
	struct gprobe_ptm *made = calloc(1, sizeof(*made));

	if (!made)
		return -ENOMEM;
	made->driver = *driver;
	made->arbiter = arbiter;
	made->watches = gprobe_access_take_watches(arbiter);
	made->listener = *listener;
	gprobe_seed_init(&made->seed);
	made->addresses.bytes = sizeof(struct ptm_address);
	made->entries.bytes = sizeof(struct ptm_entry);
	made->tables.bytes = sizeof(struct ptm_table);
	gprobe_slots_init(&made->address_slots, sizeof(struct ptm_slot));
	gprobe_slots_init(&made->entry_slots, sizeof(struct ptm_slot));
	gprobe_slots_init(&made->table_slots, sizeof(struct ptm_slot));
	made->fresh = PTM_NONE;
	made->to_release = PTM_NONE;
	*ptm = made;
	return 0;
}

/* Even of tables whose protection the driver refuses to take back. */
static void give_frames_back(struct gprobe_ptm *ptm)
{
	uint32_t id;

	while (ptm->to_release != PTM_NONE) {
		id = ptm->to_release;
		ptm->to_release = ptm_table(ptm, id)->next;
		ptm_table_free(ptm, id);
	}
}

/**
 * gprobe_ptm_free() - Unmonitor all and free the monitor.
 * @ptm: the monitor, or NULL
 *
 * Where it matters that all pages are as before, gprobe_ptm_unmonitor_all()
 * has to have answered 0 before.
 */
void gprobe_ptm_free(struct gprobe_ptm *ptm)
{
	if (!ptm)
		return;
	gprobe_ptm_unmonitor_all(ptm);
	give_frames_back(ptm);
	if (ptm->watches)
		gprobe_access_give_watches(ptm->arbiter);
	ptm_vcpus_free(ptm);
	free(ptm->monitored.ids);
	gprobe_slots_free(&ptm->address_slots);
	gprobe_slots_free(&ptm->entry_slots);
	gprobe_slots_free(&ptm->table_slots);
	free(ptm->addresses.records);
	free(ptm->entries.records);
	free(ptm->tables.records);
	free(ptm);
}

/* Never 0 or 1; two addresses with the same one are in one chain. */
static uint64_t hash_of(const struct gprobe_ptm *ptm, uint64_t gva,
			uint64_t root_view)
{
	return gprobe_mix(gva ^ ptm->seed.a, root_view ^ ptm->seed.b) | 2;
}

static uint64_t root_view_of(uint32_t view,
			     const struct gprobe_context *context)
{
	return (context->root & GPROBE_ROOT_MASK) | view;
}

static int check(uint32_t view, const struct gprobe_context *context)
{
	if (view == GPROBE_VIEW_HOST || view > GPROBE_PTM_VIEW_MAX ||
	    !gprobe_is_canonical(context->gva))
		return -EINVAL;
	return 0;
}

static uint32_t find(const struct gprobe_ptm *ptm, uint64_t gva,
		     uint64_t root_view)
{
	const struct ptm_address *address;
	const struct ptm_slot *slot;
	uint32_t id;

	slot = gprobe_slots_find(&ptm->address_slots,
				 hash_of(ptm, gva, root_view), sizeof(*slot));
	for (id = slot ? slot->id : PTM_NONE; id != PTM_NONE;
	     id = address->next) {
		address = ptm_address(ptm, id);
		if (address->gva == gva && address->root_view == root_view)
			break;
	}
	return id;
}

/* There is room. */
static uint32_t address_new(struct gprobe_ptm *ptm, uint64_t gva,
			    uint64_t root_view, uint64_t tag)
{
	uint64_t hash = hash_of(ptm, gva, root_view);
	uint32_t id = ptm_pool_take(&ptm->addresses);
	struct ptm_address *address = ptm_address(ptm, id);
	struct ptm_slot *slot;

	*address = (struct ptm_address){
		.next = PTM_NONE, .count = 1, .gva = gva,
		.root_view = root_view, .tag = tag, .gpa = GPROBE_PTM_NO_GPA,
	};
	slot = gprobe_slots_find(&ptm->address_slots, hash, sizeof(*slot));
	if (slot)
		address->next = slot->id;
	else
		slot = gprobe_slots_add(&ptm->address_slots, hash);
	slot->id = id;
	return id;
}

static void address_free(struct gprobe_ptm *ptm, uint32_t id)
{
	struct ptm_address *address = ptm_address(ptm, id);
	struct ptm_slot *slot;
	uint32_t *at;

	ptm_make_clean(ptm, id);
	ptm_way_cut(ptm, id, 0);
	ptm_set_gpa(ptm, address, GPROBE_PTM_NO_GPA);
	slot = gprobe_slots_find(&ptm->address_slots,
				 hash_of(ptm, address->gva,
					 address->root_view), sizeof(*slot));
	for (at = &slot->id; *at != id; at = &ptm_address(ptm, *at)->next)
		;
	*at = address->next;
	if (slot->id == PTM_NONE)
		gprobe_slots_del(&ptm->address_slots, slot, sizeof(*slot));
	ptm_pool_give(&ptm->addresses, id);
}

/* How the guest pages is asked only when it is new that it is asked at all. */
static int check_paging(const struct gprobe_ptm *ptm, uint64_t gva,
			uint64_t root_view)
{
	const struct gprobe_driver *driver = &ptm->driver;
	struct gprobe_translation translation = {
		.root = root_view & GPROBE_ROOT_MASK, .gva = gva,
	};
	uint64_t table = ptm_table_key(root_view % GPROBE_PAGE_SIZE,
				       translation.root / GPROBE_PAGE_SIZE);
	int ret;

	if (ptm_entry_find(ptm, ptm_entry_key(table, gva >> TOP_SHIFT &
					      (PTM_ENTRIES - 1))) != PTM_NONE)
		return 0;
	ret = driver->ops->translate(driver->arg, &translation, 1);
	if (!ret)
		ret = translation.ret;
	/* That it is not mapped, or badly, is what the monitor is for. */
	return ret == -ENXIO || ret == -EBADMSG ? 0 : ret;
}

static int walk_new(struct gprobe_ptm *ptm, uint32_t id)
{
	struct ptm_address *address;
	int ret;

	ptm_make_dirty(ptm, id, PTM_OWNER_MONITOR);
	ret = ptm_settle(ptm, PTM_OWNER_MONITOR);
	address = ptm_address(ptm, id);
	if (ret)
		address_free(ptm, id);
	else
		ptm_set_gpa(ptm, address, ptm_way_gpa(ptm, address));
	if (!ret)
		ptm_make_clean(ptm, id);
	ptm->monitored.nr = 0;
	/* Tables of this address, or older ones: tried again by later calls. */
	ptm_release(ptm);
	return ret;
}

/**
 * gprobe_ptm_monitor() - Monitor an address.
 * @ptm: the monitor
 * @view: not 0
 * @context: the address
 * @tag: comes with its events; of an address that is monitored already the
 *	first one stays
 *
 * Return: 0; -EINVAL, -ENXIO, -EOPNOTSUPP, -ENOMEM: see above; -EOVERFLOW
 * monitored too often; what the driver answered. On failure nothing of it is
 * left in the guest.
 */
int gprobe_ptm_monitor(struct gprobe_ptm *ptm, uint32_t view,
		       const struct gprobe_context *context, uint64_t tag)
{
	uint64_t root_view = root_view_of(view, context);
	uint32_t id;
	int ret;

	ret = check(view, context);
	if (ret)
		return ret;
	id = find(ptm, context->gva, root_view);
	if (id != PTM_NONE) {
		if (ptm_address(ptm, id)->count == UINT32_MAX)
			return -EOVERFLOW;
		ptm_address(ptm, id)->count++;
		return 0;
	}
	ret = ptm_pool_reserve(&ptm->addresses, 1);
	if (!ret)
		ret = gprobe_slots_reserve(&ptm->address_slots, 1);
	if (!ret)
		ret = ptm_list_reserve(&ptm->monitored, 1);
	if (!ret)
		ret = check_paging(ptm, context->gva, root_view);
	if (ret)
		return ret;
	return walk_new(ptm, address_new(ptm, context->gva, root_view, tag));
}

static int unmonitor(struct gprobe_ptm *ptm, uint32_t view,
		     const struct gprobe_context *context, bool force)
{
	uint32_t id;

	if (check(view, context))
		return -EINVAL;
	id = find(ptm, context->gva, root_view_of(view, context));
	if (id != PTM_NONE && (force || !--ptm_address(ptm, id)->count))
		address_free(ptm, id);
	return ptm_release(ptm);
}

/**
 * gprobe_ptm_unmonitor() - Take one gprobe_ptm_monitor() back.
 * @ptm: the monitor
 * @view: as it was given
 * @context: as it was given; one that is not monitored is fine
 *
 * Return: 0; -EINVAL; what the arbiter answered: the address is gone, but not
 * all protection yet; any later call that answers 0 has completed it.
 */
int gprobe_ptm_unmonitor(struct gprobe_ptm *ptm, uint32_t view,
			 const struct gprobe_context *context)
{
	return unmonitor(ptm, view, context, false);
}

/**
 * gprobe_ptm_unmonitor_force() - Unmonitor an address, however often monitored.
 * @ptm: the monitor
 * @view: as it was given
 * @context: as it was given; one that is not monitored is fine
 *
 * Return: as gprobe_ptm_unmonitor().
 */
int gprobe_ptm_unmonitor_force(struct gprobe_ptm *ptm, uint32_t view,
			       const struct gprobe_context *context)
{
	return unmonitor(ptm, view, context, true);
}

/* A free record has no count. */
static void free_all(struct gprobe_ptm *ptm, uint32_t view)
{
	const struct ptm_address *address;
	uint32_t id;

	for (id = 0; id < ptm->addresses.nr; id++) {
		address = ptm_address(ptm, id);
		if (address->count && (view == GPROBE_PTM_ALL_VIEWS ||
				       address->root_view %
				       GPROBE_PAGE_SIZE == view))
			address_free(ptm, id);
	}
}

/**
 * gprobe_ptm_unmonitor_view() - Unmonitor all addresses of a view.
 * @ptm: the monitor
 * @view: not 0; it may be gone
 *
 * Return: as gprobe_ptm_unmonitor().
 */
int gprobe_ptm_unmonitor_view(struct gprobe_ptm *ptm, uint32_t view)
{
	if (view == GPROBE_VIEW_HOST || view > GPROBE_PTM_VIEW_MAX)
		return -EINVAL;
	free_all(ptm, view);
	return ptm_release(ptm);
}

/**
 * gprobe_ptm_unmonitor_all() - Unmonitor all addresses and forget all marks.
 * @ptm: the monitor
 *
 * Return: as gprobe_ptm_unmonitor().
 */
int gprobe_ptm_unmonitor_all(struct gprobe_ptm *ptm)
{
	uint32_t i;

	free_all(ptm, GPROBE_PTM_ALL_VIEWS);
	for (i = 0; i < ptm->nr_vcpus; i++)
		ptm_vcpu_forget(&ptm->vcpus[i]);
	return ptm_release(ptm);
}

static void describe(const struct ptm_address *from,
		     struct gprobe_ptm_address *address)
{
	*address = (struct gprobe_ptm_address){
		.context.gva = from->gva,
		.context.root = from->root_view & GPROBE_ROOT_MASK,
		.view = from->root_view % GPROBE_PAGE_SIZE,
		.count = from->count,
		.tag = from->tag,
		.gpa = from->gpa,
	};
}

/**
 * gprobe_ptm_find() - Look an address up.
 * @ptm: the monitor
 * @view: in which view
 * @context: the address
 * @address: what is known of it, or NULL
 *
 * Return: 0; -ENOENT it is not monitored.
 */
int gprobe_ptm_find(const struct gprobe_ptm *ptm, uint32_t view,
		    const struct gprobe_context *context,
		    struct gprobe_ptm_address *address)
{
	uint32_t id;

	if (check(view, context))
		return -ENOENT;
	id = find(ptm, context->gva, root_view_of(view, context));
	if (id == PTM_NONE)
		return -ENOENT;
	if (address)
		describe(ptm_address(ptm, id), address);
	return 0;
}

/**
 * gprobe_ptm_next() - Go through all addresses, in no order.
 * @ptm: the monitor; nothing is monitored or unmonitored meanwhile
 * @cursor: 0 at first
 * @address: the next one
 *
 * Return: false when there is none left.
 */
bool gprobe_ptm_next(const struct gprobe_ptm *ptm, size_t *cursor,
		     struct gprobe_ptm_address *address)
{
	const struct ptm_address *at;

	while (*cursor < ptm->addresses.nr) {
		at = ptm_address(ptm, (*cursor)++);
		if (!at->count)
			continue;
		describe(at, address);
		return true;
	}
	return false;
}

/* Others have no key, or that of one that can. */
static bool can_be_watched(uint32_t view, uint64_t gfn)
{
	return view != GPROBE_VIEW_HOST && view <= GPROBE_PTM_VIEW_MAX &&
	       !(gfn >> GPROBE_GFN_BITS);
}

/**
 * gprobe_ptm_has_table() - Is a page protected as a table?
 * @ptm: the monitor
 * @view: in which view
 * @gfn: the page
 *
 * Return: true if entries in it are watched.
 */
bool gprobe_ptm_has_table(const struct gprobe_ptm *ptm, uint32_t view,
			  uint64_t gfn)
{
	uint32_t id;

	if (!can_be_watched(view, gfn))
		return false;
	id = ptm_table_find(ptm, ptm_table_key(view, gfn));
	return id != PTM_NONE && ptm_table(ptm, id)->nr_entries;
}

/**
 * gprobe_ptm_has_entry() - Is an entry watched?
 * @ptm: the monitor
 * @view: in which view
 * @gpa: any byte of it
 *
 * Return: true if an address goes through it.
 */
bool gprobe_ptm_has_entry(const struct gprobe_ptm *ptm, uint32_t view,
			  uint64_t gpa)
{
	uint64_t table = ptm_table_key(view, gpa / GPROBE_PAGE_SIZE);
	uint32_t index = gpa % GPROBE_PAGE_SIZE / sizeof(uint64_t);

	return can_be_watched(view, gpa / GPROBE_PAGE_SIZE) &&
	       ptm_entry_find(ptm, ptm_entry_key(table, index)) != PTM_NONE;
}
