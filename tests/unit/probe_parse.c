// SPDX-License-Identifier: GPL-2.0
/* gprobe_probe_parse(): [r:]TARGET[@ROOT][:ACTION...]. */
#include <gprobe/probe.h>

#include <errno.h>
#include <string.h>

#include "unit.h"

/* It is a probe, and keeps its text. */
static void check_parsed(const char *text, struct gprobe_probe *probe)
{
	struct gprobe_why why = { "" };

	ck_assert_msg(!gprobe_probe_parse(text, probe, &why), "'%s': %s", text,
		      why.text);
	ck_assert_str_eq(probe->text, text);
}

START_TEST(each_form_of_a_probe_is_read)
{
	static const struct {
		const char *text, *symbol;
		uint64_t offset, root, gva;
	} cases[] = {
		{ "schedule", "schedule", 0, 0, 0 },
		{ "schedule+16", "schedule", 16, 0, 0 },
		{ "schedule+0x10", "schedule", 16, 0, 0 },
		{ "schedule+0X1f", "schedule", 31, 0, 0 },
		{ "schedule+0", "schedule", 0, 0, 0 },
		{ "schedule+007", "schedule", 7, 0, 0 },
		{ "helper.isra.0+0x1", "helper.isra.0", 1, 0, 0 },
		{ "_start", "_start", 0, 0, 0 },
		{ "0xffffffff81000000", "", 0, 0, 0xffffffff81000000 },
		{ "0XFFFFFFFF81000000", "", 0, 0, 0xffffffff81000000 },
		{ "0x00000000000000000001", "", 0, 0, 1 },
		{ "0x0", "", 0, 0, 0 },
		{ "schedule@0x10a000", "schedule", 0, 0x10a000, 0 },
		{ "schedule+0x10@0x10a000", "schedule", 16, 0x10a000, 0 },
		{ "0x401000@0x10a000", "", 0, 0x10a000, 0x401000 },
		{ "__x64_sys_*", "__x64_sys_*", 0, 0, 0 },
		{ "[ab]?c+4@0x10a000", "[ab]?c", 4, 0x10a000, 0 },
		{ "main@0x800000010a0057ff", "main", 0, 0x10a005000, 0 },
	};
	struct gprobe_probe probe;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		check_parsed(cases[i].text, &probe);
		ck_assert_str_eq(probe.symbol, cases[i].symbol);
		ck_assert_uint_eq(probe.offset, cases[i].offset);
		ck_assert_uint_eq(probe.root, cases[i].root);
		ck_assert_uint_eq(probe.gva, cases[i].gva);
	}
}
END_TEST

START_TEST(a_file_may_stand_before_a_symbol)
{
	struct gprobe_probe probe;

	ck_assert_int_eq(gprobe_probe_parse("libstdc++.so.6:f+4@0x1000",
					    &probe, NULL), 0);
	ck_assert_str_eq(probe.file, "libstdc++.so.6");
	ck_assert_str_eq(probe.symbol, "f");
	ck_assert_uint_eq(probe.offset, 4);
	ck_assert_uint_eq(probe.root, 0x1000);
	ck_assert_int_eq(gprobe_probe_parse(":f", &probe, NULL), 0);
	ck_assert_str_eq(probe.file, "");
}
END_TEST

START_TEST(r_says_that_a_return_is_meant)
{
	static const struct {
		const char *text, *file, *symbol;
		uint64_t gva;
	} cases[] = {
		{ "r:schedule", "", "schedule", 0 },
		{ "r:sys_*@0x1000", "", "sys_*", 0 },
		{ "r:libc.so.6:malloc@0x1000", "libc.so.6", "malloc", 0 },
		{ "r:0xffffffff81000000", "", "", 0xffffffff81000000 },
	};
	struct gprobe_probe probe;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		ck_assert_int_eq(gprobe_probe_parse(cases[i].text, &probe,
						    NULL), 0);
		ck_assert_str_eq(probe.text, cases[i].text);
		ck_assert_str_eq(probe.file, cases[i].file);
		ck_assert_str_eq(probe.symbol, cases[i].symbol);
		ck_assert_uint_eq(probe.gva, cases[i].gva);
		ck_assert_int_eq(probe.part, GPROBE_PROBE_ENTRY);
	}
	ck_assert_int_eq(gprobe_probe_parse("rr:f@0x1000", &probe, NULL), 0);
	ck_assert_int_eq(probe.part, GPROBE_PROBE_WHOLE);
}
END_TEST

