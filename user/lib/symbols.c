// SPDX-License-Identifier: LGPL-2.1-or-later
/* What all symbols of a file are kept in, and found by name and by address. */
#include "symbols.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "why.h"

/* Debian's placeholder of a System.map has one line with this address. */
#define ADDRESS_NONE	UINT64_MAX

/**
 * struct gprobe_symbols - all symbols of a file
 * @names: all names, NUL-terminated, in the file's order
 * @all: sorted by address; those at one address in the file's order
 * @nr: how many
 * @size: room in @all
 * @hash: open addressing by name: index into @all plus one, 0: free
 * @hash_mask: size of @hash minus one, a power of two above @nr * 2
 * @start: the address that the first byte of the file is meant to be at
 * @is_movable: it may be at any other one
 * @fields: of the kernel's types
 * @has_fields: the file has types
 */
struct gprobe_symbols {
	char *names;
	struct gprobe_symbol *all;
	size_t nr, size;
	uint32_t *hash;
	size_t hash_mask;
	uint64_t start;
	bool is_movable;
	struct gprobe_task_fields fields;
	bool has_fields;
};

static bool is_printable(const char *name)
{
	for (; *name; name++)
		if (*name <= ' ' || *name == 0x7f)
			return false;
	return true;
}

/**
 * gprobe_symbols_new() - Begin to read symbols.
 *
 * Return: symbols to be added to, and then to be finished; NULL: no memory.
 */
struct gprobe_symbols *gprobe_symbols_new(void)
{
	return calloc(1, sizeof(struct gprobe_symbols));
}

/**
 * gprobe_symbols_add() - Add a symbol.
 * @symbols: being read
 * @symbol: its name must live until all are finished; if that or its address
 *	is none, it is skipped
 *
 * Return: 0 or -ENOMEM.
 */
int gprobe_symbols_add(struct gprobe_symbols *symbols,
		       const struct gprobe_symbol *symbol)
{
	size_t length = strnlen(symbol->name, GPROBE_SYMBOL_NAME_MAX + 1);
	struct gprobe_symbol *all;
	size_t size;

	if (!length || length > GPROBE_SYMBOL_NAME_MAX ||
	    !is_printable(symbol->name) || symbol->address == ADDRESS_NONE)
		return 0;
	if (symbols->nr == symbols->size) {
		size = symbols->size ? symbols->size * 2 : 4096;
		all = reallocarray(symbols->all, size, sizeof(*all));
		if (!all)
			return -ENOMEM;
		symbols->all = all;
		symbols->size = size;
	}
	symbols->all[symbols->nr++] = *symbol;
	return 0;
}

/**
 * gprobe_symbols_set_start() - Say where the file is meant to be.
 * @symbols: being read
 * @start: the address of its first byte
 * @is_movable: it may be elsewhere
 */
void gprobe_symbols_set_start(struct gprobe_symbols *symbols, uint64_t start,
			      bool is_movable)
{
	symbols->start = start;
	symbols->is_movable = is_movable;
}

/**
 * gprobe_symbols_set_fields() - Say what its file has of a kernel's types.
 * @symbols: being read
 * @fields: copied
 */
void gprobe_symbols_set_fields(struct gprobe_symbols *symbols,
			       const struct gprobe_task_fields *fields)
{
	symbols->fields = *fields;
	symbols->has_fields = true;
}

/**
 * gprobe_symbols_fields() - What has its file of a kernel's types?
 * @symbols: finished
 *
 * Return: that, which lives as long as the symbols do; NULL: nothing.
 */
const struct gprobe_task_fields *
gprobe_symbols_fields(const struct gprobe_symbols *symbols)
{
	return symbols->has_fields ? &symbols->fields : NULL;
}

/* From now on what was read is not needed. */
static int keep_names(struct gprobe_symbols *symbols)
{
	size_t bytes = 0, i;
	char *name;

	for (i = 0; i < symbols->nr; i++)
		bytes += strlen(symbols->all[i].name) + 1;
	name = symbols->names = malloc(bytes + 1);
	if (!name)
		return -ENOMEM;
	for (i = 0; i < symbols->nr; i++) {
		strcpy(name, symbols->all[i].name);
		symbols->all[i].name = name;
		name += strlen(name) + 1;
	}
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct gprobe_symbol *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	/* The file's order, as the names'. */
	return x->name < y->name ? -1 : x->name > y->name;
}

static void sort(struct gprobe_symbols *symbols)
{
	size_t i;

	/* System.map is sorted. */
	for (i = 1; i < symbols->nr; i++)
		if (symbols->all[i].address < symbols->all[i - 1].address)
			break;
	if (i < symbols->nr)
		qsort(symbols->all, symbols->nr, sizeof(*symbols->all),
		      compare);
}

static size_t hash_of(const char *name)
{
	size_t hash = 0xcbf29ce484222325ULL;

	/* FNV-1a */
	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 0x100000001b3ULL;
	return hash ^ hash >> 32;
}

static int index_names(struct gprobe_symbols *symbols)
{
	size_t slots = 16, i, at;

	while (slots < symbols->nr * 2)
		slots *= 2;
	if (symbols->nr >= UINT32_MAX)
		return -ENOMEM;
	symbols->hash = calloc(slots, sizeof(*symbols->hash));
	if (!symbols->hash)
		return -ENOMEM;
	symbols->hash_mask = slots - 1;
	for (i = 0; i < symbols->nr; i++) {
		at = hash_of(symbols->all[i].name) & symbols->hash_mask;
		while (symbols->hash[at])
			at = (at + 1) & symbols->hash_mask;
		symbols->hash[at] = i + 1;
	}
	return 0;
}

