// SPDX-License-Identifier: GPL-2.0
/*
 * Guests in memory, for trying gprobe where there is no Xen: shadow frames,
 * breakpoint table and page-table monitor are the library's own, and its events
 * are answered here. It runs while it is served, a round each millisecond, once
 * all probes are in: so counts of its functions are in the ratio of its calls.
 */
#include "target.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <gprobe/shadow.h>
#include <gprobe/tap.h>

#include "clock.h"
#include "counter.h"
#include "hits.h"
#include "number.h"
#include "say.h"
#include "sim_guest.h"

/* Their numbers are 1, 2 and 3. */
static const char *const names[] = { "sim", "sim2", "mortal", NULL };

/* The last one dies after so many rounds. */
#define MORTAL		2
#define MORTAL_ROUNDS	20

/* So many claims of one place get a hit. */
#define MAX_HITS	64

/**
 * struct sim_claim - what a place wants, as the module has it
 * @counts: so far
 * @second: of the clock: in which @left were left of the rate
 * @left: hits that may be told of in it
 */
struct sim_claim {
	struct target_hits counts;
	uint64_t second;
	uint32_t left;
};

/**
 * struct target_sim - the guest, traced
 * @guest: the guest
 * @arbiter: of its pages
 * @shadows: its shadow frames
 * @parts: what the tap works on
 * @missed: changes of page tables that could not be seen to
 * @claims: of each place
 */
struct target_sim {
	struct sim_guest *guest;
	struct gprobe_access_arbiter *arbiter;
	struct gprobe_shadows *shadows;
	struct gprobe_tap_parts parts;
	uint64_t missed;
	struct sim_claim *claims;
};

/* By its name or its number. */
static bool is_called(const char *domain, uint32_t index)
{
	uint64_t domid;

	return !strcmp(domain, names[index]) ||
	       (number_parse(domain, &domid) && domid == 1 + index);
}

static int find(struct target *target, const char *domain)
{
	uint32_t index = 0;

	target->fd = -1;
	target->monitor_fd = -1;
	while (names[index] && !is_called(domain, index))
		index++;
	if (!names[index])
		return say(STATUS_FAILED,
			   "no domain '%s'; with --driver sim there are sim, sim2 and mortal",
			   domain);
	target->name = names[index];
	target->guest = (struct gprobe_guest_info){
		.domid = 1 + index, .vcpus = SIM_GUEST_VCPUS, .hvm = true,
	};
	strcpy(target->guest.name, names[index]);
	target->sim = calloc(1, sizeof(*target->sim));
	if (!target->sim || sim_guest_new(&target->sim->guest))
		return say_no_memory();
	target->driver = gprobe_sim_driver(target->sim->guest->sim);
	return STATUS_DONE;
}

static int resolve(struct target *target)
{
	struct gprobe_vcpu vcpus[SIM_GUEST_VCPUS];
	struct gprobe_space space = {
		.memory = { target->driver.ops->read, target->driver.arg },
		.vcpus = vcpus,
		.nr_vcpus = SIM_GUEST_VCPUS,
		.symbols = target->sim->guest->symbols,
	};

	/* It brings its kernel's own; others are its processes'. */
	if (symbol_files_load(target->files))
		return STATUS_FAILED;
	sim_guest_vcpus(target->sim->guest, vcpus);
	return target_resolve_in(target, &space);
}

/* Its death is seen when it would run. */
static int attach(struct target *target)
{
	struct gprobe_sim *sim = target->sim->guest->sim;
	uint32_t i;

	target->nr_vcpus = SIM_GUEST_VCPUS;
	target->fd = timerfd_create(CLOCK_MONOTONIC,
				    TFD_CLOEXEC | TFD_NONBLOCK);
	if (target->fd < 0)
		return say(STATUS_FAILED, "there is no timer: %s",
			   strerror(errno));
	target->monitor_fd = target->fd;
	if (gprobe_sim_view_new(sim, &target->view))
		return say_no_memory();
	for (i = 0; i < SIM_GUEST_VCPUS; i++)
		gprobe_sim_vcpu_set_view(sim, i, target->view);
	return STATUS_DONE;
}

