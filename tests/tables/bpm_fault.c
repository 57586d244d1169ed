// SPDX-License-Identifier: GPL-2.0
/*
 * Every operation with every n-th step of tap or driver failing, and with
 * every n-th allocation: all is as before, and the same call completes it.
 */
#include <stdlib.h>

#include "rig.h"
#include "snapshot.h"

#define OTHER_GPA	0x9010ULL
#define NEXT_GVA	(GVA + 0x1000)
#define NEXT_GPA	0x6010ULL

static int insert(struct rig *rig, uint64_t key, uint64_t gva, uint64_t root,
		  uint64_t gpa)
{
	struct gprobe_bpm_spec spec = spec_of(1, gva, root);

	spec.key = key;
	return gprobe_bpm_insert_at(rig->bpm, &spec, gpa);
}

static int insert_global(struct rig *rig, uint64_t root, uint64_t gpa)
{
	struct gprobe_bpm_spec spec = spec_of(1, GVA, root);

	spec.key = 4;
	spec.global = true;
	return gprobe_bpm_insert_at(rig->bpm, &spec, gpa);
}

/* Some of everything. */
static struct rig *furnished(enum rig_kind kind)
{
	struct rig *rig = rig_new(kind);
	struct gprobe_bpm_spec other = spec_of(2, GVA, ROOT_A);

	rig->fake->views[1].pages[7].access = GPROBE_ACCESS_RX;
	fake_map(rig->fake, ROOT_A, GVA, GFN);
	fake_map(rig->fake, ROOT_B, GVA, 7);
	fake_map(rig->fake, ROOT_B, NEXT_GVA, 8);
	insert(rig, 1, GVA, ROOT_A, GPA);
	insert(rig, 1, GVA, ROOT_A, OTHER_GPA);
	insert(rig, 2, GVA, ROOT_A, GPA);
	insert(rig, 3, GVA + 5, ROOT_A, GPA + 5);
	insert_global(rig, ROOT_A, GPA);
	insert_global(rig, ROOT_B, GPA);
	insert_global(rig, ROOT_C, GPROBE_BPM_NO_GPA);
	insert(rig, 5, GVA, ROOT_A, GPROBE_BPM_NO_GPA);
	insert(rig, 5, GVA + 6, ROOT_A, GPROBE_BPM_NO_GPA);
	insert(rig, 1, NEXT_GVA, ROOT_A, NEXT_GPA);
	gprobe_bpm_insert_at(rig->bpm, &other, GPA);
	return rig;
}

/* The page that was RX before is RX again. */
static void furnished_free(struct rig *rig)
{
	uint8_t *access = &rig->fake->views[1].pages[7].access;

	rig_fault(rig, 0, 0, false);
	ck_assert_int_eq(gprobe_bpm_clear(rig->bpm), 0);
	ck_assert_int_eq(*access, GPROBE_ACCESS_RX);
	*access = GPROBE_ACCESS_RWX;
	rig_free(rig);
}

static int insert_on_a_new_page(struct rig *rig)
{
	return insert(rig, 1, GVA, ROOT_C, 0xa010);
}

static int insert_on_a_populated_page(struct rig *rig)
{
	return insert(rig, 1, GVA + 9, ROOT_A, GPA + 9);
}

static int insert_what_is_pending(struct rig *rig)
{
	return insert(rig, 5, GVA, ROOT_A, 0xb010);
}

static int insert_translated(struct rig *rig)
{
	struct gprobe_bpm_spec spec = spec_of(3, GVA, ROOT_B);

	return gprobe_bpm_insert(rig->bpm, &spec);
}

static int insert_pending(struct rig *rig)
{
	return insert(rig, 9, GVA, ROOT_C, GPROBE_BPM_NO_GPA);
}

static int insert_another_global(struct rig *rig)
{
	return insert_global(rig, 0x5000, 0xa010);
}

