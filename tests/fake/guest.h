/* SPDX-License-Identifier: GPL-2.0 */
/* A guest of the fake's, and programs for its vCPUs. */
#ifndef GPROBE_FAKE_TEST_GUEST_H
#define GPROBE_FAKE_TEST_GUEST_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <gprobe/client.h>

#include "kmod/fake/uapi.h"

/* No byte of a new guest's memory is an INT3. */
#define GUEST_PAGES	16
#define GUEST_PAGE	4096
/* Each instruction has so many, unless a test says otherwise. */
#define INSN_BYTES	3

/**
 * struct guest - a guest
 * @fd: of the fake
 * @spec: what it was made as
 * @memory: its own frames, from gfn 0 on
 * @found: as it was when it was new
 */
struct guest {
	int fd;
	struct gprobe_fake_guest spec;
	uint8_t *memory;
	struct gprobe_fake_state found;
};

/* Ends the test when it cannot be made. */
void guest_open(struct guest *guest, uint32_t domid, uint32_t vcpus);
/* The same with more pages than GUEST_PAGES. */
void guest_open_large(struct guest *guest, uint32_t domid, uint32_t vcpus,
		      uint32_t pages);
void guest_close(struct guest *guest);
void guest_state(const struct guest *guest, struct gprobe_fake_state *state);
/* What differs, but counters and the highest gfn: NULL if nothing. */
const char *states_differ(const struct gprobe_fake_state *was,
			  const struct gprobe_fake_state *now);
/* From when it was new. */
const char *guest_differs(const struct guest *guest);
/* How often to do what is done @often times where the kernel is fast. */
unsigned int rounds(unsigned int often);
/* Its own bytes, that guest_open() put there. */
uint8_t guest_byte(uint64_t gfn, uint32_t offset);
/* Guests that are closed become none within seconds. */
bool guests_are_gone(const struct guest *any);

/**
 * struct place - an instruction in a guest
 * @gfn: its frame
 * @offset: in that
 */
struct place {
	uint64_t gfn;
	uint32_t offset;
};

/* The vCPU's page table. */
uint64_t vcpu_root(uint32_t vcpu);
/* An instruction of three bytes at a place, at CPL 0, under vcpu_root(). */
struct gprobe_fake_insn insn_at(uint32_t vcpu, struct place place);
/* 0 or a negative errno. */
int insn_run(const struct guest *guest, struct gprobe_fake_insn *insn);

/**
 * struct vcpu - a thread that plays a vCPU: it executes its places in a circle
 * @guest: whose
 * @id: its number
 * @places: what it executes
 * @nr_places: how many
 * @rounds: how often; 0: until it is stopped
 * @stop: told to end
 * @hits: of each place: emulated or moved over, which only a claim's hit is
 * @executed: of each place: how often, one way or another
 * @wrong: instructions whose bytes were not the guest's own, or that ended in
 *	no way that they may
 * @error: what ended it early
 * @thread: the thread
 */
struct vcpu {
	const struct guest *guest;
	uint32_t id;
	const struct place *places;
	unsigned int nr_places;
	uint64_t rounds;
	atomic_bool stop;
	_Atomic uint64_t hits[16];
	_Atomic uint64_t executed[16];
	_Atomic uint64_t wrong;
	int error;
	pthread_t thread;
};

/* One for each vCPU of a guest, all at the same places; ends by vcpus_join(). */
struct vcpu *vcpus_start(const struct guest *guest, const struct place *places,
			 unsigned int nr_places, uint64_t rounds);
void vcpus_stop(struct vcpu *vcpus);
/* Waits for their ends. */
void vcpus_join(struct vcpu *vcpus);
uint64_t vcpus_hits(const struct vcpu *vcpus, unsigned int place);
uint64_t vcpus_executed(const struct vcpu *vcpus, unsigned int place);
uint64_t vcpus_wrong(const struct vcpu *vcpus);

#endif /* GPROBE_FAKE_TEST_GUEST_H */
