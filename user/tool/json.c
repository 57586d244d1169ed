// SPDX-License-Identifier: GPL-2.0
#include "json.h"

#include <inttypes.h>

#include "number.h"
#include "text.h"

static void put_character(struct json *json, const char *text, size_t bytes)
{
	unsigned char c = *text;

	if (!bytes)
		fputs("\\ufffd", json->file);
	else if (c == '"' || c == '\\')
		fprintf(json->file, "\\%c", c);
	else if (c < 0x20 || c == 0x7f)
		fprintf(json->file, "\\u%04x", c);
	else
		fwrite(text, 1, bytes, json->file);
}

static void put_text(struct json *json, const char *text)
{
	size_t bytes;

	fputc('"', json->file);
	for (; *text; text += bytes ? bytes : 1) {
		bytes = text_character(text);
		put_character(json, text, bytes);
	}
	fputc('"', json->file);
}

/* What stands before a value. */
static void begin(struct json *json, const char *key)
{
	if (json->started)
		fputc(',', json->file);
	json->started = true;
	if (!key)
		return;
	put_text(json, key);
	fputc(':', json->file);
}

static void open_with(struct json *json, const char *key, char bracket)
{
	begin(json, key);
	fputc(bracket, json->file);
	json->started = false;
}

static void close_with(struct json *json, char bracket)
{
	fputc(bracket, json->file);
	json->started = true;
}

/**
 * json_open_object() - Begin an object.
 * @json: the writer
 * @key: see json.h; so below
 */
void json_open_object(struct json *json, const char *key)
{
	open_with(json, key, '{');
}

/**
 * json_close_object() - End the object begun last.
 * @json: the writer
 */
void json_close_object(struct json *json)
{
	close_with(json, '}');
}

/**
 * json_open_list() - Begin a list.
 * @json: the writer
 * @key: see json.h
 */
void json_open_list(struct json *json, const char *key)
{
	open_with(json, key, '[');
}

/**
 * json_close_list() - End the list begun last.
 * @json: the writer
 */
void json_close_list(struct json *json)
{
	close_with(json, ']');
}

/**
 * json_put_string() - Write a string.
 * @json: the writer
 * @key: see json.h
 * @value: any bytes; what is not UTF-8 becomes U+FFFD
 */
void json_put_string(struct json *json, const char *key, const char *value)
{
	begin(json, key);
	put_text(json, value);
}

/**
 * json_put_number() - Write a whole number.
 * @json: the writer
 * @key: see json.h
 * @value: the number
 */
void json_put_number(struct json *json, const char *key, uint64_t value)
{
	begin(json, key);
	fprintf(json->file, "%" PRIu64, value);
}

/**
 * json_put_signed() - Write a whole number that may be below 0.
 * @json: the writer
 * @key: see json.h
 * @value: the number
 */
void json_put_signed(struct json *json, const char *key, int64_t value)
{
	begin(json, key);
	fprintf(json->file, "%" PRId64, value);
}

/**
 * json_put_decimal() - Write a number with three decimals.
 * @json: the writer
 * @key: see json.h
 * @value: finite
 */
void json_put_decimal(struct json *json, const char *key, double value)
{
	begin(json, key);
	fprintf(json->file, "%.3f", value);
}

/**
 * json_put_seconds() - Write a time as seconds with nine decimals.
 * @json: the writer
 * @key: see json.h
 * @ns: the time
 */
void json_put_seconds(struct json *json, const char *key, uint64_t ns)
{
	begin(json, key);
	fputs(number_seconds(ns).text, json->file);
}

/**
 * json_put_hex() - Write an address: a string, since readers round numbers.
 * @json: the writer
 * @key: see json.h
 * @value: the address
 */
void json_put_hex(struct json *json, const char *key, uint64_t value)
{
	begin(json, key);
	fprintf(json->file, "\"0x%" PRIx64 "\"", value);
}

/**
 * json_put_bool() - Write true or false.
 * @json: the writer
 * @key: see json.h
 * @value: which
 */
void json_put_bool(struct json *json, const char *key, bool value)
{
	begin(json, key);
	fputs(value ? "true" : "false", json->file);
}

/**
 * json_put_null() - Write that there is nothing.
 * @json: the writer
 * @key: see json.h
 */
void json_put_null(struct json *json, const char *key)
{
	begin(json, key);
	fputs("null", json->file);
}

/**
 * json_end_line() - End a document.
 * @json: the writer, good for another one
 */
void json_end_line(struct json *json)
{
	fputc('\n', json->file);
	json->started = false;
}
