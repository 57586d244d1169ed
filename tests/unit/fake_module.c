// SPDX-License-Identifier: GPL-2.0
#include "fake_module.h"

#include <linux/genetlink.h>
#include <linux/gprobe.h>
#include <string.h>

#include "fake_peer.h"
#include "unit.h"

struct gprobe_client *module_client(void)
{
	struct gprobe_client *client;

	peer_reset();
	peer_family();
	ck_assert_int_eq(gprobe_client_open(&client), 0);
	return client;
}

void module_client_close(struct gprobe_client *client)
{
	gprobe_client_close(client);
	ck_assert_int_eq(peer_nr_open(), 0);
	ck_assert(peer_is_empty());
}

void module_put_domain(struct nlmsghdr *head, uint32_t domid)
{
	struct nlattr *nest;
	uint16_t attribute;

	mnl_attr_put_u32(head, GPROBE_A_DOMAIN_ID, domid);
	for (attribute = GPROBE_A_DOMAIN_STATE;
	     attribute < GPROBE_A_DOMAIN_STATS; attribute++)
		mnl_attr_put_u32(head, attribute, 1);
	nest = mnl_attr_nest_start(head, GPROBE_A_DOMAIN_STATS);
	for (attribute = GPROBE_A_STATS_EVENTS;
	     attribute <= GPROBE_A_STATS_MAX; attribute++)
		mnl_attr_put_u64(head, attribute, 1);
	mnl_attr_nest_end(head, nest);
	mnl_attr_put_u32(head, GPROBE_A_DOMAIN_WATCHES, 1);
}

void module_put_view(struct nlmsghdr *head, uint32_t id)
{
	mnl_attr_put_u32(head, GPROBE_A_VIEW_DOMAIN, 1);
	mnl_attr_put_u32(head, GPROBE_A_VIEW_ID, id);
	mnl_attr_put_u32(head, GPROBE_A_VIEW_SITES, 1);
	mnl_attr_put_u32(head, GPROBE_A_VIEW_FRAMES, 1);
}

void module_put_site(struct nlmsghdr *head, uint64_t gfn)
{
	mnl_attr_put_u32(head, GPROBE_A_SITE_DOMAIN, 1);
	mnl_attr_put_u32(head, GPROBE_A_SITE_VIEW, 1);
	mnl_attr_put_u64(head, GPROBE_A_SITE_GFN, gfn);
	mnl_attr_put_u32(head, GPROBE_A_SITE_OFFSET, 1);
	mnl_attr_put_u32(head, GPROBE_A_SITE_STEP, 1);
	mnl_attr_put_u32(head, GPROBE_A_SITE_CLAIMS, 1);
	mnl_attr_put_u64(head, GPROBE_A_SITE_HITS, 1);
}

void module_put_claim(struct nlmsghdr *head, uint32_t id)
{
	mnl_attr_put_u32(head, GPROBE_A_CLAIM_ID, id);
	mnl_attr_put_u32(head, GPROBE_A_CLAIM_DOMAIN, 1);
	mnl_attr_put_u32(head, GPROBE_A_CLAIM_VIEW, 1);
	mnl_attr_put_u64(head, GPROBE_A_CLAIM_GFN, 1);
	mnl_attr_put_u32(head, GPROBE_A_CLAIM_OFFSET, 1);
	mnl_attr_put_u32(head, GPROBE_A_CLAIM_ACTION, 1);
	mnl_attr_put_u64(head, GPROBE_A_CLAIM_COOKIE, 1);
	mnl_attr_put_u32(head, GPROBE_A_CLAIM_SESSION, 1);
	mnl_attr_put_u64(head, GPROBE_A_CLAIM_HITS, 1);
	mnl_attr_put_u64(head, GPROBE_A_CLAIM_FILTERED, 1);
	mnl_attr_put_u64(head, GPROBE_A_CLAIM_LIMITED, 1);
}

