// SPDX-License-Identifier: GPL-2.0
/*
 * killctl DOMID KILLS SEED GFN:OFFSET[,GFN:OFFSET...] CHECK...
 *
 * Kills a process so often that attaches, claims places, counting, recording or
 * asking in turn, lets go of half of them and leaves; at a random moment of its life,
 * and of how long that takes. After each kill the guest has the sessions and claims
 * that it had before, and CHECK ends with 0; it ends with 1 where that is not so.
 * Where the life was over before, that is no kill. Prints "killed N", and "over N",
 * how often that was.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "claims.h"
#include "ctl.h"

#define LIFE_NS		20000000	/* that it does nothing, at most */
#define LET_GO_TRIES	2000		/* of a millisecond each */
#define LIVES_MEASURED	8
#define OVER_MAX	4		/* for each kill, before it gives up */

struct job {
	const char *domid, *places;
	char **check;
	struct gprobe_client *client;
	uint32_t sessions, claims;
};

static void pause_ns(unsigned long long ns)
{
	const struct timespec time = {
		.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000,
	};

	nanosleep(&time, NULL);
}

/* Below @end; random() alone ends too low. */
static unsigned long long random_ns(unsigned long long end)
{
	return (random() * 0x80000000ULL + random()) % end;
}

static unsigned long long now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

static int live(const struct job *job)
{
	static const uint32_t actions[] = {
		GPROBE_ACTION_COUNT, GPROBE_ACTION_RECORD, GPROBE_ACTION_UPCALL,
	};
	struct claims claims = { .spec.action = actions[random() % 3] };
	struct gprobe_claim_info info;
	char *places = strdup(job->places);
	int i;

	if (!places || claims_open(&claims, job->domid) ||
	    claims_new(&claims, places))
		return 1;
	pause_ns(random_ns(LIFE_NS));
	for (i = 0; i < claims.nr; i += 2)
		if (gprobe_claim_del(claims.client, claims.ids[i], &info))
			return 1;
	if (random() % 2 &&
	    gprobe_domain_detach(claims.client, claims.spec.domid))
		return 1;
	gprobe_client_close(claims.client);
	free(places);
	return 0;
}

static pid_t begin(const struct job *job)
{
	pid_t pid = fork();

	if (!pid)
		_exit(live(job));
	return pid;
}

/* Nobody attached is as good as no session. */
static int look(const struct job *job, struct gprobe_domain_info *info)
{
	int ret = gprobe_domain_get(job->client, strtoul(job->domid, NULL, 0),
				    info);

	if (ret == -ENOENT)
		*info = (struct gprobe_domain_info){ 0 };
	return ret == -ENOENT ? 0 : ret;
}

static int is_as_before(const struct job *job)
{
	struct gprobe_domain_info info;
	int tries = LET_GO_TRIES;

	while (tries--) {
		if (look(job, &info))
			return 0;
		if (info.sessions == job->sessions && info.claims == job->claims)
			return !ctl_ended(ctl_start(job->check), 0);
		pause_ns(1000000);
	}
	return 0;
}

/* How long a life takes that is not cut short, on the average; 0: one failed. */
static unsigned long long life_ns(const struct job *job)
{
	const unsigned long long start = now_ns();
	int i;

	for (i = 0; i < LIVES_MEASURED; i++)
		if (ctl_ended(begin(job), 0))
			return 0;
	return (now_ns() - start) / LIVES_MEASURED;
}

static int kill_all(const struct job *job, unsigned long kills,
		    unsigned long long life)
{
	unsigned long killed = 0, over = 0;
	int status;
	pid_t pid;

	while (killed < kills && over <= OVER_MAX * kills) {
		pid = begin(job);
		pause_ns(random_ns(life));
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		if (WIFEXITED(status) && !WEXITSTATUS(status)) {
			over++;
			continue;
		}
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
			return ctl_fail(job->client, "a life failed", -EIO);
		killed++;
		if (!is_as_before(job)) {
			fprintf(stderr, "kill %lu: the guest is not as before\n",
				killed);
			return 1;
		}
	}
	printf("killed %lu\nover %lu\n", killed, over);
	return killed < kills;
}

int main(int argc, char **argv)
{
	struct gprobe_domain_info info;
	unsigned long long life;
	struct job job;

	if (argc < 6) {
		fputs("usage: killctl DOMID KILLS SEED GFN:OFFSET[,...] CHECK...\n",
		      stderr);
		return 2;
	}
	job = (struct job){
		.domid = argv[1], .places = argv[4], .check = argv + 5,
	};
	srandom(strtoul(argv[3], NULL, 0));
	if (gprobe_client_open(&job.client) || look(&job, &info))
		return ctl_fail(job.client, "look at the guest", -EIO);
	job.sessions = info.sessions;
	job.claims = info.claims;
	life = life_ns(&job);
	return life ? kill_all(&job, strtoul(argv[2], NULL, 0), life) : 1;
}
