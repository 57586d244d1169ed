// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gprobe/symbols.h>
#include <xenstore.h>
#include <xentoollog.h>

#include "why.h"

#define HYPERVISOR_TYPE	"/sys/hypervisor/type"
#define XEN_DEVICE	"/dev/xen/privcmd"

/* Domains asked for at once. */
#define BATCH		64

#define NEAR_DISTANCE	2

static void be_silent(xentoollog_logger *logger, xentoollog_level level,
		      int error, const char *context, const char *format,
		      va_list args)
{
	(void)logger;
	(void)level;
	(void)error;
	(void)context;
	(void)format;
	(void)args;
}

/* A library does not write to stderr; libxenctrl does without this. */
static xentoollog_logger silent = { .vmessage = be_silent };

static bool is_xen(void)
{
	char type[8] = "";
	FILE *file = fopen(HYPERVISOR_TYPE, "re");

	if (!file)
		return !access(XEN_DEVICE, F_OK);
	if (!fgets(type, sizeof(type), file))
		type[0] = '\0';
	fclose(file);
	return !strcmp(type, "xen\n");
}

/*
 * XEN_DOMCTL_INTERFACE_VERSION by the minor of Xen 4's releases, from each one's
 * public/domctl.h.
 */
static const uint8_t domctl_versions[] = {
	[15] = 0x13, [16] = 0x14, [17] = 0x15, [18] = 0x16,
	[19] = 0x17, [20] = 0x17, [21] = 0x17, [22] = 0x18,
};

/* 0: not known. */
static uint32_t known_version(unsigned int major, unsigned int minor)
{
	return major == 4 && minor < sizeof(domctl_versions) ?
	       domctl_versions[minor] : 0;
}

/* The Xen that this program was built for: the last that speaks as its libxenctrl. */
static unsigned int built_for(void)
{
	unsigned int minor = sizeof(domctl_versions);

	while (minor && domctl_versions[minor - 1] != XEN_DOMCTL_INTERFACE_VERSION)
		minor--;
	return minor ? minor - 1 : 0;
}

/* The first domctl tells whether this is dom0, and whether Xen is ours. */
static int try_domctl(struct gprobe_host *host, struct gprobe_why *why)
{
	struct gprobe_host_info info;
	xc_domaininfo_t domain;
	int err;

	if (xc_domain_getinfolist(host->xc, 0, 1, &domain) >= 0)
		return 0;
	err = -errno;
	if (err == -EACCES && !gprobe_host_info(host, &info) &&
	    known_version(info.major, info.minor) != XEN_DOMCTL_INTERFACE_VERSION)
		return gprobe_why(why, -EPROTONOSUPPORT,
				  "Xen %u.%u runs here, and this program was built for Xen 4.%u (domctl version %#x): build it with the libxenctrl of the running Xen",
				  info.major, info.minor, built_for(),
				  XEN_DOMCTL_INTERFACE_VERSION);
	return gprobe_why(why, -EPERM,
			  "this is not dom0: Xen lets only its control domain trace guests");
}

static int open_failed(struct gprobe_why *why, int err)
{
	if (err == -EACCES || err == -EPERM)
		return gprobe_why(why, -EACCES,
				  "no rights to use Xen: run as root (CAP_SYS_ADMIN)");
	return gprobe_why(why, err,
			  "Xen cannot be reached (%s): is xen-privcmd loaded?",
			  strerror(-err));
}

/**
 * gprobe_host_open() - Open Xen.
 * @host: for gprobe_host_close()
 * @why: says why not
 *
 * Return: 0; -ENODEV no Xen; -EACCES no rights; -EPERM not dom0;
 * -EPROTONOSUPPORT libxenctrl is another Xen's.
 */
