// SPDX-License-Identifier: GPL-2.0
/*
 * upcallctl [OPTION]... DOMID STEP GFN:OFFSET[,GFN:OFFSET...] COMMAND...
 *
 * As claimctl, but the claims ask, and are replied to by the library while COMMAND
 * runs. Prints a line for each upcall, numbers in
 * hexadecimal but for VCPU and VIEW:
 *	hit VCPU GFN:OFFSET VIEW RIP RAX	step VCPU RIP RAX
 *	late SEQ				refused WORDS
 * then how many hits and steps it was told of, what claimctl has, and how many
 * were of the own view.
 *
 * -V VERDICT	of hits; "continue" unless said, as after a step and a refusal:
 *		continue, step, deny, emulate[=BYTES], inject=VECTOR[:CODE[:CR2]],
 *		regs=NAME:VALUE[,...] (+VALUE: added), view=ID, view=own: a view of
 *		the session's own, where the places are claimed and continue
 * -W VERDICT	of steps
 * -b		before that, replies that cannot be: "bad NAME ERRNO WORDS"
 * -m		replies to nothing	-q	prints no hits and steps
 * -a		replies to all that there is at once
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "claims.h"
#include "ctl.h"
#include "verdict.h"

#define AT_ONCE 64

struct job {
	struct claims claims;
	struct verdict on_hit, on_step;
	uint32_t own_view;
	bool bad, mute, quiet, at_once;
	uint64_t hits, steps, own;
};

static void print(const struct gprobe_upcall *upcall)
{
	if (upcall->reason == GPROBE_UPCALL_REASON_HIT)
		printf("hit %" PRIu32 " %" PRIx64 ":%" PRIx32 " %" PRIu32
		       " %llx %llx\n", upcall->vcpu, upcall->gfn,
		       upcall->offset, upcall->view, upcall->regs.rip,
		       upcall->regs.rax);
	else
		printf("step %" PRIu32 " %llx %llx\n", upcall->vcpu,
		       upcall->regs.rip, upcall->regs.rax);
}

static void count(struct job *job, const struct gprobe_upcall *upcall)
{
	if (upcall->reason == GPROBE_UPCALL_REASON_STEP)
		job->steps++;
	else if (upcall->view == job->own_view)
		job->own++;
	else
		job->hits++;
	if (!job->quiet)
		print(upcall);
}

static struct gprobe_verdict decide(const struct job *job,
				    const struct gprobe_upcall *upcall)
{
	const struct gprobe_verdict go_on = { 0 };

	if (upcall->reason == GPROBE_UPCALL_REASON_STEP)
		return verdict_make(&job->on_step, upcall);
	return upcall->view == job->own_view ? go_on :
	       verdict_make(&job->on_hit, upcall);
}

/* What is there; how many it is. */
static int read_some(struct job *job, struct gprobe_upcall *upcalls)
{
	int ret, nr = 0;

	while (nr < (job->at_once ? AT_ONCE : 1)) {
		ret = gprobe_upcall_read(job->claims.client, &upcalls[nr]);
		if (ret)
			return nr || ret == -EAGAIN ? nr : ret;
		if (upcalls[nr].timed_out)
			printf("late %" PRIu64 "\n", upcalls[nr].seq);
		else
			count(job, &upcalls[nr++]);
	}
	return nr;
}

static int reply(struct job *job, struct gprobe_reply *replies, int nr)
{
	struct gprobe_client *client = job->claims.client;
	int i, ret;

	gprobe_upcall_reply_all(client, replies, nr);
	for (i = 0; i < nr; i++) {
		if (!replies[i].ret || replies[i].ret == -ENOENT)
			continue;
		/* Singly, for the words that are its own. */
		gprobe_upcall_reply(client, replies[i].upcall,
				    &replies[i].verdict);
		printf("refused %s\n", gprobe_client_message(client));
		ret = gprobe_upcall_reply(client, replies[i].upcall, NULL);
		if (ret && ret != -ENOENT)
			return ret;
	}
	return 0;
}

