/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * JSON that is read once from begin to end, in its own memory: a file of symbols
 * may have hundreds of megabytes, of which most is skipped, and numbers of 64
 * bits, which readers for JavaScript's refuse.
 *
 *	json_open(json, '{');
 *	while (json_key(json, &key))
 *		json_number(json, &number) or json_skip(json) or ...
 *
 * What is wrong stays in the scan: then json_key() is false, and nothing is read
 * any more.
 */
#ifndef GPROBE_LIB_JSON_SCAN_H
#define GPROBE_LIB_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct json_scan - where it is
 * @start: the text; strings are unescaped in it, and terminated
 * @at: the next of it
 * @end: a NUL is there
 * @is_first: the next thing is the first of an object
 * @error: what is wrong at @at, or NULL
 */
struct json_scan {
	char *start, *at, *end;
	bool is_first;
	const char *error;
};

bool json_open(struct json_scan *json);
bool json_key(struct json_scan *json, const char **key);
bool json_is_number(struct json_scan *json);
bool json_is_object(struct json_scan *json);
uint64_t json_number(struct json_scan *json);
const char *json_text(struct json_scan *json);
void json_skip(struct json_scan *json);
void json_close(struct json_scan *json);

#endif /* GPROBE_LIB_JSON_SCAN_H */
