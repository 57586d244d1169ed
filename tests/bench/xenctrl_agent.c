// SPDX-License-Identifier: GPL-2.0
/*
 * xenctrl_agent: the peer of the benchmarks. One breakpoint in a tiny guest, or
 * a page table that it may not store to, answered by a user-space loop on
 * libxenctrl, written as well as we can: the ring is drained in one go, the
 * answers are written in place, only needed fields are copied, and one
 * notification carries them all.
 *
 * It drives the guest's BENCH command itself, checks that hits, wanted calls
 * and the guest's own count are the same number, prints the cost of a hit and
 * leaves the guest as it found it.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xenctrl.h>
#include <xenevtchn.h>
#include <xen/vm_event.h>
#include <xen/memory.h>
#include "tinyctl.h"

#define WAIT_MS			20
#define SPIN_LOOPS		20000
#define QUIET_WAITS		3
#define DETACH_TRIES		50
#define READY_MS		60000
#define ROUND_MS		300000
#define INSN_BYTES		sizeof(((vm_event_response_t *)0)->data.emul.insn.data)
#define INT3			0xcc
#define VECTOR_BP		3
#define TRAP_SW_EXC		6	/* HVMOP_TRAP_sw_exc */
#define SHADOW_GFN_MIN		0x10000
#define SHADOW_GAP_PAGES	0x1000

enum mode { MODE_TOGGLE, MODE_FAST, MODE_EMULATE, MODE_STORE };
enum step { STEP_NONE, STEP_OVER, STEP_WRITE };

static const char *const mode_names[] = { "toggle", "fast", "emulate", "store" };

struct options {
	uint32_t domid;
	enum mode mode;
	uint64_t hits;
	uint64_t warmup;
	bool flat;		/* the guest runs without paging */
	bool spin;		/* wait for events awake */
	bool serve;		/* answer until a signal comes, start nothing */
};

/* What detach() has to take back, each set when it was done. */
struct undo {
	bool monitor, bound, altp2m, view, limit, frame, armed;
	bool breakpoints, steps, unimplemented;
};

struct agent {
	const struct options *opt;
	struct tinyctl tiny;
	xc_interface *xc;
	xenevtchn_handle *evtchn;
	int port;
	void *ring_page;
	vm_event_back_ring_t ring;
	struct undo undo;

	uint16_t view;
	xen_pfn_t gfn, shadow_gfn;
	uint32_t offset;	/* of the INT3 in its page */
	const uint8_t *orig;	/* the whole original page */
	uint8_t *shadow;
	uint8_t insn[INSN_BYTES];
	uint64_t old_limit_kb;
	unsigned int nr_vcpus;
	enum step step[TINY_MAX_VCPUS];
	bool leaving;

	uint64_t hits, steps, accesses, reinjected, unimplemented, others;
};

static volatile sig_atomic_t quit;

static void on_signal(int sig)
{
	(void)sig;
	quit = 1;
}

static int fail(const char *what)
{
	int err = errno ? errno : EIO;

	fprintf(stderr, "xenctrl_agent: %s: %s\n", what, strerror(err));
	return -err;
}

/*
 * The answers. A response slot is the slot of a request that was consumed
 * already, so fields Xen does not look at are left as they are.
 */
static void step_in_view0(struct agent *a, vm_event_response_t *rsp,
			  enum step why)
{
	if (a->opt->mode != MODE_TOGGLE && why == STEP_OVER) {
		rsp->flags |= VM_EVENT_FLAG_FAST_SINGLESTEP |
			      VM_EVENT_FLAG_ALTERNATE_P2M;
		rsp->u.fast_singlestep.p2midx = a->view;
	} else {
		rsp->flags |= VM_EVENT_FLAG_TOGGLE_SINGLESTEP |
			      VM_EVENT_FLAG_ALTERNATE_P2M;
		a->step[rsp->vcpu_id] = why;
	}
	rsp->altp2m_idx = 0;
}

