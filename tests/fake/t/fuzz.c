// SPDX-License-Identifier: GPL-2.0
/*
 * A fuzzer that knows the protocol's document. Sessions send what it allows, in
 * any order and with any values, and now and then something that it does not,
 * while vCPUs run. Each request is answered, with an error that the protocol
 * has; none that breaks the document succeeds; all can be undone.
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../file.h"
#include "../session.h"
#include "../tap.h"

#define TIMEOUT_MS	"/sys/module/gprobe/parameters/upcall_timeout_ms"
#define THREADS		4
#define REQUESTS	rounds(6000)
#define BUFFER_BYTES	16384
#define NAMES		3

enum spec_type { SPEC_U32, SPEC_U64, SPEC_FLAG, SPEC_BINARY, SPEC_STRING };

struct spec_attribute {
	uint16_t type;
	enum spec_type kind;
	const char *name;
	/* Of the value, or of the length where it is bytes. */
	uint64_t min, max;
};

struct spec_command {
	uint8_t cmd;
	bool dump;
	const char *name;
	unsigned int nr;
	struct spec_attribute attributes[16];
};

#include "spec.h"

#define NR_COMMANDS (sizeof(commands) / sizeof(*commands))

struct fuzzer {
	pthread_t thread;
	struct mnl_socket *sock;
	unsigned int seed, seq;
	/* Of the last upcall and the last claim it was told of. */
	uint64_t upcall;
	uint32_t claim;
	unsigned long nr_done, nr_refused, nr_silent, nr_strange, nr_wrong;
};

static struct guest guests[2];
static uint16_t family;

static unsigned int any(struct fuzzer *fuzzer, unsigned int below)
{
	return rand_r(&fuzzer->seed) % below;
}

static void open_socket(struct fuzzer *fuzzer)
{
	const struct timeval patience = { .tv_sec = 60 };

	fuzzer->sock = mnl_socket_open(NETLINK_GENERIC);
	if (!fuzzer->sock ||
	    mnl_socket_bind(fuzzer->sock, 0, MNL_SOCKET_AUTOPID) ||
	    setsockopt(mnl_socket_get_fd(fuzzer->sock), SOL_SOCKET, SO_RCVTIMEO,
		       &patience, sizeof(patience)))
		bail("open a socket", errno);
}

/* --- requests --- */

