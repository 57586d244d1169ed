// SPDX-License-Identifier: GPL-2.0
#include "data_input.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "say.h"

/**
 * data_input_open() - Open and check the file.
 * @input: zeroed but for @path; for data_input_close()
 *
 * Return: the exit status.
 */
int data_input_open(struct data_input *input)
{
	struct gprobe_why why;

	input->file = fopen(input->path, "re");
	if (!input->file)
		return say(STATUS_FAILED, "%s: %s", input->path,
			   strerror(errno));
	if (data_open(&input->data, input->file, &why))
		return say(STATUS_FAILED, "%s: %s", input->path, why.text);
	return STATUS_DONE;
}

/**
 * data_input_next() - Read the next hit.
 * @input: opened
 * @hit: gets it; its values stay until the next call
 * @more: there was one
 *
 * Return: the exit status.
 */
int data_input_next(struct data_input *input, struct hit *hit, bool *more)
{
	struct gprobe_why why;
	int ret = data_next(&input->data, hit, &why);

	*more = ret > 0;
	return ret < 0 ? say(STATUS_FAILED, "%s: %s", input->path, why.text) :
			 STATUS_DONE;
}

/**
 * data_input_say_cut() - Say that the file has no end, if that is so.
 * @input: opened
 */
void data_input_say_cut(const struct data_input *input)
{
	if (input->data.is_cut)
		say(STATUS_DONE,
		    "%s: it ends at offset %" PRIu64 " without an end: gprobe record was killed, or records still",
		    input->path, input->data.cut_at);
}

/**
 * data_input_close() - Close the file.
 * @input: opened, even if that failed
 */
void data_input_close(struct data_input *input)
{
	data_close(&input->data);
	if (input->file)
		fclose(input->file);
}
