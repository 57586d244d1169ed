// SPDX-License-Identifier: GPL-2.0
/* Chrome's trace events, which Perfetto reads: a process is a guest, a thread a vCPU. */
#include "export.h"

#include <stdlib.h>

#include "json.h"
#include "lines.h"
#include "say.h"

#define NS_PER_US	1000.0

static void put_name(struct json *json, const struct export *export,
		     const char *what, uint32_t vcpu, const char *name)
{
	json_open_object(json, NULL);
	json_put_string(json, "name", what);
	json_put_string(json, "ph", "M");
	json_put_number(json, "pid", export->data->session.domid);
	json_put_number(json, "tid", vcpu);
	json_open_object(json, "args");
	json_put_string(json, "name", name);
	json_close_object(json);
	json_close_object(json);
}

static int begin(struct export *export)
{
	const struct data_session *session = &export->data->session;
	struct json *json = calloc(1, sizeof(*json));
	char name[24];
	uint32_t i;

	if (!json)
		return say_no_memory();
	export->arg = json;
	json->file = export->file;
	json_open_object(json, NULL);
	json_put_string(json, "displayTimeUnit", "ns");
	json_open_list(json, "traceEvents");
	put_name(json, export, "process_name", 0, session->domain);
	for (i = 0; i < session->nr_vcpus; i++) {
		snprintf(name, sizeof(name), "vCPU %u", (unsigned int)i);
		put_name(json, export, "thread_name", i, name);
	}
	return STATUS_DONE;
}

static int put_hit(struct export *export, const struct hit *hit)
{
	const struct data_session *session = &export->data->session;
	struct json *json = export->arg;
	uint64_t ns = hit->time_ns > session->start_ns ?
		      hit->time_ns - session->start_ns : 0;

	fputc('\n', export->file);
	json_open_object(json, NULL);
	json_put_string(json, "name", session->probes[hit->probe].text);
	json_put_string(json, "ph", "i");
	json_put_string(json, "s", "t");
	json_put_decimal(json, "ts", ns / NS_PER_US);
	json_put_number(json, "pid", session->domid);
	json_put_number(json, "tid", hit->vcpu);
	json_open_object(json, "args");
	json_put_number(json, "cpl", hit->cpl);
	json_put_hex(json, "root", hit->root);
	lines_put_args(json, session->fetches[hit->probe], hit);
	json_close_object(json);
	json_close_object(json);
	return STATUS_DONE;
}

static int end(struct export *export)
{
	const struct data *data = export->data;
	struct json *json = export->arg;

	json_close_list(json);
	json_open_object(json, "otherData");
	json_put_string(json, "guest_version", data->session.guest_version);
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
