// SPDX-License-Identifier: GPL-2.0
/* gprobe_netlink_talk(): a request and its answers. */
#include "../../user/lib/netlink.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/gprobe.h>
#include <stdlib.h>
#include <string.h>

#include "fake_peer.h"
#include "unit.h"

struct count {
	unsigned int answers;
	unsigned int fail_at;
};

static int on_answer(const struct nlmsghdr *answer, void *arg)
{
	struct count *count = arg;

	ck_assert_uint_eq(answer->nlmsg_type, PEER_FAMILY);
	count->answers++;
	return count->answers == count->fail_at ? -EBADMSG : 0;
}

/* A socket whose request is sent by talk(). */
static struct gprobe_netlink *set_up(void)
{
	struct gprobe_netlink *netlink = calloc(1, sizeof(*netlink));

	ck_assert_ptr_nonnull(netlink);
	peer_reset();
	netlink->family = PEER_FAMILY;
	netlink->seq = 1000;
	return netlink;
}

static int talk(struct gprobe_netlink *netlink, struct count *count)
{
	gprobe_netlink_request(netlink, GPROBE_CMD_CLAIM_GET, NLM_F_DUMP);
	return gprobe_netlink_talk(netlink, on_answer, count);
}

/* Talk to what was laid out; all of it must be read. */
static void check_talk(struct gprobe_netlink *netlink, int expected,
		       unsigned int answers)
{
	struct count count = { 0 };

	ck_assert_int_eq(talk(netlink, &count), expected);
	ck_assert_uint_eq(count.answers, answers);
	ck_assert(peer_is_empty());
}

START_TEST(a_request_has_its_head_and_a_new_seq)
{
	struct gprobe_netlink *netlink = set_up();
	const struct genlmsghdr *genl;

	peer_ack();
	check_talk(netlink, 0, 0);
	genl = mnl_nlmsg_get_payload(peer_request());
	ck_assert_uint_eq(peer_request()->nlmsg_type, PEER_FAMILY);
	ck_assert_uint_eq(peer_request()->nlmsg_flags,
			  NLM_F_REQUEST | NLM_F_DUMP);
	ck_assert_uint_eq(peer_request()->nlmsg_seq, 1001);
	ck_assert_uint_eq(genl->cmd, GPROBE_CMD_CLAIM_GET);
	ck_assert_uint_eq(genl->version, GPROBE_FAMILY_VERSION);
	peer_ack();
	check_talk(netlink, 0, 0);
	ck_assert_uint_eq(peer_request()->nlmsg_seq, 1002);
	free(netlink);
}
END_TEST

START_TEST(an_answer_and_its_ack_are_read)
{
	struct gprobe_netlink *netlink = set_up();

	peer_put(PEER_FAMILY, 0);
	peer_put_error(0, NULL);
	peer_end();
	check_talk(netlink, 0, 1);
	peer_put(PEER_FAMILY, 0);
	peer_end();
	peer_ack();
	check_talk(netlink, 0, 1);
	free(netlink);
}
END_TEST

START_TEST(answers_may_be_of_no_interest)
{
	struct gprobe_netlink *netlink = set_up();

	peer_put(PEER_FAMILY, 0);
	peer_end();
	peer_ack();
	gprobe_netlink_request(netlink, GPROBE_CMD_VIEW_DEL, NLM_F_ACK);
	ck_assert_int_eq(gprobe_netlink_talk(netlink, NULL, NULL), 0);
	ck_assert(peer_is_empty());
	free(netlink);
}
END_TEST

START_TEST(a_dump_is_read_until_it_is_done)
{
	struct gprobe_netlink *netlink = set_up();
	int i;

	for (i = 0; i < 10; i++) {
		peer_put(PEER_FAMILY, NLM_F_MULTI);
		peer_put(PEER_FAMILY, NLM_F_MULTI);
		peer_put(NLMSG_NOOP, 0);
		peer_end();
	}
	peer_put(PEER_FAMILY, NLM_F_MULTI);
	peer_put_done(0);
	peer_end();
	check_talk(netlink, 0, 21);
	free(netlink);
}
END_TEST

