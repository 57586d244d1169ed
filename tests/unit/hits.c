// SPDX-License-Identifier: GPL-2.0
/* Hits from a ring and of vCPUs that wait: in order, whole, or counted as lost. */
#include "../../user/tool/hits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../user/tool/clock.h"
#include "../../user/tool/filter.h"
#include "../../user/tool/number.h"
#include "fake_bpf.h"
#include "fake_clock.h"
#include "unit.h"

#define PROBES		4
#define PLACES		6
#define SESSION		5

/* Places of the fourth probe, which is of a return. */
#define ENTRY		3
#define EXIT		4
#define MAYBE		5

/* A guest that does not page: the gpa 0x1000 on, 8 KiB. */
#define MEMORY		0x1000ULL

struct lab {
	struct hits hits;
	struct target target;
	struct target_ops ops;
	struct gprobe_driver_ops driver_ops;
	struct gprobe_probe probes[PLACES];
	struct call_place places[PLACES];
	struct gprobe_fetch *fetches[PROBES];
	char memory[8192];
	/* What came. */
	struct hit seen[64];
	uint64_t numbers[64];
	unsigned int nr_seen;
	/* Add a hit at the first. */
	bool add_more;
	int status;
};

static int read_frame(void *arg, uint64_t gfn, uint32_t offset, void *buffer,
		      size_t bytes)
{
	const struct lab *lab = arg;
	uint64_t at = gfn * 4096 + offset - MEMORY;

	if (at >= sizeof(lab->memory))
		return -ENXIO;
	memcpy(buffer, lab->memory + at, bytes);
	return 0;
}

static uint64_t lost(struct target *target)
{
	(void)target;
	return 2;
}

/* A vCPU of ours waits at probe 2, which fetches memory. */
static void add(struct lab *lab, uint64_t probe)
{
	const struct gprobe_regs regs = {
		.rdi = MEMORY, .rip = 0x1234, .cr3 = 0x10a018, .cpl = 3,
	};

	hits_add(&lab->hits, probe, 1, &regs);
}

static int on_hit(void *arg, const struct hit *hit)
{
	struct lab *lab = arg;
	struct gprobe_fetch_cursor cursor = {
		.at = hit->values,
		.end = (const char *)hit->values + hit->values_bytes,
	};
	struct gprobe_fetch_value value;

	if (gprobe_fetch_next(lab->fetches[hit->probe], &cursor, &value) == 1)
		lab->numbers[lab->nr_seen] = value.number;
	unit_assert(lab->nr_seen < ARRAY_SIZE(lab->seen));
	lab->seen[lab->nr_seen++] = *hit;
	if (lab->add_more && lab->nr_seen == 1)
		add(lab, 2);
	return lab->status;
}

static struct lab *set_up(uint32_t buffer_kib)
{
	static const char *const texts[PROBES] = {
		"", "%ax", "+0(%di):u8", "%ax",
	};
	struct lab *lab = calloc(1, sizeof(*lab));
	size_t i;

	fake_bpf_reset();
	fake_clock_at_ns = NUMBER_NS_PER_S;
	for (i = 0; i < PROBES; i++)
		ck_assert_int_eq(gprobe_fetch_parse(texts[i], &lab->fetches[i],
						    NULL), 0);
	for (i = 0; i < PROBES; i++)
		lab->places[i].probe = i;
	lab->places[ENTRY] = (struct call_place){ ENTRY, CALL_ENTRY };
	lab->places[EXIT] = (struct call_place){ ENTRY, CALL_EXIT };
	lab->places[MAYBE] = (struct call_place){ ENTRY, CALL_MAYBE };
	lab->probes[ENTRY].gva = 0x1234;
	lab->driver_ops.read = read_frame;
	lab->ops.lost = lost;
	lab->target = (struct target){
		.ops = &lab->ops, .probes = lab->probes,
		.fetches = lab->fetches, .nr_probes = PROBES,
		.places = lab->places, .nr_places = PLACES,
		.driver = { &lab->driver_ops, lab },
	};
	lab->hits.on_hit = on_hit;
	lab->hits.arg = lab;
	ck_assert_int_eq(hits_open(&lab->hits, &lab->target, buffer_kib), 0);
	ck_assert_int_eq(hits_record(&lab->hits, SESSION), 0);
	return lab;
}

