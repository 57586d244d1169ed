// SPDX-License-Identifier: GPL-2.0
/*
 * Long random sequences of all operations, with pages that move, guests that
 * write, and faults of driver and memory, beside a model. After each step the
 * claims, the INT3s, the protections and what events deliver are compared.
 */
#include <stdlib.h>

#include "model.h"
#include "rig.h"

#define STEPS	12000
#define FRAMES	8
#define BATCH	4

struct walk {
	struct rig *rig;
	struct model model;
	uint64_t seed;
	unsigned int step, failures;
};

/* One operation, such that it can be done again. */
struct action {
	unsigned int kind;
	struct gprobe_bpm_spec specs[BATCH];
	struct gprobe_paging pages[BATCH];
	struct gprobe_event event;
	uint64_t gpa;
	size_t nr;
	uint64_t removed_key;
};

enum {
	INSERT, INSERT_AT, INSERT_MANY, REMOVE, REMOVE_AT, REMOVE_BY_EVENT,
	REMOVE_VIEW, CLEAR, PAGE_IN, PAGE_OUT, PAGE_IN_MANY, PAGE_OUT_MANY,
	KINDS
};

static unsigned int pick(struct walk *walk, unsigned int nr)
{
	return unit_random(&walk->seed) % nr;
}

static uint64_t pick_gva(struct walk *walk)
{
	static const uint64_t pages[] = {
		0x400000, 0x7fffffffe000, 0xffffffff81000000,
	};
	static const uint64_t offsets[] = { 0, 1, 0xffe, 0xfff };

	return pages[pick(walk, 3)] + offsets[pick(walk, 4)];
}

static uint64_t pick_root(struct walk *walk)
{
	return (1 + pick(walk, 3)) << 12;
}

static struct gprobe_bpm_spec pick_spec(struct walk *walk)
{
	return (struct gprobe_bpm_spec){
		.context = { pick_gva(walk), pick_root(walk) },
		.key = pick(walk, 3), .tag = unit_random(&walk->seed),
		.view = 1 + pick(walk, 2), .global = !pick(walk, 3),
	};
}

static uint64_t pick_gpa(struct walk *walk, uint64_t gva)
{
	return pick(walk, FRAMES) << 12 | (gva & 0xfff);
}

/* Often one that is there. */
static struct gprobe_bpm_claim pick_claim(struct walk *walk)
{
	struct gprobe_bpm_claim claim = { .spec = pick_spec(walk) };

	claim.gpa = pick_gpa(walk, claim.spec.context.gva);
	if (walk->model.nr && pick(walk, 4))
		claim = walk->model.claims[pick(walk, walk->model.nr)];
	return claim;
}

static struct gprobe_event pick_event(struct walk *walk)
{
	struct gprobe_bpm_claim claim = pick_claim(walk);
	struct gprobe_event event;

	event = event_of(walk->rig, claim.spec.view, claim.spec.context.gva,
			 pick(walk, 2) ? claim.spec.context.root :
					 pick_root(walk),
			 claim.gpa != GPROBE_BPM_NO_GPA ? claim.gpa :
			 pick_gpa(walk, claim.spec.context.gva));
	return event;
}

static struct gprobe_paging pick_paging(struct walk *walk)
{
	struct gprobe_bpm_claim claim = pick_claim(walk);
	struct gprobe_paging paging = {
		.context = claim.spec.context, .gpa = claim.gpa,
		.view = claim.spec.view,
	};

	if (claim.gpa == GPROBE_BPM_NO_GPA || !pick(walk, 4))
		paging.gpa = pick_gpa(walk, 0);
	paging.context.gva ^= pick(walk, 2);
	return paging;
}

static struct action pick_action(struct walk *walk)
{
	static const uint8_t weights[KINDS] = {
		8, 12, 6, 6, 3, 4, 1, 1, 12, 10, 4, 4,
	};
	struct action action = { .nr = 1 + pick(walk, BATCH) };
	struct gprobe_bpm_claim claim = pick_claim(walk);
	unsigned int at = pick(walk, 71);
	size_t i;

