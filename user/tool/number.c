// SPDX-License-Identifier: GPL-2.0
#include "number.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS	"0123456789"

#define HEX_DIGITS	DIGITS "abcdefABCDEF"

/* No more digits than surely fit. */
#define MAX_DIGITS		18
#define MAX_HEX_DIGITS		16
#define MAX_SECOND_DIGITS	9

/**
 * number_parse() - Read a whole number.
 * @text: all of it is the number
 * @number: what it says
 *
 * Return: false: it is none, or has more than 18 digits.
 */
bool number_parse(const char *text, uint64_t *number)
{
	size_t digits = strspn(text, DIGITS);

	if (!digits || digits > MAX_DIGITS || text[digits])
		return false;
	*number = strtoull(text, NULL, 10);
	return true;
}

/**
 * number_parse_address() - Read an address such as 0x401000.
 * @text: all of it is the address
 * @address: what it says
 *
 * Return: false: it is none, or has more than 16 digits.
 */
bool number_parse_address(const char *text, uint64_t *address)
{
	size_t digits;

	if (text[0] != '0' || (text[1] != 'x' && text[1] != 'X'))
		return false;
	digits = strspn(text + 2, HEX_DIGITS);
	if (!digits || digits > MAX_HEX_DIGITS || text[2 + digits])
		return false;
	*address = strtoull(text + 2, NULL, 16);
	return true;
}

/**
 * number_parse_seconds() - Read seconds such as 10 or 0.5.
 * @text: all of it is the number; at most 9 digits on either side
 * @ns: what it says
 *
 * Return: false: it is none.
 */
bool number_parse_seconds(const char *text, uint64_t *ns)
{
	size_t whole = strspn(text, DIGITS), decimals = 0, i;
	const char *rest = text + whole;
	uint64_t fraction = 0;

	if (*rest == '.')
		decimals = strspn(++rest, DIGITS);
	if (!(whole + decimals) || rest[decimals] ||
	    whole > MAX_SECOND_DIGITS || decimals > MAX_SECOND_DIGITS)
		return false;
	for (i = 0; i < MAX_SECOND_DIGITS; i++)
		fraction = fraction * 10 + (i < decimals ? rest[i] - '0' : 0);
	*ns = strtoull(text, NULL, 10) * NUMBER_NS_PER_S + fraction;
	return true;
}

/**
 * number_rate() - How often a second?
 * @count: so many
 * @ns: in so long
 *
 * Return: the rate; 0 when there was no time.
 */
double number_rate(uint64_t count, uint64_t ns)
{
	return ns ? (double)count * NUMBER_NS_PER_S / ns : 0;
}

/**
 * number_plain() - 1234567.
 * @number: any
 *
 * Return: its text.
 */
struct number_text number_plain(uint64_t number)
{
	struct number_text out;

	snprintf(out.text, sizeof(out.text), "%" PRIu64, number);
	return out;
}

/**
 * number_grouped() - 1,234,567.
 * @number: any
 *
 * Return: its text.
 */
struct number_text number_grouped(uint64_t number)
{
	struct number_text plain = number_plain(number), out;
	size_t digits = strlen(plain.text), i;
	char *to = out.text;

	for (i = 0; i < digits; i++) {
		if (i && !((digits - i) % 3))
			*to++ = ',';
		*to++ = plain.text[i];
	}
	*to = '\0';
	return out;
}

/**
 * number_of() - 1 hit, 1,234 hits.
 * @number: any
 * @thing: what there are so many of, whose plural has an s
 *
 * Return: its text.
 */
struct number_text number_of(uint64_t number, const char *thing)
{
	struct number_text out;

	snprintf(out.text, sizeof(out.text), number == 1 ? "%s %s" : "%s %ss",
		 number_grouped(number).text, thing);
	return out;
}

/**
 * number_seconds() - 1.000123456.
 * @ns: a time
 *
 * Return: its text.
 */
struct number_text number_seconds(uint64_t ns)
{
	struct number_text out;

	snprintf(out.text, sizeof(out.text), "%" PRIu64 ".%09" PRIu64,
		 ns / NUMBER_NS_PER_S, ns % NUMBER_NS_PER_S);
	return out;
}

/**
 * number_scaled_rate() - 123.456 K/sec, as perf scales.
 * @per_second: the rate
 *
 * Return: its text.
 */
struct number_text number_scaled_rate(double per_second)
{
	static const char *const units[] = { "/sec", "K/sec", "M/sec",
					     "G/sec" };
	struct number_text out;
	unsigned int i;

	for (i = 0; per_second > 1000 && i < 3; i++)
		per_second /= 1000;
	snprintf(out.text, sizeof(out.text), "%.3f %s", per_second, units[i]);
	return out;
}

/**
 * number_duration() - 2.1 us.
 * @ns: a time
 *
 * Return: its text.
 */
struct number_text number_duration(uint64_t ns)
{
	static const char *const units[] = { "us", "ms", "s" };
	struct number_text out;
	double value = ns / 1000.0;
	unsigned int i;

	if (ns < 1000) {
		snprintf(out.text, sizeof(out.text), "%" PRIu64 " ns", ns);
		return out;
	}
	/* As it is rounded: not 1000.0 us. */
	for (i = 0; value >= 999.95 && i < 2; i++)
		value /= 1000;
	snprintf(out.text, sizeof(out.text), "%.1f %s", value, units[i]);
	return out;
}