static void answer_breakpoint(struct agent *a, vm_event_response_t *rsp,
			      uint64_t gfn, uint64_t rip, bool in_view)
{
	bool ours = gfn == a->gfn && rip % XC_PAGE_SIZE == a->offset && in_view;

	if (ours)
		a->hits++;
	if (!ours ? !in_view || gfn != a->gfn || rip % XC_PAGE_SIZE != a->offset
		  : a->insn[0] == INT3) {
		a->reinjected++;
		xc_hvm_inject_trap(a->xc, a->opt->domid, rsp->vcpu_id,
				   VECTOR_BP, TRAP_SW_EXC, ~0u, 1, 0);
		return;
	}
	if (a->leaving)
		return;		/* runs on in view 0, where there is none */
	if (a->opt->mode == MODE_EMULATE) {
		rsp->flags |= VM_EVENT_FLAG_EMULATE |
			      VM_EVENT_FLAG_SET_EMUL_INSN_DATA;
		memcpy(rsp->data.emul.insn.data, a->insn, INSN_BYTES);
	} else {
		step_in_view0(a, rsp, STEP_OVER);
	}
}

/*
 * The guest reads the original bytes; a write is carried into the shadow. A store to
 * a page table is emulated: what it has changed is not looked at.
 */
static void answer_access(struct agent *a, vm_event_response_t *rsp,
			  uint32_t flags, uint64_t offset)
{
	struct vm_event_emul_read_data *data = &rsp->data.emul.read;

	a->accesses++;
	if (a->leaving)
		return;
	if (a->opt->mode == MODE_STORE) {
		a->hits += !!(flags & MEM_ACCESS_W);
		rsp->flags |= VM_EVENT_FLAG_EMULATE;
		return;
	}
	if (flags & MEM_ACCESS_W) {
		step_in_view0(a, rsp, STEP_WRITE);
		return;
	}
	data->size = XC_PAGE_SIZE - offset;
	if (data->size > sizeof(data->data))
		data->size = sizeof(data->data);
	memcpy(data->data, a->orig + offset, data->size);
	rsp->flags |= VM_EVENT_FLAG_EMULATE | VM_EVENT_FLAG_SET_EMUL_READ_DATA;
}

static void refresh_shadow(struct agent *a)
{
	uint32_t next = a->offset + 1;

	memcpy(a->shadow, a->orig, a->offset);
	memcpy(a->shadow + next, a->orig + next, XC_PAGE_SIZE - next);
	memcpy(a->insn, a->orig + a->offset, INSN_BYTES);
}

static void answer_step(struct agent *a, vm_event_response_t *rsp)
{
	enum step *step = &a->step[rsp->vcpu_id];

	a->steps++;
	if (*step == STEP_NONE)
		return;
	if (*step == STEP_WRITE)
		refresh_shadow(a);
	*step = STEP_NONE;
	rsp->flags |= VM_EVENT_FLAG_TOGGLE_SINGLESTEP;
	if (!a->leaving) {
		rsp->flags |= VM_EVENT_FLAG_ALTERNATE_P2M;
		rsp->altp2m_idx = a->view;
	}
}

static void answer(struct agent *a, vm_event_response_t *slot)
{
	uint32_t flags = slot->flags;
	bool in_view = (flags & VM_EVENT_FLAG_ALTERNATE_P2M) &&
		       slot->altp2m_idx == a->view;

	slot->flags = flags & VM_EVENT_FLAG_VCPU_PAUSED;
	if (slot->vcpu_id >= TINY_MAX_VCPUS) {
		a->others++;
		return;
	}
	switch (slot->reason) {
	case VM_EVENT_REASON_SOFTWARE_BREAKPOINT:
		answer_breakpoint(a, slot, slot->u.software_breakpoint.gfn,
				  slot->data.regs.x86.rip, in_view);
		break;
	case VM_EVENT_REASON_SINGLESTEP:
		answer_step(a, slot);
		break;
	case VM_EVENT_REASON_MEM_ACCESS:
		answer_access(a, slot, slot->u.mem_access.flags,
			      slot->u.mem_access.offset);
		break;
	case VM_EVENT_REASON_EMUL_UNIMPLEMENTED:
		a->unimplemented++;
		if (!a->leaving)
			step_in_view0(a, slot, STEP_OVER);
		break;
	default:
		a->others++;
	}
}

