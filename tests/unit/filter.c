// SPDX-License-Identifier: GPL-2.0
/* Filters of hits: what matches, and what is refused before there is a hit. */
#include "../../user/tool/filter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define MEMORY	0x1000ULL
#define NO_PAGE	0x9000ULL

/* Probes of two guests, and a hit of the one that was asked for. */
struct lab {
	struct gprobe_probe probes[3];
	struct gprobe_fetch *fetches[3];
	struct hits_domain domains[2];
	struct filter_scope scope;
	char memory[8192];
	struct gprobe_regs regs;
	uint8_t values[GPROBE_FETCH_BYTES_MAX];
	struct hit hit;
};

static int read_memory(void *arg, const struct gprobe_regs *regs, uint64_t gva,
		       void *buffer, size_t bytes)
{
	const struct lab *lab = arg;

	(void)regs;
	if (gva < MEMORY || gva - MEMORY + bytes > sizeof(lab->memory))
		return -EFAULT;
	memcpy(buffer, lab->memory + (gva - MEMORY), bytes);
	return 0;
}

static void set_hit(struct lab *lab, uint32_t probe)
{
	const struct gprobe_fetch_source source = {
		.regs = &lab->regs, .read = read_memory, .arg = lab,
	};

	lab->hit = (struct hit){
		.root = 0x10a000, .gva = 0xffffffff81000010, .probe = probe,
		.vcpu = 1, .cpl = 3, .duration_ns = HIT_NO_DURATION,
		.values = lab->values,
		.values_bytes = gprobe_fetch_run(lab->fetches[probe], &source,
						 lab->values),
	};
}

static struct lab *set_up(void)
{
	static const char *const texts[] = {
		"comm=+0(%si):string fd=%di:s32 flags=%dx bad=+0(%cx):u8 who=+0(%cx):string c=%ax:char",
		"got=%ax:u64",
		"fd=%di:s64 three=+0(%si):u8[3] vcpus=%ax:u8",
	};
	struct lab *lab = calloc(1, sizeof(*lab));
	size_t i;

	for (i = 0; i < ARRAY_SIZE(texts); i++)
		ck_assert_int_eq(gprobe_fetch_parse(texts[i], &lab->fetches[i],
						    NULL), 0);
	strcpy(lab->probes[0].text, "vfs_read");
	strcpy(lab->probes[1].text, "r:vfs_read");
	strcpy(lab->probes[2].text, "ip");
	lab->probes[1].part = GPROBE_PROBE_ENTRY;
	lab->domains[0] = (struct hits_domain){ .name = "web", .nr_probes = 2 };
	lab->domains[1] = (struct hits_domain){ .name = "db", .nr_probes = 1 };
	lab->scope = (struct filter_scope){
		.probes = lab->probes, .fetches = lab->fetches,
		.nr_probes = 3, .domains = lab->domains, .nr_domains = 2,
	};
	strcpy(lab->memory, "sh");
	lab->regs = (struct gprobe_regs){
		.rdi = -100, .rsi = MEMORY, .rdx = 0x8000000000000042,
		.rcx = NO_PAGE, .rax = 'x',
	};
	set_hit(lab, 0);
	return lab;
}

static void tear_down(struct lab *lab)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lab->fetches); i++)
		gprobe_fetch_free(lab->fetches[i]);
	free(lab);
}

static bool matches(const struct lab *lab, const char *text)
{
	struct filter *filter;
	struct gprobe_why why;
	bool result;

	ck_assert_msg(!filter_parse(text, &filter, &why), "%s: %s", text,
		      why.text);
	ck_assert_msg(!filter_bind(filter, &lab->scope, &why), "%s: %s", text,
		      why.text);
	result = filter_matches(filter, &lab->hit);
	filter_free(filter);
	return result;
}

static void does(const struct lab *lab, const char *text)
{
	ck_assert_msg(matches(lab, text), "'%s' does not match", text);
}

static void does_not(const struct lab *lab, const char *text)
{
	ck_assert_msg(!matches(lab, text), "'%s' matches", text);
}

static void refused(const struct lab *lab, const char *text, const char *words)
{
	struct filter *filter = NULL;
	struct gprobe_why why = { "" };
	int ret = filter_parse(text, &filter, &why);

	if (!ret)
		ret = filter_bind(filter, &lab->scope, &why);
	ck_assert_msg(ret == -EINVAL, "'%s' is taken", text);
	unit_says(&why, words);
	filter_free(filter);
}

