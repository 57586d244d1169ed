// SPDX-License-Identifier: LGPL-2.1-or-later
/* vCPUs of the in-memory guest: they run scripts, and wait for answers. */
#include "sim.h"

#include <errno.h>
#include <string.h>

#define INT3	0xcc

/* How one try of an instruction ended. */
enum outcome {
	PASSED,
	STOPPED,
};

static struct sim_vcpu *find(const struct gprobe_sim *sim, uint32_t vcpu)
{
	return vcpu < sim->config.vcpus ? &sim->vcpus[vcpu] : NULL;
}

static uint32_t state_of(const struct sim_vcpu *vcpu)
{
	if (vcpu->waits)
		return GPROBE_SIM_WAITS;
	if (vcpu->held)
		return GPROBE_SIM_HELD;
	if (vcpu->pauses)
		return GPROBE_SIM_PAUSED;
	return vcpu->at < vcpu->nr ? GPROBE_SIM_RUNS : GPROBE_SIM_DONE;
}

/* A synchronous event pauses its vCPU, also while it waits for a slot. */
static void put_event(struct gprobe_sim *sim, struct sim_vcpu *vcpu,
		      const struct gprobe_event *event)
{
	uint32_t slot;

	vcpu->event = *event;
	vcpu->pauses++;
	vcpu->waits = sim->ring_nr == GPROBE_SIM_RING_SLOTS;
	vcpu->held = !vcpu->waits;
	if (vcpu->waits)
		return;
	slot = (sim->ring_first + sim->ring_nr++) % GPROBE_SIM_RING_SLOTS;
	sim->ring[slot] = *event;
}

/* A slot is free: the first vCPU that waits for one goes on. */
static void wake_waiting(struct gprobe_sim *sim)
{
	struct sim_vcpu *vcpu;
	uint32_t i;

	for (i = 0; i < sim->config.vcpus; i++) {
		vcpu = &sim->vcpus[i];
		if (!vcpu->waits || sim->ring_nr == GPROBE_SIM_RING_SLOTS)
			continue;
		vcpu->pauses--;
		put_event(sim, vcpu, &vcpu->event);
	}
}

static void event_of(const struct gprobe_sim *sim, const struct sim_vcpu *vcpu,
		     struct gprobe_event *event)
{
	memset(event, 0, sizeof(*event));
	event->vcpu = vcpu - sim->vcpus;
	event->view = vcpu->is.view;
	event->root = vcpu->is.root;
}

/* The bits a walk leaves behind; the views' protection does not see them. */
static void set_bits(struct gprobe_sim *sim, uint64_t root, uint64_t gva,
		     bool dirty)
{
	uint64_t gpa, entry;
	unsigned int level;

	for (level = SIM_TOP_LEVEL; level; level--) {
		if (gprobe_sim_entry(sim, root, gva, level, &gpa) ||
		    gprobe_sim_peek(sim, gpa, &entry, sizeof(entry)))
			return;
		entry |= GPROBE_SIM_ACCESSED;
		if (dirty && (level == 1 || entry & GPROBE_SIM_LARGE))
			entry |= GPROBE_SIM_DIRTY;
		gprobe_sim_poke(sim, gpa, &entry, sizeof(entry));
	}
}

static uint32_t access_of(const struct gprobe_sim_insn *insn)
{
	switch (insn->op) {
	case GPROBE_SIM_READ:
		return GPROBE_ACCESS_R;
	case GPROBE_SIM_EXEC:
		return GPROBE_ACCESS_X;
	default:
		return GPROBE_ACCESS_W;
	}
}

/* Where it goes; -ENXIO: the guest itself gets a page fault. */
static int address_of(struct gprobe_sim *sim, const struct sim_vcpu *vcpu,
		      const struct gprobe_sim_insn *insn, uint64_t *gpa)
{
	struct gprobe_place place;
	int ret;

	*gpa = insn->gva;
	if (insn->op == GPROBE_SIM_STORE)
		return 0;
	ret = sim_walk(sim, vcpu->is.root, insn->gva, &place);
	if (ret)
		return -ENXIO;
	if (sim->config.accessed_dirty)
		set_bits(sim, vcpu->is.root, insn->gva,
			 access_of(insn) == GPROBE_ACCESS_W);
	*gpa = place.gfn * GPROBE_PAGE_SIZE + place.offset;
	return 0;
}

static void act(struct sim_vcpu *vcpu, const struct gprobe_sim_insn *insn,
		uint8_t *at)
{
	switch (insn->op) {
	case GPROBE_SIM_READ:
		memcpy(vcpu->is.loaded, at, insn->bytes);
		break;
	case GPROBE_SIM_WRITE:
	case GPROBE_SIM_STORE:
		memcpy(at, insn->data, insn->bytes);
		break;
	default:
		break;
	}
	vcpu->is.executed++;
}

