// SPDX-License-Identifier: GPL-2.0
#include "stat_sample.h"

#include <stdlib.h>
#include <string.h>

#include "say.h"

/**
 * stat_sample_count() - How often was a probe hit?
 * @sample: the figures
 * @probe: its number
 *
 * Return: by all vCPUs.
 */
uint64_t stat_sample_count(const struct stat_sample *sample, size_t probe)
{
	uint64_t count = 0;
	uint32_t vcpu;

	for (vcpu = 0; vcpu < sample->nr_vcpus; vcpu++)
		count += sample->counts[probe * sample->nr_vcpus + vcpu];
	return count;
}

/**
 * stat_sample_is_return() - Is it of a return?
 * @sample: the figures
 * @probe: its number
 *
 * Return: true: its calls have durations.
 */
bool stat_sample_is_return(const struct stat_sample *sample, size_t probe)
{
	return sample->probes[probe].part == GPROBE_PROBE_ENTRY;
}

/**
 * stat_sample_share() - What share of the guest's time were calls?
 * @sample: the figures
 * @probe: its number
 *
 * Return: percent of the time of all vCPUs; above 100 where many waited at once.
 */
double stat_sample_share(const struct stat_sample *sample, size_t probe)
{
	double all = (double)sample->run_ns * sample->nr_vcpus;

	return all ? 100 * sample->calls_ns[probe] / all : 0;
}

/**
 * stat_sample_has_latency() - Is it known how long any of it took?
 * @sample: the figures
 * @probe: its number
 *
 * Return: false: there are no percentiles.
 */
bool stat_sample_has_latency(const struct stat_sample *sample, size_t probe)
{
	uint64_t unknown = stat_sample_is_return(sample, probe) ?
			   sample->calls_unknown[probe] : 0;

	return stat_sample_count(sample, probe) > unknown;
}

/**
 * stat_sample_percentile() - How long did handling take, or a call?
 * @sample: the figures
 * @probe: its number
 * @percent: of them took no longer
 *
 * Return: nanoseconds.
 */
uint64_t stat_sample_percentile(const struct stat_sample *sample,
				size_t probe, unsigned int percent)
{
	return gprobe_histogram_percentile(sample->latencies +
					   probe * GPROBE_HISTOGRAM_BUCKETS,
					   percent);
}

static bool allocate(struct stat_sample *sample, const struct target *target)
{
	sample->probes = target->probes;
	sample->nr_probes = target->nr_probes;
	sample->nr_vcpus = target->nr_vcpus;
	sample->counted = calloc(sample->nr_probes, sizeof(*sample->counted));
	sample->counts = calloc(sample->nr_probes * sample->nr_vcpus,
				sizeof(*sample->counts));
	sample->latencies = calloc(sample->nr_probes *
				   GPROBE_HISTOGRAM_BUCKETS,
				   sizeof(*sample->latencies));
	sample->calls_ns = calloc(sample->nr_probes,
				  sizeof(*sample->calls_ns));
	sample->calls_unknown = calloc(sample->nr_probes,
				       sizeof(*sample->calls_unknown));
	return sample->counted && sample->counts && sample->latencies &&
	       sample->calls_ns && sample->calls_unknown;
}

static void release(struct stat_sample *sample)
{
	free(sample->counted);
	free(sample->counts);
	free(sample->latencies);
	free(sample->calls_ns);
	free(sample->calls_unknown);
}

/**
 * stat_sampler_open() - Make room for samples.
 * @sampler: zeroed; for stat_sampler_close()
 * @target: attached
 *
 * Return: the exit status.
 */
int stat_sampler_open(struct stat_sampler *sampler,
		      const struct target *target)
{
	sampler->nr_places = target->nr_places;
	if (!allocate(&sampler->sample, target) ||
	    !allocate(&sampler->last, target))
		return say_no_memory();
	return STATUS_DONE;
}

/**
 * stat_sampler_close() - Free a sampler's memory.
 * @sampler: opened, or zeroed
 */
void stat_sampler_close(struct stat_sampler *sampler)
{
	release(&sampler->sample);
	release(&sampler->last);
}

/* What was counted as lost too early is lost no longer: nothing shrinks. */
static uint64_t growth(uint64_t last, uint64_t now)
{
	return now > last ? now - last : 0;
}

/* What has grown since the last time. */
static uint64_t take(uint64_t *last, uint64_t now)
{
	uint64_t more = growth(*last, now);

	*last += more;
	return more;
}

