// SPDX-License-Identifier: GPL-2.0
/*
 * What else happens in a probed page: INT3s of the guest's own, reads, writes,
 * an instruction that Xen cannot emulate, filters. Each is counted for what it
 * is, and the guest notices nothing.
 */
#include <errno.h>
#include <sys/ioctl.h>

#include "../session.h"
#include "../tap.h"

#define INT3	0xcc

static const struct place place = { 5, 0x100 };
static struct guest guest;

static struct gprobe_fake_insn run(struct gprobe_fake_insn insn)
{
	int ret = insn_run(&guest, &insn);

	if (ret)
		bail("run an instruction", ret);
	return insn;
}

static uint8_t *own(uint64_t gfn, uint32_t offset)
{
	return &guest.memory[gfn * GUEST_PAGE + offset];
}

/* A byte as a view has it, and the page's access there. */
static uint8_t shown(uint32_t view, uint64_t gfn, uint32_t offset,
		     uint32_t *access)
{
	static uint8_t data[GUEST_PAGE];
	struct gprobe_fake_page page = {
		.view = view, .gfn = gfn, .data = (uintptr_t)data,
	};

	if (ioctl(guest.fd, GPROBE_FAKE_LOOK, &page))
		bail("look at a page", errno);
	*access = page.access;
	return data[offset];
}

static uint32_t tap_view(struct gprobe_client *client)
{
	struct gprobe_domain_info info;

	if (gprobe_domain_get(client, guest.spec.domid, &info))
		bail("look at a domain", EIO);
	return info.view;
}

static void own_int3(struct gprobe_client *client)
{
	static const struct place in_page = { 5, 0x400 }, elsewhere = { 6, 9 };
	struct gprobe_fake_insn insn;
	uint32_t claim;

	*own(in_page.gfn, in_page.offset) = INT3;
	*own(elsewhere.gfn, elsewhere.offset) = INT3;
	session_claim(client, &guest, place, GPROBE_STEP_EMULATE);
	insn = run(insn_at(0, in_page));
	is(insn.how, GPROBE_FAKE_INT3, "an INT3 in a probed page is the guest's");
	insn = run(insn_at(0, elsewhere));
	is(insn.how, GPROBE_FAKE_INT3, "an INT3 elsewhere is the guest's");
	claim = session_claim(client, &guest, in_page, GPROBE_STEP_EMULATE);
	insn = run(insn_at(1, in_page));
	is(insn.how, GPROBE_FAKE_INT3, "an INT3 under ours is the guest's");
	is(session_hits(client, claim), 1, "an INT3 under ours is a hit");
	is(session_stats(client, &guest).reinjected, 3, "they are counted");
	*own(in_page.gfn, in_page.offset) = guest_byte(in_page.gfn,
						       in_page.offset);
	*own(elsewhere.gfn, elsewhere.offset) = guest_byte(elsewhere.gfn,
							   elsewhere.offset);
}

static void reads_and_writes(struct gprobe_client *client)
{
	static const struct place elsewhere = { 8, 0x80 };
	struct gprobe_fake_insn insn = insn_at(0, elsewhere);
	struct gprobe_stats stats;
	uint32_t view, access;

	session_claim(client, &guest, place, GPROBE_STEP_EMULATE);
	view = tap_view(client);
	is(shown(view, place.gfn, place.offset, &access), INT3,
	   "its view shows the INT3");
	is(access, GPROBE_XEN_ACCESS_X, "its page can only be executed there");
	insn.load_bytes = 1;
	insn.load_gfn = place.gfn;
	insn.load_offset = place.offset;
	insn = run(insn);
	is(insn.value, guest_byte(place.gfn, place.offset),
	   "the guest reads its own byte where the INT3 is");
	insn = insn_at(0, elsewhere);
	insn.store_bytes = 2;
	insn.store_gfn = place.gfn;
	insn.store_offset = place.offset;
	insn.value = 0x4321;
	run(insn);
	is(*own(place.gfn, place.offset), 0x21, "a store under the INT3 is done");
	is(shown(view, place.gfn, place.offset, &access), INT3,
	   "the INT3 is there after a store");
	is(shown(view, place.gfn, place.offset + 1, &access), 0x43,
	   "what was stored beside it is shown");
	insn = run(insn_at(1, place));
	is(insn.executed[0], 0x21, "what was stored is executed");
	stats = session_stats(client, &guest);
	is(stats.reads, 1, "the read is counted");
	is(stats.writes, 1, "the write is counted");
	*own(place.gfn, place.offset) = guest_byte(place.gfn, place.offset);
	*own(place.gfn, place.offset + 1) = guest_byte(place.gfn,
						       place.offset + 1);
}

static void no_emulation(struct gprobe_client *client)
{
	uint32_t claim = session_claim(client, &guest, place,
				       GPROBE_STEP_EMULATE);
	struct gprobe_fake_insn insn;
	int i;

	for (i = 0; i < 10; i++) {
		insn = insn_at(0, place);
		insn.flags = GPROBE_FAKE_NO_EMULATION;
		insn = run(insn);
		if (insn.how != GPROBE_FAKE_NATIVE ||
		    insn.executed[0] != guest_byte(place.gfn, place.offset))
			break;
	}
	is(i, 10, "what Xen cannot emulate is executed");
	is(session_hits(client, claim), 10, "each time it is one hit");
	is(session_stats(client, &guest).emul_failed, 1,
	   "that Xen cannot is remembered");
}

static void filters(struct gprobe_client *client)
{
	struct gprobe_claim_spec spec = claim_at(&guest, place);
	struct gprobe_claim_info info;
	uint32_t user, first, two;
	struct gprobe_fake_insn insn;
	int i;

	spec.cpls = 1 << 3;
	user = session_claim_spec(client, &spec);
	spec.cpls = 0;
	spec.vcpus[0] = 1;
	first = session_claim_spec(client, &spec);
	spec.vcpus[0] = 0;
	spec.root = vcpu_root(1);
	spec.off_after = 2;
	two = session_claim_spec(client, &spec);
	for (i = 0; i < 8; i++) {
		insn = insn_at(i % 2, place);
		if (i < 3)
			insn.regs.ss = 3 << GPROBE_XEN_SEG_DPL_SHIFT;
		run(insn);
	}
	is(session_hits(client, user), 3, "a claim of CPL 3 has its hits");
	is(session_hits(client, first), 4, "a claim of vCPU 0 has its hits");
	info = session_claim_info(client, two);
	is(info.hits, 2, "a claim that is off after two hits has two");
	ok(info.off, "it is off");
}

static void with_session(void (*what)(struct gprobe_client *client),
			 const char *name)
{
	struct gprobe_client *client = session_open(&guest);

	what(client);
	gprobe_client_close(client);
	check_as_found(&guest, name);
}

int main(void)
{
	guest_open(&guest, 1, 2);
	with_session(own_int3, "INT3s of its own");
	with_session(reads_and_writes, "reads and writes");
	with_session(no_emulation, "no emulation");
	with_session(filters, "filters");
	guest_close(&guest);
	return tap_end();
}