/* Answers everything in the ring; how many there were. */
static int drain(struct agent *a)
{
	vm_event_back_ring_t *ring = &a->ring;
	int n = 0;

	while (RING_HAS_UNCONSUMED_REQUESTS(ring)) {
		answer(a, (vm_event_response_t *)RING_GET_REQUEST(ring, ring->req_cons));
		ring->req_cons++;
		ring->rsp_prod_pvt++;
		n++;
	}
	if (n) {
		ring->sring->req_event = ring->req_cons + 1;
		RING_PUSH_RESPONSES(ring);
		xenevtchn_notify(a->evtchn, a->port);
	}
	return n;
}

static void acknowledge(struct agent *a)
{
	int port = xenevtchn_pending(a->evtchn);

	if (port >= 0)
		xenevtchn_unmask(a->evtchn, port);
}

/* Waits a little for events and answers them; how many there were. */
static int serve_once(struct agent *a)
{
	struct pollfd fd = { xenevtchn_fd(a->evtchn), POLLIN, 0 };
	int i, n;

	if (!a->opt->spin) {
		if (poll(&fd, 1, WAIT_MS) > 0)
			acknowledge(a);
		return drain(a);
	}
	/* The port stays masked after the first event: no more upcalls. */
	for (i = 0; i < SPIN_LOOPS; i++) {
		n = drain(a);
		if (n)
			return n;
		__builtin_ia32_pause();
	}
	return 0;
}

/* Attaching */
static int open_ring(struct agent *a)
{
	uint32_t remote;

	a->ring_page = xc_monitor_enable(a->xc, a->opt->domid, &remote);
	if (!a->ring_page)
		return fail("monitor ring (another owner?)");
	a->undo.monitor = true;
	SHARED_RING_INIT((vm_event_sring_t *)a->ring_page);
	BACK_RING_INIT(&a->ring, (vm_event_sring_t *)a->ring_page, XC_PAGE_SIZE);

	a->port = xenevtchn_bind_interdomain(a->evtchn, a->opt->domid, remote);
	if (a->port < 0)
		return fail("bind event channel");
	a->undo.bound = true;
	return 0;
}

static int get_info(struct agent *a, xc_domaininfo_t *info)
{
	if (xc_domain_getinfolist(a->xc, a->opt->domid, 1, info) != 1 ||
	    info->domain != a->opt->domid)
		return fail("domain info");
	return 0;
}

static int count_vcpus(struct agent *a)
{
	xc_domaininfo_t info;
	int ret = get_info(a, &info);

	if (!ret)
		a->nr_vcpus = info.max_vcpu_id + 1;
	return ret;
}

/* One frame above the guest's memory; its limit is raised by one page. */
static int add_shadow_frame(struct agent *a)
{
	xc_domaininfo_t info;
	xen_pfn_t gfn;
	int ret;

	ret = get_info(a, &info);
	if (ret)
		return ret;
	a->old_limit_kb = info.max_pages * (XC_PAGE_SIZE / 1024);
	if (xc_domain_setmaxmem(a->xc, a->opt->domid,
				a->old_limit_kb + XC_PAGE_SIZE / 1024))
		return fail("raise memory limit");
	a->undo.limit = true;

	gfn = info.tot_pages + SHADOW_GAP_PAGES;
	if (gfn < SHADOW_GFN_MIN)
		gfn = SHADOW_GFN_MIN;
	a->shadow_gfn = gfn;
	if (xc_domain_populate_physmap_exact(a->xc, a->opt->domid, 1, 0, 0, &gfn))
		return fail("shadow frame");
	a->undo.frame = true;

	a->shadow = xc_map_foreign_range(a->xc, a->opt->domid, XC_PAGE_SIZE,
					 PROT_READ | PROT_WRITE, a->shadow_gfn);
	return a->shadow ? 0 : fail("map shadow frame");
}

static int add_view(struct agent *a)
{
	uint32_t domid = a->opt->domid;

	if (xc_altp2m_set_domain_state(a->xc, domid, 1))
		return fail("altp2m (guest config altp2m=\"external\"?)");
	a->undo.altp2m = true;
	if (xc_altp2m_create_view(a->xc, domid, XENMEM_access_rwx, &a->view))
		return fail("create view");
	a->undo.view = true;
	return 0;
}

