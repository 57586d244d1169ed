// SPDX-License-Identifier: GPL-2.0
#include "list.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"
#include "say.h"
#include "text.h"

#define GAP	2

/* Cells are kept until all widths are known. */
static void keep_cell(struct list *list, const char *text)
{
	size_t size;
	char **cells;

	if (list->nr_cells == list->size) {
		size = list->size ? list->size * 2 : 64;
		cells = reallocarray(list->cells, size, sizeof(*cells));
		if (!cells) {
			list->out_of_memory = true;
			return;
		}
		list->cells = cells;
		list->size = size;
	}
	list->cells[list->nr_cells] = strdup(text);
	if (list->cells[list->nr_cells])
		text_clean(list->cells[list->nr_cells++]);
	else
		list->out_of_memory = true;
}

/**
 * list_begin() - Begin a list.
 * @list: zeroed but for what its user gives
 */
void list_begin(struct list *list)
{
	size_t i;

	list->json.file = stdout;
	if (list->as_json)
		json_open_list(&list->json, NULL);
	for (i = 0; !list->as_json && i < list->nr_columns; i++)
		if (list->columns[i].title)
			keep_cell(list, list->columns[i].title);
}

/* The column of the next field. */
static const struct list_column *next_field(struct list *list)
{
	const struct list_column *column = &list->columns[list->column];

	if (list->as_json && !list->column)
		json_open_object(&list->json, NULL);
	return column;
}

static void end_field(struct list *list)
{
	if (++list->column < list->nr_columns)
		return;
	list->column = 0;
	if (list->as_json)
		json_close_object(&list->json);
}

/**
 * list_put_string() - Write a field.
 * @list: the list
 * @value: any bytes
 */
void list_put_string(struct list *list, const char *value)
{
	const struct list_column *column = next_field(list);

	if (list->as_json && column->key)
		json_put_string(&list->json, column->key, value);
	if (!list->as_json && column->title)
		keep_cell(list, *value ? value : "-");
	end_field(list);
}

/**
 * list_put_number() - Write a field.
 * @list: the list
 * @value: the number
 */
void list_put_number(struct list *list, uint64_t value)
{
	const struct list_column *column = next_field(list);

	if (list->as_json && column->key)
		json_put_number(&list->json, column->key, value);
	if (!list->as_json && column->title)
		keep_cell(list, number_plain(value).text);
	end_field(list);
}

/**
 * list_put_hex() - Write a field.
 * @list: the list
 * @value: an address or frame
 */
void list_put_hex(struct list *list, uint64_t value)
{
	const struct list_column *column = next_field(list);
	char text[24];

	snprintf(text, sizeof(text), "0x%" PRIx64, value);
	if (list->as_json && column->key)
		json_put_hex(&list->json, column->key, value);
	if (!list->as_json && column->title)
		keep_cell(list, text);
	end_field(list);
}

/**
 * list_put_null() - Write a field that has no value.
 * @list: the list
 */
void list_put_null(struct list *list)
{
	const struct list_column *column = next_field(list);

	if (list->as_json && column->key)
		json_put_null(&list->json, column->key);
	if (!list->as_json && column->title)
		keep_cell(list, "-");
	end_field(list);
}

/* The columns that the table has. */
static size_t shown(const struct list *list, const struct list_column **columns)
{
	size_t nr = 0, i;

	for (i = 0; i < list->nr_columns; i++)
		if (list->columns[i].title)
			columns[nr++] = &list->columns[i];
	return nr;
}

static void print_cell(const char *text, size_t width, bool right, bool last)
{
	int pad = width - text_columns(text);

	if (right)
		printf("%*s%s", pad, "", text);
	else
		printf("%s%*s", text, last ? 0 : pad, "");
	printf("%*s", last ? 0 : GAP, "");
}

static void print_table(const struct list *list)
{
	const struct list_column *columns[LIST_MAX_COLUMNS];
	size_t widths[LIST_MAX_COLUMNS] = { 0 };
	size_t nr = shown(list, columns), i;
	size_t first = list->no_titles ? nr : 0;

	for (i = first; i < list->nr_cells; i++)
		widths[i % nr] = text_wider(widths[i % nr], list->cells[i]);
	for (i = first; i < list->nr_cells; i++) {
		print_cell(list->cells[i], widths[i % nr],
			   columns[i % nr]->right, i % nr == nr - 1);
		if (i % nr == nr - 1)
			putchar('\n');
	}
}

/**
 * list_end() - Write what is left of a list.
 * @list: the list; not to be used after
 *
 * Return: the exit status.
 */
int list_end(struct list *list)
{
	bool out_of_memory = list->out_of_memory;

	if (list->as_json) {
		json_close_list(&list->json);
		json_end_line(&list->json);
	} else if (!out_of_memory) {
		print_table(list);
	}
	while (list->nr_cells)
		free(list->cells[--list->nr_cells]);
	free(list->cells);
	if (out_of_memory)
		return say_no_memory();
	return say_flush(stdout, "stdout");
}
