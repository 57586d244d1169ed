// SPDX-License-Identifier: GPL-2.0
/* The listener: order, refusal, calls from inside; and races with the guest. */
#include "tables.h"

#define FIRST	0x1000ULL

static void map_many(struct tables *tables, uint64_t nr)
{
	uint64_t i;

	for (i = 0; i < nr; i++)
		tables_map(tables, FIRST + i * 4096, PAGE, 4096);
}

START_TEST(all_page_outs_come_before_all_page_ins)
{
	struct tables tables;

	tables_begin(&tables);
	map_many(&tables, 2);
	tables_monitor(&tables, FIRST);
	tables_monitor(&tables, FIRST + 4096);
	tables_store(&tables, 0, tables_entry(&tables, FIRST, 1),
		     OTHER_PAGE | PRESENT);
	tables_store(&tables, 0, tables_entry(&tables, FIRST + 4096, 1),
		     OTHER_PAGE | PRESENT);
	tables_process(&tables, 0);
	tables_told(&tables, "-1000=5000 -2000=5000 +1000=6000 +2000=6000");
	tables_end(&tables);
}
END_TEST

START_TEST(a_page_out_that_is_refused_is_told_again)
{
	struct gprobe_ptm_figures figures;
	struct tables tables;

	tables_begin(&tables);
	map_many(&tables, 1);
	tables_monitor(&tables, FIRST);
	tables_store(&tables, 0, tables_entry(&tables, FIRST, 1),
		     OTHER_PAGE | PRESENT);
	tables.refuse_out = -EIO;
	ck_assert_int_eq(gprobe_ptm_process(tables.ptm, 0), -EIO);
	tables_told(&tables, "");
	figures = tables_figures(&tables);
	ck_assert_uint_eq(figures.unfinished, 1);
	tables_process(&tables, 1);
	tables_told(&tables, "");
	tables_process(&tables, 0);
	tables_told(&tables, "-1000=5000 +1000=6000");
	ck_assert_uint_eq(tables_figures(&tables).unfinished, 0);
	tables_end(&tables);
}
END_TEST

START_TEST(a_page_in_that_is_refused_is_told_again)
{
	struct tables tables;

	tables_begin(&tables);
	map_many(&tables, 1);
	tables_monitor(&tables, FIRST);
	tables_store(&tables, 0, tables_entry(&tables, FIRST, 1),
		     OTHER_PAGE | PRESENT);
	tables.refuse_in = -EIO;
	ck_assert_int_eq(gprobe_ptm_process(tables.ptm, 0), -EIO);
	tables_told(&tables, "-1000=5000");
	tables_process(&tables, 0);
	tables_told(&tables, "-1000=5000 +1000=6000");
	tables_end(&tables);
}
END_TEST

/* Refused, and moved on by another vCPU meanwhile: nothing in between is told. */
START_TEST(what_was_refused_is_told_in_its_final_state)
{
	struct tables tables;
	uint64_t leaf;

	tables_begin(&tables);
	map_many(&tables, 1);
	tables_monitor(&tables, FIRST);
	leaf = tables_entry(&tables, FIRST, 1);
	tables_store(&tables, 0, leaf, OTHER_PAGE | PRESENT);
	tables.refuse_in = -EIO;
	ck_assert_int_eq(gprobe_ptm_process(tables.ptm, 0), -EIO);
	tables_told(&tables, "-1000=5000");
	tables_store(&tables, 1, leaf, 0x7000 | PRESENT);
	tables_process(&tables, 1);
	tables_told(&tables, "-1000=5000 +1000=7000");
	tables_process(&tables, 0);
	tables_told(&tables, "");
	tables_end(&tables);
}
END_TEST

static int monitor_ret;

static void monitor_more(struct tables *tables)
{
	struct gprobe_context context = { .root = tables->root };
	uint64_t i;

	/* Enough for all that grows to move. */
	for (i = 0; i < 100; i++) {
		context.gva = GVA + i * PAGE_2M;
		monitor_ret |= gprobe_ptm_monitor(tables->ptm, tables->view,
						  &context, 0);
	}
	tables->hook = NULL;
}

