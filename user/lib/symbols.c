// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gprobe/symbols.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "why.h"

/* A kernel with all its modules has a few hundred thousand symbols. */
#define FILE_MAX_BYTES	(512u << 20)
#define READ_BYTES	(1u << 20)

/* Debian's placeholder of a System.map has one line with this address. */
#define ADDRESS_NONE	UINT64_MAX

/**
 * struct gprobe_symbols - all symbols of a file
 * @text: copy of the file; the names are NUL-terminated in it
 * @all: sorted by address; those at one address in the file's order
 * @nr: how many
 * @size: room in @all
 * @hash: open addressing by name: index into @all plus one, 0: free
 * @hash_mask: size of @hash minus one, a power of two above @nr * 2
 */
struct gprobe_symbols {
	char *text;
	struct gprobe_symbol *all;
	size_t nr, size;
	uint32_t *hash;
	size_t hash_mask;
};

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The address at the start of a line, and where it ends; NULL: there is none. */
static char *parse_address(char *line, uint64_t *address)
{
	unsigned int digits;
	int digit;

	*address = 0;
	for (digits = 0; (digit = hex_digit(line[digits])) >= 0; digits++)
		*address = *address << 4 | (unsigned int)digit;
	return digits && digits <= 16 ? line + digits : NULL;
}

static bool is_printable(const char *name)
{
	for (; *name; name++)
		if (*name <= ' ' || *name == 0x7f)
			return false;
	return true;
}

/*
 * "ADDRESS TYPE NAME", maybe with "\t[module]" behind. @line is cut off at
 * the end of its name. False: not a symbol.
 */
static bool parse_line(char *line, struct gprobe_symbol *symbol)
{
	char *c = parse_address(line, &symbol->address);
	size_t length;

	if (!c || c[0] != ' ' || !c[1] || c[2] != ' ')
		return false;
	symbol->type = c[1];
	symbol->name = c + 3;
	length = strcspn(symbol->name, " \t\r");
	c[3 + length] = '\0';
	return length && length <= GPROBE_SYMBOL_NAME_MAX &&
	       is_printable(symbol->name) && symbol->address != ADDRESS_NONE;
}

static int add(struct gprobe_symbols *symbols,
	       const struct gprobe_symbol *symbol)
{
	struct gprobe_symbol *all;
	size_t size;

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

static int compare(const void *a, const void *b)
{
	const struct gprobe_symbol *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	/* The file's order: names lie in its text. */
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

static int parse_lines(struct gprobe_symbols *symbols, size_t bytes)
{
	char *line = symbols->text, *end = symbols->text + bytes, *newline;
	struct gprobe_symbol symbol;
	int ret = 0;

	for (; line < end && !ret; line = newline + 1) {
		newline = memchr(line, '\n', end - line);
		if (!newline)
			newline = end;
		*newline = '\0';
		if (parse_line(line, &symbol))
			ret = add(symbols, &symbol);
	}
	return ret;
}

static int check(const struct gprobe_symbols *symbols, struct gprobe_why *why)
{
	bool code = false;
	size_t i;

	for (i = 0; i < symbols->nr && !code; i++)
		code = gprobe_symbol_is_code(&symbols->all[i]);
	if (!code)
		return gprobe_why(why, -ENODATA,
				  "no code symbol in it: it must have lines of \"ADDRESS T NAME\", as System.map, /proc/kallsyms and the output of nm have");
	if (!symbols->all[symbols->nr - 1].address)
		return gprobe_why(why, -ENODATA,
				  "all addresses in it are 0: read /proc/kallsyms as root, with kernel.kptr_restrict=0");
	return 0;
}

/* Takes @text, which has room for a NUL behind @bytes. */
static int take_text(char *text, size_t bytes, struct gprobe_symbols **out,
		     struct gprobe_why *why)
{
	struct gprobe_symbols *symbols = calloc(1, sizeof(*symbols));
	int ret;

	if (!symbols) {
		free(text);
		return gprobe_why(why, -ENOMEM, "not enough memory");
	}
	symbols->text = text;
	text[bytes] = '\0';
	ret = parse_lines(symbols, bytes);
	if (!ret) {
		sort(symbols);
		ret = index_names(symbols);
	}
	if (ret)
		gprobe_why(why, ret, "not enough memory");
	else
		ret = check(symbols, why);
	if (ret) {
		gprobe_symbols_free(symbols);
		return ret;
	}
	*out = symbols;
	return 0;
}

/**
 * gprobe_symbols_parse() - Make symbols from text.
 * @text: any bytes; copied
 * @bytes: how many
 * @symbols: for gprobe_symbols_free()
 * @why: says why not
 *
 * Lines that are not symbols are skipped.
 *
 * Return: 0; -ENODATA no code symbol in it, or all addresses hidden; -ENOMEM.
 */
int gprobe_symbols_parse(const char *text, size_t bytes,
			 struct gprobe_symbols **symbols,
			 struct gprobe_why *why)
{
	char *copy = malloc(bytes + 1);

	if (!copy)
		return gprobe_why(why, -ENOMEM, "not enough memory");
	memcpy(copy, text, bytes);
	return take_text(copy, bytes, symbols, why);
}

/* Files in /proc have no size: read to the end. */
static int read_all(int fd, char **text, size_t *bytes)
{
	size_t size = 0;
	ssize_t got;
	char *bigger;

	*text = NULL;
	*bytes = 0;
	for (;;) {
		if (*bytes == size) {
			if (size >= FILE_MAX_BYTES)
				return -EFBIG;
			size = size ? size * 2 : READ_BYTES;
			bigger = realloc(*text, size + 1);
			if (!bigger)
				return -ENOMEM;
			*text = bigger;
		}
		got = read(fd, *text + *bytes, size - *bytes);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (!got)
			return 0;
		*bytes += got;
	}
}

/**
 * gprobe_symbols_load() - Read symbols from a file.
 * @path: the file
 * @symbols: for gprobe_symbols_free()
 * @why: says why not, without @path
 *
 * Return: 0; -EFBIG above 512 MiB; see gprobe_symbols_parse(), open(), read().
 */
int gprobe_symbols_load(const char *path, struct gprobe_symbols **symbols,
			struct gprobe_why *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t bytes;
	char *text;
	int ret;

	if (fd < 0)
		return gprobe_why(why, -errno, "%s", strerror(errno));
	ret = read_all(fd, &text, &bytes);
	close(fd);
	if (ret) {
		free(text);
		return gprobe_why(why, ret, "%s", strerror(-ret));
	}
	return take_text(text, bytes, symbols, why);
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
	free(symbols->text);
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
	size_t low = 0, high = symbols->nr, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (symbols->all[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return NULL;
	*offset = address - symbols->all[low - 1].address;
	return &symbols->all[low - 1];
}
