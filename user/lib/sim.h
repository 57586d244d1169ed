/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The in-memory guest from inside. Large arrays are reserved once and cost
 * nothing until they are touched.
 */
#ifndef GPROBE_LIB_SIM_H
#define GPROBE_LIB_SIM_H

#include <gprobe/sim.h>
#include <gprobe/walk.h>

/* No page of the machine. */
#define SIM_NONE	UINT32_MAX

/* A remapping that is taken back. */
#define SIM_NO_GFN	UINT64_MAX

#define SIM_ENTRY_ADDRESS	GPROBE_ROOT_MASK
#define SIM_TOP_LEVEL		4u
#define SIM_ENTRIES		512u

/*
 * An entry of a view, made when it is first needed. Stores to a guarded one are
 * looked at, whatever its access.
 */
struct sim_entry {
	uint32_t page;
	uint8_t access;
	bool own, guarded;
};

/* Watched entries of a page: entry n is bit n % 8 of byte n / 8. */
struct sim_watch {
	uint8_t entries[SIM_ENTRIES / 8];
};

/* What the driver keeps for a page with claims: its shadow and how many. */
struct sim_hook {
	uint32_t shadow, claims;
};

struct sim_view {
	struct sim_entry *entries;
	struct sim_hook *hooks;
	struct sim_watch *watches;
	uint64_t lowest, highest, nr_watched;
	uint8_t default_access;
	bool there;
};

struct sim_vcpu {
	struct gprobe_sim_vcpu is;
	const struct gprobe_sim_insn *script;
	size_t nr, at;
	uint32_t pauses;
	bool waits, held;
	struct gprobe_event event;
};

/* An INT3 the driver keeps by itself; a free one has no view. */
struct sim_claim {
	uint64_t gfn;
	uint32_t view, offset;
};

struct sim_fault {
	uint64_t nth;
	int err;
	bool all;
};

/*
 * struct gprobe_sim - pages are the machine's frames, gfns the guest's
 *
 * @host: view 0: from a gfn to its page plus one; 0: as at the start
 * @mapped: how often the controller has a page mapped
 * @free_pages: a stack of those to be reused
 * @next_page: the first one that was never used
 * @next_table: tables are taken below this gfn
 * @free_shadows: a stack of indexes
 * @next_shadow: the first one that was never used
 * @claims: by the driver's number less one
 * @claim_at: by shadow and offset: the driver's number
 */
struct gprobe_sim {
	struct gprobe_sim_config config;
	uint64_t gfns, nr_pages, nr_claims, nr_places;
	uint8_t *memory;
	uint32_t *host;
	uint32_t *mapped;
	uint32_t *free_pages;
	uint64_t nr_free_pages, next_page;
	uint64_t next_table;
	uint32_t *free_shadows;
	uint64_t nr_free_shadows, next_shadow, shadows;
	struct sim_claim *claims;
	uint32_t *claim_at, *free_claims;
	uint64_t nr_free_claims, next_claim;
	struct sim_view *views;
	enum gprobe_sim_life life;

	struct gprobe_sim_logged *log;
	size_t nr_logged;
	uint64_t calls[GPROBE_SIM_KIND_MAX + 1];
	struct sim_fault faults[GPROBE_SIM_KIND_MAX + 1];
	uint64_t maps;

	struct sim_vcpu *vcpus;
	struct gprobe_event ring[GPROBE_SIM_RING_SLOTS];
	uint32_t ring_first, ring_nr;
};

/* Memory that is zero, and there only once it is touched. */
void *sim_reserve(uint64_t nr, size_t bytes);
void sim_unreserve(void *array, uint64_t nr, size_t bytes);

/* The page that view 0 shows, or SIM_NONE. */
uint32_t sim_host_page(const struct gprobe_sim *sim, uint64_t gfn);
uint8_t *sim_page_bytes(const struct gprobe_sim *sim, uint32_t page);
/* A page that was dropped is reused once nobody has it mapped. */
void sim_page_free(struct gprobe_sim *sim, uint32_t page);
/* View 0 shows another page, or none; the views follow as Xen has them do. */
void sim_host_set(struct gprobe_sim *sim, uint64_t gfn, uint32_t page);

bool sim_has_view(const struct gprobe_sim *sim, uint32_t view);
/* What a view shows; view 0 too. */
struct sim_entry sim_effective(const struct gprobe_sim *sim, uint32_t view,
			       uint64_t gfn);
void sim_views_follow(struct gprobe_sim *sim, uint64_t gfn, uint32_t page);
void sim_views_free(struct gprobe_sim *sim);
/* Have stores to a page looked at, if it is there, or not any more. */
void sim_guard(struct gprobe_sim *sim, uint32_t view, uint64_t gfn,
	       bool guarded);

/* Where an address is, as a vCPU finds it. */
int sim_walk(const struct gprobe_sim *sim, uint64_t root, uint64_t gva,
	     struct gprobe_place *place);

int sim_claim_new(struct gprobe_sim *sim, struct gprobe_call *call);
int sim_claim_del(struct gprobe_sim *sim, struct gprobe_call *call);
int sim_watch(struct gprobe_sim *sim, const struct gprobe_call *call);
uint32_t sim_watch_count(const struct gprobe_call *call);
/* Protect the page again if it is watched. */
void sim_watch_keep(struct gprobe_sim *sim, uint32_t view, uint64_t gfn);
bool sim_watch_touches(const struct gprobe_sim *sim, uint32_t view,
		       uint64_t gpa, uint32_t bytes);
int sim_shadow_new(struct gprobe_sim *sim, uint64_t *gfn, uint8_t **bytes);
void sim_shadow_del(struct gprobe_sim *sim, uint64_t gfn);

#endif /* GPROBE_LIB_SIM_H */
