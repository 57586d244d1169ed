// SPDX-License-Identifier: GPL-2.0
/* Watches, and upcalls: whenever they come, none is swallowed. */
#include <gprobe/client.h>

#include <errno.h>
#include <linux/genetlink.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../user/lib/client.h"
#include "fake_module.h"
#include "fake_peer.h"
#include "unit.h"

union message {
	struct nlmsghdr head;
	char bytes[1024];
};

static void set_cmd(struct nlmsghdr *head, uint8_t cmd)
{
	((struct genlmsghdr *)mnl_nlmsg_get_payload(head))->cmd = cmd;
}

static void put_upcall(uint8_t cmd, uint64_t seq)
{
	struct nlmsghdr *head = peer_put(PEER_FAMILY, 0);

	set_cmd(head, cmd);
	module_put_upcall(head, seq);
	peer_end_unasked();
}

static struct nlmsghdr *begin(union message *message, uint8_t cmd)
{
	struct nlmsghdr *head = mnl_nlmsg_put_header(message->bytes);

	head->nlmsg_type = PEER_FAMILY;
	mnl_nlmsg_put_extra_header(head, sizeof(struct genlmsghdr));
	set_cmd(head, cmd);
	return head;
}

static void notify(uint8_t cmd, uint64_t seq)
{
	union message message = { 0 };

	module_put_upcall(begin(&message, cmd), seq);
	peer_notify(&message.head);
}

static void read_seq(struct gprobe_client *client, uint64_t seq)
{
	struct gprobe_upcall upcall;

	ck_assert_int_eq(gprobe_upcall_read(client, &upcall), 0);
	ck_assert_uint_eq(upcall.seq, seq);
}

static void read_nothing(struct gprobe_client *client)
{
	struct gprobe_upcall upcall;

	ck_assert_int_eq(gprobe_upcall_read(client, &upcall), -EAGAIN);
}

static uint8_t cmd_of_request(void)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(peer_request());

	return genl->cmd;
}

START_TEST(a_watch_is_asked_for_in_full)
{
	struct gprobe_watch watch = { .domid = 3, .view = 2, .gfn = 0x123 };
	struct gprobe_client *client = module_client();
	const struct nlattr *entries;

	watch.entries[0] = 0x81;
	watch.entries[63] = 0x42;
	peer_ack();
	ck_assert_int_eq(gprobe_watch_set(client, &watch), 0);
	ck_assert_uint_eq(cmd_of_request(), GPROBE_CMD_WATCH_SET);
	ck_assert_uint_eq(mnl_attr_get_u32(peer_attribute(
				GPROBE_A_WATCH_DOMAIN)), 3);
	ck_assert_uint_eq(mnl_attr_get_u32(peer_attribute(
				GPROBE_A_WATCH_VIEW)), 2);
	ck_assert_uint_eq(mnl_attr_get_u64(peer_attribute(
				GPROBE_A_WATCH_GFN)), 0x123);
	entries = peer_attribute(GPROBE_A_WATCH_ENTRIES);
	ck_assert_uint_eq(mnl_attr_get_payload_len(entries), 64);
	ck_assert_mem_eq(mnl_attr_get_payload(entries), watch.entries, 64);
	watch.view = 0;
	peer_put_error(-ENXIO, "no memory there");
	peer_end();
	ck_assert_int_eq(gprobe_watch_set(client, &watch), -ENXIO);
	ck_assert_ptr_null(peer_attribute(GPROBE_A_WATCH_VIEW));
	ck_assert_str_eq(gprobe_client_message(client), "no memory there");
	module_client_close(client);
}
END_TEST

START_TEST(watches_are_listed)
{
	struct gprobe_client *client = module_client();
	struct gprobe_watch *watches;
	size_t nr;

	module_put_watch(peer_put(PEER_FAMILY, NLM_F_MULTI), 8);
	module_put_watch(peer_put(PEER_FAMILY, NLM_F_MULTI), 9);
	peer_put_done(0);
	peer_end();
	ck_assert_int_eq(gprobe_watch_list(client, 3, &watches, &nr), 0);
	ck_assert_uint_eq(cmd_of_request(), GPROBE_CMD_WATCH_GET);
	ck_assert_uint_eq(mnl_attr_get_u32(peer_attribute(
				GPROBE_A_WATCH_DOMAIN)), 3);
	ck_assert_uint_eq(nr, 2);
	ck_assert_uint_eq(watches[0].gfn, 8);
	ck_assert_uint_eq(watches[1].gfn, 9);
	ck_assert_uint_eq(watches[1].entries[0], 1);
	free(watches);
	module_client_close(client);
}
END_TEST