static void tear_down(struct lab *lab)
{
	size_t i;

	hits_close(&lab->hits);
	fake_clock_at_ns = 0;
	ck_assert_int_eq(fake_bpf.nr_rings, 0);
	for (i = 0; i < PROBES; i++)
		gprobe_fetch_free(lab->fetches[i]);
	free(lab);
}

static void put_record(uint64_t time_ns, uint64_t probe, uint64_t rax)
{
	const struct gprobe_record record = {
		.time_ns = time_ns, .cookie = probe, .vcpu = 7,
		.regs = { .rax = rax, .rip = 0x1000, .cr3 = 0x20b005, .cpl = 0 },
	};

	fake_bpf.record_bytes = sizeof(record);
	memcpy(fake_bpf.records[fake_bpf.nr_records++], &record,
	       sizeof(record));
}

static int read_some(struct lab *lab)
{
	int wait_ms = -1;
	int status = hits_read_some(&lab->hits, &wait_ms);

	ck_assert_int_eq(wait_ms, -1);
	return status;
}

START_TEST(a_record_is_a_hit_with_its_registers)
{
	struct lab *lab = set_up(0);
	const struct hit *hit = lab->seen;

	ck_assert_uint_eq(fake_bpf.rodata[0], SESSION);
	ck_assert_uint_eq(fake_bpf.max_entries.records, 4 << 20);
	ck_assert_int_eq(hits_fd(&lab->hits), 77);
	ck_assert_int_eq(read_some(lab), 0);
	ck_assert_uint_eq(lab->nr_seen, 0);
	put_record(100, 1, 55);
	put_record(101, 0, 66);
	ck_assert_int_eq(read_some(lab), 0);
	ck_assert_uint_eq(lab->nr_seen, 2);
	ck_assert_uint_eq(hit->time_ns, 100);
	ck_assert_uint_eq(hit->root, 0x20b000);
	ck_assert_uint_eq(hit->gva, 0x1000);
	ck_assert_uint_eq(hit->probe, 1);
	ck_assert_uint_eq(hit->vcpu, 7);
	ck_assert_uint_eq(hit->cpl, 0);
	ck_assert_uint_eq(lab->numbers[0], 55);
	ck_assert_uint_eq(hit[1].probe, 0);
	ck_assert_uint_eq(hit[1].values_bytes, 0);
	tear_down(lab);
}
END_TEST

START_TEST(what_a_vcpu_has_while_it_waits_is_what_is_shown)
{
	struct lab *lab = set_up(0);
	uint64_t before_ns = clock_now_ns(CLOCK_MONOTONIC);

	lab->memory[0] = 1;
	add(lab, 2);
	/* It goes on, and writes it over. */
	lab->memory[0] = 2;
	add(lab, 2);
	lab->memory[0] = 3;
	ck_assert_int_eq(read_some(lab), 0);
	ck_assert_uint_eq(lab->nr_seen, 2);
	ck_assert_uint_eq(lab->numbers[0], 1);
	ck_assert_uint_eq(lab->numbers[1], 2);
	ck_assert_uint_ge(lab->seen[0].time_ns, before_ns);
	ck_assert_uint_ge(lab->seen[1].time_ns, lab->seen[0].time_ns);
	ck_assert_uint_eq(lab->seen[0].root, 0x10a000);
	ck_assert_uint_eq(lab->seen[0].gva, 0x1234);
	ck_assert_uint_eq(lab->seen[0].vcpu, 1);
	ck_assert_uint_eq(lab->seen[0].cpl, 3);
	tear_down(lab);
}
END_TEST

START_TEST(hits_are_in_the_order_of_their_times)
{
	struct lab *lab = set_up(0);
	uint64_t later_ns = clock_now_ns(CLOCK_MONOTONIC) + 1000000000000ULL;
	unsigned int i;

	put_record(10, 0, 0);
	put_record(later_ns, 0, 0);
	/* The ring is read first, but what is in it came later, too. */
	add(lab, 2);
	put_record(9, 0, 0);
	put_record(later_ns - 1, 0, 0);
	put_record(later_ns, 1, 0);
	ck_assert_int_eq(read_some(lab), 0);
	ck_assert_uint_eq(lab->nr_seen, 6);
	for (i = 1; i < 6; i++)
		ck_assert_uint_ge(lab->seen[i].time_ns,
				  lab->seen[i - 1].time_ns);
	ck_assert_uint_eq(lab->seen[2].probe, 2);
	/* Of one time the first comes first. */
	ck_assert_uint_eq(lab->seen[4].probe, 0);
	ck_assert_uint_eq(lab->seen[5].probe, 1);
	tear_down(lab);
}
END_TEST

