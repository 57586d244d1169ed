// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Fields that are asked for, in the types of Volatility's JSON (ISF):
 *
 *	{ NAME: { "fields": { NAME: { "type": { "kind": KIND, "name": NAME },
 *				      "offset": NUMBER }, ... }, ... }, ... }
 *
 * A struct without a name in another one is a type of some name like any, and its
 * field is called unnamed_field_OFFSET. It may stand behind or before the other one:
 * so all of these are kept until the last was read.
 */
#include "task_fields.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "json_scan.h"

#define UNNAMED		"unnamed_field_"

/* A kernel needs but a few of these; a file that is made to, as many as it likes. */
#define MAX_LOOKS	1000

const struct gprobe_task_field_name
	gprobe_task_field_names[GPROBE_TASK_FIELDS] = {
	[GPROBE_TASK_COMM] = { "task_struct", "comm" },
	[GPROBE_TASK_PID] = { "task_struct", "pid" },
	[GPROBE_TASK_TGID] = { "task_struct", "tgid" },
	[GPROBE_TASK_CURRENT] = { "pcpu_hot", "current_task" },
	[GPROBE_TASK_LIST] = { "task_struct", "tasks" },
	[GPROBE_TASK_MM] = { "task_struct", "mm" },
	[GPROBE_TASK_MM_PGD] = { "mm_struct", "pgd" },
};

/**
 * struct field - a field of some type
 * @of: the type
 * @name: its own
 * @type: what it is, if that has a name; else ""
 * @offset: in the type
 */
struct field {
	const char *of, *name, *type;
	uint64_t offset;
};

/**
 * struct fields - those that are of use
 * @all: in the file's order
 * @nr: how many
 * @looks: how often it was looked for one in a type
 */
struct fields {
	struct field *all;
	size_t nr;
	unsigned int looks;
};

static bool is_unnamed(const char *name)
{
	return !strncmp(name, UNNAMED, strlen(UNNAMED));
}

/* Others are not kept: there are very many. */
static bool is_of_use(const char *name)
{
	size_t i;

	for (i = 0; i < GPROBE_TASK_FIELDS; i++)
		if (!strcmp(name, gprobe_task_field_names[i].member))
			return true;
	return is_unnamed(name);
}

static int keep(struct fields *fields, const struct field *field)
{
	struct field *more;

	/* Room for a power of two. */
	if (!(fields->nr & (fields->nr - 1))) {
		more = reallocarray(fields->all, fields->nr ? 2 * fields->nr : 1,
				    sizeof(*more));
		if (!more)
			return -ENOMEM;
		fields->all = more;
	}
	fields->all[fields->nr++] = *field;
	return 0;
}

static const char *read_type_name(struct json_scan *json)
{
	const char *key, *name = "";

	if (!json_is_object(json)) {
		json_skip(json);
		return name;
	}
	json_open(json);
	while (json_key(json, &key)) {
		if (!strcmp(key, "name"))
			name = json_text(json);
		else
			json_skip(json);
	}
	return name;
}

static int read_field(struct fields *fields, struct json_scan *json,
		      struct field *field)
{
	bool has_offset = false;
	const char *key;

	if (!is_of_use(field->name) || !json_is_object(json)) {
		json_skip(json);
		return 0;
	}
	field->type = "";
	json_open(json);
	while (json_key(json, &key)) {
		if (!strcmp(key, "type")) {
			field->type = read_type_name(json);
		} else if (!strcmp(key, "offset") && json_is_number(json)) {
			field->offset = json_number(json);
			has_offset = true;
		} else {
			json_skip(json);
		}
	}
	return has_offset ? keep(fields, field) : 0;
}

static int read_fields(struct fields *fields, struct json_scan *json,
		       const char *of)
{
	struct field field = { .of = of };
	int ret = 0;

	if (!json_is_object(json)) {
		json_skip(json);
		return 0;
	}
	json_open(json);
	while (!ret && json_key(json, &field.name))
		ret = read_field(fields, json, &field);
	return ret;
}

static int read_type(struct fields *fields, struct json_scan *json,
		     const char *name)
{
	const char *key;
	int ret = 0;

	if (!json_is_object(json)) {
		json_skip(json);
		return 0;
	}
	json_open(json);
	while (!ret && json_key(json, &key)) {
		if (!strcmp(key, "fields"))
			ret = read_fields(fields, json, name);
		else
			json_skip(json);
	}
	return ret;
}

/* Answers where it is, or -1. */
static int64_t find(struct fields *fields, const char *of, const char *member,
		    unsigned int depth)
{
	const struct field *field;
	int64_t inner;
	size_t i;

	if (fields->looks == MAX_LOOKS)
		return -1;
	fields->looks++;
	for (i = 0; i < fields->nr; i++) {
		field = &fields->all[i];
		if (strcmp(field->of, of))
			continue;
		if (!strcmp(field->name, member))
			return field->offset;
		if (!is_unnamed(field->name) || depth == GPROBE_TASK_FIELD_DEPTH)
			continue;
		inner = find(fields, field->type, member, depth + 1);
		if (inner >= 0)
			return field->offset + inner;
	}
	return -1;
}

int gprobe_task_fields_read_isf(struct gprobe_task_fields *fields,
				struct json_scan *json)
{
	struct fields all = { 0 };
	const char *name;
	int ret = 0;
	size_t i;

	json_open(json);
	while (!ret && json_key(json, &name))
		ret = read_type(&all, json, name);
	for (i = 0; i < GPROBE_TASK_FIELDS; i++) {
		all.looks = 0;
		fields->at[i] = find(&all, gprobe_task_field_names[i].type,
				     gprobe_task_field_names[i].member, 0);
	}
	free(all.all);
	return ret;
}
