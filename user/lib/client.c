// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/genetlink.h>

/* A list that changes whenever it is read is given up after so many times. */
#define LIST_TRIES 10

struct gprobe_monitor {
	struct gprobe_netlink netlink;
};

/**
 * gprobe_client_open() - Open a socket to the module.
 * @client: for gprobe_client_close()
 *
 * Return: 0; -ENOENT the module is not loaded; see gprobe/client.h.
 */
int gprobe_client_open(struct gprobe_client **client)
{
	struct gprobe_client *new = calloc(1, sizeof(*new));
	int ret;

	if (!new)
		return -ENOMEM;
	new->netlink.on_unasked = gprobe_client_keep_upcall;
	new->netlink.arg = new;
	ret = gprobe_netlink_open(&new->netlink);
	if (ret) {
		free(new);
		return ret;
	}
	*client = new;
	return 0;
}

/**
 * gprobe_client_close() - Close the socket; all that it made is undone.
 * @client: or NULL
 */
void gprobe_client_close(struct gprobe_client *client)
{
	if (!client)
		return;
	gprobe_netlink_close(&client->netlink);
	free(client->upcalls.ring);
	free(client);
}

/**
 * gprobe_client_session() - The number that the module knows a client by.
 * @client: the client
 *
 * Return: its port id, as in the tracepoints and in the claims.
 */
uint32_t gprobe_client_session(const struct gprobe_client *client)
{
	return mnl_socket_get_portid(client->netlink.socket);
}

/**
 * gprobe_client_message() - What the module said of the last failure.
 * @client: the client
 *
 * Return: one line, or ""; good until the client's next call.
 */
const char *gprobe_client_message(const struct gprobe_client *client)
{
	return client->netlink.message;
}

/* Where an answer goes. */
struct answer {
	const struct gprobe_kind *kind;
	void *info;
	bool came;
};

static int on_answer(const struct nlmsghdr *message, void *arg)
{
	struct answer *answer = arg;

	answer->came = true;
	return gprobe_info_parse(answer->kind, message, answer->info);
}

/**
 * gprobe_client_ask() - Send the request in the buffer and read its one answer.
 * @client: the client
 * @kind: what the answer is about
 * @info: @kind's struct
 *
 * Return: 0 or a negative errno.
 */
int gprobe_client_ask(struct gprobe_client *client,
		      const struct gprobe_kind *kind, void *info)
{
	struct answer answer = { .kind = kind, .info = info };
	int ret;

	ret = gprobe_netlink_talk(&client->netlink, on_answer, &answer);
	if (!ret && !answer.came)
		ret = -EPROTO;
	return ret;
}

/**
 * gprobe_client_tell() - Send the request in the buffer; it has no answer.
 * @client: the client
 *
 * Return: 0 or a negative errno.
 */
int gprobe_client_tell(struct gprobe_client *client)
{
	return gprobe_netlink_talk(&client->netlink, NULL, NULL);
}

/**
 * gprobe_client_request() - Start a request that is acknowledged.
 * @client: the client
 * @cmd: GPROBE_CMD_*
 *
 * Return: the message, to which attributes are added.
 */
struct nlmsghdr *gprobe_client_request(struct gprobe_client *client,
				       uint8_t cmd)
{
	return gprobe_netlink_request(&client->netlink, cmd, NLM_F_ACK);
}

static struct nlmsghdr *request_attach(struct gprobe_client *client,
				       uint32_t domid, uint32_t domctl_version)
{
	struct nlmsghdr *head = gprobe_client_request(client,
						GPROBE_CMD_DOMAIN_ATTACH);

	mnl_attr_put_u32(head, GPROBE_A_DOMAIN_ID, domid);
	mnl_attr_put_u32(head, GPROBE_A_DOMAIN_DOMCTL_VERSION, domctl_version);
	return head;
}

/**
 * gprobe_domain_attach() - Join a guest; its first session sets it up.
 * @client: becomes a session
 * @domid: Xen's number
 * @domctl_version: gprobe_host_info.domctl_version
 * @info: the guest
 *
 * Return: 0 or a negative errno; see gprobe/client.h.
 */
int gprobe_domain_attach(struct gprobe_client *client, uint32_t domid,
			 uint32_t domctl_version,
			 struct gprobe_domain_info *info)
{
	request_attach(client, domid, domctl_version);
	return gprobe_client_ask(client, &gprobe_kind_domain, info);
}

