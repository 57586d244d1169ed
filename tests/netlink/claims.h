/* SPDX-License-Identifier: GPL-2.0 */
/* What the programs here that claim places share. */
#ifndef CLAIMS_H
#define CLAIMS_H

#include <stdbool.h>

#include <gprobe/client.h>

#define MAX_CLAIMS 64

/* In getopt's form: what claims_option() takes. */
#define CLAIMS_OPTIONS "r:v:l:o:s:k:"
#define CLAIMS_USAGE "[-r ROOT] [-v VCPU,...] [-l CPL,...] [-o OFF_AFTER] [-s RATE] [-k COOKIE]"

/**
 * struct claims - places claimed in one guest
 * @client: its session
 * @spec: what each claim is made with
 * @view: that they are in
 * @same_cookie: each has the cookie of @spec, not its number
 * @nr: how many
 * @places: theirs, as GFN:OFFSET
 * @ids: the module's numbers of them
 */
struct claims {
	struct gprobe_client *client;
	struct gprobe_claim_spec spec;
	uint32_t view;
	bool same_cookie;
	int nr;
	const char *places[MAX_CLAIMS];
	uint32_t ids[MAX_CLAIMS];
};

int claims_option(struct claims *claims, int option, const char *value);
int claims_step(struct claims *claims, const char *word);
int claims_open(struct claims *claims, const char *domid);
int claims_new(struct claims *claims, char *list);
void claims_del(struct claims *claims);

#endif /* CLAIMS_H */