void module_put_watch(struct nlmsghdr *head, uint64_t gfn)
{
	static const uint8_t entries[GPROBE_ENTRIES_BYTES] = { 1 };

	mnl_attr_put_u32(head, GPROBE_A_WATCH_DOMAIN, 1);
	mnl_attr_put_u32(head, GPROBE_A_WATCH_VIEW, 1);
	mnl_attr_put_u64(head, GPROBE_A_WATCH_GFN, gfn);
	mnl_attr_put(head, GPROBE_A_WATCH_ENTRIES, sizeof(entries), entries);
	mnl_attr_put_u32(head, GPROBE_A_WATCH_SESSION, 1);
}

void module_put_trap(struct nlmsghdr *head, uint32_t id)
{
	mnl_attr_put_u32(head, GPROBE_A_TRAP_ID, id);
	mnl_attr_put_u32(head, GPROBE_A_TRAP_DOMAIN, 1);
	mnl_attr_put_u32(head, GPROBE_A_TRAP_KIND, 1);
	mnl_attr_put_u32(head, GPROBE_A_TRAP_ACTION, 1);
	mnl_attr_put_u64(head, GPROBE_A_TRAP_COOKIE, 1);
	mnl_attr_put_u32(head, GPROBE_A_TRAP_SESSION, 1);
	mnl_attr_put_u64(head, GPROBE_A_TRAP_EVENTS, 1);
}

static void put_place(struct nlmsghdr *head, const struct gprobe_upcall *upcall)
{
	mnl_attr_put_u32(head, GPROBE_A_UPCALL_DOMAIN, upcall->domid);
	mnl_attr_put_u64(head, GPROBE_A_UPCALL_SEQ, upcall->seq);
	mnl_attr_put_u32(head, GPROBE_A_UPCALL_VCPU, upcall->vcpu);
	mnl_attr_put_u32(head, GPROBE_A_UPCALL_REASON, upcall->reason);
	mnl_attr_put_u32(head, GPROBE_A_UPCALL_VIEW, upcall->view);
}

static void put_entry(struct nlmsghdr *head, const struct gprobe_upcall *upcall)
{
	mnl_attr_put_u64(head, GPROBE_A_UPCALL_GFN, upcall->gfn);
	mnl_attr_put_u32(head, GPROBE_A_UPCALL_INDEX, upcall->index);
	mnl_attr_put_u64(head, GPROBE_A_UPCALL_OLD, upcall->old_value);
	mnl_attr_put_u64(head, GPROBE_A_UPCALL_NEW, upcall->new_value);
}

void module_put_upcall(struct nlmsghdr *head, uint64_t seq)
{
	const struct gprobe_upcall upcall = {
		.domid = 1, .vcpu = 1, .reason = GPROBE_UPCALL_REASON_TABLE,
		.view = 1, .index = 1, .seq = seq, .gfn = 1,
		.old_value = 1, .new_value = 1,
	};

	put_place(head, &upcall);
	put_entry(head, &upcall);
}

static void put_regs(struct nlmsghdr *head, const struct gprobe_upcall *upcall,
		     bool timed_out)
{
	if (!timed_out)
		mnl_attr_put(head, GPROBE_A_UPCALL_REGS, sizeof(upcall->regs),
			     &upcall->regs);
}

static void put_hit(struct nlmsghdr *head, const struct gprobe_upcall *upcall,
		    bool timed_out)
{
	mnl_attr_put_u64(head, GPROBE_A_UPCALL_GFN, upcall->gfn);
	mnl_attr_put_u32(head, GPROBE_A_UPCALL_CLAIM, upcall->claim);
	mnl_attr_put_u64(head, GPROBE_A_UPCALL_COOKIE, upcall->cookie);
	mnl_attr_put_u32(head, GPROBE_A_UPCALL_OFFSET, upcall->offset);
	put_regs(head, upcall, timed_out);
}

static void put_trapped(struct nlmsghdr *head,
			const struct gprobe_upcall *upcall, bool timed_out)
{
	mnl_attr_put_u32(head, GPROBE_A_UPCALL_TRAP, upcall->trap);
	mnl_attr_put_u64(head, GPROBE_A_UPCALL_COOKIE, upcall->cookie);
	mnl_attr_put_u32(head, GPROBE_A_UPCALL_KIND, upcall->kind);
	mnl_attr_put_u64(head, GPROBE_A_UPCALL_KEY, upcall->key);
	mnl_attr_put_u64(head, GPROBE_A_UPCALL_SUBKEY, upcall->subkey);
	mnl_attr_put_u64(head, GPROBE_A_UPCALL_OLD, upcall->old_value);
	mnl_attr_put_u64(head, GPROBE_A_UPCALL_NEW, upcall->new_value);
	put_regs(head, upcall, timed_out);
}

