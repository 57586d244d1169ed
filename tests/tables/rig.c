// SPDX-License-Identifier: GPL-2.0
#include "rig.h"

#include <stdlib.h>

static uint32_t features_of(enum rig_kind kind)
{
	return kind == RIG_SHADOW ? GPROBE_DRIVER_SHADOWS :
	       kind == RIG_CLAIMS ? GPROBE_DRIVER_CLAIMS :
	       kind == RIG_ROOTS ? GPROBE_DRIVER_CLAIMS |
				   GPROBE_DRIVER_CLAIM_ROOTS : 0;
}

static struct gprobe_tap tap_of_claims(struct rig *rig)
{
	unit_assert(!gprobe_tap_claims_new(&rig->driver, &rig->claims));
	return gprobe_tap_claims(rig->claims);
}

struct rig *rig_new(enum rig_kind kind)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	unit_assert(rig);
	rig->kind = kind;
	rig->fake = fake_driver_new();
	rig->fake_tap = calloc(1, sizeof(*rig->fake_tap));
	rig->driver = fake_driver_of(rig->fake, features_of(kind));
	unit_assert(!gprobe_access_new(&rig->driver, &rig->arbiter));
	if (kind == RIG_SHADOW)
		unit_assert(!gprobe_shadow_new(&rig->driver, rig->arbiter,
					       &rig->shadows));
	rig->parts = (struct gprobe_tap_parts){
		.driver = &rig->driver, .arbiter = rig->arbiter,
		.shadows = rig->shadows,
	};
	if (kind == RIG_FAKE_TAP)
		rig->tap = fake_tap_of(rig->fake_tap);
	else if (kind == RIG_ROOTS)
		rig->tap = tap_of_claims(rig);
	else if (kind == RIG_MEMORY)
		unit_assert(!gprobe_tap_memory(&rig->parts, &rig->tap));
	else
		unit_assert(!gprobe_tap_breakpoint(&rig->parts, &rig->tap));
	unit_assert(!gprobe_bpm_new(&rig->driver, &rig->tap, &rig->bpm));
	return rig;
}

void rig_free(struct rig *rig)
{
	rig_fault(rig, 0, 0, false);
	ck_assert_int_eq(gprobe_bpm_clear(rig->bpm), 0);
	check_counts(rig, 0, 0);
	ck_assert(rig_is_clean(rig));
	gprobe_bpm_free(rig->bpm);
	gprobe_tap_claims_free(rig->claims);
	gprobe_shadow_free(rig->shadows);
	gprobe_access_free(rig->arbiter);
	fake_driver_free(rig->fake);
	free(rig->fake_tap);
	free(rig);
}

void rig_fault(struct rig *rig, unsigned int step, int err, bool broken)
{
	fake_fault(rig->fake, rig->kind == RIG_FAKE_TAP ? 0 : step, err);
	rig->fake->broken = broken;
	rig->fake_tap->steps = 0;
	rig->fake_tap->fault_at = step;
	rig->fake_tap->fault_err = err;
	rig->fake_tap->broken = broken;
}

unsigned int rig_steps(const struct rig *rig)
{
	return rig->kind == RIG_FAKE_TAP ? rig->fake_tap->steps :
	       rig->fake->steps;
}

bool rig_is_in(const struct rig *rig, uint32_t view, uint64_t gpa)
{
	const struct fake_page *page = &rig->fake->views[view].pages[gpa >> 12];

	switch (rig->kind) {
	case RIG_FAKE_TAP:
		return fake_tap_has_int3(rig->fake_tap, view, gpa) &&
		       fake_tap_has_page(rig->fake_tap, view, gpa >> 12);
	case RIG_SHADOW:
		return page->remapped && page->access == GPROBE_ACCESS_X &&
		       fake_fetch(rig->fake, view, gpa) == 0xcc;
	case RIG_CLAIMS:
	case RIG_ROOTS:
		return fake_fetch(rig->fake, view, gpa) == 0xcc;
	default:
		return !(page->access & GPROBE_ACCESS_X);
	}
}

static bool view_is_clean(const struct fake_driver *fake, uint32_t view)
{
	const struct fake_page *page;
	uint64_t gfn;

	if (fake->views[view].gone)
		return true;
	for (gfn = 0; gfn < FAKE_FRAMES; gfn++) {
		page = &fake->views[view].pages[gfn];
		if (page->remapped || page->access != GPROBE_ACCESS_RWX)
			return false;
	}
	return true;
}

bool rig_is_clean(const struct rig *rig)
{
	const struct fake_driver *fake = rig->fake;
	uint32_t i;

	for (i = 1; i < FAKE_VIEWS; i++)
		if (!view_is_clean(fake, i))
			return false;
	for (i = 0; i < FAKE_CLAIMS; i++)
		if (fake->claims[i].used &&
		    !fake->views[fake->claims[i].view].gone)
			return false;
	for (i = 0; i < rig->fake_tap->nr; i++)
		if (rig->fake_tap->things[i].view != rig->fake_tap->gone)
			return false;
	return true;
}

struct gprobe_bpm_spec spec_of(uint32_t view, uint64_t gva, uint64_t root)
{
	return (struct gprobe_bpm_spec){
		.context = { .gva = gva, .root = root },
		.key = 1, .tag = 10, .view = view,
	};
}

struct gprobe_event event_of(const struct rig *rig, uint32_t view, uint64_t gva,
			     uint64_t root, uint64_t gpa)
{
	bool memory = rig->kind == RIG_MEMORY;

	return (struct gprobe_event){
		.kind = memory ? GPROBE_EVENT_ACCESS : GPROBE_EVENT_BREAKPOINT,
		.view = view, .gva = gva, .root = root, .gpa = gpa,
		.access = memory ? GPROBE_ACCESS_X : GPROBE_ACCESS_N,
	};
}

int rig_remove(struct rig *rig, const struct gprobe_bpm_spec *spec)
{
	return gprobe_bpm_remove(rig->bpm, spec->view, &spec->context,
				 spec->key);
}

int rig_page_in(struct rig *rig, uint32_t view, uint64_t gva, uint64_t root,
		uint64_t gpa)
{
	const struct gprobe_paging paging = {
		.context = { .gva = gva, .root = root },
		.gpa = gpa, .view = view,
	};

	return gprobe_bpm_page_in(rig->bpm, &paging);
}

int rig_page_out(struct rig *rig, uint32_t view, uint64_t gva, uint64_t root,
		 uint64_t gpa)
{
	const struct gprobe_paging paging = {
		.context = { .gva = gva, .root = root },
		.gpa = gpa, .view = view,
	};

	return gprobe_bpm_page_out(rig->bpm, &paging);
}

struct gprobe_bpm_figures rig_figures(const struct rig *rig)
{
	struct gprobe_bpm_figures figures;

	gprobe_bpm_figures(rig->bpm, &figures);
	return figures;
}
