// SPDX-License-Identifier: GPL-2.0
/* The file of gprobe record: read as written, and never read as anything else. */
#include "../../user/tool/data.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../user/tool/checksum.h"
#include "unit.h"

#define HITS	3

/* A file in memory. */
struct bytes {
	uint8_t *bytes;
	size_t nr;
};

struct lab {
	struct gprobe_probe probes[20];
	struct gprobe_fetch *fetches[20];
	struct hits_domain domains[2];
	struct data_session session;
	struct bytes file;
	/* Where records start, and where it ends. */
	size_t starts[40];
	size_t nr_starts;
};

static const uint8_t number[9] = { GPROBE_FETCH_DONE, 0x7f };

/* Each has a number; the last none. */
static struct hit hit_of(unsigned int i)
{
	return (struct hit){
		.time_ns = 1000 + i, .root = 0x10a000 + 4096 * i,
		.gva = 0xffffffff81000000 + i, .probe = i % 2, .vcpu = i % 2,
		.cpl = i % 2 ? 3 : 0, .values = number,
		.values_bytes = i % 2 ? 0 : sizeof(number),
		.duration_ns = i % 2 ? HIT_NO_DURATION : 1000 + i,
	};
}

static void start(struct lab *lab, FILE *file)
{
	lab->starts[lab->nr_starts++] = ftello(file);
}

static void write_all(struct lab *lab)
{
	const struct data_end end = {
		.time_ns = 3000, .died = true,
		.sum = { .shown = HITS, .lost = 7, .limited = 9 },
	};
	FILE *file = open_memstream((char **)&lab->file.bytes, &lab->file.nr);
	struct hit hit;
	unsigned int i;

	data_write_begin(file, &lab->session);
	for (i = 0; i < HITS; i++) {
		start(lab, file);
		hit = hit_of(i);
		data_write_hit(file, &hit);
	}
	start(lab, file);
	data_write_lost(file, &lab->session, lab->session.nr_domains - 1, 2000,
			5);
	start(lab, file);
	data_write_end(file, &lab->session, &end);
	start(lab, file);
	fclose(file);
}

/* Of one guest, or of two: then the first has one probe. */
static void set_domains(struct lab *lab, size_t nr_domains)
{
	lab->domains[0] = (struct hits_domain){
		.name = "linux", .version = "Linux version 6", .domid = 5,
		.nr_vcpus = 2, .nr_probes = nr_domains > 1 ? 1 : 20,
		.sum = { .shown = 2, .lost = 2, .limited = 9 },
	};
	lab->domains[1] = (struct hits_domain){
		.name = "other", .version = "", .domid = 6, .nr_vcpus = 2,
		.nr_probes = 19, .died = true,
		.sum = { .shown = 1, .lost = 5 },
	};
}

static struct lab *set_up_domains(size_t nr_domains)
{
	struct lab *lab = calloc(1, sizeof(*lab));
	size_t i;

	set_domains(lab, nr_domains);
	lab->session = (struct data_session){
		.start_ns = 1000, .wall_ns = 77,
		.domains = lab->domains, .nr_domains = nr_domains,
		.gprobe_version = "0.1.0", .command = "record -d linux",
		.probes = lab->probes, .fetches = lab->fetches,
		.nr_probes = ARRAY_SIZE(lab->probes),
	};
	for (i = 0; i < lab->session.nr_probes; i++) {
		snprintf(lab->probes[i].text, sizeof(lab->probes[i].text),
			 "probe%zu", i);
		lab->probes[i].gva = 0xffffffff81000000 + i;
		lab->probes[i].root = i ? 0 : 0x1000;
		lab->probes[i].part = i ? GPROBE_PROBE_WHOLE :
					  GPROBE_PROBE_ENTRY;
		ck_assert_int_eq(gprobe_fetch_parse(i % 2 ? "" : "fd=%di:s32",
						    &lab->fetches[i], NULL), 0);
	}
	write_all(lab);
	return lab;
}

static struct lab *set_up(void)
{
	return set_up_domains(1);
}

static void tear_down(struct lab *lab)
{
	size_t i;

	for (i = 0; i < lab->session.nr_probes; i++)
		gprobe_fetch_free(lab->fetches[i]);
	free(lab->file.bytes);
	free(lab);
}

static void is_hit(const struct hit *hit, const struct hit *wanted)
{
	unit_assert(hit->time_ns == wanted->time_ns &&
		    hit->root == wanted->root && hit->gva == wanted->gva &&
		    hit->probe == wanted->probe &&
		    hit->duration_ns == wanted->duration_ns &&
		    hit->vcpu == wanted->vcpu &&
		    hit->cpl == wanted->cpl &&
		    hit->values_bytes == wanted->values_bytes &&
		    !memcmp(hit->values, wanted->values, hit->values_bytes));
}