START_TEST(an_upcall_makes_the_fd_readable_and_is_read)
{
	struct gprobe_client *client = module_client();
	struct pollfd poller = {
		.fd = gprobe_client_fd(client), .events = POLLIN,
	};
	struct gprobe_upcall upcall;

	read_nothing(client);
	ck_assert_int_eq(poll(&poller, 1, 0), 0);
	notify(GPROBE_CMD_UPCALL_NTF, 7);
	notify(GPROBE_CMD_UPCALL_TIMEOUT_NTF, 8);
	ck_assert_int_eq(poll(&poller, 1, 0), 1);
	ck_assert_int_eq(gprobe_upcall_read(client, &upcall), 0);
	ck_assert_uint_eq(upcall.seq, 7);
	ck_assert_uint_eq(upcall.reason, GPROBE_UPCALL_REASON_TABLE);
	ck_assert(!upcall.timed_out);
	ck_assert_int_eq(gprobe_upcall_read(client, &upcall), 0);
	ck_assert_uint_eq(upcall.seq, 8);
	ck_assert(upcall.timed_out);
	read_nothing(client);
	module_client_close(client);
}
END_TEST

START_TEST(an_upcall_is_replied_to_by_its_number)
{
	struct gprobe_upcall upcall = { .domid = 3, .seq = 1ULL << 40 };
	struct gprobe_client *client = module_client();

	peer_ack();
	ck_assert_int_eq(gprobe_upcall_reply(client, &upcall, NULL), 0);
	ck_assert_uint_eq(cmd_of_request(), GPROBE_CMD_UPCALL_REPLY);
	ck_assert_uint_eq(mnl_attr_get_u32(peer_attribute(
				GPROBE_A_UPCALL_DOMAIN)), 3);
	ck_assert_uint_eq(mnl_attr_get_u64(peer_attribute(
				GPROBE_A_UPCALL_SEQ)), 1ULL << 40);
	peer_put_error(-ENOENT, NULL);
	peer_end();
	ck_assert_int_eq(gprobe_upcall_reply(client, &upcall, NULL), -ENOENT);
	module_client_close(client);
}
END_TEST

START_TEST(a_hit_is_read_with_its_registers)
{
	struct gprobe_upcall hit = {
		.domid = 3, .vcpu = 2, .view = 4, .claim = 5, .offset = 4095,
		.seq = 6, .gfn = 0x123, .cookie = 1ULL << 63,
		.regs = { .rax = 7, .rip = 1ULL << 47, .cs = 8 },
	};
	struct gprobe_client *client = module_client();
	struct gprobe_upcall upcall;
	uint32_t reason;

	for (reason = GPROBE_UPCALL_REASON_HIT;
	     reason <= GPROBE_UPCALL_REASON_STEP; reason++) {
		hit.reason = reason;
		module_upcall(GPROBE_CMD_UPCALL_NTF, &hit);
		ck_assert_int_eq(gprobe_upcall_read(client, &upcall), 0);
		ck_assert_uint_eq(upcall.reason, reason);
		ck_assert_uint_eq(upcall.claim, 5);
		ck_assert_uint_eq(upcall.cookie, 1ULL << 63);
		ck_assert_uint_eq(upcall.offset, 4095);
		ck_assert_mem_eq(&upcall.regs, &hit.regs, sizeof(hit.regs));
		/* Of one that went on there are none. */
		module_upcall(GPROBE_CMD_UPCALL_TIMEOUT_NTF, &hit);
		ck_assert_int_eq(gprobe_upcall_read(client, &upcall), 0);
		ck_assert(upcall.timed_out);
		ck_assert_uint_eq(upcall.claim, 5);
		ck_assert_uint_eq(upcall.regs.rax, 0);
	}
	module_client_close(client);
}
END_TEST

