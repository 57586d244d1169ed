// SPDX-License-Identifier: GPL-2.0
#include "counter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/types.h>

#include <gprobe/histogram.h>

#include "../lib/bpf.h"

/*
 * The skeleton's struct is called stat, as its program is: no header with the
 * system call's struct stat may come in here.
 */
#include "stat.h"
#include "stat.skel.h"

/**
 * struct counter - the loaded program
 * @skeleton: libbpf's
 * @spec: as given
 * @hits: the map counts, mapped: reading it costs no system call
 * @hits_bytes: its size
 * @latencies: the map latencies, mapped
 * @latencies_bytes: its size
 */
struct counter {
	struct stat *skeleton;
	struct counter_spec spec;
	const uint64_t *hits;
	size_t hits_bytes;
	const uint64_t *latencies;
	size_t latencies_bytes;
};

static int load_failed(struct gprobe_why *why, int err)
{
	return gprobe_bpf_load_failed(why, err, "counts");
}

static int set_up(struct stat *skeleton, const struct counter_spec *spec)
{
	int ret;

	skeleton->rodata->session = spec->session;
	skeleton->rodata->nr_probes = spec->nr_probes;
	skeleton->rodata->nr_vcpus = spec->nr_vcpus;
	ret = bpf_map__set_max_entries(skeleton->maps.counts,
				       spec->nr_probes * spec->nr_vcpus);
	if (!ret)
		ret = bpf_map__set_max_entries(skeleton->maps.latencies,
					       spec->nr_probes *
					       GPROBE_HISTOGRAM_BUCKETS);
	return ret ?: stat__load(skeleton);
}

static int load(struct stat **skeleton, const struct counter_spec *spec,
		struct gprobe_why *why)
{
	libbpf_print_fn_t before = gprobe_bpf_listen();
	struct stat *new = stat__open();
	int ret = new ? set_up(new, spec) : -errno;

	libbpf_set_print(before);
	if (ret) {
		stat__destroy(new);
		return load_failed(why, ret);
	}
	*skeleton = new;
	return 0;
}

/**
 * counter_check() - Can this kernel load the program?
 * @why: says why not
 *
 * Return: 0 or a negative errno.
 */
int counter_check(struct gprobe_why *why)
{
	const struct counter_spec spec = { .nr_probes = 1, .nr_vcpus = 1 };
	struct stat *skeleton;
	int ret = load(&skeleton, &spec, why);

	if (!ret)
		stat__destroy(skeleton);
	return ret;
}

static int map(const struct bpf_map *from, const uint64_t **to, size_t *bytes)
{
	size_t page = sysconf(_SC_PAGESIZE);
	void *mapped;

	*bytes = (size_t)bpf_map__max_entries(from) * sizeof(uint64_t);
	*bytes = (*bytes + page - 1) / page * page;
	mapped = mmap(NULL, *bytes, PROT_READ, MAP_SHARED, bpf_map__fd(from),
		      0);
	if (mapped == MAP_FAILED)
		return -errno;
	*to = mapped;
	return 0;
}

static int attach(struct stat *skeleton, struct gprobe_why *why)
{
	libbpf_print_fn_t before = gprobe_bpf_listen();
	int ret = stat__attach(skeleton);

	libbpf_set_print(before);
	return ret ? gprobe_bpf_attach_failed(why, ret, "gprobe_hit") : 0;
}

/**
 * counter_open() - Begin to count.
 * @counter: for counter_close()
 * @spec: what is to be counted
 * @why: says why not
 *
 * Return: 0; -E2BIG too many probes; -ENOENT the module has no tracepoint; what
 * loading BPF answers.
 */
int counter_open(struct counter **counter, const struct counter_spec *spec,
		 struct gprobe_why *why)
{
	const uint32_t cells = spec->nr_vcpus > GPROBE_HISTOGRAM_BUCKETS ?
			       spec->nr_vcpus : GPROBE_HISTOGRAM_BUCKETS;
	struct counter *new = calloc(1, sizeof(*new));
	int ret;

	if (!new)
		return load_failed(why, -ENOMEM);
	new->spec = *spec;
	if (spec->nr_probes > UINT32_MAX / cells) {
		snprintf(why->text, sizeof(why->text),
			 "%u probes are too many to count", spec->nr_probes);
		ret = -E2BIG;
		goto err_free;
	}
	ret = load(&new->skeleton, spec, why);
	if (ret)
		goto err_free;
	ret = map(new->skeleton->maps.counts, &new->hits, &new->hits_bytes);
	if (!ret)
		ret = map(new->skeleton->maps.latencies, &new->latencies,
			  &new->latencies_bytes);
	if (ret) {
		load_failed(why, ret);
		goto err_free;
	}
	ret = attach(new->skeleton, why);
	if (ret)
		goto err_free;
	*counter = new;
	return 0;

err_free:
	counter_close(new);
	return ret;
}

/**
 * counter_close() - Count no more.
 * @counter: or NULL
 */
void counter_close(struct counter *counter)
{
	if (!counter)
		return;
	if (counter->latencies)
		munmap((void *)counter->latencies, counter->latencies_bytes);
	if (counter->hits)
		munmap((void *)counter->hits, counter->hits_bytes);
	stat__destroy(counter->skeleton);
	free(counter);
}

/* The program may be counting right now. */
static uint64_t read_cell(const uint64_t *cell)
{
	return __atomic_load_n(cell, __ATOMIC_RELAXED);
}

/**
 * counter_hits() - How often was a probe hit?
 * @counter: the counter
 * @probe: its number
 * @vcpu: by this vCPU
 *
 * Return: the count.
 */
uint64_t counter_hits(const struct counter *counter, uint32_t probe,
		      uint32_t vcpu)
{
	return read_cell(&counter->hits[STAT_COUNT(probe, vcpu,
						   counter->spec.nr_vcpus)]);
}

/**
 * counter_latency() - How many hits took so long?
 * @counter: the counter
 * @probe: its number
 * @bucket: gprobe_histogram_bucket() of the nanoseconds
 *
 * Return: the count.
 */
uint64_t counter_latency(const struct counter *counter, uint32_t probe,
			 uint32_t bucket)
{
	return read_cell(&counter->latencies[STAT_LATENCY(probe, bucket)]);
}

/**
 * counter_strange() - How many hits were of no probe or vCPU of ours?
 * @counter: the counter
 *
 * Return: the count.
 */
uint64_t counter_strange(const struct counter *counter)
{
	return read_cell((const uint64_t *)&counter->skeleton->bss->nr_strange);
}
