// SPDX-License-Identifier: GPL-2.0
/* `gprobe feature`: what this host can do, and why not. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <linux/capability.h>

#include <gprobe/client.h>
#include <gprobe/guest.h>

#include "command.h"
#include "counter.h"
#include "list.h"
#include "option.h"
#include "say.h"

/* Raw tracepoints of modules, and BPF maps that can be mapped. */
#define NEEDED_MAJOR	5
#define NEEDED_MINOR	5

static const struct command_option options[] = {
	{ "json", 'j', NULL, "JSON" },
	COMMAND_OPTION_HELP,
	{ 0 }
};

static const struct list_column columns[] = {
	{ "", "feature", false },
	{ "", "state", false },
	{ "", "explanation", false },
};

enum state { NO, YES, UNKNOWN };

/* The answers; @any_no: something that tracing needs is not there. */
struct report {
	struct list list;
	bool any_no;
};

static void put(struct report *report, const char *feature, enum state state,
		const char *explanation)
{
	static const char *const names[] = { "no", "yes", "unknown" };

	list_put_string(&report->list, feature);
	list_put_string(&report->list, names[state]);
	list_put_string(&report->list, explanation);
	if (state == NO)
		report->any_no = true;
}

static void put_xen(struct report *report, struct gprobe_host *host, int err,
		    const struct gprobe_why *why)
{
	struct gprobe_host_info info;
	char version[64];

	if (err == -ENODEV || (err && err != -EPERM && err != -EACCES &&
			       err != -EPROTONOSUPPORT)) {
		put(report, "xen", NO, why->text);
	} else if (!host || gprobe_host_info(host, &info)) {
		put(report, "xen", YES, "its version cannot be asked for");
	} else {
		snprintf(version, sizeof(version), "Xen %u.%u%s", info.major,
			 info.minor, info.extra);
		put(report, "xen", YES, version);
	}
}

static void put_dom0(struct report *report, int err,
		     const struct gprobe_why *why)
{
	if (!err || err == -EPROTONOSUPPORT)
		put(report, "dom0", YES, "Xen lets this machine see its guests");
	else if (err == -EPERM)
		put(report, "dom0", NO, why->text);
	else
		put(report, "dom0", UNKNOWN, "Xen cannot be asked");
}

static void put_libxenctrl(struct report *report, struct gprobe_host *host,
			   int err, const struct gprobe_why *why)
{
	struct gprobe_host_info info;
	char text[64];

	if (err == -EPROTONOSUPPORT) {
		put(report, "libxenctrl", NO, why->text);
	} else if (!host || gprobe_host_info(host, &info)) {
		put(report, "libxenctrl", UNKNOWN, "Xen cannot be asked");
	} else {
		snprintf(text, sizeof(text),
			 "speaks the running Xen's domctl version 0x%" PRIx32,
			 info.domctl_version);
		put(report, "libxenctrl", YES, text);
	}
}

static void put_altp2m(struct report *report, struct gprobe_host *host)
{
	struct gprobe_host_info info;

	if (!host || gprobe_host_info(host, &info) || info.altp2m_mode < 0)
		put(report, "altp2m", UNKNOWN,
		    "Xen's command line cannot be read");
	else if (info.altp2m_mode)
		put(report, "altp2m", YES, "Xen was booted with altp2m=1");
	else
		put(report, "altp2m", NO, "boot Xen with altp2m=1");
}

static void put_rights(struct report *report)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (syscall(SYS_capget, &head, data))
		put(report, "rights", UNKNOWN, strerror(errno));
	else if (data[CAP_TO_INDEX(CAP_SYS_ADMIN)].effective &
		 CAP_TO_MASK(CAP_SYS_ADMIN))
		put(report, "rights", YES, "CAP_SYS_ADMIN");
	else
		put(report, "rights", NO, "run as root (CAP_SYS_ADMIN)");
}

static void put_kernel(struct report *report)
{
	unsigned int major = 0, minor = 0;
	struct utsname name;
	char text[128];

	if (uname(&name) ||
	    sscanf(name.release, "%u.%u", &major, &minor) != 2) {
		put(report, "kernel", UNKNOWN, "its release cannot be read");
		return;
	}
	if (major > NEEDED_MAJOR ||
	    (major == NEEDED_MAJOR && minor >= NEEDED_MINOR)) {
		put(report, "kernel", YES, name.release);
		return;
	}
	snprintf(text, sizeof(text), "%.64s is too old: %d.%d is needed",
		 name.release, NEEDED_MAJOR, NEEDED_MINOR);
	put(report, "kernel", NO, text);
}

static void put_bpf(struct report *report)
{
	struct gprobe_why why;

	if (counter_check(&why))
		put(report, "bpf", NO, why.text);
	else
		put(report, "bpf", YES, "the program that counts can be loaded");
}

/* Xen tells only by doing it. */
static void put_single_step(struct report *report,
			    struct gprobe_client *client)
{
	struct gprobe_domain_info *infos = NULL;
	uint64_t steps = 0;
	size_t nr, i;

	if (client && !gprobe_domain_list(client, &infos, &nr))
		for (i = 0; i < nr; i++)
			steps += infos[i].stats.fast + infos[i].stats.toggled;
	free(infos);
	if (steps)
		put(report, "single-step", YES,
		    "probes in attached guests step so");
	else
		put(report, "single-step", UNKNOWN,
		    "shows once a probe in an attached guest needs it");
}

static void put_module(struct report *report)
{
	struct gprobe_client *client = NULL;
	int ret = gprobe_client_open(&client);
	char text[96];

	if (!ret) {
		snprintf(text, sizeof(text), "loaded; netlink family version %d",
			 GPROBE_FAMILY_VERSION);
		put(report, "module", YES, text);
	} else if (ret == -ENOENT) {
		put(report, "module", NO, "not loaded: modprobe gprobe");
	} else {
		put(report, "module", NO, strerror(-ret));
	}
	put_single_step(report, client);
	gprobe_client_close(client);
}

static int print(bool json)
{
	struct report report = {
		.list = {
			.columns = columns,
			.nr_columns = sizeof(columns) / sizeof(columns[0]),
			.as_json = json,
			.no_titles = true,
		},
	};
	struct gprobe_host *host = NULL;
	struct gprobe_why why;
	int err = gprobe_host_open(&host, &why), status;

	list_begin(&report.list);
	put_xen(&report, host, err, &why);
	put_dom0(&report, err, &why);
	put_rights(&report);
	put_libxenctrl(&report, host, err, &why);
	put_altp2m(&report, host);
	put_kernel(&report);
	put_bpf(&report);
	put_module(&report);
	gprobe_host_close(host);
	status = list_end(&report.list);
	return !status && report.any_no ? STATUS_HOST : status;
}

static int run(int argc, char **argv)
{
	struct option_reader reader = {
		.command = &command_feature, .argc = argc, .argv = argv,
	};
	struct option_listing listing = { 0 };
	int status = option_read_listing(&reader, &listing);

	return status == OPTION_GO_ON ? print(listing.json) : status;
}

const struct command command_feature = {
	.words = "feature",
	.summary = "Show what this host can do, and why not",
	.usage = "[-j]",
	.options = options,
	.notes = "Exits with 3 if anything that tracing needs is missing.\n",
	.run = run,
};
