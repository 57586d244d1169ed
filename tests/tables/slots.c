// SPDX-License-Identifier: GPL-2.0
/* The open-addressing tables, beside arrays that are searched plainly. */
#include "../../user/lib/slots.h"

#include "rig.h"

#define KEYS	400

struct slot {
	uint64_t key, value;
};

static struct slot *find(const struct gprobe_slots *slots, uint64_t key)
{
	return gprobe_slots_find(slots, key, sizeof(struct slot));
}

static void toggle(struct gprobe_slots *slots, uint64_t key, bool in)
{
	struct slot *slot;

	if (in) {
		gprobe_slots_del(slots, find(slots, key), sizeof(struct slot));
		return;
	}
	unit_assert(!gprobe_slots_reserve(slots, 1));
	slot = gprobe_slots_add(slots, key);
	unit_assert(!slot->value);
	slot->value = ~key;
}

static void check_all(const struct gprobe_slots *slots, const uint64_t *keys,
		      const bool *in)
{
	size_t i, nr = 0, cursor = 0;
	struct slot *slot;

	for (i = 0; i < KEYS; i++) {
		slot = find(slots, keys[i]);
		unit_assert(!!slot == in[i]);
		unit_assert(!slot || slot->value == ~keys[i]);
		nr += in[i];
	}
	unit_assert(slots->used == nr);
	while (gprobe_slots_next(slots, &cursor))
		nr--;
	unit_assert(!nr);
}

static void run(uint64_t *keys, uint64_t seed)
{
	struct gprobe_slots slots;
	bool in[KEYS] = { false };
	unsigned int round;
	size_t i;

	gprobe_slots_init(&slots, sizeof(struct slot));
	check_all(&slots, keys, in);
	for (round = 0; round < 30000; round++) {
		i = unit_random(&seed) % KEYS;
		toggle(&slots, keys[i], in[i]);
		in[i] = !in[i];
		if (!(round % 32))
			check_all(&slots, keys, in);
	}
	gprobe_slots_free(&slots);
}

START_TEST(random_keys_are_found_as_in_an_array)
{
	uint64_t keys[KEYS], seed = 5;
	size_t i;

	for (i = 0; i < KEYS; i++)
		keys[i] = unit_random(&seed) | 2;
	run(keys, 6);
}
END_TEST

START_TEST(neighbouring_keys_are_found_as_in_an_array)
{
	uint64_t keys[KEYS];
	size_t i;

	for (i = 0; i < KEYS; i++)
		keys[i] = (uint64_t)(1 + i % 3) << 52 | (i / 3) << 12;
	run(keys, 7);
}
END_TEST

START_TEST(keys_that_collide_in_one_table_do_not_in_another)
{
	struct gprobe_slots one, other;
	unsigned int same = 0, nr = 0;
	uint64_t key;

	gprobe_slots_init(&one, sizeof(struct slot));
	gprobe_slots_init(&other, sizeof(struct slot));
	ck_assert(one.seed.a != other.seed.a);
	one.size = 1024;
	other.size = 1024;
	/* Chosen to have one home: the other table does not care. */
	for (key = 1; nr < 200; key++)
		if (gprobe_slots_home(&one, key << 12) == 77) {
			nr++;
			same += gprobe_slots_home(&other, key << 12) == 77;
		}
	ck_assert_uint_lt(same, 20);
}
END_TEST

/* Of @keys keys in a row, how many share the home that most share. */
static unsigned int fullest_home(unsigned int keys)
{
	unsigned int in_home[1024] = { 0 }, most = 0;
	struct gprobe_slots slots;
	uint64_t key;
	size_t home;

	gprobe_slots_init(&slots, sizeof(struct slot));
	slots.size = 1024;
	for (key = 1; key <= keys; key++) {
		home = gprobe_slots_home(&slots, 1ULL << 52 | key << 12);
		if (++in_home[home] > most)
			most = in_home[home];
	}
	return most;
}

START_TEST(keys_in_a_row_are_spread)
{
	unsigned int table, bad = 0;

	/*
	 * Four a home on average. Each table has seeds of its own, and one in
	 * a hundred spreads worse than this: nine of 64 do once in a lifetime.
	 */
	for (table = 0; table < 64; table++)
		bad += fullest_home(4096) >= 24;
	ck_assert_uint_lt(bad, 9);
}
END_TEST

START_TEST(a_table_that_cannot_grow_stays_as_it_is)
{
	struct gprobe_slots slots;
	unsigned int refused = 0;
	uint64_t key, i;
	int ret;

	gprobe_slots_init(&slots, sizeof(struct slot));
	for (key = 2; key < 1000; key++) {
		fake_memory_refuse(1);
		ret = gprobe_slots_reserve(&slots, 1);
		fake_memory_refuse(0);
		if (ret) {
			ck_assert_int_eq(ret, -ENOMEM);
			for (i = 2; i < key; i++)
				unit_assert(find(&slots, i));
			unit_assert(slots.used == key - 2);
			refused++;
		}
		toggle(&slots, key, false);
	}
	ck_assert_uint_gt(refused, 5);
	gprobe_slots_free(&slots);
}
END_TEST

