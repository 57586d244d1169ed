/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Inside a client: requests, and upcalls that wait to be read. */
#ifndef GPROBE_LIB_CLIENT_H
#define GPROBE_LIB_CLIENT_H

#include <gprobe/client.h>

#include "info.h"
#include "netlink.h"

/* More upcalls than this are lost: each vCPU of a guest may wait for some. */
#define GPROBE_CLIENT_UPCALLS	8192u

/**
 * struct gprobe_client_upcalls - those that came and were not read yet
 * @ring: a power of two of them
 * @size: how many there is room for
 * @first: number of the oldest; its place is the remainder by @size
 * @nr: how many there are
 * @err: something came that is none, and was not told yet
 */
struct gprobe_client_upcalls {
	struct gprobe_upcall *ring;
	uint32_t size, first, nr;
	int err;
};

struct gprobe_client {
	struct gprobe_netlink netlink;
	struct gprobe_client_upcalls upcalls;
};

/**
 * struct gprobe_client_list - a list that is read
 * @kind: of what
 * @infos: an array of @kind's structs
 * @nr: how many
 * @size: how many there is room for
 */
struct gprobe_client_list {
	const struct gprobe_kind *kind;
	char *infos;
	size_t nr, size;
};

struct nlmsghdr *gprobe_client_request(struct gprobe_client *client,
				       uint8_t cmd);
int gprobe_client_ask(struct gprobe_client *client,
		      const struct gprobe_kind *kind, void *info);
int gprobe_client_tell(struct gprobe_client *client);
int gprobe_client_get_list(struct gprobe_client *client, uint8_t cmd,
			   uint16_t domain_attribute, uint32_t domid,
			   struct gprobe_client_list *list);
void gprobe_client_put_claim(struct nlmsghdr *head,
			     const struct gprobe_claim_spec *spec);
void gprobe_client_put_watch(struct nlmsghdr *head,
			     const struct gprobe_watch *watch);
void gprobe_client_keep_upcall(const struct nlmsghdr *message, void *arg);

#endif /* GPROBE_LIB_CLIENT_H */
