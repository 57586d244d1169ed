// SPDX-License-Identifier: LGPL-2.1-or-later
#include "netlink.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>

#include <linux/genetlink.h>
#include <linux/gprobe.h>

#define ANSWER_TIMEOUT_S	30

/*
 * Room for what comes unasked: upcalls of many vCPUs at once, some for each.
 * The kernel counts about a page for a small message.
 */
#define RECEIVE_BYTES		(8 << 20)

/* What is sent unasked has this one. */
#define NO_SEQ			0u

/* Put the head of a request into the buffer. */
static struct nlmsghdr *put_head(struct gprobe_netlink *netlink, uint16_t type,
				 uint16_t flags, uint8_t cmd, uint8_t version)
{
	struct nlmsghdr *head = mnl_nlmsg_put_header(netlink->buffer +
						     netlink->bytes);
	struct genlmsghdr *genl;

	netlink->last = head;
	netlink->silent &= !flags;
	netlink->ends[netlink->nr++] = (struct gprobe_netlink_end){ 0 };
	head->nlmsg_type = type;
	head->nlmsg_flags = NLM_F_REQUEST | flags;
	head->nlmsg_seq = ++netlink->seq;
	genl = mnl_nlmsg_put_extra_header(head, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = version;
	return head;
}

/* The first request of a datagram: none of its seqs is NO_SEQ. */
static void begin(struct gprobe_netlink *netlink)
{
	netlink->bytes = 0;
	netlink->nr = 0;
	netlink->silent = true;
	if (netlink->seq > UINT32_MAX - GPROBE_NETLINK_REQUESTS)
		netlink->seq = NO_SEQ;
	netlink->first_seq = netlink->seq + 1;
}

/**
 * gprobe_netlink_request() - Start a request.
 * @netlink: its buffer holds the request until gprobe_netlink_talk()
 * @cmd: GPROBE_CMD_*
 * @flags: NLM_F_ACK or NLM_F_DUMP; 0: it is answered only if it fails
 *
 * Return: the message, to which attributes are added.
 */
struct nlmsghdr *gprobe_netlink_request(struct gprobe_netlink *netlink,
					uint8_t cmd, uint16_t flags)
{
	begin(netlink);
	return put_head(netlink, netlink->family, flags, cmd,
			GPROBE_FAMILY_VERSION);
}

/**
 * gprobe_netlink_add() - Start a request that is sent together with others.
 * @netlink: after gprobe_netlink_request(); in all, at most
 *	GPROBE_NETLINK_REQUESTS of GPROBE_NETLINK_REQUEST_MAX bytes each
 * @cmd: GPROBE_CMD_*
 * @flags: NLM_F_ACK; 0: as gprobe_netlink_request()
 *
 * Return: the message, to which attributes are added.
 */
struct nlmsghdr *gprobe_netlink_add(struct gprobe_netlink *netlink,
				    uint8_t cmd, uint16_t flags)
{
	netlink->bytes += MNL_ALIGN(netlink->last->nlmsg_len);
	return put_head(netlink, netlink->family, flags, cmd,
			GPROBE_FAMILY_VERSION);
}

/* Keep the kernel's first words, which stand behind @skip bytes of payload. */
static void keep_message(struct gprobe_netlink *netlink,
			 const struct nlmsghdr *head, size_t skip)
{
	const struct nlattr *attribute;

	if (!(head->nlmsg_flags & NLM_F_ACK_TLVS) || netlink->message[0])
		return;
	mnl_attr_for_each(attribute, head, skip)
		if (mnl_attr_get_type(attribute) == NLMSGERR_ATTR_MSG &&
		    !mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING))
			snprintf(netlink->message, sizeof(netlink->message),
				 "%s", mnl_attr_get_str(attribute));
}

static int on_error(struct gprobe_netlink *netlink, const struct nlmsghdr *head)
{
	const struct nlmsgerr *error = mnl_nlmsg_get_payload(head);
	size_t bytes = mnl_nlmsg_get_payload_len(head), echoed = 0;

	if (bytes < sizeof(*error))
		return -EPROTO;
	if (!(head->nlmsg_flags & NLM_F_CAPPED))
		echoed = mnl_nlmsg_get_payload_len(&error->msg);
	if (error->error && echoed <= bytes - sizeof(*error))
		keep_message(netlink, head, sizeof(*error) + echoed);
	return error->error;
}

/* A dump that failed on its way says so at its end. */
static int on_done(struct gprobe_netlink *netlink, const struct nlmsghdr *head)
{
	int err;

	if (mnl_nlmsg_get_payload_len(head) < sizeof(err))
		return 0;
	memcpy(&err, mnl_nlmsg_get_payload(head), sizeof(err));
	if (err >= 0)
		return 0;
	keep_message(netlink, head, sizeof(err));
	return err;
}

