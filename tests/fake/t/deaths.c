// SPDX-License-Identifier: GPL-2.0
/*
 * A guest dies at a random moment, while a session attaches, claims, watches or
 * leaves: the session goes on, its figures stay, and the guest is no zombie.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../session.h"
#include "../tap.h"

#define DEATHS	rounds(200)
#define VCPUS	4

static const struct place places[] = { { 2, 0x100 }, { 3, 0x200 } };

static void *die_soon(void *arg)
{
	const struct guest *guest = arg;

	usleep(random() % 6000);
	ioctl(guest->fd, GPROBE_FAKE_DIE);
	return NULL;
}

/* Until it is told that the guest is gone. */
static void use(struct gprobe_client *client, const struct guest *guest)
{
	const struct gprobe_watch watch = {
		.domid = guest->spec.domid, .gfn = 9, .entries = { 0xff },
	};
	struct gprobe_claim_spec spec;
	struct gprobe_domain_info domain;
	struct gprobe_claim_info info;
	unsigned int i;
	int ret;

	do {
		ret = gprobe_domain_attach(client, guest->spec.domid,
					   GPROBE_FAKE_DOMCTL_VERSION, &domain);
		for (i = 0; i < 2; i++) {
			spec = claim_at(guest, places[i]);
			if (gprobe_claim_new(client, &spec, &info))
				continue;
			if (random() % 2)
				gprobe_claim_del(client, info.id, &info);
		}
		gprobe_watch_set(client, &watch);
		if (random() % 2)
			gprobe_domain_detach(client, guest->spec.domid);
	} while (ret != -ESHUTDOWN && ret != -ENOENT);
}

static bool has_survived(uint32_t domid)
{
	struct gprobe_domain_info *infos;
	struct gprobe_client *client;
	pthread_t killer;
	struct guest guest;
	struct vcpu *vcpus;
	size_t nr;
	bool good;

	guest_open(&guest, domid, VCPUS);
	vcpus = vcpus_start(&guest, places, 2, 0);
	if (gprobe_client_open(&client) ||
	    pthread_create(&killer, NULL, die_soon, &guest))
		bail("start", errno);
	use(client, &guest);
	pthread_join(killer, NULL);
	vcpus_join(vcpus);
	good = vcpus_wrong(vcpus) == 0;
	guest_close(&guest);
	good &= !gprobe_domain_list(client, &infos, &nr);
	if (good)
		free(infos);
	gprobe_client_close(client);
	free(vcpus);
	return good;
}

/* Its figures can be read until the session leaves. */
static void check_figures(void)
{
	struct gprobe_client *client;
	struct gprobe_domain_info info = { 0 };
	struct guest guest;
	struct vcpu *vcpus;
	uint32_t claim;
	int tries = 500;

	guest_open(&guest, 1, VCPUS);
	client = session_open(&guest);
	claim = session_claim(client, &guest, places[0], GPROBE_STEP_EMULATE);
	vcpus = vcpus_start(&guest, places, 1, 100);
	vcpus_join(vcpus);
	ioctl(guest.fd, GPROBE_FAKE_DIE);
	while (info.state != GPROBE_DOMAIN_STATE_GONE && --tries) {
		if (gprobe_domain_get(client, guest.spec.domid, &info))
			bail("look at a dead guest", EIO);
		usleep(10000);
	}
	is(info.state, GPROBE_DOMAIN_STATE_GONE, "a session is told of a death");
	is(session_hits(client, claim), 100 * VCPUS,
	   "a claim's figures outlive the guest");
	is(info.stats.hits, 100 * VCPUS, "a domain's figures outlive the guest");
	guest_close(&guest);
	gprobe_client_close(client);
}

int main(void)
{
	struct guest any;
	unsigned int i, bad = 0;

	check_figures();
	for (i = 0; i < DEATHS; i++)
		bad += !has_survived(2 + i % 3);
	is(bad, 0, "sessions outlive %d deaths of their guests", DEATHS);
	guest_open(&any, 10, 1);
	ok(guests_are_gone(&any), "no guest is a zombie");
	ok(is_detached(&any), "nobody is attached");
	guest_close(&any);
	return tap_end();
}