static int insert_many(struct rig *rig)
{
	struct gprobe_bpm_spec specs[] = {
		spec_of(1, GVA, ROOT_B), spec_of(1, NEXT_GVA, ROOT_B),
		spec_of(2, NEXT_GVA, ROOT_B), spec_of(1, GVA + 1, ROOT_B),
		spec_of(1, GVA, ROOT_C), spec_of(3, GVA, ROOT_A),
	};

	return gprobe_bpm_insert_many(rig->bpm, specs, ARRAY_SIZE(specs),
				      NULL);
}

static int insert_many_at(struct rig *rig)
{
	const struct gprobe_bpm_spec specs[] = {
		spec_of(1, GVA, ROOT_B), spec_of(2, GVA, ROOT_B),
		spec_of(1, NEXT_GVA, ROOT_C),
	};
	const uint64_t gpas[] = { GPA, OTHER_GPA, GPROBE_BPM_NO_GPA };

	return gprobe_bpm_insert_many_at(rig->bpm, specs, gpas,
					 ARRAY_SIZE(specs), NULL);
}

static int remove_one(struct rig *rig)
{
	struct gprobe_bpm_spec spec = spec_of(1, NEXT_GVA, ROOT_A);

	return rig_remove(rig, &spec);
}

static int remove_two_locations(struct rig *rig)
{
	struct gprobe_bpm_spec spec = spec_of(1, GVA, ROOT_A);

	return rig_remove(rig, &spec);
}

static int remove_global(struct rig *rig)
{
	struct gprobe_bpm_spec spec = spec_of(1, GVA, ROOT_C);

	spec.key = 4;
	return rig_remove(rig, &spec);
}

static int remove_by_event(struct rig *rig)
{
	struct gprobe_event event = event_of(rig, 1, GVA, ROOT_A, GPA);

	return gprobe_bpm_remove_by_event(rig->bpm, &event, 1);
}

static int remove_view(struct rig *rig)
{
	return gprobe_bpm_remove_view(rig->bpm, 1);
}

static int clear(struct rig *rig)
{
	return gprobe_bpm_clear(rig->bpm);
}

static int page_out(struct rig *rig)
{
	return rig_page_out(rig, 1, GVA, ROOT_A, GPA);
}

static int page_out_one(struct rig *rig)
{
	return rig_page_out(rig, 1, NEXT_GVA, ROOT_A, NEXT_GPA);
}

static int page_out_two(struct rig *rig)
{
	struct gprobe_paging pages[] = {
		{ { GVA, ROOT_A }, OTHER_GPA, 1 },
		{ { NEXT_GVA, ROOT_A }, NEXT_GPA, 1 },
		{ { GVA, ROOT_A }, GPA, 2 },
	};

	return gprobe_bpm_page_out_many(rig->bpm, pages, ARRAY_SIZE(pages));
}

static int page_in(struct rig *rig)
{
	return rig_page_in(rig, 1, GVA, ROOT_A, 0xc000);
}

static int page_in_two(struct rig *rig)
{
	struct gprobe_paging pages[] = {
		{ { GVA, ROOT_A }, 0x7000, 1 },
		{ { GVA, ROOT_C }, 0xc000, 1 },
	};

	return gprobe_bpm_page_in_many(rig->bpm, pages, ARRAY_SIZE(pages));
}

static const struct operation {
	const char *name;
	int (*run)(struct rig *rig);
	bool allocates;
} operations[] = {
	{ "insert_on_a_new_page", insert_on_a_new_page, true },
	{ "insert_on_a_populated_page", insert_on_a_populated_page, true },
	{ "insert_what_is_pending", insert_what_is_pending, true },
	{ "insert_translated", insert_translated, true },
	{ "insert_pending", insert_pending, true },
	{ "insert_another_global", insert_another_global, true },
	{ "insert_many", insert_many, true },
	{ "insert_many_at", insert_many_at, true },
	{ "remove_one", remove_one, false },
	{ "remove_two_locations", remove_two_locations, false },
	{ "remove_global", remove_global, false },
	{ "remove_by_event", remove_by_event, false },
	{ "remove_view", remove_view, false },
	{ "clear", clear, false },
	{ "page_out", page_out, false },
	{ "page_out_one", page_out_one, false },
	{ "page_out_two", page_out_two, false },
	{ "page_in", page_in, true },
	{ "page_in_two", page_in_two, true },
};

