// SPDX-License-Identifier: LGPL-2.1-or-later
/* The seam over a client and Xen's libraries. */
#include <gprobe/xen_driver.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"

/**
 * struct gprobe_xen_driver - a guest
 * @client: the session
 * @guest: its memory
 * @domid: which
 * @claims: what claims are to be
 */
struct gprobe_xen_driver {
	struct gprobe_client *client;
	struct gprobe_guest *guest;
	uint32_t domid;
	struct gprobe_xen_claims claims;
};

/* A guest that is not there any more has died. */
static int answer(struct gprobe_xen_driver *driver, int ret)
{
	if (ret == -ESHUTDOWN)
		gprobe_xen_driver_drop(driver);
	return ret;
}

static int memory_answer(struct gprobe_xen_driver *driver, int ret)
{
	return answer(driver, ret == -ESRCH ? -ESHUTDOWN : ret);
}

/* --- memory --- */

static int read_paging(struct gprobe_xen_driver *driver,
		       struct gprobe_vcpu *vcpu)
{
	int ret = gprobe_guest_paging(driver->guest, vcpu);

	/* No such domain; the seam has that for views. */
	return memory_answer(driver, ret == -ENOENT ? -ESHUTDOWN : ret);
}

static int paging_levels(void *arg)
{
	struct gprobe_vcpu vcpu;
	int ret = read_paging(arg, &vcpu);

	return ret ? ret : gprobe_paging_levels(&vcpu);
}

static int translate_one(struct gprobe_xen_driver *driver,
			 const struct gprobe_vcpu *vcpu,
			 struct gprobe_translation *translation)
{
	struct gprobe_memory memory = gprobe_guest_memory(driver->guest);
	struct gprobe_place place;
	int ret = gprobe_walk(&memory, vcpu, translation->root,
			      translation->gva, &place);

	if (!ret)
		translation->gpa = place.gfn * GPROBE_PAGE_SIZE + place.offset;
	/* The guest would fault. */
	return memory_answer(driver, ret == -EBADMSG ? -ENXIO : ret);
}

static int translate(void *arg, struct gprobe_translation *translations,
		     size_t nr)
{
	struct gprobe_xen_driver *driver = arg;
	struct gprobe_vcpu vcpu;
	int ret = read_paging(driver, &vcpu);
	size_t i;

	for (i = 0; i < nr && !ret; i++)
		translations[i].ret = translate_one(driver, &vcpu,
						    &translations[i]);
	gprobe_guest_forget(driver->guest);
	return ret;
}

static int read_frame(void *arg, uint64_t gfn, uint32_t offset, void *buffer,
		      size_t bytes)
{
	struct gprobe_xen_driver *driver = arg;
	struct gprobe_memory memory = gprobe_guest_memory(driver->guest);
	int ret = memory.read(memory.arg, gfn, offset, buffer, bytes);

	gprobe_guest_forget(driver->guest);
	return memory_answer(driver, ret);
}

static void frame_put(void *arg, uint64_t gfn, const void *map)
{
	struct gprobe_xen_driver *driver = arg;

	(void)gfn;
	gprobe_guest_frame_put(driver->guest, map);
}

static int frame_get(void *arg, const uint64_t *gfns, size_t nr,
		     const void **maps)
{
	struct gprobe_xen_driver *driver = arg;
	size_t i;
	int ret;

	for (i = 0; i < nr; i++) {
		ret = gprobe_guest_frame_get(driver->guest, gfns[i], &maps[i]);
		if (ret)
			break;
	}
	if (i == nr)
		return 0;
	while (i--)
		frame_put(driver, gfns[i], maps[i]);
	return memory_answer(driver, ret);
}

/* --- calls --- */

/**
 * struct batch - calls that are asked of the module at once
 * @driver: the guest
 * @calls: of which some need not be asked
 * @asked: numbers of those that are
 * @nr: how many are
 * @infos: what the module answered about a claim
 * @came: it did
 */
