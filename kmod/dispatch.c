// SPDX-License-Identifier: GPL-2.0
/*
 * Ring -> dispatch -> claim -> answer. No allocation, no sleeping lock, no
 * control hypercall, but one for the first fetch from a watched page. All vCPUs of
 * a batch are answered and let go with one notification; their hits are accounted
 * after it, while the guest runs. Where a claim wants an upcall they are accounted
 * at once, and the vCPU waits.
 */
#include "dispatch.h"

#include <linux/errno.h>

#include "../include/uapi/linux/gprobe.h"
#include "access.h"
#include "clock.h"
#include "domain.h"
#include "frame.h"
#include "session.h"
#include "site.h"
#include "step.h"
#include "trace.h"
#include "trapped.h"
#include "upcall.h"
#include "view.h"
#include "watch.h"
#include "xen_abi.h"

/*
 * Events taken before the interrupt handler returns. More than a ring holds,
 * so that all that was there when the interrupt came is taken: for what came
 * later there is another interrupt.
 */
#define BUDGET 64

/* The guest's own byte at a place where there is no site. */
static u8 original_byte(struct gprobe_domain *domain,
			const struct gprobe_event *event, u32 offset)
{
	struct gprobe_frame *frame;
	u8 byte = GPROBE_INT3;

	frame = gprobe_table_find(&domain->frames,
				  gprobe_key(event->view, event->gfn, 0));
	if (frame)
		return READ_ONCE(frame->original.va[offset]);
	if (gprobe_map_set(&domain->peek, domain->xen.domid, event->gfn, false))
		return byte;
	byte = READ_ONCE(domain->peek.va[offset]);
	gprobe_map_clear(&domain->peek);
	return byte;
}

/* Prefixes, then a string instruction: A4-A7, AA-AF, 6C-6F (SDM 2, REP). */
static bool is_rep(const u8 *insn)
{
	bool rep = false;
	unsigned int i;
	u8 byte;

	for (i = 0; i < GPROBE_INSN_BYTES_MAX; i++) {
		byte = READ_ONCE(insn[i]);
		if (byte == 0xf2 || byte == 0xf3)
			rep = true;
		else if (byte != 0x66 && byte != 0x67 && (byte & 0xe7) != 0x26 &&
			 (byte & 0xfe) != 0x64 && (byte & 0xf0) != 0x40)
			return rep && ((byte & 0xfc) == 0xa4 ||
				       (byte >= 0xaa && byte <= 0xaf) ||
				       (byte & 0xfc) == 0x6c);
	}
	return false;
}

/* Did a pointer move by so many elements of some size? */
static bool moved(u64 from, u64 to, u64 elements)
{
	u64 bytes = to > from ? to - from : from - to;

	return bytes == elements || bytes == 2 * elements ||
	       bytes == 4 * elements || bytes == 8 * elements;
}

/*
 * A step executes one round of a REP instruction, an emulation perhaps not all:
 * then its INT3 is met again, and it is still the same hit.
 */
static bool continues(struct gprobe_vcpu *vcpu, const struct gprobe_site *site,
		      const struct gprobe_event *event)
{
	const u64 *gpr = event->gpr;
	u64 rounds = vcpu->hit.rcx - gpr[GPROBE_XEN_RCX];
	bool same = vcpu->hit.key == site->key &&
		    vcpu->hit.rsp == gpr[GPROBE_XEN_RSP] &&
		    vcpu->hit.rcx > gpr[GPROBE_XEN_RCX] &&
		    (moved(vcpu->hit.rdi, gpr[GPROBE_XEN_RDI], rounds) ||
		     moved(vcpu->hit.rsi, gpr[GPROBE_XEN_RSI], rounds)) &&
		    site->offset <= PAGE_SIZE - GPROBE_INSN_BYTES_MAX &&
		    is_rep(site->frame->original.va + site->offset);

	vcpu->hit.key = site->key;
	vcpu->hit.rcx = gpr[GPROBE_XEN_RCX];
	vcpu->hit.rsp = gpr[GPROBE_XEN_RSP];
	vcpu->hit.rsi = gpr[GPROBE_XEN_RSI];
	vcpu->hit.rdi = gpr[GPROBE_XEN_RDI];
	return same;
}