/**
 * gprobe_domain_take_over() - Join a guest that a dead agent has left.
 * @client: becomes a session
 * @domid: Xen's number
 * @domctl_version: gprobe_host_info.domctl_version
 * @info: the guest
 *
 * As gprobe_domain_attach(); but where no session is attached yet, the ring is
 * taken from whoever has it, vCPUs that wait for its answers are freed, and its
 * views are dropped. An agent that is alive loses the guest.
 *
 * Return: 0 or a negative errno; see gprobe/client.h.
 */
int gprobe_domain_take_over(struct gprobe_client *client, uint32_t domid,
			    uint32_t domctl_version,
			    struct gprobe_domain_info *info)
{
	mnl_attr_put(request_attach(client, domid, domctl_version),
		     GPROBE_A_DOMAIN_TAKE_OVER, 0, NULL);
	return gprobe_client_ask(client, &gprobe_kind_domain, info);
}

/**
 * gprobe_domain_detach() - Leave a guest; its last session returns it.
 * @client: attached to it
 * @domid: Xen's number
 *
 * Return: 0 or a negative errno; see gprobe/client.h.
 */
int gprobe_domain_detach(struct gprobe_client *client, uint32_t domid)
{
	struct nlmsghdr *head = gprobe_client_request(client, GPROBE_CMD_DOMAIN_DETACH);

	mnl_attr_put_u32(head, GPROBE_A_DOMAIN_ID, domid);
	return gprobe_client_tell(client);
}

/**
 * gprobe_domain_get() - Ask for the figures of an attached guest.
 * @client: need not be attached to it
 * @domid: Xen's number
 * @info: the guest
 *
 * Return: 0 or a negative errno; see gprobe/client.h.
 */
int gprobe_domain_get(struct gprobe_client *client, uint32_t domid,
		      struct gprobe_domain_info *info)
{
	struct nlmsghdr *head = gprobe_client_request(client, GPROBE_CMD_DOMAIN_GET);

	mnl_attr_put_u32(head, GPROBE_A_DOMAIN_ID, domid);
	return gprobe_client_ask(client, &gprobe_kind_domain, info);
}

static void request_view(struct gprobe_client *client, uint8_t cmd,
			 uint32_t domid, uint32_t id)
{
	struct nlmsghdr *head = gprobe_client_request(client, cmd);

	mnl_attr_put_u32(head, GPROBE_A_VIEW_DOMAIN, domid);
	mnl_attr_put_u32(head, GPROBE_A_VIEW_ID, id);
}

/**
 * gprobe_view_new() - Make a view of the session's own.
 * @client: attached to the guest
 * @domid: Xen's number of the guest
 * @info: the view
 *
 * Return: 0 or a negative errno; see gprobe/client.h.
 */
int gprobe_view_new(struct gprobe_client *client, uint32_t domid,
		    struct gprobe_view_info *info)
{
	struct nlmsghdr *head = gprobe_client_request(client, GPROBE_CMD_VIEW_NEW);

	mnl_attr_put_u32(head, GPROBE_A_VIEW_DOMAIN, domid);
	return gprobe_client_ask(client, &gprobe_kind_view, info);
}

/**
 * gprobe_view_del() - Remove a view of the session's own.
 * @client: its owner
 * @domid: Xen's number of the guest
 * @id: the view
 *
 * Return: 0 or a negative errno; see gprobe/client.h.
 */
int gprobe_view_del(struct gprobe_client *client, uint32_t domid, uint32_t id)
{
	request_view(client, GPROBE_CMD_VIEW_DEL, domid, id);
	return gprobe_client_tell(client);
}

/**
 * gprobe_view_get() - Ask for a view.
 * @client: need not own it
 * @domid: Xen's number of the guest
 * @id: the view
 * @info: the view
 *
 * Return: 0 or a negative errno; see gprobe/client.h.
 */
int gprobe_view_get(struct gprobe_client *client, uint32_t domid, uint32_t id,
		    struct gprobe_view_info *info)
{
	request_view(client, GPROBE_CMD_VIEW_GET, domid, id);
	return gprobe_client_ask(client, &gprobe_kind_view, info);
}