	for (i = 0; i < BATCH; i++) {
		action.specs[i] = pick_spec(walk);
		action.pages[i] = pick_paging(walk);
	}
	action.event = pick_event(walk);
	action.gpa = pick(walk, 5) ?
		pick_gpa(walk, action.specs[0].context.gva) :
		GPROBE_BPM_NO_GPA;
	while (at >= weights[action.kind])
		at -= weights[action.kind++];
	if (action.kind == REMOVE || action.kind == REMOVE_AT)
		action.specs[0] = claim.spec;
	action.removed_key = pick(walk, 2) ? claim.spec.key : pick(walk, 3);
	return action;
}

/* Where the guest's tables say an address is. */
static uint64_t translated(struct walk *walk,
			   const struct gprobe_context *context)
{
	struct gprobe_translation translation = {
		.root = context->root, .gva = context->gva,
	};

	unit_assert(!walk->rig->driver.ops->translate(walk->rig->fake,
						      &translation, 1));
	return translation.ret ? GPROBE_BPM_NO_GPA : translation.gpa;
}

static int run(struct gprobe_bpm *bpm, const struct action *action)
{
	const struct gprobe_bpm_spec *spec = &action->specs[0];

	switch (action->kind) {
	case INSERT:
		return gprobe_bpm_insert(bpm, spec);
	case INSERT_AT:
		return gprobe_bpm_insert_at(bpm, spec, action->gpa);
	case INSERT_MANY:
		return gprobe_bpm_insert_many(bpm, action->specs, action->nr,
					      NULL);
	case REMOVE:
		return gprobe_bpm_remove(bpm, spec->view, &spec->context,
					 spec->key);
	case REMOVE_AT:
		return gprobe_bpm_remove_at(bpm, spec->view, &spec->context,
					    spec->key, action->gpa);
	case REMOVE_BY_EVENT:
		return gprobe_bpm_remove_by_event(bpm, &action->event,
						  action->removed_key);
	case REMOVE_VIEW:
		return gprobe_bpm_remove_view(bpm, spec->view);
	case CLEAR:
		return gprobe_bpm_clear(bpm);
	case PAGE_IN:
		return gprobe_bpm_page_in(bpm, &action->pages[0]);
	case PAGE_OUT:
		return gprobe_bpm_page_out(bpm, &action->pages[0]);
	case PAGE_IN_MANY:
		return gprobe_bpm_page_in_many(bpm, action->pages, action->nr);
	default:
		return gprobe_bpm_page_out_many(bpm, action->pages,
						action->nr);
	}
}

static int insert_many(struct walk *walk, struct model *model,
		       const struct action *action)
{
	static struct model before;
	size_t i;
	int ret;

	before = *model;
	for (i = 0; i < action->nr; i++) {
		ret = model_insert(model, &action->specs[i],
				   translated(walk,
					      &action->specs[i].context));
		if (ret < 0) {
			*model = before;
			return ret;
		}
	}
	return 0;
}

static int page_many(struct model *model, const struct action *action,
		     void (*page)(struct model *, const struct gprobe_paging *))
{
	size_t i, nr = action->kind == PAGE_IN || action->kind == PAGE_OUT ?
		1 : action->nr;

	for (i = 0; i < nr; i++)
		page(model, &action->pages[i]);
	return 0;
}

