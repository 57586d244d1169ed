// SPDX-License-Identifier: GPL-2.0
/* `gprobe domain list`: the guests there are, and who probes them. */
#include <stdlib.h>
#include <string.h>

#include <gprobe/client.h>
#include <gprobe/guest.h>

#include "command.h"
#include "list.h"
#include "option.h"
#include "say.h"

static const struct command_option options[] = {
	{ "json", 'j', NULL, "JSON" },
	COMMAND_OPTION_HELP,
	{ 0 }
};

static const struct list_column columns[] = {
	{ "ID", "domid", true },
	{ "NAME", "name", false },
	{ "VCPUS", "vcpus", true },
	{ "MEM(MiB)", "memory_mib", true },
	{ "STATE", "state", false },
	{ "TYPE", "type", false },
	{ "SESSIONS", "sessions", true },
	{ "PROBES", "probes", true },
};

/* What the module knows; nothing if it is not there. */
struct attached {
	struct gprobe_domain_info *infos;
	size_t nr;
};

static void ask_module(struct attached *attached)
{
	struct gprobe_client *client;

	memset(attached, 0, sizeof(*attached));
	if (gprobe_client_open(&client))
		return;
	if (gprobe_domain_list(client, &attached->infos, &attached->nr))
		attached->nr = 0;
	gprobe_client_close(client);
}

static void put_attached(struct list *list, const struct attached *attached,
			 uint32_t domid)
{
	size_t i;

	for (i = 0; i < attached->nr; i++) {
		if (attached->infos[i].domid != domid ||
		    attached->infos[i].state != GPROBE_DOMAIN_STATE_LIVE)
			continue;
		list_put_number(list, attached->infos[i].sessions);
		list_put_number(list, attached->infos[i].claims);
		return;
	}
	list_put_null(list);
	list_put_null(list);
}

static const char *state_name(const struct gprobe_guest_info *guest)
{
	if (guest->dying)
		return "dying";
	return guest->paused ? "paused" : "running";
}

static void put_guest(struct list *list, const struct gprobe_guest_info *guest,
		      const struct attached *attached)
{
	list_put_number(list, guest->domid);
	list_put_string(list, guest->name);
	list_put_number(list, guest->vcpus);
	list_put_number(list, guest->memory_kib / 1024);
	list_put_string(list, state_name(guest));
	list_put_string(list, guest->hvm ? "hvm" : "pv");
	put_attached(list, attached, guest->domid);
}

static int print(const struct gprobe_guest_info *guests, size_t nr, bool json)
{
	struct list list = {
		.columns = columns,
		.nr_columns = sizeof(columns) / sizeof(columns[0]),
		.as_json = json,
	};
	struct attached attached;
	size_t i;

	ask_module(&attached);
	list_begin(&list);
	for (i = 0; i < nr; i++)
		/* dom0 is not a guest. */
		if (guests[i].domid)
			put_guest(&list, &guests[i], &attached);
	free(attached.infos);
	return list_end(&list);
}

static int run(int argc, char **argv)
{
	struct option_reader reader = {
		.command = &command_domain_list, .argc = argc, .argv = argv,
	};
	struct option_listing listing = { 0 };
	int status = option_read_listing(&reader, &listing);
	struct gprobe_guest_info *guests;
	struct gprobe_host *host;
	struct gprobe_why why;
	size_t nr;
	int ret;

	if (status != OPTION_GO_ON)
		return status;
	ret = gprobe_host_open(&host, &why);
	if (ret)
		return say_host_failed(ret, &why);
	ret = gprobe_host_guests(host, &guests, &nr);
	if (ret) {
		status = say(STATUS_FAILED, "Xen does not list its domains: %s",
			     strerror(-ret));
	} else {
		status = print(guests, nr, listing.json);
		free(guests);
	}
	gprobe_host_close(host);
	return status;
}

const struct command command_domain_list = {
	.words = "domain list",
	.summary = "List the guests, and how many sessions and probes they have",
	.usage = "[-j]",
	.options = options,
	.run = run,
};
