// SPDX-License-Identifier: GPL-2.0
/* What monitoring does to the guest, and that unmonitoring undoes it. */
#include "tables.h"

static struct gprobe_context at(uint64_t gva)
{
	return (struct gprobe_context){ .gva = gva, .root = tables.root };
}

static bool is_monitored(uint64_t gva)
{
	struct gprobe_context context = at(gva);

	return !gprobe_ptm_find(tables.ptm, tables.view, &context, NULL);
}

static uint64_t table_gfn(unsigned int level)
{
	return tables_entry(GVA, level) / 4096;
}

START_TEST(each_table_on_the_way_is_write_protected)
{
	unsigned int level;

	tables_map(GVA, PAGE, 4096);
	tables_monitor(GVA);
	for (level = 1; level <= 4; level++) {
		ck_assert_uint_eq(tables_access(table_gfn(level)),
				  GPROBE_ACCESS_RX);
		ck_assert(gprobe_ptm_has_entry(tables.ptm, tables.view,
					       tables_entry(GVA, level) + 7));
		ck_assert(!gprobe_ptm_has_entry(tables.ptm, tables.view,
						tables_entry(GVA, level) + 8));
	}
	ck_assert_uint_eq(tables_access(PAGE / 4096), GPROBE_ACCESS_RWX);
}
END_TEST

START_TEST(only_the_tables_that_are_there_are_protected)
{
	tables_monitor(GVA);
	ck_assert_uint_eq(tables_figures().tables, 1);
	ck_assert_uint_eq(tables_figures().entries, 1);
	ck_assert_uint_eq(tables_figures().paged_in, 0);
	ck_assert(gprobe_ptm_has_table(tables.ptm, tables.view,
				       tables.root / 4096));
}
END_TEST

START_TEST(monitoring_tells_nothing)
{
	tables_map(GVA, PAGE, 4096);
	tables_monitor(GVA);
	tables_process(0);
	tables_unmonitor(GVA);
	tables_process(0);
	tables_told("");
}
END_TEST

START_TEST(figures_count_tables_entries_and_pages)
{
	struct gprobe_ptm_figures figures;

	tables_map(GVA, PAGE, 4096);
	tables_map(GVA + 4096, OTHER_PAGE, 4096);
	tables_monitor(GVA);
	tables_monitor(GVA + 4096);
	tables_monitor(GVA + 8192);
	figures = tables_figures();
	ck_assert_uint_eq(figures.addresses, 3);
	ck_assert_uint_eq(figures.paged_in, 2);
	ck_assert_uint_eq(figures.tables, 4);
	ck_assert_uint_eq(figures.entries, 6);
	ck_assert_uint_gt(figures.bytes, 0);
}
END_TEST

START_TEST(as_many_unmonitors_release_as_there_were_monitors)
{
	unsigned int i;

	tables_map(GVA, PAGE, 4096);
	for (i = 0; i < 3; i++)
		tables_monitor(GVA);
	ck_assert_uint_eq(tables_figures().addresses, 1);
	for (i = 0; i < 3; i++) {
		ck_assert(is_monitored(GVA));
		tables_unmonitor(GVA);
	}
	ck_assert(!is_monitored(GVA));
	ck_assert_uint_eq(tables_access(tables.root / 4096), GPROBE_ACCESS_RWX);
}
END_TEST

START_TEST(by_force_the_count_does_not_matter)
{
	struct gprobe_context context;

	tables_monitor(GVA);
	tables_monitor(GVA);
	context = at(GVA);
	ck_assert_int_eq(gprobe_ptm_unmonitor_force(tables.ptm, tables.view,
						    &context), 0);
	ck_assert(!is_monitored(GVA));
}
END_TEST

START_TEST(unmonitoring_what_is_unknown_is_fine)
{
	struct gprobe_context context;

	tables_monitor(GVA);
	context = at(GVA + 4096);
	ck_assert_int_eq(gprobe_ptm_unmonitor(tables.ptm, tables.view,
					      &context), 0);
	ck_assert_int_eq(gprobe_ptm_unmonitor_force(tables.ptm, tables.view,
						    &context), 0);
	context = at(GVA);
	ck_assert_int_eq(gprobe_ptm_unmonitor(tables.ptm, tables.view + 1,
					      &context), 0);
	ck_assert_int_eq(gprobe_ptm_unmonitor_view(tables.ptm,
						   tables.view + 1), 0);
	ck_assert(is_monitored(GVA));
}
END_TEST

