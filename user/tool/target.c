// SPDX-License-Identifier: GPL-2.0
#include "target.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"

/**
 * target_find() - Find the guest.
 * @target: zeroed but for @probes, parsed, and @nr_probes
 * @domain: its name or domid
 *
 * Return: the exit status.
 */
int target_find(struct target *target, const char *domain)
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

static int load_symbols(struct gprobe_symbols **symbols, const char *path)
{
	struct gprobe_why why;

	if (!path || !gprobe_symbols_load(path, symbols, &why))
		return STATUS_DONE;
	return say(STATUS_FAILED, "%s: %s", path, why.text);
}

static int find_slide(const struct target *target, struct gprobe_space *space,
		      const char *path)
{
	struct gprobe_why why;
	int ret;

	if (!space->symbols)
		return STATUS_DONE;
	ret = gprobe_symbols_slide(space->symbols, &space->memory,
				   space->vcpus, space->nr_vcpus,
				   &space->slide, &why);
	if (ret == -ESTALE)
		return say(STATUS_FAILED, "%s: %s", path, why.text);
	if (ret)
		return say(STATUS_FAILED, "domain '%s': %s", target->name,
			   why.text);
	return STATUS_DONE;
}

/* None is no failure: then probes without a root are placed once. */
static void find_kernel_root(struct target *target,
			     const struct gprobe_space *space)
{
	if (!space->symbols ||
	    gprobe_symbols_kernel_root(space->symbols, &space->memory,
				       space->vcpus, space->nr_vcpus,
				       space->slide, &target->kernel_root))
		target->kernel_root = 0;
}

static int resolve_probes(struct target *target,
			  const struct gprobe_space *space)
{
	struct gprobe_why why;
	size_t i;

	for (i = 0; i < target->nr_probes; i++)
		if (gprobe_probe_resolve(&target->probes[i], space, &why))
			return say(STATUS_FAILED, "%s", why.text);
	find_kernel_root(target, space);
	if (gprobe_probes_check(target->probes, target->nr_probes, &why))
		return say(STATUS_FAILED, "%s", why.text);
	return STATUS_DONE;
}

static int resolve_in(struct target *target, struct gprobe_guest *guest,
		      const struct gprobe_symbols *symbols, const char *path)
{
	struct gprobe_space space = {
		.memory = gprobe_guest_memory(guest),
		.symbols = symbols,
	};
	struct gprobe_vcpu *vcpus;
	int ret, status;

	ret = gprobe_guest_vcpus(guest, &vcpus, &space.nr_vcpus);
	if (ret == -EAGAIN)
		return say(STATUS_FAILED,
			   "domain '%s': none of its vCPUs is up yet",
			   target->name);
	if (ret)
		return say(STATUS_FAILED,
			   "domain '%s': its vCPUs cannot be read: %s",
			   target->name, strerror(-ret));
	space.vcpus = vcpus;
	status = find_slide(target, &space, path);
	if (!status)
		status = resolve_probes(target, &space);
	free(vcpus);
	return status;
}

/**
 * target_resolve() - Find the places of the probes.
 * @target: found
 * @symbols: a file, or NULL
 *
 * Return: the exit status. No frame of the guest's stays mapped: a guest could
 * not go with one.
 */
int target_resolve(struct target *target, const char *symbols)
{
	struct gprobe_symbols *loaded = NULL;
	struct gprobe_guest *guest;
	int status = load_symbols(&loaded, symbols);

	if (status)
		return status;
	if (gprobe_guest_open(target->host, target->guest.domid, &guest)) {
		status = say_no_memory();
	} else {
		status = resolve_in(target, guest, loaded, symbols);
		gprobe_guest_close(guest);
	}
	gprobe_symbols_free(loaded);
	return status;
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
		   "domain '%s': %s", target->name, target_reason(target, err));
}

/**
 * target_attach() - Join the guest.
 * @target: found
 *
 * The monitor comes first, so that no death is missed.
 *
 * Return: the exit status.
 */
int target_attach(struct target *target)
{
	int (*attach)(struct gprobe_client *client, uint32_t domid,
		      uint32_t domctl_version, struct gprobe_domain_info *info);
	struct gprobe_domain_info info;
	int ret;

	ret = gprobe_monitor_open(&target->monitor);
	if (!ret)
		ret = gprobe_client_open(&target->client);
	if (ret)
		return say_module_failed(ret, "");
	attach = target->take_over ? gprobe_domain_take_over :
				     gprobe_domain_attach;
	ret = attach(target->client, target->guest.domid,
		     target->xen.domctl_version, &info);
	if (ret)
		return attach_failed(target, ret);
	target->nr_vcpus = info.vcpus;
	target->view = info.view;
	target->lost_before = info.stats.lost;
	return STATUS_DONE;
}

/**
 * target_lost() - Ask how many events the module has lost.
 * @target: attached
 *
 * Return: since we came; 0 too if the module cannot be asked.
 */
uint64_t target_lost(struct target *target)
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

/**
 * target_died() - Read what the monitor has to say.
 * @target: attached; its monitor can be read
 *
 * Return: true if the guest has died; then nothing of it is mapped any more.
 */
bool target_died(struct target *target)
{
	bool died = hear_of_death(target);

	if (died && target->session)
		gprobe_session_drop(target->session);
	return died;
}

/**
 * target_close() - Undo all that was done.
 * @target: at any stage; @probes stay their owner's
 */
void target_close(struct target *target)
{
	/* All that is in the guest goes with the client. */
	gprobe_session_free(target->session);
	gprobe_client_close(target->client);
	gprobe_monitor_close(target->monitor);
	gprobe_host_close(target->host);
	free(target->past_hits);
}
