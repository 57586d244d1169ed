// SPDX-License-Identifier: LGPL-2.1-or-later
/* Upcalls: kept while a call reads its answer, read, replied to. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <linux/genetlink.h>

#include "client.h"

#define FIRST_SIZE	16u

static int parse(const struct nlmsghdr *message, struct gprobe_upcall *upcall)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(message);
	int ret;

	if (genl->cmd != GPROBE_CMD_UPCALL_NTF &&
	    genl->cmd != GPROBE_CMD_UPCALL_TIMEOUT_NTF)
		return -EPROTO;
	ret = gprobe_info_parse(&gprobe_kind_upcall, message, upcall);
	if (ret)
		return ret;
	if (upcall->index >= GPROBE_ENTRIES || upcall->gfn >> GPROBE_GFN_BITS)
		return -EPROTO;
	upcall->timed_out = genl->cmd == GPROBE_CMD_UPCALL_TIMEOUT_NTF;
	return 0;
}

static struct gprobe_upcall *place(const struct gprobe_client_upcalls *upcalls,
				   uint32_t number)
{
	return &upcalls->ring[number & (upcalls->size - 1)];
}

static int grow(struct gprobe_client_upcalls *upcalls)
{
	struct gprobe_client_upcalls more = *upcalls;
	uint32_t i;

	if (upcalls->size == GPROBE_CLIENT_UPCALLS)
		return -ENOBUFS;
	more.size = upcalls->size ? upcalls->size * 2 : FIRST_SIZE;
	more.ring = calloc(more.size, sizeof(*more.ring));
	if (!more.ring)
		return -ENOMEM;
	for (i = upcalls->first; i != upcalls->first + upcalls->nr; i++)
		*place(&more, i) = *place(upcalls, i);
	free(upcalls->ring);
	*upcalls = more;
	return 0;
}

/**
 * gprobe_client_keep_upcall() - Keep what came unasked.
 * @message: of the family, with a whole generic netlink header
 * @arg: the client
 *
 * What cannot be kept is told by gprobe_upcall_read().
 */
void gprobe_client_keep_upcall(const struct nlmsghdr *message, void *arg)
{
	struct gprobe_client *client = arg;
	struct gprobe_client_upcalls *upcalls = &client->upcalls;
	struct gprobe_upcall upcall;

	if (parse(message, &upcall)) {
		upcalls->err = -EPROTO;
		return;
	}
	if (upcalls->nr == upcalls->size && grow(upcalls)) {
		client->netlink.overrun = true;
		return;
	}
	*place(upcalls, upcalls->first + upcalls->nr++) = upcall;
}

/**
 * gprobe_client_fd() - What to poll for POLLIN.
 * @client: the client
 *
 * Return: a file descriptor that stays the client's.
 */
int gprobe_client_fd(const struct gprobe_client *client)
{
	return mnl_socket_get_fd(client->netlink.socket);
}

/* Read a datagram if there is one. */
static int receive(struct gprobe_client *client)
{
	struct gprobe_netlink *netlink = &client->netlink;
	const struct nlmsghdr *head = &netlink->aligned;
	ssize_t got;
	int left;

	do {
		got = recv(gprobe_client_fd(client), netlink->buffer,
			   sizeof(netlink->buffer), MSG_DONTWAIT);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	for (left = got; gprobe_netlink_ok(head, left);
	     head = mnl_nlmsg_next(head, &left))
		gprobe_netlink_unasked(netlink, head);
	return left > 0 ? -EPROTO : 0;
}

static bool take(struct gprobe_client_upcalls *upcalls,
		 struct gprobe_upcall *upcall)
{
	if (!upcalls->nr)
		return false;
	*upcall = *place(upcalls, upcalls->first++);
	upcalls->nr--;
	return true;
}

/* What went wrong since this was last asked for. */
static int take_error(struct gprobe_client *client)
{
	int err = client->netlink.overrun ? -ENOBUFS : client->upcalls.err;

	if (client->netlink.overrun)
		client->netlink.overrun = false;
	else
		client->upcalls.err = 0;
	return err;
}

/**
 * gprobe_upcall_read() - Read an upcall; never waits.
 * @client: attached to a guest
 * @upcall: what happened
 *
 * Return: 0; -EAGAIN nothing there; -ENOBUFS some may be lost, and more may be
 * there; -EPROTO something came that is none, and more may be there.
 */
int gprobe_upcall_read(struct gprobe_client *client,
		       struct gprobe_upcall *upcall)
{
	int ret;

	for (;;) {
		if (take(&client->upcalls, upcall))
			return 0;
		ret = take_error(client);
		if (!ret)
			ret = receive(client);
		if (ret)
			return ret;
	}
}

/**
 * gprobe_upcall_reply() - Let the vCPU of an upcall go on.
 * @client: whose upcall it is
 * @upcall: the upcall
 *
 * Return: 0; -ENOENT it was replied to, or timed out; see gprobe/client.h.
 */
int gprobe_upcall_reply(struct gprobe_client *client,
			const struct gprobe_upcall *upcall)
{
	struct nlmsghdr *head = gprobe_client_request(client,
						GPROBE_CMD_UPCALL_REPLY);

	mnl_attr_put_u32(head, GPROBE_A_UPCALL_DOMAIN, upcall->domid);
	mnl_attr_put_u64(head, GPROBE_A_UPCALL_SEQ, upcall->seq);
	return gprobe_client_tell(client);
}
