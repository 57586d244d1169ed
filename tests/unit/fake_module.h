/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the module writes of its objects; all else in them is 1. And a module
 * that does what it is asked.
 */
#ifndef GPROBE_UNIT_FAKE_MODULE_H
#define GPROBE_UNIT_FAKE_MODULE_H

#include <stdbool.h>
#include <stdint.h>

#include <gprobe/client.h>
#include <libmnl/libmnl.h>

/* A client with nothing but its socket; all that was laid out is read at its end. */
struct gprobe_client *module_client(void);
void module_client_close(struct gprobe_client *client);

#define MODULE_CLAIMS	64
#define MODULE_TABLES	8
#define MODULE_REPLIES	300

void module_put_domain(struct nlmsghdr *head, uint32_t domid);
void module_put_view(struct nlmsghdr *head, uint32_t id);
void module_put_site(struct nlmsghdr *head, uint64_t gfn);
void module_put_claim(struct nlmsghdr *head, uint32_t id);
void module_put_watch(struct nlmsghdr *head, uint64_t gfn);
void module_put_trap(struct nlmsghdr *head, uint32_t id);
void module_put_upcall(struct nlmsghdr *head, uint64_t seq);
/* The same of a claim: _HIT or _STEP. */
void module_put_hit(struct nlmsghdr *head, uint32_t reason, uint64_t seq);

/* @vcpus: the first eight of the set. */
struct fake_claim {
	uint64_t gfn, root, cookie, hits, limited, off_after;
	uint32_t offset, step, insn_bytes, action, cpls, rate;
	uint8_t vcpus;
	bool used;
};

/**
 * struct fake_module - a module
 * @view: all claims and watches must be in this one
 * @claims: the number is the index plus one; a new one has one hit
 * @nr_claims: how many there are
 * @watched: entries of the guest's first frames
 * @replied: numbers of upcalls
 * @verdicts: kinds of their verdicts; 0: none was given
 * @nr_replied: how many
 * @claims_at_reply: how many claims there were at the last one
 * @fail_cmd: requests of this command fail
 * @fail_err: with this
 * @fail_times: so often
 */
struct fake_module {
	uint32_t view;
	struct fake_claim claims[MODULE_CLAIMS];
	unsigned int nr_claims;
	uint8_t watched[MODULE_TABLES][GPROBE_ENTRIES_BYTES];
	uint64_t replied[MODULE_REPLIES];
	uint32_t verdicts[MODULE_REPLIES];
	unsigned int nr_replied, claims_at_reply;
	uint8_t fail_cmd;
	int fail_err;
	unsigned int fail_times;
};

/* For peer_serve(), with a struct fake_module. */
void module_serve(const struct nlmsghdr *request, void *arg);
/* From now on requests of this command fail, so often. */
void module_fail(struct fake_module *module, uint8_t cmd, int err,
		 unsigned int times);
/* A vCPU waits, or did. */
void module_upcall(uint8_t cmd, const struct gprobe_upcall *upcall);

#endif /* GPROBE_UNIT_FAKE_MODULE_H */
