// SPDX-License-Identifier: GPL-2.0
#include "session.h"

#include <errno.h>

#include "tap.h"
#include "user/lib/client.h"

struct gprobe_client *session_open(const struct guest *guest)
{
	struct gprobe_domain_info info;
	struct gprobe_client *client;
	int ret = gprobe_client_open(&client);

	if (ret)
		bail("open a client", ret);
	ret = gprobe_domain_attach(client, guest->spec.domid,
				   GPROBE_FAKE_DOMCTL_VERSION, &info);
	if (ret)
		bail(gprobe_client_message(client), ret);
	return client;
}

struct gprobe_claim_spec claim_at(const struct guest *guest,
				  struct place place)
{
	return (struct gprobe_claim_spec){
		.domid = guest->spec.domid, .gfn = place.gfn,
		.offset = place.offset, .action = GPROBE_ACTION_COUNT,
		.step = GPROBE_STEP_EMULATE,
	};
}

struct gprobe_claim_spec claim_stepped(const struct guest *guest,
				       struct place place, uint32_t step)
{
	struct gprobe_claim_spec spec = claim_at(guest, place);

	spec.step = step;
	spec.insn_bytes = step == GPROBE_STEP_SKIP ? INSN_BYTES : 0;
	return spec;
}

uint32_t session_claim_spec(struct gprobe_client *client,
			    const struct gprobe_claim_spec *spec)
{
	struct gprobe_claim_info info;
	int ret = gprobe_claim_new(client, spec, &info);

	if (ret)
		bail(gprobe_client_message(client), ret);
	return info.id;
}

uint32_t session_claim(struct gprobe_client *client, const struct guest *guest,
		       struct place place, uint32_t step)
{
	struct gprobe_claim_spec spec = claim_stepped(guest, place, step);

	return session_claim_spec(client, &spec);
}

static struct nlmsghdr *next_request(struct gprobe_client *client,
				     unsigned int i, uint8_t cmd)
{
	return i ? gprobe_netlink_add(&client->netlink, cmd, NLM_F_ACK) :
		   gprobe_client_request(client, cmd);
}

/* The claims' numbers, in the order of the requests. */
struct answers {
	struct gprobe_client *client;
	uint32_t *ids;
};

static int on_claim(const struct nlmsghdr *message, void *arg)
{
	struct answers *answers = arg;
	struct gprobe_claim_info info;
	uint32_t i = gprobe_netlink_index(&answers->client->netlink, message);
	int ret = gprobe_info_parse(&gprobe_kind_claim, message, &info);

	answers->ids[i] = info.id;
	return ret;
}

static void send_many(struct gprobe_client *client, gprobe_answer_fn on_answer,
		      void *arg, int *rets)
{
	uint32_t i;

	gprobe_netlink_talk(&client->netlink, on_answer, arg);
	for (i = 0; i < client->netlink.nr; i++)
		rets[i] = client->netlink.ends[i].ret;
}

void session_claim_many(struct gprobe_client *client,
			const struct gprobe_claim_spec *specs, unsigned int nr,
			int *rets, uint32_t *ids)
{
	struct answers answers = { .client = client, .ids = ids };
	unsigned int i;

	for (i = 0; i < nr; i++)
		gprobe_client_put_claim(next_request(client, i,
						     GPROBE_CMD_CLAIM_NEW),
					&specs[i]);
	send_many(client, on_claim, &answers, rets);
}

void session_unclaim_many(struct gprobe_client *client, const uint32_t *ids,
			  unsigned int nr, int *rets)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		mnl_attr_put_u32(next_request(client, i, GPROBE_CMD_CLAIM_DEL),
				 GPROBE_A_CLAIM_ID, ids[i]);
	send_many(client, NULL, NULL, rets);
}

void session_watch_many(struct gprobe_client *client,
			const struct gprobe_watch *watches, unsigned int nr,
			int *rets)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		gprobe_client_put_watch(next_request(client, i,
						     GPROBE_CMD_WATCH_SET),
					&watches[i]);
	send_many(client, NULL, NULL, rets);
}

struct gprobe_claim_info session_claim_info(struct gprobe_client *client,
					    uint32_t claim)
{
	struct gprobe_claim_info info;
	int ret = gprobe_claim_get(client, claim, &info);

	if (ret)
		bail("look at a claim", ret);
	return info;
}

uint64_t session_hits(struct gprobe_client *client, uint32_t claim)
{
	return session_claim_info(client, claim).hits;
}

struct gprobe_stats session_stats(struct gprobe_client *client,
				  const struct guest *guest)
{
	struct gprobe_domain_info info;
	int ret = gprobe_domain_get(client, guest->spec.domid, &info);

	if (ret)
		bail("look at a domain", ret);
	return info.stats;
}

bool is_detached(const struct guest *guest)
{
	struct gprobe_domain_info info;
	struct gprobe_client *client;
	int ret = gprobe_client_open(&client);

	if (ret)
		bail("open a client", ret);
	ret = gprobe_domain_get(client, guest->spec.domid, &info);
	gprobe_client_close(client);
	return ret == -ENOENT;
}

void check_as_found(const struct guest *guest, const char *when)
{
	const char *differs;

	ok(is_detached(guest), "%s: nobody is attached", when);
	differs = guest_differs(guest);
	ok(!differs, "%s: the guest is as it was found", when);
	if (differs)
		note("not as it was: %s", differs);
}
