// SPDX-License-Identifier: LGPL-2.1-or-later
/* A traced guest, and what is done when a vCPU of it waits. */
#include <gprobe/session.h>

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

/* So often something that fails is tried while a vCPU waits. */
#define TRIES	3

/* After so many upcalls others have their turn. */
#define UPCALLS	64

#define VCPUS	(GPROBE_PTM_VCPU_MAX + 1)

/**
 * struct gprobe_session - a traced guest
 * @client: the module
 * @domid: the guest
 * @guest: its memory
 * @xen_driver: both
 * @driver: the same, for the tables
 * @arbiter: of its pages
 * @tap: of its breakpoints
 * @bpm: the breakpoints
 * @follow: they follow their pages
 * @on_hit: is given hits, or NULL
 * @hit_arg: for @on_hit
 * @figures: what happened
 * @unfinished: vCPUs whose changes are to be tried again: a bit each
 * @is_dying: the guest is
 */
struct gprobe_session {
	struct gprobe_client *client;
	uint32_t domid;
	struct gprobe_guest *guest;
	struct gprobe_xen_driver *xen_driver;
	struct gprobe_driver driver;
	struct gprobe_access_arbiter *arbiter;
	struct gprobe_tap_claims *tap;
	struct gprobe_bpm *bpm;
	struct gprobe_follow *follow;
	gprobe_hit_fn on_hit;
	void *hit_arg;
	struct gprobe_session_figures figures;
	uint64_t unfinished[VCPUS / 64];
	bool is_dying;
};

static int make_driver(struct gprobe_session *session,
		       const struct gprobe_session_spec *spec)
{
	int ret = gprobe_guest_open(spec->host, spec->domid, &session->guest);

	if (ret)
		return ret;
	ret = gprobe_xen_driver_new(spec->client, session->guest, spec->domid,
				    &spec->claims, &session->xen_driver);
	if (!ret)
		session->driver = gprobe_xen_driver(session->xen_driver);
	return ret;
}

static int make_tables(struct gprobe_session *session)
{
	const struct gprobe_driver *driver = &session->driver;
	struct gprobe_tap tap;
	int ret;

	ret = gprobe_access_new(driver, &session->arbiter);
	if (!ret)
		ret = gprobe_tap_claims_new(driver, &session->tap);
	if (ret)
		return ret;
	tap = gprobe_tap_claims(session->tap);
	ret = gprobe_bpm_new(driver, &tap, &session->bpm);
	if (!ret)
		ret = gprobe_follow_new(driver, session->arbiter, session->bpm,
					&session->follow);
	return ret;
}

/**
 * gprobe_session_new() - Be ready to trace a guest.
 * @spec: what to work on; copied
 * @session: for gprobe_session_free()
 *
 * Return: 0 or -ENOMEM.
 */
int gprobe_session_new(const struct gprobe_session_spec *spec,
		       struct gprobe_session **session)
{
	struct gprobe_session *made = calloc(1, sizeof(*made));
	int ret;

	if (!made)
		return -ENOMEM;
	made->client = spec->client;
	made->domid = spec->domid;
	made->on_hit = spec->on_hit;
	made->hit_arg = spec->hit_arg;
	ret = make_driver(made, spec);
	if (!ret)
		ret = make_tables(made);
	if (ret) {
		gprobe_session_free(made);
		return ret;
	}
	*session = made;
	return 0;
}

/**
 * gprobe_session_fd() - What to poll for POLLIN.
 * @session: the session
 *
 * Return: a file descriptor that stays the session's.
 */
int gprobe_session_fd(const struct gprobe_session *session)
{
	return gprobe_client_fd(session->client);
}

/* --- changes of page tables --- */

static void set_unfinished(struct gprobe_session *session, uint32_t vcpu,
			   bool unfinished)
{
	uint64_t bit = 1ULL << vcpu % 64;
	uint64_t *word = &session->unfinished[vcpu / 64];

	if (!(*word & bit) == unfinished)
		session->figures.unfinished += unfinished ? 1 : -1;
	*word = unfinished ? *word | bit : *word & ~bit;
}

/* The vCPU's store is done, so what is to be done before it is nothing. */
static int follow_once(struct gprobe_session *session,
		       const struct gprobe_upcall *upcall)
{
	const struct gprobe_event event = {
		.kind = GPROBE_EVENT_ACCESS,
		.vcpu = upcall->vcpu,
		.view = upcall->view,
		.access = GPROBE_ACCESS_W,
		.bytes = sizeof(uint64_t),
		.gpa = upcall->gfn * GPROBE_PAGE_SIZE +
		       upcall->index * sizeof(uint64_t),
	};
	int ret = gprobe_follow_event(session->follow, &event);

	return ret < 0 ? ret : gprobe_follow_stored(session->follow,
						    upcall->vcpu);
}

/* Not worth another try: it would fail again, or is moot. */
static bool is_final(int ret)
{
	return !ret || ret == -ESHUTDOWN || ret == -EINVAL;
}

static void follow(struct gprobe_session *session,
		   const struct gprobe_upcall *upcall)
{
	int tries, ret = -EINVAL;

	for (tries = 0; tries < TRIES; tries++) {
		ret = follow_once(session, upcall);
		if (is_final(ret))
			break;
	}
	if (ret == -ESHUTDOWN)
		session->is_dying = true;
	else if (ret)
		session->figures.failed++;
	if (upcall->vcpu < VCPUS)
		set_unfinished(session, upcall->vcpu, !is_final(ret));
}

static bool is_hit(const struct gprobe_upcall *upcall)
{
	return upcall->reason == GPROBE_UPCALL_REASON_HIT ||
	       upcall->reason == GPROBE_UPCALL_REASON_STEP ||
	       upcall->reason == GPROBE_UPCALL_REASON_TRAP;
}

