// SPDX-License-Identifier: GPL-2.0
/*
 * An address monitored in tables full of anything, which then become anything
 * else: it is always where a walk, written plainly, finds it; and the guest is
 * as before in the end.
 *
 * Input: does the driver watch entries, the address and a root, then stores: a
 * place (2 bytes: frame, entry) and a value (8 bytes). Those of the first half
 * are there from the start.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <gprobe/ptm.h>
#include <gprobe/sim.h>

#include "model_check.h"

#define FRAMES	16u

struct input {
	const uint8_t *at;
	size_t left;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static uint64_t take(struct input *input, size_t bytes)
{
	uint64_t value = 0;

	if (bytes > input->left)
		bytes = input->left;
	memcpy(&value, input->at, bytes);
	input->at += bytes;
	input->left -= bytes;
	return value;
}

/* Where a store goes, and what; most values lead to a frame that is there. */
static uint64_t place(struct input *input, uint64_t *value)
{
	uint64_t where = take(input, 2);

	*value = take(input, 8);
	if (where & 0x8000)
		*value &= 0xfff000000000ffffULL;
	return where % FRAMES * 4096 + (where >> 4) % 512 * 8;
}

static uint64_t walk(struct gprobe_sim *sim, uint64_t root, uint64_t gva)
{
	static const unsigned int shifts[] = { 39, 30, 21, 12 };
	uint64_t entry = root, table;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		table = entry & 0xffffffffff000;
		if (gprobe_sim_peek(sim, table + (gva >> shifts[i] & 511) * 8,
				    &entry, 8) || !(entry & 1) ||
		    (!i && entry & 0x80))
			return GPROBE_PTM_NO_GPA;
		if (i == 3 || entry & 0x80)
			break;
	}
	table = (1ULL << shifts[i]) - 1;
	return (entry & 0xffffffffff000 & ~table) | (gva & table);
}

static void compare(struct gprobe_sim *sim, const struct gprobe_ptm *ptm,
		    const struct gprobe_context *context)
{
	struct gprobe_ptm_address address;
	struct gprobe_ptm_figures figures;

	model_assert(!gprobe_ptm_find(ptm, 1, context, &address));
	model_assert(address.gpa == walk(sim, context->root, context->gva));
	gprobe_ptm_figures(ptm, &figures);
	model_assert(figures.tables && figures.tables <= 4);
	model_assert(figures.entries >= figures.tables && figures.entries <= 4);
	model_assert(gprobe_sim_maps(sim) == figures.tables);
}

static void play(struct gprobe_sim *sim, struct gprobe_ptm *ptm,
		 struct input *input, bool watches)
{
	struct gprobe_context context = {
		.gva = take(input, 6),
		.root = take(input, 1) % FRAMES * 4096,
	};
	struct gprobe_ptm_write write = { .bytes = 8, .view = 1 };
	size_t half = input->left / 2;
	uint64_t value, gpa;

	if (context.gva >> 47)
		context.gva |= 0xffff000000000000;
	while (input->left > half) {
		gpa = place(input, &value);
		gprobe_sim_poke(sim, gpa, &value, 8);
	}
	model_assert(!gprobe_ptm_monitor(ptm, 1, &context, 0));
	compare(sim, ptm, &context);
	while (input->left) {
		write.gpa = place(input, &value);
		if (!watches ||
		    gprobe_sim_is_watched(sim, write.view, write.gpa))
			model_assert(gprobe_ptm_mark(ptm, &write) >= 0);
		gprobe_sim_poke(sim, write.gpa, &value, 8);
		model_assert(!gprobe_ptm_process(ptm, 0));
		compare(sim, ptm, &context);
	}
	model_assert(!gprobe_ptm_unmonitor(ptm, 1, &context));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct input input = { .at = data, .left = bytes };
	bool watches = take(&input, 1) % 2;
	struct gprobe_sim_config config = {
		.frames = FRAMES, .views = 1,
		.features = watches ? GPROBE_DRIVER_WATCHES : 0,
	};
	struct gprobe_ptm_listener listener = { 0 };
	struct gprobe_access_arbiter *arbiter;
	struct gprobe_driver driver;
	struct gprobe_sim_page page;
	struct gprobe_sim *sim;
	struct gprobe_ptm *ptm;
	uint32_t view;
	uint64_t gfn;

	model_assert(!gprobe_sim_new(&config, &sim));
	model_assert(!gprobe_sim_view_new(sim, &view));
	driver = gprobe_sim_driver(sim);
	model_assert(!gprobe_access_new(&driver, &arbiter));
	model_assert(!gprobe_ptm_new(&driver, arbiter, &listener, &ptm));
	play(sim, ptm, &input, watches);
	for (gfn = 0; gfn < FRAMES; gfn++) {
		gprobe_sim_page_get(sim, view, gfn, &page);
		model_assert(page.access == GPROBE_ACCESS_RWX);
	}
	gprobe_ptm_free(ptm);
	model_assert(!gprobe_sim_maps(sim));
	model_assert(!gprobe_access_pages(arbiter));
	model_assert(!gprobe_sim_watches(sim));
	gprobe_access_free(arbiter);
	gprobe_sim_free(sim);
	return 0;
}
