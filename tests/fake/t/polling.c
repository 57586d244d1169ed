// SPDX-License-Identifier: GPL-2.0
/*
 * A CPU that waits for the events of all guests (poll_cpu): each hit is counted,
 * whether it is named before hits come or while they do, and when guests come and go
 * under it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../session.h"
#include "../tap.h"

#define PARAMETER	"/sys/module/gprobe/parameters/"
#define ROUNDS		rounds(2000)
#define SWITCHES	rounds(40)

static const struct place place = { 3, 0x123 };

/* 0 or a negative errno. */
static int set(const char *name, const char *value)
{
	char path[128];
	ssize_t done;
	int fd, err;

	snprintf(path, sizeof(path), PARAMETER "%s", name);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return -errno;
	done = write(fd, value, strlen(value));
	err = done < 0 ? -errno : 0;
	close(fd);
	return err;
}

static long get(const char *name)
{
	char path[128], text[32] = "";
	int fd;

	snprintf(path, sizeof(path), PARAMETER "%s", name);
	fd = open(path, O_RDONLY);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		bail("read a parameter", errno);
	close(fd);
	return strtol(text, NULL, 10);
}

static void try_values(void)
{
	is(get("poll_cpu"), -1, "it is off by default");
	is(-set("poll_cpu", "4095"), EINVAL, "a CPU that is not there is refused");
	is(-set("poll_cpu", "-2"), EINVAL, "so is a number below off");
	is(-set("poll_cpu", "one"), EINVAL, "and what is no number");
	is(get("poll_cpu"), -1, "what is refused changes nothing");
	is(-set("poll_cpu", "1"), 0, "a CPU that is there is taken");
	is(get("poll_cpu"), 1, "and can be read");
}

static void try_hits(const struct guest *guest)
{
	struct gprobe_client *client = session_open(guest);
	uint32_t claim = session_claim(client, guest, place, GPROBE_STEP_EMULATE);
	struct vcpu *vcpus = vcpus_start(guest, &place, 1, ROUNDS);
	uint64_t all = (uint64_t)ROUNDS * guest->spec.vcpus;
	uint64_t polled;

	vcpus_join(vcpus);
	is(session_hits(client, claim), all, "each hit is counted");
	is(vcpus_wrong(vcpus), 0, "the guest executes its own bytes");
	polled = session_stats(client, guest).polled;
	ok(polled > 0, "not all of them by an interrupt");
	note("polled: %llu of %llu", (unsigned long long)polled,
	     (unsigned long long)all);
	gprobe_client_close(client);
	check_as_found(guest, "after that");
}

/* While hits come it is switched, and a second guest comes and goes. */
static void try_switches(const struct guest *guest)
{
	struct gprobe_client *client = session_open(guest);
	uint32_t claim = session_claim(client, guest, place, GPROBE_STEP_EMULATE);
	struct vcpu *vcpus = vcpus_start(guest, &place, 1, 0);
	unsigned int i, failed = 0;
	struct guest other;

	guest_open(&other, 2, 1);
	for (i = 0; i < SWITCHES; i++) {
		struct gprobe_client *second = session_open(&other);
		uint32_t its = session_claim(second, &other, place,
					     GPROBE_STEP_EMULATE);
		struct vcpu *one = vcpus_start(&other, &place, 1, 50);

		failed += !!set("poll_cpu", i % 2 ? "2" : i % 4 ? "-1" : "0");
		vcpus_join(one);
		failed += session_hits(second, its) != 50;
		failed += vcpus_wrong(one) != 0;
		gprobe_client_close(second);
	}
	vcpus_stop(vcpus);
	vcpus_join(vcpus);
	is(failed, 0, "switched, a guest that comes and goes loses no hit");
	is(session_hits(client, claim), vcpus_executed(vcpus, 0),
	   "nor does the one that stays");
	is(vcpus_wrong(vcpus), 0, "the guest executes its own bytes");
	gprobe_client_close(client);
	check_as_found(guest, "switched");
	check_as_found(&other, "the other");
	guest_close(&other);
}

int main(void)
{
	long us = get("poll_us");
	struct guest guest;
	char text[16];

	guest_open(&guest, 1, 2);
	/* Without hardware's help a hit takes long. */
	if (set("poll_us", "1000"))
		bail("set poll_us", EINVAL);
	try_values();
	try_hits(&guest);
	try_switches(&guest);
	is(-set("poll_cpu", "-1"), 0, "it is switched off");
	snprintf(text, sizeof(text), "%ld", us);
	set("poll_us", text);
	guest_close(&guest);
	return tap_end();
}
