// SPDX-License-Identifier: GPL-2.0
/* The guest in memory as a driver: its calls, the log, faults on demand. */
#include "tables.h"

#define GFN	5u

struct sims {
	struct gprobe_sim *sim;
	struct gprobe_driver driver;
	uint32_t view;
};

static void begin(struct sims *sims, struct gprobe_sim_config config)
{
	config.log_max = 64;
	ck_assert_int_eq(gprobe_sim_new(&config, &sims->sim), 0);
	sims->driver = gprobe_sim_driver(sims->sim);
	ck_assert_int_eq(gprobe_sim_view_new(sims->sim, &sims->view), 0);
}

static int call(struct sims *sims, struct gprobe_call *calls, size_t nr)
{
	return sims->driver.ops->call(sims->driver.arg, calls, nr);
}

static struct gprobe_call set(struct sims *sims, uint64_t gfn, uint32_t access)
{
	return (struct gprobe_call){
		.kind = GPROBE_CALL_ACCESS_SET, .view = sims->view, .gfn = gfn,
		.access = access,
	};
}

START_TEST(access_is_set_and_got)
{
	struct gprobe_call calls[2];
	struct sims sims;

	begin(&sims, (struct gprobe_sim_config){ 0 });
	calls[0] = set(&sims, GFN, GPROBE_ACCESS_RX);
	calls[1] = calls[0];
	calls[1].kind = GPROBE_CALL_ACCESS_GET;
	calls[1].access = 0;
	ck_assert_int_eq(call(&sims, calls, 2), 0);
	ck_assert_uint_eq(calls[1].access, GPROBE_ACCESS_RX);
	calls[1].gfn = GFN + 1;
	ck_assert_int_eq(call(&sims, &calls[1], 1), 0);
	ck_assert_uint_eq(calls[1].access, GPROBE_ACCESS_RWX);
	gprobe_sim_free(sims.sim);
}
END_TEST

START_TEST(a_remap_hides_arms_and_protects_in_one)
{
	struct gprobe_sim_page page;
	struct gprobe_call remap;
	struct sims sims;
	uint64_t shadow;
	void *map;

	begin(&sims, (struct gprobe_sim_config){ 0 });
	ck_assert_int_eq(sims.driver.ops->shadow_alloc(sims.driver.arg, 1,
						       &shadow, &map), 0);
	strcpy(map, "shadow");
	remap = set(&sims, GFN, GPROBE_ACCESS_X);
	remap.kind = GPROBE_CALL_REMAP;
	remap.to = shadow;
	ck_assert_int_eq(call(&sims, &remap, 1), 0);
	gprobe_sim_page_get(sims.sim, sims.view, GFN, &page);
	ck_assert_str_eq((const char *)page.content, "shadow");
	ck_assert_uint_eq(page.access, GPROBE_ACCESS_X);
	remap.kind = GPROBE_CALL_UNMAP;
	ck_assert_int_eq(call(&sims, &remap, 1), 0);
	gprobe_sim_page_get(sims.sim, sims.view, GFN, &page);
	ck_assert(!page.remapped);
	ck_assert_uint_eq(page.access, GPROBE_ACCESS_RWX);
	gprobe_sim_free(sims.sim);
}
END_TEST

START_TEST(a_failed_call_ends_its_batch)
{
	struct gprobe_sim_page page;
	struct gprobe_call calls[3];
	struct sims sims;

	begin(&sims, (struct gprobe_sim_config){ 0 });
	calls[0] = set(&sims, GFN, GPROBE_ACCESS_R);
	calls[1] = set(&sims, GFN + 1, GPROBE_ACCESS_R);
	calls[1].view = 7;
	calls[2] = set(&sims, GFN + 2, GPROBE_ACCESS_R);
	ck_assert_int_eq(call(&sims, calls, 3), -ENOENT);
	ck_assert_int_eq(calls[0].ret, 0);
	ck_assert_int_eq(calls[1].ret, -ENOENT);
	ck_assert_int_eq(calls[2].ret, -ECANCELED);
	gprobe_sim_page_get(sims.sim, sims.view, GFN, &page);
	ck_assert_uint_eq(page.access, GPROBE_ACCESS_R);
	gprobe_sim_page_get(sims.sim, sims.view, GFN + 2, &page);
	ck_assert_uint_eq(page.access, GPROBE_ACCESS_RWX);
	gprobe_sim_free(sims.sim);
}
END_TEST

