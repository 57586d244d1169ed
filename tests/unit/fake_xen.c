// SPDX-License-Identifier: GPL-2.0
#include "fake_xen.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* xenctrl.h comes before all other headers of Xen. */
#include <xen/hvm/save.h>
#include <xenforeignmemory.h>
#include <xenstore.h>

#include "unit.h"

struct fake_xen fake_xen;

void fake_xen_reset(void)
{
	memset(&fake_xen, 0, sizeof(fake_xen));
	fake_xen.type = "xen\n";
	fake_xen.version = 4 << 16 | 17;
	fake_xen.extra = ".5";
	fake_xen.command_line = "";
	fake_xen_add(0, "Domain-0", 0);
}

void fake_xen_add(unsigned int domid, const char *name, unsigned int flags)
{
	xc_domaininfo_t *domain = &fake_xen.domains[fake_xen.nr_domains];

	ck_assert_uint_lt(fake_xen.nr_domains, FAKE_DOMAINS);
	domain->domain = domid;
	domain->flags = flags;
	domain->max_vcpu_id = 1;
	domain->tot_pages = 256;
	fake_xen.names[fake_xen.nr_domains++] = name;
}

void *fake_xen_frame(uint64_t gfn)
{
	ck_assert_uint_lt(gfn, FAKE_FRAMES);
	if (!fake_xen.frames) {
		fake_xen.frames_fd = memfd_create("frames", MFD_CLOEXEC);
		ck_assert_int_ge(fake_xen.frames_fd, 0);
		ck_assert_int_eq(ftruncate(fake_xen.frames_fd,
					   FAKE_FRAMES * 4096), 0);
		fake_xen.frames = mmap(NULL, FAKE_FRAMES * 4096,
				       PROT_READ | PROT_WRITE, MAP_SHARED,
				       fake_xen.frames_fd, 0);
		ck_assert_ptr_ne(fake_xen.frames, MAP_FAILED);
	}
	return fake_xen.frames + gfn * 4096;
}

void fake_xen_long_mode(void)
{
	fake_xen.cr0 = 1ULL << 31 | 1;
	fake_xen.cr4 = 1ULL << 5;
	fake_xen.efer = 1ULL << 10 | 1ULL << 8;
}

static void *handle(int err)
{
	static char dummy;

	if (err) {
		errno = err;
		return NULL;
	}
	fake_xen.nr_handles++;
	return &dummy;
}

FILE *__real_fopen(const char *path, const char *mode);
int __real_access(const char *path, int mode);

FAKE(FILE *, fopen, const char *path, const char *mode)
{
	if (strcmp(path, "/sys/hypervisor/type"))
		return __real_fopen(path, mode);
	if (!fake_xen.type)
		return NULL;
	/* An empty buffer cannot be opened. */
	if (!fake_xen.type[0])
		return __real_fopen("/dev/null", mode);
	return fmemopen((void *)fake_xen.type, strlen(fake_xen.type), "r");
}

FAKE(int, access, const char *path, int mode)
{
	if (strcmp(path, "/dev/xen/privcmd"))
		return __real_access(path, mode);
	return fake_xen.device ? 0 : -1;
}

FAKE(xc_interface *, xc_interface_open, xentoollog_logger *logger,
     xentoollog_logger *dombuild_logger, unsigned int open_flags)
{
	(void)open_flags;
	/* Without a logger it would write to stderr. */
	ck_assert(logger && dombuild_logger);
	return handle(fake_xen.open_errno);
}

FAKE(int, xc_interface_close, xc_interface *xc)
{
	(void)xc;
	fake_xen.nr_handles--;
	return 0;
}

FAKE(int, xc_version, xc_interface *xc, int cmd, void *arg)
{
	(void)xc;
	errno = EPERM;
	if (cmd == XENVER_version)
		return fake_xen.version;
	if (cmd == XENVER_extraversion && fake_xen.extra) {
		snprintf(arg, sizeof(xen_extraversion_t), "%s",
			 fake_xen.extra);
		return 0;
	}
	if (cmd == XENVER_commandline && fake_xen.command_line) {
		snprintf(arg, sizeof(xen_commandline_t), "%s",
			 fake_xen.command_line);
		return 0;
	}
	return -1;
}

