// SPDX-License-Identifier: GPL-2.0
/* The BPF program that counts; its maps are the cells. */
#include "counter_cells.h"

#include <errno.h>
#include <stdbool.h>
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
 * struct counter_bpf - the loaded program
 * @counter: its maps, mapped: reading them costs no system call
 * @skeleton: libbpf's
 * @hits_bytes: size of the map counts
 * @latencies_bytes: size of the map latencies
 * @calls_bytes: size of the map calls
 */
struct counter_bpf {
	struct counter counter;
	struct stat *skeleton;
	size_t hits_bytes;
	size_t latencies_bytes;
	size_t calls_bytes;
};

static int load_failed(struct gprobe_why *why, int err)
{
	return gprobe_bpf_load_failed(why, err, "counts");
}

/* A probe that has parts has more than one. */
static bool has_calls(const struct counter_spec *spec)
{
	return spec->nr_places > spec->nr_probes;
}

static int set_sizes(struct stat *skeleton, const struct counter_spec *spec)
{
	const struct {
		struct bpf_map *map;
		uint32_t entries;
	} sizes[] = {
		{ skeleton->maps.counts, counter_nr_hits(spec) },
		{ skeleton->maps.latencies, STAT_LATENCY(spec->nr_probes, 0) },
		{ skeleton->maps.calls, STAT_CALLS(spec->nr_probes, 0) },
		{ skeleton->maps.places, spec->nr_places },
		{ skeleton->maps.entered, has_calls(spec) ? CALLS_MAX : 1 },
	};
	size_t i;
	int ret = 0;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]) && !ret; i++)
		ret = bpf_map__set_max_entries(sizes[i].map, sizes[i].entries);
	return ret;
}

/* Without parts nobody looks at them. */
static int tell_places(struct stat *skeleton, const struct counter_spec *spec)
{
	uint32_t i;
	int ret = 0;

	for (i = 0; has_calls(spec) && i < spec->nr_places && !ret; i++)
		ret = bpf_map__update_elem(skeleton->maps.places, &i, sizeof(i),
					   &spec->places[i],
					   sizeof(spec->places[i]), BPF_ANY);
	return ret;
}

static int set_up(struct stat *skeleton, const struct counter_spec *spec)
{
	int ret;

	skeleton->rodata->session = spec->session;
	skeleton->rodata->nr_places = spec->nr_places;
	skeleton->rodata->nr_vcpus = spec->nr_vcpus;
	skeleton->rodata->has_calls = has_calls(spec);
	ret = set_sizes(skeleton, spec);
	if (!ret)
		ret = stat__load(skeleton);
	return ret ?: tell_places(skeleton, spec);
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
	const struct call_place place = { .role = CALL_NONE };
	const struct counter_spec spec = {
		.places = &place, .nr_places = 1, .nr_probes = 1, .nr_vcpus = 1,
	};
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

static void close_bpf(struct counter *counter)
{
	struct counter_bpf *bpf = (struct counter_bpf *)counter;

	if (counter->calls)
		munmap((void *)counter->calls, bpf->calls_bytes);
	if (counter->latencies)
		munmap((void *)counter->latencies, bpf->latencies_bytes);
	if (counter->hits)
		munmap((void *)counter->hits, bpf->hits_bytes);
	stat__destroy(bpf->skeleton);
	free(bpf);
}

static int map_cells(struct counter_bpf *bpf)
{
	const struct stat *skeleton = bpf->skeleton;
	int ret = map(skeleton->maps.counts, &bpf->counter.hits,
		      &bpf->hits_bytes);

	if (!ret)
		ret = map(skeleton->maps.latencies, &bpf->counter.latencies,
			  &bpf->latencies_bytes);
	if (!ret)
		ret = map(skeleton->maps.calls, &bpf->counter.calls,
			  &bpf->calls_bytes);
	bpf->counter.strange = (const uint64_t *)&skeleton->bss->nr_strange;
	return ret;
}

/**
 * counter_open() - Begin to count what the module tells.
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
	struct counter_bpf *new = calloc(1, sizeof(*new));
	int ret;

	if (!new)
		return load_failed(why, -ENOMEM);
	new->counter.spec = *spec;
	new->counter.close = close_bpf;
	ret = counter_check_size(spec, why);
	if (ret)
		goto err_close;
	ret = load(&new->skeleton, spec, why);
	if (ret)
		goto err_close;
	ret = map_cells(new);
	if (ret) {
		load_failed(why, ret);
		goto err_close;
	}
	ret = attach(new->skeleton, why);
	if (ret)
		goto err_close;
	*counter = &new->counter;
	return 0;

err_close:
	close_bpf(&new->counter);
	return ret;
}