/* Read @bytes to the end; answers what data_open() does; @hits: how many. */
static int read_bytes(struct data *data, const void *bytes, size_t nr,
		      unsigned int *hits, struct gprobe_why *why)
{
	/* Its own size: what lies behind it the sanitizer watches. */
	uint8_t *copy = malloc(nr ?: 1);
	struct hit hit, wanted;
	FILE *file;
	int ret;

	memcpy(copy, bytes, nr);
	file = fmemopen(copy, nr ?: 1, "r");
	if (!nr)
		fgetc(file);
	*hits = 0;
	memset(data, 0, sizeof(*data));
	ret = data_open(data, file, why);
	while (!ret && data_next(data, &hit, why) == 1) {
		wanted = hit_of((*hits)++);
		is_hit(&hit, &wanted);
	}
	fclose(file);
	free(copy);
	return ret;
}

START_TEST(checksums_are_those_of_everybody)
{
	/* RFC 3720, B.4; and the check value of the catalogues. */
	static const uint8_t zeroes[32];

	ck_assert_uint_eq(checksum("123456789", 9), 0xe3069283);
	ck_assert_uint_eq(checksum(zeroes, sizeof(zeroes)), 0x8a9136aa);
	ck_assert_uint_eq(checksum("", 0), 0);
}
END_TEST

static void is_domain(const struct hits_domain *domain,
		      const struct hits_domain *wanted)
{
	ck_assert_uint_eq(domain->domid, wanted->domid);
	ck_assert_uint_eq(domain->nr_vcpus, wanted->nr_vcpus);
	ck_assert_uint_eq(domain->nr_probes, wanted->nr_probes);
	ck_assert_str_eq(domain->name, wanted->name);
	ck_assert_str_eq(domain->version, wanted->version);
}

START_TEST(guests_have_their_own_probes_and_sums)
{
	struct lab *lab = set_up_domains(2);
	const struct hits_domain *domain;
	struct gprobe_why why;
	struct data data;
	unsigned int hits;
	char names[64];
	size_t i;

	ck_assert_msg(!read_bytes(&data, lab->file.bytes, lab->file.nr, &hits,
				  &why), "%s", why.text);
	ck_assert_uint_eq(hits, HITS);
	ck_assert_uint_eq(data.session.nr_domains, 2);
	ck_assert_uint_eq(data.session.nr_probes, 20);
	ck_assert_str_eq(data.session.probes[19].text, "probe19");
	for (i = 0; i < 2; i++) {
		domain = &data.session.domains[i];
		is_domain(domain, &lab->domains[i]);
		ck_assert_uint_eq(domain->sum.shown,
				  lab->domains[i].sum.shown);
		ck_assert_uint_eq(domain->sum.lost, lab->domains[i].sum.lost);
		ck_assert_uint_eq(domain->sum.limited,
				  lab->domains[i].sum.limited);
		ck_assert_int_eq(domain->died, i == 1);
	}
	ck_assert_uint_eq(data.end.sum.lost, 7);
	ck_assert_uint_eq(hits_domain_of(data.session.domains, 0), 0);
	ck_assert_uint_eq(hits_domain_of(data.session.domains, 1), 1);
	ck_assert_uint_eq(hits_domain_of(data.session.domains, 19), 1);
	data_domains_text(&data.session, names, sizeof(names));
	ck_assert_str_eq(names, "linux, other");
	data_domains_text(&data.session, names, 9);
	ck_assert_str_eq(names, "linux, o");
	data_close(&data);
	tear_down(lab);
}
END_TEST

