// SPDX-License-Identifier: LGPL-2.1-or-later
/* Symbols as lines of "ADDRESS TYPE NAME": System.map, kallsyms, nm. */
#include "symbols.h"

#include <string.h>

#include "hex.h"

/* The address at the start of a line, and where it ends; NULL: there is none. */
static char *parse_address(char *line, uint64_t *address)
{
	unsigned int digits;
	int digit;

	*address = 0;
	for (digits = 0; (digit = gprobe_hex_digit(line[digits])) >= 0; digits++)
		*address = *address << 4 | (unsigned int)digit;
	return digits && digits <= 16 ? line + digits : NULL;
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
	return length;
}

/**
 * gprobe_symbols_read_text() - Read lines.
 * @symbols: gets those that are symbols; their names lie in @text
 * @text: is taken apart; has room for a NUL behind @bytes
 * @bytes: how many
 *
 * Return: 0 or -ENOMEM.
 */
int gprobe_symbols_read_text(struct gprobe_symbols *symbols, char *text,
			     size_t bytes)
{
	char *line = text, *end = text + bytes, *newline;
	struct gprobe_symbol symbol;
	int ret = 0;

	for (; line < end && !ret; line = newline + 1) {
		newline = memchr(line, '\n', end - line);
		if (!newline)
			newline = end;
		*newline = '\0';
		if (parse_line(line, &symbol))
			ret = gprobe_symbols_add(symbols, &symbol);
	}
	return ret;
}
