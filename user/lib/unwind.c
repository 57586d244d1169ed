// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * ORC: for each range of code, where the stack pointer was before the function was
 * called, and where the caller's frame pointer is kept. (Linux,
 * arch/x86/include/asm/orc_types.h and Documentation/arch/x86/orc-unwinder.rst.)
 */
#include <gprobe/unwind.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gprobe/walk.h>

#include "why.h"

/* More than any kernel has: what is read is the guest's. */
#define MAX_ENTRIES	(1u << 23)

#define ENTRY_BYTES	6

/* In bits 0-3 and 4-7 of an entry's fifth byte: from where offsets count. */
enum orc_reg {
	ORC_UNDEFINED,
	ORC_PREV_SP,
	ORC_DX,
	ORC_DI,
	ORC_BP,
	ORC_SP,
	ORC_R10,
	ORC_R13,
	ORC_BP_INDIRECT,
	ORC_SP_INDIRECT,
};

/* What lies at that stack pointer. */
enum orc_type {
	ORC_NONE,
	ORC_END,
	ORC_CALL,
	ORC_REGS,
	ORC_REGS_PARTIAL,
};

/* In struct pt_regs, and in what the CPU pushes, which is its end. */
#define PT_BP		32
#define PT_IP		128
#define PT_SP		152
#define FRAME_SP	24

/**
 * struct gprobe_unwind - the tables, read
 * @ips_gva: where the guest has @ips: each is what its code is off its own place
 * @ips: sorted by their code
 * @entries: of ENTRY_BYTES each, beside @ips
 * @nr: how many
 * @has_old_types: until Linux 6.4, they have other numbers
 */
struct gprobe_unwind {
	uint64_t ips_gva;
	int32_t *ips;
	uint8_t *entries;
	size_t nr;
	bool has_old_types;
};

/* An entry, taken apart. */
struct orc {
	int16_t sp_offset, bp_offset;
	enum orc_reg sp_reg, bp_reg;
	enum orc_type type;
};

/* --- reading the tables --- */

/* @gva is mapped as a whole up to a multiple of @place->page_bytes. */
static int read_part(const struct gprobe_memory *memory,
		     const struct gprobe_place *place, uint64_t gva,
		     uint8_t **to, uint64_t end)
{
	uint64_t page = place->page_bytes ? place->page_bytes :
					    GPROBE_PAGE_SIZE;
	uint64_t stop = gva / page * page + page, gfn = place->gfn;
	uint32_t offset = place->offset;
	size_t bytes;
	int ret = 0;

	if (stop > end)
		stop = end;
	while (gva < stop && !ret) {
		bytes = GPROBE_PAGE_SIZE - offset;
		if (bytes > stop - gva)
			bytes = stop - gva;
		ret = memory->read(memory->arg, gfn, offset, *to, bytes);
		gva += bytes;
		*to += bytes;
		gfn++;
		offset = 0;
	}
	return ret;
}

static int read_all(const struct gprobe_space *space, uint64_t gva, void *buffer,
		    size_t bytes)
{
	struct gprobe_place place;
	uint64_t end = gva + bytes, root;
	uint8_t *to = buffer;
	int ret;

	while (gva < end) {
		ret = gprobe_walk_any(&space->memory, space->vcpus,
				      space->nr_vcpus, gva, &place, &root);
		if (!ret)
			ret = read_part(&space->memory, &place, gva, &to, end);
		if (ret)
			return ret;
		gva = end - bytes + (to - (uint8_t *)buffer);
	}
	return 0;
}

/* Between two symbols of the linker's; 0: they are not there. */
static uint64_t find_table(const struct gprobe_space *space, const char *start,
			   const char *stop, uint64_t *bytes)
{
	const struct gprobe_symbol *from, *to;

	from = gprobe_symbols_find(space->symbols, start, NULL);
	to = gprobe_symbols_find(space->symbols, stop, NULL);
	if (!from || !to || to->address <= from->address)
		return 0;
	*bytes = to->address - from->address;
	return from->address + space->slide;
}

static int find_tables(struct gprobe_unwind *unwind,
		       const struct gprobe_space *space, uint64_t *entries_gva,
		       struct gprobe_why *why)
{
	uint64_t ips_bytes = 0, entries_bytes = 0;

	if (!space->symbols)
		return gprobe_why(why, -ENOENT,
				  "a stack needs the guest kernel's System.map: --symbols FILE");
	unwind->ips_gva = find_table(space, "__start_orc_unwind_ip",
				     "__stop_orc_unwind_ip", &ips_bytes);
	*entries_gva = find_table(space, "__start_orc_unwind",
				  "__stop_orc_unwind", &entries_bytes);
	unwind->nr = ips_bytes / sizeof(*unwind->ips);
	if (!unwind->ips_gva || !*entries_gva)
		return gprobe_why(why, -EOPNOTSUPP,
				  "a stack needs a Linux guest with CONFIG_UNWINDER_ORC: its symbols have no __start_orc_unwind");
	if (!unwind->nr || unwind->nr > MAX_ENTRIES ||
	    entries_bytes / ENTRY_BYTES != unwind->nr)
		return gprobe_why(why, -EOPNOTSUPP,
				  "the guest kernel's ORC tables are not as Linux has them");
	return 0;
}