START_TEST(hits_that_come_while_others_are_read_are_not_left)
{
	struct lab *lab = set_up(0);

	lab->add_more = true;
	put_record(10, 0, 0);
	put_record(11, 0, 0);
	ck_assert_int_eq(read_some(lab), 0);
	ck_assert_uint_eq(lab->nr_seen, 3);
	ck_assert_uint_eq(lab->seen[2].probe, 2);
	tear_down(lab);
}
END_TEST

/* So some are left, for which it waits as long as it says. */
static void read_and_wait(struct lab *lab)
{
	int wait_ms = -1;

	ck_assert_int_eq(hits_read_some(&lab->hits, &wait_ms), 0);
	ck_assert_int_gt(wait_ms, 0);
	fake_clock_at_ns += wait_ms * NUMBER_NS_PER_MS;
}

START_TEST(hits_of_several_guests_are_in_one_order)
{
	struct lab *lab = set_up(0);
	uint64_t later_ns = clock_now_ns(CLOCK_MONOTONIC) + 1000000000000ULL;
	struct hits other = {
		.on_hit = on_hit, .arg = lab, .first_probe = PROBES - 2,
	};
	const struct gprobe_regs regs = { .rip = 0x5678 };

	ck_assert_int_eq(hits_open(&other, &lab->target, 0), 0);
	lab->hits.beside = &other;
	put_record(10, 1, 0);
	put_record(later_ns, 0, 0);
	hits_add(&other, 0, 1, &regs);
	add(lab, 2);
	hits_add(&other, 1, 1, &regs);
	/* One that was before it may be in the ring only now. */
	read_and_wait(lab);
	ck_assert_uint_eq(lab->nr_seen, 1);
	put_record(20, 0, 0);
	/* Before the one that is to come, others may come. */
	read_and_wait(lab);
	ck_assert_uint_eq(lab->nr_seen, 5);
	ck_assert_uint_eq(lab->seen[0].probe, 1);
	ck_assert_uint_eq(lab->seen[1].time_ns, 20);
	ck_assert_uint_eq(lab->seen[2].probe, PROBES - 2);
	ck_assert_uint_eq(lab->seen[2].gva, 0x5678);
	ck_assert_uint_eq(lab->seen[3].probe, 2);
	ck_assert_uint_eq(lab->seen[4].probe, PROBES - 1);
	/* None of all can come before it in the end. */
	ck_assert_int_eq(hits_read_all(&lab->hits), 0);
	ck_assert_uint_eq(lab->nr_seen, 6);
	ck_assert_uint_eq(lab->seen[5].time_ns, later_ns);
	hits_close(&other);
	tear_down(lab);
}
END_TEST

START_TEST(a_guest_with_many_hits_waits_for_the_others)
{
	struct lab *lab = set_up(0);
	struct hits other = { .on_hit = on_hit, .arg = lab };
	const struct gprobe_regs regs = { .rip = 0x5678 };
	unsigned int i;

	ck_assert_int_eq(hits_open(&other, &lab->target, 0), 0);
	lab->hits.beside = &other;
	/* As many as are read at once: there may be more in its ring. */
	for (i = 0; i < 64; i++)
		put_record(i, 0, 0);
	hits_add(&other, 0, 1, &regs);
	read_and_wait(lab);
	ck_assert_uint_eq(lab->nr_seen, 63);
	lab->nr_seen = 0;
	ck_assert_int_eq(read_some(lab), 0);
	ck_assert_uint_eq(lab->nr_seen, 2);
	ck_assert_uint_eq(lab->seen[0].time_ns, 63);
	ck_assert_uint_eq(lab->seen[1].gva, 0x5678);
	hits_close(&other);
	tear_down(lab);
}
END_TEST

