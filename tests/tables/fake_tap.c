// SPDX-License-Identifier: GPL-2.0
#include "fake_tap.h"

#include <errno.h>
#include <string.h>

#include "../unit/unit.h"

static struct fake_tap_thing *find(struct fake_tap *fake, uint32_t view,
				   uint64_t gfn, uint32_t offset, bool page)
{
	struct fake_tap_thing *thing;

	for (thing = fake->things; thing < fake->things + fake->nr; thing++)
		if (thing->view == view && thing->gfn == gfn &&
		    thing->page == page && (page || thing->offset == offset))
			return thing;
	return NULL;
}

static unsigned int int3s_of(const struct fake_tap *fake, uint32_t view,
			     uint64_t gfn)
{
	unsigned int i, nr = 0;

	for (i = 0; i < fake->nr; i++)
		nr += fake->things[i].view == view &&
		      fake->things[i].gfn == gfn && !fake->things[i].page;
	return nr;
}

static int fault(struct fake_tap *fake)
{
	fake->steps++;
	if (!fake->fault_at || fake->steps < fake->fault_at)
		return 0;
	if (fake->steps > fake->fault_at && !fake->broken)
		return 0;
	return fake->fault_err;
}

static int put_in(struct fake_tap *fake, struct gprobe_tap_call *call,
		  bool page)
{
	unit_assert(!find(fake, call->view, call->gfn, call->offset, page));
	/* Protection comes after the remap, unless that has just failed. */
	unit_assert(!page || fake->goes_on ||
		    int3s_of(fake, call->view, call->gfn));
	unit_assert(fake->nr < FAKE_TAP_PLACES);
	if (!page)
		call->id = ++fake->ids;
	fake->things[fake->nr++] = (struct fake_tap_thing){
		call->gfn, call->view, call->offset, call->id, page,
	};
	return 0;
}

static int take_out(struct fake_tap *fake, struct gprobe_tap_call *call,
		    bool page)
{
	struct fake_tap_thing *thing = find(fake, call->view, call->gfn,
					    call->offset, page);

	unit_assert(thing);
	unit_assert(page || thing->id == call->id);
	/* Unless an INT3 that could not leave is behind. */
	unit_assert(!page || fake->goes_on ||
		    !int3s_of(fake, call->view, call->gfn));
	*thing = fake->things[--fake->nr];
	return 0;
}

static int do_call(struct fake_tap *fake, struct gprobe_tap_call *call)
{
	int ret = fault(fake);

	unit_assert(call->view && call->offset < 4096);
	if (ret)
		return ret;
	if (call->view == fake->gone)
		return -ENOENT;
	if (strlen(fake->log) < sizeof(fake->log) - 1)
		fake->log[strlen(fake->log)] = " IRMU"[call->kind];
	switch (call->kind) {
	case GPROBE_TAP_INSERT:
		return put_in(fake, call, false);
	case GPROBE_TAP_REMOVE:
		return take_out(fake, call, false);
	case GPROBE_TAP_MONITOR:
		return put_in(fake, call, true);
	case GPROBE_TAP_UNMONITOR:
		return take_out(fake, call, true);
	}
	return -EINVAL;
}

static int call_batch(void *arg, struct gprobe_tap_call *calls, size_t nr)
{
	struct fake_tap *fake = arg;
	int first = 0;
	size_t i;

	unit_assert(nr);
	fake->batches++;
	for (i = 0; i < nr; i++) {
		calls[i].ret = first && !fake->goes_on ? -ECANCELED :
			       do_call(fake, &calls[i]);
		if (!first)
			first = calls[i].ret;
	}
	return first;
}

static bool check(void *arg, const struct gprobe_event *event)
{
	(void)arg;
	return event->kind == GPROBE_EVENT_BREAKPOINT && event->view;
}

static const struct gprobe_tap_ops ops = {
	.check = check,
	.call = call_batch,
};

struct gprobe_tap fake_tap_of(struct fake_tap *fake)
{
	return (struct gprobe_tap){ .ops = &ops, .arg = fake };
}

void fake_tap_clear(struct fake_tap *fake)
{
	memset(fake->log, 0, sizeof(fake->log));
	fake->steps = 0;
	fake->batches = 0;
}

bool fake_tap_has_int3(const struct fake_tap *fake, uint32_t view, uint64_t gpa)
{
	return find((struct fake_tap *)fake, view, gpa >> 12, gpa & 0xfff,
		    false);
}

bool fake_tap_has_page(const struct fake_tap *fake, uint32_t view, uint64_t gfn)
{
	return find((struct fake_tap *)fake, view, gfn, 0, true);
}