static int run_model(struct walk *walk, struct model *model,
		     const struct action *action)
{
	const struct gprobe_bpm_spec *spec = &action->specs[0];

	switch (action->kind) {
	case INSERT:
		return model_insert(model, spec,
				    translated(walk, &spec->context));
	case INSERT_AT:
		return model_insert(model, spec, action->gpa);
	case INSERT_MANY:
		return insert_many(walk, model, action);
	case REMOVE:
	case REMOVE_AT:
		return model_remove(model, spec->view, &spec->context,
				    spec->key);
	case REMOVE_BY_EVENT:
		return model_remove_by_event(model, &action->event,
					     action->removed_key);
	case REMOVE_VIEW:
		return model_remove_view(model, spec->view);
	case CLEAR:
		model->nr = 0;
		return 0;
	case PAGE_IN:
	case PAGE_IN_MANY:
		return page_many(model, action, model_page_in);
	default:
		return page_many(model, action, model_page_out);
	}
}

/* --- comparing --------------------------------------------------------- */

static bool is_same(const struct gprobe_bpm_claim *a,
		    const struct gprobe_bpm_claim *b)
{
	return a->gpa == b->gpa && a->spec.view == b->spec.view &&
	       a->spec.key == b->spec.key && a->spec.tag == b->spec.tag &&
	       a->spec.global == b->spec.global &&
	       a->spec.context.gva == b->spec.context.gva &&
	       a->spec.context.root == b->spec.context.root;
}

static void compare_claims(struct walk *walk)
{
	const struct model *model = &walk->model;
	struct gprobe_bpm_claim claim;
	size_t cursor = 0, nr = 0, i;

	while (gprobe_bpm_next(walk->rig->bpm, &cursor, &claim)) {
		for (i = 0; i < model->nr; i++)
			if (is_same(&claim, &model->claims[i]))
				break;
		unit_assert(i < model->nr);
		nr++;
	}
	unit_assert(nr == model->nr);
	unit_assert(rig_figures(walk->rig).unsettled == 0);
}

/* Pages had accesses of their own before. */
static uint8_t original_access(uint32_t view, uint64_t gfn)
{
	return gfn == 3 && view == 1 ? GPROBE_ACCESS_RX :
	       gfn == 4 ? GPROBE_ACCESS_R : GPROBE_ACCESS_RWX;
}

static uint8_t expected_access(struct walk *walk, uint32_t view, uint64_t gfn)
{
	uint8_t access = original_access(view, gfn);

	if (!model_on_page(&walk->model, view, gfn))
		return access;
	if (walk->rig->kind == RIG_SHADOW)
		return access & GPROBE_ACCESS_X;
	return walk->rig->kind == RIG_MEMORY ? access & GPROBE_ACCESS_RW :
	       access;
}

static void compare_shadow(struct walk *walk, uint32_t view, uint64_t gfn)
{
	const struct fake_driver *fake = walk->rig->fake;
	const struct fake_page *page = &fake->views[view].pages[gfn];
	uint64_t gpa;

	unit_assert(page->remapped ==
		    !!model_on_page(&walk->model, view, gfn));
	if (!page->remapped)
		return;
	for (gpa = gfn << 12; gpa < (gfn + 1) << 12; gpa++)
		if (fake_fetch(fake, view, gpa) !=
		    fake->frames[gfn][gpa & 0xfff])
			unit_assert(fake_fetch(fake, view, gpa) == 0xcc &&
				    model_at(&walk->model, view, gpa));
}

static bool is_of(const struct fake_claim *claim,
		  const struct gprobe_bpm_claim *wanted)
{
	const struct gprobe_bpm_spec *spec = &wanted->spec;

	return claim->used && claim->view == spec->view &&
	       (claim->gfn << 12 | claim->offset) == wanted->gpa &&
	       claim->key == spec->key && claim->tag == spec->tag &&
	       claim->root == (spec->global ? 0 : spec->context.root);
}

/* Each claim of the table is one of the driver, and the other way round. */
static void compare_roots(const struct walk *walk)
{
	const struct fake_claim *claims = walk->rig->fake->claims;
	const struct model *model = &walk->model;
	bool *seen = calloc(FAKE_CLAIMS, sizeof(*seen));
	bool found;
	size_t i, j;

	for (i = 0; i < model->nr; i++) {
		found = model->claims[i].gpa == GPROBE_BPM_NO_GPA;
		for (j = 0; j < FAKE_CLAIMS; j++)
			if (is_of(&claims[j], &model->claims[i]))
				found = seen[j] = true;
		unit_assert(found);
	}
	for (j = 0; j < FAKE_CLAIMS; j++)
		unit_assert(seen[j] == claims[j].used);
	free(seen);
}

