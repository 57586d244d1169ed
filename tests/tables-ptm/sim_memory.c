// SPDX-License-Identifier: GPL-2.0
/* Memory and page tables of the guest in memory. */
#include "tables.h"

#define ROUND_TRIP	"thirty two bytes over two pages"

START_TEST(memory_is_zero_and_keeps_what_is_written)
{
	struct gprobe_sim *sim;
	char data[32];

	ck_assert_int_eq(gprobe_sim_new(NULL, &sim), 0);
	ck_assert_int_eq(gprobe_sim_peek(sim, 4090, data, sizeof(data)), 0);
	ck_assert_str_eq(data, "");
	ck_assert_int_eq(gprobe_sim_poke(sim, 4090, ROUND_TRIP,
					 sizeof(ROUND_TRIP)), 0);
	ck_assert_int_eq(gprobe_sim_peek(sim, 4090, data, sizeof(data)), 0);
	ck_assert_str_eq(data, ROUND_TRIP);
	gprobe_sim_free(sim);
}
END_TEST

START_TEST(frames_that_are_not_there_are_enxio)
{
	struct gprobe_sim_config config = { .frames = 16 };
	struct gprobe_sim *sim;
	char data[16] = { 0 };

	ck_assert_int_eq(gprobe_sim_new(&config, &sim), 0);
	ck_assert_ptr_null(gprobe_sim_frame(sim, 16));
	ck_assert_int_eq(gprobe_sim_poke(sim, 16 * 4096 - 8, data, 16),
			 -ENXIO);
	ck_assert_int_eq(gprobe_sim_peek(sim, UINT64_MAX - 4, data, 16),
			 -ENXIO);
	ck_assert_int_eq(gprobe_sim_frame_drop(sim, 3), 0);
	ck_assert_int_eq(gprobe_sim_frame_drop(sim, 3), -ENXIO);
	ck_assert_int_eq(gprobe_sim_peek(sim, 3 * 4096, data, 1), -ENXIO);
	ck_assert_int_eq(gprobe_sim_frame_replace(sim, 3), 0);
	ck_assert_int_eq(gprobe_sim_peek(sim, 3 * 4096, data, 1), 0);
	ck_assert_int_eq(gprobe_sim_frame_replace(sim, 16), -ENXIO);
	gprobe_sim_free(sim);
}
END_TEST

START_TEST(a_mapped_frame_outlives_its_place_in_the_guest)
{
	struct gprobe_driver driver;
	struct gprobe_sim *sim;
	const void *map;
	uint64_t gfn = 3;
	unsigned int i;

	ck_assert_int_eq(gprobe_sim_new(NULL, &sim), 0);
	driver = gprobe_sim_driver(sim);
	strcpy(gprobe_sim_frame(sim, gfn), "old");
	ck_assert_int_eq(driver.ops->frame_get(driver.arg, &gfn, 1, &map), 0);
	for (i = 0; i < 100; i++)
		ck_assert_int_eq(gprobe_sim_frame_replace(sim, gfn), 0);
	strcpy(gprobe_sim_frame(sim, gfn), "new");
	ck_assert_str_eq(map, "old");
	driver.ops->frame_put(driver.arg, gfn, map);
	ck_assert_uint_eq(gprobe_sim_maps(sim), 0);
	gprobe_sim_free(sim);
}
END_TEST

START_TEST(pages_of_all_sizes_are_mapped_and_unmapped)
{
	static const uint64_t sizes[] = { 4096, PAGE_2M, PAGE_1G };
	struct gprobe_translation translation;
	struct gprobe_driver driver;
	struct gprobe_sim *sim;
	uint64_t root;
	size_t i;

	ck_assert_int_eq(gprobe_sim_new(NULL, &sim), 0);
	driver = gprobe_sim_driver(sim);
	ck_assert_int_eq(gprobe_sim_root_new(sim, &root), 0);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		ck_assert_int_eq(gprobe_sim_map(sim, root, GVA, 5 * sizes[i],
						sizes[i]), 0);
		translation = (struct gprobe_translation){
			.root = root, .gva = GVA };
		ck_assert_int_eq(driver.ops->translate(driver.arg, &translation,
						       1), 0);
		ck_assert_int_eq(translation.ret, 0);
		ck_assert_uint_eq(translation.gpa,
				  5 * sizes[i] + GVA % sizes[i]);
		ck_assert_int_eq(gprobe_sim_unmap(sim, root, GVA), 0);
		ck_assert_int_eq(gprobe_sim_unmap(sim, root, GVA), -ENXIO);
		driver.ops->translate(driver.arg, &translation, 1);
		ck_assert_int_eq(translation.ret, -ENXIO);
	}
	gprobe_sim_free(sim);
}
END_TEST

START_TEST(what_cannot_be_mapped_is_refused)
{
	struct gprobe_sim_config config = { .frames = 3 };
	struct gprobe_sim *sim;
	uint64_t root, entry;

	ck_assert_int_eq(gprobe_sim_new(&config, &sim), 0);
	ck_assert_int_eq(gprobe_sim_root_new(sim, &root), 0);
	ck_assert_int_eq(gprobe_sim_map(sim, root, GVA, 0, 8192), -EINVAL);
	ck_assert_int_eq(gprobe_sim_map(sim, root, GVA, 0, PAGE_1G), 0);
	ck_assert_int_eq(gprobe_sim_map(sim, root, GVA, 0, 4096), -EEXIST);
	ck_assert_int_eq(gprobe_sim_map(sim, root, GVA + PAGE_1G, 0, 4096),
			 -ENOMEM);
	ck_assert_int_eq(gprobe_sim_map(sim, 99 << 12, GVA, 0, 4096), -ENXIO);
	ck_assert_int_eq(gprobe_sim_entry(sim, root, GVA, 0, &entry), -EINVAL);
	ck_assert_int_eq(gprobe_sim_entry(sim, root, GVA, 5, &entry), -EINVAL);
	ck_assert_int_eq(gprobe_sim_entry(sim, root, GVA, 1, &entry), -ENXIO);
	ck_assert_int_eq(gprobe_sim_entry(sim, root, GVA, 3, &entry), 0);
	gprobe_sim_free(sim);
}
END_TEST

START_TEST(more_than_there_can_be_is_refused)
{
	struct gprobe_sim_config config = { .frames = (1 << 28) + 1 };
	struct gprobe_sim *sim = NULL;

	ck_assert_int_eq(gprobe_sim_new(&config, &sim), -EINVAL);
	config = (struct gprobe_sim_config){ .vcpus = 100000 };
	ck_assert_int_eq(gprobe_sim_new(&config, &sim), -EINVAL);
	config = (struct gprobe_sim_config){ .views = 257 };
	ck_assert_int_eq(gprobe_sim_new(&config, &sim), -EINVAL);
	ck_assert_ptr_null(sim);
	gprobe_sim_free(NULL);
}
END_TEST

Suite *sim_memory_suite(void)
{
	return UNIT_SUITE("sim_memory",
			  memory_is_zero_and_keeps_what_is_written,
			  frames_that_are_not_there_are_enxio,
			  a_mapped_frame_outlives_its_place_in_the_guest,
			  pages_of_all_sizes_are_mapped_and_unmapped,
			  what_cannot_be_mapped_is_refused,
			  more_than_there_can_be_is_refused);
}
