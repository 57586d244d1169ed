// SPDX-License-Identifier: GPL-2.0
#include "operations.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "session.h"
#include "tap.h"

#define MANY	200

static const struct place places[] = { { 2, 0x100 }, { 3, 0 } };

/* @other: a session besides, or NULL */
struct job {
	const struct fault *fault;
	struct guest guest;
	struct gprobe_client *client, *other;
	uint32_t claims[2], view, trap;
};

/* For an answer that does not come. */
static void be_impatient(const struct gprobe_client *client)
{
	const struct timeval patience = { .tv_sec = 1 };

	if (setsockopt(gprobe_client_fd(client), SOL_SOCKET, SO_RCVTIMEO,
		       &patience, sizeof(patience)))
		bail("be impatient", errno);
}

static int attach(struct job *job)
{
	struct gprobe_domain_info info;

	return gprobe_domain_attach(job->client, job->guest.spec.domid,
				    GPROBE_FAKE_DOMCTL_VERSION, &info);
}

static int claim(struct job *job, unsigned int i)
{
	struct gprobe_claim_spec spec = claim_at(&job->guest, places[i]);
	struct gprobe_claim_info info;
	int ret = gprobe_claim_new(job->client, &spec, &info);

	job->claims[i] = info.id;
	return ret;
}

static int claim_first(struct job *job)
{
	return claim(job, 0);
}

static int claim_other_page(struct job *job)
{
	return claim(job, 1);
}

static int unclaim(struct job *job)
{
	struct gprobe_claim_info info;

	return gprobe_claim_del(job->client, job->claims[0], &info);
}

static int watch_entries(struct job *job, uint64_t gfn, uint8_t entries)
{
	const struct gprobe_watch watch = {
		.domid = job->guest.spec.domid, .gfn = gfn,
		.entries = { entries },
	};

	return gprobe_watch_set(job->client, &watch);
}

static int watch(struct job *job)
{
	return watch_entries(job, 9, 1);
}

static int unwatch(struct job *job)
{
	return watch_entries(job, 9, 0);
}

static int watch_probed(struct job *job)
{
	return watch_entries(job, places[0].gfn, 1);
}

static int view_new(struct job *job)
{
	struct gprobe_view_info info;
	int ret = gprobe_view_new(job->client, job->guest.spec.domid, &info);

	job->view = info.id;
	return ret;
}

static int view_switch(struct job *job)
{
	return gprobe_view_switch(job->client, job->guest.spec.domid, job->view);
}

static int view_del(struct job *job)
{
	return gprobe_view_del(job->client, job->guest.spec.domid, job->view);
}

static int trap_for(struct job *job, struct gprobe_client *client,
		    uint32_t kind, uint32_t action)
{
	const struct gprobe_trap_spec spec = {
		.domid = job->guest.spec.domid, .kind = kind, .action = action,
	};
	struct gprobe_trap_info info;
	int ret = gprobe_trap_new(client, &spec, &info);

	job->trap = info.id;
	return ret;
}

static int trap_cr3(struct job *job)
{
	return trap_for(job, job->client, GPROBE_TRAP_KIND_CR3,
			GPROBE_ACTION_COUNT);
}

static int trap_cr4(struct job *job)
{
	return trap_for(job, job->client, GPROBE_TRAP_KIND_CR4,
			GPROBE_ACTION_COUNT);
}

static int ask_cr0(struct job *job)
{
	return trap_for(job, job->client, GPROBE_TRAP_KIND_CR0,
			GPROBE_ACTION_UPCALL);
}

static int other_attach(struct job *job)
{
	struct gprobe_domain_info info;
	int ret = gprobe_client_open(&job->other);

	if (ret)
		return ret;
	if (job->fault->loses_answers)
		be_impatient(job->other);
	return gprobe_domain_attach(job->other, job->guest.spec.domid,
				    GPROBE_FAKE_DOMCTL_VERSION, &info);
}

static int ask_cr3_besides(struct job *job)
{
	return trap_for(job, job->other, GPROBE_TRAP_KIND_CR3,
			GPROBE_ACTION_UPCALL);
}

static int trap_requests(struct job *job)
{
	return trap_for(job, job->client, GPROBE_TRAP_KIND_REQUEST,
			GPROBE_ACTION_COUNT);
}

static int ask_requests_besides(struct job *job)
{
	return trap_for(job, job->other, GPROBE_TRAP_KIND_REQUEST,
			GPROBE_ACTION_UPCALL);
}

static int end_trap(struct job *job, struct gprobe_client *client)
{
	struct gprobe_trap_info info;

	return gprobe_trap_del(client, job->trap, &info);
}

