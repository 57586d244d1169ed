// SPDX-License-Identifier: GPL-2.0
/* `gprobe probe del`: take a probe out of a pinned session. */
#include <getopt.h>
#include <inttypes.h>

#include <gprobe/client.h>

#include "command.h"
#include "number.h"
#include "option.h"
#include "say.h"

static const struct command_option options[] = {
	COMMAND_OPTION_HELP,
	{ 0 }
};

static int failed(uint32_t id, int err, struct gprobe_client *client)
{
	return say(STATUS_FAILED, "probe %" PRIu32 ": %s", id,
		   say_reason(client, err));
}

static int del(struct gprobe_client *client, uint32_t id)
{
	struct gprobe_claim_info info;
	int ret = gprobe_claim_get(client, id, &info);

	if (ret)
		return failed(id, ret, client);
	if (!info.pin[0])
		return say(STATUS_FAILED,
			   "probe %" PRIu32 ": it is of session %" PRIu32 ", which is not pinned: it goes when that ends",
			   id, info.session);
	ret = gprobe_client_take(client, info.pin);
	if (!ret)
		ret = gprobe_claim_del(client, id, &info);
	return ret ? failed(id, ret, client) : STATUS_DONE;
}

static int del_by_id(const char *text)
{
	struct gprobe_client *client;
	uint64_t id;
	int ret, status;

	if (!number_parse(text, &id) || !id || id > UINT32_MAX)
		return say(STATUS_USAGE,
			   "probe del: '%s': must be the ID of a probe, as 'gprobe probe list' shows it",
			   text);
	/* A socket each: one is of one session. */
	ret = gprobe_client_open(&client);
	if (ret)
		return say_module_failed(ret, "");
	status = del(client, id);
	gprobe_client_close(client);
	return status;
}

static int run(int argc, char **argv)
{
	struct option_reader reader = {
		.command = &command_probe_del, .argc = argc, .argv = argv,
	};
	int status = STATUS_DONE, i;

	/* There is no option but the one for help. */
	if (option_next(&reader) == OPTION_STOP)
		return reader.status;
	if (optind == argc)
		return say(STATUS_USAGE, "probe del: which probe: ID");
	for (i = optind; i < argc && !status; i++)
		status = del_by_id(argv[i]);
	return status;
}

const struct command command_probe_del = {
	.words = "probe del",
	.summary = "Take probes out of pinned sessions",
	.usage = "ID...",
	.options = options,
	.run = run,
};
