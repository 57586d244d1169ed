// SPDX-License-Identifier: GPL-2.0
/*
 * Any bytes as a file of symbols: it is read, and what was read is in order and
 * found again, or it is refused with a reason.
 *
 * Input: which kind of file it begins as; the rest of it.
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include <gprobe/symbols.h>

#include "model_check.h"

#define SECTIONS	4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static const Elf64_Ehdr elf = {
	.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
		     ELFDATA2LSB, EV_CURRENT },
	.e_type = ET_DYN, .e_machine = EM_X86_64, .e_version = EV_CURRENT,
	.e_ehsize = sizeof(elf), .e_shoff = sizeof(elf),
	.e_shentsize = sizeof(Elf64_Shdr), .e_shnum = SECTIONS,
};

static void check(const struct gprobe_symbols *symbols)
{
	const struct gprobe_symbol *symbol, *found;
	uint64_t last = 0, offset;
	size_t i, places;

	for (i = 0; (symbol = gprobe_symbols_get(symbols, i)); i++) {
		model_assert(symbol->address >= last);
		last = symbol->address;
		found = gprobe_symbols_find(symbols, symbol->name, &places);
		model_assert(found && places && found->address <= last &&
			     !strcmp(found->name, symbol->name));
		found = gprobe_symbols_at(symbols, last, &offset);
		model_assert(found && found->address == last && !offset);
	}
	model_assert(i && i == gprobe_symbols_count(symbols));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	static const struct {
		const void *head;
		size_t bytes;
	} kinds[] = {
		{ "", 0 }, { &elf, sizeof(elf) },
		{ "{\"symbols\":{", 12 }, { "{\"$FUNCTIONS\":{", 15 },
		{ "\xfd" "7zXZ\0\0\4\xe6\xd6\xb4\x46", 12 },
		{ "{\"user_types\":{\"task_struct\":{\"fields\":{", 40 },
	};
	size_t kind = bytes ? data[0] % (sizeof(kinds) / sizeof(kinds[0])) : 0;
	size_t head = kinds[kind].bytes, rest = bytes ? bytes - 1 : 0;
	char *file = malloc(head + rest + 1);
	struct gprobe_symbols *symbols;
	struct gprobe_why why = { "" };

	model_assert(file);
	memcpy(file, kinds[kind].head, head);
	memcpy(file + head, data + 1, rest);
	if (gprobe_symbols_parse(file, head + rest, &symbols, &why)) {
		model_assert(*why.text && !strchr(why.text, '\n'));
	} else {
		check(symbols);
		gprobe_symbols_free(symbols);
	}
	free(file);
	return 0;
}