int gprobe_host_open(struct gprobe_host **host, struct gprobe_why *why)
{
	struct gprobe_host *new;
	int ret;

	if (!is_xen())
		return gprobe_why(why, -ENODEV,
				  "no Xen: this machine does not run under it; gprobe works in the dom0 of a Xen host");
	new = calloc(1, sizeof(*new));
	if (!new)
		return gprobe_why(why, -ENOMEM, "not enough memory");
	new->xc = xc_interface_open(&silent, &silent, 0);
	if (!new->xc) {
		ret = open_failed(why, -errno);
		goto err_free;
	}
	new->foreign = xenforeignmemory_open(&silent, 0);
	if (!new->foreign) {
		ret = open_failed(why, -errno);
		goto err_xc;
	}
	ret = try_domctl(new, why);
	if (ret)
		goto err_foreign;
	*host = new;
	return 0;

err_foreign:
	xenforeignmemory_close(new->foreign);
err_xc:
	xc_interface_close(new->xc);
err_free:
	free(new);
	return ret;
}

/**
 * gprobe_host_close() - Close Xen.
 * @host: or NULL; its guests are closed
 */
void gprobe_host_close(struct gprobe_host *host)
{
	if (!host)
		return;
	xenforeignmemory_close(host->foreign);
	xc_interface_close(host->xc);
	free(host);
}

/**
 * gprobe_domctl_version() - The domctl interface that a version of Xen speaks.
 * @major: of Xen's version
 * @minor: of Xen's version
 *
 * Return: XEN_DOMCTL_INTERFACE_VERSION; for a Xen that is not known, the one of
 * the libxenctrl that this was built with.
 */
uint32_t gprobe_domctl_version(unsigned int major, unsigned int minor)
{
	return known_version(major, minor) ?: XEN_DOMCTL_INTERFACE_VERSION;
}

static int altp2m_mode(struct gprobe_host *host)
{
	xen_commandline_t line;
	char *word, *rest;
	int mode = 0;

	if (xc_version(host->xc, XENVER_commandline, &line))
		return -1;
	line[sizeof(line) - 1] = '\0';
	rest = line;
	while ((word = strsep(&rest, " "))) {
		if (!strcmp(word, "altp2m") || !strcmp(word, "altp2m=1") ||
		    !strcmp(word, "altp2m=on") || !strcmp(word, "altp2m=yes") ||
		    !strcmp(word, "altp2m=true"))
			mode = 1;
		else if (!strncmp(word, "altp2m=", 7) ||
			 !strcmp(word, "no-altp2m"))
			mode = 0;
	}
	return mode;
}

/**
 * gprobe_host_info() - Ask Xen what it is.
 * @host: the host
 * @info: the answer
 *
 * Return: 0 or a negative errno.
 */
int gprobe_host_info(struct gprobe_host *host, struct gprobe_host_info *info)
{
	int version = xc_version(host->xc, XENVER_version, NULL);
	xen_extraversion_t extra = "";

	if (version < 0)
		return -errno;
	info->major = version >> 16;
	info->minor = version & 0xffff;
	if (xc_version(host->xc, XENVER_extraversion, &extra))
		extra[0] = '\0';
	snprintf(info->extra, sizeof(info->extra), "%.15s", extra);
	info->domctl_version = gprobe_domctl_version(info->major, info->minor);
	info->altp2m_mode = altp2m_mode(host);
	return 0;
}

static void read_name(struct xs_handle *xenstore,
		      struct gprobe_guest_info *info)
{
	char path[64];
	char *name;

	info->name[0] = '\0';
	if (!xenstore)
		return;
	snprintf(path, sizeof(path), "/local/domain/%" PRIu32 "/name",
		 info->domid);
	name = xs_read(xenstore, XBT_NULL, path, NULL);
	if (name)
		snprintf(info->name, sizeof(info->name), "%s", name);
	free(name);
}

static void fill(struct gprobe_guest_info *info, const xc_domaininfo_t *domain,
		 struct xs_handle *xenstore)
{
	info->domid = domain->domain;
	/* All ones: it has none. */
	info->vcpus = domain->max_vcpu_id + 1;
	info->memory_kib = domain->tot_pages * 4;
	info->hvm = domain->flags & XEN_DOMINF_hvm_guest;
	info->paused = domain->flags & XEN_DOMINF_paused;
	info->dying = domain->flags & XEN_DOMINF_dying;
	read_name(xenstore, info);
}

/* Add @nr of @domains to an array of *@nr_infos. */
static int append(struct gprobe_guest_info **infos, size_t *nr_infos,
		  const xc_domaininfo_t *domains, int nr,
		  struct xs_handle *xenstore)
{
	struct gprobe_guest_info *more;
	int i;