static void note_hit(struct gprobe_domain *domain,
		     const struct gprobe_event *event,
		     struct gprobe_site *site)
{
	struct gprobe_batch *batch = &domain->batch;
	struct gprobe_regs *regs = &batch->regs[batch->nr_hits];
	struct gprobe_hit *hit = &batch->hits[batch->nr_hits++];

	hit->site = site;
	hit->regs = NULL;
	hit->rip = event->rip;
	hit->cr3 = event->cr3;
	hit->rsp = event->gpr[GPROBE_XEN_RSP];
	hit->time_ns = batch->time_ns;
	hit->vcpu = event->vcpu;
	hit->cpl = event->cpl;
	if (site->records && trace_gprobe_record_enabled()) {
		gprobe_ring_regs(event, regs);
		hit->regs = regs;
	}
}

/* False: it cannot be asked. */
static bool ask(const struct gprobe_hit *hit, const struct gprobe_claim *claim)
{
	const struct gprobe_frame *frame = hit->site->frame;
	const struct gprobe_upcall_spec spec = {
		.reason = GPROBE_UPCALL_REASON_HIT,
		.view = frame->view->id,
		.vcpu = hit->vcpu,
		.gfn = frame->gfn,
		.claim = claim->id,
		.cookie = claim->spec.cookie,
		.offset = hit->site->offset,
	};

	return gprobe_upcall_raise(claim->attachment, &spec);
}

static void tell(const struct gprobe_domain *domain, const struct gprobe_hit *hit,
		 const struct gprobe_claim *claim, u64 handling_ns)
{
	const struct gprobe_frame *frame = hit->site->frame;

	/* The tracepoint can wait for the reply: here the vCPU waits. */
	if (claim->spec.action == GPROBE_ACTION_UPCALL && ask(hit, claim))
		return;
	trace_gprobe_hit(domain->xen.domid, hit->vcpu, claim->session->portid,
			 claim->id, claim->spec.cookie, frame->view->id,
			 frame->gfn, hit->rip, hit->cr3, handling_ns,
			 hit->rsp, hit->time_ns);
	if (claim->spec.action == GPROBE_ACTION_RECORD && hit->regs)
		trace_gprobe_record(domain->xen.domid, hit->vcpu,
				    claim->session->portid, claim->id,
				    claim->spec.cookie, frame->view->id,
				    frame->gfn, hit->regs, hit->time_ns);
}

/* @answered_ns: when all that Xen is to be told of stood in the ring. */
static void account(struct gprobe_domain *domain, const struct gprobe_hit *hit,
		    u64 answered_ns)
{
	u64 handling_ns = gprobe_clock_between(hit->time_ns, answered_ns);
	struct gprobe_claim *claim;

	domain->stats.hits++;
	hit->site->hits++;
	list_for_each_entry(claim, &hit->site->claims, site_node) {
		if (claim->off)
			continue;
		if (!gprobe_claim_matches(claim, hit->cr3, hit->vcpu,
					  hit->cpl)) {
			claim->filtered++;
			continue;
		}
		if (gprobe_claim_hit(claim))
			tell(domain, hit, claim, handling_ns);
	}
}

static void account_batch(struct gprobe_domain *domain, u64 answered_ns)
{
	struct gprobe_batch *batch = &domain->batch;
	unsigned int i;

	for (i = 0; i < batch->nr_hits; i++)
		account(domain, &batch->hits[i], answered_ns);
	batch->nr_hits = 0;
}

