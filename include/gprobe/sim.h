/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A guest in memory, behind the driver seam: frames, page tables, views with
 * Xen's habits, vCPUs that run scripts and are held by their events. For tests,
 * fuzzing, benchmarks, and for trying things where there is no Xen.
 *
 * What of Xen is kept (xen/arch/x86/mm/altp2m.c, common/vm_event.c, 4.17):
 *	- a view's entries are made lazily: a page without one is as in view 0
 *	- setting the access of a frame that is not there answers 0
 *	- remapping takes the access that the *new* frame has in that view
 *	- taking a remapping back takes the page's access with it
 *	- view 0 gets another frame for a page: each view that has an entry for
 *	  it gets that too; remapping and access are lost
 *	- view 0 loses a frame that lies between the lowest and the highest frame
 *	  a view was remapped *to*: that view is reset; two such: all are
 *	- the protection of a watched page is access too, and is lost with it,
 *	  until the driver is told anything of that page again
 *	- a view with a vCPU in it cannot be removed
 *	- the ring has eight slots; a vCPU that finds none free waits for one
 *	- vCPUs are paused as often as they were not unpaused
 *	- a dying guest answers 0 and does nothing; one that is gone, an error
 *
 * The driver's calls allocate no memory with malloc(), so that tests which make
 * allocations fail do not meet this one's.
 *
 * Gfns of the guest are below gprobe_sim_config.frames; above them lie those
 * of shadow frames. Tables made here are taken from the highest gfns downwards.
 * Not thread-safe. Errors as in gprobe/driver.h.
 */
#ifndef GPROBE_SIM_H
#define GPROBE_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gprobe/driver.h>
#include <gprobe/event.h>

#define GPROBE_SIM_RING_SLOTS	8u
#define GPROBE_SIM_VIEWS_MAX	256u
#define GPROBE_SIM_STORE_MAX	64u

/* A gprobe_event.kind: a vCPU that was told to step has done so, and waits. */
#define GPROBE_SIM_EVENT_STEP	0x100u

/* Bits of page-table entries. */
#define GPROBE_SIM_PRESENT	(1ULL << 0)
#define GPROBE_SIM_WRITABLE	(1ULL << 1)
#define GPROBE_SIM_ACCESSED	(1ULL << 5)
#define GPROBE_SIM_DIRTY	(1ULL << 6)
#define GPROBE_SIM_LARGE	(1ULL << 7)

struct gprobe_sim;

/**
 * struct gprobe_sim_config - a guest that is wanted; 0: the default
 * @frames: its memory, at most 1 << 28; 4096
 * @shadows: how many shadow frames there can be, at most 1 << 28; 1024
 * @vcpus: how many; 1
 * @views: highest number of a view; 9
 * @log_max: how many calls the log holds; later ones are only counted; 0
 * @features: enum gprobe_driver_feature; SHADOWS and VIEWS
 * @five_levels: it pages with five levels
 * @accessed_dirty: its vCPUs set accessed and dirty bits, and no view stops them
 * @go_on: a batch goes on behind a call that failed
 */
struct gprobe_sim_config {
	uint64_t frames, shadows;
	uint32_t vcpus, views;
	size_t log_max;
	uint32_t features;
	bool five_levels, accessed_dirty, go_on;
};

int gprobe_sim_new(const struct gprobe_sim_config *config,
		   struct gprobe_sim **sim);
void gprobe_sim_free(struct gprobe_sim *sim);
struct gprobe_driver gprobe_sim_driver(struct gprobe_sim *sim);

/* --- memory and page tables, as the guest itself would change them --- */

void *gprobe_sim_frame(struct gprobe_sim *sim, uint64_t gfn);
int gprobe_sim_frame_alloc(struct gprobe_sim *sim, uint64_t *gfn);
int gprobe_sim_root_new(struct gprobe_sim *sim, uint64_t *root);
int gprobe_sim_map(struct gprobe_sim *sim, uint64_t root, uint64_t gva,
		   uint64_t gpa, uint64_t page_bytes);
int gprobe_sim_unmap(struct gprobe_sim *sim, uint64_t root, uint64_t gva);
int gprobe_sim_entry(struct gprobe_sim *sim, uint64_t root, uint64_t gva,
		     unsigned int level, uint64_t *gpa);
int gprobe_sim_poke(struct gprobe_sim *sim, uint64_t gpa, const void *data,
		    size_t bytes);
