// SPDX-License-Identifier: GPL-2.0
/*
 * `gprobe stat -x`: the fields of perf-stat(1), "CSV FORMAT". The vCPU stands
 * where perf has its CPU.
 */
#include <inttypes.h>

#include "number.h"
#include "stat_output.h"
#include "text.h"

/* @vcpu: NULL: the row is of all of them; @probe: of which probe it is. */
struct row {
	const struct stat_domain *domain;
	const char *vcpu;
	const char *event;
	bool counted;
	uint64_t count;
	bool has_rate;
	bool is_return;
	size_t probe;
};

/* Of the calls on all vCPUs; empty where nothing is known. */
static void print_calls(const struct stat_output *output,
			const struct stat_sample *sample, const struct row *row)
{
	static const unsigned int percents[] = { 50, 90, 99, 100 };
	const char *sep = output->options->separator;
	bool all = row->counted && !row->vcpu;
	FILE *file = output->file;
	size_t i;

	for (i = 0; i < sizeof(percents) / sizeof(percents[0]); i++) {
		fputs(sep, file);
		if (all && stat_sample_has_latency(sample, row->probe))
			fprintf(file, "%" PRIu64,
				stat_sample_percentile(sample, row->probe,
						       percents[i]));
	}
	if (all)
		fprintf(file, "%s%" PRIu64 "%s%.2f", sep,
			sample->calls_unknown[row->probe], sep,
			stat_sample_share(sample, row->probe));
	else
		fprintf(file, "%s%s", sep, sep);
}

/* Of several there is one more field. */
static void print_domain(const struct stat_output *output,
			 const struct stat_domain *domain)
{
	if (output->nr_domains > 1)
		fprintf(output->file, "%s%s", text_name(domain->name).text,
			output->options->separator);
}

static void print_row(const struct stat_output *output, const struct row *row)
{
	const struct stat_sample *sample = &row->domain->sampler.sample;
	const char *sep = output->options->separator;
	FILE *file = output->file;

	if (output->options->interval_ns)
		fprintf(file, "%s%s", number_seconds(sample->end_ns).text, sep);
	print_domain(output, row->domain);
	if (output->options->per_vcpu)
		fprintf(file, "%s%s", row->vcpu ? row->vcpu : "", sep);
	fprintf(file, "%s%s%s%s%s",
		row->counted ? number_plain(row->count).text : STAT_NOT_COUNTED,
		sep, sep, row->event, sep);
	fprintf(file, "%" PRIu64 "%s100.00%s",
		row->counted ? sample->run_ns : 0, sep, sep);
	if (row->counted && row->has_rate)
		fprintf(file, "%.3f%s/sec",
			number_rate(row->count, sample->run_ns), sep);
	else
		fputs(sep, file);
	if (row->is_return)
		print_calls(output, sample, row);
	fputc('\n', file);
}

static void print_probe(const struct stat_output *output,
			const struct stat_domain *domain, size_t probe)
{
	const struct stat_sample *sample = &domain->sampler.sample;
	struct row row = {
		.domain = domain,
		.event = sample->probes[probe].text,
		.counted = sample->counted[probe],
		.has_rate = true,
		.is_return = stat_sample_is_return(sample, probe),
		.probe = probe,
	};
	char vcpu[16];
	uint32_t i;

	if (!output->options->per_vcpu) {
		row.count = stat_sample_count(sample, probe);
		print_row(output, &row);
		return;
	}
	for (i = 0; i < sample->nr_vcpus; i++) {
		snprintf(vcpu, sizeof(vcpu), "VCPU%" PRIu32, i);
		row.vcpu = vcpu;
		row.count = sample->counts[probe * sample->nr_vcpus + i];
		print_row(output, &row);
	}
}

static void print_sample(const struct stat_output *output,
			 const struct stat_domain *domain)
{
	const struct stat_sample *sample = &domain->sampler.sample;
	const struct row lost = {
		.domain = domain,
		.event = STAT_EVENTS_LOST,
		.counted = true,
		.count = sample->lost,
	};
	size_t i;

	for (i = 0; i < sample->nr_probes; i++)
		print_probe(output, domain, i);
	print_row(output, &lost);
}

static void print_samples(const struct stat_output *output)
{
	size_t i;

	for (i = 0; i < output->nr_domains; i++)
		print_sample(output, &output->domains[i]);
}

const struct stat_format stat_format_csv = {
	.samples = print_samples,
};
