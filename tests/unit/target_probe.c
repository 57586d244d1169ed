// SPDX-License-Identifier: GPL-2.0
/* target_arm() and what follows it: probes that follow their pages. */
#include "../../user/tool/target.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../user/tool/hits.h"
#include "fake_bpf.h"
#include "fake_module.h"
#include "fake_peer.h"
#include "fake_xen.h"
#include "unit.h"

#define DOMID		3
#define VIEW		2
#define ROOT		0x1000ULL
#define OTHER_ROOT	0x5000ULL
#define GVA		0x7f0000005123ULL
#define PRESENT		1ULL
#define CODE_GFN	0x20ULL

/* A guest with one way of tables, and one more root that shares it. */
struct lab {
	struct target target;
	struct gprobe_probe *probes;
	struct target_hits hits[3];
	struct fake_module module;
	struct unit_stderr said;
};

static uint64_t *entry(uint64_t root, unsigned int level)
{
	uint64_t *table = fake_xen_frame(level ? 1 + level : root / 4096);

	return &table[GVA >> (39 - 9 * level) & 511];
}

static void make_tables(void)
{
	unsigned int level;

	for (level = 0; level < 3; level++) {
		*entry(ROOT, level) = (2 + level) * 4096ULL | PRESENT;
		*entry(OTHER_ROOT, level) = (2 + level) * 4096ULL | PRESENT;
	}
	*entry(ROOT, 3) = CODE_GFN * 4096 | PRESENT;
	/* nop */
	memset(fake_xen_frame(CODE_GFN), 0x90, 4096);
	/* mov $0x11223344,%eax */
	memcpy((char *)fake_xen_frame(CODE_GFN + 1) + (GVA & 0xfff),
	       "\xb8\x44\x33\x22\x11", 5);
}

static void set_probe(struct lab *lab, size_t index, uint64_t root)
{
	lab->probes[index] = (struct gprobe_probe){
		.gva = GVA, .root = root, .gfn = CODE_GFN,
		.frame_offset = GVA & 0xfff,
	};
	snprintf(lab->probes[index].text, sizeof(lab->probes[index].text),
		 "probe%zu", index);
	lab->target.places[index].probe = index;
	lab->target.nr_probes = index + 1;
	lab->target.nr_places = index + 1;
}

static struct lab *set_up(void)
{
	struct lab *lab = calloc(1, sizeof(*lab));

	fake_xen_reset();
	fake_xen_add(DOMID, "guest", XEN_DOMINF_hvm_guest);
	fake_xen_long_mode();
	make_tables();
	peer_reset();
	peer_family();
	ck_assert_int_eq(gprobe_host_open(&lab->target.host, NULL), 0);
	ck_assert_int_eq(gprobe_client_open(&lab->target.client), 0);
	peer_serve(module_serve, &lab->module);
	lab->module.view = VIEW;
	lab->target.view = VIEW;
	lab->target.ops = &target_xen;
	lab->target.name = "guest";
	lab->target.guest.domid = DOMID;
	lab->probes = calloc(3, sizeof(*lab->probes));
	lab->target.places = calloc(3, sizeof(*lab->target.places));
	lab->target.probes = lab->probes;
	/* What it says. */
	unit_listen(&lab->said);
	return lab;
}

static void tear_down(struct lab *lab)
{
	lab->target.ops->close(&lab->target);
	unit_unlisten(&lab->said);
	free(lab);
}

static const struct fake_claim *claim_of(const struct lab *lab,
					 uint64_t cookie)
{
	unsigned int i;

	for (i = 0; i < MODULE_CLAIMS; i++)
		if (lab->module.claims[i].used &&
		    lab->module.claims[i].cookie == cookie)
			return &lab->module.claims[i];
	return NULL;
}

