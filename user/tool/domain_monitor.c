// SPDX-License-Identifier: GPL-2.0
/* `gprobe domain monitor`: what guests do, whatever their code is. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "command.h"
#include "domain_traps.h"
#include "job.h"
#include "list.h"
#include "option.h"
#include "say.h"
#include "text.h"

/* After so many events others have their turn. */
#define EVENTS	64

static const struct command_option options[] = {
	JOB_OPTION_DOMAINS,
	{ "event", 'e', "EVENT[,EVENT...]", "what to tell; may be repeated" },
	{ "count", 'c', NULL, "only count: no line an event" },
	{ "json", 'j', NULL, "JSON, an object a line" },
	JOB_OPTIONS_HOW,
	COMMAND_OPTION_HELP,
	{ 0 }
};

/* The first is for several guests alone. */
static const struct list_column columns[] = {
	{ "DOMAIN", "domain", false },
	{ "COUNT", "count", true },
	{ "EVENT", "event", false },
};

#define NR_COLUMNS	(sizeof(columns) / sizeof(columns[0]))

/**
 * struct monitored - what is told of a guest
 * @ids: the module's numbers of its traps
 * @nr_set: how many are set
 * @counts: what was told of each
 * @lines: so many were printed
 */
struct monitored {
	uint32_t ids[TRAPS_MAX];
	unsigned int nr_set;
	uint64_t counts[TRAPS_MAX];
	uint64_t lines;
};

/**
 * struct monitor - monitored guests
 * @job: the guests, the time it takes and the COMMAND
 * @ops: target_xen's, but that what they serve are our events
 * @traps: of all -e, for each guest
 * @guests: the job's
 * @domain_width: of their names
 * @counts_only: -c
 * @json: -j
 */
struct monitor {
	struct job job;
	struct target_ops ops;
	struct traps traps;
	struct monitored *guests;
	size_t domain_width;
	bool counts_only, json;
};

static struct monitored *monitored_of(const struct job_guest *guest)
{
	const struct monitor *monitor = guest->job->arg;

	return &monitor->guests[guest - guest->job->guests];
}

/* --- events --- */

static void print_event(const struct job_guest *guest,
			const struct gprobe_upcall *upcall)
{
	const struct job *job = guest->job;
	const struct monitor *monitor = job->arg;
	const struct traps_event event = {
		.upcall = upcall,
		.time_ns = clock_now_ns(CLOCK_MONOTONIC) - job->run.start_ns,
		.domain = job->nr_guests > 1 ? guest->target.name : NULL,
		.domain_width = monitor->domain_width,
	};

	if (monitor->json)
		traps_print_json(&monitor->traps, &event);
	else
		traps_print(&monitor->traps, &event);
	monitored_of(guest)->lines++;
}

/* The vCPU goes on first: a terminal may be slow. */
static int on_event(const struct job_guest *guest,
		    const struct gprobe_upcall *event)
{
	const struct monitor *monitor = guest->job->arg;
	struct gprobe_client *client = guest->target.client;
	int ret;

	if (event->timed_out || event->reason != GPROBE_UPCALL_REASON_TRAP ||
	    event->cookie >= monitor->traps.nr)
		return STATUS_DONE;
	ret = gprobe_upcall_reply(client, event, NULL);
	if (ret && ret != -ENOENT && ret != -ESHUTDOWN)
		return say_module_failed(ret, gprobe_client_message(client));
	print_event(guest, event);
	return STATUS_DONE;
}

static int serve(struct target *target, bool *more)
{
	const struct job_guest *guest = (struct job_guest *)target;
	struct gprobe_upcall event;
	int i, ret, status = STATUS_DONE;

	*more = false;
	for (i = 0; i < EVENTS && !status; i++) {
		ret = gprobe_upcall_read(target->client, &event);
		if (ret == -EAGAIN)
			return i ? say_flush(stdout, "stdout") : STATUS_DONE;
		if (!ret)
			status = on_event(guest, &event);
		else if (ret != -ENOBUFS && ret != -EPROTO)
			return say_module_failed(ret, "");
	}
	*more = true;
	return status;
}

/* --- traps --- */

