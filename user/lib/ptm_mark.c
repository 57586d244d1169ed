// SPDX-License-Identifier: LGPL-2.1-or-later
/* Stores to watched tables: remembered when they begin, seen to when done. */
#include "ptm.h"

#include <errno.h>
#include <stdlib.h>

#include <gprobe/walk.h>

#define ENTRY_BYTES	8u

static int vcpu_get(struct gprobe_ptm *ptm, uint32_t number,
		    struct ptm_vcpu **vcpu)
{
	struct ptm_vcpu *more;
	uint32_t i;

	if (number >= ptm->nr_vcpus) {
		more = realloc(ptm->vcpus, (number + 1) * sizeof(*more));
		if (!more)
			return -ENOMEM;
		ptm->vcpus = more;
		for (i = ptm->nr_vcpus; i <= number; i++) {
			more[i] = (struct ptm_vcpu){ 0 };
			gprobe_slots_init(&more[i].marked, sizeof(uint64_t));
		}
		ptm->nr_vcpus = number + 1;
	}
	*vcpu = &ptm->vcpus[number];
	return 0;
}

static int reserve(struct ptm_vcpu *vcpu, uint32_t more)
{
	uint32_t wanted = vcpu->nr_marks + more, max = vcpu->max_marks;
	struct ptm_mark *bigger;
	int ret;

	ret = gprobe_slots_reserve(&vcpu->marked, more);
	if (ret || wanted <= max)
		return ret;
	for (max = max ? max : 16; max < wanted; max *= 2)
		;
	bigger = realloc(vcpu->marks, max * sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	vcpu->marks = bigger;
	vcpu->max_marks = max;
	return 0;
}

/* Answers its mark, or NULL if it had one. */
static struct ptm_mark *mark_one(struct ptm_vcpu *vcpu, uint64_t key)
{
	struct ptm_mark *mark;

	if (gprobe_slots_find(&vcpu->marked, key, sizeof(key)))
		return NULL;
	gprobe_slots_add(&vcpu->marked, key);
	mark = &vcpu->marks[vcpu->nr_marks++];
	*mark = (struct ptm_mark){ .key = key, .entry = PTM_NONE };
	return mark;
}

/* Whether it is watched. */
static bool mark_entry(struct gprobe_ptm *ptm, struct ptm_vcpu *vcpu,
		       uint64_t key)
{
	struct ptm_mark *mark = mark_one(vcpu, key);
	uint32_t entry = ptm_entry_fetch(ptm, key);

	if (mark)
		mark->entry = entry;
	return entry != PTM_NONE;
}

/*
 * Entries that nobody watches are marked too: one may be by the time that the
 * store is done. Answers how many are watched.
 */
static int mark_in_view(struct gprobe_ptm *ptm, struct ptm_vcpu *vcpu,
			const struct gprobe_ptm_write *write, uint32_t view)
{
	uint64_t table = ptm_table_key(view, write->gpa / GPROBE_PAGE_SIZE);
	uint32_t begin = write->gpa % GPROBE_PAGE_SIZE, end, i;
	uint32_t bytes = write->bytes ? write->bytes : GPROBE_PTM_STORE_MAX;
	uint32_t id;
	int nr = 0, ret;

	gprobe_slots_prefetch(&ptm->entry_slots,
			      gprobe_slots_hash(&ptm->entry_slots,
						ptm_entry_key(table, begin /
							      ENTRY_BYTES)));
	id = ptm_table_find(ptm, table);
	if (id == PTM_NONE)
		return 0;
	/* gprobe_ptm_process() reads through it. */
	__builtin_prefetch(&ptm_table(ptm, id)->map);
	if (bytes > GPROBE_PAGE_SIZE - begin)
		bytes = GPROBE_PAGE_SIZE - begin;
	end = (begin + bytes - 1) / ENTRY_BYTES;
	begin /= ENTRY_BYTES;
	ret = reserve(vcpu, end - begin + 1);
	if (ret)
		return ret;
	for (i = begin; i <= end; i++)
		nr += mark_entry(ptm, vcpu, ptm_entry_key(table, i));
	return nr;
}

/**
 * gprobe_ptm_mark() - Remember that a store touches entries.
 * @ptm: the monitor
 * @write: the store; done or about to be
 *
 * gprobe_ptm_process() is due once it is done. Where the answer is 0 it may be
 * left out if no address is monitored in between.
 *
 * Return: how many entries that are watched it touches; -EINVAL; -ENOMEM: the
 * vCPU must not go on unless the call is repeated.
 */
int gprobe_ptm_mark(struct gprobe_ptm *ptm,
		    const struct gprobe_ptm_write *write)
{
	uint32_t view = write->view, last = write->view;
	struct ptm_vcpu *vcpu;
	int nr = 0, ret;

	if (view > GPROBE_PTM_VIEW_MAX || write->vcpu > GPROBE_PTM_VCPU_MAX ||
	    write->gpa & ~(GPROBE_ROOT_MASK | (GPROBE_PAGE_SIZE - 1)))
		return -EINVAL;
	if (view == GPROBE_PTM_ALL_VIEWS) {
		view = 1;
		last = ptm->highest_view;
	}
	ret = vcpu_get(ptm, write->vcpu, &vcpu);
	for (; !ret && view <= last; view++) {
		if (!ptm->tables_of_view[view])
			continue;
		ret = mark_in_view(ptm, vcpu, write, view);
		if (ret < 0)
			return ret;
		nr += ret;
		ret = 0;
	}
	return ret ? ret : nr;
}

/* It is dealt with, or moot. */
static void drop(struct ptm_vcpu *vcpu, struct ptm_mark *mark)
{
	gprobe_slots_del(&vcpu->marked,
			 gprobe_slots_find(&vcpu->marked, mark->key,
					   sizeof(mark->key)),
			 sizeof(mark->key));
	mark->key = 0;
}

/* Where the entry is now, if somebody still goes through it. */
static bool refresh(const struct gprobe_ptm *ptm, struct ptm_mark *mark)
{
	const struct ptm_entry *entry;

	if (mark->entry == PTM_NONE ||
	    ptm_entry(ptm, mark->entry)->key != mark->key)
		mark->entry = ptm_entry_find(ptm, mark->key);
	if (mark->entry == PTM_NONE)
		return false;
	entry = ptm_entry(ptm, mark->entry);
	mark->depth = ptm_entry_depth(entry);
	return true;
}

static int compare(struct gprobe_ptm *ptm, uint32_t id, uint32_t owner)
{
	struct ptm_entry *entry = ptm_entry(ptm, id);
	uint64_t value = ptm_entry_read(ptm, entry);
	int ret;

	if (value == entry->value)
		return 0;
	ret = ptm_list_reserve(ptm_list_of(ptm, owner), entry->nr_links);
	if (!ret)
		ptm_entry_changed(ptm, id, value, owner);
	return ret;
}

/* The marks of entries that are met at this depth first. */
static int compare_at(struct gprobe_ptm *ptm, uint32_t number, uint32_t depth)
{
	struct ptm_vcpu *vcpu = &ptm->vcpus[number];
	struct ptm_mark *mark;
	uint32_t i;
	int ret;

	for (i = 0; i < vcpu->nr_marks; i++) {
		mark = &vcpu->marks[i];
		if (!mark->key || mark->depth > depth)
			continue;
		if (!refresh(ptm, mark)) {
			drop(vcpu, mark);
			continue;
		}
		if (mark->depth > depth)
			continue;
		ret = compare(ptm, mark->entry, number + PTM_OWNER_VCPU);
		if (ret)
			return ret;
		drop(vcpu, mark);
	}
	return 0;
}

static int compare_all(struct gprobe_ptm *ptm, uint32_t number)
{
	struct ptm_vcpu *vcpu = &ptm->vcpus[number];
	uint32_t depth, i, nr = 0;
	int ret = 0;

	/* Higher levels first: what hangs below is moot then. */
	for (depth = 0; !ret && depth < PTM_LEVELS; depth++)
		ret = compare_at(ptm, number, depth);
	for (i = 0; i < vcpu->nr_marks; i++)
		if (vcpu->marks[i].key)
			vcpu->marks[nr++] = vcpu->marks[i];
	vcpu->nr_marks = nr;
	return ret;
}

/**
 * gprobe_ptm_process() - See to what a vCPU stored, and tell the listener.
 * @ptm: the monitor
 * @vcpu: whose stores are done; it does not run yet
 *
 * What fails does not stop the rest: it is tried again when the same vCPU is
 * processed again.
 *
 * Return: 0; -ENOMEM; what the driver, the arbiter or the listener answered
 * first; -EBUSY called by the listener; -EINVAL.
 */
int gprobe_ptm_process(struct gprobe_ptm *ptm, uint32_t vcpu)
{
	int first, ret;

	if (vcpu > GPROBE_PTM_VCPU_MAX)
		return -EINVAL;
	if (ptm->processing)
		return -EBUSY;
	if (vcpu >= ptm->nr_vcpus)
		return ptm_release(ptm);
	ptm->processing = true;
	first = compare_all(ptm, vcpu);
	ret = ptm_settle(ptm, vcpu + PTM_OWNER_VCPU);
	first = first ? first : ret;
	/* Before the listener, which may monitor addresses, not after. */
	ret = ptm_release(ptm);
	first = first ? first : ret;
	ret = ptm_tell(ptm, vcpu + PTM_OWNER_VCPU);
	ptm->processing = false;
	return first ? first : ret;
}

void ptm_vcpu_forget(struct ptm_vcpu *vcpu)
{
	while (vcpu->nr_marks)
		drop(vcpu, &vcpu->marks[--vcpu->nr_marks]);
}

void ptm_vcpus_free(struct gprobe_ptm *ptm)
{
	uint32_t i;

	for (i = 0; i < ptm->nr_vcpus; i++) {
		free(ptm->vcpus[i].dirty.ids);
		free(ptm->vcpus[i].marks);
		gprobe_slots_free(&ptm->vcpus[i].marked);
	}
	free(ptm->vcpus);
}