START_TEST(or_it_goes_on_where_that_is_asked_for)
{
	struct gprobe_call calls[2];
	struct sims sims;

	begin(&sims, (struct gprobe_sim_config){ .go_on = true });
	calls[0] = set(&sims, GFN, GPROBE_ACCESS_R);
	calls[0].view = 0;
	calls[1] = set(&sims, GFN, GPROBE_ACCESS_R);
	ck_assert_int_eq(call(&sims, calls, 2), -EINVAL);
	ck_assert_int_eq(calls[0].ret, -EINVAL);
	ck_assert_int_eq(calls[1].ret, 0);
	gprobe_sim_free(sims.sim);
}
END_TEST

START_TEST(the_nth_call_of_a_kind_fails)
{
	struct gprobe_call calls[2];
	struct sims sims;

	begin(&sims, (struct gprobe_sim_config){ 0 });
	calls[0] = set(&sims, GFN, GPROBE_ACCESS_R);
	calls[1] = set(&sims, GFN + 1, GPROBE_ACCESS_R);
	gprobe_sim_fault(sims.sim, GPROBE_CALL_ACCESS_SET, 3, -EIO);
	ck_assert_int_eq(call(&sims, calls, 2), 0);
	ck_assert_int_eq(call(&sims, calls, 2), -EIO);
	ck_assert_int_eq(calls[0].ret, -EIO);
	ck_assert_int_eq(call(&sims, calls, 2), 0);
	gprobe_sim_fault(sims.sim, GPROBE_SIM_BATCH, 1, -EAGAIN);
	ck_assert_int_eq(call(&sims, calls, 2), -EAGAIN);
	ck_assert_int_eq(calls[0].ret, -EAGAIN);
	ck_assert_int_eq(calls[1].ret, -ECANCELED);
	/* Of any kind: the batch is one, each call in it another. */
	gprobe_sim_fault(sims.sim, GPROBE_SIM_ANY, 3, -EIO);
	ck_assert_int_eq(call(&sims, calls, 2), -EIO);
	ck_assert_int_eq(calls[0].ret, 0);
	ck_assert_int_eq(calls[1].ret, -EIO);
	gprobe_sim_fault_all(sims.sim, GPROBE_SIM_ANY, -EIO);
	ck_assert_int_eq(call(&sims, calls, 2), -EIO);
	ck_assert_int_eq(call(&sims, calls, 2), -EIO);
	gprobe_sim_fault_all(sims.sim, GPROBE_SIM_ANY, 0);
	ck_assert_int_eq(call(&sims, calls, 2), 0);
	gprobe_sim_free(sims.sim);
}
END_TEST

/* One driver call of each kind, by the log's number. */
static int one_of(struct sims *sims, uint32_t kind)
{
	const struct gprobe_driver_ops *ops = sims->driver.ops;
	struct gprobe_translation translation = { 0 };
	uint64_t gfn = GFN;
	const void *map;
	uint32_t view;
	void *bytes;

	switch (kind) {
	case GPROBE_SIM_TRANSLATE:
		ops->translate(sims->driver.arg, &translation, 1);
		return translation.ret;
	case GPROBE_SIM_FRAME_READ:
		return ops->read(sims->driver.arg, gfn, 0, &view,
				 sizeof(view));
	case GPROBE_SIM_FRAME_GET:
		return ops->frame_get(sims->driver.arg, &gfn, 1, &map);
	case GPROBE_SIM_SHADOW_ALLOC:
		return ops->shadow_alloc(sims->driver.arg, 1, &gfn, &bytes);
	case GPROBE_SIM_VIEW_NEW:
		return ops->view_new(sims->driver.arg, &view);
	case GPROBE_SIM_VIEW_DEL:
		return ops->view_del(sims->driver.arg, 9);
	default:
		return ops->view_switch(sims->driver.arg, 0);
	}
}

START_TEST(a_read_is_of_the_guests_own_frame_and_does_not_leave_it)
{
	const uint8_t stored[] = { 1, 2, 3, 4 };
	uint8_t got[sizeof(stored)] = { 0 };
	struct sims sims;
	const struct gprobe_driver_ops *ops;

	begin(&sims, (struct gprobe_sim_config){ 0 });
	ops = sims.driver.ops;
	gprobe_sim_poke(sims.sim, GFN * 4096 + 4092, stored, sizeof(stored));
	ck_assert_int_eq(ops->read(sims.driver.arg, GFN, 4092, got, 4), 0);
	ck_assert_mem_eq(got, stored, sizeof(stored));
	ck_assert_int_eq(ops->read(sims.driver.arg, GFN, 4093, got, 4),
			 -EINVAL);
	ck_assert_int_eq(ops->read(sims.driver.arg, UINT64_MAX, 0, got, 4),
			 -ENXIO);
	gprobe_sim_set_life(sims.sim, GPROBE_SIM_DYING);
	ck_assert_int_eq(ops->read(sims.driver.arg, GFN, 0, got, 4),
			 -ESHUTDOWN);
	gprobe_sim_free(sims.sim);
}
END_TEST

