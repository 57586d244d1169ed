/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers as people write and read them. */
#ifndef GPROBE_TOOL_NUMBER_H
#define GPROBE_TOOL_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#define NUMBER_NS_PER_S		UINT64_C(1000000000)
#define NUMBER_NS_PER_MS	UINT64_C(1000000)

/* A number's text, to be passed on at once. */
struct number_text {
	char text[40];
};

bool number_parse(const char *text, uint64_t *number);
bool number_parse_address(const char *text, uint64_t *address);
bool number_parse_seconds(const char *text, uint64_t *ns);
double number_rate(uint64_t count, uint64_t ns);
struct number_text number_plain(uint64_t number);
struct number_text number_grouped(uint64_t number);
struct number_text number_of(uint64_t number, const char *thing);
struct number_text number_seconds(uint64_t ns);
struct number_text number_scaled_rate(double per_second);
struct number_text number_duration(uint64_t ns);

#endif /* GPROBE_TOOL_NUMBER_H */
