// SPDX-License-Identifier: GPL-2.0
/* Runs all suites, each test in a process of its own, and prints TAP. */
#include "rig.h"

static Suite *(*const suites[])(void) = {
	access_suite,
	bpm_event_suite,
	bpm_fault_suite,
	bpm_insert_suite,
	bpm_list_suite,
	bpm_many_suite,
	bpm_model_suite,
	bpm_page_suite,
	bpm_remove_suite,
	shadow_suite,
	slots_suite,
	tap_suite,
	tap_claims_suite,
};

int main(void)
{
	SRunner *runner = srunner_create(NULL);
	int failed;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(suites); i++)
		srunner_add_suite(runner, suites[i]());
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