START_TEST(each_kind_of_call_can_fail)
{
	static const uint32_t kinds[] = {
		GPROBE_SIM_TRANSLATE, GPROBE_SIM_FRAME_READ,
		GPROBE_SIM_FRAME_GET, GPROBE_SIM_SHADOW_ALLOC, GPROBE_SIM_VIEW_NEW,
		GPROBE_SIM_VIEW_DEL, GPROBE_SIM_VIEW_SWITCH,
	};
	struct sims sims;
	size_t i;

	begin(&sims, (struct gprobe_sim_config){ 0 });
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		gprobe_sim_fault(sims.sim, kinds[i], 1, -EIO);
		ck_assert_int_eq(one_of(&sims, kinds[i]), -EIO);
		ck_assert_int_ne(one_of(&sims, kinds[i]), -EIO);
		ck_assert_uint_eq(gprobe_sim_calls(sims.sim, kinds[i]), 2);
	}
	gprobe_sim_free(sims.sim);
}
END_TEST

START_TEST(the_log_has_all_calls_in_their_order)
{
	const struct gprobe_sim_logged *log;
	struct gprobe_call calls[2];
	struct sims sims;
	size_t nr;

	begin(&sims, (struct gprobe_sim_config){ 0 });
	calls[0] = set(&sims, GFN, GPROBE_ACCESS_R);
	calls[1] = set(&sims, GFN + 1, GPROBE_ACCESS_X);
	gprobe_sim_fault(sims.sim, GPROBE_CALL_ACCESS_SET, 2, -EIO);
	call(&sims, calls, 2);
	log = gprobe_sim_log(sims.sim, &nr);
	ck_assert_uint_eq(nr, 3);
	ck_assert_uint_eq(log[0].kind, GPROBE_SIM_BATCH);
	ck_assert_uint_eq(log[0].offset, 2);
	ck_assert_uint_eq(log[1].kind, GPROBE_CALL_ACCESS_SET);
	ck_assert_uint_eq(log[1].gfn, GFN);
	ck_assert_uint_eq(log[1].access, GPROBE_ACCESS_R);
	ck_assert_int_eq(log[2].ret, -EIO);
	gprobe_sim_log_clear(sims.sim);
	ck_assert_uint_eq(gprobe_sim_calls(sims.sim, GPROBE_SIM_ANY), 0);
	for (nr = 0; nr < 100; nr++)
		call(&sims, calls, 1);
	gprobe_sim_log(sims.sim, &nr);
	ck_assert_uint_eq(nr, 64);
	ck_assert_uint_eq(gprobe_sim_calls(sims.sim, GPROBE_SIM_BATCH), 100);
	gprobe_sim_free(sims.sim);
}
END_TEST

START_TEST(a_feature_that_was_not_asked_for_is_not_there)
{
	struct gprobe_call claim = {
		.kind = GPROBE_CALL_CLAIM_NEW, .view = 1, .gfn = GFN,
	};
	struct sims sims;

	begin(&sims, (struct gprobe_sim_config){ 0 });
	ck_assert_uint_eq(sims.driver.ops->features,
			  GPROBE_DRIVER_SHADOWS | GPROBE_DRIVER_VIEWS);
	ck_assert_int_eq(call(&sims, &claim, 1), -EOPNOTSUPP);
	gprobe_sim_free(sims.sim);
	begin(&sims, (struct gprobe_sim_config){
		.features = GPROBE_DRIVER_CLAIMS });
	ck_assert_ptr_null(sims.driver.ops->shadow_alloc);
	ck_assert_ptr_null(sims.driver.ops->view_new);
	claim.kind = GPROBE_CALL_REMAP;
	ck_assert_int_eq(call(&sims, &claim, 1), -EOPNOTSUPP);
	gprobe_sim_free(sims.sim);
}
END_TEST

static struct gprobe_call claim_at(struct sims *sims, uint32_t offset)
{
	return (struct gprobe_call){
		.kind = GPROBE_CALL_CLAIM_NEW, .view = sims->view, .gfn = GFN,
		.offset = offset,
	};
}

