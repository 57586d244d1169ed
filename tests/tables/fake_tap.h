/* SPDX-License-Identifier: GPL-2.0 */
/* A tap that notes what it was asked, and holds callers to its contract. */
#ifndef GPROBE_TABLES_FAKE_TAP_H
#define GPROBE_TABLES_FAKE_TAP_H

#include <stdbool.h>
#include <stdint.h>

#include <gprobe/tap.h>

#define FAKE_TAP_PLACES	8192

/* An INT3 or, with @page, a protection. */
struct fake_tap_thing {
	uint64_t gfn;
	uint32_t view, offset, id;
	bool page;
};

/**
 * struct fake_tap - the tap
 * @things: what is in the guest
 * @nr: how many
 * @steps: calls so far
 * @batches: batches so far
 * @fault_at: the step that fails; 0: none
 * @fault_err: with this
 * @broken: and all behind it, until this is false again
 * @goes_on: a batch goes on behind one that failed
 * @gone: the view that is gone; 0: none
 * @log: I, M, R or U for each call that was done
 */
struct fake_tap {
	struct fake_tap_thing things[FAKE_TAP_PLACES];
	unsigned int nr, ids, steps, batches, fault_at;
	int fault_err;
	bool broken, goes_on;
	uint32_t gone;
	char log[2 * FAKE_TAP_PLACES];
};

struct gprobe_tap fake_tap_of(struct fake_tap *fake);
void fake_tap_clear(struct fake_tap *fake);
bool fake_tap_has_int3(const struct fake_tap *fake, uint32_t view,
		       uint64_t gpa);
bool fake_tap_has_page(const struct fake_tap *fake, uint32_t view,
		       uint64_t gfn);

#endif /* GPROBE_TABLES_FAKE_TAP_H */
