// SPDX-License-Identifier: GPL-2.0
#include "model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <gprobe/ptm.h>
#include <gprobe/sim.h>

#include "alloc.h"
#include "model_check.h"

#define FRAMES		32u
#define TABLES		6u
#define VIEWS		2u
#define VCPUS		3u
#define ADDRESSES	48u
#define MARKS		512u
#define EVENTS		256u
#define LEVELS		4u
/* Addresses go through the first entries of a table only. */
#define ENTRIES		4u
#define NO_GPA		GPROBE_PTM_NO_GPA

/* An address, and the entries on its way by the last values seen. */
struct ref_address {
	bool used, dirty;
	uint32_t view, count;
	uint64_t root, gva, tag, gpa;
	uint64_t way[LEVELS];
	unsigned int depth;
};

/* An entry's last value in a view, while somebody goes through it. */
struct ref_entry {
	bool watched;
	uint64_t value;
};

struct ref_mark {
	uint32_t view;
	uint64_t gpa;
};

struct event {
	bool out, again;
	uint32_t view;
	uint64_t root, gva, gpa, tag;
};

struct events {
	struct event all[EVENTS];
	unsigned int nr;
};

struct model {
	const struct model_source *source;
	bool ended, watches;
	struct gprobe_sim *sim;
	struct gprobe_driver_ops ops;
	struct gprobe_driver driver;
	struct gprobe_access_arbiter *arbiter;
	struct gprobe_ptm *ptm;
	struct ref_address addresses[ADDRESSES];
	struct ref_entry entries[VIEWS + 1][FRAMES * ENTRIES];
	struct ref_mark marks[VCPUS][MARKS];
	unsigned int nr_marks[VCPUS];
	uint8_t base[VIEWS + 1][FRAMES];
	uint8_t user[VIEWS + 1][FRAMES];
	struct events got, expected;
	unsigned int calls_until_refused;
	struct model_seen *seen;
};

/* For the driver's call, which knows its guest alone. */
static struct model *running;

static uint64_t number(struct model *model, uint64_t below)
{
	uint64_t value = 0;

	if (model->ended || !model->source->next(model->source->arg, &value))
		model->ended = true;
	return value % below;
}

/* --- the reference --- */

static uint64_t memory(const struct model *model, uint64_t gpa)
{
	uint64_t value;

	model_assert(!gprobe_sim_peek(model->sim, gpa, &value, sizeof(value)));
	return value;
}

/* 0 nothing, 1 a table, 2 a page; from the manual's figures 4-8 to 4-11. */
static int meaning(unsigned int depth, uint64_t value, uint64_t *target)
{
	static const uint64_t masks[LEVELS] = {
		0x000ffffffffff000, 0x000fffffc0000000,
		0x000fffffffe00000, 0x000ffffffffff000,
	};

	*target = 0;
	if (!(value & 1))
		return 0;
	if (depth == 0 && value & 0x80)
		return 0;
	if (depth == 3 || (depth && value & 0x80)) {
		*target = value & masks[depth];
		return 2;
	}
	*target = value & 0x000ffffffffff000;
	return 1;
}

static bool differ(unsigned int depth, uint64_t a, uint64_t b)
{
	uint64_t to_a, to_b;

	return meaning(depth, a, &to_a) != meaning(depth, b, &to_b) ||
	       to_a != to_b;
}

static unsigned int entry_number(uint64_t gpa)
{
	return gpa / 4096 * ENTRIES + gpa % 4096 / 8;
}

static struct ref_entry *ref_entry(struct model *model, uint32_t view,
				   uint64_t gpa)
{
	model_assert(gpa % 4096 / 8 < ENTRIES);
	return &model->entries[view][entry_number(gpa)];
}

/* Walk on from where the way ends; where it is then. */
static uint64_t ref_walk(struct model *model, struct ref_address *address)
{
	static const unsigned int shifts[LEVELS] = { 39, 30, 21, 12 };
	uint64_t table = address->root, value, target;
	struct ref_entry *entry;
	unsigned int depth;
	int kind;

	for (depth = 0; depth < LEVELS; depth++) {
		if (table / 4096 >= FRAMES)
			return NO_GPA;
		address->way[depth] = table + (address->gva >>
					       shifts[depth] & 511) * 8;
		address->depth = depth + 1;
		entry = ref_entry(model, address->view, address->way[depth]);
		if (!entry->watched)
			entry->value = memory(model, address->way[depth]);
		entry->watched = true;
		value = entry->value;
		kind = meaning(depth, value, &target);
		if (kind == 2)
			return target | (address->gva &
					 ((1ULL << shifts[depth]) - 1));
		if (kind == 0)
			return NO_GPA;
		table = target;
	}
	return NO_GPA;
}

