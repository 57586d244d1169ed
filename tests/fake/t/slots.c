// SPDX-License-Identifier: GPL-2.0
/*
 * More vCPUs than a ring has slots, 16 and 64: no hit is lost, and a detach
 * while vCPUs wait for a slot leaves the guest as it was found.
 */
#include <stdlib.h>
#include <unistd.h>

#include "../session.h"
#include "../tap.h"

#define ROUNDS		rounds(100)
#define DETACHES	rounds(20)

static const struct place places[] = { { 1, 0x10 }, { 6, 0xff0 } };

static void count(const struct guest *guest)
{
	struct gprobe_client *client = session_open(guest);
	uint32_t nr = guest->spec.vcpus, claims[2];
	struct vcpu *vcpus;
	int i;

	claims[0] = session_claim(client, guest, places[0], GPROBE_STEP_EMULATE);
	claims[1] = session_claim(client, guest, places[1], GPROBE_STEP_TOGGLE);
	vcpus = vcpus_start(guest, places, 2, ROUNDS);
	vcpus_join(vcpus);
	for (i = 0; i < 2; i++)
		is(session_hits(client, claims[i]), ROUNDS * nr,
		   "%u vCPUs: each hit of place %d is counted", nr, i);
	is(vcpus_wrong(vcpus), 0, "%u vCPUs: the guest executes its own bytes",
	   nr);
	is(session_stats(client, guest).lost, 0, "%u vCPUs: nothing is lost", nr);
	gprobe_client_close(client);
	check_as_found(guest, "many vCPUs");
}

/* While they run. */
static void detach(const struct guest *guest)
{
	struct vcpu *vcpus = vcpus_start(guest, places, 2, 0);
	uint32_t nr = guest->spec.vcpus, differ = 0, i;
	struct gprobe_client *client;

	for (i = 0; i < DETACHES; i++) {
		client = session_open(guest);
		session_claim(client, guest, places[0], GPROBE_STEP_EMULATE);
		session_claim(client, guest, places[1], GPROBE_STEP_TOGGLE);
		usleep(random() % 5000);
		gprobe_client_close(client);
		if (guest_differs(guest)) {
			differ++;
			note("not as it was: %s", guest_differs(guest));
		}
	}
	vcpus_stop(vcpus);
	vcpus_join(vcpus);
	is(differ, 0, "%u vCPUs: after each detach all is as it was", nr);
	is(vcpus_wrong(vcpus), 0, "%u vCPUs: the guest executes its own bytes",
	   nr);
	ok(vcpus_executed(vcpus, 0) > DETACHES, "%u vCPUs: they did run", nr);
}

int main(void)
{
	static const uint32_t vcpus[] = { 16, 64 };
	struct guest guest;
	int i;

	for (i = 0; i < 2; i++) {
		guest_open(&guest, 1 + i, vcpus[i]);
		count(&guest);
		detach(&guest);
		guest_close(&guest);
	}
	return tap_end();
}
