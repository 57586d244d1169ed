// SPDX-License-Identifier: GPL-2.0
#include "stat_output.h"

#include "stat_metrics.h"

/**
 * stat_output_begin() - Write what stands before all figures.
 * @stat: its @domain and @domid are set
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
 * stat_output_sample() - Write figures.
 * @stat: begun
 * @output: the same
 * @sampler: has taken them; with --openmetrics they become those of all the time
 *
 * Return: the exit status.
 */
int stat_output_sample(struct stat_output *stat, struct output *output,
		       struct stat_sampler *sampler)
{
	if (stat->options->metrics) {
		stat_sampler_take_all(sampler);
		return stat_metrics_write(stat, &sampler->sample);
	}
	stat->format->sample(stat, &sampler->sample);
	return output_flush(output);
}