START_TEST(an_interrupted_dump_is_eintr_after_all_is_read)
{
	struct gprobe_netlink *netlink = set_up();

	peer_put(PEER_FAMILY, NLM_F_MULTI);
	peer_end();
	peer_put(PEER_FAMILY, NLM_F_MULTI | NLM_F_DUMP_INTR);
	peer_end();
	peer_put(PEER_FAMILY, NLM_F_MULTI);
	peer_put_done(0);
	peer_end();
	check_talk(netlink, -EINTR, 1);
	free(netlink);
}
END_TEST

START_TEST(a_dump_interrupted_at_its_end_is_eintr)
{
	struct gprobe_netlink *netlink = set_up();

	peer_put(PEER_FAMILY, NLM_F_MULTI);
	peer_put_done(0)->nlmsg_flags |= NLM_F_DUMP_INTR;
	peer_end();
	check_talk(netlink, -EINTR, 1);
	free(netlink);
}
END_TEST

START_TEST(a_dump_that_is_done_with_an_error_fails)
{
	struct gprobe_netlink *netlink = set_up();
	struct nlmsghdr *done;

	peer_put(PEER_FAMILY, NLM_F_MULTI);
	peer_put_done(-EMSGSIZE);
	peer_end();
	check_talk(netlink, -EMSGSIZE, 1);
	ck_assert_str_eq(netlink->message, "");
	done = peer_put_done(-ENOMEM);
	done->nlmsg_flags |= NLM_F_ACK_TLVS;
	mnl_attr_put_strz(done, NLMSGERR_ATTR_MSG, "no room");
	peer_end();
	check_talk(netlink, -ENOMEM, 0);
	ck_assert_str_eq(netlink->message, "no room");
	free(netlink);
}
END_TEST

START_TEST(an_error_comes_with_the_kernels_words)
{
	struct gprobe_netlink *netlink = set_up();

	peer_put_error(-EPERM, "CAP_SYS_ADMIN is needed");
	peer_end();
	check_talk(netlink, -EPERM, 0);
	ck_assert_str_eq(netlink->message, "CAP_SYS_ADMIN is needed");
	peer_put_error(-ENOENT, NULL);
	peer_end();
	check_talk(netlink, -ENOENT, 0);
	ck_assert_str_eq(netlink->message, "");
	free(netlink);
}
END_TEST

START_TEST(words_of_an_earlier_failure_are_forgotten)
{
	struct gprobe_netlink *netlink = set_up();

	peer_put_error(-EPERM, "words");
	peer_end();
	check_talk(netlink, -EPERM, 0);
	peer_ack();
	check_talk(netlink, 0, 0);
	ck_assert_str_eq(netlink->message, "");
	free(netlink);
}
END_TEST

START_TEST(words_behind_the_echoed_request_are_found)
{
	struct gprobe_netlink *netlink = set_up();
	struct nlmsghdr *head = peer_put_error(-EINVAL, NULL);
	struct nlmsgerr *error = mnl_nlmsg_get_payload(head);

	/* 20 bytes of a request, with its head echoed before. */
	head->nlmsg_flags = NLM_F_ACK_TLVS;
	error->msg.nlmsg_len = NLMSG_LENGTH(20);
	memset(mnl_nlmsg_put_extra_header(head, 20), 0xff, 20);
	mnl_attr_put_u32(head, NLMSGERR_ATTR_OFFS, 16);
	mnl_attr_put_strz(head, NLMSGERR_ATTR_MSG, "out of range");
	peer_end();
	check_talk(netlink, -EINVAL, 0);
	ck_assert_str_eq(netlink->message, "out of range");
	free(netlink);
}
END_TEST

