// SPDX-License-Identifier: LGPL-2.1-or-later
/* Upcalls: kept while a call reads its answer, read, replied to. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <gprobe/walk.h>
#include <linux/genetlink.h>

#include "client.h"

#define FIRST_SIZE	16u

/* Exceptions with an error code (SDM 3, 6.13). */
#define WITH_ERROR_CODE	(1ULL << 10 | 1ULL << 11 | 1ULL << 12 | 1ULL << 13 | \
			 1ULL << 14 | 1ULL << 17)
#define PAGE_FAULT	14

/* What must be there depends on the reason. */
static const struct gprobe_kind *kind_of(const struct nlmsghdr *message,
					 bool timed_out)
{
	const struct nlattr *attribute;
	uint32_t reason = 0;

	mnl_attr_for_each(attribute, message, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attribute) == GPROBE_A_UPCALL_REASON &&
		    !mnl_attr_validate(attribute, MNL_TYPE_U32))
			reason = mnl_attr_get_u32(attribute);
	switch (reason) {
	case GPROBE_UPCALL_REASON_TABLE:
		return &gprobe_kind_upcall_table;
	case GPROBE_UPCALL_REASON_HIT:
	case GPROBE_UPCALL_REASON_STEP:
		return timed_out ? &gprobe_kind_upcall_late_hit :
				   &gprobe_kind_upcall_hit;
	case GPROBE_UPCALL_REASON_TRAP:
		return timed_out ? &gprobe_kind_upcall_late_trap :
				   &gprobe_kind_upcall_trap;
	default:
		return &gprobe_kind_upcall;
	}
}

static int parse(const struct nlmsghdr *message, struct gprobe_upcall *upcall)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(message);
	bool timed_out = genl->cmd == GPROBE_CMD_UPCALL_TIMEOUT_NTF;
	int ret;

	if (genl->cmd != GPROBE_CMD_UPCALL_NTF && !timed_out)
		return -EPROTO;
	ret = gprobe_info_parse(kind_of(message, timed_out), message, upcall);
	if (ret)
		return ret;
	if (upcall->index >= GPROBE_ENTRIES ||
	    upcall->offset >= GPROBE_PAGE_SIZE ||
	    upcall->gfn >> GPROBE_GFN_BITS)
		return -EPROTO;
	upcall->timed_out = timed_out;
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

/* What a verdict has besides its kind. */
static void put_verdict(struct nlmsghdr *head,
			const struct gprobe_verdict *verdict)
{
	switch (verdict->kind) {
	case GPROBE_VERDICT_EMULATE:
		if (verdict->insn_bytes)
			mnl_attr_put(head, GPROBE_A_UPCALL_INSN,
				     verdict->insn_bytes, verdict->insn);
		break;
	case GPROBE_VERDICT_REGISTERS:
		mnl_attr_put(head, GPROBE_A_UPCALL_REGS, sizeof(verdict->regs),
			     &verdict->regs);
		break;
	case GPROBE_VERDICT_INJECT:
		mnl_attr_put_u32(head, GPROBE_A_UPCALL_VECTOR,
				 verdict->vector);
		if (verdict->vector < 32 &&
		    WITH_ERROR_CODE >> verdict->vector & 1)
			mnl_attr_put_u32(head, GPROBE_A_UPCALL_ERROR_CODE,
					 verdict->error_code);
		if (verdict->vector == PAGE_FAULT)
			mnl_attr_put_u64(head, GPROBE_A_UPCALL_CR2,
					 verdict->cr2);
		break;
	case GPROBE_VERDICT_VIEW:
		mnl_attr_put_u32(head, GPROBE_A_UPCALL_VIEW, verdict->view);
		break;
	}
}

static void put_reply(struct nlmsghdr *head, const struct gprobe_upcall *upcall,
		      const struct gprobe_verdict *verdict)
{
	mnl_attr_put_u32(head, GPROBE_A_UPCALL_DOMAIN, upcall->domid);
	mnl_attr_put_u64(head, GPROBE_A_UPCALL_SEQ, upcall->seq);
	if (!verdict || !verdict->kind)
		return;
	mnl_attr_put_u32(head, GPROBE_A_UPCALL_VERDICT, verdict->kind);
	put_verdict(head, verdict);
}

static bool is_too_long(const struct gprobe_verdict *verdict)
{
	return verdict && verdict->kind == GPROBE_VERDICT_EMULATE &&
	       verdict->insn_bytes > sizeof(verdict->insn);
}

/**
 * gprobe_upcall_reply() - Let the vCPU of an upcall go on.
 * @client: whose upcall it is
 * @upcall: the upcall
 * @verdict: how; NULL: as if nobody had asked
 *
 * Return: 0; -ENOENT it was replied to, or timed out, or its claim was released;
 * -EINVAL, -EOPNOTSUPP, -EPERM, -EBUSY the vCPU waits on: it cannot go on so
 * (gprobe_client_message() says why); see gprobe/client.h.
 */
int gprobe_upcall_reply(struct gprobe_client *client,
			const struct gprobe_upcall *upcall,
			const struct gprobe_verdict *verdict)
{
	if (is_too_long(verdict))
		return -EINVAL;
	put_reply(gprobe_netlink_request(&client->netlink,
					 GPROBE_CMD_UPCALL_REPLY, 0),
		  upcall, verdict);
	return gprobe_client_tell(client);
}

/* As many as go into one datagram. */
static void reply_some(struct gprobe_client *client,
		       struct gprobe_reply *replies, size_t nr)
{
	struct nlmsghdr *head;
	size_t i;

	for (i = 0; i < nr; i++) {
		head = i ? gprobe_netlink_add(&client->netlink,
					      GPROBE_CMD_UPCALL_REPLY, 0) :
			   gprobe_netlink_request(&client->netlink,
						  GPROBE_CMD_UPCALL_REPLY, 0);
		put_reply(head, replies[i].upcall, &replies[i].verdict);
	}
	gprobe_client_tell(client);
	for (i = 0; i < nr; i++)
		replies[i].ret = client->netlink.ends[i].ret;
}

/**
 * gprobe_upcall_reply_all() - Let the vCPUs of several upcalls go on at once.
 * @client: whose upcalls they are
 * @replies: to each, with what came of it
 * @nr: how many
 *
 * Return: 0 or the first of their negative errnos.
 */
int gprobe_upcall_reply_all(struct gprobe_client *client,
			    struct gprobe_reply *replies, size_t nr)
{
	size_t i, some;
	int ret = 0;

	for (i = 0; i < nr; i++)
		if (is_too_long(&replies[i].verdict))
			return -EINVAL;
	for (i = 0; i < nr; i += some) {
		some = nr - i < GPROBE_NETLINK_REQUESTS ?
		       nr - i : GPROBE_NETLINK_REQUESTS;
		reply_some(client, replies + i, some);
	}
	for (i = 0; i < nr && !ret; i++)
		ret = replies[i].ret;
	return ret;
}
