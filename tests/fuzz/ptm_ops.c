// SPDX-License-Identifier: GPL-2.0
/*
 * Sequences of all operations of the page-table monitor, with stores and
 * faults, beside the reference of the model test. Two bytes are one decision;
 * the first of all: does the driver watch entries?
 */
#include <stddef.h>
#include <string.h>

#include <gprobe/driver.h>

#include "model.h"

struct input {
	const uint8_t *at;
	size_t left;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static bool next(void *arg, uint64_t *number)
{
	struct input *input = arg;
	uint16_t value;

	if (input->left < sizeof(value))
		return false;
	memcpy(&value, input->at, sizeof(value));
	input->at += sizeof(value);
	input->left -= sizeof(value);
	*number = value;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct input input = { .at = data, .left = bytes };
	struct model_source source = { .next = next, .arg = &input };
	struct model_seen seen = { 0 };
	uint64_t watches;

	if (!next(&input, &watches))
		return 0;
	model_run(&source, watches % 2 ? GPROBE_DRIVER_WATCHES : 0, UINT64_MAX,
		  &seen);
	return 0;
}