START_TEST(a_view_is_unmonitored_alone)
{
	struct gprobe_context context;
	uint32_t other;

	tables_map(GVA, PAGE, 4096);
	ck_assert_int_eq(gprobe_sim_view_new(tables.sim, &other), 0);
	context = at(GVA);
	tables_monitor(GVA);
	tables_monitor(GVA);
	ck_assert_int_eq(gprobe_ptm_monitor(tables.ptm, other, &context, 0), 0);
	ck_assert_int_eq(gprobe_ptm_unmonitor_view(tables.ptm, tables.view), 0);
	ck_assert(!is_monitored(GVA));
	ck_assert_int_eq(gprobe_ptm_find(tables.ptm, other, &context, NULL), 0);
	ck_assert_uint_eq(tables_access(tables.root / 4096), GPROBE_ACCESS_RWX);
	ck_assert_uint_eq(tables_figures().tables, 4);
}
END_TEST

START_TEST(after_unmonitoring_all_it_is_usable)
{
	tables_map(GVA, PAGE, 4096);
	tables_monitor(GVA);
	tables_store(1, tables_entry(GVA, 1), 0);
	ck_assert_int_eq(gprobe_ptm_unmonitor_all(tables.ptm), 0);
	ck_assert_uint_eq(tables_figures().marks, 0);
	tables_monitor(GVA);
	tables_write(tables_entry(GVA, 1), PAGE | PRESENT);
	tables_told("+40080601234=5234");
}
END_TEST

START_TEST(the_first_tag_stays)
{
	struct gprobe_ptm_address address;
	struct gprobe_context context;

	tables_map(GVA, PAGE, 4096);
	context = at(GVA);
	ck_assert_int_eq(gprobe_ptm_monitor(tables.ptm, tables.view, &context,
					    7), 0);
	ck_assert_int_eq(gprobe_ptm_monitor(tables.ptm, tables.view, &context,
					    8), 0);
	ck_assert_int_eq(gprobe_ptm_find(tables.ptm, tables.view, &context,
					 &address), 0);
	ck_assert_uint_eq(address.tag, 7);
	ck_assert_uint_eq(address.count, 2);
	ck_assert_uint_eq(address.gpa, PAGE + 0x234);
}
END_TEST

START_TEST(control_bits_of_a_root_do_not_matter)
{
	struct gprobe_context context;

	tables_map(GVA, PAGE, 4096);
	context = at(GVA);
	context.root |= 1ULL << 63 | 1ULL << 62 | 0x801;
	ck_assert_int_eq(gprobe_ptm_monitor(tables.ptm, tables.view, &context,
					    0), 0);
	ck_assert(is_monitored(GVA));
	tables_write(tables_entry(GVA, 1), 0);
	tables_told("-40080601234=5234");
	ck_assert_int_eq(gprobe_ptm_unmonitor(tables.ptm, tables.view,
					      &context), 0);
	ck_assert(!is_monitored(GVA));
}
END_TEST

START_TEST(bad_input_is_an_error_and_changes_nothing)
{
	struct gprobe_context good, bent, nowhere;
	struct gprobe_ptm_write write = { .bytes = 8, .view = 1, .vcpu = 8192 };

	good = at(GVA);
	bent = at(0x0000800000000000);
	nowhere = good;
	nowhere.root = 1ULL << 40;
	ck_assert_int_eq(gprobe_ptm_monitor(tables.ptm, 0, &good, 0), -EINVAL);
	ck_assert_int_eq(gprobe_ptm_monitor(tables.ptm, 4096, &good, 0),
			 -EINVAL);
	ck_assert_int_eq(gprobe_ptm_monitor(tables.ptm, 2, &good, 0), -ENOENT);
	ck_assert_int_eq(gprobe_ptm_monitor(tables.ptm, 1, &bent, 0), -EINVAL);
	ck_assert_int_eq(gprobe_ptm_monitor(tables.ptm, 1, &nowhere, 0),
			 -ENXIO);
	ck_assert_int_eq(gprobe_ptm_unmonitor(tables.ptm, 0, &good), -EINVAL);
	ck_assert_int_eq(gprobe_ptm_unmonitor_view(tables.ptm, 0), -EINVAL);
	ck_assert_int_eq(gprobe_ptm_mark(tables.ptm, &write), -EINVAL);
	ck_assert_int_eq(gprobe_ptm_process(tables.ptm, 8192), -EINVAL);
	write.vcpu = 0;
	write.gpa = 1ULL << 52;
	ck_assert_int_eq(gprobe_ptm_mark(tables.ptm, &write), -EINVAL);
	ck_assert_uint_eq(tables_figures().addresses, 0);
	ck_assert_uint_eq(gprobe_sim_maps(tables.sim), 0);
	ck_assert_uint_eq(gprobe_access_pages(tables.arbiter), 0);
}
END_TEST