	more = reallocarray(*infos, *nr_infos + nr, sizeof(*more));
	if (!more)
		return -ENOMEM;
	*infos = more;
	for (i = 0; i < nr; i++)
		fill(&more[(*nr_infos)++], &domains[i], xenstore);
	return 0;
}

/**
 * gprobe_host_guests() - List all domains, dom0 too.
 * @host: the host
 * @infos: the caller frees it
 * @nr: how many
 *
 * Return: 0 or a negative errno.
 */
int gprobe_host_guests(struct gprobe_host *host,
		       struct gprobe_guest_info **infos, size_t *nr)
{
	struct xs_handle *xenstore = xs_open(0);
	xc_domaininfo_t domains[BATCH];
	uint32_t first = 0;
	int got = 0, ret = 0;

	*infos = NULL;
	*nr = 0;
	do {
		got = xc_domain_getinfolist(host->xc, first, BATCH, domains);
		if (got < 0)
			ret = -errno;
		if (got <= 0)
			break;
		ret = append(infos, nr, domains, got, xenstore);
		first = domains[got - 1].domain + 1;
	} while (!ret && got == BATCH);
	if (ret) {
		free(*infos);
		*infos = NULL;
	}
	if (xenstore)
		xs_close(xenstore);
	return ret;
}

static bool is_number(const char *name)
{
	return *name && strspn(name, "0123456789") == strlen(name);
}

static bool is_called(const struct gprobe_guest_info *info, const char *name)
{
	if (is_number(name))
		return strlen(name) <= 5 &&
		       info->domid == strtoul(name, NULL, 10);
	/* A domain without a name is not called "". */
	return *name && !strcmp(info->name, name);
}

static int not_found(const struct gprobe_guest_info *infos, size_t nr,
		     const char *name, struct gprobe_why *why)
{
	char names[256] = "";
	size_t used = 0, i;

	for (i = 0; i < nr; i++) {
		if (!infos[i].domid || !infos[i].name[0] ||
		    gprobe_name_distance(name, infos[i].name, NEAR_DISTANCE) >
		    NEAR_DISTANCE)
			continue;
		used += snprintf(names + used, sizeof(names) - used, "%s%s",
				 used ? ", " : "", infos[i].name);
		if (used >= sizeof(names))
			break;
	}
	if (used)
		return gprobe_why(why, -ENOENT,
				  "no domain '%s'; nearest: %s", name, names);
	return gprobe_why(why, -ENOENT,
			  "no domain '%s'; 'gprobe domain list' shows those there are",
			  name);
}

static int check_guest(const struct gprobe_guest_info *info, const char *name,
		       struct gprobe_why *why)
{
	if (info->dying)
		return gprobe_why(why, -ESHUTDOWN, "domain '%s' is dying",
				  name);
	if (!info->domid)
		return gprobe_why(why, -EINVAL,
				  "domain '%s' is dom0, where gprobe runs itself; name a guest",
				  name);
	if (!info->hvm)
		return gprobe_why(why, -EOPNOTSUPP,
				  "domain '%s' is a PV guest: only HVM and PVH guests can be probed",
				  name);
	return 0;
}

/**
 * gprobe_host_find() - Find a guest that can be probed.
 * @host: the host
 * @name: its name, or its domid
 * @info: the guest
 * @why: says why not
 *
 * Return: 0; -ENOENT no such domain; -ESHUTDOWN it is dying; -EINVAL dom0;
 * -EOPNOTSUPP a PV guest.
 */
int gprobe_host_find(struct gprobe_host *host, const char *name,
		     struct gprobe_guest_info *info, struct gprobe_why *why)
{
	struct gprobe_guest_info *infos;
	size_t nr, i;
	int ret;

	ret = gprobe_host_guests(host, &infos, &nr);
	if (ret)
		return gprobe_why(why, ret, "Xen does not list its domains: %s",
				  strerror(-ret));
	for (i = 0; i < nr; i++)
		if (is_called(&infos[i], name))
			break;
	if (i < nr) {
		*info = infos[i];
		ret = check_guest(info, name, why);
	} else {
		ret = not_found(infos, nr, name, why);
	}
	free(infos);
	return ret;
}
