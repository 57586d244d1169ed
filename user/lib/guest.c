// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gprobe/guest.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* xenctrl.h comes before all other headers of Xen. */
#include "host.h"

#include <xen/hvm/save.h>

/* A walk reads few tables over and over. */
#define CACHED_FRAMES	32

struct mapping {
	uint64_t gfn;
	void *page;
};

/**
 * struct gprobe_guest - a guest that is looked into
 * @host: where
 * @domid: which
 * @cache: mapped frames; page NULL: free
 * @next: the one that makes room next
 */
struct gprobe_guest {
	struct gprobe_host *host;
	uint32_t domid;
	struct mapping cache[CACHED_FRAMES];
	unsigned int next;
};

/**
 * gprobe_guest_open() - Look into a guest.
 * @host: stays open longer than the guest
 * @domid: Xen's number
 * @guest: for gprobe_guest_close()
 *
 * A guest whose frames are mapped cannot go: close it as soon as may be.
 *
 * Return: 0 or -ENOMEM.
 */
int gprobe_guest_open(struct gprobe_host *host, uint32_t domid,
		      struct gprobe_guest **guest)
{
	struct gprobe_guest *new = calloc(1, sizeof(*new));

	if (!new)
		return -ENOMEM;
	new->host = host;
	new->domid = domid;
	*guest = new;
	return 0;
}

static void unmap(struct gprobe_guest *guest, struct mapping *mapping)
{
	if (mapping->page)
		xenforeignmemory_unmap(guest->host->foreign, mapping->page, 1);
	mapping->page = NULL;
}

/**
 * gprobe_guest_close() - Let go of a guest and all its frames.
 * @guest: or NULL
 */
void gprobe_guest_close(struct gprobe_guest *guest)
{
	unsigned int i;

	if (!guest)
		return;
	for (i = 0; i < CACHED_FRAMES; i++)
		unmap(guest, &guest->cache[i]);
	free(guest);
}

/* The frame, mapped; good until the next call. */
static int map_frame(struct gprobe_guest *guest, uint64_t gfn,
		     const void **page)
{
	struct mapping *mapping;
	xen_pfn_t frame = gfn;
	unsigned int i;
	int err = 0;

	for (i = 0; i < CACHED_FRAMES; i++) {
		mapping = &guest->cache[i];
		if (mapping->page && mapping->gfn == gfn) {
			*page = mapping->page;
			return 0;
		}
	}
	mapping = &guest->cache[guest->next++ % CACHED_FRAMES];
	unmap(guest, mapping);
	mapping->page = xenforeignmemory_map(guest->host->foreign,
					     guest->domid, PROT_READ, 1,
					     &frame, &err);
	if (!mapping->page)
		return errno == EINVAL || errno == ENOENT ? -ENXIO : -errno;
	if (err) {
		unmap(guest, mapping);
		return err == -EINVAL || err == -ENOENT ? -ENXIO : err;
	}
	mapping->gfn = gfn;
	*page = mapping->page;
	return 0;
}

static int read_frame(void *arg, uint64_t gfn, uint32_t offset, void *buffer,
		      size_t bytes)
{
	const void *page = NULL;
	int ret;

	if (offset > GPROBE_PAGE_SIZE || bytes > GPROBE_PAGE_SIZE - offset)
		return -EINVAL;
	ret = map_frame(arg, gfn, &page);
	if (!ret)
		memcpy(buffer, (const char *)page + offset, bytes);
	return ret;
}

/**
 * gprobe_guest_memory() - How a guest's frames are read.
 * @guest: stays open while the answer is in use
 *
 * Return: a reader that maps frames and keeps some mapped. It answers -ENXIO
 * for a frame that is not there.
 */
struct gprobe_memory gprobe_guest_memory(struct gprobe_guest *guest)
{
	return (struct gprobe_memory){ .read = read_frame, .arg = guest };
}

static int read_vcpu(struct gprobe_guest *guest, uint32_t id,
		     struct gprobe_vcpu *vcpu)
{
	HVM_SAVE_TYPE(CPU) cpu = { 0 };

	if (xc_domain_hvm_getcontext_partial(guest->host->xc, guest->domid,
					     HVM_SAVE_CODE(CPU), id, &cpu,
					     sizeof(cpu)))
		return -errno;
	vcpu->cr0 = cpu.cr0;
	vcpu->cr3 = cpu.cr3;
	vcpu->cr4 = cpu.cr4;
	vcpu->efer = cpu.msr_efer;
	vcpu->lstar = cpu.msr_lstar;
	vcpu->idt_base = cpu.idtr_base;
	return 0;
}

/**
 * gprobe_guest_vcpus() - Read the state of a guest's vCPUs.
 * @guest: the guest; each vCPU is stopped for a moment
 * @vcpus: those that are up; the caller frees it
 * @nr: how many, at least one
 *
 * Return: 0; -ENOENT no such domain; -EAGAIN none is up yet; -ENOMEM; what Xen
 * says.
 */
int gprobe_guest_vcpus(struct gprobe_guest *guest, struct gprobe_vcpu **vcpus,
		       size_t *nr)
{
	xc_domaininfo_t domain;
	struct gprobe_vcpu *all;
	uint32_t i, max;
	int ret = 0;

	*nr = 0;
	if (xc_domain_getinfolist(guest->host->xc, guest->domid, 1,
				  &domain) != 1 ||
	    domain.domain != guest->domid)
		return -ENOENT;
	max = domain.max_vcpu_id + 1;
	all = calloc(max ? max : 1, sizeof(*all));
	if (!all)
		return -ENOMEM;
	for (i = 0; i < max; i++) {
		/* Xen has no state to give of a vCPU that is down. */
		ret = read_vcpu(guest, i, &all[*nr]);
		if (!ret)
			++*nr;
	}
	if (!*nr) {
		free(all);
		return ret && ret != -ENODATA && ret != -ENOENT ? ret :
								   -EAGAIN;
	}
	*vcpus = all;
	return 0;
}
