/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A list of things, to stdout: a table for people, or a JSON list of objects.
 * Each row gives its fields in the order of the columns, one call a field.
 */
#ifndef GPROBE_TOOL_LIST_H
#define GPROBE_TOOL_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json.h"

#define LIST_MAX_COLUMNS	16

/**
 * struct list_column - a field
 * @title: in the table; NULL: not there
 * @key: in JSON; NULL: not there
 * @right: right-aligned in the table
 */
struct list_column {
	const char *title;
	const char *key;
	bool right;
};

/**
 * struct list - a list that is being written
 * @columns: of each row
 * @nr_columns: how many; at most LIST_MAX_COLUMNS
 * @as_json: JSON, not a table
 * @no_titles: the table has no first line
 * The rest is the list's own.
 */
struct list {
	const struct list_column *columns;
	size_t nr_columns;
	bool as_json;
	bool no_titles;

	struct json json;
	size_t column;
	char **cells;
	size_t nr_cells, size;
	bool out_of_memory;
};

void list_begin(struct list *list);
void list_put_string(struct list *list, const char *value);
void list_put_number(struct list *list, uint64_t value);
void list_put_hex(struct list *list, uint64_t value);
void list_put_null(struct list *list);
int list_end(struct list *list);

#endif /* GPROBE_TOOL_LIST_H */
