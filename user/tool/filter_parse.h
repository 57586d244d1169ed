/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a filter is made of. filter_parse.c makes it of its text; filter.c says what its
 * fields are of, and looks at hits.
 */
#ifndef GPROBE_TOOL_FILTER_PARSE_H
#define GPROBE_TOOL_FILTER_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filter.h"

/* As probes, of which hits there are, fetch no such thing. */
#define FILTER_NOT_FETCHED	(-1)

enum filter_operator {
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

/* As they are typed. */
extern const char *const filter_operators[OPERATORS];

enum filter_field {
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

/**
 * struct filter_test - FIELD OP VALUE
 * @name: FIELD
 * @value: VALUE, without its quotes
 * @is_quoted: it had some
 * @is_denied: the contrary is meant
 * @field: once bound: what FIELD is
 * @number: then: VALUE, unless it is a text; of seconds in nanoseconds
 */
struct filter_test {
	char *name, *value;
	enum filter_operator operator;
	bool is_quoted, is_denied;
	enum filter_field field;
	uint64_t number;
};

enum filter_step {
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
 * @args: then: for each probe, of each test: which argument it is of, or
 *	FILTER_NOT_FETCHED
 */
struct filter {
	struct filter_test tests[FILTER_TESTS_MAX];
	size_t nr_tests;
	enum filter_step steps[2 * FILTER_TESTS_MAX - 1];
	size_t nr_steps;
	struct filter_scope scope;
	int16_t *args;
};

#endif /* GPROBE_TOOL_FILTER_PARSE_H */