START_TEST(actions_may_stand_behind_it)
{
	static const struct {
		const char *text, *file, *symbol;
		uint32_t action, rate;
		uint64_t off_after;
	} cases[] = {
		{ "f:count", "", "f", GPROBE_ACTION_COUNT, 0, 0 },
		{ "f:record", "", "f", GPROBE_ACTION_RECORD, 0, 0 },
		{ "r:f:rate=9", "", "f", 0, 9, 0 },
		{ "0x1000:off=0x10", "", "", 0, 0, 16 },
		{ "f+4@0x1000:off=1:rate=4294967295:record", "", "f",
		  GPROBE_ACTION_RECORD, UINT32_MAX, 1 },
		{ "sys_*:off=1", "", "sys_*", 0, 0, 1 },
		/* A file's function is not an action's word. */
		{ "prog:f", "prog", "f", 0, 0, 0 },
		{ "prog:f:count", "prog", "f", GPROBE_ACTION_COUNT, 0, 0 },
		{ "prog:rate+0", "prog", "rate", 0, 0, 0 },
		{ "r:prog:count+0", "prog", "count", 0, 0, 0 },
		{ "/opt/a@b=c/prog:f", "/opt/a@b=c/prog", "f", 0, 0, 0 },
		{ "count", "", "count", 0, 0, 0 },
		{ "f:coutn", "f", "coutn", 0, 0, 0 },
	};
	struct gprobe_probe probe;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		check_parsed(cases[i].text, &probe);
		ck_assert_str_eq(probe.file, cases[i].file);
		ck_assert_str_eq(probe.symbol, cases[i].symbol);
		ck_assert_uint_eq(probe.action, cases[i].action);
		ck_assert_uint_eq(probe.rate, cases[i].rate);
		ck_assert_uint_eq(probe.off_after, cases[i].off_after);
	}
}
END_TEST

static void check_refused(const char *text, int err, const char *words)
{
	struct gprobe_probe probe;
	struct gprobe_why why;
	int ret;

	strcpy(why.text, "nothing");
	ret = gprobe_probe_parse(text, &probe, &why);
	ck_assert_msg(ret == err, "'%s' gives %d", text, ret);
	unit_says(&why, words);
	ck_assert_int_eq(gprobe_probe_parse(text, &probe, NULL), ret);
}

START_TEST(each_bad_action_is_refused_with_its_reason)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
		{ "f:of=3", "no action 'of=3', nearest: off; there are" },
		{ "f:x=3", "no action 'x=3'; there are count, record" },
		{ "f@0x1000:coutn", "no action 'coutn', nearest: count" },
		{ "prog:f:reckord", "nearest: record" },
		{ "prog:f:", "no action ''" },
		{ "f:count:g", "no action 'g'" },
		{ "f:off", "'off' must be a number" },
		{ "f:off=", "'off=' must be a number" },
		{ "f:off=0", "such as off=100" },
		{ "f:off=-1", "'off=-1' must be" },
		{ "f:rate=4294967296", "must be a number" },
		{ "f:count=3", "count takes no number" },
		{ "f:count:record", "is there twice" },
		{ "prog:count:count", "is there twice" },
		{ "f:rate=1:rate=2", "is there twice" },
		{ "f:upcall", "see libgprobe(3)" },
		{ "r:f:off=1", "a return (r:) is in several places" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		check_refused(cases[i].text, -EINVAL, cases[i].words);
}
END_TEST

