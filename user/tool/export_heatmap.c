// SPDX-License-Identifier: GPL-2.0
/* When each probe was hit: a row for each of those with the most. */
#include "export.h"

#include <stdlib.h>
#include <string.h>

#include "heat.h"
#include "number.h"
#include "say.h"

#define MAX_ROWS	40

/* Of several guests, with its name. */
static void write_label(struct heat_row *row,
			const struct data_session *session, size_t probe)
{
	const struct hits_domain *domain =
		&session->domains[hits_domain_of(session->domains, probe)];
	size_t used = 0;

	if (session->nr_domains > 1)
		used = snprintf(row->label, sizeof(row->label) / 2, "%s: ",
				domain->name);
	if (used > sizeof(row->label) / 2)
		used = sizeof(row->label) / 2;
	snprintf(row->label + used, sizeof(row->label) - used, "%s",
		 session->probes[probe].text);
}

static int begin(struct export *export)
{
	const struct data_session *session = &export->data->session;
	struct heat_row *rows = calloc(session->nr_probes, sizeof(*rows));
	size_t i;

	if (!rows)
		return say_no_memory();
	for (i = 0; i < session->nr_probes; i++)
		write_label(&rows[i], session, i);
	export->arg = rows;
	return STATUS_DONE;
}

static int add(struct export *export, const struct hit *hit)
{
	struct heat_row *rows = export->arg;

	heat_add(&rows[hit->probe], export->data, hit->time_ns);
	return STATUS_DONE;
}

static int compare(const void *left, const void *right)
{
	const struct heat_row *a = left, *b = right;

	if (a->hits != b->hits)
		return a->hits < b->hits ? 1 : -1;
	return strcmp(a->label, b->label);
}

static int draw(struct export *export)
{
	const struct data *data = export->data;
	size_t nr = data->session.nr_probes;
	char title[512], names[256], foot[192];
	struct heat heat = {
		.file = export->file, .data = data, .title = title,
		.foot = foot, .counted = "hit", .rows = export->arg,
		.nr = nr < MAX_ROWS ? nr : MAX_ROWS,
	};

	qsort(export->arg, nr, sizeof(*heat.rows), compare);
	data_domains_text(&data->session, names, sizeof(names));
	snprintf(title, sizeof(title), "Hits of the guest%s %s",
		 data->session.nr_domains > 1 ? "s" : "", names);
	snprintf(foot, sizeof(foot), "%s, %s lost; %zu of %s",
		 number_of(data->end.sum.shown, "hit").text,
		 number_grouped(data->end.sum.lost).text, heat.nr,
		 number_of(nr, "probe").text);
	heat_draw(&heat);
	return STATUS_DONE;
}

static void close_rows(struct export *export)
{
	free(export->arg);
}

const struct export_format export_heatmap = {
	.name = "heatmap",
	.begin = begin,
	.hit = add,
	.end = draw,
	.close = close_rows,
};
