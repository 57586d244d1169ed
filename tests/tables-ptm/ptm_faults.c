// SPDX-License-Identifier: GPL-2.0
/*
 * The n-th call of the driver fails, for all n; so does the n-th allocation.
 * What failed is as before, or the same call repeated completes it.
 */
#include "tables.h"

#include "alloc.h"

/* Far more allocations than the scenario has. */
#define MOST	1000u

static struct gprobe_context at(struct tables *tables, uint64_t gva)
{
	return (struct gprobe_context){ .gva = gva, .root = tables->root };
}

/* What a failed monitor() must leave as it is. */
struct state {
	struct gprobe_ptm_figures figures;
	uint64_t maps, pages;
	uint32_t access[64];
};

static void see(struct tables *tables, struct state *state)
{
	uint64_t i, top = tables->root / 4096;

	memset(state, 0, sizeof(*state));
	state->figures = tables_figures(tables);
	state->figures.bytes = 0;
	state->maps = gprobe_sim_maps(tables->sim);
	state->pages = gprobe_access_pages(tables->arbiter);
	for (i = 0; i < ARRAY_SIZE(state->access); i++)
		state->access[i] = tables_access(tables, top - i);
}

static void disarm(struct tables *tables)
{
	gprobe_sim_fault(tables->sim, GPROBE_SIM_ANY, 0, 0);
	alloc_fault(0);
}

static int try_monitor(struct tables *tables, uint64_t gva)
{
	struct gprobe_context context = at(tables, gva);
	int ret;

	alloc_resume();
	ret = gprobe_ptm_monitor(tables->ptm, tables->view, &context, 0);
	alloc_pause();
	return ret;
}

static void monitor(struct tables *tables, uint64_t gva, bool *failed)
{
	struct state before, after;

	see(tables, &before);
	if (!try_monitor(tables, gva))
		return;
	disarm(tables);
	*failed = true;
	see(tables, &after);
	ck_assert_mem_eq(&before, &after, sizeof(before));
	tables_monitor(tables, gva);
}

static int try_unmonitor(struct tables *tables, uint64_t gva)
{
	struct gprobe_context context = at(tables, gva);
	int ret;

	alloc_resume();
	ret = gprobe_ptm_unmonitor(tables->ptm, tables->view, &context);
	alloc_pause();
	return ret;
}

static void unmonitor(struct tables *tables, uint64_t gva, bool *failed)
{
	if (!try_unmonitor(tables, gva))
		return;
	disarm(tables);
	*failed = true;
	ck_assert_uint_gt(tables_figures(tables).unsettled, 0);
	tables_unmonitor(tables, gva);
	ck_assert_uint_eq(tables_figures(tables).unsettled, 0);
}

static int try_process(struct tables *tables)
{
	int ret;

	alloc_resume();
	ret = gprobe_ptm_process(tables->ptm, 0);
	alloc_pause();
	return ret;
}

static void process(struct tables *tables, bool *failed)
{
	if (!try_process(tables))
		return;
	disarm(tables);
	*failed = true;
	tables_process(tables, 0);
}

static int try_mark(struct tables *tables, uint64_t entry)
{
	struct gprobe_ptm_write write = {
		.gpa = entry, .bytes = 8, .view = tables->view,
	};
	int ret;

	alloc_resume();
	ret = gprobe_ptm_mark(tables->ptm, &write);
	alloc_pause();
	return ret;
}

static void store(struct tables *tables, uint64_t entry, uint64_t value,
		  bool *failed)
{
	if (try_mark(tables, entry) < 0) {
		disarm(tables);
		*failed = true;
		ck_assert_int_ge(try_mark(tables, entry), 0);
	}
	gprobe_sim_poke(tables->sim, entry, &value, 8);
}

/* In whatever order: one that failed at first comes last. */
static void told_both(struct tables *tables, const char *a, const char *b)
{
	ck_assert_ptr_nonnull(strstr(tables->said, a));
	ck_assert_ptr_nonnull(strstr(tables->said, b));
	ck_assert_uint_eq(strlen(tables->said), strlen(a) + strlen(b) + 1);
	tables->said[0] = '\0';
}

/* Tables come, move and go; whatever fails, it ends the same. */
static bool play(struct tables *tables)
{
	uint64_t top = tables_entry(tables, GVA, 4), value, copy;
	uint64_t leaf = tables_entry(tables, GVA, 1);
	bool failed = false;
	struct state state;

	alloc_pause();
	value = tables_value(tables, top);
	ck_assert_int_eq(gprobe_sim_frame_alloc(tables->sim, &copy), 0);
	memcpy(gprobe_sim_frame(tables->sim, copy),
	       gprobe_sim_frame(tables->sim, value / 4096), 4096);
	monitor(tables, GVA, &failed);
	monitor(tables, GVA + PAGE_1G, &failed);
	store(tables, leaf, OTHER_PAGE | PRESENT, &failed);
	store(tables, top, 0, &failed);
	process(tables, &failed);
	told_both(tables, "-40080601234=5234", "-400c0601234=5234");
	store(tables, top, copy * 4096 | PRESENT, &failed);
	process(tables, &failed);
	told_both(tables, "+40080601234=6234", "+400c0601234=5234");
	monitor(tables, GVA + PAGE_2M, &failed);
	unmonitor(tables, GVA, &failed);
	unmonitor(tables, GVA + PAGE_2M, &failed);
	unmonitor(tables, GVA + PAGE_1G, &failed);
	disarm(tables);
	see(tables, &state);
	ck_assert_uint_eq(state.maps + state.pages, 0);
	return failed;
}

