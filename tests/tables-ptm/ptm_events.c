// SPDX-License-Identifier: GPL-2.0
/* The listener: order, refusal, calls from inside; and races with the guest. */
#include "tables.h"

#define FIRST	0x1000ULL

static void map_many(uint64_t nr)
{
	uint64_t i;

	for (i = 0; i < nr; i++)
		tables_map(FIRST + i * 4096, PAGE, 4096);
}

START_TEST(all_page_outs_come_before_all_page_ins)
{
	map_many(2);
	tables_monitor(FIRST);
	tables_monitor(FIRST + 4096);
	tables_store(0, tables_entry(FIRST, 1), OTHER_PAGE | PRESENT);
	tables_store(0, tables_entry(FIRST + 4096, 1), OTHER_PAGE | PRESENT);
	tables_process(0);
	tables_told("-1000=5000 -2000=5000 +1000=6000 +2000=6000");
}
END_TEST

START_TEST(a_page_out_that_is_refused_is_told_again)
{
	struct gprobe_ptm_figures figures;

	map_many(1);
	tables_monitor(FIRST);
	tables_store(0, tables_entry(FIRST, 1), OTHER_PAGE | PRESENT);
	tables.refuse_out = -EIO;
	ck_assert_int_eq(gprobe_ptm_process(tables.ptm, 0), -EIO);
	tables_told("");
	figures = tables_figures();
	ck_assert_uint_eq(figures.unfinished, 1);
	tables_process(1);
	tables_told("");
	tables_process(0);
	tables_told("-1000=5000 +1000=6000");
	ck_assert_uint_eq(tables_figures().unfinished, 0);
}
END_TEST

START_TEST(a_page_in_that_is_refused_is_told_again)
{
	map_many(1);
	tables_monitor(FIRST);
	tables_store(0, tables_entry(FIRST, 1), OTHER_PAGE | PRESENT);
	tables.refuse_in = -EIO;
	ck_assert_int_eq(gprobe_ptm_process(tables.ptm, 0), -EIO);
	tables_told("-1000=5000");
	tables_process(0);
	tables_told("-1000=5000 +1000=6000");
}
END_TEST

/* Refused, and moved on by another vCPU meanwhile: nothing in between is told. */
START_TEST(what_was_refused_is_told_in_its_final_state)
{
	uint64_t leaf;

	map_many(1);
	tables_monitor(FIRST);
	leaf = tables_entry(FIRST, 1);
	tables_store(0, leaf, OTHER_PAGE | PRESENT);
	tables.refuse_in = -EIO;
	ck_assert_int_eq(gprobe_ptm_process(tables.ptm, 0), -EIO);
	tables_told("-1000=5000");
	tables_store(1, leaf, 0x7000 | PRESENT);
	tables_process(1);
	tables_told("-1000=5000 +1000=7000");
	tables_process(0);
	tables_told("");
}
END_TEST

/* Who was told of the page-out has let it go: it did not just stay. */
START_TEST(what_was_refused_and_is_undone_is_not_told_as_again)
{
	uint64_t leaf;

	map_many(1);
	tables_monitor(FIRST);
	leaf = tables_entry(FIRST, 1);
	tables_store(0, leaf, OTHER_PAGE | PRESENT);
	tables.refuse_in = -EIO;
	ck_assert_int_eq(gprobe_ptm_process(tables.ptm, 0), -EIO);
	tables_told("-1000=5000");
	tables_store(1, leaf, PAGE | PRESENT);
	tables_process(1);
	tables_told("-1000=5000 +1000=5000");
	tables_process(0);
	tables_told("");
}
END_TEST

/* It may have let some of them go. */
START_TEST(nor_is_what_was_refused_as_a_page_out)
{
	uint64_t leaf;

	map_many(1);
	tables_monitor(FIRST);
	leaf = tables_entry(FIRST, 1);
	tables_store(0, leaf, 0);
	tables.refuse_out = -EIO;
	ck_assert_int_eq(gprobe_ptm_process(tables.ptm, 0), -EIO);
	tables_store(0, leaf, PAGE | PRESENT);
	tables_process(0);
	tables_told("-1000=5000 +1000=5000");
}
END_TEST

static int monitor_ret;

