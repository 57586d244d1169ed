// SPDX-License-Identifier: GPL-2.0
/*
 * A filter is a list of tests and the steps by which their answers become one, in
 * postfix order. What ! means is in the tests and the steps around it: the contrary
 * of "a && b" is "!a || !b". So a test of what a hit has not needs no third answer: it
 * fails, denied or not.
 */
#include "filter.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/glob.h"
#include "../lib/why.h"

#include "lines.h"
#include "nearest.h"
#include "number.h"

#define BLANKS		" \t\n"
/* No FIELD, and no number, has one of these. */
#define STOPS		BLANKS "()&|!<>=~\"'"
/* Each number begins with one of these. */
#define FIRSTS		"-.0123456789"

/* As probes, of which hits there are, fetch no such thing. */
#define NOT_FETCHED	(-1)

enum operator {
	OP_EQUAL,
	OP_UNEQUAL,
	OP_AT_MOST,
	OP_AT_LEAST,
	OP_BELOW,
	OP_ABOVE,
	OP_BITS,
	OP_GLOB,
	OPERATORS,
};

/* One that another begins with stands behind it. */
static const char *const operators[OPERATORS] = {
	[OP_EQUAL] = "==",
	[OP_UNEQUAL] = "!=",
	[OP_AT_MOST] = "<=",
	[OP_AT_LEAST] = ">=",
	[OP_BELOW] = "<",
	[OP_ABOVE] = ">",
	[OP_BITS] = "&",
	[OP_GLOB] = "~",
};

/* How a field is compared. */
enum kind {
	KIND_UNSIGNED,
	KIND_SIGNED,
	KIND_SECONDS,
	KIND_TEXT,
};

enum field {
	FIELD_VCPU,
	FIELD_CPL,
	FIELD_ROOT,
	FIELD_IP,
	FIELD_PROBE,
	FIELD_DOMAIN,
	FIELD_DURATION,
	FIELDS,
	/* By a name that probes fetch something by. */
	FIELD_FETCHED,
};

/* What hits have besides; @where_not: why they may have none. */
static const struct {
	const char *name;
	enum kind kind;
	const char *where_not;
} fields[FIELDS] = {
	[FIELD_VCPU] = { "vcpu", KIND_UNSIGNED, NULL },
	[FIELD_CPL] = { "cpl", KIND_UNSIGNED, NULL },
	[FIELD_ROOT] = { "root", KIND_UNSIGNED, NULL },
	[FIELD_IP] = { "ip", KIND_UNSIGNED, NULL },
	[FIELD_PROBE] = { "probe", KIND_TEXT, NULL },
	[FIELD_DOMAIN] = { "domain", KIND_TEXT, "there is one domain" },
	[FIELD_DURATION] = { "duration", KIND_SECONDS,
			     "no return (r:) is probed" },
};

/**
 * struct test - FIELD OP VALUE
 * @name: FIELD
 * @value: VALUE, without its quotes
 * @is_quoted: it had some
 * @is_denied: the contrary is meant
 * @field: once bound: what FIELD is
 * @number: then: VALUE, unless it is a text; of a KIND_SECONDS in nanoseconds
 */
struct test {
	char *name, *value;
	enum operator operator;
	bool is_quoted, is_denied;
	enum field field;
	uint64_t number;
};

enum step {
	STEP_TEST,
	STEP_ALL,
	STEP_ANY,
};

/**
 * struct filter - which hits are wanted
 * @tests: in the order of their steps
 * @nr_tests: how many
 * @steps: STEP_TEST is the next of @tests, the others are of the last two answers
 * @nr_steps: how many
 * @scope: once bound
 * @args: then: for each probe, of each test: which argument it is of, or NOT_FETCHED
 */
struct filter {
	struct test tests[FILTER_TESTS_MAX];
	size_t nr_tests;
	enum step steps[2 * FILTER_TESTS_MAX - 1];
	size_t nr_steps;
	struct filter_scope scope;
	int16_t *args;
};

/* --- the text --- */