/* The module has read the verdict and does not do it. */
static bool is_refused(int ret)
{
	return ret == -EINVAL || ret == -EOPNOTSUPP || ret == -EPERM ||
	       ret == -EBUSY;
}

/*
 * One that the module does not know any more was late, and it says so. One that
 * cannot be replied to goes on when its time is up.
 */
static void reply(struct gprobe_session *session,
		  const struct gprobe_upcall *upcall,
		  const struct gprobe_verdict *verdict)
{
	int tries, ret = 0;

	for (tries = 0; tries < TRIES; tries++) {
		ret = gprobe_upcall_reply(session->client, upcall, verdict);
		if (ret == -ENOENT || is_final(ret) || is_refused(ret))
			break;
	}
	if (verdict && is_refused(ret)) {
		session->figures.refused++;
		reply(session, upcall, NULL);
		return;
	}
	if (ret == -ESHUTDOWN)
		session->is_dying = true;
	else if (ret && ret != -ENOENT)
		session->figures.failed++;
}

static void on_hit(struct gprobe_session *session,
		   const struct gprobe_upcall *upcall)
{
	struct gprobe_verdict verdict = { 0 };

	session->figures.hits++;
	if (upcall->timed_out)
		return;
	if (session->on_hit)
		session->on_hit(session->hit_arg, upcall, &verdict);
	reply(session, upcall, &verdict);
}

static void serve(struct gprobe_session *session,
		  const struct gprobe_upcall *upcall)
{
	if (upcall->domid == session->domid) {
		session->figures.upcalls++;
		session->figures.late += upcall->timed_out;
		if (is_hit(upcall)) {
			on_hit(session, upcall);
			return;
		}
		if (upcall->reason == GPROBE_UPCALL_REASON_TABLE)
			follow(session, upcall);
	}
	if (!upcall->timed_out)
		reply(session, upcall, NULL);
}

static int serve_next(struct gprobe_session *session)
{
	struct gprobe_upcall upcall;
	int ret = gprobe_upcall_read(session->client, &upcall);

	if (ret == -ENOBUFS || ret == -EPROTO) {
		session->figures.lost++;
		return 0;
	}
	if (!ret)
		serve(session, &upcall);
	return ret;
}

static void retry(struct gprobe_session *session)
{
	uint32_t vcpu;

	for (vcpu = 0; session->figures.unfinished && vcpu < VCPUS; vcpu++)
		if (session->unfinished[vcpu / 64] >> vcpu % 64 & 1 &&
		    is_final(gprobe_follow_stored(session->follow, vcpu)))
			set_unfinished(session, vcpu, false);
}

/**
 * gprobe_session_dispatch() - See to the vCPUs that wait.
 * @session: the session
 *
 * Return: 0: none is left; 1: there may be more, and it is to be called again
 * without waiting; -ESHUTDOWN the guest dies; another negative errno: the module
 * cannot be spoken to.
 */
int gprobe_session_dispatch(struct gprobe_session *session)
{
	int i, ret = 0;

	retry(session);
	for (i = 0; i < UPCALLS && !ret; i++)
		ret = serve_next(session);
	if (session->is_dying) {
		gprobe_session_drop(session);
		return -ESHUTDOWN;
	}
	if (!ret)
		return 1;
	return ret == -EAGAIN ? 0 : ret;
}

/* Those who wait for a table that is watched no more. */
static void let_all_go(struct gprobe_session *session)
{
	struct gprobe_upcall upcall;
	int ret = 0;

	while (!ret || ret == -ENOBUFS || ret == -EPROTO) {
		ret = gprobe_upcall_read(session->client, &upcall);
		if (!ret && !upcall.timed_out)
			reply(session, &upcall, NULL);
	}
}

/**
 * gprobe_session_free() - Trace a guest no more.
 * @session: or NULL
 *
 * Claims stay in the guest until the client is closed, unless they were removed
 * before (gprobe_follow_clear()). Nothing is watched any more, and no vCPU waits.
 */
void gprobe_session_free(struct gprobe_session *session)
{
	if (!session)
		return;
	gprobe_follow_free(session->follow);
	let_all_go(session);
	gprobe_bpm_free(session->bpm);
	gprobe_tap_claims_free(session->tap);
	gprobe_access_free(session->arbiter);
	gprobe_xen_driver_free(session->xen_driver);
	gprobe_guest_close(session->guest);
	free(session);
}

/**
 * gprobe_session_drop() - The guest dies: let go of its frames.
 * @session: the session; claims can still be removed, for their figures
 *
 * For those who hear of it before the session does.
 */
void gprobe_session_drop(struct gprobe_session *session)
{
	session->is_dying = true;
	gprobe_xen_driver_drop(session->xen_driver);
}

/**
 * gprobe_session_driver() - The guest.
 * @session: the session
 *
 * Return: its driver.
 */
struct gprobe_driver gprobe_session_driver(struct gprobe_session *session)
{
	return session->driver;
}

/**
 * gprobe_session_bpm() - The breakpoint table.
 * @session: the session
 *
 * Return: the table, for claims that are not to follow.
 */
struct gprobe_bpm *gprobe_session_bpm(struct gprobe_session *session)
{
	return session->bpm;
}

/**
 * gprobe_session_follow() - The breakpoints that follow their pages.
 * @session: the session
 *
 * Return: the joined tables.
 */
struct gprobe_follow *gprobe_session_follow(struct gprobe_session *session)
{
	return session->follow;
}

/**
 * gprobe_session_figures() - Tell what happened so far.
 * @session: the session
 * @figures: the answer
 */
void gprobe_session_figures(const struct gprobe_session *session,
			    struct gprobe_session_figures *figures)
{
	*figures = session->figures;
}
