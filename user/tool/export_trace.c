// SPDX-License-Identifier: GPL-2.0
/* Chrome's trace events, which Perfetto reads: a process is a guest, a thread a vCPU. */
#include "export.h"

#include <stdlib.h>

#include "json.h"
#include "lines.h"
#include "say.h"

#define NS_PER_US	1000.0

/**
 * struct trace - what is written
 * @json: by this
 * @calls: so many so far
 */
struct trace {
	struct json json;
	uint64_t calls;
};

static void put_name(struct json *json, const struct hits_domain *domain,
		     const char *what, uint32_t vcpu, const char *name)
{
	json_open_object(json, NULL);
	json_put_string(json, "name", what);
	json_put_string(json, "ph", "M");
	json_put_number(json, "pid", domain->domid);
	json_put_number(json, "tid", vcpu);
	json_open_object(json, "args");
	json_put_string(json, "name", name);
	json_close_object(json);
	json_close_object(json);
}

static void put_domain(struct json *json, const struct hits_domain *domain)
{
	char name[24];
	uint32_t i;

	put_name(json, domain, "process_name", 0, domain->name);
	for (i = 0; i < domain->nr_vcpus; i++) {
		snprintf(name, sizeof(name), "vCPU %u", (unsigned int)i);
		put_name(json, domain, "thread_name", i, name);
	}
}

static int begin(struct export *export)
{
	const struct data_session *session = &export->data->session;
	struct trace *trace = calloc(1, sizeof(*trace));
	struct json *json;
	size_t i;

	if (!trace)
		return say_no_memory();
	export->arg = trace;
	json = &trace->json;
	json->file = export->file;
	json_open_object(json, NULL);
	json_put_string(json, "displayTimeUnit", "ns");
	json_open_list(json, "traceEvents");
	for (i = 0; i < session->nr_domains; i++)
		put_domain(json, &session->domains[i]);
	return STATUS_DONE;
}

/* An event of a hit, up to what stands in its args. */
static void open_event(const struct export *export, const struct hit *hit,
		       const char *kind, uint64_t time_ns)
{
	const struct data_session *session = &export->data->session;
	const struct hits_domain *domain =
		&session->domains[hits_domain_of(session->domains, hit->probe)];
	struct trace *trace = export->arg;
	struct json *json = &trace->json;
	uint64_t ns = time_ns > session->start_ns ?
		      time_ns - session->start_ns : 0;

	fputc('\n', export->file);
	json_open_object(json, NULL);
	json_put_string(json, "name", session->probes[hit->probe].text);
	json_put_string(json, "ph", kind);
	json_put_decimal(json, "ts", ns / NS_PER_US);
	json_put_number(json, "pid", domain->domid);
	json_put_number(json, "tid", hit->vcpu);
}

/* Calls of several tasks may lie across each other: each has a number. */
static void mark_call(struct trace *trace)
{
	json_put_string(&trace->json, "cat", "call");
	json_put_number(&trace->json, "id", trace->calls);
}

static int put_hit(struct export *export, const struct hit *hit)
{
	const struct gprobe_fetch *fetch =
		export->data->session.fetches[hit->probe];
	bool is_call = hit->duration_ns != HIT_NO_DURATION;
	struct trace *trace = export->arg;
	struct json *json = &trace->json;

	if (is_call) {
		open_event(export, hit, "b",
			   hit->duration_ns < hit->time_ns ?
			   hit->time_ns - hit->duration_ns : 0);
		mark_call(trace);
		json_close_object(json);
	}
	open_event(export, hit, is_call ? "e" : "i", hit->time_ns);
	if (is_call)
		mark_call(trace);
	else
		json_put_string(json, "s", "t");
	trace->calls += is_call;
	json_open_object(json, "args");
	json_put_number(json, "cpl", hit->cpl);
	json_put_hex(json, "root", hit->root);
	lines_put_args(json, fetch, hit);
	json_close_object(json);
	json_close_object(json);
	return STATUS_DONE;
}

static int end(struct export *export)
{
	const struct data *data = export->data;
	struct trace *trace = export->arg;
	struct json *json = &trace->json;

	json_close_list(json);
	json_open_object(json, "otherData");
	if (data->session.nr_domains == 1)
		json_put_string(json, "guest_version",
				data->session.domains->version);
	json_put_string(json, "command", data->session.command);
	json_put_number(json, "events_lost", data->end.sum.lost);
	json_close_object(json);
	json_close_object(json);
	json_end_line(json);
	return STATUS_DONE;
}

static void close_trace(struct export *export)
{
	free(export->arg);
}

const struct export_format export_trace = {
	.name = "trace",
	.begin = begin,
	.hit = put_hit,
	.end = end,
	.close = close_trace,
};
