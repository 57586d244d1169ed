// SPDX-License-Identifier: GPL-2.0
/*
 * A driver that watches entries: it is told which before they are read, and no
 * store to any other one wakes anybody.
 */
#include "tables.h"

/* In the same leaf table. */
#define NEXT	(GVA + 4096)
#define THIRD	(GVA + 8192)

static struct gprobe_context at(uint64_t gva)
{
	return (struct gprobe_context){ .gva = gva, .root = tables.root };
}

static void map_three(void)
{
	tables_map(GVA, PAGE, 4096);
	tables_map(NEXT, PAGE, 4096);
	tables_map(THIRD, PAGE, 4096);
}

static bool is_watched(uint64_t gva)
{
	return gprobe_sim_is_watched(tables.sim, tables.view,
				     tables_entry(gva, 1));
}

static uint64_t gpa_of(uint64_t gva)
{
	struct gprobe_context context = at(gva);
	struct gprobe_ptm_address address;

	ck_assert_int_eq(gprobe_ptm_find(tables.ptm, tables.view, &context,
					 &address), 0);
	return address.gpa;
}

static int try_monitor(uint64_t gva)
{
	struct gprobe_context context = at(gva);

	return gprobe_ptm_monitor(tables.ptm, tables.view, &context, 0);
}

static int try_unmonitor(uint64_t gva)
{
	struct gprobe_context context = at(gva);

	return gprobe_ptm_unmonitor(tables.ptm, tables.view, &context);
}

/* A vCPU stores, as the driver's guest. Is anybody told? */
static bool is_told(uint64_t entry)
{
	struct gprobe_sim_insn insn = {
		.op = GPROBE_SIM_STORE, .bytes = 8, .gva = entry,
	};
	struct gprobe_event event;

	gprobe_sim_vcpu_set_view(tables.sim, 0, tables.view);
	ck_assert_int_eq(gprobe_sim_vcpu_load(tables.sim, 0, 0, &insn, 1), 0);
	gprobe_sim_run(tables.sim);
	if (gprobe_sim_event_next(tables.sim, &event))
		return false;
	gprobe_sim_event_answer(tables.sim, 0, GPROBE_SIM_EMULATE);
	return true;
}

START_TEST(a_store_to_an_unwatched_entry_wakes_nobody)
{
	unsigned int level;
	uint64_t entry;

	map_three();
	tables_monitor(GVA);
	for (level = 4; level; level--) {
		entry = tables_entry(GVA, level);
		ck_assert(!is_told(entry + 8));
		ck_assert(!is_told(entry - 8));
	}
	ck_assert(is_told(tables_entry(GVA, 1)));
}
END_TEST

START_TEST(the_entries_of_one_address_are_watched_no_others)
{
	const struct gprobe_sim_logged *log;
	size_t nr, i;

	map_three();
	tables_monitor(GVA);
	ck_assert_uint_eq(gprobe_sim_watches(tables.sim), 4);
	ck_assert_uint_eq(gprobe_sim_calls(tables.sim, GPROBE_CALL_WATCH), 4);
	log = gprobe_sim_log(tables.sim, &nr);
	for (i = 0; i < nr; i++)
		if (log[i].kind == GPROBE_CALL_WATCH)
			ck_assert_uint_eq(log[i].offset, 1);
	ck_assert_uint_eq(gprobe_access_pages(tables.arbiter), 0);
}
END_TEST

START_TEST(another_address_in_the_table_extends_what_is_watched)
{
	map_three();
	tables_monitor(GVA);
	ck_assert(!is_watched(NEXT));
	gprobe_sim_log_clear(tables.sim);
	tables_monitor(NEXT);
	ck_assert(is_watched(GVA) && is_watched(NEXT));
	ck_assert_uint_eq(gprobe_sim_calls(tables.sim, GPROBE_SIM_BATCH), 1);
	ck_assert_uint_eq(gprobe_sim_calls(tables.sim, GPROBE_CALL_WATCH), 1);
	ck_assert_uint_eq(gprobe_sim_calls(tables.sim, GPROBE_SIM_FRAME_GET),
			  0);
}
END_TEST

