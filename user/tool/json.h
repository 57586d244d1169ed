/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Writes JSON as it comes, one document or many. Errors of the file stay with
 * the file: ferror() tells.
 */
#ifndef GPROBE_TOOL_JSON_H
#define GPROBE_TOOL_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/**
 * struct json - a writer; to be zeroed but for @file
 * @file: where to
 * @started: something stands in this object or list already
 */
struct json {
	FILE *file;
	bool started;
};

/* @key: of the object that is open; NULL in a list, and for a document. */
void json_open_object(struct json *json, const char *key);
void json_close_object(struct json *json);
void json_open_list(struct json *json, const char *key);
void json_close_list(struct json *json);
void json_put_string(struct json *json, const char *key, const char *value);
void json_put_number(struct json *json, const char *key, uint64_t value);
void json_put_signed(struct json *json, const char *key, int64_t value);
void json_put_decimal(struct json *json, const char *key, double value);
void json_put_seconds(struct json *json, const char *key, uint64_t ns);
void json_put_hex(struct json *json, const char *key, uint64_t value);
void json_put_bool(struct json *json, const char *key, bool value);
void json_put_null(struct json *json, const char *key);
void json_end_line(struct json *json);

#endif /* GPROBE_TOOL_JSON_H */
