// SPDX-License-Identifier: GPL-2.0
/* `gprobe domain monitor`: what a guest does, whatever its code is. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "command.h"
#include "domain_traps.h"
#include "list.h"
#include "number.h"
#include "option.h"
#include "run.h"
#include "say.h"
#include "target.h"

enum {
	OPTION_DURATION = COMMAND_LONG_ONLY,
	OPTION_TAKE_OVER,
};

/* After so many events others have their turn. */
#define EVENTS	64

static const struct command_option options[] = {
	{ "domain", 'd', "DOMAIN", "the guest: its name or domid" },
	{ "event", 'e', "EVENT[,EVENT...]", "what to tell; may be repeated" },
	{ "count", 'c', NULL, "only count: no line an event" },
	{ "json", 'j', NULL, "JSON, an object a line" },
	{ "duration", OPTION_DURATION, "SECONDS", "stop after SECONDS" },
	{ "take-over", OPTION_TAKE_OVER, NULL,
	  "take the guest from another agent, which must be dead" },
	COMMAND_OPTION_HELP,
	{ 0 }
};

static const struct list_column columns[] = {
	{ "COUNT", "count", true },
	{ "EVENT", "event", false },
};

/**
 * struct monitor - a monitored guest
 * @target: the guest; first, so that its @ops find the rest
 * @ops: target_xen's, but that what they serve are our events
 * @run: the time it takes
 * @workload: the COMMAND, if there is one
 * @command: the COMMAND and its arguments, or NULL
 * @domain: -d
 * @traps: of all -e
 * @ids: the module's numbers of them
 * @nr_set: how many are set
 * @counts: what was told of each
 * @counts_only: -c
 * @json: -j
 * @lines: so many were printed
 */
struct monitor {
	struct target target;
	struct target_ops ops;
	struct run run;
	struct workload workload;
	char **command;
	const char *domain;
	struct traps traps;
	uint32_t ids[TRAPS_MAX];
	unsigned int nr_set;
	uint64_t counts[TRAPS_MAX];
	bool counts_only, json;
	uint64_t lines;
};

/* --- events --- */

static uint64_t elapsed_ns(const struct monitor *monitor)
{
	return clock_now_ns(CLOCK_MONOTONIC) - monitor->run.start_ns;
}

/* The vCPU goes on first: a terminal may be slow. */
static int on_event(struct monitor *monitor, const struct gprobe_upcall *event)
{
	struct gprobe_client *client = monitor->target.client;
	int ret;

	if (event->timed_out || event->reason != GPROBE_UPCALL_REASON_TRAP ||
	    event->cookie >= monitor->traps.nr)
		return STATUS_DONE;
	ret = gprobe_upcall_reply(client, event, NULL);
	if (ret && ret != -ENOENT && ret != -ESHUTDOWN)
		return say_module_failed(ret, gprobe_client_message(client));
	monitor->lines++;
	if (monitor->json)
		traps_print_json(&monitor->traps, event, elapsed_ns(monitor));
	else
		traps_print(&monitor->traps, event, elapsed_ns(monitor));
	return STATUS_DONE;
}

static int serve(struct target *target, bool *more)
{
	struct monitor *monitor = (struct monitor *)target;
	struct gprobe_upcall event;
	int i, ret, status = STATUS_DONE;

	*more = false;
	for (i = 0; i < EVENTS && !status; i++) {
		ret = gprobe_upcall_read(target->client, &event);
		if (ret == -EAGAIN)
			return i ? say_flush(stdout, "stdout") : STATUS_DONE;
		if (!ret)
			status = on_event(monitor, &event);
		else if (ret != -ENOBUFS && ret != -EPROTO)
			return say_module_failed(ret, "");
	}
	*more = true;
	return status;
}

/* --- traps --- */

