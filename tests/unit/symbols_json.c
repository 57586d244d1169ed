// SPDX-License-Identifier: GPL-2.0
/* Symbols as JSON, plain and packed: any bytes in, symbols or a reason out. */
#include <gprobe/symbols.h>

#include <errno.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

/* As dwarf2json writes it: the kernel's addresses have 64 bits. */
static const char isf[] =
	"{ \"metadata\": { \"format\": \"6.2.0\", \"linux\": {} },\n"
	"  \"base_types\": { \"int\": { \"size\": 4, \"signed\": true } },\n"
	"  \"user_types\": { \"a\": { \"fields\": [ [], {}, \"]}\\\"\" ] } },\n"
	"  \"symbols\": {\n"
	"    \"schedule\": { \"type\": { \"kind\": \"base\", \"name\": \"void\" },\n"
	"                    \"address\": 18446744071595098112 },\n"
	"    \"jiffies\": { \"type\": { \"kind\": \"base\", \"name\": \"unsigned long\" },\n"
	"                   \"address\": 18446744071600000000 },\n"
	"    \"table\": { \"address\": 18446744071600000008, \"type\":\n"
	"      { \"kind\": \"pointer\", \"subtype\": { \"kind\": \"function\" } },\n"
	"      \"constant_data\": \"TGludXg=\" },\n"
	"    \"call\": { \"type\": { \"kind\": \"function\" }, \"address\": 4096 },\n"
	"    \"untyped\": { \"address\": 8192 },\n"
	"    \"nowhere\": { \"type\": { \"kind\": \"function\" }, \"address\": 0 }\n"
	"  } }\n";

static const char profile[] =
	"{\"$METADATA\": {\"ProfileClass\": \"Nt\", \"list\": [1, -2.5e3, null]},"
	"\"$CONSTANTS\": {\"PsInitialSystemProcess\": 5698464, \"text\": \"x\"},"
	"\"$FUNCTIONS\": {\"NtOpenFile\": 6497456, \"?x@\\u0041\\\"\": 16}}";

static struct gprobe_symbols *parse(const char *text, size_t bytes)
{
	struct gprobe_symbols *symbols;
	struct gprobe_why why;

	ck_assert_msg(!gprobe_symbols_parse(text, bytes, &symbols, &why),
		      "%s", why.text);
	return symbols;
}

static void check(const struct gprobe_symbols *symbols, const char *name,
		  uint64_t address, bool is_code)
{
	const struct gprobe_symbol *symbol;

	symbol = gprobe_symbols_find(symbols, name, NULL);
	ck_assert_msg(symbol, "no '%s'", name);
	ck_assert_uint_eq(symbol->address, address);
	ck_assert_int_eq(gprobe_symbol_is_code(symbol), is_code);
}

static void check_isf(struct gprobe_symbols *symbols)
{
	ck_assert_uint_eq(gprobe_symbols_count(symbols), 5);
	check(symbols, "schedule", 18446744071595098112ULL, true);
	check(symbols, "jiffies", 18446744071600000000ULL, false);
	check(symbols, "table", 18446744071600000008ULL, false);
	check(symbols, "call", 4096, true);
	check(symbols, "untyped", 8192, true);
	ck_assert(!gprobe_symbols_is_movable(symbols));
	ck_assert_uint_eq(gprobe_symbols_slide_to(symbols, 0x1000), 0x1000);
	gprobe_symbols_free(symbols);
}

START_TEST(what_volatility_has_is_read)
{
	check_isf(parse(isf, sizeof(isf) - 1));
}
END_TEST

START_TEST(a_profile_of_rekalls_is_read)
{
	struct gprobe_symbols *symbols = parse(profile, sizeof(profile) - 1);

	ck_assert_uint_eq(gprobe_symbols_count(symbols), 3);
	check(symbols, "NtOpenFile", 6497456, true);
	check(symbols, "PsInitialSystemProcess", 5698464, true);
	check(symbols, "?x@A\"", 16, true);
	gprobe_symbols_free(symbols);
}
END_TEST