struct batch {
	struct gprobe_xen_driver *driver;
	struct gprobe_call *calls;
	size_t asked[GPROBE_NETLINK_REQUESTS];
	uint32_t nr;
	struct gprobe_claim_info infos[GPROBE_NETLINK_REQUESTS];
	bool came[GPROBE_NETLINK_REQUESTS];
};

static struct nlmsghdr *request(struct batch *batch, size_t which, uint8_t cmd)
{
	struct gprobe_netlink *netlink = &batch->driver->client->netlink;

	batch->came[batch->nr] = false;
	batch->asked[batch->nr++] = which;
	return batch->nr == 1 ?
	       gprobe_netlink_request(netlink, cmd, NLM_F_ACK) :
	       gprobe_netlink_add(netlink, cmd, NLM_F_ACK);
}

static int ask_claim_new(struct batch *batch, size_t which)
{
	const struct gprobe_call *call = &batch->calls[which];
	const struct gprobe_xen_claims *claims = &batch->driver->claims;
	struct gprobe_claim_spec spec = {
		.domid = batch->driver->domid,
		.view = call->view, .gfn = call->gfn, .offset = call->offset,
		.root = call->root, .action = GPROBE_ACTION_COUNT,
		.cookie = call->tag,
	};
	int ret = claims->fill ? claims->fill(claims->arg, call, &spec) : 0;

	if (!ret && spec.label && strlen(spec.label) > GPROBE_LABEL_MAX)
		ret = -ENAMETOOLONG;
	if (!ret)
		gprobe_client_put_claim(request(batch, which,
						GPROBE_CMD_CLAIM_NEW), &spec);
	return ret;
}

static void ask_watch(struct batch *batch, size_t which)
{
	const struct gprobe_call *call = &batch->calls[which];
	struct gprobe_watch watch = {
		.domid = batch->driver->domid,
		.view = call->view, .gfn = call->gfn,
	};

	if (call->entries)
		memcpy(watch.entries, call->entries, sizeof(watch.entries));
	gprobe_client_put_watch(request(batch, which, GPROBE_CMD_WATCH_SET),
				&watch);
}

