/* SPDX-License-Identifier: GPL-2.0 */
/* A breakpoint table on a guest that is not one. */
#ifndef GPROBE_TABLES_RIG_H
#define GPROBE_TABLES_RIG_H

#include <check.h>
#include <errno.h>
#include <string.h>

#include <gprobe/bpm.h>

#include "../unit/unit.h"
#include "fake_driver.h"
#include "fake_memory.h"
#include "fake_tap.h"

#define ROOT_A	0x1000ULL
#define ROOT_B	0x2000ULL
#define ROOT_C	0x3000ULL

#define GVA	0x7f0000001010ULL
#define GPA	0x5010ULL
#define GFN	(GPA >> 12)

/* What the table works on. */
enum rig_kind {
	RIG_FAKE_TAP,	/* a tap that notes what it is asked */
	RIG_SHADOW,	/* INT3s in shadow frames kept by the library */
	RIG_CLAIMS,	/* INT3s that the driver keeps */
	RIG_ROOTS,	/* the same, and each claim is the driver's */
	RIG_MEMORY,	/* pages that must not be executed */
	RIG_KINDS
};

struct rig {
	enum rig_kind kind;
	struct fake_driver *fake;
	struct fake_tap *fake_tap;
	struct gprobe_driver driver;
	struct gprobe_access_arbiter *arbiter;
	struct gprobe_shadows *shadows;
	struct gprobe_tap_parts parts;
	struct gprobe_tap_claims *claims;
	struct gprobe_tap tap;
	struct gprobe_bpm *bpm;
};

struct rig *rig_new(enum rig_kind kind);
/* Clears the table first, and checks that nothing is left in the guest. */
void rig_free(struct rig *rig);
/* From now on step @step of tap or driver fails; 0: none does. */
void rig_fault(struct rig *rig, unsigned int step, int err, bool broken);
unsigned int rig_steps(const struct rig *rig);
/* Whether the guest has an INT3, or what stands for it, and its protection. */
bool rig_is_in(const struct rig *rig, uint32_t view, uint64_t gpa);
/* Nothing of ours is in the guest. */
bool rig_is_clean(const struct rig *rig);

/* A claim: (view, address, root), not global, key 1, tag 10. */
struct gprobe_bpm_spec spec_of(uint32_t view, uint64_t gva, uint64_t root);
struct gprobe_event event_of(const struct rig *rig, uint32_t view, uint64_t gva,
			     uint64_t root, uint64_t gpa);
int rig_remove(struct rig *rig, const struct gprobe_bpm_spec *spec);
int rig_page_in(struct rig *rig, uint32_t view, uint64_t gva, uint64_t root,
		uint64_t gpa);
int rig_page_out(struct rig *rig, uint32_t view, uint64_t gva, uint64_t root,
		 uint64_t gpa);
struct gprobe_bpm_figures rig_figures(const struct rig *rig);

#define check_counts(rig, nr_active, nr_pending)			\
	do {								\
		struct gprobe_bpm_figures figures_ = rig_figures(rig);	\
									\
		ck_assert_uint_eq(figures_.active, nr_active);		\
		ck_assert_uint_eq(figures_.pending, nr_pending);	\
		ck_assert_uint_eq(figures_.unsettled, 0);		\
	} while (0)

#define check_log(rig, text)						\
	do {								\
		ck_assert_str_eq((rig)->fake_tap->log, text);		\
		fake_tap_clear((rig)->fake_tap);			\
	} while (0)

Suite *access_suite(void);
Suite *bpm_event_suite(void);
Suite *bpm_fault_suite(void);
Suite *bpm_insert_suite(void);
Suite *bpm_list_suite(void);
Suite *bpm_many_suite(void);
Suite *bpm_model_suite(void);
Suite *bpm_page_suite(void);
Suite *bpm_remove_suite(void);
Suite *shadow_suite(void);
Suite *slots_suite(void);
Suite *tap_suite(void);
Suite *tap_claims_suite(void);

#endif /* GPROBE_TABLES_RIG_H */
