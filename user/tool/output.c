// SPDX-License-Identifier: GPL-2.0
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "say.h"

static const char *name_of(const struct output *output)
{
	return output->path ? output->path : "stdout";
}

/*
 * A reader that is slow must not stop the guest, whose vCPUs may wait for us.
 * What can be written without waiting is PIPE_BUF bytes at least.
 */
static ssize_t write_some(void *cookie, const char *bytes, size_t nr)
{
	struct output *output = cookie;
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
	const struct output *output = cookie;

	return output->fd == STDOUT_FILENO ? 0 : close(output->fd);
}

/**
 * output_open() - Open an output; what is in the file stays so far.
 * @output: zeroed; for output_close()
 * @path: stays; NULL: stdout
 *
 * Return: the exit status.
 */
int output_open(struct output *output, const char *path)
{
	const cookie_io_functions_t functions = {
		.write = write_some, .close = close_file,
	};

	output->path = path;
	output->fd = STDOUT_FILENO;
	if (path)
		output->fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (output->fd < 0)
		return say(STATUS_FAILED, "%s: %s", path, strerror(errno));
	output->file = fopencookie(output, "w", functions);
	if (output->file)
		return STATUS_DONE;
	if (path)
		close(output->fd);
	return say_no_memory();
}

/**
 * output_truncate() - Begin to write: what was in the file goes.
 * @output: opened
 *
 * Return: the exit status.
 */
int output_truncate(struct output *output)
{
	/* A pipe or terminal has nothing to be cut off. */
	if (!output->path || !ftruncate(output->fd, 0) || errno == EINVAL)
		return STATUS_DONE;
	return say(STATUS_FAILED, "%s: %s", output->path, strerror(errno));
}

/**
 * output_flush() - See that all results so far got where they should.
 * @output: opened
 *
 * Return: the exit status.
 */
int output_flush(struct output *output)
{
	return say_flush(output->file, name_of(output));
}

/**
 * output_close() - Close an output.
 * @output: opened, or zeroed
 *
 * Return: the exit status: some file systems tell of a full disk only now.
 */
int output_close(struct output *output)
{
	if (!output->file || !fclose(output->file))
		return STATUS_DONE;
	return say(STATUS_FAILED, "%s: %s", name_of(output), strerror(errno));
}
