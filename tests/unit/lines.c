// SPDX-License-Identifier: GPL-2.0
/* Hits as lines, as text and as JSON. */
#include "../../user/tool/lines.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define START_NS	5000000000ULL
/* 2026-11-26T19:03:08.5Z */
#define WALL_NS		1795719788500000000ULL
#define MEMORY		0x1000ULL

/* A guest's memory, and what becomes of a hit there. */
struct lab {
	struct lines lines;
	struct gprobe_probe probes[2];
	struct gprobe_fetch *fetches[2];
	struct gprobe_symbols *symbols;
	char memory[8192];
	char *text;
	size_t bytes, seen;
};

static int read_memory(void *arg, const struct gprobe_regs *regs, uint64_t gva,
		       void *buffer, size_t bytes)
{
	const struct lab *lab = arg;

	(void)regs;
	if (gva < MEMORY || gva - MEMORY + bytes > sizeof(lab->memory))
		return -1;
	memcpy(buffer, lab->memory + (gva - MEMORY), bytes);
	return 0;
}

static struct lab *set_up(const struct lines_format *format)
{
	static const char map[] = "ffffffff81000000 T start\n"
				  "ffffffff82000000 T end\n";
	struct lab *lab = calloc(1, sizeof(*lab));

	strcpy(lab->probes[0].text, "short");
	strcpy(lab->probes[1].text, "rather_long+0x10");
	lab->symbols = unit_symbols(map);
	lab->lines = (struct lines){
		.file = open_memstream(&lab->text, &lab->bytes),
		.format = format,
		.probes = lab->probes,
		.fetches = lab->fetches,
		.nr_probes = 2,
		.start_ns = START_NS,
		.wall_ns = WALL_NS,
	};
	return lab;
}

static void tear_down(struct lab *lab)
{
	fclose(lab->lines.file);
	gprobe_symbols_free(lab->symbols);
	free(lab->text);
	free(lab);
}

/* All that was written since the last call. */
static const char *written(struct lab *lab)
{
	static char copy[20000];

	fflush(lab->lines.file);
	snprintf(copy, sizeof(copy), "%s", lab->text + lab->seen);
	lab->seen = lab->bytes;
	return copy;
}

/* A hit of @probe with @text, at which @regs are. */
static void hit(struct lab *lab, uint32_t probe, const char *text,
		const struct gprobe_regs *regs)
{
	const struct gprobe_fetch_source source = {
		.regs = regs, .read = read_memory, .arg = lab,
		.symbols = lab->symbols,
	};
	struct hit made = {
		.time_ns = START_NS + 3207441, .root = 0x10a000,
		.gva = 0xffffffff81000010, .probe = probe, .vcpu = 1,
	};
	struct gprobe_why why;
	void *values;

	ck_assert_msg(!gprobe_fetch_parse(text, &lab->fetches[probe], &why),
		      "%s", why.text);
	values = malloc(gprobe_fetch_bytes(lab->fetches[probe]) ?: 1);
	made.values = values;
	made.values_bytes = gprobe_fetch_run(lab->fetches[probe], &source,
					     values);
	lab->lines.format->hit(&lab->lines, &made);
	free(values);
	gprobe_fetch_free(lab->fetches[probe]);
}

static void is_text(const char *text, const struct gprobe_regs *regs,
		    const char *memory, size_t bytes, const char *wanted)
{
	struct lab *lab = set_up(&lines_format_text);
	const char *line;

	memcpy(lab->memory, memory, bytes);
	hit(lab, 0, text, regs);
	line = written(lab);
	ck_assert_ptr_nonnull(strstr(line, "short"));
	line = strstr(line, "short") + strlen("short");
	line += strspn(line, " ");
	ck_assert_str_eq(line, wanted);
	tear_down(lab);
}

static void is_json(const char *text, const struct gprobe_regs *regs,
		    const char *memory, size_t bytes, const char *wanted)
{
	struct lab *lab = set_up(&lines_format_json);
	const char *line;

	memcpy(lab->memory, memory, bytes);
	hit(lab, 0, text, regs);
	line = written(lab);
	ck_assert_ptr_nonnull(strstr(line, ",\"args\":"));
	ck_assert_str_eq(strstr(line, ",\"args\":"), wanted);
	tear_down(lab);
}

