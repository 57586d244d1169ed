// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Symbols as JSON: Volatility 3's ISF, of Linux or Windows, which may have types, too,
 *
 *	{ ..., "symbols": { NAME: { "type": TYPE, "address": NUMBER }, ... } }
 *
 * and Rekall's profiles, which DRAKVUF and others take:
 *
 *	{ "$FUNCTIONS": { NAME: NUMBER, ... }, "$CONSTANTS": { ... }, ... }
 *
 * Those of Windows are relative to where the kernel is. Neither tells code from
 * data where the type is not known: then it may be code.
 */
#include "symbols.h"

#include <errno.h>
#include <string.h>

#include "json_scan.h"
#include "why.h"

#define CODE	'T'
#define DATA	'D'

/* TYPE: { "kind": KIND, "name": NAME, ... } */
static char read_type(struct json_scan *json)
{
	const char *key, *kind = "", *name = "";

	if (!json_is_object(json)) {
		json_skip(json);
		return CODE;
	}
	json_open(json);
	while (json_key(json, &key)) {
		if (!strcmp(key, "kind"))
			kind = json_text(json);
		else if (!strcmp(key, "name"))
			name = json_text(json);
		else
			json_skip(json);
	}
	if (!strcmp(kind, "function") ||
	    (!strcmp(kind, "base") && !strcmp(name, "void")))
		return CODE;
	return DATA;
}

/* What has no address is not there. */
static void read_isf_symbol(struct json_scan *json,
			    struct gprobe_symbol *symbol)
{
	const char *key;

	symbol->type = CODE;
	json_open(json);
	while (json_key(json, &key)) {
		if (!strcmp(key, "address"))
			symbol->address = json_number(json);
		else if (!strcmp(key, "type"))
			symbol->type = read_type(json);
		else
			json_skip(json);
	}
}

static int read_isf(struct json_scan *json, struct gprobe_symbols *symbols)
{
	struct gprobe_symbol symbol;
	int ret = 0;

	json_open(json);
	symbol.address = 0;
	while (!ret && json_key(json, &symbol.name)) {
		read_isf_symbol(json, &symbol);
		if (symbol.address)
			ret = gprobe_symbols_add(symbols, &symbol);
		symbol.address = 0;
	}
	return ret;
}

static int read_profile(struct json_scan *json, struct gprobe_symbols *symbols)
{
	struct gprobe_symbol symbol = { .type = CODE };
	int ret = 0;

	json_open(json);
	while (!ret && json_key(json, &symbol.name)) {
		if (!json_is_number(json)) {
			json_skip(json);
			continue;
		}
		symbol.address = json_number(json);
		ret = gprobe_symbols_add(symbols, &symbol);
	}
	return ret;
}

static int read_types(struct json_scan *json, struct gprobe_symbols *symbols)
{
	struct gprobe_task_fields fields;
	int ret = gprobe_task_fields_read_isf(&fields, json);

	if (!ret)
		gprobe_symbols_set_fields(symbols, &fields);
	return ret;
}

static int read_document(struct json_scan *json,
			 struct gprobe_symbols *symbols)
{
	const char *key;
	int ret = 0;

	json_open(json);
	while (!ret && json_key(json, &key)) {
		if (!strcmp(key, "symbols"))
			ret = read_isf(json, symbols);
		else if (!strcmp(key, "user_types") && json_is_object(json))
			ret = read_types(json, symbols);
		else if (!strcmp(key, "$FUNCTIONS") ||
			 !strcmp(key, "$CONSTANTS"))
			ret = read_profile(json, symbols);
		else
			json_skip(json);
	}
	if (!ret)
		json_close(json);
	return ret;
}

/**
 * gprobe_symbols_read_json() - Read the symbols of a JSON file.
 * @symbols: new; can be looked at then
 * @text: the file; is taken apart
 * @bytes: how many; a NUL is behind
 * @why: says why not
 *
 * Return: as gprobe_symbols_parse().
 */
int gprobe_symbols_read_json(struct gprobe_symbols *symbols, char *text,
			     size_t bytes, struct gprobe_why *why)
{
	struct json_scan json = {
		.start = text, .at = text, .end = text + bytes,
	};

	if (read_document(&json, symbols))
		return gprobe_why(why, -ENOMEM, "not enough memory");
	if (json.error)
		return gprobe_why(why, -EBADMSG,
				  "damaged: as JSON, %s at offset %zu",
				  json.error, (size_t)(json.at - json.start));
	return gprobe_symbols_finish(symbols,
		"it must be as Volatility 3 has it (\"symbols\"), or as Rekall has it (\"$FUNCTIONS\", \"$CONSTANTS\")",
		why);
}