START_TEST(an_echoed_request_of_an_impossible_size_gives_no_words)
{
	static const uint32_t sizes[] = {
		0, 15, 2000, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff,
	};
	struct gprobe_netlink *netlink = set_up();
	struct nlmsghdr *head;
	struct nlmsgerr *error;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		head = peer_put_error(-EINVAL, NULL);
		error = mnl_nlmsg_get_payload(head);
		head->nlmsg_flags = NLM_F_ACK_TLVS;
		error->msg.nlmsg_len = sizes[i];
		peer_end();
		check_talk(netlink, -EINVAL, 0);
		ck_assert_str_eq(netlink->message, "");
	}
	free(netlink);
}
END_TEST

START_TEST(words_too_long_are_cut_off)
{
	struct gprobe_netlink *netlink = set_up();
	char words[600];

	memset(words, 'w', sizeof(words));
	words[sizeof(words) - 1] = '\0';
	peer_put_error(-EINVAL, words);
	peer_end();
	check_talk(netlink, -EINVAL, 0);
	words[sizeof(netlink->message) - 1] = '\0';
	ck_assert_str_eq(netlink->message, words);
	free(netlink);
}
END_TEST

START_TEST(words_without_their_nul_are_ignored)
{
	struct gprobe_netlink *netlink = set_up();
	struct nlmsghdr *head = peer_put_error(-EINVAL, NULL);

	head->nlmsg_flags |= NLM_F_ACK_TLVS;
	mnl_attr_put(head, NLMSGERR_ATTR_MSG, 5, "words");
	peer_end();
	check_talk(netlink, -EINVAL, 0);
	ck_assert_str_eq(netlink->message, "");
	free(netlink);
}
END_TEST

START_TEST(answers_to_another_request_are_ignored)
{
	struct gprobe_netlink *netlink = set_up();

	peer_put(PEER_FAMILY, NLM_F_DUMP_INTR)->nlmsg_seq = 1000;
	peer_put_error(-EIO, "stale")->nlmsg_seq = 1000;
	peer_put_done(-EIO)->nlmsg_seq = 2000;
	peer_put(PEER_FAMILY, 0);
	peer_end();
	peer_put_error(-EIO, NULL)->nlmsg_seq = 999;
	peer_put_error(0, NULL);
	peer_end();
	check_talk(netlink, 0, 1);
	ck_assert_str_eq(netlink->message, "");
	free(netlink);
}
END_TEST

START_TEST(an_answer_that_fails_is_told_after_all_is_read)
{
	struct count count = { .fail_at = 2 };
	struct gprobe_netlink *netlink = set_up();
	int i;

	for (i = 0; i < 4; i++) {
		peer_put(PEER_FAMILY, NLM_F_MULTI);
		peer_end();
	}
	peer_put_done(0);
	peer_end();
	ck_assert_int_eq(talk(netlink, &count), -EBADMSG);
	ck_assert_uint_eq(count.answers, 2);
	ck_assert(peer_is_empty());
	free(netlink);
}
END_TEST

/* So many claims asked for at once. */
static void ask_for(struct gprobe_netlink *netlink, uint32_t nr)
{
	uint32_t i;

	for (i = 0; i < nr; i++)
		mnl_attr_put_u32(i ? gprobe_netlink_add(netlink,
						GPROBE_CMD_CLAIM_GET,
						NLM_F_ACK) :
				 gprobe_netlink_request(netlink,
						GPROBE_CMD_CLAIM_GET,
						NLM_F_ACK),
				 GPROBE_A_CLAIM_ID, i + 1);
}

START_TEST(requests_sent_together_are_whole_messages)
{
	struct gprobe_netlink *netlink = set_up();
	const struct nlmsghdr *head;
	uint32_t i;
	int left;

	ask_for(netlink, 3);
	ck_assert_int_eq(gprobe_netlink_talk(netlink, NULL, NULL),
			 -ETIMEDOUT);
	ck_assert_uint_eq(peer_nr_requests(), 1);
	left = peer_request_bytes();
	head = peer_request();
	for (i = 0; mnl_nlmsg_ok(head, left); i++) {
		ck_assert_uint_eq(head->nlmsg_seq, 1001 + i);
		ck_assert_uint_eq(head->nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK);
		ck_assert_uint_eq(mnl_attr_get_u32(mnl_nlmsg_get_payload_offset(
				head, sizeof(struct genlmsghdr))), i + 1);
		head = mnl_nlmsg_next(head, &left);
	}
	ck_assert_uint_eq(i, 3);
	ck_assert_int_eq(left, 0);
	for (i = 0; i < 3; i++)
		ck_assert_int_eq(netlink->ends[i].ret, -ETIMEDOUT);
	free(netlink);
}
END_TEST