START_TEST(what_is_written_is_read)
{
	struct lab *lab = set_up();
	const struct data_session *session;
	struct gprobe_why why;
	struct data data;
	unsigned int hits;
	size_t i;

	ck_assert_msg(!read_bytes(&data, lab->file.bytes, lab->file.nr, &hits,
				  &why), "%s", why.text);
	ck_assert_uint_eq(hits, HITS);
	session = &data.session;
	ck_assert_uint_eq(session->start_ns, 1000);
	ck_assert_uint_eq(session->wall_ns, 77);
	ck_assert_uint_eq(session->nr_domains, 1);
	is_domain(session->domains, lab->domains);
	ck_assert_str_eq(session->gprobe_version, "0.1.0");
	ck_assert_str_eq(session->command, "record -d linux");
	ck_assert_uint_eq(session->nr_probes, lab->session.nr_probes);
	for (i = 0; i < session->nr_probes; i++) {
		ck_assert_str_eq(session->probes[i].text, lab->probes[i].text);
		ck_assert_uint_eq(session->probes[i].gva, lab->probes[i].gva);
		ck_assert_uint_eq(session->probes[i].root,
				  lab->probes[i].root);
		ck_assert_uint_eq(session->probes[i].part,
				  lab->probes[i].part);
		ck_assert_str_eq(gprobe_fetch_text(session->fetches[i]),
				 gprobe_fetch_text(lab->fetches[i]));
	}
	ck_assert(!data.is_cut);
	ck_assert(data.end.died);
	ck_assert_uint_eq(data.end.time_ns, 3000);
	ck_assert_uint_eq(data.end.sum.shown, HITS);
	ck_assert_uint_eq(data.end.sum.lost, 7);
	ck_assert_uint_eq(data.end.sum.limited, 9);
	data_close(&data);
	tear_down(lab);
}
END_TEST

static void cut_anywhere(struct lab *lab)
{
	unsigned int hits, whole;
	struct gprobe_why why;
	struct data data;
	size_t cut;
	int ret;

	for (cut = 0; cut < lab->file.nr; cut++) {
		ret = read_bytes(&data, lab->file.bytes, cut, &hits, &why);
		for (whole = 0; whole < HITS; whole++)
			if (cut < lab->starts[whole + 1])
				break;
		if (cut < DATA_HEAD_BYTES) {
			unit_assert(ret == -EINVAL);
		} else if (cut < lab->starts[0]) {
			unit_assert(ret == -ENODATA);
			unit_says(&why, "before the first hit");
		} else {
			unit_assert(!ret && data.is_cut && hits == whole);
			unit_assert(data.cut_at <= cut &&
				    data.end.sum.shown == hits);
			unit_assert(data.end.sum.lost ==
				    (cut < lab->starts[HITS + 1] ? 0 : 5));
		}
		data_close(&data);
	}
	tear_down(lab);
}

START_TEST(a_file_cut_anywhere_loses_only_what_is_not_whole)
{
	cut_anywhere(set_up());
	cut_anywhere(set_up_domains(2));
}
END_TEST

static void flip_anywhere(struct lab *lab)
{
	unsigned int hits, bit;
	struct gprobe_why why;
	struct data data;
	char offset[64];
	size_t at, start;
	int ret;

	for (at = 0; at < lab->file.nr; at++) {
		for (bit = 0; bit < 8; bit++) {
			lab->file.bytes[at] ^= 1 << bit;
			ret = read_bytes(&data, lab->file.bytes, lab->file.nr,
					 &hits, &why);
			lab->file.bytes[at] ^= 1 << bit;
			unit_assert(ret == (at < DATA_HEAD_BYTES ? -EINVAL :
							       -EBADMSG));
			data_close(&data);
			if (at < lab->starts[0])
				continue;
			for (start = 0; lab->starts[start + 1] <= at; start++)
				;
			snprintf(offset, sizeof(offset),
				 "damaged at offset %zu:", lab->starts[start]);
			unit_says(&why, offset);
		}
	}
	tear_down(lab);
}

START_TEST(a_bit_flipped_anywhere_is_refused_with_its_offset)
{
	flip_anywhere(set_up());
	flip_anywhere(set_up_domains(2));
}
END_TEST

START_TEST(what_is_not_such_a_file_is_told)
{
	struct lab *lab = set_up();
	uint32_t version = 1, order = 0x04030201;
	struct gprobe_why why;
	struct data data;
	unsigned int hits;

	ck_assert_int_eq(read_bytes(&data, "", 0, &hits, &why), -EINVAL);
	unit_says(&why, "not a file that gprobe record has written");
	data_close(&data);
	ck_assert_int_eq(read_bytes(&data, "PERFILE2 and more than that", 27,
				    &hits, &why), -EINVAL);
	unit_says(&why, "not a file that gprobe record has written");
	data_close(&data);
	memcpy(lab->file.bytes + 12, &version, 4);
	ck_assert_int_eq(read_bytes(&data, lab->file.bytes, lab->file.nr,
				    &hits, &why), -EINVAL);
	unit_says(&why, "version 1 of the format: this gprobe reads versions 2 and 4");
	data_close(&data);
	memcpy(lab->file.bytes + 8, &order, 4);
	ck_assert_int_eq(read_bytes(&data, lab->file.bytes, lab->file.nr,
				    &hits, &why), -EINVAL);
	unit_says(&why, "another byte order");
	data_close(&data);
	tear_down(lab);
}
END_TEST

