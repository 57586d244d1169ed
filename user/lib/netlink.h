/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sockets, requests and answers of the family, whatever they are about. */
#ifndef GPROBE_LIB_NETLINK_H
#define GPROBE_LIB_NETLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libmnl/libmnl.h>
#include <linux/netlink.h>

/* More than any message of the family has. */
#define GPROBE_NETLINK_BUFFER	32768

/**
 * struct gprobe_netlink - a socket
 * @socket: libmnl's
 * @family: number of the family
 * @group: number of the monitor group
 * @seq: of the last request
 * @message: the kernel's words on the last failure, or ""
 * @buffer: for requests, then for their answers
 */
struct gprobe_netlink {
	struct mnl_socket *socket;
	uint16_t family;
	uint32_t group;
	uint32_t seq;
	char message[256];
	union {
		struct nlmsghdr aligned;
		char buffer[GPROBE_NETLINK_BUFFER];
	};
};

/* What is done with an answer: 0 or a negative errno. */
typedef int (*gprobe_answer_fn)(const struct nlmsghdr *answer, void *arg);

int gprobe_netlink_open(struct gprobe_netlink *netlink);
void gprobe_netlink_close(struct gprobe_netlink *netlink);
struct nlmsghdr *gprobe_netlink_request(struct gprobe_netlink *netlink,
					uint8_t cmd, uint16_t flags);
bool gprobe_netlink_ok(const struct nlmsghdr *head, int left);
int gprobe_netlink_talk(struct gprobe_netlink *netlink,
			gprobe_answer_fn on_answer, void *arg);

#endif /* GPROBE_LIB_NETLINK_H */
