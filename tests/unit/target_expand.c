// SPDX-License-Identifier: GPL-2.0
/* target_expand(): from what people wrote to the probes. */
#include "../../user/tool/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../user/tool/sim_guest.h"
#include "unit.h"

#define TEXT	0xffffffff81000100ULL

/* The guest in memory, with symbols of its code as a test wants them. */
struct lab {
	struct target target;
	struct sim_guest *guest;
	struct gprobe_symbols *symbols;
	struct gprobe_probe asked[3];
	struct gprobe_fetch *fetches[3];
	struct unit_stderr said;
};

static struct lab *set_up(const char *map)
{
	struct lab *lab = calloc(1, sizeof(*lab));

	ck_assert_int_eq(sim_guest_new(&lab->guest), 0);
	lab->symbols = unit_symbols(map);
	lab->target.asked = lab->asked;
	lab->target.asked_fetches = lab->fetches;
	unit_listen(&lab->said);
	return lab;
}

static void tear_down(struct lab *lab)
{
	target_free_probes(&lab->target);
	while (lab->target.nr_asked--)
		gprobe_fetch_free(lab->fetches[lab->target.nr_asked]);
	gprobe_symbols_free(lab->symbols);
	sim_guest_free(lab->guest);
	unit_unlisten(&lab->said);
	free(lab);
}

static void ask(struct lab *lab, const char *probe, const char *fetch)
{
	size_t i = lab->target.nr_asked++;

	ck_assert_int_eq(gprobe_probe_parse(probe, &lab->asked[i], NULL), 0);
	ck_assert_int_eq(gprobe_fetch_parse(fetch, &lab->fetches[i], NULL), 0);
}

static int expand(struct lab *lab)
{
	struct gprobe_driver driver = gprobe_sim_driver(lab->guest->sim);
	struct gprobe_vcpu vcpus[SIM_GUEST_VCPUS];
	const struct gprobe_space space = {
		.memory = { driver.ops->read, driver.arg },
		.vcpus = vcpus, .nr_vcpus = SIM_GUEST_VCPUS,
		.symbols = lab->symbols,
	};
	int status;

	sim_guest_vcpus(lab->guest, vcpus);
	status = target_expand(&lab->target, &space);
	fflush(stderr);
	return status;
}

/* @expected: the probes, each with the text of what it fetches. */
static void check(const struct lab *lab, const char *expected)
{
	const struct target *target = &lab->target;
	char got[512] = "";
	size_t i;

	for (i = 0; i < target->nr_probes; i++)
		sprintf(got + strlen(got), "%s(%s) ", target->probes[i].text,
			gprobe_fetch_text(target->fetches[i]));
	ck_assert_str_eq(got, expected);
}

static const char functions[] =
	"ffffffff81000100 T sys_read\n"
	"ffffffff81000140 T sys_write\n"
	"ffffffff81000180 T sys_openat\n";

START_TEST(each_of_a_glob_fetches_what_the_glob_does)
{
	struct lab *lab = set_up(functions);

	ask(lab, "sys_*", "%di");
	ck_assert_int_eq(expand(lab), 0);
	check(lab, "sys_read(%di) sys_write(%di) sys_openat(%di) ");
	ck_assert_str_eq(unit_said(&lab->said), "");
	tear_down(lab);
}
END_TEST

START_TEST(a_place_that_is_asked_for_by_itself_is_no_globs)
{
	struct lab *lab = set_up(functions);

	ask(lab, "*r*", "");
	ask(lab, "sys_*", "%si");
	ask(lab, "sys_read", "%di");
	ck_assert_int_eq(expand(lab), 0);
	check(lab, "sys_write() sys_openat(%si) sys_read(%di) ");
	tear_down(lab);
	lab = set_up(functions);
	ask(lab, "0xffffffff81000140", "");
	ask(lab, "sys_*", "%si");
	ck_assert_int_eq(expand(lab), 0);
	check(lab, "0xffffffff81000140() sys_read(%si) sys_openat(%si) ");
	tear_down(lab);
}
END_TEST

