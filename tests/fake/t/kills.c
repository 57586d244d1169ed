// SPDX-License-Identifier: GPL-2.0
/*
 * A session's process is killed a thousand times at random moments, while two
 * vCPUs run: each hit that they made is one that its claims had, and after each
 * kill nothing is left.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../session.h"
#include "../tap.h"

#define KILLS	rounds(1000)
#define VCPUS	2

static const struct place places[] = {
	{ 2, 0x100 }, { 2, 0x103 }, { 3, 0x7f8 }, { 7, 0xff0 },
};

#define NR_PLACES (sizeof(places) / sizeof(*places))

/* All that a session can do, once. */
static void live_once(const struct guest *guest)
{
	struct gprobe_client *client;
	struct gprobe_watch watch = {
		.domid = guest->spec.domid, .gfn = 9, .entries = { 0xff },
	};
	struct gprobe_view_info view;
	struct gprobe_claim_info info;
	uint32_t claims[NR_PLACES];
	unsigned int i;

	client = session_open(guest);
	for (i = 0; i < NR_PLACES; i++)
		claims[i] = session_claim(client, guest, places[i],
					  GPROBE_STEP_EMULATE);
	gprobe_watch_set(client, &watch);
	if (!gprobe_view_new(client, guest->spec.domid, &view)) {
		gprobe_view_switch(client, guest->spec.domid, view.id);
		gprobe_view_del(client, guest->spec.domid, view.id);
	}
	usleep(random() % 2000);
	for (i = 0; i < NR_PLACES; i += 2)
		gprobe_claim_del(client, claims[i], &info);
	if (random() % 2)
		gprobe_domain_detach(client, guest->spec.domid);
	gprobe_client_close(client);
}

/*
 * How long that takes here, in microseconds: a kernel that looks for mistakes is slow.
 * The first is the slowest.
 */
static unsigned int life_us(const struct guest *guest)
{
	struct timespec begin, end;

	live_once(guest);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	live_once(guest);
	clock_gettime(CLOCK_MONOTONIC, &end);
	return (end.tv_sec - begin.tv_sec) * 1000000 +
	       (end.tv_nsec - begin.tv_nsec) / 1000;
}

static uint64_t counted;

/* The last figures of each claim that has ended. */
static void read_ends(struct gprobe_monitor *monitor)
{
	struct gprobe_notification notification;
	int ret;

	while (!(ret = gprobe_monitor_read(monitor, &notification)))
		if (notification.cmd == GPROBE_CMD_CLAIM_DEL_NTF)
			counted += notification.claim.hits;
	if (ret != -EAGAIN)
		bail("read notifications", ret);
}

static uint64_t made(const struct vcpu *vcpus)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < NR_PLACES; i++)
		sum += vcpus_hits(vcpus, i);
	return sum;
}

/*
 * A process lives for a while, up to one life or what 8 ms are enough for; answers
 * whether all is as it was after that.
 */
static bool kill_one(const struct guest *guest, struct gprobe_monitor *monitor,
		     int nr, unsigned int life)
{
	const char *differs;
	pid_t pid = fork();

	if (!pid) {
		srandom(nr);
		for (;;)
			live_once(guest);
	}
	usleep(random() % (life > 8000 ? life : 8000));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	read_ends(monitor);
	differs = guest_differs(guest);
	if (differs)
		note("kill %d: not as it was: %s", nr, differs);
	if (!is_detached(guest)) {
		note("kill %d: still attached", nr);
		return false;
	}
	return !differs;
}

int main(void)
{
	struct gprobe_monitor *monitor;
	struct guest guest;
	struct vcpu *vcpus;
	unsigned int i, life, differ = 0;

	guest_open(&guest, 1, VCPUS);
	if (gprobe_monitor_open(&monitor))
		bail("open a monitor", errno);
	vcpus = vcpus_start(&guest, places, NR_PLACES, 0);
	life = life_us(&guest);
	for (i = 0; i < KILLS; i++)
		differ += !kill_one(&guest, monitor, i, life);
	vcpus_stop(vcpus);
	vcpus_join(vcpus);
	is(differ, 0, "after each kill the guest is as it was");
	is(counted, made(vcpus), "each hit is counted, and no other");
	ok(counted > KILLS, "there were hits");
	is(vcpus_wrong(vcpus), 0, "the guest executes its own bytes");
	note("%d kills of lives of %u us, %llu hits", KILLS, life,
	     (unsigned long long)counted);
	gprobe_monitor_close(monitor);
	guest_close(&guest);
	return tap_end();
}