START_TEST(numbers_are_compared_by_each_operator)
{
	struct lab *lab = set_up();

	does(lab, "vcpu == 1");
	does_not(lab, "vcpu == 0");
	does(lab, "vcpu != 0");
	does_not(lab, "vcpu != 1");
	does(lab, "vcpu < 2");
	does_not(lab, "vcpu < 1");
	does(lab, "vcpu <= 1");
	does_not(lab, "vcpu <= 0");
	does(lab, "vcpu > 0");
	does_not(lab, "vcpu > 1");
	does(lab, "vcpu >= 1");
	does_not(lab, "vcpu >= 2");
	does(lab, "cpl & 2");
	does_not(lab, "cpl & 4");
	tear_down(lab);
}
END_TEST

START_TEST(what_every_hit_has_is_a_field)
{
	struct lab *lab = set_up();

	does(lab, "vcpu == 1 && cpl == 3 && root == 0x10a000");
	does(lab, "ip == 0xffffffff81000010 && probe == \"vfs_read\"");
	does(lab, "domain == 'web'");
	does_not(lab, "domain == 'db'");
	set_hit(lab, 2);
	does(lab, "domain == 'db' && probe == 'ip'");
	does_not(lab, "cpl == 0 || root == 0 || ip == 0");
	tear_down(lab);
}
END_TEST

START_TEST(what_was_fetched_is_a_field_by_its_name)
{
	struct lab *lab = set_up();

	does(lab, "comm == \"sh\"");
	does(lab, "fd == -100");
	does(lab, "flags == 0x8000000000000042");
	does(lab, "c == 0x78");
	set_hit(lab, 1);
	does(lab, "got == 120");
	tear_down(lab);
}
END_TEST

START_TEST(a_number_has_the_sign_that_it_was_fetched_with)
{
	struct lab *lab = set_up();

	does(lab, "fd < 0 && fd >= -100 && fd > -9223372036854775808");
	does_not(lab, "fd > 0");
	does(lab, "flags > 0x7fffffffffffffff && flags <= 18446744073709551615");
	does(lab, "flags & 0x8000000000000000");
	does(lab, "fd & -100");
	tear_down(lab);
}
END_TEST

START_TEST(numbers_are_read_as_in_c)
{
	struct lab *lab = set_up();

	lab->regs.rdx = 64;
	set_hit(lab, 0);
	does(lab, "flags == 64 && flags == 0x40 && flags == 0100 && flags == 0X40");
	tear_down(lab);
}
END_TEST

START_TEST(texts_are_equal_or_match_a_glob)
{
	struct lab *lab = set_up();

	strcpy(lab->memory, "kworker/0:1");
	set_hit(lab, 0);
	does(lab, "comm == 'kworker/0:1'");
	does_not(lab, "comm == 'kworker/0:'");
	does_not(lab, "comm == 'kworker/0:1 '");
	does(lab, "comm != \"kworker\"");
	does_not(lab, "comm != \"kworker/0:1\"");
	does(lab, "comm ~ 'kworker*'");
	does(lab, "comm ~ '*/?:[0-3]'");
	does_not(lab, "comm ~ '*/?:[!0-3]'");
	does_not(lab, "comm ~ 'kworker'");
	does(lab, "comm ~ '*'");
	tear_down(lab);
}
END_TEST

START_TEST(a_text_has_what_is_not_the_quote_it_stands_in)
{
	struct lab *lab = set_up();

	strcpy(lab->memory, "a \"b\" && (c)");
	set_hit(lab, 0);
	does(lab, "comm == 'a \"b\" && (c)'");
	strcpy(lab->memory, "it's");
	set_hit(lab, 0);
	does(lab, "comm == \"it's\"");
	strcpy(lab->memory, "");
	set_hit(lab, 0);
	does(lab, "comm == '' && comm == \"\" && comm ~ ''");
	tear_down(lab);
}
END_TEST

START_TEST(and_binds_before_or_and_not_before_both)
{
	struct lab *lab = set_up();

	does(lab, "vcpu == 1 || vcpu == 0 && cpl == 0");
	does_not(lab, "(vcpu == 1 || vcpu == 0) && cpl == 0");
	does(lab, "cpl == 0 && vcpu == 0 || vcpu == 1");
	does(lab, "!vcpu == 0");
	does(lab, "!vcpu == 0 && cpl == 3");
	does_not(lab, "!vcpu == 1 || cpl == 0");
	does(lab, "!!vcpu == 1");
	does(lab, "!(vcpu == 0 || cpl == 0)");
	does_not(lab, "!(vcpu == 0 || cpl == 3)");
	does(lab, "!(vcpu == 1 && cpl == 0)");
	does_not(lab, "!(vcpu == 1 && !(cpl == 0))");
	does(lab, "((((vcpu==1))&&cpl>2))");
	does(lab, " \tvcpu\n==1 ");
	tear_down(lab);
}
END_TEST

