/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A guest that is traced: the module, its guest's memory and the tables, in one
 * object with one descriptor to poll. It has no thread and never waits but for
 * the module's answers.
 *
 *	gprobe_session_new(&spec, &session);
 *	gprobe_follow_insert(gprobe_session_follow(session), &claim);
 *	for (;;) {
 *		more = gprobe_session_dispatch(session);
 *		poll({ gprobe_session_fd(session), POLLIN }, more ? 0 : -1);
 *	}
 *
 * A vCPU that changes a page table on the way to a claim waits until it is
 * dispatched: the claims that are concerned are in or out before it goes on. So
 * gprobe_session_dispatch() is to be called soon whenever the descriptor can be
 * read, and after each call that changes the tables, as what came meanwhile is
 * in memory and not in the descriptor. The module lets a vCPU go by itself when
 * it has waited too long (gprobe_session_figures.late).
 *
 * What fails while a vCPU waits is tried again at once, then the vCPU goes on
 * all the same (.failed), and it is tried again in each later dispatch.
 *
 * Claims with the action upcall, which claims.fill may ask for, have their vCPU
 * wait before the instruction that was hit. Each such hit is given to on_hit,
 * whose verdict says how the vCPU goes on: past the instruction, or stepped, with
 * other registers, into a handler; see enum gprobe_verdict_kind.
 *
 * Errors are those of gprobe/bpm.h, gprobe/ptm.h and gprobe/client.h. Not
 * thread-safe: one thread for it, its client, its host and its guest.
 */
#ifndef GPROBE_SESSION_H
#define GPROBE_SESSION_H

#include <stdint.h>

#include <gprobe/bpm.h>
#include <gprobe/client.h>
#include <gprobe/follow.h>
#include <gprobe/guest.h>
#include <gprobe/xen_driver.h>

struct gprobe_session;

/**
 * gprobe_hit_fn - A claim or a trap with GPROBE_ACTION_UPCALL was hit.
 * @arg: gprobe_session_spec.hit_arg
 * @upcall: GPROBE_UPCALL_REASON_HIT, or _STEP after a verdict to step: who, where,
 *	which claim (@claim, and its @cookie), with which registers; or _TRAP: of
 *	a trap that the client has made besides
 * @verdict: zeroed: as if nobody had asked; filled in: how the vCPU goes on
 *
 * The vCPU waits until this returns: its registers and its memory stay. Others
 * run. The session may be used, claims made and removed, but nothing
 * dispatched. A verdict that the module refuses is one to continue, and is
 * counted (gprobe_session_figures.refused).
 */
typedef void (*gprobe_hit_fn)(void *arg, const struct gprobe_upcall *upcall,
			      struct gprobe_verdict *verdict);

/**
 * struct gprobe_session_spec - what a session works on
 * @client: attached to the guest; it outlives the session, which reads all of
 *	its upcalls
 * @host: Xen; it outlives the session
 * @domid: the guest
 * @claims: what claims are to be; see gprobe/xen_driver.h. Each claim of the
 *	tables is one of the module, with its root, and @fill gets its key and
 *	tag.
 * @on_hit: is given the hits of claims and traps with GPROBE_ACTION_UPCALL; NULL:
 *	they continue
 * @hit_arg: for @on_hit
 */
struct gprobe_session_spec {
	struct gprobe_client *client;
	struct gprobe_host *host;
	uint32_t domid;
	struct gprobe_xen_claims claims;
	gprobe_hit_fn on_hit;
	void *hit_arg;
};

/**
 * struct gprobe_session_figures - what happened so far
 * @upcalls: that were seen to
 * @hits: of these, those of claims and traps: hits, steps and traps
 * @late: of @upcalls, those whose vCPU did not wait until then; of @hits, on_hit
 *	was not told of some of them
 * @failed: of @upcalls, those that could not be seen to at once
 * @refused: of @hits, those whose verdict the module refused
 * @lost: how often upcalls may have been lost
 * @unfinished: vCPUs whose changes are to be tried again
 */
struct gprobe_session_figures {
	uint64_t upcalls, hits, late, failed, refused, lost;
	uint32_t unfinished;
};

int gprobe_session_new(const struct gprobe_session_spec *spec,
		       struct gprobe_session **session);
void gprobe_session_free(struct gprobe_session *session);
int gprobe_session_fd(const struct gprobe_session *session);
int gprobe_session_dispatch(struct gprobe_session *session);
void gprobe_session_drop(struct gprobe_session *session);

struct gprobe_driver gprobe_session_driver(struct gprobe_session *session);
struct gprobe_bpm *gprobe_session_bpm(struct gprobe_session *session);
struct gprobe_follow *gprobe_session_follow(struct gprobe_session *session);
void gprobe_session_figures(const struct gprobe_session *session,
			    struct gprobe_session_figures *figures);

#endif /* GPROBE_SESSION_H */
