// SPDX-License-Identifier: GPL-2.0
/* gprobe/record.h: how the program is loaded, and what comes out of its ring. */
#include <gprobe/record.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "fake_bpf.h"
#include "unit.h"

static struct gprobe_recorder *set_up(const struct gprobe_recorder_spec *spec)
{
	struct gprobe_recorder *recorder;
	struct gprobe_why why;

	fake_bpf_reset();
	ck_assert_int_eq(gprobe_recorder_open(&recorder, spec, &why), 0);
	ck_assert_int_eq(fake_bpf.nr_rings, 1);
	return recorder;
}

static void tear_down(struct gprobe_recorder *recorder)
{
	gprobe_recorder_close(recorder);
	ck_assert_int_eq(fake_bpf.nr_rings, 0);
}

/* Opening fails with @err and these words, and nothing stays open. */
static void fails(const struct gprobe_recorder_spec *spec, int err,
		  const char *words)
{
	struct gprobe_recorder *recorder = NULL;
	struct gprobe_why why;

	ck_assert_int_eq(gprobe_recorder_open(&recorder, spec, &why), err);
	unit_says(&why, words);
	ck_assert_int_eq(gprobe_recorder_open(&recorder, spec, NULL), err);
	ck_assert_ptr_null(recorder);
	ck_assert_int_eq(fake_bpf.nr_rings, 0);
}

START_TEST(the_program_gets_its_settings)
{
	const struct gprobe_recorder_spec spec = {
		.session = 0x80000001, .ring_bytes = 1 << 16,
		.wakeup_bytes = 5000, .max_claims = 7,
	};
	struct gprobe_recorder *recorder = set_up(&spec);

	ck_assert_uint_eq(fake_bpf.rodata[0], 0x80000001);
	ck_assert_uint_eq(fake_bpf.rodata[1], 5000);
	ck_assert_uint_eq(fake_bpf.max_entries.records, 1 << 16);
	ck_assert_uint_eq(fake_bpf.max_entries.lost, 7);
	ck_assert_int_eq(gprobe_recorder_fd(recorder), 77);
	tear_down(recorder);
	gprobe_recorder_close(NULL);
}
END_TEST

START_TEST(what_is_left_open_has_a_default)
{
	const struct gprobe_recorder_spec spec = { .session = 1 };
	struct gprobe_recorder *recorder = set_up(&spec);

	ck_assert_uint_eq(fake_bpf.rodata[1], 0);
	ck_assert_uint_eq(fake_bpf.max_entries.records, 1 << 20);
	ck_assert_uint_eq(fake_bpf.max_entries.lost, 1024);
	tear_down(recorder);
}
END_TEST

START_TEST(a_ring_that_cannot_be_is_einval)
{
	static const uint32_t sizes[] = { 1, 2048, 4097, 12288, UINT32_MAX };
	struct gprobe_recorder_spec spec = { .session = 1 };
	size_t i;

	fake_bpf_reset();
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		spec.ring_bytes = sizes[i];
		fails(&spec, -EINVAL, "power of two, 4096 at least");
	}
	spec.ring_bytes = 4096;
	spec.wakeup_bytes = 4096;
	fails(&spec, -EINVAL, "a wake-up at 4096 bytes");
	spec.ring_bytes = 0;
	spec.wakeup_bytes = 1 << 20;
	fails(&spec, -EINVAL, "a wake-up at 1048576 bytes");
	ck_assert_ptr_null(fake_bpf.rodata);
}
END_TEST

static int nr_printed;

static int print(enum libbpf_print_level level, const char *format,
		 va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	nr_printed++;
	return 0;
}

START_TEST(a_failure_says_why_and_prints_nothing)
{
	const struct gprobe_recorder_spec spec = { .session = 1 };

	libbpf_set_print(print);
	fake_bpf_reset();
	fake_bpf.complaint = "a line of libbpf's";
	fake_bpf.load_err = -EPERM;
	fails(&spec, -EPERM, "run as root");
	fake_bpf.load_err = -EINVAL;
	fails(&spec, -EINVAL, "program that records cannot be loaded: Invalid argument: a line of libbpf's");
	fake_bpf.load_err = 0;
	fake_bpf.ring_err = -ENOMEM;
	fails(&spec, -ENOMEM, "program that records cannot be loaded");
	fake_bpf.ring_err = 0;
	fake_bpf.attach_err = -ENOENT;
	fails(&spec, -ENOENT, "no tracepoint gprobe_record: the kernel module must be loaded");
	fake_bpf.attach_err = -EBUSY;
	fails(&spec, -EBUSY, "cannot be attached to gprobe_record");
	ck_assert_int_eq(nr_printed, 0);
	/* The messages go where the program had them go. */
	ck_assert_ptr_eq(libbpf_set_print(NULL), print);
}
END_TEST