START_TEST(each_request_has_its_own_end)
{
	struct gprobe_netlink *netlink = set_up();
	struct count count = { 0 };

	ask_for(netlink, 4);
	peer_put(PEER_FAMILY, 0)->nlmsg_seq = 1001;
	peer_put_error(0, NULL)->nlmsg_seq = 1001;
	peer_put_error(-ENOENT, "no such claim")->nlmsg_seq = 1002;
	peer_end();
	peer_put(PEER_FAMILY, 0)->nlmsg_seq = 1003;
	peer_put_error(0, NULL)->nlmsg_seq = 1003;
	/* A second end of one is none of another. */
	peer_put_error(-EIO, NULL)->nlmsg_seq = 1001;
	peer_put_error(-EPERM, "not yours")->nlmsg_seq = 1004;
	peer_end();
	ck_assert_int_eq(gprobe_netlink_talk(netlink, on_answer, &count),
			 -ENOENT);
	ck_assert_int_eq(netlink->ends[0].ret, 0);
	ck_assert_int_eq(netlink->ends[1].ret, -ENOENT);
	ck_assert_int_eq(netlink->ends[2].ret, 0);
	ck_assert_int_eq(netlink->ends[3].ret, -EPERM);
	ck_assert_uint_eq(count.answers, 2);
	ck_assert_str_eq(netlink->message, "no such claim");
	ck_assert(peer_is_empty());
	free(netlink);
}
END_TEST

START_TEST(a_request_whose_answer_is_missing_fails_alone)
{
	struct gprobe_netlink *netlink = set_up();
	struct count count = { 0 };

	ask_for(netlink, 2);
	peer_put_error(0, NULL)->nlmsg_seq = 1001;
	peer_end();
	ck_assert_int_eq(gprobe_netlink_talk(netlink, on_answer, &count),
			 -ETIMEDOUT);
	ck_assert_int_eq(netlink->ends[0].ret, 0);
	ck_assert_int_eq(netlink->ends[1].ret, -ETIMEDOUT);
	free(netlink);
}
END_TEST

START_TEST(the_longest_requests_that_are_sent_together_fit)
{
	struct gprobe_netlink *netlink = set_up();
	char label[GPROBE_NETLINK_REQUEST_MAX - NLMSG_HDRLEN - GENL_HDRLEN -
		   NLA_HDRLEN];
	struct nlmsghdr *head;
	uint32_t i;

	memset(label, 'l', sizeof(label));
	for (i = 0; i < GPROBE_NETLINK_REQUESTS; i++) {
		head = i ? gprobe_netlink_add(netlink, 1, NLM_F_ACK) :
		       gprobe_netlink_request(netlink, 1, NLM_F_ACK);
		mnl_attr_put(head, 1, sizeof(label), label);
		ck_assert_uint_eq(head->nlmsg_len, GPROBE_NETLINK_REQUEST_MAX);
		peer_put_error(0, NULL)->nlmsg_seq = 1001 + i;
		peer_end();
	}
	ck_assert_int_eq(gprobe_netlink_talk(netlink, NULL, NULL), 0);
	ck_assert_uint_eq(peer_request_bytes(), GPROBE_NETLINK_REQUESTS *
			  GPROBE_NETLINK_REQUEST_MAX);
	free(netlink);
}
END_TEST

START_TEST(no_request_has_the_seq_of_what_comes_unasked)
{
	struct gprobe_netlink *netlink = set_up();

	netlink->seq = UINT32_MAX - 2;
	ask_for(netlink, 5);
	gprobe_netlink_talk(netlink, NULL, NULL);
	ck_assert_uint_eq(peer_request()->nlmsg_seq, 1);
	netlink->seq = UINT32_MAX;
	peer_ack();
	check_talk(netlink, 0, 0);
	free(netlink);
}
END_TEST