static struct nlmsghdr *begin(struct fuzzer *fuzzer, void *buffer,
			      uint16_t type, uint8_t cmd, bool dump)
{
	struct nlmsghdr *head = mnl_nlmsg_put_header(buffer);
	struct genlmsghdr *genl;

	head->nlmsg_type = type;
	head->nlmsg_seq = ++fuzzer->seq;
	head->nlmsg_flags = NLM_F_REQUEST | (dump ? NLM_F_DUMP : NLM_F_ACK);
	genl = mnl_nlmsg_put_extra_header(head, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = GPROBE_FAMILY_VERSION;
	return head;
}

/* A value that may mean something, or just one that is allowed. */
static uint64_t value(struct fuzzer *fuzzer,
		      const struct spec_attribute *attribute)
{
	uint64_t span = attribute->max - attribute->min, value;
	const char *name = attribute->name;

	if (!any(fuzzer, 8))
		value = (uint64_t)rand_r(&fuzzer->seed) << 32 | any(fuzzer, 999);
	else if (!strcmp(name, "domain") || !strcmp(name, "id"))
		value = !strcmp(name, "id") && any(fuzzer, 2) ?
			fuzzer->claim : 1 + any(fuzzer, 2);
	else if (!strcmp(name, "domctl-version"))
		value = GPROBE_FAKE_DOMCTL_VERSION;
	else if (!strcmp(name, "gfn"))
		value = any(fuzzer, GUEST_PAGES);
	else if (!strcmp(name, "offset"))
		value = 8 * any(fuzzer, 4);
	else if (!strcmp(name, "root"))
		value = vcpu_root(any(fuzzer, 2));
	else if (!strcmp(name, "seq"))
		value = fuzzer->upcall;
	else
		value = attribute->min + any(fuzzer, 16);
	if (value < attribute->min || value > attribute->max)
		value = attribute->min + (span ? value % span : 0);
	return value;
}

static void put_bytes(struct fuzzer *fuzzer, struct nlmsghdr *head,
		      const struct spec_attribute *attribute)
{
	uint64_t span = attribute->max - attribute->min;
	size_t bytes = attribute->min + (span ? any(fuzzer, span + 1) : 0), i;
	uint8_t data[256];

	for (i = 0; i < bytes; i++)
		data[i] = any(fuzzer, 3) ? 0 : any(fuzzer, 256);
	mnl_attr_put(head, attribute->type, bytes, data);
}

static void put(struct fuzzer *fuzzer, struct nlmsghdr *head,
		const struct spec_attribute *attribute)
{
	static const char *const names[NAMES] = { "a", "bc", "a-long-name" };

	switch (attribute->kind) {
	case SPEC_U32:
		mnl_attr_put_u32(head, attribute->type,
				 value(fuzzer, attribute));
		break;
	case SPEC_U64:
		mnl_attr_put_u64(head, attribute->type,
				 value(fuzzer, attribute));
		break;
	case SPEC_FLAG:
		mnl_attr_put(head, attribute->type, 0, NULL);
		break;
	case SPEC_BINARY:
		put_bytes(fuzzer, head, attribute);
		break;
	case SPEC_STRING:
		mnl_attr_put_strz(head, attribute->type,
				  names[any(fuzzer, NAMES)]);
		break;
	}
}

/* What the document does not allow; false: it has nothing to break. */
static bool break_one(struct fuzzer *fuzzer, struct nlmsghdr *head,
		      const struct spec_command *command)
{
	const struct spec_attribute *attribute;
	uint64_t low, high;

	/* An attribute that no command has. */
	if (!command->nr || !any(fuzzer, 3)) {
		mnl_attr_put_u32(head, 60 + any(fuzzer, 1000), 1);
		return true;
	}
	attribute = &command->attributes[any(fuzzer, command->nr)];
	low = attribute->min - 1;
	high = attribute->max + 1;
	switch (attribute->kind) {
	case SPEC_U32:
		if (any(fuzzer, 2))
			mnl_attr_put_u16(head, attribute->type, 1);
		else if (attribute->min)
			mnl_attr_put_u32(head, attribute->type, low);
		else if (high < 1ULL << 32)
			mnl_attr_put_u32(head, attribute->type, high);
		else
			return false;
		return true;
	case SPEC_U64:
		if (any(fuzzer, 2))
			mnl_attr_put_u32(head, attribute->type, 1);
		else if (attribute->min)
			mnl_attr_put_u64(head, attribute->type, low);
		else if (high)
			mnl_attr_put_u64(head, attribute->type, high);
		else
			return false;
		return true;
	default:
		return false;
	}
}

/* --- answers --- */

static bool is_known(int err)
{
	static const int errors[] = {
		0, EPERM, ENOENT, ENXIO, EAGAIN, ENOMEM, EACCES, EBUSY, EEXIST,
		EINVAL, ENOSPC, ERANGE, EOPNOTSUPP, ENOTCONN, ESHUTDOWN,
		EALREADY, EMSGSIZE,
	};
	size_t i;

	for (i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		if (err == -errors[i])
			return true;
	return false;
}

/* An object or a notification: what later requests can speak of. */
static void learn(struct fuzzer *fuzzer, const struct nlmsghdr *head)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(head);
	const struct nlattr *attr;

	mnl_attr_for_each(attr, head, sizeof(*genl)) {
		if ((genl->cmd == GPROBE_CMD_UPCALL_NTF) &&
		    mnl_attr_get_type(attr) == GPROBE_A_UPCALL_SEQ)
			fuzzer->upcall = mnl_attr_get_u64(attr);
		if (genl->cmd == GPROBE_CMD_CLAIM_NEW &&
		    mnl_attr_get_type(attr) == GPROBE_A_CLAIM_ID)
			fuzzer->claim = mnl_attr_get_u32(attr);
	}
}

/* 1: it did not answer. */
static int answer(struct fuzzer *fuzzer)
{
	uint8_t buffer[BUFFER_BYTES] __attribute__((aligned(4)));
	const struct nlmsghdr *head;
	int got;

	for (;;) {
		got = mnl_socket_recvfrom(fuzzer->sock, buffer, sizeof(buffer));
		if (got < 0 && errno == ENOBUFS)
			continue;
		if (got <= 0)
			return 1;
		for (head = (void *)buffer; mnl_nlmsg_ok(head, got);
		     head = mnl_nlmsg_next(head, &got)) {
			if (head->nlmsg_type == family)
				learn(fuzzer, head);
			else if (head->nlmsg_seq != fuzzer->seq)
				continue;
			else if (head->nlmsg_type == NLMSG_DONE)
				return *(int *)mnl_nlmsg_get_payload(head);
			else if (head->nlmsg_type == NLMSG_ERROR)
				return *(int *)mnl_nlmsg_get_payload(head);
		}
	}
}

static void request(struct fuzzer *fuzzer)
{
	const struct spec_command *command =
		&commands[any(fuzzer, NR_COMMANDS)];
	uint8_t buffer[BUFFER_BYTES] __attribute__((aligned(4)));
	struct nlmsghdr *head;
	bool broken = false;
	unsigned int i;
	int err;

	head = begin(fuzzer, buffer, family, command->cmd, command->dump);
	for (i = 0; i < command->nr; i++)
		if (i < 3 || any(fuzzer, 3) == 0)
			put(fuzzer, head, &command->attributes[i]);
	if (!any(fuzzer, 6))
		broken = break_one(fuzzer, head, command);
	if (mnl_socket_sendto(fuzzer->sock, head, head->nlmsg_len) < 0)
		bail("send", errno);
	err = answer(fuzzer);
	fuzzer->nr_done += !err;
	fuzzer->nr_refused += err < 0;
	fuzzer->nr_silent += err == 1;
	if (err <= 0 && !is_known(err)) {
		note("%s: error %d", command->name, err);
		fuzzer->nr_strange++;
	}
	if (broken && !err) {
		note("%s: done, though it breaks the document", command->name);
		fuzzer->nr_wrong++;
	}
}

static void *fuzz(void *arg)
{
	struct fuzzer *fuzzer = arg;
	unsigned int i;

	open_socket(fuzzer);
	for (i = 0; i < REQUESTS; i++) {
		request(fuzzer);
		if (!any(fuzzer, 500)) {
			mnl_socket_close(fuzzer->sock);
			open_socket(fuzzer);
		}
	}
	mnl_socket_close(fuzzer->sock);
	return NULL;
}

/* --- around it --- */

static void find_family(void)
{
	uint8_t buffer[BUFFER_BYTES] __attribute__((aligned(4)));
	struct fuzzer fuzzer = { .seed = 1 };
	const struct nlattr *attr;
	struct nlmsghdr *head;

	open_socket(&fuzzer);
	head = begin(&fuzzer, buffer, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, false);
	mnl_attr_put_strz(head, CTRL_ATTR_FAMILY_NAME, GPROBE_FAMILY_NAME);
	if (mnl_socket_sendto(fuzzer.sock, head, head->nlmsg_len) < 0 ||
	    mnl_socket_recvfrom(fuzzer.sock, buffer, sizeof(buffer)) < 0)
		bail("find the family", errno);
	mnl_attr_for_each(attr, head, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
			family = mnl_attr_get_u16(attr);
	mnl_socket_close(fuzzer.sock);
}

/* What a pinned session keeps goes with its name. */
static void unpin_all(void)
{
	struct gprobe_session_info *infos;
	struct gprobe_client *client;
	size_t nr, i;

	if (gprobe_client_open(&client) ||
	    gprobe_session_list(client, &infos, &nr))
		bail("list sessions", EIO);
	for (i = 0; i < nr; i++)
		gprobe_client_unpin(client, infos[i].name);
	free(infos);
	gprobe_client_close(client);
}

int main(int argc, char **argv)
{
	static const struct place places[] = { { 2, 0 }, { 2, 8 }, { 3, 16 } };
	static struct fuzzer fuzzers[THREADS], all;
	unsigned int seed = argc > 1 ? strtoul(argv[1], NULL, 0) : 1;
	struct vcpu *vcpus[2];
	unsigned int i;

	find_family();
	file_write(TIMEOUT_MS, "20");
	for (i = 0; i < 2; i++) {
		guest_open(&guests[i], 1 + i, 2);
		vcpus[i] = vcpus_start(&guests[i], places, 3, 0);
	}
	note("seed %u", seed);
	for (i = 0; i < THREADS; i++) {
		fuzzers[i].seed = seed + i;
		if (pthread_create(&fuzzers[i].thread, NULL, fuzz, &fuzzers[i]))
			bail("start a thread", EAGAIN);
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(fuzzers[i].thread, NULL);
		all.nr_done += fuzzers[i].nr_done;
		all.nr_refused += fuzzers[i].nr_refused;
		all.nr_silent += fuzzers[i].nr_silent;
		all.nr_strange += fuzzers[i].nr_strange;
		all.nr_wrong += fuzzers[i].nr_wrong;
	}
	unpin_all();
	for (i = 0; i < 2; i++) {
		vcpus_stop(vcpus[i]);
		vcpus_join(vcpus[i]);
		check_as_found(&guests[i], "fuzzed");
		guest_close(&guests[i]);
	}
	file_write(TIMEOUT_MS, "2000");
	is(all.nr_silent, 0, "each request is answered");
	is(all.nr_strange, 0, "with an error that the protocol has");
	is(all.nr_wrong, 0, "none that breaks the document is done");
	ok(all.nr_done > REQUESTS / 10 && all.nr_refused > REQUESTS / 10,
	   "there were many of both kinds");
	note("%lu done, %lu refused", all.nr_done, all.nr_refused);
	return tap_end();
}
