// SPDX-License-Identifier: GPL-2.0
/* Runs all suites, each test in a process of its own, and prints TAP. */
#include "unit.h"

static Suite *(*const suites[])(void) = {
	client_suite,
	complete_value_suite,
	data_suite,
	fetch_suite,
	fetch_parse_suite,
	filter_suite,
	guest_suite,
	histogram_suite,
	hits_suite,
	host_suite,
	info_suite,
	insn_suite,
	kernel_root_suite,
	lines_suite,
	monitor_suite,
	near_suite,
	netlink_suite,
	netlink_open_suite,
	number_suite,
	open_calls_suite,
	probe_exits_suite,
	probe_expand_suite,
	probe_parse_suite,
	probe_resolve_suite,
	process_suite,
	progress_suite,
	record_suite,
	report_groups_suite,
	run_suite,
	session_suite,
	slide_suite,
	stat_sample_suite,
	symbol_files_suite,
	symbols_suite,
	symbols_elf_suite,
	symbols_json_suite,
	symbols_load_suite,
	symbols_parse_suite,
	table_suite,
	target_expand_suite,
	target_probe_suite,
	task_suite,
	top_table_suite,
	trap_suite,
	unwind_suite,
	upcall_suite,
	walk_suite,
	walk_any_suite,
	walk_random_suite,
	walk_read_suite,
	why_suite,
	xen_abi_suite,
	xen_driver_suite,
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
