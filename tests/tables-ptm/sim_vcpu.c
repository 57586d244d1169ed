// SPDX-License-Identifier: GPL-2.0
/* vCPUs of the guest in memory: scripts, events, answers, the ring. */
#include "tables.h"

#define CODE		0x400000ULL
#define DATA		0x500000ULL
#define CODE_GFN	5ULL
#define DATA_GFN	6ULL

#define EXEC(at)	{ .op = GPROBE_SIM_EXEC, .gva = (at) }
#define READ(at)	{ .op = GPROBE_SIM_READ, .gva = (at), .bytes = 4 }
#define WRITE(at, what) \
	{ .op = GPROBE_SIM_WRITE, .gva = (at), .bytes = 4, .data = what }

struct cpus {
	struct gprobe_sim *sim;
	uint32_t view;
	uint64_t root;
};

static void begin(struct cpus *cpus, uint32_t vcpus)
{
	struct gprobe_sim_config config = { .vcpus = vcpus };
	uint32_t i;

	ck_assert_int_eq(gprobe_sim_new(&config, &cpus->sim), 0);
	ck_assert_int_eq(gprobe_sim_view_new(cpus->sim, &cpus->view), 0);
	ck_assert_int_eq(gprobe_sim_root_new(cpus->sim, &cpus->root), 0);
	gprobe_sim_map(cpus->sim, cpus->root, CODE, CODE_GFN * 4096, 4096);
	gprobe_sim_map(cpus->sim, cpus->root, DATA, DATA_GFN * 4096, 4096);
	memset(gprobe_sim_frame(cpus->sim, CODE_GFN), 0x90, 4096);
	for (i = 0; i < vcpus; i++)
		gprobe_sim_vcpu_set_view(cpus->sim, i, cpus->view);
}

static void load(struct cpus *cpus, uint32_t vcpu,
		 const struct gprobe_sim_insn *script, size_t nr)
{
	ck_assert_int_eq(gprobe_sim_vcpu_load(cpus->sim, vcpu, cpus->root,
					      script, nr), 0);
}

static struct gprobe_sim_vcpu vcpu(struct cpus *cpus, uint32_t number)
{
	struct gprobe_sim_vcpu state;

	ck_assert_int_eq(gprobe_sim_vcpu_get(cpus->sim, number, &state), 0);
	return state;
}

static struct gprobe_event event(struct cpus *cpus)
{
	struct gprobe_event got;

	ck_assert_int_eq(gprobe_sim_event_next(cpus->sim, &got), 0);
	return got;
}

static void answer(struct cpus *cpus, uint32_t number,
		   enum gprobe_sim_answer how)
{
	ck_assert_int_eq(gprobe_sim_event_answer(cpus->sim, number, how), 0);
}

START_TEST(a_script_runs_to_its_end)
{
	static const struct gprobe_sim_insn script[] = {
		EXEC(CODE), WRITE(DATA, "abc"), READ(DATA),
		{ .op = GPROBE_SIM_SET_ROOT, .gva = 0x1000 }, EXEC(CODE),
	};
	struct cpus cpus;

	begin(&cpus, 1);
	load(&cpus, 0, script, ARRAY_SIZE(script));
	ck_assert_uint_eq(vcpu(&cpus, 0).state, GPROBE_SIM_RUNS);
	ck_assert_uint_eq(gprobe_sim_run(cpus.sim), 5);
	ck_assert_uint_eq(vcpu(&cpus, 0).state, GPROBE_SIM_DONE);
	ck_assert_uint_eq(vcpu(&cpus, 0).executed, 4);
	ck_assert_uint_eq(vcpu(&cpus, 0).faults, 1);
	ck_assert_uint_eq(vcpu(&cpus, 0).root, 0x1000);
	ck_assert_str_eq((const char *)vcpu(&cpus, 0).loaded, "abc");
	ck_assert_int_eq(gprobe_sim_vcpu_step(cpus.sim, 0), -EAGAIN);
	gprobe_sim_free(cpus.sim);
}
END_TEST

