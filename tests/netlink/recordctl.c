// SPDX-License-Identifier: GPL-2.0
/*
 * recordctl [OPTION]... DOMID STEP GFN:OFFSET[,GFN:OFFSET...] COMMAND...
 *
 * As claimctl, but the claims record, and the library's recorder reads what
 * they get. A line for each record:
 *	record VCPU GFN:OFFSET RIP CR3 CPL CS CF RAX RCX RDI RSI R15
 * in hexadecimal, but for VCPU; then for each place "records", "lost" and what
 * claimctl has, then the same of all, and how many records came out of their
 * order in time.
 *
 * -b BYTES	of the ring	-w BYTES	until a wake-up
 * -q		only count	-n		read nothing before COMMAND ends
 */
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gprobe/record.h>

#include "claims.h"
#include "ctl.h"

#define RFLAGS_CF	1

/* A reader that is told late looks by itself. */
#define LOOK_MS		50

struct job {
	struct claims claims;
	struct gprobe_recorder_spec spec;
	struct gprobe_recorder *recorder;
	bool quiet, late;
	uint64_t records[MAX_CLAIMS], strange, disordered, last_ns;
};

static int on_record(void *arg, const struct gprobe_record *record)
{
	const struct gprobe_regs *regs = &record->regs;
	struct job *job = arg;

	job->disordered += record->time_ns < job->last_ns;
	job->last_ns = record->time_ns;
	if (record->cookie >= (uint64_t)job->claims.nr ||
	    record->claim != job->claims.ids[record->cookie] ||
	    record->domid != job->claims.spec.domid ||
	    record->view != job->claims.view) {
		job->strange++;
		return 0;
	}
	job->records[record->cookie]++;
	if (!job->quiet)
		printf("record %u %llx:%llx %llx %llx %x %x %llx %llx %llx %llx %llx %llx\n",
		       record->vcpu, record->gfn, regs->rip & 0xfff, regs->rip,
		       regs->cr3, regs->cpl, regs->cs,
		       regs->rflags & RFLAGS_CF, regs->rax, regs->rcx,
		       regs->rdi, regs->rsi, regs->r15);
	return 0;
}

static void read_some(struct job *job)
{
	struct pollfd pollfd = {
		.fd = gprobe_recorder_fd(job->recorder),
		.events = POLLIN,
	};

	poll(&pollfd, 1, LOOK_MS);
	if (!job->late)
		gprobe_recorder_read(job->recorder, on_record, job);
}

static int run(struct job *job, char **command)
{
	pid_t pid = ctl_start(command);
	int status;

	while ((status = ctl_ended(pid, WNOHANG)) < 0)
		read_some(job);
	return status;
}

static void print_figures(struct job *job)
{
	const struct claims *claims = &job->claims;
	int i;

	for (i = 0; i < claims->nr; i++) {
		printf("records %s %" PRIu64 "\n", claims->places[i],
		       job->records[i]);
		printf("lost %s %llu\n", claims->places[i],
		       gprobe_recorder_claim_lost(job->recorder,
						  claims->ids[i]));
	}
	printf("lost_of_all %llu\nstrange %" PRIu64 "\ndisordered %" PRIu64 "\n",
	       gprobe_recorder_lost(job->recorder), job->strange,
	       job->disordered);
}

static int usage(void)
{
	fputs("usage: recordctl " CLAIMS_USAGE " [-b RING_BYTES] [-w WAKEUP_BYTES] [-q] [-n]\n"
	      "                 DOMID STEP GFN:OFFSET[,...] COMMAND...\n", stderr);
	return 2;
}

static int parse(struct job *job, int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "+b:w:qn" CLAIMS_OPTIONS)) != -1) {
		switch (option) {
		case 'b':
			job->spec.ring_bytes = strtoul(optarg, NULL, 0);
			break;
		case 'w':
			job->spec.wakeup_bytes = strtoul(optarg, NULL, 0);
			break;
		case 'q':
			job->quiet = true;
			break;
		case 'n':
			job->late = true;
			break;
		default:
			if (claims_option(&job->claims, option, optarg))
				return -1;
		}
	}
	return argc - optind < 4 ? -1 :
	       claims_step(&job->claims, argv[optind + 1]);
}

static int record(struct job *job, char **argv)
{
	struct gprobe_why why;
	int ret;

	job->spec.session = gprobe_client_session(job->claims.client);
	if (gprobe_recorder_open(&job->recorder, &job->spec, &why)) {
		fprintf(stderr, "recordctl: %s\n", why.text);
		return 1;
	}
	ret = claims_new(&job->claims, argv[2]);
	if (!ret) {
		ret = run(job, argv + 3);
		job->late = false;
		gprobe_recorder_read(job->recorder, on_record, job);
		print_figures(job);
		claims_del(&job->claims);
	}
	gprobe_recorder_close(job->recorder);
	return ret;
}

int main(int argc, char **argv)
{
	static struct job job = {
		.claims.spec.action = GPROBE_ACTION_RECORD,
	};
	int ret;

	if (parse(&job, argc, argv))
		return usage();
	argv += optind;
	ret = claims_open(&job.claims, argv[0]) ?: record(&job, argv);
	gprobe_client_close(job.claims.client);
	return ret;
}
