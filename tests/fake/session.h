/* SPDX-License-Identifier: GPL-2.0 */
/* Sessions of the module, for tests that end when one cannot be had. */
#ifndef GPROBE_FAKE_TEST_SESSION_H
#define GPROBE_FAKE_TEST_SESSION_H

#include "guest.h"

struct gprobe_client *session_open(const struct guest *guest);
/* The rest of what a claim needs: it counts, and is emulated. */
struct gprobe_claim_spec claim_at(const struct guest *guest,
				  struct place place);
/* The same with this step method. */
struct gprobe_claim_spec claim_stepped(const struct guest *guest,
				       struct place place, uint32_t step);
/* A claim; its number. */
uint32_t session_claim_spec(struct gprobe_client *client,
			    const struct gprobe_claim_spec *spec);
/* A claim that counts, with this step method; its number. */
uint32_t session_claim(struct gprobe_client *client, const struct guest *guest,
		       struct place place, uint32_t step);
/* As many claims in one datagram as GPROBE_NETLINK_REQUESTS; what came of each. */
void session_claim_many(struct gprobe_client *client,
			const struct gprobe_claim_spec *specs, unsigned int nr,
			int *rets, uint32_t *ids);
/* Their end, in one datagram. */
void session_unclaim_many(struct gprobe_client *client, const uint32_t *ids,
			  unsigned int nr, int *rets);
/* The same of watches. */
void session_watch_many(struct gprobe_client *client,
			const struct gprobe_watch *watches, unsigned int nr,
			int *rets);
struct gprobe_claim_info session_claim_info(struct gprobe_client *client,
					    uint32_t claim);
/* Its hits by now. */
uint64_t session_hits(struct gprobe_client *client, uint32_t claim);
/* A guest's figures; it is attached. */
struct gprobe_stats session_stats(struct gprobe_client *client,
				  const struct guest *guest);
/* Is no session attached to it? */
bool is_detached(const struct guest *guest);
/* ok(): it is detached and as it was. */
void check_as_found(const struct guest *guest, const char *when);

#endif /* GPROBE_FAKE_TEST_SESSION_H */
