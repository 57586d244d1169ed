// SPDX-License-Identifier: GPL-2.0
#include "tables.h"

#include <stdarg.h>
#include <stdio.h>

static void say(struct tables *tables, const char *format, ...)
{
	size_t length = strlen(tables->said);
	va_list values;

	va_start(values, format);
	vsnprintf(tables->said + length, sizeof(tables->said) - length, format,
		  values);
	va_end(values);
}

static void say_all(struct tables *tables, char sign,
		    const struct gprobe_ptm_event *events, size_t nr)
{
	const struct gprobe_paging *paging;
	size_t i;

	for (i = 0; i < nr; i++) {
		paging = &events[i].paging;
		say(tables, "%s%c%llx=%llx", tables->said[0] ? " " : "", sign,
		    (unsigned long long)paging->context.gva,
		    (unsigned long long)paging->gpa);
		if (paging->context.root != tables->root)
			say(tables, "@%llx",
			    (unsigned long long)paging->context.root);
		if (paging->view != tables->view)
			say(tables, "/%u", paging->view);
		if (events[i].again)
			say(tables, "!");
	}
}

static int answer(struct tables *tables, int *refuse)
{
	int ret = *refuse;

	*refuse = 0;
	if (tables->hook)
		tables->hook(tables);
	return ret;
}

static int page_out(void *arg, const struct gprobe_ptm_event *events, size_t nr)
{
	struct tables *tables = arg;

	if (!tables->refuse_out)
		say_all(tables, '-', events, nr);
	return answer(tables, &tables->refuse_out);
}

static int page_in(void *arg, const struct gprobe_ptm_event *events, size_t nr)
{
	struct tables *tables = arg;

	if (!tables->refuse_in)
		say_all(tables, '+', events, nr);
	return answer(tables, &tables->refuse_in);
}

void tables_begin_with(struct tables *tables,
		       const struct gprobe_sim_config *config)
{
	struct gprobe_ptm_listener listener = {
		.page_out = page_out, .page_in = page_in, .arg = tables,
	};

	memset(tables, 0, sizeof(*tables));
	unit_assert(!gprobe_sim_new(config, &tables->sim));
	tables->driver = gprobe_sim_driver(tables->sim);
	unit_assert(!gprobe_access_new(&tables->driver, &tables->arbiter));
	unit_assert(!gprobe_ptm_new(&tables->driver, tables->arbiter,
				    &listener, &tables->ptm));
	unit_assert(!gprobe_sim_view_new(tables->sim, &tables->view));
	unit_assert(!gprobe_sim_root_new(tables->sim, &tables->root));
	gprobe_sim_log_clear(tables->sim);
}

void tables_begin(struct tables *tables)
{
	struct gprobe_sim_config config = { .vcpus = 4, .log_max = 4096 };

	tables_begin_with(tables, &config);
}

void tables_end(struct tables *tables)
{
	struct gprobe_ptm_figures figures;

	ck_assert_int_eq(gprobe_ptm_unmonitor_all(tables->ptm), 0);
	gprobe_ptm_figures(tables->ptm, &figures);
	ck_assert_uint_eq(figures.addresses + figures.tables + figures.entries +
			  figures.marks + figures.unfinished +
			  figures.unsettled + figures.paged_in, 0);
	gprobe_ptm_free(tables->ptm);
	ck_assert_uint_eq(gprobe_sim_maps(tables->sim), 0);
	ck_assert_uint_eq(gprobe_access_pages(tables->arbiter), 0);
	gprobe_access_free(tables->arbiter);
	gprobe_sim_free(tables->sim);
}

void tables_map(struct tables *tables, uint64_t gva, uint64_t gpa,
		uint64_t page_bytes)
{
	ck_assert_int_eq(gprobe_sim_map(tables->sim, tables->root, gva, gpa,
					page_bytes), 0);
}

static struct gprobe_context context(struct tables *tables, uint64_t gva)
{
	return (struct gprobe_context){ .gva = gva, .root = tables->root };
}

void tables_monitor(struct tables *tables, uint64_t gva)
{
	struct gprobe_context at = context(tables, gva);

	ck_assert_int_eq(gprobe_ptm_monitor(tables->ptm, tables->view, &at, 0),
			 0);
}

void tables_unmonitor(struct tables *tables, uint64_t gva)
{
	struct gprobe_context at = context(tables, gva);

	ck_assert_int_eq(gprobe_ptm_unmonitor(tables->ptm, tables->view, &at),
			 0);
}

uint64_t tables_entry(struct tables *tables, uint64_t gva, unsigned int level)
{
	uint64_t entry;

	ck_assert_int_eq(gprobe_sim_entry(tables->sim, tables->root, gva, level,
					  &entry), 0);
	return entry;
}

uint64_t tables_value(struct tables *tables, uint64_t entry)
{
	uint64_t value;

	ck_assert_int_eq(gprobe_sim_peek(tables->sim, entry, &value,
					 sizeof(value)), 0);
	return value;
}

void tables_store(struct tables *tables, uint32_t vcpu, uint64_t entry,
		  uint64_t value)
{
	struct gprobe_ptm_write write = {
		.gpa = entry, .bytes = sizeof(value), .view = tables->view,
		.vcpu = vcpu,
	};

	ck_assert_int_ge(gprobe_ptm_mark(tables->ptm, &write), 0);
	ck_assert_int_eq(gprobe_sim_poke(tables->sim, entry, &value,
					 sizeof(value)), 0);
}

void tables_process(struct tables *tables, uint32_t vcpu)
{
	ck_assert_int_eq(gprobe_ptm_process(tables->ptm, vcpu), 0);
}

void tables_write(struct tables *tables, uint64_t entry, uint64_t value)
{
	tables_store(tables, 0, entry, value);
	tables_process(tables, 0);
}

void tables_told(struct tables *tables, const char *said)
{
	ck_assert_str_eq(tables->said, said);
	tables->said[0] = '\0';
}

uint32_t tables_access(struct tables *tables, uint64_t gfn)
{
	struct gprobe_sim_page page;

	ck_assert_int_eq(gprobe_sim_page_get(tables->sim, tables->view, gfn,
					     &page), 0);
	return page.access;
}

struct gprobe_ptm_figures tables_figures(struct tables *tables)
{
	struct gprobe_ptm_figures figures;

	gprobe_ptm_figures(tables->ptm, &figures);
	return figures;
}
