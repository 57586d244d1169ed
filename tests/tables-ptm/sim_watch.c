// SPDX-License-Identifier: GPL-2.0
/* A driver that watches entries: which stores are told, and for how long. */
#include "tables.h"

#define GFN	5u
#define ENTRY	(GFN * 4096 + 100 * 8)

struct watched {
	struct gprobe_sim *sim;
	struct gprobe_driver driver;
	uint32_t view;
};

static void begin(struct watched *watched)
{
	struct gprobe_sim_config config = {
		.log_max = 8,
		.features = GPROBE_DRIVER_SHADOWS | GPROBE_DRIVER_WATCHES,
	};

	ck_assert_int_eq(gprobe_sim_new(&config, &watched->sim), 0);
	watched->driver = gprobe_sim_driver(watched->sim);
	ck_assert_int_eq(gprobe_sim_view_new(watched->sim, &watched->view), 0);
	gprobe_sim_vcpu_set_view(watched->sim, 0, watched->view);
}

static int call(struct watched *watched, uint32_t kind, uint64_t gfn,
		uint32_t *access)
{
	struct gprobe_call called = {
		.kind = kind, .view = watched->view, .gfn = gfn,
		.access = *access,
	};
	int ret;

	ret = watched->driver.ops->call(watched->driver.arg, &called, 1);
	*access = called.access;
	return ret;
}

static int set_access(struct watched *watched, uint32_t access)
{
	return call(watched, GPROBE_CALL_ACCESS_SET, GFN, &access);
}

/* The entry 100 of a page, or none. */
static int watch_in(struct watched *watched, uint32_t view, uint64_t gfn,
		    bool wanted)
{
	uint8_t entries[64] = { [100 / 8] = wanted << 100 % 8 };
	struct gprobe_call called = {
		.kind = GPROBE_CALL_WATCH, .view = view, .gfn = gfn,
		.entries = entries,
	};

	return watched->driver.ops->call(watched->driver.arg, &called, 1);
}

static void watch(struct watched *watched, bool wanted)
{
	ck_assert_int_eq(watch_in(watched, watched->view, GFN, wanted), 0);
}

/* A store, to where it is; is it told? Then it is not done. */
static bool is_told(struct watched *watched, uint64_t gpa, uint32_t bytes)
{
	struct gprobe_sim_insn insn = {
		.op = GPROBE_SIM_STORE, .gva = gpa, .bytes = bytes,
		.data = { 0x5a },
	};
	struct gprobe_event event;
	uint8_t byte = 0;

	gprobe_sim_poke(watched->sim, gpa, &byte, 1);
	ck_assert_int_eq(gprobe_sim_vcpu_load(watched->sim, 0, 0, &insn, 1), 0);
	gprobe_sim_run(watched->sim);
	gprobe_sim_peek(watched->sim, gpa, &byte, 1);
	if (gprobe_sim_event_next(watched->sim, &event)) {
		ck_assert_uint_eq(byte, 0x5a);
		return false;
	}
	ck_assert_uint_eq(byte, 0);
	ck_assert_uint_eq(event.kind, GPROBE_EVENT_ACCESS);
	ck_assert_uint_eq(event.access, GPROBE_ACCESS_W);
	ck_assert_uint_eq(event.gpa, gpa);
	ck_assert_uint_eq(event.bytes, bytes);
	gprobe_sim_event_answer(watched->sim, 0, GPROBE_SIM_EMULATE);
	gprobe_sim_peek(watched->sim, gpa, &byte, 1);
	ck_assert_uint_eq(byte, 0x5a);
	return true;
}

static uint64_t unwatched(struct watched *watched)
{
	struct gprobe_sim_vcpu vcpu;

	ck_assert_int_eq(gprobe_sim_vcpu_get(watched->sim, 0, &vcpu), 0);
	return vcpu.unwatched;
}