START_TEST(what_a_view_does_not_allow_is_an_event)
{
	static const struct {
		struct gprobe_sim_insn insn;
		uint32_t allowed, access, bytes;
		uint64_t gpa;
	} cases[] = {
		{ EXEC(CODE + 3), GPROBE_ACCESS_RW, GPROBE_ACCESS_X, 0,
		  CODE_GFN * 4096 + 3 },
		{ READ(CODE + 3), GPROBE_ACCESS_X, GPROBE_ACCESS_R, 4,
		  CODE_GFN * 4096 + 3 },
		{ WRITE(CODE + 3, "a"), GPROBE_ACCESS_RX, GPROBE_ACCESS_W, 4,
		  CODE_GFN * 4096 + 3 },
		{ { .op = GPROBE_SIM_STORE, .gva = CODE_GFN * 4096, .bytes = 64,
		    .data = "b" }, GPROBE_ACCESS_R, GPROBE_ACCESS_W, 64,
		  CODE_GFN * 4096 },
	};
	struct gprobe_event got;
	struct cpus cpus;
	size_t i;

	begin(&cpus, 1);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		gprobe_sim_set_access(cpus.sim, cpus.view, CODE_GFN,
				      cases[i].allowed);
		load(&cpus, 0, &cases[i].insn, 1);
		gprobe_sim_run(cpus.sim);
		ck_assert_uint_eq(vcpu(&cpus, 0).state, GPROBE_SIM_HELD);
		got = event(&cpus);
		ck_assert_uint_eq(got.kind, GPROBE_EVENT_ACCESS);
		ck_assert_uint_eq(got.access, cases[i].access);
		ck_assert_uint_eq(got.bytes, cases[i].bytes);
		ck_assert_uint_eq(got.gpa, cases[i].gpa);
		ck_assert_uint_eq(got.gva, cases[i].insn.gva);
		ck_assert_uint_eq(got.root, cpus.root);
		ck_assert_uint_eq(got.view, cpus.view);
		ck_assert_uint_eq(vcpu(&cpus, 0).executed, i);
		answer(&cpus, 0, GPROBE_SIM_EMULATE);
		ck_assert_uint_eq(vcpu(&cpus, 0).executed, i + 1);
		ck_assert_uint_eq(vcpu(&cpus, 0).state, GPROBE_SIM_DONE);
	}
	gprobe_sim_free(cpus.sim);
}
END_TEST

START_TEST(a_store_that_is_held_is_not_done)
{
	static const struct gprobe_sim_insn script[] = { WRITE(DATA, "abc") };
	struct cpus cpus;

	begin(&cpus, 1);
	gprobe_sim_set_access(cpus.sim, cpus.view, DATA_GFN, GPROBE_ACCESS_R);
	load(&cpus, 0, script, 1);
	gprobe_sim_run(cpus.sim);
	event(&cpus);
	ck_assert_str_eq(gprobe_sim_frame(cpus.sim, DATA_GFN), "");
	answer(&cpus, 0, GPROBE_SIM_STEP);
	/* Done, and held again. */
	ck_assert_str_eq(gprobe_sim_frame(cpus.sim, DATA_GFN), "abc");
	ck_assert_uint_eq(vcpu(&cpus, 0).state, GPROBE_SIM_HELD);
	ck_assert_uint_eq(event(&cpus).kind, GPROBE_SIM_EVENT_STEP);
	answer(&cpus, 0, GPROBE_SIM_RETRY);
	ck_assert_uint_eq(vcpu(&cpus, 0).executed, 1);
	ck_assert_uint_eq(vcpu(&cpus, 0).state, GPROBE_SIM_DONE);
	gprobe_sim_free(cpus.sim);
}
END_TEST