static void begin(struct tables *tables)
{
	tables_begin(tables);
	tables_map(tables, GVA, PAGE, 4096);
	tables_map(tables, GVA + PAGE_2M, PAGE, 4096);
	tables_map(tables, GVA + PAGE_1G, PAGE, 4096);
}

START_TEST(the_nth_call_of_the_driver_fails)
{
	unsigned int nth, total, failures = 0;
	struct tables tables;

	begin(&tables);
	ck_assert(!play(&tables));
	total = gprobe_sim_calls(tables.sim, GPROBE_SIM_ANY);
	tables_end(&tables);
	for (nth = 1; nth <= total; nth++) {
		begin(&tables);
		gprobe_sim_fault(tables.sim, GPROBE_SIM_ANY, nth, -EIO);
		failures += play(&tables);
		tables_end(&tables);
	}
	/* What gives frames back cannot fail. */
	ck_assert_uint_gt(failures, total / 2);
}
END_TEST

START_TEST(the_nth_allocation_fails)
{
	unsigned int nth, failures = 0;
	struct tables tables;
	bool failed;

	for (nth = 1; nth < MOST; nth++) {
		begin(&tables);
		alloc_fault(nth);
		alloc_pause();
		failed = play(&tables);
		tables_end(&tables);
		failures += failed;
		if (!failed)
			break;
	}
	ck_assert_uint_lt(nth, MOST);
	ck_assert_uint_gt(failures, 8);
}
END_TEST

START_TEST(the_nth_allocation_of_making_one_fails)
{
	struct gprobe_ptm_listener listener = { 0 };
	struct gprobe_ptm *ptm = NULL;
	struct tables tables;
	int ret;

	tables_begin(&tables);
	alloc_fault(1);
	ret = gprobe_ptm_new(&tables.driver, tables.arbiter, &listener, &ptm);
	alloc_fault(0);
	ck_assert_int_eq(ret, -ENOMEM);
	ck_assert_ptr_null(ptm);
	gprobe_ptm_free(NULL);
	tables_end(&tables);
}
END_TEST

START_TEST(a_table_that_cannot_be_read_keeps_the_change)
{
	struct tables tables;
	uint64_t top, value;

	begin(&tables);
	tables_monitor(&tables, GVA);
	top = tables_entry(&tables, GVA, 4);
	value = tables_value(&tables, top);
	tables_write(&tables, top, 0);
	tables_told(&tables, "-40080601234=5234");
	tables_store(&tables, 0, top, value);
	gprobe_sim_fault_all(tables.sim, GPROBE_SIM_FRAME_GET, -EIO);
	ck_assert_int_eq(gprobe_ptm_process(tables.ptm, 0), -EIO);
	ck_assert_int_eq(gprobe_ptm_process(tables.ptm, 0), -EIO);
	tables_process(&tables, 1);
	tables_told(&tables, "");
	ck_assert_uint_eq(tables_figures(&tables).unfinished, 1);
	gprobe_sim_fault_all(tables.sim, GPROBE_SIM_FRAME_GET, 0);
	tables_process(&tables, 0);
	tables_told(&tables, "+40080601234=5234");
	tables_end(&tables);
}
END_TEST

START_TEST(a_way_that_cannot_be_walked_does_not_stop_others)
{
	struct tables tables;
	uint64_t entry, value;

	begin(&tables);
	tables_monitor(&tables, GVA);
	tables_monitor(&tables, GVA + PAGE_1G);
	entry = tables_entry(&tables, GVA, 3);
	value = tables_value(&tables, entry);
	tables_write(&tables, entry, 0);
	tables_told(&tables, "-40080601234=5234");
	tables_store(&tables, 0, entry, value);
	tables_store(&tables, 0, tables_entry(&tables, GVA + PAGE_1G, 1), 0);
	gprobe_sim_fault_all(tables.sim, GPROBE_SIM_FRAME_GET, -EIO);
	ck_assert_int_eq(gprobe_ptm_process(tables.ptm, 0), -EIO);
	tables_told(&tables, "-400c0601234=5234");
	gprobe_sim_fault_all(tables.sim, GPROBE_SIM_FRAME_GET, 0);
	tables_process(&tables, 0);
	tables_told(&tables, "+40080601234=5234");
	tables_end(&tables);
}
END_TEST