/**
 * struct parser - at work
 * @filter: what it becomes
 * @text: all of it
 * @at: where the parser is
 * @nesting: so many parentheses are open
 * @why: says why not
 */
struct parser {
	struct filter *filter;
	const char *text, *at;
	unsigned int nesting;
	struct gprobe_why *why;
};

static int parse_any(struct parser *parser, bool is_denied);

/* What is wrong is where the parser is. */
static int fail(const struct parser *parser, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static int fail(const struct parser *parser, const char *format, ...)
{
	char what[192];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	return gprobe_why(parser->why, -EINVAL, "at column %zu: %s",
			  (size_t)(parser->at - parser->text + 1), what);
}

static void skip_blanks(struct parser *parser)
{
	parser->at += strspn(parser->at, BLANKS);
}

static bool take(struct parser *parser, const char *token)
{
	skip_blanks(parser);
	if (strncmp(parser->at, token, strlen(token)))
		return false;
	parser->at += strlen(token);
	return true;
}

static int take_text(struct parser *parser, size_t length, char **text)
{
	*text = strndup(parser->at, length);
	parser->at += length;
	return *text ? 0 : gprobe_why(parser->why, -ENOMEM,
				      "not enough memory");
}

static int parse_name(struct parser *parser, struct test *test)
{
	size_t length = strcspn(parser->at, STOPS);

	if (!length)
		return fail(parser, "a field is missing, such as in vcpu == 0");
	return take_text(parser, length, &test->name);
}

static int parse_operator(struct parser *parser, struct test *test)
{
	enum operator operator = 0;

	skip_blanks(parser);
	if (!strncmp(parser->at, "&&", 2))
		operator = OPERATORS;
	while (operator < OPERATORS && !take(parser, operators[operator]))
		operator++;
	if (operator == OPERATORS)
		return fail(parser,
			    "an operator is missing behind '%.*s': == != < <= > >= & or ~",
			    GPROBE_FETCH_NAME_MAX, test->name);
	test->operator = operator;
	return 0;
}

static int parse_quoted(struct parser *parser, struct test *test)
{
	const char quote = *parser->at, *end = strchr(parser->at + 1, quote);
	int ret;

	if (!end)
		return fail(parser, "the text that begins here has no end: %c",
			    quote);
	parser->at++;
	test->is_quoted = true;
	ret = take_text(parser, end - parser->at, &test->value);
	parser->at++;
	return ret;
}

static int parse_value(struct parser *parser, struct test *test)
{
	size_t length;

	skip_blanks(parser);
	if (*parser->at == '"' || *parser->at == '\'')
		return parse_quoted(parser, test);
	length = strcspn(parser->at, STOPS);
	if (!length)
		return fail(parser,
			    "a value is missing: a number, or a text in quotes");
	if (!strchr(FIRSTS, *parser->at))
		return fail(parser, "'%.*s' is no number, and a text stands in quotes: \"%.*s\"",
			    (int)length, parser->at, (int)length, parser->at);
	return take_text(parser, length, &test->value);
}

static void add_step(struct parser *parser, enum step step)
{
	parser->filter->steps[parser->filter->nr_steps++] = step;
}

static int parse_test(struct parser *parser, bool is_denied)
{
	struct filter *filter = parser->filter;
	struct test *test = &filter->tests[filter->nr_tests];
	int ret;

	if (filter->nr_tests == FILTER_TESTS_MAX)
		return fail(parser, "there can be %d comparisons at most",
			    FILTER_TESTS_MAX);
	/* From now on it is there to be freed. */
	filter->nr_tests++;
	test->is_denied = is_denied;
	ret = parse_name(parser, test);
	if (!ret)
		ret = parse_operator(parser, test);
	if (!ret)
		ret = parse_value(parser, test);
	if (!ret)
		add_step(parser, STEP_TEST);
	return ret;
}

static int parse_nested(struct parser *parser, bool is_denied)
{
	int ret;

	if (parser->nesting == FILTER_NESTING_MAX)
		return fail(parser, "there can be %d ( in each other at most",
			    FILTER_NESTING_MAX);
	parser->nesting++;
	ret = parse_any(parser, is_denied);
	parser->nesting--;
	if (ret || take(parser, ")"))
		return ret;
	return fail(parser, *parser->at ? "&&, || or ) is missing" :
					  "a ) is missing");
}

static int parse_one(struct parser *parser, bool is_denied)
{
	while (take(parser, "!"))
		is_denied = !is_denied;
	return take(parser, "(") ? parse_nested(parser, is_denied) :
				   parse_test(parser, is_denied);
}

static int parse_all(struct parser *parser, bool is_denied)
{
	int ret = parse_one(parser, is_denied);

	while (!ret && take(parser, "&&")) {
		ret = parse_one(parser, is_denied);
		if (!ret)
			add_step(parser, is_denied ? STEP_ANY : STEP_ALL);
	}
	return ret;
}

static int parse_any(struct parser *parser, bool is_denied)
{
	int ret = parse_all(parser, is_denied);

	while (!ret && take(parser, "||")) {
		ret = parse_all(parser, is_denied);
		if (!ret)
			add_step(parser, is_denied ? STEP_ALL : STEP_ANY);
	}
	return ret;
}

/**
 * filter_parse() - Read what hits are wanted.
 * @text: says it
 * @filter: gets it, for filter_bind() and filter_free(); NULL on failure
 * @why: says what is wrong, and where
 *
 * Return: 0; -EINVAL; -ENOMEM.
 */
int filter_parse(const char *text, struct filter **filter,
		 struct gprobe_why *why)
{
	struct parser parser = { .text = text, .at = text, .why = why };
	int ret;

	*filter = NULL;
	parser.filter = calloc(1, sizeof(*parser.filter));
	if (!parser.filter)
		return gprobe_why(why, -ENOMEM, "not enough memory");
	ret = parse_any(&parser, false);
	if (!ret && *parser.at)
		ret = fail(&parser, *parser.at == ')' ?
			   "no ( is open here" : "&& or || is missing");
	if (ret)
		filter_free(parser.filter);
	else
		*filter = parser.filter;
	return ret;
}

/* --- what its fields are --- */

static enum kind kind_of(enum gprobe_fetch_kind kind)
{
	switch (kind) {
	case GPROBE_FETCH_STRING:
		return KIND_TEXT;
	case GPROBE_FETCH_SIGNED:
		return KIND_SIGNED;
	default:
		return KIND_UNSIGNED;
	}
}

/* As the kernel reads it: decimal, 0x hexadecimal or 0 octal. */
static int set_number(struct test *test, bool is_signed,
		      struct gprobe_why *why)
{
	bool is_negative = test->value[0] == '-';
	const char *digits = test->value + is_negative;
	uint64_t number;
	char *rest;

	errno = 0;
	number = strtoull(digits, &rest, 0);
	if (!isdigit((unsigned char)*digits) || *rest)
		return gprobe_why(why, -EINVAL, "'%s' is no number, which '%s' is",
				  test->value, test->name);
	if (is_negative && !is_signed)
		return gprobe_why(why, -EINVAL,
				  "'%s' has no sign, and is never %s: what is fetched as s64 has one",
				  test->name, test->value);
	if (errno || (is_signed && number > (uint64_t)INT64_MAX + is_negative))
		return gprobe_why(why, -EINVAL, "%s is more than '%s' can be",
				  test->value, test->name);
	test->number = is_negative ? -number : number;
	return 0;
}

static int set_text(const struct test *test, struct gprobe_why *why)
{
	enum operator operator = test->operator;

	if (!test->is_quoted)
		return gprobe_why(why, -EINVAL,
				  "'%s' is a text, and so must be what it is compared with: \"%s\"",
				  test->name, test->value);
	if (operator == OP_EQUAL || operator == OP_UNEQUAL ||
	    operator == OP_GLOB)
		return 0;
	return gprobe_why(why, -EINVAL,
			  "'%s' is a text, which %s cannot compare: ==, != and ~ can",
			  test->name, operators[operator]);
}

/* See that a field of this kind can be compared so; sets @number. */
static int set_value(struct test *test, enum kind kind, struct gprobe_why *why)
{
	if (kind == KIND_TEXT)
		return set_text(test, why);
	if (test->is_quoted)
		return gprobe_why(why, -EINVAL,
				  "'%s' is a number, and \"%s\" is a text",
				  test->name, test->value);
	if (test->operator == OP_GLOB)
		return gprobe_why(why, -EINVAL,
				  "'%s' is a number, and ~ compares texts",
				  test->name);
	if (kind != KIND_SECONDS)
		return set_number(test, kind == KIND_SIGNED, why);
	if (test->operator == OP_BITS)
		return gprobe_why(why, -EINVAL,
				  "'%s' is in seconds, and has no bits",
				  test->name);
	if (!number_parse_seconds(test->value, &test->number))
		return gprobe_why(why, -EINVAL,
				  "'%s' is in seconds, such as 10 or 0.001, and '%s' is not",
				  test->name, test->value);
	return 0;
}

static int find_arg(const struct gprobe_fetch *fetch, const char *name,
		    struct gprobe_fetch_info *info)
{
	uint32_t i;

	for (i = 0; i < gprobe_fetch_nr(fetch); i++) {
		gprobe_fetch_info(fetch, i, info);
		if (!strcmp(info->name, name))
			return i;
	}
	return NOT_FETCHED;
}

/* Which argument of which probe a test is of: of none, if @field stays as it is. */
static int bind_fetched(struct filter *filter, size_t index,
			struct gprobe_why *why)
{
	const struct filter_scope *scope = &filter->scope;
	struct test *test = &filter->tests[index];
	int16_t *arg = filter->args + index;
	struct gprobe_fetch_info info;
	int ret = 0;
	size_t i;

	for (i = 0; i < scope->nr_probes && !ret; i++, arg += filter->nr_tests) {
		*arg = find_arg(scope->fetches[i], test->name, &info);
		if (*arg == NOT_FETCHED)
			continue;
		test->field = FIELD_FETCHED;
		if (info.is_array)
			return gprobe_why(why, -EINVAL,
					  "'%s' is an array, and cannot be compared",
					  test->name);
		ret = set_value(test, kind_of(info.kind), why);
	}
	return ret;
}

static bool any_return(const struct filter_scope *scope)
{
	size_t i;

	for (i = 0; i < scope->nr_probes; i++)
		if (scope->probes[i].part == GPROBE_PROBE_ENTRY)
			return true;
	return false;
}

static bool is_there(const struct filter_scope *scope, enum field field)
{
	if (field == FIELD_DOMAIN)
		return scope->nr_domains > 1;
	return field != FIELD_DURATION || any_return(scope);
}

/**
 * struct names - of the fields that there are
 * @wrong: what was typed in place of one of them
 * @nearest: to it
 * @list: as many as fit, with commas
 * @length: of it
 * @is_cut: there are more
 */
struct names {
	const char *wrong;
	struct nearest nearest;
	char list[256];
	size_t length;
	bool is_cut;
};

static bool is_listed(const struct names *names, const char *name)
{
	size_t length = strlen(name);
	const char *at = names->list;

	while ((at = strstr(at, name))) {
		if ((at == names->list || at[-1] == ' ') &&
		    (!at[length] || at[length] == ','))
			return true;
		at += length;
	}
	return false;
}

static void add_name(struct names *names, const char *name)
{
	size_t room = sizeof(names->list) - names->length;

	nearest_add(&names->nearest, names->wrong, name, name);
	if (is_listed(names, name))
		return;
	names->is_cut |= strlen(name) + sizeof(", ") > room;
	if (names->is_cut)
		return;
	names->length += snprintf(names->list + names->length, room, "%s%s",
				  names->length ? ", " : "", name);
}

static void add_fetched(struct names *names, const struct gprobe_fetch *fetch)
{
	struct gprobe_fetch_info info;
	uint32_t i;

	for (i = 0; i < gprobe_fetch_nr(fetch); i++) {
		gprobe_fetch_info(fetch, i, &info);
		add_name(names, info.name);
	}
}

static int no_field(const struct filter_scope *scope, const char *name,
		    struct gprobe_why *why)
{
	struct names names = { .wrong = name };
	enum field field;
	size_t i;

	for (field = 0; field < FIELDS; field++)
		if (is_there(scope, field))
			add_name(&names, fields[field].name);
	for (i = 0; i < scope->nr_probes; i++)
		add_fetched(&names, scope->fetches[i]);
	return gprobe_why(why, -EINVAL, "no field '%.*s'%s%s; there are %s%s",
			  GPROBE_FETCH_NAME_MAX, name,
			  names.nearest.shown ? "; nearest: " : "",
			  names.nearest.shown ? names.nearest.shown : "",
			  names.list, names.is_cut ? ", ..." : "");
}

static int bind_other(struct filter *filter, struct test *test,
		      struct gprobe_why *why)
{
	enum field field = 0;

	while (field < FIELDS && strcmp(test->name, fields[field].name))
		field++;
	if (field == FIELDS)
		return no_field(&filter->scope, test->name, why);
	if (!is_there(&filter->scope, field))
		return gprobe_why(why, -EINVAL, "no field '%s': %s",
				  test->name, fields[field].where_not);
	test->field = field;
	return set_value(test, fields[field].kind, why);
}

/**
 * filter_bind() - Say what the hits are that a filter is for.
 * @filter: parsed; bound to something else, or not
 * @scope: what they can be of; stays as long as the filter is used
 * @why: says what of the filter does not fit
 *
 * Return: 0; -EINVAL: it has a field that no probe has, or compares one as what it is
 * not; -ENOMEM.
 */
int filter_bind(struct filter *filter, const struct filter_scope *scope,
		struct gprobe_why *why)
{
	int ret = 0;
	size_t i;

	free(filter->args);
	filter->args = calloc(scope->nr_probes,
			      filter->nr_tests * sizeof(*filter->args));
	if (!filter->args)
		return gprobe_why(why, -ENOMEM, "not enough memory");
	filter->scope = *scope;
	for (i = 0; i < filter->nr_tests && !ret; i++) {
		filter->tests[i].field = FIELDS;
		ret = bind_fetched(filter, i, why);
		if (!ret && filter->tests[i].field == FIELDS)
			ret = bind_other(filter, &filter->tests[i], why);
	}
	return ret;
}

/* --- hits --- */

/* What each test is of; what a hit has not is as what could not be read. */
static void take_values(const struct filter *filter, const struct hit *hit,
			struct gprobe_fetch_value *values)
{
	const int16_t *args = filter->args + hit->probe * filter->nr_tests;
	struct gprobe_fetch_cursor cursor = lines_cursor(hit);
	struct gprobe_fetch_value value;
	int last = NOT_FETCHED;
	size_t i;

	for (i = 0; i < filter->nr_tests; i++) {
		values[i].state = GPROBE_FETCH_FAULT;
		if (args[i] > last)
			last = args[i];
	}
	while ((int)cursor.arg <= last &&
	       gprobe_fetch_next(filter->scope.fetches[hit->probe], &cursor,
				 &value) > 0)
		for (i = 0; i < filter->nr_tests; i++)
			if (args[i] == (int)value.arg)
				values[i] = value;
}

/* @order: below 0, 0 or above 0, as the value is below, equal to or above VALUE. */
static bool is_so(enum operator operator, int order)
{
	switch (operator) {
	case OP_EQUAL:
		return !order;
	case OP_UNEQUAL:
		return order;
	case OP_AT_MOST:
		return order <= 0;
	case OP_AT_LEAST:
		return order >= 0;
	case OP_BELOW:
		return order < 0;
	default:
		return order > 0;
	}
}

static bool compare_number(const struct test *test, uint64_t number,
			   bool is_signed)
{
	/* So that those below 0 are below the others. */
	uint64_t bias = is_signed ? UINT64_C(1) << 63 : 0;
	uint64_t a = number + bias, b = test->number + bias;

	if (test->operator == OP_BITS)
		return number & test->number;
	return is_so(test->operator, (a > b) - (a < b));
}

static bool compare_text(const struct test *test, const char *text,
			 size_t bytes)
{
	char copy[GPROBE_FETCH_STRING_MAX + 1];

	if (bytes > GPROBE_FETCH_STRING_MAX)
		bytes = GPROBE_FETCH_STRING_MAX;
	memcpy(copy, text, bytes);
	copy[bytes] = '\0';
	if (test->operator == OP_GLOB)
		return gprobe_glob_matches(test->value, copy);
	return is_so(test->operator, strcmp(copy, test->value));
}

static bool compare_fetched(const struct filter *filter, size_t index,
			    const struct hit *hit,
			    const struct gprobe_fetch_value *value)
{
	const struct test *test = &filter->tests[index];
	struct gprobe_fetch_info info;

	gprobe_fetch_info(filter->scope.fetches[hit->probe], value->arg, &info);
	if (kind_of(info.kind) == KIND_TEXT)
		return compare_text(test, value->text, value->text_bytes);
	return compare_number(test, value->number,
			      kind_of(info.kind) == KIND_SIGNED);
}

static const char *domain_name(const struct filter_scope *scope,
			       const struct hit *hit)
{
	return scope->domains[hits_domain_of(scope->domains, hit->probe)].name;
}

static bool compare(const struct filter *filter, size_t index,
		    const struct hit *hit,
		    const struct gprobe_fetch_value *value)
{
	const struct filter_scope *scope = &filter->scope;
	const struct test *test = &filter->tests[index];
	const char *text;

	switch (test->field) {
	case FIELD_VCPU:
		return compare_number(test, hit->vcpu, false);
	case FIELD_CPL:
		return compare_number(test, hit->cpl, false);
	case FIELD_ROOT:
		return compare_number(test, hit->root, false);
	case FIELD_IP:
		return compare_number(test, hit->gva, false);
	case FIELD_DURATION:
		return compare_number(test, hit->duration_ns, false);
	case FIELD_PROBE:
		text = scope->probes[hit->probe].text;
		return compare_text(test, text, strlen(text));
	case FIELD_DOMAIN:
		text = domain_name(scope, hit);
		return compare_text(test, text, strlen(text));
	default:
		return compare_fetched(filter, index, hit, value);
	}
}

static bool passes(const struct filter *filter, size_t index,
		   const struct hit *hit,
		   const struct gprobe_fetch_value *value)
{
	const struct test *test = &filter->tests[index];

	if (test->field == FIELD_FETCHED && value->state == GPROBE_FETCH_FAULT)
		return false;
	if (test->field == FIELD_DURATION &&
	    hit->duration_ns == HIT_NO_DURATION)
		return false;
	return compare(filter, index, hit, value) != test->is_denied;
}

/**
 * filter_matches() - Is a hit wanted?
 * @filter: bound to what the hit is of
 * @hit: the hit; its values may be anything
 *
 * Nothing is allocated.
 *
 * Return: true if it is.
 */
bool filter_matches(const struct filter *filter, const struct hit *hit)
{
	struct gprobe_fetch_value values[FILTER_TESTS_MAX];
	bool answers[FILTER_TESTS_MAX] = { false };
	size_t nr = 0, test = 0, i;

	take_values(filter, hit, values);
	for (i = 0; i < filter->nr_steps; i++) {
		if (filter->steps[i] == STEP_TEST) {
			answers[nr++] = passes(filter, test, hit, &values[test]);
			test++;
			continue;
		}
		nr--;
		if (filter->steps[i] == STEP_ALL)
			answers[nr - 1] &= answers[nr];
		else
			answers[nr - 1] |= answers[nr];
	}
	return answers[0];
}

/**
 * filter_free() - Free a filter.
 * @filter: the filter, or NULL
 */
void filter_free(struct filter *filter)
{
	size_t i;

	for (i = 0; filter && i < filter->nr_tests; i++) {
		free(filter->tests[i].name);
		free(filter->tests[i].value);
	}
	if (filter)
		free(filter->args);
	free(filter);
}