static bool is_asked_for(const struct gprobe_site *site,
			 const struct gprobe_event *event)
{
	const struct gprobe_claim *claim;

	list_for_each_entry(claim, &site->claims, site_node)
		if (claim->spec.action == GPROBE_ACTION_UPCALL && !claim->off &&
		    gprobe_claim_matches(claim, event->cr3, event->vcpu,
					 event->cpl))
			return true;
	return false;
}

/*
 * Its sessions are asked, unless all are at the limit of their rates. Those before
 * it are told of first: records are in the order of their times.
 */
static void account_now(struct gprobe_domain *domain,
			const struct gprobe_event *event,
			struct gprobe_site *site)
{
	struct gprobe_vcpu *vcpu = &domain->vcpus[event->vcpu];
	u64 now_ns = gprobe_clock_ns();
	const struct gprobe_hit hit = {
		.site = site,
		.regs = &vcpu->held.regs,
		.rip = event->rip,
		.cr3 = event->cr3,
		.rsp = event->gpr[GPROBE_XEN_RSP],
		.time_ns = domain->batch.time_ns,
		.vcpu = event->vcpu,
		.cpl = event->cpl,
	};

	account_batch(domain, now_ns);
	gprobe_ring_regs(event, &vcpu->held.regs);
	vcpu->held.is_64bit = gprobe_ring_is_64bit(event);
	vcpu->held.site_key = site->key;
	vcpu->held.trapped.kind = 0;
	vcpu->held.time_ns = hit.time_ns;
	account(domain, &hit, now_ns);
}

/* Answers whether upcalls are to be waited for. */
static bool on_breakpoint(struct gprobe_domain *domain,
			  const struct gprobe_event *event,
			  struct gprobe_answer *answer)
{
	struct gprobe_vcpu *vcpu = &domain->vcpus[event->vcpu];
	u32 offset = event->rip & (PAGE_SIZE - 1);
	struct gprobe_site *site;

	site = gprobe_table_find(&domain->sites,
				 gprobe_key(event->view, event->gfn, offset));
	if (!site) {
		/* Ours is one byte long; CD 03 is the guest's. */
		if (event->insn_len != 1 ||
		    original_byte(domain, event, offset) == GPROBE_INT3)
			gprobe_step_reinject(domain, event);
		else
			domain->stats.stale++;
		return false;
	}
	if (!continues(vcpu, site, event)) {
		if (site->asks && is_asked_for(site, event))
			account_now(domain, event, site);
		else
			note_hit(domain, event, site);
	}
	if (vcpu->nr_upcalls)
		return true;
	gprobe_step_past(domain, event, site, false, answer);
	return false;
}

/*
 * Of a frame just removed, or somebody else's doing: it happens. A guest that
 * looks for our shadow frames above its memory cannot change them.
 */
static void on_foreign_access(struct gprobe_domain *domain,
			      const struct gprobe_event *event,
			      struct gprobe_answer *answer)
{
	domain->stats.unknown++;
	if (gprobe_shadow_pool_has(&domain->pool, event->gfn))
		answer->flags |= GPROBE_XEN_EV_EMULATE |
				GPROBE_XEN_EV_EMULATE_NOWRITE;
	else
		answer->flags |= GPROBE_XEN_EV_EMULATE;
}

/*
 * It happens, and is looked at when it has: a step by toggle tells. An
 * emulation would not, and does a REP STOS many rounds at once.
 */
static void on_write(struct gprobe_domain *domain,
		     const struct gprobe_event *event,
		     struct gprobe_answer *answer)
{
	const struct gprobe_store store = {
		.gfn = event->gfn, .offset = event->offset,
	};

	gprobe_step_store(domain, event, &store, answer);
}

/* A vCPU, or its page walk, writes to a watched page. */
static void on_table_write(struct gprobe_domain *domain,
			   struct gprobe_watch *watch,
			   const struct gprobe_event *event,
			   struct gprobe_answer *answer)
{
	if (!(event->access & GPROBE_XEN_MEM_FAULT_IN_GPT)) {
		domain->stats.table_writes++;
		on_write(domain, event, answer);
		return;
	}
	domain->stats.table_walks++;
	if (!gprobe_watch_walked(watch, event))
		gprobe_step_fast(domain, event, answer);
}