START_TEST(what_could_not_be_read_is_neither_so_nor_not)
{
	struct lab *lab = set_up();

	does_not(lab, "bad == 0");
	does_not(lab, "bad != 0");
	does_not(lab, "!(bad == 0)");
	does_not(lab, "bad & 1 || bad < 1 || bad >= 1");
	does_not(lab, "who == '' || who != '' || who ~ '*'");
	does_not(lab, "bad == 0 && vcpu == 1");
	does_not(lab, "!(bad == 0 && vcpu == 1)");
	does(lab, "bad == 0 || vcpu == 1");
	does(lab, "!(bad == 0 && vcpu == 0)");
	tear_down(lab);
}
END_TEST

START_TEST(what_a_probe_does_not_fetch_matches_nothing_of_its_hits)
{
	struct lab *lab = set_up();

	does_not(lab, "got == 120");
	does_not(lab, "got != 120");
	does_not(lab, "!(got == 120)");
	does(lab, "got == 120 || comm == 'sh'");
	set_hit(lab, 1);
	does(lab, "got == 120 || comm == 'sh'");
	does_not(lab, "comm == 'sh' || fd == -100");
	set_hit(lab, 2);
	does(lab, "fd == -100");
	tear_down(lab);
}
END_TEST

START_TEST(durations_are_in_seconds_and_match_where_they_are_known)
{
	struct lab *lab = set_up();

	does_not(lab, "duration >= 0");
	set_hit(lab, 1);
	does_not(lab, "duration >= 0");
	does_not(lab, "!(duration >= 0)");
	lab->hit.duration_ns = 1500000;
	does(lab, "duration == 0.0015");
	does(lab, "duration > .001 && duration < 1");
	does_not(lab, "duration >= 2 || duration != 0.0015");
	tear_down(lab);
}
END_TEST

START_TEST(a_name_that_is_fetched_hides_what_every_hit_has)
{
	struct lab *lab = set_up();

	gprobe_fetch_free(lab->fetches[1]);
	ck_assert_int_eq(gprobe_fetch_parse("vcpu=%ax:u8", &lab->fetches[1],
					    NULL), 0);
	does_not(lab, "vcpu == 1");
	set_hit(lab, 1);
	does_not(lab, "vcpu == 1");
	does(lab, "vcpu == 120");
	tear_down(lab);
}
END_TEST

START_TEST(a_text_that_was_cut_is_compared_as_far_as_it_is_there)
{
	struct lab *lab = set_up();

	memset(lab->memory, 'a', sizeof(lab->memory) - 1);
	set_hit(lab, 0);
	does(lab, "comm ~ 'aaaa*a'");
	does_not(lab, "comm ~ '*b'");
	does_not(lab, "comm == 'aaaa'");
	tear_down(lab);
}
END_TEST

START_TEST(a_field_that_there_is_not_is_refused_with_those_there_are)
{
	struct lab *lab = set_up();

	refused(lab, "com == 'sh'", "no field 'com'; nearest: comm; there are vcpu, cpl, root, ip, probe, domain, duration, comm, fd, flags, bad, who, c, got, three, vcpus");
	refused(lab, "vcpu == 1 && nothing == 1", "no field 'nothing'; there are vcpu,");
	lab->scope.nr_probes = 1;
	refused(lab, "got == 1", "no field 'got'");
	refused(lab, "duration > 1", "no field 'duration': no return (r:) is probed");
	lab->scope.nr_domains = 1;
	refused(lab, "domain == 'web'", "no field 'domain': there is one domain");
	refused(lab, "vcqu == 1", "nearest: vcpu; there are vcpu, cpl, root, ip, probe, comm,");
	tear_down(lab);
}
END_TEST