START_TEST(what_finds_no_room_is_counted_and_no_more_is_lost)
{
	struct target_hits counts[PLACES] = {
		{ .hits = 3, .known = true },
		{ .hits = 0, .known = true },
		{ .hits = 1000, .limited = 100, .known = true },
	};
	struct lab *lab = set_up(4);
	struct hits_sum sum;
	unsigned int kept;

	for (kept = 0; !hits_no_room(&lab->hits); kept++)
		add(lab, 2);
	kept--;
	ck_assert_uint_gt(kept, 10);
	ck_assert_uint_lt(kept, 4096 / sizeof(struct hit));
	add(lab, 2);
	ck_assert_uint_eq(hits_no_room(&lab->hits), 2);
	/* The ring waits. */
	put_record(1, 0, 0);
	put_record(2, 0, 0);
	add(lab, 2);
	ck_assert_uint_eq(hits_no_room(&lab->hits), 3);
	ck_assert_int_eq(hits_read_all(&lab->hits), 0);
	ck_assert_uint_eq(lab->nr_seen, kept + 2);
	ck_assert_uint_eq(lab->hits.read[0], 2);
	ck_assert_uint_eq(lab->hits.read[2], kept);
	/* There is room again. */
	add(lab, 2);
	fake_bpf.bss[0] = 1;
	ck_assert_uint_eq(hits_no_room(&lab->hits), 4);
	ck_assert_int_eq(hits_read_all(&lab->hits), 0);
	ck_assert_uint_eq(lab->nr_seen, kept + 3);
	sum = hits_sum(&lab->hits, counts);
	ck_assert_uint_eq(sum.limited, 100);
	/* And two that the module has lost. */
	ck_assert_uint_eq(sum.lost, 3 - 2 + 900 - (kept + 1) + 2);
	/* Where it has no counts, what is known to be lost. */
	memset(counts, 0, sizeof(counts));
	sum = hits_sum(&lab->hits, counts);
	ck_assert_uint_eq(sum.lost, 4 + 2);
	tear_down(lab);
}
END_TEST

START_TEST(what_is_counted_alone_is_not_lost)
{
	struct target_hits counts[PLACES] = {
		{ .hits = 7, .known = true }, { .hits = 3, .known = true },
	};
	struct lab *lab = set_up(0);

	lab->probes[0].action = GPROBE_ACTION_COUNT;
	/* And two that the module has lost. */
	ck_assert_uint_eq(hits_sum(&lab->hits, counts).lost, 3 + 2);
	tear_down(lab);
}
END_TEST

START_TEST(what_does_not_want_more_ends_it)
{
	struct lab *lab = set_up(0);

	lab->status = 1;
	put_record(10, 0, 0);
	put_record(11, 0, 0);
	ck_assert_int_eq(hits_read_all(&lab->hits), 1);
	ck_assert_uint_eq(lab->nr_seen, 1);
	tear_down(lab);
}
END_TEST

START_TEST(hits_of_nobody_are_left_out)
{
	struct lab *lab = set_up(0);

	put_record(10, PLACES, 0);
	put_record(11, UINT64_MAX, 0);
	add(lab, PLACES);
	ck_assert_int_eq(hits_read_all(&lab->hits), 0);
	ck_assert_uint_eq(lab->nr_seen, 0);
	tear_down(lab);
}
END_TEST

/* --- calls and returns --- */

#define KERNEL_STACK	0xffffc90000100000ULL
#define USER_STACK	0x7ffff0000000ULL

static void put_call(uint64_t time_ns, uint64_t place, uint64_t rsp,
		     uint64_t root, uint64_t rax)
{
	const struct gprobe_record record = {
		.time_ns = time_ns, .cookie = place,
		.regs = { .rax = rax, .rsp = rsp, .cr3 = root },
	};

	fake_bpf.record_bytes = sizeof(record);
	memcpy(fake_bpf.records[fake_bpf.nr_records++], &record,
	       sizeof(record));
}

/* The hits are returns with these durations, as texts with blanks. */
static void check_durations(struct lab *lab, const char *expected)
{
	char got[256] = "";
	unsigned int i, used = 0;

	ck_assert_int_eq(hits_read_all(&lab->hits), 0);
	for (i = 0; i < lab->nr_seen; i++) {
		ck_assert_uint_eq(lab->seen[i].probe, ENTRY);
		if (lab->seen[i].duration_ns == HIT_NO_DURATION)
			used += sprintf(got + used, "? ");
		else
			used += sprintf(got + used, "%llu ", (unsigned long long)
					lab->seen[i].duration_ns);
	}
	ck_assert_str_eq(got, expected);
	lab->nr_seen = 0;
}

