// SPDX-License-Identifier: GPL-2.0
/*
 * A guest that an agent left when it died: attach says so, and frees it when
 * told to take over.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "../session.h"
#include "../tap.h"

static const struct place place = { 3, 0x123 };

static void try_left(unsigned long left, const char *name)
{
	struct gprobe_fake_state state;
	struct gprobe_domain_info info;
	struct gprobe_client *client;
	struct guest guest;
	struct vcpu *vcpus;
	uint32_t claim;
	int ret;

	guest_open(&guest, 1, 2);
	ioctl(guest.fd, GPROBE_FAKE_LEAVE, left);
	if (gprobe_client_open(&client))
		bail("open a client", errno);
	ret = gprobe_domain_attach(client, guest.spec.domid,
				   GPROBE_FAKE_DOMCTL_VERSION, &info);
	is(-ret, EBUSY, "%s: attach is refused", name);
	ok(strstr(gprobe_client_message(client), "take over"),
	   "%s: the message says what to do", name);
	ret = gprobe_domain_take_over(client, guest.spec.domid,
				      GPROBE_FAKE_DOMCTL_VERSION, &info);
	is(-ret, 0, "%s: it is taken over", name);
	claim = session_claim(client, &guest, place, GPROBE_STEP_EMULATE);
	vcpus = vcpus_start(&guest, &place, 1, 50);
	vcpus_join(vcpus);
	is(session_hits(client, claim), 100, "%s: each hit is counted", name);
	is(vcpus_wrong(vcpus), 0, "%s: the guest executes its own bytes", name);
	gprobe_client_close(client);
	guest_state(&guest, &state);
	ok(!state.ring && !state.views && !state.viewed_vcpus &&
	   !state.stepping_vcpus && !state.waiting_vcpus && !state.monitors &&
	   !state.pause_count && !state.maps,
	   "%s: nothing of the dead one is left", name);
	guest_close(&guest);
}

int main(void)
{
	try_left(0, "a ring");
	try_left(GPROBE_FAKE_LEFT_VIEW, "a view");
	try_left(GPROBE_FAKE_LEFT_STEPPING, "a step");
	try_left(GPROBE_FAKE_LEFT_WAITING, "an event");
	try_left(GPROBE_FAKE_LEFT_VIEW | GPROBE_FAKE_LEFT_STEPPING |
		 GPROBE_FAKE_LEFT_WAITING, "all of it");
	return tap_end();
}
