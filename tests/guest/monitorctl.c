// SPDX-License-Identifier: GPL-2.0
/*
 * monitorctl DOMID cpuid|descriptor|vmexit on|off: switches a monitor of Xen's
 * past whoever owns the guest's ring.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenctrl.h>

static int set(xc_interface *xc, uint32_t domid, const char *name, bool on)
{
	if (!strcmp(name, "cpuid"))
		return xc_monitor_cpuid(xc, domid, on);
	if (!strcmp(name, "descriptor"))
		return xc_monitor_descriptor_access(xc, domid, on);
	if (!strcmp(name, "vmexit"))
		return xc_monitor_vmexit(xc, domid, on, false);
	errno = EINVAL;
	return -1;
}

int main(int argc, char **argv)
{
	xc_interface *xc = xc_interface_open(NULL, NULL, 0);
	int ret;

	if (argc != 4 || !xc) {
		fputs("usage: monitorctl DOMID cpuid|descriptor|vmexit on|off\n",
		      stderr);
		return 2;
	}
	ret = set(xc, strtoul(argv[1], NULL, 0), argv[2],
		  !strcmp(argv[3], "on"));
	if (ret)
		fprintf(stderr, "monitorctl: %s: %s\n", argv[2],
			strerror(errno));
	xc_interface_close(xc);
	return ret ? 1 : 0;
}
