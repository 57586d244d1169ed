// SPDX-License-Identifier: GPL-2.0
/* gprobe_netlink_open(): a socket, and the number of the family. */
#include "../../user/lib/netlink.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/gprobe.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fake_peer.h"
#include "unit.h"

/* Open, with what was laid out; a socket that failed is closed. */
static int open_and_close(void)
{
	struct gprobe_netlink *netlink = calloc(1, sizeof(*netlink));
	int ret = gprobe_netlink_open(netlink);

	if (!ret) {
		ck_assert_int_eq(peer_nr_open(), 1);
		ck_assert_uint_eq(netlink->family, PEER_FAMILY);
		ck_assert_uint_eq(netlink->group, PEER_GROUP);
		gprobe_netlink_close(netlink);
	}
	ck_assert_int_eq(peer_nr_open(), 0);
	ck_assert_ptr_null(netlink->socket);
	free(netlink);
	return ret;
}

START_TEST(the_family_and_its_group_are_found)
{
	const struct genlmsghdr *genl;

	peer_reset();
	peer_family();
	ck_assert_int_eq(open_and_close(), 0);
	genl = mnl_nlmsg_get_payload(peer_request());
	ck_assert_uint_eq(peer_request()->nlmsg_type, GENL_ID_CTRL);
	ck_assert_uint_eq(genl->cmd, CTRL_CMD_GETFAMILY);
	ck_assert_str_eq(mnl_attr_get_str(peer_attribute(
				CTRL_ATTR_FAMILY_NAME)), "gprobe");
}
END_TEST

START_TEST(the_socket_has_room_for_many_upcalls)
{
	struct gprobe_netlink *netlink = calloc(1, sizeof(*netlink));
	int before, after, fds[2];
	socklen_t bytes = sizeof(int);

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds), 0);
	ck_assert_int_eq(getsockopt(fds[0], SOL_SOCKET, SO_RCVBUF, &before,
				    &bytes), 0);
	peer_reset();
	peer_family();
	ck_assert_int_eq(gprobe_netlink_open(netlink), 0);
	ck_assert_int_eq(getsockopt(mnl_socket_get_fd(netlink->socket),
				    SOL_SOCKET, SO_RCVBUF, &after, &bytes), 0);
	ck_assert_int_gt(after, before);
	gprobe_netlink_close(netlink);
	close(fds[0]);
	close(fds[1]);
	free(netlink);
}
END_TEST

START_TEST(a_missing_module_is_enoent)
{
	peer_reset();
	peer_put_error(-ENOENT, NULL);
	peer_end();
	ck_assert_int_eq(open_and_close(), -ENOENT);
}
END_TEST

START_TEST(a_family_without_number_or_group_is_eproto)
{
	peer_reset();
	peer_ack();
	ck_assert_int_eq(open_and_close(), -EPROTO);
	peer_reset();
	mnl_attr_put_u16(peer_put(GENL_ID_CTRL, 0), CTRL_ATTR_FAMILY_ID,
			 PEER_FAMILY);
	peer_end();
	peer_ack();
	ck_assert_int_eq(open_and_close(), -EPROTO);
}
END_TEST

START_TEST(each_call_that_fails_is_told_and_the_socket_closed)
{
	static const struct {
		const char *call;
		int err;
	} cases[] = {
		{ "open", EMFILE }, { "bind", EADDRINUSE },
		{ "setsockopt", ENOPROTOOPT }, { "send", ECONNREFUSED },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		peer_reset();
		peer_family();
		peer_refuse(cases[i].call, cases[i].err);
		ck_assert_int_eq(open_and_close(), -cases[i].err);
	}
	peer_reset();
	peer_refuse("fd", 0);
	ck_assert_int_eq(open_and_close(), -EBADF);
	peer_reset();
	ck_assert_int_eq(open_and_close(), -ETIMEDOUT);
}
END_TEST

Suite *netlink_open_suite(void)
{
	return UNIT_SUITE("netlink_open", the_family_and_its_group_are_found,
		the_socket_has_room_for_many_upcalls,
		a_missing_module_is_enoent,
		a_family_without_number_or_group_is_eproto,
		each_call_that_fails_is_told_and_the_socket_closed);
}
