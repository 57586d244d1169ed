// SPDX-License-Identifier: GPL-2.0
/* gprobe/client.h: what each call asks, and what comes of the answer. */
#include <gprobe/client.h>

#include <errno.h>
#include <linux/genetlink.h>
#include <stdlib.h>
#include <string.h>

#include "fake_module.h"
#include "fake_peer.h"
#include "unit.h"

static void check_request(uint8_t cmd, uint16_t flags)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(peer_request());

	ck_assert_uint_eq(peer_request()->nlmsg_type, PEER_FAMILY);
	ck_assert_uint_eq(peer_request()->nlmsg_flags, NLM_F_REQUEST | flags);
	ck_assert_uint_eq(genl->cmd, cmd);
}

static void check_u32(uint16_t attribute, uint32_t value)
{
	const struct nlattr *found = peer_attribute(attribute);

	ck_assert_ptr_nonnull(found);
	ck_assert_int_eq(mnl_attr_validate(found, MNL_TYPE_U32), 0);
	ck_assert_uint_eq(mnl_attr_get_u32(found), value);
}

static void check_u64(uint16_t attribute, uint64_t value)
{
	const struct nlattr *found = peer_attribute(attribute);

	ck_assert_ptr_nonnull(found);
	ck_assert_int_eq(mnl_attr_validate(found, MNL_TYPE_U64), 0);
	ck_assert_uint_eq(mnl_attr_get_u64(found), value);
}

static void put_domain(uint16_t flags, uint32_t domid)
{
	module_put_domain(peer_put(PEER_FAMILY, flags), domid);
}

static void put_view(uint16_t flags, uint32_t id)
{
	module_put_view(peer_put(PEER_FAMILY, flags), id);
}

static void put_site(uint16_t flags, uint64_t gfn)
{
	module_put_site(peer_put(PEER_FAMILY, flags), gfn);
}

static void put_claim(uint16_t flags, uint32_t id)
{
	module_put_claim(peer_put(PEER_FAMILY, flags), id);
}

/* The answer that was put is the only one. */
static void answered(void)
{
	peer_end();
	peer_ack();
}

START_TEST(a_client_is_its_socket)
{
	struct gprobe_client *client = module_client();

	ck_assert_int_eq(peer_nr_open(), 1);
	ck_assert_uint_eq(gprobe_client_session(client), PEER_PORTID);
	ck_assert_str_eq(gprobe_client_message(client), "");
	module_client_close(client);
	gprobe_client_close(NULL);
}
END_TEST

START_TEST(a_client_without_the_module_is_enoent)
{
	struct gprobe_client *client = NULL;

	peer_reset();
	peer_put_error(-ENOENT, NULL);
	peer_end();
	ck_assert_int_eq(gprobe_client_open(&client), -ENOENT);
	ck_assert_ptr_null(client);
	ck_assert_int_eq(peer_nr_open(), 0);
}
END_TEST

START_TEST(domain_calls_name_their_domain)
{
	struct gprobe_client *client = module_client();
	struct gprobe_domain_info info;

	put_domain(0, 3);
	answered();
	ck_assert_int_eq(gprobe_domain_attach(client, 3, 0x15, &info), 0);
	check_request(GPROBE_CMD_DOMAIN_ATTACH, NLM_F_ACK);
	check_u32(GPROBE_A_DOMAIN_ID, 3);
	check_u32(GPROBE_A_DOMAIN_DOMCTL_VERSION, 0x15);
	ck_assert_uint_eq(info.domid, 3);
	ck_assert_ptr_null(peer_attribute(GPROBE_A_DOMAIN_TAKE_OVER));
	put_domain(0, 6);
	answered();
	ck_assert_int_eq(gprobe_domain_take_over(client, 6, 0x15, &info), 0);
	check_request(GPROBE_CMD_DOMAIN_ATTACH, NLM_F_ACK);
	check_u32(GPROBE_A_DOMAIN_ID, 6);
	check_u32(GPROBE_A_DOMAIN_DOMCTL_VERSION, 0x15);
	ck_assert_ptr_nonnull(peer_attribute(GPROBE_A_DOMAIN_TAKE_OVER));
	put_domain(0, 4);
	answered();
	ck_assert_int_eq(gprobe_domain_get(client, 4, &info), 0);
	check_request(GPROBE_CMD_DOMAIN_GET, NLM_F_ACK);
	check_u32(GPROBE_A_DOMAIN_ID, 4);
	peer_ack();
	ck_assert_int_eq(gprobe_domain_detach(client, 5), 0);
	check_request(GPROBE_CMD_DOMAIN_DETACH, NLM_F_ACK);
	check_u32(GPROBE_A_DOMAIN_ID, 5);
	module_client_close(client);
}
END_TEST