/* A vCPU has stored to the last entry, and is served. */
static void store(struct lab *lab, uint64_t value)
{
	static uint64_t seq;
	bool more;

	*entry(ROOT, 3) = value;
	module_upcall(GPROBE_CMD_UPCALL_NTF, &(struct gprobe_upcall){
		.domid = DOMID, .seq = ++seq, .view = VIEW, .gfn = 4,
		.reason = GPROBE_UPCALL_REASON_TABLE,
		.index = GVA >> 12 & 511,
	});
	ck_assert_int_eq(lab->target.ops->serve(&lab->target, &more), 0);
	ck_assert(!more);
	ck_assert_uint_eq(lab->module.replied[lab->module.nr_replied - 1],
			  seq);
}

START_TEST(probes_are_claims_with_their_root_and_number)
{
	struct lab *lab = set_up();

	set_probe(lab, 0, ROOT);
	set_probe(lab, 1, OTHER_ROOT);
	set_probe(lab, 2, 0);
	ck_assert_int_eq(target_arm(&lab->target), 0);
	ck_assert_str_eq(unit_said(&lab->said), "");
	ck_assert_uint_eq(lab->module.nr_claims, 3);
	ck_assert_uint_eq(claim_of(lab, 0)->root, ROOT);
	ck_assert_uint_eq(claim_of(lab, 1)->root, OTHER_ROOT);
	ck_assert_uint_eq(claim_of(lab, 2)->root, 0);
	ck_assert_uint_eq(claim_of(lab, 2)->gfn, CODE_GFN);
	ck_assert_uint_eq(claim_of(lab, 2)->step, GPROBE_STEP_SKIP);
	ck_assert_uint_eq(claim_of(lab, 2)->insn_bytes, 1);
	tear_down(lab);
}
END_TEST

START_TEST(a_failure_that_has_gone_by_is_none)
{
	struct lab *lab = set_up();

	set_probe(lab, 0, 0);
	set_probe(lab, 1, 0);
	lab->probes[1].gva += 4096;
	lab->probes[1].gfn++;
	module_fail(&lab->module, GPROBE_CMD_CLAIM_NEW, -EIO, 1);
	ck_assert_int_eq(target_arm(&lab->target), 0);
	ck_assert_str_eq(unit_said(&lab->said), "");
	tear_down(lab);
}
END_TEST

START_TEST(probes_that_fetch_nothing_need_no_symbols)
{
	struct gprobe_fetch *none[2] = { NULL, NULL };
	struct target target = { .fetches = none, .nr_probes = 2 };

	ck_assert(!target_names(&target));
}
END_TEST

START_TEST(what_all_claims_of_a_probe_counted_is_its_count)
{
	struct lab *lab = set_up();

	set_probe(lab, 0, ROOT);
	ck_assert_int_eq(target_arm(&lab->target), 0);
	lab->module.claims[0].hits = 100;
	store(lab, 0);
	ck_assert_uint_eq(lab->module.nr_claims, 0);
	lab->target.ops->hits(&lab->target, lab->hits);
	ck_assert(lab->hits[0].known);
	ck_assert_uint_eq(lab->hits[0].hits, 100);
	/* Back, elsewhere, where another instruction stands. */
	store(lab, (CODE_GFN + 1) * 4096 | PRESENT);
	ck_assert_uint_eq(claim_of(lab, 0)->gfn, CODE_GFN + 1);
	ck_assert_uint_eq(claim_of(lab, 0)->step, 0);
	lab->module.claims[0].hits = 20;
	lab->target.ops->hits(&lab->target, lab->hits);
	ck_assert_uint_eq(lab->hits[0].hits, 120);
	/* Moved. */
	store(lab, CODE_GFN * 4096 | PRESENT);
	lab->module.claims[0].hits = 3;
	target_disarm(&lab->target, lab->hits);
	ck_assert_uint_eq(lab->module.nr_claims, 0);
	ck_assert(lab->hits[0].known);
	ck_assert_uint_eq(lab->hits[0].hits, 123);
	tear_down(lab);
}
END_TEST

