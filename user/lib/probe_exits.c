// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Where a function is left: all of it is decoded, from its symbol up to the next
 * one, and so is what the compiler has put elsewhere (NAME.cold).
 */
#include "probe.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <gprobe/insn.h>

#include "symbols.h"
#include "why.h"

/* Of one function; there is hardly ever more than one besides itself. */
#define MAX_STRETCHES	4

#define COLD		".cold"

struct stretch {
	uint64_t begin, end;
};

/**
 * struct search - at work on one function
 * @probe: it; its place is its first instruction
 * @space: the guest
 * @file: its symbols
 * @vcpu: has it mapped
 * @root: under this root
 * @stretches: of the guest's addresses that are its own
 * @nr_stretches: how many
 * @furthest: the highest address that a branch within it leads to
 * @exits: where it is left
 * @nr: how many
 * @why: says why not
 */
struct search {
	const struct gprobe_probe *probe;
	const struct gprobe_space *space;
	struct gprobe_space_file file;
	const struct gprobe_vcpu *vcpu;
	uint64_t root;
	struct stretch stretches[MAX_STRETCHES];
	size_t nr_stretches;
	uint64_t furthest;
	struct gprobe_probe *exits;
	size_t nr;
	struct gprobe_why *why;
};

static int no_memory(const struct search *search)
{
	return gprobe_why(search->why, -ENOMEM, "not enough memory");
}

/* --- whose an address is --- */

static int add_stretch(struct search *search, uint64_t begin)
{
	const struct gprobe_symbols *symbols = search->file.symbols;
	uint64_t slide = search->file.slide;
	uint64_t next = gprobe_symbols_next(symbols, begin - slide);

	if (next - (begin - slide) > GPROBE_FUNCTION_BYTES_MAX)
		return gprobe_why(search->why, -ENODATA,
				  "probe '%s': where the function ends is not known: no symbol is in the %u bytes behind its start",
				  search->probe->text,
				  GPROBE_FUNCTION_BYTES_MAX);
	if (search->nr_stretches == MAX_STRETCHES)
		return gprobe_why(search->why, -EFBIG,
				  "probe '%s': the function is in more than %d pieces",
				  search->probe->text, MAX_STRETCHES);
	search->stretches[search->nr_stretches++] = (struct stretch){
		.begin = begin, .end = next + slide,
	};
	return 0;
}

static bool is_inside(const struct search *search, uint64_t gva)
{
	size_t i;

	for (i = 0; i < search->nr_stretches; i++)
		if (gva >= search->stretches[i].begin &&
		    gva < search->stretches[i].end)
			return true;
	return false;
}

/* A function has several names, maybe: is one of them what @name begins with? */
static bool is_cold(const struct search *search, const char *name)
{
	const struct gprobe_symbols *symbols = search->file.symbols;
	const struct gprobe_symbol *first = gprobe_symbols_get(symbols, 0);
	const struct gprobe_symbol *symbol;
	uint64_t offset, address = search->probe->gva - search->file.slide;
	const char *cold = strstr(name, COLD);

	symbol = cold ? gprobe_symbols_at(symbols, address, &offset) : NULL;
	for (; symbol && symbol >= first && symbol->address == address; symbol--)
		if (strlen(symbol->name) == (size_t)(cold - name) &&
		    !strncmp(symbol->name, name, cold - name))
			return true;
	return false;
}

/* Is @gva in the function? If need be, from now on. */
static int find_inside(struct search *search, uint64_t gva, bool *inside)
{
	const struct gprobe_symbol *symbol;
	uint64_t offset;

	*inside = is_inside(search, gva);
	if (*inside)
		return 0;
	symbol = gprobe_symbols_at(search->file.symbols,
				   gva - search->file.slide, &offset);
	*inside = symbol && is_cold(search, symbol->name);
	return *inside ? add_stretch(search,
				     symbol->address + search->file.slide) : 0;
}