/* Put a call into the batch, or answer why not. */
static int ask(struct batch *batch, size_t which)
{
	const struct gprobe_call *call = &batch->calls[which];

	if (call->view == GPROBE_VIEW_HOST)
		return -EINVAL;
	switch (call->kind) {
	case GPROBE_CALL_CLAIM_NEW:
		return ask_claim_new(batch, which);
	case GPROBE_CALL_CLAIM_DEL:
		mnl_attr_put_u32(request(batch, which, GPROBE_CMD_CLAIM_DEL),
				 GPROBE_A_CLAIM_ID, call->id);
		return 0;
	case GPROBE_CALL_WATCH:
		ask_watch(batch, which);
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

static int on_claim(const struct nlmsghdr *message, void *arg)
{
	struct batch *batch = arg;
	uint32_t i = gprobe_netlink_index(&batch->driver->client->netlink,
					  message);

	batch->came[i] = true;
	return gprobe_info_parse(&gprobe_kind_claim, message,
				 &batch->infos[i]);
}

static void take(struct batch *batch, uint32_t i)
{
	const struct gprobe_xen_claims *claims = &batch->driver->claims;
	struct gprobe_call *call = &batch->calls[batch->asked[i]];

	call->ret = answer(batch->driver,
			   batch->driver->client->netlink.ends[i].ret);
	if (call->ret || call->kind == GPROBE_CALL_WATCH)
		return;
	if (!batch->came[i])
		call->ret = -EPROTO;
	else if (call->kind == GPROBE_CALL_CLAIM_NEW)
		call->id = batch->infos[i].id;
	else if (claims->deleted)
		claims->deleted(claims->arg, &batch->infos[i]);
}

static void send_batch(struct batch *batch)
{
	uint32_t i;

	if (!batch->nr)
		return;
	gprobe_netlink_talk(&batch->driver->client->netlink, on_claim, batch);
	for (i = 0; i < batch->nr; i++)
		take(batch, i);
	batch->nr = 0;
}

static int call_batch(void *arg, struct gprobe_call *calls, size_t nr)
{
	struct batch batch = { .driver = arg, .calls = calls };
	size_t i;

	for (i = 0; i < nr; i++) {
		calls[i].ret = ask(&batch, i);
		if (batch.nr == GPROBE_NETLINK_REQUESTS)
			send_batch(&batch);
	}
	send_batch(&batch);
	for (i = 0; i < nr; i++)
		if (calls[i].ret)
			return calls[i].ret;
	return 0;
}

/* --- views --- */

static int view_new(void *arg, uint32_t *view)
{
	struct gprobe_xen_driver *driver = arg;
	struct gprobe_view_info info;
	int ret = gprobe_view_new(driver->client, driver->domid, &info);

	if (!ret)
		*view = info.id;
	return answer(driver, ret);
}

static int view_del(void *arg, uint32_t view)
{
	struct gprobe_xen_driver *driver = arg;

	if (view == GPROBE_VIEW_HOST)
		return -EINVAL;
	return answer(driver, gprobe_view_del(driver->client, driver->domid,
					      view));
}

/* Sessions share the view that is active, so that none can leave it for 0. */
static int view_switch(void *arg, uint32_t view)
{
	struct gprobe_xen_driver *driver = arg;

	if (view == GPROBE_VIEW_HOST)
		return -EOPNOTSUPP;
	return answer(driver, gprobe_view_switch(driver->client,
						 driver->domid, view));
}

static const struct gprobe_driver_ops ops = {
	.features = GPROBE_DRIVER_CLAIMS | GPROBE_DRIVER_CLAIM_ROOTS |
		    GPROBE_DRIVER_WATCHES | GPROBE_DRIVER_VIEWS,
	.paging_levels = paging_levels,
	.translate = translate,
	.read = read_frame,
	.frame_get = frame_get,
	.frame_put = frame_put,
	.call = call_batch,
	.view_new = view_new,
	.view_del = view_del,
	.view_switch = view_switch,
};

/**
 * gprobe_xen_driver_new() - Make a driver of an attached guest.
 * @client: attached to it; outlives the driver
 * @guest: its memory; outlives the driver, and is the driver's alone
 * @domid: Xen's number
 * @claims: what claims are to be; copied; NULL: they count
 * @driver: for gprobe_xen_driver_free()
 *
 * Return: 0 or -ENOMEM.
 */
int gprobe_xen_driver_new(struct gprobe_client *client,
			  struct gprobe_guest *guest, uint32_t domid,
			  const struct gprobe_xen_claims *claims,
			  struct gprobe_xen_driver **driver)
{
	struct gprobe_xen_driver *made = calloc(1, sizeof(*made));

	if (!made)
		return -ENOMEM;
	made->client = client;
	made->guest = guest;
	made->domid = domid;
	if (claims)
		made->claims = *claims;
	*driver = made;
	return 0;
}

/**
 * gprobe_xen_driver_free() - Free a driver.
 * @driver: or NULL; the tables above are freed, all frames put
 *
 * What is in the guest stays until the client is closed.
 */
void gprobe_xen_driver_free(struct gprobe_xen_driver *driver)
{
	free(driver);
}

/**
 * gprobe_xen_driver() - The driver, for the tables.
 * @driver: outlives them
 *
 * Return: the driver.
 */
struct gprobe_driver gprobe_xen_driver(struct gprobe_xen_driver *driver)
{
	return (struct gprobe_driver){ .ops = &ops, .arg = driver };
}

/**
 * gprobe_xen_driver_drop() - The guest dies: let go of its frames.
 * @driver: the driver; claims can still be deleted, for their figures
 */
void gprobe_xen_driver_drop(struct gprobe_xen_driver *driver)
{
	gprobe_guest_drop(driver->guest);
}