static int add_monitors(struct agent *a)
{
	uint32_t domid = a->opt->domid;

	if (a->opt->mode != MODE_STORE) {
		if (xc_monitor_software_breakpoint(a->xc, domid, 1))
			return fail("monitor breakpoints");
		a->undo.breakpoints = true;
	}
	if (xc_monitor_singlestep(a->xc, domid, 1))
		return fail("monitor single steps");
	a->undo.steps = true;
	if (a->opt->mode >= MODE_EMULATE) {
		if (xc_monitor_emul_unimplemented(a->xc, domid, 1))
			return fail("monitor unimplemented instructions");
		a->undo.unimplemented = true;
	}
	return 0;
}

static int show_shadow(struct agent *a)
{
	uint32_t domid = a->opt->domid;
	uint32_t code_off = tiny_func_off(TINY_F_NOPL);
	int ret = add_shadow_frame(a);

	if (ret)
		return ret;
	a->gfn = (TINY_CODE_GPA + code_off) / XC_PAGE_SIZE;
	a->offset = code_off % XC_PAGE_SIZE;
	a->orig = a->tiny.code + code_off - a->offset;
	refresh_shadow(a);
	a->shadow[a->offset] = INT3;

	if (xc_altp2m_change_gfn(a->xc, domid, a->view, a->gfn, a->shadow_gfn) ||
	    xc_altp2m_set_mem_access(a->xc, domid, a->view, a->gfn,
				     XENMEM_access_x))
		return fail("arm");
	return 0;
}

static int forbid_stores(struct agent *a)
{
	a->gfn = TINY_PT_GPA / XC_PAGE_SIZE;
	if (xc_altp2m_set_mem_access(a->xc, a->opt->domid, a->view, a->gfn,
				     XENMEM_access_rx))
		return fail("forbid stores");
	return 0;
}

static int arm(struct agent *a)
{
	uint32_t domid = a->opt->domid;
	int ret = a->opt->mode == MODE_STORE ? forbid_stores(a) :
					       show_shadow(a);

	if (ret)
		return ret;
	if (xc_altp2m_switch_to_view(a->xc, domid, a->view))
		return fail("switch view");
	a->undo.armed = true;
	return 0;
}

static int attach(struct agent *a)
{
	int ret;

	a->xc = xc_interface_open(NULL, NULL, 0);
	if (!a->xc)
		return fail("xc_interface_open");
	a->evtchn = xenevtchn_open(NULL, 0);
	if (!a->evtchn)
		return fail("xenevtchn_open");

	ret = open_ring(a);
	if (ret)
		return ret;
	if (xc_domain_pause(a->xc, a->opt->domid))
		return fail("pause");
	ret = add_view(a);
	if (!ret)
		ret = count_vcpus(a);
	if (!ret)
		ret = add_monitors(a);
	if (!ret)
		ret = arm(a);
	if (xc_domain_unpause(a->xc, a->opt->domid) && !ret)
		ret = fail("unpause");
	return ret;
}

/* Detaching: every step is tried, the first failure is reported. */
static void check(int *ret, int failed, const char *what)
{
	int err = failed ? fail(what) : 0;

	if (!*ret)
		*ret = err;
}

static void serve_until_quiet(struct agent *a)
{
	int tries, quiet = 0;

	for (tries = 0; tries < DETACH_TRIES && quiet < QUIET_WAITS; tries++)
		quiet = serve_once(a) ? 0 : quiet + 1;
}

static void steps_off(struct agent *a)
{
	unsigned int vcpu;

	for (vcpu = 0; vcpu < a->nr_vcpus; vcpu++)
		xc_domain_debug_control(a->xc, a->opt->domid,
					XEN_DOMCTL_DEBUG_OP_SINGLE_STEP_OFF,
					vcpu);
}

static void remove_views(struct agent *a, int *ret)
{
	uint32_t domid = a->opt->domid;

	if (a->undo.view)
		check(ret, xc_altp2m_destroy_view(a->xc, domid, a->view),
		      "destroy view");
	if (a->undo.altp2m)
		check(ret, xc_altp2m_set_domain_state(a->xc, domid, 0),
		      "altp2m off");
}

