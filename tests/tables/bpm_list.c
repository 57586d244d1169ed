// SPDX-License-Identifier: GPL-2.0
/* Figures, iteration, the list for people. */
#include <stdlib.h>

#include "rig.h"

START_TEST(figures_count_claims_int3s_and_pages)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_spec spec = spec_of(1, GVA, ROOT_A);
	struct gprobe_bpm_figures figures;

	gprobe_bpm_insert_at(rig->bpm, &spec, GPA);
	spec.key = 2;
	gprobe_bpm_insert_at(rig->bpm, &spec, GPA);
	spec.context.gva++;
	gprobe_bpm_insert_at(rig->bpm, &spec, GPA + 1);
	spec.view = 2;
	gprobe_bpm_insert_at(rig->bpm, &spec, GPROBE_BPM_NO_GPA);
	figures = rig_figures(rig);
	ck_assert_uint_eq(figures.active, 3);
	ck_assert_uint_eq(figures.pending, 1);
	ck_assert_uint_eq(figures.places, 2);
	ck_assert_uint_eq(figures.pages, 1);
	ck_assert_uint_eq(figures.unsettled, 0);
	ck_assert_uint_gt(figures.bytes, 4 * 64);
	rig_free(rig);
}
END_TEST

START_TEST(an_iteration_sees_each_claim_once_though_the_table_changes)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_spec spec = spec_of(1, GVA, ROOT_A);
	unsigned int seen[200] = { 0 };
	struct gprobe_bpm_claim claim;
	size_t cursor = 0;
	unsigned int i;

	for (i = 0; i < 100; i++) {
		spec.key = i;
		gprobe_bpm_insert_at(rig->bpm, &spec, GPA);
	}
	while (gprobe_bpm_next(rig->bpm, &cursor, &claim)) {
		ck_assert_uint_lt(claim.spec.key, 200);
		seen[claim.spec.key]++;
		/* Take out the one just seen, put in another. */
		ck_assert_int_eq(rig_remove(rig, &claim.spec), 1);
		spec.key = 100 + claim.spec.key % 100;
		if (claim.spec.key < 100)
			gprobe_bpm_insert_at(rig->bpm, &spec, GPA);
	}
	for (i = 0; i < 100; i++)
		ck_assert_uint_eq(seen[i], 1);
	rig_free(rig);
}
END_TEST

START_TEST(a_dump_has_a_line_for_each_claim)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	struct gprobe_bpm_spec spec = spec_of(1, GVA, ROOT_A);
	char *text = NULL;
	size_t bytes;
	FILE *to = open_memstream(&text, &bytes);

	gprobe_bpm_insert_at(rig->bpm, &spec, GPA);
	spec.key = 2;
	spec.global = true;
	gprobe_bpm_insert_at(rig->bpm, &spec, GPROBE_BPM_NO_GPA);
	ck_assert_int_eq(gprobe_bpm_dump(rig->bpm, to), 0);
	fclose(to);
	ck_assert_ptr_eq(strstr(text, "1 active, 1 pending, 1 INT3s on 1 "
				"pages, 0 unsettled, "), text);
	ck_assert_ptr_nonnull(strstr(text, "\nview 1 gva 0x7f0000001010 root "
		"0x1000 key 0x1 tag 0xa gpa 0x5010\n"));
	ck_assert_ptr_nonnull(strstr(text, "\nview 1 gva 0x7f0000001010 root "
		"0x1000 global key 0x2 tag 0xa pending\n"));
	free(text);
	rig_free(rig);
}
END_TEST

START_TEST(a_dump_that_cannot_be_written_is_eio)
{
	struct rig *rig = rig_new(RIG_FAKE_TAP);
	char room[4];
	FILE *to = fmemopen(room, sizeof(room), "w");

	setbuf(to, NULL);
	ck_assert_int_eq(gprobe_bpm_dump(rig->bpm, to), -EIO);
	fclose(to);
	rig_free(rig);
}
END_TEST

Suite *bpm_list_suite(void)
{
	return UNIT_SUITE("bpm_list", figures_count_claims_int3s_and_pages,
		an_iteration_sees_each_claim_once_though_the_table_changes,
		a_dump_has_a_line_for_each_claim,
		a_dump_that_cannot_be_written_is_eio);
}
