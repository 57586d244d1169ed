// SPDX-License-Identifier: GPL-2.0
#include "stat_output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "say.h"

static const char *name_of(const struct stat_output *output)
{
	return output->options->output ? output->options->output : "stdout";
}

/**
 * stat_output_open() - Open the output; what is in the file stays so far.
 * @output: zeroed; for stat_output_close()
 * @options: stay
 *
 * Return: the exit status.
 */
int stat_output_open(struct stat_output *output,
		     const struct stat_options *options)
{
	int fd;

	output->options = options;
	output->format = options->json ? &stat_format_json :
			 options->separator ? &stat_format_csv :
					      &stat_format_text;
	output->file = stdout;
	if (!options->output)
		return STATUS_DONE;
	output->file = NULL;
	fd = open(options->output, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (fd >= 0)
		output->file = fdopen(fd, "w");
	if (output->file)
		return STATUS_DONE;
	if (fd >= 0)
		close(fd);
	return say(STATUS_FAILED, "%s: %s", options->output, strerror(errno));
}

/**
 * stat_output_begin() - Write what stands before all figures.
 * @output: opened
 *
 * Return: the exit status.
 */
int stat_output_begin(struct stat_output *output)
{
	/* A pipe or terminal has nothing to be cut off. */
	if (output->options->output && ftruncate(fileno(output->file), 0) &&
	    errno != EINVAL)
		return say(STATUS_FAILED, "%s: %s", output->options->output,
			   strerror(errno));
	if (output->format->begin)
		output->format->begin(output);
	return say_flush(output->file, name_of(output));
}

/**
 * stat_output_sample() - Write figures.
 * @output: begun
 * @sample: the figures
 *
 * Return: the exit status.
 */
int stat_output_sample(struct stat_output *output,
		       const struct stat_sample *sample)
{
	output->format->sample(output, sample);
	return say_flush(output->file, name_of(output));
}

/**
 * stat_output_close() - Close the output.
 * @output: opened, or zeroed
 *
 * Return: the exit status: some file systems tell of a full disk only now.
 */
int stat_output_close(struct stat_output *output)
{
	if (!output->file || output->file == stdout || !fclose(output->file))
		return STATUS_DONE;
	return say(STATUS_FAILED, "%s: %s", name_of(output), strerror(errno));
}