START_TEST(more_fields_than_can_be_said_are_told_as_that)
{
	struct lab *lab = set_up();
	char text[GPROBE_FETCH_TEXT_MAX + 1];
	size_t at = 0, i;

	for (i = 0; i < GPROBE_FETCH_ARGS_MAX; i++)
		at += snprintf(text + at, sizeof(text) - at,
			       "a_name_of_thirty_characters_%02zu=%%ax ", i);
	gprobe_fetch_free(lab->fetches[0]);
	ck_assert_int_eq(gprobe_fetch_parse(text, &lab->fetches[0], NULL), 0);
	refused(lab, "a_name_of_thirty_characters_3 == 1", "; nearest: a_name_of_thirty_characters_03; there are vcpu,");
	refused(lab, "a_name_of_thirty_characters_3 == 1", "_00, ");
	refused(lab, "none == 1", ", ...");
	tear_down(lab);
}
END_TEST

START_TEST(fields_are_compared_as_what_they_are)
{
	struct lab *lab = set_up();

	refused(lab, "comm < 'sh'", "'comm' is a text, which < cannot compare");
	refused(lab, "comm & 'sh'", "which & cannot compare");
	refused(lab, "comm == 12", "'comm' is a text, and so must be what it is compared with: \"12\"");
	refused(lab, "fd == '12'", "'fd' is a number, and \"12\" is a text");
	refused(lab, "fd ~ '1*'", "'fd' is a number, and \"1*\" is a text");
	refused(lab, "vcpu ~ 1", "'vcpu' is a number, and ~ compares texts");
	refused(lab, "three == 1", "'three' is an array, and cannot be compared");
	refused(lab, "flags == -1", "'flags' has no sign, and is never -1");
	refused(lab, "fd == 9223372036854775808", "9223372036854775808 is more than 'fd' can be");
	refused(lab, "fd == -9223372036854775809", "is more than 'fd' can be");
	refused(lab, "flags == 18446744073709551616", "is more than 'flags' can be");
	refused(lab, "vcpu == 1x", "'1x' is no number, which 'vcpu' is");
	refused(lab, "vcpu == 0x", "'0x' is no number");
	refused(lab, "fd == --1", "'--1' is no number");
	refused(lab, "duration == -1", "'duration' is in seconds, such as 10 or 0.001");
	refused(lab, "duration & 1", "'duration' is in seconds, and has no bits");
	tear_down(lab);
}
END_TEST

START_TEST(a_field_must_be_comparable_in_each_probe_that_has_it)
{
	struct lab *lab = set_up();

	gprobe_fetch_free(lab->fetches[2]);
	ck_assert_int_eq(gprobe_fetch_parse("fd=+0(%si):string",
					    &lab->fetches[2], NULL), 0);
	refused(lab, "fd == 1", "'fd' is a text");
	refused(lab, "fd == '1'", "'fd' is a number");
	tear_down(lab);
}
END_TEST

START_TEST(what_is_no_filter_is_refused_with_its_column)
{
	struct lab *lab = set_up();

	refused(lab, "", "at column 1: a field is missing");
	refused(lab, "  ", "at column 3: a field is missing");
	refused(lab, "vcpu", "at column 5: an operator is missing behind 'vcpu': == != < <= > >= & or ~");
	refused(lab, "vcpu = 1", "at column 6: an operator is missing");
	refused(lab, "vcpu && cpl == 1", "at column 6: an operator is missing");
	refused(lab, "vcpu ==", "at column 8: a value is missing");
	refused(lab, "vcpu == && cpl", "at column 9: a value is missing");
	refused(lab, "comm == sh", "at column 9: 'sh' is no number, and a text stands in quotes: \"sh\"");
	refused(lab, "comm == 'sh", "at column 9: the text that begins here has no end: '");
	refused(lab, "(vcpu == 1", "at column 11: a ) is missing");
	refused(lab, "(vcpu == 1 cpl == 2)", "at column 12: &&, || or ) is missing");
	refused(lab, "vcpu == 1)", "at column 10: no ( is open here");
	refused(lab, "vcpu == 1 cpl == 2", "at column 11: && or || is missing");
	refused(lab, "vcpu == 1 & cpl == 2", "at column 11: && or || is missing");
	refused(lab, "vcpu == 1 &&", "at column 13: a field is missing");
	refused(lab, "!", "at column 2: a field is missing");
	refused(lab, "()", "at column 2: a field is missing");
	tear_down(lab);
}
END_TEST

/* @nr times @part with @between, then @rest. */
static char *repeat(const char *part, const char *between, unsigned int nr,
		    const char *rest)
{
	static char text[8192];
	size_t at = 0;

	text[0] = '\0';
	while (nr--)
		at += snprintf(text + at, sizeof(text) - at, "%s%s", part,
			       nr ? between : "");
	snprintf(text + at, sizeof(text) - at, "%s", rest);
	return text;
}