FAKE(int, xc_domain_getinfolist, xc_interface *xc, uint32_t first,
     unsigned int max, xc_domaininfo_t *infos)
{
	unsigned int nr = 0;
	size_t i;

	(void)xc;
	if (fake_xen.list_errno && first >= fake_xen.list_fails_from) {
		errno = fake_xen.list_errno;
		return -1;
	}
	for (i = 0; i < fake_xen.nr_domains && nr < max; i++)
		if (fake_xen.domains[i].domain >= first)
			infos[nr++] = fake_xen.domains[i];
	return nr;
}

FAKE(int, xc_domain_hvm_getcontext_partial, xc_interface *xc, uint32_t domid,
     uint16_t typecode, uint16_t instance, void *buffer, uint32_t size)
{
	HVM_SAVE_TYPE(CPU) *cpu = buffer;

	(void)xc;
	(void)domid;
	ck_assert_uint_eq(typecode, HVM_SAVE_CODE(CPU));
	ck_assert_uint_eq(size, sizeof(*cpu));
	ck_assert_uint_lt(instance, FAKE_VCPUS);
	if (fake_xen.vcpu_errno[instance]) {
		errno = fake_xen.vcpu_errno[instance];
		return -1;
	}
	cpu->cr0 = instance << 8 | 1;
	cpu->cr3 = instance << 8 | 2;
	cpu->cr4 = instance << 8 | 3;
	cpu->msr_efer = instance << 8 | 4;
	cpu->msr_lstar = instance << 8 | 5;
	cpu->idtr_base = instance << 8 | 6;
	if (fake_xen.cr0) {
		cpu->cr0 = fake_xen.cr0;
		cpu->cr4 = fake_xen.cr4;
		cpu->msr_efer = fake_xen.efer;
	}
	return 0;
}

FAKE(xenforeignmemory_handle *, xenforeignmemory_open,
     xentoollog_logger *logger, unsigned int open_flags)
{
	(void)open_flags;
	ck_assert_ptr_nonnull(logger);
	return handle(fake_xen.foreign_errno);
}

FAKE(int, xenforeignmemory_close, xenforeignmemory_handle *foreign)
{
	(void)foreign;
	fake_xen.nr_handles--;
	return 0;
}

/* A frame is full of its number's low byte, unless a test writes it. */
static void *map_frame(uint64_t gfn)
{
	bool is_written = fake_xen.frames && gfn < FAKE_FRAMES;
	void *page = mmap(NULL, 4096, PROT_READ | (is_written ? 0 : PROT_WRITE),
			  is_written ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS,
			  is_written ? fake_xen.frames_fd : -1,
			  is_written ? gfn * 4096 : 0);

	ck_assert_ptr_ne(page, MAP_FAILED);
	if (!is_written)
		memset(page, gfn, 4096);
	return page;
}


FAKE(void *, xenforeignmemory_map, xenforeignmemory_handle *foreign,
     uint32_t domid, int prot, size_t pages, const xen_pfn_t *gfns, int *errs)
{
	void *page;

	(void)foreign;
	(void)domid;
	(void)prot;
	ck_assert_uint_eq(pages, 1);
	if (fake_xen.map_errno) {
		errno = fake_xen.map_errno;
		return NULL;
	}
	errs[0] = 0;
	if (gfns[0] == fake_xen.missing_gfn)
		errs[0] = -fake_xen.page_errno;
	page = map_frame(gfns[0]);
	fake_xen.nr_maps++;
	fake_xen.nr_mapped++;
	return page;
}

FAKE(int, xenforeignmemory_unmap, xenforeignmemory_handle *foreign, void *page,
     size_t pages)
{
	(void)foreign;
	ck_assert_uint_eq(pages, 1);
	munmap(page, 4096);
	fake_xen.nr_mapped--;
	return 0;
}

FAKE(struct xs_handle *, xs_open, unsigned long flags)
{
	(void)flags;
	return handle(fake_xen.no_xenstore ? ENOENT : 0);
}

FAKE(void, xs_close, struct xs_handle *xenstore)
{
	(void)xenstore;
	fake_xen.nr_handles--;
}

FAKE(void *, xs_read, struct xs_handle *xenstore, xs_transaction_t transaction,
     const char *path, unsigned int *nr)
{
	char expected[64];
	size_t i;

	(void)xenstore;
	(void)nr;
	ck_assert_uint_eq(transaction, XBT_NULL);
	for (i = 0; i < fake_xen.nr_domains; i++) {
		snprintf(expected, sizeof(expected), "/local/domain/%u/name",
			 fake_xen.domains[i].domain);
		if (fake_xen.names[i] && !strcmp(path, expected))
			return strdup(fake_xen.names[i]);
	}
	return NULL;
}
