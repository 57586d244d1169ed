// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Runs a fetch. Each element of each argument is, in turn: a byte, enum
 * gprobe_fetch_state; unless it faulted, its number in eight bytes, but for
 * strings; of strings and symbols the text, behind its length in two bytes. All
 * in the byte order of the machine.
 */
#include "fetch.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <gprobe/unwind.h>

#include "symbols.h"
#include "why.h"

/* --- writing --- */

static void put(uint8_t **at, const void *bytes, size_t nr)
{
	memcpy(*at, bytes, nr);
	*at += nr;
}

static void put_state(uint8_t **at, enum gprobe_fetch_state state)
{
	*(*at)++ = state;
}

static void put_text(uint8_t **at, const char *text, uint16_t bytes)
{
	put(at, &bytes, sizeof(bytes));
	put(at, text, bytes);
}

/* --- fetching --- */

/* One more than is kept tells whether it goes on. */
#define STRING_BYTES	(GPROBE_FETCH_STRING_MAX + 1)

/* Deeper ones are cut; the last name may be too much. */
#define STACK_DEPTH_MAX	64
#define STACK_BYTES	(GPROBE_FETCH_STRING_MAX + FETCH_SYMBOL_MAX + 2)

/*
 * Up to its NUL, a page at a time: what comes behind it may not be mapped.
 * Answers how many bytes stand before it, STRING_BYTES if there is none, or a
 * negative errno.
 */
static int read_string(const struct gprobe_fetch_source *source, uint64_t gva,
		       char *text)
{
	size_t bytes = 0, part;
	const char *nul;
	int ret;

	while (bytes < STRING_BYTES) {
		part = GPROBE_PAGE_SIZE - gva % GPROBE_PAGE_SIZE;
		if (part > STRING_BYTES - bytes)
			part = STRING_BYTES - bytes;
		ret = source->read(source->arg, source->regs, gva,
				   text + bytes, part);
		if (ret)
			return ret;
		nul = memchr(text + bytes, '\0', part);
		if (nul)
			return nul - text;
		gva += part;
		bytes += part;
	}
	return bytes;
}

static void fetch_string(const struct gprobe_fetch_source *source,
			 uint64_t gva, uint8_t **at)
{
	char text[STRING_BYTES];
	int bytes = read_string(source, gva, text);

	if (bytes < 0) {
		put_state(at, GPROBE_FETCH_FAULT);
	} else if (bytes < STRING_BYTES) {
		put_state(at, GPROBE_FETCH_DONE);
		put_text(at, text, bytes);
	} else {
		put_state(at, GPROBE_FETCH_CUT);
		put_text(at, text, GPROBE_FETCH_STRING_MAX);
	}
}

static size_t name_address(const struct gprobe_fetch_source *source,
			   uint64_t address, char *name)
{
	const struct gprobe_symbols *symbols = source->symbols;
	const struct gprobe_symbol *symbol, *last;
	uint64_t offset;

	/* A process' address has no name of the kernel's. */
	if (!symbols || !(address >> 63))
		return 0;
	last = gprobe_symbols_get(symbols, gprobe_symbols_count(symbols) - 1);
	symbol = gprobe_symbols_at(symbols, address - source->slide, &offset);
	/* Before the first and behind the last there are other things. */
	if (!symbol || !(symbol->address >> 63) ||
	    address - source->slide > last->address)
		return 0;
	return snprintf(name, FETCH_SYMBOL_MAX, "%s+0x%" PRIx64, symbol->name,
			offset);
}

static uint64_t cut_to_type(const struct fetch_type *type, uint64_t number)
{
	unsigned int unused = 64 - 8 * type->bytes;

	if (type->bit_width) {
		unused = 64 - type->bit_width;
		number >>= type->bit_offset;
	}
	if (type->kind == GPROBE_FETCH_SIGNED)
		return (int64_t)(number << unused) >> unused;
	return number << unused >> unused;
}

static void put_number(const struct fetch_type *type,
		       const struct gprobe_fetch_source *source,
		       uint64_t number, uint8_t **at)
{
	char name[FETCH_SYMBOL_MAX];

	number = cut_to_type(type, number);
	put_state(at, GPROBE_FETCH_DONE);
	put(at, &number, sizeof(number));
	if (type->kind == GPROBE_FETCH_SYMBOL)
		put_text(at, name, name_address(source, number, name));
}

