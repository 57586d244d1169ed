/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest that is a few arrays, with a log of the calls and a fault where the
 * test wants one. It asserts what a driver may expect of the tables.
 */
#ifndef GPROBE_TABLES_FAKE_DRIVER_H
#define GPROBE_TABLES_FAKE_DRIVER_H

#include <stdbool.h>
#include <stdint.h>

#include <gprobe/driver.h>

#define FAKE_FRAMES	1024
#define FAKE_VIEWS	4
#define FAKE_SHADOWS	2048
#define FAKE_MAPPINGS	2048
#define FAKE_CLAIMS	2048
#define FAKE_SHADOW_GFN	0x100000ULL
#define FAKE_LOG	65536

struct fake_page {
	uint8_t access;
	bool remapped;
	uint64_t to;
};

struct fake_view {
	bool gone;
	struct fake_page pages[FAKE_FRAMES];
};

struct fake_mapping {
	uint64_t root, page, gfn;
};

struct fake_claim {
	bool used;
	uint32_t view, offset;
	uint64_t gfn, root, key, tag;
};

/**
 * struct fake_driver - the guest
 * @frames: content
 * @missing: frames that are not there
 * @views: view 0 is the guest's own
 * @mappings: what is mapped
 * @shadows: content of shadow frames, NULL: free
 * @claims: INT3s of CLAIM_NEW; the number is the index plus one
 * @nr_claims: how many there are
 * @claim_roots: claims of different roots, keys or tags may share a place
 * @gotten: frames that are mapped in the controller
 * @steps: calls so far; each of a batch is one
 * @trips: round trips so far
 * @fault_at: the step that fails; 0: none
 * @fault_err: with this
 * @broken: and all behind it, until this is false again
 * @goes_on: a batch goes on behind one that failed
 * @translate_err: what translations answer
 * @room: so many shadow frames at most; 0: any number
 * @log: a word for each call that was done
 */
struct fake_driver {
	uint8_t frames[FAKE_FRAMES][4096];
	bool missing[FAKE_FRAMES];
	struct fake_view views[FAKE_VIEWS];
	struct fake_mapping mappings[FAKE_MAPPINGS];
	unsigned int nr_mappings;
	uint8_t *shadows[FAKE_SHADOWS];
	struct fake_claim claims[FAKE_CLAIMS];
	unsigned int nr_claims;
	bool claim_roots;
	unsigned int gotten;
	unsigned int steps, trips, fault_at;
	int fault_err;
	bool broken, goes_on;
	int translate_err;
	unsigned int room;
	char log[FAKE_LOG];
};

struct fake_driver *fake_driver_new(void);
void fake_driver_free(struct fake_driver *fake);
struct gprobe_driver fake_driver_of(struct fake_driver *fake,
				    uint32_t features);
void fake_map(struct fake_driver *fake, uint64_t root, uint64_t gva,
	      uint64_t gfn);
void fake_unmap(struct fake_driver *fake, uint64_t root, uint64_t gva);
void fake_fault(struct fake_driver *fake, unsigned int step, int err);
void fake_log_clear(struct fake_driver *fake);
unsigned int fake_shadows_used(const struct fake_driver *fake);
/* What a vCPU in a view would fetch. */
uint8_t fake_fetch(const struct fake_driver *fake, uint32_t view, uint64_t gpa);

#endif /* GPROBE_TABLES_FAKE_DRIVER_H */