START_TEST(an_upcall_for_a_reason_yet_unknown_is_read)
{
	struct gprobe_client *client = module_client();
	union message message = { 0 };

	module_put_hit(begin(&message, GPROBE_CMD_UPCALL_NTF),
		       GPROBE_UPCALL_REASON_MAX + 1, 9);
	peer_notify(&message.head);
	read_seq(client, 9);
	module_client_close(client);
}
END_TEST

static uint64_t replied(uint16_t attribute)
{
	const struct nlattr *found = peer_attribute(attribute);
	uint64_t value = 0;

	ck_assert_ptr_nonnull(found);
	ck_assert_uint_le(mnl_attr_get_payload_len(found), sizeof(value));
	memcpy(&value, mnl_attr_get_payload(found),
	       mnl_attr_get_payload_len(found));
	return value;
}

/* Reply; the request has these parts of a verdict, a bit each, and no others. */
static void reply_has(struct gprobe_client *client,
		      const struct gprobe_verdict *verdict, uint32_t parts)
{
	const struct gprobe_upcall upcall = { .domid = 3, .seq = 4 };
	uint16_t attribute;

	peer_ack();
	ck_assert_int_eq(gprobe_upcall_reply(client, &upcall, verdict), 0);
	ck_assert_uint_eq(replied(GPROBE_A_UPCALL_SEQ), 4);
	for (attribute = GPROBE_A_UPCALL_VCPU;
	     attribute <= GPROBE_A_UPCALL_MAX; attribute++)
		ck_assert_int_eq(!!peer_attribute(attribute),
				 parts >> attribute & 1);
}

#define PART(name) (1u << GPROBE_A_UPCALL_##name)

START_TEST(a_verdict_is_sent_with_what_it_needs_and_no_more)
{
	struct gprobe_verdict verdict = {
		.view = 5, .vector = 6, .error_code = 7, .cr2 = 8,
		.insn_bytes = 3, .insn = { 9, 10, 11 }, .regs = { .rax = 12 },
	};
	struct gprobe_client *client = module_client();

	reply_has(client, NULL, 0);
	reply_has(client, &verdict, 0);
	verdict.kind = GPROBE_VERDICT_CONTINUE;
	reply_has(client, &verdict, PART(VERDICT));
	verdict.kind = GPROBE_VERDICT_STEP;
	reply_has(client, &verdict, PART(VERDICT));
	verdict.kind = GPROBE_VERDICT_DENY;
	reply_has(client, &verdict, PART(VERDICT));
	verdict.kind = GPROBE_VERDICT_VIEW;
	reply_has(client, &verdict, PART(VERDICT) | PART(VIEW));
	ck_assert_uint_eq(replied(GPROBE_A_UPCALL_VIEW), 5);
	verdict.kind = GPROBE_VERDICT_EMULATE;
	reply_has(client, &verdict, PART(VERDICT) | PART(INSN));
	ck_assert_uint_eq(replied(GPROBE_A_UPCALL_INSN), 0x0b0a09);
	verdict.insn_bytes = 0;
	reply_has(client, &verdict, PART(VERDICT));
	verdict.kind = GPROBE_VERDICT_REGISTERS;
	reply_has(client, &verdict, PART(VERDICT) | PART(REGS));
	ck_assert_mem_eq(mnl_attr_get_payload(peer_attribute(
				GPROBE_A_UPCALL_REGS)), &verdict.regs,
			 sizeof(verdict.regs));
	ck_assert_uint_eq(replied(GPROBE_A_UPCALL_VERDICT),
			  GPROBE_VERDICT_REGISTERS);
	module_client_close(client);
}
END_TEST

START_TEST(a_fault_is_sent_with_the_code_that_its_vector_has)
{
	struct gprobe_verdict verdict = {
		.kind = GPROBE_VERDICT_INJECT, .error_code = 7, .cr2 = 8,
	};
	struct gprobe_client *client = module_client();
	uint32_t parts;

	for (verdict.vector = 0; verdict.vector < 80; verdict.vector++) {
		parts = PART(VERDICT) | PART(VECTOR);
		if ((verdict.vector >= 10 && verdict.vector <= 14) ||
		    verdict.vector == 17)
			parts |= PART(ERROR_CODE);
		if (verdict.vector == 14)
			parts |= PART(CR2);
		reply_has(client, &verdict, parts);
		ck_assert_uint_eq(replied(GPROBE_A_UPCALL_VECTOR),
				  verdict.vector);
		if (parts & PART(ERROR_CODE))
			ck_assert_uint_eq(replied(GPROBE_A_UPCALL_ERROR_CODE),
					  7);
		if (parts & PART(CR2))
			ck_assert_uint_eq(replied(GPROBE_A_UPCALL_CR2), 8);
	}
	module_client_close(client);
}
END_TEST