START_TEST(a_return_has_the_time_since_its_entry)
{
	struct lab *lab = set_up(0);

	put_call(100, ENTRY, KERNEL_STACK, 0x1000, 1);
	put_call(175, EXIT, KERNEL_STACK, 0x1000, 55);
	check_durations(lab, "75 ");
	ck_assert_uint_eq(lab->numbers[0], 55);
	put_call(200, EXIT, KERNEL_STACK, 0x1000, 0);
	check_durations(lab, "? ");
	/* By a jump that may stay in the function. */
	put_call(300, ENTRY, KERNEL_STACK, 0x1000, 0);
	put_call(310, MAYBE, KERNEL_STACK - 8, 0x1000, 0);
	put_call(320, MAYBE, KERNEL_STACK, 0x1000, 0);
	put_call(330, MAYBE, KERNEL_STACK, 0x1000, 0);
	check_durations(lab, "20 ");
	tear_down(lab);
}
END_TEST

START_TEST(calls_in_calls_have_their_own_times)
{
	struct lab *lab = set_up(0);
	unsigned int depth;

	for (depth = 0; depth < 5; depth++)
		put_call(100 + depth, ENTRY, KERNEL_STACK - 32 * depth, 0, 0);
	while (depth--)
		put_call(1000 - 50 * depth, EXIT, KERNEL_STACK - 32 * depth, 0,
			 0);
	check_durations(lab, "696 747 798 849 900 ");
	tear_down(lab);
}
END_TEST

START_TEST(threads_have_their_own_calls)
{
	struct lab *lab = set_up(0);

	/* Of a kernel, which one thread leaves under another root. */
	put_call(100, ENTRY, KERNEL_STACK, 0x1000, 0);
	put_call(101, ENTRY, KERNEL_STACK + 0x4000, 0x2000, 0);
	put_call(110, EXIT, KERNEL_STACK, 0x3000, 0);
	put_call(120, EXIT, KERNEL_STACK + 0x4000, 0x2018, 0);
	check_durations(lab, "10 19 ");
	/* Of two processes, whose stacks have one address. */
	put_call(200, ENTRY, USER_STACK, 0x1000, 0);
	put_call(210, ENTRY, USER_STACK, 0x2000, 0);
	put_call(220, EXIT, USER_STACK, 0x3000, 0);
	put_call(230, EXIT, USER_STACK, 0x1005, 0);
	put_call(240, EXIT, USER_STACK, 0x2000, 0);
	check_durations(lab, "? 30 30 ");
	tear_down(lab);
}
END_TEST

START_TEST(what_another_probe_reads_at_the_entry_is_not_in_the_time)
{
	struct lab *lab = set_up(0);
	uint64_t done_ns;

	put_call(100, ENTRY, 0, 0x10a000, 0);
	/* Other calls of it do not wait. */
	put_call(101, ENTRY, KERNEL_STACK, 0x10a000, 0);
	add(lab, 2);
	done_ns = clock_now_ns(CLOCK_MONOTONIC);
	put_call(done_ns + 10, EXIT, 0, 0x10a000, 0);
	put_call(done_ns + 20, EXIT, KERNEL_STACK, 0x10a000, 0);
	ck_assert_int_eq(hits_read_all(&lab->hits), 0);
	ck_assert_uint_eq(lab->nr_seen, 3);
	ck_assert_uint_eq(lab->seen[0].probe, 2);
	ck_assert_uint_ge(lab->seen[1].duration_ns, 10);
	ck_assert_uint_le(lab->seen[1].duration_ns,
			  done_ns + 10 - lab->seen[0].time_ns);
	ck_assert_uint_eq(lab->seen[2].duration_ns, done_ns + 20 - 101);
	tear_down(lab);
}
END_TEST

START_TEST(a_call_that_never_returns_gives_way_to_the_next)
{
	struct lab *lab = set_up(0);

	put_call(100, ENTRY, KERNEL_STACK, 0, 0);
	put_call(900, ENTRY, KERNEL_STACK, 0, 0);
	put_call(903, EXIT, KERNEL_STACK, 0, 0);
	check_durations(lab, "3 ");
	tear_down(lab);
}
END_TEST