static int open_counter(struct target *target)
{
	const struct counter_spec spec = {
		.places = target->places, .nr_places = target->nr_places,
		.nr_probes = target->nr_probes, .nr_vcpus = SIM_GUEST_VCPUS,
	};
	struct gprobe_why why;

	if (counter_new(&target->counter, &spec, &why))
		return say(STATUS_FAILED, "%s", why.text);
	return STATUS_DONE;
}

static int make_tables(struct target *target)
{
	struct target_sim *sim = target->sim;
	struct gprobe_tap tap;
	int ret = gprobe_access_new(&target->driver, &sim->arbiter);

	if (!ret)
		ret = gprobe_shadow_new(&target->driver, sim->arbiter,
					&sim->shadows);
	if (ret)
		return ret;
	sim->parts = (struct gprobe_tap_parts){
		.driver = &target->driver, .arbiter = sim->arbiter,
		.shadows = sim->shadows,
	};
	ret = gprobe_tap_breakpoint(&sim->parts, &tap);
	if (!ret)
		ret = gprobe_bpm_new(&target->driver, &tap, &target->bpm);
	return ret ?: gprobe_follow_new(&target->driver, sim->arbiter,
					target->bpm, &target->follow);
}

/* They are given as they happen. */
static int open_hits(struct target *target)
{
	(void)target;
	return STATUS_DONE;
}

static int open_tables(struct target *target)
{
	const struct itimerspec each_ms = {
		.it_value.tv_nsec = NUMBER_NS_PER_MS,
		.it_interval.tv_nsec = NUMBER_NS_PER_MS,
	};

	target->sim->claims = calloc(target->nr_places,
				     sizeof(*target->sim->claims));
	if (!target->sim->claims || make_tables(target))
		return say_no_memory();
	timerfd_settime(target->fd, 0, &each_ms, NULL);
	return STATUS_DONE;
}

/* --- its events --- */

static bool is_wanted(const struct gprobe_claim_spec *wanted, uint32_t vcpu,
		      const struct gprobe_regs *regs)
{
	static const uint8_t any[GPROBE_VCPU_BYTES_MAX];
	bool all = !memcmp(wanted->vcpus, any, sizeof(any));

	return (all || wanted->vcpus[vcpu / 8] >> vcpu % 8 & 1) &&
	       (!wanted->cpls || wanted->cpls >> regs->cpl & 1);
}

static bool is_within_rate(struct sim_claim *claim, uint32_t rate)
{
	uint64_t second = clock_now_ns(CLOCK_MONOTONIC) / NUMBER_NS_PER_S;

	if (!rate)
		return true;
	if (second != claim->second)
		claim->left = rate;
	claim->second = second;
	if (!claim->left) {
		claim->counts.limited++;
		return false;
	}
	claim->left--;
	return true;
}

static void count(struct target *target, uint64_t place, uint32_t vcpu,
		  const struct gprobe_regs *regs, uint64_t start_ns)
{
	const struct counter_hit hit = {
		.place = place, .vcpu = vcpu,
		.time_ns = start_ns,
		.handling_ns = clock_now_ns(CLOCK_MONOTONIC) - start_ns,
		.rsp = regs->rsp, .root = regs->cr3,
	};

	counter_count(target->counter, &hit);
}

/* As the module's claims are. */
static void hit(struct target *target, uint64_t place, uint32_t vcpu,
		const struct gprobe_regs *regs, uint64_t start_ns)
{
	const struct gprobe_claim_spec *wanted = &target->wanted;
	struct sim_claim *claim = &target->sim->claims[place];
	struct target_limits limits = target_limits(target, place);

	if (target->places[place].role != CALL_ENTRY &&
	    !is_wanted(wanted, vcpu, regs))
		return;
	if (limits.off_after && claim->counts.hits == limits.off_after)
		return;
	claim->counts.hits++;
	if (!is_within_rate(claim, limits.rate))
		return;
	if (target->hits && target_tells(target, place))
		hits_add(target->hits, place, vcpu, regs);
	if (target->counter)
		count(target, place, vcpu, regs, start_ns);
}

