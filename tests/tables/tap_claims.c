// SPDX-License-Identifier: GPL-2.0
/* A tap that makes each claim of the table one of the driver. */
#include "rig.h"

static int insert(struct rig *rig, uint64_t key, uint64_t root, bool global)
{
	struct gprobe_bpm_spec spec = spec_of(1, GVA, root);

	spec.key = key;
	spec.tag = 10 * key;
	spec.global = global;
	return gprobe_bpm_insert_at(rig->bpm, &spec, GPA);
}

static int remove_key(struct rig *rig, uint64_t key, uint64_t root)
{
	struct gprobe_bpm_spec spec = spec_of(1, GVA, root);

	spec.key = key;
	return rig_remove(rig, &spec);
}

static bool has(const struct rig *rig, uint64_t key, uint64_t root)
{
	const struct fake_claim *claim;
	bool found = false;
	uint32_t i;

	for (i = 0; i < FAKE_CLAIMS; i++) {
		claim = &rig->fake->claims[i];
		if (!claim->used || claim->key != key || claim->root != root)
			continue;
		ck_assert(!found);
		ck_assert_uint_eq(claim->tag, 10 * key);
		ck_assert_uint_eq(claim->view, 1);
		ck_assert_uint_eq(claim->gfn, GFN);
		ck_assert_uint_eq(claim->offset, GPA & 0xfff);
		found = true;
	}
	return found;
}

START_TEST(each_claim_has_its_own_root_at_one_place)
{
	struct rig *rig = rig_new(RIG_ROOTS);

	ck_assert_int_eq(insert(rig, 1, ROOT_A, false), GPROBE_BPM_NEW);
	ck_assert_int_eq(insert(rig, 1, ROOT_B, false), GPROBE_BPM_NEW);
	ck_assert_int_eq(insert(rig, 2, ROOT_A, false), GPROBE_BPM_NEW);
	ck_assert_uint_eq(rig->fake->nr_claims, 3);
	ck_assert(has(rig, 1, ROOT_A) && has(rig, 1, ROOT_B) &&
		  has(rig, 2, ROOT_A));
	ck_assert_int_eq(insert(rig, 2, ROOT_A, false), GPROBE_BPM_THERE);
	ck_assert_uint_eq(rig->fake->nr_claims, 3);
	ck_assert_int_eq(remove_key(rig, 1, ROOT_A), 1);
	ck_assert(!has(rig, 1, ROOT_A) && has(rig, 1, ROOT_B) &&
		  has(rig, 2, ROOT_A));
	rig_free(rig);
}
END_TEST

START_TEST(a_global_claim_is_one_of_any_root)
{
	struct rig *rig = rig_new(RIG_ROOTS);

	ck_assert_int_eq(insert(rig, 1, ROOT_A, true), GPROBE_BPM_NEW);
	ck_assert_int_eq(insert(rig, 1, ROOT_B, true), GPROBE_BPM_NEW);
	ck_assert(has(rig, 1, 0));
	ck_assert_uint_eq(rig->fake->nr_claims, 1);
	/* It stays as long as one root maps it, and is never out meanwhile. */
	fake_log_clear(rig->fake);
	ck_assert_int_eq(rig_page_out(rig, 1, GVA, ROOT_A, GPA), 0);
	ck_assert_str_eq(rig->fake->log, "");
	ck_assert_int_eq(rig_page_out(rig, 1, GVA, ROOT_B, GPA), 0);
	ck_assert_uint_eq(rig->fake->nr_claims, 0);
	rig_free(rig);
}
END_TEST

START_TEST(two_addresses_of_one_place_are_one_claim)
{
	struct rig *rig = rig_new(RIG_ROOTS);
	struct gprobe_bpm_spec spec = spec_of(1, GVA + 0x1000, ROOT_A);

	spec.key = 1;
	ck_assert_int_eq(insert(rig, 1, ROOT_A, false), GPROBE_BPM_NEW);
	ck_assert_int_eq(gprobe_bpm_insert_at(rig->bpm, &spec, GPA),
			 GPROBE_BPM_NEW);
	ck_assert_uint_eq(rig->fake->nr_claims, 1);
	ck_assert_int_eq(remove_key(rig, 1, ROOT_A), 1);
	ck_assert_uint_eq(rig->fake->nr_claims, 1);
	rig_free(rig);
}
END_TEST

START_TEST(a_change_of_claims_leaves_the_int3_in)
{
	struct rig *rig = rig_new(RIG_ROOTS);

	insert(rig, 1, ROOT_A, false);
	fake_log_clear(rig->fake);
	insert(rig, 2, ROOT_A, false);
	ck_assert_str_eq(rig->fake->log, "new(1,5,10) ");
	fake_log_clear(rig->fake);
	ck_assert_int_eq(remove_key(rig, 1, ROOT_A), 1);
	ck_assert_str_eq(rig->fake->log, "del(1,5,10) ");
	rig_free(rig);
}
END_TEST

START_TEST(claims_of_many_places_go_in_one_round_trip)
{
	struct rig *rig = rig_new(RIG_ROOTS);
	struct gprobe_bpm_spec specs[100];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(specs); i++) {
		specs[i] = spec_of(1, GVA + i, i % 2 ? ROOT_A : ROOT_B);
		fake_map(rig->fake, i % 2 ? ROOT_A : ROOT_B, GVA, GFN);
	}
	ck_assert_int_eq(gprobe_bpm_insert_many(rig->bpm, specs,
						ARRAY_SIZE(specs), NULL), 0);
	ck_assert_uint_eq(rig->fake->nr_claims, 100);
	/* One translates. */
	ck_assert_uint_eq(rig->fake->trips, 2);
	rig_free(rig);
}
END_TEST

