// SPDX-License-Identifier: GPL-2.0
/* The table of `gprobe stat`, as perf stat's users know it. */
#include <inttypes.h>
#include <string.h>

#include "number.h"
#include "stat_output.h"
#include "text.h"

#define COUNT_WIDTH	18
#define VCPU_WIDTH	6
#define MIN_NAME_WIDTH	25

/* Of several guests, that of the column with their names. */
static int domain_width(const struct stat_output *output)
{
	size_t width = strlen("DOMAIN"), i;

	for (i = 0; i < output->nr_domains; i++)
		width = text_wider(width,
				   text_name(output->domains[i].name).text);
	return width;
}

/* Padded, with a blank behind it. */
static void print_domain(const struct stat_output *output, const char *name)
{
	int pad = domain_width(output) - (int)text_columns(name);

	if (output->nr_domains > 1)
		fprintf(output->file, "%s%*s ", name, pad, "");
}

static void print_titles(const struct stat_output *output)
{
	if (!output->options->interval_ns)
		return;
	fputs("#           time ", output->file);
	print_domain(output, "DOMAIN");
	fprintf(output->file, "%s%*s unit events\n",
		output->options->per_vcpu ? "VCPU   " : "", COUNT_WIDTH,
		"counts");
}

static void print_head(const struct stat_output *output)
{
	const struct stat_domain *domain = output->domains;
	size_t i;

	fprintf(output->file, "\n Performance counter stats for domain%s",
		output->nr_domains > 1 ? "s" : "");
	for (i = 0; i < output->nr_domains; i++, domain++)
		fprintf(output->file, "%s '%s' (id %" PRIu32 ")",
			i ? "," : "", text_name(domain->name).text, domain->domid);
	fputs(":\n\n", output->file);
}

/* As a terminal may have it. */
static struct text_name name_of(const struct stat_sample *sample, size_t probe)
{
	return text_name(sample->probes[probe].text);
}

static int name_width(const struct stat_output *output)
{
	const struct stat_sample *sample;
	size_t width = MIN_NAME_WIDTH, domain, i;

	for (domain = 0; domain < output->nr_domains; domain++) {
		sample = &output->domains[domain].sampler.sample;
		for (i = 0; i < sample->nr_probes; i++)
			width = text_wider(width, name_of(sample, i).text);
	}
	return width;
}

/* @more: something stands behind it. */
static void print_rate(const struct stat_output *output,
		       const struct stat_sample *sample, uint64_t count,
		       bool more)
{
	struct number_text rate = number_scaled_rate(
			number_rate(count, sample->run_ns));
	char *unit = strchr(rate.text, ' ');

	*unit++ = '\0';
	fprintf(output->file, more ? "  # %10s %-5s" : "  # %10s %s", rate.text,
		unit);
}

static struct number_text percentile(const struct stat_sample *sample,
				     size_t probe, unsigned int percent)
{
	return number_duration(stat_sample_percentile(sample, probe, percent));
}

static void print_calls(const struct stat_output *output,
			const struct stat_sample *sample, size_t probe)
{
	uint64_t unknown = sample->calls_unknown[probe];

	if (stat_sample_has_latency(sample, probe))
		fprintf(output->file,
			"    duration p50 %s, p90 %s, p99 %s, max %s, %.2f%% of time",
			percentile(sample, probe, 50).text,
			percentile(sample, probe, 90).text,
			percentile(sample, probe, 99).text,
			percentile(sample, probe, 100).text,
			stat_sample_share(sample, probe));
	if (unknown)
		fprintf(output->file, "%s %s not known",
			stat_sample_has_latency(sample, probe) ? "," :
								 "    duration",
			number_grouped(unknown).text);
}

static void print_handling(const struct stat_output *output,
			   const struct stat_sample *sample, size_t probe)
{
	fprintf(output->file, "    handling p50 %s, p99 %s, max %s",
		percentile(sample, probe, 50).text,
		percentile(sample, probe, 99).text,
		percentile(sample, probe, 100).text);
}

/**
 * struct table - the rows of a guest
 * @output: where to
 * @domain: the guest
 * @sample: its figures
 * @name_width: of the widest probe
 */
struct table {
	const struct stat_output *output;
	const struct stat_domain *domain;
	const struct stat_sample *sample;
	int name_width;
};

/* A row up to its name: time, domain and vCPU where asked for, and the count. */
static void print_count(const struct table *table, const char *vcpu,
			const char *count)
{
	const struct stat_output *output = table->output;
	FILE *file = output->file;

	if (output->options->interval_ns)
		fprintf(file, "%16s ",
			number_seconds(table->sample->end_ns).text);
	print_domain(output, text_name(table->domain->name).text);
	if (output->options->per_vcpu)
		fprintf(file, "%-*s ", VCPU_WIDTH, vcpu);
	fprintf(file, "%*s      ", COUNT_WIDTH, count);
}

/* Behind the name. Intervals have none of it, as perf's. */
static void print_metrics(const struct table *table, size_t probe,
			  uint64_t count, bool handling)
{
	const struct stat_output *output = table->output;
	const struct stat_sample *sample = table->sample;
	int pad = table->name_width -
		  (int)text_columns(name_of(sample, probe).text);

	fprintf(output->file, "%*s", pad, "");
	handling = handling && count;
	print_rate(output, sample, count, handling);
	if (handling && stat_sample_is_return(sample, probe))
		print_calls(output, sample, probe);
	else if (handling)
		print_handling(output, sample, probe);
}

/* @vcpu: its number's text; "": the row is of all vCPUs. */
static void print_row(const struct table *table, size_t probe,
		      const char *vcpu, uint64_t count)
{
	const struct stat_output *output = table->output;
	bool counted = table->sample->counted[probe];

	print_count(table, vcpu,
		    counted ? number_grouped(count).text : STAT_NOT_COUNTED);
	fputs(name_of(table->sample, probe).text, output->file);
	if (counted && !output->options->interval_ns)
		print_metrics(table, probe, count, !*vcpu);
	fputc('\n', output->file);
}

static void print_probe(const struct table *table, size_t probe)
{
	const struct stat_sample *sample = table->sample;
	char vcpu[16];
	uint32_t i;

	if (!table->output->options->per_vcpu) {
		print_row(table, probe, "", stat_sample_count(sample, probe));
		return;
	}
	for (i = 0; i < sample->nr_vcpus; i++) {
		snprintf(vcpu, sizeof(vcpu), "VCPU%" PRIu32, i);
		print_row(table, probe, vcpu,
			  sample->counts[probe * sample->nr_vcpus + i]);
	}
}

static void print_sample(const struct table *table)
{
	size_t i;

	for (i = 0; i < table->sample->nr_probes; i++)
		print_probe(table, i);
	print_count(table, "", number_grouped(table->sample->lost).text);
	fprintf(table->output->file, "%s\n", STAT_EVENTS_LOST);
}

static void print_samples(const struct stat_output *output)
{
	struct table table = {
		.output = output, .name_width = name_width(output),
	};
	bool all = !output->options->interval_ns;
	size_t i;

	if (all)
		print_head(output);
	for (i = 0; i < output->nr_domains; i++) {
		table.domain = &output->domains[i];
		table.sample = &table.domain->sampler.sample;
		print_sample(&table);
	}
	if (all)
		fprintf(output->file, "\n%17s seconds time elapsed\n\n",
			number_seconds(stat_output_run_ns(output)).text);
}

const struct stat_format stat_format_text = {
	.begin = print_titles,
	.samples = print_samples,
};