START_TEST(each_bad_form_is_refused_with_its_reason)
{
	static const struct {
		const char *text;
		int err;
		const char *words;
	} cases[] = {
		{ "", -EINVAL, "SYMBOL+OFFSET, GLOB or 0xADDRESS, each with or without @0xROOT or @PROCESS" },
		{ "r:", -EINVAL, "not a symbol" },
		{ "r:schedule+4", -EINVAL, "r: is of a function" },
		{ "r:schedule@", -EINVAL, "the root behind @" },
		{ ":", -EINVAL, "not a symbol" },
		{ "libc.so.6:", -EINVAL, "not a symbol" },
		{ "libc.so.6:0x1000", -EINVAL, "not a symbol" },
		{ "libc.so.6:f@0x", -EINVAL, "the root behind @" },
		{ "0x*", -EINVAL, "not a symbol" },
		{ "schedule@", -EINVAL, "the root behind @" },
		{ "schedule@0x", -EINVAL, "the root behind @" },
		{ "schedule@010a000", -EINVAL, "the root behind @" },
		{ "schedule@0xfff", -EINVAL, "the root behind @" },
		{ "schedule@0x0", -EINVAL, "the root behind @" },
		{ "schedule@0x1000@0x2000", -EINVAL, "the root behind @" },
		{ "schedule@0x1000+4", -EINVAL, "the root behind @" },
		{ "schedule@0x12345678123456789", -EINVAL, "root behind @" },
		{ "schedule+", -EINVAL, "the offset behind +" },
		{ "schedule+x", -EINVAL, "the offset behind +" },
		{ "schedule+0x", -EINVAL, "the offset behind +" },
		{ "schedule+-1", -EINVAL, "the offset behind +" },
		{ "schedule+ 1", -EINVAL, "the offset behind +" },
		{ "schedule+1+1", -EINVAL, "the offset behind +" },
		{ "schedule+1f", -EINVAL, "the offset behind +" },
		{ "schedule+9999999999999999999", -EINVAL, "the offset" },
		{ "+4", -EINVAL, "not a symbol" },
		{ "@0x1000", -EINVAL, "not a symbol" },
		{ "1234", -EINVAL, "not a symbol" },
		{ "0xwrong", -EINVAL, "not a symbol" },
		{ "0x", -EINVAL, "not a symbol" },
		{ "0x12345678123456789", -EINVAL, "not a symbol" },
		{ "0x1000+4", -EINVAL, "not a symbol" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		check_refused(cases[i].text, cases[i].err, cases[i].words);
}
END_TEST

START_TEST(a_probe_has_127_bytes_at_most)
{
	char text[GPROBE_PROBE_TEXT_MAX + 2];
	struct gprobe_probe probe;
	struct gprobe_why why;

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	ck_assert_int_eq(gprobe_probe_parse(text, &probe, &why), -EINVAL);
	unit_says(&why, "longer than 127 bytes");
	ck_assert_int_eq(gprobe_probe_parse(text + 1, &probe, &why), 0);
	ck_assert_str_eq(probe.symbol, text + 1);
}
END_TEST

START_TEST(a_reason_is_one_line_whatever_was_written)
{
	struct gprobe_probe probe;
	struct gprobe_why why;

	ck_assert_int_eq(gprobe_probe_parse("r:a\n\x1b[31mb+", &probe, &why),
			 -EINVAL);
	unit_says(&why, "r:a??[31mb");
}
END_TEST

START_TEST(random_text_is_read_or_refused)
{
	static const char letters[] = "0x19afgh+@:*r. \n\xff";
	struct gprobe_probe probe;
	struct gprobe_why why;
	uint64_t state = 6;
	size_t length, i;
	char text[160];
	int round, ret;

	for (round = 0; round < 50000; round++) {
		length = unit_random(&state) % sizeof(text);
		if (round % 4)
			length %= 12;
		for (i = 0; i < length; i++)
			text[i] = letters[unit_random(&state) %
					  (sizeof(letters) - 1)];
		text[length] = '\0';
		ret = gprobe_probe_parse(text, &probe, &why);
		unit_assert(!ret || ret == -EINVAL || ret == -EOPNOTSUPP);
		if (!ret)
			unit_assert(!strcmp(probe.text, text));
	}
}
END_TEST

Suite *probe_parse_suite(void)
{
	return UNIT_SUITE("probe_parse", each_form_of_a_probe_is_read,
			  a_file_may_stand_before_a_symbol,
			  r_says_that_a_return_is_meant,
			  actions_may_stand_behind_it,
			  each_bad_action_is_refused_with_its_reason,
			  each_bad_form_is_refused_with_its_reason,
			  a_probe_has_127_bytes_at_most,
			  a_reason_is_one_line_whatever_was_written,
			  random_text_is_read_or_refused);
}
