// SPDX-License-Identifier: GPL-2.0
/*
 * A claim's hits are counted, all and only they, by each step method; the guest
 * executes its own bytes, and is as it was found after the detach.
 */
#include "../session.h"
#include "../tap.h"

#define ROUNDS rounds(500)

static const struct place places[] = {
	{ 2, 0x100 }, { 2, 0x103 }, { 3, 0x7f8 }, { 4, 0 }, { 4, 0xffd },
};

#define NR_PLACES (sizeof(places) / sizeof(*places))

static void try_step(const struct guest *guest, uint32_t step, const char *name)
{
	struct gprobe_client *client = session_open(guest);
	uint32_t claims[NR_PLACES];
	struct vcpu *vcpus;
	unsigned int i;

	for (i = 0; i < NR_PLACES - 1; i++)
		claims[i] = session_claim(client, guest, places[i], step);
	vcpus = vcpus_start(guest, places, NR_PLACES, ROUNDS);
	vcpus_join(vcpus);
	for (i = 0; i < NR_PLACES - 1; i++)
		is(session_hits(client, claims[i]), ROUNDS * guest->spec.vcpus,
		   "%s: each hit of place %u is counted", name, i);
	for (i = 0; i < NR_PLACES; i++)
		is(vcpus_executed(vcpus, i), ROUNDS * guest->spec.vcpus,
		   "%s: place %u is executed as often", name, i);
	is(vcpus_wrong(vcpus), 0, "%s: the guest executes its own bytes", name);
	is(vcpus_hits(vcpus, NR_PLACES - 1), 0,
	   "%s: what nobody claims makes no hit", name);
	gprobe_client_close(client);
	check_as_found(guest, name);
}

int main(void)
{
	struct guest guest;

	guest_open(&guest, 1, 4);
	try_step(&guest, GPROBE_STEP_EMULATE, "emulate");
	try_step(&guest, GPROBE_STEP_FAST, "fast");
	try_step(&guest, GPROBE_STEP_TOGGLE, "toggle");
	try_step(&guest, GPROBE_STEP_STORE, "store");
	try_step(&guest, GPROBE_STEP_SKIP, "skip");
	guest_close(&guest);
	return tap_end();
}
