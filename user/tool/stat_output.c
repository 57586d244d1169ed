// SPDX-License-Identifier: GPL-2.0
#include "stat_output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "say.h"

static const char *name_of(const struct stat_output *output)
{
	return output->options->output ? output->options->output : "stdout";
}

/*
 * A reader that is slow must not stop the guest, whose vCPUs may wait for us.
 * What can be written without waiting is PIPE_BUF bytes at least.
 */
static ssize_t write_some(void *cookie, const char *bytes, size_t nr)
{
	struct stat_output *output = cookie;
	size_t done = 0, part;
	ssize_t got;

	while (done < nr) {
		if (output->target)
			target_wait(output->target, output->fd);
		part = nr - done < PIPE_BUF ? nr - done : PIPE_BUF;
		got = write(output->fd, bytes + done, part);
		if (got < 0 && errno != EINTR && errno != EAGAIN)
			return 0;
		if (got > 0)
			done += got;
	}
	return done;
}

static int close_file(void *cookie)
{
	const struct stat_output *output = cookie;

	return output->fd == STDOUT_FILENO ? 0 : close(output->fd);
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
	const cookie_io_functions_t functions = {
		.write = write_some, .close = close_file,
	};

	output->options = options;
	output->format = options->json ? &stat_format_json :
			 options->separator ? &stat_format_csv :
					      &stat_format_text;
	output->fd = STDOUT_FILENO;
	if (options->output)
		output->fd = open(options->output,
				  O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (output->fd < 0)
		return say(STATUS_FAILED, "%s: %s", options->output,
			   strerror(errno));
	output->file = fopencookie(output, "w", functions);
	if (output->file)
		return STATUS_DONE;
	if (options->output)
		close(output->fd);
	return say_no_memory();
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
	if (output->options->output && ftruncate(output->fd, 0) &&
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
	if (!output->file || !fclose(output->file))
		return STATUS_DONE;
	return say(STATUS_FAILED, "%s: %s", name_of(output), strerror(errno));
}