/**
 * gprobe_view_switch() - Run all vCPUs of a guest in a view.
 * @client: attached to the guest
 * @domid: Xen's number of the guest
 * @id: the view
 *
 * Return: 0 or a negative errno; see gprobe/client.h.
 */
int gprobe_view_switch(struct gprobe_client *client, uint32_t domid,
		       uint32_t id)
{
	request_view(client, GPROBE_CMD_VIEW_SWITCH, domid, id);
	return gprobe_client_tell(client);
}

/* As many bytes as the set needs; none: any vCPU. */
static void put_vcpus(struct nlmsghdr *head, const uint8_t *vcpus)
{
	size_t bytes = GPROBE_VCPU_BYTES_MAX;

	while (bytes && !vcpus[bytes - 1])
		bytes--;
	if (bytes)
		mnl_attr_put(head, GPROBE_A_CLAIM_VCPUS, bytes, vcpus);
}

/**
 * gprobe_client_put_claim() - Say what claim is wanted.
 * @head: the request
 * @spec: the claim; its label is not too long
 */
void gprobe_client_put_claim(struct nlmsghdr *head,
			     const struct gprobe_claim_spec *spec)
{
	mnl_attr_put_u32(head, GPROBE_A_CLAIM_DOMAIN, spec->domid);
	if (spec->view)
		mnl_attr_put_u32(head, GPROBE_A_CLAIM_VIEW, spec->view);
	mnl_attr_put_u64(head, GPROBE_A_CLAIM_GFN, spec->gfn);
	mnl_attr_put_u32(head, GPROBE_A_CLAIM_OFFSET, spec->offset);
	if (spec->root)
		mnl_attr_put_u64(head, GPROBE_A_CLAIM_ROOT, spec->root);
	mnl_attr_put_u32(head, GPROBE_A_CLAIM_ACTION, spec->action);
	if (spec->step)
		mnl_attr_put_u32(head, GPROBE_A_CLAIM_STEP, spec->step);
	if (spec->insn_bytes)
		mnl_attr_put_u32(head, GPROBE_A_CLAIM_INSN_BYTES,
				 spec->insn_bytes);
	put_vcpus(head, spec->vcpus);
	if (spec->cpls)
		mnl_attr_put_u32(head, GPROBE_A_CLAIM_CPLS, spec->cpls);
	if (spec->off_after)
		mnl_attr_put_u64(head, GPROBE_A_CLAIM_OFF_AFTER,
				 spec->off_after);
	if (spec->rate)
		mnl_attr_put_u32(head, GPROBE_A_CLAIM_RATE, spec->rate);
	mnl_attr_put_u64(head, GPROBE_A_CLAIM_COOKIE, spec->cookie);
	if (spec->label)
		mnl_attr_put_strz(head, GPROBE_A_CLAIM_LABEL, spec->label);
}

/**
 * gprobe_claim_new() - Claim the hits of a place.
 * @client: attached to the guest
 * @spec: the place and what is to be done
 * @info: the claim, with its id
 *
 * Return: 0 or a negative errno; see gprobe/client.h.
 */
int gprobe_claim_new(struct gprobe_client *client,
		     const struct gprobe_claim_spec *spec,
		     struct gprobe_claim_info *info)
{
	struct nlmsghdr *head = gprobe_client_request(client,
						      GPROBE_CMD_CLAIM_NEW);

	if (spec->label && strlen(spec->label) > GPROBE_LABEL_MAX)
		return -ENAMETOOLONG;
	gprobe_client_put_claim(head, spec);
	return gprobe_client_ask(client, &gprobe_kind_claim, info);
}

/**
 * gprobe_claim_del() - Release a claim.
 * @client: its owner
 * @id: the claim
 * @info: the claim's final figures
 *
 * Return: 0 or a negative errno; see gprobe/client.h.
 */
int gprobe_claim_del(struct gprobe_client *client, uint32_t id,
		     struct gprobe_claim_info *info)
{
	struct nlmsghdr *head = gprobe_client_request(client, GPROBE_CMD_CLAIM_DEL);

	mnl_attr_put_u32(head, GPROBE_A_CLAIM_ID, id);
	return gprobe_client_ask(client, &gprobe_kind_claim, info);
}

