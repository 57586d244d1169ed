// SPDX-License-Identifier: GPL-2.0
#include "say.h"

#include <string.h>

#include <gprobe/client.h>

/**
 * say_reason() - What to say of something that the module refused.
 * @client: asked it
 * @err: what it answered
 *
 * Return: what the module said; if it said nothing, what @err means.
 */
const char *say_reason(const struct gprobe_client *client, int err)
{
	const char *message = gprobe_client_message(client);

	return *message ? message : strerror(-err);
}