/* What nobody goes through is not watched. */
static void ref_unwatch(struct model *model)
{
	bool kept[VIEWS + 1][FRAMES * ENTRIES];
	unsigned int i, depth, view;

	memset(kept, 0, sizeof(kept));
	for (i = 0; i < ADDRESSES; i++)
		for (depth = 0; depth < model->addresses[i].depth; depth++)
			kept[model->addresses[i].view]
			    [entry_number(model->addresses[i].way[depth])] =
				true;
	for (view = 1; view <= VIEWS; view++)
		for (i = 0; i < FRAMES * ENTRIES; i++)
			if (!kept[view][i])
				model->entries[view][i].watched = false;
}

static struct ref_address *ref_find(struct model *model, uint32_t view,
				    uint64_t root, uint64_t gva)
{
	struct ref_address *address;
	unsigned int i;

	for (i = 0; i < ADDRESSES; i++) {
		address = &model->addresses[i];
		if (address->used && address->view == view &&
		    address->root == root && address->gva == gva)
			return address;
	}
	return NULL;
}

static struct ref_address *ref_free_one(struct model *model)
{
	unsigned int i;

	for (i = 0; i < ADDRESSES; i++)
		if (!model->addresses[i].used)
			return &model->addresses[i];
	return NULL;
}

static void ref_forget(struct model *model, struct ref_address *address)
{
	memset(address, 0, sizeof(*address));
	ref_unwatch(model);
}

static void ref_mark(struct model *model, uint32_t vcpu, uint32_t view,
		     uint64_t gpa)
{
	struct ref_mark *marks = model->marks[vcpu];
	unsigned int i;

	for (i = 0; i < model->nr_marks[vcpu]; i++)
		if (marks[i].view == view && marks[i].gpa == gpa)
			return;
	model_assert(model->nr_marks[vcpu] < MARKS);
	marks[model->nr_marks[vcpu]++] = (struct ref_mark){ view, gpa };
}

static void add_event(struct events *events, const struct event *event)
{
	model_assert(events->nr < EVENTS);
	events->all[events->nr++] = *event;
}

/* An entry of a way says something else now: the rest of the way is gone. */
static void ref_tear(struct model *model, const struct ref_mark *mark,
		     uint64_t value)
{
	struct ref_entry *entry = ref_entry(model, mark->view, mark->gpa);
	struct ref_address *address;
	unsigned int i, depth;

	for (i = 0; i < ADDRESSES; i++) {
		address = &model->addresses[i];
		for (depth = 0; depth < address->depth; depth++) {
			if (address->view != mark->view ||
			    address->way[depth] != mark->gpa ||
			    !differ(depth, entry->value, value))
				continue;
			address->depth = depth + 1;
			address->dirty = true;
			model->seen->torn++;
		}
	}
	entry->value = value;
}

static void ref_tell(struct model *model, struct ref_address *address)
{
	uint64_t now = ref_walk(model, address);
	struct event event = {
		.view = address->view, .root = address->root,
		.gva = address->gva, .tag = address->tag,
		.again = address->gpa == now,
	};

	if (address->gpa != NO_GPA) {
		event.out = true;
		event.gpa = address->gpa;
		add_event(&model->expected, &event);
	}
	if (now != NO_GPA) {
		event.out = false;
		event.gpa = now;
		add_event(&model->expected, &event);
	}
	address->gpa = now;
	address->dirty = false;
}

static void ref_process(struct model *model, uint32_t vcpu)
{
	const struct ref_mark *mark;
	unsigned int i;

	for (i = 0; i < model->nr_marks[vcpu]; i++) {
		mark = &model->marks[vcpu][i];
		if (mark->gpa % 4096 / 8 < ENTRIES &&
		    ref_entry(model, mark->view, mark->gpa)->watched)
			ref_tear(model, mark, memory(model, mark->gpa));
	}
	model->nr_marks[vcpu] = 0;
	ref_unwatch(model);
	for (i = 0; i < ADDRESSES; i++)
		if (model->addresses[i].dirty)
			ref_tell(model, &model->addresses[i]);
}