static int set_traps(struct monitor *monitor)
{
	struct gprobe_client *client = monitor->target.client;
	struct gprobe_trap_info info;
	struct gprobe_trap_spec *spec;
	int ret;

	for (; monitor->nr_set < monitor->traps.nr; monitor->nr_set++) {
		spec = &monitor->traps.specs[monitor->nr_set];
		spec->domid = monitor->target.guest.domid;
		spec->action = monitor->counts_only ? GPROBE_ACTION_COUNT :
						      GPROBE_ACTION_UPCALL;
		ret = gprobe_trap_new(client, spec, &info);
		if (ret == -EOPNOTSUPP)
			return say(STATUS_HOST, "event '%s': %s",
				   traps_name(spec).text,
				   gprobe_client_message(client));
		if (ret)
			return say(STATUS_FAILED, "event '%s': %s",
				   traps_name(spec).text,
				   monitor->target.ops->reason(&monitor->target,
							       ret));
		monitor->ids[monitor->nr_set] = info.id;
	}
	return STATUS_DONE;
}

/* Of a guest that died they can still be had. */
static int end_traps(struct monitor *monitor)
{
	struct gprobe_trap_info info;
	unsigned int i;
	int ret;

	for (i = 0; i < monitor->nr_set; i++) {
		ret = gprobe_trap_del(monitor->target.client, monitor->ids[i],
				      &info);
		if (ret)
			return say_module_failed(ret, gprobe_client_message(
						 monitor->target.client));
		monitor->counts[i] = info.events;
	}
	return STATUS_DONE;
}

/* --- the run --- */

static int prepare(struct monitor *monitor)
{
	struct target *target = &monitor->target;
	int status;

	monitor->ops = target_xen;
	monitor->ops.serve = serve;
	target->ops = &monitor->ops;
	status = target->ops->find(target, monitor->domain);
	/* Before there is a session that a child could keep alive. */
	if (!status && monitor->command)
		status = workload_start(&monitor->workload, monitor->command);
	if (!status)
		status = target->ops->attach(target);
	if (status)
		return status;
	target->fd = gprobe_client_fd(target->client);
	monitor->run.target = target;
	if (monitor->command)
		monitor->run.workload = &monitor->workload;
	return STATUS_DONE;
}

static int watch(struct monitor *monitor)
{
	int status;

	run_start(&monitor->run);
	status = set_traps(monitor);
	if (!status && monitor->command)
		status = workload_go(&monitor->workload);
	else if (!status && !monitor->run.duration_ns && isatty(STDERR_FILENO))
		fputs("monitoring; ^C ends\n", stderr);
	if (!status)
		status = run_wait(&monitor->run);
	return status ? status : end_traps(monitor);
}

static int watch_undisturbed(struct monitor *monitor)
{
	int status = run_open(&monitor->run);

	if (!status)
		status = watch(monitor);
	run_close(&monitor->run);
	return status;
}

/* They came too late, or as all was over. */
static uint64_t without_line(const struct monitor *monitor)
{
	uint64_t nr = 0;
	unsigned int i;

	for (i = 0; i < monitor->traps.nr; i++)
		nr += monitor->counts[i];
	return nr - monitor->lines;
}

static void print_json_sum(const struct monitor *monitor)
{
	struct json json = { .file = stdout };
	unsigned int i;

	json_open_object(&json, NULL);
	json_open_object(&json, "counts");
	for (i = 0; i < monitor->traps.nr; i++)
		json_put_number(&json, traps_name(&monitor->traps.specs[i]).text,
				monitor->counts[i]);
	json_close_object(&json);
	if (!monitor->counts_only)
		json_put_number(&json, "events_without_line",
				without_line(monitor));
	json_close_object(&json);
	json_end_line(&json);
}

static int print_sum(const struct monitor *monitor)
{
	struct list list = {
		.columns = columns,
		.nr_columns = sizeof(columns) / sizeof(columns[0]),
	};
	unsigned int i;

	if (monitor->json) {
		print_json_sum(monitor);
		return say_flush(stdout, "stdout");
	}
	list_begin(&list);
	for (i = 0; i < monitor->traps.nr; i++) {
		list_put_number(&list, monitor->counts[i]);
		list_put_string(&list,
				traps_name(&monitor->traps.specs[i]).text);
	}
	if (!monitor->counts_only) {
		list_put_number(&list, without_line(monitor));
		list_put_string(&list, "events-without-line");
	}
	return list_end(&list);
}