static void monitor_more(void)
{
	struct gprobe_context context = { .root = tables.root };
	uint64_t i;

	/* Enough for all that grows to move. */
	for (i = 0; i < 100; i++) {
		context.gva = GVA + i * PAGE_2M;
		monitor_ret |= gprobe_ptm_monitor(tables.ptm, tables.view,
						  &context, 0);
	}
	tables.hook = NULL;
}

START_TEST(the_listener_may_monitor)
{
	map_many(1);
	tables_monitor(FIRST);
	tables.hook = monitor_more;
	tables_write(tables_entry(FIRST, 1), OTHER_PAGE | PRESENT);
	ck_assert_int_eq(monitor_ret, 0);
	tables_told("-1000=5000 +1000=6000");
	ck_assert_uint_eq(tables_figures().addresses, 101);
}
END_TEST

static void unmonitor_first(void)
{
	struct gprobe_context context = { .gva = FIRST, .root = tables.root };

	gprobe_ptm_unmonitor_force(tables.ptm, tables.view, &context);
	tables.hook = NULL;
}

START_TEST(the_listener_may_unmonitor)
{
	map_many(2);
	tables_monitor(FIRST);
	tables_monitor(FIRST + 4096);
	tables_store(0, tables_entry(FIRST, 1), OTHER_PAGE | PRESENT);
	tables_store(0, tables_entry(FIRST + 4096, 1), OTHER_PAGE | PRESENT);
	tables.hook = unmonitor_first;
	tables_process(0);
	tables_told("-1000=5000 -2000=5000 +2000=6000");
	ck_assert_uint_eq(tables_figures().addresses, 1);
}
END_TEST

static int process_ret;

static void process_inside(void)
{
	process_ret = gprobe_ptm_process(tables.ptm, 0);
}

START_TEST(the_listener_may_not_process)
{
	map_many(1);
	tables_monitor(FIRST);
	tables.hook = process_inside;
	tables_write(tables_entry(FIRST, 1), 0);
	ck_assert_int_eq(process_ret, -EBUSY);
	tables.hook = NULL;
	tables_told("-1000=5000");
}
END_TEST

START_TEST(a_listener_may_be_deaf)
{
	struct gprobe_ptm_listener deaf = { 0 };
	struct gprobe_ptm_address address;
	struct gprobe_context context;

	map_many(1);
	context = (struct gprobe_context){ .gva = FIRST, .root = tables.root };
	tables_listen(&deaf);
	tables_monitor(FIRST);
	tables_write(tables_entry(FIRST, 1), OTHER_PAGE | PRESENT);
	ck_assert_int_eq(gprobe_ptm_find(tables.ptm, tables.view, &context,
					 &address), 0);
	ck_assert_uint_eq(address.gpa, OTHER_PAGE);
}
END_TEST

static unsigned int told_out, told_in, refuse_out, refuse_in;

static int count_out(void *arg, const struct gprobe_ptm_event *events,
		     size_t nr)
{
	(void)arg;
	ck_assert_uint_eq(told_in, 0);
	ck_assert_uint_eq(events[0].tag, 9);
	if (refuse_out && !--refuse_out)
		return -EIO;
	told_out += nr;
	return 0;
}

static int count_in(void *arg, const struct gprobe_ptm_event *events, size_t nr)
{
	(void)arg;
	(void)events;
	if (refuse_in && !--refuse_in)
		return -EIO;
	told_in += nr;
	return 0;
}

/* Their tables are rebuilt elsewhere; not processed yet. */
static void rebuild(uint64_t nr)
{
	struct gprobe_ptm_listener counts = {
		.page_out = count_out, .page_in = count_in,
	};
	struct gprobe_context context = { .root = tables.root };
	uint64_t i, copy, top;

	map_many(nr);
	tables_listen(&counts);
	for (i = 0; i < nr; i++) {
		context.gva = FIRST + i * 4096;
		ck_assert_int_eq(gprobe_ptm_monitor(tables.ptm, tables.view,
						    &context, 9), 0);
	}
	top = tables_entry(FIRST, 4);
	ck_assert_int_eq(gprobe_sim_frame_alloc(tables.sim, &copy), 0);
	memcpy(gprobe_sim_frame(tables.sim, copy),
	       gprobe_sim_frame(tables.sim, tables_value(top) / 4096), 4096);
	tables_store(0, top, copy * 4096 | PRESENT);
}