static uint64_t count_of(const struct stat_sample *sample,
			 const struct counter *counter, uint32_t probe,
			 uint32_t vcpu)
{
	return stat_sample_is_return(sample, probe) ?
	       counter_returns(counter, probe, vcpu) :
	       counter_hits(counter, probe, vcpu);
}

static void take_probe(struct stat_sampler *sampler,
		       const struct counter *counter, uint32_t probe)
{
	struct stat_sample *sample = &sampler->sample, *last = &sampler->last;
	uint32_t i, at;

	for (i = 0; i < sample->nr_vcpus; i++) {
		at = probe * sample->nr_vcpus + i;
		sample->counts[at] = take(&last->counts[at],
					  count_of(sample, counter, probe, i));
	}
	sample->calls_ns[probe] = take(&last->calls_ns[probe],
				       counter_calls_ns(counter, probe));
	sample->calls_unknown[probe] =
		take(&last->calls_unknown[probe],
		     counter_calls_unknown(counter, probe));
	for (i = 0; i < GPROBE_HISTOGRAM_BUCKETS; i++) {
		at = probe * GPROBE_HISTOGRAM_BUCKETS + i;
		sample->latencies[at] = growth(last->latencies[at],
					       counter_latency(counter, probe,
							       i));
		last->latencies[at] += sample->latencies[at];
	}
}

static uint64_t count_place(const struct stat_sampler *sampler,
			    const struct counter *counter, uint32_t place)
{
	uint64_t count = 0;
	uint32_t vcpu;

	for (vcpu = 0; vcpu < sampler->sample.nr_vcpus; vcpu++)
		count += counter_hits(counter, place, vcpu);
	return count;
}

/* Hits that the module had and the BPF program did not count. */
static uint64_t missed(const struct stat_sampler *sampler,
		       const struct counter *counter,
		       const struct target_hits *hits)
{
	uint64_t strange = counter_strange(counter), total = 0, count;
	size_t i;

	for (i = 0; i < sampler->nr_places; i++) {
		count = count_place(sampler, counter, i);
		if (hits[i].known && hits[i].hits > count)
			total += hits[i].hits - count;
	}
	/* Strange ones are among the module's hits, where those are known. */
	return total > strange ? total : strange;
}

/* Of a guest that died, no longer than it lived. */
static uint64_t counted_until(const struct target *target, uint64_t now_ns)
{
	return target->is_dead && target->died_ns < now_ns ? target->died_ns :
							     now_ns;
}

/**
 * stat_sampler_take() - Take a sample: what was counted since the last.
 * @sampler: opened
 * @target: the same
 * @hits: the module's own counts of all places, asked for before: since then more may come
 * @end_ns: now, since counting began
 */
void stat_sampler_take(struct stat_sampler *sampler, struct target *target,
		       const struct target_hits *hits, uint64_t end_ns)
{
	struct stat_sample *sample = &sampler->sample, *last = &sampler->last;
	const struct counter *counter = target->counter;
	uint64_t until_ns = counted_until(target, end_ns), lost;
	size_t i;

	sample->run_ns = growth(last->end_ns, until_ns);
	for (i = 0; i < sample->nr_probes; i++) {
		/* What cannot be shown now is left for the next sample. */
		last->counted[i] = hits[i].known;
		sample->counted[i] = hits[i].known && sample->run_ns;
		if (sample->counted[i])
			take_probe(sampler, counter, i);
	}
	lost = missed(sampler, counter, hits) + target->ops->lost(target);
	sample->lost = growth(last->lost, lost);
	last->lost += sample->lost;
	sample->end_ns = end_ns;
	last->end_ns += sample->run_ns;
}

/**
 * stat_sampler_take_all() - Make the sample one of all that was counted so far.
 * @sampler: has taken one
 */
void stat_sampler_take_all(struct stat_sampler *sampler)
{
	struct stat_sample *sample = &sampler->sample, *all = &sampler->last;

	memcpy(sample->counted, all->counted,
	       all->nr_probes * sizeof(*all->counted));
	memcpy(sample->counts, all->counts,
	       all->nr_probes * all->nr_vcpus * sizeof(*all->counts));
	memcpy(sample->latencies, all->latencies,
	       all->nr_probes * GPROBE_HISTOGRAM_BUCKETS *
	       sizeof(*all->latencies));
	memcpy(sample->calls_ns, all->calls_ns,
	       all->nr_probes * sizeof(*all->calls_ns));
	memcpy(sample->calls_unknown, all->calls_unknown,
	       all->nr_probes * sizeof(*all->calls_unknown));
	sample->lost = all->lost;
	sample->run_ns = all->end_ns;
}