START_TEST(what_is_wrong_is_said_with_its_offset)
{
	static const struct {
		const char *text;
		int err;
		const char *words;
	} cases[] = {
		{ "{}", -ENODATA, "no code symbol in it: it must be as Vol" },
		{ "{\"symbols\": {}}", -ENODATA, "no code symbol" },
		{ "{", -EBADMSG, "a string is missing at offset 1" },
		{ "{\"a", -EBADMSG, "a string does not end at offset 3" },
		{ "{\"a\"", -EBADMSG, "a colon is missing at offset 4" },
		{ "{\"a\":", -EBADMSG, "a value is missing at offset 5" },
		{ "{\"a\":1", -EBADMSG, "a comma is missing at offset 6" },
		{ "{\"a\":1 \"b\":2}", -EBADMSG, "a comma is missing" },
		{ "{\"a\":[1}", -EBADMSG, "a value is missing at offset 7" },
		{ "{\"a\":\"x\n\"}", -EBADMSG, "a string does not end" },
		{ "{\"\\q\":1}", -EBADMSG, "no such escape" },
		{ "{\"\\u12\":1}", -EBADMSG, "four digits" },
		{ "{\"a\":1} x", -EBADMSG, "something is behind it" },
		{ "{\"$FUNCTIONS\":[]}", -EBADMSG, "an object is missing" },
		{ "{\"$FUNCTIONS\":{\"f\":18446744073709551616}}", -EBADMSG,
		  "a number has more than 64 bits" },
		{ "{\"$FUNCTIONS\":{\"f\":1.5}}", -EBADMSG, "not whole" },
		{ "{\"symbols\":{\"f\":{\"address\":-1}}}", -EBADMSG,
		  "a number is missing" },
		{ "{\"symbols\":{\"f\":7}}", -EBADMSG, "an object is missing" },
	};
	struct gprobe_symbols *symbols;
	struct gprobe_why why;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		ck_assert_msg(gprobe_symbols_parse(cases[i].text,
						   strlen(cases[i].text),
						   &symbols, &why) ==
			      cases[i].err, "'%s': %s", cases[i].text,
			      why.text);
		unit_says(&why, cases[i].words);
	}
}
END_TEST

START_TEST(depth_is_limited)
{
	char text[400] = "{\"a\":";
	struct gprobe_symbols *symbols;
	struct gprobe_why why;
	size_t at = strlen(text);

	memset(text + at, '[', 65);
	ck_assert_int_eq(gprobe_symbols_parse(text, at + 65, &symbols, &why),
			 -EBADMSG);
	unit_says(&why, "more than 64 levels deep");
	memset(text + at + 64, ']', 64);
	strcpy(text + at + 128, ",\"$FUNCTIONS\":{\"f\":1}}");
	gprobe_symbols_free(parse(text, strlen(text)));
}
END_TEST

/* A copy of the exact size, so that a sanitizer sees what is read behind. */
static int parse_bytes(const char *bytes, size_t nr)
{
	struct gprobe_symbols *symbols;
	char *copy = malloc(nr ? nr : 1);
	int ret;

	memcpy(copy, bytes, nr);
	ret = gprobe_symbols_parse(copy, nr, &symbols, NULL);
	free(copy);
	if (!ret)
		gprobe_symbols_free(symbols);
	unit_assert(!ret || ret == -ENODATA || ret == -EBADMSG);
	return ret;
}

START_TEST(every_truncation_is_refused)
{
	size_t bytes;

	for (bytes = 0; bytes < sizeof(isf) - 2; bytes++)
		unit_assert(parse_bytes(isf, bytes));
	for (bytes = 0; bytes < sizeof(profile) - 1; bytes++)
		unit_assert(parse_bytes(profile, bytes));
}
END_TEST

START_TEST(whatever_bytes_are_changed_it_is_read_or_refused)
{
	static const char letters[] = "{}[]\",:\\u0 9-e\x80";
	char text[sizeof(isf)];
	uint64_t state = 11;
	int round, i;

	for (round = 0; round < 20000; round++) {
		memcpy(text, isf, sizeof(text));
		for (i = 0; i <= round % 4; i++)
			text[unit_random(&state) % (sizeof(text) - 1)] =
				letters[unit_random(&state) % sizeof(letters)];
		parse_bytes(text, sizeof(text) - 1);
	}
}
END_TEST

static size_t pack(uint8_t *packed, size_t room)
{
	size_t bytes = 0;

	ck_assert_int_eq(lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, NULL,
			(const uint8_t *)isf, sizeof(isf) - 1, packed, &bytes,
			room), LZMA_OK);
	return bytes;
}

START_TEST(what_is_packed_is_read)
{
	uint8_t packed[4096];
	size_t bytes = pack(packed, sizeof(packed));

	check_isf(parse((char *)packed, bytes));
}
END_TEST

START_TEST(what_is_packed_and_damaged_is_refused)
{
	uint8_t packed[4096], one;
	size_t bytes = pack(packed, sizeof(packed)), i;
	struct gprobe_symbols *symbols;
	struct gprobe_why why;

	for (i = 6; i < bytes; i++)
		unit_assert(parse_bytes((char *)packed, i) == -EBADMSG);
	for (i = 6; i < bytes; i++) {
		one = packed[i];
		packed[i] ^= 0x10;
		unit_assert(parse_bytes((char *)packed, bytes));
		packed[i] = one;
	}
	packed[bytes / 2] ^= 1;
	ck_assert_int_eq(gprobe_symbols_parse((char *)packed, bytes, &symbols,
					      &why), -EBADMSG);
	unit_says(&why, "damaged: xz cannot unpack it");
}
END_TEST

Suite *symbols_json_suite(void)
{
	return UNIT_SUITE("symbols_json", what_volatility_has_is_read,
			  a_profile_of_rekalls_is_read,
			  what_is_wrong_is_said_with_its_offset,
			  depth_is_limited, every_truncation_is_refused,
			  whatever_bytes_are_changed_it_is_read_or_refused,
			  what_is_packed_is_read,
			  what_is_packed_and_damaged_is_refused);
}