/* --- beside it --- */

static int take(struct model *model, const struct gprobe_ptm_event *events,
		size_t nr, bool out)
{
	struct event event;
	size_t i;

	model_assert(nr);
	if (model->calls_until_refused && !--model->calls_until_refused)
		return -EAGAIN;
	for (i = 0; i < nr; i++) {
		event = (struct event){
			.out = out, .again = events[i].again,
			.view = events[i].paging.view,
			.root = events[i].paging.context.root,
			.gva = events[i].paging.context.gva,
			.gpa = events[i].paging.gpa, .tag = events[i].tag,
		};
		add_event(&model->got, &event);
	}
	return 0;
}

static int page_out(void *arg, const struct gprobe_ptm_event *events, size_t nr)
{
	return take(arg, events, nr, true);
}

static int page_in(void *arg, const struct gprobe_ptm_event *events, size_t nr)
{
	return take(arg, events, nr, false);
}

static int compare_events(const void *a, const void *b)
{
	const struct event *x = a, *y = b;

#define COMPARE(field) \
	do { \
		if (x->field != y->field) \
			return x->field < y->field ? -1 : 1; \
	} while (0)
	COMPARE(out);
	COMPARE(view);
	COMPARE(root);
	COMPARE(gva);
	COMPARE(gpa);
	COMPARE(tag);
	COMPARE(again);
#undef COMPARE
	return 0;
}

static void sort(struct events *events, bool unique)
{
	unsigned int i, nr = 0;

	qsort(events->all, events->nr, sizeof(*events->all), compare_events);
	for (i = 0; i < events->nr; i++) {
		if (unique && nr && !compare_events(&events->all[nr - 1],
						    &events->all[i]))
			continue;
		events->all[nr++] = events->all[i];
	}
	events->nr = nr;
}

/* After a retry, what had been taken may come twice. */
static void check_events(struct model *model, bool retried)
{
	unsigned int i;

	for (i = 1; i < model->got.nr && !retried; i++)
		model_assert(model->got.all[i - 1].out ||
			     !model->got.all[i].out);
	sort(&model->got, retried);
	sort(&model->expected, false);
	model_assert(model->got.nr == model->expected.nr);
	for (i = 0; i < model->got.nr; i++) {
		model_assert(!compare_events(&model->got.all[i],
					     &model->expected.all[i]));
		model->seen->outs += model->got.all[i].out;
		model->seen->ins += !model->got.all[i].out;
	}
	model->got.nr = 0;
	model->expected.nr = 0;
}

static void check_addresses(struct model *model, uint64_t *addresses,
			    uint64_t *paged_in)
{
	struct gprobe_ptm_address found;
	struct gprobe_context context;
	const struct ref_address *at;
	unsigned int i;

	for (i = 0; i < ADDRESSES; i++) {
		at = &model->addresses[i];
		if (!at->used)
			continue;
		context.gva = at->gva;
		context.root = at->root;
		model_assert(!gprobe_ptm_find(model->ptm, at->view, &context,
					      &found));
		model_assert(found.gpa == at->gpa && found.tag == at->tag &&
			     found.count == at->count);
		++*addresses;
		*paged_in += at->gpa != NO_GPA;
	}
}

static void check_page(struct model *model, uint32_t view, uint64_t gfn,
		       uint64_t *tables, uint64_t *entries)
{
	struct gprobe_sim_page page;
	const struct ref_entry *entry;
	uint64_t watched = 0, i;
	uint32_t access;

	for (i = 0; i < ENTRIES; i++) {
		entry = ref_entry(model, view, gfn * 4096 + i * 8);
		watched += entry->watched;
		model_assert(gprobe_ptm_has_entry(model->ptm, view,
						  gfn * 4096 + i * 8) ==
			     entry->watched);
		model_assert(!entry->watched || !model->watches ||
			     gprobe_sim_is_watched(model->sim, view,
						   gfn * 4096 + i * 8));
	}
	access = model->base[view][gfn] & model->user[view][gfn];
	if (watched)
		access &= ~(uint32_t)GPROBE_ACCESS_W;
	model_assert(!gprobe_sim_page_get(model->sim, view, gfn, &page));
	model_assert(page.access == access);
	model_assert(gprobe_ptm_has_table(model->ptm, view, gfn) == !!watched);
	*tables += !!watched;
	*entries += watched;
}

