// SPDX-License-Identifier: GPL-2.0
/*
 * A place is claimed and released thousands of times under running vCPUs: the
 * claims together have every hit that was made, and no hit is nobody's. Two claims
 * of one session there each have all of them.
 */
#include <errno.h>

#include "../session.h"
#include "../tap.h"

#define CLAIMS	rounds(3000)

static const struct place place = { 2, 0x100 };

static void run(const struct guest *guest, unsigned int often)
{
	struct gprobe_fake_insn insn;

	while (often--) {
		insn = insn_at(0, place);
		insn_run(guest, &insn);
	}
}

/* One for its own sake, one as the entry of a function whose return is probed. */
static void check_two(const struct guest *guest)
{
	struct gprobe_client *client = session_open(guest);
	struct gprobe_claim_spec spec = claim_at(guest, place);
	struct gprobe_claim_info info;
	uint32_t one, two;

	one = session_claim_spec(client, &spec);
	is(gprobe_claim_new(client, &spec, &info), -EEXIST,
	   "the same claim twice is refused");
	spec.cookie = 1;
	two = session_claim_spec(client, &spec);
	is(gprobe_claim_new(client, &spec, &info), -EEXIST,
	   "and so is the other");
	run(guest, 10);
	is(session_hits(client, one), 10, "claims of two cookies: each hit");
	is(session_hits(client, two), 10, "and the other has each, too");
	is(gprobe_claim_del(client, one, &info), 0, "one goes");
	run(guest, 5);
	is(session_hits(client, two), 15, "the other stays");
	gprobe_client_close(client);
	check_as_found(guest, "two claims of a place");
}

int main(void)
{
	struct gprobe_client *client;
	struct gprobe_claim_info info;
	struct guest guest;
	struct vcpu *vcpus;
	uint64_t counted = 0;
	uint32_t claim, other;
	unsigned int i;
	int ret;

	guest_open(&guest, 1, 4);
	client = session_open(&guest);
	/* The page stays probed: the claim is all that changes. */
	other = session_claim(client, &guest, (struct place){ 2, 0x200 },
			      GPROBE_STEP_EMULATE);
	vcpus = vcpus_start(&guest, &place, 1, 0);
	for (i = 0; i < CLAIMS; i++) {
		claim = session_claim(client, &guest, place,
				      GPROBE_STEP_EMULATE);
		ret = gprobe_claim_del(client, claim, &info);
		if (ret)
			bail("release a claim", ret);
		counted += info.hits;
	}
	vcpus_stop(vcpus);
	vcpus_join(vcpus);
	is(counted, vcpus_hits(vcpus, 0), "each hit is a claim's");
	is(session_stats(client, &guest).hits, counted, "and no other is one");
	is(session_hits(client, other), 0, "none is another claim's");
	ok(counted > 100, "there were hits");
	is(vcpus_wrong(vcpus), 0, "the guest executes its own bytes");
	note("%llu hits", (unsigned long long)counted);
	gprobe_client_close(client);
	check_as_found(&guest, "thousands of claims");
	check_two(&guest);
	guest_close(&guest);
	return tap_end();
}
