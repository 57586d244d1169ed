/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Xen as seen from dom0: which guests there are, the state of their vCPUs,
 * their memory. Reading only; what changes a guest is the module's.
 *
 * Not thread-safe: one thread a host and its guests.
 */
#ifndef GPROBE_GUEST_H
#define GPROBE_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gprobe/walk.h>
#include <gprobe/why.h>

#define GPROBE_GUEST_NAME_MAX	255

struct gprobe_host;
struct gprobe_guest;

/**
 * struct gprobe_host_info - the hypervisor
 * @major: of Xen's version
 * @minor: of Xen's version
 * @extra: the rest of it, such as ".7-pre"
 * @domctl_version: XEN_DOMCTL_INTERFACE_VERSION that it speaks
 * @altp2m_mode: 1 its command line asks for altp2m, 0 it does not, -1 unknown
 */
struct gprobe_host_info {
	unsigned int major, minor;
	char extra[16];
	uint32_t domctl_version;
	int altp2m_mode;
};

/**
 * struct gprobe_guest_info - a domain
 * @domid: Xen's number
 * @name: as xl knows it; "" if it has none or xenstore cannot be read
 * @vcpus: how many vCPUs
 * @memory_kib: what it has now
 * @hvm: an HVM or PVH guest
 * @paused: by its tools
 * @dying: on its way out
 */
struct gprobe_guest_info {
	uint32_t domid;
	char name[GPROBE_GUEST_NAME_MAX + 1];
	uint32_t vcpus;
	uint64_t memory_kib;
	bool hvm, paused, dying;
};

int gprobe_host_open(struct gprobe_host **host, struct gprobe_why *why);
void gprobe_host_close(struct gprobe_host *host);
int gprobe_host_info(struct gprobe_host *host, struct gprobe_host_info *info);
int gprobe_host_guests(struct gprobe_host *host,
		       struct gprobe_guest_info **infos, size_t *nr);
int gprobe_host_find(struct gprobe_host *host, const char *name,
		     struct gprobe_guest_info *info, struct gprobe_why *why);
uint32_t gprobe_domctl_version(unsigned int major, unsigned int minor);

int gprobe_guest_open(struct gprobe_host *host, uint32_t domid,
		      struct gprobe_guest **guest);
void gprobe_guest_close(struct gprobe_guest *guest);
int gprobe_guest_vcpus(struct gprobe_guest *guest, struct gprobe_vcpu **vcpus,
		       size_t *nr);
int gprobe_guest_paging(struct gprobe_guest *guest, struct gprobe_vcpu *vcpu);
struct gprobe_memory gprobe_guest_memory(struct gprobe_guest *guest);
void gprobe_guest_forget(struct gprobe_guest *guest);
int gprobe_guest_frame_get(struct gprobe_guest *guest, uint64_t gfn,
			   const void **map);
void gprobe_guest_frame_put(struct gprobe_guest *guest, const void *map);
void gprobe_guest_drop(struct gprobe_guest *guest);

#endif /* GPROBE_GUEST_H */
