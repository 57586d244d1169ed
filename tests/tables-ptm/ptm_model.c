// SPDX-License-Identifier: GPL-2.0
/*
 * Long random sequences of all operations, stores and faults, with both kinds
 * of driver: events, tables, entries, figures, protections and mapped frames
 * are the reference's after each step.
 */
#include "model.h"
#include "tables.h"

static bool next_random(void *arg, uint64_t *value)
{
	*value = unit_random(arg) >> 16;
	return true;
}

START_TEST(random_sequences_are_as_the_reference_has_them)
{
	uint64_t state = _i + 1;
	struct model_source source = { .next = next_random, .arg = &state };
	enum tables_kind kind = _i % TABLES_KINDS;
	struct model_seen seen = { 0 };

	model_run(&source, tables_features(kind), 10000, &seen);
	/* The test is one only if all of it happens. */
	unit_assert(seen.steps == 10000);
	unit_assert(seen.outs > 200 && seen.ins > 200);
	unit_assert(seen.failed > 100 && seen.retried > 20);
	unit_assert(seen.torn > 500);
	unit_assert(kind == TABLES_PROTECTED || seen.untold > 100);
	unit_assert(seen.raced > 50);
}
END_TEST

Suite *ptm_model_suite(void)
{
	TCase *tcase = tcase_create("ptm_model");
	Suite *suite = suite_create("ptm_model");

	tcase_set_timeout(tcase, 300);
	tcase_add_loop_test(tcase,
			    random_sequences_are_as_the_reference_has_them,
			    0, 8 * TABLES_KINDS);
	suite_add_tcase(suite, tcase);
	return suite;
}