/* --- its instructions --- */

/* What the kernel has in place of a return, or a function that does nothing else. */
static bool is_return_thunk(const struct search *search, uint64_t gva)
{
	const struct gprobe_symbol *symbol;
	uint8_t code[GPROBE_INSN_MAX_BYTES];
	struct gprobe_insn_flow flow;
	uint64_t offset;

	symbol = gprobe_symbols_at(search->file.symbols,
				   gva - search->file.slide, &offset);
	if (symbol && strstr(symbol->name, "return_thunk"))
		return true;
	return !gprobe_walk_read(&search->space->memory, search->vcpu,
				 search->root, gva, code, sizeof(code)) &&
	       gprobe_insn_flow(code, sizeof(code), gva, &flow) > 0 &&
	       flow.kind == GPROBE_INSN_RETURNS;
}

static int add_exit(struct search *search, uint64_t gva,
		    enum gprobe_probe_part part)
{
	struct gprobe_probe *exit, *more;
	const struct gprobe_vcpu *vcpu;
	struct gprobe_place place;
	uint64_t root;
	int ret;

	if (gva == search->probe->gva)
		return gprobe_why(search->why, -EOPNOTSUPP,
				  "probe '%s': the function is left by its first instruction",
				  search->probe->text);
	/* Room for a power of two. */
	if (!(search->nr & (search->nr - 1))) {
		more = reallocarray(search->exits,
				    search->nr ? 2 * search->nr : 1,
				    sizeof(*more));
		if (!more)
			return no_memory(search);
		search->exits = more;
	}
	exit = &search->exits[search->nr++];
	*exit = *search->probe;
	exit->part = part;
	exit->gva = gva;
	ret = gprobe_probe_walk(exit, search->space, &place, &vcpu, &root);
	return ret ? gprobe_probe_walk_failed(exit, ret, search->why) :
		     gprobe_probe_settle(exit, search->space, &place,
					 search->why);
}

static int branches_out(const struct search *search, uint64_t gva)
{
	return gprobe_why(search->why, -EOPNOTSUPP,
			  "probe '%s': by the instruction at %#" PRIx64 " the function may be left, or not: where it returns cannot be told",
			  search->probe->text, gva);
}

/* To another function. */
static int add_jump(struct search *search, uint64_t gva, uint64_t target)
{
	int ret = add_exit(search, gva, GPROBE_PROBE_EXIT);

	if (!ret && !is_return_thunk(search, target))
		search->exits[search->nr - 1].jumps_to = target;
	return ret;
}

static int see_insn(struct search *search, uint64_t gva,
		    const struct gprobe_insn_flow *flow)
{
	bool inside;
	int ret;

	switch (flow->kind) {
	case GPROBE_INSN_RETURNS:
		return add_exit(search, gva, GPROBE_PROBE_EXIT);
	case GPROBE_INSN_JUMPS_ANYWHERE:
		return add_exit(search, gva, GPROBE_PROBE_MAYBE);
	case GPROBE_INSN_JUMPS:
	case GPROBE_INSN_BRANCHES:
		ret = find_inside(search, flow->target, &inside);
		if (inside && flow->target > search->furthest)
			search->furthest = flow->target;
		if (ret || inside)
			return ret;
		return flow->kind == GPROBE_INSN_BRANCHES ?
		       branches_out(search, gva) :
		       add_jump(search, gva, flow->target);
	default:
		return 0;
	}
}

/* Nothing leads to @gva: what is there fills the space up to the next function. */
static bool is_behind(const struct search *search, uint64_t gva,
		      const struct gprobe_insn_flow *before)
{
	return before->kind != GPROBE_INSN_GOES_ON &&
	       before->kind != GPROBE_INSN_BRANCHES && search->furthest < gva;
}

