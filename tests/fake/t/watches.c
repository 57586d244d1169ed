// SPDX-License-Identifier: GPL-2.0
/*
 * Watched entries of a page table: each change is told while the vCPU waits, no
 * other is, a session that does not reply or dies keeps no vCPU waiting.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../file.h"
#include "../session.h"
#include "../tap.h"

#define TIMEOUT_MS	"/sys/module/gprobe/parameters/upcall_timeout_ms"
#define TABLE		9
#define STORES		rounds(200)
#define VCPUS		4

static struct guest guest;
static atomic_uint nr_done;

static int watch(struct gprobe_client *client, const uint8_t *entries)
{
	struct gprobe_watch spec = {
		.domid = guest.spec.domid, .gfn = TABLE,
	};

	memcpy(spec.entries, entries, 2);
	return gprobe_watch_set(client, &spec);
}

/* vCPU n stores to entry n, STORES times, each time another value. */
static void *store(void *arg)
{
	uint32_t vcpu = (uintptr_t)arg;
	struct gprobe_fake_insn insn;
	const char *error = NULL;
	uint64_t i;

	for (i = 0; i < STORES && !error; i++) {
		insn = insn_at(vcpu, (struct place){ 1, 0x40 * vcpu });
		insn.store_gfn = TABLE;
		insn.store_offset = vcpu * sizeof(uint64_t);
		insn.store_bytes = sizeof(uint64_t);
		insn.value = (i + 1) << 12 | 1;
		if (insn_run(&guest, &insn) || insn.how != GPROBE_FAKE_NATIVE)
			error = "a store fails";
	}
	nr_done++;
	return (void *)error;
}

static void start(pthread_t *threads, unsigned int nr)
{
	uintptr_t i;

	nr_done = 0;
	for (i = 0; i < nr; i++)
		if (pthread_create(&threads[i], NULL, store, (void *)i))
			bail("start a vCPU", EAGAIN);
}

static bool join(pthread_t *threads, unsigned int nr)
{
	bool good = true;
	unsigned int i;
	void *error;

	for (i = 0; i < nr; i++) {
		pthread_join(threads[i], &error);
		good &= !error;
	}
	return good;
}

static const uint64_t *entries(void)
{
	return (uint64_t *)&guest.memory[TABLE * GUEST_PAGE];
}

/* What a session that watches entries 0 and 1 is told. */
struct tale {
	/* Of a change; of one that another vCPU has told of already. */
	unsigned int nr_changes, nr_repeats, nr_wrong;
};

/* Who changed an entry waits for what others are told of it, and they may not. */
static int hear(struct gprobe_client *client, struct tale *tale)
{
	struct gprobe_upcall upcall;
	int ret = gprobe_upcall_read(client, &upcall);
	bool change;

	if (ret)
		return ret;
	change = upcall.old_value != upcall.new_value;
	tale->nr_changes += change;
	tale->nr_repeats += !change;
	tale->nr_wrong += upcall.gfn != TABLE || upcall.index > 1 ||
			  upcall.timed_out ||
			  (change &&
			   upcall.new_value != entries()[upcall.index]);
	return gprobe_upcall_reply(client, &upcall, NULL);
}

/* Until all vCPUs have done their stores. */
static void serve(struct gprobe_client *client, struct tale *tale)
{
	struct pollfd poll_fd = {
		.fd = gprobe_client_fd(client), .events = POLLIN,
	};
	int ret = 0;

	while (nr_done < VCPUS || !ret) {
		ret = hear(client, tale);
		if (ret == -EAGAIN)
			poll(&poll_fd, 1, 20);
		else if (ret)
			bail("serve an upcall", ret);
	}
}

static void told(void)
{
	struct gprobe_client *client = session_open(&guest);
	const uint8_t two[2] = { 3, 0 }, none[2] = { 0, 0 };
	struct gprobe_stats stats;
	struct tale tale = { 0 };
	pthread_t threads[VCPUS];

	if (watch(client, two))
		bail(gprobe_client_message(client), EIO);
	start(threads, VCPUS);
	serve(client, &tale);
	ok(join(threads, VCPUS), "each store is done");
	is(tale.nr_changes, 2 * STORES,
	   "each change of a watched entry is told, no other");
	is(tale.nr_wrong, 0, "what is told is what the entry is while the vCPU waits");
	stats = session_stats(client, &guest);
	is(stats.table_writes, VCPUS * STORES, "each store to the page is counted");
	is(stats.upcalls, tale.nr_changes + tale.nr_repeats, "each upcall is counted");
	is(stats.upcall_timeouts, 0, "none is late");
	is(stats.lost, 0, "none is lost");
	ok(!watch(client, none), "a watch ends");
	gprobe_client_close(client);
	check_as_found(&guest, "a watch");
}

static void late(void)
{
	struct gprobe_client *client = session_open(&guest);
	const uint8_t one[2] = { 4, 0 };
	unsigned int nr = 0, nr_late = 0;
	struct gprobe_upcall upcall;
	struct gprobe_fake_insn insn = insn_at(2, (struct place){ 1, 0 });

	file_write(TIMEOUT_MS, "100");
	if (watch(client, one))
		bail(gprobe_client_message(client), EIO);
	insn.store_gfn = TABLE;
	insn.store_offset = 2 * sizeof(uint64_t);
	insn.store_bytes = sizeof(uint64_t);
	insn.value = 0x777001;
	is(insn_run(&guest, &insn), 0, "a vCPU that nobody replies to goes on");
	/* The message that tells of it may be on its way. */
	usleep(300000);
	while (!gprobe_upcall_read(client, &upcall)) {
		nr += !upcall.timed_out;
		nr_late += upcall.timed_out;
	}
	is(nr, 1, "its session was told of the store");
	is(nr_late, 1, "its session is told that it is late");
	is(session_stats(client, &guest).upcall_timeouts, 1, "that is counted");
	gprobe_client_close(client);
	file_write(TIMEOUT_MS, "2000");
	check_as_found(&guest, "a late session");
}

/* It watches, is told, and never replies. */
static void mute(int ready)
{
	struct gprobe_client *client = session_open(&guest);
	const uint8_t all[2] = { 15, 0 };

	if (watch(client, all) || write(ready, "", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

static void killed(void)
{
	struct gprobe_fake_state state;
	pthread_t threads[VCPUS];
	int ready[2], tries = 1000;
	char byte;
	pid_t pid;

	file_write(TIMEOUT_MS, "60000");
	if (pipe(ready))
		bail("pipe", errno);
	pid = fork();
	if (!pid)
		mute(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		bail("a session", errno);
	start(threads, VCPUS);
	do {
		usleep(1000);
		guest_state(&guest, &state);
	} while (state.waiting_vcpus < VCPUS && --tries);
	is(state.waiting_vcpus, VCPUS, "each vCPU waits for the session");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	ok(join(threads, VCPUS), "killed, it keeps no vCPU waiting");
	file_write(TIMEOUT_MS, "2000");
	check_as_found(&guest, "a session killed while vCPUs wait");
}

int main(void)
{
	guest_open(&guest, 1, VCPUS);
	told();
	late();
	killed();
	guest_close(&guest);
	return tap_end();
}