START_TEST(the_listener_may_monitor)
{
	struct tables tables;

	tables_begin(&tables);
	map_many(&tables, 1);
	tables_monitor(&tables, FIRST);
	tables.hook = monitor_more;
	tables_write(&tables, tables_entry(&tables, FIRST, 1),
		     OTHER_PAGE | PRESENT);
	ck_assert_int_eq(monitor_ret, 0);
	tables_told(&tables, "-1000=5000 +1000=6000");
	ck_assert_uint_eq(tables_figures(&tables).addresses, 101);
	tables_end(&tables);
}
END_TEST

static void unmonitor_first(struct tables *tables)
{
	struct gprobe_context context = { .gva = FIRST, .root = tables->root };

	gprobe_ptm_unmonitor_force(tables->ptm, tables->view, &context);
	tables->hook = NULL;
}

START_TEST(the_listener_may_unmonitor)
{
	struct tables tables;

	tables_begin(&tables);
	map_many(&tables, 2);
	tables_monitor(&tables, FIRST);
	tables_monitor(&tables, FIRST + 4096);
	tables_store(&tables, 0, tables_entry(&tables, FIRST, 1),
		     OTHER_PAGE | PRESENT);
	tables_store(&tables, 0, tables_entry(&tables, FIRST + 4096, 1),
		     OTHER_PAGE | PRESENT);
	tables.hook = unmonitor_first;
	tables_process(&tables, 0);
	tables_told(&tables, "-1000=5000 -2000=5000 +2000=6000");
	ck_assert_uint_eq(tables_figures(&tables).addresses, 1);
	tables_end(&tables);
}
END_TEST

static int process_ret;

static void process_inside(struct tables *tables)
{
	process_ret = gprobe_ptm_process(tables->ptm, 0);
}

START_TEST(the_listener_may_not_process)
{
	struct tables tables;

	tables_begin(&tables);
	map_many(&tables, 1);
	tables_monitor(&tables, FIRST);
	tables.hook = process_inside;
	tables_write(&tables, tables_entry(&tables, FIRST, 1), 0);
	ck_assert_int_eq(process_ret, -EBUSY);
	tables.hook = NULL;
	tables_told(&tables, "-1000=5000");
	tables_end(&tables);
}
END_TEST

START_TEST(a_listener_may_be_deaf)
{
	struct gprobe_ptm_listener deaf = { 0 };
	struct gprobe_ptm_address address;
	struct gprobe_context context;
	struct gprobe_ptm *ptm, *kept;
	struct tables tables;

	tables_begin(&tables);
	map_many(&tables, 1);
	context = (struct gprobe_context){ .gva = FIRST, .root = tables.root };
	ck_assert_int_eq(gprobe_ptm_new(&tables.driver, tables.arbiter, &deaf,
					&ptm), 0);
	kept = tables.ptm;
	tables.ptm = ptm;
	tables_monitor(&tables, FIRST);
	tables_write(&tables, tables_entry(&tables, FIRST, 1),
		     OTHER_PAGE | PRESENT);
	ck_assert_int_eq(gprobe_ptm_find(ptm, tables.view, &context, &address),
			 0);
	ck_assert_uint_eq(address.gpa, OTHER_PAGE);
	gprobe_ptm_free(ptm);
	tables.ptm = kept;
	tables_end(&tables);
}
END_TEST

static unsigned int told_out, told_in;

static int count_out(void *arg, const struct gprobe_ptm_event *events,
		     size_t nr)
{
	(void)arg;
	ck_assert_uint_eq(told_in, 0);
	ck_assert_uint_eq(events[0].tag, 9);
	told_out += nr;
	return 0;
}

static int count_in(void *arg, const struct gprobe_ptm_event *events, size_t nr)
{
	(void)arg;
	(void)events;
	ck_assert_uint_eq(told_out, 3000);
	told_in += nr;
	return 0;
}

