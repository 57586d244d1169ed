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

#define HYPERCALLS	"/sys/module/gprobe/parameters/fake_hypercalls"
#define MOST		1000
/* The ring's page and its neighbour are not for us. */
#define PAGES		(MOST + 4)
#define AT_ONCE		GPROBE_NETLINK_REQUESTS

static struct guest guest;
static uint32_t ids[MOST];
static int rets[AT_ONCE];

static unsigned long hypercalls(void)
{
	return file_read_number(HYPERCALLS);
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

int main(void)
{
	guest_open_large(&guest, 1, 1, PAGES);
	count(1);
	count(2);
	count(100);
	count(MOST);
	guest_close(&guest);
	return tap_end();
}