START_TEST(columns_stand_below_their_titles)
{
	struct lab *lab = set_up(&lines_format_text);
	const struct gprobe_regs regs = { .rdi = 7 };

	lab->lines.format->begin(&lab->lines);
	hit(lab, 0, "%di", &regs);
	hit(lab, 1, "x=%di:u8 y=%si:s8", &regs);
	hit(lab, 1, "", &regs);
	ck_assert_str_eq(written(lab),
		"#           TIME VCPU CPL ROOT           PROBE\n"
		"     0.003207441    1   0 0x10a000       short            arg1=0x7\n"
		"     0.003207441    1   0 0x10a000       rather_long+0x10 x=7 y=0\n"
		"     0.003207441    1   0 0x10a000       rather_long+0x10\n");
	lab->lines.format->end(&lab->lines, &(struct hits_sum){
		.shown = 1234, .limited = 7 });
	ck_assert_str_eq(written(lab), "# 1,234 hits, 0 lost\n");
	lab->lines.is_limited = true;
	lab->lines.format->end(&lab->lines, &(struct hits_sum){
		.lost = 5, .limited = 7 });
	ck_assert_str_eq(written(lab), "# 0 hits, 5 lost, 7 left out\n");
	tear_down(lab);
}
END_TEST

/* A probe each. */
static struct hits_domain domains[] = {
	{ .name = "web", .domid = 3, .nr_probes = 1,
	  .sum = { .shown = 1000, .lost = 4, .limited = 3 } },
	{ .name = "database\n", .domid = 5, .nr_probes = 1, .died = true,
	  .sum = { .shown = 234, .lost = 1, .limited = 4 } },
};

START_TEST(of_several_guests_each_is_told)
{
	struct lab *lab = set_up(&lines_format_text);
	const struct gprobe_regs regs = { .rdi = 7 };
	const struct hits_sum sum = { .shown = 1234, .lost = 5, .limited = 7 };

	lab->lines.domains = domains;
	lab->lines.nr_domains = 2;
	lab->lines.is_limited = true;
	lab->lines.format->begin(&lab->lines);
	hit(lab, 0, "", &regs);
	hit(lab, 1, "", &regs);
	lab->lines.format->end(&lab->lines, &sum);
	ck_assert_str_eq(written(lab),
		"#           TIME DOMAIN    VCPU CPL ROOT           PROBE\n"
		"     0.003207441 web          1   0 0x10a000       short\n"
		"     0.003207441 database?    1   0 0x10a000       rather_long+0x10\n"
		"# domain 'web': 1,000 hits, 4 lost, 3 left out\n"
		"# domain 'database?': 234 hits, 1 lost, 4 left out\n"
		"# 1,234 hits, 5 lost, 7 left out\n");
	lab->lines.format = &lines_format_json;
	hit(lab, 1, "", &regs);
	lab->lines.format->end(&lab->lines, &sum);
	ck_assert_str_eq(written(lab),
		"{\"time_seconds\":0.003207441,\"domain\":\"database\\u000a\",\"vcpu\":1,\"cpl\":0,\"root\":\"0x10a000\",\"probe\":\"rather_long+0x10\",\"gva\":\"0xffffffff81000010\",\"args\":{}}\n"
		"{\"hits\":1234,\"events_lost\":5,\"left_out\":7,\"domains\":["
		"{\"domain\":\"web\",\"domid\":3,\"hits\":1000,\"events_lost\":4,\"left_out\":3,\"died\":false},"
		"{\"domain\":\"database\\u000a\",\"domid\":5,\"hits\":234,\"events_lost\":1,\"left_out\":4,\"died\":true}]}\n");
	tear_down(lab);
}
END_TEST

START_TEST(times_are_as_asked_for)
{
	struct lab *lab = set_up(&lines_format_text);
	struct lines *lines = &lab->lines;

	ck_assert_str_eq(lines_time(lines, START_NS + 1).text, "0.000000001");
	/* A hit before the start's time was taken. */
	ck_assert_str_eq(lines_time(lines, START_NS - 1).text, "0.000000000");
	lines->time = LINES_TIME_MONOTONIC;
	ck_assert_str_eq(lines_time(lines, START_NS + 1).text, "5.000000001");
	lines->time = LINES_TIME_WALL;
	ck_assert_str_eq(lines_time(lines, START_NS + 600000001).text,
			 "2026-11-26T19:03:09.100000001Z");
	lab->lines.format->begin(&lab->lines);
	hit(lab, 0, "", &(struct gprobe_regs){ 0 });
	ck_assert_str_eq(written(lab),
		"#                         TIME VCPU CPL ROOT           PROBE\n"
		"2026-11-26T19:03:08.503207441Z    1   0 0x10a000       short\n");
	tear_down(lab);
}
END_TEST

START_TEST(values_are_text_as_their_type_says)
{
	const struct gprobe_regs regs = {
		.rax = -100, .rbx = MEMORY, .rcx = 0xffffffff81000004,
		.rdx = 0x41,
	};

	is_text("%ax:s32 %ax:u8 %ax:x16 %dx:char %cx:symbol %bx:symbol",
		&regs, "", 0,
		"arg1=-100 arg2=156 arg3=0xff9c arg4='A' arg5=start+0x4 arg6=0x1000\n");
	is_text("path=+0(%bx):string none=+0(%si):string", &regs, "/init", 6,
		"path=\"/init\" none=(fault)\n");
	is_text("+0(%bx):u8[3] +0(%bx):char[2] +0(%bx):string[2] +0(%bx):x8[1]",
		&regs, "ab\n\0\0\0\0\0\x02\x10\0\0\0\0\0\0", 16,
		"arg1={97,98,10} arg2={'a','b'} arg3={(fault),\"\\n\"} arg4={0x61}\n");
}
END_TEST