START_TEST(a_probe_whose_page_is_missing_is_said_and_waits)
{
	struct lab *lab = set_up();

	*entry(ROOT, 3) = 0;
	set_probe(lab, 0, ROOT);
	lab->probes[0].gfn = GPROBE_PROBE_NO_GFN;
	ck_assert_int_eq(target_arm(&lab->target), 0);
	ck_assert_ptr_nonnull(strstr(unit_said(&lab->said),
			"probe 'probe0': nothing is mapped at 0x7f0000005123 yet"));
	ck_assert_uint_eq(lab->module.nr_claims, 0);
	lab->target.ops->hits(&lab->target, lab->hits);
	ck_assert(lab->hits[0].known);
	ck_assert_uint_eq(lab->hits[0].hits, 0);
	store(lab, CODE_GFN * 4096 | PRESENT);
	ck_assert_uint_eq(claim_of(lab, 0)->gfn, CODE_GFN);
	ck_assert_uint_eq(lab->module.claims_at_reply, 1);
	tear_down(lab);
}
END_TEST

START_TEST(a_page_that_went_before_it_was_armed_is_no_place)
{
	struct lab *lab = set_up();

	set_probe(lab, 0, ROOT);
	/* Between resolving and arming. */
	*entry(ROOT, 3) = (CODE_GFN + 1) * 4096 | PRESENT;
	ck_assert_int_eq(target_arm(&lab->target), 0);
	ck_assert_uint_eq(claim_of(lab, 0)->gfn, CODE_GFN + 1);
	tear_down(lab);
}
END_TEST

START_TEST(a_probe_of_all_roots_follows_the_kernels_root_alone)
{
	struct lab *lab = set_up();

	lab->target.kernel_root = ROOT;
	set_probe(lab, 0, 0);
	ck_assert_int_eq(target_arm(&lab->target), 0);
	ck_assert_uint_eq(claim_of(lab, 0)->root, 0);
	store(lab, (CODE_GFN + 1) * 4096 | PRESENT);
	ck_assert_uint_eq(claim_of(lab, 0)->gfn, CODE_GFN + 1);
	ck_assert_uint_eq(claim_of(lab, 0)->root, 0);
	tear_down(lab);
	/* Without one it is placed once, and nothing is watched for it. */
	lab = set_up();
	set_probe(lab, 0, 0);
	ck_assert_int_eq(target_arm(&lab->target), 0);
	ck_assert_uint_eq(claim_of(lab, 0)->gfn, CODE_GFN);
	ck_assert_uint_eq(lab->module.watched[4][(GVA >> 12 & 511) / 8], 0);
	store(lab, 0);
	ck_assert_uint_eq(claim_of(lab, 0)->gfn, CODE_GFN);
	tear_down(lab);
	/* So it is where the kernel's root has another page. */
	lab = set_up();
	lab->target.kernel_root = ROOT;
	set_probe(lab, 0, 0);
	*entry(ROOT, 3) = (CODE_GFN + 1) * 4096 | PRESENT;
	ck_assert_int_eq(target_arm(&lab->target), 0);
	ck_assert_uint_eq(claim_of(lab, 0)->gfn, CODE_GFN);
	tear_down(lab);
}
END_TEST

START_TEST(a_root_without_memory_is_one_clear_line)
{
	struct lab *lab = set_up();

	set_probe(lab, 0, 0x3f000);
	fake_xen.missing_gfn = 0x3f;
	fake_xen.page_errno = ENOENT;
	ck_assert_int_eq(target_arm(&lab->target), 1);
	ck_assert_str_eq(unit_said(&lab->said),
		"gprobe: probe 'probe0': 0x3f000 is no root: the guest has no memory there\n");
	tear_down(lab);
}
END_TEST

START_TEST(a_claim_that_the_module_refuses_is_one_clear_line)
{
	struct lab *lab = set_up();

	set_probe(lab, 0, ROOT);
	set_probe(lab, 1, OTHER_ROOT);
	module_fail(&lab->module, GPROBE_CMD_CLAIM_NEW, -ENOMEM, 100);
	ck_assert_int_eq(target_arm(&lab->target), 1);
	ck_assert_str_eq(unit_said(&lab->said),
		"gprobe: probe 'probe0': Cannot allocate memory\n");
	ck_assert_uint_eq(lab->module.nr_claims, 0);
	lab->module.fail_times = 0;
	tear_down(lab);
	lab = set_up();
	set_probe(lab, 0, 0);
	module_fail(&lab->module, GPROBE_CMD_CLAIM_NEW, -ESHUTDOWN, 1);
	ck_assert_int_eq(target_arm(&lab->target), 1);
	ck_assert_ptr_nonnull(strstr(unit_said(&lab->said), "domain 'guest': "));
	tear_down(lab);
}
END_TEST