int gprobe_sim_peek(struct gprobe_sim *sim, uint64_t gpa, void *data,
		    size_t bytes);

/* --- the hypervisor: what happens behind the controller's back --- */

/**
 * enum gprobe_sim_life - how the guest is
 * @GPROBE_SIM_ALIVE: well
 * @GPROBE_SIM_DYING: calls answer 0 and do nothing; frames cannot be got
 * @GPROBE_SIM_DEAD: calls answer -ESHUTDOWN
 */
enum gprobe_sim_life {
	GPROBE_SIM_ALIVE = 0,
	GPROBE_SIM_DYING,
	GPROBE_SIM_DEAD,
};

/**
 * struct gprobe_sim_page - a page as a view shows it
 * @content: its bytes; NULL there is none
 * @access: enum gprobe_access; a page that is watched allows no stores
 * @own: the view has an entry of its own for it
 * @remapped: it is another frame than view 0's
 */
struct gprobe_sim_page {
	const uint8_t *content;
	uint32_t access;
	bool own, remapped;
};

int gprobe_sim_page_get(const struct gprobe_sim *sim, uint32_t view,
			uint64_t gfn, struct gprobe_sim_page *page);
int gprobe_sim_set_access(struct gprobe_sim *sim, uint32_t view, uint64_t gfn,
			  uint32_t access);
int gprobe_sim_change_gfn(struct gprobe_sim *sim, uint32_t view, uint64_t gfn,
			  uint64_t to);
int gprobe_sim_frame_drop(struct gprobe_sim *sim, uint64_t gfn);
int gprobe_sim_frame_replace(struct gprobe_sim *sim, uint64_t gfn);
int gprobe_sim_view_new(struct gprobe_sim *sim, uint32_t *view);
int gprobe_sim_view_del(struct gprobe_sim *sim, uint32_t view);
int gprobe_sim_view_set_default(struct gprobe_sim *sim, uint32_t view,
				uint32_t access);
void gprobe_sim_set_life(struct gprobe_sim *sim, enum gprobe_sim_life life);

/* --- calls of the driver: the log, and faults --- */

/**
 * enum gprobe_sim_kind - a call of the driver
 *
 * Those of batches are enum gprobe_call_kind, the others follow. A batch is a
 * call itself, and each call in it is one.
 */
enum gprobe_sim_kind {
	GPROBE_SIM_ANY = 0,
	GPROBE_SIM_BATCH = GPROBE_CALL_MAX + 1,
	GPROBE_SIM_TRANSLATE,
	GPROBE_SIM_FRAME_READ,
	GPROBE_SIM_FRAME_GET,
	GPROBE_SIM_FRAME_PUT,
	GPROBE_SIM_SHADOW_ALLOC,
	GPROBE_SIM_SHADOW_FREE,
	GPROBE_SIM_VIEW_NEW,
	GPROBE_SIM_VIEW_DEL,
	GPROBE_SIM_VIEW_SWITCH,

	__GPROBE_SIM_KIND_MAX,
	GPROBE_SIM_KIND_MAX = (__GPROBE_SIM_KIND_MAX - 1)
};

/**
 * struct gprobe_sim_logged - a call
 * @kind: enum gprobe_sim_kind
 * @view: in which view
 * @gfn: which frame; of TRANSLATE: the address
 * @to: of REMAP: the shadow frame
 * @access: asked for, or answered
 * @offset: of CLAIM_*: in the page; of BATCH: how many calls; of WATCH: how
 *	many entries
 * @ret: what was answered
 */
struct gprobe_sim_logged {
	uint32_t kind, view;
	uint64_t gfn, to;
	uint32_t access, offset;
	int ret;
};

void gprobe_sim_fault(struct gprobe_sim *sim, uint32_t kind, uint64_t nth,
		      int err);
void gprobe_sim_fault_all(struct gprobe_sim *sim, uint32_t kind, int err);
uint64_t gprobe_sim_calls(const struct gprobe_sim *sim, uint32_t kind);
const struct gprobe_sim_logged *gprobe_sim_log(const struct gprobe_sim *sim,
					       size_t *nr);
void gprobe_sim_log_clear(struct gprobe_sim *sim);
uint64_t gprobe_sim_maps(const struct gprobe_sim *sim);
uint64_t gprobe_sim_shadows(const struct gprobe_sim *sim);
uint64_t gprobe_sim_watches(const struct gprobe_sim *sim);
bool gprobe_sim_is_watched(const struct gprobe_sim *sim, uint32_t view,
			   uint64_t gpa);