START_TEST(a_store_that_touches_a_watched_entry_is_told)
{
	struct watched watched;

	begin(&watched);
	watch(&watched, true);
	ck_assert(is_told(&watched, ENTRY, 8));
	ck_assert(is_told(&watched, ENTRY + 7, 1));
	ck_assert(is_told(&watched, ENTRY - 63, 64));
	ck_assert(is_told(&watched, ENTRY - 1, 2));
	ck_assert_uint_eq(unwatched(&watched), 0);
	gprobe_sim_free(watched.sim);
}
END_TEST

START_TEST(a_store_beside_it_happens_and_is_counted)
{
	struct watched watched;

	begin(&watched);
	watch(&watched, true);
	ck_assert(!is_told(&watched, ENTRY + 8, 8));
	ck_assert(!is_told(&watched, ENTRY - 64, 64));
	ck_assert(!is_told(&watched, ENTRY + 4096, 8));
	ck_assert_uint_eq(unwatched(&watched), 2);
	gprobe_sim_free(watched.sim);
}
END_TEST

START_TEST(what_is_watched_is_one_set_that_is_replaced)
{
	struct gprobe_call none = { .kind = GPROBE_CALL_WATCH, .gfn = GFN };
	struct watched watched;

	begin(&watched);
	watch(&watched, true);
	ck_assert_uint_eq(gprobe_sim_watches(watched.sim), 1);
	ck_assert(gprobe_sim_is_watched(watched.sim, watched.view, ENTRY + 7));
	ck_assert(!gprobe_sim_is_watched(watched.sim, watched.view,
					 ENTRY + 8));
	watch(&watched, true);
	ck_assert_uint_eq(gprobe_sim_watches(watched.sim), 1);
	watch(&watched, false);
	ck_assert_uint_eq(gprobe_sim_watches(watched.sim), 0);
	ck_assert(!is_told(&watched, ENTRY, 8));
	ck_assert_uint_eq(unwatched(&watched), 0);
	watch(&watched, true);
	none.view = watched.view;
	ck_assert_int_eq(watched.driver.ops->call(watched.driver.arg, &none, 1),
			 0);
	ck_assert_uint_eq(gprobe_sim_watches(watched.sim), 0);
	gprobe_sim_free(watched.sim);
}
END_TEST

START_TEST(others_reasons_for_the_access_are_respected)
{
	struct gprobe_sim_page page;
	struct watched watched;
	uint32_t access = 0;

	begin(&watched);
	ck_assert_int_eq(set_access(&watched, GPROBE_ACCESS_RW), 0);
	watch(&watched, true);
	gprobe_sim_page_get(watched.sim, watched.view, GFN, &page);
	ck_assert_uint_eq(page.access, GPROBE_ACCESS_R);
	ck_assert_int_eq(call(&watched, GPROBE_CALL_ACCESS_GET, GFN, &access),
			 0);
	ck_assert_uint_eq(access, GPROBE_ACCESS_RW);
	ck_assert_int_eq(set_access(&watched, GPROBE_ACCESS_RX), 0);
	ck_assert(is_told(&watched, ENTRY + 8, 8));
	ck_assert_int_eq(set_access(&watched, GPROBE_ACCESS_RWX), 0);
	ck_assert(is_told(&watched, ENTRY, 8));
	watch(&watched, false);
	gprobe_sim_page_get(watched.sim, watched.view, GFN, &page);
	ck_assert_uint_eq(page.access, GPROBE_ACCESS_RWX);
	gprobe_sim_free(watched.sim);
}
END_TEST

START_TEST(a_remapping_by_the_driver_leaves_it_protected)
{
	uint32_t access = GPROBE_ACCESS_RWX;
	struct watched watched;

	begin(&watched);
	watch(&watched, true);
	ck_assert_int_eq(call(&watched, GPROBE_CALL_UNMAP, GFN, &access), 0);
	ck_assert(is_told(&watched, ENTRY, 8));
	gprobe_sim_free(watched.sim);
}
END_TEST

