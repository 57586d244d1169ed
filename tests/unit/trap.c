// SPDX-License-Identifier: GPL-2.0
/* Traps: asked for in full, listed, and told of. */
#include <gprobe/client.h>

#include <errno.h>
#include <linux/genetlink.h>
#include <stdlib.h>
#include <string.h>

#include "fake_module.h"
#include "fake_peer.h"
#include "unit.h"

static uint8_t cmd_of_request(void)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(peer_request());

	return genl->cmd;
}

static uint64_t asked(uint16_t attribute)
{
	const struct nlattr *found = peer_attribute(attribute);
	uint64_t value = 0;

	ck_assert_ptr_nonnull(found);
	ck_assert_uint_le(mnl_attr_get_payload_len(found), sizeof(value));
	memcpy(&value, mnl_attr_get_payload(found),
	       mnl_attr_get_payload_len(found));
	return value;
}

static void lay_out_trap(uint32_t id)
{
	module_put_trap(peer_put(PEER_FAMILY, 0), id);
	peer_end();
	peer_ack();
}

/* Asked for with these attributes, a bit each, and no others. */
static void is_asked_for(struct gprobe_client *client,
			 const struct gprobe_trap_spec *spec, uint32_t parts)
{
	struct gprobe_trap_info info;
	uint16_t attribute;

	parts |= 1u << GPROBE_A_TRAP_DOMAIN | 1u << GPROBE_A_TRAP_KIND |
		 1u << GPROBE_A_TRAP_ACTION | 1u << GPROBE_A_TRAP_COOKIE;
	lay_out_trap(9);
	ck_assert_int_eq(gprobe_trap_new(client, spec, &info), 0);
	ck_assert_uint_eq(info.id, 9);
	ck_assert_uint_eq(cmd_of_request(), GPROBE_CMD_TRAP_NEW);
	for (attribute = 1; attribute <= GPROBE_A_TRAP_MAX; attribute++)
		ck_assert_int_eq(!!peer_attribute(attribute),
				 parts >> attribute & 1);
	ck_assert_uint_eq(asked(GPROBE_A_TRAP_DOMAIN), spec->domid);
	ck_assert_uint_eq(asked(GPROBE_A_TRAP_KIND), spec->kind);
	ck_assert_uint_eq(asked(GPROBE_A_TRAP_ACTION), spec->action);
	ck_assert_uint_eq(asked(GPROBE_A_TRAP_COOKIE), spec->cookie);
}

START_TEST(a_trap_is_asked_for_with_what_its_kind_has)
{
	struct gprobe_trap_spec spec = {
		.domid = 3, .kind = GPROBE_TRAP_KIND_CPUID,
		.action = GPROBE_ACTION_RECORD, .cookie = 1ULL << 63,
	};
	struct gprobe_client *client = module_client();

	is_asked_for(client, &spec, 0);
	spec.kind = GPROBE_TRAP_KIND_CR4;
	spec.mask = 1ULL << 40;
	is_asked_for(client, &spec, 1u << GPROBE_A_TRAP_MASK);
	ck_assert_uint_eq(asked(GPROBE_A_TRAP_MASK), 1ULL << 40);
	spec.mask = 0;
	spec.kind = GPROBE_TRAP_KIND_REQUEST;
	spec.user = true;
	is_asked_for(client, &spec, 1u << GPROBE_A_TRAP_USER);
	spec.user = false;
	/* MSR 0 is one. */
	spec.kind = GPROBE_TRAP_KIND_MSR;
	is_asked_for(client, &spec, 1u << GPROBE_A_TRAP_MSR);
	ck_assert_uint_eq(asked(GPROBE_A_TRAP_MSR), 0);
	spec.msr = 0xc0000082;
	spec.on_change = true;
	is_asked_for(client, &spec, 1u << GPROBE_A_TRAP_MSR |
				    1u << GPROBE_A_TRAP_ON_CHANGE);
	ck_assert_uint_eq(asked(GPROBE_A_TRAP_MSR), 0xc0000082);
	module_client_close(client);
}
END_TEST

START_TEST(what_the_module_says_of_a_trap_is_told)
{
	const struct gprobe_trap_spec spec = {
		.domid = 3, .kind = GPROBE_TRAP_KIND_IO,
	};
	struct gprobe_client *client = module_client();
	struct gprobe_trap_info info;

	peer_put_error(-EOPNOTSUPP, "not with this Xen");
	peer_end();
	ck_assert_int_eq(gprobe_trap_new(client, &spec, &info), -EOPNOTSUPP);
	ck_assert_str_eq(gprobe_client_message(client), "not with this Xen");
	/* An answer that has nothing in it. */
	peer_ack();
	ck_assert_int_eq(gprobe_trap_new(client, &spec, &info), -EPROTO);
	module_client_close(client);
}
END_TEST