START_TEST(claims_are_armed_hidden_and_taken_back)
{
	struct gprobe_sim_page page;
	struct gprobe_call first, second;
	struct sims sims;

	begin(&sims, (struct gprobe_sim_config){
		.features = GPROBE_DRIVER_CLAIMS });
	memset(gprobe_sim_frame(sims.sim, GFN), 0x90, 4096);
	first = claim_at(&sims, 0);
	second = claim_at(&sims, 4095);
	ck_assert_int_eq(call(&sims, &first, 1), 0);
	ck_assert_int_eq(call(&sims, &second, 1), 0);
	ck_assert_uint_ne(first.id, second.id);
	ck_assert_int_eq(call(&sims, &(struct gprobe_call){ 0 }, 1), -EINVAL);
	gprobe_sim_page_get(sims.sim, sims.view, GFN, &page);
	ck_assert_uint_eq(page.content[0], 0xcc);
	ck_assert_uint_eq(page.content[1], 0x90);
	ck_assert_uint_eq(page.content[4095], 0xcc);
	ck_assert_uint_eq(page.access, GPROBE_ACCESS_X);
	ck_assert_uint_eq(*(uint8_t *)gprobe_sim_frame(sims.sim, GFN), 0x90);
	first.kind = GPROBE_CALL_CLAIM_DEL;
	second.kind = GPROBE_CALL_CLAIM_DEL;
	ck_assert_int_eq(call(&sims, &first, 1), 0);
	ck_assert_int_eq(call(&sims, &first, 1), -ENOENT);
	ck_assert_uint_eq(page.content[0], 0x90);
	ck_assert_int_eq(call(&sims, &second, 1), 0);
	gprobe_sim_page_get(sims.sim, sims.view, GFN, &page);
	ck_assert(!page.remapped);
	ck_assert_uint_eq(gprobe_sim_shadows(sims.sim), 0);
	gprobe_sim_free(sims.sim);
}
END_TEST

START_TEST(a_claim_that_cannot_be_is_refused)
{
	struct gprobe_call claim;
	struct sims sims;

	begin(&sims, (struct gprobe_sim_config){
		.features = GPROBE_DRIVER_CLAIMS });
	claim = claim_at(&sims, 0);
	ck_assert_int_eq(call(&sims, &claim, 1), 0);
	ck_assert_int_eq(call(&sims, &claim, 1), -EEXIST);
	claim = claim_at(&sims, 4096);
	ck_assert_int_eq(call(&sims, &claim, 1), -EINVAL);
	claim = claim_at(&sims, 0);
	claim.gfn = 1 << 20;
	ck_assert_int_eq(call(&sims, &claim, 1), -ENXIO);
	claim.view = 5;
	ck_assert_int_eq(call(&sims, &claim, 1), -ENOENT);
	gprobe_sim_free(sims.sim);
}
END_TEST

START_TEST(shadow_frames_run_out_and_come_back)
{
	struct sims sims;
	uint64_t gfns[3];
	void *maps[3];

	begin(&sims, (struct gprobe_sim_config){ .shadows = 2 });
	ck_assert_int_eq(sims.driver.ops->shadow_alloc(sims.driver.arg, 3, gfns,
						       maps), -ENOMEM);
	ck_assert_uint_eq(gprobe_sim_shadows(sims.sim), 0);
	ck_assert_int_eq(sims.driver.ops->shadow_alloc(sims.driver.arg, 2, gfns,
						       maps), 0);
	memset(maps[0], 1, 4096);
	sims.driver.ops->shadow_free(sims.driver.arg, 2, gfns, maps);
	ck_assert_int_eq(sims.driver.ops->shadow_alloc(sims.driver.arg, 2, gfns,
						       maps), 0);
	ck_assert_uint_eq(*(uint8_t *)maps[0] | *(uint8_t *)maps[1], 0);
	gprobe_sim_free(sims.sim);
}
END_TEST

Suite *sim_driver_suite(void)
{
	return UNIT_SUITE("sim_driver",
			  access_is_set_and_got,
			  a_remap_hides_arms_and_protects_in_one,
			  a_failed_call_ends_its_batch,
			  or_it_goes_on_where_that_is_asked_for,
			  the_nth_call_of_a_kind_fails,
			  a_read_is_of_the_guests_own_frame_and_does_not_leave_it,
		each_kind_of_call_can_fail,
			  the_log_has_all_calls_in_their_order,
			  a_feature_that_was_not_asked_for_is_not_there,
			  claims_are_armed_hidden_and_taken_back,
			  a_claim_that_cannot_be_is_refused,
			  shadow_frames_run_out_and_come_back);
}
