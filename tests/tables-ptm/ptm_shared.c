// SPDX-License-Identifier: GPL-2.0
/* Tables and entries that several addresses, roots and views go through. */
#include "tables.h"

static struct gprobe_context in_root(uint64_t root, uint64_t gva)
{
	return (struct gprobe_context){ .gva = gva, .root = root };
}

START_TEST(tables_and_entries_are_shared_and_counted)
{
	struct gprobe_ptm_figures figures;

	tables_map(GVA, PAGE, 4096);
	tables_map(GVA + PAGE_2M, PAGE, 4096);
	tables_monitor(GVA);
	tables_monitor(GVA + PAGE_2M);
	figures = tables_figures();
	ck_assert_uint_eq(figures.tables, 5);
	ck_assert_uint_eq(figures.entries, 6);
	tables_unmonitor(GVA);
	figures = tables_figures();
	ck_assert_uint_eq(figures.tables, 4);
	ck_assert_uint_eq(figures.entries, 4);
	tables_write(tables_entry(GVA + PAGE_2M, 1), 0);
	tables_told("-40080801234=5234");
}
END_TEST

START_TEST(addresses_under_one_entry_each_get_their_event)
{
	tables_map(GVA, PAGE, 4096);
	tables_monitor(GVA);
	tables_monitor(GVA + 1);
	tables_monitor(GVA + 2);
	tables_unmonitor(GVA + 1);
	tables_write(tables_entry(GVA, 1), 0);
	tables_told("-40080601236=5236 -40080601234=5234");
}
END_TEST

/* Every level changes before the vCPU is processed: one pair, the last one. */
START_TEST(each_gets_its_events_once_in_its_final_state)
{
	uint64_t top, leaf, value;

	tables_map(GVA, PAGE, 4096);
	tables_monitor(GVA);
	top = tables_entry(GVA, 4);
	leaf = tables_entry(GVA, 1);
	value = tables_value(top);
	tables_store(0, leaf, OTHER_PAGE | PRESENT);
	tables_store(0, top, 0);
	tables_store(0, leaf, 0x7000 | PRESENT);
	tables_store(0, top, value);
	tables_process(0);
	tables_told("-40080601234=5234 +40080601234=7234");
	tables_store(0, leaf, 0x8000 | PRESENT);
	tables_store(0, top, 0);
	tables_process(0);
	tables_told("-40080601234=7234");
}
END_TEST

START_TEST(two_roots_share_a_table)
{
	struct gprobe_context other;
	uint64_t root;

	tables_map(GVA, PAGE, 4096);
	ck_assert_int_eq(gprobe_sim_root_new(tables.sim, &root), 0);
	memcpy(gprobe_sim_frame(tables.sim, root / 4096),
	       gprobe_sim_frame(tables.sim, tables.root / 4096), 4096);
	other = in_root(root, GVA);
	tables_monitor(GVA);
	ck_assert_int_eq(gprobe_ptm_monitor(tables.ptm, tables.view, &other, 0),
			 0);
	ck_assert_uint_eq(tables_figures().tables, 5);
	tables_write(tables_entry(GVA, 1), 0);
	tables_told("-40080601234=5234@ffb000 -40080601234=5234");
	tables_write(tables_entry(GVA, 4), 0);
	tables_write(tables_entry(GVA, 4) + 8, 0);
	tables_told("");
}
END_TEST

/* What is the third level to one root is the top one to another. */
START_TEST(an_entry_is_met_at_another_level_by_each_root)
{
	struct gprobe_context other, both;
	uint64_t root, entry, large;

	ck_assert_int_eq(gprobe_sim_root_new(tables.sim, &root), 0);
	gprobe_sim_poke(tables.sim, tables.root,
			&(uint64_t){ root | PRESENT }, 8);
	entry = root;
	/* 0 meets it second, as it does a large page; as a top entry, not. */
	large = 0x40000000 | LARGE | PRESENT;
	both = in_root(tables.root, 0x234);
	other = in_root(root, 0x234);
	ck_assert_int_eq(gprobe_ptm_monitor(tables.ptm, tables.view, &both, 0),
			 0);
	ck_assert_int_eq(gprobe_ptm_monitor(tables.ptm, tables.view, &other, 0),
			 0);
	ck_assert_uint_eq(tables_figures().entries, 2);
	tables_write(entry, large);
	tables_told("+234=40000234");
	tables_write(entry, large & ~LARGE);
	/* It leads on for both, to what the guest does not have. */
	tables_told("-234=40000234");
	tables_write(entry, large | 1ULL << 12);
	tables_told("+234=40000234");
}
END_TEST

START_TEST(views_are_monitored_apart)
{
	struct gprobe_ptm_write write = { .bytes = 8, .vcpu = 0 };
	struct gprobe_context context;
	uint64_t leaf;
	uint32_t other;

	tables_map(GVA, PAGE, 4096);
	ck_assert_int_eq(gprobe_sim_view_new(tables.sim, &other), 0);
	context = in_root(tables.root, GVA);
	tables_monitor(GVA);
	ck_assert_int_eq(gprobe_ptm_monitor(tables.ptm, other, &context, 0), 0);
	leaf = tables_entry(GVA, 1);
	tables_write(leaf, 0);
	tables_told("-40080601234=5234");
	write.gpa = leaf;
	write.view = other;
	ck_assert_int_eq(gprobe_ptm_mark(tables.ptm, &write), 1);
	tables_process(0);
	tables_told("-40080601234=5234/2");
	/* A store is one to memory: all views' tables are touched. */
	write.view = GPROBE_PTM_ALL_VIEWS;
	gprobe_sim_poke(tables.sim, leaf, &(uint64_t){ PAGE | PRESENT }, 8);
	ck_assert_int_eq(gprobe_ptm_mark(tables.ptm, &write), 2);
	tables_process(0);
	tables_told("+40080601234=5234 +40080601234=5234/2");
}
END_TEST

/* As many as a guest may have, in tables that fill up and empty again. */
START_TEST(many_addresses_come_and_go)
{
	struct gprobe_sim_config config = { .frames = 1 << 16 };
	uint64_t i;

	tables_restart(&config);
	for (i = 0; i < 20000; i++)
		tables_map(i * 4096, PAGE, 4096);
	for (i = 0; i < 20000; i++)
		tables_monitor(i * 4096);
	ck_assert_uint_eq(tables_figures().entries, 20000 + 40 + 1 + 1);
	ck_assert_uint_eq(tables_figures().paged_in, 20000);
	tables_write(tables_entry(0, 4), 0);
	ck_assert_uint_eq(tables_figures().paged_in, 0);
	ck_assert_uint_eq(tables_figures().entries, 1);
	for (i = 0; i < 20000; i++)
		tables_unmonitor(i * 4096);
	ck_assert_uint_eq(gprobe_sim_maps(tables.sim), 0);
}
END_TEST

Suite *ptm_shared_suite(void)
{
	return TABLES_SUITE("ptm_shared", NULL,
			    tables_and_entries_are_shared_and_counted,
			    addresses_under_one_entry_each_get_their_event,
			    each_gets_its_events_once_in_its_final_state,
			    two_roots_share_a_table,
			    an_entry_is_met_at_another_level_by_each_root,
			    views_are_monitored_apart,
			    many_addresses_come_and_go);
}
