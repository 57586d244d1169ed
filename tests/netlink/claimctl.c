// SPDX-License-Identifier: GPL-2.0
/*
 * claimctl DOMID STEP GFN:OFFSET[,GFN:OFFSET...] COMMAND...
 *
 * Claims places by the library with a step method (auto, emulate, fast,
 * toggle, store, or a number: skip an instruction of so many bytes), runs
 * COMMAND, and prints what the module counted: a line "hits GFN:OFFSET N" each,
 * then the domain's figures as "NAME N".
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

#define MAX_CLAIMS 64

static const char *const steps[GPROBE_STEP_MAX + 1] = {
	[0] = "auto",
	[GPROBE_STEP_EMULATE] = "emulate",
	[GPROBE_STEP_FAST] = "fast",
	[GPROBE_STEP_TOGGLE] = "toggle",
	[GPROBE_STEP_STORE] = "store",
};

struct claim {
	char *place;
	uint32_t id;
};

static int find_step(const char *name)
{
	int i;

	for (i = 0; i <= GPROBE_STEP_MAX; i++)
		if (steps[i] && !strcmp(steps[i], name))
			return i;
	return name[0] >= '0' && name[0] <= '9' ? GPROBE_STEP_SKIP : -1;
}

static int claim_all(struct gprobe_client *client,
		     struct gprobe_claim_spec *spec, char *list,
		     struct claim *claims)
{
	struct gprobe_claim_info info;
	int nr = 0, ret;
	char *place;

	while ((place = strsep(&list, ",")) && nr < MAX_CLAIMS) {
		claims[nr].place = place;
		if (sscanf(place, "%" SCNx64 ":%" SCNx32, &spec->gfn,
			   &spec->offset) != 2)
			return -EINVAL;
		ret = gprobe_claim_new(client, spec, &info);
		if (ret)
			return ret;
		claims[nr++].id = info.id;
	}
	return nr;
}

static void print_figures(struct gprobe_client *client, uint32_t domid)
{
	struct gprobe_domain_info info;

	if (gprobe_domain_get(client, domid, &info))
		return;
	printf("skipped %" PRIu64 "\nemulated %" PRIu64 "\nfast %" PRIu64 "\ntoggled %" PRIu64
	       "\nemul_failed %" PRIu64 "\nlost %" PRIu64 "\nunknown %" PRIu64 "\npolled %" PRIu64
	       "\n", info.stats.skipped, info.stats.emulated, info.stats.fast, info.stats.toggled,
	       info.stats.emul_failed, info.stats.lost, info.stats.unknown,
	       info.stats.polled);
}

int main(int argc, char **argv)
{
	int step = argc > 4 ? find_step(argv[2]) : -1;
	struct gprobe_claim_spec spec = { .action = GPROBE_ACTION_COUNT };
	struct claim claims[MAX_CLAIMS];
	struct gprobe_claim_info info;
	struct gprobe_client *client;
	int i, nr, ret;

	if (step < 0) {
		fputs("usage: claimctl DOMID STEP GFN:OFFSET[,...] COMMAND...\n",
		      stderr);
		return 2;
	}
	spec.domid = strtoul(argv[1], NULL, 0);
	spec.step = step;
	if (step == GPROBE_STEP_SKIP)
		spec.insn_bytes = strtoul(argv[2], NULL, 10);
	ret = ctl_attach(&client, spec.domid);
	if (ret)
		return ret;
	nr = claim_all(client, &spec, argv[3], claims);
	if (nr < 0)
		return ctl_fail(client, "claim", nr);
	ret = ctl_ended(ctl_start(argv + 4), 0);
	for (i = 0; i < nr; i++)
		if (!gprobe_claim_del(client, claims[i].id, &info))
			printf("hits %s %" PRIu64 "\n", claims[i].place,
			       info.hits);
	print_figures(client, spec.domid);
	gprobe_client_close(client);
	return ret;
}
