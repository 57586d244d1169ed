// SPDX-License-Identifier: GPL-2.0
/* Calls that have not returned, beside a plain list of them. */
#include "../../user/tool/open_calls.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define NR_STACKS	4096u

/* Of one function each; 0: it is not called. */
static uint64_t entered[NR_STACKS];

static struct call_key key_of(uint32_t stack)
{
	return call_key(stack % 3, 0xffffc90000000000ULL + 16 * stack,
			0x1000);
}

START_TEST(each_call_is_found_until_it_returns)
{
	struct open_calls *calls = open_calls_new();
	uint64_t state = 3, ns, round;
	struct call_key key;
	uint32_t stack;
	bool known;

	ck_assert_ptr_nonnull(calls);
	for (round = 1; round < 300000; round++) {
		stack = unit_random(&state) % NR_STACKS;
		key = key_of(stack);
		if (unit_random(&state) % 2) {
			open_calls_enter(calls, &key, round);
			entered[stack] = round;
			continue;
		}
		known = open_calls_leave(calls, &key, &ns);
		unit_assert(known == !!entered[stack]);
		unit_assert(!known || ns == entered[stack]);
		entered[stack] = 0;
		if (round % 50000)
			continue;
		open_calls_forget(calls);
		memset(entered, 0, sizeof(entered));
	}
	open_calls_free(calls);
}
END_TEST

START_TEST(when_it_is_full_it_begins_anew)
{
	struct open_calls *calls = open_calls_new();
	struct call_key key;
	uint64_t ns;
	uint32_t i;

	ck_assert_ptr_nonnull(calls);
	for (i = 0; i <= CALLS_MAX; i++) {
		key = key_of(i);
		open_calls_enter(calls, &key, i);
	}
	key = key_of(CALLS_MAX);
	ck_assert(open_calls_leave(calls, &key, &ns));
	ck_assert_uint_eq(ns, CALLS_MAX);
	key = key_of(0);
	ck_assert(!open_calls_leave(calls, &key, &ns));
	open_calls_free(calls);
}
END_TEST

Suite *open_calls_suite(void)
{
	return UNIT_SUITE("open_calls", each_call_is_found_until_it_returns,
			  when_it_is_full_it_begins_anew);
}
