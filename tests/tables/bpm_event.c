// SPDX-License-Identifier: GPL-2.0
/* What an event is for, and whether there is a breakpoint at an address. */
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rig.h"

static void insert_at(struct rig *rig, uint64_t root, uint64_t key,
		      bool global, uint64_t gpa)
{
	struct gprobe_bpm_spec spec = spec_of(1, GVA, root);

	spec.key = key;
	spec.tag = key * 10;
	spec.global = global;
	ck_assert_int_eq(gprobe_bpm_insert_at(rig->bpm, &spec, gpa),
			 GPROBE_BPM_NEW);
}

/* How many claims an INT3 under a root is for; @hits gets four. */
static int lookup(struct rig *rig, uint64_t root, struct gprobe_bpm_hit *hits)
{
	struct gprobe_event event = event_of(rig, 1, GVA, root, GPA);

	return gprobe_bpm_lookup(rig->bpm, &event, hits, 4);
}

START_TEST(the_exact_root_comes_first_then_the_global_ones)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_hit hits[4];

	insert_at(rig, ROOT_B, 2, true, GPA);
	insert_at(rig, ROOT_A, 1, false, GPA);
	insert_at(rig, ROOT_C, 3, true, GPA);
	insert_at(rig, ROOT_C, 4, false, GPA);
	ck_assert_int_eq(lookup(rig, ROOT_A, hits), 3);
	ck_assert_uint_eq(hits[0].key, 1);
	ck_assert_uint_eq(hits[0].tag, 10);
	ck_assert_uint_eq(hits[0].root, ROOT_A);
	ck_assert(!hits[0].global);
	ck_assert(hits[1].global && hits[2].global);
	ck_assert_uint_eq(hits[1].key + hits[2].key, 5);
	ck_assert_int_eq(lookup(rig, ROOT_B, hits), 2);
	ck_assert_int_eq(lookup(rig, ROOT_C, hits), 3);
	ck_assert_uint_eq(hits[0].key, 4);
	rig_free(rig);
}
END_TEST

START_TEST(a_global_fires_under_any_root)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_hit hits[4];

	insert_at(rig, ROOT_A, 1, true, GPA);
	ck_assert_int_eq(lookup(rig, 0x77000, hits), 1);
	ck_assert_uint_eq(hits[0].tag, 10);
	ck_assert_uint_eq(hits[0].root, ROOT_A);
	rig_free(rig);
}
END_TEST

START_TEST(a_global_seen_under_two_roots_is_delivered_once)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_spec spec = spec_of(1, GVA, ROOT_B);
	struct gprobe_bpm_hit hits[4];

	insert_at(rig, ROOT_A, 1, true, GPA);
	spec.global = true;
	spec.tag = 99;
	ck_assert_int_eq(gprobe_bpm_insert_at(rig->bpm, &spec, GPA),
			 GPROBE_BPM_NEW);
	ck_assert_int_eq(lookup(rig, ROOT_A, hits), 1);
	ck_assert_int_eq(lookup(rig, ROOT_B, hits), 1);
	ck_assert_int_eq(lookup(rig, ROOT_C, hits), 1);
	/* One claim, one tag: the first. */
	ck_assert_uint_eq(hits[0].tag, 10);
	/* Whichever root goes, the other one delivers it. */
	ck_assert_int_eq(rig_page_out(rig, 1, GVA, ROOT_A, GPA), 0);
	ck_assert_int_eq(lookup(rig, ROOT_C, hits), 1);
	ck_assert_int_eq(rig_page_in(rig, 1, GVA, ROOT_A, GPA), 0);
	ck_assert_int_eq(rig_page_out(rig, 1, GVA, ROOT_B, GPA), 0);
	ck_assert_int_eq(lookup(rig, ROOT_C, hits), 1);
	ck_assert_uint_eq(hits[0].tag, 10);
	rig_free(rig);
}
END_TEST

START_TEST(an_int3_of_ours_that_nobody_wants_here_is_known)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_event event = event_of(rig, 1, GVA, ROOT_B, GPA);

	insert_at(rig, ROOT_A, 1, false, GPA);
	ck_assert_int_eq(gprobe_bpm_lookup(rig->bpm, &event, NULL, 0), 0);
	ck_assert(!gprobe_bpm_has_event(rig->bpm, &event));
	/* Another address of the same byte. */
	event = event_of(rig, 1, GVA + 0x1000, ROOT_A, GPA);
	ck_assert_int_eq(gprobe_bpm_lookup(rig->bpm, &event, NULL, 0), 0);
	rig_free(rig);
}
END_TEST

START_TEST(the_guests_own_int3_is_nobodys)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_event event = event_of(rig, 1, GVA + 1, ROOT_A, GPA + 1);

	ck_assert_int_eq(gprobe_bpm_lookup(rig->bpm, &event, NULL, 0),
			 -ENOENT);
	insert_at(rig, ROOT_A, 1, false, GPA);
	ck_assert_int_eq(gprobe_bpm_lookup(rig->bpm, &event, NULL, 0),
			 -ENOENT);
	event = event_of(rig, 2, GVA, ROOT_A, GPA);
	ck_assert_int_eq(gprobe_bpm_lookup(rig->bpm, &event, NULL, 0),
			 -ENOENT);
	event = event_of(rig, 0, GVA, ROOT_A, GPA);
	ck_assert_int_eq(gprobe_bpm_lookup(rig->bpm, &event, NULL, 0),
			 -ENOENT);
	event = event_of(rig, 4097, GVA, ROOT_A, GPA);
	ck_assert_int_eq(gprobe_bpm_lookup(rig->bpm, &event, NULL, 0),
			 -ENOENT);
	event = event_of(rig, 1, GVA, ROOT_A, GPA | 1ULL << 52);
	ck_assert_int_eq(gprobe_bpm_lookup(rig->bpm, &event, NULL, 0),
			 -ENOENT);
	event = event_of(rig, 1, GVA, ROOT_A, GPA);
	event.kind = GPROBE_EVENT_ACCESS;
	ck_assert_int_eq(gprobe_bpm_lookup(rig->bpm, &event, NULL, 0),
			 -ENOENT);
	rig_free(rig);
}
END_TEST