/* --- vCPUs --- */

/**
 * enum gprobe_sim_op - what an instruction does
 * @GPROBE_SIM_READ: load @bytes from @gva
 * @GPROBE_SIM_WRITE: store @bytes of @data to @gva
 * @GPROBE_SIM_STORE: the same to @gpa: by a mapping of all memory
 * @GPROBE_SIM_EXEC: run the code at @gva
 * @GPROBE_SIM_SET_ROOT: load CR3 with @gva
 */
enum gprobe_sim_op {
	GPROBE_SIM_READ = 1,
	GPROBE_SIM_WRITE,
	GPROBE_SIM_STORE,
	GPROBE_SIM_EXEC,
	GPROBE_SIM_SET_ROOT,
};

/**
 * struct gprobe_sim_insn - an instruction of a vCPU's script
 * @op: enum gprobe_sim_op
 * @bytes: of READ, WRITE and STORE: 1 to GPROBE_SIM_STORE_MAX, in one page
 * @gva: where; of STORE a gpa, of SET_ROOT the root
 * @data: what is stored
 */
struct gprobe_sim_insn {
	uint32_t op, bytes;
	uint64_t gva;
	uint8_t data[GPROBE_SIM_STORE_MAX];
};

/**
 * enum gprobe_sim_state - how a vCPU is
 * @GPROBE_SIM_DONE: its script has ended
 * @GPROBE_SIM_RUNS: it goes on with its script
 * @GPROBE_SIM_WAITS: the ring was full; its event is sent when a slot is free
 * @GPROBE_SIM_HELD: its event is not answered
 * @GPROBE_SIM_PAUSED: by its tools
 */
enum gprobe_sim_state {
	GPROBE_SIM_DONE = 0,
	GPROBE_SIM_RUNS,
	GPROBE_SIM_WAITS,
	GPROBE_SIM_HELD,
	GPROBE_SIM_PAUSED,
};

/**
 * enum gprobe_sim_answer - how a held vCPU goes on
 * @GPROBE_SIM_RETRY: try the instruction again
 * @GPROBE_SIM_EMULATE: do it with the guest's own memory, whatever its view
 *	shows and allows, and go on
 * @GPROBE_SIM_STEP: the same, and hold it again with GPROBE_SIM_EVENT_STEP
 * @GPROBE_SIM_REINJECT: the INT3 is the guest's own: give it the trap
 */
enum gprobe_sim_answer {
	GPROBE_SIM_RETRY = 0,
	GPROBE_SIM_EMULATE,
	GPROBE_SIM_STEP,
	GPROBE_SIM_REINJECT,
};

/**
 * struct gprobe_sim_vcpu - a vCPU
 * @state: enum gprobe_sim_state
 * @view: it runs in
 * @root: its CR3
 * @executed: instructions that were carried out
 * @traps: breakpoint traps the guest got
 * @faults: page faults the guest got
 * @unwatched: stores to watched pages that touched no watched entry
 * @loaded: the last bytes it read
 */
struct gprobe_sim_vcpu {
	uint32_t state, view;
	uint64_t root;
	uint64_t executed, traps, faults, unwatched;
	uint8_t loaded[GPROBE_SIM_STORE_MAX];
};

int gprobe_sim_vcpu_get(const struct gprobe_sim *sim, uint32_t vcpu,
			struct gprobe_sim_vcpu *state);
int gprobe_sim_vcpu_load(struct gprobe_sim *sim, uint32_t vcpu, uint64_t root,
			 const struct gprobe_sim_insn *script, size_t nr);
int gprobe_sim_vcpu_set_view(struct gprobe_sim *sim, uint32_t vcpu,
			     uint32_t view);
int gprobe_sim_vcpu_pause(struct gprobe_sim *sim, uint32_t vcpu);
int gprobe_sim_vcpu_unpause(struct gprobe_sim *sim, uint32_t vcpu);
int gprobe_sim_vcpu_step(struct gprobe_sim *sim, uint32_t vcpu);
uint64_t gprobe_sim_run(struct gprobe_sim *sim);
int gprobe_sim_event_next(struct gprobe_sim *sim, struct gprobe_event *event);
int gprobe_sim_event_answer(struct gprobe_sim *sim, uint32_t vcpu,
			    enum gprobe_sim_answer answer);

#endif /* GPROBE_SIM_H */
