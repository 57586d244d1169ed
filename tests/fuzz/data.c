// SPDX-License-Identifier: GPL-2.0
/*
 * Any file where one of gprobe record is expected: it is refused, or all its
 * hits are read, whose values are whole.
 *
 * Input: 0, then the file; or 1, then records, each its type, the length of its
 * content (2 bytes) and the content: so that they have good checksums. A third
 * one's start is a good file's.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../user/tool/checksum.h"
#include "../../user/tool/data.h"
#include "../../user/tool/lines.h"

#include "model_check.h"

struct input {
	const uint8_t *at;
	size_t left;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static uint32_t take(struct input *input, size_t bytes)
{
	uint32_t value = 0;

	if (bytes > input->left)
		bytes = input->left;
	memcpy(&value, input->at, bytes);
	input->at += bytes;
	input->left -= bytes;
	return value;
}

static void write_records(FILE *file, struct input *input)
{
	uint32_t frame[4], bytes;

	while (input->left) {
		frame[0] = take(input, 1);
		bytes = take(input, 2);
		if (bytes > input->left)
			bytes = input->left;
		frame[1] = bytes;
		frame[2] = checksum(input->at, bytes);
		frame[3] = checksum(frame, 12);
		fwrite(frame, 1, sizeof(frame), file);
		fwrite(input->at, 1, bytes, file);
		input->at += bytes;
		input->left -= bytes;
	}
}

static void write_start(FILE *file, bool several)
{
	struct gprobe_probe probes[2] = { { .text = "a" }, { .text = "b" } };
	struct gprobe_fetch *fetches[2];
	struct hits_domain domains[] = {
		{ .name = "d", .version = "", .nr_vcpus = 2, .nr_probes = 1 },
		{ .name = "e", .version = "", .nr_vcpus = 1, .nr_probes = 1 },
	};
	const struct data_session session = {
		.domains = domains, .nr_domains = several ? 2 : 1,
		.gprobe_version = "", .command = "",
		.probes = probes, .fetches = fetches, .nr_probes = 2,
	};

	model_assert(!gprobe_fetch_parse("+0(%si):string %di:s8 %ip:symbol",
					 &fetches[0], NULL));
	model_assert(!gprobe_fetch_parse("+0(%si):u8[3]", &fetches[1], NULL));
	if (!several)
		domains->nr_probes = 2;
	data_write_begin(file, &session);
	gprobe_fetch_free(fetches[0]);
	gprobe_fetch_free(fetches[1]);
}

static void print(struct data *data, const struct lines_format *format,
		  const struct hit *hit)
{
	char text[65536];
	struct lines lines = {
		.file = fmemopen(text, sizeof(text), "w"), .format = format,
		.probes = data->session.probes,
		.fetches = data->session.fetches,
		.nr_probes = data->session.nr_probes,
		.domains = data->session.domains,
		.nr_domains = data->session.nr_domains,
	};

	format->hit(&lines, hit);
	fclose(lines.file);
}

static void read_all(FILE *file)
{
	struct data data = { 0 };
	struct gprobe_why why;
	struct hit hit;
	uint64_t hits = 0;
	int ret = data_open(&data, file, &why);

	if (ret) {
		model_assert(*why.text && !strchr(why.text, '\n'));
	} else {
		while ((ret = data_next(&data, &hit, &why)) > 0) {
			print(&data, &lines_format_text, &hit);
			print(&data, &lines_format_json, &hit);
			hits++;
		}
		model_assert(!ret && hits == data.end.sum.shown);
	}
	data_close(&data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct input input = { .at = data, .left = bytes };
	uint32_t kind = take(&input, 1) % 4;
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);
	static const uint8_t head[] = DATA_MAGIC "\x04\x03\x02\x01\x01\0\0";

	if (kind == 1)
		fwrite(head, 1, DATA_HEAD_BYTES, file);
	if (kind >= 2)
		write_start(file, kind == 3);
	if (kind)
		write_records(file, &input);
	else
		fwrite(input.at, 1, input.left, file);
	fclose(file);
	file = fmemopen(text, size ? size : 1, "r");
	read_all(file);
	fclose(file);
	free(text);
	return 0;
}
