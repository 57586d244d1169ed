// SPDX-License-Identifier: GPL-2.0
/* `gprobe top`: the probes with the most hits, again and again. */
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>

#include "command.h"
#include "counter.h"
#include "job.h"
#include "number.h"
#include "option.h"
#include "say.h"
#include "screen.h"
#include "stat_sample.h"
#include "text.h"
#include "top_table.h"

enum {
	OPTION_SORT = JOB_OPTION_NEXT,
};

#define MAX_DELAY_NS		(3600 * NUMBER_NS_PER_S)
#define MAX_ITERATIONS		999999999

/* Above the rows: the guest, the sum, nothing, the titles. */
#define HEAD_ROWS		4

/**
 * struct top - all that a `gprobe top` has; zeroed, it can be closed
 * @batch: -b
 * @iterations: -n; 0: no limit
 * @delay_ns: -s
 * @domains: the guests, and the figures
 * @nr_domains: those that can be closed
 * @table: as rows
 * @nr_shown: so often they were shown
 * @first: the row that is shown first
 * @is_help: the help is shown in place of the rows
 */
struct top {
	bool batch;
	uint64_t iterations, delay_ns;
	struct stat_domain *domains;
	size_t nr_domains;
	struct top_table table;
	uint64_t nr_shown;
	size_t first;
	bool is_help;
};

/* --- what is shown --- */

/* What a narrow terminal cuts off are guests, which the rows name too. */
static void write_head(const struct job *job, char *line)
{
	const struct top *top = job->arg;
	const struct target *target;
	size_t used, i;

	used = snprintf(line, TOP_LINE_BYTES, "gprobe top: %s, %.1f s",
			number_of(top->table.nr_rows, "probe").text,
			(double)top->table.end_ns / NUMBER_NS_PER_S);
	for (i = 0; i < job->nr_guests && used < TOP_LINE_BYTES; i++) {
		target = &job->guests[i].target;
		used += snprintf(line + used, TOP_LINE_BYTES - used,
				 "; %s (id %" PRIu32 "), %s",
				 text_name(target->name).text,
				 target->guest.domid,
				 number_of(target->nr_vcpus, "vCPU").text);
	}
}

static int print(struct job *job)
{
	const struct top *top = job->arg;
	FILE *file = job->output.file;
	char line[TOP_LINE_BYTES];
	size_t i;

	write_head(job, line);
	fprintf(file, "%s\n", line);
	top_table_sum(&top->table, line);
	fprintf(file, "%s\n\n", line);
	top_table_titles(&top->table, line);
	fprintf(file, "%s\n", line);
	for (i = 0; i < top->table.nr_shown; i++) {
		top_table_row(&top->table, i, line);
		fprintf(file, "%s\n", line);
	}
	fputc('\n', file);
	return output_flush(&job->output);
}

static void draw_help(void)
{
	static const char *const lines[] = {
		"q          quit; all figures are printed then",
		"< >        sort by the column to the left, to the right",
		"R          the other way round",
		"i          leave out probes that had no hits, or show them",
		"up down    go through the probes; also PgUp, PgDn, Home, End",
		"^L         draw the screen anew",
		"? h        this help",
		"",
		"TOTAL      hits since it began",
		"RATE/S     hits a second, since they were shown before",
		"P50 P99    how long half of these, and 99 % of them, were handled at most",
		"MAX        how long any was; of returns (r:), how long calls took",
	};
	char line[TOP_LINE_BYTES];
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		snprintf(line, sizeof(line), "%s", lines[i]);
		screen_line(HEAD_ROWS + i, line, false);
	}
}

static size_t height(void)
{
	int rows = screen_rows() - HEAD_ROWS;

	return rows > 0 ? rows : 0;
}

static void draw_rows(struct top *top)
{
	size_t most = height(), i;
	char line[TOP_LINE_BYTES];

	if (top->first + most > top->table.nr_shown)
		top->first = top->table.nr_shown > most ?
			     top->table.nr_shown - most : 0;
	for (i = 0; i < most && top->first + i < top->table.nr_shown; i++) {
		top_table_row(&top->table, top->first + i, line);
		screen_line(HEAD_ROWS + i, line, false);
	}
}

static void draw(const struct job *job)
{
	struct top *top = job->arg;
	char line[TOP_LINE_BYTES];

	if (!screen_begin())
		return;
	write_head(job, line);
	screen_line(0, line, false);
	top_table_sum(&top->table, line);
	screen_line(1, line, false);
	if (top->is_help)
		snprintf(line, sizeof(line), "%s", "Keys and columns");
	else
		top_table_titles(&top->table, line);
	screen_line(HEAD_ROWS - 1, line, true);
	if (top->is_help)
		draw_help();
	else
		draw_rows(top);
	screen_end();
}

