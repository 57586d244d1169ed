// SPDX-License-Identifier: GPL-2.0
#include "data_input.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <string.h>

#include "say.h"

/**
 * data_input_take() - Take an option of those that say what is read.
 * @input: gets it
 * @reader: has just read it
 * @letter: the option
 * @status: the exit status, if it is one
 *
 * Return: false: it is none.
 */
bool data_input_take(struct data_input *input,
		     const struct option_reader *reader, int letter,
		     int *status)
{
	*status = STATUS_DONE;
	switch (letter) {
	case 'i':
		input->path = optarg;
		return true;
	case FILTER_OPTION:
		*status = filter_option_take(&input->filter, reader);
		return true;
	default:
		return false;
	}
}

static int bind_filter(struct data_input *input)
{
	const struct data_session *session = &input->data.session;
	const struct filter_scope scope = {
		.probes = session->probes,
		.fetches = session->fetches,
		.nr_probes = session->nr_probes,
		.domains = session->domains,
		.nr_domains = session->nr_domains,
	};

	return filter_option_bind(&input->filter, &scope);
}

/**
 * data_input_open() - Open and check the file.
 * @input: its options are taken; for data_input_close()
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
	return bind_filter(input);
}

/* What is not is counted. */
static bool is_wanted(struct data_input *input, const struct hit *hit)
{
	const struct filter *filter = input->filter.filter;

	if (!filter || filter_matches(filter, hit))
		return true;
	input->left_out[hits_domain_of(input->data.session.domains,
				       hit->probe)]++;
	return false;
}

static void leave_out(struct hits_sum *sum, uint64_t hits)
{
	sum->shown -= hits;
	sum->limited += hits;
}

/* Only now: the file's end has said what had been recorded. */
static void correct_sums(struct data_input *input)
{
	struct data_session *session = &input->data.session;
	size_t i;

	for (i = 0; i < session->nr_domains; i++) {
		leave_out(&session->domains[i].sum, input->left_out[i]);
		leave_out(&input->data.end.sum, input->left_out[i]);
		input->left_out[i] = 0;
	}
}

/**
 * data_input_next() - Read the next hit that is wanted.
 * @input: opened
 * @hit: gets it; its values stay until the next call
 * @more: there was one
 *
 * Return: the exit status.
 */
int data_input_next(struct data_input *input, struct hit *hit, bool *more)
{
	struct gprobe_why why;
	int ret;

	do {
		ret = data_next(&input->data, hit, &why);
	} while (ret > 0 && !is_wanted(input, hit));
	if (!ret)
		correct_sums(input);
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
 * @input: opened, even if that failed, or its options alone are taken
 */
void data_input_close(struct data_input *input)
{
	filter_free(input->filter.filter);
	data_close(&input->data);
	if (input->file)
		fclose(input->file);
}
