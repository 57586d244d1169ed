// SPDX-License-Identifier: GPL-2.0
#include "filter_option.h"

#include <errno.h>
#include <getopt.h>

#include "say.h"

static int say_why(const struct filter_option *option, int err,
		   const struct gprobe_why *why)
{
	return say(err == -EINVAL ? STATUS_USAGE : STATUS_FAILED,
		   "%s: --filter: %s", option->words, why->text);
}

/**
 * filter_option_take() - Take the option.
 * @option: gets it; its filter is the caller's to free
 * @reader: has just read it
 *
 * Return: the exit status.
 */
int filter_option_take(struct filter_option *option,
		       const struct option_reader *reader)
{
	struct gprobe_why why;
	int ret;

	option->words = reader->command->words;
	if (option->filter)
		return say(STATUS_USAGE,
			   "%s: --filter: there is one already: && and || join them",
			   option->words);
	ret = filter_parse(optarg, &option->filter, &why);
	return ret ? say_why(option, ret, &why) : STATUS_DONE;
}

/**
 * filter_option_bind() - Say what the hits are, if some are to be left out.
 * @option: taken, or not there
 * @scope: as filter_bind() wants it
 *
 * Return: the exit status.
 */
int filter_option_bind(const struct filter_option *option,
		       const struct filter_scope *scope)
{
	struct gprobe_why why;
	int ret;

	if (!option->filter)
		return STATUS_DONE;
	ret = filter_bind(option->filter, scope, &why);
	return ret ? say_why(option, ret, &why) : STATUS_DONE;
}