START_TEST(an_instruction_too_long_is_not_sent)
{
	const struct gprobe_verdict verdict = {
		.kind = GPROBE_VERDICT_EMULATE,
		.insn_bytes = GPROBE_INSN_BYTES_MAX + 1,
	};
	const struct gprobe_upcall upcall = { .domid = 3, .seq = 4 };
	struct gprobe_client *client = module_client();
	struct gprobe_reply reply = { .upcall = &upcall, .verdict = verdict };
	unsigned int sent = peer_nr_requests();

	ck_assert_int_eq(gprobe_upcall_reply(client, &upcall, &verdict),
			 -EINVAL);
	ck_assert_int_eq(gprobe_upcall_reply_all(client, &reply, 1), -EINVAL);
	ck_assert_uint_eq(peer_nr_requests(), sent);
	module_client_close(client);
}
END_TEST

START_TEST(a_verdict_that_is_refused_is_told_with_the_reason)
{
	const struct gprobe_verdict verdict = { .kind = GPROBE_VERDICT_DENY };
	const struct gprobe_upcall upcall = { .domid = 3, .seq = 4 };
	struct gprobe_client *client = module_client();

	peer_put_error(-EOPNOTSUPP, "not here");
	peer_end();
	ck_assert_int_eq(gprobe_upcall_reply(client, &upcall, &verdict),
			 -EOPNOTSUPP);
	ck_assert_str_eq(gprobe_client_message(client), "not here");
	module_client_close(client);
}
END_TEST

START_TEST(a_reply_is_answered_only_if_it_fails)
{
	const struct gprobe_upcall upcall = { .domid = 3, .seq = 4 };
	struct gprobe_client *client = module_client();

	/* Nothing is laid out: nothing is waited for. */
	ck_assert_int_eq(gprobe_upcall_reply(client, &upcall, NULL), 0);
	ck_assert_uint_eq(peer_request()->nlmsg_flags, NLM_F_REQUEST);
	/* What comes besides is an upcall, and kept. */
	put_upcall(GPROBE_CMD_UPCALL_NTF, 5);
	peer_put_error(-ENOENT, "gone");
	peer_end();
	ck_assert_int_eq(gprobe_upcall_reply(client, &upcall, NULL), -ENOENT);
	ck_assert_str_eq(gprobe_client_message(client), "gone");
	notify(GPROBE_CMD_UPCALL_NTF, 6);
	read_seq(client, 5);
	read_seq(client, 6);
	/* An error that was lost may have been this one's. */
	peer_fail(ENOBUFS);
	ck_assert_int_eq(gprobe_upcall_reply(client, &upcall, NULL), -ENOBUFS);
	module_client_close(client);
}
END_TEST

#define MANY 70

START_TEST(many_replies_are_sent_in_few_datagrams)
{
	static struct gprobe_upcall upcalls[MANY];
	static struct gprobe_reply replies[MANY];
	struct gprobe_client *client = module_client();
	static struct fake_module module;
	unsigned int i, sent;

	for (i = 0; i < MANY; i++) {
		upcalls[i] = (struct gprobe_upcall){ .domid = 3, .seq = i };
		replies[i].upcall = &upcalls[i];
		replies[i].verdict.kind = GPROBE_VERDICT_REGISTERS;
		replies[i].ret = 1;
	}
	peer_serve(module_serve, &module);
	sent = peer_nr_requests();
	ck_assert_int_eq(gprobe_upcall_reply_all(client, replies, MANY), 0);
	ck_assert_uint_eq(peer_nr_requests() - sent, 3);
	ck_assert_uint_eq(module.nr_replied, MANY);
	for (i = 0; i < MANY; i++) {
		ck_assert_int_eq(replies[i].ret, 0);
		ck_assert_uint_eq(module.replied[i], i);
		ck_assert_uint_eq(module.verdicts[i],
				  GPROBE_VERDICT_REGISTERS);
	}
	/* One that fails fails alone. */
	module_fail(&module, GPROBE_CMD_UPCALL_REPLY, -ENOENT, 1);
	ck_assert_int_eq(gprobe_upcall_reply_all(client, replies, 3), -ENOENT);
	ck_assert_int_eq(replies[0].ret, -ENOENT);
	ck_assert_int_eq(replies[1].ret, 0);
	ck_assert_int_eq(replies[2].ret, 0);
	ck_assert_int_eq(gprobe_upcall_reply_all(client, NULL, 0), 0);
	module_client_close(client);
}
END_TEST

