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
 * @frames: mapped for others, until these give them back
 * @nr_frames: how many
 * @size_frames: how many there is room for
 * @is_dropped: it dies: nothing of it is mapped any more
 */
struct gprobe_guest {
	struct gprobe_host *host;
	uint32_t domid;
	struct mapping cache[CACHED_FRAMES];
	unsigned int next;
	const void **frames;
	size_t nr_frames, size_frames;
	bool is_dropped;
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
 * gprobe_guest_forget() - Keep no frame mapped that was only read.
 * @guest: the guest
 */
void gprobe_guest_forget(struct gprobe_guest *guest)
{
	unsigned int i;

	for (i = 0; i < CACHED_FRAMES; i++)
		unmap(guest, &guest->cache[i]);
}

/**
 * gprobe_guest_close() - Let go of a guest and all its frames.
 * @guest: or NULL
 */
void gprobe_guest_close(struct gprobe_guest *guest)
{
	if (!guest)
		return;
	gprobe_guest_forget(guest);
	while (guest->nr_frames)
		gprobe_guest_frame_put(guest, guest->frames[0]);
	free(guest->frames);
	free(guest);
}

static int map_page(struct gprobe_guest *guest, uint64_t gfn, void **page)
{
	xen_pfn_t frame = gfn;
	int err = 0;

	if (guest->is_dropped)
		return -ESHUTDOWN;
	*page = xenforeignmemory_map(guest->host->foreign, guest->domid,
				     PROT_READ, 1, &frame, &err);
	if (!*page)
		return errno == EINVAL || errno == ENOENT ? -ENXIO : -errno;
	if (err) {
		xenforeignmemory_unmap(guest->host->foreign, *page, 1);
		*page = NULL;
		return err == -EINVAL || err == -ENOENT ? -ENXIO : err;
	}
	return 0;
}

/**
 * gprobe_guest_frame_get() - Map a frame for long, to read.
 * @guest: the guest, which cannot go meanwhile: see gprobe_guest_drop()
 * @gfn: the frame
 * @map: gets it; it shows what the guest changes in it
 *
 * Return: 0; -ENXIO there is no such frame; -ESHUTDOWN all was dropped;
 * -ENOMEM; what Xen says.
 */
int gprobe_guest_frame_get(struct gprobe_guest *guest, uint64_t gfn,
			   const void **map)
{
	size_t size = guest->size_frames ? 2 * guest->size_frames : 16;
	const void **more;
	void *page;
	int ret;

	if (guest->nr_frames == guest->size_frames) {
		more = reallocarray(guest->frames, size, sizeof(*more));
		if (!more)
			return -ENOMEM;
		guest->frames = more;
		guest->size_frames = size;
	}
	ret = map_page(guest, gfn, &page);
	if (ret)
		return ret;
	guest->frames[guest->nr_frames++] = page;
	*map = page;
	return 0;
}

/**
 * gprobe_guest_frame_put() - Unmap a frame.
 * @guest: the guest
 * @map: as gprobe_guest_frame_get() gave it
 */
void gprobe_guest_frame_put(struct gprobe_guest *guest, const void *map)
{
	size_t i;

	for (i = guest->nr_frames; i-- && guest->frames[i] != map;)
		;
	guest->frames[i] = guest->frames[--guest->nr_frames];
	if (guest->is_dropped)
		munmap((void *)map, GPROBE_PAGE_SIZE);
	else
		xenforeignmemory_unmap(guest->host->foreign, (void *)map, 1);
}

/**
 * gprobe_guest_drop() - Let a guest that dies go.
 * @guest: the guest; from now on there is nothing to be read of it
 *
 * Frames that are mapped for others become zeroes at the same addresses, as
 * whoever has them may look at them still.
 */
void gprobe_guest_drop(struct gprobe_guest *guest)
{
	size_t i;

	gprobe_guest_forget(guest);
	/* Mapping over a page unmaps what was there; there is no other way. */
	for (i = 0; i < guest->nr_frames && !guest->is_dropped; i++)
		/* NOLINTNEXTLINE(bugprone-unused-return-value) */
		mmap((void *)guest->frames[i], GPROBE_PAGE_SIZE, PROT_READ,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	guest->is_dropped = true;
}

/* The frame, mapped; good until the next call. */
static int map_frame(struct gprobe_guest *guest, uint64_t gfn,
		     const void **page)
{
	struct mapping *mapping;
	unsigned int i;
	int ret;

	for (i = 0; i < CACHED_FRAMES; i++) {
		mapping = &guest->cache[i];
		if (mapping->page && mapping->gfn == gfn) {
			*page = mapping->page;
			return 0;
		}
	}
	mapping = &guest->cache[guest->next++ % CACHED_FRAMES];
	unmap(guest, mapping);
	ret = map_page(guest, gfn, &mapping->page);
	if (ret)
		return ret;
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

static int count_vcpus(struct gprobe_guest *guest, uint32_t *nr)
{
	xc_domaininfo_t domain;

	if (xc_domain_getinfolist(guest->host->xc, guest->domid, 1,
				  &domain) != 1 ||
	    domain.domain != guest->domid)
		return -ENOENT;
	/* All ones: it has none. */
	*nr = domain.max_vcpu_id + 1;
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
	struct gprobe_vcpu *all;
	uint32_t i, max;
	int ret;

	*nr = 0;
	ret = count_vcpus(guest, &max);
	if (ret)
		return ret;
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

/**
 * gprobe_guest_paging() - Read the state of one vCPU that pages.
 * @guest: the guest; few vCPUs are stopped, for a moment
 * @vcpu: the first one that pages, or one that does not if none does
 *
 * Return: as gprobe_guest_vcpus().
 */
int gprobe_guest_paging(struct gprobe_guest *guest, struct gprobe_vcpu *vcpu)
{
	struct gprobe_vcpu one;
	bool is_up = false;
	uint32_t i, max;
	int ret;

	ret = count_vcpus(guest, &max);
	if (ret)
		return ret;
	for (i = 0; i < max; i++) {
		ret = read_vcpu(guest, i, &one);
		if (ret)
			continue;
		*vcpu = one;
		is_up = true;
		if (gprobe_paging_levels(&one))
			break;
	}
	if (is_up)
		return 0;
	return ret && ret != -ENODATA && ret != -ENOENT ? ret : -EAGAIN;
}