/* Keeps the cookies; refuses 99. */
struct seen {
	uint64_t cookies[FAKE_BPF_RECORDS];
	int nr;
};

static int on_record(void *arg, const struct gprobe_record *record)
{
	struct seen *seen = arg;

	seen->cookies[seen->nr++] = record->cookie;
	ck_assert_uint_eq(record->regs.r15, record->cookie + 1);
	return record->cookie == 99 ? -ECANCELED : 0;
}

static void put_record(uint64_t cookie)
{
	struct gprobe_record record = {
		.cookie = cookie, .regs.r15 = cookie + 1,
	};

	fake_bpf.record_bytes = sizeof(record);
	memcpy(fake_bpf.records[fake_bpf.nr_records++], &record,
	       sizeof(record));
}

START_TEST(records_are_read_in_order)
{
	const struct gprobe_recorder_spec spec = { .session = 1 };
	struct gprobe_recorder *recorder = set_up(&spec);
	struct seen seen = { .nr = 0 };

	ck_assert_int_eq(gprobe_recorder_read(recorder, on_record, &seen), 0);
	put_record(3);
	put_record(4);
	ck_assert_int_eq(gprobe_recorder_read(recorder, on_record, &seen), 2);
	ck_assert_int_eq(gprobe_recorder_read(recorder, on_record, &seen), 0);
	ck_assert_int_eq(seen.nr, 2);
	ck_assert_uint_eq(seen.cookies[0], 3);
	ck_assert_uint_eq(seen.cookies[1], 4);
	tear_down(recorder);
}
END_TEST

START_TEST(a_reader_may_stop_at_any_record)
{
	const struct gprobe_recorder_spec spec = { .session = 1 };
	struct gprobe_recorder *recorder = set_up(&spec);
	struct seen seen = { .nr = 0 };

	put_record(1);
	put_record(99);
	put_record(2);
	ck_assert_int_eq(gprobe_recorder_read(recorder, on_record, &seen),
			 -ECANCELED);
	ck_assert_int_eq(seen.nr, 2);
	ck_assert_int_eq(gprobe_recorder_read(recorder, on_record, &seen), 1);
	ck_assert_uint_eq(seen.cookies[2], 2);
	tear_down(recorder);
}
END_TEST

START_TEST(a_record_too_short_is_eproto)
{
	const struct gprobe_recorder_spec spec = { .session = 1 };
	struct gprobe_recorder *recorder = set_up(&spec);
	struct seen seen = { .nr = 0 };

	put_record(1);
	fake_bpf.record_bytes--;
	ck_assert_int_eq(gprobe_recorder_read(recorder, on_record, &seen),
			 -EPROTO);
	ck_assert_int_eq(seen.nr, 0);
	tear_down(recorder);
}
END_TEST

START_TEST(losses_are_told_of_all_and_of_each_claim)
{
	const struct gprobe_recorder_spec spec = { .session = 1 };
	struct gprobe_recorder *recorder = set_up(&spec);

	ck_assert_uint_eq(gprobe_recorder_lost(recorder), 0);
	fake_bpf.bss[0] = 5000000000;
	fake_bpf.lost_key = 17;
	fake_bpf.lost = 4999999999;
	ck_assert_uint_eq(gprobe_recorder_lost(recorder), 5000000000);
	ck_assert_uint_eq(gprobe_recorder_claim_lost(recorder, 17),
			  4999999999);
	ck_assert_uint_eq(gprobe_recorder_claim_lost(recorder, 18), 0);
	tear_down(recorder);
}
END_TEST

Suite *record_suite(void)
{
	return UNIT_SUITE("record", the_program_gets_its_settings,
			  what_is_left_open_has_a_default,
			  a_ring_that_cannot_be_is_einval,
			  a_failure_says_why_and_prints_nothing,
			  records_are_read_in_order,
			  a_reader_may_stop_at_any_record,
			  a_record_too_short_is_eproto,
			  losses_are_told_of_all_and_of_each_claim);
}