START_TEST(texts_cannot_do_anything_to_a_terminal)
{
	const struct gprobe_regs regs = { .rbx = MEMORY };

	is_text("+0(%bx):string", &regs, "\"q\\ \n\t\r\x1b[1m\x7f", 13,
		"arg1=\"\\\"q\\\\ \\n\\t\\x0d\\x1b[1m\\x7f\"\n");
	/* C1, a character that is cut off, one of four bytes. */
	is_text("+0(%bx):string", &regs, "\xc2\x9b \xe2\x82 \xf0\x9f\x98\x80 \xc3", 13,
		"arg1=\"\\xc2\\x9b \\xe2\\x82 \xf0\x9f\x98\x80 \\xc3\"\n");
	is_text("+0(%bx):char[4]", &regs, "'\"\0\xff", 4,
		"arg1={'\\'','\"','\\x00','\\xff'}\n");
}
END_TEST

START_TEST(a_text_that_goes_on_says_so)
{
	char memory[8192], wanted[5000];
	const struct gprobe_regs regs = { .rbx = MEMORY };

	memset(memory, 'a', sizeof(memory));
	snprintf(wanted, sizeof(wanted), "arg1=\"%.*s\"... arg2=0\n",
		 GPROBE_FETCH_STRING_MAX, memory);
	is_text("+0(%bx):string %ax:u8", &regs, memory, sizeof(memory), wanted);
	snprintf(wanted, sizeof(wanted),
		 ",\"args\":{\"arg1\":\"%.*s\",\"arg2\":0},\"cut\":[\"arg1\"]}\n",
		 GPROBE_FETCH_STRING_MAX, memory);
	is_json("+0(%bx):string %ax:u8", &regs, memory, sizeof(memory), wanted);
}
END_TEST

START_TEST(json_is_an_object_a_line)
{
	struct lab *lab = set_up(&lines_format_json);
	const struct gprobe_regs regs = { .rdi = 7 };

	ck_assert_ptr_null(lab->lines.format->begin);
	hit(lab, 1, "fd=%di:s32", &regs);
	ck_assert_str_eq(written(lab),
		"{\"time_seconds\":0.003207441,\"vcpu\":1,\"cpl\":0,\"root\":\"0x10a000\",\"probe\":\"rather_long+0x10\",\"gva\":\"0xffffffff81000010\",\"args\":{\"fd\":7}}\n");
	lab->lines.time = LINES_TIME_WALL;
	hit(lab, 0, "", &regs);
	ck_assert_str_eq(written(lab),
		"{\"time\":\"2026-11-26T19:03:08.503207441Z\",\"vcpu\":1,\"cpl\":0,\"root\":\"0x10a000\",\"probe\":\"short\",\"gva\":\"0xffffffff81000010\",\"args\":{}}\n");
	lab->lines.format->end(&lab->lines, &(struct hits_sum){
		.shown = 1234, .lost = 5, .limited = 7 });
	ck_assert_str_eq(written(lab),
		"{\"hits\":1234,\"events_lost\":5,\"left_out\":7}\n");
	tear_down(lab);
}
END_TEST

START_TEST(json_values_are_of_their_type)
{
	const struct gprobe_regs regs = {
		.rax = -100, .rbx = MEMORY, .rcx = 0xffffffff81000004,
		.rdx = 0x41,
	};

	is_json("%ax:s32 %ax:u8 %ax %dx:char %cx:symbol %bx:symbol", &regs,
		"", 0,
		",\"args\":{\"arg1\":-100,\"arg2\":156,\"arg3\":\"0xffffffffffffff9c\",\"arg4\":\"A\",\"arg5\":\"start+0x4\",\"arg6\":\"0x1000\"}}\n");
	is_json("+0(%bx):string +0(%si):string +0(%si):u8[2] +0(%bx):u8[2]",
		&regs, "a\"\n\xff", 5,
		",\"args\":{\"arg1\":\"a\\\"\\u000a\\ufffd\",\"arg2\":null,\"arg3\":[null,null],\"arg4\":[97,34]}}\n");
}
END_TEST

Suite *lines_suite(void)
{
	return UNIT_SUITE("lines",
		columns_stand_below_their_titles,
		of_several_guests_each_is_told,
		times_are_as_asked_for,
		values_are_text_as_their_type_says,
		texts_cannot_do_anything_to_a_terminal,
		a_text_that_goes_on_says_so,
		json_is_an_object_a_line,
		json_values_are_of_their_type);
}