START_TEST(a_place_that_is_asked_for_twice_is_refused_whatever_globs_there_are)
{
	struct lab *lab = set_up(functions);

	ask(lab, "sys_*", "");
	ask(lab, "sys_read", "");
	ask(lab, "0xffffffff81000100", "");
	ck_assert_int_eq(expand(lab), 1);
	ck_assert_str_eq(unit_said(&lab->said),
		"gprobe: probe twice: 'sys_read' and '0xffffffff81000100' are the same place\n");
	tear_down(lab);
}
END_TEST

START_TEST(who_has_nothing_fetched_has_no_fetches)
{
	struct lab *lab = set_up(functions);

	ask(lab, "sys_*", "");
	ask(lab, "sys_read", "");
	lab->target.asked_fetches = NULL;
	ck_assert_int_eq(expand(lab), 0);
	ck_assert_uint_eq(lab->target.nr_probes, 3);
	ck_assert_ptr_null(lab->target.fetches);
	ck_assert(!target_names(&lab->target));
	tear_down(lab);
}
END_TEST

static const char partly[] =
	"ffffffff81000100 T sys_read\n"
	"ffffffff81000140 T sys_write\n"
	"ffffffff90000000 T sys_none\n"
	"ffffffff90001000 T sys_more\n";

START_TEST(what_of_a_glob_cannot_be_probed_is_said_once)
{
	struct lab *lab = set_up(partly);

	ask(lab, "sys_*", "");
	ck_assert_int_eq(expand(lab), 0);
	check(lab, "sys_read() sys_write() ");
	ck_assert_str_eq(unit_said(&lab->said),
		"gprobe: 2 of 4 functions of 'sys_*' cannot be probed (--strict would refuse that), the first: probe 'sys_none': nothing is mapped at 0xffffffff90000000 in the guest\n");
	tear_down(lab);
}
END_TEST

START_TEST(strict_refuses_a_glob_that_is_not_whole)
{
	struct lab *lab = set_up(partly);

	lab->target.is_strict = true;
	ask(lab, "sys_*", "");
	ck_assert_int_eq(expand(lab), 1);
	ck_assert_ptr_nonnull(strstr(unit_said(&lab->said),
		"2 of 4 functions of 'sys_*' cannot be probed, so none is (--strict), the first: probe 'sys_none'"));
	tear_down(lab);
	lab = set_up(partly);
	lab->target.is_strict = true;
	ask(lab, "sys_[rw]*", "");
	ck_assert_int_eq(expand(lab), 0);
	tear_down(lab);
}
END_TEST

START_TEST(a_glob_of_which_nothing_can_be_probed_is_refused)
{
	struct lab *lab = set_up(partly);

	ask(lab, "sys_read", "");
	ask(lab, "sys_[nm]*", "");
	ck_assert_int_eq(expand(lab), 1);
	ck_assert_ptr_nonnull(strstr(unit_said(&lab->said),
		"2 of 2 functions of 'sys_[nm]*' cannot be probed, the first: probe 'sys_none'"));
	tear_down(lab);
}
END_TEST

START_TEST(a_probe_that_is_no_glob_must_have_its_place)
{
	struct lab *lab = set_up(partly);

	ask(lab, "sys_none", "");
	ask(lab, "sys_*", "");
	ck_assert_int_eq(expand(lab), 1);
	ck_assert_str_eq(unit_said(&lab->said),
		"gprobe: probe 'sys_none': nothing is mapped at 0xffffffff90000000 in the guest\n");
	tear_down(lab);
}
END_TEST

START_TEST(more_than_sixteen_thousand_are_refused)
{
	struct lab *lab;
	char *map;
	size_t bytes;
	FILE *file = open_memstream(&map, &bytes);
	unsigned int i;

	for (i = 0; i < 16385; i++)
		fprintf(file, "%016llx T f%u\n", TEXT + i, i);
	fclose(file);
	lab = set_up(map);
	free(map);
	ask(lab, "f*", "");
	ck_assert_int_eq(expand(lab), 1);
	ck_assert_str_eq(unit_said(&lab->said),
		"gprobe: probe 'f*': that makes 16385 probes, and there can be 16384 at most\n");
	tear_down(lab);
}
END_TEST

