// SPDX-License-Identifier: GPL-2.0
/* `gprobe report`: how many hits of a file have what in common. */
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "data_input.h"
#include "json.h"
#include "list.h"
#include "number.h"
#include "option.h"
#include "report_groups.h"
#include "say.h"
#include "text.h"

enum {
	OPTION_BY = COMMAND_LONG_ONLY,
};

/* Zeroed, everything in it can be closed. */
struct report {
	struct data_input input;
	struct groups groups;
	bool json;
};

static const struct command_option options[] = {
	DATA_INPUT_OPTION,
	FILTER_OPTIONS,
	{ "by", OPTION_BY, "KEY[,KEY...]",
	  "count by domain, probe, vcpu, root, cpl; probe unless given" },
	{ "json", 'j', NULL, "JSON" },
	COMMAND_OPTION_HELP,
	{ 0 }
};

/* In the order of enum group_key. */
static const struct {
	const char *name;
	struct list_column column;
} keys[] = {
	[GROUP_DOMAIN] = { "domain", { "DOMAIN", "domain", false } },
	[GROUP_PROBE] = { "probe", { "PROBE", "probe", false } },
	[GROUP_VCPU] = { "vcpu", { "VCPU", "vcpu", true } },
	[GROUP_ROOT] = { "root", { "ROOT", "root", false } },
	[GROUP_CPL] = { "cpl", { "CPL", "cpl", true } },
};

static const char *key_name(unsigned int number)
{
	return number < GROUP_KEYS ? keys[number].name : NULL;
}

static int read_key(struct groups *groups, const char *name)
{
	static const struct command_choice choice = {
		"report: --by", key_name,
		"domain, probe, vcpu, root or cpl, or several with commas",
	};
	unsigned int key;
	int status = command_choose(&choice, name, &key);

	if (!status)
		groups->by[key] = true;
	return status;
}

static int read_keys(struct groups *groups, char *list)
{
	int status = STATUS_DONE;
	char *name;

	while (!status && (name = strsep(&list, ",")))
		status = read_key(groups, name);
	return status;
}

static int read_options(struct report *report, int argc, char **argv)
{
	struct option_reader reader = {
		.command = &command_report, .argc = argc, .argv = argv,
	};
	bool any = false;
	int letter, status = STATUS_DONE;

	while (!status && (letter = option_next(&reader)) != OPTION_END) {
		if (letter == OPTION_STOP)
			return reader.status;
		data_input_take(&report->input, &reader, letter, &status);
		if (letter == 'j')
			report->json = true;
		if (letter == OPTION_BY)
			status = read_keys(&report->groups, optarg);
		any |= letter == OPTION_BY;
	}
	if (!any)
		report->groups.by[GROUP_PROBE] = true;
	return status ? status : option_no_operands(&reader);
}

/* --- what a group took --- */

static const struct {
	const char *title, *key;
	unsigned int percent;
} percentiles[] = {
	{ "P50", "p50", 50 }, { "P90", "p90", 90 }, { "P99", "p99", 99 },
	{ "MAX", "max", 100 },
};

#define NR_PERCENTILES	(sizeof(percentiles) / sizeof(percentiles[0]))

static uint64_t percentile(const struct group *group, size_t index)
{
	return gprobe_histogram_percentile(group->durations,
					   percentiles[index].percent);
}

static bool has_returns(const struct report *report)
{
	const struct data_session *session = &report->input.data.session;
	size_t i;

	for (i = 0; i < session->nr_probes; i++)
		if (session->probes[i].part == GPROBE_PROBE_ENTRY)
			return true;
	return false;
}

/* --- as a table --- */

static void print_domain(const struct hits_domain *domain)
{
	char text[DATA_TEXT_MAX + 1];

	snprintf(text, sizeof(text), "%s", domain->name);
	text_clean(text);
	printf("# domain '%s' (id %" PRIu32 "), %s", text, domain->domid,
	       number_of(domain->nr_vcpus, "vCPU").text);
}

static void print_version(const struct hits_domain *domain)
{
	char text[DATA_TEXT_MAX + 1];

	snprintf(text, sizeof(text), "%s", domain->version);
	text_clean(text);
	if (*text)
		printf("# %s\n", text);
}

