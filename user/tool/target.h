/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest with our probes in it. Found and resolved first, then attached, then
 * armed; closing undoes it all. Once it is armed, vCPUs that change page tables
 * wait for target_serve(). Functions that return an exit status have said
 * what went wrong.
 */
#ifndef GPROBE_TOOL_TARGET_H
#define GPROBE_TOOL_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gprobe/client.h>
#include <gprobe/guest.h>
#include <gprobe/probe.h>
#include <gprobe/session.h>

/**
 * struct target - a guest and our probes
 * @host: Xen
 * @xen: what it is
 * @guest: the guest
 * @name: what people call it
 * @probes: ours
 * @nr_probes: how many
 * @client: our session
 * @monitor: tells of the guest's death
 * @session: our probes in it, once armed
 * @kernel_root: of the guest's kernel itself; 0: not known
 * @past_hits: of each probe's claims that are gone: of pages that went
 * @view: where its vCPUs are tapped
 * @take_over: from an agent that is dead
 * @nr_vcpus: the guest's
 * @lost_before: events that the module had lost before we came
 */
struct target {
	struct gprobe_host *host;
	struct gprobe_host_info xen;
	struct gprobe_guest_info guest;
	const char *name;
	struct gprobe_probe *probes;
	size_t nr_probes;
	struct gprobe_client *client;
	struct gprobe_monitor *monitor;
	struct gprobe_session *session;
	uint64_t kernel_root;
	uint64_t *past_hits;
	uint32_t view, nr_vcpus;
	bool take_over;
	uint64_t lost_before;
};

/* What the module has counted for a probe. */
struct target_hits {
	uint64_t hits;
	bool known;
};

int target_find(struct target *target, const char *domain);
int target_resolve(struct target *target, const char *symbols);
int target_attach(struct target *target);
const char *target_reason(const struct target *target, int err);
int target_arm(struct target *target);
int target_serve(struct target *target, bool *more);
void target_wait(struct target *target, int fd);
void target_say_missed(const struct target *target);
void target_hits(struct target *target, struct target_hits *hits);
void target_disarm(struct target *target, struct target_hits *hits);
uint64_t target_lost(struct target *target);
bool target_died(struct target *target);
void target_close(struct target *target);

#endif /* GPROBE_TOOL_TARGET_H */
