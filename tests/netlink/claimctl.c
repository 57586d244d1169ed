// SPDX-License-Identifier: GPL-2.0
/*
 * claimctl [OPTION]... DOMID STEP GFN:OFFSET[,GFN:OFFSET...] COMMAND...
 *
 * Claims places by the library with a step method (auto, emulate, fast,
 * toggle, store, or a number: skip an instruction of so many bytes), runs
 * COMMAND, and prints what the module counted: lines "NAME GFN:OFFSET N" for
 * each place, then the domain's figures as "NAME N".
 */
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "claims.h"
#include "ctl.h"

static void print_figures(const struct claims *claims)
{
	struct gprobe_domain_info info;

	if (gprobe_domain_get(claims->client, claims->spec.domid, &info))
		return;
	printf("skipped %" PRIu64 "\nemulated %" PRIu64 "\nfast %" PRIu64 "\ntoggled %" PRIu64
	       "\nemul_failed %" PRIu64 "\nlost %" PRIu64 "\nunknown %" PRIu64 "\npolled %" PRIu64
	       "\n", info.stats.skipped, info.stats.emulated, info.stats.fast, info.stats.toggled,
	       info.stats.emul_failed, info.stats.lost, info.stats.unknown,
	       info.stats.polled);
}

static int usage(void)
{
	fputs("usage: claimctl " CLAIMS_USAGE " DOMID STEP GFN:OFFSET[,...] COMMAND...\n",
	      stderr);
	return 2;
}

int main(int argc, char **argv)
{
	struct claims claims = { .spec.action = GPROBE_ACTION_COUNT };
	int option, ret;

	/* +: what COMMAND is given is no option of ours. */
	while ((option = getopt(argc, argv, "+" CLAIMS_OPTIONS)) != -1)
		if (claims_option(&claims, option, optarg))
			return usage();
	argv += optind;
	if (argc - optind < 4 || claims_step(&claims, argv[1]))
		return usage();
	ret = claims_open(&claims, argv[0]) || claims_new(&claims, argv[2]);
	if (!ret) {
		ret = ctl_ended(ctl_start(argv + 3), 0);
		claims_del(&claims);
		print_figures(&claims);
	}
	gprobe_client_close(claims.client);
	return ret;
}