START_TEST(where_hits_were_lost_no_duration_is_made_up)
{
	struct lab *lab = set_up(0);

	put_call(100, ENTRY, KERNEL_STACK, 0, 0);
	check_durations(lab, "");
	/* Its return and the next entry did not fit in. */
	fake_bpf.bss[0] = 2;
	put_call(500, EXIT, KERNEL_STACK, 0, 0);
	put_call(510, ENTRY, KERNEL_STACK, 0, 0);
	check_durations(lab, "? ");
	/* Where in the ring they would have been is not known. */
	put_call(520, EXIT, KERNEL_STACK, 0, 0);
	put_call(530, ENTRY, KERNEL_STACK, 0, 0);
	put_call(535, EXIT, KERNEL_STACK, 0, 0);
	check_durations(lab, "? 5 ");
	tear_down(lab);
}
END_TEST

START_TEST(returns_that_came_too_soon_are_left_out_and_counted)
{
	struct target_hits counts[PLACES] = { { .hits = 0 } };
	struct lab *lab = set_up(0);

	lab->hits.min_duration_ns = 50;
	put_call(100, EXIT, KERNEL_STACK, 0, 0);
	put_call(200, ENTRY, KERNEL_STACK, 0, 0);
	put_call(249, EXIT, KERNEL_STACK, 0, 0);
	put_call(300, ENTRY, KERNEL_STACK, 0, 0);
	put_call(350, EXIT, KERNEL_STACK, 0, 0);
	check_durations(lab, "50 ");
	ck_assert_uint_eq(hits_sum(&lab->hits, counts).limited, 2);
	put_call(400, 0, 0, 0, 0);
	ck_assert_int_eq(hits_read_all(&lab->hits), 0);
	ck_assert_uint_eq(lab->nr_seen, 1);
	tear_down(lab);
}
END_TEST

START_TEST(hits_that_do_not_match_are_left_out_and_counted)
{
	struct target_hits counts[PLACES] = { { .hits = 0 } };
	struct lab *lab = set_up(0);
	const struct filter_scope scope = {
		.probes = lab->probes, .fetches = lab->fetches,
		.nr_probes = PROBES, .nr_domains = 1,
	};
	struct filter *filter;

	ck_assert_int_eq(filter_parse("arg1 > 6 && probe != 'none'", &filter,
				      NULL), 0);
	ck_assert_int_eq(filter_bind(filter, &scope, NULL), 0);
	lab->hits.filter = filter;
	put_record(100, 1, 7);
	put_record(200, 1, 6);
	put_record(300, 0, 7);
	put_record(400, 1, 8);
	ck_assert_int_eq(hits_read_all(&lab->hits), 0);
	ck_assert_uint_eq(lab->nr_seen, 2);
	ck_assert_uint_eq(lab->numbers[0], 7);
	ck_assert_uint_eq(lab->numbers[1], 8);
	ck_assert_uint_eq(hits_sum(&lab->hits, counts).limited, 2);
	filter_free(filter);
	tear_down(lab);
}
END_TEST

Suite *hits_suite(void)
{
	return UNIT_SUITE("hits",
		a_record_is_a_hit_with_its_registers,
		what_a_vcpu_has_while_it_waits_is_what_is_shown,
		hits_are_in_the_order_of_their_times,
		hits_that_come_while_others_are_read_are_not_left,
		hits_of_several_guests_are_in_one_order,
		a_guest_with_many_hits_waits_for_the_others,
		what_finds_no_room_is_counted_and_no_more_is_lost,
		what_is_counted_alone_is_not_lost,
		what_does_not_want_more_ends_it,
		hits_of_nobody_are_left_out,
		a_return_has_the_time_since_its_entry,
		calls_in_calls_have_their_own_times,
		threads_have_their_own_calls,
		what_another_probe_reads_at_the_entry_is_not_in_the_time,
		a_call_that_never_returns_gives_way_to_the_next,
		where_hits_were_lost_no_duration_is_made_up,
		returns_that_came_too_soon_are_left_out_and_counted,
		hits_that_do_not_match_are_left_out_and_counted);
}