START_TEST(a_change_of_thousands_is_told_whole)
{
	struct gprobe_ptm_listener counts = {
		.page_out = count_out, .page_in = count_in,
	};
	struct gprobe_context context = { 0 };
	struct gprobe_ptm *ptm, *kept;
	struct tables tables;
	uint64_t i, copy, top;

	tables_begin(&tables);
	map_many(&tables, 3000);
	ck_assert_int_eq(gprobe_ptm_new(&tables.driver, tables.arbiter, &counts,
					&ptm), 0);
	kept = tables.ptm;
	tables.ptm = ptm;
	context.root = tables.root;
	for (i = 0; i < 3000; i++) {
		context.gva = FIRST + i * 4096;
		ck_assert_int_eq(gprobe_ptm_monitor(ptm, tables.view, &context,
						    9), 0);
	}
	top = tables_entry(&tables, FIRST, 4);
	ck_assert_int_eq(gprobe_sim_frame_alloc(tables.sim, &copy), 0);
	memcpy(gprobe_sim_frame(tables.sim, copy),
	       gprobe_sim_frame(tables.sim,
				tables_value(&tables, top) / 4096), 4096);
	tables_write(&tables, top, copy * 4096 | PRESENT);
	ck_assert_uint_eq(told_out, 3000);
	ck_assert_uint_eq(told_in, 3000);
	gprobe_ptm_free(ptm);
	tables.ptm = kept;
	tables_end(&tables);
}
END_TEST

/*
 * A driver whose guest stores an entry just before it is protected: after it
 * was read, before any event could tell.
 */
static struct {
	struct gprobe_driver driver;
	struct gprobe_driver_ops ops;
	uint64_t entry, value;
	struct gprobe_sim *sim;
} race;

static int racing_call(void *arg, struct gprobe_call *calls, size_t nr)
{
	if (race.entry && calls[0].kind == GPROBE_CALL_ACCESS_SET)
		gprobe_sim_poke(race.sim, race.entry, &race.value, 8);
	return race.driver.ops->call(arg, calls, nr);
}

static void begin_race(struct tables *tables, uint64_t entry, uint64_t value)
{
	struct gprobe_ptm_listener listener = { 0 };

	race.driver = tables->driver;
	race.ops = *tables->driver.ops;
	race.ops.call = racing_call;
	race.sim = tables->sim;
	race.entry = entry;
	race.value = value;
	gprobe_ptm_free(tables->ptm);
	gprobe_access_free(tables->arbiter);
	tables->driver.ops = &race.ops;
	ck_assert_int_eq(gprobe_access_new(&tables->driver, &tables->arbiter),
			 0);
	ck_assert_int_eq(gprobe_ptm_new(&tables->driver, tables->arbiter,
					&listener, &tables->ptm), 0);
}

START_TEST(a_store_just_before_the_protection_is_seen)
{
	struct gprobe_ptm_address address;
	struct gprobe_context context;
	struct tables tables;
	unsigned int level;
	uint64_t copy, from;

	for (level = 1; level <= 4; level++) {
		tables_begin(&tables);
		map_many(&tables, 1);
		context.gva = FIRST;
		context.root = tables.root;
		from = tables_entry(&tables, FIRST, level);
		ck_assert_int_eq(gprobe_sim_frame_alloc(tables.sim, &copy), 0);
		if (level > 1)
			memcpy(gprobe_sim_frame(tables.sim, copy),
			       gprobe_sim_frame(tables.sim,
						tables_value(&tables, from) /
						4096), 4096);
		begin_race(&tables, from, copy * 4096 | PRESENT);
		tables_monitor(&tables, FIRST);
		race.entry = 0;
		ck_assert_int_eq(gprobe_ptm_find(tables.ptm, tables.view,
						 &context, &address), 0);
		ck_assert_uint_eq(address.gpa,
				  level == 1 ? copy * 4096 : PAGE);
		ck_assert_uint_eq(tables_figures(&tables).tables, 4);
		if (level > 1)
			ck_assert_uint_eq(tables_access(&tables, copy),
					  GPROBE_ACCESS_RX);
		tables_end(&tables);
	}
}
END_TEST

Suite *ptm_events_suite(void)
{
	return UNIT_SUITE("ptm_events",
			  all_page_outs_come_before_all_page_ins,
			  a_page_out_that_is_refused_is_told_again,
			  a_page_in_that_is_refused_is_told_again,
			  what_was_refused_is_told_in_its_final_state,
			  the_listener_may_monitor,
			  the_listener_may_unmonitor,
			  the_listener_may_not_process,
			  a_listener_may_be_deaf,
			  a_change_of_thousands_is_told_whole,
			  a_store_just_before_the_protection_is_seen);
}