/**
 * gprobe_claim_get() - Ask for a claim.
 * @client: need not own it
 * @id: the claim
 * @info: the claim
 *
 * Return: 0 or a negative errno; see gprobe/client.h.
 */
int gprobe_claim_get(struct gprobe_client *client, uint32_t id,
		     struct gprobe_claim_info *info)
{
	struct nlmsghdr *head = gprobe_client_request(client, GPROBE_CMD_CLAIM_GET);

	mnl_attr_put_u32(head, GPROBE_A_CLAIM_ID, id);
	return gprobe_client_ask(client, &gprobe_kind_claim, info);
}

static int add_to_list(const struct nlmsghdr *message, void *arg)
{
	struct gprobe_client_list *list = arg;
	size_t size;
	char *infos;

	if (list->nr == list->size) {
		size = list->size ? list->size * 2 : 16;
		infos = reallocarray(list->infos, size, list->kind->bytes);
		if (!infos)
			return -ENOMEM;
		list->infos = infos;
		list->size = size;
	}
	return gprobe_info_parse(list->kind, message, list->infos +
				 list->nr++ * list->kind->bytes);
}

/**
 * gprobe_client_get_list() - Ask for a list.
 * @client: the client
 * @cmd: GPROBE_CMD_*
 * @domain_attribute: of @domid in the request
 * @domid: of this guest; GPROBE_ALL_DOMAINS: of all
 * @list: zeroed but for its kind
 *
 * Return: 0 or a negative errno; then the list is empty.
 */
int gprobe_client_get_list(struct gprobe_client *client, uint8_t cmd,
			   uint16_t domain_attribute, uint32_t domid,
			   struct gprobe_client_list *list)
{
	int ret, tries = LIST_TRIES;
	struct nlmsghdr *head;

	do {
		list->nr = 0;
		head = gprobe_netlink_request(&client->netlink, cmd,
					      NLM_F_DUMP);
		if (domid != GPROBE_ALL_DOMAINS)
			mnl_attr_put_u32(head, domain_attribute, domid);
		ret = gprobe_netlink_talk(&client->netlink, add_to_list, list);
	} while (ret == -EINTR && --tries);
	if (ret) {
		free(list->infos);
		list->infos = NULL;
	}
	return ret;
}

/**
 * gprobe_domain_list() - List the attached guests.
 * @client: the client
 * @infos: the caller frees it
 * @nr: how many
 *
 * Return: 0 or a negative errno; see gprobe/client.h.
 */
int gprobe_domain_list(struct gprobe_client *client,
		       struct gprobe_domain_info **infos, size_t *nr)
{
	struct gprobe_client_list list = { .kind = &gprobe_kind_domain };
	int ret = gprobe_client_get_list(client, GPROBE_CMD_DOMAIN_GET,
					 GPROBE_A_DOMAIN_ID, GPROBE_ALL_DOMAINS,
					 &list);

	*infos = (void *)list.infos;
	*nr = list.nr;
	return ret;
}

/**
 * gprobe_view_list() - List views.
 * @client: the client
 * @domid: of this guest; GPROBE_ALL_DOMAINS: of all
 * @infos: the caller frees it
 * @nr: how many
 *
 * Return: 0 or a negative errno; see gprobe/client.h.
 */
int gprobe_view_list(struct gprobe_client *client, uint32_t domid,
		     struct gprobe_view_info **infos, size_t *nr)
{
	struct gprobe_client_list list = { .kind = &gprobe_kind_view };
	int ret = gprobe_client_get_list(client, GPROBE_CMD_VIEW_GET,
					 GPROBE_A_VIEW_DOMAIN, domid,
					 &list);

	*infos = (void *)list.infos;
	*nr = list.nr;
	return ret;
}

/**
 * gprobe_site_list() - List INT3s.
 * @client: the client
 * @domid: of this guest; GPROBE_ALL_DOMAINS: of all
 * @infos: the caller frees it
 * @nr: how many
 *
 * Return: 0 or a negative errno; see gprobe/client.h.
 */
int gprobe_site_list(struct gprobe_client *client, uint32_t domid,
		     struct gprobe_site_info **infos, size_t *nr)
{
	struct gprobe_client_list list = { .kind = &gprobe_kind_site };
	int ret = gprobe_client_get_list(client, GPROBE_CMD_SITE_GET,
					 GPROBE_A_SITE_DOMAIN, domid,
					 &list);