/* The second entry is read first; then it changes; then it is watched. */
START_TEST(a_store_between_the_read_and_the_watch_is_not_missed)
{
	map_three();
	tables_monitor(GVA);
	tables.race_entry = tables_entry(NEXT, 1);
	tables.race_value = OTHER_PAGE | PRESENT;
	tables_monitor(NEXT);
	tables_told("");
	ck_assert_uint_eq(gpa_of(NEXT), OTHER_PAGE + 0x234);
	ck_assert_uint_eq(gpa_of(GVA), PAGE + 0x234);
}
END_TEST

/* It leads to another table by then, which is watched in turn. */
START_TEST(nor_is_one_higher_up)
{
	uint64_t copy, entry;

	tables_map(GVA, PAGE, 4096);
	tables_map(GVA + PAGE_2M, PAGE, 4096);
	tables_monitor(GVA);
	entry = tables_entry(GVA + PAGE_2M, 2);
	ck_assert_int_eq(gprobe_sim_frame_alloc(tables.sim, &copy), 0);
	tables.race_entry = entry;
	tables.race_value = copy * 4096 | PRESENT;
	tables_monitor(GVA + PAGE_2M);
	ck_assert_uint_eq(gpa_of(GVA + PAGE_2M), GPROBE_PTM_NO_GPA);
	tables.race_entry = 0;
	tables_write(tables_entry(GVA + PAGE_2M, 1), OTHER_PAGE | PRESENT);
	tables_told("+40080801234=6234");
	ck_assert_uint_eq(tables_figures().tables, 5);
}
END_TEST

/* The first one's store is done, and not yet processed. */
START_TEST(an_extension_does_not_take_a_change_from_its_vcpu)
{
	map_three();
	tables_monitor(GVA);
	tables_store(1, tables_entry(GVA, 1), OTHER_PAGE | PRESENT);
	tables_monitor(NEXT);
	tables_told("");
	ck_assert_uint_eq(gpa_of(GVA), PAGE + 0x234);
	tables_process(1);
	tables_told("-40080601234=5234 +40080601234=6234");
}
END_TEST

START_TEST(an_extension_that_fails_leaves_the_first_address_followed)
{
	map_three();
	tables_monitor(GVA);
	gprobe_sim_fault(tables.sim, GPROBE_CALL_WATCH, 1, -EIO);
	ck_assert_int_eq(try_monitor(NEXT), -EIO);
	ck_assert(is_watched(GVA) && !is_watched(NEXT));
	ck_assert_uint_eq(tables_figures().entries, 4);
	ck_assert_uint_eq(tables_figures().unsettled, 0);
	tables_write(tables_entry(GVA, 1), OTHER_PAGE | PRESENT);
	tables_told("-40080601234=5234 +40080601234=6234");
	tables_monitor(NEXT);
	tables_write(tables_entry(NEXT, 1), 0);
	tables_told("-40080602234=5234");
}
END_TEST

/* An address moves into the table of another one. */
START_TEST(an_extension_that_fails_keeps_the_change)
{
	uint64_t entry, moved = GVA + PAGE_2M;

	map_three();
	tables_map(moved + 4096, OTHER_PAGE, 4096);
	tables_monitor(GVA);
	tables_monitor(moved + 4096);
	entry = tables_entry(moved, 2);
	tables_store(0, entry, tables_value(tables_entry(GVA, 2)));
	gprobe_sim_fault(tables.sim, GPROBE_CALL_WATCH, 1, -EIO);
	ck_assert_int_eq(gprobe_ptm_process(tables.ptm, 0), -EIO);
	tables_told("");
	ck_assert_uint_eq(tables_figures().unfinished, 1);
	tables_store(1, tables_entry(GVA, 1), 0);
	tables_process(1);
	tables_told("-40080601234=5234");
	tables_process(0);
	tables_told("-40080802234=6234 +40080802234=5234");
}
END_TEST