static int finish(struct monitor *monitor)
{
	int status = print_sum(monitor);

	if (monitor->run.died)
		return say(STATUS_FAILED,
			   "domain '%s' died while it was monitored",
			   monitor->target.name);
	if (!status && monitor->command)
		status = workload_status(&monitor->workload);
	return status;
}

static int take_option(struct monitor *monitor,
		       const struct option_reader *reader, int letter)
{
	const char *words = reader->command->words;

	switch (letter) {
	case 'd':
		monitor->domain = optarg;
		break;
	case 'e':
		return traps_parse(&monitor->traps, words, optarg);
	case 'c':
		monitor->counts_only = true;
		break;
	case 'j':
		monitor->json = true;
		break;
	case OPTION_DURATION:
		if (!number_parse_seconds(optarg, &monitor->run.duration_ns) ||
		    !monitor->run.duration_ns)
			return say(STATUS_USAGE,
				   "%s: --duration '%s': must be seconds above 0, such as 10 or 0.5",
				   words, optarg);
		break;
	case OPTION_TAKE_OVER:
		monitor->target.take_over = true;
		break;
	}
	return STATUS_DONE;
}

static int read_options(struct monitor *monitor, int argc, char **argv)
{
	struct option_reader reader = {
		.command = &command_domain_monitor, .argc = argc, .argv = argv,
	};
	const char *words = reader.command->words;
	int letter, status;

	while ((letter = option_next(&reader)) != OPTION_END) {
		if (letter == OPTION_STOP)
			return reader.status;
		status = take_option(monitor, &reader, letter);
		if (status)
			return status;
	}
	if (optind < argc)
		monitor->command = argv + optind;
	if (!monitor->domain)
		return say(STATUS_USAGE, "%s: no domain: -d DOMAIN", words);
	if (!monitor->traps.nr)
		return say(STATUS_USAGE, "%s: no event: -e EVENT", words);
	if (monitor->run.duration_ns && monitor->command)
		return say(STATUS_USAGE,
			   "%s: --duration and a COMMAND exclude each other: the COMMAND's end ends it",
			   words);
	return OPTION_GO_ON;
}

static int run_monitor(int argc, char **argv)
{
	struct monitor monitor = { 0 };
	int status = read_options(&monitor, argc, argv);

	if (status != OPTION_GO_ON)
		return status;
	status = prepare(&monitor);
	if (!status)
		status = watch_undisturbed(&monitor);
	if (!status)
		status = finish(&monitor);
	workload_close(&monitor.workload);
	monitor.target.ops->close(&monitor.target);
	return status;
}

const struct command command_domain_monitor = {
	.words = "domain monitor",
	.summary = "Print a line for what a guest does, whatever its code is",
	.usage = "-d DOMAIN -e EVENT[,EVENT...] [OPTION...] [-- COMMAND [ARG...]]",
	.options = options,
	.operands = COMMAND_OPERANDS_PROGRAM,
	.notes =
"An EVENT is\n"
"  cr0, cr3, cr4, xcr0  a write that changes this register\n"
"  msr:NUMBER           a write to this MSR, such as msr:0xc0000082\n"
"  cpuid                a CPUID\n"
"  debug                a debug exception of the guest's own\n"
"  request              a hypercall by which the guest asks to be heard\n"
"  descriptor           GDTR, IDTR, LDTR or TR is read or loaded\n"
"  io                   IN, OUT, INS or OUTS; from Xen 4.18 on\n"
"  unimplemented        an instruction that Xen was to emulate and cannot\n"
"\n"
"  gprobe domain monitor -d GUEST -e cr3,cpuid,msr:0xc0000082\n"
"\n"
"Each vCPU waits until its event was read; with -c none does for cr0, cr3, cr4,\n"
"debug and request. Monitors until COMMAND ends, SECONDS have passed, ^C, or the\n"
"guest dies, then shows the counts. With a COMMAND the exit status is COMMAND's.\n",
	.run = run_monitor,
};