/* The answer to a request has come to its end. */
static void end(struct gprobe_netlink *netlink, struct gprobe_netlink_end *of,
		int ret)
{
	of->done = true;
	if (ret)
		of->ret = ret;
	netlink->nr_done++;
}

/* A part of an answer. What @on_answer says is kept until all is read. */
static void on_part(struct gprobe_netlink *netlink,
		    const struct nlmsghdr *head, gprobe_answer_fn on_answer,
		    void *arg)
{
	struct gprobe_netlink_end *of =
		&netlink->ends[gprobe_netlink_index(netlink, head)];

	if (of->done)
		return;
	if (head->nlmsg_flags & NLM_F_DUMP_INTR && !of->ret)
		of->ret = -EINTR;
	switch (head->nlmsg_type) {
	case NLMSG_ERROR:
		end(netlink, of, on_error(netlink, head));
		return;
	case NLMSG_DONE:
		end(netlink, of, on_done(netlink, head));
		return;
	case NLMSG_NOOP:
		return;
	}
	if (mnl_nlmsg_get_payload_len(head) < sizeof(struct genlmsghdr))
		end(netlink, of, -EPROTO);
	else if (on_answer && !of->ret)
		of->ret = on_answer(head, arg);
}

/* What is neither an answer nor unasked is of a call that was given up. */
static void on_message(struct gprobe_netlink *netlink,
		       const struct nlmsghdr *head, gprobe_answer_fn on_answer,
		       void *arg)
{
	if (head->nlmsg_seq == NO_SEQ)
		gprobe_netlink_unasked(netlink, head);
	else if (gprobe_netlink_index(netlink, head) < netlink->nr)
		on_part(netlink, head, on_answer, arg);
}

/**
 * gprobe_netlink_unasked() - Hand on what may have come unasked.
 * @netlink: the socket
 * @head: a whole message
 */
void gprobe_netlink_unasked(struct gprobe_netlink *netlink,
			    const struct nlmsghdr *head)
{
	if (netlink->on_unasked && head->nlmsg_seq == NO_SEQ &&
	    head->nlmsg_type == netlink->family &&
	    mnl_nlmsg_get_payload_len(head) >= sizeof(struct genlmsghdr))
		netlink->on_unasked(head, netlink->arg);
}

/**
 * gprobe_netlink_ok() - Is there a whole message?
 * @head: where it begins
 * @left: bytes from there on
 *
 * mnl_nlmsg_ok() takes a length of 2 GiB and more for a negative one.
 *
 * Return: true if there is.
 */
bool gprobe_netlink_ok(const struct nlmsghdr *head, int left)
{
	return mnl_nlmsg_ok(head, left) &&
	       head->nlmsg_len <= (unsigned int)left;
}

static bool is_empty(const struct gprobe_netlink *netlink)
{
	struct pollfd poller = {
		.fd = mnl_socket_get_fd(netlink->socket), .events = POLLIN,
	};

	return poll(&poller, 1, 0) <= 0;
}

/*
 * After an overrun all that there is to come is in the socket already, as the
 * kernel answers while it takes the request: what is not there is lost.
 */
static ssize_t receive(struct gprobe_netlink *netlink)
{
	ssize_t got;

	for (;;) {
		got = mnl_socket_recvfrom(netlink->socket, netlink->buffer,
					  sizeof(netlink->buffer));
		if (got >= 0)
			return got;
		if (errno == ENOBUFS) {
			netlink->overrun = true;
			if (is_empty(netlink))
				return -ENOBUFS;
		} else if (errno != EINTR) {
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		}
	}
}

/* The kernel has answered while it took them: who is silent has been served. */
static bool is_over(struct gprobe_netlink *netlink)
{
	uint32_t i;

	if (!netlink->silent || !is_empty(netlink))
		return false;
	for (i = 0; i < netlink->nr; i++)
		if (!netlink->ends[i].done)
			end(netlink, &netlink->ends[i], 0);
	return true;
}

static int read_answers(struct gprobe_netlink *netlink,
			gprobe_answer_fn on_answer, void *arg)
{
	const struct nlmsghdr *head;
	ssize_t got;
	int left;

	while (netlink->nr_done < netlink->nr && !is_over(netlink)) {
		got = receive(netlink);
		if (got < 0)
			return got;
		left = got;
		for (head = &netlink->aligned; gprobe_netlink_ok(head, left);
		     head = mnl_nlmsg_next(head, &left))
			on_message(netlink, head, on_answer, arg);
		/* A rest that is no message: what is missing never comes. */
		if (netlink->nr_done < netlink->nr && left > 0)
			return -EPROTO;
	}
	return 0;
}

