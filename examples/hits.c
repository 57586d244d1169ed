// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * hits DOMAIN SYSTEM.MAP PROBE: how often a guest has run over a probe, once a
 * second. Runs as root in dom0.
 *
 *	cc hits.c -o hits $(pkg-config --cflags --libs libgprobe)
 *	./hits linux System.map do_sys_openat2
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gprobe/client.h>
#include <gprobe/guest.h>
#include <gprobe/probe.h>

static struct gprobe_why why;
static struct gprobe_client *client;

static void check(int ret)
{
	const char *reason = client ? gprobe_client_message(client) : why.text;

	if (!ret)
		return;
	fprintf(stderr, "hits: %s\n", *reason ? reason : strerror(-ret));
	exit(1);
}

/* Find the frame that the probe is in now. */
static void resolve(struct gprobe_host *host, uint32_t domid, const char *path,
		    struct gprobe_probe *probe)
{
	struct gprobe_space space = { 0 };
	struct gprobe_symbols *symbols;
	struct gprobe_guest *guest;
	struct gprobe_vcpu *vcpus;

	check(gprobe_symbols_load(path, &symbols, &why));
	check(gprobe_guest_open(host, domid, &guest));
	check(gprobe_guest_vcpus(guest, &vcpus, &space.nr_vcpus));
	space.memory = gprobe_guest_memory(guest);
	space.symbols = symbols;
	space.vcpus = vcpus;
	check(gprobe_symbols_slide(symbols, &space.memory, vcpus,
				   space.nr_vcpus, &space.slide, &why));
	check(gprobe_probe_resolve(probe, &space, &why));
	free(vcpus);
	/* A guest whose frames are mapped cannot go. */
	gprobe_guest_close(guest);
	gprobe_symbols_free(symbols);
}

int main(int argc, char **argv)
{
	struct gprobe_domain_info domain;
	struct gprobe_claim_spec spec;
	struct gprobe_claim_info claim;
	struct gprobe_guest_info guest;
	struct gprobe_host_info xen;
	struct gprobe_probe probe;
	struct gprobe_host *host;

	if (argc != 4) {
		fprintf(stderr, "Usage: hits DOMAIN SYSTEM.MAP PROBE\n");
		return 2;
	}
	check(gprobe_probe_parse(argv[3], &probe, &why));
	check(gprobe_host_open(&host, &why));
	check(gprobe_host_info(host, &xen));
	check(gprobe_host_find(host, argv[1], &guest, &why));
	resolve(host, guest.domid, argv[2], &probe);

	/* However this program ends: all it does to the guest is undone. */
	check(gprobe_client_open(&client));
	check(gprobe_domain_attach(client, guest.domid, xen.domctl_version,
				   &domain));
	spec = (struct gprobe_claim_spec){
		.domid = guest.domid, .action = GPROBE_ACTION_COUNT,
		.gfn = probe.gfn, .offset = probe.frame_offset,
		.root = probe.root, .step = probe.step,
		.insn_bytes = probe.insn_bytes, .label = probe.text,
	};
	check(gprobe_claim_new(client, &spec, &claim));
	while (domain.state == GPROBE_DOMAIN_STATE_LIVE) {
		sleep(1);
		check(gprobe_claim_get(client, claim.id, &claim));
		printf("%" PRIu64 "\n", claim.hits);
		fflush(stdout);
		check(gprobe_domain_get(client, guest.domid, &domain));
	}
	gprobe_client_close(client);
	gprobe_host_close(host);
	return 0;
}