static bool is_told(const struct gprobe_sim *sim, const struct sim_vcpu *vcpu,
		    const struct gprobe_sim_insn *insn, uint64_t gpa,
		    const struct sim_entry *page)
{
	uint32_t access = access_of(insn);

	if (access & ~page->access)
		return true;
	return page->guarded && access == GPROBE_ACCESS_W &&
	       sim_watch_touches(sim, vcpu->is.view, gpa, insn->bytes);
}

/* The access as the view has it. An event stops it. */
static enum outcome access_page(struct gprobe_sim *sim, struct sim_vcpu *vcpu,
				const struct gprobe_sim_insn *insn,
				uint64_t gpa, bool in_view)
{
	struct sim_entry page = sim_effective(sim, in_view ? vcpu->is.view : 0,
					      gpa / GPROBE_PAGE_SIZE);
	struct gprobe_event event;
	uint8_t *at;

	if (page.page == SIM_NONE) {
		vcpu->is.faults++;
		return PASSED;
	}
	event_of(sim, vcpu, &event);
	event.gpa = gpa;
	event.gva = insn->gva;
	if (is_told(sim, vcpu, insn, gpa, &page)) {
		event.kind = GPROBE_EVENT_ACCESS;
		event.access = access_of(insn);
		event.bytes = insn->op == GPROBE_SIM_EXEC ? 0 : insn->bytes;
		put_event(sim, vcpu, &event);
		return STOPPED;
	}
	at = sim_page_bytes(sim, page.page) + gpa % GPROBE_PAGE_SIZE;
	if (insn->op == GPROBE_SIM_EXEC && in_view && *at == INT3) {
		event.kind = GPROBE_EVENT_BREAKPOINT;
		put_event(sim, vcpu, &event);
		return STOPPED;
	}
	vcpu->is.unwatched += page.guarded &&
			      access_of(insn) == GPROBE_ACCESS_W;
	act(vcpu, insn, at);
	return PASSED;
}

static enum outcome execute(struct gprobe_sim *sim, struct sim_vcpu *vcpu,
			    bool in_view)
{
	const struct gprobe_sim_insn *insn = &vcpu->script[vcpu->at];
	uint64_t gpa;

	if (insn->op == GPROBE_SIM_SET_ROOT) {
		vcpu->is.root = insn->gva;
		vcpu->is.executed++;
		return PASSED;
	}
	if (address_of(sim, vcpu, insn, &gpa)) {
		vcpu->is.faults++;
		return PASSED;
	}
	return access_page(sim, vcpu, insn, gpa, in_view);
}

static bool is_sane(const struct gprobe_sim_insn *insn)
{
	if (!insn->op || insn->op > GPROBE_SIM_SET_ROOT)
		return false;
	if (insn->op == GPROBE_SIM_EXEC || insn->op == GPROBE_SIM_SET_ROOT)
		return true;
	return insn->bytes && insn->bytes <= GPROBE_SIM_STORE_MAX &&
	       insn->gva % GPROBE_PAGE_SIZE + insn->bytes <= GPROBE_PAGE_SIZE;
}

/**
 * gprobe_sim_vcpu_load() - Give a vCPU what it is to do.
 * @sim: the guest
 * @vcpu: its number
 * @root: its CR3
 * @script: instructions; the caller's, until they are done
 * @nr: how many
 *
 * Return: 0; -EINVAL no such vCPU, or an instruction that cannot be; -EBUSY its
 * event is not answered.
 */
int gprobe_sim_vcpu_load(struct gprobe_sim *sim, uint32_t vcpu, uint64_t root,
			 const struct gprobe_sim_insn *script, size_t nr)
{
	struct sim_vcpu *loaded = find(sim, vcpu);
	size_t i;

	if (!loaded)
		return -EINVAL;
	for (i = 0; i < nr; i++)
		if (!is_sane(&script[i]))
			return -EINVAL;
	if (loaded->waits || loaded->held)
		return -EBUSY;
	loaded->is.root = root;
	loaded->script = script;
	loaded->nr = nr;
	loaded->at = 0;
	return 0;
}

/**
 * gprobe_sim_vcpu_get() - See how a vCPU is.
 * @sim: the guest
 * @vcpu: its number
 * @state: how it is
 *
 * Return: 0; -EINVAL no such vCPU.
 */
int gprobe_sim_vcpu_get(const struct gprobe_sim *sim, uint32_t vcpu,
			struct gprobe_sim_vcpu *state)
{
	const struct sim_vcpu *found = find(sim, vcpu);

	if (!found)
		return -EINVAL;
	*state = found->is;
	state->state = state_of(found);
	return 0;
}

/**
 * gprobe_sim_vcpu_set_view() - Run a vCPU in a view.
 * @sim: the guest
 * @vcpu: its number
 * @view: 0 too
 *
 * Return: 0; -EINVAL no such vCPU; -ENOENT no such view.
 */
int gprobe_sim_vcpu_set_view(struct gprobe_sim *sim, uint32_t vcpu,
			     uint32_t view)
{
	struct sim_vcpu *found = find(sim, vcpu);

	if (!found)
		return -EINVAL;
	if (view && !sim_has_view(sim, view))
		return -ENOENT;
	found->is.view = view;
	return 0;
}