static int send_all(struct gprobe_netlink *netlink)
{
	netlink->message[0] = '\0';
	netlink->nr_done = 0;
	netlink->bytes += netlink->last->nlmsg_len;
	if (mnl_socket_sendto(netlink->socket, netlink->buffer,
			      netlink->bytes) < 0)
		return -errno;
	return 0;
}

/**
 * gprobe_netlink_talk() - Send the requests in the buffer, read their answers.
 * @netlink: the socket; its @ends say what came of each request
 * @on_answer: called for each answer; what it says first of a request, when not
 *	0, is what came of it
 * @arg: for @on_answer
 *
 * Return: 0 or the first negative errno; -EINTR: a dump changed while it was
 * read.
 */
int gprobe_netlink_talk(struct gprobe_netlink *netlink,
			gprobe_answer_fn on_answer, void *arg)
{
	struct gprobe_netlink_end *of;
	int ret = send_all(netlink), first = 0;

	if (!ret)
		ret = read_answers(netlink, on_answer, arg);
	for (of = netlink->ends; of < netlink->ends + netlink->nr; of++) {
		if (!of->done)
			of->ret = ret;
		if (!first)
			first = of->ret;
	}
	return first;
}

static void find_group(struct gprobe_netlink *netlink,
		       const struct nlattr *groups)
{
	const struct nlattr *group, *attribute;
	const char *name;
	uint32_t id;

	mnl_attr_for_each_nested(group, groups) {
		name = "";
		id = 0;
		mnl_attr_for_each_nested(attribute, group) {
			if (mnl_attr_get_type(attribute) ==
			    CTRL_ATTR_MCAST_GRP_NAME)
				name = mnl_attr_get_str(attribute);
			if (mnl_attr_get_type(attribute) ==
			    CTRL_ATTR_MCAST_GRP_ID)
				id = mnl_attr_get_u32(attribute);
		}
		if (!strcmp(name, GPROBE_MCGRP_MONITOR))
			netlink->group = id;
	}
}

static int on_family(const struct nlmsghdr *answer, void *arg)
{
	struct gprobe_netlink *netlink = arg;
	const struct nlattr *attribute;

	mnl_attr_for_each(attribute, answer, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attribute) == CTRL_ATTR_FAMILY_ID)
			netlink->family = mnl_attr_get_u16(attribute);
		if (mnl_attr_get_type(attribute) == CTRL_ATTR_MCAST_GROUPS)
			find_group(netlink, attribute);
	}
	return 0;
}

static int find_family(struct gprobe_netlink *netlink)
{
	struct nlmsghdr *head;
	int ret;

	begin(netlink);
	head = put_head(netlink, GENL_ID_CTRL, NLM_F_ACK, CTRL_CMD_GETFAMILY,
			1);
	mnl_attr_put_strz(head, CTRL_ATTR_FAMILY_NAME, GPROBE_FAMILY_NAME);
	ret = gprobe_netlink_talk(netlink, on_family, netlink);
	if (!ret && (!netlink->family || !netlink->group))
		ret = -EPROTO;
	return ret;
}

/* Without the right to more it is the most that the host gives to all. */
static void enlarge(int fd)
{
	int bytes = RECEIVE_BYTES;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
}

static int set_up(struct gprobe_netlink *netlink)
{
	struct timeval timeout = { .tv_sec = ANSWER_TIMEOUT_S };
	int on = 1;

	if (mnl_socket_bind(netlink->socket, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	if (mnl_socket_setsockopt(netlink->socket, NETLINK_EXT_ACK, &on,
				  sizeof(on)) < 0 ||
	    mnl_socket_setsockopt(netlink->socket, NETLINK_CAP_ACK, &on,
				  sizeof(on)) < 0)
		return -errno;
	if (setsockopt(mnl_socket_get_fd(netlink->socket), SOL_SOCKET,
		       SO_RCVTIMEO, &timeout, sizeof(timeout)))
		return -errno;
	enlarge(mnl_socket_get_fd(netlink->socket));
	return find_family(netlink);
}

/**
 * gprobe_netlink_open() - Open a socket and find the family.
 * @netlink: zeroed
 *
 * The kernel loads the module by itself where modprobe finds it.
 *
 * Return: 0; -ENOENT there is no such family.
 */
int gprobe_netlink_open(struct gprobe_netlink *netlink)
{
	int ret;

	netlink->socket = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!netlink->socket)
		return -errno;
	ret = set_up(netlink);
	if (ret)
		gprobe_netlink_close(netlink);
	return ret;
}

/**
 * gprobe_netlink_close() - Close a socket.
 * @netlink: opened
 */
void gprobe_netlink_close(struct gprobe_netlink *netlink)
{
	mnl_socket_close(netlink->socket);
	netlink->socket = NULL;
}
