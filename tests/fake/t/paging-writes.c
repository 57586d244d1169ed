// SPDX-License-Identifier: GPL-2.0
/*
 * Page walks set bits in a watched page without an event where Xen and the CPU let
 * them; elsewhere the page is watched as ever. Either way a store is told, and code
 * in such a page runs.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "../file.h"
#include "../session.h"
#include "../tap.h"

#define PARAMETERS	"/sys/module/gprobe/parameters/"
/* From here on Xen says that it knows r_pw. */
#define XEN_4_20	0x40014
#define TABLE		9
#define OTHER		11
#define PRESENT		1
#define ACCESSED	0x20

static struct guest guest;

static int set_entries(struct gprobe_client *client, uint64_t gfn,
		       uint8_t entries)
{
	const struct gprobe_watch watch = {
		.domid = guest.spec.domid, .gfn = gfn, .entries = { entries },
	};

	return gprobe_watch_set(client, &watch);
}

static void watch(struct gprobe_client *client, uint64_t gfn)
{
	if (set_entries(client, gfn, 1))
		bail(gprobe_client_message(client), EIO);
}

/* In the view that the guest runs in, which is the first. */
static uint32_t allowed(uint64_t gfn)
{
	static uint8_t data[GUEST_PAGE];
	struct gprobe_fake_page page = {
		.view = 1, .gfn = gfn, .data = (uintptr_t)data,
	};

	if (ioctl(guest.fd, GPROBE_FAKE_LOOK, &page))
		bail("look at a page", errno);
	return page.access;
}

static uint64_t *entry(uint64_t gfn, unsigned int index)
{
	return (uint64_t *)&guest.memory[gfn * GUEST_PAGE] + index;
}

/* How many events it has; entry @index is not accessed before, and is after. */
static uint32_t walk(uint64_t gfn, unsigned int index)
{
	struct gprobe_fake_insn insn = insn_at(0, (struct place){ 1, 0 });

	*entry(gfn, index) = PRESENT;
	insn.flags = GPROBE_FAKE_WALKS;
	insn.store_gfn = gfn;
	insn.store_offset = index * sizeof(uint64_t);
	is(insn_run(&guest, &insn), 0, "an instruction is walked to");
	is(*entry(gfn, index), PRESENT | ACCESSED, "its entry is accessed");
	return insn.events;
}

static uint32_t store(uint64_t gfn, unsigned int index)
{
	struct gprobe_fake_insn insn = insn_at(0, (struct place){ 1, 0 });

	insn.store_gfn = gfn;
	insn.store_offset = index * sizeof(uint64_t);
	insn.store_bytes = sizeof(uint64_t);
	insn.value = 0x777000 + index;
	is(insn_run(&guest, &insn), 0, "a store is done");
	is(*entry(gfn, index), insn.value, "to the page that is watched");
	return insn.events;
}

static uint32_t execute(uint64_t gfn)
{
	struct gprobe_fake_insn insn = insn_at(0, (struct place){ gfn, 0x800 });

	is(insn_run(&guest, &insn), 0, "code in the page runs");
	is(insn.how, GPROBE_FAKE_NATIVE, "by itself");
	return insn.events;
}

static void free_walks(void)
{
	struct gprobe_client *client = session_open(&guest);

	watch(client, TABLE);
	is(allowed(TABLE), GPROBE_XEN_ACCESS_R_PW, "page walks may write");
	is(walk(TABLE, 3), 0, "they cause no event");
	ok(store(TABLE, 4), "a store does");
	is(session_stats(client, &guest).table_walks, 0, "none is counted");
	is(session_stats(client, &guest).table_writes, 1, "a store is");
	is(execute(TABLE), 1, "the first fetch has an event");
	is(allowed(TABLE), GPROBE_XEN_ACCESS_RX, "after which it is allowed");
	is(execute(TABLE), 0, "the second has none");
	ok(store(TABLE, 5), "a store has still");
	is(walk(TABLE, 6), 1, "and a walk has, now");
	watch(client, OTHER);
	is(allowed(OTHER), GPROBE_XEN_ACCESS_R_PW, "another page's has not");
	is(session_stats(client, &guest).unknown, 0, "nothing is unknown");
	is(session_stats(client, &guest).lost, 0, "nothing is lost");
	ok(!set_entries(client, OTHER, 0), "a watch ends");
	is(allowed(OTHER), GPROBE_XEN_ACCESS_RWX, "and all is allowed");
	gprobe_client_close(client);
	check_as_found(&guest, "walks that are free");
}

/* A probe in a watched page forbids more; it goes, and what was is again. */
static void probed(void)
{
	struct gprobe_client *client = session_open(&guest);
	struct gprobe_claim_info info;
	uint32_t id;

	watch(client, TABLE);
	id = session_claim(client, &guest, (struct place){ TABLE, 0x900 },
			   GPROBE_STEP_EMULATE);
	is(allowed(TABLE), GPROBE_XEN_ACCESS_X, "a probe there forbids more");
	is(walk(TABLE, 3), 1, "also a page walk's store");
	if (gprobe_claim_del(client, id, &info))
		bail("end a claim", EIO);
	is(allowed(TABLE), GPROBE_XEN_ACCESS_R_PW, "page walks may write again");
	is(walk(TABLE, 4), 0, "and cause no event");
	gprobe_client_close(client);
	check_as_found(&guest, "a probe in a watched page");
}

/* Xen takes it for r where the CPU does not know it. */
static void walks_of_old_cpu(void)
{
	struct gprobe_client *client = session_open(&guest);

	watch(client, TABLE);
	is(allowed(TABLE), GPROBE_XEN_ACCESS_R_PW, "an old CPU: it is tried");
	is(walk(TABLE, 3), 1, "a walk has an event");
	is(session_stats(client, &guest).table_walks, 1, "and is counted");
	ok(store(TABLE, 4), "so has a store");
	watch(client, OTHER);
	is(allowed(OTHER), GPROBE_XEN_ACCESS_RX, "it is tried no more");
	is(execute(OTHER), 0, "code there runs as ever");
	gprobe_client_close(client);
	check_as_found(&guest, "an old CPU");
}

static void as_ever(const char *when)
{
	struct gprobe_client *client = session_open(&guest);

	watch(client, TABLE);
	is(allowed(TABLE), GPROBE_XEN_ACCESS_RX, "%s: watched as ever", when);
	is(walk(TABLE, 3), 1, "a walk has an event");
	ok(store(TABLE, 4), "so has a store");
	is(execute(TABLE), 0, "code there runs");
	watch(client, OTHER);
	is(allowed(OTHER), GPROBE_XEN_ACCESS_RX, "and so is another");
	gprobe_client_close(client);
	check_as_found(&guest, when);
}

int main(void)
{
	guest_open(&guest, 1, 1);
	if (file_read_number(PARAMETERS "fake_xen") < XEN_4_20) {
		as_ever("an older Xen");
	} else {
		free_walks();
		probed();
		file_write_number(PARAMETERS "fake_r_pw", GPROBE_FAKE_R_PW_XEN);
		walks_of_old_cpu();
		file_write_number(PARAMETERS "fake_r_pw", GPROBE_FAKE_R_PW_NONE);
		as_ever("a Xen that refuses it");
		file_write_number(PARAMETERS "fake_r_pw", GPROBE_FAKE_R_PW_CPU);
	}
	guest_close(&guest);
	return tap_end();
}