START_TEST(what_nobody_needs_stays_watched_until_the_next_extension)
{
	map_three();
	tables_monitor(GVA);
	tables_monitor(NEXT);
	gprobe_sim_log_clear(tables.sim);
	tables_unmonitor(NEXT);
	ck_assert(is_watched(NEXT));
	tables_monitor(NEXT);
	ck_assert_uint_eq(gprobe_sim_calls(tables.sim, GPROBE_SIM_ANY), 0);
	tables_unmonitor(NEXT);
	tables_monitor(THIRD);
	ck_assert(is_watched(GVA) && !is_watched(NEXT) && is_watched(THIRD));
	/* It is as new as one that never was. */
	tables.race_entry = tables_entry(NEXT, 1);
	tables.race_value = OTHER_PAGE | PRESENT;
	tables_monitor(NEXT);
	ck_assert_uint_eq(gpa_of(NEXT), OTHER_PAGE + 0x234);
}
END_TEST

START_TEST(an_entry_that_is_still_watched_is_read_anew)
{
	uint64_t entry;

	map_three();
	tables_monitor(GVA);
	tables_monitor(NEXT);
	entry = tables_entry(NEXT, 1);
	tables_unmonitor(NEXT);
	tables_write(entry, OTHER_PAGE | PRESENT);
	tables_monitor(NEXT);
	ck_assert_uint_eq(gpa_of(NEXT), OTHER_PAGE + 0x234);
	tables_write(entry, 0);
	tables_told("-40080602234=6234");
}
END_TEST

/* Two of four tables are watched when the third fails, and stay so for now. */
START_TEST(what_a_failed_monitor_leaves_watched_is_let_go_later)
{
	map_three();
	gprobe_sim_fault(tables.sim, GPROBE_CALL_WATCH, 3, -EIO);
	gprobe_sim_fault(tables.sim, GPROBE_SIM_BATCH, 2, -EAGAIN);
	ck_assert_int_eq(try_monitor(GVA), -EIO);
	ck_assert_uint_eq(gprobe_sim_watches(tables.sim), 2);
	ck_assert_uint_eq(tables_figures().tables, 0);
	ck_assert_uint_eq(tables_figures().unsettled, 2);
	ck_assert_uint_eq(gprobe_sim_maps(tables.sim), 2);
	ck_assert_int_eq(try_unmonitor(GVA), 0);
	ck_assert_uint_eq(gprobe_sim_watches(tables.sim), 0);
	ck_assert_uint_eq(gprobe_sim_maps(tables.sim), 0);
}
END_TEST

START_TEST(what_cannot_be_let_go_of_is_later)
{
	map_three();
	tables_monitor(GVA);
	gprobe_sim_fault(tables.sim, GPROBE_CALL_WATCH, 2, -EIO);
	ck_assert_int_eq(try_unmonitor(GVA), -EIO);
	ck_assert_uint_eq(gprobe_sim_watches(tables.sim), 3);
	ck_assert_uint_eq(tables_figures().unsettled, 3);
	ck_assert_int_eq(gprobe_ptm_unmonitor_all(tables.ptm), 0);
	ck_assert_uint_eq(gprobe_sim_watches(tables.sim), 0);
}
END_TEST

START_TEST(what_is_gone_is_let_go)
{
	static const int gone[] = { -ENOENT, -ENXIO, -ESHUTDOWN };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(gone); i++) {
		tables_restart(NULL);
		map_three();
		tables_monitor(GVA);
		gprobe_sim_fault(tables.sim, GPROBE_CALL_WATCH, 2, gone[i]);
		ck_assert_int_eq(try_unmonitor(GVA), 0);
		/* The one that the driver would not know any more. */
		ck_assert_uint_eq(gprobe_sim_watches(tables.sim), 1);
		ck_assert_uint_eq(tables_figures().unsettled, 0);
		tables_monitor(GVA);
	}
}
END_TEST