	*infos = (void *)list.infos;
	*nr = list.nr;
	return ret;
}

/**
 * gprobe_claim_list() - List claims.
 * @client: the client
 * @domid: of this guest; GPROBE_ALL_DOMAINS: of all
 * @infos: the caller frees it
 * @nr: how many
 *
 * Return: 0 or a negative errno; see gprobe/client.h.
 */
int gprobe_claim_list(struct gprobe_client *client, uint32_t domid,
		      struct gprobe_claim_info **infos, size_t *nr)
{
	struct gprobe_client_list list = { .kind = &gprobe_kind_claim };
	int ret = gprobe_client_get_list(client, GPROBE_CMD_CLAIM_GET,
					 GPROBE_A_CLAIM_DOMAIN, domid,
					 &list);

	*infos = (void *)list.infos;
	*nr = list.nr;
	return ret;
}

static int subscribe(struct gprobe_netlink *netlink)
{
	if (mnl_socket_setsockopt(netlink->socket, NETLINK_ADD_MEMBERSHIP,
				  &netlink->group, sizeof(netlink->group)) < 0)
		return -errno;
	return 0;
}

/**
 * gprobe_monitor_open() - Subscribe to what happens.
 * @monitor: for gprobe_monitor_close()
 *
 * It is a socket of its own, so that notifications do not mix with answers.
 *
 * Return: 0; see gprobe_client_open().
 */
int gprobe_monitor_open(struct gprobe_monitor **monitor)
{
	struct gprobe_monitor *new = calloc(1, sizeof(*new));
	int ret;

	if (!new)
		return -ENOMEM;
	ret = gprobe_netlink_open(&new->netlink);
	if (ret)
		goto err_free;
	ret = subscribe(&new->netlink);
	if (ret)
		goto err_close;
	*monitor = new;
	return 0;

err_close:
	gprobe_netlink_close(&new->netlink);
err_free:
	free(new);
	return ret;
}

/**
 * gprobe_monitor_close() - Unsubscribe.
 * @monitor: or NULL
 */
void gprobe_monitor_close(struct gprobe_monitor *monitor)
{
	if (!monitor)
		return;
	gprobe_netlink_close(&monitor->netlink);
	free(monitor);
}

/**
 * gprobe_monitor_fd() - What to poll for POLLIN.
 * @monitor: the monitor
 *
 * Return: a file descriptor that stays the monitor's.
 */
int gprobe_monitor_fd(const struct gprobe_monitor *monitor)
{
	return mnl_socket_get_fd(monitor->netlink.socket);
}

/**
 * gprobe_monitor_read() - Read a notification; never waits.
 * @monitor: the monitor
 * @notification: what happened
 *
 * Return: 0; -EAGAIN nothing there; -ENOBUFS some were lost; -EPROTO.
 */
int gprobe_monitor_read(struct gprobe_monitor *monitor,
			struct gprobe_notification *notification)
{
	struct gprobe_netlink *netlink = &monitor->netlink;
	const struct nlmsghdr *head = &netlink->aligned;
	const struct genlmsghdr *genl;
	ssize_t got;

	/* A notification is a datagram of its own. */
	got = recv(gprobe_monitor_fd(monitor), netlink->buffer,
		   sizeof(netlink->buffer), MSG_DONTWAIT);
	if (got < 0)
		return -errno;
	if (!gprobe_netlink_ok(head, got) || head->nlmsg_type != netlink->family ||
	    mnl_nlmsg_get_payload_len(head) < sizeof(*genl))
		return -EPROTO;
	genl = mnl_nlmsg_get_payload(head);
	notification->cmd = genl->cmd;
	switch (genl->cmd) {
	case GPROBE_CMD_DOMAIN_ATTACH_NTF:
	case GPROBE_CMD_DOMAIN_DETACH_NTF:
		return gprobe_info_parse(&gprobe_kind_domain, head,
					 &notification->domain);
	case GPROBE_CMD_CLAIM_NEW_NTF:
	case GPROBE_CMD_CLAIM_DEL_NTF:
		return gprobe_info_parse(&gprobe_kind_claim, head,
					 &notification->claim);
	default:
		return -EPROTO;
	}
}