START_TEST(counts_that_cannot_be_had_are_not_known)
{
	struct lab *lab = set_up();

	set_probe(lab, 0, ROOT);
	ck_assert_int_eq(target_arm(&lab->target), 0);
	/* The list is refused. */
	peer_serve(NULL, NULL);
	lab->target.ops->hits(&lab->target, lab->hits);
	ck_assert(!lab->hits[0].known);
	peer_serve(module_serve, &lab->module);
	lab->target.ops->hits(&lab->target, lab->hits);
	ck_assert(lab->hits[0].known);
	ck_assert_uint_eq(lab->hits[0].hits, 1);
	tear_down(lab);
}
END_TEST

START_TEST(who_waits_for_a_reader_serves_meanwhile)
{
	struct lab *lab = set_up();
	int fds[2];

	set_probe(lab, 0, ROOT);
	ck_assert_int_eq(target_arm(&lab->target), 0);
	ck_assert_int_eq(pipe(fds), 0);
	*entry(ROOT, 3) = (CODE_GFN + 1) * 4096 | PRESENT;
	module_upcall(GPROBE_CMD_UPCALL_NTF, &(struct gprobe_upcall){
		.domid = DOMID, .seq = 5, .view = VIEW, .gfn = 4,
		.reason = GPROBE_UPCALL_REASON_TABLE,
		.index = GVA >> 12 & 511,
	});
	target_wait(&lab->target, fds[1]);
	ck_assert_uint_eq(lab->module.nr_replied, 1);
	ck_assert_uint_eq(claim_of(lab, 0)->gfn, CODE_GFN + 1);
	/* A reader that is gone is told by writing. */
	close(fds[0]);
	target_wait(&lab->target, fds[1]);
	close(fds[1]);
	tear_down(lab);
}
END_TEST

START_TEST(changes_that_were_missed_are_said)
{
	struct lab *lab = set_up();

	set_probe(lab, 0, ROOT);
	ck_assert_int_eq(target_arm(&lab->target), 0);
	target_say_missed(&lab->target);
	ck_assert_str_eq(unit_said(&lab->said), "");
	module_upcall(GPROBE_CMD_UPCALL_TIMEOUT_NTF, &(struct gprobe_upcall){
		.domid = DOMID, .seq = 5, .view = VIEW, .gfn = 4,
		.reason = GPROBE_UPCALL_REASON_TABLE,
		.index = GVA >> 12 & 511,
	});
	target_disarm(&lab->target, lab->hits);
	target_say_missed(&lab->target);
	ck_assert_ptr_nonnull(strstr(unit_said(&lab->said),
		"1 changes of page tables were seen to too late"));
	tear_down(lab);
}
END_TEST

START_TEST(claims_have_the_filters_and_limits)
{
	struct lab *lab = set_up();

	lab->target.wanted = (struct gprobe_claim_spec){
		.cpls = 8, .rate = 5, .off_after = 10, .vcpus = { 3 },
	};
	set_probe(lab, 0, ROOT);
	ck_assert_int_eq(target_arm(&lab->target), 0);
	ck_assert_uint_eq(claim_of(lab, 0)->action, GPROBE_ACTION_COUNT);
	ck_assert_uint_eq(claim_of(lab, 0)->cpls, 8);
	ck_assert_uint_eq(claim_of(lab, 0)->rate, 5);
	ck_assert_uint_eq(claim_of(lab, 0)->off_after, 10);
	ck_assert_uint_eq(claim_of(lab, 0)->vcpus, 3);
	/* Hits that nobody was told of, of a page that went, and now. */
	lab->module.claims[0].limited = 7;
	store(lab, 0);
	store(lab, CODE_GFN * 4096 | PRESENT);
	lab->module.claims[0].limited = 4;
	lab->target.ops->hits(&lab->target, lab->hits);
	ck_assert_uint_eq(lab->hits[0].limited, 11);
	tear_down(lab);
}
END_TEST