static void check_all(struct model *model)
{
	uint64_t addresses = 0, paged_in = 0, tables = 0, entries = 0, gfn;
	struct gprobe_ptm_figures figures;
	uint32_t view;

	check_addresses(model, &addresses, &paged_in);
	for (view = 1; view <= VIEWS; view++)
		for (gfn = 0; gfn < FRAMES; gfn++)
			check_page(model, view, gfn, &tables, &entries);
	gprobe_ptm_figures(model->ptm, &figures);
	model_assert(figures.addresses == addresses);
	model_assert(figures.paged_in == paged_in);
	model_assert(figures.tables == tables);
	model_assert(figures.entries == entries);
	model_assert(figures.unfinished == 0);
	model_assert(figures.unsettled == 0);
	model_assert(gprobe_sim_maps(model->sim) == tables);
	model_assert(gprobe_sim_watches(model->sim) ==
		     (model->watches ? tables : 0));
}

/* --- what is done --- */

static uint64_t some_root(struct model *model)
{
	return (1 + number(model, 3)) * 4096;
}

static uint64_t some_gva(struct model *model)
{
	uint64_t gva = number(model, 2) * 0xabc;
	unsigned int shift;

	for (shift = 12; shift < 48; shift += 9)
		gva |= number(model, 3) << shift;
	return gva;
}

static uint32_t some_view(struct model *model)
{
	return 1 + number(model, VIEWS);
}

static uint64_t some_entry(struct model *model)
{
	uint64_t kind = number(model, 16), value = 0;

	switch (kind) {
	case 0:
	case 1:
		return number(model, 2) << 12;
	case 2:
		value = 1ULL << 42;
		break;
	case 3:
	case 4:
	case 5:
		value = (TABLES + 1 + number(model, 8)) << 12;
		break;
	case 6:
		value = 0x80 | number(model, 4) << 30 | number(model, 4) << 12;
		break;
	case 7:
		value = 0x80 | number(model, 4) << 21 | number(model, 4) << 12;
		break;
	default:
		value = (1 + number(model, TABLES)) << 12;
	}
	return value | 1 | number(model, 4) << 5 | number(model, 2) << 63;
}

/* Would nobody hear of a store, in whatever view it is done? */
static bool is_silent(const struct model *model, uint64_t gpa)
{
	struct gprobe_sim_page page;
	uint64_t gfn = gpa / 4096;
	uint32_t view, access;

	for (view = 1; view <= VIEWS; view++) {
		model_assert(!gprobe_sim_page_get(model->sim, view, gfn,
						  &page));
		access = model->watches ? model->base[view][gfn] &
					  model->user[view][gfn] : page.access;
		if (!(access & GPROBE_ACCESS_W) ||
		    gprobe_sim_is_watched(model->sim, view, gpa))
			return false;
	}
	return true;
}

/* The driver's, whose guest stores just before. */
static int racing_call(void *arg, struct gprobe_call *calls, size_t nr)
{
	struct model *model = running;
	uint64_t gpa, value;

	if (!number(model, 2)) {
		gpa = (1 + number(model, TABLES)) * 4096 + number(model, 3) * 8;
		value = some_entry(model);
		if (is_silent(model, gpa)) {
			model->seen->raced++;
			gprobe_sim_poke(model->sim, gpa, &value, 8);
		}
	}
	return gprobe_sim_driver(model->sim).ops->call(arg, calls, nr);
}

/* Something fails once, or nothing does. */
static void arm(struct model *model)
{
	switch (number(model, 12)) {
	case 0:
	case 1:
		gprobe_sim_fault(model->sim, GPROBE_SIM_ANY,
				 1 + number(model, 8), -EIO);
		break;
	case 2:
		alloc_fault(1 + number(model, 4));
		break;
	case 3:
		model->calls_until_refused = 1 + number(model, 2);
		break;
	default:
		break;
	}
}

static void disarm(struct model *model)
{
	gprobe_sim_fault(model->sim, GPROBE_SIM_ANY, 0, 0);
	alloc_fault(0);
	model->calls_until_refused = 0;
}

