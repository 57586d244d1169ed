// SPDX-License-Identifier: GPL-2.0
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tap.h"

#define INT3		0xcc

unsigned int rounds(unsigned int often)
{
	const char *slower = getenv("SLOWER");
	unsigned int factor = slower ? strtoul(slower, NULL, 10) : 1;

	return factor > 1 ? often / factor + 1 : often;
}

uint8_t guest_byte(uint64_t gfn, uint32_t offset)
{
	uint8_t byte = gfn * 31 + offset * 7 + offset / 256;

	return byte == INT3 ? INT3 + 1 : byte;
}

static void fill(const struct guest *guest)
{
	uint32_t offset;
	uint64_t gfn;

	for (gfn = 0; gfn < GPROBE_FAKE_RING_GFN(guest->spec.pages); gfn++)
		for (offset = 0; offset < GUEST_PAGE; offset++)
			guest->memory[gfn * GUEST_PAGE + offset] =
				guest_byte(gfn, offset);
}

void guest_open_large(struct guest *guest, uint32_t domid, uint32_t vcpus,
		      uint32_t pages)
{
	guest->spec = (struct gprobe_fake_guest){
		.domid = domid, .vcpus = vcpus, .pages = pages,
	};
	guest->fd = open("/dev/" GPROBE_FAKE_DEVICE, O_RDWR | O_CLOEXEC);
	if (guest->fd < 0)
		bail("open the fake", errno);
	if (ioctl(guest->fd, GPROBE_FAKE_CREATE, &guest->spec))
		bail("make a guest", errno);
	guest->memory = mmap(NULL, (size_t)pages * GUEST_PAGE,
			     PROT_READ | PROT_WRITE, MAP_SHARED, guest->fd, 0);
	if (guest->memory == MAP_FAILED)
		bail("map a guest", errno);
	fill(guest);
	guest_state(guest, &guest->found);
}

void guest_open(struct guest *guest, uint32_t domid, uint32_t vcpus)
{
	guest_open_large(guest, domid, vcpus, GUEST_PAGES);
}

void guest_close(struct guest *guest)
{
	munmap(guest->memory, (size_t)guest->spec.pages * GUEST_PAGE);
	close(guest->fd);
}

void guest_state(const struct guest *guest, struct gprobe_fake_state *state)
{
	if (ioctl(guest->fd, GPROBE_FAKE_STATE, state))
		bail("state of a guest", errno);
}

const char *states_differ(const struct gprobe_fake_state *was,
			  const struct gprobe_fake_state *now)
{
#define CHECK(field, what) \
	do { \
		if (now->field != was->field) \
			return what; \
	} while (0)
	CHECK(tot_pages, "pages");
	CHECK(max_pages, "memory limit");
	CHECK(pause_count, "pauses");
	CHECK(views, "views");
	CHECK(viewed_vcpus, "vCPUs in a view");
	CHECK(waiting_vcpus, "vCPUs that wait");
	CHECK(queued_vcpus, "vCPUs that wait for a slot");
	CHECK(stepping_vcpus, "vCPUs that step");
	CHECK(monitors, "monitors");
	CHECK(ctrlregs, "monitored registers");
	CHECK(sync, "registers whose writers are paused");
	CHECK(msrs, "monitored MSRs");
	CHECK(removed, "pages that were taken while it ran");
	CHECK(lost, "answers that were not done");
	CHECK(altp2m, "altp2m");
	CHECK(ring, "ring");
	CHECK(ring_populated, "ring's page");
	CHECK(maps, "foreign mappings");
	CHECK(channels, "event channels");
	CHECK(refused, "responses that make no sense");
#undef CHECK
	return NULL;
}

const char *guest_differs(const struct guest *guest)
{
	struct gprobe_fake_state now;

	guest_state(guest, &now);
	return states_differ(&guest->found, &now);
}

bool guests_are_gone(const struct guest *any)
{
	int tries = 1000;

	while (ioctl(any->fd, GPROBE_FAKE_ZOMBIES) && --tries)
		usleep(10000);
	return tries;
}

uint64_t vcpu_root(uint32_t vcpu)
{
	return (vcpu + 1ULL) * GUEST_PAGE;
}