START_TEST(an_instruction_that_is_tried_again_meets_the_view_as_it_is)
{
	static const struct gprobe_sim_insn script[] = { WRITE(DATA, "abc") };
	struct cpus cpus;

	begin(&cpus, 1);
	gprobe_sim_set_access(cpus.sim, cpus.view, DATA_GFN, GPROBE_ACCESS_R);
	load(&cpus, 0, script, 1);
	gprobe_sim_run(cpus.sim);
	event(&cpus);
	answer(&cpus, 0, GPROBE_SIM_RETRY);
	gprobe_sim_run(cpus.sim);
	event(&cpus);
	gprobe_sim_set_access(cpus.sim, cpus.view, DATA_GFN, GPROBE_ACCESS_RW);
	answer(&cpus, 0, GPROBE_SIM_RETRY);
	gprobe_sim_run(cpus.sim);
	ck_assert_uint_eq(vcpu(&cpus, 0).executed, 1);
	gprobe_sim_free(cpus.sim);
}
END_TEST

START_TEST(an_int3_of_the_view_is_an_event)
{
	static const struct gprobe_sim_insn script[] = {
		EXEC(CODE + 7), EXEC(CODE + 8),
	};
	struct gprobe_driver driver;
	struct gprobe_event got;
	struct cpus cpus;
	uint64_t shadow;
	void *map;

	begin(&cpus, 1);
	driver = gprobe_sim_driver(cpus.sim);
	driver.ops->shadow_alloc(driver.arg, 1, &shadow, &map);
	memset(map, 0x90, 4096);
	((uint8_t *)map)[7] = 0xcc;
	gprobe_sim_change_gfn(cpus.sim, cpus.view, CODE_GFN, shadow);
	load(&cpus, 0, script, 2);
	gprobe_sim_run(cpus.sim);
	got = event(&cpus);
	ck_assert_uint_eq(got.kind, GPROBE_EVENT_BREAKPOINT);
	ck_assert_uint_eq(got.gva, CODE + 7);
	ck_assert_uint_eq(got.gpa, CODE_GFN * 4096 + 7);
	answer(&cpus, 0, GPROBE_SIM_EMULATE);
	gprobe_sim_run(cpus.sim);
	ck_assert_uint_eq(vcpu(&cpus, 0).executed, 2);
	ck_assert_uint_eq(vcpu(&cpus, 0).traps, 0);
	gprobe_sim_free(cpus.sim);
}
END_TEST

START_TEST(the_guests_own_int3_is_given_to_it)
{
	static const struct gprobe_sim_insn script[] = { EXEC(CODE) };
	struct cpus cpus;

	begin(&cpus, 1);
	memset(gprobe_sim_frame(cpus.sim, CODE_GFN), 0xcc, 1);
	load(&cpus, 0, script, 1);
	gprobe_sim_run(cpus.sim);
	event(&cpus);
	answer(&cpus, 0, GPROBE_SIM_REINJECT);
	ck_assert_uint_eq(vcpu(&cpus, 0).traps, 1);
	ck_assert_uint_eq(vcpu(&cpus, 0).executed, 0);
	ck_assert_uint_eq(vcpu(&cpus, 0).state, GPROBE_SIM_DONE);
	gprobe_sim_free(cpus.sim);
}
END_TEST

