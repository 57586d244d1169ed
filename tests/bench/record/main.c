// SPDX-License-Identifier: GPL-2.0
/*
 * record HITS FILE: hits of a probe that fetches a path and a number, as from
 * vCPUs that wait, go into FILE as `gprobe record` writes them, and are read
 * again: each must be there, or counted as lost. What it costs is CPU time of
 * gprobe's own: fetching, keeping, writing; checking and reading.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../../user/tool/data.h"
#include "../../../user/tool/hits.h"

/* So many come before they are read. */
#define BATCH	64

#define GVA	0x1000ULL

struct bench {
	struct hits hits;
	struct target target;
	struct call_place place;
	struct gprobe_probe probe;
	struct gprobe_fetch *fetch;
	struct hits_domain domain;
	struct data_session session;
	char memory[4096];
	FILE *file;
	uint64_t written;
};

static uint64_t cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static int read_frame(void *arg, uint64_t gfn, uint32_t offset, void *buffer,
		      size_t bytes)
{
	const struct bench *bench = arg;

	if (gfn != GVA / GPROBE_PAGE_SIZE)
		return -ENXIO;
	memcpy(buffer, bench->memory + offset, bytes);
	return 0;
}

static uint64_t lost(struct target *target)
{
	(void)target;
	return 0;
}

static int on_hit(void *arg, const struct hit *hit)
{
	struct bench *bench = arg;

	data_write_hit(bench->file, hit);
	bench->written++;
	return 0;
}

static int set_up(struct bench *bench, const char *path)
{
	static const struct target_ops ops = { .lost = lost };
	static const struct gprobe_driver_ops driver = { .read = read_frame };

	strcpy(bench->probe.text, "do_sys_openat2");
	strcpy(bench->memory, "/usr/lib/x86_64-linux-gnu/libc.so.6");
	bench->target = (struct target){
		.ops = &ops, .probes = &bench->probe, .nr_probes = 1,
		.places = &bench->place, .nr_places = 1,
		.fetches = &bench->fetch, .driver = { &driver, bench },
	};
	bench->hits.on_hit = on_hit;
	bench->hits.arg = bench;
	bench->file = fopen(path, "w+");
	if (!bench->file ||
	    gprobe_fetch_parse("path=+0(%di):string fd=%si:s32", &bench->fetch,
			       NULL))
		return -1;
	return hits_open(&bench->hits, &bench->target, 0) ? -1 : 0;
}

static void begin(struct bench *bench)
{
	bench->domain = (struct hits_domain){
		.name = "bench", .version = "", .nr_vcpus = 1, .nr_probes = 1,
	};
	bench->session = (struct data_session){
		.domains = &bench->domain, .nr_domains = 1,
		.gprobe_version = "", .command = "",
		.probes = &bench->probe, .fetches = &bench->fetch,
		.nr_probes = 1,
	};
	data_write_begin(bench->file, &bench->session);
}

static void record(struct bench *bench, uint64_t hits)
{
	struct gprobe_regs regs = { .rdi = GVA, .rip = 0x5000 };
	int wait_ms = -1;
	uint64_t i;

	for (i = 0; i < hits; i++) {
		regs.rsi = i;
		hits_add(&bench->hits, 0, 0, &regs);
		if (i % BATCH == BATCH - 1)
			hits_read_some(&bench->hits, &wait_ms);
	}
	hits_read_all(&bench->hits);
}

static void end(struct bench *bench, uint64_t hits)
{
	const struct target_hits counts = { .hits = hits, .known = true };
	struct data_end end = { .sum = hits_sum(&bench->hits, &counts) };

	end.sum.shown = bench->written;
	data_write_end(bench->file, &bench->session, &end);
}

/* Answers whether each hit is in the file, in its order, or counted as lost. */
static bool read_again(struct bench *bench, uint64_t hits)
{
	struct data data = { 0 };
	struct gprobe_why why;
	uint64_t read = 0, number = 0, last = 0;
	struct hit hit;
	bool good;

	rewind(bench->file);
	good = !data_open(&data, bench->file, &why);
	while (good && data_next(&data, &hit, &why) == 1) {
		memcpy(&number, (const char *)hit.values + hit.values_bytes - 8,
		       sizeof(number));
		good = !read || number > last;
		last = number;
		read++;
	}
	good = good && read + data.end.sum.lost == hits;
	data_close(&data);
	return good;
}

static void print(const char *name, uint64_t value, uint64_t hits,
		  const char *unit)
{
	printf("bench %s %.1f %s\n", name, (double)value / hits, unit);
}

int main(int argc, char **argv)
{
	static struct bench bench;
	uint64_t hits = argc > 1 ? strtoull(argv[1], NULL, 10) : 0, start;

	if (argc != 3 || !hits || set_up(&bench, argv[2])) {
		fputs("usage: record HITS FILE\n", stderr);
		return 2;
	}
	begin(&bench);
	start = cpu_ns();
	record(&bench, hits);
	end(&bench, hits);
	fflush(bench.file);
	print("record", cpu_ns() - start, hits, "ns/hit");
	print("record_file", ftello(bench.file), hits, "bytes/hit");
	start = cpu_ns();
	if (!read_again(&bench, hits)) {
		fprintf(stderr, "record: not all of %" PRIu64 " hits are in %s or counted as lost\n",
			hits, argv[2]);
		return 1;
	}
	print("record_read", cpu_ns() - start, hits, "ns/hit");
	printf("bench record_hits %" PRIu64 " hits\n", bench.written);
	hits_close(&bench.hits);
	gprobe_fetch_free(bench.fetch);
	fclose(bench.file);
	return 0;
}
