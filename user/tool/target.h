/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest with our probes in it; a command may have several, each beside another.
 * Found and resolved first, then attached, then armed; closing undoes it all. Once it
 * is armed, vCPUs that change page tables wait for @serve. Functions that return an
 * exit status have said what went wrong.
 */
#ifndef GPROBE_TOOL_TARGET_H
#define GPROBE_TOOL_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/types.h>

#include <gprobe/client.h>
#include <gprobe/fetch.h>
#include <gprobe/guest.h>
#include <gprobe/probe.h>
#include <gprobe/session.h>

#include "calls.h"
#include "progress.h"
#include "symbol_files.h"

struct counter;
struct hits;
struct gprobe_process;
struct target_sim;
struct target;

/**
 * struct target_hits - what was counted for a place, by whoever answers for them
 * @hits: that its filters let through
 * @limited: of these, those that nobody was told of, as was asked for
 * @known: it can be had
 */
struct target_hits {
	uint64_t hits, limited;
	bool known;
};

/**
 * struct target_ops - how a guest is reached: `gprobe --driver NAME`
 * @name: NAME
 * @guests: the names of the guests there are, then NULL; NULL: Xen knows them
 * @find: find the guest by its name or number: @guest and @name
 * @resolve: find the places of the probes, with target_resolve_in()
 * @attach: join it: @view, @nr_vcpus and @monitor_fd
 * @open_counter: make @counter; once attached
 * @open_hits: be ready to give @hits each hit; once attached
 * @open_tables: make @driver, @bpm, @follow and @fd
 * @serve: let vCPUs that wait go on, their probes in or out. @more: there may
 *	be more; else @fd tells
 * @hits: what is counted for each place
 * @lost: events that were lost since we came; 0 too if that cannot be told
 * @missed: changes of page tables that were seen to too late
 * @died: read what @monitor_fd has to say: true if the guest has died; then
 *	nothing of it is mapped any more
 * @reason: why a call failed, as the driver has it
 * @close: undo all that was done, at any stage
 *
 * Those that return an int return an exit status.
 */
struct target_ops {
	const char *name;
	const char *const *guests;
	int (*find)(struct target *target, const char *domain);
	int (*resolve)(struct target *target);
	int (*attach)(struct target *target);
	int (*open_counter)(struct target *target);
	int (*open_hits)(struct target *target);
	int (*open_tables)(struct target *target);
	int (*serve)(struct target *target, bool *more);
	void (*hits)(struct target *target, struct target_hits *hits);
	uint64_t (*lost)(struct target *target);
	uint64_t (*missed)(const struct target *target);
	bool (*died)(struct target *target);
	const char *(*reason)(const struct target *target, int err);
	void (*close)(struct target *target);
};

extern const struct target_ops target_xen, target_sim;

/* So many guests may a command have. */
#define TARGETS_MAX	64

/**
 * struct target - a guest and our probes
 * @ops: how it is reached
 * @guest: the guest
 * @name: what people call it
 * @asked: what was asked for, globs among them
 * @rooted: @asked, once the roots of their processes are known; or NULL
 * @asked_fetches: what each of them is to fetch; or NULL
 * @nr_asked: how many
 * @is_strict: a glob of which not all can be probed is refused
 * @files: of symbols; the caller's, but that they are unloaded once they are
 *	not needed any more
 * @probes: ours, once resolved; behind them, as probes of their own, where the
 *	functions are left whose return is probed
 * @places: which probe each of them is of, and what
 * @nr_places: how many
 * @fetches: what each probe fetches, or NULL; of @asked_fetches
 * @nr_probes: how many probes
 * @progress: of what takes long
 * @wanted: what its claims have in common: filters and limits
 * @take_over: from an agent that is dead
 * @view: where its vCPUs are tapped
 * @nr_vcpus: the guest's
 * @monitor_fd: tells of its death
 * @symbols: once resolved, if something fetched is to be named; else NULL
 * @slide: by which the guest's kernel is off @symbols
 * @unwind: walks its kernel's stack; NULL: no fetch needs that
 * @version: of its kernel, once resolved; "" if that is not known
 * @kernel_root: of the guest's kernel itself; 0: not known
 * @driver: the guest, for the tables
 * @bpm: the probes in it
 * @follow: they follow their pages
 * @fd: tells that vCPUs wait
 * @counter: counts hits; whoever closes the target closes it then
 * @hits: gets each hit that target_tells() of, its vCPU waiting where memory is to
 *	be read; or NULL: hits are counted alone
 * @beside: another guest of the same command, with others beside it; or NULL
 * @is_dead: the guest has died, as the run has seen
 * @died_ns: then: when, since the run began
 *
 * Of target_xen:
 * @host: Xen
 * @xen: what it is
 * @client: our session
 * @monitor: tells of the guest's death
 * @session: our probes in it, once armed
 * @past: of each place's claims that are gone: of pages that went
 * @lost_before: events that the module had lost before we came
 *
 * Of target_sim:
 * @sim: the guest, and what its tables need
 */
struct target {
	const struct target_ops *ops;
	struct gprobe_guest_info guest;
	const char *name;
	const struct gprobe_probe *asked;
	struct gprobe_probe *rooted;
	struct gprobe_fetch **asked_fetches;
	size_t nr_asked;
	bool is_strict;
	struct symbol_files *files;
	struct gprobe_probe *probes;
	struct call_place *places;
	size_t nr_places;
	struct gprobe_fetch **fetches;
	size_t nr_probes;
	struct progress progress;
	struct gprobe_claim_spec wanted;
	bool take_over;
	uint32_t view, nr_vcpus;
	int monitor_fd;
	const struct gprobe_symbols *symbols;
	uint64_t slide;
	struct gprobe_unwind *unwind;
	char version[256];
	uint64_t kernel_root;
	struct gprobe_driver driver;
	struct gprobe_bpm *bpm;
	struct gprobe_follow *follow;
	int fd;
	struct counter *counter;
	struct hits *hits;
	struct target *beside;
	bool is_dead;
	uint64_t died_ns;

	struct gprobe_host *host;
	struct gprobe_host_info xen;
	struct gprobe_client *client;
	struct gprobe_monitor *monitor;
	struct gprobe_session *session;
	struct target_hits *past;
	uint64_t lost_before;

	struct target_sim *sim;
};

/**
 * struct target_limits - of the hits of a place
 * @off_after: so many, then it has no more; 0: all
 * @rate: somebody is told of so many a second at most; 0: all
 */
struct target_limits {
	uint64_t off_after;
	uint32_t rate;
};

bool target_tells(const struct target *target, size_t place);
struct target_limits target_limits(const struct target *target, size_t place);
int target_resolve_in(struct target *target, struct gprobe_space *space);
int target_expand(struct target *target, const struct gprobe_space *space);
int target_find_processes(struct target *target,
			  const struct gprobe_space *space);
int target_choose_process(struct gprobe_probe *probe,
			  const struct gprobe_process *all, size_t nr);
void target_free_probes(struct target *target);
bool target_names(const struct target *target);
int target_read(void *arg, const struct gprobe_regs *regs, uint64_t gva,
		void *buffer, size_t bytes);
int target_arm(struct target *target);
void target_serve_beside(struct target *target);
void target_wait(struct target *target, int fd);
void target_disarm(struct target *target, struct target_hits *hits);
void target_say_missed(const struct target *target);

#endif /* GPROBE_TOOL_TARGET_H */
