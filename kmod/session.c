// SPDX-License-Identifier: GPL-2.0
#include "session.h"

#include <linux/err.h>
#include <linux/module.h>
#include <linux/netlink.h>
#include <linux/slab.h>

#include "domain.h"
#include "frame.h"
#include "netlink.h"
#include "site.h"
#include "trap.h"
#include "upcall.h"
#include "view.h"
#include "watch.h"

DEFINE_IDR(gprobe_sessions);

/**
 * gprobe_session_find() - Find the session of a socket.
 * @portid: the socket's port id
 *
 * Context: Process, control lock held.
 * Return: the session, or NULL: the socket is attached to nothing.
 */
struct gprobe_session *gprobe_session_find(u32 portid)
{
	struct gprobe_session *session;
	int index;

	lockdep_assert_held(&gprobe_control_mutex);
	idr_for_each_entry(&gprobe_sessions, session, index)
		if (session->portid == portid)
			return session;
	return NULL;
}

/* A session holds the module: rmmod is refused while there are any. */
static struct gprobe_session *session_get(u32 portid)
{
	struct gprobe_session *session = gprobe_session_find(portid);

	if (session)
		return session;
	if (!try_module_get(THIS_MODULE))
		return ERR_PTR(-ENODEV);
	session = kzalloc(sizeof(*session), GFP_KERNEL);
	if (!session)
		goto err_module;
	session->portid = portid;
	INIT_LIST_HEAD(&session->attachments);
	INIT_LIST_HEAD(&session->claims);
	session->index = idr_alloc(&gprobe_sessions, session, 0, 0, GFP_KERNEL);
	if (session->index < 0)
		goto err_free;
	return session;

err_free:
	kfree(session);
err_module:
	module_put(THIS_MODULE);
	return ERR_PTR(-ENOMEM);
}

static void session_put(struct gprobe_session *session)
{
	if (!list_empty(&session->attachments))
		return;
	idr_remove(&gprobe_sessions, session->index);
	kfree(session);
	module_put(THIS_MODULE);
}

/**
 * gprobe_session_attachment() - Is a session attached to a guest?
 * @session: the session, or NULL
 * @domid: the guest
 *
 * A live guest is found before a gone one that had the same domid.
 *
 * Context: Process, control lock held.
 * Return: its attachment or NULL.
 */
struct gprobe_attachment *
gprobe_session_attachment(struct gprobe_session *session, u32 domid)
{
	struct gprobe_attachment *attachment, *gone = NULL;

	if (!session)
		return NULL;
	list_for_each_entry(attachment, &session->attachments, session_node) {
		if (attachment->domain->xen.domid != domid)
			continue;
		if (!attachment->domain->gone)
			return attachment;
		gone = attachment;
	}
	return gone;
}

static struct gprobe_domain *domain_get(const struct gprobe_attach_spec *spec,
					struct netlink_ext_ack *extack)
{
	struct gprobe_domain *domain = gprobe_domain_find(spec->domid);

	return domain ?: gprobe_domain_attach(spec, extack);
}

/**
 * gprobe_session_attach() - Join a guest.
 * @portid: the socket
 * @spec: which one, and how
 * @extack: says why not
 *
 * Context: Process, control lock held, may sleep.
 * Return: 0; -EALREADY this session has joined; see gprobe_domain_attach().
 */
int gprobe_session_attach(u32 portid, const struct gprobe_attach_spec *spec,
			  struct netlink_ext_ack *extack)
{
	struct gprobe_attachment *attachment;
	struct gprobe_session *session;
	struct gprobe_domain *domain;
	int ret;

	session = session_get(portid);
	if (IS_ERR(session))
		return PTR_ERR(session);
	attachment = gprobe_session_attachment(session, spec->domid);
	if (attachment && !attachment->domain->gone) {
		NL_SET_ERR_MSG(extack, "this session is attached to that domain already");
		return -EALREADY;
	}
	attachment = kzalloc(sizeof(*attachment), GFP_KERNEL);
	if (!attachment) {
		ret = -ENOMEM;
		goto err_session;
	}
	domain = domain_get(spec, extack);
	if (IS_ERR(domain)) {
		ret = PTR_ERR(domain);
		goto err_free;
	}
	attachment->session = session;
	attachment->domain = domain;
	INIT_LIST_HEAD(&attachment->watchers);
	INIT_LIST_HEAD(&attachment->unused_frames);
	INIT_LIST_HEAD(&attachment->unused_watches);
	INIT_LIST_HEAD(&attachment->traps);
	INIT_LIST_HEAD(&attachment->free_upcalls);
	list_add(&attachment->session_node, &session->attachments);
	list_add(&attachment->domain_node, &domain->attachments);
	if (!domain->nr_sessions++)
		gprobe_netlink_domain_attached(domain);
	return 0;

err_free:
	kfree(attachment);
err_session:
	session_put(session);
	return ret;
}

