/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is at the other end of libmnl's sockets: datagrams that a test lays out
 * beforehand. When there are no more, time is up at once.
 */
#ifndef GPROBE_UNIT_FAKE_PEER_H
#define GPROBE_UNIT_FAKE_PEER_H

#include <stddef.h>
#include <stdint.h>

#include <libmnl/libmnl.h>

#define PEER_FAMILY	0x21
#define PEER_GROUP	7
#define PEER_PORTID	4242

/* Forget all that was laid out and sent. */
void peer_reset(void);

/*
 * Add a message with a generic netlink header to the datagram, to which the
 * caller adds attributes. Its seq becomes the last request's, unless set.
 */
struct nlmsghdr *peer_put(uint16_t type, uint16_t flags);
/* The kernel's answer; @text: its words, or NULL. 0: an acknowledgement. */
struct nlmsghdr *peer_put_error(int err, const char *text);
struct nlmsghdr *peer_put_done(int err);
/* The datagram is complete; the next one begins. */
void peer_end(void);
/* The same, but its messages that have no seq are sent unasked. */
void peer_end_unasked(void);
/* In one datagram: an acknowledgement; the answer about the family. */
void peer_ack(void);
void peer_family(void);
/* Bytes as they are. */
void peer_raw(const void *bytes, size_t nr);
/* Receiving fails with this errno, once. */
void peer_fail(int err);
/* A call of this name, such as "bind", fails from now on. */
void peer_refuse(const char *call, int err);

/*
 * From now on each request is answered when it is sent: by what @serve lays out
 * for it, with its seq.
 */
void peer_serve(void (*serve)(const struct nlmsghdr *request, void *arg),
		void *arg);

/*
 * How many times requests were sent; the first one of the last time, and how
 * many bytes were sent then; how many sockets are open.
 */
unsigned int peer_nr_requests(void);
const struct nlmsghdr *peer_request(void);
size_t peer_request_bytes(void);
int peer_nr_open(void);
/* The attribute of a message; of the last request; or NULL. */
const struct nlattr *peer_attribute_of(const struct nlmsghdr *message,
				       uint16_t type);
const struct nlattr *peer_attribute(uint16_t type);
/* Is all that was laid out received? */
int peer_is_empty(void);

/* Put a notification, or bytes as they are, into the open socket. */
void peer_notify(const struct nlmsghdr *message);
void peer_notify_raw(const void *bytes, size_t nr);

#endif /* GPROBE_UNIT_FAKE_PEER_H */
