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

/* So many requests are sent at once, none longer than this. */
#define GPROBE_NETLINK_REQUESTS		32
#define GPROBE_NETLINK_REQUEST_MAX	512

_Static_assert(GPROBE_NETLINK_REQUESTS * GPROBE_NETLINK_REQUEST_MAX <=
	       GPROBE_NETLINK_BUFFER, "the requests fit");

/* What is done with an answer: 0 or a negative errno. */
typedef int (*gprobe_answer_fn)(const struct nlmsghdr *answer, void *arg);

/**
 * struct gprobe_netlink_end - what came of a request
 * @ret: 0 or a negative errno
 * @done: its answer has come to its end
 */
struct gprobe_netlink_end {
	int ret;
	bool done;
};

/**
 * struct gprobe_netlink - a socket
 * @socket: libmnl's
 * @family: number of the family
 * @group: number of the monitor group
 * @on_unasked: gets what the module sends unasked, whenever it comes, with a
 *	whole generic netlink header; or NULL
 * @arg: for @on_unasked
 * @overrun: something was lost, since this was last set to false
 * @seq: of the last request
 * @first_seq: of the first request in the buffer
 * @nr: requests in the buffer
 * @nr_done: of these, those whose answers are read
 * @bytes: of the requests, without the last
 * @last: the last request
 * @silent: none of them has an answer, but for those that fail
 * @ends: of the requests
 * @message: the kernel's words on the last failure, or ""
 * @buffer: for requests, then for their answers
 */
struct gprobe_netlink {
	struct mnl_socket *socket;
	uint16_t family;
	uint32_t group;
	void (*on_unasked)(const struct nlmsghdr *message, void *arg);
	void *arg;
	bool overrun;
	uint32_t seq, first_seq;
	uint32_t nr, nr_done;
	size_t bytes;
	struct nlmsghdr *last;
	bool silent;
	struct gprobe_netlink_end ends[GPROBE_NETLINK_REQUESTS];
	char message[256];
	union {
		struct nlmsghdr aligned;
		char buffer[GPROBE_NETLINK_BUFFER];
	};
};

/* Which request in the buffer this answers; none if not below @nr. */
static inline uint32_t gprobe_netlink_index(const struct gprobe_netlink *netlink,
					    const struct nlmsghdr *answer)
{
	return answer->nlmsg_seq - netlink->first_seq;
}

int gprobe_netlink_open(struct gprobe_netlink *netlink);
void gprobe_netlink_close(struct gprobe_netlink *netlink);
struct nlmsghdr *gprobe_netlink_request(struct gprobe_netlink *netlink,
					uint8_t cmd, uint16_t flags);
struct nlmsghdr *gprobe_netlink_add(struct gprobe_netlink *netlink,
				    uint8_t cmd, uint16_t flags);
bool gprobe_netlink_ok(const struct nlmsghdr *head, int left);
int gprobe_netlink_talk(struct gprobe_netlink *netlink,
			gprobe_answer_fn on_answer, void *arg);
void gprobe_netlink_unasked(struct gprobe_netlink *netlink,
			    const struct nlmsghdr *head);

#endif /* GPROBE_LIB_NETLINK_H */