/* A vCPU executes code in a watched page. */
static void on_table_fetch(struct gprobe_domain *domain,
			   struct gprobe_watch *watch,
			   const struct gprobe_event *event,
			   struct gprobe_answer *answer)
{
	if (!gprobe_access_execute(watch))
		gprobe_step_fast(domain, event, answer);
}

/* A vCPU accesses a page in a way that its view does not allow. */
static void on_access(struct gprobe_domain *domain,
		      const struct gprobe_event *event,
		      struct gprobe_answer *answer)
{
	struct gprobe_watch *watch;
	bool shown, write = event->access & GPROBE_XEN_MEM_W;

	shown = gprobe_table_find(&domain->frames,
				  gprobe_key(event->view, event->gfn, 0));
	watch = gprobe_watch_find(domain, event->view, event->gfn);
	if (write)
		domain->stats.writes += shown;
	if (write && watch) {
		if (!shown && event->access & GPROBE_XEN_MEM_FAULT_IN_GPT)
			gprobe_access_walked(watch);
		on_table_write(domain, watch, event, answer);
	} else if (write && shown) {
		on_write(domain, event, answer);
	} else if (watch && !shown && event->access & GPROBE_XEN_MEM_X) {
		on_table_fetch(domain, watch, event, answer);
	} else if (shown) {
		domain->stats.reads++;
		gprobe_step_fast(domain, event, answer);
	} else {
		on_foreign_access(domain, event, answer);
	}
}

/* The session that wanted the step is told that it is done. */
static void say_stepped(struct gprobe_vcpu *vcpu,
		      const struct gprobe_event *event)
{
	struct gprobe_told *told = &vcpu->tell_step;

	gprobe_ring_regs(event, &vcpu->held.regs);
	vcpu->held.is_64bit = gprobe_ring_is_64bit(event);
	told->spec.reason = GPROBE_UPCALL_REASON_STEP;
	gprobe_upcall_raise(told->attachment, &told->spec);
	told->attachment = NULL;
}

/* Answers whether upcalls are to be waited for. */
static bool on_step(struct gprobe_domain *domain,
		    const struct gprobe_event *event,
		    struct gprobe_answer *answer)
{
	struct gprobe_vcpu *vcpu = &domain->vcpus[event->vcpu];

	answer->flags = GPROBE_XEN_EV_TOGGLE_SINGLESTEP |
			GPROBE_XEN_EV_ALTERNATE_P2M;
	if (vcpu->stepping) {
		answer->view = domain->draining ? 0 : vcpu->return_view;
	} else {
		/* Nobody here asked for it: off with it. */
		domain->stats.unknown++;
		answer->view = gprobe_view_active(domain);
	}
	if (vcpu->wrote) {
		gprobe_frame_wrote(domain, &vcpu->store);
		gprobe_watch_wrote(domain, event->vcpu, &vcpu->store);
	}
	if (vcpu->tell_step.attachment)
		say_stepped(vcpu, event);
	vcpu->stepping = false;
	vcpu->wrote = false;
	vcpu->held.site_key = 0;
	vcpu->held.trapped.kind = 0;
	return vcpu->nr_upcalls;
}

/* Xen could not emulate what we gave it; RIP is where it was. */
static void on_emulation_failed(struct gprobe_domain *domain,
				const struct gprobe_event *event)
{
	struct gprobe_vcpu *vcpu = &domain->vcpus[event->vcpu];
	struct gprobe_site *site = NULL;

	if (vcpu->emulated)
		site = gprobe_table_find(&domain->sites, vcpu->emulated);
	if (site) {
		site->emul_failed = true;
		gprobe_site_choose_step(site);
	}
	domain->stats.emul_failed++;
}