static void do_monitor(struct model *model)
{
	uint32_t view = some_view(model);
	struct gprobe_context context = {
		.gva = some_gva(model), .root = some_root(model),
	};
	struct ref_address *address;
	uint64_t tag = number(model, 1000);
	int ret;

	address = ref_find(model, view, context.root, context.gva);
	if (!address && !ref_free_one(model))
		return;
	arm(model);
	context.root |= number(model, 4096);
	ret = gprobe_ptm_monitor(model->ptm, view, &context, tag);
	disarm(model);
	if (ret) {
		/* As if it had not been tried. */
		model->seen->failed++;
		check_all(model);
		ret = gprobe_ptm_monitor(model->ptm, view, &context, tag);
	}
	model_assert(!ret);
	if (address) {
		address->count++;
		return;
	}
	address = ref_free_one(model);
	*address = (struct ref_address){
		.used = true, .view = view, .count = 1, .tag = tag,
		.root = context.root & ~4095ULL, .gva = context.gva,
	};
	address->gpa = ref_walk(model, address);
}

static void do_unmonitor(struct model *model)
{
	struct ref_address *address = &model->addresses[number(model,
							       ADDRESSES)];
	bool force = !number(model, 4);
	struct gprobe_context context;
	uint32_t view;
	int ret;

	context.gva = address->gva;
	context.root = address->root;
	view = address->used ? address->view : 1;
	arm(model);
	if (force)
		ret = gprobe_ptm_unmonitor_force(model->ptm, view, &context);
	else
		ret = gprobe_ptm_unmonitor(model->ptm, view, &context);
	disarm(model);
	if (address->used && (force || !--address->count))
		ref_forget(model, address);
	if (ret) {
		model->seen->failed++;
		context.gva = 0x7000;
		model_assert(!gprobe_ptm_unmonitor(model->ptm, 1, &context));
	}
}

static void do_unmonitor_many(struct model *model)
{
	uint32_t view = number(model, 4);
	unsigned int i;
	int ret;

	if (number(model, 8))
		return;
	arm(model);
	if (view && view <= VIEWS)
		ret = gprobe_ptm_unmonitor_view(model->ptm, view);
	else
		ret = gprobe_ptm_unmonitor_all(model->ptm);
	disarm(model);
	for (i = 0; i < ADDRESSES; i++)
		if (model->addresses[i].used &&
		    (!view || view > VIEWS || model->addresses[i].view == view))
			ref_forget(model, &model->addresses[i]);
	if (!view || view > VIEWS)
		memset(model->nr_marks, 0, sizeof(model->nr_marks));
	if (ret) {
		model->seen->failed++;
		model_assert(!gprobe_ptm_unmonitor_view(model->ptm, 1) ||
			     view == 1);
		for (i = 0; i < ADDRESSES; i++)
			if (model->addresses[i].used &&
			    model->addresses[i].view == 1)
				ref_forget(model, &model->addresses[i]);
	}
}

/* Does the driver tell of a store? Of what it does not watch, it may. */
static bool is_told(struct model *model, uint32_t in_view, uint64_t gpa,
		    uint32_t bytes)
{
	uint64_t end = gpa + bytes;
	uint32_t view;

	if (!model->watches || number(model, 2))
		return true;
	for (gpa -= gpa % 8; gpa < end; gpa += 8)
		for (view = 1; view <= VIEWS; view++)
			if ((!in_view || in_view == view) &&
			    gprobe_sim_is_watched(model->sim, view, gpa))
				return true;
	model->seen->untold++;
	return false;
}

/* A store, of any width and wherever in the tables' first entries. */
static void do_store(struct model *model)
{
	static const uint8_t widths[] = { 1, 2, 4, 8, 8, 8, 8, 16, 32, 64 };
	uint32_t bytes = widths[number(model, sizeof(widths))];
	uint64_t gpa = (1 + number(model, TABLES)) * 4096, first, last;
	uint32_t vcpu = number(model, VCPUS), view, i;
	uint32_t in_view = number(model, VIEWS + 1);
	struct gprobe_ptm_write write;
	uint64_t data[8];

	for (i = 0; i < 8; i++)
		data[i] = some_entry(model);
	gpa += number(model, 3) * 8;
	if (bytes < 8 || !number(model, 8))
		gpa += number(model, 8);
	write = (struct gprobe_ptm_write){
		.gpa = gpa, .bytes = number(model, 16) ? bytes : 0,
		.view = in_view, .vcpu = vcpu,
	};
	first = gpa / 8 * 8;
	last = (gpa + (write.bytes ? bytes : 64) - 1) / 8 * 8;
	if (!is_told(model, in_view, gpa, bytes)) {
		gprobe_sim_poke(model->sim, gpa, data, bytes);
		return;
	}
	if (number(model, 2))
		gprobe_sim_poke(model->sim, gpa, data, bytes);
	model_assert(gprobe_ptm_mark(model->ptm, &write) >= 0);
	gprobe_sim_poke(model->sim, gpa, data, bytes);
	for (view = 1; view <= VIEWS; view++) {
		if (in_view && in_view != view)
			continue;
		if (!gprobe_ptm_has_table(model->ptm, view, gpa / 4096))
			continue;
		for (; first <= last; first += 8)
			ref_mark(model, vcpu, view, first);
		first = gpa / 8 * 8;
	}
}

