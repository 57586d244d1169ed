// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the file of `gprobe record`, which may be anything. All of it is checked
 * before the first hit is given out, so that damage is told before results.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/why.h"

#include "checksum.h"
#include "data.h"

/* A record; @bytes of data->content are its content, at @at is where it is. */
struct record {
	uint32_t type;
	size_t bytes;
	uint64_t at;
};

/* What is left of a content; @is_bad: more was wanted. */
struct rest {
	const uint8_t *at, *end;
	bool is_bad;
};

static int damaged(const struct record *record, struct gprobe_why *why,
		   const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int damaged(const struct record *record, struct gprobe_why *why,
		   const char *format, ...)
{
	char what[160];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	return gprobe_why(why, -EBADMSG, "damaged at offset %" PRIu64 ": %s",
			  record->at, what);
}

/* --- contents --- */

static struct rest rest_of(const struct data *data, const struct record *record)
{
	return (struct rest){
		.at = data->content, .end = data->content + record->bytes,
	};
}

static void take(struct rest *rest, void *bytes, size_t nr)
{
	if ((size_t)(rest->end - rest->at) < nr) {
		rest->is_bad = true;
		memset(bytes, 0, nr);
		return;
	}
	memcpy(bytes, rest->at, nr);
	rest->at += nr;
}

static uint32_t take_u32(struct rest *rest)
{
	uint32_t number;

	take(rest, &number, sizeof(number));
	return number;
}

static uint64_t take_u64(struct rest *rest)
{
	uint64_t number;

	take(rest, &number, sizeof(number));
	return number;
}

/* For free(); NULL: there is no memory, or none was left. */
static char *take_text(struct rest *rest)
{
	uint16_t bytes;
	char *text;

	take(rest, &bytes, sizeof(bytes));
	if (rest->is_bad || rest->end - rest->at < bytes ||
	    memchr(rest->at, '\0', bytes)) {
		rest->is_bad = true;
		return NULL;
	}
	text = strndup((const char *)rest->at, bytes);
	rest->at += bytes;
	return text;
}

static bool is_whole(const struct rest *rest)
{
	return !rest->is_bad && rest->at == rest->end;
}

/* --- records --- */

/* Answers 1, 0 where the file ends before all are there, or a negative errno. */
static int read_bytes(struct data *data, void *bytes, size_t nr,
		      struct gprobe_why *why)
{
	size_t got;

	errno = 0;
	got = fread(bytes, 1, nr, data->file);
	if (got == nr) {
		data->at += nr;
		return 1;
	}
	if (!ferror(data->file))
		return 0;
	return gprobe_why(why, errno ? -errno : -EIO, "%s",
			  strerror(errno ? errno : EIO));
}

static int cut(struct data *data, uint64_t at)
{
	data->is_cut = true;
	data->cut_at = at;
	return 0;
}

/* Answers 1, 0 at the end, or a negative errno. */
static int read_record(struct data *data, struct record *record,
		       struct gprobe_why *why)
{
	uint32_t frame[4];
	int ret;

	record->at = data->at;
	ret = read_bytes(data, frame, sizeof(frame), why);
	if (ret <= 0)
		return ret ? ret : cut(data, record->at);
	if (checksum(frame, sizeof(frame) - sizeof(frame[3])) != frame[3])
		return damaged(record, why, "a record's head is not what was written");
	record->type = frame[0];
	record->bytes = frame[1];
	if (record->bytes > DATA_CONTENT_MAX)
		return damaged(record, why, "a record of %zu bytes",
			       record->bytes);
	ret = read_bytes(data, data->content, record->bytes, why);
	if (ret <= 0)
		return ret ? ret : cut(data, record->at);
	if (checksum(data->content, record->bytes) != frame[2])
		return damaged(record, why, "a record is not what was written");
	return 1;
}

static int read_head(struct data *data, struct gprobe_why *why)
{
	uint8_t head[DATA_HEAD_BYTES];
	uint32_t order;
	int ret = read_bytes(data, head, sizeof(head), why);

	if (ret < 0)
		return ret;
	if (!ret || memcmp(head, DATA_MAGIC, DATA_MAGIC_BYTES))
		return gprobe_why(why, -EINVAL,
				  "not a file that gprobe record has written");
	memcpy(&order, head + DATA_MAGIC_BYTES, sizeof(order));
	memcpy(&data->version, head + DATA_MAGIC_BYTES + sizeof(order),
	       sizeof(data->version));
	if (order != DATA_BYTE_ORDER)
		return gprobe_why(why, -EINVAL,
				  "written by a machine with another byte order, or damaged at offset %d",
				  DATA_MAGIC_BYTES);
	if (data->version != DATA_VERSION &&
	    data->version != DATA_VERSION_DOMAINS)
		return gprobe_why(why, -EINVAL,
				  "version %u of the format: this gprobe reads versions %u and %u",
				  data->version, DATA_VERSION,
				  DATA_VERSION_DOMAINS);
	return 0;
}

/* The next record, which must be there. */
static int read_needed(struct data *data, enum data_type type,
		       struct record *record, struct gprobe_why *why)
{
	int ret = read_record(data, record, why);

	if (ret < 0)
		return ret;
	if (!ret)
		return gprobe_why(why, -ENODATA,
				  "cut off at offset %" PRIu64 ", before the first hit",
				  record->at);
	if (record->type != type)
		return damaged(record, why, "a record of type %u, not %u",
			       record->type, type);
	return 0;
}

/* Numbers of the next guest; its texts are owned, for data_close(). */
static struct hits_domain *take_domain(struct data *data, struct rest *rest)
{
	struct hits_domain *domain =
		&data->session.domains[data->session.nr_domains];

	domain->domid = take_u32(rest);
	domain->nr_vcpus = take_u32(rest);
	data->nr_expected = take_u32(rest);
	domain->name = take_text(rest);
	domain->version = take_text(rest);
	data->session.nr_domains++;
	return domain;
}

static int check_domain(const struct data *data,
			const struct hits_domain *domain,
			const struct record *record, const struct rest *rest,
			struct gprobe_why *why)
{
	if (!is_whole(rest) || !domain->nr_vcpus || !data->nr_expected ||
	    domain->nr_vcpus > DATA_VCPUS_MAX ||
	    data->nr_expected > DATA_PROBES_MAX - data->session.nr_probes)
		return damaged(record, why, "it does not say what was recorded");
	if (!domain->name || !domain->version)
		return gprobe_why(why, -ENOMEM, "not enough memory");
	return 0;
}

/* @nr_domains: how many there are to be. */
static int read_session(struct data *data, uint32_t *nr_domains,
			struct gprobe_why *why)
{
	struct data_session *session = &data->session;
	const struct hits_domain *domain;
	struct record record;
	struct rest rest;
	int ret = read_needed(data, DATA_SESSION, &record, why);

	if (ret)
		return ret;
	session->domains = calloc(DATA_DOMAINS_MAX, sizeof(*session->domains));
	if (!session->domains)
		return gprobe_why(why, -ENOMEM, "not enough memory");
	rest = rest_of(data, &record);
	session->start_ns = take_u64(&rest);
	session->wall_ns = take_u64(&rest);
	domain = take_domain(data, &rest);
	data->texts[0] = take_text(&rest);
	data->texts[1] = take_text(&rest);
	*nr_domains = 1;
	if (data->version == DATA_VERSION_DOMAINS) {
		*nr_domains = take_u32(&rest);
		rest.is_bad |= *nr_domains < 2 || *nr_domains > DATA_DOMAINS_MAX;
	}
	ret = check_domain(data, domain, &record, &rest, why);
	if (!ret && (!data->texts[0] || !data->texts[1]))
		return gprobe_why(why, -ENOMEM, "not enough memory");
	session->gprobe_version = data->texts[0];
	session->command = data->texts[1];
	return ret;
}

static int read_domain(struct data *data, struct gprobe_why *why)
{
	const struct hits_domain *domain;
	struct record record;
	struct rest rest;
	int ret = read_needed(data, DATA_DOMAIN, &record, why);

	if (ret)
		return ret;
	rest = rest_of(data, &record);
	domain = take_domain(data, &rest);
	return check_domain(data, domain, &record, &rest, why);
}

static int take_probe(struct data *data, size_t index,
		      const struct record *record, struct gprobe_why *why)
{
	struct gprobe_probe *probe = &data->session.probes[index];
	struct rest rest = rest_of(data, record);
	char *text, *arguments;
	int ret = 0;

	probe->gva = take_u64(&rest);
	probe->root = take_u64(&rest);
	probe->part = take_u32(&rest) ? GPROBE_PROBE_ENTRY :
					GPROBE_PROBE_WHOLE;
	text = take_text(&rest);
	arguments = take_text(&rest);
	if (is_whole(&rest) && (!text || !arguments))
		ret = gprobe_why(why, -ENOMEM, "not enough memory");
	else if (!is_whole(&rest) || strlen(text) > GPROBE_PROBE_TEXT_MAX)
		ret = damaged(record, why, "it does not say what a probe was");
	else
		strcpy(probe->text, text);
	if (!ret && gprobe_fetch_parse(arguments, &data->session.fetches[index],
				       NULL))
		ret = damaged(record, why, "it does not say what a probe fetched");
	free(arguments);
	free(text);
	return ret;
}

/* Room for one more: what the file says may be anything. */
static int make_room(struct data_session *session, size_t index,
		     struct gprobe_why *why)
{
	size_t nr = index ? 2 * index : 16;
	struct gprobe_fetch **fetches;
	struct gprobe_probe *probes;

	if (index && (index < 16 || index & (index - 1)))
		return 0;
	probes = reallocarray(session->probes, nr, sizeof(*probes));
	if (!probes)
		return gprobe_why(why, -ENOMEM, "not enough memory");
	session->probes = probes;
	fetches = reallocarray(session->fetches, nr, sizeof(*fetches));
	if (!fetches)
		return gprobe_why(why, -ENOMEM, "not enough memory");
	session->fetches = fetches;
	return 0;
}

/* Of the last guest that was read. */
static int read_probes(struct data *data, struct gprobe_why *why)
{
	struct data_session *session = &data->session;
	struct hits_domain *domain = &session->domains[session->nr_domains - 1];
	size_t at = session->nr_probes;
	struct record record;
	int ret = 0;

	while (domain->nr_probes < data->nr_expected && !ret) {
		ret = read_needed(data, DATA_PROBE, &record, why);
		if (!ret)
			ret = make_room(session, at, why);
		if (ret)
			break;
		memset(&session->probes[at], 0, sizeof(*session->probes));
		ret = take_probe(data, at, &record, why);
		if (ret)
			break;
		domain->nr_probes++;
		session->nr_probes = ++at;
	}
	return ret;
}

static int read_start(struct data *data, struct gprobe_why *why)
{
	uint32_t nr_domains = 0;
	int ret = read_session(data, &nr_domains, why);

	if (!ret)
		ret = read_probes(data, why);
	while (!ret && data->session.nr_domains < nr_domains) {
		ret = read_domain(data, why);
		if (!ret)
			ret = read_probes(data, why);
	}
	return ret;
}

/* --- what comes after the start --- */

static int check_values(const struct data *data, const struct hit *hit,
			const struct record *record, struct gprobe_why *why)
{
	const struct gprobe_fetch *fetch = data->session.fetches[hit->probe];
	struct gprobe_fetch_cursor cursor = {
		.at = hit->values,
		.end = (const char *)hit->values + hit->values_bytes,
	};
	struct gprobe_fetch_value value;
	int ret;

	do {
		ret = gprobe_fetch_next(fetch, &cursor, &value);
	} while (ret > 0);
	return ret ? damaged(record, why, "a hit without what was fetched") : 0;
}

static int take_hit(struct data *data, const struct record *record,
		    struct hit *hit, struct gprobe_why *why)
{
	struct data_session *session = &data->session;
	struct rest rest = rest_of(data, record);
	struct hits_domain *domain;

	hit->time_ns = take_u64(&rest);
	hit->root = take_u64(&rest);
	hit->gva = take_u64(&rest);
	hit->duration_ns = take_u64(&rest);
	hit->probe = take_u32(&rest);
	hit->vcpu = take_u32(&rest);
	hit->cpl = take_u32(&rest);
	hit->values = rest.at;
	hit->values_bytes = rest.end - rest.at;
	if (rest.is_bad || hit->probe >= session->nr_probes)
		return damaged(record, why, "a hit of nothing that was probed");
	domain = &session->domains[hits_domain_of(session->domains,
						  hit->probe)];
	if (hit->vcpu >= domain->nr_vcpus)
		return damaged(record, why, "a hit of nothing that was probed");
	data->last_ns = hit->time_ns;
	data->hits++;
	domain->sum.shown += data->end_at == UINT64_MAX;
	return check_values(data, hit, record, why);
}

static int take_lost(struct data *data, const struct record *record,
		     struct gprobe_why *why)
{
	const struct data_session *session = &data->session;
	struct rest rest = rest_of(data, record);
	uint64_t time_ns = take_u64(&rest), lost = take_u64(&rest);
	uint32_t domain = 0;

	if (session->nr_domains > 1)
		domain = take_u32(&rest);
	if (!is_whole(&rest) || domain >= session->nr_domains)
		return damaged(record, why, "it does not say how many were lost");
	data->last_ns = time_ns;
	session->domains[domain].sum.lost = lost;
	return 0;
}

static bool take_sum(struct rest *rest, struct hits_sum *sum)
{
	sum->shown = take_u64(rest);
	sum->lost = take_u64(rest);
	sum->limited = take_u64(rest);
	return take_u32(rest);
}

/* Of several guests; answers whether all hits are there. */
static bool take_domains(struct data *data, struct rest *rest)
{
	struct data_session *session = &data->session;
	struct hits_domain *domain = session->domains;
	struct hits_sum sum;
	bool is_right = true;
	size_t i;

	for (i = 0; i < session->nr_domains; i++, domain++) {
		domain->died = take_sum(rest, &sum);
		is_right &= data->end_at != UINT64_MAX ||
			    sum.shown == domain->sum.shown;
		domain->sum = sum;
	}
	return is_right;
}

static int take_end(struct data *data, const struct record *record,
		    struct gprobe_why *why)
{
	struct rest rest = rest_of(data, record);
	struct data_end *end = &data->end;
	bool is_right = true;

	end->time_ns = take_u64(&rest);
	end->died = take_sum(&rest, &end->sum);
	if (data->session.nr_domains > 1)
		is_right = take_domains(data, &rest);
	if (!is_whole(&rest))
		return damaged(record, why, "it does not say how it ended");
	if (end->sum.shown != data->hits)
		return damaged(record, why, "%" PRIu64 " hits, but %" PRIu64 " were written",
			       data->hits, end->sum.shown);
	if (!is_right)
		return damaged(record, why, "its guests had other hits");
	if (data->session.nr_domains == 1) {
		data->session.domains->sum = end->sum;
		data->session.domains->died = end->died;
	}
	if (fgetc(data->file) == EOF)
		return 0;
	return damaged(&(struct record){ .at = data->at }, why,
		       "there is something behind the end");
}

/* Answers 1: it is a hit; 0: it is not; or a negative errno. */
static int take_record(struct data *data, const struct record *record,
		       struct hit *hit, struct gprobe_why *why)
{
	int ret;

	switch (record->type) {
	case DATA_HIT:
		ret = take_hit(data, record, hit, why);
		return ret ? ret : 1;
	case DATA_LOST:
		return take_lost(data, record, why);
	case DATA_END:
		return take_end(data, record, why);
	default:
		return damaged(record, why, "a record of type %u",
			       record->type);
	}
}

/**
 * data_next() - Read the next hit.
 * @data: opened
 * @hit: gets it; its values stay until the next call
 * @why: says why not
 *
 * Return: 1; 0 there are no more; a negative errno: the file has changed
 * since, or cannot be read.
 */
int data_next(struct data *data, struct hit *hit, struct gprobe_why *why)
{
	struct record record = { 0 };
	int ret = 0;

	/* A file that is being written has grown since it was checked. */
	while (!ret && record.type != DATA_END && data->at < data->end_at) {
		ret = read_record(data, &record, why);
		if (!ret && data->end_at != UINT64_MAX)
			return damaged(&record, why, "what was there is gone");
		if (!ret)
			return 0;
		if (ret > 0)
			ret = take_record(data, &record, hit, why);
	}
	return ret;
}

static uint64_t lost_so_far(const struct data *data)
{
	uint64_t lost = 0;
	size_t i;

	for (i = 0; i < data->session.nr_domains; i++)
		lost += data->session.domains[i].sum.lost;
	return lost;
}

static int check(struct data *data, struct gprobe_why *why)
{
	uint64_t start = data->at;
	struct hit hit;
	int ret;

	data->end_at = UINT64_MAX;
	data->last_ns = data->session.start_ns;
	do {
		ret = data_next(data, &hit, why);
	} while (ret > 0);
	if (ret)
		return ret;
	if (data->is_cut)
		data->end = (struct data_end){
			.time_ns = data->last_ns,
			.sum = { .shown = data->hits, .lost = lost_so_far(data) },
		};
	data->end_at = data->is_cut ? data->cut_at : data->at;
	/* And once more, to give them out. */
	data->hits = 0;
	data->at = start;
	if (fseeko(data->file, data->at, SEEK_SET))
		return gprobe_why(why, -errno, "%s", strerror(errno));
	return 0;
}

/**
 * data_open() - Check a file, and be ready to read its hits.
 * @data: zeroed; for data_close()
 * @file: at its start; stays the caller's
 * @why: says what is wrong, and where
 *
 * Return: 0; -EINVAL not such a file, or of another version; -EBADMSG damaged;
 * -ENODATA cut off before the first hit; what reading answers.
 */
int data_open(struct data *data, FILE *file, struct gprobe_why *why)
{
	int ret;

	data->file = file;
	data->content = malloc(DATA_CONTENT_MAX);
	if (!data->content)
		return gprobe_why(why, -ENOMEM, "not enough memory");
	ret = read_head(data, why);
	if (!ret)
		ret = read_start(data, why);
	return ret ? ret : check(data, why);
}

/**
 * data_domains_text() - Write the names of all guests.
 * @session: has them
 * @text: gets them, with commas
 * @bytes: room in it
 */
void data_domains_text(const struct data_session *session, char *text,
		       size_t bytes)
{
	size_t used = 0, i;

	for (i = 0; i < session->nr_domains && used < bytes; i++)
		used += snprintf(text + used, bytes - used, "%s%s",
				 i ? ", " : "", session->domains[i].name);
}

/**
 * data_close() - Be done with a file.
 * @data: opened, even if that failed
 */
void data_close(struct data *data)
{
	struct data_session *session = &data->session;
	size_t i;

	while (session->nr_probes)
		gprobe_fetch_free(session->fetches[--session->nr_probes]);
	free(session->fetches);
	free(session->probes);
	for (i = 0; i < session->nr_domains; i++) {
		free((char *)session->domains[i].name);
		free((char *)session->domains[i].version);
	}
	free(session->domains);
	free(data->texts[0]);
	free(data->texts[1]);
	free(data->content);
}