void module_put_hit(struct nlmsghdr *head, uint32_t reason, uint64_t seq)
{
	const struct gprobe_upcall upcall = {
		.domid = 1, .vcpu = 1, .reason = reason, .view = 1, .claim = 1,
		.offset = 1, .seq = seq, .gfn = 1, .cookie = 1,
		.regs = { .rax = 1, .rip = 1 },
	};

	put_place(head, &upcall);
	put_hit(head, &upcall, false);
}

static uint32_t u32_of(const struct nlmsghdr *head, uint16_t type)
{
	const struct nlattr *attribute = peer_attribute_of(head, type);

	return attribute ? mnl_attr_get_u32(attribute) : 0;
}

static uint64_t u64_of(const struct nlmsghdr *head, uint16_t type)
{
	const struct nlattr *attribute = peer_attribute_of(head, type);

	return attribute ? mnl_attr_get_u64(attribute) : 0;
}

static void put_claim(const struct fake_module *module,
		      const struct nlmsghdr *request, uint32_t id,
		      uint16_t flags)
{
	const struct fake_claim *claim = &module->claims[id - 1];
	struct nlmsghdr *head = peer_put(PEER_FAMILY, flags);

	head->nlmsg_seq = request->nlmsg_seq;
	mnl_attr_put_u32(head, GPROBE_A_CLAIM_ID, id);
	mnl_attr_put_u32(head, GPROBE_A_CLAIM_DOMAIN, 3);
	mnl_attr_put_u32(head, GPROBE_A_CLAIM_VIEW, module->view);
	mnl_attr_put_u64(head, GPROBE_A_CLAIM_GFN, claim->gfn);
	mnl_attr_put_u32(head, GPROBE_A_CLAIM_OFFSET, claim->offset);
	mnl_attr_put_u32(head, GPROBE_A_CLAIM_ACTION, claim->action);
	mnl_attr_put_u64(head, GPROBE_A_CLAIM_COOKIE, claim->cookie);
	mnl_attr_put_u32(head, GPROBE_A_CLAIM_SESSION, PEER_PORTID);
	mnl_attr_put_u64(head, GPROBE_A_CLAIM_HITS, claim->hits);
	mnl_attr_put_u64(head, GPROBE_A_CLAIM_FILTERED, 0);
	mnl_attr_put_u64(head, GPROBE_A_CLAIM_LIMITED, claim->limited);
	peer_end();
}

static void claim_new(struct fake_module *module,
		      const struct nlmsghdr *request)
{
	const struct nlattr *vcpus = peer_attribute_of(request,
						       GPROBE_A_CLAIM_VCPUS);
	uint32_t i;

	for (i = 0; module->claims[i].used; i++)
		unit_assert(i + 1 < MODULE_CLAIMS);
	module->claims[i] = (struct fake_claim){
		.gfn = u64_of(request, GPROBE_A_CLAIM_GFN),
		.offset = u32_of(request, GPROBE_A_CLAIM_OFFSET),
		.root = u64_of(request, GPROBE_A_CLAIM_ROOT),
		.cookie = u64_of(request, GPROBE_A_CLAIM_COOKIE),
		.step = u32_of(request, GPROBE_A_CLAIM_STEP),
		.insn_bytes = u32_of(request, GPROBE_A_CLAIM_INSN_BYTES),
		.action = u32_of(request, GPROBE_A_CLAIM_ACTION),
		.cpls = u32_of(request, GPROBE_A_CLAIM_CPLS),
		.rate = u32_of(request, GPROBE_A_CLAIM_RATE),
		.off_after = u64_of(request, GPROBE_A_CLAIM_OFF_AFTER),
		.vcpus = vcpus ? *(uint8_t *)mnl_attr_get_payload(vcpus) : 0,
		.hits = 1,
		.used = true,
	};
	unit_assert(u32_of(request, GPROBE_A_CLAIM_VIEW) == module->view);
	module->nr_claims++;
	put_claim(module, request, i + 1, 0);
}