static int untrap(struct job *job)
{
	return end_trap(job, job->client);
}

static int untrap_besides(struct job *job)
{
	return end_trap(job, job->other);
}

static int detach(struct job *job)
{
	return gprobe_domain_detach(job->client, job->guest.spec.domid);
}

/* What is done before an operation, and the operation. */
static const struct operation {
	const char *name;
	int (*before[6])(struct job *job);
	int (*what)(struct job *job);
	/* It ends something: it is done whatever fails, as far as Xen lets. */
	bool ends;
} operations[] = {
	{ "attach", { NULL }, attach, false },
	{ "a first claim", { attach }, claim_first, false },
	{ "a claim in another page", { attach, claim_first }, claim_other_page, false },
	{ "a watch", { attach }, watch, false },
	{ "a watch of a probed page", { attach, claim_first }, watch_probed, false },
	{ "a view", { attach }, view_new, false },
	{ "a switch", { attach, view_new, claim_first }, view_switch, false },
	{ "a trap", { attach }, trap_cr3, false },
	{ "a trap that asks, of another register",
	  { attach, trap_cr3, trap_cr4 }, ask_cr0, false },
	{ "a trap that asks, besides another session's",
	  { attach, trap_cr3, trap_cr4, other_attach }, ask_cr3_besides, false },
	{ "the end of a trap", { attach, trap_cr3 }, untrap, true },
	{ "the end of a trap besides another session's",
	  { attach, trap_requests, other_attach, ask_requests_besides },
	  untrap_besides, true },
	{ "the end of a claim", { attach, claim_first }, unclaim, true },
	{ "the end of a claim in a watched page",
	  { attach, watch_probed, claim_first }, unclaim, true },
	{ "the end of a watch", { attach, watch }, unwatch, true },
	{ "the end of a view", { attach, view_new }, view_del, true },
	{ "a detach",
	  { attach, claim_first, claim_other_page, watch, view_new,
	    view_switch }, detach, true },
};

/* A shadow frame that was got is kept for the next claim. */
static void forget_frames(const struct gprobe_fake_state *was,
			  struct gprobe_fake_state *now)
{
	now->tot_pages = was->tot_pages;
	now->max_pages = was->max_pages;
	now->maps = was->maps;
}

/* The n-th step fails; true when the operation had so many. */
static bool try_fault(struct job *job, const struct operation *operation,
		      unsigned int n, unsigned int *nr_refused,
		      unsigned int *nr_wrong)
{
	struct gprobe_fake_state was, now;
	const char *differs;
	bool failed;
	int i, ret;

	if (gprobe_client_open(&job->client))
		bail("open a client", errno);
	if (job->fault->loses_answers)
		be_impatient(job->client);
	for (i = 0; i < 6 && operation->before[i]; i++)
		if (operation->before[i](job))
			bail(gprobe_client_message(job->client), EIO);
	guest_state(&job->guest, &was);
	job->fault->set(n);
	ret = operation->what(job);
	failed = job->fault->happened();
	job->fault->set(0);
	guest_state(&job->guest, &now);
	*nr_refused += failed && ret;
	if (operation->what != attach)
		forget_frames(&was, &now);
	differs = ret && !operation->ends && !job->fault->loses_answers ?
		  states_differ(&was, &now) : NULL;
	if (differs || (ret && !failed)) {
		note("%s, fault %u: error %d, and it changes %s",
		     operation->name, n, ret, differs ?: "nothing");
		++*nr_wrong;
	}
	gprobe_client_close(job->client);
	gprobe_client_close(job->other);
	job->other = NULL;
	differs = is_detached(&job->guest) ? guest_differs(&job->guest) :
					     "sessions";
	if (differs) {
		note("%s, fault %u: error %d, then not as it was: %s",
		     operation->name, n, ret, differs);
		++*nr_wrong;
	}
	return failed;
}

static void try_all(struct job *job, const struct operation *operation)
{
	unsigned int n = 1, nr_refused = 0, nr_wrong = 0;

	while (n < MANY && try_fault(job, operation, n, &nr_refused, &nr_wrong))
		n++;
	is(nr_wrong, 0, "%s: done or not done, whatever fails", operation->name);
	ok(n > 1 && n < MANY, "%s: %u steps fail, %u times it is refused",
	   operation->name, n - 1, nr_refused);
}

void operations_fail(const struct fault *fault)
{
	static struct job job;
	size_t i;

	job.fault = fault;
	guest_open(&job.guest, 1, 2);
	for (i = 0; i < sizeof(operations) / sizeof(*operations); i++)
		try_all(&job, &operations[i]);
	guest_close(&job.guest);
}