static int read_number(const struct gprobe_fetch_source *source, uint64_t gva,
		       size_t bytes, uint64_t *number)
{
	*number = 0;
	return source->read(source->arg, source->regs, gva, number, bytes);
}

/* An element of an argument that is at an address. */
static void fetch_memory(const struct fetch_type *type,
			 const struct gprobe_fetch_source *source,
			 uint64_t gva, uint8_t **at)
{
	bool is_string = type->kind == GPROBE_FETCH_STRING;
	uint64_t number;

	if (is_string && !type->is_array)
		fetch_string(source, gva, at);
	else if (read_number(source, gva, type->bytes, &number))
		put_state(at, GPROBE_FETCH_FAULT);
	else if (is_string)
		fetch_string(source, number, at);
	else
		put_number(type, source, number, at);
}

static uint64_t first_number(const struct fetch_arg *arg,
			     const struct gprobe_regs *regs)
{
	uint64_t number = 0;

	/* It is in the upper half, wherever SWAPGS has it. */
	if (arg->reg == FETCH_KERNEL_GS)
		return regs->gs_base >> 63 ? regs->gs_base : regs->shadow_gs;
	if (arg->reg < 0)
		return arg->number;
	memcpy(&number, (const char *)regs + arg->reg, arg->reg_bytes);
	return number;
}

/* "a+0x0;b+0x12", the caller behind what it called. */
static void fetch_stack(const struct gprobe_fetch_source *source, uint8_t **at)
{
	char text[STACK_BYTES], name[FETCH_SYMBOL_MAX];
	uint64_t addresses[STACK_DEPTH_MAX];
	size_t nr, i, length = 0;
	bool is_whole;

	if (!source->unwind) {
		put_state(at, GPROBE_FETCH_FAULT);
		return;
	}
	nr = gprobe_unwind_run(source->unwind, source, addresses,
			       STACK_DEPTH_MAX, &is_whole);
	for (i = 0; i < nr && length <= GPROBE_FETCH_STRING_MAX; i++) {
		if (!name_address(source, addresses[i], name))
			snprintf(name, sizeof(name), "0x%" PRIx64, addresses[i]);
		length += snprintf(text + length, sizeof(text) - length,
				   "%s%s", i ? ";" : "", name);
	}
	if (length > GPROBE_FETCH_STRING_MAX) {
		length = GPROBE_FETCH_STRING_MAX;
		is_whole = false;
	}
	put_state(at, is_whole ? GPROBE_FETCH_DONE : GPROBE_FETCH_CUT);
	put_text(at, text, length);
}

static void fetch_arg(const struct fetch_arg *arg,
		      const struct gprobe_fetch_source *source, uint8_t **at)
{
	uint64_t number = first_number(arg, source->regs);
	const struct fetch_type *type = &arg->type;
	uint32_t i, faults = 0;

	if (arg->is_stack) {
		fetch_stack(source, at);
		return;
	}
	if (!arg->depth) {
		put_number(type, source, number, at);
		return;
	}
	for (i = 0; i + 1 < arg->depth && !faults; i++)
		faults = !!read_number(source, number + arg->offsets[i],
				       sizeof(number), &number);
	number += arg->offsets[arg->depth - 1];
	for (i = 0; i < type->count; i++) {
		if (faults)
			put_state(at, GPROBE_FETCH_FAULT);
		else
			fetch_memory(type, source, number + i * type->bytes,
				     at);
	}
}

/**
 * gprobe_fetch_run() - Fetch all arguments of a hit.
 * @fetch: resolved
 * @source: the hit
 * @values: room for gprobe_fetch_bytes(); gets the values
 *
 * Return: how many bytes these are.
 */
size_t gprobe_fetch_run(const struct gprobe_fetch *fetch,
			const struct gprobe_fetch_source *source,
			void *values)
{
	uint8_t *at = values;
	uint32_t i;

	for (i = 0; i < fetch->nr; i++)
		fetch_arg(&fetch->args[i], source, &at);
	return at - (uint8_t *)values;
}

/* --- reading what was fetched --- */

static bool take(struct gprobe_fetch_cursor *cursor, void *bytes, size_t nr)
{
	const uint8_t *at = cursor->at;

	if ((size_t)((const uint8_t *)cursor->end - at) < nr)
		return false;
	memcpy(bytes, at, nr);
	cursor->at = at + nr;
	return true;
}