static bool is_odd(const void *slot)
{
	return ((const struct slot *)slot)->key & 1;
}

START_TEST(pruning_takes_those_that_are_idle_and_no_others)
{
	struct gprobe_slots slots;
	uint64_t seed = 3, key;
	unsigned int round, i, odd;

	for (round = 1; round < 200; round++) {
		gprobe_slots_init(&slots, sizeof(struct slot));
		odd = 0;
		for (i = 0; i < 4 * round; i++) {
			key = (uint64_t)i << 1 | (unit_random(&seed) & 1);
			odd += key & 1;
			toggle(&slots, key + 2, false);
		}
		gprobe_slots_prune(&slots, is_odd);
		ck_assert_uint_eq(slots.used, i - odd);
		for (key = 2; key < 2 * i + 2; key++)
			unit_assert(!(key & 1) || !find(&slots, key));
		gprobe_slots_free(&slots);
	}
}
END_TEST

START_TEST(a_table_is_at_least_two_fifths_full_and_at_most_five_eighths)
{
	struct gprobe_slots slots;
	uint64_t key;

	gprobe_slots_init(&slots, sizeof(struct slot));
	for (key = 2; key < 100000; key++) {
		toggle(&slots, key, false);
		unit_assert(8 * slots.used <= 5 * slots.size);
		unit_assert(slots.size == 16 ||
			    10 * slots.used >= 4 * slots.size);
	}
	gprobe_slots_free(&slots);
}
END_TEST

START_TEST(what_was_deleted_neither_fills_a_table_nor_makes_it_grow)
{
	struct gprobe_slots slots;
	uint64_t key;

	gprobe_slots_init(&slots, sizeof(struct slot));
	/* Always 40 of them, and never one that was there before. */
	for (key = 2; key < 42; key++)
		toggle(&slots, key, false);
	for (; key < 100000; key++) {
		toggle(&slots, key, false);
		toggle(&slots, key - 40, true);
		unit_assert(8 * (slots.used + slots.dead) <= 5 * slots.size);
		unit_assert(slots.size <= 160);
	}
	for (key -= 40; slots.used; key++)
		toggle(&slots, key, true);
	gprobe_slots_free(&slots);
}
END_TEST

START_TEST(a_key_that_comes_and_goes_needs_no_new_memory)
{
	struct gprobe_slots slots;
	unsigned int i;

	gprobe_slots_init(&slots, sizeof(struct slot));
	for (i = 2; i < 500; i++)
		toggle(&slots, i, false);
	unit_assert(!gprobe_slots_reserve(&slots, 2));
	fake_memory_refuse(1);
	for (i = 0; i < 10000; i++)
		toggle(&slots, 77, !(i & 1));
	fake_memory_refuse(0);
	gprobe_slots_free(&slots);
}
END_TEST

/* Several have one key: their value tells them apart. */
static bool is_it(const void *arg, const void *slot, const void *wanted)
{
	(void)arg;
	return ((const struct slot *)slot)->value == *(const uint64_t *)wanted;
}

START_TEST(slots_of_one_key_are_told_apart)
{
	bool in[KEYS] = { false };
	struct gprobe_slots slots;
	uint64_t i, key, seed = 9;
	unsigned int round;
	struct slot *slot;

	gprobe_slots_init(&slots, sizeof(struct slot));
	for (round = 0; round < 100000; round++) {
		i = unit_random(&seed) % KEYS;
		key = 2 + i % 7;
		slot = gprobe_slots_find_if(&slots, key, sizeof(*slot), is_it,
					    NULL, &i);
		unit_assert(!!slot == in[i]);
		if (slot) {
			gprobe_slots_del(&slots, slot, sizeof(*slot));
		} else {
			unit_assert(!gprobe_slots_reserve(&slots, 1));
			slot = gprobe_slots_add(&slots, key);
			slot->value = i;
		}
		in[i] = !in[i];
	}
	gprobe_slots_free(&slots);
	ck_assert_uint_eq(slots.used, 0);
}
END_TEST

Suite *slots_suite(void)
{
	return UNIT_SUITE("slots", random_keys_are_found_as_in_an_array,
		neighbouring_keys_are_found_as_in_an_array,
		keys_that_collide_in_one_table_do_not_in_another,
		keys_in_a_row_are_spread,
		a_table_that_cannot_grow_stays_as_it_is,
		pruning_takes_those_that_are_idle_and_no_others,
		a_table_is_at_least_two_fifths_full_and_at_most_five_eighths,
		what_was_deleted_neither_fills_a_table_nor_makes_it_grow,
		a_key_that_comes_and_goes_needs_no_new_memory,
		slots_of_one_key_are_told_apart);
}