static void compare_guest(struct walk *walk)
{
	const struct model *model = &walk->model;
	struct rig *rig = walk->rig;
	size_t i, int3s = 0;
	uint32_t view;
	uint64_t gfn;

	for (view = 1; view <= 2; view++)
		for (gfn = 0; gfn < FRAMES; gfn++) {
			unit_assert(rig->fake->views[view].pages[gfn].access ==
				    expected_access(walk, view, gfn));
			if (rig->kind == RIG_FAKE_TAP)
				unit_assert(fake_tap_has_page(rig->fake_tap,
							      view, gfn) ==
					    !!model_on_page(model, view, gfn));
			if (rig->kind == RIG_SHADOW && !(walk->step % 16))
				compare_shadow(walk, view, gfn);
		}
	for (i = 0; i < model->nr; i++)
		if (model->claims[i].gpa != GPROBE_BPM_NO_GPA &&
		    rig->kind != RIG_MEMORY) {
			if (rig->kind == RIG_FAKE_TAP)
				unit_assert(fake_tap_has_int3(rig->fake_tap,
					model->claims[i].spec.view,
					model->claims[i].gpa));
			else
				unit_assert(fake_fetch(rig->fake,
					model->claims[i].spec.view,
					model->claims[i].gpa) == 0xcc);
		}
	for (i = 0; i < FAKE_CLAIMS; i++)
		if (rig->fake->claims[i].used) {
			int3s++;
			unit_assert(model_at(model, rig->fake->claims[i].view,
					     rig->fake->claims[i].gfn << 12 |
					     rig->fake->claims[i].offset));
		}
	if (rig->kind == RIG_ROOTS)
		compare_roots(walk);
	if (rig->kind == RIG_CLAIMS)
		unit_assert(int3s == rig_figures(rig).places);
	unit_assert(!rig->fake->gotten);
}

static size_t find_hit(const struct gprobe_bpm_hit *hits, size_t from,
		       size_t to, const struct gprobe_bpm_hit *hit)
{
	for (; from < to; from++)
		if (hits[from].key == hit->key && hits[from].tag == hit->tag &&
		    hits[from].global == hit->global)
			break;
	return from;
}

static void compare_events(struct walk *walk)
{
	struct gprobe_bpm_hit expected[64], hits[64];
	struct gprobe_context context;
	struct gprobe_event event;
	size_t nr, exact, i;
	unsigned int turn;
	int ret;

	for (turn = 0; turn < 4; turn++) {
		event = pick_event(walk);
		nr = model_hits(&walk->model, &event, expected, &exact);
		ret = gprobe_bpm_lookup(walk->rig->bpm, &event, hits, 64);
		unit_assert(gprobe_bpm_has_event(walk->rig->bpm, &event) ==
			    !!nr);
		unit_assert((ret == -ENOENT) == !model_at(&walk->model,
							  event.view,
							  event.gpa));
		unit_assert(ret == -ENOENT || (size_t)ret == nr);
		for (i = 0; i < nr; i++)
			unit_assert(find_hit(hits, i < exact ? 0 : exact,
					     i < exact ? exact : nr,
					     &expected[i]) <
				    (i < exact ? exact : nr));
		context = (struct gprobe_context){ event.gva, event.root };
		unit_assert(gprobe_bpm_has(walk->rig->bpm, event.view,
					   &context) ==
			    model_has(&walk->model, event.view, &context));
	}
}

/* --- walking ----------------------------------------------------------- */