/* The file without the record @from, with @copies of it, and one byte more. */
static int read_with(const struct lab *lab, size_t from, size_t copies,
		     bool more, struct gprobe_why *why)
{
	size_t at = lab->starts[from], bytes = lab->starts[from + 1] - at;
	struct bytes file = { .bytes = malloc(2 * lab->file.nr) };
	struct data data = { 0 };
	FILE *stream;
	int ret;

	memcpy(file.bytes, lab->file.bytes, at);
	file.nr = at;
	while (copies--) {
		memcpy(file.bytes + file.nr, lab->file.bytes + at, bytes);
		file.nr += bytes;
	}
	memcpy(file.bytes + file.nr, lab->file.bytes + at + bytes,
	       lab->file.nr - at - bytes);
	file.nr += lab->file.nr - at - bytes;
	if (more)
		file.bytes[file.nr++] = 0;
	stream = fmemopen(file.bytes, file.nr, "r");
	ret = data_open(&data, stream, why);
	fclose(stream);
	data_close(&data);
	free(file.bytes);
	return ret;
}

START_TEST(records_that_are_missing_or_too_much_are_noticed)
{
	struct lab *lab = set_up();
	struct gprobe_why why;

	ck_assert_int_eq(read_with(lab, 0, 1, false, &why), 0);
	ck_assert_int_eq(read_with(lab, 1, 0, false, &why), -EBADMSG);
	unit_says(&why, "2 hits, but 3 were written");
	ck_assert_int_eq(read_with(lab, 1, 2, false, &why), -EBADMSG);
	unit_says(&why, "4 hits, but 3 were written");
	ck_assert_int_eq(read_with(lab, 1, 1, true, &why), -EBADMSG);
	unit_says(&why, "there is something behind the end");
	ck_assert_int_eq(read_with(lab, HITS + 1, 2, false, &why), -EBADMSG);
	unit_says(&why, "there is something behind the end");
	tear_down(lab);
}
END_TEST

START_TEST(sums_of_guests_that_cannot_be_are_refused)
{
	struct lab *lab = set_up_domains(2);
	struct gprobe_why why;
	struct data data;
	unsigned int hits;

	free(lab->file.bytes);
	lab->nr_starts = 0;
	lab->domains[0].sum.shown++;
	write_all(lab);
	ck_assert_int_eq(read_bytes(&data, lab->file.bytes, lab->file.nr,
				    &hits, &why), -EBADMSG);
	unit_says(&why, "its guests had other hits");
	data_close(&data);
	tear_down(lab);
}
END_TEST

/* Writes a hit of whatever, with good checksums. */
static void refuses_hit(const struct hit *hit, const char *words)
{
	struct lab *lab = set_up();
	struct data data = { 0 };
	struct gprobe_why why;
	char *bytes;
	size_t nr;
	FILE *file = open_memstream(&bytes, &nr);

	data_write_begin(file, &lab->session);
	data_write_hit(file, hit);
	fclose(file);
	file = fmemopen(bytes, nr, "r");
	ck_assert_int_eq(data_open(&data, file, &why), -EBADMSG);
	unit_says(&why, words);
	fclose(file);
	data_close(&data);
	free(bytes);
	tear_down(lab);
}

START_TEST(hits_that_cannot_be_are_refused)
{
	struct hit hit = hit_of(0);

	hit.probe = 20;
	refuses_hit(&hit, "a hit of nothing that was probed");
	hit = hit_of(0);
	hit.vcpu = 2;
	refuses_hit(&hit, "a hit of nothing that was probed");
	hit = hit_of(0);
	hit.values_bytes--;
	refuses_hit(&hit, "a hit without what was fetched");
	hit = hit_of(0);
	hit.probe = 1;
	refuses_hit(&hit, "a hit without what was fetched");
}
END_TEST

Suite *data_suite(void)
{
	return UNIT_SUITE("data",
		checksums_are_those_of_everybody,
		guests_have_their_own_probes_and_sums,
		what_is_written_is_read,
		a_file_cut_anywhere_loses_only_what_is_not_whole,
		a_bit_flipped_anywhere_is_refused_with_its_offset,
		what_is_not_such_a_file_is_told,
		records_that_are_missing_or_too_much_are_noticed,
		sums_of_guests_that_cannot_be_are_refused,
		hits_that_cannot_be_are_refused);
}
