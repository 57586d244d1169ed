// SPDX-License-Identifier: GPL-2.0
#include "stat_output.h"

#include "stat_metrics.h"

/**
 * stat_output_begin() - Write what stands before all figures.
 * @stat: its @domains are set
 * @output: opened
 * @options: stay
 *
 * Return: the exit status.
 */
int stat_output_begin(struct stat_output *stat, struct output *output,
		      const struct stat_options *options)
{
	stat->file = output->file;
	stat->options = options;
	if (options->metrics)
		return stat_metrics_check(options->metrics);
	stat->format = options->json ? &stat_format_json :
		       options->separator ? &stat_format_csv :
					    &stat_format_text;
	if (stat->format->begin)
		stat->format->begin(stat);
	return output_flush(output);
}

/**
 * stat_output_run_ns() - For how long was it counted?
 * @output: its domains have taken samples
 *
 * Return: that of the domain which was counted longest.
 */
uint64_t stat_output_run_ns(const struct stat_output *output)
{
	uint64_t run_ns = 0, one_ns;
	size_t i;

	for (i = 0; i < output->nr_domains; i++) {
		one_ns = output->domains[i].sampler.sample.run_ns;
		if (one_ns > run_ns)
			run_ns = one_ns;
	}
	return run_ns;
}

/**
 * stat_output_samples() - Write figures.
 * @stat: begun; its domains have taken samples, which with --openmetrics become those
 *	of all the time
 * @output: the same
 *
 * Return: the exit status.
 */
int stat_output_samples(struct stat_output *stat, struct output *output)
{
	size_t i;

	if (stat->options->metrics) {
		for (i = 0; i < stat->nr_domains; i++)
			stat_sampler_take_all(&stat->domains[i].sampler);
		return stat_metrics_write(stat);
	}
	stat->format->samples(stat);
	return output_flush(output);
}
