// SPDX-License-Identifier: GPL-2.0
/*
 * trapctl [OPTION]... DOMID TRAP[,TRAP...] COMMAND...
 *
 * Sets traps by the library, runs COMMAND, removes them, and prints of each what
 * it was told of, "KIND N", then figures of the domain as "NAME N".
 *
 * TRAP is KIND[=MSR][~MASK][+change][+user][:ACTION]: cr0, cr3, cr4, xcr0, msr,
 * cpuid, debug, request, descriptor, io, call, unimplemented; count unless said,
 * record, upcall. Numbers are hexadecimal.
 *
 * Prints a line for each upcall, numbers in hexadecimal but for VCPU:
 *	trap KIND VCPU KEY SUBKEY OLD NEW RIP		late SEQ
 *	refused WORDS
 * then how many there were: "told N".
 *
 * -V VERDICT	of upcalls; "continue" unless said, as after a refusal; see upcallctl
 * -m		replies to nothing	-q	prints no upcalls
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"
#include "verdict.h"

#define MAX_TRAPS 16

struct job {
	struct gprobe_client *client;
	uint32_t domid;
	struct gprobe_trap_spec specs[MAX_TRAPS];
	uint32_t ids[MAX_TRAPS];
	int nr, nr_set;
	struct verdict verdict;
	bool mute, quiet;
	uint64_t told;
};

static int find(const char *const *names, int nr, const char *name)
{
	int i;

	for (i = 1; i <= nr; i++)
		if (!strcmp(names[i], name))
			return i;
	return 0;
}

/* From behind, so that what is before ends there. */
static int parse_trap(struct gprobe_trap_spec *spec, char *word)
{
	static const char *const actions[] = {
		[GPROBE_ACTION_COUNT] = "count",
		[GPROBE_ACTION_RECORD] = "record",
		[GPROBE_ACTION_UPCALL] = "upcall",
	};
	char *part;

	spec->action = GPROBE_ACTION_COUNT;
	if ((part = strchr(word, ':'))) {
		*part++ = '\0';
		spec->action = find(actions, GPROBE_ACTION_MAX, part);
	}
	while ((part = strrchr(word, '+'))) {
		*part++ = '\0';
		spec->on_change |= !strcmp(part, "change");
		spec->user |= !strcmp(part, "user");
	}
	if ((part = strchr(word, '~'))) {
		*part++ = '\0';
		spec->mask = strtoull(part, NULL, 16);
	}
	if ((part = strchr(word, '='))) {
		*part++ = '\0';
		spec->msr = strtoul(part, NULL, 16);
	}
	spec->kind = gprobe_trap_kind(word);
	return spec->kind && spec->action ? 0 : -EINVAL;
}

static int parse_traps(struct job *job, char *list)
{
	char *word;

	while ((word = strsep(&list, ","))) {
		if (job->nr == MAX_TRAPS ||
		    parse_trap(&job->specs[job->nr], word))
			return -EINVAL;
		job->specs[job->nr].domid = job->domid;
		job->specs[job->nr].cookie = job->nr;
		job->nr++;
	}
	return 0;
}

static int set_all(struct job *job)
{
	struct gprobe_trap_info info;
	int ret;

	for (; job->nr_set < job->nr; job->nr_set++) {
		ret = gprobe_trap_new(job->client, &job->specs[job->nr_set],
				      &info);
		if (ret)
			return ctl_fail(job->client,
					gprobe_trap_name(job->specs[job->nr_set].kind),
					ret);
		job->ids[job->nr_set] = info.id;
	}
	return 0;
}

static void print(const struct gprobe_upcall *upcall)
{
	printf("trap %s %" PRIu32 " %" PRIx64 " %" PRIx64 " %" PRIx64 " %"
	       PRIx64 " %llx\n",
	       gprobe_trap_name(upcall->kind), upcall->vcpu, upcall->key,
	       upcall->subkey, upcall->old_value, upcall->new_value,
	       upcall->regs.rip);
}

static int on_upcall(void *arg, const struct gprobe_upcall *upcall)
{
	struct job *job = arg;
	struct gprobe_verdict verdict;
	int ret;

	if (upcall->timed_out) {
		printf("late %" PRIu64 "\n", upcall->seq);
		return 0;
	}
	job->told++;
	if (!job->quiet)
		print(upcall);
	if (job->mute)
		return 0;
	verdict = verdict_make(&job->verdict, upcall);
	ret = gprobe_upcall_reply(job->client, upcall, &verdict);
	if (ret && ret != -ENOENT) {
		printf("refused %s\n", gprobe_client_message(job->client));
		ret = gprobe_upcall_reply(job->client, upcall, NULL);
	}
	return ret == -ENOENT ? 0 : ret;
}

static int serve(void *arg)
{
	struct job *job = arg;

	return ctl_upcalls(job->client, on_upcall, job);
}

/* In order, and after what was told of them. */
static int remove_all(struct job *job)
{
	struct gprobe_trap_info info;
	int i, ret;

	for (i = 0; i < job->nr_set; i++) {
		ret = gprobe_trap_del(job->client, job->ids[i], &info);
		if (ret)
			return ctl_fail(job->client, "remove", ret);
		printf("%s %" PRIu64 "\n", gprobe_trap_name(info.kind),
		       info.events);
	}
	return 0;
}

static void print_figures(struct job *job)
{
	struct gprobe_domain_info info;

	printf("told %" PRIu64 "\n", job->told);
	if (gprobe_domain_get(job->client, job->domid, &info))
		return;
	printf("upcalls %" PRIu64 "\nupcall_timeouts %" PRIu64 "\nlost %" PRIu64
	       "\nunknown %" PRIu64 "\nemul_failed %" PRIu64 "\n",
	       info.stats.upcalls, info.stats.upcall_timeouts, info.stats.lost,
	       info.stats.unknown, info.stats.emul_failed);
}

static int usage(void)
{
	fputs("usage: trapctl [-V VERDICT] [-m] [-q] DOMID TRAP[,...] COMMAND...\n",
	      stderr);
	return 2;
}

int main(int argc, char **argv)
{
	static struct job job = {
		.verdict.verdict.kind = GPROBE_VERDICT_CONTINUE,
	};
	int option, ret;

	while ((option = getopt(argc, argv, "+V:mq")) != -1) {
		job.mute |= option == 'm';
		job.quiet |= option == 'q';
		if (option == '?' ||
		    (option == 'V' && verdict_parse(&job.verdict, optarg)))
			return usage();
	}
	setlinebuf(stdout);
	argv += optind;
	if (argc - optind < 3)
		return usage();
	job.domid = strtoul(argv[0], NULL, 0);
	if (parse_traps(&job, argv[1]))
		return usage();
	ret = ctl_attach(&job.client, job.domid) ?: set_all(&job);
	if (!ret) {
		ret = ctl_run(job.client, serve, &job, argv + 2);
		ret = remove_all(&job) ?: ret;
		print_figures(&job);
	}
	gprobe_client_close(job.client);
	return ret;
}
