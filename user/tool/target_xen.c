// SPDX-License-Identifier: GPL-2.0
/* A guest of Xen's, by the module. */
#include "target.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <gprobe/insn.h>

#include "counter.h"
#include "hits.h"
#include "say.h"

/* --- the guest --- */

static int find(struct target *target, const char *domain)
{
	struct gprobe_why why;
	int ret;

	ret = gprobe_host_open(&target->host, &why);
	if (ret)
		return say_host_failed(ret, &why);
	ret = gprobe_host_info(target->host, &target->xen);
	if (ret)
		return say(STATUS_FAILED, "Xen does not tell its version: %s",
			   strerror(-ret));
	ret = gprobe_host_find(target->host, domain, &target->guest, &why);
	if (ret)
		return say(STATUS_FAILED, "%s", why.text);
	target->name = target->guest.name[0] ? target->guest.name : domain;
	return STATUS_DONE;
}

static int resolve_in(struct target *target, struct gprobe_guest *guest)
{
	struct gprobe_space space = {
		.memory = gprobe_guest_memory(guest),
	};
	struct gprobe_vcpu *vcpus;
	int ret, status;

	ret = gprobe_guest_vcpus(guest, &vcpus, &space.nr_vcpus);
	if (ret == -EAGAIN)
		return say(STATUS_FAILED,
			   "domain '%s': none of its vCPUs is up yet",
			   target->name);
	if (ret == -ENOENT)
		return say(STATUS_FAILED,
			   "domain '%s' died before it was probed",
			   target->name);
	if (ret)
		return say(STATUS_FAILED,
			   "domain '%s': its vCPUs cannot be read: %s",
			   target->name, strerror(-ret));
	space.vcpus = vcpus;
	status = target_resolve_in(target, &space);
	free(vcpus);
	return status;
}

/* No frame of the guest's stays mapped: it could not go with one. */
static int resolve(struct target *target)
{
	struct gprobe_guest *guest;
	int status = symbol_files_load(target->files);

	if (status)
		return status;
	if (gprobe_guest_open(target->host, target->guest.domid, &guest)) {
		status = say_no_memory();
	} else {
		status = resolve_in(target, guest);
		gprobe_guest_close(guest);
	}
	/* They are large. */
	if (!target_names(target)) {
		symbol_files_unload(target->files);
		target->symbols = NULL;
	}
	return status;
}

static const char *reason(const struct target *target, int err)
{
	return say_reason(target->client, err);
}

static int attach_failed(const struct target *target, int err)
{
	/* The guest has none because its host has none. */
	if (err == -EOPNOTSUPP && !target->xen.altp2m_mode)
		return say(STATUS_HOST,
			   "Xen has no altp2m: boot it with altp2m=1");
	if (err == -EPERM)
		return say_module_failed(err, "");
	return say(err == -EACCES ? STATUS_HOST : STATUS_FAILED,
		   "domain '%s': %s", target->name, reason(target, err));
}

/* The monitor comes first, so that no death is missed. */
static int attach(struct target *target)
{
	int (*join)(struct gprobe_client *client, uint32_t domid,
		    uint32_t domctl_version, struct gprobe_domain_info *info);
	struct gprobe_domain_info info;
	int ret;

	ret = gprobe_monitor_open(&target->monitor);
	if (!ret)
		ret = gprobe_client_open(&target->client);
	if (ret)
		return say_module_failed(ret, "");
	join = target->take_over ? gprobe_domain_take_over :
				   gprobe_domain_attach;
	ret = join(target->client, target->guest.domid,
		   target->xen.domctl_version, &info);
	if (ret)
		return attach_failed(target, ret);
	target->nr_vcpus = info.vcpus;
	target->view = info.view;
	target->lost_before = info.stats.lost;
	target->monitor_fd = gprobe_monitor_fd(target->monitor);
	return STATUS_DONE;
}

static uint64_t lost(struct target *target)
{
	struct gprobe_domain_info info;

	if (gprobe_domain_get(target->client, target->guest.domid, &info))
		return 0;
	return info.stats.lost - target->lost_before;
}

static bool is_gone(struct target *target)
{
	struct gprobe_domain_info info;

	return !gprobe_domain_get(target->client, target->guest.domid,
				  &info) &&
	       info.state == GPROBE_DOMAIN_STATE_GONE;
}

static bool hear_of_death(struct target *target)
{
	struct gprobe_notification notification;
	bool died = false;
	int ret;

	for (;;) {
		ret = gprobe_monitor_read(target->monitor, &notification);
		/* Its death may be among those that were lost. */
		if (ret == -ENOBUFS)
			died |= is_gone(target);
		if (ret == -ENOBUFS || ret == -EPROTO || ret == -EINTR)
			continue;
		if (ret)
			return died;
		if (notification.cmd == GPROBE_CMD_DOMAIN_DETACH_NTF &&
		    notification.domain.state == GPROBE_DOMAIN_STATE_GONE &&
		    notification.domain.domid == target->guest.domid)
			died = true;
	}
}

static bool died(struct target *target)
{
	bool gone = hear_of_death(target);

	if (gone && target->session)
		gprobe_session_drop(target->session);
	return gone;
}

static int open_counter(struct target *target)
{
	const struct counter_spec spec = {
		.session = gprobe_client_session(target->client),
		.places = target->places,
		.nr_places = target->nr_places,
		.nr_probes = target->nr_probes,
		.nr_vcpus = target->nr_vcpus,
	};
	struct gprobe_why why;
	int ret = counter_open(&target->counter, &spec, &why);

	if (!ret)
		return STATUS_DONE;
	return say(ret == -ENOENT ? STATUS_HOST : STATUS_FAILED, "%s",
		   why.text);
}

