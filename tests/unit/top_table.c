// SPDX-License-Identifier: GPL-2.0
/* The rows of gprobe top: their order, and their text. */
#include "../../user/tool/top_table.h"

#include <string.h>

#include "unit.h"

#define NR_PROBES	4

static struct gprobe_probe probes[NR_PROBES] = {
	{ .text = "b" }, { .text = "d" }, { .text = "a" }, { .text = "c" },
};
static bool counted[NR_PROBES] = { true, true, true, false };
static uint64_t counts[NR_PROBES] = { 10, 0, 20, 0 };
static uint64_t totals[NR_PROBES] = { 1000, 3000, 2000, 4000 };
static __u64 latencies[NR_PROBES * GPROBE_HISTOGRAM_BUCKETS];

/* Of the second guest the first probe alone. */
static struct stat_domain domains[2];

static struct stat_domain domain_of(const char *name, size_t nr_probes)
{
	return (struct stat_domain){
		.name = name,
		.sampler = {
			.sample = {
				.probes = probes, .nr_probes = nr_probes,
				.nr_vcpus = 1, .run_ns = 2000000000,
				.end_ns = 6000000000, .counted = counted,
				.counts = counts, .latencies = latencies,
			},
			.last = {
				.probes = probes, .nr_probes = nr_probes,
				.nr_vcpus = 1, .counts = totals, .lost = 7,
				.counted = counted,
			},
		},
	};
}

static void set_up_domains(struct top_table *table, size_t nr_domains)
{
	/* The first one's hits take longer than the third's. */
	memset(latencies, 0, sizeof(latencies));
	latencies[gprobe_histogram_bucket(5000)] = 10;
	latencies[2 * GPROBE_HISTOGRAM_BUCKETS +
		  gprobe_histogram_bucket(100)] = 20;
	domains[0] = domain_of("web", NR_PROBES);
	domains[1] = domain_of("database", 1);
	ck_assert_int_eq(top_table_open(table, domains, nr_domains), 0);
	top_table_take(table);
}

static void set_up(struct top_table *table)
{
	set_up_domains(table, 1);
}

static void assert_order(const struct top_table *table, const char *names)
{
	size_t i;

	ck_assert_uint_eq(table->nr_shown, strlen(names));
	for (i = 0; i < table->nr_shown; i++)
		ck_assert_int_eq(probes[table->rows[i].probe].text[0],
				 names[i]);
}

START_TEST(rows_are_in_the_order_asked_for)
{
	static const struct {
		enum top_key key;
		const char *order, *reversed;
	} cases[] = {
		{ TOP_KEY_TOTAL, "cdab", "badc" },
		{ TOP_KEY_RATE, "abdc", "dcba" },
		{ TOP_KEY_P50, "badc", "dcab" },
		{ TOP_KEY_P99, "badc", "dcab" },
		{ TOP_KEY_MAX, "badc", "dcab" },
		{ TOP_KEY_NAME, "abcd", "dcba" },
	};
	struct top_table table = { 0 };
	size_t i;

	set_up(&table);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		table.key = cases[i].key;
		table.reversed = false;
		top_table_sort(&table);
		assert_order(&table, cases[i].order);
		table.reversed = true;
		top_table_sort(&table);
		assert_order(&table, cases[i].reversed);
	}
	top_table_close(&table);
}
END_TEST

START_TEST(probes_without_hits_can_be_left_out)
{
	struct top_table table = { .key = TOP_KEY_NAME, .busy_only = true };

	set_up(&table);
	assert_order(&table, "ab");
	table.busy_only = false;
	top_table_sort(&table);
	assert_order(&table, "abcd");
	top_table_close(&table);
}
END_TEST

START_TEST(lines_say_the_figures)
{
	struct top_table table = { .key = TOP_KEY_RATE };
	char line[TOP_LINE_BYTES];

	set_up(&table);
	top_table_sum(&table, line);
	ck_assert_str_eq(line, "10,000 hits, 15.0 /sec, 7 lost; by rate");
	top_table_titles(&table, line);
	ck_assert_str_eq(line, "        TOTAL    RATE/S      P50      P99      MAX  PROBE");
	top_table_row(&table, 0, line);
	ck_assert_str_eq(line, "        2,000      10.0   103 ns   103 ns   103 ns  a");
	top_table_row(&table, 2, line);
	ck_assert_str_eq(line, "        3,000       0.0        -        -        -  d");
	top_table_row(&table, 3, line);
	ck_assert_str_eq(line, "<not counted>         -        -        -        -  c");
	top_table_close(&table);
}
END_TEST

START_TEST(of_several_guests_each_row_says_whose_it_is)
{
	struct top_table table = { .key = TOP_KEY_TOTAL, .reversed = true };
	char line[TOP_LINE_BYTES];

	set_up_domains(&table, 2);
	ck_assert_uint_eq(table.nr_rows, NR_PROBES + 1);
	top_table_sum(&table, line);
	ck_assert_str_eq(line, "11,000 hits, 20.0 /sec, 14 lost; by total, reversed");
	top_table_titles(&table, line);
	ck_assert_str_eq(line, "        TOTAL    RATE/S      P50      P99      MAX  DOMAIN   PROBE");
	top_table_row(&table, 0, line);
	ck_assert_str_eq(line, "        1,000       5.0   5.1 us   5.1 us   5.1 us  web      b");
	top_table_row(&table, 1, line);
	ck_assert_str_eq(line, "        1,000       5.0   5.1 us   5.1 us   5.1 us  database b");
	top_table_close(&table);
}
END_TEST

/* Its total stays. */
START_TEST(what_a_guest_that_died_had_stays)
{
	static bool none[NR_PROBES];
	struct top_table table = { .key = TOP_KEY_TOTAL };
	char line[TOP_LINE_BYTES];

	set_up(&table);
	domains[0].sampler.sample.counted = none;
	top_table_take(&table);
	top_table_row(&table, 1, line);
	ck_assert_str_eq(line, "        3,000         -        -        -        -  d");
	top_table_close(&table);
}
END_TEST

Suite *top_table_suite(void)
{
	return UNIT_SUITE("top_table",
		rows_are_in_the_order_asked_for,
		probes_without_hits_can_be_left_out,
		lines_say_the_figures,
		of_several_guests_each_row_says_whose_it_is,
		what_a_guest_that_died_had_stays);
}
