// SPDX-License-Identifier: GPL-2.0
/*
 * The n-th call of the driver fails, for all n; so does the n-th allocation.
 * What failed is as before, or the same call repeated completes it.
 */
#include "tables.h"

#include "alloc.h"

/* Far more allocations than the scenario has. */
#define MOST	1000u

static struct gprobe_context at(uint64_t gva)
{
	return (struct gprobe_context){ .gva = gva, .root = tables.root };
}

/* What a failed monitor() must leave as it is. */
struct state {
	struct gprobe_ptm_figures figures;
	uint64_t maps, pages;
	uint32_t access[64];
};

static void see(struct state *state)
{
	uint64_t i, top = tables.root / 4096;

	memset(state, 0, sizeof(*state));
	state->figures = tables_figures();
	state->figures.bytes = 0;
	state->maps = gprobe_sim_maps(tables.sim);
	state->pages = gprobe_access_pages(tables.arbiter);
	for (i = 0; i < ARRAY_SIZE(state->access); i++)
		state->access[i] = tables_access(top - i);
}

static void disarm(void)
{
	gprobe_sim_fault(tables.sim, GPROBE_SIM_ANY, 0, 0);
	alloc_fault(0);
}

static int try_monitor(uint64_t gva)
{
	struct gprobe_context context = at(gva);
	int ret;

	alloc_resume();
	ret = gprobe_ptm_monitor(tables.ptm, tables.view, &context, 0);
	alloc_pause();
	return ret;
}

static void monitor(uint64_t gva, bool *failed)
{
	struct state before, after;

	see(&before);
	if (!try_monitor(gva))
		return;
	disarm();
	*failed = true;
	see(&after);
	ck_assert_mem_eq(&before, &after, sizeof(before));
	tables_monitor(gva);
}

static int try_unmonitor(uint64_t gva)
{
	struct gprobe_context context = at(gva);
	int ret;

	alloc_resume();
	ret = gprobe_ptm_unmonitor(tables.ptm, tables.view, &context);
	alloc_pause();
	return ret;
}

static void unmonitor(uint64_t gva, bool *failed)
{
	if (!try_unmonitor(gva))
		return;
	disarm();
	*failed = true;
	ck_assert_uint_gt(tables_figures().unsettled, 0);
	tables_unmonitor(gva);
	ck_assert_uint_eq(tables_figures().unsettled, 0);
}

static int try_process(void)
{
	int ret;

	alloc_resume();
	ret = gprobe_ptm_process(tables.ptm, 0);
	alloc_pause();
	return ret;
}

static void process(bool *failed)
{
	if (!try_process())
		return;
	disarm();
	*failed = true;
	tables_process(0);
}

static int try_mark(uint64_t entry)
{
	struct gprobe_ptm_write write = {
		.gpa = entry, .bytes = 8, .view = tables.view,
	};
	int ret;

	alloc_resume();
	ret = gprobe_ptm_mark(tables.ptm, &write);
	alloc_pause();
	return ret;
}

static void store(uint64_t entry, uint64_t value,
		  bool *failed)
{
	if (try_mark(entry) < 0) {
		disarm();
		*failed = true;
		ck_assert_int_ge(try_mark(entry), 0);
	}
	gprobe_sim_poke(tables.sim, entry, &value, 8);
}

/* In whatever order: one that failed at first comes last. */
static void told_both(const char *a, const char *b)
{
	ck_assert_ptr_nonnull(strstr(tables.said, a));
	ck_assert_ptr_nonnull(strstr(tables.said, b));
	ck_assert_uint_eq(strlen(tables.said), strlen(a) + strlen(b) + 1);
	tables.said[0] = '\0';
}

/* Tables come, move and go; whatever fails, it ends the same. */
static bool play(void)
{
	uint64_t top = tables_entry(GVA, 4), value, copy;
	uint64_t leaf = tables_entry(GVA, 1);
	bool failed = false;
	struct state state;

	alloc_pause();
	value = tables_value(top);
	ck_assert_int_eq(gprobe_sim_frame_alloc(tables.sim, &copy), 0);
	memcpy(gprobe_sim_frame(tables.sim, copy),
	       gprobe_sim_frame(tables.sim, value / 4096), 4096);
	monitor(GVA, &failed);
	monitor(GVA + PAGE_1G, &failed);
	store(leaf, OTHER_PAGE | PRESENT, &failed);
	store(top, 0, &failed);
	process(&failed);
	told_both("-40080601234=5234", "-400c0601234=5234");
	store(top, copy * 4096 | PRESENT, &failed);
	process(&failed);
	told_both("+40080601234=6234", "+400c0601234=5234");
	monitor(GVA + PAGE_2M, &failed);
	unmonitor(GVA, &failed);
	unmonitor(GVA + PAGE_2M, &failed);
	unmonitor(GVA + PAGE_1G, &failed);
	disarm();
	see(&state);
	ck_assert_uint_eq(state.maps + state.pages, 0);
	return failed;
}