START_TEST(the_ring_has_eight_slots)
{
	static const struct gprobe_sim_insn script[] = { EXEC(CODE) };
	struct cpus cpus;
	uint32_t i;

	begin(&cpus, 10);
	memset(gprobe_sim_frame(cpus.sim, CODE_GFN), 0xcc, 1);
	for (i = 0; i < 10; i++)
		load(&cpus, i, script, 1);
	gprobe_sim_run(cpus.sim);
	for (i = 0; i < 10; i++)
		ck_assert_uint_eq(vcpu(&cpus, i).state,
				  i < 8 ? GPROBE_SIM_HELD : GPROBE_SIM_WAITS);
	/* One that waits cannot be answered, one still in the ring neither. */
	ck_assert_int_eq(gprobe_sim_event_answer(cpus.sim, 9, 0), -EINVAL);
	ck_assert_int_eq(gprobe_sim_event_answer(cpus.sim, 0, 0), -EINVAL);
	ck_assert_uint_eq(event(&cpus).vcpu, 0);
	ck_assert_uint_eq(vcpu(&cpus, 8).state, GPROBE_SIM_HELD);
	ck_assert_uint_eq(vcpu(&cpus, 9).state, GPROBE_SIM_WAITS);
	for (i = 1; i < 10; i++)
		ck_assert_uint_eq(event(&cpus).vcpu, i);
	ck_assert_int_eq(gprobe_sim_event_next(cpus.sim,
					       &(struct gprobe_event){ 0 }),
			 -EAGAIN);
	for (i = 0; i < 10; i++)
		answer(&cpus, i, GPROBE_SIM_REINJECT);
	gprobe_sim_free(cpus.sim);
}
END_TEST

START_TEST(pauses_are_counted)
{
	static const struct gprobe_sim_insn script[] = { EXEC(CODE) };
	struct cpus cpus;

	begin(&cpus, 1);
	memset(gprobe_sim_frame(cpus.sim, CODE_GFN), 0xcc, 1);
	load(&cpus, 0, script, 1);
	gprobe_sim_run(cpus.sim);
	gprobe_sim_vcpu_pause(cpus.sim, 0);
	gprobe_sim_vcpu_pause(cpus.sim, 0);
	event(&cpus);
	answer(&cpus, 0, GPROBE_SIM_RETRY);
	ck_assert_uint_eq(vcpu(&cpus, 0).state, GPROBE_SIM_PAUSED);
	ck_assert_uint_eq(gprobe_sim_run(cpus.sim), 0);
	ck_assert_int_eq(gprobe_sim_vcpu_unpause(cpus.sim, 0), 0);
	ck_assert_uint_eq(vcpu(&cpus, 0).state, GPROBE_SIM_PAUSED);
	ck_assert_int_eq(gprobe_sim_vcpu_unpause(cpus.sim, 0), 0);
	ck_assert_int_eq(gprobe_sim_vcpu_unpause(cpus.sim, 0), -EINVAL);
	ck_assert_uint_eq(gprobe_sim_run(cpus.sim), 1);
	/* The event's own pause is not the tools' to take. */
	ck_assert_int_eq(gprobe_sim_vcpu_unpause(cpus.sim, 0), -EINVAL);
	gprobe_sim_free(cpus.sim);
}
END_TEST

START_TEST(accessed_and_dirty_bits_are_set_where_asked_for)
{
	static const struct gprobe_sim_insn script[] = { WRITE(DATA, "abc") };
	struct gprobe_sim_config config = { .accessed_dirty = true };
	uint64_t entry, value;
	struct cpus cpus;
	unsigned int level;

	ck_assert_int_eq(gprobe_sim_new(&config, &cpus.sim), 0);
	ck_assert_int_eq(gprobe_sim_root_new(cpus.sim, &cpus.root), 0);
	gprobe_sim_map(cpus.sim, cpus.root, DATA, DATA_GFN * 4096, 4096);
	load(&cpus, 0, script, 1);
	gprobe_sim_run(cpus.sim);
	for (level = 1; level <= 4; level++) {
		gprobe_sim_entry(cpus.sim, cpus.root, DATA, level, &entry);
		gprobe_sim_peek(cpus.sim, entry, &value, 8);
		ck_assert(value & GPROBE_SIM_ACCESSED);
		ck_assert_int_eq(!!(value & GPROBE_SIM_DIRTY), level == 1);
	}
	gprobe_sim_free(cpus.sim);
}
END_TEST

