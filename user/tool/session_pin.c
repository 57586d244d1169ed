// SPDX-License-Identifier: GPL-2.0
/* `gprobe session pin`, `gprobe session unpin`: sessions that outlive us. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>

#include <gprobe/client.h>

#include "command.h"
#include "number.h"
#include "option.h"
#include "say.h"

static const struct command_option pin_options[] = {
	COMMAND_OPTION_HELP,
	{ 0 }
};

static const struct command_option unpin_options[] = {
	COMMAND_OPTION_HELP,
	{ 0 }
};

/* Reads up to @nr operands, all of which must be there: @what they are. */
static int read_operands(const struct command *command, int argc, char **argv,
			 int nr, const char *what)
{
	struct option_reader reader = {
		.command = command, .argc = argc, .argv = argv,
	};

	/* There is no option but the one for help. */
	if (option_next(&reader) == OPTION_STOP)
		return reader.status;
	if (argc - optind < nr)
		return say(STATUS_USAGE, "%s: %s", command->words, what);
	if (argc - optind > nr)
		return say(STATUS_USAGE, "%s: '%s' is too much",
			   command->words, argv[optind + nr]);
	return OPTION_GO_ON;
}

static int failed(uint32_t id, const char *name, int err,
		  struct gprobe_client *client)
{
	if (id && err == -ENOTCONN)
		return say(STATUS_FAILED,
			   "no session %" PRIu32 "; 'gprobe session list' shows those there are",
			   id);
	if (err == -EMSGSIZE)
		return say(STATUS_FAILED,
			   "'%s': a name has %d letters at most", name,
			   GPROBE_PIN_MAX);
	return say(STATUS_FAILED, "'%s': %s", name, say_reason(client, err));
}

/* @id 0: unpin. */
static int tell_module(uint32_t id, const char *name)
{
	struct gprobe_client *client;
	int ret = gprobe_client_open(&client), status = STATUS_DONE;

	if (ret)
		return say_module_failed(ret, "");
	ret = id ? gprobe_client_pin(client, id, name) :
		   gprobe_client_unpin(client, name);
	if (ret)
		status = failed(id, name, ret, client);
	gprobe_client_close(client);
	return status;
}

static int run_pin(int argc, char **argv)
{
	int status = read_operands(&command_session_pin, argc, argv, 2,
				   "which session, and its name: ID NAME");
	uint64_t id;

	if (status != OPTION_GO_ON)
		return status;
	if (!number_parse(argv[optind], &id) || !id || id > UINT32_MAX)
		return say(STATUS_USAGE,
			   "session pin: '%s': must be the ID of a session, as 'gprobe session list' shows it",
			   argv[optind]);
	return tell_module(id, argv[optind + 1]);
}

static int run_unpin(int argc, char **argv)
{
	int status = read_operands(&command_session_unpin, argc, argv, 1,
				   "which session: NAME");

	if (status != OPTION_GO_ON)
		return status;
	return tell_module(0, argv[optind]);
}

const struct command command_session_pin = {
	.words = "session pin",
	.summary = "Let a session's probes stay when its process ends",
	.usage = "ID NAME",
	.options = pin_options,
	.run = run_pin,
};

const struct command command_session_unpin = {
	.words = "session unpin",
	.summary = "End a session that is pinned, and take its probes out",
	.usage = "NAME",
	.options = unpin_options,
	.operands = COMMAND_OPERANDS_PIN,
	.run = run_unpin,
};