START_TEST(nothing_is_watched_in_view_0)
{
	tables_monitor(GVA);
	ck_assert(!gprobe_ptm_has_table(tables.ptm, 0, 0));
	ck_assert(!gprobe_ptm_has_entry(tables.ptm, 0, 0));
	/* A view or a frame that cannot be is not one that can. */
	ck_assert(!gprobe_ptm_has_table(tables.ptm, 0, tables.root / 4096 |
					1ULL << 40));
	ck_assert(!gprobe_ptm_has_entry(tables.ptm, 0,
					tables_entry(GVA, 4) | 1ULL << 52));
	ck_assert(!gprobe_ptm_has_table(tables.ptm, 4097,
					tables.root / 4096));
}
END_TEST

START_TEST(a_guest_with_five_levels_is_refused)
{
	struct gprobe_sim_config config = { .five_levels = true };
	struct gprobe_context context;

	tables_restart(&config);
	context = at(GVA);
	ck_assert_int_eq(gprobe_ptm_monitor(tables.ptm, tables.view, &context,
					    0), -EOPNOTSUPP);
	ck_assert_uint_eq(gprobe_sim_calls(tables.sim, GPROBE_SIM_BATCH), 0);
	ck_assert_uint_eq(gprobe_sim_maps(tables.sim), 0);
}
END_TEST

START_TEST(protection_is_captured_and_restored_exactly)
{
	uint64_t gfn;

	tables_map(GVA, PAGE, 4096);
	gfn = table_gfn(1);
	gprobe_sim_set_access(tables.sim, tables.view, gfn, GPROBE_ACCESS_RW);
	tables_monitor(GVA);
	ck_assert_uint_eq(tables_access(gfn), GPROBE_ACCESS_R);
	tables_monitor(GVA + 4096);
	tables_unmonitor(GVA);
	ck_assert_uint_eq(tables_access(gfn), GPROBE_ACCESS_R);
	tables_unmonitor(GVA + 4096);
	ck_assert_uint_eq(tables_access(gfn), GPROBE_ACCESS_RW);
}
END_TEST

START_TEST(other_owners_of_a_pages_access_are_respected)
{
	uint64_t gfn;

	tables_map(GVA, PAGE, 4096);
	gfn = table_gfn(1);
	tables_monitor(GVA);
	ck_assert_int_eq(gprobe_access_get(tables.arbiter, tables.view, gfn,
					   GPROBE_ACCESS_X), 0);
	ck_assert_uint_eq(tables_access(gfn), GPROBE_ACCESS_X);
	tables_unmonitor(GVA);
	ck_assert_uint_eq(tables_access(gfn), GPROBE_ACCESS_X);
	tables_monitor(GVA);
	ck_assert_int_eq(gprobe_access_put(tables.arbiter, tables.view, gfn,
					   GPROBE_ACCESS_X), 0);
	ck_assert_uint_eq(tables_access(gfn), GPROBE_ACCESS_RX);
	tables_unmonitor(GVA);
	ck_assert_uint_eq(tables_access(gfn), GPROBE_ACCESS_RWX);
}
END_TEST

START_TEST(another_monitor_of_the_page_is_respected)
{
	struct gprobe_ptm_listener listener = { 0 };
	struct gprobe_context context;
	struct gprobe_ptm *other;
	uint64_t gfn;

	tables_map(GVA, PAGE, 4096);
	gfn = table_gfn(1);
	context = at(GVA);
	ck_assert_int_eq(gprobe_ptm_new(&tables.driver, tables.arbiter,
					&listener, &other), 0);
	ck_assert_int_eq(gprobe_ptm_monitor(other, tables.view, &context, 0),
			 0);
	tables_monitor(GVA);
	tables_unmonitor(GVA);
	ck_assert_uint_eq(tables_access(gfn), GPROBE_ACCESS_RX);
	gprobe_ptm_free(other);
	ck_assert_uint_eq(tables_access(gfn), GPROBE_ACCESS_RWX);
}
END_TEST

