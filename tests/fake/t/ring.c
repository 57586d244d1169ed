// SPDX-License-Identifier: GPL-2.0
/*
 * Nonsense in the ring: requests that make no sense are answered and counted,
 * a broken index is, and a page full of noise does no harm.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../session.h"
#include "../tap.h"

#define NOISES	rounds(2000)

static struct guest guest;

static void wait_for_events(struct gprobe_client *client, uint64_t events)
{
	int tries = 1000;

	while (session_stats(client, &guest).events < events && --tries)
		usleep(1000);
}

static void put(const struct gprobe_xen_slot *request)
{
	int tries = 1000;

	while (ioctl(guest.fd, GPROBE_FAKE_PUT, request)) {
		if (errno != EAGAIN || !--tries)
			bail("put a request", errno);
		usleep(1000);
	}
}

static void requests(void)
{
	const struct gprobe_xen_slot slots[] = {
		{ .version = 7, .reason = 6, .vcpu_id = 2 },
		{ .version = 7, .reason = 6, .vcpu_id = UINT32_MAX },
		{ .version = 6, .reason = 6 },
		{ .version = 0 },
		{ .version = 7, .reason = 0 },
		{ .version = 7, .reason = 99 },
		{ .version = 7, .reason = UINT32_MAX, .flags = UINT32_MAX },
		/* A step that nobody asked for. */
		{ .version = 7, .reason = 7 },
	};
	const unsigned int nr = sizeof(slots) / sizeof(*slots);
	struct gprobe_client *client = session_open(&guest);
	struct gprobe_fake_state state;
	struct gprobe_stats stats;
	unsigned int i;

	for (i = 0; i < nr; i++)
		put(&slots[i]);
	wait_for_events(client, nr);
	stats = session_stats(client, &guest);
	is(stats.events, nr, "each request is taken");
	is(stats.lost, 4, "those that break the protocol are counted");
	is(stats.unknown, 4, "those that nobody knows are counted");
	guest_state(&guest, &state);
	is(state.responses, state.requests, "each request is answered");
	gprobe_client_close(client);
	ok(is_detached(&guest), "the session leaves");
}

static struct gprobe_xen_sring *ring_map(void)
{
	void *ring = mmap(NULL, GUEST_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
			  guest.fd,
			  GPROBE_FAKE_RING_GFN(GUEST_PAGES) * GUEST_PAGE);

	if (ring == MAP_FAILED)
		bail("map the ring", errno);
	return ring;
}

static void broken_index(void)
{
	struct gprobe_client *client = session_open(&guest);
	struct gprobe_xen_sring *ring = ring_map();
	int tries = 1000;

	ring->req_prod += 1000;
	ioctl(guest.fd, GPROBE_FAKE_KICK);
	while (!session_stats(client, &guest).lost && --tries)
		usleep(1000);
	is(session_stats(client, &guest).lost, 1, "a broken index is counted");
	is(session_stats(client, &guest).events, 0, "nothing is made of it");
	munmap(ring, GUEST_PAGE);
	gprobe_client_close(client);
	ok(is_detached(&guest), "the session leaves");
}

static void noise(void)
{
	struct gprobe_client *client = session_open(&guest);
	struct gprobe_xen_sring *ring = ring_map();
	uint8_t *bytes = (uint8_t *)ring;
	unsigned int i, j;

	session_claim(client, &guest, (struct place){ 5, 0x100 },
		      GPROBE_STEP_EMULATE);
	for (i = 0; i < NOISES; i++) {
		for (j = 0; j < 64; j++)
			bytes[random() % GUEST_PAGE] = random() % 8 ?
						       random() % 16 : random();
		ring->slot[random() % GPROBE_XEN_RING_SLOTS].version = 7;
		ring->slot[random() % GPROBE_XEN_RING_SLOTS].vcpu_id = i % 2;
		if (i % 2)
			ring->req_prod += random() % 10;
		ioctl(guest.fd, GPROBE_FAKE_KICK);
	}
	ok(session_stats(client, &guest).events, "noise is taken for events");
	munmap(ring, GUEST_PAGE);
	gprobe_client_close(client);
	ok(is_detached(&guest), "the session leaves after noise");
}

int main(void)
{
	guest_open(&guest, 1, 2);
	requests();
	broken_index();
	noise();
	guest_close(&guest);
	/* Is all well? */
	guest_open(&guest, 2, 2);
	gprobe_client_close(session_open(&guest));
	check_as_found(&guest, "after nonsense");
	guest_close(&guest);
	return tap_end();
}
