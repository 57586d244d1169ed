// SPDX-License-Identifier: GPL-2.0
/* kmod/table.c in user space, beside an array that is searched plainly. */
#include "../../kmod/table.h"

#include <linux/slab.h>
#include <string.h>

#include "unit.h"

#define KEYS	400

bool shim_out_of_memory;

/* Which of some keys are in the table. */
struct twin {
	struct gprobe_table table;
	u64 keys[KEYS];
	bool in[KEYS];
	unsigned int nr;
};

static int insert(struct gprobe_table *table, u64 key, void *object)
{
	struct gprobe_table_slot *bigger = gprobe_table_grow_alloc(table);

	if (IS_ERR(bigger))
		return PTR_ERR(bigger);
	kvfree(gprobe_table_insert(table, bigger, key, object));
	return 0;
}

/* The object of a key is the key's place in the array. */
static void check_key(struct twin *twin, size_t i)
{
	void *expected = twin->in[i] ? &twin->keys[i] : NULL;

	unit_assert(gprobe_table_find(&twin->table, twin->keys[i]) ==
		    expected);
}

static void check_all(struct twin *twin)
{
	size_t i;

	unit_assert(twin->table.used == twin->nr);
	for (i = 0; i < KEYS; i++)
		check_key(twin, i);
}

static void toggle(struct twin *twin, size_t i)
{
	if (twin->in[i]) {
		gprobe_table_remove(&twin->table, twin->keys[i]);
		twin->nr--;
	} else {
		unit_assert(!insert(&twin->table, twin->keys[i],
				    &twin->keys[i]));
		twin->nr++;
	}
	twin->in[i] = !twin->in[i];
	check_key(twin, i);
}

/* Long random sequences; all keys come and go many times. */
static void run(struct twin *twin, unsigned int rounds, uint64_t seed)
{
	unsigned int round;
	size_t i;

	for (round = 0; round < rounds; round++) {
		toggle(twin, unit_random(&seed) % KEYS);
		check_key(twin, unit_random(&seed) % KEYS);
		if (!(round % 16))
			check_all(twin);
	}
	for (i = 0; i < KEYS; i++)
		if (twin->in[i])
			toggle(twin, i);
	check_all(twin);
	gprobe_table_free(&twin->table);
	check_all(twin);
}

START_TEST(random_keys_are_found_as_in_an_array)
{
	struct twin twin = { 0 };
	uint64_t state = 8;
	size_t i;

	for (i = 0; i < KEYS; i++)
		twin.keys[i] = unit_random(&state);
	run(&twin, 100000, 9);
}
END_TEST

START_TEST(keys_in_clusters_across_the_end_are_found_as_in_an_array)
{
	struct twin twin = { 0 };
	uint64_t state = 10;
	size_t i = 0;

	/*
	 * All start within the last eight of 1024 slots, or in the first, so
	 * that they lie in one cluster that wraps around.
	 */
	while (i < KEYS) {
		u64 key = unit_random(&state);
		u32 home = hash_64(key, 10);

		if (home >= 1016 || !home)
			twin.keys[i++] = key;
	}
	run(&twin, 50000, 11);
}
END_TEST

START_TEST(neighbouring_places_are_found_as_in_an_array)
{
	struct twin twin = { 0 };
	size_t i;

	/* View 0, gfn 0, offset 0: a key of 0 is as good as any. */
	for (i = 0; i < KEYS; i++)
		twin.keys[i] = gprobe_key(i % 2, i / 100, i % 100);
	run(&twin, 50000, 12);
}
END_TEST

START_TEST(growing_keeps_all_and_is_told_before)
{
	struct gprobe_table table = { 0 };
	struct gprobe_table_slot *bigger;
	unsigned int grown = 0;
	u64 key;

	for (key = 0; key < 5000; key++) {
		bigger = gprobe_table_grow_alloc(&table);
		grown += !!bigger;
		kvfree(gprobe_table_insert(&table, bigger, key << 12,
					   &table));
		ck_assert_uint_le(table.used * 4, 3u << table.bits);
	}
	/* 64, 128, ... 8192 slots */
	ck_assert_uint_eq(grown, 8);
	ck_assert_uint_eq(table.bits, 13);
	for (key = 0; key < 5000; key++)
		ck_assert_ptr_eq(gprobe_table_find(&table, key << 12), &table);
	ck_assert_ptr_null(gprobe_table_find(&table, 5000 << 12));
	gprobe_table_free(&table);
}
END_TEST

START_TEST(a_table_that_cannot_grow_stays_as_it_is)
{
	struct gprobe_table table = { 0 }, before;
	u64 key = 0, i;

	shim_out_of_memory = true;
	ck_assert_int_eq(insert(&table, 1, &table), -ENOMEM);
	ck_assert_ptr_null(table.slots);
	shim_out_of_memory = false;
	do
		ck_assert_int_eq(insert(&table, ++key, &table), 0);
	while (table.used < 48);
	before = table;
	shim_out_of_memory = true;
	ck_assert_int_eq(insert(&table, key + 1, &table), -ENOMEM);
	ck_assert_mem_eq(&table, &before, sizeof(table));
	for (i = 1; i <= key; i++)
		ck_assert_ptr_eq(gprobe_table_find(&table, i), &table);
	/* What is removed makes room without memory. */
	gprobe_table_remove(&table, 1);
	ck_assert_int_eq(insert(&table, key + 1, &table), 0);
	gprobe_table_free(&table);
}
END_TEST

START_TEST(an_empty_table_can_be_asked)
{
	struct gprobe_table table = { 0 };

	ck_assert_ptr_null(gprobe_table_find(&table, 0));
	gprobe_table_remove(&table, 0);
	ck_assert_uint_eq(table.used, 0);
	gprobe_table_free(&table);
	ck_assert_int_eq(insert(&table, 7, &table), 0);
	gprobe_table_remove(&table, 0);
	ck_assert_uint_eq(table.used, 1);
	gprobe_table_free(&table);
	ck_assert_ptr_null(gprobe_table_find(&table, 7));
}
END_TEST

START_TEST(a_key_holds_view_gfn_and_offset)
{
	ck_assert_uint_eq(gprobe_key(0, 0, 0), 0);
	ck_assert_uint_eq(gprobe_key(0xfff, 0, 0), 0xfff0000000000000);
	ck_assert_uint_eq(gprobe_key(0, 0xffffffffff, 0), 0xffffffffff000);
	ck_assert_uint_eq(gprobe_key(0, 0, 0xfff), 0xfff);
	/* Bits of a gfn that cannot be do not reach the view. */
	ck_assert_uint_eq(gprobe_key(1, ~0ULL << 40, 2), 0x10000000000002);
}
END_TEST

Suite *table_suite(void)
{
	return UNIT_SUITE("table", random_keys_are_found_as_in_an_array,
		keys_in_clusters_across_the_end_are_found_as_in_an_array,
		neighbouring_places_are_found_as_in_an_array,
		growing_keeps_all_and_is_told_before,
		a_table_that_cannot_grow_stays_as_it_is,
		an_empty_table_can_be_asked, a_key_holds_view_gfn_and_offset);
}