START_TEST(a_filter_is_as_long_and_as_deep_as_is_said)
{
	struct lab *lab = set_up();
	char text[1024];

	does(lab, repeat("vcpu == 1", " && ", FILTER_TESTS_MAX, ""));
	does_not(lab, repeat("vcpu == 0", " || ", FILTER_TESTS_MAX, ""));
	refused(lab, repeat("vcpu == 1", " && ", FILTER_TESTS_MAX + 1, ""),
		"there can be 64 comparisons at most");
	snprintf(text, sizeof(text), "vcpu == 1%s",
		 repeat(")", "", FILTER_NESTING_MAX, ""));
	does(lab, repeat("(", "", FILTER_NESTING_MAX, text));
	refused(lab, repeat("(", "", FILTER_NESTING_MAX + 1, text),
		"there can be 64 ( in each other at most");
	does(lab, repeat("((vcpu == 1))", " && ", FILTER_NESTING_MAX / 2 + 1, ""));
	does(lab, repeat("!", "", 1000, "vcpu == 1"));
	does_not(lab, repeat("!", "", 1001, "vcpu == 1"));
	tear_down(lab);
}
END_TEST

START_TEST(values_that_are_none_match_nothing)
{
	struct lab *lab = set_up();

	lab->hit.values_bytes = 3;
	does_not(lab, "comm == 'sh' || comm != 'sh' || fd < 0 || fd >= 0");
	does(lab, "vcpu == 1");
	lab->hit.values_bytes = 0;
	does_not(lab, "!(c == 1 && bad == 2)");
	tear_down(lab);
}
END_TEST

START_TEST(a_text_that_is_longer_than_any_is_compared_as_one_that_was_cut)
{
	const uint16_t bytes = 5000;
	struct lab *lab = set_up();

	lab->values[0] = GPROBE_FETCH_DONE;
	memcpy(lab->values + 1, &bytes, sizeof(bytes));
	memset(lab->values + 3, 'a', bytes);
	lab->hit.values_bytes = 3 + bytes;
	does(lab, "comm ~ 'a*a'");
	does_not(lab, "comm == 'a' || fd == 0");
	tear_down(lab);
}
END_TEST

START_TEST(a_filter_can_be_bound_to_something_else)
{
	struct lab *lab = set_up();
	struct gprobe_why why;
	struct filter *filter;

	ck_assert_int_eq(filter_parse("fd == -100", &filter, &why), 0);
	ck_assert_int_eq(filter_bind(filter, &lab->scope, &why), 0);
	ck_assert(filter_matches(filter, &lab->hit));
	lab->scope.probes++;
	lab->scope.fetches++;
	lab->scope.nr_probes -= 2;
	ck_assert_int_eq(filter_bind(filter, &lab->scope, &why), -EINVAL);
	unit_says(&why, "no field 'fd'");
	lab->scope.nr_probes++;
	ck_assert_int_eq(filter_bind(filter, &lab->scope, &why), 0);
	ck_assert(!filter_matches(filter, &lab->hit));
	filter_free(filter);
	tear_down(lab);
}
END_TEST

Suite *filter_suite(void)
{
	return UNIT_SUITE("filter",
		numbers_are_compared_by_each_operator,
		what_every_hit_has_is_a_field,
		what_was_fetched_is_a_field_by_its_name,
		a_number_has_the_sign_that_it_was_fetched_with,
		numbers_are_read_as_in_c,
		texts_are_equal_or_match_a_glob,
		a_text_has_what_is_not_the_quote_it_stands_in,
		and_binds_before_or_and_not_before_both,
		what_could_not_be_read_is_neither_so_nor_not,
		what_a_probe_does_not_fetch_matches_nothing_of_its_hits,
		durations_are_in_seconds_and_match_where_they_are_known,
		a_name_that_is_fetched_hides_what_every_hit_has,
		a_text_that_was_cut_is_compared_as_far_as_it_is_there,
		a_field_that_there_is_not_is_refused_with_those_there_are,
		more_fields_than_can_be_said_are_told_as_that,
		fields_are_compared_as_what_they_are,
		a_field_must_be_comparable_in_each_probe_that_has_it,
		what_is_no_filter_is_refused_with_its_column,
		a_filter_is_as_long_and_as_deep_as_is_said,
		values_that_are_none_match_nothing,
		a_text_that_is_longer_than_any_is_compared_as_one_that_was_cut,
		a_filter_can_be_bound_to_something_else);
}
