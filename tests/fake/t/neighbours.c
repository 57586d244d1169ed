// SPDX-License-Identifier: GPL-2.0
/*
 * Probed and watched pages in one large page of the guest's: where one is so no
 * more, or could not be, the others are still.
 */
#include "../file.h"
#include "../session.h"
#include "../tap.h"

#define FAIL_NTH	"/sys/module/gprobe/parameters/fail_nth"
#define ROUNDS		rounds(50)
#define TABLE		6

/* All in one large page, the second being that which comes and goes. */
static const struct place places[] = { { 2, 0x100 }, { 3, 0 }, { 4, 0x200 } };

#define NR_PLACES	(sizeof(places) / sizeof(*places))

static struct guest guest;

static void execute(const char *when)
{
	struct vcpu *vcpus = vcpus_start(&guest, places, NR_PLACES, ROUNDS);

	vcpus_join(vcpus);
	is(vcpus_wrong(vcpus), 0, "%s: the guest executes its own bytes", when);
}

static void release(struct gprobe_client *client, uint32_t claim)
{
	struct gprobe_claim_info info;
	int ret = gprobe_claim_del(client, claim, &info);

	if (ret)
		bail("release a claim", ret);
	is(info.hits, ROUNDS * guest.spec.vcpus,
	   "one that comes counts each hit while it is there");
}

static void watch(struct gprobe_client *client)
{
	const struct gprobe_watch spec = {
		.domid = guest.spec.domid, .gfn = TABLE, .entries = { 1 },
	};

	if (gprobe_watch_set(client, &spec))
		bail(gprobe_client_message(client), 0);
}

/* A store to an entry of the watched page that nobody watches. */
static void store(void)
{
	struct gprobe_fake_insn insn = insn_at(0, (struct place){ 1, 0x40 });

	insn.store_gfn = TABLE;
	insn.store_offset = 7 * sizeof(uint64_t);
	insn.store_bytes = sizeof(uint64_t);
	insn.value = 1;
	if (insn_run(&guest, &insn))
		bail("store", 0);
}

static void come_and_go(void)
{
	struct gprobe_client *client = session_open(&guest);
	uint32_t first, last, claim;
	unsigned int i;

	first = session_claim(client, &guest, places[0], GPROBE_STEP_EMULATE);
	last = session_claim(client, &guest, places[2], GPROBE_STEP_EMULATE);
	watch(client);
	for (i = 0; i < 2; i++) {
		claim = session_claim(client, &guest, places[1],
				      GPROBE_STEP_EMULATE);
		execute("one comes");
		release(client, claim);
		execute("one leaves");
		store();
	}
	is(session_hits(client, first), 4 * ROUNDS * guest.spec.vcpus,
	   "one before it counts each hit");
	is(session_hits(client, last), 4 * ROUNDS * guest.spec.vcpus,
	   "one behind it counts each hit");
	is(session_stats(client, &guest).table_writes, 2,
	   "stores to a watched page beside it are seen");
	gprobe_client_close(client);
	check_as_found(&guest, "one comes and goes");
}

/* The n-th step of a claim fails; whether it has so many. */
static bool fail(unsigned int n, struct gprobe_client *client, uint64_t *missed)
{
	struct gprobe_claim_spec spec = claim_at(&guest, places[1]);
	struct gprobe_claim_info info;
	uint32_t claim;
	int ret;

	file_write_number(FAIL_NTH, n);
	ret = gprobe_claim_new(client, &spec, &info);
	if (file_read_number(FAIL_NTH)) {
		file_write_number(FAIL_NTH, 0);
		return false;
	}
	if (!ret)
		gprobe_claim_del(client, info.id, &info);
	/* In the order in which the guest has not touched what was left. */
	claim = session_claim(client, &guest, places[0], GPROBE_STEP_EMULATE);
	session_claim(client, &guest, places[1], GPROBE_STEP_EMULATE);
	execute("after a failure");
	*missed += ROUNDS * guest.spec.vcpus - session_hits(client, claim);
	return true;
}

static void come_after_failures(void)
{
	struct gprobe_client *client, *other = session_open(&guest);
	unsigned int n = 0;
	uint64_t missed = 0;
	bool failed;

	do {
		client = session_open(&guest);
		failed = fail(++n, client, &missed);
		gprobe_client_close(client);
	} while (failed);
	is(missed, 0, "whatever fails, those that come later count each hit");
	ok(n > 5, "%u steps fail", n - 1);
	gprobe_client_close(other);
	check_as_found(&guest, "failures");
}

int main(void)
{
	guest_open(&guest, 1, 4);
	come_and_go();
	come_after_failures();
	guest_close(&guest);
	return tap_end();
}