START_TEST(a_table_that_cannot_be_protected_keeps_the_change)
{
	struct tables tables;
	uint64_t top, value;

	begin(&tables);
	tables_monitor(&tables, GVA);
	top = tables_entry(&tables, GVA, 4);
	value = tables_value(&tables, top);
	tables_write(&tables, top, 0);
	tables_told(&tables, "-40080601234=5234");
	tables_store(&tables, 0, top, value);
	gprobe_sim_fault_all(tables.sim, GPROBE_CALL_ACCESS_SET, -EIO);
	ck_assert_int_eq(gprobe_ptm_process(tables.ptm, 0), -EIO);
	ck_assert_uint_eq(gprobe_sim_maps(tables.sim), 1);
	ck_assert_uint_eq(tables_figures(&tables).tables, 1);
	gprobe_sim_fault_all(tables.sim, GPROBE_CALL_ACCESS_SET, 0);
	tables_process(&tables, 0);
	tables_told(&tables, "+40080601234=5234");
	tables_end(&tables);
}
END_TEST

/* The change is undone before it could be followed. */
START_TEST(what_could_not_be_followed_is_left_in_its_final_state)
{
	struct tables tables;
	uint64_t top, value;

	begin(&tables);
	tables_monitor(&tables, GVA);
	top = tables_entry(&tables, GVA, 4);
	value = tables_value(&tables, top);
	tables_write(&tables, top, 0);
	tables_told(&tables, "-40080601234=5234");
	tables_store(&tables, 0, top, value);
	gprobe_sim_fault_all(tables.sim, GPROBE_SIM_FRAME_GET, -EIO);
	ck_assert_int_eq(gprobe_ptm_process(tables.ptm, 0), -EIO);
	tables_store(&tables, 1, top, 0);
	tables_process(&tables, 1);
	gprobe_sim_fault_all(tables.sim, GPROBE_SIM_FRAME_GET, 0);
	tables_process(&tables, 0);
	tables_told(&tables, "");
	tables_end(&tables);
}
END_TEST

START_TEST(protection_that_cannot_be_taken_back_is_later)
{
	struct gprobe_context context;
	struct tables tables;

	begin(&tables);
	tables_monitor(&tables, GVA);
	context = at(&tables, GVA);
	gprobe_sim_fault_all(tables.sim, GPROBE_CALL_ACCESS_SET, -EIO);
	ck_assert_int_eq(gprobe_ptm_unmonitor(tables.ptm, tables.view,
					      &context), -EIO);
	ck_assert_int_eq(gprobe_ptm_find(tables.ptm, tables.view, &context,
					 NULL), -ENOENT);
	ck_assert_uint_eq(tables_figures(&tables).unsettled, 4);
	ck_assert_uint_eq(tables_figures(&tables).tables, 0);
	gprobe_sim_fault_all(tables.sim, GPROBE_CALL_ACCESS_SET, 0);
	tables_process(&tables, 0);
	ck_assert_uint_eq(tables_figures(&tables).unsettled, 0);
	ck_assert_uint_eq(tables_access(&tables, tables.root / 4096),
			  GPROBE_ACCESS_RWX);
	tables_end(&tables);
}
END_TEST

START_TEST(a_table_is_taken_up_again_that_was_to_be_released)
{
	struct gprobe_context context;
	struct tables tables;

	begin(&tables);
	tables_monitor(&tables, GVA);
	context = at(&tables, GVA);
	gprobe_sim_fault_all(tables.sim, GPROBE_CALL_ACCESS_SET, -EIO);
	ck_assert_int_eq(gprobe_ptm_unmonitor(tables.ptm, tables.view,
					      &context), -EIO);
	tables_monitor(&tables, GVA);
	gprobe_sim_fault_all(tables.sim, GPROBE_CALL_ACCESS_SET, 0);
	tables_write(&tables, tables_entry(&tables, GVA, 1), 0);
	tables_told(&tables, "-40080601234=5234");
	ck_assert_uint_eq(tables_figures(&tables).tables, 4);
	ck_assert_uint_eq(tables_figures(&tables).unsettled, 0);
	tables_end(&tables);
}
END_TEST

Suite *ptm_faults_suite(void)
{
	return UNIT_SUITE("ptm_faults",
			  the_nth_call_of_the_driver_fails,
			  the_nth_allocation_fails,
			  the_nth_allocation_of_making_one_fails,
			  a_table_that_cannot_be_read_keeps_the_change,
			  a_way_that_cannot_be_walked_does_not_stop_others,
			  a_table_that_cannot_be_protected_keeps_the_change,
			  what_could_not_be_followed_is_left_in_its_final_state,
			  protection_that_cannot_be_taken_back_is_later,
			  a_table_is_taken_up_again_that_was_to_be_released);
}
