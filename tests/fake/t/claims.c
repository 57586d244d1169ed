// SPDX-License-Identifier: GPL-2.0
/*
 * A place is claimed and released thousands of times under running vCPUs: the
 * claims together have every hit that was made, and no hit is nobody's.
 */
#include "../session.h"
#include "../tap.h"

#define CLAIMS	rounds(3000)

static const struct place place = { 2, 0x100 };

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
	guest_close(&guest);
	return tap_end();
}
