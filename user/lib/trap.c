// SPDX-License-Identifier: LGPL-2.1-or-later
/* Traps, as asked for and listed. */
#include <string.h>

#include "client.h"

static const char *const names[] = {
	[GPROBE_TRAP_KIND_CR0] = "cr0",
	[GPROBE_TRAP_KIND_CR3] = "cr3",
	[GPROBE_TRAP_KIND_CR4] = "cr4",
	[GPROBE_TRAP_KIND_XCR0] = "xcr0",
	[GPROBE_TRAP_KIND_MSR] = "msr",
	[GPROBE_TRAP_KIND_CPUID] = "cpuid",
	[GPROBE_TRAP_KIND_DEBUG] = "debug",
	[GPROBE_TRAP_KIND_REQUEST] = "request",
	[GPROBE_TRAP_KIND_DESCRIPTOR] = "descriptor",
	[GPROBE_TRAP_KIND_IO] = "io",
	[GPROBE_TRAP_KIND_CALL] = "call",
	[GPROBE_TRAP_KIND_UNIMPLEMENTED] = "unimplemented",
};

/**
 * gprobe_trap_name() - What a kind of traps is called.
 * @kind: enum gprobe_trap_kind
 *
 * Return: its name, or NULL: there is no such kind.
 */
const char *gprobe_trap_name(uint32_t kind)
{
	return kind <= GPROBE_TRAP_KIND_MAX ? names[kind] : NULL;
}

/**
 * gprobe_trap_kind() - The kind of traps that is called so.
 * @name: as gprobe_trap_name() has it
 *
 * Return: enum gprobe_trap_kind; 0: none is.
 */
uint32_t gprobe_trap_kind(const char *name)
{
	uint32_t kind = GPROBE_TRAP_KIND_MAX;

	while (kind && strcmp(names[kind], name))
		kind--;
	return kind;
}

static void put_trap(struct nlmsghdr *head,
		     const struct gprobe_trap_spec *spec)
{
	mnl_attr_put_u32(head, GPROBE_A_TRAP_DOMAIN, spec->domid);
	mnl_attr_put_u32(head, GPROBE_A_TRAP_KIND, spec->kind);
	if (spec->kind == GPROBE_TRAP_KIND_MSR || spec->msr)
		mnl_attr_put_u32(head, GPROBE_A_TRAP_MSR, spec->msr);
	if (spec->mask)
		mnl_attr_put_u64(head, GPROBE_A_TRAP_MASK, spec->mask);
	if (spec->on_change)
		mnl_attr_put(head, GPROBE_A_TRAP_ON_CHANGE, 0, NULL);
	if (spec->user)
		mnl_attr_put(head, GPROBE_A_TRAP_USER, 0, NULL);
	mnl_attr_put_u32(head, GPROBE_A_TRAP_ACTION, spec->action);
	mnl_attr_put_u64(head, GPROBE_A_TRAP_COOKIE, spec->cookie);
}

/**
 * gprobe_trap_new() - Be told of what a guest does.
 * @client: attached to the guest
 * @spec: of what, and what is to be done
 * @info: the trap, with its id
 *
 * Return: 0 or a negative errno; see gprobe/client.h. -EOPNOTSUPP this Xen, or
 * this host, cannot tell of it (gprobe_client_message() says why).
 */
int gprobe_trap_new(struct gprobe_client *client,
		    const struct gprobe_trap_spec *spec,
		    struct gprobe_trap_info *info)
{
	put_trap(gprobe_client_request(client, GPROBE_CMD_TRAP_NEW), spec);
	return gprobe_client_ask(client, &gprobe_kind_trap, info);
}

static int ask_by_id(struct gprobe_client *client, uint8_t cmd, uint32_t id,
		     struct gprobe_trap_info *info)
{
	mnl_attr_put_u32(gprobe_client_request(client, cmd), GPROBE_A_TRAP_ID,
			 id);
	return gprobe_client_ask(client, &gprobe_kind_trap, info);
}

/**
 * gprobe_trap_del() - Be told no more.
 * @client: the trap's owner
 * @id: the trap
 * @info: the trap's final figures
 *
 * Return: 0 or a negative errno; see gprobe/client.h.
 */
int gprobe_trap_del(struct gprobe_client *client, uint32_t id,
		    struct gprobe_trap_info *info)
{
	return ask_by_id(client, GPROBE_CMD_TRAP_DEL, id, info);
}

/**
 * gprobe_trap_get() - Ask for a trap.
 * @client: need not own it
 * @id: the trap
 * @info: the trap
 *
 * Return: 0 or a negative errno; see gprobe/client.h.
 */
int gprobe_trap_get(struct gprobe_client *client, uint32_t id,
		    struct gprobe_trap_info *info)
{
	return ask_by_id(client, GPROBE_CMD_TRAP_GET, id, info);
}

/**
 * gprobe_trap_list() - List traps.
 * @client: the client
 * @domid: of this guest; GPROBE_ALL_DOMAINS: of all
 * @infos: the caller frees it
 * @nr: how many
 *
 * Return: 0 or a negative errno; see gprobe/client.h.
 */
int gprobe_trap_list(struct gprobe_client *client, uint32_t domid,
		     struct gprobe_trap_info **infos, size_t *nr)
{
	struct gprobe_client_list list = { .kind = &gprobe_kind_trap };
	int ret = gprobe_client_get_list(client, GPROBE_CMD_TRAP_GET,
					 GPROBE_A_TRAP_DOMAIN, domid, &list);

	*infos = (void *)list.infos;
	*nr = list.nr;
	return ret;
}
