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

static void put_handling(struct json *json, const struct stat_sample *sample,
			 size_t probe)
{
	static const struct {
		const char *key;
		unsigned int percent;
	} values[] = {
		{ "p50", 50 }, { "p90", 90 }, { "p99", 99 }, { "max", 100 },
	};
	size_t i;

	json_open_object(json, "handling_ns");
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		json_put_number(json, values[i].key,
				stat_sample_percentile(sample, probe,
						       values[i].percent));
	json_close_object(json);
}

static void put_figures(struct json *json, const struct stat_sample *sample,
			size_t probe)
{
	uint64_t count = stat_sample_count(sample, probe);

	json_put_number(json, "count", count);
	json_put_decimal(json, "rate_per_second",
			 number_rate(count, sample->run_ns));
	put_vcpus(json, sample, probe);
	if (count)
		put_handling(json, sample, probe);
	else
		json_put_null(json, "handling_ns");
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
		json_put_null(json, "handling_ns");
	}
	json_close_object(json);
}

static void put_sample(const struct stat_output *output,
		       const struct stat_sample *sample)
{
	struct json json = { .file = output->file };
	size_t i;

	json_open_object(&json, NULL);
	if (output->options->interval_ns) {
		json_put_seconds(&json, "time_seconds", sample->end_ns);
	} else {
		json_put_string(&json, "domain", output->domain);
		json_put_number(&json, "domid", output->domid);
		json_put_seconds(&json, "elapsed_seconds", sample->run_ns);
	}
	json_open_list(&json, "events");
	for (i = 0; i < sample->nr_probes; i++)
		put_probe(&json, sample, i);
	json_close_list(&json);
	json_put_number(&json, "events_lost", sample->lost);
	json_close_object(&json);
	json_end_line(&json);
}

const struct stat_format stat_format_json = {
	.sample = put_sample,
};
