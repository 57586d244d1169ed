// SPDX-License-Identifier: GPL-2.0
#include "tables.h"

#include <stdarg.h>
#include <stdio.h>

/* Far above what the slowest test needs under a sanitizer. */
#define TIMEOUT_S 120

struct tables tables;

/* Of the case that runs. */
static enum tables_kind kind;

static void say(const char *format, ...)
{
	size_t length = strlen(tables.said);
	va_list values;

	va_start(values, format);
	vsnprintf(tables.said + length, sizeof(tables.said) - length, format,
		  values);
	va_end(values);
}

static void say_all(char sign, const struct gprobe_ptm_event *events, size_t nr)
{
	const struct gprobe_paging *paging;
	size_t i;

	for (i = 0; i < nr; i++) {
		paging = &events[i].paging;
		say("%s%c%llx=%llx", tables.said[0] ? " " : "", sign,
		    (unsigned long long)paging->context.gva,
		    (unsigned long long)paging->gpa);
		if (paging->context.root != tables.root)
			say("@%llx", (unsigned long long)paging->context.root);
		if (paging->view != tables.view)
			say("/%u", paging->view);
		if (events[i].again)
			say("!");
	}
}

static int answer(int *refuse)
{
	int ret = *refuse;

	*refuse = 0;
	if (tables.hook)
		tables.hook();
	return ret;
}

static int page_out(void *arg, const struct gprobe_ptm_event *events, size_t nr)
{
	(void)arg;
	if (!tables.refuse_out)
		say_all('-', events, nr);
	return answer(&tables.refuse_out);
}

static int page_in(void *arg, const struct gprobe_ptm_event *events, size_t nr)
{
	(void)arg;
	if (!tables.refuse_in)
		say_all('+', events, nr);
	return answer(&tables.refuse_in);
}

static int call(void *arg, struct gprobe_call *calls, size_t nr)
{
	if (tables.race_entry && calls[0].kind == tables.guard)
		gprobe_sim_poke(tables.sim, tables.race_entry,
				&tables.race_value, 8);
	return gprobe_sim_driver(tables.sim).ops->call(arg, calls, nr);
}

uint32_t tables_features(enum tables_kind of)
{
	return GPROBE_DRIVER_SHADOWS | GPROBE_DRIVER_VIEWS |
	       (of == TABLES_WATCHED ? GPROBE_DRIVER_WATCHES : 0);
}

void tables_listen(const struct gprobe_ptm_listener *listener)
{
	gprobe_ptm_free(tables.ptm);
	unit_assert(!gprobe_ptm_new(&tables.driver, tables.arbiter, listener,
				    &tables.ptm));
}

static void begin_with(struct gprobe_sim_config config)
{
	struct gprobe_ptm_listener listener = {
		.page_out = page_out, .page_in = page_in,
	};

	memset(&tables, 0, sizeof(tables));
	config.features = tables_features(kind);
	unit_assert(!gprobe_sim_new(&config, &tables.sim));
	tables.guard = kind == TABLES_WATCHED ? GPROBE_CALL_WATCH :
						GPROBE_CALL_ACCESS_SET;
	tables.driver = gprobe_sim_driver(tables.sim);
	tables.ops = *tables.driver.ops;
	tables.ops.call = call;
	tables.driver.ops = &tables.ops;
	unit_assert(!gprobe_access_new(&tables.driver, &tables.arbiter));
	tables_listen(&listener);
	unit_assert(!gprobe_sim_view_new(tables.sim, &tables.view));
	unit_assert(!gprobe_sim_root_new(tables.sim, &tables.root));
	gprobe_sim_log_clear(tables.sim);
}

static void begin(void)
{
	struct gprobe_sim_config config = { .vcpus = 4, .log_max = 4096 };

	begin_with(config);
}

static void begin_protected(void)
{
	kind = TABLES_PROTECTED;
	begin();
}

static void begin_watched(void)
{
	kind = TABLES_WATCHED;
	begin();
}