START_TEST(upcalls_among_answers_are_kept_in_their_order)
{
	struct gprobe_client *client = module_client();
	struct gprobe_claim_info info;

	put_upcall(GPROBE_CMD_UPCALL_NTF, 1);
	put_upcall(GPROBE_CMD_UPCALL_NTF, 2);
	module_put_claim(peer_put(PEER_FAMILY, 0), 9);
	peer_end();
	put_upcall(GPROBE_CMD_UPCALL_TIMEOUT_NTF, 3);
	peer_ack();
	ck_assert_int_eq(gprobe_claim_get(client, 9, &info), 0);
	ck_assert_uint_eq(info.id, 9);
	/* What came later is in the socket. */
	notify(GPROBE_CMD_UPCALL_NTF, 4);
	read_seq(client, 1);
	read_seq(client, 2);
	read_seq(client, 3);
	read_seq(client, 4);
	read_nothing(client);
	module_client_close(client);
}
END_TEST

static void keep(struct gprobe_client *client, uint64_t seq)
{
	union message message = { 0 };

	module_put_upcall(begin(&message, GPROBE_CMD_UPCALL_NTF), seq);
	gprobe_client_keep_upcall(&message.head, client);
}

START_TEST(all_vcpus_upcalls_are_kept_and_more_are_told_as_lost)
{
	struct gprobe_client *client = module_client();
	struct gprobe_upcall upcall;
	uint64_t seq, next = 0;

	/* The ring turns while it grows. */
	for (seq = 0; seq < 1000; seq++) {
		keep(client, seq);
		if (seq % 3 == 0)
			read_seq(client, next++);
	}
	for (; seq < next + GPROBE_CLIENT_UPCALLS + 3; seq++)
		keep(client, seq);
	for (seq = 0; seq < GPROBE_CLIENT_UPCALLS; seq++)
		read_seq(client, next++);
	ck_assert_int_eq(gprobe_upcall_read(client, &upcall), -ENOBUFS);
	read_nothing(client);
	keep(client, 1);
	read_seq(client, 1);
	module_client_close(client);
}
END_TEST

START_TEST(an_overrun_is_told_once_behind_what_came)
{
	struct gprobe_client *client = module_client();
	struct gprobe_claim_info info;
	struct gprobe_upcall upcall;

	put_upcall(GPROBE_CMD_UPCALL_NTF, 1);
	peer_fail(ENOBUFS);
	module_put_claim(peer_put(PEER_FAMILY, 0), 9);
	peer_end();
	peer_ack();
	ck_assert_int_eq(gprobe_claim_get(client, 9, &info), 0);
	read_seq(client, 1);
	ck_assert_int_eq(gprobe_upcall_read(client, &upcall), -ENOBUFS);
	read_nothing(client);
	/* Also where the answer was lost with it. */
	peer_fail(ENOBUFS);
	ck_assert_int_eq(gprobe_claim_get(client, 9, &info), -ENOBUFS);
	ck_assert_int_eq(gprobe_upcall_read(client, &upcall), -ENOBUFS);
	read_nothing(client);
	module_client_close(client);
}
END_TEST

/* Told once; the next upcall is read all the same. */
static void is_no_upcall(struct gprobe_client *client)
{
	struct gprobe_upcall upcall;

	notify(GPROBE_CMD_UPCALL_NTF, 5);
	ck_assert_int_eq(gprobe_upcall_read(client, &upcall), -EPROTO);
	read_seq(client, 5);
	read_nothing(client);
}

