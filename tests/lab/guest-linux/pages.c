// SPDX-License-Identifier: GPL-2.0
#include <fcntl.h>
#include <link.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pages.h"

#define PAGE 4096ul

/* The whole page is this function's. */
__asm__(".pushsection .text.probed, \"ax\", @progbits\n"
	".balign 4096\n"
	"probed: endbr64\n"
	"lea 1(%rdi), %rax\n"
	"ret\n"
	".balign 4096\n"
	".popsection\n");
extern const char probed[];

static int to_child[2], from_child[2];
static pid_t child;

/* Where in the file the function is. */
static int find_offset(struct dl_phdr_info *info, size_t bytes, void *offset)
{
	uintptr_t at = (uintptr_t)probed - info->dlpi_addr;
	int i;

	(void)bytes;
	for (i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];

		if (part->p_type != PT_LOAD || at < part->p_vaddr ||
		    at - part->p_vaddr >= part->p_filesz)
			continue;
		*(off_t *)offset = part->p_offset + (at - part->p_vaddr);
		return 1;
	}
	return 0;
}

bool pages_map(void)
{
	off_t offset = -1;
	int fd = open("/init", O_RDONLY);
	void *page;

	dl_iterate_phdr(find_offset, &offset);
	page = mmap((void *)PAGES_ADDRESS, PAGE, PROT_READ | PROT_EXEC,
		    MAP_PRIVATE | MAP_FIXED, fd, offset);
	close(fd);
	return page == (void *)PAGES_ADDRESS;
}

bool pages_unmap(void)
{
	return !munmap((void *)PAGES_ADDRESS, PAGE);
}

bool pages_move(void)
{
	char *copy = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (copy == MAP_FAILED)
		return false;
	memcpy(copy, probed, PAGE);
	return mremap(copy, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		      PAGES_ADDRESS) == (void *)PAGES_ADDRESS;
}

bool pages_call(unsigned long count)
{
	unsigned long (*call)(unsigned long) = (void *)PAGES_ADDRESS;
	bool right = true;

	while (count--)
		right &= call(count) == count + 1;
	return right;
}

static void be_child(void)
{
	unsigned long count;
	bool right = syscall(SYS_getppid) == 1;

	while (read(to_child[0], &count, sizeof(count)) == sizeof(count)) {
		right &= pages_call(count);
		if (write(from_child[1], &right, sizeof(right)) < 0)
			break;
	}
	_exit(0);
}

bool pages_child(void)
{
	if (child || pipe(to_child) || pipe(from_child))
		return false;
	child = fork();
	if (!child) {
		close(to_child[1]);
		be_child();
	}
	close(to_child[0]);
	/* It has got so far when it answers. */
	return child > 0 && pages_both(0);
}

bool pages_both(unsigned long count)
{
	unsigned long twice = 2 * count;
	bool right = false;

	return child > 0 &&
	       write(to_child[1], &twice, sizeof(twice)) == sizeof(twice) &&
	       pages_call(count) &&
	       read(from_child[0], &right, sizeof(right)) == sizeof(right) &&
	       right;
}

bool pages_reap(void)
{
	pid_t pid = child;
	int status;

	close(to_child[1]);
	close(from_child[0]);
	close(from_child[1]);
	child = 0;
	return pid > 0 && waitpid(pid, &status, 0) == pid && !status;
}

bool pages_pti(void)
{
	char text[64] = "";
	int fd = open("/sys/devices/system/cpu/vulnerabilities/meltdown",
		      O_RDONLY);

	if (fd < 0)
		return false;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(fd);
	return strstr(text, "PTI");
}