START_TEST(protection_is_lost_as_access_is)
{
	struct gprobe_sim_page page;
	struct watched watched;

	begin(&watched);
	watch(&watched, true);
	ck_assert_int_eq(gprobe_sim_frame_replace(watched.sim, GFN), 0);
	ck_assert(!is_told(&watched, ENTRY, 8));
	watch(&watched, true);
	ck_assert(is_told(&watched, ENTRY, 8));
	ck_assert_int_eq(gprobe_sim_change_gfn(watched.sim, watched.view, GFN,
					       GFN + 1), 0);
	gprobe_sim_page_get(watched.sim, watched.view, GFN, &page);
	ck_assert_uint_eq(page.access, GPROBE_ACCESS_RWX);
	gprobe_sim_free(watched.sim);
}
END_TEST

START_TEST(a_view_takes_its_watches_with_it)
{
	struct watched watched;
	uint32_t view;

	begin(&watched);
	watch(&watched, true);
	gprobe_sim_vcpu_set_view(watched.sim, 0, 0);
	ck_assert_int_eq(gprobe_sim_view_del(watched.sim, watched.view), 0);
	ck_assert_uint_eq(gprobe_sim_watches(watched.sim), 0);
	ck_assert_int_eq(gprobe_sim_view_new(watched.sim, &view), 0);
	ck_assert(!gprobe_sim_is_watched(watched.sim, view, ENTRY));
	gprobe_sim_free(watched.sim);
}
END_TEST

START_TEST(what_cannot_be_watched_is_refused)
{
	struct gprobe_sim *plain;
	struct watched watched;

	begin(&watched);
	ck_assert_int_eq(watch_in(&watched, 0, GFN, true), -EINVAL);
	ck_assert_int_eq(watch_in(&watched, 2, GFN, true), -ENOENT);
	ck_assert_int_eq(watch_in(&watched, 1, 1ULL << 40, true), -ENXIO);
	gprobe_sim_frame_drop(watched.sim, GFN);
	ck_assert_int_eq(watch_in(&watched, 1, GFN, true), -ENXIO);
	gprobe_sim_set_life(watched.sim, GPROBE_SIM_DYING);
	ck_assert_int_eq(watch_in(&watched, 1, GFN + 1, true), 0);
	ck_assert_uint_eq(gprobe_sim_watches(watched.sim), 0);
	gprobe_sim_free(watched.sim);
	ck_assert_int_eq(gprobe_sim_new(NULL, &plain), 0);
	watched.driver = gprobe_sim_driver(plain);
	ck_assert_int_eq(watch_in(&watched, 1, GFN, true), -EOPNOTSUPP);
	gprobe_sim_free(plain);
}
END_TEST

START_TEST(it_is_logged_with_how_many_entries_and_can_fail)
{
	const struct gprobe_sim_logged *log;
	struct watched watched;
	size_t nr;

	begin(&watched);
	watch(&watched, true);
	gprobe_sim_fault(watched.sim, GPROBE_CALL_WATCH, 1, -EIO);
	ck_assert_int_eq(watch_in(&watched, watched.view, GFN, false), -EIO);
	ck_assert_uint_eq(gprobe_sim_watches(watched.sim), 1);
	log = gprobe_sim_log(watched.sim, &nr);
	ck_assert_uint_eq(nr, 4);
	ck_assert_uint_eq(log[1].kind, GPROBE_CALL_WATCH);
	ck_assert_uint_eq(log[1].gfn, GFN);
	ck_assert_uint_eq(log[1].offset, 1);
	ck_assert_uint_eq(log[3].offset, 0);
	ck_assert_int_eq(log[3].ret, -EIO);
	gprobe_sim_free(watched.sim);
}
END_TEST

Suite *sim_watch_suite(void)
{
	return UNIT_SUITE("sim_watch",
			  a_store_that_touches_a_watched_entry_is_told,
			  a_store_beside_it_happens_and_is_counted,
			  what_is_watched_is_one_set_that_is_replaced,
			  others_reasons_for_the_access_are_respected,
			  a_remapping_by_the_driver_leaves_it_protected,
			  protection_is_lost_as_access_is,
			  a_view_takes_its_watches_with_it,
			  what_cannot_be_watched_is_refused,
			  it_is_logged_with_how_many_entries_and_can_fail);
}