START_TEST(view_calls_name_domain_and_view)
{
	struct gprobe_client *client = module_client();
	struct gprobe_view_info info;

	put_view(0, 2);
	answered();
	ck_assert_int_eq(gprobe_view_new(client, 3, &info), 0);
	check_request(GPROBE_CMD_VIEW_NEW, NLM_F_ACK);
	check_u32(GPROBE_A_VIEW_DOMAIN, 3);
	ck_assert_ptr_null(peer_attribute(GPROBE_A_VIEW_ID));
	ck_assert_uint_eq(info.id, 2);
	put_view(0, 2);
	answered();
	ck_assert_int_eq(gprobe_view_get(client, 3, 2, &info), 0);
	check_request(GPROBE_CMD_VIEW_GET, NLM_F_ACK);
	check_u32(GPROBE_A_VIEW_ID, 2);
	peer_ack();
	ck_assert_int_eq(gprobe_view_switch(client, 3, 4), 0);
	check_request(GPROBE_CMD_VIEW_SWITCH, NLM_F_ACK);
	check_u32(GPROBE_A_VIEW_ID, 4);
	peer_ack();
	ck_assert_int_eq(gprobe_view_del(client, 3, 5), 0);
	check_request(GPROBE_CMD_VIEW_DEL, NLM_F_ACK);
	check_u32(GPROBE_A_VIEW_DOMAIN, 3);
	check_u32(GPROBE_A_VIEW_ID, 5);
	module_client_close(client);
}
END_TEST

START_TEST(a_claim_is_asked_for_in_full)
{
	struct gprobe_client *client = module_client();
	struct gprobe_claim_info info;
	struct gprobe_claim_spec spec = {
		.domid = 3, .view = 2, .offset = 0xabc, .action = 1, .step = 2,
		.gfn = 0xffffffffff, .root = 0x10a000, .cookie = 7,
		.label = "schedule+4", .cpls = 8, .vcpus = { 0, 0x42 },
		.off_after = 1ULL << 40, .rate = 9,
	};
	const struct nlattr *vcpus;

	put_claim(0, 9);
	answered();
	ck_assert_int_eq(gprobe_claim_new(client, &spec, &info), 0);
	check_request(GPROBE_CMD_CLAIM_NEW, NLM_F_ACK);
	check_u32(GPROBE_A_CLAIM_DOMAIN, 3);
	check_u32(GPROBE_A_CLAIM_VIEW, 2);
	check_u64(GPROBE_A_CLAIM_GFN, 0xffffffffff);
	check_u32(GPROBE_A_CLAIM_OFFSET, 0xabc);
	check_u64(GPROBE_A_CLAIM_ROOT, 0x10a000);
	check_u32(GPROBE_A_CLAIM_ACTION, 1);
	check_u32(GPROBE_A_CLAIM_STEP, 2);
	check_u64(GPROBE_A_CLAIM_COOKIE, 7);
	check_u32(GPROBE_A_CLAIM_CPLS, 8);
	check_u64(GPROBE_A_CLAIM_OFF_AFTER, 1ULL << 40);
	check_u32(GPROBE_A_CLAIM_RATE, 9);
	vcpus = peer_attribute(GPROBE_A_CLAIM_VCPUS);
	ck_assert_uint_eq(mnl_attr_get_payload_len(vcpus), 2);
	ck_assert_mem_eq(mnl_attr_get_payload(vcpus), spec.vcpus, 2);
	ck_assert_str_eq(mnl_attr_get_str(peer_attribute(
				GPROBE_A_CLAIM_LABEL)), "schedule+4");
	ck_assert_uint_eq(info.id, 9);
	module_client_close(client);
}
END_TEST