static bool take_text(struct gprobe_fetch_cursor *cursor,
		      struct gprobe_fetch_value *value)
{
	const uint8_t *end = cursor->end;
	uint16_t bytes;

	if (!take(cursor, &bytes, sizeof(bytes)) ||
	    end - (const uint8_t *)cursor->at < bytes)
		return false;
	value->text = cursor->at;
	value->text_bytes = bytes;
	cursor->at = (const uint8_t *)cursor->at + bytes;
	return true;
}

static bool take_value(const struct fetch_type *type,
		       struct gprobe_fetch_cursor *cursor,
		       struct gprobe_fetch_value *value)
{
	bool is_string = type->kind == GPROBE_FETCH_STRING;
	uint8_t state;

	if (!take(cursor, &state, sizeof(state)) || state > GPROBE_FETCH_CUT ||
	    (state == GPROBE_FETCH_CUT && !is_string))
		return false;
	value->state = state;
	if (state == GPROBE_FETCH_FAULT)
		return true;
	if (!is_string &&
	    !take(cursor, &value->number, sizeof(value->number)))
		return false;
	if (is_string || type->kind == GPROBE_FETCH_SYMBOL)
		return take_text(cursor, value);
	return true;
}

/**
 * gprobe_fetch_next() - Take the next value of a hit.
 * @fetch: of the text by which they were fetched
 * @cursor: where; moves on
 * @value: the value
 *
 * Return: 1; 0: that was all; -EBADMSG: what is there are no values of this
 * fetch.
 */
int gprobe_fetch_next(const struct gprobe_fetch *fetch,
		      struct gprobe_fetch_cursor *cursor,
		      struct gprobe_fetch_value *value)
{
	const struct fetch_type *type;

	if (cursor->arg >= fetch->nr)
		return cursor->at == cursor->end ? 0 : -EBADMSG;
	type = &fetch->args[cursor->arg].type;
	*value = (struct gprobe_fetch_value){
		.arg = cursor->arg, .element = cursor->element,
	};
	if (!take_value(type, cursor, value))
		return -EBADMSG;
	if (++cursor->element == type->count) {
		cursor->element = 0;
		cursor->arg++;
	}
	return 1;
}

/* --- what it is --- */

/**
 * gprobe_fetch_text() - What a fetch was made of.
 * @fetch: the fetch
 *
 * Return: the text; it stays the fetch's.
 */
const char *gprobe_fetch_text(const struct gprobe_fetch *fetch)
{
	return fetch->text;
}

/**
 * gprobe_fetch_nr() - How many arguments a fetch has.
 * @fetch: the fetch
 *
 * Return: their number.
 */
uint32_t gprobe_fetch_nr(const struct gprobe_fetch *fetch)
{
	return fetch->nr;
}

/**
 * gprobe_fetch_info() - Tell of an argument.
 * @fetch: the fetch
 * @arg: which, below gprobe_fetch_nr()
 * @info: the answer
 */
void gprobe_fetch_info(const struct gprobe_fetch *fetch, uint32_t arg,
		       struct gprobe_fetch_info *info)
{
	const struct fetch_arg *from = &fetch->args[arg];

	*info = (struct gprobe_fetch_info){
		.name = from->name,
		.kind = from->type.kind,
		.count = from->type.count,
		.is_array = from->type.is_array,
		.reads = from->depth || from->is_stack,
		.is_stack = from->is_stack,
	};
}

/**
 * gprobe_fetch_reads() - Is the guest's memory needed?
 * @fetch: the fetch
 *
 * Return: true if it is; then the vCPU should wait meanwhile.
 */
bool gprobe_fetch_reads(const struct gprobe_fetch *fetch)
{
	uint32_t i;

	for (i = 0; i < fetch->nr; i++)
		if (fetch->args[i].depth || fetch->args[i].is_stack)
			return true;
	return false;
}

/**
 * gprobe_fetch_unwinds() - Is the kernel's stack walked?
 * @fetch: the fetch
 *
 * Return: true if it is: then the source needs an unwinder, and symbols.
 */
bool gprobe_fetch_unwinds(const struct gprobe_fetch *fetch)
{
	uint32_t i;

	for (i = 0; i < fetch->nr; i++)
		if (fetch->args[i].is_stack)
			return true;
	return false;
}