static int serve(void *arg)
{
	static struct gprobe_upcall upcalls[AT_ONCE];
	static struct gprobe_reply replies[AT_ONCE];
	struct job *job = arg;
	int i, nr, ret = 0;

	while (!ret) {
		nr = read_some(job, upcalls);
		if (nr <= 0)
			return nr;
		for (i = 0; i < nr; i++) {
			replies[i].upcall = &upcalls[i];
			replies[i].verdict = decide(job, &upcalls[i]);
			if (job->bad)
				verdict_try_bad(job->claims.client, &upcalls[i]);
		}
		if (!job->mute)
			ret = reply(job, replies, nr);
	}
	return ret;
}

static void print_figures(struct job *job)
{
	struct gprobe_domain_info info;

	printf("told %" PRIu64 "\n" "stepped %" PRIu64 "\n" "own %" PRIu64 "\n",
	       job->hits, job->steps, job->own);
	if (gprobe_domain_get(job->claims.client, job->claims.spec.domid,
			      &info))
		return;
	printf("upcalls %" PRIu64 "\nupcall_timeouts %" PRIu64 "\nlost %" PRIu64
	       "\nunknown %" PRIu64 "\nskipped %" PRIu64 "\nemulated %" PRIu64
	       "\nfast %" PRIu64 "\ntoggled %" PRIu64 "\nemul_failed %" PRIu64
	       "\nreinjected %" PRIu64 "\npolled %" PRIu64 "\n",
	       info.stats.upcalls,
	       info.stats.upcall_timeouts, info.stats.lost,
	       info.stats.unknown, info.stats.skipped, info.stats.emulated,
	       info.stats.fast, info.stats.toggled, info.stats.emul_failed,
	       info.stats.reinjected, info.stats.polled);
}

/* The own view first: a hit may be there before all claims are. */
static int claim(struct job *job, const char *places)
{
	struct gprobe_view_info view;
	int ret = 0;

	if (job->on_hit.own_view) {
		ret = gprobe_view_new(job->claims.client,
				      job->claims.spec.domid, &view);
		if (ret)
			return ctl_fail(job->claims.client, "view", ret);
		job->own_view = job->on_hit.verdict.view = view.id;
		job->claims.spec.view = view.id;
		ret = claims_new(&job->claims, strdup(places));
		job->claims.spec.view = 0;
	}
	return ret ?: claims_new(&job->claims, strdup(places));
}

static int usage(void)
{
	fputs("usage: upcallctl " CLAIMS_USAGE " [-V VERDICT] [-W VERDICT] [-a] [-b] [-m] [-q]\n"
	      "                 DOMID STEP GFN:OFFSET[,...] COMMAND...\n", stderr);
	return 2;
}

static int parse(struct job *job, int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "+V:W:abmq" CLAIMS_OPTIONS)) != -1) {
		switch (option) {
		case 'V':
			if (verdict_parse(&job->on_hit, optarg))
				return -1;
			break;
		case 'W':
			if (verdict_parse(&job->on_step, optarg))
				return -1;
			break;
		case 'a':
			job->at_once = true;
			break;
		case 'b':
			job->bad = true;
			break;
		case 'm':
			job->mute = true;
			break;
		case 'q':
			job->quiet = true;
			break;
		default:
			if (claims_option(&job->claims, option, optarg))
				return -1;
		}
	}
	return argc - optind < 4 ? -1 :
	       claims_step(&job->claims, argv[optind + 1]);
}

int main(int argc, char **argv)
{
	static struct job job = {
		.claims.spec.action = GPROBE_ACTION_UPCALL,
	};
	int ret;

	if (parse(&job, argc, argv))
		return usage();
	setlinebuf(stdout);
	argv += optind;
	ret = claims_open(&job.claims, argv[0]) ?: claim(&job, argv[2]);
	if (!ret) {
		ret = ctl_run(job.claims.client, serve, &job, argv + 3);
		print_figures(&job);
		claims_del(&job.claims);
	}
	gprobe_client_close(job.claims.client);
	return ret;
}
