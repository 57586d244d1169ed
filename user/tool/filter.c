// SPDX-License-Identifier: GPL-2.0
/*
 * What a filter's fields are of, and which hits it matches. Its tests bring what is
 * denied with them, so a test of what a hit has not needs no third answer: it fails,
 * denied or not.
 */
#include "filter_parse.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/glob.h"
#include "../lib/why.h"

#include "lines.h"
#include "nearest.h"
#include "number.h"

/* How a field is compared. */
enum kind {
	KIND_UNSIGNED,
	KIND_SIGNED,
	KIND_SECONDS,
	KIND_TEXT,
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
static int set_number(struct filter_test *test, bool is_signed,
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

static int set_text(const struct filter_test *test, struct gprobe_why *why)
{
	enum filter_operator operator = test->operator;

	if (!test->is_quoted)
		return gprobe_why(why, -EINVAL,
				  "'%s' is a text, and so must be what it is compared with: \"%s\"",
				  test->name, test->value);
	if (operator == OP_EQUAL || operator == OP_UNEQUAL ||
	    operator == OP_GLOB)
		return 0;
	return gprobe_why(why, -EINVAL,
			  "'%s' is a text, which %s cannot compare: ==, != and ~ can",
			  test->name, filter_operators[operator]);
}

/* See that a field of this kind can be compared so; sets @number. */
static int set_value(struct filter_test *test, enum kind kind,
		     struct gprobe_why *why)
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
	return FILTER_NOT_FETCHED;
}

/* Which argument of which probe a test is of: of none, if @field stays as it is. */
static int bind_fetched(struct filter *filter, size_t index,
			struct gprobe_why *why)
{
	const struct filter_scope *scope = &filter->scope;
	struct filter_test *test = &filter->tests[index];
	int16_t *arg = filter->args + index;
	struct gprobe_fetch_info info;
	int ret = 0;
	size_t i;

	for (i = 0; i < scope->nr_probes && !ret; i++, arg += filter->nr_tests) {
		*arg = find_arg(scope->fetches[i], test->name, &info);
		if (*arg == FILTER_NOT_FETCHED)
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

static bool is_there(const struct filter_scope *scope, enum filter_field field)
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
	enum filter_field field;
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

static int bind_other(struct filter *filter, struct filter_test *test,
		      struct gprobe_why *why)
{
	enum filter_field field = 0;

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
	int last = FILTER_NOT_FETCHED;
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
static bool is_so(enum filter_operator operator, int order)
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

static bool compare_number(const struct filter_test *test, uint64_t number,
			   bool is_signed)
{
	/* So that those below 0 are below the others. */
	uint64_t bias = is_signed ? UINT64_C(1) << 63 : 0;
	uint64_t a = number + bias, b = test->number + bias;

	if (test->operator == OP_BITS)
		return number & test->number;
	return is_so(test->operator, (a > b) - (a < b));
}

static bool compare_text(const struct filter_test *test, const char *text,
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
	const struct filter_test *test = &filter->tests[index];
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
	const struct filter_test *test = &filter->tests[index];
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
	const struct filter_test *test = &filter->tests[index];

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