static void do_process(struct model *model)
{
	uint32_t vcpu = number(model, VCPUS);
	bool retried = false;
	int ret;

	arm(model);
	ret = gprobe_ptm_process(model->ptm, vcpu);
	disarm(model);
	if (ret) {
		model->seen->failed++;
		model->seen->retried++;
		retried = true;
		ret = gprobe_ptm_process(model->ptm, vcpu);
	}
	model_assert(!ret);
	ref_process(model, vcpu);
	check_events(model, retried);
}

/* Another owner of a page's access comes or goes. */
static void do_user(struct model *model)
{
	uint32_t view = some_view(model), gfn = number(model, FRAMES);
	uint8_t *user = &model->user[view][gfn];

	if (*user == GPROBE_ACCESS_RWX) {
		*user = number(model, 7);
		model_assert(!gprobe_access_get(model->arbiter, view, gfn,
						*user));
		return;
	}
	model_assert(!gprobe_access_put(model->arbiter, view, gfn, *user));
	*user = GPROBE_ACCESS_RWX;
}

static void do_one(struct model *model)
{
	switch (number(model, 16)) {
	case 0:
	case 1:
	case 2:
		do_monitor(model);
		break;
	case 3:
		do_unmonitor(model);
		break;
	case 4:
		do_unmonitor_many(model);
		break;
	case 5:
		do_user(model);
		break;
	case 6:
	case 7:
	case 8:
	case 9:
		do_process(model);
		break;
	default:
		do_store(model);
	}
}

static void begin(struct model *model, uint32_t features)
{
	struct gprobe_sim_config config = {
		.frames = FRAMES, .vcpus = VCPUS, .views = VIEWS,
		.features = features,
	};
	struct gprobe_ptm_listener listener = {
		.page_out = page_out, .page_in = page_in, .arg = model,
	};
	uint32_t view, made;
	uint64_t gfn;

	model_assert(!gprobe_sim_new(&config, &model->sim));
	model->driver = gprobe_sim_driver(model->sim);
	model->ops = *model->driver.ops;
	model->ops.call = racing_call;
	model->driver.ops = &model->ops;
	model_assert(!gprobe_access_new(&model->driver, &model->arbiter));
	model_assert(!gprobe_ptm_new(&model->driver, model->arbiter, &listener,
				     &model->ptm));
	for (view = 1; view <= VIEWS; view++) {
		model_assert(!gprobe_sim_view_new(model->sim, &made));
		for (gfn = 0; gfn < FRAMES; gfn++) {
			model->base[view][gfn] = gfn % 5 ? 7 : 7 - view;
			model->user[view][gfn] = GPROBE_ACCESS_RWX;
			gprobe_sim_set_access(model->sim, view, gfn,
					      model->base[view][gfn]);
		}
	}
}

static void end(struct model *model)
{
	model_assert(!gprobe_ptm_unmonitor_all(model->ptm));
	gprobe_ptm_free(model->ptm);
	model_assert(!gprobe_sim_maps(model->sim));
	model_assert(!gprobe_sim_watches(model->sim));
	gprobe_access_free(model->arbiter);
	gprobe_sim_free(model->sim);
	free(model);
}

void model_run(const struct model_source *source, uint32_t features,
	       uint64_t steps, struct model_seen *seen)
{
	struct model *model = calloc(1, sizeof(*model));
	uint64_t step;

	model_assert(model);
	running = model;
	model->source = source;
	model->seen = seen;
	model->watches = features & GPROBE_DRIVER_WATCHES;
	begin(model, features);
	for (step = 0; step < steps && !model->ended; step++) {
		do_one(model);
		check_all(model);
		seen->steps++;
	}
	end(model);
}
