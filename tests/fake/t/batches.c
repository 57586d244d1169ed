// SPDX-License-Identifier: GPL-2.0
/*
 * What is asked for in one datagram is done in a few hypercalls, and each of it as
 * if it was asked for alone. How many hypercalls are made is counted and said.
 */
#include <errno.h>
#include <stdlib.h>

#include "../file.h"
#include "../session.h"
#include "../tap.h"
#include "user/lib/netlink.h"

#define PARAMETERS	"/sys/module/gprobe/parameters/"
#define MOST		1000
/* The ring's page and its neighbour are not for us. */
#define PAGES		(MOST + 4)
#define AT_ONCE		GPROBE_NETLINK_REQUESTS
/* Of a batch each step of which fails in turn. */
#define FEW		5
#define MOST_STEPS	200

static struct guest guest;
static uint32_t ids[MOST];
static int rets[AT_ONCE];

static unsigned long hypercalls(void)
{
	return file_read_number(PARAMETERS "fake_hypercalls");
}

static unsigned int failed(unsigned int nr)
{
	unsigned int i, nr_failed = 0;

	for (i = 0; i < nr; i++)
		nr_failed += !!rets[i];
	return nr_failed;
}

/* One in each page from gfn 1 on; how many fail. */
static unsigned int claim(struct gprobe_client *client, unsigned int nr)
{
	struct gprobe_claim_spec specs[AT_ONCE];
	unsigned int i, some, done, nr_failed = 0;

	for (done = 0; done < nr; done += some) {
		some = nr - done < AT_ONCE ? nr - done : AT_ONCE;
		for (i = 0; i < some; i++)
			specs[i] = claim_at(&guest, (struct place){
						1 + done + i, 0x10 });
		session_claim_many(client, specs, some, rets, &ids[done]);
		nr_failed += failed(some);
	}
	return nr_failed;
}

static unsigned int unclaim(struct gprobe_client *client, unsigned int nr)
{
	unsigned int some, done, nr_failed = 0;

	for (done = 0; done < nr; done += some) {
		some = nr - done < AT_ONCE ? nr - done : AT_ONCE;
		session_unclaim_many(client, &ids[done], some, rets);
		nr_failed += failed(some);
	}
	return nr_failed;
}

static unsigned int watch(struct gprobe_client *client, unsigned int nr,
			  uint8_t entries)
{
	struct gprobe_watch watches[AT_ONCE];
	unsigned int i, some, done, nr_failed = 0;

	for (done = 0; done < nr; done += some) {
		some = nr - done < AT_ONCE ? nr - done : AT_ONCE;
		for (i = 0; i < some; i++)
			watches[i] = (struct gprobe_watch){
				.domid = guest.spec.domid,
				.gfn = 1 + done + i, .entries = { entries },
			};
		session_watch_many(client, watches, some, rets);
		nr_failed += failed(some);
	}
	return nr_failed;
}

/* What @nr places, or pages, each in a page of its own, cost. */
static void count(unsigned int nr)
{
	struct gprobe_client *client = session_open(&guest);
	unsigned long calls[6];

	calls[0] = hypercalls();
	is(claim(client, nr), 0, "%u places in as many pages are claimed", nr);
	calls[1] = hypercalls();
	is(unclaim(client, nr), 0, "and released");
	calls[2] = hypercalls();
	is(claim(client, nr), 0, "and claimed, with shadow frames that are there");
	calls[3] = hypercalls();
	unclaim(client, nr);
	calls[4] = hypercalls();
	is(watch(client, nr, 1), 0, "%u pages are watched", nr);
	calls[5] = hypercalls();
	is(watch(client, nr, 0), 0, "and no more");
	note("%u: %lu hypercalls to arm, %lu to disarm, %lu to arm again; "
	     "%lu to watch, %lu to end it", nr, calls[1] - calls[0],
	     calls[2] - calls[1], calls[3] - calls[2], calls[5] - calls[4],
	     hypercalls() - calls[5]);
	gprobe_client_close(client);
	check_as_found(&guest, "batches");
}