static int set_traps(struct job_guest *guest)
{
	struct monitor *monitor = guest->job->arg;
	struct monitored *monitored = monitored_of(guest);
	struct target *target = &guest->target;
	struct gprobe_trap_info info;
	struct gprobe_trap_spec spec;
	int ret;

	for (; monitored->nr_set < monitor->traps.nr; monitored->nr_set++) {
		spec = monitor->traps.specs[monitored->nr_set];
		spec.domid = target->guest.domid;
		spec.action = monitor->counts_only ? GPROBE_ACTION_COUNT :
						     GPROBE_ACTION_UPCALL;
		ret = gprobe_trap_new(target->client, &spec, &info);
		if (ret)
			return say(ret == -EOPNOTSUPP ? STATUS_HOST :
							STATUS_FAILED,
				   "event '%s': %s", traps_name(&spec).text,
				   target->ops->reason(target, ret));
		monitored->ids[monitored->nr_set] = info.id;
	}
	return STATUS_DONE;
}

/* Of a guest that died they can still be had. */
static int end_traps(struct job_guest *guest)
{
	struct monitored *monitored = monitored_of(guest);
	struct gprobe_client *client = guest->target.client;
	struct gprobe_trap_info info;
	unsigned int i;
	int ret;

	for (i = 0; i < monitored->nr_set; i++) {
		ret = gprobe_trap_del(client, monitored->ids[i], &info);
		if (ret)
			return say_module_failed(ret,
						 gprobe_client_message(client));
		monitored->counts[i] = info.events;
	}
	return STATUS_DONE;
}

/* --- the run --- */

static int attach(struct job_guest *guest)
{
	struct monitor *monitor = guest->job->arg;
	struct target *target = &guest->target;
	int status = target->ops->attach(target);

	if (status)
		return status;
	target->ops = &monitor->ops;
	target->fd = gprobe_client_fd(target->client);
	monitor->domain_width = text_wider(monitor->domain_width,
					   text_name(target->name).text);
	return STATUS_DONE;
}

static int prepare(struct monitor *monitor)
{
	struct job *job = &monitor->job;
	int status = job_find(job);

	if (status)
		return status;
	monitor->domain_width = text_columns("DOMAIN");
	monitor->ops = target_xen;
	monitor->ops.serve = serve;
	monitor->guests = calloc(job->nr_guests, sizeof(*monitor->guests));
	if (!monitor->guests)
		return say_no_memory();
	/* Before there is a session that a child could keep alive. */
	if (job->options.command)
		status = workload_start(&job->workload, job->options.command);
	return status ? status : job_each(job, attach);
}

static int watch(struct job *job)
{
	const struct monitor *monitor = job->arg;
	int status = job_each(job, set_traps);

	if (!status)
		status = job_start(job, "monitoring");
	if (!status && !monitor->json && !monitor->counts_only)
		traps_print_titles(job->nr_guests > 1 ? monitor->domain_width : 0);
	if (!status)
		status = run_wait(&job->run);
	return status ? status : job_each(job, end_traps);
}

/* --- the counts --- */

/* They came too late, or as all was over. */
static uint64_t without_line(const struct monitor *monitor,
			     const struct monitored *monitored)
{
	uint64_t nr = 0;
	unsigned int i;

	for (i = 0; i < monitor->traps.nr; i++)
		nr += monitored->counts[i];
	return nr - monitored->lines;
}

static void put_counts(struct json *json, const struct monitor *monitor,
		       const struct monitored *monitored)
{
	unsigned int i;

	json_open_object(json, "counts");
	for (i = 0; i < monitor->traps.nr; i++)
		json_put_number(json, traps_name(&monitor->traps.specs[i]).text,
				monitored->counts[i]);
	json_close_object(json);
	if (!monitor->counts_only)
		json_put_number(json, "events_without_line",
				without_line(monitor, monitored));
}

static void put_domains(struct json *json, const struct monitor *monitor)
{
	const struct target *target;
	size_t i;

	json_open_list(json, "domains");
	for (i = 0; i < monitor->job.nr_guests; i++) {
		target = &monitor->job.guests[i].target;
		json_open_object(json, NULL);
		json_put_string(json, "domain", target->name);
		json_put_number(json, "domid", target->guest.domid);
		put_counts(json, monitor, &monitor->guests[i]);
		json_put_bool(json, "died", target->is_dead);
		json_close_object(json);
	}
	json_close_list(json);
}

static struct monitored sum_of(const struct monitor *monitor)
{
	struct monitored sum = { 0 };
	unsigned int trap;
	size_t i;