/* An event of a monitor; answers whether upcalls are to be waited for. */
static bool on_trapped(struct gprobe_domain *domain,
		       const struct gprobe_event *event,
		       struct gprobe_answer *answer)
{
	struct gprobe_trapped trapped;

	if (!gprobe_trapped_read(event, &trapped)) {
		domain->stats.unknown++;
		return false;
	}
	gprobe_trapped_tell(domain, event, &trapped);
	if (domain->vcpus[event->vcpu].nr_upcalls)
		return true;
	gprobe_trapped_pass(domain, event, &trapped, false, answer);
	return false;
}

/* Its number can be trusted, and it does not wait for an answer already. */
static bool is_sane(const struct gprobe_domain *domain,
		    const struct gprobe_event *event)
{
	return event->version == GPROBE_XEN_VM_EVENT_VERSION &&
	       event->vcpu < domain->nr_vcpus &&
	       !domain->vcpus[event->vcpu].nr_upcalls;
}

/* Answers whether the vCPU is to wait. */
static bool on_event(struct gprobe_domain *domain,
		     const struct gprobe_event *event,
		     struct gprobe_answer *answer)
{
	if (!is_sane(domain, event)) {
		domain->stats.lost++;
		trace_gprobe_error(domain->xen.domid, -EPROTO);
		return false;
	}
	if (domain->draining)
		answer->flags = GPROBE_XEN_EV_ALTERNATE_P2M;
	switch (event->reason) {
	case GPROBE_XEN_REASON_BREAKPOINT:
		return on_breakpoint(domain, event, answer);
	case GPROBE_XEN_REASON_MEM_ACCESS:
		on_access(domain, event, answer);
		break;
	case GPROBE_XEN_REASON_SINGLESTEP:
		return on_step(domain, event, answer);
	case GPROBE_XEN_REASON_EMUL_UNIMPL:
		on_emulation_failed(domain, event);
		return on_trapped(domain, event, answer);
	default:
		return on_trapped(domain, event, answer);
	}
	return false;
}

/* Every request is answered, or its vCPU would wait for ever. */
static void answer_all(struct gprobe_domain *domain)
{
	struct gprobe_batch *batch = &domain->batch;
	struct gprobe_event *event = &batch->event;
	struct gprobe_answer answer;
	int ret;

	batch->nr_events = 0;
	batch->nr_hits = 0;
	while (batch->nr_events < GPROBE_XEN_RING_SLOTS) {
		ret = gprobe_ring_next(&domain->ring, event);
		if (!ret)
			break;
		if (ret < 0) {
			domain->stats.lost++;
			trace_gprobe_error(domain->xen.domid, ret);
			break;
		}
		batch->time_ns = gprobe_clock_ns();
		memset(&answer, 0, sizeof(answer));
		if (on_event(domain, event, &answer))
			gprobe_upcall_hold(domain, event, &answer);
		else
			gprobe_ring_answer(&domain->ring, event, &answer);
		batch->nr_events++;
	}
}

/**
 * gprobe_dispatch() - Answer what is in a guest's ring.
 * @domain: the guest
 *
 * Sites cannot go while the event lock is held, so the hits of a batch may be
 * accounted after the guest was let go.
 *
 * Context: Event lock held; the event channel's interrupt, or a detach.
 * Return: number of events answered.
 */
unsigned int gprobe_dispatch(struct gprobe_domain *domain)
{
	struct gprobe_batch *batch = &domain->batch;
	unsigned int nr = 0;
	u64 answered_ns;

	lockdep_assert_held(&domain->event_lock);
	do {
		answer_all(domain);
		if (!batch->nr_events)
			break;
		/* Not after: the guest may have this CPU at once. */
		answered_ns = gprobe_clock_ns();
		domain->owes = true;
		gprobe_ring_notify(&domain->ring);
		domain->stats.batches++;
		domain->stats.events += batch->nr_events;
		account_batch(domain, answered_ns);
		nr += batch->nr_events;
	} while (nr < BUDGET);
	return nr;
}
