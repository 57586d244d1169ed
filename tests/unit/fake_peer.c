// SPDX-License-Identifier: GPL-2.0
#include "fake_peer.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/gprobe.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit.h"

#define DATAGRAMS	100
#define BYTES		2048
#define REQUEST_BYTES	32768

struct datagram {
	int err;
	bool raw;
	size_t bytes;
	_Alignas(8) char data[BYTES];
};

static struct {
	struct datagram datagrams[DATAGRAMS];
	size_t put, taken;
	struct nlmsghdr *last;
	_Alignas(8) char request[REQUEST_BYTES];
	size_t request_bytes;
	unsigned int nr_requests;
	void (*serve)(const struct nlmsghdr *request, void *arg);
	void *arg;
	const char *refused;
	int refusal;
	int fds[2], nr_open;
} peer;

void peer_reset(void)
{
	memset(&peer, 0, sizeof(peer));
}

static struct datagram *current(void)
{
	unit_assert(peer.put < DATAGRAMS);
	return &peer.datagrams[peer.put];
}

/* The last message got its attributes: count it in. */
static void close_message(struct datagram *datagram)
{
	if (peer.last)
		datagram->bytes += NLMSG_ALIGN(peer.last->nlmsg_len);
	peer.last = NULL;
	unit_assert(datagram->bytes <= BYTES);
}

static struct nlmsghdr *put_head(uint16_t type, uint16_t flags)
{
	struct datagram *datagram = current();

	close_message(datagram);
	peer.last = mnl_nlmsg_put_header(datagram->data + datagram->bytes);
	peer.last->nlmsg_type = type;
	peer.last->nlmsg_flags = flags;
	return peer.last;
}

struct nlmsghdr *peer_put(uint16_t type, uint16_t flags)
{
	struct nlmsghdr *head = put_head(type, flags);

	mnl_nlmsg_put_extra_header(head, sizeof(struct genlmsghdr));
	return head;
}

struct nlmsghdr *peer_put_error(int err, const char *text)
{
	struct nlmsghdr *head = put_head(NLMSG_ERROR, NLM_F_CAPPED |
					 (text ? NLM_F_ACK_TLVS : 0));
	struct nlmsgerr *error;

	error = mnl_nlmsg_put_extra_header(head, sizeof(*error));
	error->error = err;
	error->msg.nlmsg_len = NLMSG_LENGTH(100);
	if (text)
		mnl_attr_put_strz(head, NLMSGERR_ATTR_MSG, text);
	return head;
}

struct nlmsghdr *peer_put_done(int err)
{
	struct nlmsghdr *head = put_head(NLMSG_DONE, NLM_F_MULTI);
	int *payload = mnl_nlmsg_put_extra_header(head, sizeof(*payload));

	*payload = err;
	return head;
}

void peer_end(void)
{
	close_message(current());
	peer.put++;
}

void peer_end_unasked(void)
{
	current()->raw = true;
	peer_end();
}

void peer_ack(void)
{
	peer_put_error(0, NULL);
	peer_end();
}

void peer_family(void)
{
	struct nlmsghdr *head = peer_put(GENL_ID_CTRL, 0);
	struct nlattr *groups, *group;

	mnl_attr_put_strz(head, CTRL_ATTR_FAMILY_NAME, GPROBE_FAMILY_NAME);
	mnl_attr_put_u16(head, CTRL_ATTR_FAMILY_ID, PEER_FAMILY);
	groups = mnl_attr_nest_start(head, CTRL_ATTR_MCAST_GROUPS);
	group = mnl_attr_nest_start(head, 1);
	mnl_attr_put_strz(head, CTRL_ATTR_MCAST_GRP_NAME, "another");
	mnl_attr_put_u32(head, CTRL_ATTR_MCAST_GRP_ID, PEER_GROUP + 1);
	mnl_attr_nest_end(head, group);
	group = mnl_attr_nest_start(head, 2);
	mnl_attr_put_u32(head, CTRL_ATTR_MCAST_GRP_ID, PEER_GROUP);
	mnl_attr_put_strz(head, CTRL_ATTR_MCAST_GRP_NAME,
			  GPROBE_MCGRP_MONITOR);
	mnl_attr_nest_end(head, group);
	mnl_attr_nest_end(head, groups);
	peer_end();
	peer_ack();
}

void peer_raw(const void *bytes, size_t nr)
{
	struct datagram *datagram = current();

	unit_assert(nr <= BYTES);
	memcpy(datagram->data, bytes, nr);
	datagram->bytes = nr;
	datagram->raw = true;
	peer.put++;
}

void peer_fail(int err)
{
	current()->err = err;
	peer.put++;
}

void peer_refuse(const char *call, int err)
{
	peer.refused = call;
	peer.refusal = err;
}

void peer_serve(void (*serve)(const struct nlmsghdr *request, void *arg),
		void *arg)
{
	peer.serve = serve;
	peer.arg = arg;
}

unsigned int peer_nr_requests(void)
{
	return peer.nr_requests;
}

const struct nlmsghdr *peer_request(void)
{
	return (struct nlmsghdr *)peer.request;
}

size_t peer_request_bytes(void)
{
	return peer.request_bytes;
}

int peer_nr_open(void)
{
	return peer.nr_open;
}