START_TEST(what_a_claim_leaves_open_is_not_sent)
{
	struct gprobe_claim_spec spec = { .domid = 3, .action = 1 };
	struct gprobe_client *client = module_client();
	struct gprobe_claim_info info;

	put_claim(0, 9);
	answered();
	ck_assert_int_eq(gprobe_claim_new(client, &spec, &info), 0);
	ck_assert_ptr_null(peer_attribute(GPROBE_A_CLAIM_VIEW));
	ck_assert_ptr_null(peer_attribute(GPROBE_A_CLAIM_ROOT));
	ck_assert_ptr_null(peer_attribute(GPROBE_A_CLAIM_STEP));
	ck_assert_ptr_null(peer_attribute(GPROBE_A_CLAIM_LABEL));
	ck_assert_ptr_null(peer_attribute(GPROBE_A_CLAIM_VCPUS));
	ck_assert_ptr_null(peer_attribute(GPROBE_A_CLAIM_CPLS));
	ck_assert_ptr_null(peer_attribute(GPROBE_A_CLAIM_OFF_AFTER));
	ck_assert_ptr_null(peer_attribute(GPROBE_A_CLAIM_RATE));
	check_u64(GPROBE_A_CLAIM_GFN, 0);
	module_client_close(client);
}
END_TEST

START_TEST(a_label_too_long_is_not_sent)
{
	struct gprobe_claim_spec spec = { .domid = 3, .action = 1 };
	struct gprobe_client *client = module_client();
	char label[GPROBE_LABEL_MAX + 2];
	struct gprobe_claim_info info;

	memset(label, 'l', sizeof(label));
	label[GPROBE_LABEL_MAX + 1] = '\0';
	spec.label = label;
	ck_assert_int_eq(gprobe_claim_new(client, &spec, &info),
			 -ENAMETOOLONG);
	ck_assert_uint_eq(peer_nr_requests(), 1);
	spec.label = label + 1;
	put_claim(0, 9);
	answered();
	ck_assert_int_eq(gprobe_claim_new(client, &spec, &info), 0);
	module_client_close(client);
}
END_TEST

START_TEST(claims_are_asked_for_and_released_by_id)
{
	struct gprobe_client *client = module_client();
	struct gprobe_claim_info info;

	put_claim(0, 9);
	answered();
	ck_assert_int_eq(gprobe_claim_get(client, 9, &info), 0);
	check_request(GPROBE_CMD_CLAIM_GET, NLM_F_ACK);
	check_u32(GPROBE_A_CLAIM_ID, 9);
	put_claim(0, 9);
	answered();
	ck_assert_int_eq(gprobe_claim_del(client, 9, &info), 0);
	check_request(GPROBE_CMD_CLAIM_DEL, NLM_F_ACK);
	check_u32(GPROBE_A_CLAIM_ID, 9);
	module_client_close(client);
}
END_TEST

START_TEST(a_refusal_is_told_with_its_words)
{
	struct gprobe_client *client = module_client();
	struct gprobe_domain_info info;

	peer_put_error(-EBUSY, "another agent owns the ring");
	peer_end();
	ck_assert_int_eq(gprobe_domain_attach(client, 3, 0x15, &info), -EBUSY);
	ck_assert_str_eq(gprobe_client_message(client),
			 "another agent owns the ring");
	module_client_close(client);
}
END_TEST

START_TEST(an_ack_without_the_answer_is_eproto)
{
	struct gprobe_client *client = module_client();
	struct gprobe_domain_info info;

	peer_ack();
	ck_assert_int_eq(gprobe_domain_get(client, 3, &info), -EPROTO);
	put_view(0, 3);
	answered();
	ck_assert_int_eq(gprobe_domain_get(client, 3, &info), -EPROTO);
	module_client_close(client);
}
END_TEST

static void done(void)
{
	peer_put_done(0);
	peer_end();
}

static void check_name(const char *name)
{
	const struct nlattr *found = peer_attribute(GPROBE_A_SESSION_NAME);

	ck_assert_ptr_nonnull(found);
	ck_assert_int_eq(mnl_attr_validate(found, MNL_TYPE_NUL_STRING), 0);
	ck_assert_str_eq(mnl_attr_get_str(found), name);
}

