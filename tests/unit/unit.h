/* SPDX-License-Identifier: GPL-2.0 */
/* What all unit tests share. */
#ifndef GPROBE_UNIT_H
#define GPROBE_UNIT_H

#include <check.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <gprobe/symbols.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* A suite of the tests that are named; a test is named for its promise. */
#define UNIT_SUITE(name, ...) \
	unit_suite(name, (const TTest *[]){ __VA_ARGS__, NULL })

Suite *unit_suite(const char *name, const TTest *const *tests);

/* The next of a sequence that is the same in every run. */
uint64_t unit_random(uint64_t *state);

/* Symbols of a text such as System.map's; for gprobe_symbols_free(). */
struct gprobe_symbols *unit_symbols(const char *map);

/* What is written to stderr between the first and the last of these. */
struct unit_stderr {
	FILE *real;
	char *text;
	size_t bytes;
};

void unit_listen(struct unit_stderr *said);
const char *unit_said(const struct unit_stderr *said);
void unit_unlisten(struct unit_stderr *said);

/* ck_assert() for loops: check's own writes a note whenever it is passed. */
#define unit_assert(condition) \
	do { \
		if (!(condition)) \
			ck_abort_msg("not true: %s", #condition); \
	} while (0)

/*
 * Begins the stand-in for a function of another library. The Makefile finds
 * its name here and has the linker put it in that one's place.
 */
#define FAKE(type, name, ...) \
	type __wrap_##name(__VA_ARGS__); \
	type __wrap_##name(__VA_ARGS__)

/* Fails unless @why is one line that has all of @words in it. */
#define unit_says(why, words) \
	ck_assert_msg(strstr((why)->text, (words)) && \
		      !strchr((why)->text, '\n'), \
		      "'%s' does not say '%s'", (why)->text, (words))

Suite *client_suite(void);
Suite *complete_value_suite(void);
Suite *data_suite(void);
Suite *fetch_suite(void);
Suite *fetch_parse_suite(void);
Suite *filter_suite(void);
Suite *guest_suite(void);
Suite *histogram_suite(void);
Suite *hits_suite(void);
Suite *host_suite(void);
Suite *info_suite(void);
Suite *insn_suite(void);
Suite *kernel_root_suite(void);
Suite *lines_suite(void);
Suite *monitor_suite(void);
Suite *near_suite(void);
Suite *netlink_suite(void);
Suite *netlink_open_suite(void);
Suite *number_suite(void);
Suite *open_calls_suite(void);
Suite *probe_exits_suite(void);
Suite *probe_expand_suite(void);
Suite *probe_parse_suite(void);
Suite *probe_resolve_suite(void);
Suite *process_suite(void);
Suite *progress_suite(void);
Suite *record_suite(void);
Suite *report_groups_suite(void);
Suite *run_suite(void);
Suite *session_suite(void);
Suite *slide_suite(void);
Suite *stat_sample_suite(void);
Suite *symbol_files_suite(void);
Suite *symbols_suite(void);
Suite *symbols_elf_suite(void);
Suite *symbols_json_suite(void);
Suite *symbols_load_suite(void);
Suite *symbols_parse_suite(void);
Suite *table_suite(void);
Suite *target_expand_suite(void);
Suite *target_probe_suite(void);
Suite *task_suite(void);
Suite *top_table_suite(void);
Suite *trap_suite(void);
Suite *unwind_suite(void);
Suite *upcall_suite(void);
Suite *walk_suite(void);
Suite *walk_any_suite(void);
Suite *walk_random_suite(void);
Suite *walk_read_suite(void);
Suite *why_suite(void);
Suite *xen_abi_suite(void);
Suite *xen_driver_suite(void);

#endif /* GPROBE_UNIT_H */
