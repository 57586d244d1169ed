// SPDX-License-Identifier: GPL-2.0
/*
 * Breakpoints that follow their pages, in a guest whose vCPUs change their own
 * page tables and run what they map. Every call of the probed code is caught,
 * the first one too; whether tables are protected, or their entries watched,
 * and told of before a store or once it is done.
 */
#include <gprobe/follow.h>

#include "alloc.h"
#include "tables.h"

#define CODE		0x400abcULL
#define CODE_GFN	5ULL
#define MOVED_GFN	6ULL
#define OTHER_GFN	7ULL
#define KEY		1u
#define VCPUS		2u

/**
 * struct rig - a guest that is probed
 * @hits: breakpoints that were delivered
 * @by_tag: the same, by the claim's tag
 * @stepped: stores to watched entries
 * @emulated: stores to other entries of their tables
 * @stores: of vCPUs that are told of once they are done
 */
struct rig {
	struct gprobe_sim *sim;
	struct gprobe_driver driver;
	struct gprobe_access_arbiter *arbiter;
	struct gprobe_shadows *shadows;
	struct gprobe_tap_parts parts;
	struct gprobe_tap tap;
	struct gprobe_bpm *bpm;
	struct gprobe_follow *follow;
	uint32_t view;
	uint64_t root;
	uint64_t hits, by_tag[4], stepped, emulated;
	struct gprobe_event stores[VCPUS];
};

static struct rig rig;

/* Of the case that runs. */
static enum tables_kind kind;
static bool told_when_done;

