// SPDX-License-Identifier: LGPL-2.1-or-later
#include "netlink.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>

#include <linux/genetlink.h>
#include <linux/gprobe.h>

#define ANSWER_TIMEOUT_S	30

/* Put the head of a request into the buffer. */
static struct nlmsghdr *put_head(struct gprobe_netlink *netlink, uint16_t type,
				 uint16_t flags, uint8_t cmd, uint8_t version)
{
	struct nlmsghdr *head = mnl_nlmsg_put_header(netlink->buffer);
	struct genlmsghdr *genl;

	head->nlmsg_type = type;
	head->nlmsg_flags = NLM_F_REQUEST | flags;
	head->nlmsg_seq = ++netlink->seq;
	genl = mnl_nlmsg_put_extra_header(head, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = version;
	return head;
}

/**
 * gprobe_netlink_request() - Start a request.
 * @netlink: its buffer holds the request until gprobe_netlink_talk()
 * @cmd: GPROBE_CMD_*
 * @flags: NLM_F_ACK or NLM_F_DUMP
 *
 * Return: the message, to which attributes are added.
 */
struct nlmsghdr *gprobe_netlink_request(struct gprobe_netlink *netlink,
					uint8_t cmd, uint16_t flags)
{
	return put_head(netlink, netlink->family, flags, cmd,
			GPROBE_FAMILY_VERSION);
}

/* Keep the kernel's words, which stand behind @skip bytes of payload. */
static void keep_message(struct gprobe_netlink *netlink,
			 const struct nlmsghdr *head, size_t skip)
{
	const struct nlattr *attribute;

	if (!(head->nlmsg_flags & NLM_F_ACK_TLVS))
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

/*
 * One part of what came: 1 more is to come, 0 that was all, or a negative
 * errno. *@failed keeps what @on_answer said until all is read.
 */
static int on_message(struct gprobe_netlink *netlink,
		      const struct nlmsghdr *head, gprobe_answer_fn on_answer,
		      void *arg, int *failed)
{
	int ret;

	if (head->nlmsg_seq != netlink->seq)
		return 1;
	if (head->nlmsg_flags & NLM_F_DUMP_INTR && !*failed)
		*failed = -EINTR;
	switch (head->nlmsg_type) {
	case NLMSG_ERROR:
		ret = on_error(netlink, head);
		return ret ? ret : *failed;
	case NLMSG_DONE:
		ret = on_done(netlink, head);
		return ret ? ret : *failed;
	case NLMSG_NOOP:
		return 1;
	}
	if (mnl_nlmsg_get_payload_len(head) < sizeof(struct genlmsghdr))
		return -EPROTO;
	if (on_answer && !*failed)
		*failed = on_answer(head, arg);
	return 1;
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

static ssize_t receive(struct gprobe_netlink *netlink)
{
	ssize_t got;

	do {
		got = mnl_socket_recvfrom(netlink->socket, netlink->buffer,
					  sizeof(netlink->buffer));
	} while (got < 0 && errno == EINTR);
	if (got < 0 && errno == EAGAIN)
		return -ETIMEDOUT;
	return got < 0 ? -errno : got;
}

/**
 * gprobe_netlink_talk() - Send the request in the buffer, read its answers.
 * @netlink: the socket
 * @on_answer: called for each; what it answers first, when not 0, is returned
 * @arg: for @on_answer
 *
 * Return: 0 or a negative errno; -EINTR: a dump changed while it was read.
 */
int gprobe_netlink_talk(struct gprobe_netlink *netlink,
			gprobe_answer_fn on_answer, void *arg)
{
	const struct nlmsghdr *head = &netlink->aligned;
	int ret = 1, failed = 0, left;
	ssize_t got;

	netlink->message[0] = '\0';
	if (mnl_socket_sendto(netlink->socket, head, head->nlmsg_len) < 0)
		return -errno;
	while (ret > 0) {
		got = receive(netlink);
		if (got < 0)
			return got;
		left = got;
		for (head = &netlink->aligned;
		     ret > 0 && gprobe_netlink_ok(head, left);
		     head = mnl_nlmsg_next(head, &left))
			ret = on_message(netlink, head, on_answer, arg,
					 &failed);
		/* A rest that is no message: what is missing never comes. */
		if (ret > 0 && left > 0)
			ret = -EPROTO;
	}
	return ret;
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
	struct nlmsghdr *head = put_head(netlink, GENL_ID_CTRL, NLM_F_ACK,
					 CTRL_CMD_GETFAMILY, 1);
	int ret;

	mnl_attr_put_strz(head, CTRL_ATTR_FAMILY_NAME, GPROBE_FAMILY_NAME);
	ret = gprobe_netlink_talk(netlink, on_family, netlink);
	if (!ret && (!netlink->family || !netlink->group))
		ret = -EPROTO;
	return ret;
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
