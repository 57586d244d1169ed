// SPDX-License-Identifier: GPL-2.0
/*
 * watchctl [-m] [-q] DOMID GFN:INDEX[,GFN:INDEX...] COMMAND...
 *
 * Watches entries of page tables by the library, in the tap view, runs COMMAND,
 * and prints each upcall: "table GFN INDEX OLD NEW VCPU", or "late SEQ"; then
 * the domain's figures as "NAME N". With -m no upcall is replied to. With -q
 * they are counted: "told N".
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"

#define MAX_WATCHES 64

struct job {
	struct gprobe_client *client;
	uint32_t domid;
	struct gprobe_watch watches[MAX_WATCHES];
	size_t nr;
	bool mute, quiet;
	uint64_t told;
};

static int usage(void)
{
	fputs("usage: watchctl [-m] [-q] DOMID GFN:INDEX[,...] COMMAND...\n",
	      stderr);
	return 2;
}

static struct gprobe_watch *watch_of(struct job *job, uint64_t gfn)
{
	size_t i;

	for (i = 0; i < job->nr; i++)
		if (job->watches[i].gfn == gfn)
			return &job->watches[i];
	if (job->nr == MAX_WATCHES)
		return NULL;
	job->watches[job->nr] = (struct gprobe_watch){
		.domid = job->domid, .gfn = gfn,
	};
	return &job->watches[job->nr++];
}

static int parse(struct job *job, char *list)
{
	struct gprobe_watch *watch;
	uint64_t gfn;
	uint32_t index;
	char *entry;

	while ((entry = strsep(&list, ","))) {
		if (sscanf(entry, "%" SCNx64 ":%" SCNu32, &gfn, &index) != 2 ||
		    index >= GPROBE_ENTRIES)
			return -EINVAL;
		watch = watch_of(job, gfn);
		if (!watch)
			return -E2BIG;
		watch->entries[index / 8] |= 1 << index % 8;
	}
	return 0;
}

static int set_all(struct job *job)
{
	size_t i;
	int ret = 0;

	for (i = 0; i < job->nr && !ret; i++)
		ret = gprobe_watch_set(job->client, &job->watches[i]);
	return ret;
}

static int on_upcall(void *arg, const struct gprobe_upcall *upcall)
{
	struct job *job = arg;

	if (upcall->timed_out) {
		printf("late %" PRIu64 "\n", upcall->seq);
		return 0;
	}
	job->told++;
	if (!job->quiet)
		printf("table %" PRIx64 " %" PRIu32 " %" PRIx64 " %" PRIx64
		       " %" PRIu32 "\n", upcall->gfn, upcall->index,
		       upcall->old_value, upcall->new_value, upcall->vcpu);
	return job->mute ? 0 : gprobe_upcall_reply(job->client, upcall, NULL);
}

static int serve(void *arg)
{
	struct job *job = arg;

	return ctl_upcalls(job->client, on_upcall, job);
}

static void print_figures(struct job *job)
{
	struct gprobe_domain_info info;

	printf("told %" PRIu64 "\n", job->told);
	if (gprobe_domain_get(job->client, job->domid, &info))
		return;
	printf("watches %" PRIu32 "\ntable_writes %" PRIu64 "\ntable_walks %" PRIu64
	       "\nupcalls %" PRIu64 "\nupcall_timeouts %" PRIu64
	       "\nlost %" PRIu64 "\nunknown %" PRIu64 "\n", info.watches,
	       info.stats.table_writes, info.stats.table_walks,
	       info.stats.upcalls, info.stats.upcall_timeouts, info.stats.lost,
	       info.stats.unknown);
}

int main(int argc, char **argv)
{
	static struct job job;
	int option, ret;

	while ((option = getopt(argc, argv, "+mq")) != -1) {
		job.mute |= option == 'm';
		job.quiet |= option == 'q';
		if (option == '?')
			return usage();
	}
	setlinebuf(stdout);
	argv += optind;
	if (argc - optind < 3)
		return usage();
	job.domid = strtoul(argv[0], NULL, 0);
	if (parse(&job, argv[1]))
		return usage();
	ret = ctl_attach(&job.client, job.domid);
	if (ret)
		return ret;
	ret = set_all(&job);
	if (ret)
		return ctl_fail(job.client, "watch", ret);
	ret = ctl_run(job.client, serve, &job, argv + 2);
	print_figures(&job);
	gprobe_client_close(job.client);
	return ret;
}
