// SPDX-License-Identifier: GPL-2.0
/* `gprobe probe list`: the claims of all sessions. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <gprobe/client.h>
#include <gprobe/guest.h>

#include "command.h"
#include "list.h"
#include "option.h"
#include "say.h"

static const struct command_option options[] = {
	{ "domain", 'd', "DOMAIN", "only those in this guest: name or domid" },
	{ "json", 'j', NULL, "JSON" },
	COMMAND_OPTION_HELP,
	{ 0 }
};

static const struct list_column columns[] = {
	{ "ID", "id", true },
	{ "DOMAIN", "domain", false },
	{ NULL, "domid", true },
	{ "PROBE", "probe", false },
	{ "GFN+OFFSET", NULL, false },
	{ NULL, "gfn", false },
	{ NULL, "offset", true },
	{ "VIEW", "view", true },
	{ "ROOT", "root", false },
	{ "ACTION", "action", false },
	{ "STEP", "step", false },
	{ "HITS", "hits", true },
	{ "SESSION", "session", true },
	{ "PIN", "pin", false },
};

static const char *action_name(uint32_t action)
{
	switch (action) {
	case GPROBE_ACTION_COUNT:
		return "count";
	case GPROBE_ACTION_RECORD:
		return "record";
	case GPROBE_ACTION_UPCALL:
		return "upcall";
	default:
		return "unknown";
	}
}

static const char *step_name(uint32_t step)
{
	switch (step) {
	case GPROBE_STEP_EMULATE:
		return "emulate";
	case GPROBE_STEP_FAST:
		return "fast";
	case GPROBE_STEP_TOGGLE:
		return "toggle";
	case GPROBE_STEP_SKIP:
		return "skip";
	case GPROBE_STEP_STORE:
		return "store";
	default:
		return "unknown";
	}
}

/* What a guest is called: its name, or its number where it has none. */
static void put_domain(struct list *list, const struct gprobe_guest_info *guests,
		       size_t nr, uint32_t domid)
{
	char number[16];
	size_t i;

	for (i = 0; i < nr; i++) {
		if (guests[i].domid == domid && guests[i].name[0]) {
			list_put_string(list, guests[i].name);
			return;
		}
	}
	snprintf(number, sizeof(number), "%" PRIu32, domid);
	list_put_string(list, number);
}

static void put_place(struct list *list, const struct gprobe_claim_info *claim)
{
	char text[48];

	snprintf(text, sizeof(text), "0x%" PRIx64 "+0x%" PRIx32, claim->gfn,
		 claim->offset);
	list_put_string(list, text);
	list_put_hex(list, claim->gfn);
	list_put_number(list, claim->offset);
	list_put_number(list, claim->view);
}

static void put_claim(struct list *list, const struct gprobe_claim_info *claim,
		      const struct gprobe_guest_info *guests, size_t nr_guests)
{
	list_put_number(list, claim->id);
	put_domain(list, guests, nr_guests, claim->domid);
	list_put_number(list, claim->domid);
	list_put_string(list, claim->label);
	put_place(list, claim);
	if (claim->root)
		list_put_hex(list, claim->root);
	else
		list_put_null(list);
	list_put_string(list, action_name(claim->action));
	/* None was asked for: the module chooses. */
	if (claim->step)
		list_put_string(list, step_name(claim->step));
	else
		list_put_null(list);
	list_put_number(list, claim->hits);
	if (claim->session)
		list_put_number(list, claim->session);
	else
		list_put_null(list);
	if (claim->pin[0])
		list_put_string(list, claim->pin);
	else
		list_put_null(list);
}

static int print(struct gprobe_host *host,
		 const struct gprobe_claim_info *claims, size_t nr_claims,
		 bool json)
{
	struct list list = {
		.columns = columns,
		.nr_columns = sizeof(columns) / sizeof(columns[0]),
		.as_json = json,
	};
	struct gprobe_guest_info *guests = NULL;
	size_t nr_guests = 0, i;

	/* Without names there are still numbers. */
	if (gprobe_host_guests(host, &guests, &nr_guests))
		nr_guests = 0;
	list_begin(&list);
	for (i = 0; i < nr_claims; i++)
		put_claim(&list, &claims[i], guests, nr_guests);
	free(guests);
	return list_end(&list);
}

static int list_claims(struct gprobe_host *host, uint32_t domid, bool json)
{
	struct gprobe_claim_info *claims;
	struct gprobe_client *client;
	size_t nr;
	int ret, status;

	ret = gprobe_client_open(&client);
	if (ret)
		return say_module_failed(ret, "");
	ret = gprobe_claim_list(client, domid, &claims, &nr);
	if (ret) {
		status = say_module_failed(ret, gprobe_client_message(client));
	} else {
		status = print(host, claims, nr, json);
		free(claims);
	}
	gprobe_client_close(client);
	return status;
}

static int run(int argc, char **argv)
{
	struct option_reader reader = {
		.command = &command_probe_list, .argc = argc, .argv = argv,
	};
	struct option_listing listing = { 0 };
	struct gprobe_guest_info guest = { .domid = GPROBE_ALL_DOMAINS };
	struct gprobe_host *host;
	struct gprobe_why why;
	int status = option_read_listing(&reader, &listing);
	int ret;

	if (status != OPTION_GO_ON)
		return status;
	ret = gprobe_host_open(&host, &why);
	if (ret)
		return say_host_failed(ret, &why);
	if (listing.domain &&
	    gprobe_host_find(host, listing.domain, &guest, &why))
		status = say(STATUS_FAILED, "%s", why.text);
	else
		status = list_claims(host, guest.domid, listing.json);
	gprobe_host_close(host);
	return status;
}

const struct command command_probe_list = {
	.words = "probe list",
	.summary = "List the probes of all sessions",
	.usage = "[-d DOMAIN] [-j]",
	.options = options,
	.run = run,
};