static int open_hits(struct target *target)
{
	return hits_record(target->hits,
			   gprobe_client_session(target->client));
}

/* --- what the module's claims are --- */

/* Where there is no instruction that is known, the module chooses. */
static int choose_step(const struct target *target,
		       const struct gprobe_call *call,
		       struct gprobe_claim_spec *spec)
{
	const struct gprobe_memory memory = {
		.read = target->driver.ops->read, .arg = target->driver.arg,
	};
	int ret = gprobe_insn_step_at(&memory, call->gfn, call->offset,
				      &spec->step, &spec->insn_bytes);

	if (ret != -EILSEQ)
		return ret;
	spec->step = 0;
	return 0;
}

/* A vCPU waits for a hit only if the memory it has then is to be read. */
static uint32_t action(const struct target *target, size_t index)
{
	const struct call_place *place = &target->places[index];

	if (!target->hits || !target_tells(target, index))
		return GPROBE_ACTION_COUNT;
	return place->role != CALL_ENTRY &&
	       gprobe_fetch_reads(target->fetches[place->probe]) ?
	       GPROBE_ACTION_UPCALL : GPROBE_ACTION_RECORD;
}

/*
 * As target_limits(), of vCPUs nothing is asked of an entry. A function is left at the
 * level it was entered at.
 */
static void fill_limits(const struct target *target, size_t place,
			struct gprobe_claim_spec *spec)
{
	const struct gprobe_claim_spec *wanted = &target->wanted;
	struct target_limits limits = target_limits(target, place);

	spec->cpls = wanted->cpls;
	spec->rate = limits.rate;
	spec->off_after = limits.off_after;
	if (target->places[place].role != CALL_ENTRY)
		memcpy(spec->vcpus, wanted->vcpus, sizeof(spec->vcpus));
}

static int fill_claim(void *arg, const struct gprobe_call *call,
		      struct gprobe_claim_spec *spec)
{
	struct target *target = arg;

	progress_step(&target->progress);
	target_serve_beside(target);
	spec->action = action(target, call->key);
	fill_limits(target, call->key, spec);
	spec->cookie = call->key;
	spec->label = target->probes[call->key].text;
	return choose_step(target, call, spec);
}

static void add_hits(struct target_hits *hits,
		     const struct gprobe_claim_info *info)
{
	hits->hits += info->hits;
	hits->limited += info->limited;
}

/*
 * A claim of the module is gone when its page is: what it had counted is kept.
 */
static void claim_deleted(void *arg, const struct gprobe_claim_info *info)
{
	struct target *target = arg;

	target_serve_beside(target);
	if (info->cookie < target->nr_places)
		add_hits(&target->past[info->cookie], info);
}

static void on_hit(void *arg, const struct gprobe_upcall *upcall,
		   struct gprobe_verdict *verdict)
{
	struct target *target = arg;

	(void)verdict;
	if (target->hits)
		hits_add(target->hits, upcall->cookie, upcall->vcpu,
			 &upcall->regs);
}

static int open_tables(struct target *target)
{
	const struct gprobe_session_spec spec = {
		.client = target->client,
		.host = target->host,
		.domid = target->guest.domid,
		.claims = {
			.fill = fill_claim,
			.deleted = claim_deleted,
			.arg = target,
		},
		.on_hit = on_hit,
		.hit_arg = target,
	};

	target->past = calloc(target->nr_places, sizeof(*target->past));
	if (!target->past ||
	    gprobe_session_new(&spec, &target->session))
		return say_no_memory();
	target->driver = gprobe_session_driver(target->session);
	target->bpm = gprobe_session_bpm(target->session);
	target->follow = gprobe_session_follow(target->session);
	target->fd = gprobe_session_fd(target->session);
	return STATUS_DONE;
}

static int serve(struct target *target, bool *more)
{
	int ret = gprobe_session_dispatch(target->session);

	*more = ret > 0;
	/* The monitor tells of its death. */
	if (ret >= 0 || ret == -ESHUTDOWN)
		return STATUS_DONE;
	return say_module_failed(ret, gprobe_client_message(target->client));
}

static void count(struct target *target, struct target_hits *hits)
{
	uint32_t session = gprobe_client_session(target->client);
	struct gprobe_claim_info *infos;
	size_t nr, i;

	memset(hits, 0, target->nr_places * sizeof(*hits));
	if (gprobe_claim_list(target->client, target->guest.domid, &infos, &nr))
		return;
	for (i = 0; i < target->nr_places; i++) {
		hits[i] = target->past[i];
		hits[i].known = true;
	}
	for (i = 0; i < nr; i++)
		if (infos[i].session == session &&
		    infos[i].cookie < target->nr_places)
			add_hits(&hits[infos[i].cookie], &infos[i]);
	free(infos);
}

static uint64_t missed(const struct target *target)
{
	struct gprobe_session_figures figures;

	gprobe_session_figures(target->session, &figures);
	return figures.late + figures.failed + figures.lost;
}

static void close_all(struct target *target)
{
	/* All that is in the guest goes with the client. */
	gprobe_session_free(target->session);
	gprobe_client_close(target->client);
	gprobe_monitor_close(target->monitor);
	gprobe_host_close(target->host);
	target_free_probes(target);
	free(target->past);
}

const struct target_ops target_xen = {
	.name = "xen",
	.find = find,
	.resolve = resolve,
	.attach = attach,
	.open_counter = open_counter,
	.open_hits = open_hits,
	.open_tables = open_tables,
	.serve = serve,
	.hits = count,
	.lost = lost,
	.missed = missed,
	.died = died,
	.reason = reason,
	.close = close_all,
};