static void map_all(void)
{
	tables_map(GVA, PAGE, 4096);
	tables_map(GVA + PAGE_2M, PAGE, 4096);
	tables_map(GVA + PAGE_1G, PAGE, 4096);
}

START_TEST(the_nth_call_of_the_driver_fails)
{
	unsigned int nth, total, failures = 0;

	ck_assert(!play());
	total = gprobe_sim_calls(tables.sim, GPROBE_SIM_ANY);
	for (nth = 1; nth <= total; nth++) {
		tables_restart(NULL);
		map_all();
		gprobe_sim_fault(tables.sim, GPROBE_SIM_ANY, nth, -EIO);
		failures += play();
	}
	/* What gives frames back cannot fail. */
	ck_assert_uint_gt(failures, total / 2);
}
END_TEST

START_TEST(the_nth_allocation_fails)
{
	unsigned int nth, failures = 0;
	bool failed;

	for (nth = 1; nth < MOST; nth++) {
		tables_restart(NULL);
		map_all();
		alloc_fault(nth);
		alloc_pause();
		failed = play();
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
	int ret;

	alloc_fault(1);
	ret = gprobe_ptm_new(&tables.driver, tables.arbiter, &listener, &ptm);
	alloc_fault(0);
	ck_assert_int_eq(ret, -ENOMEM);
	ck_assert_ptr_null(ptm);
	gprobe_ptm_free(NULL);
}
END_TEST

START_TEST(a_table_that_cannot_be_read_keeps_the_change)
{
	uint64_t top, value;

	tables_monitor(GVA);
	top = tables_entry(GVA, 4);
	value = tables_value(top);
	tables_write(top, 0);
	tables_told("-40080601234=5234");
	tables_store(0, top, value);
	gprobe_sim_fault_all(tables.sim, GPROBE_SIM_FRAME_GET, -EIO);
	ck_assert_int_eq(gprobe_ptm_process(tables.ptm, 0), -EIO);
	ck_assert_int_eq(gprobe_ptm_process(tables.ptm, 0), -EIO);
	tables_process(1);
	tables_told("");
	ck_assert_uint_eq(tables_figures().unfinished, 1);
	gprobe_sim_fault_all(tables.sim, GPROBE_SIM_FRAME_GET, 0);
	tables_process(0);
	tables_told("+40080601234=5234");
}
END_TEST

START_TEST(a_way_that_cannot_be_walked_does_not_stop_others)
{
	uint64_t entry, value;

	tables_monitor(GVA);
	tables_monitor(GVA + PAGE_1G);
	entry = tables_entry(GVA, 3);
	value = tables_value(entry);
	tables_write(entry, 0);
	tables_told("-40080601234=5234");
	tables_store(0, entry, value);
	tables_store(0, tables_entry(GVA + PAGE_1G, 1), 0);
	gprobe_sim_fault_all(tables.sim, GPROBE_SIM_FRAME_GET, -EIO);
	ck_assert_int_eq(gprobe_ptm_process(tables.ptm, 0), -EIO);
	tables_told("-400c0601234=5234");
	gprobe_sim_fault_all(tables.sim, GPROBE_SIM_FRAME_GET, 0);
	tables_process(0);
	tables_told("+40080601234=5234");
}
END_TEST

START_TEST(a_table_that_cannot_be_protected_keeps_the_change)
{
	uint64_t top, value;

	tables_monitor(GVA);
	top = tables_entry(GVA, 4);
	value = tables_value(top);
	tables_write(top, 0);
	tables_told("-40080601234=5234");
	tables_store(0, top, value);
	gprobe_sim_fault_all(tables.sim, tables.guard, -EIO);
	ck_assert_int_eq(gprobe_ptm_process(tables.ptm, 0), -EIO);
	ck_assert_uint_eq(gprobe_sim_maps(tables.sim), 1);
	ck_assert_uint_eq(tables_figures().tables, 1);
	gprobe_sim_fault_all(tables.sim, tables.guard, 0);
	tables_process(0);
	tables_told("+40080601234=5234");
}
END_TEST

/* The change is undone before it could be followed. */
START_TEST(what_could_not_be_followed_is_left_in_its_final_state)
{
	uint64_t top, value;

	tables_monitor(GVA);
	top = tables_entry(GVA, 4);
	value = tables_value(top);
	tables_write(top, 0);
	tables_told("-40080601234=5234");
	tables_store(0, top, value);
	gprobe_sim_fault_all(tables.sim, GPROBE_SIM_FRAME_GET, -EIO);
	ck_assert_int_eq(gprobe_ptm_process(tables.ptm, 0), -EIO);
	tables_store(1, top, 0);
	tables_process(1);
	gprobe_sim_fault_all(tables.sim, GPROBE_SIM_FRAME_GET, 0);
	tables_process(0);
	tables_told("");
}
END_TEST

START_TEST(protection_that_cannot_be_taken_back_is_later)
{
	struct gprobe_context context;

	tables_monitor(GVA);
	context = at(GVA);
	gprobe_sim_fault_all(tables.sim, tables.guard, -EIO);
	ck_assert_int_eq(gprobe_ptm_unmonitor(tables.ptm, tables.view,
					      &context), -EIO);
	ck_assert_int_eq(gprobe_ptm_find(tables.ptm, tables.view, &context,
					 NULL), -ENOENT);
	ck_assert_uint_eq(tables_figures().unsettled, 4);
	ck_assert_uint_eq(tables_figures().tables, 0);
	gprobe_sim_fault_all(tables.sim, tables.guard, 0);
	tables_process(0);
	ck_assert_uint_eq(tables_figures().unsettled, 0);
	ck_assert_uint_eq(tables_access(tables.root / 4096), GPROBE_ACCESS_RWX);
}
END_TEST

START_TEST(a_table_is_taken_up_again_that_was_to_be_released)
{
	struct gprobe_context context;

	tables_monitor(GVA);
	context = at(GVA);
	gprobe_sim_fault_all(tables.sim, tables.guard, -EIO);
	ck_assert_int_eq(gprobe_ptm_unmonitor(tables.ptm, tables.view,
					      &context), -EIO);
	tables_monitor(GVA);
	gprobe_sim_fault_all(tables.sim, tables.guard, 0);
	tables_write(tables_entry(GVA, 1), 0);
	tables_told("-40080601234=5234");
	ck_assert_uint_eq(tables_figures().tables, 4);
	ck_assert_uint_eq(tables_figures().unsettled, 0);
}
END_TEST

/* All of them are to be released, and the root gets another entry for nothing. */
START_TEST(a_table_that_is_taken_up_in_vain_is_let_go)
{
	struct gprobe_context context = at(GVA), other = at(0);

	tables_map(0, PAGE, 4096);
	tables_monitor(GVA);
	gprobe_sim_fault_all(tables.sim, tables.guard, -EIO);
	ck_assert_int_eq(gprobe_ptm_unmonitor(tables.ptm, tables.view,
					      &context), -EIO);
	gprobe_sim_fault(tables.sim, GPROBE_SIM_FRAME_GET, 1, -EAGAIN);
	ck_assert_int_eq(gprobe_ptm_monitor(tables.ptm, tables.view, &other,
					    0), -EAGAIN);
	ck_assert_uint_eq(tables_figures().unsettled, 4);
	ck_assert_uint_eq(tables_figures().tables, 0);
	gprobe_sim_fault_all(tables.sim, tables.guard, 0);
	tables_process(0);
	ck_assert_uint_eq(tables_figures().unsettled, 0);
}
END_TEST

START_TEST(a_monitor_that_is_freed_gives_all_frames_back)
{
	struct gprobe_ptm_listener listener = { 0 };
	struct gprobe_call call = {
		.kind = GPROBE_CALL_WATCH, .view = tables.view,
	};
	unsigned int level;

	tables_monitor(GVA);
	gprobe_sim_fault_all(tables.sim, tables.guard, -EIO);
	tables_listen(&listener);
	ck_assert_uint_eq(gprobe_sim_maps(tables.sim), 0);
	gprobe_sim_fault_all(tables.sim, tables.guard, 0);
	/* What the driver keeps protected is nobody's any more. */
	for (level = 1; level <= 4; level++) {
		call.gfn = tables_entry(GVA, level) / 4096;
		if (tables.guard == GPROBE_CALL_WATCH)
			ck_assert_int_eq(tables.ops.call(tables.sim, &call, 1),
					 0);
		else
			ck_assert_int_eq(gprobe_access_put(tables.arbiter,
							   tables.view,
							   call.gfn,
							   GPROBE_ACCESS_RX),
					 0);
	}
}
END_TEST

Suite *ptm_faults_suite(void)
{
	return TABLES_SUITE("ptm_faults", map_all,
			    the_nth_call_of_the_driver_fails,
			    the_nth_allocation_fails,
			    the_nth_allocation_of_making_one_fails,
			    a_table_that_cannot_be_read_keeps_the_change,
			    a_way_that_cannot_be_walked_does_not_stop_others,
			    a_table_that_cannot_be_protected_keeps_the_change,
			    what_could_not_be_followed_is_left_in_its_final_state,
			    protection_that_cannot_be_taken_back_is_later,
			    a_table_is_taken_up_again_that_was_to_be_released,
			    a_table_that_is_taken_up_in_vain_is_let_go,
			    a_monitor_that_is_freed_gives_all_frames_back);
}
