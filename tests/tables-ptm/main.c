// SPDX-License-Identifier: GPL-2.0
/* Runs all suites, each test in a process of its own, and prints TAP. */
#include "tables.h"

static Suite *(*const suites[])(void) = {
	follow_suite,
	ptm_events_suite,
	ptm_faults_suite,
	ptm_levels_suite,
	ptm_marks_suite,
	ptm_model_suite,
	ptm_monitor_suite,
	ptm_shared_suite,
	ptm_watched_suite,
	sim_driver_suite,
	sim_memory_suite,
	sim_vcpu_suite,
	sim_view_suite,
	sim_watch_suite,
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
