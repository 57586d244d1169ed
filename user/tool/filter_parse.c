// SPDX-License-Identifier: GPL-2.0
/*
 * A filter is a list of tests and the steps by which their answers become one, in
 * postfix order. What ! means is in the tests and the steps around it: the contrary
 * of "a && b" is "!a || !b".
 */
#include "filter_parse.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/why.h"

#define BLANKS		" \t\n"
/* No FIELD, and no number, has one of these. */
#define STOPS		BLANKS "()&|!<>=~\"'"
/* Each number begins with one of these. */
#define FIRSTS		"-.0123456789"

/* One that another begins with stands behind it. */
const char *const filter_operators[OPERATORS] = {
	[OP_EQUAL] = "==",
	[OP_UNEQUAL] = "!=",
	[OP_AT_MOST] = "<=",
	[OP_AT_LEAST] = ">=",
	[OP_BELOW] = "<",
	[OP_ABOVE] = ">",
	[OP_BITS] = "&",
	[OP_GLOB] = "~",
};

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

static int parse_name(struct parser *parser, struct filter_test *test)
{
	size_t length = strcspn(parser->at, STOPS);

	if (!length)
		return fail(parser, "a field is missing, such as in vcpu == 0");
	return take_text(parser, length, &test->name);
}

static int parse_operator(struct parser *parser, struct filter_test *test)
{
	enum filter_operator operator = 0;

	skip_blanks(parser);
	if (!strncmp(parser->at, "&&", 2))
		operator = OPERATORS;
	while (operator < OPERATORS && !take(parser, filter_operators[operator]))
		operator++;
	if (operator == OPERATORS)
		return fail(parser,
			    "an operator is missing behind '%.*s': == != < <= > >= & or ~",
			    GPROBE_FETCH_NAME_MAX, test->name);
	test->operator = operator;
	return 0;
}

static int parse_quoted(struct parser *parser, struct filter_test *test)
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

static int parse_value(struct parser *parser, struct filter_test *test)
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

static void add_step(struct parser *parser, enum filter_step step)
{
	parser->filter->steps[parser->filter->nr_steps++] = step;
}

static int parse_test(struct parser *parser, bool is_denied)
{
	struct filter *filter = parser->filter;
	struct filter_test *test = &filter->tests[filter->nr_tests];
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
