// SPDX-License-Identifier: GPL-2.0
/*
 * gueststate DOMID: what Xen holds of a guest that probing it may change, a
 * line each, to be compared before and after.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <xenctrl.h>
#include <xenforeignmemory.h>
#include <xen/hvm/params.h>

static int fail(const char *what)
{
	fprintf(stderr, "gueststate: %s: %s\n", what, strerror(errno));
	return 1;
}

/* Is there a page at the gfn of the monitor ring? */
static int show_ring(xc_interface *xc, uint32_t domid)
{
	xenforeignmemory_handle *foreign = xenforeignmemory_open(NULL, 0);
	uint64_t value;
	xen_pfn_t gfn;
	void *page;
	int err;

	if (!foreign)
		return fail("foreign memory");
	if (xc_hvm_param_get(xc, domid, HVM_PARAM_MONITOR_RING_PFN, &value))
		return fail("ring parameter");
	gfn = value;
	page = xenforeignmemory_map(foreign, domid, PROT_READ, 1, &gfn, &err);
	printf("ring_populated=%d\n", page && !err);
	if (page)
		xenforeignmemory_unmap(foreign, page, 1);
	xenforeignmemory_close(foreign);
	return 0;
}

int main(int argc, char **argv)
{
	uint32_t domid = argc == 2 ? strtoul(argv[1], NULL, 0) : 0;
	xc_interface *xc = xc_interface_open(NULL, NULL, 0);
	xc_domaininfo_t info;
	bool altp2m = false;

	if (!domid) {
		fputs("usage: gueststate DOMID\n", stderr);
		return 2;
	}
	if (!xc)
		return fail("xc_interface_open");
	if (xc_domain_getinfolist(xc, domid, 1, &info) != 1 ||
	    info.domain != domid)
		return fail("no such domain");
	if (xc_altp2m_get_domain_state(xc, domid, &altp2m) && errno != EINVAL)
		return fail("altp2m state");
	printf("pages=%" PRIu64 "\nmax_pages=%" PRIu64 "\npaused=%d\naltp2m=%d\n",
	       (uint64_t)info.tot_pages, (uint64_t)info.max_pages,
	       !!(info.flags & XEN_DOMINF_paused), altp2m);
	return show_ring(xc, domid);
}