static void count_unasked(const struct nlmsghdr *message, void *arg)
{
	ck_assert_uint_eq(message->nlmsg_type, PEER_FAMILY);
	ck_assert_uint_eq(message->nlmsg_seq, 0);
	++*(unsigned int *)arg;
}

START_TEST(what_comes_unasked_is_handed_on_and_is_no_answer)
{
	struct gprobe_netlink *netlink = set_up();
	unsigned int unasked = 0;

	netlink->on_unasked = count_unasked;
	netlink->arg = &unasked;
	peer_put(PEER_FAMILY, 0);
	peer_put(PEER_FAMILY, 0);
	peer_put(PEER_FAMILY + 1, 0);
	peer_put_error(-EIO, NULL);
	peer_end_unasked();
	peer_put(PEER_FAMILY, 0);
	peer_ack();
	check_talk(netlink, 0, 1);
	ck_assert_uint_eq(unasked, 2);
	netlink->on_unasked = NULL;
	peer_put(PEER_FAMILY, 0);
	peer_end_unasked();
	peer_ack();
	check_talk(netlink, 0, 0);
	free(netlink);
}
END_TEST

START_TEST(an_overrun_is_kept_and_the_answer_read)
{
	struct gprobe_netlink *netlink = set_up();

	peer_fail(ENOBUFS);
	peer_put(PEER_FAMILY, 0);
	peer_end();
	peer_ack();
	check_talk(netlink, 0, 1);
	ck_assert(netlink->overrun);
	netlink->overrun = false;
	peer_ack();
	check_talk(netlink, 0, 0);
	ck_assert(!netlink->overrun);
	free(netlink);
}
END_TEST

START_TEST(silence_is_etimedout)
{
	struct gprobe_netlink *netlink = set_up();

	check_talk(netlink, -ETIMEDOUT, 0);
	peer_put(PEER_FAMILY, NLM_F_MULTI);
	peer_end();
	check_talk(netlink, -ETIMEDOUT, 1);
	/* What comes late disturbs nothing. */
	peer_put_error(-EIO, "late")->nlmsg_seq = 1002;
	peer_end();
	peer_ack();
	check_talk(netlink, 0, 0);
	free(netlink);
}
END_TEST

START_TEST(a_signal_does_not_end_the_waiting)
{
	struct gprobe_netlink *netlink = set_up();

	peer_fail(EINTR);
	peer_fail(EINTR);
	peer_ack();
	check_talk(netlink, 0, 0);
	free(netlink);
}
END_TEST

START_TEST(errors_of_the_socket_are_passed_on)
{
	struct gprobe_netlink *netlink = set_up();
	struct count count = { 0 };

	peer_fail(ENOBUFS);
	check_talk(netlink, -ENOBUFS, 0);
	/* A datagram that does not fit. */
	peer_fail(ENOSPC);
	check_talk(netlink, -ENOSPC, 0);
	peer_refuse("send", EPERM);
	ck_assert_int_eq(talk(netlink, &count), -EPERM);
	free(netlink);
}
END_TEST

START_TEST(each_truncation_of_a_datagram_is_eproto)
{
	struct gprobe_netlink *netlink = set_up();
	union {
		struct nlmsghdr head;
		char bytes[64];
	} whole = {
		.head = {
			.nlmsg_len = NLMSG_LENGTH(12),
			.nlmsg_type = PEER_FAMILY,
		},
	};
	size_t bytes;

	for (bytes = 1; bytes < whole.head.nlmsg_len; bytes++) {
		whole.head.nlmsg_seq = netlink->seq + 1;
		peer_raw(whole.bytes, bytes);
		check_talk(netlink, -EPROTO, 0);
	}
	free(netlink);
}
END_TEST

