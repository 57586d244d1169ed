/* SPDX-License-Identifier: GPL-2.0 */
/* What stands where Xen's libraries, its sysfs file and xenstore would. */
#ifndef GPROBE_UNIT_FAKE_XEN_H
#define GPROBE_UNIT_FAKE_XEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xenctrl.h>

#define FAKE_DOMAINS	200
#define FAKE_VCPUS	8
#define FAKE_FRAMES	64

/**
 * struct fake_xen - what a test's Xen is like; zeroed: there is none
 * @type: content of /sys/hypervisor/type; NULL: there is no such file
 * @device: is there a device of Xen's?
 * @version: major in the upper half, minor in the lower; negative: unknown
 * @extra: the rest of the version
 * @command_line: of Xen; NULL: cannot be read
 * @open_errno: xc_interface_open() fails with it
 * @foreign_errno: xenforeignmemory_open() fails with it
 * @list_errno: listing domains fails with it
 * @list_fails_from: unless they begin below this domid
 * @no_xenstore: it does not run
 * @domains: sorted by domid
 * @names: of them; NULL: none
 * @nr_domains: how many there are
 * @vcpu_errno: reading a vCPU fails with it
 * @cr0: of vCPUs in long mode; 0: registers are numbers to tell them apart
 * @cr4: of these
 * @efer: of these
 * @missing_gfn: no such frame
 * @map_errno: mapping fails with it, as a whole
 * @page_errno: mapping @missing_gfn fails with it
 * @nr_maps: how many mappings were made
 * @nr_mapped: how many there are
 * @nr_handles: open handles of all kinds
 * @frames_fd: the guests' first frames, if fake_xen_frame() made them
 * @frames: these
 */
struct fake_xen {
	const char *type;
	bool device;
	int version;
	const char *extra, *command_line;
	int open_errno, foreign_errno, list_errno;
	unsigned int list_fails_from;
	bool no_xenstore;
	xc_domaininfo_t domains[FAKE_DOMAINS];
	const char *names[FAKE_DOMAINS];
	size_t nr_domains;
	int vcpu_errno[FAKE_VCPUS];
	uint64_t cr0, cr4, efer;
	uint64_t missing_gfn;
	int map_errno, page_errno;
	unsigned int nr_maps;
	int nr_mapped, nr_handles;
	int frames_fd;
	uint8_t *frames;
};

extern struct fake_xen fake_xen;

/* A Xen 4.17 with nothing on it but dom0. */
void fake_xen_reset(void);
/* Add a guest; flags: XEN_DOMINF_*. */
void fake_xen_add(unsigned int domid, const char *name, unsigned int flags);

/*
 * The frame of a guest, to be written; those below FAKE_FRAMES are zero from
 * now on. Mappings show what is written.
 */
void *fake_xen_frame(uint64_t gfn);
/* vCPUs page with four levels. */
void fake_xen_long_mode(void);

#endif /* GPROBE_UNIT_FAKE_XEN_H */
