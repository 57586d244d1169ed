// SPDX-License-Identifier: GPL-2.0
#include "claims.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

static const char *const steps[GPROBE_STEP_MAX + 1] = {
	[0] = "auto",
	[GPROBE_STEP_EMULATE] = "emulate",
	[GPROBE_STEP_FAST] = "fast",
	[GPROBE_STEP_TOGGLE] = "toggle",
	[GPROBE_STEP_STORE] = "store",
};

/* Numbers with commas: each sets its bit. */
static int parse_set(const char *list, uint8_t *bits, size_t bytes)
{
	unsigned long number;
	char *end;

	do {
		number = strtoul(list, &end, 10);
		if (end == list || number / 8 >= bytes)
			return -EINVAL;
		bits[number / 8] |= 1 << number % 8;
		list = end + 1;
	} while (*end == ',');
	return *end ? -EINVAL : 0;
}

/* One of CLAIMS_OPTIONS. */
int claims_option(struct claims *claims, int option, const char *value)
{
	struct gprobe_claim_spec *spec = &claims->spec;
	uint8_t cpls = 0;
	int ret;

	switch (option) {
	case 'r':
		spec->root = strtoull(value, NULL, 16);
		return 0;
	case 'v':
		return parse_set(value, spec->vcpus, sizeof(spec->vcpus));
	case 'l':
		ret = parse_set(value, &cpls, sizeof(cpls));
		spec->cpls = cpls;
		return ret;
	case 'o':
		spec->off_after = strtoull(value, NULL, 10);
		return 0;
	case 's':
		spec->rate = strtoul(value, NULL, 10);
		return 0;
	case 'k':
		spec->cookie = strtoull(value, NULL, 10);
		claims->same_cookie = true;
		return 0;
	default:
		return -EINVAL;
	}
}

/* A step method, or the length of an instruction to skip. */
int claims_step(struct claims *claims, const char *word)
{
	uint32_t i;

	for (i = 0; i <= GPROBE_STEP_MAX; i++) {
		if (steps[i] && !strcmp(steps[i], word)) {
			claims->spec.step = i;
			return 0;
		}
	}
	claims->spec.step = GPROBE_STEP_SKIP;
	claims->spec.insn_bytes = strtoul(word, NULL, 10);
	return word[0] >= '0' && word[0] <= '9' ? 0 : -EINVAL;
}

/* Attach to a guest; 0, or 1 and said why not. */
int claims_open(struct claims *claims, const char *domid)
{
	claims->spec.domid = strtoul(domid, NULL, 0);
	return ctl_attach(&claims->client, claims->spec.domid);
}

/* Claim GFN:OFFSET[,GFN:OFFSET...]; 0, or 1 and said why not. */
int claims_new(struct claims *claims, char *list)
{
	struct gprobe_claim_spec *spec = &claims->spec;
	struct gprobe_claim_info info;
	char *place;
	int ret;

	while ((place = strsep(&list, ",")) && claims->nr < MAX_CLAIMS) {
		if (sscanf(place, "%" SCNx64 ":%" SCNx32, &spec->gfn,
			   &spec->offset) != 2)
			return ctl_fail(claims->client, place, -EINVAL);
		if (!claims->same_cookie)
			spec->cookie = claims->nr;
		ret = gprobe_claim_new(claims->client, spec, &info);
		if (ret)
			return ctl_fail(claims->client, "claim", ret);
		claims->view = info.view;
		claims->places[claims->nr] = place;
		claims->ids[claims->nr++] = info.id;
	}
	return 0;
}

/* The site of a claim has hits of all. */
static uint64_t site_hits(const struct claims *claims,
			  const struct gprobe_claim_info *claim)
{
	struct gprobe_site_info *sites;
	uint64_t hits = 0;
	size_t nr, i;

	if (gprobe_site_list(claims->client, claim->domid, &sites, &nr))
		return 0;
	for (i = 0; i < nr; i++)
		if (sites[i].view == claim->view &&
		    sites[i].gfn == claim->gfn &&
		    sites[i].offset == claim->offset)
			hits = sites[i].hits;
	free(sites);
	return hits;
}

/* Release all, and print a line "NAME GFN:OFFSET N" for each figure of each. */
void claims_del(struct claims *claims)
{
	struct gprobe_claim_info info;
	const char *place;
	uint64_t of_site;
	int i;

	for (i = 0; i < claims->nr; i++) {
		place = claims->places[i];
		if (gprobe_claim_get(claims->client, claims->ids[i], &info))
			continue;
		of_site = site_hits(claims, &info);
		if (gprobe_claim_del(claims->client, claims->ids[i], &info))
			continue;
		printf("hits %s %" PRIu64 "\n", place, info.hits);
		printf("site_hits %s %" PRIu64 "\n", place, of_site);
		printf("filtered %s %" PRIu64 "\n", place, info.filtered);
		printf("limited %s %" PRIu64 "\n", place, info.limited);
		printf("off %s %d\n", place, info.off);
	}
}
