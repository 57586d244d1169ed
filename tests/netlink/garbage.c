// SPDX-License-Identifier: GPL-2.0
/*
 * Sends the module what it must refuse: known mistakes, each with the error
 * that is right for it, then random messages. Prints TAP. Its socket attaches
 * to nothing, so nothing may change; that is for the caller to see.
 *
 * garbage COUNT [SEED]
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"
#include "linux/gprobe.h"

#define BUFFER_BYTES 8192

static struct mnl_socket *sock;
static uint16_t family;
static unsigned int seq;
static unsigned int test_nr;
static bool failed;

static void ok(bool good, const char *what)
{
	printf("%sok %u - netlink: %s\n", good ? "" : "not ", ++test_nr, what);
	failed |= !good;
}

static struct nlmsghdr *begin(void *buffer, uint16_t type, uint8_t cmd)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buffer);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	nlh->nlmsg_seq = ++seq;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = GPROBE_FAMILY_VERSION;
	return nlh;
}

/* The error of the first acknowledgement; 0: done; 1: silence. */
static int answer(void)
{
	char buffer[BUFFER_BYTES];
	const struct nlmsghdr *nlh;
	const struct nlmsgerr *err;
	ssize_t len;
	int left;

	for (;;) {
		len = mnl_socket_recvfrom(sock, buffer, sizeof(buffer));
		if (len < 0)
			return errno == EAGAIN ? 1 : -errno;
		left = len;
		for (nlh = (void *)buffer; mnl_nlmsg_ok(nlh, left);
		     nlh = mnl_nlmsg_next(nlh, &left)) {
			if (nlh->nlmsg_type == NLMSG_DONE)
				return 0;
			if (nlh->nlmsg_type != NLMSG_ERROR)
				continue;
			err = mnl_nlmsg_get_payload(nlh);
			return err->error;
		}
	}
}

