// SPDX-License-Identifier: LGPL-2.1-or-later
#include "json_scan.h"

#include <string.h>

#include "hex.h"

/* Deeper is no file of symbols. */
#define DEPTH_MAX	64

static void fail(struct json_scan *json, const char *error)
{
	if (!json->error)
		json->error = error;
}

/* The next character that counts; NUL at the end, or if something is wrong. */
static char next(struct json_scan *json)
{
	if (json->error)
		return '\0';
	while (json->at < json->end && *json->at && strchr(" \t\r\n", *json->at))
		json->at++;
	return *json->at;
}

static void expect(struct json_scan *json, char wanted, const char *error)
{
	if (next(json) == wanted && json->at < json->end)
		json->at++;
	else
		fail(json, error);
}

/**
 * json_open() - Begin to read an object.
 * @json: an object is next
 *
 * Return: true if there is one.
 */
bool json_open(struct json_scan *json)
{
	expect(json, '{', "an object is missing");
	json->is_first = true;
	return !json->error;
}

/* --- strings --- */

/* The four digits of \uXXXX; a half of a pair stays one. */
static char *put_code(struct json_scan *json, char *to)
{
	unsigned int code = 0, i;
	int digit;

	for (i = 0; i < 4; i++) {
		digit = gprobe_hex_digit(*json->at);
		if (digit < 0) {
			fail(json, "four digits must be behind \\u");
			return to;
		}
		code = code << 4 | digit;
		json->at++;
	}
	if (code < 0x80) {
		*to++ = code;
		return to;
	}
	if (code < 0x800) {
		*to++ = 0xc0 | code >> 6;
	} else {
		*to++ = 0xe0 | code >> 12;
		*to++ = 0x80 | (code >> 6 & 0x3f);
	}
	*to++ = 0x80 | (code & 0x3f);
	return to;
}

/* Behind the backslash. */
static char *put_escaped(struct json_scan *json, char *to)
{
	static const char from[] = "bfnrt", meant[] = "\b\f\n\r\t";
	char c = *json->at++;
	const char *found = strchr(from, c);

	if (c == 'u')
		return put_code(json, to);
	if (!c || (!found && !strchr("\"\\/", c))) {
		json->at--;
		fail(json, "no such escape");
		return to;
	}
	*to++ = found ? meant[found - from] : c;
	return to;
}

/**
 * json_text() - Read a string.
 * @json: a string is next
 *
 * Return: it, in the scan's own memory; "" if there is none.
 */
const char *json_text(struct json_scan *json)
{
	char *text, *to;

	expect(json, '"', "a string is missing");
	text = to = json->at;
	while (!json->error && *json->at != '"') {
		if ((unsigned char)*json->at < ' ')
			fail(json, "a string does not end");
		else if (*json->at != '\\')
			*to++ = *json->at++;
		else if (json->at++ < json->end)
			to = put_escaped(json, to);
	}
	if (json->error)
		return "";
	json->at++;
	*to = '\0';
	return text;
}

/* Without a look at what it means. */
static void skip_text(struct json_scan *json)
{
	for (json->at++; *json->at != '"'; json->at++) {
		if (*json->at == '\\')
			json->at++;
		if ((unsigned char)*json->at < ' ') {
			fail(json, "a string does not end");
			return;
		}
	}
	json->at++;
}

/* --- the rest --- */

/**
 * json_key() - Read the next key of an object.
 * @json: in an object, the last key's value read
 * @key: gets it, in the scan's own memory; its value is next
 *
 * Return: true; false: the object has ended, or something is wrong.
 */
bool json_key(struct json_scan *json, const char **key)
{
	bool is_first = json->is_first;

	json->is_first = false;
	if (next(json) == '}') {
		json->at++;
		return false;
	}
	if (!is_first)
		expect(json, ',', "a comma is missing");
	*key = json_text(json);
	expect(json, ':', "a colon is missing");
	next(json);
	return !json->error;
}

/**
 * json_is_number() - Is a number next?
 * @json: a value is next
 *
 * Return: true if it is one that json_number() reads.
 */
bool json_is_number(struct json_scan *json)
{
	char c = next(json);

	return c >= '0' && c <= '9';
}

/**
 * json_is_object() - Is an object next?
 * @json: a value is next
 *
 * Return: true if it is.
 */
bool json_is_object(struct json_scan *json)
{
	return next(json) == '{';
}

/**
 * json_number() - Read a number.
 * @json: a number of 64 bits is next, without sign or fraction
 *
 * Return: it; 0 if there is none.
 */
uint64_t json_number(struct json_scan *json)
{
	uint64_t number = 0;
	unsigned int digit;

	if (!json_is_number(json)) {
		fail(json, "a number is missing");
		return 0;
	}
	for (; *json->at >= '0' && *json->at <= '9'; json->at++) {
		digit = *json->at - '0';
		if (number > (UINT64_MAX - digit) / 10) {
			fail(json, "a number has more than 64 bits");
			return 0;
		}
		number = number * 10 + digit;
	}
	if (*json->at && strchr(".eE", *json->at))
		fail(json, "a number is not whole");
	return number;
}

static void skip_word(struct json_scan *json)
{
	size_t bytes = strspn(json->at, "+-.0123456789abcdefghijklmnopqrstuvwxyzE");

	if (!bytes)
		fail(json, "a value is missing");
	json->at += bytes;
}

/**
 * json_skip() - Skip a value.
 * @json: a value is next
 *
 * That brackets belong together is looked at, and no more.
 */
void json_skip(struct json_scan *json)
{
	char open[DEPTH_MAX], c;
	unsigned int depth = 0;

	do {
		c = next(json);
		if (c == '"') {
			skip_text(json);
		} else if (c == '{' || c == '[') {
			if (depth == DEPTH_MAX)
				fail(json, "more than 64 levels deep");
			else
				open[depth++] = c == '{' ? '}' : ']';
			json->at++;
		} else if (depth && c == open[depth - 1]) {
			depth--;
			json->at++;
		} else if (depth && (c == ',' || c == ':')) {
			json->at++;
		} else {
			skip_word(json);
		}
	} while (depth && !json->error);
}

/**
 * json_close() - See that nothing is behind what was read.
 * @json: the outermost value was read
 */
void json_close(struct json_scan *json)
{
	if (!json->error && (next(json) || json->at < json->end))
		fail(json, "something is behind it");
}
