// SPDX-License-Identifier: GPL-2.0
/* Writes the file of `gprobe record`. */
#include <string.h>

#include "checksum.h"
#include "data.h"

/* A content that is put together. */
struct content {
	uint8_t bytes[DATA_CONTENT_MAX];
	size_t nr;
};

static void put(struct content *content, const void *bytes, size_t nr)
{
	memcpy(content->bytes + content->nr, bytes, nr);
	content->nr += nr;
}

static void put_u32(struct content *content, uint32_t number)
{
	put(content, &number, sizeof(number));
}

static void put_u64(struct content *content, uint64_t number)
{
	put(content, &number, sizeof(number));
}

static void put_text(struct content *content, const char *text)
{
	uint16_t bytes = strnlen(text, DATA_TEXT_MAX);

	put(content, &bytes, sizeof(bytes));
	put(content, text, bytes);
}

static void write_record(FILE *file, enum data_type type,
			 const struct content *content)
{
	uint32_t frame[4] = {
		type, content->nr, checksum(content->bytes, content->nr),
	};

	frame[3] = checksum(frame, sizeof(frame) - sizeof(frame[3]));
	fwrite(frame, 1, sizeof(frame), file);
	fwrite(content->bytes, 1, content->nr, file);
}

static void write_session(FILE *file, const struct data_session *session)
{
	struct content content;

	content.nr = 0;
	put_u64(&content, session->start_ns);
	put_u64(&content, session->wall_ns);
	put_u32(&content, session->domid);
	put_u32(&content, session->nr_vcpus);
	put_u32(&content, session->nr_probes);
	put_text(&content, session->domain);
	put_text(&content, session->guest_version);
	put_text(&content, session->gprobe_version);
	put_text(&content, session->command);
	write_record(file, DATA_SESSION, &content);
}

static void write_probe(FILE *file, const struct gprobe_probe *probe,
			const struct gprobe_fetch *fetch)
{
	struct content content;

	content.nr = 0;
	put_u64(&content, probe->gva);
	put_u64(&content, probe->root);
	put_u32(&content, probe->part == GPROBE_PROBE_ENTRY);
	put_text(&content, probe->text);
	put_text(&content, gprobe_fetch_text(fetch));
	write_record(file, DATA_PROBE, &content);
}

/**
 * data_write_begin() - Write what stands before all hits.
 * @file: where to
 * @session: what is recorded
 */
void data_write_begin(FILE *file, const struct data_session *session)
{
	const uint32_t order = DATA_BYTE_ORDER, version = DATA_VERSION;
	size_t i;

	fwrite(DATA_MAGIC, 1, DATA_MAGIC_BYTES, file);
	fwrite(&order, 1, sizeof(order), file);
	fwrite(&version, 1, sizeof(version), file);
	write_session(file, session);
	for (i = 0; i < session->nr_probes; i++)
		write_probe(file, &session->probes[i], session->fetches[i]);
}

/**
 * data_write_hit() - Write a hit.
 * @file: where to
 * @hit: the hit
 */
void data_write_hit(FILE *file, const struct hit *hit)
{
	struct content content;

	content.nr = 0;
	put_u64(&content, hit->time_ns);
	put_u64(&content, hit->root);
	put_u64(&content, hit->gva);
	put_u64(&content, hit->duration_ns);
	put_u32(&content, hit->probe);
	put_u32(&content, hit->vcpu);
	put_u32(&content, hit->cpl);
	put(&content, hit->values, hit->values_bytes);
	write_record(file, DATA_HIT, &content);
}

/**
 * data_write_lost() - Write that hits were lost.
 * @file: where to
 * @time_ns: when that was seen
 * @lost: how many since the start
 */
void data_write_lost(FILE *file, uint64_t time_ns, uint64_t lost)
{
	struct content content;

	content.nr = 0;
	put_u64(&content, time_ns);
	put_u64(&content, lost);
	write_record(file, DATA_LOST, &content);
}

/**
 * data_write_end() - Write that it is over.
 * @file: where to
 * @end: how it ended
 */
void data_write_end(FILE *file, const struct data_end *end)
{
	struct content content;

	content.nr = 0;
	put_u64(&content, end->time_ns);
	put_u64(&content, end->sum.shown);
	put_u64(&content, end->sum.lost);
	put_u64(&content, end->sum.limited);
	put_u32(&content, end->died);
	write_record(file, DATA_END, &content);
}
