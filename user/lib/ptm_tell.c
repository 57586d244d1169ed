// SPDX-License-Identifier: LGPL-2.1-or-later
/* Telling the listener what became of dirty addresses. */
#include "ptm.h"

#include <gprobe/walk.h>

void ptm_set_gpa(struct gprobe_ptm *ptm, struct ptm_address *address,
		 uint64_t gpa)
{
	ptm->paged_in += (gpa != GPROBE_PTM_NO_GPA) -
			 (address->gpa != GPROBE_PTM_NO_GPA);
	address->gpa = gpa;
}

/* What is still to be told of it: where it was, or where it is. */
static bool event_of(const struct gprobe_ptm *ptm, struct ptm_address *address,
		     bool out, struct gprobe_ptm_event *event)
{
	uint64_t now = ptm_way_gpa(ptm, address);
	uint64_t gpa = out ? address->gpa : now;

	if (gpa == GPROBE_PTM_NO_GPA || address->failed ||
	    (out && address->told_out))
		return false;
	/* From now on, even if it is refused or undone before its page-in. */
	if (address->gpa != now)
		address->left = true;
	*event = (struct gprobe_ptm_event){
		.paging.context.gva = address->gva,
		.paging.context.root = address->root_view & GPROBE_ROOT_MASK,
		.paging.view = address->root_view % GPROBE_PAGE_SIZE,
		.paging.gpa = gpa,
		.tag = address->tag,
		.again = !address->left,
	};
	return true;
}

static void told(struct gprobe_ptm *ptm, uint32_t id, bool out)
{
	struct ptm_address *address = ptm_address(ptm, id);

	if (out) {
		address->told_out = true;
		return;
	}
	ptm_set_gpa(ptm, address, ptm_way_gpa(ptm, address));
	address->left = false;
	ptm_make_clean(ptm, id);
}

static int tell_some(struct gprobe_ptm *ptm, uint32_t owner, bool out,
		     uint32_t nr)
{
	int (*tell)(void *arg, const struct gprobe_ptm_event *events,
		    size_t nr_events);
	const struct ptm_list *list;
	int ret = 0;
	uint32_t i, id;

	tell = out ? ptm->listener.page_out : ptm->listener.page_in;
	if (!nr)
		return 0;
	if (tell)
		ret = tell(ptm->listener.arg, ptm->events, nr);
	/* It may have unmonitored them; then they have left the list. */
	list = ptm_list_of(ptm, owner);
	for (i = 0; !ret && i < nr; i++) {
		id = list->ids[ptm->positions[i]];
		if (id != PTM_NONE)
			told(ptm, id, out);
	}
	return ret;
}

static int tell_all(struct gprobe_ptm *ptm, uint32_t owner, bool out)
{
	uint32_t i, id, nr = 0;
	int ret;

	for (i = 0; i < ptm_list_of(ptm, owner)->nr; i++) {
		id = ptm_list_of(ptm, owner)->ids[i];
		if (id == PTM_NONE || !event_of(ptm, ptm_address(ptm, id), out,
						&ptm->events[nr]))
			continue;
		ptm->positions[nr++] = i;
		if (nr < PTM_EVENTS)
			continue;
		ret = tell_some(ptm, owner, out, nr);
		if (ret)
			return ret;
		nr = 0;
	}
	return tell_some(ptm, owner, out, nr);
}

/* Done with all but those whose way could not be walked. */
static void finish(struct gprobe_ptm *ptm, uint32_t owner)
{
	struct ptm_list *list = ptm_list_of(ptm, owner);
	struct ptm_address *address;
	uint32_t i, id, nr = 0;

	for (i = 0; i < list->nr; i++) {
		id = list->ids[i];
		if (id == PTM_NONE)
			continue;
		address = ptm_address(ptm, id);
		if (!address->failed) {
			told(ptm, id, false);
			continue;
		}
		address->position = nr;
		list->ids[nr++] = id;
	}
	list->nr = nr;
}

int ptm_tell(struct gprobe_ptm *ptm, uint32_t owner)
{
	const struct ptm_list *list;
	uint32_t i;
	int ret;

	ret = tell_all(ptm, owner, true);
	if (!ret)
		ret = tell_all(ptm, owner, false);
	if (!ret) {
		finish(ptm, owner);
		return 0;
	}
	/*
	 * Told again from the start: who took a page-out as "again" and passed
	 * it over has to hear of it if the page moves before the retry.
	 */
	list = ptm_list_of(ptm, owner);
	for (i = 0; i < list->nr; i++)
		if (list->ids[i] != PTM_NONE)
			ptm_address(ptm, list->ids[i])->told_out = false;
	return ret;
}