/**
 * gprobe_sim_vcpu_pause() - Pause a vCPU, as a tool does; it is counted.
 * @sim: the guest
 * @vcpu: its number
 *
 * Return: 0; -EINVAL no such vCPU.
 */
int gprobe_sim_vcpu_pause(struct gprobe_sim *sim, uint32_t vcpu)
{
	struct sim_vcpu *found = find(sim, vcpu);

	if (!found)
		return -EINVAL;
	found->pauses++;
	return 0;
}

/**
 * gprobe_sim_vcpu_unpause() - Undo one pause that was no event's.
 * @sim: the guest
 * @vcpu: its number
 *
 * Return: 0; -EINVAL no such vCPU, or it is not paused so.
 */
int gprobe_sim_vcpu_unpause(struct gprobe_sim *sim, uint32_t vcpu)
{
	struct sim_vcpu *found = find(sim, vcpu);

	if (!found || found->pauses <= (uint32_t)(found->held || found->waits))
		return -EINVAL;
	found->pauses--;
	return 0;
}

/**
 * gprobe_sim_vcpu_step() - Let a vCPU try one instruction of its script.
 * @sim: the guest
 * @vcpu: its number
 *
 * Return: enum gprobe_sim_state, how it is now; -EAGAIN it could not try;
 * -EINVAL no such vCPU.
 */
int gprobe_sim_vcpu_step(struct gprobe_sim *sim, uint32_t vcpu)
{
	struct sim_vcpu *found = find(sim, vcpu);

	if (!found)
		return -EINVAL;
	if (state_of(found) != GPROBE_SIM_RUNS)
		return -EAGAIN;
	if (execute(sim, found, true) == PASSED)
		found->at++;
	return state_of(found);
}

/**
 * gprobe_sim_run() - Let all vCPUs run, in turn, until none can.
 * @sim: the guest
 *
 * Return: how many tries of instructions there were.
 */
uint64_t gprobe_sim_run(struct gprobe_sim *sim)
{
	uint64_t tries = 0, before;
	uint32_t i;

	do {
		before = tries;
		for (i = 0; i < sim->config.vcpus; i++)
			if (gprobe_sim_vcpu_step(sim, i) >= 0)
				tries++;
	} while (tries != before);
	return tries;
}

/**
 * gprobe_sim_event_next() - Take the next event from the ring.
 * @sim: the guest
 * @event: the event; its vCPU is held until gprobe_sim_event_answer()
 *
 * Return: 0; -EAGAIN there is none.
 */
int gprobe_sim_event_next(struct gprobe_sim *sim, struct gprobe_event *event)
{
	if (!sim->ring_nr)
		return -EAGAIN;
	*event = sim->ring[sim->ring_first];
	sim->ring_first = (sim->ring_first + 1) % GPROBE_SIM_RING_SLOTS;
	sim->ring_nr--;
	wake_waiting(sim);
	return 0;
}

static bool is_in_ring(const struct gprobe_sim *sim, uint32_t vcpu)
{
	uint32_t i, slot;

	for (i = 0; i < sim->ring_nr; i++) {
		slot = (sim->ring_first + i) % GPROBE_SIM_RING_SLOTS;
		if (sim->ring[slot].vcpu == vcpu)
			return true;
	}
	return false;
}

static void go_on(struct gprobe_sim *sim, struct sim_vcpu *vcpu,
		  enum gprobe_sim_answer answer)
{
	uint32_t kind = vcpu->event.kind;
	struct gprobe_event stepped;

	/* What was stepped over is behind it: there is nothing to repeat. */
	if (kind == GPROBE_SIM_EVENT_STEP || answer == GPROBE_SIM_RETRY)
		return;
	if (answer == GPROBE_SIM_REINJECT)
		vcpu->is.traps++;
	else
		execute(sim, vcpu, false);
	vcpu->at++;
	if (answer != GPROBE_SIM_STEP)
		return;
	event_of(sim, vcpu, &stepped);
	stepped.kind = GPROBE_SIM_EVENT_STEP;
	put_event(sim, vcpu, &stepped);
}

/**
 * gprobe_sim_event_answer() - Let a vCPU go on.
 * @sim: the guest
 * @vcpu: its number
 * @answer: how
 *
 * Return: 0; -EINVAL no such vCPU, an answer that its event does not have, or
 * its event was not taken from the ring.
 */
int gprobe_sim_event_answer(struct gprobe_sim *sim, uint32_t vcpu,
			    enum gprobe_sim_answer answer)
{
	struct sim_vcpu *found = find(sim, vcpu);

	if (!found || !found->held || is_in_ring(sim, vcpu))
		return -EINVAL;
	if (answer == GPROBE_SIM_REINJECT &&
	    found->event.kind != GPROBE_EVENT_BREAKPOINT)
		return -EINVAL;
	found->held = false;
	found->pauses--;
	go_on(sim, found, answer);
	return 0;
}