START_TEST(a_trap_is_asked_after_and_removed_by_its_number)
{
	struct gprobe_client *client = module_client();
	struct gprobe_trap_info info;

	lay_out_trap(7);
	ck_assert_int_eq(gprobe_trap_get(client, 7, &info), 0);
	ck_assert_uint_eq(cmd_of_request(), GPROBE_CMD_TRAP_GET);
	ck_assert_uint_eq(asked(GPROBE_A_TRAP_ID), 7);
	ck_assert_uint_eq(info.id, 7);
	lay_out_trap(8);
	ck_assert_int_eq(gprobe_trap_del(client, 8, &info), 0);
	ck_assert_uint_eq(cmd_of_request(), GPROBE_CMD_TRAP_DEL);
	ck_assert_uint_eq(asked(GPROBE_A_TRAP_ID), 8);
	ck_assert_uint_eq(info.events, 1);
	module_client_close(client);
}
END_TEST

START_TEST(traps_are_listed)
{
	struct gprobe_client *client = module_client();
	struct gprobe_trap_info *infos;
	size_t nr;

	module_put_trap(peer_put(PEER_FAMILY, NLM_F_MULTI), 8);
	module_put_trap(peer_put(PEER_FAMILY, NLM_F_MULTI), 9);
	peer_put_done(0);
	peer_end();
	ck_assert_int_eq(gprobe_trap_list(client, 3, &infos, &nr), 0);
	ck_assert_uint_eq(cmd_of_request(), GPROBE_CMD_TRAP_GET);
	ck_assert_uint_eq(asked(GPROBE_A_TRAP_DOMAIN), 3);
	ck_assert_uint_eq(nr, 2);
	ck_assert_uint_eq(infos[0].id, 8);
	ck_assert_uint_eq(infos[1].id, 9);
	free(infos);
	module_client_close(client);
}
END_TEST

START_TEST(an_event_is_read_with_its_values_and_registers)
{
	const struct gprobe_upcall sent = {
		.domid = 3, .vcpu = 2, .view = 4, .trap = 5, .seq = 6,
		.reason = GPROBE_UPCALL_REASON_TRAP,
		.kind = GPROBE_TRAP_KIND_MSR, .key = 0xc0000082,
		.subkey = 1ULL << 62, .old_value = 1ULL << 61,
		.new_value = 1ULL << 60, .cookie = 1ULL << 63,
		.regs = { .rax = 7, .rip = 1ULL << 47, .cs = 8 },
	};
	struct gprobe_client *client = module_client();
	struct gprobe_upcall upcall;

	module_upcall(GPROBE_CMD_UPCALL_NTF, &sent);
	ck_assert_int_eq(gprobe_upcall_read(client, &upcall), 0);
	ck_assert_uint_eq(upcall.reason, GPROBE_UPCALL_REASON_TRAP);
	ck_assert_uint_eq(upcall.vcpu, 2);
	ck_assert_uint_eq(upcall.view, 4);
	ck_assert_uint_eq(upcall.trap, 5);
	ck_assert_uint_eq(upcall.kind, GPROBE_TRAP_KIND_MSR);
	ck_assert_uint_eq(upcall.key, 0xc0000082);
	ck_assert_uint_eq(upcall.subkey, 1ULL << 62);
	ck_assert_uint_eq(upcall.old_value, 1ULL << 61);
	ck_assert_uint_eq(upcall.new_value, 1ULL << 60);
	ck_assert_uint_eq(upcall.cookie, 1ULL << 63);
	ck_assert_mem_eq(&upcall.regs, &sent.regs, sizeof(sent.regs));
	ck_assert(!upcall.timed_out);
	/* Of a vCPU that went on there are no registers. */
	module_upcall(GPROBE_CMD_UPCALL_TIMEOUT_NTF, &sent);
	ck_assert_int_eq(gprobe_upcall_read(client, &upcall), 0);
	ck_assert(upcall.timed_out);
	ck_assert_uint_eq(upcall.trap, 5);
	ck_assert_uint_eq(upcall.regs.rax, 0);
	module_client_close(client);
}
END_TEST

START_TEST(each_kind_has_a_name_of_its_own)
{
	uint32_t kind;

	for (kind = 1; kind <= GPROBE_TRAP_KIND_MAX; kind++)
		ck_assert_uint_eq(gprobe_trap_kind(gprobe_trap_name(kind)),
				  kind);
	ck_assert_ptr_null(gprobe_trap_name(0));
	ck_assert_ptr_null(gprobe_trap_name(GPROBE_TRAP_KIND_MAX + 1));
	ck_assert_ptr_null(gprobe_trap_name(UINT32_MAX));
	ck_assert_uint_eq(gprobe_trap_kind("cr"), 0);
	ck_assert_uint_eq(gprobe_trap_kind(""), 0);
}
END_TEST

Suite *trap_suite(void)
{
	return UNIT_SUITE("trap", each_kind_has_a_name_of_its_own,
		a_trap_is_asked_for_with_what_its_kind_has,
		what_the_module_says_of_a_trap_is_told,
		a_trap_is_asked_after_and_removed_by_its_number,
		traps_are_listed,
		an_event_is_read_with_its_values_and_registers);
}
