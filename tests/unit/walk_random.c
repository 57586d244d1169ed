// SPDX-License-Identifier: GPL-2.0
/* gprobe_walk() in tables full of anything, beside a walk written plainly. */
#include <gprobe/walk.h>

#include <errno.h>
#include <string.h>

#include "fake_guest.h"
#include "unit.h"

#define ROUNDS	100000

struct chaos {
	uint64_t seed;
	unsigned int reads;
};

/* An entry that is the same whenever it is read; most lead on. */
static uint64_t entry_at(uint64_t seed, uint64_t gfn, uint32_t offset)
{
	uint64_t state = seed ^ gfn << 12 ^ offset, entry, kind;

	entry = unit_random(&state);
	kind = unit_random(&state);
	if (kind & 0x7)
		entry |= PRESENT;
	if (kind & 0x18)
		entry &= ~LARGE;
	if (kind & 0x60)
		entry &= ~0x1fe000ULL;
	if (kind & 0x80)
		entry &= ~0x3fffe000ULL;
	return entry;
}

static int read_entry(void *arg, uint64_t gfn, uint32_t offset, void *buffer,
		      size_t bytes)
{
	struct chaos *chaos = arg;
	uint64_t entry = entry_at(chaos->seed, gfn, offset);

	unit_assert(bytes == sizeof(entry));
	unit_assert(offset <= 4096 - sizeof(entry));
	unit_assert(!(gfn >> 40));
	chaos->reads++;
	memcpy(buffer, &entry, sizeof(entry));
	return 0;
}

static uint64_t bits(uint64_t value, unsigned int high, unsigned int low)
{
	return value << (63 - high) >> (63 - high + low);
}

/* The SDM's figures 4-8 to 4-10, written down. */
static int reference(uint64_t seed, uint64_t root, uint64_t gva, uint64_t *gfn)
{
	static const unsigned int shifts[] = { 39, 30, 21, 12 };
	uint64_t entry = root;
	unsigned int i, shift = 0;

	for (i = 0; i < 4; i++) {
		shift = shifts[i];
		entry = entry_at(seed, bits(entry, 51, 12),
				 bits(gva, shift + 8, shift) * 8);
		if (!bits(entry, 0, 0))
			return -ENXIO;
		if (!i && bits(entry, 7, 7))
			return -EBADMSG;
		if (bits(entry, 7, 7))
			break;
	}
	if (shift > 12 && bits(entry, shift - 1, 13))
		return -EBADMSG;
	*gfn = bits(entry, 51, shift) << (shift - 12);
	if (shift > 12)
		*gfn += bits(gva, shift - 1, 12);
	return 0;
}

START_TEST(random_tables_give_what_they_say)
{
	struct chaos chaos = { 0 };
	struct gprobe_memory memory = { .read = read_entry, .arg = &chaos };
	struct gprobe_vcpu vcpu = fake_vcpu(0);
	uint64_t state = 1, root, gva, gfn;
	unsigned int round, found = 0;
	struct gprobe_place place;
	int ret;

	for (round = 0; round < ROUNDS; round++) {
		chaos.seed = unit_random(&state);
		chaos.reads = 0;
		root = unit_random(&state);
		gva = (int64_t)unit_random(&state) >> 16;
		ret = gprobe_walk(&memory, &vcpu, root, gva, &place);
		unit_assert(chaos.reads <= 4);
		unit_assert(ret == reference(chaos.seed, root, gva, &gfn));
		if (ret)
			continue;
		unit_assert(place.gfn == gfn);
		unit_assert(!(place.gfn >> 40));
		unit_assert(place.offset == (gva & 0xfff));
		found++;
	}
	/* The test is one only if many walks get to the end. */
	unit_assert(found > ROUNDS / 10);
}
END_TEST

Suite *walk_random_suite(void)
{
	return UNIT_SUITE("walk_random", random_tables_give_what_they_say);
}