/**
 * gprobe_attachment_tidy() - Drop what a session uses no more in a guest.
 * @attachment: the session's
 *
 * Frames and watched pages that were made ahead for requests that then did not want
 * them, or whose last claim or watcher went. All are dropped at once, when a
 * session's requests that came together are done, or when it leaves.
 *
 * Context: Process, control lock held, may sleep.
 */
void gprobe_attachment_tidy(struct gprobe_attachment *attachment)
{
	/* With a guest that is gone they have gone. */
	if (attachment->domain->gone)
		return;
	gprobe_frames_drop(attachment->domain, &attachment->unused_frames);
	gprobe_watches_drop(attachment->domain, &attachment->unused_watches);
}

/**
 * gprobe_session_tidy() - gprobe_attachment_tidy() in all guests.
 * @session: the session, or NULL
 *
 * Context: Process, control lock held, may sleep.
 */
void gprobe_session_tidy(struct gprobe_session *session)
{
	struct gprobe_attachment *attachment;

	if (!session)
		return;
	list_for_each_entry(attachment, &session->attachments, session_node)
		gprobe_attachment_tidy(attachment);
}

static void release_traps(struct gprobe_attachment *attachment)
{
	struct gprobe_trap *trap, *next;

	list_for_each_entry_safe(trap, next, &attachment->traps,
				 attachment_node) {
		gprobe_trap_release(trap);
		gprobe_trap_free(trap);
	}
}

/* The views go after all claims are gone from them. */
static void release_views(struct gprobe_session *session,
			  struct gprobe_domain *domain)
{
	struct gprobe_view *view, *next;

	list_for_each_entry_safe(view, next, &domain->views, node) {
		if (view->owner != session)
			continue;
		if (domain->active == view)
			gprobe_view_switch(domain, domain->tap);
		else if (gprobe_view_has_vcpus(view))
			gprobe_view_switch(domain, domain->active);
		gprobe_view_del(view, domain->gone);
	}
}

/**
 * gprobe_session_detach() - Leave a guest.
 * @attachment: not to be used after; nor the session, if this was its last
 *
 * The session's claims, watches, traps and views of this guest go. The last
 * session to leave detaches the guest.
 *
 * Context: Process, control lock held, may sleep.
 */
void gprobe_session_detach(struct gprobe_attachment *attachment)
{
	struct gprobe_session *session = attachment->session;
	struct gprobe_domain *domain = attachment->domain;
	struct gprobe_claim *claim, *next;

	list_for_each_entry_safe(claim, next, &session->claims, session_node) {
		/* A released claim's guest is gone: this one, or another. */
		if (claim->domid != domain->xen.domid ||
		    !claim->site != domain->gone)
			continue;
		gprobe_claim_release(claim, domain->gone);
		gprobe_netlink_claim_deleted(claim);
		gprobe_claim_free(claim);
	}
	gprobe_watch_release(attachment, domain->gone);
	/* With the last session its views go, and all that they show. */
	if (domain->nr_sessions == 1)
		list_splice_init(&attachment->unused_frames,
				 &domain->unused_frames);
	gprobe_attachment_tidy(attachment);
	release_traps(attachment);
	gprobe_upcalls_release(attachment);
	gprobe_upcalls_free(attachment);
	release_views(session, domain);
	list_del(&attachment->session_node);
	list_del(&attachment->domain_node);
	kfree(attachment);
	if (!--domain->nr_sessions)
		gprobe_domain_detach(domain);
	session_put(session);
}

/* With the last attachment goes the session, and the list's head with it. */
static void detach_all(struct gprobe_session *session)
{
	bool more;

	do {
		more = !list_is_singular(&session->attachments);
		gprobe_session_detach(list_first_entry(&session->attachments,
						       struct gprobe_attachment,
						       session_node));
	} while (more);
}