START_TEST(what_is_asked_of_a_return_is_not_asked_of_the_entry)
{
	struct lab *lab = set_up();

	lab->target.wanted = (struct gprobe_claim_spec){
		.cpls = 8, .rate = 5, .off_after = 10, .vcpus = { 3 },
	};
	set_probe(lab, 0, ROOT);
	set_probe(lab, 1, OTHER_ROOT);
	lab->target.nr_probes = 1;
	lab->target.places[0].role = CALL_ENTRY;
	lab->target.places[1] = (struct call_place){ 0, CALL_EXIT };
	ck_assert_int_eq(target_arm(&lab->target), 0);
	ck_assert_uint_eq(claim_of(lab, 0)->cpls, 8);
	ck_assert_uint_eq(claim_of(lab, 0)->rate, 0);
	ck_assert_uint_eq(claim_of(lab, 0)->off_after, 0);
	ck_assert_uint_eq(claim_of(lab, 0)->vcpus, 0);
	ck_assert_uint_eq(claim_of(lab, 1)->cpls, 8);
	ck_assert_uint_eq(claim_of(lab, 1)->rate, 5);
	ck_assert_uint_eq(claim_of(lab, 1)->off_after, 0);
	ck_assert_uint_eq(claim_of(lab, 1)->vcpus, 3);
	tear_down(lab);
}
END_TEST

START_TEST(what_is_asked_of_a_probe_goes_before_what_is_asked_of_all)
{
	struct lab *lab = set_up();

	lab->target.wanted = (struct gprobe_claim_spec){
		.rate = 5, .off_after = 10,
	};
	set_probe(lab, 0, ROOT);
	set_probe(lab, 1, OTHER_ROOT);
	lab->probes[0].rate = 9;
	lab->probes[0].off_after = 3;
	/* The end of all comes before. */
	lab->probes[1].off_after = 20;
	ck_assert_int_eq(target_arm(&lab->target), 0);
	ck_assert_uint_eq(claim_of(lab, 0)->rate, 9);
	ck_assert_uint_eq(claim_of(lab, 0)->off_after, 3);
	ck_assert_uint_eq(claim_of(lab, 1)->rate, 5);
	ck_assert_uint_eq(claim_of(lab, 1)->off_after, 10);
	tear_down(lab);
}
END_TEST

static int keep_hit(void *arg, const struct hit *hit)
{
	struct hit *kept = arg;

	*kept = *hit;
	return 0;
}

START_TEST(a_probe_that_counts_tells_of_no_hit)
{
	struct gprobe_fetch *fetches[2];
	struct lab *lab = set_up();
	struct hit kept = { .probe = UINT32_MAX };
	struct hits hits = { .on_hit = keep_hit, .arg = &kept };

	fake_bpf_reset();
	ck_assert_int_eq(gprobe_fetch_parse("", &fetches[0], NULL), 0);
	fetches[1] = fetches[0];
	set_probe(lab, 0, ROOT);
	set_probe(lab, 1, OTHER_ROOT);
	lab->probes[0].action = GPROBE_ACTION_COUNT;
	lab->probes[0].off_after = 40;
	lab->target.wanted.off_after = 10;
	lab->target.wanted.rate = 5;
	lab->target.fetches = calloc(1, sizeof(fetches));
	memcpy(lab->target.fetches, fetches, sizeof(fetches));
	lab->target.hits = &hits;
	ck_assert_int_eq(hits_open(&hits, &lab->target, 0), 0);
	ck_assert_int_eq(target_arm(&lab->target), 0);
	ck_assert_uint_eq(claim_of(lab, 0)->action, GPROBE_ACTION_COUNT);
	ck_assert_uint_eq(claim_of(lab, 0)->off_after, 40);
	ck_assert_uint_eq(claim_of(lab, 0)->rate, 0);
	ck_assert_uint_eq(claim_of(lab, 1)->action, GPROBE_ACTION_RECORD);
	ck_assert_uint_eq(claim_of(lab, 1)->off_after, 10);
	tear_down(lab);
	hits_close(&hits);
	gprobe_fetch_free(fetches[0]);
}
END_TEST