/**
 * gprobe_fetch_names() - Are symbols needed, to name addresses?
 * @fetch: the fetch
 *
 * Return: true if an argument has the type symbol, or is a stack.
 */
bool gprobe_fetch_names(const struct gprobe_fetch *fetch)
{
	uint32_t i;

	for (i = 0; i < fetch->nr; i++)
		if (fetch->args[i].type.kind == GPROBE_FETCH_SYMBOL ||
		    fetch->args[i].is_stack)
			return true;
	return false;
}

/**
 * gprobe_fetch_has_task() - Is something of the task fetched that runs?
 * @fetch: the fetch
 *
 * Return: true if it is: gprobe_fetch_set_task() is needed.
 */
bool gprobe_fetch_has_task(const struct gprobe_fetch *fetch)
{
	uint32_t i;

	for (i = 0; i < fetch->nr; i++)
		if (fetch->args[i].task)
			return true;
	return false;
}

/**
 * gprobe_fetch_set_task() - Say where the kernel has the task that runs.
 * @fetch: the fetch
 * @layout: of the guest's kernel
 */
void gprobe_fetch_set_task(struct gprobe_fetch *fetch,
			   const struct gprobe_task_layout *layout)
{
	const uint64_t offsets[] = {
		[FETCH_TASK_COMM] = layout->comm,
		[FETCH_TASK_PID] = layout->pid,
		[FETCH_TASK_TID] = layout->tid,
	};
	struct fetch_arg *arg;
	uint32_t i;

	for (i = 0; i < fetch->nr; i++) {
		arg = &fetch->args[i];
		if (!arg->task)
			continue;
		arg->offsets[0] = layout->current_task;
		arg->offsets[1] = offsets[arg->task];
	}
}

static size_t element_bytes(const struct fetch_type *type)
{
	const size_t state = 1, length = 2;

	if (type->kind == GPROBE_FETCH_STRING)
		return state + length + GPROBE_FETCH_STRING_MAX;
	if (type->kind == GPROBE_FETCH_SYMBOL)
		return state + sizeof(uint64_t) + length + FETCH_SYMBOL_MAX;
	return state + sizeof(uint64_t);
}

/**
 * gprobe_fetch_bytes() - How much room values may need.
 * @fetch: the fetch
 *
 * Return: bytes, at most GPROBE_FETCH_BYTES_MAX.
 */
size_t gprobe_fetch_bytes(const struct gprobe_fetch *fetch)
{
	const struct fetch_type *type;
	size_t bytes = 0;
	uint32_t i;

	for (i = 0; i < fetch->nr; i++) {
		type = &fetch->args[i].type;
		bytes += type->count * element_bytes(type);
	}
	return bytes;
}

static int resolve_arg(struct fetch_arg *arg,
		       const struct gprobe_symbols *symbols, uint64_t slide,
		       struct gprobe_why *why)
{
	const struct gprobe_symbol *symbol;
	size_t places;

	if (!symbols)
		return gprobe_why(why, -ENOENT,
				  "argument '%s': @%s is a symbol: name the guest kernel's System.map with --symbols FILE",
				  arg->name, arg->symbol);
	symbol = gprobe_symbols_find(symbols, arg->symbol, &places);
	if (!symbol)
		return gprobe_no_symbol(symbols, arg->symbol, false, why);
	if (places > 1)
		return gprobe_why(why, -EINVAL,
				  "argument '%s': '%s' is the name of %zu places, the first at %#" PRIx64 ": choose one by its address",
				  arg->name, arg->symbol, places,
				  symbol->address + slide);
	arg->number += symbol->address + slide;
	arg->symbol[0] = '\0';
	return 0;
}

/**
 * gprobe_fetch_resolve() - Find the symbols of a fetch.
 * @fetch: the fetch
 * @symbols: the guest kernel's, or NULL
 * @slide: by which that is off @symbols
 * @why: says why not
 *
 * Return: 0; -ENOENT no such symbol, or there are none; -EINVAL it has several
 * places.
 */
int gprobe_fetch_resolve(struct gprobe_fetch *fetch,
			 const struct gprobe_symbols *symbols, uint64_t slide,
			 struct gprobe_why *why)
{
	uint32_t i;
	int ret = 0;

	for (i = 0; i < fetch->nr && !ret; i++)
		if (fetch->args[i].symbol[0])
			ret = resolve_arg(&fetch->args[i], symbols, slide,
					  why);
	return ret;
}
