// SPDX-License-Identifier: GPL-2.0
/* An object a line; the last one is the sum. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "lines.h"

/* Room for the text of any value. */
#define TEXT_BYTES	(GPROBE_FETCH_STRING_MAX + 1)

static void put_text(struct json *json, const char *key,
		     const struct gprobe_fetch_value *value)
{
	char text[TEXT_BYTES];

	snprintf(text, sizeof(text), "%.*s", (int)value->text_bytes,
		 value->text);
	json_put_string(json, key, text);
}

static void put_character(struct json *json, const char *key, char c)
{
	const char text[] = { c, '\0' };

	json_put_string(json, key, text);
}

static void put_value(struct json *json, const char *key,
		      enum gprobe_fetch_kind kind,
		      const struct gprobe_fetch_value *value)
{
	if (value->state == GPROBE_FETCH_FAULT) {
		json_put_null(json, key);
		return;
	}
	switch (kind) {
	case GPROBE_FETCH_UNSIGNED:
		json_put_number(json, key, value->number);
		break;
	case GPROBE_FETCH_SIGNED:
		json_put_signed(json, key, value->number);
		break;
	case GPROBE_FETCH_CHAR:
		put_character(json, key, value->number);
		break;
	case GPROBE_FETCH_STRING:
		put_text(json, key, value);
		break;
	case GPROBE_FETCH_SYMBOL:
		if (value->text_bytes) {
			put_text(json, key, value);
			break;
		}
		/* fall through */
	case GPROBE_FETCH_HEX:
		json_put_hex(json, key, value->number);
		break;
	}
}

static void put_element(struct json *json,
			const struct gprobe_fetch_info *info,
			const struct gprobe_fetch_value *value)
{
	if (info->is_array && !value->element)
		json_open_list(json, info->name);
	put_value(json, info->is_array ? NULL : info->name, info->kind, value);
	if (info->is_array && value->element == info->count - 1)
		json_close_list(json);
}

/**
 * lines_put_args() - Write what was fetched, by its names.
 * @json: an object is open
 * @fetch: what it is
 * @hit: its values are whole
 */
void lines_put_args(struct json *json, const struct gprobe_fetch *fetch,
		    const struct hit *hit)
{
	struct gprobe_fetch_cursor cursor = lines_cursor(hit);
	struct gprobe_fetch_value value;
	struct gprobe_fetch_info info;

	while (gprobe_fetch_next(fetch, &cursor, &value) > 0) {
		gprobe_fetch_info(fetch, value.arg, &info);
		put_element(json, &info, &value);
	}
}

/* Names of the arguments that have a text that goes on. */
static void put_cut(struct json *json, const struct gprobe_fetch *fetch,
		    const struct hit *hit)
{
	struct gprobe_fetch_cursor cursor = lines_cursor(hit);
	struct gprobe_fetch_value value;
	struct gprobe_fetch_info info;
	uint32_t last = UINT32_MAX;

	while (gprobe_fetch_next(fetch, &cursor, &value) > 0) {
		if (value.state != GPROBE_FETCH_CUT || value.arg == last)
			continue;
		if (last == UINT32_MAX)
			json_open_list(json, "cut");
		last = value.arg;
		gprobe_fetch_info(fetch, value.arg, &info);
		json_put_string(json, NULL, info.name);
	}
	if (last != UINT32_MAX)
		json_close_list(json);
}

static void put_time(struct json *json, const struct lines *lines,
		     uint64_t time_ns)
{
	struct lines_text time = lines_time(lines, time_ns);

	if (lines->time == LINES_TIME_WALL)
		json_put_string(json, "time", time.text);
	else
		json_put_seconds(json, "time_seconds",
				 lines_time_ns(lines, time_ns));
}

static void put_duration(struct json *json, const struct hit *hit)
{
	if (hit->duration_ns == HIT_NO_DURATION)
		json_put_null(json, "duration_ns");
	else
		json_put_number(json, "duration_ns", hit->duration_ns);
}

static void put_hit(const struct lines *lines, const struct hit *hit)
{
	const struct gprobe_fetch *fetch = lines->fetches[hit->probe];
	const struct hits_domain *domain = lines_domain(lines, hit->probe);
	struct json json = { .file = lines->file };

	json_open_object(&json, NULL);
	put_time(&json, lines, hit->time_ns);
	if (domain)
		json_put_string(&json, "domain", domain->name);
	json_put_number(&json, "vcpu", hit->vcpu);
	json_put_number(&json, "cpl", hit->cpl);
	json_put_hex(&json, "root", hit->root);
	json_put_string(&json, "probe", lines->probes[hit->probe].text);
	json_put_hex(&json, "gva", hit->gva);
	if (lines_is_return(lines, hit))
		put_duration(&json, hit);
	json_open_object(&json, "args");
	lines_put_args(&json, fetch, hit);
	json_close_object(&json);
	put_cut(&json, fetch, hit);
	json_close_object(&json);
	json_end_line(&json);
}

static void put_count(struct json *json, const struct lines *lines,
		      uint32_t number)
{
	const struct hits_domain *domain = lines_domain(lines, number);
	const struct gprobe_probe *probe = &lines->probes[number];
	const struct target_hits *count = &lines->counts[number];

	json_open_object(json, NULL);
	if (domain)
		json_put_string(json, "domain", domain->name);
	json_put_string(json, "probe", probe->text);
	json_put_hex(json, "gva", probe->gva);
	if (count->known)
		json_put_number(json, "hits", count->hits);
	else
		json_put_null(json, "hits");
	json_close_object(json);
}

static void put_counts(struct json *json, const struct lines *lines)
{
	bool any = false;
	size_t i;

	for (i = 0; i < lines->nr_probes; i++) {
		if (!lines_is_counted(lines, i))
			continue;
		if (!any)
			json_open_list(json, "counted");
		any = true;
		put_count(json, lines, i);
	}
	if (any)
		json_close_list(json);
}

static void put_figures(struct json *json, const struct hits_sum *sum)
{
	json_put_number(json, "hits", sum->shown);
	json_put_number(json, "events_lost", sum->lost);
	json_put_number(json, "left_out", sum->limited);
}

static void put_domains(struct json *json, const struct lines *lines)
{
	const struct hits_domain *domain = lines->domains;
	size_t i;

	json_open_list(json, "domains");
	for (i = 0; i < lines->nr_domains; i++, domain++) {
		json_open_object(json, NULL);
		json_put_string(json, "domain", domain->name);
		json_put_number(json, "domid", domain->domid);
		put_figures(json, &domain->sum);
		json_put_bool(json, "died", domain->died);
		json_close_object(json);
	}
	json_close_list(json);
}

static void put_sum(const struct lines *lines, const struct hits_sum *sum)
{
	struct json json = { .file = lines->file };

	json_open_object(&json, NULL);
	put_counts(&json, lines);
	put_figures(&json, sum);
	if (lines->nr_domains > 1)
		put_domains(&json, lines);
	json_close_object(&json);
	json_end_line(&json);
}

const struct lines_format lines_format_json = {
	.hit = put_hit,
	.end = put_sum,
};