static enum gprobe_sim_answer breakpoint(struct target *target,
					 const struct gprobe_event *event)
{
	struct gprobe_bpm_hit hits[MAX_HITS];
	uint64_t start_ns = clock_now_ns(CLOCK_MONOTONIC);
	struct gprobe_regs regs;
	int nr = gprobe_bpm_lookup(target->bpm, event, hits, MAX_HITS), i;

	if (nr < 0)
		return GPROBE_SIM_REINJECT;
	sim_guest_regs(target->sim->guest, event, &regs);
	for (i = 0; i < nr && i < MAX_HITS; i++)
		hit(target, hits[i].key, event->vcpu, &regs, start_ns);
	return GPROBE_SIM_EMULATE;
}

static enum gprobe_sim_answer answer_of(struct target *target,
					const struct gprobe_event *event)
{
	int ret;

	if (event->kind == GPROBE_SIM_EVENT_STEP) {
		target->sim->missed +=
			gprobe_follow_stored(target->follow, event->vcpu) < 0;
		return GPROBE_SIM_RETRY;
	}
	if (event->kind == GPROBE_EVENT_BREAKPOINT)
		return breakpoint(target, event);
	ret = gprobe_follow_event(target->follow, event);
	target->sim->missed += ret < 0;
	return ret == GPROBE_FOLLOW_STEP ? GPROBE_SIM_STEP :
					   GPROBE_SIM_EMULATE;
}

static void handle(struct target *target, const struct gprobe_event *event)
{
	gprobe_sim_event_answer(target->sim->guest->sim, event->vcpu,
				answer_of(target, event));
	/* A store is done, and its vCPU does not run before this returns. */
	if (event->kind == GPROBE_EVENT_ACCESS &&
	    event->access & GPROBE_ACCESS_W)
		gprobe_shadow_wrote(target->sim->shadows, event->gpa,
				    event->bytes);
}

static void run_round(struct target *target)
{
	struct gprobe_sim *sim = target->sim->guest->sim;
	struct gprobe_event event;

	sim_guest_begin_round(target->sim->guest);
	while (gprobe_sim_run(sim))
		while (!gprobe_sim_event_next(sim, &event))
			handle(target, &event);
}

static bool all_in(const struct target *target)
{
	struct gprobe_bpm_figures figures;

	gprobe_bpm_figures(target->bpm, &figures);
	return figures.active + figures.pending >= target->nr_places;
}

static bool died(struct target *target)
{
	return target->guest.domid == 1 + MORTAL &&
	       target->sim->guest->rounds >= MORTAL_ROUNDS;
}

static int serve(struct target *target, bool *more)
{
	uint64_t times;

	*more = false;
	if (read(target->fd, &times, sizeof(times)) == sizeof(times) &&
	    all_in(target) && !died(target))
		run_round(target);
	return STATUS_DONE;
}

static void tell_hits(struct target *target, struct target_hits *hits)
{
	size_t i;

	for (i = 0; i < target->nr_places; i++) {
		hits[i] = target->sim->claims[i].counts;
		hits[i].known = true;
	}
}

/* The ring has a slot for each of its vCPUs. */
static uint64_t lost(struct target *target)
{
	(void)target;
	return 0;
}

static uint64_t missed(const struct target *target)
{
	return target->sim->missed;
}

static const char *reason(const struct target *target, int err)
{
	(void)target;
	return strerror(-err);
}

static void close_all(struct target *target)
{
	struct target_sim *sim = target->sim;

	if (!sim)
		return;
	target_free_probes(target);
	gprobe_follow_free(target->follow);
	gprobe_bpm_free(target->bpm);
	gprobe_shadow_free(sim->shadows);
	gprobe_access_free(sim->arbiter);
	sim_guest_free(sim->guest);
	free(sim->claims);
	free(sim);
	if (target->fd >= 0)
		close(target->fd);
}

const struct target_ops target_sim = {
	.name = "sim",
	.guests = names,
	.find = find,
	.resolve = resolve,
	.attach = attach,
	.open_counter = open_counter,
	.open_hits = open_hits,
	.open_tables = open_tables,
	.serve = serve,
	.hits = tell_hits,
	.lost = lost,
	.missed = missed,
	.died = died,
	.reason = reason,
	.close = close_all,
};