/* How often the tap view has a frame of its own. */
static uint32_t frames(struct gprobe_client *client)
{
	struct gprobe_view_info info;

	if (gprobe_view_get(client, guest.spec.domid, 1, &info))
		bail("look at a view", EIO);
	return info.frames;
}

/* Each of a batch is answered for itself, and leaves nothing if it fails. */
static void odd_ones(void)
{
	struct gprobe_client *client = session_open(&guest);
	struct gprobe_claim_spec specs[] = {
		claim_at(&guest, (struct place){ 1, 0x10 }),
		claim_at(&guest, (struct place){ PAGES + 100, 0x10 }),
		claim_at(&guest, (struct place){ 1, 0x20 }),
		claim_at(&guest, (struct place){ 3, 0x10 }),
		claim_at(&guest, (struct place){ 2, 0x10 }),
		claim_at(&guest, (struct place){ 1, 0x10 }),
	};
	const int wanted[] = { 0, -ENXIO, 0, -EINVAL, 0, -EEXIST };
	unsigned int i;

	/* The guest has one vCPU. */
	specs[3].vcpus[0] = 2;
	session_claim_many(client, specs, 6, rets, ids);
	for (i = 0; i < 6; i++)
		is(-rets[i], -wanted[i], "claim %u of a batch", i);
	is(frames(client), 2, "a frame is there for those that are");
	ids[1] = ids[2];
	ids[2] = ids[4];
	session_unclaim_many(client, ids, 3, rets);
	is(failed(3), 0, "they go");
	is(frames(client), 0, "and the frames with them");
	gprobe_client_close(client);
	check_as_found(&guest, "odd ones in a batch");
}

/* Does a place count its hits if, and only if, it could be claimed? */
static bool is_as_told(struct gprobe_client *client, unsigned int i)
{
	struct gprobe_fake_insn insn = insn_at(0, (struct place){ 1 + i, 0x10 });
	bool claimed = !rets[i];

	return !insn_run(&guest, &insn) && insn.events == claimed &&
	       (!claimed || session_hits(client, ids[i]) == 1);
}

/* The n-th step of the claims, or of their end, fails; false: there are not so many. */
static bool fail(unsigned int n, bool at_end, unsigned int *nr_refused)
{
	struct gprobe_client *client = session_open(&guest);
	unsigned int i, nr_wrong = 0;
	bool happened;

	file_write_number(PARAMETERS "fail_nth", at_end ? 0 : n);
	claim(client, FEW);
	happened = !file_read_number(PARAMETERS "fail_nth");
	file_write_number(PARAMETERS "fail_nth", 0);
	for (i = 0; i < FEW; i++)
		nr_wrong += !is_as_told(client, i);
	*nr_refused += failed(FEW);
	if (at_end) {
		file_write_number(PARAMETERS "fail_nth", n);
		nr_wrong += unclaim(client, FEW) + frames(client);
		happened = !file_read_number(PARAMETERS "fail_nth");
		file_write_number(PARAMETERS "fail_nth", 0);
	}
	gprobe_client_close(client);
	if (nr_wrong || guest_differs(&guest)) {
		note("fault %u: %u wrong, differs: %s", n, nr_wrong,
		     guest_differs(&guest) ?: "nothing");
		return ok(false, "a batch of claims, a fault%s",
			  at_end ? " at its end" : "");
	}
	return happened;
}

static void faults(bool at_end)
{
	unsigned int n = 1, nr_refused = 0;

	while (n < MOST_STEPS && fail(n, at_end, &nr_refused))
		n++;
	ok(n > FEW && n < MOST_STEPS,
	   "a batch%s: %u steps fail, %u claims are refused, all else is done",
	   at_end ? " that ends" : "", n - 1, nr_refused);
}

int main(void)
{
	guest_open_large(&guest, 1, 1, PAGES);
	odd_ones();
	faults(false);
	faults(true);
	count(1);
	count(2);
	count(100);
	count(MOST);
	guest_close(&guest);
	return tap_end();
}