START_TEST(bad_input_is_refused)
{
	struct gprobe_sim_insn insn = { .op = GPROBE_SIM_READ, .bytes = 65 };
	struct gprobe_sim_vcpu state;
	struct cpus cpus;

	begin(&cpus, 1);
	ck_assert_int_eq(gprobe_sim_vcpu_load(cpus.sim, 0, 0, &insn, 1),
			 -EINVAL);
	insn.bytes = 8;
	insn.gva = 4092;
	ck_assert_int_eq(gprobe_sim_vcpu_load(cpus.sim, 0, 0, &insn, 1),
			 -EINVAL);
	insn.op = 9;
	ck_assert_int_eq(gprobe_sim_vcpu_load(cpus.sim, 0, 0, &insn, 1),
			 -EINVAL);
	ck_assert_int_eq(gprobe_sim_vcpu_load(cpus.sim, 1, 0, &insn, 0),
			 -EINVAL);
	ck_assert_int_eq(gprobe_sim_vcpu_get(cpus.sim, 1, &state), -EINVAL);
	ck_assert_int_eq(gprobe_sim_vcpu_pause(cpus.sim, 1), -EINVAL);
	ck_assert_int_eq(gprobe_sim_vcpu_unpause(cpus.sim, 1), -EINVAL);
	ck_assert_int_eq(gprobe_sim_vcpu_step(cpus.sim, 1), -EINVAL);
	ck_assert_int_eq(gprobe_sim_vcpu_set_view(cpus.sim, 1, 0), -EINVAL);
	gprobe_sim_free(cpus.sim);
}
END_TEST

START_TEST(a_held_vcpu_is_neither_loaded_nor_given_a_trap)
{
	static const struct gprobe_sim_insn script[] = { WRITE(DATA, "abc") };
	struct cpus cpus;

	begin(&cpus, 1);
	gprobe_sim_set_access(cpus.sim, cpus.view, DATA_GFN, GPROBE_ACCESS_R);
	load(&cpus, 0, script, 1);
	gprobe_sim_run(cpus.sim);
	ck_assert_int_eq(gprobe_sim_vcpu_load(cpus.sim, 0, cpus.root, script,
					      1), -EBUSY);
	/* Its event is in the ring still; then it is none of an INT3. */
	ck_assert_int_eq(gprobe_sim_event_answer(cpus.sim, 0,
						 GPROBE_SIM_RETRY), -EINVAL);
	event(&cpus);
	ck_assert_int_eq(gprobe_sim_event_answer(cpus.sim, 0,
						 GPROBE_SIM_REINJECT), -EINVAL);
	ck_assert_uint_eq(vcpu(&cpus, 0).state, GPROBE_SIM_HELD);
	gprobe_sim_free(cpus.sim);
}
END_TEST

START_TEST(a_store_to_a_frame_that_is_not_there_is_a_fault)
{
	static const struct gprobe_sim_insn script[] = {
		{ .op = GPROBE_SIM_STORE, .gva = 1ULL << 40, .bytes = 8 },
	};
	struct cpus cpus;

	begin(&cpus, 1);
	load(&cpus, 0, script, 1);
	gprobe_sim_run(cpus.sim);
	ck_assert_uint_eq(vcpu(&cpus, 0).faults, 1);
	ck_assert_uint_eq(vcpu(&cpus, 0).executed, 0);
	gprobe_sim_free(cpus.sim);
}
END_TEST

Suite *sim_vcpu_suite(void)
{
	return UNIT_SUITE("sim_vcpu",
			  a_script_runs_to_its_end,
			  what_a_view_does_not_allow_is_an_event,
			  a_store_that_is_held_is_not_done,
			  an_instruction_that_is_tried_again_meets_the_view_as_it_is,
			  an_int3_of_the_view_is_an_event,
			  the_guests_own_int3_is_given_to_it,
			  the_ring_has_eight_slots,
			  pauses_are_counted,
			  accessed_and_dirty_bits_are_set_where_asked_for,
			  bad_input_is_refused,
			  a_held_vcpu_is_neither_loaded_nor_given_a_trap,
			  a_store_to_a_frame_that_is_not_there_is_a_fault);
}