struct gprobe_fake_insn insn_at(uint32_t vcpu, struct place place)
{
	return (struct gprobe_fake_insn){
		.vcpu = vcpu, .gfn = place.gfn, .offset = place.offset,
		.bytes = INSN_BYTES,
		.regs = {
			.rip = 0xffffffff80000000 + place.gfn * GUEST_PAGE +
			       place.offset,
			.cr3 = vcpu_root(vcpu),
			.rflags = 2,
		},
	};
}

int insn_run(const struct guest *guest, struct gprobe_fake_insn *insn)
{
	return ioctl(guest->fd, GPROBE_FAKE_RUN, insn) ? -errno : 0;
}

static bool is_own(const struct gprobe_fake_insn *insn)
{
	uint32_t i;

	/* Who moved over it has seen nothing of it. */
	if (insn->how == GPROBE_FAKE_MOVED)
		return insn->regs.rip % GUEST_PAGE == insn->offset + insn->bytes;
	if (insn->how != GPROBE_FAKE_NATIVE && insn->how != GPROBE_FAKE_EMULATED)
		return false;
	for (i = 0; i < insn->bytes; i++)
		if (insn->executed[i] != guest_byte(insn->gfn,
						    insn->offset + i))
			return false;
	return true;
}

static void execute(struct vcpu *vcpu, unsigned int i)
{
	struct gprobe_fake_insn insn = insn_at(vcpu->id, vcpu->places[i]);

	vcpu->error = insn_run(vcpu->guest, &insn);
	if (vcpu->error)
		return;
	vcpu->executed[i]++;
	vcpu->wrong += !is_own(&insn);
	vcpu->hits[i] += insn.how == GPROBE_FAKE_EMULATED ||
			 insn.how == GPROBE_FAKE_MOVED;
}

static void *play(void *arg)
{
	struct vcpu *vcpu = arg;
	uint64_t round;
	unsigned int i;

	for (round = 0; !vcpu->rounds || round < vcpu->rounds; round++)
		for (i = 0; i < vcpu->nr_places; i++) {
			if (vcpu->stop || vcpu->error)
				return NULL;
			execute(vcpu, i);
		}
	return NULL;
}

struct vcpu *vcpus_start(const struct guest *guest, const struct place *places,
			 unsigned int nr_places, uint64_t rounds)
{
	struct vcpu *vcpus = calloc(guest->spec.vcpus, sizeof(*vcpus));
	uint32_t i;
	int ret;

	for (i = 0; i < guest->spec.vcpus; i++) {
		vcpus[i].guest = guest;
		vcpus[i].id = i;
		vcpus[i].places = places;
		vcpus[i].nr_places = nr_places;
		vcpus[i].rounds = rounds;
		ret = pthread_create(&vcpus[i].thread, NULL, play, &vcpus[i]);
		if (ret)
			bail("start a vCPU", ret);
	}
	return vcpus;
}

void vcpus_stop(struct vcpu *vcpus)
{
	uint32_t i;

	for (i = 0; i < vcpus->guest->spec.vcpus; i++)
		vcpus[i].stop = true;
}

void vcpus_join(struct vcpu *vcpus)
{
	uint32_t i;

	for (i = 0; i < vcpus->guest->spec.vcpus; i++)
		pthread_join(vcpus[i].thread, NULL);
}

uint64_t vcpus_hits(const struct vcpu *vcpus, unsigned int place)
{
	uint64_t sum = 0;
	uint32_t i;

	for (i = 0; i < vcpus->guest->spec.vcpus; i++)
		sum += vcpus[i].hits[place];
	return sum;
}

uint64_t vcpus_executed(const struct vcpu *vcpus, unsigned int place)
{
	uint64_t sum = 0;
	uint32_t i;

	for (i = 0; i < vcpus->guest->spec.vcpus; i++)
		sum += vcpus[i].executed[place];
	return sum;
}

uint64_t vcpus_wrong(const struct vcpu *vcpus)
{
	uint64_t sum = 0;
	uint32_t i;

	for (i = 0; i < vcpus->guest->spec.vcpus; i++)
		sum += vcpus[i].wrong;
	return sum;
}