START_TEST(what_is_no_upcall_is_told)
{
	struct gprobe_client *client = module_client();
	union message message = { 0 };
	struct nlmsghdr *head;

	/* A notification of another kind; one without what it must have. */
	module_put_claim(begin(&message, GPROBE_CMD_CLAIM_NEW_NTF), 1);
	peer_notify(&message.head);
	is_no_upcall(client);
	peer_notify(begin(&message, GPROBE_CMD_UPCALL_NTF));
	is_no_upcall(client);
	/* A value that cannot be, twice: the last one counts. */
	head = begin(&message, GPROBE_CMD_UPCALL_NTF);
	module_put_upcall(head, 1);
	mnl_attr_put_u32(head, GPROBE_A_UPCALL_INDEX, GPROBE_ENTRIES);
	peer_notify(head);
	is_no_upcall(client);
	head = begin(&message, GPROBE_CMD_UPCALL_NTF);
	module_put_upcall(head, 1);
	mnl_attr_put_u64(head, GPROBE_A_UPCALL_GFN, 1ULL << GPROBE_GFN_BITS);
	peer_notify(head);
	is_no_upcall(client);
	head = begin(&message, GPROBE_CMD_UPCALL_NTF);
	module_put_hit(head, GPROBE_UPCALL_REASON_HIT, 1);
	mnl_attr_put_u32(head, GPROBE_A_UPCALL_OFFSET, 4096);
	peer_notify(head);
	is_no_upcall(client);
	/* One without what its reason has. */
	head = begin(&message, GPROBE_CMD_UPCALL_NTF);
	module_put_upcall(head, 1);
	mnl_attr_put_u32(head, GPROBE_A_UPCALL_REASON, GPROBE_UPCALL_REASON_HIT);
	peer_notify(head);
	is_no_upcall(client);
	head = begin(&message, GPROBE_CMD_UPCALL_NTF);
	module_put_hit(head, GPROBE_UPCALL_REASON_TABLE, 1);
	peer_notify(head);
	is_no_upcall(client);
	/* A message that is cut off. */
	head = begin(&message, GPROBE_CMD_UPCALL_NTF);
	peer_notify_raw(head, head->nlmsg_len - 2);
	is_no_upcall(client);
	module_client_close(client);
}
END_TEST

START_TEST(a_late_answer_is_no_upcall)
{
	struct gprobe_client *client = module_client();
	union message message = { 0 };

	module_put_claim(begin(&message, GPROBE_CMD_CLAIM_GET), 1);
	message.head.nlmsg_seq = 1;
	peer_notify(&message.head);
	notify(GPROBE_CMD_UPCALL_NTF, 5);
	read_seq(client, 5);
	read_nothing(client);
	module_client_close(client);
}
END_TEST

START_TEST(errors_of_the_socket_are_told)
{
	struct gprobe_client *client = module_client();
	struct gprobe_upcall upcall;
	int fd = dup(gprobe_client_fd(client));

	ck_assert_int_ge(fd, 0);
	close(gprobe_client_fd(client));
	ck_assert_int_eq(gprobe_upcall_read(client, &upcall), -EBADF);
	ck_assert_int_eq(dup2(fd, gprobe_client_fd(client)),
			 gprobe_client_fd(client));
	close(fd);
	module_client_close(client);
}
END_TEST

Suite *upcall_suite(void)
{
	return UNIT_SUITE("upcall", a_watch_is_asked_for_in_full,
		watches_are_listed,
		an_upcall_makes_the_fd_readable_and_is_read,
		an_upcall_is_replied_to_by_its_number,
		a_hit_is_read_with_its_registers,
		an_upcall_for_a_reason_yet_unknown_is_read,
		a_verdict_is_sent_with_what_it_needs_and_no_more,
		a_fault_is_sent_with_the_code_that_its_vector_has,
		an_instruction_too_long_is_not_sent,
		a_verdict_that_is_refused_is_told_with_the_reason,
		a_reply_is_answered_only_if_it_fails,
		many_replies_are_sent_in_few_datagrams,
		upcalls_among_answers_are_kept_in_their_order,
		all_vcpus_upcalls_are_kept_and_more_are_told_as_lost,
		an_overrun_is_told_once_behind_what_came,
		what_is_no_upcall_is_told, a_late_answer_is_no_upcall,
		errors_of_the_socket_are_told);
}