static void remove_shadow_frame(struct agent *a, int *ret)
{
	uint32_t domid = a->opt->domid;
	xen_pfn_t gfn = a->shadow_gfn;

	if (a->shadow)
		munmap(a->shadow, XC_PAGE_SIZE);
	if (a->undo.frame)
		check(ret, xc_domain_decrease_reservation_exact(a->xc, domid, 1,
								0, &gfn),
		      "return shadow frame");
	if (a->undo.limit)
		check(ret, xc_domain_setmaxmem(a->xc, domid, a->old_limit_kb),
		      "restore memory limit");
}

static void remove_monitors(struct agent *a, int *ret)
{
	uint32_t domid = a->opt->domid;

	if (a->undo.breakpoints)
		check(ret, xc_monitor_software_breakpoint(a->xc, domid, 0),
		      "breakpoints off");
	if (a->undo.steps)
		check(ret, xc_monitor_singlestep(a->xc, domid, 0), "steps off");
	if (a->undo.unimplemented)
		check(ret, xc_monitor_emul_unimplemented(a->xc, domid, 0),
		      "unimplemented off");
}

static void close_ring(struct agent *a, int *ret)
{
	if (a->undo.bound)
		xenevtchn_unbind(a->evtchn, a->port);
	if (a->undo.monitor)
		check(ret, xc_monitor_disable(a->xc, a->opt->domid),
		      "disable ring");
	if (a->ring_page)
		munmap(a->ring_page, XC_PAGE_SIZE);
}

static int detach(struct agent *a)
{
	int ret = 0;

	a->leaving = true;
	if (a->undo.armed) {
		check(&ret, xc_altp2m_switch_to_view(a->xc, a->opt->domid, 0),
		      "switch to view 0");
		serve_until_quiet(a);
	}
	if (a->undo.monitor) {
		check(&ret, xc_domain_pause(a->xc, a->opt->domid), "pause");
		steps_off(a);
		if (a->undo.bound)
			drain(a);
		remove_monitors(a, &ret);
		remove_views(a, &ret);
		remove_shadow_frame(a, &ret);
		close_ring(a, &ret);
		check(&ret, xc_domain_unpause(a->xc, a->opt->domid), "unpause");
	}
	if (a->evtchn)
		xenevtchn_close(a->evtchn);
	if (a->xc)
		xc_interface_close(a->xc);
	return ret;
}

/* Measuring */
static int alive(struct agent *a)
{
	xc_domaininfo_t info;
	int ret = get_info(a, &info);

	if (ret)
		return ret;
	return info.flags & (XEN_DOMINF_dying | XEN_DOMINF_shutdown) ?
	       -ESHUTDOWN : 0;
}

/* The guest's own count of what the agent is told of. */
static uint64_t truth(const struct agent *a)
{
	const struct tiny_vcpu *v = &a->tiny.vcpus[0];

	return a->opt->mode == MODE_STORE ? v->stores : v->calls[TINY_F_NOPL];
}

/* One BENCH of n calls: 0 if hits, n and the guest's own count agree. */
static int run_round(struct agent *a, uint64_t n)
{
	const struct tiny_vcpu *v = &a->tiny.vcpus[0];
	struct tiny_cmd cmd = {
		.op = TINY_OP_BENCH, .count = n,
		.mask = 1ull << TINY_F_NOPL,
		.mode = a->opt->mode == MODE_STORE ? TINY_BENCH_STORE :
			a->opt->flat ? TINY_BENCH_FLAT : TINY_BENCH_CALL,
	};
	uint64_t end = tinyctl_now_ms() + ROUND_MS;
	uint64_t calls = truth(a), hits = a->hits;
	int done, ret;

	ret = tinyctl_start(&a->tiny, 0, &cmd);
	if (ret)
		return ret;
	for (done = 0; !done;) {
		if (serve_once(a) && a->hits - hits < n)
			continue;
		done = tinyctl_done(&a->tiny, 0);
		ret = quit ? -EINTR : alive(a);
		if (!ret && !done && tinyctl_now_ms() > end)
			ret = -ETIMEDOUT;
		if (ret)
			return ret;
	}
	if (done < 0)
		return done;

	calls = truth(a) - calls;
	hits = a->hits - hits;
	if (hits == n && calls == n && !v->wrong && !v->stores_bad)
		return 0;
	fprintf(stderr, "xenctrl_agent: wanted %" PRIu64 ", hits %" PRIu64
		", guest counted %" PRIu64 ", wrong results %" PRIu64 "\n",
		n, hits, calls, v->wrong);
	return -ERANGE;
}