static void begin(void)
{
	struct gprobe_sim_config config = {
		.vcpus = VCPUS, .accessed_dirty = true,
		.features = tables_features(kind),
	};
	uint32_t i;

	memset(&rig, 0, sizeof(rig));
	unit_assert(!gprobe_sim_new(&config, &rig.sim));
	rig.driver = gprobe_sim_driver(rig.sim);
	unit_assert(!gprobe_access_new(&rig.driver, &rig.arbiter));
	unit_assert(!gprobe_shadow_new(&rig.driver, rig.arbiter, &rig.shadows));
	rig.parts = (struct gprobe_tap_parts){
		.driver = &rig.driver, .arbiter = rig.arbiter,
		.shadows = rig.shadows,
	};
	unit_assert(!gprobe_tap_breakpoint(&rig.parts, &rig.tap));
	unit_assert(!gprobe_bpm_new(&rig.driver, &rig.tap, &rig.bpm));
	unit_assert(!gprobe_follow_new(&rig.driver, rig.arbiter, rig.bpm,
				       &rig.follow));
	unit_assert(!gprobe_sim_view_new(rig.sim, &rig.view));
	unit_assert(!gprobe_sim_root_new(rig.sim, &rig.root));
	for (i = CODE_GFN; i <= OTHER_GFN; i++)
		memset(gprobe_sim_frame(rig.sim, i), 0x90, 4096);
	for (i = 0; i < VCPUS; i++)
		gprobe_sim_vcpu_set_view(rig.sim, i, rig.view);
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

static void begin_done(void)
{
	kind = TABLES_WATCHED;
	told_when_done = true;
	begin();
}

static void end(void)
{
	struct gprobe_sim_page page;
	uint64_t gfn;

	ck_assert_int_ge(gprobe_follow_clear(rig.follow), 0);
	for (gfn = 0; gfn < 4096; gfn++) {
		gprobe_sim_page_get(rig.sim, rig.view, gfn, &page);
		unit_assert(page.access == GPROBE_ACCESS_RWX && !page.remapped);
	}
	gprobe_follow_free(rig.follow);
	gprobe_bpm_free(rig.bpm);
	gprobe_shadow_free(rig.shadows);
	unit_assert(!gprobe_sim_maps(rig.sim));
	unit_assert(!gprobe_access_pages(rig.arbiter));
	unit_assert(!gprobe_sim_watches(rig.sim));
	gprobe_access_free(rig.arbiter);
	gprobe_sim_free(rig.sim);
}

static void breakpoint(const struct gprobe_event *event)
{
	struct gprobe_bpm_hit hits[8];
	int nr = gprobe_bpm_lookup(rig.bpm, event, hits, 8), i;

	unit_assert(nr >= 0 && nr <= 8);
	for (i = 0; i < nr; i++) {
		rig.hits++;
		rig.by_tag[hits[i].tag]++;
	}
	unit_assert(!gprobe_sim_event_answer(rig.sim, event->vcpu,
					     GPROBE_SIM_EMULATE));
}

static int tell(const struct gprobe_event *event)
{
	int ret = gprobe_follow_event(rig.follow, event);

	unit_assert(ret >= 0);
	rig.stepped += ret == GPROBE_FOLLOW_STEP;
	rig.emulated += ret == GPROBE_FOLLOW_EMULATE;
	return ret;
}

/* A vCPU has done its store, and is still held. */
static void stored(uint32_t vcpu)
{
	if (told_when_done)
		unit_assert(tell(&rig.stores[vcpu]) == GPROBE_FOLLOW_STEP);
	unit_assert(!gprobe_follow_stored(rig.follow, vcpu));
	gprobe_sim_event_answer(rig.sim, vcpu, GPROBE_SIM_RETRY);
}

static void handle(const struct gprobe_event *event)
{
	int ret;

	if (event->kind == GPROBE_SIM_EVENT_STEP) {
		stored(event->vcpu);
		return;
	}
	if (told_when_done && event->kind == GPROBE_EVENT_ACCESS) {
		rig.stores[event->vcpu] = *event;
		gprobe_sim_event_answer(rig.sim, event->vcpu, GPROBE_SIM_STEP);
		return;
	}
	ret = tell(event);
	if (ret == GPROBE_FOLLOW_PASS) {
		unit_assert(event->kind == GPROBE_EVENT_BREAKPOINT);
		breakpoint(event);
		return;
	}
	gprobe_sim_event_answer(rig.sim, event->vcpu,
				ret == GPROBE_FOLLOW_STEP ? GPROBE_SIM_STEP :
							    GPROBE_SIM_EMULATE);
}

static void run(void)
{
	struct gprobe_event event;

	for (;;) {
		gprobe_sim_run(rig.sim);
		if (gprobe_sim_event_next(rig.sim, &event))
			break;
		handle(&event);
	}
}

static void load(uint32_t vcpu, uint64_t root,
		 const struct gprobe_sim_insn *script, size_t nr)
{
	unit_assert(!gprobe_sim_vcpu_load(rig.sim, vcpu, root, script, nr));
}

static uint64_t executed(uint32_t vcpu)
{
	struct gprobe_sim_vcpu state;

	unit_assert(!gprobe_sim_vcpu_get(rig.sim, vcpu, &state));
	return state.executed;
}

static struct gprobe_bpm_spec claim(uint64_t root, uint64_t tag, bool global)
{
	return (struct gprobe_bpm_spec){
		.context = { .gva = CODE, .root = root }, .key = KEY + tag,
		.tag = tag, .view = rig.view, .global = global,
	};
}

static void insert(uint64_t root, uint64_t tag, bool global)
{
	struct gprobe_bpm_spec spec = claim(root, tag, global);

	ck_assert_int_eq(gprobe_follow_insert(rig.follow, &spec),
			 GPROBE_BPM_NEW);
}

static bool is_active(uint64_t root)
{
	struct gprobe_context context = { .gva = CODE, .root = root };

	return gprobe_bpm_has(rig.bpm, rig.view, &context);
}

/* The guest's kernel stores an entry. */
static struct gprobe_sim_insn store(uint64_t root, unsigned int level,
				    uint64_t value)
{
	struct gprobe_sim_insn insn = { .op = GPROBE_SIM_STORE, .bytes = 8 };

	ck_assert_int_eq(gprobe_sim_entry(rig.sim, root, CODE, level,
					  &insn.gva), 0);
	memcpy(insn.data, &value, 8);
	return insn;
}

static const struct gprobe_sim_insn call = {
	.op = GPROBE_SIM_EXEC, .gva = CODE,
};

START_TEST(pending_then_active_with_the_page_and_the_first_call_caught)
{
	struct gprobe_sim_insn script[3];

	gprobe_sim_map(rig.sim, rig.root, CODE, 0, 4096);
	gprobe_sim_unmap(rig.sim, rig.root, CODE);
	insert(rig.root, 0, false);
	ck_assert(!is_active(rig.root));
	script[0] = store(rig.root, 1, CODE_GFN << 12 | PRESENT);
	script[1] = call;
	script[2] = call;
	load(0, rig.root, script, 3);
	run();
	ck_assert(is_active(rig.root));
	ck_assert_uint_eq(rig.stepped, 1);
	ck_assert_uint_eq(rig.hits, 2);
	ck_assert_uint_eq(executed(0), 3);
}
END_TEST

/* Tables are built from the leaf up, as a kernel does, or from the top down. */
START_TEST(tables_that_are_built_under_an_address_are_followed)
{
	struct gprobe_sim_insn script[4];
	uint64_t made[3], at, value;
	size_t i, first;

	for (first = 0; first < 2; first++) {
		end();
		begin();
		insert(rig.root, 0, false);
		for (i = 0; i < 3; i++)
			gprobe_sim_frame_alloc(rig.sim, &made[i]);
		for (i = 0; i < 4; i++) {
			at = i ? made[i - 1] * 4096 : rig.root;
			at += (CODE >> (39 - 9 * i) & 511) * 8;
			value = (i < 3 ? made[i] : CODE_GFN) << 12 | PRESENT;
			script[first ? 3 - i : i] = (struct gprobe_sim_insn){
				.op = GPROBE_SIM_STORE, .bytes = 8, .gva = at,
			};
			memcpy(script[first ? 3 - i : i].data, &value, 8);
		}
		load(0, rig.root, script, 4);
		run();
		load(0, rig.root, &call, 1);
		run();
		ck_assert_uint_eq(rig.hits, 1);
	}
}
END_TEST

START_TEST(unmapped_and_mapped_again)
{
	struct gprobe_sim_insn script[5];

	gprobe_sim_map(rig.sim, rig.root, CODE, CODE_GFN << 12, 4096);
	insert(rig.root, 0, false);
	ck_assert(is_active(rig.root));
	script[0] = call;
	script[1] = store(rig.root, 1, 0);
	script[2] = call;
	script[3] = store(rig.root, 1, CODE_GFN << 12 | PRESENT);
	script[4] = call;
	load(0, rig.root, script, 2);
	run();
	ck_assert(!is_active(rig.root));
	ck_assert_uint_eq(rig.hits, 1);
	load(0, rig.root, script + 2, 3);
	run();
	ck_assert_uint_eq(rig.hits, 2);
}
END_TEST

START_TEST(a_page_that_moves_takes_its_breakpoint_along)
{
	struct gprobe_sim_insn script[2];
	struct gprobe_sim_page page;

	gprobe_sim_map(rig.sim, rig.root, CODE, CODE_GFN << 12, 4096);
	insert(rig.root, 0, false);
	script[0] = store(rig.root, 1, MOVED_GFN << 12 | PRESENT);
	script[1] = call;
	load(0, rig.root, script, 2);
	run();
	ck_assert_uint_eq(rig.hits, 1);
	gprobe_sim_page_get(rig.sim, rig.view, CODE_GFN, &page);
	ck_assert(!page.remapped);
	gprobe_sim_page_get(rig.sim, rig.view, MOVED_GFN, &page);
	ck_assert(page.remapped);
}
END_TEST

START_TEST(remapped_ten_thousand_times_while_called_the_count_is_exact)
{
	struct gprobe_sim_insn script[4];
	unsigned int i;

	gprobe_sim_map(rig.sim, rig.root, CODE, CODE_GFN << 12, 4096);
	insert(rig.root, 0, false);
	script[0] = store(rig.root, 1, MOVED_GFN << 12 | PRESENT);
	script[1] = call;
	script[2] = store(rig.root, 1, CODE_GFN << 12 | PRESENT);
	script[3] = call;
	for (i = 0; i < 5000; i++) {
		load(0, rig.root, script, 4);
		run();
	}
	ck_assert_uint_eq(rig.hits, 10000);
	ck_assert_uint_eq(executed(0), 20000);
}
END_TEST

START_TEST(two_processes_share_the_page_and_one_exits)
{
	struct gprobe_sim_insn script[2];
	uint64_t other;

	gprobe_sim_root_new(rig.sim, &other);
	gprobe_sim_map(rig.sim, rig.root, CODE, CODE_GFN << 12, 4096);
	gprobe_sim_map(rig.sim, other, CODE, CODE_GFN << 12, 4096);
	insert(rig.root, 1, false);
	insert(other, 2, false);
	load(0, rig.root, &call, 1);
	load(1, other, &call, 1);
	run();
	ck_assert_uint_eq(rig.by_tag[1], 1);
	ck_assert_uint_eq(rig.by_tag[2], 1);
	/* Its top entry is cleared, as when a process exits. */
	script[0] = store(other, 4, 0);
	load(1, other, script, 1);
	run();
	ck_assert(!is_active(other));
	ck_assert(is_active(rig.root));
	load(0, rig.root, &call, 1);
	run();
	ck_assert_uint_eq(rig.by_tag[1], 2);
	ck_assert_uint_eq(rig.by_tag[2], 1);
}
END_TEST

START_TEST(an_exact_claim_and_a_global_one_are_both_delivered)
{
	struct gprobe_sim_insn script[2];
	uint64_t other;

	gprobe_sim_root_new(rig.sim, &other);
	gprobe_sim_map(rig.sim, rig.root, CODE, CODE_GFN << 12, 4096);
	gprobe_sim_map(rig.sim, other, CODE, CODE_GFN << 12, 4096);
	insert(rig.root, 1, false);
	insert(rig.root, 2, true);
	insert(other, 2, true);
	load(0, rig.root, &call, 1);
	load(1, other, &call, 1);
	run();
	ck_assert_uint_eq(rig.by_tag[1], 1);
	ck_assert_uint_eq(rig.by_tag[2], 2);
	/* It lives while one root maps it. */
	script[0] = store(rig.root, 1, 0);
	load(0, rig.root, script, 1);
	load(1, other, &call, 1);
	run();
	ck_assert_uint_eq(rig.by_tag[2], 3);
}
END_TEST

START_TEST(tables_that_are_rebuilt_leave_the_breakpoint_in)
{
	uint64_t entry, value, copy, before;
	struct gprobe_sim_insn script[1];

	gprobe_sim_map(rig.sim, rig.root, CODE, CODE_GFN << 12, 4096);
	insert(rig.root, 0, false);
	gprobe_sim_entry(rig.sim, rig.root, CODE, 2, &entry);
	gprobe_sim_peek(rig.sim, entry, &value, 8);
	gprobe_sim_frame_alloc(rig.sim, &copy);
	memcpy(gprobe_sim_frame(rig.sim, copy),
	       gprobe_sim_frame(rig.sim, value / 4096), 4096);
	before = gprobe_sim_calls(rig.sim, GPROBE_CALL_REMAP) +
		 gprobe_sim_calls(rig.sim, GPROBE_CALL_UNMAP);
	script[0] = store(rig.root, 2, copy << 12 | PRESENT);
	load(0, rig.root, script, 1);
	run();
	ck_assert_uint_eq(gprobe_sim_calls(rig.sim, GPROBE_CALL_REMAP) +
			  gprobe_sim_calls(rig.sim, GPROBE_CALL_UNMAP), before);
	load(0, rig.root, &call, 1);
	run();
	ck_assert_uint_eq(rig.hits, 1);
}
END_TEST

/* Gone and back before either store is processed; a claim comes in between. */
START_TEST(a_claim_between_two_stores_is_not_lost)
{
	struct gprobe_event event = {
		.kind = GPROBE_EVENT_ACCESS, .access = GPROBE_ACCESS_W,
		.bytes = 8,
	};
	struct gprobe_sim_insn gone, back;

	gprobe_sim_map(rig.sim, rig.root, CODE, CODE_GFN << 12, 4096);
	insert(rig.root, 0, false);
	gone = store(rig.root, 1, 0);
	back = store(rig.root, 1, CODE_GFN << 12 | PRESENT);
	event.view = rig.view;
	event.gpa = gone.gva;
	ck_assert_int_eq(gprobe_follow_event(rig.follow, &event),
			 GPROBE_FOLLOW_STEP);
	gprobe_sim_poke(rig.sim, gone.gva, gone.data, 8);
	insert(rig.root, 1, false);
	event.vcpu = 1;
	ck_assert_int_eq(gprobe_follow_event(rig.follow, &event),
			 GPROBE_FOLLOW_STEP);
	gprobe_sim_poke(rig.sim, back.gva, back.data, 8);
	ck_assert_int_eq(gprobe_follow_stored(rig.follow, 0), 0);
	ck_assert_int_eq(gprobe_follow_stored(rig.follow, 1), 0);
	load(0, rig.root, &call, 1);
	run();
	ck_assert_uint_eq(rig.by_tag[0], 1);
	ck_assert_uint_eq(rig.by_tag[1], 1);
}
END_TEST

static uint64_t unwatched(void)
{
	struct gprobe_sim_vcpu vcpu;

	unit_assert(!gprobe_sim_vcpu_get(rig.sim, 0, &vcpu));
	return vcpu.unwatched;
}

START_TEST(a_store_beside_what_is_watched_is_emulated_or_not_even_told)
{
	struct gprobe_sim_insn script[1];

	gprobe_sim_map(rig.sim, rig.root, CODE, CODE_GFN << 12, 4096);
	insert(rig.root, 0, false);
	script[0] = store(rig.root, 1, 0);
	script[0].gva += 64;
	load(0, rig.root, script, 1);
	run();
	ck_assert_uint_eq(rig.emulated, kind == TABLES_PROTECTED);
	ck_assert_uint_eq(unwatched(), kind == TABLES_WATCHED);
	ck_assert_uint_eq(rig.stepped, 0);
	ck_assert_uint_eq(executed(0), 1);
}
END_TEST

/*
 * Emulated, as nobody watched its entry; before it is done somebody does. Then
 * the vCPU's next event, whatever it is, is soon enough to notice.
 */
START_TEST(a_store_that_was_emulated_late_is_seen_to_with_the_next_event)
{
	struct gprobe_event event = {
		.kind = GPROBE_EVENT_ACCESS, .access = GPROBE_ACCESS_W,
		.bytes = 8,
	};
	struct gprobe_bpm_spec spec;

	gprobe_sim_map(rig.sim, rig.root, CODE, CODE_GFN << 12, 4096);
	gprobe_sim_map(rig.sim, rig.root, CODE + 4096, OTHER_GFN << 12, 4096);
	insert(rig.root, 0, false);
	event.view = rig.view;
	gprobe_sim_entry(rig.sim, rig.root, CODE + 4096, 1, &event.gpa);
	ck_assert_int_eq(gprobe_follow_event(rig.follow, &event),
			 GPROBE_FOLLOW_EMULATE);
	spec = claim(rig.root, 1, false);
	spec.context.gva += 4096;
	ck_assert_int_eq(gprobe_follow_insert(rig.follow, &spec),
			 GPROBE_BPM_NEW);
	gprobe_sim_poke(rig.sim, event.gpa, &(uint64_t){ 0 }, 8);
	ck_assert(gprobe_bpm_has(rig.bpm, rig.view, &spec.context));
	event.kind = GPROBE_EVENT_BREAKPOINT;
	ck_assert_int_eq(gprobe_follow_event(rig.follow, &event),
			 GPROBE_FOLLOW_PASS);
	ck_assert(!gprobe_bpm_has(rig.bpm, rig.view, &spec.context));
}
END_TEST

static uint64_t monitored(void)
{
	struct gprobe_ptm_figures figures;

	gprobe_ptm_figures(gprobe_follow_ptm(rig.follow), &figures);
	return figures.addresses;
}

START_TEST(a_page_is_monitored_as_long_as_it_has_claims)
{
	struct gprobe_context context;

	insert(rig.root, 1, false);
	insert(rig.root, 2, false);
	ck_assert_uint_eq(monitored(), 1);
	context = (struct gprobe_context){ .gva = CODE, .root = rig.root };
	ck_assert_int_eq(gprobe_follow_remove(rig.follow, rig.view, &context,
					      KEY + 1), 1);
	ck_assert_int_eq(gprobe_follow_remove(rig.follow, rig.view, &context,
					      KEY + 1), 0);
	ck_assert_uint_eq(monitored(), 1);
	ck_assert_int_eq(gprobe_follow_remove(rig.follow, rig.view, &context,
					      KEY + 2), 1);
	ck_assert_uint_eq(monitored(), 0);
}
END_TEST

START_TEST(a_global_claim_is_let_go_under_all_roots)
{
	struct gprobe_context context;
	uint64_t other;

	gprobe_sim_root_new(rig.sim, &other);
	insert(rig.root, 1, true);
	insert(other, 1, true);
	ck_assert_uint_eq(monitored(), 2);
	context = (struct gprobe_context){ .gva = CODE, .root = other };
	ck_assert_int_eq(gprobe_follow_remove(rig.follow, rig.view, &context,
					      KEY + 1), 1);
	ck_assert_uint_eq(monitored(), 0);
}
END_TEST

START_TEST(removed_by_event_and_by_view)
{
	struct gprobe_event event;

	gprobe_sim_map(rig.sim, rig.root, CODE, CODE_GFN << 12, 4096);
	insert(rig.root, 1, false);
	load(0, rig.root, &call, 1);
	gprobe_sim_run(rig.sim);
	ck_assert_int_eq(gprobe_sim_event_next(rig.sim, &event), 0);
	ck_assert_int_eq(gprobe_follow_remove_by_event(rig.follow, &event,
						       KEY + 1),
			 GPROBE_BPM_REMOVED_LAST);
	ck_assert_uint_eq(monitored(), 0);
	ck_assert_int_eq(gprobe_follow_remove_by_event(rig.follow, &event,
						       KEY + 1),
			 GPROBE_BPM_NOTHING);
	gprobe_sim_event_answer(rig.sim, event.vcpu, GPROBE_SIM_RETRY);
	gprobe_sim_run(rig.sim);
	ck_assert_uint_eq(executed(0), 1);
	insert(rig.root, 1, false);
	ck_assert_int_eq(gprobe_follow_remove_view(rig.follow, rig.view), 1);
	ck_assert_uint_eq(monitored(), 0);
}
END_TEST

START_TEST(a_page_is_followed_in_each_view_apart)
{
	struct gprobe_context context = { .gva = CODE, .root = rig.root };
	struct gprobe_bpm_spec spec = claim(rig.root, 1, false);
	uint32_t other;

	gprobe_sim_map(rig.sim, rig.root, CODE, CODE_GFN << 12, 4096);
	ck_assert_int_eq(gprobe_sim_view_new(rig.sim, &other), 0);
	insert(rig.root, 1, false);
	spec.view = other;
	ck_assert_int_eq(gprobe_follow_insert(rig.follow, &spec),
			 GPROBE_BPM_NEW);
	ck_assert_uint_eq(monitored(), 2);
	ck_assert_int_eq(gprobe_follow_remove(rig.follow, rig.view, &context,
					      KEY + 1), 1);
	ck_assert_uint_eq(monitored(), 1);
	ck_assert(!is_active(rig.root));
	ck_assert(gprobe_bpm_has(rig.bpm, other, &context));
}
END_TEST

/* A page of a table that is code as well: stores to it are told for both. */
START_TEST(a_breakpoint_in_a_table_and_the_monitor_leave_each_other_alone)
{
	struct gprobe_bpm_spec spec = claim(rig.root, 1, false);
	struct gprobe_sim_insn script[2];
	struct gprobe_sim_page page;
	uint64_t leaf, at = 0x7ff000;

	gprobe_sim_map(rig.sim, rig.root, CODE, CODE_GFN << 12, 4096);
	ck_assert_int_eq(gprobe_sim_entry(rig.sim, rig.root, CODE, 1, &leaf),
			 0);
	gprobe_sim_map(rig.sim, rig.root, at, leaf, 4096);
	insert(rig.root, 0, false);
	spec.context.gva = at;
	ck_assert_int_eq(gprobe_follow_insert(rig.follow, &spec),
			 GPROBE_BPM_NEW);
	gprobe_sim_page_get(rig.sim, rig.view, leaf / 4096, &page);
	ck_assert_uint_eq(page.access, GPROBE_ACCESS_X);
	script[0] = store(rig.root, 1, MOVED_GFN << 12 | PRESENT);
	script[1] = (struct gprobe_sim_insn){
		.op = GPROBE_SIM_EXEC, .gva = at,
	};
	load(0, rig.root, script, 2);
	run();
	ck_assert_uint_eq(rig.stepped, 1);
	ck_assert_uint_eq(rig.by_tag[1], 1);
	ck_assert_int_eq(gprobe_follow_remove(rig.follow, rig.view,
					      &spec.context, spec.key), 1);
	gprobe_sim_page_get(rig.sim, rig.view, leaf / 4096, &page);
	ck_assert_uint_eq(page.access, GPROBE_ACCESS_RX);
	script[0] = store(rig.root, 1, CODE_GFN << 12 | PRESENT);
	script[1] = call;
	load(0, rig.root, script, 2);
	run();
	ck_assert_uint_eq(rig.stepped, 2);
	ck_assert_uint_eq(rig.by_tag[0], 1);
}
END_TEST

/* It could not follow its page; the other vCPU moves that back. */
START_TEST(a_claim_whose_page_comes_back_before_it_followed_is_not_lost)
{
	struct gprobe_event event = {
		.kind = GPROBE_EVENT_ACCESS, .access = GPROBE_ACCESS_W,
		.bytes = 8, .view = rig.view,
	};
	struct gprobe_sim_insn moved, back;

	gprobe_sim_map(rig.sim, rig.root, CODE, CODE_GFN << 12, 4096);
	insert(rig.root, 0, false);
	moved = store(rig.root, 1, MOVED_GFN << 12 | PRESENT);
	back = store(rig.root, 1, CODE_GFN << 12 | PRESENT);
	event.gpa = moved.gva;
	ck_assert_int_eq(gprobe_follow_event(rig.follow, &event),
			 GPROBE_FOLLOW_STEP);
	gprobe_sim_poke(rig.sim, moved.gva, moved.data, 8);
	gprobe_sim_fault(rig.sim, GPROBE_CALL_REMAP, 1, -EIO);
	ck_assert_int_eq(gprobe_follow_stored(rig.follow, 0), -EIO);
	load(1, rig.root, &back, 1);
	run();
	ck_assert_int_eq(gprobe_follow_stored(rig.follow, 0), 0);
	load(0, rig.root, &call, 1);
	run();
	ck_assert_uint_eq(rig.hits, 1);
}
END_TEST

/* What a vCPU left unfinished comes before whatever it does next. */
START_TEST(no_event_passes_a_change_that_is_unfinished)
{
	struct gprobe_event event = {
		.kind = GPROBE_EVENT_ACCESS, .access = GPROBE_ACCESS_W,
		.bytes = 8, .view = rig.view,
	};
	struct gprobe_sim_insn moved;

	gprobe_sim_map(rig.sim, rig.root, CODE, CODE_GFN << 12, 4096);
	insert(rig.root, 0, false);
	moved = store(rig.root, 1, MOVED_GFN << 12 | PRESENT);
	event.gpa = moved.gva;
	ck_assert_int_eq(gprobe_follow_event(rig.follow, &event),
			 GPROBE_FOLLOW_STEP);
	gprobe_sim_poke(rig.sim, moved.gva, moved.data, 8);
	gprobe_sim_fault_all(rig.sim, GPROBE_SIM_BATCH, -EIO);
	ck_assert_int_eq(gprobe_follow_stored(rig.follow, 0), -EIO);
	event.kind = GPROBE_EVENT_BREAKPOINT;
	ck_assert_int_eq(gprobe_follow_event(rig.follow, &event), -EIO);
	gprobe_sim_fault_all(rig.sim, GPROBE_SIM_BATCH, 0);
	ck_assert_int_eq(gprobe_follow_event(rig.follow, &event),
			 GPROBE_FOLLOW_PASS);
	load(0, rig.root, &call, 1);
	run();
	ck_assert_uint_eq(rig.hits, 1);
}
END_TEST

START_TEST(many_that_are_inserted_at_once_follow_each_its_page)
{
	struct gprobe_bpm_spec specs[4] = {
		claim(rig.root, 0, false), claim(rig.root, 1, false),
		claim(rig.root, 2, false), claim(rig.root, 0, false),
	};
	struct gprobe_sim_insn script[3];
	int answers[4];

	gprobe_sim_map(rig.sim, rig.root, CODE, CODE_GFN << 12, 4096);
	gprobe_sim_map(rig.sim, rig.root, CODE + 0x1000, OTHER_GFN << 12, 4096);
	specs[2].context.gva += 0x1000;
	ck_assert_int_eq(gprobe_follow_insert_many(rig.follow, specs, 4,
						   answers), 0);
	ck_assert_int_eq(answers[2], GPROBE_BPM_NEW);
	ck_assert_int_eq(answers[3], GPROBE_BPM_THERE);
	ck_assert_uint_eq(monitored(), 2);
	script[0] = store(rig.root, 1, MOVED_GFN << 12 | PRESENT);
	script[1] = call;
	script[2] = call;
	script[2].gva += 0x1000;
	load(0, rig.root, script, 3);
	run();
	ck_assert_uint_eq(rig.by_tag[0], 1);
	ck_assert_uint_eq(rig.by_tag[1], 1);
	ck_assert_uint_eq(rig.by_tag[2], 1);
	ck_assert_int_eq(gprobe_follow_insert_many(rig.follow, NULL, 0, NULL),
			 0);
}
END_TEST

START_TEST(of_many_of_which_one_is_wrong_none_is_in_nor_monitored)
{
	struct gprobe_bpm_spec specs[3] = {
		claim(rig.root, 1, false), claim(rig.root, 2, false),
		claim(rig.root, 0, true),
	};

	gprobe_sim_map(rig.sim, rig.root, CODE, CODE_GFN << 12, 4096);
	insert(rig.root, 0, false);
	specs[1].context.gva += 0x1000;
	ck_assert_int_eq(gprobe_follow_insert_many(rig.follow, specs, 3, NULL),
			 -EEXIST);
	ck_assert_uint_eq(monitored(), 1);
	specs[2] = specs[0];
	specs[2].context.gva = 1ULL << 47;
	ck_assert_int_eq(gprobe_follow_insert_many(rig.follow, specs, 3, NULL),
			 -EINVAL);
	ck_assert_uint_eq(monitored(), 1);
	load(0, rig.root, &call, 1);
	run();
	ck_assert_uint_eq(rig.hits, 1);
}
END_TEST

/*
 * Insert, the page moves, remove, many, by view, all: at each call the n-th
 * failure, then a retry.
 */
static bool play(void)
{
	struct gprobe_bpm_spec many[2] = {
		claim(rig.root, 0, false), claim(rig.root, 1, false),
	};
	struct gprobe_context context = { .gva = CODE, .root = rig.root };
	struct gprobe_bpm_spec spec = claim(rig.root, 0, false);
	struct gprobe_sim_insn moved;
	struct gprobe_event event = {
		.kind = GPROBE_EVENT_ACCESS, .access = GPROBE_ACCESS_W,
		.bytes = 8, .view = rig.view,
	};
	bool failed = false;
	int ret;

#define TRY(expression) \
	do { \
		alloc_resume(); \
		ret = (expression); \
		alloc_pause(); \
		if (ret < 0) { \
			failed = true; \
			gprobe_sim_fault(rig.sim, GPROBE_SIM_ANY, 0, 0); \
			alloc_fault(0); \
			alloc_pause(); \
			ret = (expression); \
		} \
		unit_assert(ret >= 0); \
	} while (0)
	TRY(gprobe_follow_insert(rig.follow, &spec));
	moved = store(rig.root, 1, MOVED_GFN << 12 | PRESENT);
	event.gpa = moved.gva;
	TRY(gprobe_follow_event(rig.follow, &event));
	gprobe_sim_poke(rig.sim, moved.gva, moved.data, 8);
	TRY(gprobe_follow_stored(rig.follow, 0));
	load(0, rig.root, &call, 1);
	alloc_pause();
	run();
	unit_assert(rig.hits == 1);
	TRY(gprobe_follow_remove(rig.follow, rig.view, &context, KEY));
	many[1].context.gva += 0x1000;
	TRY(gprobe_follow_insert_many(rig.follow, many, 2, NULL));
	unit_assert(is_active(rig.root) && monitored() == 2);
	TRY(gprobe_follow_remove_view(rig.follow, rig.view));
	TRY(gprobe_follow_insert(rig.follow, &spec));
	TRY(gprobe_follow_clear(rig.follow));
#undef TRY
	gprobe_sim_fault(rig.sim, GPROBE_SIM_ANY, 0, 0);
	alloc_fault(0);
	return failed;
}

static bool play_with(uint64_t nth_call, uint64_t nth_allocation,
		      uint64_t *calls)
{
	bool failed;

	end();
	begin();
	gprobe_sim_map(rig.sim, rig.root, CODE, CODE_GFN << 12, 4096);
	gprobe_sim_log_clear(rig.sim);
	if (nth_call)
		gprobe_sim_fault(rig.sim, GPROBE_SIM_ANY, nth_call, -EIO);
	alloc_fault(nth_allocation);
	alloc_pause();
	failed = play();
	*calls = gprobe_sim_calls(rig.sim, GPROBE_SIM_ANY);
	return failed;
}

START_TEST(the_nth_call_of_the_driver_fails_and_the_retry_completes)
{
	uint64_t nth, total, calls, failures = 0;

	ck_assert(!play_with(0, 0, &total));
	for (nth = 1; nth <= total; nth++)
		failures += play_with(nth, 0, &calls);
	ck_assert_uint_gt(failures, total / 2);
}
END_TEST

START_TEST(the_nth_allocation_fails_and_the_retry_completes)
{
	uint64_t nth = 1, calls;

	while (play_with(0, nth, &calls))
		nth++;
	ck_assert_uint_gt(nth, 8);
}
END_TEST

Suite *follow_suite(void)
{
	static const struct tables_fixture fixtures[] = {
		{ begin_protected, end, NULL },
		{ begin_watched, end, NULL },
		{ begin_done, end, NULL },
	};
	const TTest *const tests[] = {
		pending_then_active_with_the_page_and_the_first_call_caught,
		tables_that_are_built_under_an_address_are_followed,
		unmapped_and_mapped_again,
		a_page_that_moves_takes_its_breakpoint_along,
		remapped_ten_thousand_times_while_called_the_count_is_exact,
		two_processes_share_the_page_and_one_exits,
		an_exact_claim_and_a_global_one_are_both_delivered,
		tables_that_are_rebuilt_leave_the_breakpoint_in,
		a_claim_between_two_stores_is_not_lost,
		a_store_beside_what_is_watched_is_emulated_or_not_even_told,
		a_store_that_was_emulated_late_is_seen_to_with_the_next_event,
		a_page_is_monitored_as_long_as_it_has_claims,
		a_global_claim_is_let_go_under_all_roots,
		removed_by_event_and_by_view,
		a_page_is_followed_in_each_view_apart,
		a_breakpoint_in_a_table_and_the_monitor_leave_each_other_alone,
		a_claim_whose_page_comes_back_before_it_followed_is_not_lost,
		no_event_passes_a_change_that_is_unfinished,
		many_that_are_inserted_at_once_follow_each_its_page,
		of_many_of_which_one_is_wrong_none_is_in_nor_monitored,
		the_nth_call_of_the_driver_fails_and_the_retry_completes,
		the_nth_allocation_fails_and_the_retry_completes,
		NULL
	};
	Suite *suite = suite_create("follow");

	tables_case(suite, "follow", &fixtures[0], tests);
	tables_case(suite, "watched", &fixtures[1], tests);
	tables_case(suite, "told_when_done", &fixtures[2], tests);
	return suite;
}
