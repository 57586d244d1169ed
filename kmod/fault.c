// SPDX-License-Identifier: GPL-2.0
#include "fault.h"

#include <linux/moduleparam.h>

static unsigned int fail_nth;
module_param(fail_nth, uint, 0600);
MODULE_PARM_DESC(fail_nth, "fail the n-th control hypercall, mapping or binding from now on; 0: none");

/**
 * gprobe_fault() - Shall this step fail?
 *
 * Context: Process, control lock held.
 * Return: true once, when the n-th step is reached; it is not to be made then.
 */
bool gprobe_fault(void)
{
	return fail_nth && --fail_nth == 0;
}
