// SPDX-License-Identifier: LGPL-2.1-or-later
/* Sessions: listed, pinned by name, taken. */
#include <errno.h>
#include <string.h>

#include "client.h"

static int tell_name(struct gprobe_client *client, uint8_t cmd,
		     const char *name)
{
	mnl_attr_put_strz(gprobe_client_request(client, cmd),
			  GPROBE_A_SESSION_NAME, name);
	return gprobe_client_tell(client);
}

/**
 * gprobe_client_pin() - Let a session outlive its socket.
 * @client: any
 * @id: the session: its gprobe_client_session(); 0: @client's own
 * @name: of 1 to GPROBE_PIN_MAX letters, digits, '_', '-' and '.'
 *
 * Return: 0 or a negative errno; see gprobe/client.h. -EMSGSIZE the name is too
 * long.
 */
int gprobe_client_pin(struct gprobe_client *client, uint32_t id,
		      const char *name)
{
	struct nlmsghdr *head;

	if (strlen(name) > GPROBE_PIN_MAX)
		return -EMSGSIZE;
	head = gprobe_client_request(client, GPROBE_CMD_SESSION_PIN);
	if (id)
		mnl_attr_put_u32(head, GPROBE_A_SESSION_ID, id);
	mnl_attr_put_strz(head, GPROBE_A_SESSION_NAME, name);
	return gprobe_client_tell(client);
}

/**
 * gprobe_client_unpin() - Let a session die with its socket again.
 * @client: any
 * @name: the session's
 *
 * One that has no socket dies now, and all it made is undone.
 *
 * Return: 0 or a negative errno; see gprobe/client.h. -ENOENT no session has
 * that name.
 */
int gprobe_client_unpin(struct gprobe_client *client, const char *name)
{
	if (strlen(name) > GPROBE_PIN_MAX)
		return -ENOENT;
	return tell_name(client, GPROBE_CMD_SESSION_UNPIN, name);
}

/**
 * gprobe_client_take() - Go on with a pinned session that has no socket.
 * @client: becomes that session; attached to nothing before
 * @name: the session's
 *
 * Return: 0 or a negative errno; see gprobe/client.h. -ENOENT no session has
 * that name; -EBUSY another process has it.
 */
int gprobe_client_take(struct gprobe_client *client, const char *name)
{
	if (strlen(name) > GPROBE_PIN_MAX)
		return -ENOENT;
	return tell_name(client, GPROBE_CMD_SESSION_TAKE, name);
}

/**
 * gprobe_session_list() - List the sessions.
 * @client: any
 * @infos: the caller frees it
 * @nr: how many
 *
 * Return: 0 or a negative errno; see gprobe/client.h.
 */
int gprobe_session_list(struct gprobe_client *client,
			struct gprobe_session_info **infos, size_t *nr)
{
	struct gprobe_client_list list = { .kind = &gprobe_kind_session };
	int ret = gprobe_client_get_list(client, GPROBE_CMD_SESSION_GET, 0,
					 GPROBE_ALL_DOMAINS, &list);

	*infos = (void *)list.infos;
	*nr = list.nr;
	return ret;
}