static void check_told(unsigned int out, unsigned int in)
{
	ck_assert_uint_eq(told_out, out);
	ck_assert_uint_eq(told_in, in);
	told_out = 0;
	told_in = 0;
}

START_TEST(a_change_of_thousands_is_told_whole)
{
	rebuild(3000);
	tables_process(0);
	check_told(3000, 3000);
}
END_TEST

START_TEST(a_change_of_thousands_that_is_refused_is_told_from_the_start)
{
	rebuild(3000);
	refuse_out = 5;
	ck_assert_int_eq(gprobe_ptm_process(tables.ptm, 0), -EIO);
	check_told(4 * 256, 0);
	refuse_in = 3;
	ck_assert_int_eq(gprobe_ptm_process(tables.ptm, 0), -EIO);
	check_told(3000, 2 * 256);
	/* Those that were taken are done with. */
	tables_process(0);
	check_told(3000 - 2 * 256, 3000 - 2 * 256);
}
END_TEST

/* Both as many batches as for one address. */
START_TEST(the_tables_of_one_change_go_in_one_batch)
{
	uint64_t i, top, value;

	for (i = 0; i < 8; i++) {
		tables_map(FIRST + i * PAGE_2M, PAGE, 4096);
		tables_monitor(FIRST + i * PAGE_2M);
	}
	top = tables_entry(FIRST, 4);
	value = tables_value(top);
	gprobe_sim_log_clear(tables.sim);
	tables_write(top, 0);
	ck_assert_uint_eq(gprobe_sim_calls(tables.sim, GPROBE_SIM_BATCH), 1);
	ck_assert_uint_eq(gprobe_sim_calls(tables.sim, tables.guard), 10);
	gprobe_sim_log_clear(tables.sim);
	tables_write(top, value);
	ck_assert_uint_eq(gprobe_sim_calls(tables.sim, GPROBE_SIM_BATCH),
			  tables.guard == GPROBE_CALL_WATCH ? 1 : 2);
	ck_assert_uint_eq(gprobe_sim_calls(tables.sim, tables.guard), 10);
}
END_TEST

START_TEST(a_store_just_before_the_protection_is_seen)
{
	struct gprobe_ptm_address address;
	struct gprobe_context context;
	unsigned int level;
	uint64_t copy, from;

	for (level = 1; level <= 4; level++) {
		tables_restart(NULL);
		map_many(1);
		context.gva = FIRST;
		context.root = tables.root;
		from = tables_entry(FIRST, level);
		ck_assert_int_eq(gprobe_sim_frame_alloc(tables.sim, &copy), 0);
		if (level > 1)
			memcpy(gprobe_sim_frame(tables.sim, copy),
			       gprobe_sim_frame(tables.sim,
						tables_value(from) / 4096),
			       4096);
		tables.race_entry = from;
		tables.race_value = copy * 4096 | PRESENT;
		tables_monitor(FIRST);
		ck_assert_int_eq(gprobe_ptm_find(tables.ptm, tables.view,
						 &context, &address), 0);
		ck_assert_uint_eq(address.gpa, level == 1 ? copy * 4096 : PAGE);
		ck_assert_uint_eq(tables_figures().tables, 4);
		if (level > 1)
			ck_assert_uint_eq(tables_access(copy),
					  GPROBE_ACCESS_RX);
	}
}
END_TEST

Suite *ptm_events_suite(void)
{
	return TABLES_SUITE("ptm_events", NULL,
			    all_page_outs_come_before_all_page_ins,
			    a_page_out_that_is_refused_is_told_again,
			    a_page_in_that_is_refused_is_told_again,
			    what_was_refused_is_told_in_its_final_state,
			    what_was_refused_and_is_undone_is_not_told_as_again,
			    nor_is_what_was_refused_as_a_page_out,
			    the_listener_may_monitor,
			    the_listener_may_unmonitor,
			    the_listener_may_not_process,
			    a_listener_may_be_deaf,
			    a_change_of_thousands_is_told_whole,
			    a_change_of_thousands_that_is_refused_is_told_from_the_start,
			    the_tables_of_one_change_go_in_one_batch,
			    a_store_just_before_the_protection_is_seen);
}