static int transact(const struct nlmsghdr *nlh)
{
	if (mnl_socket_sendto(sock, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	return answer();
}

static int on_family(const struct nlattr *attr, void *data)
{
	(void)data;
	if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
		family = mnl_attr_get_u16(attr);
	return MNL_CB_OK;
}

static void find_family(void)
{
	char buffer[BUFFER_BYTES];
	struct nlmsghdr *nlh = begin(buffer, GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
	ssize_t len;

	nlh->nlmsg_flags = NLM_F_REQUEST;
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, GPROBE_FAMILY_NAME);
	mnl_socket_sendto(sock, nlh, nlh->nlmsg_len);
	len = mnl_socket_recvfrom(sock, buffer, sizeof(buffer));
	if (len > 0 && nlh->nlmsg_type != NLMSG_ERROR)
		mnl_attr_parse(nlh, sizeof(struct genlmsghdr), on_family, NULL);
}

/* One mistake: attributes as (type, bytes, value), ended by one of 0 bytes. */
struct attribute {
	uint16_t type;
	uint16_t bytes;
	uint64_t value;
};

#define NO_BYTES 0xffff
/* A value: what the running Xen speaks. */
#define THIS_XEN UINT64_MAX

struct mistake {
	const char *what;
	uint8_t cmd;
	int err;
	struct attribute attributes[5];
};

static const struct mistake mistakes[] = {
	{ "unknown command", 200, -EOPNOTSUPP, { { 0 } } },
	{ "command 0", 0, -EOPNOTSUPP, { { 0 } } },
	{ "a notification as a request", GPROBE_CMD_CLAIM_NEW_NTF, -EOPNOTSUPP,
	  { { 0 } } },
	{ "attach without a domain", GPROBE_CMD_DOMAIN_ATTACH, -EINVAL,
	  { { 0 } } },
	{ "attach without a domctl version", GPROBE_CMD_DOMAIN_ATTACH, -EINVAL,
	  { { GPROBE_A_DOMAIN_ID, 4, 1 } } },
	{ "attach with a short domid", GPROBE_CMD_DOMAIN_ATTACH, -EINVAL,
	  { { GPROBE_A_DOMAIN_ID, 2, 1 } } },
	{ "attach to DOMID_SELF", GPROBE_CMD_DOMAIN_ATTACH, -ERANGE,
	  { { GPROBE_A_DOMAIN_ID, 4, 0x7ff0 } } },
	{ "attach to a domain that is not there", GPROBE_CMD_DOMAIN_ATTACH,
	  -ENOENT,
	  { { GPROBE_A_DOMAIN_ID, 4, 32000 },
	    { GPROBE_A_DOMAIN_DOMCTL_VERSION, 4, THIS_XEN } } },
	{ "attach to dom0", GPROBE_CMD_DOMAIN_ATTACH, -EOPNOTSUPP,
	  { { GPROBE_A_DOMAIN_ID, 4, 0 },
	    { GPROBE_A_DOMAIN_DOMCTL_VERSION, 4, THIS_XEN } } },
	{ "attach with a foreign domctl version", GPROBE_CMD_DOMAIN_ATTACH,
	  -EACCES,
	  { { GPROBE_A_DOMAIN_ID, 4, 0 },
	    { GPROBE_A_DOMAIN_DOMCTL_VERSION, 4, 0x99 } } },
	{ "attach with an attribute of a reply", GPROBE_CMD_DOMAIN_ATTACH,
	  -EINVAL, { { GPROBE_A_DOMAIN_VCPUS, 4, 1 } } },
	{ "attach with an unknown attribute", GPROBE_CMD_DOMAIN_ATTACH, -EINVAL,
	  { { GPROBE_A_DOMAIN_MAX + 1, 4, 1 } } },
	{ "detach from where it is not", GPROBE_CMD_DOMAIN_DETACH, -ENOTCONN,
	  { { GPROBE_A_DOMAIN_ID, 4, 0 } } },
	{ "claim without a session", GPROBE_CMD_CLAIM_NEW, -ENOTCONN,
	  { { GPROBE_A_CLAIM_DOMAIN, 4, 0 },
	    { GPROBE_A_CLAIM_GFN, 8, 0x100 },
	    { GPROBE_A_CLAIM_OFFSET, 4, 0 },
	    { GPROBE_A_CLAIM_ACTION, 4, GPROBE_ACTION_COUNT } } },
	{ "claim with an offset beyond the page", GPROBE_CMD_CLAIM_NEW, -ERANGE,
	  { { GPROBE_A_CLAIM_OFFSET, 4, 4096 } } },
	{ "claim with a gfn of 41 bits", GPROBE_CMD_CLAIM_NEW, -ERANGE,
	  { { GPROBE_A_CLAIM_GFN, 8, 1ULL << GPROBE_GFN_BITS } } },
	{ "claim with action 0", GPROBE_CMD_CLAIM_NEW, -ERANGE,
	  { { GPROBE_A_CLAIM_ACTION, 4, 0 } } },
	{ "claim with an unknown step", GPROBE_CMD_CLAIM_NEW, -ERANGE,
	  { { GPROBE_A_CLAIM_STEP, 4, GPROBE_STEP_MAX + 1 } } },
	{ "claim of no privilege level", GPROBE_CMD_CLAIM_NEW, -ERANGE,
	  { { GPROBE_A_CLAIM_CPLS, 4, 0 } } },
	{ "claim of CPL 4", GPROBE_CMD_CLAIM_NEW, -ERANGE,
	  { { GPROBE_A_CLAIM_CPLS, 4, GPROBE_CPLS_ALL + 1 } } },
	{ "claim of no vCPU", GPROBE_CMD_CLAIM_NEW, -ERANGE,
	  { { GPROBE_A_CLAIM_VCPUS, NO_BYTES, 0 } } },
	{ "claim that is off after no hit", GPROBE_CMD_CLAIM_NEW, -ERANGE,
	  { { GPROBE_A_CLAIM_OFF_AFTER, 8, 0 } } },
	{ "claim with a rate of 0", GPROBE_CMD_CLAIM_NEW, -ERANGE,
	  { { GPROBE_A_CLAIM_RATE, 4, 0 } } },
	{ "claim with an attribute of a reply", GPROBE_CMD_CLAIM_NEW, -EINVAL,
	  { { GPROBE_A_CLAIM_LIMITED, 8, 0 } } },
	{ "claim in view 0", GPROBE_CMD_CLAIM_NEW, -ERANGE,
	  { { GPROBE_A_CLAIM_VIEW, 4, 0 } } },
	{ "delete of a claim that is not there", GPROBE_CMD_CLAIM_DEL, -ENOENT,
	  { { GPROBE_A_CLAIM_ID, 4, 0x7fffffff } } },
	{ "delete of claim 2^32-1", GPROBE_CMD_CLAIM_DEL, -ENOENT,
	  { { GPROBE_A_CLAIM_ID, 4, 0xffffffff } } },
	{ "switch of a view without a session", GPROBE_CMD_VIEW_SWITCH,
	  -ENOTCONN,
	  { { GPROBE_A_VIEW_DOMAIN, 4, 0 }, { GPROBE_A_VIEW_ID, 4, 1 } } },
	{ "reply without a session", GPROBE_CMD_UPCALL_REPLY, -ENOTCONN,
	  { { GPROBE_A_UPCALL_DOMAIN, 4, 0 }, { GPROBE_A_UPCALL_SEQ, 8, 1 } } },
	{ "reply without a number", GPROBE_CMD_UPCALL_REPLY, -EINVAL,
	  { { GPROBE_A_UPCALL_DOMAIN, 4, 0 } } },
	{ "reply with verdict 0", GPROBE_CMD_UPCALL_REPLY, -ERANGE,
	  { { GPROBE_A_UPCALL_VERDICT, 4, 0 } } },
	{ "reply with an unknown verdict", GPROBE_CMD_UPCALL_REPLY, -ERANGE,
	  { { GPROBE_A_UPCALL_VERDICT, 4, GPROBE_VERDICT_MAX + 1 } } },
	{ "reply with half of the registers", GPROBE_CMD_UPCALL_REPLY, -ERANGE,
	  { { GPROBE_A_UPCALL_REGS, 8, 0 } } },
	{ "reply to set no registers", GPROBE_CMD_UPCALL_REPLY, -EINVAL,
	  { { GPROBE_A_UPCALL_VERDICT, 4, GPROBE_VERDICT_REGISTERS } } },
	{ "reply to go on in no view", GPROBE_CMD_UPCALL_REPLY, -EINVAL,
	  { { GPROBE_A_UPCALL_VERDICT, 4, GPROBE_VERDICT_VIEW } } },
	{ "reply to continue in a view", GPROBE_CMD_UPCALL_REPLY, -EINVAL,
	  { { GPROBE_A_UPCALL_VIEW, 4, 1 } } },
	{ "reply to step with an instruction", GPROBE_CMD_UPCALL_REPLY, -EINVAL,
	  { { GPROBE_A_UPCALL_VERDICT, 4, GPROBE_VERDICT_STEP },
	    { GPROBE_A_UPCALL_INSN, 1, 0x90 } } },
	{ "reply to emulate no byte", GPROBE_CMD_UPCALL_REPLY, -ERANGE,
	  { { GPROBE_A_UPCALL_VERDICT, 4, GPROBE_VERDICT_EMULATE },
	    { GPROBE_A_UPCALL_INSN, NO_BYTES, 0 } } },
	{ "reply to inject nothing", GPROBE_CMD_UPCALL_REPLY, -EINVAL,
	  { { GPROBE_A_UPCALL_VERDICT, 4, GPROBE_VERDICT_INJECT } } },
	{ "reply to inject an NMI", GPROBE_CMD_UPCALL_REPLY, -EINVAL,
	  { { GPROBE_A_UPCALL_VERDICT, 4, GPROBE_VERDICT_INJECT },
	    { GPROBE_A_UPCALL_VECTOR, 4, 2 } } },
	{ "reply to inject a #GP without its code", GPROBE_CMD_UPCALL_REPLY,
	  -EINVAL,
	  { { GPROBE_A_UPCALL_VERDICT, 4, GPROBE_VERDICT_INJECT },
	    { GPROBE_A_UPCALL_VECTOR, 4, 13 } } },
	{ "reply to inject a #UD with a code", GPROBE_CMD_UPCALL_REPLY, -EINVAL,
	  { { GPROBE_A_UPCALL_VERDICT, 4, GPROBE_VERDICT_INJECT },
	    { GPROBE_A_UPCALL_VECTOR, 4, 6 },
	    { GPROBE_A_UPCALL_ERROR_CODE, 4, 0 } } },
	{ "reply to inject a #PF without CR2", GPROBE_CMD_UPCALL_REPLY, -EINVAL,
	  { { GPROBE_A_UPCALL_VERDICT, 4, GPROBE_VERDICT_INJECT },
	    { GPROBE_A_UPCALL_VECTOR, 4, 14 },
	    { GPROBE_A_UPCALL_ERROR_CODE, 4, 0 } } },
	{ "reply to inject a #GP with CR2", GPROBE_CMD_UPCALL_REPLY, -EINVAL,
	  { { GPROBE_A_UPCALL_VERDICT, 4, GPROBE_VERDICT_INJECT },
	    { GPROBE_A_UPCALL_VECTOR, 4, 13 },
	    { GPROBE_A_UPCALL_ERROR_CODE, 4, 0 },
	    { GPROBE_A_UPCALL_CR2, 8, 0 } } },
	{ "reply with a code that no CPU takes", GPROBE_CMD_UPCALL_REPLY, -ERANGE,
	  { { GPROBE_A_UPCALL_VERDICT, 4, GPROBE_VERDICT_INJECT },
	    { GPROBE_A_UPCALL_ERROR_CODE, 4, 0x8000 } } },
	{ "reply with an attribute of an upcall", GPROBE_CMD_UPCALL_REPLY,
	  -EINVAL, { { GPROBE_A_UPCALL_CLAIM, 4, 1 } } },
	{ "trap without a session", GPROBE_CMD_TRAP_NEW, -ENOTCONN,
	  { { GPROBE_A_TRAP_DOMAIN, 4, 0 },
	    { GPROBE_A_TRAP_KIND, 4, GPROBE_TRAP_KIND_CPUID },
	    { GPROBE_A_TRAP_ACTION, 4, GPROBE_ACTION_COUNT } } },
	{ "trap of kind 0", GPROBE_CMD_TRAP_NEW, -ERANGE,
	  { { GPROBE_A_TRAP_KIND, 4, 0 } } },
	{ "trap of an unknown kind", GPROBE_CMD_TRAP_NEW, -ERANGE,
	  { { GPROBE_A_TRAP_KIND, 4, GPROBE_TRAP_KIND_MAX + 1 } } },
	{ "trap with an unknown action", GPROBE_CMD_TRAP_NEW, -ERANGE,
	  { { GPROBE_A_TRAP_ACTION, 4, GPROBE_ACTION_MAX + 1 } } },
	{ "trap with an attribute of a reply", GPROBE_CMD_TRAP_NEW, -EINVAL,
	  { { GPROBE_A_TRAP_EVENTS, 8, 0 } } },
	{ "delete of a trap that is not there", GPROBE_CMD_TRAP_DEL, -ENOENT,
	  { { GPROBE_A_TRAP_ID, 4, 0x7fffffff } } },
	{ "site asked for singly", GPROBE_CMD_SITE_GET, -EOPNOTSUPP,
	  { { 0 } } },
};

static void put_all(struct nlmsghdr *nlh, const struct attribute *attribute)
{
	uint64_t value;

	for (; attribute->bytes; attribute++) {
		value = attribute->value == THIS_XEN ? ctl_domctl_version() :
						       attribute->value;
		mnl_attr_put(nlh, attribute->type,
			     attribute->bytes == NO_BYTES ? 0 :
			     attribute->bytes, &value);
	}
}

static void try_mistakes(void)
{
	const struct mistake *mistake = mistakes;
	char buffer[BUFFER_BYTES];
	struct nlmsghdr *nlh;
	unsigned int i;
	int err;

	for (i = 0; i < sizeof(mistakes) / sizeof(*mistakes); i++, mistake++) {
		nlh = begin(buffer, family, mistake->cmd);
		put_all(nlh, mistake->attributes);
		err = transact(nlh);
		ok(err == mistake->err, mistake->what);
		if (err != mistake->err)
			printf("# error %d (%s), expected %d (%s)\n", err,
			       strerror(abs(err)), mistake->err,
			       strerror(-mistake->err));
	}
}

/* Attributes of random type, length and content; sometimes a cut message. */
static void random_message(struct nlmsghdr *nlh)
{
	uint8_t data[160];
	unsigned int nr = random() % 6;
	size_t bytes, i;

	while (nr--) {
		bytes = random() % sizeof(data);
		if (random() % 3)
			bytes = random() % 2 ? 4 : 8;
		for (i = 0; i < bytes; i++)
			data[i] = random() % 4 ? 0 : random();
		mnl_attr_put(nlh, random() % 32, bytes, data);
	}
	if (!(random() % 8))
		nlh->nlmsg_len -= random() % (nlh->nlmsg_len -
					      MNL_NLMSG_HDRLEN + 1);
	if (!(random() % 8))
		nlh->nlmsg_flags |= NLM_F_DUMP;
}

static void try_random(unsigned long count)
{
	char buffer[BUFFER_BYTES];
	unsigned long i, silent = 0;
	struct nlmsghdr *nlh;

	for (i = 0; i < count; i++) {
		nlh = begin(buffer, family,
			    random() % (GPROBE_CMD_MAX + 3));
		random_message(nlh);
		silent += transact(nlh) == 1;
	}
	ok(!silent, "every random message is answered");
}

int main(int argc, char **argv)
{
	const struct timeval patience = { .tv_sec = 10 };
	unsigned int seed = argc > 2 ? strtoul(argv[2], NULL, 0) : 1;

	if (argc < 2) {
		fprintf(stderr, "usage: garbage COUNT [SEED]\n");
		return 2;
	}
	sock = mnl_socket_open(NETLINK_GENERIC);
	if (!sock || mnl_socket_bind(sock, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    setsockopt(mnl_socket_get_fd(sock), SOL_SOCKET, SO_RCVTIMEO,
		       &patience, sizeof(patience))) {
		perror("netlink socket");
		return 1;
	}
	find_family();
	ok(family, "the family is there");
	if (!family)
		return 1;
	try_mistakes();
	printf("# seed %u\n", seed);
	srandom(seed);
	try_random(strtoul(argv[1], NULL, 0));
	mnl_socket_close(sock);
	return failed;
}
