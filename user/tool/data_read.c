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
	uint32_t order, version;
	int ret = read_bytes(data, head, sizeof(head), why);

	if (ret < 0)
		return ret;
	if (!ret || memcmp(head, DATA_MAGIC, DATA_MAGIC_BYTES))
		return gprobe_why(why, -EINVAL,
				  "not a file that gprobe record has written");
	memcpy(&order, head + DATA_MAGIC_BYTES, sizeof(order));
	memcpy(&version, head + DATA_MAGIC_BYTES + sizeof(order),
	       sizeof(version));
	if (order != DATA_BYTE_ORDER)
		return gprobe_why(why, -EINVAL,
				  "written by a machine with another byte order, or damaged at offset %d",
				  DATA_MAGIC_BYTES);
	if (version != DATA_VERSION)
		return gprobe_why(why, -EINVAL,
				  "version %u of the format: this gprobe reads version %u",
				  version, DATA_VERSION);
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

static int read_session(struct data *data, struct gprobe_why *why)
{
	struct data_session *session = &data->session;
	struct record record;
	struct rest rest;
	size_t i;
	int ret = read_needed(data, DATA_SESSION, &record, why);

	if (ret)
		return ret;
	rest = rest_of(data, &record);
	session->start_ns = take_u64(&rest);
	session->wall_ns = take_u64(&rest);
	session->domid = take_u32(&rest);
	session->nr_vcpus = take_u32(&rest);
	data->nr_expected = take_u32(&rest);
	for (i = 0; i < 4; i++)
		data->texts[i] = take_text(&rest);
	if (!is_whole(&rest) || !session->nr_vcpus || !data->nr_expected ||
	    session->nr_vcpus > DATA_VCPUS_MAX ||
	    data->nr_expected > DATA_PROBES_MAX)
		return damaged(&record, why, "it does not say what was recorded");
	for (i = 0; i < 4; i++)
		if (!data->texts[i])
			return gprobe_why(why, -ENOMEM, "not enough memory");
	session->domain = data->texts[0];
	session->guest_version = data->texts[1];
	session->gprobe_version = data->texts[2];
	session->command = data->texts[3];
	return 0;
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

static int read_probes(struct data *data, struct gprobe_why *why)
{
	struct data_session *session = &data->session;
	struct record record;
	int ret = 0;
	size_t i;

	for (i = 0; i < data->nr_expected && !ret; i++) {
		ret = read_needed(data, DATA_PROBE, &record, why);
		if (!ret)
			ret = make_room(session, i, why);
		if (ret)
			break;
		memset(&session->probes[i], 0, sizeof(*session->probes));
		ret = take_probe(data, i, &record, why);
		session->nr_probes += !ret;
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
	struct rest rest = rest_of(data, record);

	hit->time_ns = take_u64(&rest);
	hit->root = take_u64(&rest);
	hit->gva = take_u64(&rest);
	hit->duration_ns = take_u64(&rest);
	hit->probe = take_u32(&rest);
	hit->vcpu = take_u32(&rest);
	hit->cpl = take_u32(&rest);
	hit->values = rest.at;
	hit->values_bytes = rest.end - rest.at;
	if (rest.is_bad || hit->probe >= data->session.nr_probes ||
	    hit->vcpu >= data->session.nr_vcpus)
		return damaged(record, why, "a hit of nothing that was probed");
	data->last_ns = hit->time_ns;
	data->hits++;
	return check_values(data, hit, record, why);
}

static int take_lost(struct data *data, const struct record *record,
		     struct gprobe_why *why)
{
	struct rest rest = rest_of(data, record);

	data->last_ns = take_u64(&rest);
	data->lost = take_u64(&rest);
	return is_whole(&rest) ? 0 :
	       damaged(record, why, "it does not say how many were lost");
}

static int take_end(struct data *data, const struct record *record,
		    struct gprobe_why *why)
{
	struct rest rest = rest_of(data, record);
	struct data_end *end = &data->end;

	end->time_ns = take_u64(&rest);
	end->sum.shown = take_u64(&rest);
	end->sum.lost = take_u64(&rest);
	end->sum.limited = take_u64(&rest);
	end->died = take_u32(&rest);
	if (!is_whole(&rest))
		return damaged(record, why, "it does not say how it ended");
	if (end->sum.shown != data->hits)
		return damaged(record, why, "%" PRIu64 " hits, but %" PRIu64 " were written",
			       data->hits, end->sum.shown);
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
			.sum = { .shown = data->hits, .lost = data->lost },
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
		ret = read_session(data, why);
	if (!ret)
		ret = read_probes(data, why);
	return ret ? ret : check(data, why);
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
	for (i = 0; i < 4; i++)
		free(data->texts[i]);
	free(data->content);
}
