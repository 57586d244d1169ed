// SPDX-License-Identifier: LGPL-2.1-or-later
/* Symbols of an ELF file: of .symtab, or of .dynsym where that is stripped. */
#include "symbols.h"

#include <ctype.h>
#include <errno.h>
#include <gelf.h>

#include "why.h"

#define PAGE_MASK	4095ULL

static int damaged(struct gprobe_why *why)
{
	const char *message = elf_errmsg(-1);

	return gprobe_why(why, -EBADMSG, "damaged: %s",
			  message ? message : "not what ELF files are");
}

/* --- which file it is --- */

static int check_header(Elf *elf, struct gprobe_why *why)
{
	GElf_Ehdr header;

	if (elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &header))
		return damaged(why);
	if (header.e_machine != EM_X86_64 || gelf_getclass(elf) != ELFCLASS64)
		return gprobe_why(why, -EOPNOTSUPP,
				  "an ELF file, but not of x86-64");
	if (header.e_type == ET_REL)
		return gprobe_why(why, -EOPNOTSUPP,
				  "an object file, such as a kernel module: where its sections are only the guest knows; its /proc/kallsyms has them");
	if (header.e_type != ET_EXEC && header.e_type != ET_DYN)
		return gprobe_why(why, -EOPNOTSUPP,
				  "an ELF file, but neither executable nor shared library");
	return 0;
}

static int read_start(Elf *elf, struct gprobe_symbols *symbols,
		      struct gprobe_why *why)
{
	GElf_Ehdr header;
	GElf_Phdr segment;
	size_t nr, i;

	if (!gelf_getehdr(elf, &header) || elf_getphdrnum(elf, &nr))
		return damaged(why);
	for (i = 0; i < nr; i++) {
		if (!gelf_getphdr(elf, i, &segment))
			return damaged(why);
		if (segment.p_type != PT_LOAD)
			continue;
		gprobe_symbols_set_start(symbols,
					 (segment.p_vaddr & ~PAGE_MASK) -
					 (segment.p_offset & ~PAGE_MASK),
					 header.e_type == ET_DYN);
		break;
	}
	return 0;
}

static Elf_Scn *find_section(Elf *elf, GElf_Word type)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	while ((section = elf_nextscn(elf, section)))
		if (gelf_getshdr(section, &header) && header.sh_type == type)
			return section;
	return NULL;
}

/* --- its symbols --- */

/* nm's letter, of what is defined in a section. */
static char letter_in(Elf *elf, const GElf_Sym *symbol)
{
	Elf_Scn *section = elf_getscn(elf, symbol->st_shndx);
	GElf_Shdr header;

	if (!section || !gelf_getshdr(section, &header))
		return '?';
	if (header.sh_flags & SHF_EXECINSTR)
		return 'T';
	if (!(header.sh_flags & SHF_WRITE))
		return 'R';
	return header.sh_type == SHT_NOBITS ? 'B' : 'D';
}

/* 0: it names no address. */
static char letter_of(Elf *elf, const GElf_Sym *symbol)
{
	unsigned char bind = GELF_ST_BIND(symbol->st_info);
	unsigned char type = GELF_ST_TYPE(symbol->st_info);
	char letter;

	if (type == STT_SECTION || type == STT_FILE || type == STT_TLS ||
	    symbol->st_shndx == SHN_UNDEF || symbol->st_shndx == SHN_COMMON)
		return 0;
	/* What it names is chosen at run time, by the code there. */
	if (type == STT_GNU_IFUNC)
		return 'i';
	if (symbol->st_shndx == SHN_ABS)
		letter = 'A';
	else if (symbol->st_shndx >= SHN_LORESERVE)
		letter = type == STT_FUNC ? 'T' : 'D';
	else
		letter = letter_in(elf, symbol);
	if (bind == STB_WEAK)
		return letter == 'T' ? 'W' : 'V';
	return bind == STB_LOCAL ? tolower(letter) : letter;
}

static int read_symbol(Elf *elf, Elf_Data *data, int index, size_t strings,
		       struct gprobe_symbols *symbols, struct gprobe_why *why)
{
	struct gprobe_symbol symbol;
	GElf_Sym found;

	if (!gelf_getsym(data, index, &found))
		return damaged(why);
	symbol.type = letter_of(elf, &found);
	if (!symbol.type)
		return 0;
	symbol.address = found.st_value;
	symbol.name = elf_strptr(elf, strings, found.st_name);
	if (!symbol.name)
		return damaged(why);
	if (gprobe_symbols_add(symbols, &symbol))
		return gprobe_why(why, -ENOMEM, "not enough memory");
	return 0;
}

static int read_table(Elf *elf, Elf_Scn *section,
		      struct gprobe_symbols *symbols, struct gprobe_why *why)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t bytes = gelf_fsize(elf, ELF_T_SYM, 1, EV_CURRENT), nr, i;
	GElf_Shdr header;
	int ret = 0;

	if (!data || !gelf_getshdr(section, &header))
		return damaged(why);
	nr = data->d_size / bytes;
	/* The first is none. */
	for (i = 1; i < nr && !ret; i++)
		ret = read_symbol(elf, data, i, header.sh_link, symbols, why);
	return ret;
}

static int read_elf(Elf *elf, struct gprobe_symbols *symbols,
		    struct gprobe_why *why)
{
	int ret = check_header(elf, why);
	Elf_Scn *section;

	if (!ret)
		ret = read_start(elf, symbols, why);
	if (ret)
		return ret;
	section = find_section(elf, SHT_SYMTAB);
	if (!section)
		section = find_section(elf, SHT_DYNSYM);
	if (section)
		ret = read_table(elf, section, symbols, why);
	return ret ? ret : gprobe_symbols_finish(symbols,
			"it is stripped, and exports nothing", why);
}

static int read_and_end(Elf *elf, struct gprobe_symbols *symbols,
			struct gprobe_why *why)
{
	int ret = elf ? read_elf(elf, symbols, why) : damaged(why);

	elf_end(elf);
	return ret;
}

/**
 * gprobe_symbols_load_elf() - Read the symbols of an ELF file.
 * @symbols: new; can be looked at then
 * @fd: the file
 * @why: says why not
 *
 * Return: as gprobe_symbols_parse().
 */
int gprobe_symbols_load_elf(struct gprobe_symbols *symbols, int fd,
			    struct gprobe_why *why)
{
	elf_version(EV_CURRENT);
	return read_and_end(elf_begin(fd, ELF_C_READ, NULL), symbols, why);
}

/**
 * gprobe_symbols_parse_elf() - The same, of one in memory.
 * @symbols: new; can be looked at then
 * @image: the file's bytes
 * @bytes: how many
 * @why: says why not
 *
 * Return: as gprobe_symbols_parse().
 */
int gprobe_symbols_parse_elf(struct gprobe_symbols *symbols, char *image,
			     size_t bytes, struct gprobe_why *why)
{
	elf_version(EV_CURRENT);
	return read_and_end(elf_memory(image, bytes), symbols, why);
}
