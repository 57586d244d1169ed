// SPDX-License-Identifier: GPL-2.0
/*
 * Any text as a filter, of hits with any values: it is refused with one line, or
 * answers; a hit never matches a filter and its contrary, and matches it twice where
 * it does so once.
 *
 * Input: the probe (1 byte) and the duration (2 bytes, 0: not known) of the hit, the
 * text up to a NUL, then the values.
 */
#include <stdlib.h>
#include <string.h>

#include "../../user/tool/filter.h"

#include "model_check.h"

#define PROBES		3
#define TEXT_BYTES	512

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static struct gprobe_probe probes[PROBES] = {
	{ .text = "a" }, { .text = "r:b", .part = GPROBE_PROBE_ENTRY },
	{ .text = "c" },
};
static struct gprobe_fetch *fetches[PROBES];
static const struct hits_domain domains[] = {
	{ .name = "d", .nr_probes = 2 }, { .name = "e", .nr_probes = 1 },
};
static const struct filter_scope scope = {
	.probes = probes, .fetches = fetches, .nr_probes = PROBES,
	.domains = domains, .nr_domains = 2,
};

static void set_up(void)
{
	static const char *const texts[PROBES] = {
		"s=+0(%si):string n=%di:s32 u=%ax:u8", "r=%ax:symbol s=+8(%di):string",
		"x=+0(%si):u8[2] n=%dx:s64 k=$kstack",
	};
	size_t i;

	for (i = 0; i < PROBES && !fetches[i]; i++)
		model_assert(!gprobe_fetch_parse(texts[i], &fetches[i], NULL));
}

/* The filter that has these parts. Answers -1: it is none. */
#define RUN(...) run(hit, (const char *const []){ __VA_ARGS__, NULL })

static int run(const struct hit *hit, const char *const *parts)
{
	char whole[2 * TEXT_BYTES + 32], *at = whole;
	struct filter *filter;
	struct gprobe_why why = { "" };
	int ret;

	while (*parts)
		at = stpcpy(at, *parts++);
	ret = filter_parse(whole, &filter, &why);
	if (!ret)
		ret = filter_bind(filter, &scope, &why);
	if (ret)
		model_assert(*why.text && !strchr(why.text, '\n'));
	else
		ret = filter_matches(filter, hit);
	filter_free(filter);
	return ret < 0 ? -1 : ret;
}

static void check(const char *text, const struct hit *hit)
{
	int is = RUN(text), is_not = RUN("!(", text, ")");

	if (is < 0)
		return;
	model_assert(!(is && is_not > 0));
	/* That deep, or with so many comparisons, it may be none. */
	model_assert(RUN("!(!(", text, "))") != !is);
	model_assert(RUN("(", text, ") && (", text, ")") != !is);
	model_assert(RUN("(", text, ") || (", text, ")") != !is);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	char text[TEXT_BYTES] = "";
	struct hit hit = { .vcpu = 1, .cpl = 3, .root = 0x1000 };
	uint16_t duration;
	size_t length;

	if (bytes < 3)
		return 0;
	set_up();
	hit.probe = data[0] % PROBES;
	memcpy(&duration, data + 1, sizeof(duration));
	hit.duration_ns = duration ? duration : HIT_NO_DURATION;
	length = strnlen((const char *)data + 3, bytes - 3);
	snprintf(text, sizeof(text), "%.*s", (int)length,
		 (const char *)data + 3);
	hit.values = data + 3 + length;
	hit.values_bytes = bytes - 3 - length;
	if (hit.values_bytes) {
		hit.values = (const uint8_t *)hit.values + 1;
		hit.values_bytes--;
	}
	check(text, &hit);
	return 0;
}
