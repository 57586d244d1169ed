/* SPDX-License-Identifier: GPL-2.0 */
/* What `gprobe top` shows: a row for each probe of each guest, in the order asked for. */
#ifndef GPROBE_TOOL_TOP_TABLE_H
#define GPROBE_TOOL_TOP_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stat_sample.h"

/* What rows are sorted by; in the order of the columns. */
enum top_key {
	TOP_KEY_TOTAL,
	TOP_KEY_RATE,
	TOP_KEY_P50,
	TOP_KEY_P99,
	TOP_KEY_MAX,
	TOP_KEY_NAME,
	TOP_KEYS,
};

/**
 * struct top_row - a probe's figures
 * @domain: the number of its guest
 * @probe: its number in that
 * @has_total: there is a @total; else it is 0
 * @counted: the others could be had; else they are 0
 * @has_times: there are @took_ns
 * @total: hits since it began
 * @count: hits of the time that is shown
 * @took_ns: of these: to handle 50%, 99% and all took no longer; of a return, the
 *	calls did
 */
struct top_row {
	size_t domain, probe;
	bool has_total, counted, has_times;
	uint64_t total, count;
	uint64_t took_ns[3];
};

/**
 * struct top_table - the rows
 * @key: sort by this, the largest first, names from A on
 * @reversed: the other way round
 * @busy_only: leave out what had no hits in the time that is shown
 * @rows: sorted; those that are shown come first
 * @nr_rows: of all probes
 * @nr_shown: of these, shown
 * @total: hits of all
 * @count: of all, in the time that is shown
 * @lost: events that are in no count, since it began
 * @run_ns: the time that is shown
 * @end_ns: its end, since it began
 * @domains: of the rows
 * @nr_domains: how many; of several, rows have a column for it
 */
struct top_table {
	enum top_key key;
	bool reversed, busy_only;
	struct top_row *rows;
	size_t nr_rows, nr_shown;
	uint64_t total, count, lost, run_ns, end_ns;
	const struct stat_domain *domains;
	size_t nr_domains;
};

/* Any line has room. */
#define TOP_LINE_BYTES	1024

int top_table_open(struct top_table *table, const struct stat_domain *domains,
		   size_t nr_domains);
void top_table_close(struct top_table *table);
void top_table_take(struct top_table *table);
void top_table_sort(struct top_table *table);
const char *top_key_name(enum top_key key);
void top_table_sum(const struct top_table *table, char *line);
void top_table_titles(const struct top_table *table, char *line);
void top_table_row(const struct top_table *table, size_t row, char *line);

#endif /* GPROBE_TOOL_TOP_TABLE_H */