/* The guest changes its tables, and tells nobody; or writes to its code. */
static void guest_acts(struct walk *walk)
{
	struct fake_driver *fake = walk->rig->fake;
	uint64_t gpa = pick_gpa(walk, pick(walk, 4096));
	uint64_t gva = pick_gva(walk), root = pick_root(walk);
	unsigned int bytes = 1 + pick(walk, 16), i;

	if (pick(walk, 2))
		fake_map(fake, root, gva, pick(walk, FRAMES));
	else
		fake_unmap(fake, root, gva);
	for (i = 0; i < bytes && (gpa & 0xfff) + i < 4096; i++)
		fake->frames[gpa >> 12][(gpa & 0xfff) + i] =
			pick(walk, 4) ? pick(walk, 256) : 0xcc;
	if (walk->rig->kind == RIG_SHADOW)
		unit_assert(!gprobe_shadow_wrote(walk->rig->shadows, gpa,
						 bytes));
}

/* Something will fail in the next operation, or nothing. */
static void arm(struct walk *walk, bool *broken)
{
	unsigned int what = pick(walk, 8);

	*broken = what == 0;
	walk->rig->fake->goes_on = pick(walk, 2);
	walk->rig->fake_tap->goes_on = walk->rig->fake->goes_on;
	if (what < 3)
		rig_fault(walk->rig, 1 + pick(walk, 8), -EIO, *broken);
	else if (what < 4)
		fake_memory_refuse(1 + pick(walk, 4));
}

static void disarm(struct walk *walk)
{
	rig_fault(walk->rig, 0, 0, false);
	fake_memory_refuse(0);
}

static void act(struct walk *walk)
{
	static struct model before;
	struct action action = pick_action(walk);
	bool broken;
	int expected, ret;

	before = walk->model;
	expected = run_model(walk, &walk->model, &action);
	arm(walk, &broken);
	ret = run(walk->rig->bpm, &action);
	disarm(walk);
	if (ret != expected) {
		/* It failed: as before, and the same call completes it. */
		walk->failures++;
		unit_assert(ret == -EIO || ret == -ENOMEM);
		if (!broken) {
			struct model after = walk->model;

			walk->model = before;
			compare_claims(walk);
			compare_guest(walk);
			walk->model = after;
		}
		ret = run(walk->rig->bpm, &action);
		unit_assert(ret == expected);
	}
	compare_claims(walk);
	compare_guest(walk);
	compare_events(walk);
}

static void set_accesses(struct walk *walk, bool ours)
{
	uint32_t view;
	uint64_t gfn;

	for (view = 1; view <= 2; view++)
		for (gfn = 0; gfn < FRAMES; gfn++)
			walk->rig->fake->views[view].pages[gfn].access = ours ?
				original_access(view, gfn) : GPROBE_ACCESS_RWX;
}

START_TEST(random_operations_are_as_in_a_model)
{
	struct walk *walk = calloc(1, sizeof(*walk));

	walk->rig = rig_new(_i % RIG_KINDS);
	walk->seed = _i;
	set_accesses(walk, true);
	for (walk->step = 0; walk->step < STEPS; walk->step++) {
		if (!pick(walk, 3))
			guest_acts(walk);
		act(walk);
	}
	ck_assert_uint_gt(walk->failures, STEPS / 50);
	ck_assert_int_eq(gprobe_bpm_clear(walk->rig->bpm), 0);
	walk->model.nr = 0;
	compare_guest(walk);
	set_accesses(walk, false);
	rig_free(walk->rig);
	free(walk);
}
END_TEST

Suite *bpm_model_suite(void)
{
	Suite *suite = suite_create("bpm_model");
	TCase *tcase = tcase_create("each kind, two seeds");

	tcase_set_timeout(tcase, 600);
	tcase_add_loop_test(tcase, random_operations_are_as_in_a_model, 0,
			    2 * RIG_KINDS);
	suite_add_tcase(suite, tcase);
	return suite;
}
