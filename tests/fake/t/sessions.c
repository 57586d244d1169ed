// SPDX-License-Identifier: GPL-2.0
/*
 * Eight sessions on one guest, and 64 guests at once: each session gets its own
 * hits, exactly; when some leave, the others notice nothing.
 */
#include "../session.h"
#include "../tap.h"

#define SESSIONS	8
#define GUESTS		64
#define ROUNDS		rounds(300)

static const struct place place = { 5, 0x321 };

static void check_session(struct gprobe_client *client, uint32_t claim,
			  uint64_t rounds, unsigned int i, const char *when)
{
	struct gprobe_claim_info info = session_claim_info(client, claim);

	is(info.hits, rounds, "%s: session %u has the hits of its root", when, i);
	is(info.filtered, rounds * (SESSIONS - 1),
	   "%s: session %u has no other's", when, i);
}

static void play(const struct guest *guest)
{
	struct vcpu *vcpus = vcpus_start(guest, &place, 1, ROUNDS);

	vcpus_join(vcpus);
	is(vcpus_wrong(vcpus), 0, "the guest executes its own bytes");
	is(vcpus_hits(vcpus, 0), ROUNDS * SESSIONS, "each round is one hit");
}

static void many_sessions(void)
{
	struct gprobe_client *clients[SESSIONS];
	struct gprobe_claim_spec spec;
	uint32_t claims[SESSIONS];
	struct guest guest;
	unsigned int i;

	guest_open(&guest, 1, SESSIONS);
	for (i = 0; i < SESSIONS; i++) {
		clients[i] = session_open(&guest);
		spec = claim_at(&guest, place);
		spec.root = vcpu_root(i);
		claims[i] = session_claim_spec(clients[i], &spec);
	}
	play(&guest);
	for (i = 0; i < SESSIONS; i++)
		check_session(clients[i], claims[i], ROUNDS, i, "all");
	for (i = 0; i < SESSIONS; i += 2)
		gprobe_client_close(clients[i]);
	play(&guest);
	for (i = 1; i < SESSIONS; i += 2)
		check_session(clients[i], claims[i], 2 * ROUNDS, i, "half left");
	for (i = 1; i < SESSIONS; i += 2)
		gprobe_client_close(clients[i]);
	check_as_found(&guest, "eight sessions");
	guest_close(&guest);
}

static void many_guests(void)
{
	static struct guest guests[GUESTS];
	struct gprobe_client *clients[GUESTS];
	struct vcpu *vcpus[GUESTS];
	uint32_t claims[GUESTS];
	unsigned int i, nr_wrong = 0, nr_differ = 0;

	for (i = 0; i < GUESTS; i++) {
		guest_open(&guests[i], 100 + i, 2);
		clients[i] = session_open(&guests[i]);
		claims[i] = session_claim(clients[i], &guests[i], place,
					  GPROBE_STEP_EMULATE);
	}
	for (i = 0; i < GUESTS; i++)
		vcpus[i] = vcpus_start(&guests[i], &place, 1, ROUNDS + i);
	for (i = 0; i < GUESTS; i++) {
		vcpus_join(vcpus[i]);
		nr_wrong += vcpus_wrong(vcpus[i]) ||
			    session_hits(clients[i], claims[i]) !=
			    2 * (ROUNDS + i);
	}
	is(nr_wrong, 0, "each of 64 guests has its own hits");
	for (i = 0; i < GUESTS; i++) {
		gprobe_client_close(clients[i]);
		nr_differ += !is_detached(&guests[i]) ||
			     guest_differs(&guests[i]);
	}
	is(nr_differ, 0, "each of 64 guests is as it was found");
	for (i = 1; i < GUESTS; i++)
		guest_close(&guests[i]);
	ok(guests_are_gone(&guests[0]), "no guest is a zombie");
	guest_close(&guests[0]);
}

int main(void)
{
	many_sessions();
	many_guests();
	return tap_end();
}
