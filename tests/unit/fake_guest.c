// SPDX-License-Identifier: GPL-2.0
#include "fake_guest.h"

#include <errno.h>
#include <string.h>

#include "unit.h"

#define FIRST_TABLE	0x10000ULL

static uint8_t *find(struct fake_guest *guest, uint64_t gfn)
{
	size_t i;

	for (i = 0; i < guest->nr; i++)
		if (guest->frames[i].gfn == gfn)
			return guest->frames[i].bytes;
	return NULL;
}

static int read_frame(void *arg, uint64_t gfn, uint32_t offset, void *buffer,
		      size_t bytes)
{
	struct fake_guest *guest = arg;
	const uint8_t *frame = find(guest, gfn);

	guest->reads++;
	/* The reader's contract. */
	unit_assert(bytes && offset + bytes <= GPROBE_PAGE_SIZE);
	if (guest->broken && gfn == guest->broken_gfn)
		return guest->broken;
	if (!frame)
		return -ENXIO;
	memcpy(buffer, frame + offset, bytes);
	return 0;
}

struct gprobe_memory fake_memory(struct fake_guest *guest)
{
	return (struct gprobe_memory){ .read = read_frame, .arg = guest };
}

struct gprobe_vcpu fake_vcpu(uint64_t root)
{
	return (struct gprobe_vcpu){
		.cr0 = CR0_PAGING,
		.cr3 = root,
		.cr4 = CR4_PAE,
		.efer = EFER_LONG,
	};
}

uint8_t *fake_frame(struct fake_guest *guest, uint64_t gfn)
{
	uint8_t *frame = find(guest, gfn);

	if (frame)
		return frame;
	ck_assert_uint_lt(guest->nr, FAKE_FRAMES);
	guest->frames[guest->nr].gfn = gfn;
	return guest->frames[guest->nr++].bytes;
}

void fake_map(struct fake_guest *guest, uint64_t root, uint64_t gva,
	      unsigned int level, uint64_t entry)
{
	uint64_t table = root, *at;
	unsigned int here;

	for (here = 4;; here--) {
		at = (uint64_t *)fake_frame(guest, table >> 12);
		at += gva >> (12 + 9 * (here - 1)) & 511;
		if (here == level)
			break;
		if (!(*at & PRESENT))
			*at = (FIRST_TABLE + guest->tables++) << 12 | PRESENT;
		table = *at & GPROBE_ROOT_MASK;
	}
	*at = entry;
}
