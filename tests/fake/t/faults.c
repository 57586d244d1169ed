// SPDX-License-Identifier: GPL-2.0
/*
 * Each operation with each of its hypercalls, mappings and bindings failing in
 * turn: it is done, or nothing is; and after the session the guest is as found.
 */
#include "../file.h"
#include "../operations.h"
#include "../tap.h"

#define FAIL_NTH "/sys/module/gprobe/parameters/fail_nth"

static void set(unsigned int n)
{
	file_write_number(FAIL_NTH, n);
}

static bool happened(void)
{
	return !file_read_number(FAIL_NTH);
}

int main(void)
{
	const struct fault hypercall = { .set = set, .happened = happened };

	operations_fail(&hypercall);
	return tap_end();
}