START_TEST(a_monitored_table_stays_mapped)
{
	tables_map(GVA, PAGE, 4096);
	tables_monitor(GVA);
	ck_assert_uint_eq(gprobe_sim_maps(tables.sim), 4);
	gprobe_sim_log_clear(tables.sim);
	tables_write(tables_entry(GVA, 1), OTHER_PAGE | PRESENT);
	tables_told("-40080601234=5234 +40080601234=6234");
	ck_assert_uint_eq(gprobe_sim_calls(tables.sim, GPROBE_SIM_ANY), 0);
}
END_TEST

START_TEST(the_tables_of_one_address_are_protected_in_one_batch)
{
	tables_map(GVA, PAGE, 4096);
	tables_monitor(GVA);
	/* Or two: one reads what they allow, one sets it. */
	ck_assert_uint_eq(gprobe_sim_calls(tables.sim, GPROBE_SIM_BATCH),
			  tables.guard == GPROBE_CALL_WATCH ? 1 : 2);
	ck_assert_uint_eq(gprobe_sim_calls(tables.sim, tables.guard), 4);
	gprobe_sim_log_clear(tables.sim);
	tables_monitor(GVA + 8);
	ck_assert_uint_eq(gprobe_sim_calls(tables.sim, GPROBE_SIM_ANY), 0);
	tables_unmonitor(GVA + 8);
	ck_assert_uint_eq(gprobe_sim_calls(tables.sim, GPROBE_SIM_ANY), 0);
	tables_unmonitor(GVA);
	ck_assert_uint_eq(gprobe_sim_calls(tables.sim, GPROBE_SIM_BATCH), 1);
}
END_TEST

START_TEST(a_view_that_is_gone_is_let_go)
{
	tables_map(GVA, PAGE, 4096);
	tables_monitor(GVA);
	ck_assert_int_eq(gprobe_sim_view_del(tables.sim, tables.view), 0);
	ck_assert_int_eq(gprobe_ptm_unmonitor_view(tables.ptm, tables.view), 0);
	ck_assert_uint_eq(gprobe_sim_maps(tables.sim), 0);
}
END_TEST

START_TEST(a_dying_guests_frames_are_dropped)
{
	tables_map(GVA, PAGE, 4096);
	tables_monitor(GVA);
	gprobe_sim_set_life(tables.sim, GPROBE_SIM_DEAD);
	ck_assert_int_eq(gprobe_ptm_unmonitor_all(tables.ptm), 0);
	ck_assert_uint_eq(gprobe_sim_maps(tables.sim), 0);
}
END_TEST

START_TEST(all_addresses_are_gone_through)
{
	struct gprobe_ptm_address address;
	uint64_t sum = 0, gva;
	size_t cursor = 0;

	for (gva = 1; gva <= 1000; gva++)
		tables_monitor(gva << 12);
	for (gva = 1; gva <= 1000; gva += 2)
		tables_unmonitor(gva << 12);
	while (gprobe_ptm_next(tables.ptm, &cursor, &address))
		sum += address.context.gva >> 12;
	ck_assert_uint_eq(sum, 500 * 501);
}
END_TEST

Suite *ptm_monitor_suite(void)
{
	return TABLES_SUITE("ptm_monitor", NULL,
			    each_table_on_the_way_is_write_protected,
			    only_the_tables_that_are_there_are_protected,
			    monitoring_tells_nothing,
			    figures_count_tables_entries_and_pages,
			    as_many_unmonitors_release_as_there_were_monitors,
			    by_force_the_count_does_not_matter,
			    unmonitoring_what_is_unknown_is_fine,
			    a_view_is_unmonitored_alone,
			    after_unmonitoring_all_it_is_usable,
			    the_first_tag_stays,
			    control_bits_of_a_root_do_not_matter,
			    bad_input_is_an_error_and_changes_nothing,
			    nothing_is_watched_in_view_0,
			    a_guest_with_five_levels_is_refused,
			    protection_is_captured_and_restored_exactly,
			    other_owners_of_a_pages_access_are_respected,
			    another_monitor_of_the_page_is_respected,
			    a_monitored_table_stays_mapped,
			    the_tables_of_one_address_are_protected_in_one_batch,
			    a_view_that_is_gone_is_let_go,
			    a_dying_guests_frames_are_dropped,
			    all_addresses_are_gone_through);
}