/**
 * gprobe_session_release() - A socket is gone: so is all it made.
 * @portid: the socket; one with no session is fine
 *
 * A pinned session stays, without a socket.
 *
 * Context: Process, may sleep; takes the control lock.
 */
void gprobe_session_release(u32 portid)
{
	struct gprobe_session *session;

	mutex_lock(&gprobe_control_mutex);
	session = gprobe_session_find(portid);
	if (session && session->name[0])
		WRITE_ONCE(session->portid, 0);
	else if (session)
		detach_all(session);
	mutex_unlock(&gprobe_control_mutex);
}

/* --- pinned by a name --- */

static struct gprobe_session *find_pinned(const char *name,
					  struct netlink_ext_ack *extack)
{
	struct gprobe_session *session;
	int index;

	lockdep_assert_held(&gprobe_control_mutex);
	idr_for_each_entry(&gprobe_sessions, session, index)
		if (!strcmp(session->name, name))
			return session;
	NL_SET_ERR_MSG(extack, "no session is pinned by that name");
	return NULL;
}

static bool has_upcall_traps(const struct gprobe_attachment *attachment)
{
	const struct gprobe_trap *trap;

	list_for_each_entry(trap, &attachment->traps, attachment_node)
		if (trap->spec.action == GPROBE_ACTION_UPCALL)
			return true;
	return false;
}

/* Without a socket nobody would. */
static bool has_to_reply(const struct gprobe_session *session)
{
	const struct gprobe_attachment *attachment;
	const struct gprobe_claim *claim;

	list_for_each_entry(attachment, &session->attachments, session_node)
		if (!list_empty(&attachment->watchers) ||
		    has_upcall_traps(attachment))
			return true;
	list_for_each_entry(claim, &session->claims, session_node)
		if (claim->spec.action == GPROBE_ACTION_UPCALL)
			return true;
	return false;
}

/**
 * gprobe_session_pin() - Let a session outlive its socket.
 * @session: whose guests it stays attached to
 * @name: not empty
 * @extack: says why not
 *
 * Context: Process, control lock held.
 * Return: 0; -EEXIST the name is another session's; -EBUSY the session has
 * another name, or watches or upcalls, which nobody could reply to.
 */
int gprobe_session_pin(struct gprobe_session *session, const char *name,
		       struct netlink_ext_ack *extack)
{
	struct gprobe_session *named = find_pinned(name, NULL);

	if (named && named != session) {
		NL_SET_ERR_MSG(extack, "another session is pinned by that name");
		return -EEXIST;
	}
	if (session->name[0] && !named) {
		NL_SET_ERR_MSG(extack, "the session is pinned by another name");
		return -EBUSY;
	}
	if (has_to_reply(session)) {
		NL_SET_ERR_MSG(extack, "a session that watches page tables, or has upcalls, cannot be pinned: without a socket nobody replies");
		return -EBUSY;
	}
	strscpy(session->name, name, sizeof(session->name));
	return 0;
}

/**
 * gprobe_session_unpin() - Let a session die with its socket again.
 * @name: of the session
 * @extack: says why not
 *
 * One that has none dies now.
 *
 * Context: Process, control lock held, may sleep.
 * Return: 0; -ENOENT no session has that name.
 */
int gprobe_session_unpin(const char *name, struct netlink_ext_ack *extack)
{
	struct gprobe_session *session = find_pinned(name, extack);

	if (!session)
		return -ENOENT;
	session->name[0] = '\0';
	if (!session->portid)
		detach_all(session);
	return 0;
}

/**
 * gprobe_session_take() - Give a pinned session a socket.
 * @portid: the socket
 * @name: of the session
 * @extack: says why not
 *
 * Context: Process, control lock held.
 * Return: 0; -ENOENT no session has that name; -EBUSY it has a socket;
 * -EALREADY the socket has a session.
 */
int gprobe_session_take(u32 portid, const char *name,
			struct netlink_ext_ack *extack)
{
	struct gprobe_session *session = find_pinned(name, extack);

	if (!session)
		return -ENOENT;
	if (session->portid) {
		NL_SET_ERR_MSG(extack, "that session has a socket, of a process that runs");
		return -EBUSY;
	}
	if (gprobe_session_find(portid)) {
		NL_SET_ERR_MSG(extack, "this socket has a session of its own");
		return -EALREADY;
	}
	session->portid = portid;
	return 0;
}