const struct nlattr *peer_attribute_of(const struct nlmsghdr *message,
				       uint16_t type)
{
	const struct nlattr *attribute;

	mnl_attr_for_each(attribute, message, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attribute) == type)
			return attribute;
	return NULL;
}

const struct nlattr *peer_attribute(uint16_t type)
{
	return peer_attribute_of(peer_request(), type);
}

int peer_is_empty(void)
{
	return peer.taken == peer.put;
}

void peer_notify(const struct nlmsghdr *message)
{
	peer_notify_raw(message, message->nlmsg_len);
}

void peer_notify_raw(const void *bytes, size_t nr)
{
	ck_assert_int_eq(send(peer.fds[1], bytes, nr, 0), nr);
}

static int refused(const char *call)
{
	if (!peer.refused || strcmp(peer.refused, call))
		return 0;
	errno = peer.refusal;
	return -1;
}

/* There is one socket at a time, and its content does not matter. */
FAKE(struct mnl_socket *, mnl_socket_open2, int bus, int flags)
{
	static char dummy;

	ck_assert_int_eq(bus, NETLINK_GENERIC);
	ck_assert_int_eq(flags, SOCK_CLOEXEC);
	if (refused("open") ||
	    socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, peer.fds))
		return NULL;
	peer.nr_open++;
	return (struct mnl_socket *)&dummy;
}

FAKE(int, mnl_socket_bind, struct mnl_socket *nl, unsigned int groups,
     pid_t pid)
{
	(void)nl;
	ck_assert_uint_eq(groups, 0);
	ck_assert_int_eq(pid, MNL_SOCKET_AUTOPID);
	return refused("bind");
}

FAKE(int, mnl_socket_setsockopt, const struct mnl_socket *nl, int type,
     void *value, socklen_t bytes)
{
	(void)nl;
	ck_assert_uint_eq(bytes, sizeof(int));
	if (type != NETLINK_ADD_MEMBERSHIP)
		return refused("setsockopt");
	ck_assert_int_eq(*(int *)value, PEER_GROUP);
	return refused("subscribe");
}

FAKE(int, mnl_socket_get_fd, const struct mnl_socket *nl)
{
	(void)nl;
	return refused("fd") ? -1 : peer.fds[0];
}

FAKE(unsigned int, mnl_socket_get_portid, const struct mnl_socket *nl)
{
	(void)nl;
	return PEER_PORTID;
}

FAKE(int, mnl_socket_close, struct mnl_socket *nl)
{
	(void)nl;
	peer.nr_open--;
	close(peer.fds[0]);
	close(peer.fds[1]);
	return 0;
}

static void serve_all(void)
{
	const struct nlmsghdr *head = peer_request();
	int left = peer.request_bytes;

	/* What was read makes room. */
	if (peer.taken == peer.put) {
		memset(peer.datagrams, 0, peer.put * sizeof(*peer.datagrams));
		peer.taken = peer.put = 0;
	}
	for (; mnl_nlmsg_ok(head, left); head = mnl_nlmsg_next(head, &left))
		peer.serve(head, peer.arg);
}

FAKE(ssize_t, mnl_socket_sendto, const struct mnl_socket *nl, const void *bytes,
     size_t nr)
{
	(void)nl;
	unit_assert(nr <= REQUEST_BYTES);
	if (refused("send"))
		return -1;
	memcpy(peer.request, bytes, nr);
	peer.request_bytes = nr;
	peer.nr_requests++;
	if (peer.serve)
		serve_all();
	return nr;
}

int __real_poll(struct pollfd *pollers, nfds_t nr, int timeout_ms);

/* What was laid out can be read, too. */
FAKE(int, poll, struct pollfd *pollers, nfds_t nr, int timeout_ms)
{
	if (nr == 1 && pollers->fd == peer.fds[0] && peer.taken < peer.put) {
		pollers->revents = POLLIN;
		return 1;
	}
	/* Some tests do without the socket. */
	if (nr == 1 && !peer.nr_open)
		return 0;
	return __real_poll(pollers, nr, timeout_ms);
}

/* Messages that have no seq answer the last request. */
static void answer(struct datagram *datagram)
{
	struct nlmsghdr *head = (struct nlmsghdr *)datagram->data;
	int left = datagram->bytes;

	for (; mnl_nlmsg_ok(head, left); head = mnl_nlmsg_next(head, &left))
		if (!head->nlmsg_seq)
			head->nlmsg_seq = peer_request()->nlmsg_seq;
}

FAKE(ssize_t, mnl_socket_recvfrom, const struct mnl_socket *nl, void *buffer,
     size_t size)
{
	struct datagram *datagram;

	(void)nl;
	if (peer.taken == peer.put && peer.nr_open)
		return recv(peer.fds[0], buffer, size, MSG_DONTWAIT);
	if (peer.taken == peer.put) {
		errno = EAGAIN;
		return -1;
	}
	datagram = &peer.datagrams[peer.taken++];
	if (datagram->err) {
		errno = datagram->err;
		return -1;
	}
	unit_assert(datagram->bytes <= size);
	if (!datagram->raw)
		answer(datagram);
	memcpy(buffer, datagram->data, datagram->bytes);
	return datagram->bytes;
}