static int read_table(const struct gprobe_space *space, uint64_t gva,
		      void *buffer, size_t bytes, struct gprobe_why *why)
{
	int ret = read_all(space, gva, buffer, bytes);

	if (ret == -ENXIO)
		return gprobe_why(why, ret,
				  "the guest kernel's ORC tables cannot be read: nothing is mapped at %#" PRIx64,
				  gva);
	return ret ? gprobe_why(why, ret,
				"the guest kernel's ORC tables cannot be read: %s",
				strerror(-ret)) : 0;
}

static int read_tables(struct gprobe_unwind *unwind,
		       const struct gprobe_space *space, uint64_t entries_gva,
		       struct gprobe_why *why)
{
	int ret;

	unwind->ips = malloc(unwind->nr * sizeof(*unwind->ips));
	unwind->entries = malloc(unwind->nr * ENTRY_BYTES);
	if (!unwind->ips || !unwind->entries)
		return gprobe_why(why, -ENOMEM, "not enough memory");
	ret = read_table(space, unwind->ips_gva, unwind->ips,
			 unwind->nr * sizeof(*unwind->ips), why);
	if (!ret)
		ret = read_table(space, entries_gva, unwind->entries,
				 unwind->nr * ENTRY_BYTES, why);
	return ret;
}

static bool is_before_6_4(const char *version)
{
	unsigned int major, minor;

	return sscanf(version, "Linux version %u.%u", &major, &minor) == 2 &&
	       (major < 6 || (major == 6 && minor < 4));
}

/**
 * gprobe_unwind_new() - Read a guest's ORC tables.
 * @space: the guest, with its kernel's symbols
 * @version: what its kernel says of itself: "Linux version 6.1..."
 * @unwind: for gprobe_unwind_free()
 * @why: says why not
 *
 * Return: 0; -ENOENT there are no symbols; -EOPNOTSUPP its kernel has no such
 * tables; -ENOMEM; what reading the guest answers.
 */
int gprobe_unwind_new(const struct gprobe_space *space, const char *version,
		      struct gprobe_unwind **unwind, struct gprobe_why *why)
{
	struct gprobe_unwind *new = calloc(1, sizeof(*new));
	uint64_t entries_gva = 0;
	int ret;

	if (!new)
		return gprobe_why(why, -ENOMEM, "not enough memory");
	new->has_old_types = is_before_6_4(version);
	ret = find_tables(new, space, &entries_gva, why);
	if (!ret)
		ret = read_tables(new, space, entries_gva, why);
	if (ret) {
		gprobe_unwind_free(new);
		return ret;
	}
	*unwind = new;
	return 0;
}

/**
 * gprobe_unwind_free() - Free what was read.
 * @unwind: or NULL
 */
void gprobe_unwind_free(struct gprobe_unwind *unwind)
{
	if (!unwind)
		return;
	free(unwind->ips);
	free(unwind->entries);
	free(unwind);
}

/* --- a walk --- */

static uint64_t code_of(const struct gprobe_unwind *unwind, size_t index)
{
	return unwind->ips_gva + index * sizeof(*unwind->ips) +
	       (int64_t)unwind->ips[index];
}

/* The last one whose code begins at @ip or before; @unwind->nr: there is none. */
static size_t find_entry(const struct gprobe_unwind *unwind, uint64_t ip)
{
	size_t low = 0, high = unwind->nr, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (code_of(unwind, middle) <= ip)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? low - 1 : unwind->nr;
}

static enum orc_type type_of(const struct gprobe_unwind *unwind,
			     const struct orc *orc, uint8_t bits)
{
	if (!unwind->has_old_types)
		return bits & 7;
	/* 6.3 has another bit before that of the end. */
	if (orc->sp_reg == ORC_UNDEFINED)
		return bits & 0xc ? ORC_END : ORC_NONE;
	return (bits & 3) + ORC_CALL;
}

static struct orc orc_at(const struct gprobe_unwind *unwind, uint64_t ip)
{
	size_t index = find_entry(unwind, ip);
	struct orc orc = { .type = ORC_NONE };
	const uint8_t *entry = unwind->entries + index * ENTRY_BYTES;

	if (index == unwind->nr)
		return orc;
	memcpy(&orc.sp_offset, entry, sizeof(orc.sp_offset));
	memcpy(&orc.bp_offset, entry + 2, sizeof(orc.bp_offset));
	orc.sp_reg = entry[4] & 0xf;
	orc.bp_reg = entry[4] >> 4;
	orc.type = type_of(unwind, &orc, entry[5]);
	return orc;
}