static int show(struct job *job)
{
	const struct top *top = job->arg;

	if (top->batch)
		return print(job);
	draw(job);
	return STATUS_DONE;
}

/* --- the figures --- */

static void take(struct job *job, uint64_t end_ns)
{
	struct top *top = job->arg;
	struct job_guest *guest = job->guests;
	size_t i;

	for (i = 0; i < job->nr_guests; i++, guest++)
		stat_sampler_take(&top->domains[i].sampler, &guest->target,
				  guest->counts, end_ns);
	top_table_take(&top->table);
}

static int on_interval(void *arg, uint64_t elapsed_ns)
{
	struct job *job = arg;
	struct top *top = job->arg;

	/* The module's counts first: they may not be ahead of the BPF's. */
	job_count(job);
	take(job, elapsed_ns);
	if (++top->nr_shown == top->iterations)
		run_stop(&job->run);
	return show(job);
}

/* --- keys --- */

static void sort_by(struct top_table *table, enum top_key key)
{
	table->key = key;
	table->reversed = false;
}

static void scroll(struct top *top, int key)
{
	size_t page = height();

	if (key == SCREEN_KEY_UP || key == SCREEN_KEY_PAGE_UP) {
		if (key == SCREEN_KEY_UP)
			page = 1;
		top->first -= top->first < page ? top->first : page;
	} else if (key == SCREEN_KEY_HOME) {
		top->first = 0;
	} else if (key == SCREEN_KEY_END) {
		top->first = top->table.nr_shown;
	} else {
		top->first += key == SCREEN_KEY_DOWN ? 1 : page;
	}
}

static void on_key(struct job *job, int key)
{
	struct top *top = job->arg;
	struct top_table *table = &top->table;

	switch (key) {
	case 'q':
	case SCREEN_KEY_GONE:
		run_stop(&job->run);
		break;
	case '?':
	case 'h':
		top->is_help = !top->is_help;
		break;
	case '<':
	case SCREEN_KEY_LEFT:
		sort_by(table, (table->key + TOP_KEYS - 1) % TOP_KEYS);
		break;
	case '>':
	case SCREEN_KEY_RIGHT:
		sort_by(table, (table->key + 1) % TOP_KEYS);
		break;
	case SCREEN_KEY_REDRAW:
		screen_redraw();
		break;
	case 'R':
		table->reversed = !table->reversed;
		break;
	case 'i':
		table->busy_only = !table->busy_only;
		break;
	case SCREEN_KEY_OTHER:
		break;
	default:
		if (key >= SCREEN_KEY_UP)
			scroll(top, key);
	}
}

static int on_input(void *arg)
{
	struct job *job = arg;
	struct top *top = job->arg;
	int key;

	screen_resize();
	do {
		key = screen_key();
		if (key != SCREEN_KEY_NONE)
			on_key(job, key);
	} while (key != SCREEN_KEY_NONE && key != SCREEN_KEY_GONE);
	top_table_sort(&top->table);
	draw(job);
	return STATUS_DONE;
}

/* --- the job --- */

static int open_domain(struct job_guest *guest)
{
	struct top *top = guest->job->arg;
	struct stat_domain *domain = &top->domains[top->nr_domains++];
	int status = guest->target.ops->open_counter(&guest->target);

	domain->name = guest->target.name;
	domain->domid = guest->target.guest.domid;
	return status ? status :
			stat_sampler_open(&domain->sampler, &guest->target);
}

static int attached(struct job *job)
{
	struct top *top = job->arg;
	int status;

	top->domains = calloc(job->nr_guests, sizeof(*top->domains));
	if (!top->domains)
		return say_no_memory();
	status = job_each(job, open_domain);
	if (!status)
		status = top_table_open(&top->table, top->domains,
					top->nr_domains);
	job->run.interval_ns = top->delay_ns;
	job->run.on_interval = on_interval;
	if (!top->batch)
		job->run.on_input = on_input;
	return status;
}

static int begin(struct job *job)
{
	struct top *top = job->arg;
	int status = top->batch ? STATUS_DONE : screen_open();

	if (status || top->batch)
		return status;
	job_count(job);
	take(job, 0);
	draw(job);
	return STATUS_DONE;
}

/* On a terminal nothing would be left of it else: of all the time. */
static int finish(struct job *job)
{
	struct top *top = job->arg;
	size_t i;

	screen_close();
	if (top->batch && top->nr_shown && top->nr_shown == top->iterations)
		return STATUS_DONE;
	take(job, job->run.elapsed_ns);
	if (!top->batch) {
		for (i = 0; i < top->nr_domains; i++)
			stat_sampler_take_all(&top->domains[i].sampler);
		top_table_take(&top->table);
	}
	return print(job);
}