START_TEST(a_return_has_its_exits_behind_all_probes)
{
	struct lab *lab = set_up(functions);
	const struct target *target = &lab->target;

	/* What stands behind sys_openat is no symbol: that one is left out. */
	ask(lab, "r:sys_*", "%ax");
	ask(lab, "sys_read", "%di");
	ck_assert_int_eq(expand(lab), 0);
	ck_assert_ptr_nonnull(strstr(unit_said(&lab->said), "1 of 3 functions of 'r:sys_*' cannot be probed"));
	check(lab, "r:sys_read(%ax) r:sys_write(%ax) sys_read(%di) ");
	ck_assert_uint_eq(target->nr_places, 5);
	ck_assert_int_eq(target->places[0].role, CALL_ENTRY);
	ck_assert_int_eq(target->places[2].role, CALL_NONE);
	ck_assert_uint_eq(target->places[2].probe, 2);
	ck_assert_int_eq(target->places[3].role, CALL_EXIT);
	ck_assert_uint_eq(target->places[3].probe, 0);
	ck_assert_uint_eq(target->probes[3].gva, TEXT + 5);
	ck_assert_str_eq(target->probes[3].text, "r:sys_read");
	ck_assert_int_eq(target->places[4].role, CALL_EXIT);
	ck_assert_uint_eq(target->places[4].probe, 1);
	ck_assert_uint_eq(target->probes[4].gva, TEXT + 0x45);
	tear_down(lab);
}
END_TEST

/* In place of the return of sys_read, jmp sys_write. */
static void end_with_jump(struct lab *lab)
{
	struct gprobe_driver driver = gprobe_sim_driver(lab->guest->sim);
	const struct gprobe_memory memory = { driver.ops->read, driver.arg };
	struct gprobe_vcpu vcpus[SIM_GUEST_VCPUS];
	struct gprobe_place place;
	uint64_t root;

	sim_guest_vcpus(lab->guest, vcpus);
	ck_assert_int_eq(gprobe_walk_any(&memory, vcpus, SIM_GUEST_VCPUS, TEXT,
					 &place, &root), 0);
	memcpy((uint8_t *)gprobe_sim_frame(lab->guest->sim, place.gfn) +
	       place.offset + 5, "\xe9\x36\0\0\0", 5);
}

START_TEST(what_a_duration_leaves_out_is_said)
{
	struct lab *lab = set_up(functions);

	end_with_jump(lab);
	ask(lab, "r:sys_read", "");
	ask(lab, "r:sys_[rw]*", "");
	ck_assert_int_eq(expand(lab), 0);
	check(lab, "r:sys_read() r:sys_write() ");
	ck_assert_str_eq(unit_said(&lab->said),
			 "gprobe: probe 'r:sys_read': the function ends with a jump to sys_write, whose time is not in the duration\n");
	tear_down(lab);
	lab = set_up(functions);
	end_with_jump(lab);
	ask(lab, "r:sys_[rw]*", "");
	ck_assert_int_eq(expand(lab), 0);
	ck_assert_str_eq(unit_said(&lab->said),
			 "gprobe: 1 of 2 functions of 'r:sys_[rw]*', such as 'r:sys_read', end with a jump to another function, whose time is not in their durations\n");
	tear_down(lab);
}
END_TEST

Suite *target_expand_suite(void)
{
	return UNIT_SUITE("target_expand",
		each_of_a_glob_fetches_what_the_glob_does,
		who_has_nothing_fetched_has_no_fetches,
		a_place_that_is_asked_for_by_itself_is_no_globs,
		a_place_that_is_asked_for_twice_is_refused_whatever_globs_there_are,
		what_of_a_glob_cannot_be_probed_is_said_once,
		strict_refuses_a_glob_that_is_not_whole,
		a_glob_of_which_nothing_can_be_probed_is_refused,
		a_probe_that_is_no_glob_must_have_its_place,
		more_than_sixteen_thousand_are_refused,
			  a_return_has_its_exits_behind_all_probes,
			  what_a_duration_leaves_out_is_said);
}