static void check_same(const struct rig *rig, const char *expected,
		       const struct operation *operation, unsigned int n)
{
	char *now = snapshot(rig);

	ck_assert_msg(!strcmp(now, expected),
		      "kind %d, %s, step %u: is\n%sand not\n%s", rig->kind,
		      operation->name, n, now, expected);
	free(now);
}

/* What an operation leads to when nothing fails. */
struct trial {
	const struct operation *operation;
	char *before, *after;
	unsigned int steps;
	int ret;
};

static void trial_init(struct trial *trial, enum rig_kind kind,
		       const struct operation *operation)
{
	struct rig *rig = furnished(kind);

	trial->operation = operation;
	trial->before = snapshot(rig);
	rig_fault(rig, 0, 0, false);
	trial->ret = operation->run(rig);
	ck_assert_int_ge(trial->ret, 0);
	trial->steps = rig_steps(rig);
	trial->after = snapshot(rig);
	furnished_free(rig);
}

static void trial_exit(struct trial *trial)
{
	free(trial->before);
	free(trial->after);
}

/* No claim counts as active that is not in the guest. */
static void check_honest(const struct rig *rig)
{
	struct gprobe_bpm_claim claim;
	size_t cursor = 0;

	while (gprobe_bpm_next(rig->bpm, &cursor, &claim))
		if (claim.gpa != GPROBE_BPM_NO_GPA &&
		    !rig_is_in(rig, claim.spec.view, claim.gpa))
			ck_assert_uint_gt(rig_figures(rig).unsettled, 0);
}

static bool is_undone(struct rig *rig, const char *before)
{
	char *now = snapshot(rig);
	bool same = !strcmp(now, before);

	free(now);
	return same;
}

/* One step fails, or all from it on. */
static void fail_step(struct rig *rig, const struct trial *trial,
		      unsigned int n, bool broken)
{
	int ret;

	rig_fault(rig, n, -EIO, broken);
	ret = trial->operation->run(rig);
	if (ret < 0) {
		ck_assert_int_eq(ret, -EIO);
		check_honest(rig);
		if (!broken)
			check_same(rig, trial->before, trial->operation, n);
		/* What could be undone was, or it is known to be due. */
		else if (!is_undone(rig, trial->before) &&
			 rig->kind == RIG_FAKE_TAP)
			ck_assert_uint_gt(rig_figures(rig).unsettled, 0);
		rig_fault(rig, 0, 0, false);
		ck_assert_int_eq(trial->operation->run(rig), trial->ret);
	}
	check_same(rig, trial->after, trial->operation, n);
	ck_assert_uint_eq(rig_figures(rig).unsettled, 0);
}

static void fail_all_steps(enum rig_kind kind, bool broken, bool goes_on)
{
	struct trial trial;
	unsigned int n;
	struct rig *rig;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(operations); i++) {
		trial_init(&trial, kind, &operations[i]);
		for (n = 1; n <= trial.steps; n++) {
			rig = furnished(kind);
			rig->fake->goes_on = goes_on;
			rig->fake_tap->goes_on = goes_on;
			fail_step(rig, &trial, n, broken);
			furnished_free(rig);
		}
		trial_exit(&trial);
	}
}

START_TEST(any_step_failing_changes_nothing)
{
	fail_all_steps(_i / 2, false, _i % 2);
}
END_TEST

START_TEST(all_steps_failing_from_one_on_is_completed_by_a_retry)
{
	fail_all_steps(_i / 2, true, _i % 2);
}
END_TEST