START_TEST(a_vcpu_waits_only_where_memory_is_fetched)
{
	struct gprobe_fetch *fetches[2];
	struct lab *lab = set_up();
	struct hit kept = { .probe = UINT32_MAX };
	struct hits hits = { .on_hit = keep_hit, .arg = &kept };
	bool more;

	fake_bpf_reset();
	ck_assert_int_eq(gprobe_fetch_parse("%di", &fetches[0], NULL), 0);
	ck_assert_int_eq(gprobe_fetch_parse("+0(%di):u8", &fetches[1], NULL),
			 0);
	set_probe(lab, 0, ROOT);
	set_probe(lab, 1, OTHER_ROOT);
	lab->target.fetches = calloc(1, sizeof(fetches));
	memcpy(lab->target.fetches, fetches, sizeof(fetches));
	lab->target.hits = &hits;
	ck_assert_int_eq(hits_open(&hits, &lab->target, 0), 0);
	ck_assert_int_eq(lab->target.ops->open_hits(&lab->target), 0);
	ck_assert_uint_eq(fake_bpf.rodata[0], PEER_PORTID);
	ck_assert_int_eq(target_arm(&lab->target), 0);
	ck_assert_uint_eq(claim_of(lab, 0)->action, GPROBE_ACTION_RECORD);
	ck_assert_uint_eq(claim_of(lab, 1)->action, GPROBE_ACTION_UPCALL);
	module_upcall(GPROBE_CMD_UPCALL_NTF, &(struct gprobe_upcall){
		.domid = DOMID, .seq = 77, .vcpu = 1, .cookie = 1,
		.reason = GPROBE_UPCALL_REASON_HIT,
		/* It does not page. */
		.regs = { .rdi = CODE_GFN * 4096, .rip = GVA },
	});
	ck_assert_int_eq(lab->target.ops->serve(&lab->target, &more), 0);
	ck_assert_uint_eq(lab->module.replied[0], 77);
	ck_assert_uint_le(lab->module.verdicts[0], GPROBE_VERDICT_CONTINUE);
	ck_assert_int_eq(hits_read_all(&hits), 0);
	ck_assert_uint_eq(kept.probe, 1);
	ck_assert_uint_eq(kept.vcpu, 1);
	ck_assert_uint_eq(kept.gva, GVA);
	ck_assert_uint_eq(kept.values_bytes, 9);
	tear_down(lab);
	hits_close(&hits);
	gprobe_fetch_free(fetches[0]);
	gprobe_fetch_free(fetches[1]);
}
END_TEST

Suite *target_probe_suite(void)
{
	return UNIT_SUITE("target_probe",
		probes_are_claims_with_their_root_and_number,
		a_failure_that_has_gone_by_is_none,
		probes_that_fetch_nothing_need_no_symbols,
		what_all_claims_of_a_probe_counted_is_its_count,
		a_probe_whose_page_is_missing_is_said_and_waits,
		a_page_that_went_before_it_was_armed_is_no_place,
		a_probe_of_all_roots_follows_the_kernels_root_alone,
		a_root_without_memory_is_one_clear_line,
		a_claim_that_the_module_refuses_is_one_clear_line,
		counts_that_cannot_be_had_are_not_known,
		who_waits_for_a_reader_serves_meanwhile,
		changes_that_were_missed_are_said,
		claims_have_the_filters_and_limits,
		what_is_asked_of_a_return_is_not_asked_of_the_entry,
		what_is_asked_of_a_probe_goes_before_what_is_asked_of_all,
		a_probe_that_counts_tells_of_no_hit,
		a_vcpu_waits_only_where_memory_is_fetched);
}
