// SPDX-License-Identifier: GPL-2.0
/* What breakpoints cost the driver: calls, and round trips with them. */
#include <stdio.h>
#include <stdlib.h>

#include <gprobe/bpm.h>

#include "../../tables/fake_driver.h"
#include "contender.h"

#define ROOT	0x1000ULL
#define GVA	0x400010ULL
#define PAGES	1000

struct stack {
	struct fake_driver *fake;
	struct gprobe_driver driver;
	struct gprobe_access_arbiter *arbiter;
	struct gprobe_shadows *shadows;
	struct gprobe_tap_parts parts;
	struct gprobe_tap tap;
	struct gprobe_bpm *bpm;
};

static void stack_init(struct stack *stack, uint32_t features)
{
	stack->fake = fake_driver_new();
	stack->driver = fake_driver_of(stack->fake, features);
	stack->shadows = NULL;
	if (gprobe_access_new(&stack->driver, &stack->arbiter) ||
	    (features & GPROBE_DRIVER_SHADOWS &&
	     gprobe_shadow_new(&stack->driver, stack->arbiter,
			       &stack->shadows)))
		abort();
	stack->parts = (struct gprobe_tap_parts){
		.driver = &stack->driver, .arbiter = stack->arbiter,
		.shadows = stack->shadows,
	};
	if (gprobe_tap_breakpoint(&stack->parts, &stack->tap) ||
	    gprobe_bpm_new(&stack->driver, &stack->tap, &stack->bpm))
		abort();
}

static void stack_exit(struct stack *stack)
{
	gprobe_bpm_clear(stack->bpm);
	gprobe_bpm_free(stack->bpm);
	gprobe_shadow_free(stack->shadows);
	gprobe_access_free(stack->arbiter);
	fake_driver_free(stack->fake);
}

static void say(struct stack *stack, const char *tap, const char *what)
{
	printf("bench tables/driver/%s/%s/calls %u calls\n", tap, what,
	       stack->fake->steps);
	printf("bench tables/driver/%s/%s/batches %u batches\n", tap, what,
	       stack->fake->trips);
	fake_log_clear(stack->fake);
}

static struct gprobe_bpm_spec spec_of(uint64_t gva)
{
	return (struct gprobe_bpm_spec){
		.context = { gva, ROOT }, .key = 1, .view = 1,
	};
}

static void insert(struct stack *stack, uint64_t gva)
{
	const struct gprobe_bpm_spec spec = spec_of(gva);

	if (gprobe_bpm_insert(stack->bpm, &spec) != GPROBE_BPM_NEW)
		abort();
}

static void insert_all(struct stack *stack)
{
	static struct gprobe_bpm_spec specs[PAGES];
	uint64_t i;

	for (i = 0; i < PAGES; i++) {
		specs[i] = spec_of(GVA + ((i + 1) << 12));
		fake_map(stack->fake, ROOT, specs[i].context.gva, i + 1);
	}
	if (gprobe_bpm_insert_many(stack->bpm, specs, PAGES, NULL))
		abort();
}

static void measure(uint32_t features, const char *tap)
{
	const struct gprobe_paging page = {
		.context = { GVA, ROOT }, .gpa = 0, .view = 1,
	};
	struct stack stack;

	stack_init(&stack, features);
	fake_map(stack.fake, ROOT, GVA, 0);
	fake_log_clear(stack.fake);
	insert(&stack, GVA);
	say(&stack, tap, "first_on_a_page");
	insert(&stack, GVA + 1);
	say(&stack, tap, "second_on_a_page");
	gprobe_bpm_page_out(stack.bpm, &page);
	gprobe_bpm_page_in(stack.bpm, &page);
	say(&stack, tap, "page_out_and_in");
	insert_all(&stack);
	say(&stack, tap, "1000_on_1000_pages");
	gprobe_bpm_clear(stack.bpm);
	say(&stack, tap, "clear");
	stack_exit(&stack);
}

void bench_driver_calls(void)
{
	measure(GPROBE_DRIVER_SHADOWS, "shadow");
	measure(GPROBE_DRIVER_CLAIMS, "claims");
}
