// SPDX-License-Identifier: GPL-2.0
/* `gprobe stat -j`: one document; with -I one object a line. */
#include "json.h"
#include "stat_output.h"

#include "number.h"

static void put_vcpus(struct json *json, const struct stat_sample *sample,
		      size_t probe)
{
	uint32_t i;

	json_open_list(json, "per_vcpu");
	for (i = 0; i < sample->nr_vcpus; i++)
		json_put_number(json, NULL,
				sample->counts[probe * sample->nr_vcpus + i]);
	json_close_list(json);
}

/* @json has an object open, which gets them. */
static void put_percentiles(struct json *json,
			    const struct stat_sample *sample, size_t probe)
{
	static const struct {
		const char *key;
		unsigned int percent;
	} values[] = {
		{ "p50", 50 }, { "p90", 90 }, { "p99", 99 }, { "max", 100 },
	};
	size_t i;

	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		json_put_number(json, values[i].key,
				stat_sample_percentile(sample, probe,
						       values[i].percent));
	json_close_object(json);
}

/* Of what there is not, null. */
static void put_latency(struct json *json, const struct stat_sample *sample,
			size_t probe)
{
	bool known = sample->counted[probe] &&
		     stat_sample_has_latency(sample, probe);

	if (stat_sample_is_return(sample, probe)) {
		if (known)
			json_open_object(json, "duration_ns");
		else
			json_put_null(json, "duration_ns");
	} else {
		if (known)
			json_open_object(json, "handling_ns");
		else
			json_put_null(json, "handling_ns");
	}
	if (known)
		put_percentiles(json, sample, probe);
}

static void put_calls(struct json *json, const struct stat_sample *sample,
		      size_t probe)
{
	if (sample->counted[probe]) {
		json_put_number(json, "duration_unknown",
				sample->calls_unknown[probe]);
		json_put_decimal(json, "time_percent",
				 stat_sample_share(sample, probe));
	} else {
		json_put_null(json, "duration_unknown");
		json_put_null(json, "time_percent");
	}
}

static void put_figures(struct json *json, const struct stat_sample *sample,
			size_t probe)
{
	uint64_t count = stat_sample_count(sample, probe);

	json_put_number(json, "count", count);
	json_put_decimal(json, "rate_per_second",
			 number_rate(count, sample->run_ns));
	put_vcpus(json, sample, probe);
}

static void put_probe(struct json *json, const struct stat_sample *sample,
		      size_t probe)
{
	json_open_object(json, NULL);
	json_put_string(json, "probe", sample->probes[probe].text);
	json_put_hex(json, "gva", sample->probes[probe].gva);
	if (sample->counted[probe]) {
		put_figures(json, sample, probe);
	} else {
		json_put_null(json, "count");
		json_put_null(json, "rate_per_second");
		json_put_null(json, "per_vcpu");
	}
	put_latency(json, sample, probe);
	if (stat_sample_is_return(sample, probe))
		put_calls(json, sample, probe);
	json_close_object(json);
}

static void put_domain(struct json *json, const struct stat_domain *domain)
{
	json_put_string(json, "domain", domain->name);
	json_put_number(json, "domid", domain->domid);
}

static void put_events(struct json *json, const struct stat_sample *sample)
{
	size_t i;

	json_open_list(json, "events");
	for (i = 0; i < sample->nr_probes; i++)
		put_probe(json, sample, i);
	json_close_list(json);
	json_put_number(json, "events_lost", sample->lost);
}

static void put_one(struct json *json, const struct stat_output *output)
{
	const struct stat_domain *domain = output->domains;
	const struct stat_sample *sample = &domain->sampler.sample;

	if (output->options->interval_ns) {
		json_put_seconds(json, "time_seconds", sample->end_ns);
	} else {
		put_domain(json, domain);
		json_put_seconds(json, "elapsed_seconds", sample->run_ns);
	}
	put_events(json, sample);
}

static void put_each(struct json *json, const struct stat_output *output)
{
	const struct stat_domain *domain = output->domains;
	uint64_t lost = 0;
	size_t i;

	if (output->options->interval_ns)
		json_put_seconds(json, "time_seconds",
				 domain->sampler.sample.end_ns);
	else
		json_put_seconds(json, "elapsed_seconds",
				 stat_output_run_ns(output));
	json_open_list(json, "domains");
	for (i = 0; i < output->nr_domains; i++, domain++) {
		json_open_object(json, NULL);
		put_domain(json, domain);
		json_put_seconds(json, "counted_seconds",
				 domain->sampler.sample.run_ns);
		put_events(json, &domain->sampler.sample);
		json_close_object(json);
		lost += domain->sampler.sample.lost;
	}
	json_close_list(json);
	json_put_number(json, "events_lost", lost);
}

static void put_samples(const struct stat_output *output)
{
	struct json json = { .file = output->file };

	json_open_object(&json, NULL);
	if (output->nr_domains == 1)
		put_one(&json, output);
	else
		put_each(&json, output);
	json_close_object(&json);
	json_end_line(&json);
}

const struct stat_format stat_format_json = {
	.samples = put_samples,
};