static void print_figures(const struct hits_sum *sum)
{
	printf("%s, %s lost", number_of(sum->shown, "hit").text,
	       number_grouped(sum->lost).text);
	if (sum->limited)
		printf(", %s left out", number_grouped(sum->limited).text);
}

static void print_domains(const struct data *data)
{
	const struct data_session *session = &data->session;
	const struct hits_domain *domain = session->domains;
	size_t i;

	for (i = 0; i < session->nr_domains; i++, domain++) {
		print_domain(domain);
		if (session->nr_domains == 1) {
			printf(", %s s", number_seconds(data->end.time_ns -
							session->start_ns).text);
		} else {
			fputs(": ", stdout);
			print_figures(&domain->sum);
		}
		puts(domain->died ? ", then it died" : "");
		print_version(domain);
	}
	if (session->nr_domains > 1)
		printf("# %s s\n", number_seconds(data->end.time_ns -
						  session->start_ns).text);
}

/* What was recorded, as comments. */
static void print_head(const struct report *report)
{
	const struct data *data = &report->input.data;
	char text[DATA_TEXT_MAX + 1];

	print_domains(data);
	snprintf(text, sizeof(text), "%s", data->session.command);
	text_clean(text);
	printf("# %s\n#\n", text);
}

static void print_sum(const struct hits_sum *sum)
{
	fputs("#\n# ", stdout);
	print_figures(sum);
	putchar('\n');
}

static double percent(const struct report *report, const struct group *group)
{
	uint64_t all = report->input.data.end.sum.shown;

	return all ? 100.0 * group->hits / all : 0;
}

static void put_durations(struct list *list, const struct group *group)
{
	size_t i;

	for (i = 0; i < NR_PERCENTILES; i++) {
		if (group->nr_durations)
			list_put_string(list,
					number_duration(percentile(group,
								   i)).text);
		else
			list_put_null(list);
	}
}

static void put_row(struct list *list, const struct report *report,
		    const struct group *group)
{
	const struct data_session *session = &report->input.data.session;
	const bool *by = report->groups.by;
	char share[16];

	snprintf(share, sizeof(share), "%.2f%%", percent(report, group));
	list_put_string(list, number_grouped(group->hits).text);
	list_put_string(list, share);
	if (by[GROUP_DOMAIN])
		list_put_string(list, session->domains[group->domain].name);
	if (by[GROUP_PROBE])
		list_put_string(list, session->probes[group->probe].text);
	if (by[GROUP_VCPU])
		list_put_number(list, group->vcpu);
	if (by[GROUP_ROOT])
		list_put_hex(list, group->root);
	if (by[GROUP_CPL])
		list_put_number(list, group->cpl);
	if (has_returns(report))
		put_durations(list, group);
}

static int print_table(const struct report *report)
{
	struct list_column columns[2 + GROUP_KEYS + NR_PERCENTILES] = {
		{ "HITS", "hits", true }, { "SHARE", NULL, true },
	};
	struct list list = { .columns = columns, .nr_columns = 2 };
	enum group_key key;
	int status;
	size_t i;

	for (key = 0; key < GROUP_KEYS; key++)
		if (report->groups.by[key])
			columns[list.nr_columns++] = keys[key].column;
	for (i = 0; has_returns(report) && i < NR_PERCENTILES; i++)
		columns[list.nr_columns++] = (struct list_column){
			percentiles[i].title, NULL, true,
		};
	print_head(report);
	list_begin(&list);
	for (i = 0; i < report->groups.nr; i++)
		put_row(&list, report, &report->groups.all[i]);
	status = list_end(&list);
	if (status)
		return status;
	print_sum(&report->input.data.end.sum);
	return say_flush(stdout, "stdout");
}

/* --- as JSON --- */

static void put_duration(struct json *json, const struct group *group)
{
	size_t i;

	json_put_number(json, "durations", group->nr_durations);
	if (!group->nr_durations) {
		json_put_null(json, "duration_ns");
		return;
	}
	json_open_object(json, "duration_ns");
	for (i = 0; i < NR_PERCENTILES; i++)
		json_put_number(json, percentiles[i].key, percentile(group, i));
	json_close_object(json);
}

