// SPDX-License-Identifier: GPL-2.0
#include "top_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"
#include "say.h"
#include "stat_output.h"
#include "text.h"

static const unsigned int percents[] = { 50, 99, 100 };

#define NR_PERCENTS	(sizeof(percents) / sizeof(percents[0]))

/**
 * top_table_open() - Make room for rows.
 * @table: zeroed but for what says how; for top_table_close()
 * @domains: of these guests, whose samplers are open; stay
 * @nr_domains: how many
 *
 * Return: the exit status.
 */
int top_table_open(struct top_table *table, const struct stat_domain *domains,
		   size_t nr_domains)
{
	size_t nr_probes = 0, i;

	for (i = 0; i < nr_domains; i++)
		nr_probes += domains[i].sampler.sample.nr_probes;
	table->domains = domains;
	table->nr_domains = nr_domains;
	table->rows = calloc(nr_probes, sizeof(*table->rows));
	if (!table->rows)
		return say_no_memory();
	table->nr_rows = nr_probes;
	return STATUS_DONE;
}

/**
 * top_table_close() - Free the rows.
 * @table: opened, or zeroed
 */
void top_table_close(struct top_table *table)
{
	free(table->rows);
}

static struct top_row row_of(const struct top_table *table, size_t domain,
			     size_t probe)
{
	const struct stat_sampler *sampler = &table->domains[domain].sampler;
	const struct stat_sample *sample = &sampler->sample;
	const struct stat_sample *all = &sampler->last;
	struct top_row row = {
		.domain = domain, .probe = probe,
		.has_total = all->counted[probe],
		.counted = sample->counted[probe],
		.total = stat_sample_count(all, probe),
	};
	size_t i;

	if (!row.counted)
		return row;
	row.count = stat_sample_count(sample, probe);
	row.has_times = stat_sample_has_latency(sample, probe);
	for (i = 0; i < NR_PERCENTS; i++)
		row.took_ns[i] = stat_sample_percentile(sample, probe,
							percents[i]);
	return row;
}

static void take_domain(struct top_table *table, size_t domain,
			struct top_row *rows)
{
	const struct stat_sampler *sampler = &table->domains[domain].sampler;
	const struct stat_sample *sample = &sampler->sample;
	size_t i;

	for (i = 0; i < sample->nr_probes; i++) {
		rows[i] = row_of(table, domain, i);
		table->total += rows[i].total;
		table->count += rows[i].count;
	}
	table->lost += sampler->last.lost;
	if (sample->run_ns > table->run_ns)
		table->run_ns = sample->run_ns;
	table->end_ns = sample->end_ns;
}

/**
 * top_table_take() - Take the figures of the guests' samplers, and sort them.
 * @table: opened
 */
void top_table_take(struct top_table *table)
{
	struct top_row *rows = table->rows;
	size_t i;

	table->total = 0;
	table->count = 0;
	table->lost = 0;
	table->run_ns = 0;
	for (i = 0; i < table->nr_domains; i++) {
		take_domain(table, i, rows);
		rows += table->domains[i].sampler.sample.nr_probes;
	}
	top_table_sort(table);
}

/* --- their order --- */

static uint64_t figure(const struct top_row *row, enum top_key key)
{
	if (key == TOP_KEY_TOTAL)
		return row->total;
	if (key == TOP_KEY_RATE)
		return row->count;
	return row->took_ns[key - TOP_KEY_P50];
}

static const char *text_of(const struct top_table *table,
			   const struct top_row *row)
{
	const struct stat_domain *domain = &table->domains[row->domain];

	return domain->sampler.sample.probes[row->probe].text;
}

static int compare_by_key(const struct top_table *table,
			  const struct top_row *a, const struct top_row *b)
{
	uint64_t left, right;

	if (table->key == TOP_KEY_NAME)
		return strcmp(text_of(table, a), text_of(table, b));
	left = figure(a, table->key);
	right = figure(b, table->key);
	return (left < right) - (left > right);
}

static bool is_shown(const struct top_table *table, const struct top_row *row)
{
	return !table->busy_only || row->count;
}

