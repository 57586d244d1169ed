// SPDX-License-Identifier: GPL-2.0
/* `gprobe session list`: who probes, and what is pinned. */
#include <stdlib.h>

#include <gprobe/client.h>

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
	{ "ID", "id", true },
	{ "PIN", "pin", false },
	{ "DOMAINS", "domains", true },
	{ "PROBES", "probes", true },
};

static void put_session(struct list *list,
			const struct gprobe_session_info *info)
{
	/* Its process has ended. */
	if (info->id)
		list_put_number(list, info->id);
	else
		list_put_null(list);
	if (info->name[0])
		list_put_string(list, info->name);
	else
		list_put_null(list);
	list_put_number(list, info->domains);
	list_put_number(list, info->claims);
}

static int print(const struct gprobe_session_info *infos, size_t nr, bool json)
{
	struct list list = {
		.columns = columns,
		.nr_columns = sizeof(columns) / sizeof(columns[0]),
		.as_json = json,
	};
	size_t i;

	list_begin(&list);
	for (i = 0; i < nr; i++)
		put_session(&list, &infos[i]);
	return list_end(&list);
}

static int run(int argc, char **argv)
{
	struct option_reader reader = {
		.command = &command_session_list, .argc = argc, .argv = argv,
	};
	struct option_listing listing = { 0 };
	int status = option_read_listing(&reader, &listing);
	struct gprobe_session_info *infos;
	struct gprobe_client *client;
	size_t nr;
	int ret;

	if (status != OPTION_GO_ON)
		return status;
	ret = gprobe_client_open(&client);
	if (ret)
		return say_module_failed(ret, "");
	ret = gprobe_session_list(client, &infos, &nr);
	if (ret) {
		status = say_module_failed(ret, gprobe_client_message(client));
	} else {
		status = print(infos, nr, listing.json);
		free(infos);
	}
	gprobe_client_close(client);
	return status;
}

const struct command command_session_list = {
	.words = "session list",
	.summary = "List the sessions, and the names that some are pinned by",
	.usage = "[-j]",
	.options = options,
	.run = run,
};
