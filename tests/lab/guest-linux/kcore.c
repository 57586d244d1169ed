// SPDX-License-Identifier: GPL-2.0
#include <elf.h>
#include <fcntl.h>
#include <unistd.h>

#include "kcore.h"

#define MAX_SEGMENTS 64

static Elf64_Phdr segments[MAX_SEGMENTS];
static int nr_segments;
static int fd = -1;

int kcore_open(void)
{
	ssize_t size;
	Elf64_Ehdr head;

	fd = open("/proc/kcore", O_RDONLY);
	if (fd < 0 || pread(fd, &head, sizeof(head), 0) != sizeof(head))
		return -1;
	nr_segments = head.e_phnum < MAX_SEGMENTS ? head.e_phnum : MAX_SEGMENTS;
	size = nr_segments * sizeof(segments[0]);
	return pread(fd, segments, size, head.e_phoff) == size ? 0 : -1;
}

int kcore_read(unsigned long addr, void *bytes, size_t len)
{
	const Elf64_Phdr *seg;

	for (seg = segments; seg < segments + nr_segments; seg++) {
		if (seg->p_type != PT_LOAD || addr < seg->p_vaddr ||
		    addr - seg->p_vaddr + len > seg->p_memsz)
			continue;
		if (pread(fd, bytes, len, seg->p_offset + (addr - seg->p_vaddr)) == (ssize_t)len)
			return 0;
	}
	return -1;
}
