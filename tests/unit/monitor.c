// SPDX-License-Identifier: GPL-2.0
/* gprobe_monitor_*(): notifications. */
#include <gprobe/client.h>

#include <errno.h>
#include <linux/genetlink.h>
#include <poll.h>
#include <string.h>

#include "fake_module.h"
#include "fake_peer.h"
#include "unit.h"

union message {
	struct nlmsghdr head;
	char bytes[1024];
};

static struct gprobe_monitor *set_up(void)
{
	struct gprobe_monitor *monitor;

	peer_reset();
	peer_family();
	ck_assert_int_eq(gprobe_monitor_open(&monitor), 0);
	return monitor;
}

static struct nlmsghdr *begin(union message *message, uint16_t type,
			      uint8_t cmd)
{
	struct nlmsghdr *head = mnl_nlmsg_put_header(message->bytes);
	struct genlmsghdr *genl;

	head->nlmsg_type = type;
	genl = mnl_nlmsg_put_extra_header(head, sizeof(*genl));
	genl->cmd = cmd;
	return head;
}

START_TEST(notifications_of_claims_are_read)
{
	static const uint8_t cmds[] = {
		GPROBE_CMD_CLAIM_NEW_NTF, GPROBE_CMD_CLAIM_DEL_NTF,
	};
	struct gprobe_monitor *monitor = set_up();
	struct gprobe_notification notification;
	union message message;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cmds); i++) {
		module_put_claim(begin(&message, PEER_FAMILY, cmds[i]), 9);
		peer_notify(&message.head);
		ck_assert_int_eq(gprobe_monitor_read(monitor, &notification),
				 0);
		ck_assert_uint_eq(notification.cmd, cmds[i]);
		ck_assert_uint_eq(notification.claim.id, 9);
		ck_assert_uint_eq(notification.claim.hits, 1);
	}
	gprobe_monitor_close(monitor);
}
END_TEST

START_TEST(notifications_of_domains_are_read)
{
	static const uint8_t cmds[] = {
		GPROBE_CMD_DOMAIN_ATTACH_NTF, GPROBE_CMD_DOMAIN_DETACH_NTF,
	};
	struct gprobe_monitor *monitor = set_up();
	struct gprobe_notification notification;
	union message message;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cmds); i++) {
		module_put_domain(begin(&message, PEER_FAMILY, cmds[i]), 3);
		peer_notify(&message.head);
		ck_assert_int_eq(gprobe_monitor_read(monitor, &notification),
				 0);
		ck_assert_uint_eq(notification.cmd, cmds[i]);
		ck_assert_uint_eq(notification.domain.domid, 3);
		ck_assert_uint_eq(notification.domain.state,
				  GPROBE_DOMAIN_STATE_LIVE);
	}
	gprobe_monitor_close(monitor);
}
END_TEST

START_TEST(reading_never_waits)
{
	struct gprobe_monitor *monitor = set_up();
	struct gprobe_notification notification;
	union message message;
	struct pollfd poller = {
		.fd = gprobe_monitor_fd(monitor), .events = POLLIN,
	};

	ck_assert_int_eq(gprobe_monitor_read(monitor, &notification), -EAGAIN);
	ck_assert_int_eq(poll(&poller, 1, 0), 0);
	module_put_claim(begin(&message, PEER_FAMILY,
			       GPROBE_CMD_CLAIM_NEW_NTF), 9);
	peer_notify(&message.head);
	ck_assert_int_eq(poll(&poller, 1, 0), 1);
	ck_assert_int_eq(gprobe_monitor_read(monitor, &notification), 0);
	ck_assert_int_eq(gprobe_monitor_read(monitor, &notification), -EAGAIN);
	gprobe_monitor_close(monitor);
}
END_TEST

START_TEST(what_is_no_notification_is_eproto)
{
	struct gprobe_monitor *monitor = set_up();
	struct gprobe_notification notification;
	/* All of it is sent. */
	static union message message;

	/* Another family's, no notification, without what it must have. */
	module_put_claim(begin(&message, PEER_FAMILY + 1,
			       GPROBE_CMD_CLAIM_NEW_NTF), 9);
	peer_notify(&message.head);
	ck_assert_int_eq(gprobe_monitor_read(monitor, &notification), -EPROTO);
	module_put_claim(begin(&message, PEER_FAMILY, GPROBE_CMD_CLAIM_NEW), 9);
	peer_notify(&message.head);
	ck_assert_int_eq(gprobe_monitor_read(monitor, &notification), -EPROTO);
	begin(&message, PEER_FAMILY, GPROBE_CMD_CLAIM_NEW_NTF);
	peer_notify(&message.head);
	ck_assert_int_eq(gprobe_monitor_read(monitor, &notification), -EPROTO);
	message.head.nlmsg_len = sizeof(message.head) + 2;
	peer_notify(&message.head);
	ck_assert_int_eq(gprobe_monitor_read(monitor, &notification), -EPROTO);
	message.head.nlmsg_len = 4;
	peer_notify(&message.head);
	ck_assert_int_eq(gprobe_monitor_read(monitor, &notification), -EPROTO);
	module_put_claim(begin(&message, PEER_FAMILY,
			       GPROBE_CMD_CLAIM_NEW_NTF), 9);
	message.head.nlmsg_len |= 0x80000000;
	peer_notify_raw(&message, 200);
	ck_assert_int_eq(gprobe_monitor_read(monitor, &notification), -EPROTO);
	gprobe_monitor_close(monitor);
}
END_TEST

START_TEST(a_refused_subscription_closes_the_socket)
{
	struct gprobe_monitor *monitor = NULL;

	peer_reset();
	peer_family();
	peer_refuse("subscribe", EPERM);
	ck_assert_int_eq(gprobe_monitor_open(&monitor), -EPERM);
	ck_assert_int_eq(peer_nr_open(), 0);
	peer_reset();
	peer_put_error(-ENOENT, NULL);
	peer_end();
	ck_assert_int_eq(gprobe_monitor_open(&monitor), -ENOENT);
	ck_assert_int_eq(peer_nr_open(), 0);
	ck_assert_ptr_null(monitor);
	gprobe_monitor_close(NULL);
}
END_TEST

Suite *monitor_suite(void)
{
	return UNIT_SUITE("monitor", notifications_of_claims_are_read,
			  notifications_of_domains_are_read,
			  reading_never_waits,
			  what_is_no_notification_is_eproto,
			  a_refused_subscription_closes_the_socket);
}