static void end(void)
{
	struct gprobe_ptm_figures figures;

	ck_assert_int_eq(gprobe_ptm_unmonitor_all(tables.ptm), 0);
	gprobe_ptm_figures(tables.ptm, &figures);
	ck_assert_uint_eq(figures.addresses + figures.tables + figures.entries +
			  figures.marks + figures.unfinished +
			  figures.unsettled + figures.paged_in, 0);
	gprobe_ptm_free(tables.ptm);
	ck_assert_uint_eq(gprobe_sim_maps(tables.sim), 0);
	ck_assert_uint_eq(gprobe_access_pages(tables.arbiter), 0);
	ck_assert_uint_eq(gprobe_sim_watches(tables.sim), 0);
	gprobe_access_free(tables.arbiter);
	gprobe_sim_free(tables.sim);
}

void tables_restart(const struct gprobe_sim_config *config)
{
	end();
	if (config)
		begin_with(*config);
	else
		begin();
}

const struct tables_fixture tables_watched = { begin_watched, end, NULL };

void tables_case(Suite *suite, const char *name,
		 const struct tables_fixture *fixture,
		 const TTest *const *tests)
{
	TCase *tcase = tcase_create(name);

	tcase_set_timeout(tcase, TIMEOUT_S);
	tcase_add_checked_fixture(tcase, fixture->begin, fixture->end);
	if (fixture->setup)
		tcase_add_checked_fixture(tcase, fixture->setup, NULL);
	for (; *tests; tests++)
		tcase_add_test(tcase, *tests);
	suite_add_tcase(suite, tcase);
}

Suite *tables_suite(const char *name, void (*setup)(void),
		    const TTest *const *tests)
{
	const struct tables_fixture fixtures[] = {
		{ begin_protected, end, setup },
		{ begin_watched, end, setup },
	};
	Suite *suite = suite_create(name);

	tables_case(suite, name, &fixtures[0], tests);
	tables_case(suite, "watched", &fixtures[1], tests);
	return suite;
}

void tables_map(uint64_t gva, uint64_t gpa, uint64_t page_bytes)
{
	ck_assert_int_eq(gprobe_sim_map(tables.sim, tables.root, gva, gpa,
					page_bytes), 0);
}

static struct gprobe_context context(uint64_t gva)
{
	return (struct gprobe_context){ .gva = gva, .root = tables.root };
}

void tables_monitor(uint64_t gva)
{
	struct gprobe_context at = context(gva);

	ck_assert_int_eq(gprobe_ptm_monitor(tables.ptm, tables.view, &at, 0),
			 0);
}

void tables_unmonitor(uint64_t gva)
{
	struct gprobe_context at = context(gva);

	ck_assert_int_eq(gprobe_ptm_unmonitor(tables.ptm, tables.view, &at), 0);
}

uint64_t tables_entry(uint64_t gva, unsigned int level)
{
	uint64_t entry;

	ck_assert_int_eq(gprobe_sim_entry(tables.sim, tables.root, gva, level,
					  &entry), 0);
	return entry;
}

uint64_t tables_value(uint64_t entry)
{
	uint64_t value;

	ck_assert_int_eq(gprobe_sim_peek(tables.sim, entry, &value,
					 sizeof(value)), 0);
	return value;
}

void tables_store(uint32_t vcpu, uint64_t entry, uint64_t value)
{
	struct gprobe_ptm_write write = {
		.gpa = entry, .bytes = sizeof(value), .view = tables.view,
		.vcpu = vcpu,
	};

	ck_assert_int_ge(gprobe_ptm_mark(tables.ptm, &write), 0);
	ck_assert_int_eq(gprobe_sim_poke(tables.sim, entry, &value,
					 sizeof(value)), 0);
}

void tables_process(uint32_t vcpu)
{
	ck_assert_int_eq(gprobe_ptm_process(tables.ptm, vcpu), 0);
}

void tables_write(uint64_t entry, uint64_t value)
{
	tables_store(0, entry, value);
	tables_process(0);
}

void tables_told(const char *said)
{
	ck_assert_str_eq(tables.said, said);
	tables.said[0] = '\0';
}

uint32_t tables_access(uint64_t gfn)
{
	struct gprobe_sim_page page;

	ck_assert_int_eq(gprobe_sim_page_get(tables.sim, tables.view, gfn,
					     &page), 0);
	return page.access;
}

struct gprobe_ptm_figures tables_figures(void)
{
	struct gprobe_ptm_figures figures;

	gprobe_ptm_figures(tables.ptm, &figures);
	return figures;
}