/* What is equal stays in the order of the probes. */
static int compare(const void *left, const void *right, void *arg)
{
	const struct top_row *a = left, *b = right;
	const struct top_table *table = arg;
	int order = is_shown(table, b) - is_shown(table, a);

	if (order)
		return order;
	order = compare_by_key(table, a, b);
	if (order)
		return table->reversed ? -order : order;
	if (a->domain != b->domain)
		return a->domain > b->domain ? 1 : -1;
	return (a->probe > b->probe) - (a->probe < b->probe);
}

/**
 * top_table_sort() - Sort the rows as the table says now.
 * @table: has taken figures
 */
void top_table_sort(struct top_table *table)
{
	qsort_r(table->rows, table->nr_rows, sizeof(*table->rows), compare,
		table);
	table->nr_shown = 0;
	while (table->nr_shown < table->nr_rows &&
	       is_shown(table, &table->rows[table->nr_shown]))
		table->nr_shown++;
}

/**
 * top_key_name() - What people call what rows are sorted by.
 * @key: which
 *
 * Return: its name.
 */
const char *top_key_name(enum top_key key)
{
	static const char *const names[] = {
		[TOP_KEY_TOTAL] = "total", [TOP_KEY_RATE] = "rate",
		[TOP_KEY_P50] = "p50", [TOP_KEY_P99] = "p99",
		[TOP_KEY_MAX] = "max", [TOP_KEY_NAME] = "name",
	};

	return names[key];
}

/* --- their text --- */

/**
 * top_table_sum() - Write the line about all probes.
 * @table: has taken figures
 * @line: gets it; TOP_LINE_BYTES; so below
 */
void top_table_sum(const struct top_table *table, char *line)
{
	snprintf(line, TOP_LINE_BYTES,
		 "%s, %.1f /sec, %s lost; by %s%s%s",
		 number_of(table->total, "hit").text,
		 number_rate(table->count, table->run_ns),
		 number_grouped(table->lost).text, top_key_name(table->key),
		 table->reversed ? ", reversed" : "",
		 table->busy_only ? ", busy ones" : "");
}

/* In 80 columns, 28 are left for the domain, where there are several, and the probe. */
#define FORMAT	"%13s %9s %8s %8s %8s  %s%s"

/* A column of the domain's names, with its blank; or none. */
struct domain_column {
	char text[2 * GPROBE_GUEST_NAME_MAX + 2];
};

/* @name: as a terminal may have it */
static struct domain_column domain_column(const struct top_table *table,
					  const char *name)
{
	size_t width = strlen("DOMAIN"), i;
	struct domain_column column = { "" };

	if (table->nr_domains < 2)
		return column;
	for (i = 0; i < table->nr_domains; i++)
		width = text_wider(width,
				   text_name(table->domains[i].name).text);
	snprintf(column.text, sizeof(column.text), "%s%*s ", name,
		 (int)(width - text_columns(name)), "");
	return column;
}

/**
 * top_table_titles() - Write the titles of the columns.
 * @table: opened
 * @line: gets them
 */
void top_table_titles(const struct top_table *table, char *line)
{
	snprintf(line, TOP_LINE_BYTES, FORMAT, "TOTAL", "RATE/S", "P50", "P99",
		 "MAX", domain_column(table, "DOMAIN").text, "PROBE");
}

/* Of no hits there is none. */
static struct number_text time_of(const struct top_row *row, size_t i)
{
	if (row->has_times)
		return number_duration(row->took_ns[i]);
	return (struct number_text){ "-" };
}

static struct number_text rate(const struct top_table *table,
			       const struct top_row *row)
{
	const struct stat_domain *domain = &table->domains[row->domain];
	struct number_text out = { "-" };

	if (row->counted)
		snprintf(out.text, sizeof(out.text), "%.1f",
			 number_rate(row->count,
				     domain->sampler.sample.run_ns));
	return out;
}

/**
 * top_table_row() - Write a row.
 * @table: sorted
 * @row: its number
 * @line: gets it
 */
void top_table_row(const struct top_table *table, size_t row, char *line)
{
	const struct top_row *of = &table->rows[row];
	struct text_name domain = text_name(table->domains[of->domain].name);
	struct text_name name = text_name(text_of(table, of));

	snprintf(line, TOP_LINE_BYTES, FORMAT,
		 of->has_total ? number_grouped(of->total).text :
			       STAT_NOT_COUNTED,
		 rate(table, of).text, time_of(of, 0).text,
		 time_of(of, 1).text, time_of(of, 2).text,
		 domain_column(table, domain.text).text, name.text);
}