START_TEST(sessions_are_pinned_and_taken_by_name)
{
	struct gprobe_client *client = module_client();

	peer_ack();
	ck_assert_int_eq(gprobe_client_pin(client, 0, "a-name"), 0);
	check_request(GPROBE_CMD_SESSION_PIN, NLM_F_ACK);
	check_name("a-name");
	ck_assert_ptr_null(peer_attribute(GPROBE_A_SESSION_ID));
	peer_ack();
	ck_assert_int_eq(gprobe_client_pin(client, 7, "a-name"), 0);
	check_u32(GPROBE_A_SESSION_ID, 7);
	peer_ack();
	ck_assert_int_eq(gprobe_client_take(client, "a-name"), 0);
	check_request(GPROBE_CMD_SESSION_TAKE, NLM_F_ACK);
	check_name("a-name");
	peer_ack();
	ck_assert_int_eq(gprobe_client_unpin(client, "a-name"), 0);
	check_request(GPROBE_CMD_SESSION_UNPIN, NLM_F_ACK);
	check_name("a-name");
	module_client_close(client);
}
END_TEST

START_TEST(a_name_too_long_is_not_sent)
{
	struct gprobe_client *client = module_client();
	char name[GPROBE_PIN_MAX + 2];

	memset(name, 'n', sizeof(name));
	name[GPROBE_PIN_MAX + 1] = '\0';
	ck_assert_int_eq(gprobe_client_pin(client, 0, name), -EMSGSIZE);
	ck_assert_int_eq(gprobe_client_take(client, name), -ENOENT);
	ck_assert_int_eq(gprobe_client_unpin(client, name), -ENOENT);
	module_client_close(client);
}
END_TEST

START_TEST(sessions_are_listed)
{
	struct gprobe_client *client = module_client();
	struct gprobe_session_info *infos;
	struct nlmsghdr *head;
	size_t nr;

	head = peer_put(PEER_FAMILY, NLM_F_MULTI);
	mnl_attr_put_u32(head, GPROBE_A_SESSION_ID, 5);
	mnl_attr_put_u32(head, GPROBE_A_SESSION_DOMAINS, 1);
	mnl_attr_put_u32(head, GPROBE_A_SESSION_CLAIMS, 3);
	head = peer_put(PEER_FAMILY, NLM_F_MULTI);
	mnl_attr_put_u32(head, GPROBE_A_SESSION_ID, 0);
	mnl_attr_put_strz(head, GPROBE_A_SESSION_NAME, "pinned");
	mnl_attr_put_u32(head, GPROBE_A_SESSION_DOMAINS, 2);
	mnl_attr_put_u32(head, GPROBE_A_SESSION_CLAIMS, 4);
	peer_end();
	done();
	ck_assert_int_eq(gprobe_session_list(client, &infos, &nr), 0);
	check_request(GPROBE_CMD_SESSION_GET, NLM_F_DUMP);
	ck_assert_uint_eq(nr, 2);
	ck_assert_uint_eq(infos[0].id, 5);
	ck_assert_str_eq(infos[0].name, "");
	ck_assert_uint_eq(infos[0].claims, 3);
	ck_assert_uint_eq(infos[1].id, 0);
	ck_assert_str_eq(infos[1].name, "pinned");
	ck_assert_uint_eq(infos[1].domains, 2);
	free(infos);
	module_client_close(client);
}
END_TEST

START_TEST(lists_have_all_that_came)
{
	struct gprobe_client *client = module_client();
	struct gprobe_claim_info *claims;
	struct gprobe_site_info *sites;
	size_t nr, i;

	for (i = 0; i < 20; i++) {
		put_claim(NLM_F_MULTI, 100 + i);
		peer_end();
	}
	done();
	ck_assert_int_eq(gprobe_claim_list(client, 3, &claims, &nr), 0);
	check_request(GPROBE_CMD_CLAIM_GET, NLM_F_DUMP);
	check_u32(GPROBE_A_CLAIM_DOMAIN, 3);
	ck_assert_uint_eq(nr, 20);
	for (i = 0; i < nr; i++)
		ck_assert_uint_eq(claims[i].id, 100 + i);
	free(claims);
	put_site(NLM_F_MULTI, 8);
	put_site(NLM_F_MULTI, 9);
	peer_end();
	done();
	ck_assert_int_eq(gprobe_site_list(client, 0, &sites, &nr), 0);
	check_request(GPROBE_CMD_SITE_GET, NLM_F_DUMP);
	check_u32(GPROBE_A_SITE_DOMAIN, 0);
	ck_assert_uint_eq(nr, 2);
	ck_assert_uint_eq(sites[1].gfn, 9);
	free(sites);
	module_client_close(client);
}
END_TEST

