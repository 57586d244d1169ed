// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * From addresses whose way has changed to ways that are walked and guarded.
 *
 * An entry must be guarded before it is read, else a store between the two is
 * missed. But which entries there are is only known by reading, and guarding
 * each by itself costs a round trip to the driver. So a way is walked first,
 * then all tables with entries that are not guarded are at once, then what was
 * read of those entries is read again. Where that differs, the way is walked on
 * from there.
 *
 * An entry that was settled so is never read again here, also not when its
 * table is guarded once more, for another one: a store to it is told, and its
 * change is that of the vCPU that is held for it. So each round gets every way
 * a level further down at least: there are four at most, and they end.
 */
#include "ptm.h"

#include <errno.h>

static void push(struct gprobe_ptm *ptm, uint32_t *list, uint32_t id)
{
	ptm_table(ptm, id)->next = *list;
	*list = id;
}

static uint32_t pop(struct gprobe_ptm *ptm, uint32_t *list)
{
	uint32_t id = *list;

	*list = ptm_table(ptm, id)->next;
	return id;
}

void ptm_table_fresh(struct gprobe_ptm *ptm, uint32_t id)
{
	struct ptm_table *table = ptm_table(ptm, id);

	if (table->fresh)
		return;
	table->fresh = true;
	table->next_fresh = ptm->fresh;
	ptm->fresh = id;
}

static uint32_t pop_fresh(struct gprobe_ptm *ptm)
{
	uint32_t id = ptm->fresh;
	struct ptm_table *table = ptm_table(ptm, id);

	ptm->fresh = table->next_fresh;
	table->fresh = false;
	return id;
}

void ptm_table_unused(struct gprobe_ptm *ptm, uint32_t id)
{
	struct ptm_table *table = ptm_table(ptm, id);

	if (!table->held) {
		ptm_table_free(ptm, id);
		return;
	}
	if (table->listed)
		return;
	table->listed = true;
	push(ptm, &ptm->to_release, id);
	ptm->nr_to_release++;
}

void ptm_make_clean(struct gprobe_ptm *ptm, uint32_t id)
{
	struct ptm_address *address = ptm_address(ptm, id);

	if (address->owner == PTM_OWNER_NONE)
		return;
	ptm_list_of(ptm, address->owner)->ids[address->position] = PTM_NONE;
	address->owner = PTM_OWNER_NONE;
	address->told_out = false;
	address->failed = false;
}

/* There is room. What another vCPU left unfinished is this one's from now on. */
void ptm_make_dirty(struct gprobe_ptm *ptm, uint32_t id, uint32_t owner)
{
	struct ptm_address *address = ptm_address(ptm, id);
	struct ptm_list *list = ptm_list_of(ptm, owner);

	if (address->owner == owner)
		return;
	ptm_make_clean(ptm, id);
	address->owner = owner;
	address->position = list->nr;
	list->ids[list->nr++] = id;
}

static void cut_below(struct gprobe_ptm *ptm, uint32_t number, uint32_t depth,
		      uint32_t owner)
{
	const struct ptm_address *address;
	uint32_t id;

	for (; number != PTM_NONE; number = address->links[depth].next) {
		id = number / PTM_LEVELS;
		address = ptm_address(ptm, id);
		ptm_make_dirty(ptm, id, owner);
		ptm_way_cut(ptm, id, depth + 1);
	}
}

void ptm_entry_changed(struct gprobe_ptm *ptm, uint32_t id, uint64_t value,
		       uint32_t owner)
{
	struct ptm_entry *entry = ptm_entry(ptm, id);
	uint64_t old = entry->value;
	uint32_t depth;

	entry->value = value;
	/* A way may meet it twice; from the top, the rest is cut off at once. */
	for (depth = 0; depth < PTM_LEVELS; depth++)
		if (entry->heads[depth] != PTM_NONE &&
		    ptm_values_differ(depth, old, value))
			cut_below(ptm, entry->heads[depth], depth, owner);
}

static int extend_all(struct gprobe_ptm *ptm, const struct ptm_list *list)
{
	struct ptm_address *address;
	int first = 0, ret;
	uint32_t i;

	for (i = 0; i < list->nr; i++) {
		if (list->ids[i] == PTM_NONE)
			continue;
		address = ptm_address(ptm, list->ids[i]);
		if (address->failed)
			continue;
		ret = ptm_way_extend(ptm, list->ids[i]);
		/* One that the guest made impossible does not stop others. */
		address->failed = ret;
		if (!first)
			first = ret;
	}
	return first;
}

/* On failure, some of them may be. */
static int guard_fresh(struct gprobe_ptm *ptm)
{
	uint32_t ids[PTM_BATCH], nr;
	int ret = 0;

	while (!ret && ptm->fresh != PTM_NONE) {
		for (nr = 0; ptm->fresh != PTM_NONE && nr < PTM_BATCH; nr++)
			ids[nr] = pop_fresh(ptm);
		ptm->to_check = true;
		ret = ptm_guard(ptm, ids, nr);
	}
	return ret;
}