/**
 * struct walk - where it is
 * @source: the vCPU
 * @ip: in which function
 * @sp: its stack pointer
 * @bp: its frame pointer
 * @is_exact: @ip is an instruction that was not yet executed; else it is behind a
 *	call, which may be the last of its function
 * @is_first: other registers are those of the vCPU
 */
struct walk {
	const struct gprobe_fetch_source *source;
	uint64_t ip, sp, bp;
	bool is_exact, is_first;
};

static bool read_word(const struct walk *walk, uint64_t gva, uint64_t *word)
{
	const struct gprobe_fetch_source *source = walk->source;

	return !source->read(source->arg, source->regs, gva, word,
			     sizeof(*word));
}

/* The stack pointer before the call, or the place of the registers. */
static bool find_sp(const struct walk *walk, const struct orc *orc, uint64_t *sp)
{
	const struct gprobe_regs *regs = walk->source->regs;

	switch (orc->sp_reg) {
	case ORC_SP:
		*sp = walk->sp + orc->sp_offset;
		return true;
	case ORC_BP:
		*sp = walk->bp + orc->sp_offset;
		return true;
	case ORC_SP_INDIRECT:
		if (!read_word(walk, walk->sp, sp))
			return false;
		*sp += orc->sp_offset;
		return true;
	case ORC_BP_INDIRECT:
		return read_word(walk, walk->bp + orc->sp_offset, sp);
	case ORC_R10:
		*sp = regs->r10 + orc->sp_offset;
		return walk->is_first;
	case ORC_R13:
		*sp = regs->r13 + orc->sp_offset;
		return walk->is_first;
	case ORC_DI:
		*sp = regs->rdi + orc->sp_offset;
		return walk->is_first;
	case ORC_DX:
		*sp = regs->rdx + orc->sp_offset;
		return walk->is_first;
	default:
		return false;
	}
}

static bool find_caller(struct walk *next, const struct orc *orc, uint64_t sp)
{
	next->is_exact = orc->type != ORC_CALL;
	if (orc->type == ORC_CALL) {
		next->sp = sp;
		return read_word(next, sp - sizeof(sp), &next->ip);
	}
	if (orc->type == ORC_REGS)
		return read_word(next, sp + PT_IP, &next->ip) &&
		       read_word(next, sp + PT_BP, &next->bp) &&
		       read_word(next, sp + PT_SP, &next->sp);
	return read_word(next, sp, &next->ip) &&
	       read_word(next, sp + FRAME_SP, &next->sp);
}

static bool find_bp(struct walk *next, const struct walk *walk,
		    const struct orc *orc, uint64_t sp)
{
	switch (orc->bp_reg) {
	case ORC_UNDEFINED:
		return true;
	case ORC_PREV_SP:
		return read_word(next, sp + orc->bp_offset, &next->bp);
	case ORC_BP:
		return read_word(next, walk->bp + orc->bp_offset, &next->bp);
	default:
		return false;
	}
}

static bool step(struct walk *walk, const struct orc *orc)
{
	struct walk next = *walk;
	uint64_t sp;

	next.is_first = false;
	if (orc->type < ORC_CALL || orc->type > ORC_REGS_PARTIAL ||
	    !find_sp(walk, orc, &sp) || !find_caller(&next, orc, sp) ||
	    !find_bp(&next, walk, orc, sp))
		return false;
	/* A stack that goes back would have no end; others may lie anywhere. */
	if (orc->type == ORC_CALL && orc->sp_reg == ORC_SP &&
	    next.sp <= walk->sp)
		return false;
	*walk = next;
	return true;
}

static bool is_kernel(uint64_t address)
{
	return address >> 63;
}

/**
 * gprobe_unwind_run() - Walk a vCPU's stack.
 * @unwind: the tables
 * @source: the vCPU, which waits
 * @addresses: gets the instruction it is at, then where each function was called
 *	from
 * @max: so many at most
 * @is_whole: it came to where the kernel was entered
 *
 * Return: how many there are.
 */
size_t gprobe_unwind_run(const struct gprobe_unwind *unwind,
			 const struct gprobe_fetch_source *source,
			 uint64_t *addresses, size_t max, bool *is_whole)
{
	const struct gprobe_regs *regs = source->regs;
	struct walk walk = {
		.source = source, .ip = regs->rip, .sp = regs->rsp,
		.bp = regs->rbp, .is_exact = true, .is_first = true,
	};
	struct orc orc;
	size_t nr = 0;

	*is_whole = false;
	while (nr < max) {
		*is_whole = !is_kernel(walk.ip);
		if (*is_whole)
			break;
		addresses[nr++] = walk.ip;
		orc = orc_at(unwind, walk.ip - !walk.is_exact);
		*is_whole = orc.type == ORC_END;
		if (*is_whole || !step(&walk, &orc))
			break;
	}
	return nr;
}