START_TEST(lists_of_all_domains_name_none)
{
	struct gprobe_client *client = module_client();
	struct gprobe_domain_info *domains;
	struct gprobe_view_info *views;
	size_t nr = 99;

	done();
	ck_assert_int_eq(gprobe_domain_list(client, &domains, &nr), 0);
	check_request(GPROBE_CMD_DOMAIN_GET, NLM_F_DUMP);
	ck_assert_ptr_null(peer_attribute(GPROBE_A_DOMAIN_ID));
	ck_assert_uint_eq(nr, 0);
	free(domains);
	put_view(NLM_F_MULTI, 3);
	peer_end();
	done();
	ck_assert_int_eq(gprobe_view_list(client, GPROBE_ALL_DOMAINS, &views,
					  &nr), 0);
	check_request(GPROBE_CMD_VIEW_GET, NLM_F_DUMP);
	ck_assert_ptr_null(peer_attribute(GPROBE_A_VIEW_DOMAIN));
	ck_assert_uint_eq(nr, 1);
	ck_assert_uint_eq(views[0].id, 3);
	free(views);
	module_client_close(client);
}
END_TEST

START_TEST(a_list_that_changed_is_read_again)
{
	struct gprobe_client *client = module_client();
	struct gprobe_claim_info *claims;
	size_t nr;

	put_claim(NLM_F_MULTI, 1);
	put_claim(NLM_F_MULTI | NLM_F_DUMP_INTR, 2);
	peer_end();
	done();
	put_claim(NLM_F_MULTI, 3);
	peer_end();
	done();
	ck_assert_int_eq(gprobe_claim_list(client, 3, &claims, &nr), 0);
	ck_assert_uint_eq(nr, 1);
	ck_assert_uint_eq(claims[0].id, 3);
	check_u32(GPROBE_A_CLAIM_DOMAIN, 3);
	free(claims);
	module_client_close(client);
}
END_TEST

START_TEST(a_list_that_always_changes_is_given_up)
{
	struct gprobe_client *client = module_client();
	struct gprobe_claim_info *claims;
	size_t nr;
	int i;

	for (i = 0; i < 10; i++) {
		put_claim(NLM_F_MULTI, 1);
		peer_put_done(0)->nlmsg_flags |= NLM_F_DUMP_INTR;
		peer_end();
	}
	ck_assert_int_eq(gprobe_claim_list(client, 3, &claims, &nr), -EINTR);
	ck_assert_ptr_null(claims);
	ck_assert_uint_eq(peer_nr_requests(), 1 + 10);
	module_client_close(client);
}
END_TEST

START_TEST(a_list_with_a_malformed_part_is_eproto)
{
	struct gprobe_client *client = module_client();
	struct gprobe_claim_info *claims;
	size_t nr;

	put_claim(NLM_F_MULTI, 1);
	put_view(NLM_F_MULTI, 1);
	peer_end();
	done();
	ck_assert_int_eq(gprobe_claim_list(client, 3, &claims, &nr), -EPROTO);
	ck_assert_ptr_null(claims);
	module_client_close(client);
}
END_TEST

Suite *client_suite(void)
{
	return UNIT_SUITE("client", a_client_is_its_socket,
		a_client_without_the_module_is_enoent,
		domain_calls_name_their_domain,
		view_calls_name_domain_and_view, a_claim_is_asked_for_in_full,
		what_a_claim_leaves_open_is_not_sent,
		a_label_too_long_is_not_sent,
		claims_are_asked_for_and_released_by_id,
		a_refusal_is_told_with_its_words,
		an_ack_without_the_answer_is_eproto,
		sessions_are_pinned_and_taken_by_name,
		a_name_too_long_is_not_sent, sessions_are_listed,
		lists_have_all_that_came,
		lists_of_all_domains_name_none,
		a_list_that_changed_is_read_again,
		a_list_that_always_changes_is_given_up,
		a_list_with_a_malformed_part_is_eproto);
}