/* More claims at one place than a batch has. */
START_TEST(a_place_may_have_any_number_of_claims)
{
	struct rig *rig = rig_new(RIG_ROOTS);
	struct gprobe_bpm_spec spec;
	uint64_t key;

	for (key = 1; key <= 700; key++) {
		spec = spec_of(1, GVA, ROOT_A);
		spec.key = key;
		ck_assert_int_eq(gprobe_bpm_insert_at(rig->bpm, &spec,
						      GPROBE_BPM_NO_GPA),
				 GPROBE_BPM_NEW);
	}
	ck_assert_int_eq(rig_page_in(rig, 1, GVA, ROOT_A, GPA), 0);
	ck_assert_uint_eq(rig->fake->nr_claims, 700);
	for (key = 1; key <= 700; key++)
		ck_assert_uint_eq(rig->fake->claims[key - 1].used, 1);
	ck_assert_int_eq(rig_page_out(rig, 1, GVA, ROOT_A, GPA), 0);
	ck_assert_uint_eq(rig->fake->nr_claims, 0);
	ck_assert_int_eq(rig_page_in(rig, 1, GVA, ROOT_A, GPA), 0);
	/* Each step of the end failing once. */
	for (key = 1; key < 700; key += 50) {
		rig_fault(rig, key, -EIO, false);
		ck_assert_int_eq(rig_page_out(rig, 1, GVA, ROOT_A, GPA), -EIO);
		check_counts(rig, 700 - 256 * (key > 256) - 256 * (key > 512),
			     256 * (key > 256) + 256 * (key > 512));
		rig_fault(rig, 0, 0, false);
		ck_assert_int_eq(rig_page_in(rig, 1, GVA, ROOT_A, GPA), 0);
		ck_assert_uint_eq(rig->fake->nr_claims, 700);
	}
	rig_free(rig);
}
END_TEST

START_TEST(what_cannot_be_undone_is_taken_out_by_the_next_call)
{
	struct rig *rig = rig_new(RIG_ROOTS);
	struct gprobe_bpm_spec spec = spec_of(1, GVA, ROOT_A);

	for (spec.key = 1; spec.key <= 2; spec.key++)
		gprobe_bpm_insert_at(rig->bpm, &spec, GPROBE_BPM_NO_GPA);
	/* The second of two fails, and so does taking out the first. */
	rig_fault(rig, 2, -EIO, true);
	ck_assert_int_eq(rig_page_in(rig, 1, GVA, ROOT_A, GPA), -EIO);
	ck_assert_uint_eq(rig->fake->nr_claims, 1);
	check_counts(rig, 0, 2);
	rig_fault(rig, 0, 0, false);
	ck_assert_int_eq(insert(rig, 9, ROOT_B, false), GPROBE_BPM_NEW);
	ck_assert_uint_eq(rig->fake->nr_claims, 1);
	ck_assert(has(rig, 9, ROOT_B));
	ck_assert_int_eq(rig_page_in(rig, 1, GVA, ROOT_A, GPA), 0);
	ck_assert_uint_eq(rig->fake->nr_claims, 3);
	rig_free(rig);
}
END_TEST

START_TEST(what_is_gone_needs_no_taking_out)
{
	struct rig *rig = rig_new(RIG_ROOTS);

	insert(rig, 1, ROOT_A, false);
	insert(rig, 2, ROOT_A, false);
	rig->fake->views[1].gone = true;
	ck_assert_int_eq(remove_key(rig, 1, ROOT_A), 1);
	ck_assert_int_eq(remove_key(rig, 2, ROOT_A), 1);
	/* But nothing can be put in there. */
	ck_assert_int_eq(insert(rig, 1, ROOT_A, false), -ENOENT);
	rig_free(rig);
}
END_TEST

START_TEST(a_driver_without_such_claims_has_no_such_tap)
{
	struct rig *rig = rig_new(RIG_CLAIMS);
	struct gprobe_tap_claims *claims;

	ck_assert_int_eq(gprobe_tap_claims_new(&rig->driver, &claims),
			 -EOPNOTSUPP);
	rig_free(rig);
	rig = rig_new(RIG_ROOTS);
	fake_memory_refuse(1);
	ck_assert_int_eq(gprobe_tap_claims_new(&rig->driver, &claims),
			 -ENOMEM);
	gprobe_tap_claims_free(NULL);
	rig_free(rig);
}
END_TEST

Suite *tap_claims_suite(void)
{
	return UNIT_SUITE("tap_claims",
		each_claim_has_its_own_root_at_one_place,
		a_global_claim_is_one_of_any_root,
		two_addresses_of_one_place_are_one_claim,
		a_change_of_claims_leaves_the_int3_in,
		claims_of_many_places_go_in_one_round_trip,
		a_place_may_have_any_number_of_claims,
		what_cannot_be_undone_is_taken_out_by_the_next_call,
		what_is_gone_needs_no_taking_out,
		a_driver_without_such_claims_has_no_such_tap);
}