START_TEST(more_hits_than_room_are_counted)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_hit hits[4] = { [1].key = 77 };
	struct gprobe_event event = event_of(rig, 1, GVA, ROOT_A, GPA);
	uint64_t key;

	for (key = 1; key <= 6; key++)
		insert_at(rig, ROOT_A, key, key > 3, GPA);
	ck_assert_int_eq(gprobe_bpm_lookup(rig->bpm, &event, hits, 1), 6);
	ck_assert_uint_eq(hits[1].key, 77);
	rig_free(rig);
}
END_TEST

START_TEST(a_lookup_asks_nothing_and_allocates_nothing)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_hit hits[4];
	int ret;

	insert_at(rig, ROOT_A, 1, false, GPA);
	insert_at(rig, ROOT_B, 1, true, GPA);
	fake_tap_clear(rig->fake_tap);
	fake_memory_refuse(1);
	ret = lookup(rig, ROOT_A, hits);
	ck_assert_int_eq(fake_memory_refuse(0), 0);
	ck_assert_int_eq(ret, 2);
	ck_assert_uint_eq(rig->fake_tap->batches, 0);
	ck_assert_uint_eq(rig->fake->steps, 0);
	rig_free(rig);
}
END_TEST

/* Any but write, read and this exit would kill it. */
static void look_up_and_exit(struct rig *rig)
{
	struct gprobe_bpm_hit hits[4];

	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT))
		syscall(SYS_exit, 99);
	syscall(SYS_exit, lookup(rig, ROOT_A, hits));
}

START_TEST(a_lookup_makes_no_system_call)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	int status;
	pid_t pid;

	insert_at(rig, ROOT_A, 1, false, GPA);
	insert_at(rig, ROOT_B, 1, true, GPA);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid)
		look_up_and_exit(rig);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 2);
	rig_free(rig);
}
END_TEST

START_TEST(has_by_address_is_for_active_claims)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_context a = { GVA, ROOT_A }, b = { GVA, ROOT_B };
	struct gprobe_context beside = { GVA + 1, ROOT_A };

	insert_at(rig, ROOT_A, 1, false, GPROBE_BPM_NO_GPA);
	ck_assert(!gprobe_bpm_has(rig->bpm, 1, &a));
	ck_assert_int_eq(rig_page_in(rig, 1, GVA, ROOT_A, GPA), 0);
	ck_assert(gprobe_bpm_has(rig->bpm, 1, &a));
	ck_assert(!gprobe_bpm_has(rig->bpm, 2, &a));
	ck_assert(!gprobe_bpm_has(rig->bpm, 1, &b));
	ck_assert(!gprobe_bpm_has(rig->bpm, 1, &beside));
	rig_free(rig);
}
END_TEST

START_TEST(has_by_address_under_any_root_for_a_global)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_context b = { GVA, ROOT_B };

	insert_at(rig, ROOT_A, 1, true, GPROBE_BPM_NO_GPA);
	ck_assert(!gprobe_bpm_has(rig->bpm, 1, &b));
	ck_assert_int_eq(rig_page_in(rig, 1, GVA, ROOT_A, GPA), 0);
	ck_assert(gprobe_bpm_has(rig->bpm, 1, &b));
	ck_assert(!gprobe_bpm_has(rig->bpm, 2, &b));
	rig_free(rig);
}
END_TEST

START_TEST(an_execution_of_a_memory_tap_is_looked_up)
{
	struct rig *rig = rig_new(RIG_MEMORY);
	struct gprobe_bpm_hit hits[4];
	struct gprobe_event event = event_of(rig, 1, GVA, ROOT_A, GPA);

	insert_at(rig, ROOT_A, 1, false, GPA);
	ck_assert_int_eq(lookup(rig, ROOT_A, hits), 1);
	event.access = GPROBE_ACCESS_W;
	ck_assert(!gprobe_bpm_has_event(rig->bpm, &event));
	event.kind = GPROBE_EVENT_BREAKPOINT;
	ck_assert(!gprobe_bpm_has_event(rig->bpm, &event));
	rig_free(rig);
}
END_TEST

Suite *bpm_event_suite(void)
{
	return UNIT_SUITE("bpm_event",
		the_exact_root_comes_first_then_the_global_ones,
		a_global_fires_under_any_root,
		a_global_seen_under_two_roots_is_delivered_once,
		an_int3_of_ours_that_nobody_wants_here_is_known,
		the_guests_own_int3_is_nobodys, more_hits_than_room_are_counted,
		a_lookup_asks_nothing_and_allocates_nothing,
		a_lookup_makes_no_system_call,
		has_by_address_is_for_active_claims,
		has_by_address_under_any_root_for_a_global,
		an_execution_of_a_memory_tap_is_looked_up);
}