/* Its frame is given back, and what leads to it stays: it maps nothing new. */
START_TEST(a_table_that_the_guest_gave_back_is_not_extended)
{
	uint64_t entry, leaf;

	map_three();
	tables_map(GVA + PAGE_2M, OTHER_PAGE, 4096);
	tables_monitor(GVA);
	tables_monitor(GVA + PAGE_2M);
	leaf = tables_entry(GVA, 1) / 4096;
	entry = tables_entry(GVA + PAGE_2M, 2);
	ck_assert_int_eq(gprobe_sim_frame_drop(tables.sim, leaf), 0);
	tables_monitor(NEXT);
	ck_assert_uint_eq(gpa_of(NEXT), GPROBE_PTM_NO_GPA);
	ck_assert_uint_eq(gpa_of(GVA), PAGE + 0x234);
	tables_write(entry, leaf * 4096 | PRESENT);
	tables_told("-40080801234=6234 +40080801234=5234");
	tables_monitor(NEXT + PAGE_2M);
	ck_assert_uint_eq(tables_figures().unfinished, 0);
	ck_assert_uint_eq(tables_figures().entries, 5);
}
END_TEST

/* Got as a frame, and gone when it is to be watched. */
START_TEST(a_table_that_goes_meanwhile_maps_nothing)
{
	unsigned int nth;

	for (nth = 1; nth <= 4; nth++) {
		tables_restart(NULL);
		map_three();
		gprobe_sim_fault(tables.sim, GPROBE_CALL_WATCH, nth, -ENXIO);
		/* The root comes last, and without it there is nothing. */
		ck_assert_int_eq(try_monitor(GVA), nth == 4 ? -ENXIO : 0);
		ck_assert_uint_eq(tables_figures().tables,
				  nth == 4 ? 0 : 4 - nth);
		if (nth == 4)
			continue;
		ck_assert_uint_eq(gpa_of(GVA), GPROBE_PTM_NO_GPA);
		ck_assert(is_told(tables_entry(GVA, 4)));
	}
}
END_TEST

START_TEST(one_monitor_of_an_arbiter_has_entries_watched)
{
	struct gprobe_ptm_listener listener = { 0 };
	struct gprobe_context context = at(GVA);
	struct gprobe_ptm *other, *third;

	map_three();
	tables_monitor(GVA);
	ck_assert_int_eq(gprobe_ptm_new(&tables.driver, tables.arbiter,
					&listener, &other), 0);
	context.gva = NEXT;
	ck_assert_int_eq(gprobe_ptm_monitor(other, tables.view, &context, 0),
			 0);
	ck_assert(is_watched(GVA) && !is_watched(NEXT));
	ck_assert(is_told(tables_entry(NEXT, 1)));
	gprobe_ptm_free(other);
	ck_assert(!is_told(tables_entry(NEXT, 1)));
	ck_assert(is_watched(GVA));
	gprobe_ptm_free(tables.ptm);
	ck_assert_int_eq(gprobe_ptm_new(&tables.driver, tables.arbiter,
					&listener, &third), 0);
	ck_assert_int_eq(gprobe_ptm_monitor(third, tables.view, &context, 0),
			 0);
	ck_assert(is_watched(NEXT));
	tables.ptm = third;
}
END_TEST

Suite *ptm_watched_suite(void)
{
	const TTest *const tests[] = {
		a_store_to_an_unwatched_entry_wakes_nobody,
		the_entries_of_one_address_are_watched_no_others,
		another_address_in_the_table_extends_what_is_watched,
		a_store_between_the_read_and_the_watch_is_not_missed,
		nor_is_one_higher_up,
		an_extension_does_not_take_a_change_from_its_vcpu,
		an_extension_that_fails_leaves_the_first_address_followed,
		an_extension_that_fails_keeps_the_change,
		what_nobody_needs_stays_watched_until_the_next_extension,
		an_entry_that_is_still_watched_is_read_anew,
		what_a_failed_monitor_leaves_watched_is_let_go_later,
		what_cannot_be_let_go_of_is_later,
		what_is_gone_is_let_go,
		a_table_that_the_guest_gave_back_is_not_extended,
		a_table_that_goes_meanwhile_maps_nothing,
		one_monitor_of_an_arbiter_has_entries_watched,
		NULL
	};
	Suite *suite = suite_create("ptm_watched");

	tables_case(suite, "ptm_watched", &tables_watched, tests);
	return suite;
}
