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
	const struct hits_domain *first = session->domains;
	struct content content;

	content.nr = 0;
	put_u64(&content, session->start_ns);
	put_u64(&content, session->wall_ns);
	put_u32(&content, first->domid);
	put_u32(&content, first->nr_vcpus);
	put_u32(&content, first->nr_probes);
	put_text(&content, first->name);
	put_text(&content, first->version);
	put_text(&content, session->gprobe_version);
	put_text(&content, session->command);
	if (session->nr_domains > 1)
		put_u32(&content, session->nr_domains);
	write_record(file, DATA_SESSION, &content);
}

static void write_domain(FILE *file, const struct hits_domain *domain)
{
	struct content content;

	content.nr = 0;
	put_u32(&content, domain->domid);
	put_u32(&content, domain->nr_vcpus);
	put_u32(&content, domain->nr_probes);
	put_text(&content, domain->name);
	put_text(&content, domain->version);
	write_record(file, DATA_DOMAIN, &content);
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
	const uint32_t version = session->nr_domains > 1 ?
				 DATA_VERSION_DOMAINS : DATA_VERSION;
	const uint32_t order = DATA_BYTE_ORDER;
	size_t domain, nr = 0, i;

	fwrite(DATA_MAGIC, 1, DATA_MAGIC_BYTES, file);
	fwrite(&order, 1, sizeof(order), file);
	fwrite(&version, 1, sizeof(version), file);
	write_session(file, session);
	for (domain = 0; domain < session->nr_domains; domain++) {
		if (domain)
			write_domain(file, &session->domains[domain]);
		for (i = 0; i < session->domains[domain].nr_probes; i++, nr++)
			write_probe(file, &session->probes[nr],
				    session->fetches[nr]);
	}
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
 * @session: what is recorded
 * @domain: the number of the guest
 * @time_ns: when that was seen
 * @lost: how many of its hits, since the start
 */
void data_write_lost(FILE *file, const struct data_session *session,
		     uint32_t domain, uint64_t time_ns, uint64_t lost)
{
	struct content content;

	content.nr = 0;
	put_u64(&content, time_ns);
	put_u64(&content, lost);
	if (session->nr_domains > 1)
		put_u32(&content, domain);
	write_record(file, DATA_LOST, &content);
}

static void put_sum(struct content *content, const struct hits_sum *sum,
		    bool died)
{
	put_u64(content, sum->shown);
	put_u64(content, sum->lost);
	put_u64(content, sum->limited);
	put_u32(content, died);
}

/**
 * data_write_end() - Write that it is over.
 * @file: where to
 * @session: what was recorded; of several guests what became of their hits
 * @end: how it ended
 */
void data_write_end(FILE *file, const struct data_session *session,
		    const struct data_end *end)
{
	const struct hits_domain *domain = session->domains;
	struct content content;
	size_t i;

	content.nr = 0;
	put_u64(&content, end->time_ns);
	put_sum(&content, &end->sum, end->died);
	for (i = 0; session->nr_domains > 1 && i < session->nr_domains;
	     i++, domain++)
		put_sum(&content, &domain->sum, domain->died);
	write_record(file, DATA_END, &content);
}