	for (i = 0; i < monitor->job.nr_guests; i++) {
		for (trap = 0; trap < monitor->traps.nr; trap++)
			sum.counts[trap] += monitor->guests[i].counts[trap];
		sum.lines += monitor->guests[i].lines;
	}
	return sum;
}

static int print_json_sum(const struct monitor *monitor)
{
	const struct monitored sum = sum_of(monitor);
	struct json json = { .file = stdout };

	json_open_object(&json, NULL);
	put_counts(&json, monitor, &sum);
	if (monitor->job.nr_guests > 1)
		put_domains(&json, monitor);
	json_close_object(&json);
	json_end_line(&json);
	return say_flush(stdout, "stdout");
}

static void put_row(struct list *list, const struct job_guest *guest,
		    uint64_t count, const char *event)
{
	if (guest->job->nr_guests > 1)
		list_put_string(list, guest->target.name);
	list_put_number(list, count);
	list_put_string(list, event);
}

static void put_rows(struct list *list, const struct job_guest *guest)
{
	const struct monitor *monitor = guest->job->arg;
	const struct monitored *monitored = monitored_of(guest);
	unsigned int i;

	for (i = 0; i < monitor->traps.nr; i++)
		put_row(list, guest, monitored->counts[i],
			traps_name(&monitor->traps.specs[i]).text);
	if (!monitor->counts_only)
		put_row(list, guest, without_line(monitor, monitored),
			"events-without-line");
}

static int print_table(const struct monitor *monitor)
{
	const struct job *job = &monitor->job;
	bool one = job->nr_guests == 1;
	struct list list = {
		.columns = columns + one, .nr_columns = NR_COLUMNS - one,
	};
	size_t i;

	list_begin(&list);
	for (i = 0; i < job->nr_guests; i++)
		put_rows(&list, &job->guests[i]);
	return list_end(&list);
}

static int finish(const struct monitor *monitor)
{
	const struct job *job = &monitor->job;
	int status = monitor->json ? print_json_sum(monitor) :
				     print_table(monitor);

	if (job_say_dead(job, "monitored"))
		return STATUS_FAILED;
	if (!status && job->options.command)
		status = workload_status(&job->workload);
	return status;
}

/* --- the command --- */

static int take_option(struct monitor *monitor,
		       const struct option_reader *reader, int letter)
{
	switch (letter) {
	case 'e':
		return traps_parse(&monitor->traps, reader->command->words,
				   optarg);
	case 'c':
		monitor->counts_only = true;
		return STATUS_DONE;
	case 'j':
		monitor->json = true;
		return STATUS_DONE;
	default:
		return job_options_take(&monitor->job.options, reader, letter);
	}
}

static int read_options(struct monitor *monitor, int argc, char **argv)
{
	struct option_reader reader = {
		.command = &command_domain_monitor, .argc = argc, .argv = argv,
	};
	int letter, status;

	while ((letter = option_next(&reader)) != OPTION_END) {
		if (letter == OPTION_STOP)
			return reader.status;
		status = take_option(monitor, &reader, letter);
		if (status)
			return status;
	}
	status = job_options_guests(&monitor->job.options, &reader);
	if (status == OPTION_GO_ON && !monitor->traps.nr)
		return say(STATUS_USAGE, "%s: no event: -e EVENT",
			   reader.command->words);
	return status;
}

static int monitor_all(struct monitor *monitor)
{
	int status = prepare(monitor);

	if (!status)
		status = job_run(&monitor->job, watch);
	return status ? status : finish(monitor);
}

static int run_monitor(int argc, char **argv)
{
	struct monitor monitor = { .job.arg = &monitor };
	int status = read_options(&monitor, argc, argv);

	if (status == OPTION_GO_ON)
		status = job_close(&monitor.job, monitor_all(&monitor));
	free(monitor.guests);
	job_options_free(&monitor.job.options);
	return status;
}

const struct command command_domain_monitor = {
	.words = "domain monitor",
	.summary = "Print a line for what a guest does, whatever its code is",
	.usage = "-d DOMAIN[,DOMAIN...] -e EVENT[,EVENT...] [OPTION...] [-- COMMAND [ARG...]]",
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
"debug and request. Several DOMAINs have the same events told, or none has. Monitors\n"
"until COMMAND ends, SECONDS have passed, ^C, or all guests have died, then shows the\n"
"counts. With a COMMAND the exit status is COMMAND's.\n",
	.run = run_monitor,
};