static bool fail_allocation(struct rig *rig, const struct trial *trial,
			    unsigned int n)
{
	bool refused;
	int ret;

	fake_memory_refuse(n);
	ret = trial->operation->run(rig);
	refused = fake_memory_refuse(0);
	if (ret < 0) {
		ck_assert(refused);
		ck_assert_int_eq(ret, -ENOMEM);
		check_same(rig, trial->before, trial->operation, n);
		ck_assert_int_eq(trial->operation->run(rig), trial->ret);
	}
	check_same(rig, trial->after, trial->operation, n);
	ck_assert(!refused || trial->operation->allocates);
	return refused;
}

START_TEST(any_allocation_failing_changes_nothing)
{
	struct trial trial;
	unsigned int n;
	struct rig *rig;
	bool refused;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(operations); i++) {
		trial_init(&trial, _i, &operations[i]);
		for (n = 1, refused = true; refused; n++) {
			rig = furnished(_i);
			refused = fail_allocation(rig, &trial, n);
			furnished_free(rig);
		}
		trial_exit(&trial);
	}
}
END_TEST

/* Tables grow at their own times: refuse in a long row of insertions. */
START_TEST(any_allocation_of_a_growing_table_failing_changes_nothing)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	unsigned int refusals = 0;
	uint64_t i, gva, gpa;
	int ret;

	for (i = 0; i < 3000; i++) {
		gva = GVA + (i << 12);
		gpa = (i << 12) | (GVA & 0xfff);
		fake_memory_refuse(1);
		ret = insert(rig, 1, gva, ROOT_A, gpa);
		if (fake_memory_refuse(0)) {
			refusals++;
			ck_assert_int_eq(ret, -ENOMEM);
			check_counts(rig, i, 0);
			ck_assert(!rig_is_in(rig, 1, gpa));
			ret = insert(rig, 1, gva, ROOT_A, gpa);
		}
		ck_assert_int_eq(ret, GPROBE_BPM_NEW);
	}
	ck_assert_uint_gt(refusals, 10);
	check_counts(rig, 3000, 0);
	rig_free(rig);
}
END_TEST

START_TEST(a_table_that_cannot_be_made_is_enomem)
{
	struct rig *rig = rig_new(RIG_SHADOW);
	struct gprobe_access_arbiter *arbiter;
	struct gprobe_shadows *shadows;
	struct gprobe_bpm *bpm;

	fake_memory_refuse(1);
	ck_assert_int_eq(gprobe_bpm_new(&rig->driver, &rig->tap, &bpm),
			 -ENOMEM);
	fake_memory_refuse(1);
	ck_assert_int_eq(gprobe_access_new(&rig->driver, &arbiter), -ENOMEM);
	fake_memory_refuse(1);
	ck_assert_int_eq(gprobe_shadow_new(&rig->driver, rig->arbiter,
					   &shadows), -ENOMEM);
	gprobe_bpm_free(NULL);
	gprobe_access_free(NULL);
	gprobe_shadow_free(NULL);
	rig_free(rig);
}
END_TEST

Suite *bpm_fault_suite(void)
{
	Suite *suite = UNIT_SUITE("bpm_fault",
		any_allocation_of_a_growing_table_failing_changes_nothing,
		a_table_that_cannot_be_made_is_enomem);
	TCase *tcase = tcase_create("each kind");

	tcase_set_timeout(tcase, 300);
	tcase_add_loop_test(tcase, any_step_failing_changes_nothing, 0,
			    2 * RIG_KINDS);
	tcase_add_loop_test(tcase,
			    all_steps_failing_from_one_on_is_completed_by_a_retry,
			    0, 2 * RIG_KINDS);
	tcase_add_loop_test(tcase, any_allocation_failing_changes_nothing, 0,
			    RIG_KINDS);
	suite_add_tcase(suite, tcase);
	return suite;
}
