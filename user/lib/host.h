/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GPROBE_LIB_HOST_H
#define GPROBE_LIB_HOST_H

#include <gprobe/guest.h>

#include <xenctrl.h>
#include <xenforeignmemory.h>

/**
 * struct gprobe_host - handles to Xen
 * @xc: for domctls
 * @foreign: for guests' memory
 */
struct gprobe_host {
	xc_interface *xc;
	xenforeignmemory_handle *foreign;
};

#endif /* GPROBE_LIB_HOST_H */
