// SPDX-License-Identifier: LGPL-2.1-or-later
/* Watched entries of page tables, as asked for and listed. */
#include "client.h"

/**
 * gprobe_client_put_watch() - Say which entries are to be watched.
 * @head: the request
 * @watch: the page and the entries
 */
void gprobe_client_put_watch(struct nlmsghdr *head,
			     const struct gprobe_watch *watch)
{
	mnl_attr_put_u32(head, GPROBE_A_WATCH_DOMAIN, watch->domid);
	if (watch->view)
		mnl_attr_put_u32(head, GPROBE_A_WATCH_VIEW, watch->view);
	mnl_attr_put_u64(head, GPROBE_A_WATCH_GFN, watch->gfn);
	mnl_attr_put(head, GPROBE_A_WATCH_ENTRIES, sizeof(watch->entries),
		     watch->entries);
}

/**
 * gprobe_watch_set() - Watch these entries of a page table, and no others.
 * @client: attached to the guest
 * @watch: the page and the entries; none: it is watched no more
 *
 * Return: 0 or a negative errno; see gprobe/client.h.
 */
int gprobe_watch_set(struct gprobe_client *client,
		     const struct gprobe_watch *watch)
{
	struct nlmsghdr *head = gprobe_client_request(client,
						      GPROBE_CMD_WATCH_SET);

	gprobe_client_put_watch(head, watch);
	return gprobe_client_tell(client);
}

/**
 * gprobe_watch_list() - List watched pages.
 * @client: the client
 * @domid: of this guest; GPROBE_ALL_DOMAINS: of all
 * @watches: the caller frees it
 * @nr: how many
 *
 * Return: 0 or a negative errno; see gprobe/client.h.
 */
int gprobe_watch_list(struct gprobe_client *client, uint32_t domid,
		      struct gprobe_watch **watches, size_t *nr)
{
	struct gprobe_client_list list = { .kind = &gprobe_kind_watch };
	int ret = gprobe_client_get_list(client, GPROBE_CMD_WATCH_GET,
					 GPROBE_A_WATCH_DOMAIN, domid, &list);

	*watches = (void *)list.infos;
	*nr = list.nr;
	return ret;
}