static void close_top(struct job *job)
{
	struct top *top = job->arg;
	size_t i;

	screen_close();
	top_table_close(&top->table);
	for (i = 0; i < top->nr_domains; i++) {
		stat_sampler_close(&top->domains[i].sampler);
		counter_close(job->guests[i].target.counter);
	}
	free(top->domains);
}

static const struct job_ops ops = {
	.doing = "counting",
	.attached = attached,
	.begin = begin,
	.finish = finish,
	.close = close_top,
};

/* --- options --- */

static const struct command_option options[] = {
	JOB_OPTION_DOMAINS,
	JOB_OPTIONS_WHICH,
	JOB_OPTIONS_TASK,
	{ "batch", 'b', NULL, "print, a table below the other" },
	{ "iterations", 'n', "N", "end after N tables" },
	{ "delay", 's', "SECONDS", "between two tables; 1 unless given" },
	{ "sort", OPTION_SORT, "KEY",
	  "by rate, total, p50, p99, max or name; rate unless given" },
	JOB_OPTIONS_FILTER,
	JOB_OPTIONS_HOW,
	COMMAND_OPTION_HELP,
	{ 0 }
};

static int read_delay(struct top *top, const char *text)
{
	if (number_parse_seconds(text, &top->delay_ns) &&
	    top->delay_ns >= NUMBER_NS_PER_MS && top->delay_ns <= MAX_DELAY_NS)
		return STATUS_DONE;
	return say(STATUS_USAGE,
		   "top: -s '%s': must be seconds from 0.001 to 3600", text);
}

static int read_iterations(struct top *top, const char *text)
{
	if (number_parse(text, &top->iterations) && top->iterations &&
	    top->iterations <= MAX_ITERATIONS)
		return STATUS_DONE;
	return say(STATUS_USAGE, "top: -n '%s': must be a number from 1 to %d",
		   text, MAX_ITERATIONS);
}

static const char *key_name(unsigned int number)
{
	return number < TOP_KEYS ? top_key_name(number) : NULL;
}

static int read_sort(struct top *top, const char *text)
{
	static const struct command_choice choice = {
		"top: --sort", key_name, "rate, total, p50, p99, max or name",
	};
	unsigned int key;
	int status = command_choose(&choice, text, &key);

	if (!status)
		top->table.key = key;
	return status;
}

static int read_option(struct top *top, struct job *job,
		       const struct option_reader *reader, int letter)
{
	switch (letter) {
	case 'b':
		top->batch = true;
		return STATUS_DONE;
	case 'n':
		return read_iterations(top, optarg);
	case 's':
		return read_delay(top, optarg);
	case OPTION_SORT:
		return read_sort(top, optarg);
	default:
		return job_options_take(&job->options, reader, letter);
	}
}

static int read_options(struct top *top, struct job *job, int argc, char **argv)
{
	struct option_reader reader = {
		.command = &command_top, .argc = argc, .argv = argv,
	};
	int letter, status;

	while ((letter = option_next(&reader)) != OPTION_END) {
		if (letter == OPTION_STOP)
			return reader.status;
		status = read_option(top, job, &reader, letter);
		if (status)
			return status;
	}
	status = option_no_operands(&reader);
	if (status == OPTION_GO_ON)
		status = job_options_end(&job->options, &reader,
					 JOB_TAKES_COUNT);
	if (status == OPTION_GO_ON && !top->batch && !screen_is_possible())
		return say(STATUS_USAGE,
			   "top: this is no terminal; -b prints to anything");
	return status;
}

static int run_top(int argc, char **argv)
{
	struct top top = {
		.delay_ns = NUMBER_NS_PER_S, .table.key = TOP_KEY_RATE,
	};
	struct job job = { .ops = &ops, .arg = &top };
	int status = read_options(&top, &job, argc, argv);

	if (status == OPTION_GO_ON)
		status = job_do(&job);
	job_options_free(&job.options);
	return status;
}

const struct command command_top = {
	.words = "top",
	.summary = "Show the probes that are hit most, again and again",
	.usage = "-d DOMAIN[,DOMAIN...] -e PROBE[,PROBE...] [OPTION...]",
	.options = options,
	.any_driver = true,
	.notes =
JOB_HELP_PROBE
"\n"
JOB_HELP_DOMAINS
"\n"
"Keys: q quits, < and > choose the column to sort by, R reverses, i leaves out\n"
"probes that had no hits, ? shows the help.\n",
	.run = run_top,
};