static void put_group(struct json *json, const struct report *report,
		      const struct group *group)
{
	const struct data_session *session = &report->input.data.session;
	const bool *by = report->groups.by;

	json_open_object(json, NULL);
	json_put_number(json, "hits", group->hits);
	json_put_decimal(json, "share_percent", percent(report, group));
	if (by[GROUP_DOMAIN])
		json_put_string(json, "domain",
				session->domains[group->domain].name);
	if (by[GROUP_PROBE])
		json_put_string(json, "probe",
				session->probes[group->probe].text);
	if (by[GROUP_VCPU])
		json_put_number(json, "vcpu", group->vcpu);
	if (by[GROUP_ROOT])
		json_put_hex(json, "root", group->root);
	if (by[GROUP_CPL])
		json_put_number(json, "cpl", group->cpl);
	if (has_returns(report))
		put_duration(json, group);
	json_close_object(json);
}

static void put_domain(struct json *json, const struct hits_domain *domain)
{
	json_put_string(json, "domain", domain->name);
	json_put_number(json, "domid", domain->domid);
	json_put_number(json, "vcpus", domain->nr_vcpus);
	json_put_string(json, "guest_version", domain->version);
}

static void put_sum(struct json *json, const struct hits_sum *sum, bool died)
{
	json_put_number(json, "hits", sum->shown);
	json_put_number(json, "events_lost", sum->lost);
	json_put_number(json, "left_out", sum->limited);
	json_put_bool(json, "died", died);
}

static void put_domains(struct json *json, const struct data_session *session)
{
	const struct hits_domain *domain = session->domains;
	size_t i;

	json_open_list(json, "domains");
	for (i = 0; i < session->nr_domains; i++, domain++) {
		json_open_object(json, NULL);
		put_domain(json, domain);
		put_sum(json, &domain->sum, domain->died);
		json_close_object(json);
	}
	json_close_list(json);
}

static int print_json(const struct report *report)
{
	const struct data *data = &report->input.data;
	const struct data_session *session = &data->session;
	struct json json = { .file = stdout };
	size_t i;

	json_open_object(&json, NULL);
	if (session->nr_domains == 1)
		put_domain(&json, session->domains);
	else
		put_domains(&json, session);
	json_put_string(&json, "gprobe_version", session->gprobe_version);
	json_put_string(&json, "command", session->command);
	json_put_seconds(&json, "elapsed_seconds",
			 data->end.time_ns - session->start_ns);
	json_open_list(&json, "groups");
	for (i = 0; i < report->groups.nr; i++)
		put_group(&json, report, &report->groups.all[i]);
	json_close_list(&json);
	put_sum(&json, &data->end.sum, data->end.died);
	json_put_bool(&json, "complete", !data->is_cut);
	json_close_object(&json);
	json_end_line(&json);
	return say_flush(stdout, "stdout");
}

static int count(struct report *report)
{
	const struct data_session *session = &report->input.data.session;
	struct hit hit;
	bool more = true;
	int status = STATUS_DONE;

	report->groups.domains = session->domains;
	/* vCPU 0 of one guest has nothing to do with that of another. */
	report->groups.by[GROUP_DOMAIN] |= session->nr_domains > 1;
	while (more && !status) {
		status = data_input_next(&report->input, &hit, &more);
		if (more && !groups_add(&report->groups, &hit))
			status = say_no_memory();
	}
	return status;
}

static int do_report(struct report *report)
{
	int status = data_input_open(&report->input);

	if (!status)
		status = count(report);
	if (status)
		return status;
	groups_sort(&report->groups);
	status = report->json ? print_json(report) : print_table(report);
	if (!status)
		data_input_say_cut(&report->input);
	return status;
}

static int run_report(int argc, char **argv)
{
	struct report report = { .input.path = DATA_DEFAULT_PATH };
	int status = read_options(&report, argc, argv);

	if (status == OPTION_GO_ON)
		status = do_report(&report);
	groups_free(&report.groups);
	data_input_close(&report.input);
	return status;
}

const struct command command_report = {
	.words = "report",
	.summary = "Count the hits of a file of record",
	.usage = "[-i FILE] [--filter EXPR] [--by KEY[,KEY...]] [-j]",
	.options = options,
	.any_driver = true,
	.notes =
"A file that is damaged is refused; of one that was cut off, since gprobe record\n"
"was killed, all hits are counted that are whole.\n"
"\n"
FILTER_HELP,
	.run = run_report,
};