static int see_code(struct search *search, const struct stretch *stretch,
		    const uint8_t *code)
{
	size_t bytes = stretch->end - stretch->begin, at = 0;
	struct gprobe_insn_flow flow = { 0 }, before;
	int length, ret = 0;

	for (; at < bytes && !ret; at += length) {
		before = flow;
		length = gprobe_insn_flow(code + at, bytes - at,
					  stretch->begin + at, &flow);
		if (length < 0 && is_behind(search, stretch->begin + at,
					    &before))
			return 0;
		if (length < 0)
			return gprobe_why(search->why, -EILSEQ,
					  "probe '%s': there is no instruction at %#" PRIx64 ": where the function returns cannot be told",
					  search->probe->text,
					  stretch->begin + at);
		ret = see_insn(search, stretch->begin + at, &flow);
	}
	return ret;
}

static int see_stretch(struct search *search, size_t index)
{
	const struct stretch stretch = search->stretches[index];
	size_t bytes = stretch.end - stretch.begin;
	uint8_t *code = malloc(bytes);
	int ret;

	if (!code)
		return no_memory(search);
	ret = gprobe_walk_read(&search->space->memory, search->vcpu,
			       search->root, stretch.begin, code, bytes);
	if (ret)
		ret = gprobe_why(search->why, ret,
				 "probe '%s': not all of the function can be read, so where it returns is not known: %s",
				 search->probe->text, strerror(-ret));
	else
		ret = see_code(search, &stretch, code);
	free(code);
	return ret;
}

static int find_exits(struct search *search)
{
	int ret = add_stretch(search, search->probe->gva);
	size_t i;

	for (i = 0; i < search->nr_stretches && !ret; i++)
		ret = see_stretch(search, i);
	if (!ret && !search->nr)
		ret = gprobe_why(search->why, -ENODATA,
				 "probe '%s': the function has no instruction that returns",
				 search->probe->text);
	return ret;
}

static int find_function(struct search *search)
{
	const struct gprobe_probe *probe = search->probe;
	const struct gprobe_symbol *symbol;
	struct gprobe_place place;
	uint64_t offset;
	int ret = gprobe_probe_find_file(probe, search->space, &search->file,
					 search->why);

	if (ret)
		return ret;
	symbol = gprobe_symbols_at(search->file.symbols,
				   probe->gva - search->file.slide, &offset);
	if (!symbol || offset)
		return gprobe_why(search->why, -ENOENT,
				  "probe '%s': no function begins there: where it returns is not known",
				  probe->text);
	ret = gprobe_probe_walk(probe, search->space, &place, &search->vcpu,
				&search->root);
	return ret ? gprobe_probe_walk_failed(probe, ret, search->why) : 0;
}

/**
 * gprobe_probe_exits() - Find where a function is left.
 * @probe: resolved, with r:
 * @space: the guest; its symbols count
 * @exits: gets the places, resolved, which are parts of @probe; for free()
 * @nr: how many
 * @why: says why not
 *
 * A jump to another function leaves it too: that one returns to our caller. A jump
 * to where a register says may stay: GPROBE_PROBE_MAYBE.
 *
 * Return: 0; -ENOENT no function is known there, or there are no symbols; -ENODATA
 * it does not return, or where it ends is not known; -EFBIG it has many pieces;
 * -EILSEQ not all of it are instructions; -EOPNOTSUPP it cannot be told where;
 * -ENOMEM; what the reading of memory answers, -ENXIO if not all is mapped.
 */
int gprobe_probe_exits(const struct gprobe_probe *probe,
		       const struct gprobe_space *space,
		       struct gprobe_probe **exits, size_t *nr,
		       struct gprobe_why *why)
{
	struct search search = { .probe = probe, .space = space, .why = why };
	int ret = find_function(&search);

	if (!ret)
		ret = find_exits(&search);
	if (ret) {
		free(search.exits);
		search.exits = NULL;
		search.nr = 0;
	}
	*exits = search.exits;
	*nr = search.nr;
	return ret;
}
