// SPDX-License-Identifier: GPL-2.0
/*
 * Any text as what is to be fetched, at a hit whose registers and memory are
 * anything: the values are no more than was said, and are read again as they
 * were; any other bytes are read or refused.
 *
 * Input: registers, where memory is, then the text up to a NUL, then the memory,
 * which serves as other bytes too.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <gprobe/fetch.h>

#include "model_check.h"

struct input {
	const uint8_t *at;
	size_t left;
	uint64_t base;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void take(struct input *input, void *to, size_t bytes)
{
	if (bytes > input->left)
		bytes = input->left;
	memcpy(to, input->at, bytes);
	input->at += bytes;
	input->left -= bytes;
}

static int read_memory(void *arg, const struct gprobe_regs *regs, uint64_t gva,
		       void *buffer, size_t bytes)
{
	const struct input *input = arg;
	uint64_t offset = gva - input->base;

	(void)regs;
	/* Its last byte comes again and again, up to the end of a page. */
	if (offset >= 4096 || bytes > 4096 - offset || !input->left)
		return -ENXIO;
	for (; bytes--; offset++, buffer = (char *)buffer + 1)
		*(char *)buffer = input->at[offset < input->left ?
					    offset : input->left - 1];
	return 0;
}

static int walk(const struct gprobe_fetch *fetch, const void *at, size_t bytes)
{
	struct gprobe_fetch_cursor cursor = {
		.at = at, .end = (const char *)at + bytes,
	};
	struct gprobe_fetch_value value;
	int ret;

	while ((ret = gprobe_fetch_next(fetch, &cursor, &value)) > 0) {
		model_assert(value.arg < gprobe_fetch_nr(fetch));
		if (value.text_bytes)
			model_assert(value.text >= (const char *)at &&
				     value.text + value.text_bytes <=
				     (const char *)at + bytes);
	}
	return ret;
}

static void run(const struct gprobe_fetch *fetch, struct input *input,
		const struct gprobe_regs *regs)
{
	static const char map[] = "ffffffff81000000 T start\n";
	struct gprobe_fetch_source source = {
		.regs = regs, .read = read_memory, .arg = input,
	};
	size_t room = gprobe_fetch_bytes(fetch), bytes;
	struct gprobe_symbols *symbols;
	void *values = malloc(room ? room : 1);

	model_assert(room <= GPROBE_FETCH_BYTES_MAX && values);
	model_assert(!gprobe_symbols_parse(map, sizeof(map) - 1, &symbols,
					   NULL));
	source.symbols = symbols;
	bytes = gprobe_fetch_run(fetch, &source, values);
	model_assert(bytes <= room);
	model_assert(!walk(fetch, values, bytes));
	walk(fetch, input->at, input->left);
	gprobe_symbols_free(symbols);
	free(values);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct input input = { .at = data, .left = bytes };
	struct gprobe_regs regs = { 0 };
	struct gprobe_fetch *fetch;
	struct gprobe_why why;
	char text[512] = "";

	take(&input, &regs.rdi, sizeof(regs.rdi));
	take(&input, &regs.rsi, sizeof(regs.rsi));
	take(&input, &input.base, sizeof(input.base));
	take(&input, text, strnlen((const char *)input.at,
				   input.left < sizeof(text) - 1 ?
				   input.left : sizeof(text) - 1));
	if (gprobe_fetch_parse(text, &fetch, &why)) {
		model_assert(*why.text && !strchr(why.text, '\n'));
		return 0;
	}
	/* Symbols are not resolved: then @SYM is a number as well. */
	run(fetch, &input, &regs);
	gprobe_fetch_free(fetch);
	return 0;
}