START_TEST(a_length_of_2_gib_and_more_is_eproto)
{
	static const uint32_t lengths[] = {
		0x80000000, 0x80000014, 0xfffffff0, 0xffffffff,
	};
	struct gprobe_netlink *netlink = set_up();
	struct nlmsghdr messages[4] = { 0 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		messages[0].nlmsg_len = lengths[i];
		messages[0].nlmsg_seq = netlink->seq + 1;
		peer_raw(messages, sizeof(messages));
		check_talk(netlink, -EPROTO, 0);
	}
	free(netlink);
}
END_TEST

START_TEST(a_message_too_short_for_its_kind_is_eproto)
{
	static const struct {
		uint16_t type, bytes;
	} cases[] = {
		{ PEER_FAMILY, 0 }, { PEER_FAMILY, 3 },
		{ NLMSG_ERROR, 0 }, { NLMSG_ERROR, 4 }, { NLMSG_ERROR, 16 },
	};
	struct gprobe_netlink *netlink = set_up();
	union {
		struct nlmsghdr head;
		char bytes[64];
	} message = { 0 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		message.head.nlmsg_len = NLMSG_LENGTH(cases[i].bytes);
		message.head.nlmsg_type = cases[i].type;
		message.head.nlmsg_seq = netlink->seq + 1;
		peer_raw(message.bytes, NLMSG_ALIGN(message.head.nlmsg_len));
		check_talk(netlink, -EPROTO, 0);
	}
	free(netlink);
}
END_TEST

START_TEST(random_datagrams_end_in_an_answer_or_an_error)
{
	struct gprobe_netlink *netlink = set_up();
	union {
		struct nlmsghdr head;
		uint8_t bytes[96];
	} message;
	struct count count = { 0 };
	uint64_t state = 14;
	size_t i;
	int round;

	for (round = 0; round < 20000; round++) {
		for (i = 0; i < sizeof(message); i++)
			message.bytes[i] = unit_random(&state) %
					   (round % 2 ? 4 : 256);
		message.head.nlmsg_seq = netlink->seq + 1;
		message.head.nlmsg_len = 16 + unit_random(&state) % 90;
		message.head.nlmsg_type = unit_random(&state) % 5;
		peer_reset();
		peer_raw(message.bytes, sizeof(message));
		gprobe_netlink_request(netlink, 1, 0);
		gprobe_netlink_talk(netlink, NULL, &count);
		unit_assert(memchr(netlink->message, '\0',
				   sizeof(netlink->message)));
	}
	free(netlink);
}
END_TEST

Suite *netlink_suite(void)
{
	return UNIT_SUITE("netlink", a_request_has_its_head_and_a_new_seq,
		requests_sent_together_are_whole_messages,
		each_request_has_its_own_end,
		a_request_whose_answer_is_missing_fails_alone,
		the_longest_requests_that_are_sent_together_fit,
		no_request_has_the_seq_of_what_comes_unasked,
		what_comes_unasked_is_handed_on_and_is_no_answer,
		an_overrun_is_kept_and_the_answer_read,
		an_answer_and_its_ack_are_read, answers_may_be_of_no_interest,
		a_dump_is_read_until_it_is_done,
		an_interrupted_dump_is_eintr_after_all_is_read,
		a_dump_interrupted_at_its_end_is_eintr,
		a_dump_that_is_done_with_an_error_fails,
		an_error_comes_with_the_kernels_words,
		words_of_an_earlier_failure_are_forgotten,
		words_behind_the_echoed_request_are_found,
		an_echoed_request_of_an_impossible_size_gives_no_words,
		words_too_long_are_cut_off,
		words_without_their_nul_are_ignored,
		answers_to_another_request_are_ignored,
		an_answer_that_fails_is_told_after_all_is_read,
		silence_is_etimedout, a_signal_does_not_end_the_waiting,
		errors_of_the_socket_are_passed_on,
		each_truncation_of_a_datagram_is_eproto,
		a_length_of_2_gib_and_more_is_eproto,
		a_message_too_short_for_its_kind_is_eproto,
		random_datagrams_end_in_an_answer_or_an_error);
}