static int bench(struct agent *a)
{
	const struct options *opt = a->opt;
	int ret;

	ret = run_round(a, opt->warmup) ?: run_round(a, opt->hits);
	if (ret) {
		fprintf(stderr, "xenctrl_agent: bench: %s\n", strerror(-ret));
		return ret;
	}
	printf("%.0f\n", tinyctl_bench_cost(&a->tiny, 0));
	return 0;
}

static int serve(struct agent *a)
{
	printf("serving\n");
	fflush(stdout);
	while (!quit) {
		int ret = serve_once(a) ? 0 : alive(a);

		if (ret)
			return ret;
	}
	return 0;
}

static void set_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal };

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
}

static int usage(void)
{
	fputs("usage: xenctrl_agent DOMID toggle|fast|emulate|store [OPTION]...\n"
	      "  hits=N (5000) warmup=N (200)\n"
	      "  flat=1: the guest calls nopl in 32-bit code, without paging\n"
	      "  spin=1: wait for events awake\n"
	      "  serve=1: only answer, until SIGTERM; then print the hits\n",
	      stderr);
	return 2;
}

static int find(const char *const *names, int nr, const char *s)
{
	int i;

	for (i = 0; i < nr; i++)
		if (!strcmp(names[i], s))
			return i;
	return -EINVAL;
}

static int parse_option(struct options *opt, const char *arg)
{
	const char *value = strchr(arg, '=');
	uint64_t n;

	if (!value++)
		return -EINVAL;
	n = strtoull(value, NULL, 0);
	if (!strncmp(arg, "hits=", 5)) {
		opt->hits = n;
	} else if (!strncmp(arg, "warmup=", 7)) {
		opt->warmup = n;
	} else if (!strncmp(arg, "flat=", 5)) {
		opt->flat = n;
	} else if (!strncmp(arg, "spin=", 5)) {
		opt->spin = n;
	} else if (!strncmp(arg, "serve=", 6)) {
		opt->serve = n;
	} else {
		return -EINVAL;
	}
	return 0;
}

static int parse(struct options *opt, int argc, char **argv)
{
	int i, mode;

	if (argc < 3)
		return -EINVAL;
	mode = find(mode_names, 4, argv[2]);
	if (mode < 0)
		return mode;
	opt->domid = strtoul(argv[1], NULL, 0);
	opt->mode = mode;
	for (i = 3; i < argc; i++)
		if (parse_option(opt, argv[i]))
			return -EINVAL;
	return opt->hits && opt->warmup ? 0 : -EINVAL;
}

int main(int argc, char **argv)
{
	struct options opt = { .hits = 5000, .warmup = 200 };
	struct agent a = { .opt = &opt };
	int ret, left;

	if (parse(&opt, argc, argv))
		return usage();
	ret = tinyctl_open(&a.tiny, opt.domid);
	if (!ret)
		ret = tinyctl_wait_ready(&a.tiny, READY_MS);
	if (ret) {
		fprintf(stderr, "xenctrl_agent: no tiny guest: %s\n",
			strerror(-ret));
		return 1;
	}

	set_signals();
	ret = attach(&a);
	if (!ret)
		ret = opt.serve ? serve(&a) : bench(&a);
	left = detach(&a);
	fprintf(stderr, "# hits=%" PRIu64 " steps=%" PRIu64 " accesses=%" PRIu64
		" reinjected=%" PRIu64 " unimplemented=%" PRIu64 " others=%"
		PRIu64 "\n", a.hits, a.steps, a.accesses, a.reinjected,
		a.unimplemented, a.others);
	tinyctl_close(&a.tiny);
	return ret || left ? 1 : 0;
}