static uint32_t first_fresh(const struct gprobe_ptm *ptm,
			    const struct ptm_address *address)
{
	const struct ptm_entry *entry;
	uint32_t depth;

	for (depth = 0; depth < address->depth; depth++) {
		entry = ptm_entry(ptm, address->links[depth].entry);
		if (!ptm_set_has(&ptm_table(ptm, entry->table)->guarded,
				 entry->key % PTM_ENTRIES))
			break;
	}
	return depth;
}

/*
 * No way goes through an entry that could not be guarded: as something failed,
 * @err, or else as the guest does not have its table, which maps nothing then,
 * if it is not a root.
 */
static int give_up_fresh(struct gprobe_ptm *ptm, const struct ptm_list *list,
			 int err)
{
	struct ptm_address *address;
	uint32_t i, depth, id;
	int ret = err;

	for (i = 0; i < list->nr; i++) {
		if (list->ids[i] == PTM_NONE)
			continue;
		address = ptm_address(ptm, list->ids[i]);
		depth = first_fresh(ptm, address);
		if (depth == address->depth)
			continue;
		ptm_way_cut(ptm, list->ids[i], depth);
		if (!depth && !err)
			ret = -ENXIO;
		if (!depth || err)
			address->failed = true;
	}
	while (ptm->fresh != PTM_NONE) {
		id = pop_fresh(ptm);
		if (!ptm_table(ptm, id)->nr_entries)
			ptm_table_unused(ptm, id);
	}
	ptm->gone = false;
	return ret;
}

/* Only dirty ways meet entries that are not settled. */
static bool check_way(struct gprobe_ptm *ptm, uint32_t id, uint32_t owner)
{
	const struct ptm_address *address = ptm_address(ptm, id);
	const struct ptm_entry *entry;
	struct ptm_set *settled;
	bool changed = false;
	uint64_t value;
	uint32_t depth;

	for (depth = 0; depth < address->depth; depth++) {
		entry = ptm_entry(ptm, address->links[depth].entry);
		settled = &ptm_table(ptm, entry->table)->settled;
		if (ptm_set_has(settled, entry->key % PTM_ENTRIES))
			continue;
		ptm_set_add(settled, entry->key % PTM_ENTRIES);
		value = ptm_entry_read(ptm, entry);
		if (value == entry->value)
			continue;
		ptm_entry_changed(ptm, address->links[depth].entry, value,
				  owner);
		changed = true;
	}
	return changed;
}

static bool check_all(struct gprobe_ptm *ptm, uint32_t owner)
{
	const struct ptm_list *list = ptm_list_of(ptm, owner);
	bool changed = false;
	uint32_t i;

	if (!ptm->to_check)
		return false;
	for (i = 0; i < list->nr; i++)
		if (list->ids[i] != PTM_NONE &&
		    check_way(ptm, list->ids[i], owner))
			changed = true;
	ptm->to_check = false;
	return changed;
}

int ptm_settle(struct gprobe_ptm *ptm, uint32_t owner)
{
	const struct ptm_list *list = ptm_list_of(ptm, owner);
	int first = 0, ret;
	uint32_t i;

	for (i = 0; i < list->nr; i++)
		if (list->ids[i] != PTM_NONE)
			ptm_address(ptm, list->ids[i])->failed = false;
	do {
		ret = extend_all(ptm, list);
		first = first ? first : ret;
		/* What is not to be monitored need not be guarded first. */
		if (ret && owner == PTM_OWNER_MONITOR)
			give_up_fresh(ptm, list, ret);
		ret = guard_fresh(ptm);
		if (ret || ptm->gone)
			ret = give_up_fresh(ptm, list, ret);
		first = first ? first : ret;
	} while (check_all(ptm, owner));
	return first;
}

/* Tables that got entries again meanwhile are kept. */
static void keep_used(struct gprobe_ptm *ptm)
{
	uint32_t list = ptm->to_release, id;

	ptm->to_release = PTM_NONE;
	while (list != PTM_NONE) {
		id = pop(ptm, &list);
		if (!ptm_table(ptm, id)->nr_entries) {
			push(ptm, &ptm->to_release, id);
			continue;
		}
		ptm_table(ptm, id)->listed = false;
		ptm->nr_to_release--;
	}
}

int ptm_release(struct gprobe_ptm *ptm)
{
	uint32_t ids[PTM_BATCH], nr;
	int ret = 0;

	keep_used(ptm);
	while (ptm->to_release != PTM_NONE && !ret) {
		for (nr = 0; ptm->to_release != PTM_NONE && nr < PTM_BATCH; nr++)
			ids[nr] = pop(ptm, &ptm->to_release);
		ret = ptm_unguard(ptm, ids, nr);
		while (nr--) {
			if (ptm_table(ptm, ids[nr])->held) {
				push(ptm, &ptm->to_release, ids[nr]);
				continue;
			}
			ptm_table_free(ptm, ids[nr]);
			ptm->nr_to_release--;
		}
	}
	return ret;
}
