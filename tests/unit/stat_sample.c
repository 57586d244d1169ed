// SPDX-License-Identifier: GPL-2.0
/* Figures of an interval, and of all the time up to its end. */
#include "../../user/tool/stat_sample.h"

#include <string.h>

#include "unit.h"

#define NR_PROBES	2
#define NR_PLACES	3
#define STACK		0xffffc90000100000ULL

/* The second probe is of a return. */
#define ENTRY		1
#define EXIT		2

struct lab {
	struct gprobe_probe probes[NR_PROBES];
	struct call_place places[NR_PLACES];
	struct target target;
	struct stat_sampler sampler;
	struct target_hits hits[NR_PLACES];
	uint64_t now_ns;
};

static uint64_t none_lost(struct target *target)
{
	(void)target;
	return 0;
}

static const struct target_ops ops = { .lost = none_lost };

static void set_up(struct lab *lab)
{
	struct counter_spec spec = {
		.places = lab->places, .nr_places = NR_PLACES,
		.nr_probes = NR_PROBES, .nr_vcpus = 1,
	};
	struct gprobe_why why;
	size_t i;

	memset(lab, 0, sizeof(*lab));
	lab->probes[1].part = GPROBE_PROBE_ENTRY;
	lab->places[ENTRY] = (struct call_place){ 1, CALL_ENTRY };
	lab->places[EXIT] = (struct call_place){ 1, CALL_EXIT };
	lab->target = (struct target){
		.ops = &ops,
		.probes = lab->probes, .nr_probes = NR_PROBES,
		.nr_places = NR_PLACES, .nr_vcpus = 1,
	};
	for (i = 0; i < NR_PLACES; i++)
		lab->hits[i].known = true;
	ck_assert_int_eq(counter_new(&lab->target.counter, &spec, &why), 0);
	ck_assert_int_eq(stat_sampler_open(&lab->sampler, &lab->target), 0);
}

static void tear_down(struct lab *lab)
{
	stat_sampler_close(&lab->sampler);
	counter_close(lab->target.counter);
}

static void count(struct lab *lab, uint64_t place, uint64_t time_ns)
{
	const struct counter_hit hit = {
		.place = place, .time_ns = time_ns, .handling_ns = 0,
		.rsp = STACK,
	};

	counter_count(lab->target.counter, &hit);
	lab->hits[place].hits++;
}

static void take(struct lab *lab)
{
	lab->now_ns += 1000;
	stat_sampler_take(&lab->sampler, &lab->target, lab->hits, lab->now_ns);
}

START_TEST(an_interval_has_what_came_in_it)
{
	const struct stat_sample *sample;
	struct lab lab;

	set_up(&lab);
	sample = &lab.sampler.sample;
	count(&lab, EXIT, 5);
	count(&lab, ENTRY, 10);
	count(&lab, EXIT, 40);
	take(&lab);
	ck_assert_uint_eq(stat_sample_count(sample, 1), 2);
	ck_assert_uint_eq(sample->calls_ns[1], 30);
	ck_assert_uint_eq(sample->calls_unknown[1], 1);
	ck_assert(stat_sample_has_latency(sample, 1));
	count(&lab, 0, 50);
	take(&lab);
	ck_assert_uint_eq(stat_sample_count(sample, 0), 1);
	ck_assert_uint_eq(stat_sample_count(sample, 1), 0);
	ck_assert_uint_eq(sample->calls_ns[1], 0);
	ck_assert_uint_eq(sample->calls_unknown[1], 0);
	ck_assert(!stat_sample_has_latency(sample, 1));
	ck_assert_uint_eq(sample->lost, 0);
	tear_down(&lab);
}
END_TEST

START_TEST(the_last_one_can_be_of_all_the_time)
{
	const struct stat_sample *sample;
	struct lab lab;

	set_up(&lab);
	sample = &lab.sampler.sample;
	count(&lab, EXIT, 5);
	take(&lab);
	count(&lab, 0, 50);
	count(&lab, 0, 60);
	take(&lab);
	stat_sampler_take_all(&lab.sampler);
	ck_assert_uint_eq(stat_sample_count(sample, 0), 2);
	ck_assert_uint_eq(stat_sample_count(sample, 1), 1);
	ck_assert_uint_eq(sample->run_ns, 2000);
	/* Its only call has no duration. */
	ck_assert_uint_eq(sample->calls_unknown[1], 1);
	ck_assert(!stat_sample_has_latency(sample, 1));
	count(&lab, ENTRY, 100);
	count(&lab, EXIT, 125);
	take(&lab);
	take(&lab);
	stat_sampler_take_all(&lab.sampler);
	ck_assert_uint_eq(sample->calls_ns[1], 25);
	ck_assert(stat_sample_has_latency(sample, 1));
	tear_down(&lab);
}
END_TEST

Suite *stat_sample_suite(void)
{
	return UNIT_SUITE("stat_sample",
		an_interval_has_what_came_in_it,
		the_last_one_can_be_of_all_the_time);
}