static int check(const struct gprobe_symbols *symbols, const char *none,
		 struct gprobe_why *why)
{
	bool code = false;
	size_t i;

	for (i = 0; i < symbols->nr && !code; i++)
		code = gprobe_symbol_is_code(&symbols->all[i]);
	if (!code)
		return gprobe_why(why, -ENODATA, "no code symbol in it: %s",
				  none);
	if (!symbols->all[symbols->nr - 1].address)
		return gprobe_why(why, -ENODATA,
				  "all addresses in it are 0: read /proc/kallsyms as root, with kernel.kptr_restrict=0");
	return 0;
}

/**
 * gprobe_symbols_finish() - All were added.
 * @symbols: can be looked at then
 * @none: what it means if none is of code
 * @why: says why not
 *
 * Return: 0; -ENODATA no code symbol in it, or all addresses hidden; -ENOMEM.
 */
int gprobe_symbols_finish(struct gprobe_symbols *symbols, const char *none,
			  struct gprobe_why *why)
{
	int ret = keep_names(symbols);

	if (!ret) {
		sort(symbols);
		ret = index_names(symbols);
	}
	if (ret)
		return gprobe_why(why, ret, "not enough memory");
	return check(symbols, none, why);
}

/**
 * gprobe_symbols_free() - Free symbols.
 * @symbols: or NULL
 */
void gprobe_symbols_free(struct gprobe_symbols *symbols)
{
	if (!symbols)
		return;
	free(symbols->hash);
	free(symbols->all);
	free(symbols->names);
	free(symbols);
}

/**
 * gprobe_symbols_count() - How many symbols there are.
 * @symbols: the symbols
 *
 * Return: their number.
 */
size_t gprobe_symbols_count(const struct gprobe_symbols *symbols)
{
	return symbols->nr;
}

/**
 * gprobe_symbols_get() - Go through the symbols.
 * @symbols: the symbols
 * @index: 0 for the one with the lowest address
 *
 * Return: the symbol, or NULL behind the last.
 */
const struct gprobe_symbol *
gprobe_symbols_get(const struct gprobe_symbols *symbols, size_t index)
{
	return index < symbols->nr ? &symbols->all[index] : NULL;
}

/**
 * gprobe_symbols_is_movable() - Do the addresses say nothing of where they are?
 * @symbols: the symbols
 *
 * Return: true for position-independent executables and shared libraries.
 */
bool gprobe_symbols_is_movable(const struct gprobe_symbols *symbols)
{
	return symbols->is_movable;
}

/**
 * gprobe_symbols_slide_to() - How far symbols are off if their file is there?
 * @symbols: the symbols
 * @base: where its first byte is
 *
 * Return: what is to be added to each symbol's address. The first byte of files
 * that are not ELF is taken to be address 0.
 */
uint64_t gprobe_symbols_slide_to(const struct gprobe_symbols *symbols,
				 uint64_t base)
{
	return base - symbols->start;
}

/**
 * gprobe_symbol_is_code() - Can a symbol be probed?
 * @symbol: the symbol
 *
 * Return: true if it names code.
 */
bool gprobe_symbol_is_code(const struct gprobe_symbol *symbol)
{
	return symbol->type == 'T' || symbol->type == 't' ||
	       symbol->type == 'W' || symbol->type == 'w';
}

/**
 * gprobe_symbols_find() - Find a symbol by its name.
 * @symbols: where
 * @name: the name
 * @nr_places: how many different addresses have that name; or NULL
 *
 * Return: the one with the lowest address, or NULL.
 */
const struct gprobe_symbol *
gprobe_symbols_find(const struct gprobe_symbols *symbols, const char *name,
		    size_t *nr_places)
{
	const struct gprobe_symbol *first = NULL, *last = NULL, *symbol;
	size_t at = hash_of(name) & symbols->hash_mask;
	size_t places = 0;

	/* Inserted by rising address, so found by rising address. */
	for (; symbols->hash[at]; at = (at + 1) & symbols->hash_mask) {
		symbol = &symbols->all[symbols->hash[at] - 1];
		if (strcmp(symbol->name, name))
			continue;
		if (!first)
			first = symbol;
		if (!last || last->address != symbol->address)
			places++;
		last = symbol;
	}
	if (nr_places)
		*nr_places = places;
	return first;
}

/* How many symbols do not start behind an address. */
static size_t count_up_to(const struct gprobe_symbols *symbols,
			  uint64_t address)
{
	size_t low = 0, high = symbols->nr, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (symbols->all[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/**
 * gprobe_symbols_next() - Find where the next symbol begins.
 * @symbols: where
 * @address: without a slide
 *
 * Return: the lowest address of a symbol above @address; UINT64_MAX: none.
 */
uint64_t gprobe_symbols_next(const struct gprobe_symbols *symbols,
			     uint64_t address)
{
	size_t nr = count_up_to(symbols, address);

	return nr < symbols->nr ? symbols->all[nr].address : UINT64_MAX;
}

/**
 * gprobe_symbols_at() - Find the symbol that an address belongs to.
 * @symbols: where
 * @address: without a slide
 * @offset: of @address from the symbol
 *
 * Return: the last symbol that does not start behind @address, or NULL.
 */
const struct gprobe_symbol *
gprobe_symbols_at(const struct gprobe_symbols *symbols, uint64_t address,
		  uint64_t *offset)
{
	size_t nr = count_up_to(symbols, address);

	if (!nr)
		return NULL;
	*offset = address - symbols->all[nr - 1].address;
	return &symbols->all[nr - 1];
}