static void claim_del(struct fake_module *module,
		      const struct nlmsghdr *request)
{
	uint32_t id = u32_of(request, GPROBE_A_CLAIM_ID);

	unit_assert(id && id <= MODULE_CLAIMS && module->claims[id - 1].used);
	module->claims[id - 1].used = false;
	module->nr_claims--;
	put_claim(module, request, id, 0);
}

static void list_claims(const struct fake_module *module,
			const struct nlmsghdr *request)
{
	uint32_t i;

	for (i = 0; i < MODULE_CLAIMS; i++)
		if (module->claims[i].used)
			put_claim(module, request, i + 1, NLM_F_MULTI);
	peer_put_done(0)->nlmsg_seq = request->nlmsg_seq;
	peer_end();
}

static void watch_set(struct fake_module *module,
		      const struct nlmsghdr *request)
{
	uint64_t gfn = u64_of(request, GPROBE_A_WATCH_GFN);

	unit_assert(gfn < MODULE_TABLES);
	unit_assert(u32_of(request, GPROBE_A_WATCH_VIEW) == module->view);
	memcpy(module->watched[gfn],
	       mnl_attr_get_payload(peer_attribute_of(request,
						 GPROBE_A_WATCH_ENTRIES)),
	       GPROBE_ENTRIES_BYTES);
}

static void reply(struct fake_module *module, const struct nlmsghdr *request)
{
	unsigned int i = module->nr_replied++ % MODULE_REPLIES;

	module->replied[i] = u64_of(request, GPROBE_A_UPCALL_SEQ);
	module->verdicts[i] = u32_of(request, GPROBE_A_UPCALL_VERDICT);
	module->claims_at_reply = module->nr_claims;
}

static int do_request(struct fake_module *module,
		      const struct nlmsghdr *request, uint8_t cmd)
{
	if (module->fail_times && cmd == module->fail_cmd) {
		module->fail_times--;
		return module->fail_err;
	}
	switch (cmd) {
	case GPROBE_CMD_CLAIM_NEW:
		claim_new(module, request);
		return 0;
	case GPROBE_CMD_CLAIM_DEL:
		claim_del(module, request);
		return 0;
	case GPROBE_CMD_WATCH_SET:
		watch_set(module, request);
		return 0;
	case GPROBE_CMD_UPCALL_REPLY:
		reply(module, request);
		return 0;
	}
	ck_abort_msg("command %u", cmd);
	return 0;
}

void module_serve(const struct nlmsghdr *request, void *arg)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(request);
	struct fake_module *module = arg;
	int err;

	if (genl->cmd == GPROBE_CMD_CLAIM_GET && !module->fail_times) {
		list_claims(module, request);
		return;
	}
	err = do_request(module, request, genl->cmd);
	if (!err && !(request->nlmsg_flags & NLM_F_ACK))
		return;
	peer_put_error(err, NULL)->nlmsg_seq = request->nlmsg_seq;
	peer_end();
}

void module_fail(struct fake_module *module, uint8_t cmd, int err,
		 unsigned int times)
{
	module->fail_cmd = cmd;
	module->fail_err = err;
	module->fail_times = times;
}

void module_upcall(uint8_t cmd, const struct gprobe_upcall *upcall)
{
	union {
		struct nlmsghdr head;
		char bytes[512];
	} message = { 0 };
	struct nlmsghdr *head = mnl_nlmsg_put_header(message.bytes);

	head->nlmsg_type = PEER_FAMILY;
	mnl_nlmsg_put_extra_header(head, sizeof(struct genlmsghdr));
	((struct genlmsghdr *)mnl_nlmsg_get_payload(head))->cmd = cmd;
	put_place(head, upcall);
	if (upcall->reason == GPROBE_UPCALL_REASON_TABLE)
		put_entry(head, upcall);
	else if (upcall->reason == GPROBE_UPCALL_REASON_TRAP)
		put_trapped(head, upcall,
			    cmd == GPROBE_CMD_UPCALL_TIMEOUT_NTF);
	else
		put_hit(head, upcall, cmd == GPROBE_CMD_UPCALL_TIMEOUT_NTF);
	peer_notify(head);
}
